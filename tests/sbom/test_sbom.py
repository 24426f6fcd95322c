"""Both documents: valid by their own makers' readers, the same bytes again, and with what no package brought."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from generator import errors, offline, sbom
from generator.model import Plan
from generator.offline import Disk
from generator.sbom import documents
from generator.sbom.documents import Written
from tests import debian


@pytest.fixture
def plan(planned: Callable[[str], Plan]) -> Plan:
    return planned("base: debian-13\nmodules: [overlay]\n")


@pytest.fixture
def disk(plan: Plan, tmp_path: Path) -> Disk:
    more = {
        "var/lib/dpkg/info/dpkg.list": "/.\n/bin/dpkg\n/usr/lib/kept.py\n",
        "usr/bin/dpkg": "",
        "usr/lib/kept.py": "",
        "usr/lib/__pycache__/kept.cpython-313.pyc": "",
        "usr/lib/__pycache__/alone.cpython-313.pyc": "",
        "usr/local/bin/kubelet": "brought by hand",
    }
    return offline.copy(debian.image(tmp_path, plan, more=more), tmp_path / "copy.raw")


@pytest.fixture
def made(disk: Disk, plan: Plan) -> dict[str, bytes]:
    return dict(sbom.make(disk, "node", plan))


def test_they_are_valid(made: dict[str, bytes], tmp_path: Path) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made["node.cdx.json"].decode()) is None
    assert json.loads(made["node.cdx.json"])["specVersion"] == "1.6"
    (tmp_path / "node.spdx.json").write_bytes(made["node.spdx.json"])
    assert validate_full_spdx_document(parse_file(str(tmp_path / "node.spdx.json"))) == []


def test_a_validator_can_say_no(made: dict[str, bytes], tmp_path: Path) -> None:
    cyclonedx, spdx = (json.loads(made[name]) for name in ("node.cdx.json", "node.spdx.json"))
    cyclonedx["components"][0]["type"] = "nothing"
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(cyclonedx)) is not None
    spdx["relationships"][0]["relatedSpdxElement"] = "SPDXRef-none"
    (tmp_path / "node.spdx.json").write_text(json.dumps(spdx))
    assert validate_full_spdx_document(parse_file(str(tmp_path / "node.spdx.json")))


def test_packages_and_their_sources(made: dict[str, bytes]) -> None:
    components = json.loads(made["node.cdx.json"])["components"]
    purls = {component.get("purl") for component in components} - {None}
    assert purls == {
        "pkg:deb/debian/dpkg@1.22.21?arch=amd64",
        "pkg:deb/debian/dpkg@1.22.21?arch=source",
        "pkg:deb/debian/glibc@2.41-12?arch=source",
        "pkg:deb/debian/libc6@2.41-12?arch=amd64",
    }
    packages = json.loads(made["node.spdx.json"])["packages"]
    assert {row["referenceLocator"] for package in packages for row in package.get("externalRefs", ())} == purls


def test_what_the_profile_wrote(made: dict[str, bytes], plan: Plan) -> None:
    files = {file.path: f"setting {stem}" for stem, file in plan.files}
    assert _files(made) == {**files, **OTHERS}
    spdx = json.loads(made["node.spdx.json"])["files"]
    assert {row["fileName"]: row["comment"] for row in spdx} == {
        f".{path}": f"nodebake:origin={origin}" for path, origin in _files(made).items()
    }


OTHERS = {"/usr/local/bin/kubelet": "no package", "/usr/lib/__pycache__/alone.cpython-313.pyc": "no package"}


def _files(made: Mapping[str, bytes]) -> dict[str, str]:
    rows = [row for row in json.loads(made["node.cdx.json"])["components"] if row["type"] == "file"]
    return {row["name"]: row["properties"][0]["value"] for row in rows}


def test_a_package_s_file_that_the_profile_wrote_over(tmp_path: Path, plan: Plan) -> None:
    """What lies there is not what the package brought."""
    path = next(file.path for _, file in plan.files)
    more = {"var/lib/dpkg/info/kmod.list": f"/.\n{path}\n"}
    disk = offline.copy(debian.image(tmp_path, plan, more=more), tmp_path / "copy.raw")
    assert _files(sbom.make(disk, "node", plan))[path].startswith("setting ")


def test_a_file_that_is_not_there_is_not_told(tmp_path: Path, plan: Plan, planned: Callable[[str], Plan]) -> None:
    disk = offline.copy(debian.image(tmp_path, planned("base: debian-13\n")), tmp_path / "copy.raw")
    rows = json.loads(sbom.make(disk, "node", plan)["node.cdx.json"])["components"]
    assert not [row for row in rows if row.get("name") == "/etc/modules-load.d/99-zz-nodebake.conf"]


def test_the_same_disk_gives_the_same_bytes(disk: Disk, plan: Plan, made: dict[str, bytes]) -> None:
    """In another process: the order of a set of texts is another one in each."""
    assert sbom.make(disk, "node", plan) == made
    code = (
        "import sys; from pathlib import Path; from generator import offline, plan, sbom\n"
        f"disk = offline.find(Path({str(disk.path)!r}))\n"
        f"made = sbom.make(disk, 'node', plan.load({plan.profile.source!r}))\n"
        "sys.stdout.buffer.write(made['node.spdx.json'])\n"
    )
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        assert done.stdout == made["node.spdx.json"]


def test_another_list_of_packages_has_another_name(tmp_path: Path, plan: Plan, made: dict[str, bytes]) -> None:
    other = tmp_path / "other"
    other.mkdir()
    image = debian.image(other, plan, debian.STATUS.replace("2.41-12", "2.41-13"))
    again = sbom.make(offline.copy(image, other / "copy.raw"), "node", plan)
    serials = {json.loads(told["node.cdx.json"])["serialNumber"] for told in (made, again)}
    spaces = {json.loads(told["node.spdx.json"])["documentNamespace"] for told in (made, again)}
    assert (len(serials), len(spaces)) == (2, 2)


def test_the_order_of_what_was_found_does_not_matter() -> None:
    files = [Written("/a", "x", b"1"), Written("/b", "x", b"2")]
    packages = [{"SPDXID": f"SPDXRef-{number}"} for number in range(9)]
    relations = [documents._relation("SPDXRef-1", "DEPENDS_ON", f"SPDXRef-{number}") for number in range(9)]
    found = {"packages": packages, "relationships": relations}
    first = documents.spdx(found, files)
    random.Random(1).shuffle(packages)
    random.Random(2).shuffle(relations)
    assert documents.spdx(found, files) == first


def test_no_debian(tmp_path: Path, plan: Plan) -> None:
    image = debian.image(tmp_path, plan, "Package: sudo\nStatus: install ok installed\n")
    with pytest.raises(errors.ToolError, match=r"debsbom cannot read its list of packages: ") as caught:
        sbom.make(offline.copy(image, tmp_path / "copy.raw"), "node", plan)
    assert caught.value.hint == "is it an image of a Debian?"
