"""Bases by facts: the data, what they render, and what they do not claim."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from generator import cli, data, distro, errors
from generator import plan as planning
from generator.base import listing
from generator.cloudinit import versions
from generator.facts import bases, read
from tests.bases import page
from tests.boots import test_golden
from tests.conftest import HEAD, ROOT

SCHEMA = json.loads((ROOT / "generator/facts/bases.schema.json").read_text(encoding="utf-8"))
KUBERNETES = 'kubernetes: {version: "1.34", cni: flannel, proxy: iptables, ip: [ipv4]}\n'
OURS = ("debian-12", "debian-13")
THEIRS = (
    "debian-12-genericcloud",
    "debian-13-genericcloud",
    "ubuntu-22.04",
    "ubuntu-24.04",
    "ubuntu-26.04",
    "rocky-9",
    "rocky-10",
    "alma-9",
    "alma-10",
    "fedora-44",
    "opensuse-leap-16.0",
)


def test_the_data_is_of_its_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(read("bases"), SCHEMA)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: row.pop("login"),
        lambda row: row["login"].pop("source"),
        lambda row: row["login"].update(source="http://example.org"),
        lambda row: row.update(booted=True),
        lambda row: row["manager"].update(value="pacman"),
        lambda row: row["cloud_init"].update(value=25.1),
        lambda row: row["zram"].update(value=None, source="https://example.org"),
        lambda row: row["modules_absent"].update(value={"br_netfilter": "a b"}),
    ],
)
def test_the_schema_can_refuse(change) -> None:
    rows = {"rocky-10": json.loads(json.dumps(read("bases")["fedora-44"]))}
    rows["rocky-10"]["modules_absent"] = {"value": {}, "source": "https://example.org"}
    jsonschema.validate(rows, SCHEMA)
    change(rows["rocky-10"])
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(rows, SCHEMA)


def test_which_is_which() -> None:
    assert distro.known() == OURS
    assert distro.by_facts() == THEIRS
    assert {row.id: row.known for row in listing.listed()} == {
        **dict.fromkeys(OURS, "booted by this project"),
        **dict.fromkeys(THEIRS, "by facts only"),
    }


def test_what_is_called_booted_is_what_the_tests_boot() -> None:
    marks = [mark for mark in test_golden.test_golden.pytestmark if mark.name == "parametrize"]
    rows = [getattr(row, "values", row) for row in marks[0].args[1]]
    assert {row[0] for row in rows} == set(distro.known())


def test_versions_are_known_here() -> None:
    for base in distro.by_facts():
        assert versions.checked(distro.cloud_init(base))


def _run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = cli.run(list(map(str, words)))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "base", "list")
    rows = [line.split("  ") for line in out.splitlines()]
    assert code == 0
    assert [row[0].strip() for row in rows] == [*OURS, *THEIRS]
    assert (
        out.splitlines()[0] == "debian-12               booted by this project  cloud-init 22.4.2  Debian 12 (bookworm)"
    )
    assert "rocky-10                by facts only           cloud-init 24.1.4  Rocky Linux 10" in out.splitlines()


def test_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = _run(capsys, "base", "list", "--format", "json")
    rows = {row["id"]: row for row in json.loads(out)}
    assert code == 0
    assert rows["debian-13"]["known"] == "booted by this project"
    assert rows["fedora-44"]["facts"]["zram"] == {
        "value": True,
        "source": "https://fedoraproject.org/wiki/Changes/SwapOnZRAM",
        "note": "",
    }


@pytest.mark.parametrize("base", THEIRS)
def test_rendered_by_facts(base: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"{HEAD}base: {base}\n{KUBERNETES}")
    code, _, err = _run(capsys, "render", profile, "-o", tmp_path)
    assert code == 0
    said = f"base: warning: of {base} there are facts alone: this project has not booted what is rendered for it"
    assert said in err
    for name in ("bootstrap.sh", "user-data"):
        text = (tmp_path / "node" / name).read_text()
        assert f"For {base}, by facts that others published: this project has not booted it." in text
        assert "net.ipv4.ip_forward" in text
        assert ("apt-get" in text) == (distro.manager(base) == "apt" and "packages_installed " in text)
    assert json.loads((tmp_path / "node/manifest.json").read_text())["distro"] == base


@pytest.mark.parametrize("base", OURS)
def test_what_is_booted_has_no_such_line(base: str, tmp_path: Path) -> None:
    profile = tmp_path / "profile.yaml"
    profile.write_text(f"{HEAD}base: {base}\n{KUBERNETES}")
    assert planning.load(str(profile)).warnings == ()


def _findings(tmp_path: Path, text: str) -> list[str]:
    profile = tmp_path / "profile.yaml"
    profile.write_text(HEAD + text)
    try:
        found = planning.load(str(profile)).warnings
    except errors.Refused as refused:
        found = refused.findings
    return [str(one).removeprefix(f"{profile}:") for one in found]


def test_a_module_that_is_not_in_the_image(tmp_path: Path) -> None:
    assert _findings(tmp_path, "base: rocky-10\nmodules: [overlay, br-netfilter]\n")[1] == (
        "4:20: modules[1]: warning: the image of rocky-10 has no module br-netfilter: it is in kernel-modules-extra, "
        "and loading it fails until that is there "
        "(have kernel-modules-extra of the running kernel installed before, in an image of your own)"
    )
    assert len(_findings(tmp_path, "base: rocky-9\nmodules: [overlay, br_netfilter]\n")) == 1


def test_what_facts_do_not_suffice_for(tmp_path: Path) -> None:
    assert _findings(tmp_path, "base: fedora-44\npackages: [jq]\ncontainerd: {}\n") == [
        "4:1: packages: packages are installed by apt alone, and fedora-44 has dnf (leave them out, and install them"
        " otherwise)",
        "5:1: containerd: nothing is known of a package of containerd on fedora-44 (leave it out, and set it up"
        " otherwise)",
    ]
    assert len(_findings(tmp_path, "base: ubuntu-24.04\npackages: [jq]\n")) == 1
    assert len(_findings(tmp_path, "base: debian-13-genericcloud\npackages: [jq]\ncontainerd: {}\n")) == 1


def test_preflight_names_what_to_install(tmp_path: Path) -> None:
    found = _findings(
        tmp_path, 'base: opensuse-leap-16.0\nkubernetes: {version: "1.28", cni: flannel, proxy: iptables}\n'
    )
    assert any("the program conntrack" in one and "install conntrack-tools by zypper" in one for one in found), found


def test_sysctl_conf(tmp_path: Path) -> None:
    """Of Ubuntu 26.04 it is known that nobody reads it at a boot; where nothing is known, it may be read."""
    assert "/etc/sysctl.d/99-sysctl.conf" not in distro.load("ubuntu-26.04").links
    assert distro.load("ubuntu-24.04").links["/etc/sysctl.d/99-sysctl.conf"] == "../sysctl.conf"


@pytest.mark.parametrize("verb", [["build", "-o", "out"], ["base", "lock"]])
@pytest.mark.parametrize("pinned", [False, True])
def test_nothing_is_built(
    verb: list[str], pinned: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    pin = "{url: 'https://images.example/a.qcow2', sha256: " + "ab" * 32 + ", distro: rocky-9}"
    (tmp_path / "profile.yaml").write_text(f"{HEAD}base: {pin if pinned else 'rocky-9'}\nswap: disabled\n")
    code, out, err = _run(capsys, *verb, "profile.yaml")
    assert (code, out) == (errors.REFUSED, "")
    assert "nodebake: no image is built of rocky-9: of it there are facts alone" in err
    assert "images are built of debian-12, debian-13; `nodebake render` writes" in err
    assert not list(tmp_path.rglob("*.qcow2"))


def test_a_mirror_is_of_what_is_built(tmp_path: Path) -> None:
    found = _findings(tmp_path, "base: {distro: ubuntu-24.04, mirror: 'http://m.example/ubuntu'}\n")
    assert len(found) == 1
    assert "'ubuntu-24.04' is not one of debian-12, debian-13" in found[0] or "debian-12" in found[0]


def test_every_row_is_told_in_the_page() -> None:
    text = page.page()
    for base in bases.known().values():
        assert base.id in text
        for fact in base.facts.values():
            if fact.source and fact is not base.facts.get("programs") and fact is not base.facts.get("cloud_init"):
                assert fact.source in text
    assert (ROOT / "docs/bases.md").read_text(encoding="utf-8") == text, "run: make bases"


def test_no_recipe_has_the_name_of_facts() -> None:
    assert not set(bases.known()) & {path.stem for path in data.DISTROS.glob("*.yaml")}
    assert {base.like for base in bases.known().values()} <= {"", *distro.known()}
