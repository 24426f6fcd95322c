"""Every format, from a profile that is as awkward as the schema allows."""

from __future__ import annotations

import base64
import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from generator import checks, formats, plan, proc, profile, seed
from generator.formats import _script, observer
from generator.model import File, Plan
from tests.conftest import HEAD
from tests.settings.test_yields import EVERYTHING

NASTY = [
    "",
    "x",
    "x\n",
    "\n",
    "\n\n",
    "a\n\n\n",
    "  indented\nb\n",
    "\ttab\n",
    "END_00000000\n",
    "EOF\n",
    "'; id #\n",
    "$(id) `id`\n",
    "{{ 7*7 }}\n",
    "{% raw %}\n",
    "{#\n",
    '${env("HOME")}\n',
    "\\\n",
    "a\\nb\n",
    '"\n',
    "%{if}\n",
    "## template: jinja\n",
    "é ß 漢 😀\n",
]


@pytest.fixture
def everything(planned: Callable[[str], Plan]) -> Plan:
    return planned(EVERYTHING)


def _artefacts(made: Plan) -> dict[str, bytes]:
    return {artefact.path: artefact.content for form in formats.stems().values() for artefact in form.artefacts(made)}


def test_the_set_of_artefacts(everything: Plan) -> None:
    assert set(_artefacts(everything)) == {
        "bootstrap.sh",
        "observe.sh",
        "user-data",
        "meta-data",
        "network-config",
        "seed.iso",
        "packer/profile.pkrvars.json",
        "packer/upload/apply.sh",
        "packer/upload/observe.sh",
        "packer/upload/laid",
        *(f"packer/upload/files/{number:04d}" for number in range(len(everything.files))),
    }


def test_same_input_same_bytes(everything: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _artefacts(everything)
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert _artefacts(everything) == first


def test_every_text_says_what_made_it(everything: Plan) -> None:
    for path, content in _artefacts(everything).items():
        if path.endswith((".sh", "-data", "-config")):
            assert everything.profile.digest.encode() in content, path


def test_the_seed_holds_the_three(everything: Plan, tmp_path: Path) -> None:
    made = _artefacts(everything)
    path = tmp_path / "seed.iso"
    path.write_bytes(made["seed.iso"])
    names = ("user-data", "meta-data", "network-config")
    assert seed.read(path) == {name: made[name] for name in names}
    label = proc.run(["blkid", "-p", "-s", "LABEL", "-o", "value", path])
    assert label.strip() == "cidata"


def test_user_data(everything: Plan) -> None:
    user_data = _artefacts(everything)["user-data"].decode()
    assert user_data.startswith("#cloud-config\n")
    config = yaml.safe_load(user_data)
    assert set(config) == {"write_files", "runcmd"}
    files = {entry["path"]: entry for entry in config["write_files"]}
    assert files["/etc/motd"]["content"] == "hi\n"
    assert "/opt/blob" not in files  # its owner is made by the steps, so it comes with them
    steps = files["/run/nodebake/steps.sh"]["content"]
    assert steps.index("user_exists ops") < steps.index("/opt/blob 600 ops ops <<") < steps.index("AAEC")
    assert config["runcmd"] == [["sh", "/run/nodebake/steps.sh"]]


# Values that the schema takes and that mean something to a shell, or look to shellcheck as if they should.
SHELLISH = ["$x", "`x`", "it's $x", "'\\''", "a\\", "~/x", "done", "then", "#x", "a;b", "<x", "*", "{a,b}", "-n x", '"']
SHELLISH_SETTINGS = yaml.safe_dump(
    {
        "sysctl": {f"kernel.domainname.{number}": value for number, value in enumerate(SHELLISH)},
        "users": [{"name": "ops", "ssh_authorized_keys": [f"ssh-ed25519 AAAAC3Nz {value}" for value in SHELLISH]}],
        "files": [{"path": f"/etc/{number}", "content": f"{value}\n"} for number, value in enumerate(SHELLISH)],
    }
)
WITHOUT_FILES = ["", "swap: disabled\n", "packages: [ethtool]\n", "services: {apt-daily.timer: masked}\n"]


@pytest.mark.parametrize("settings", [[EVERYTHING], WITHOUT_FILES, [SHELLISH_SETTINGS]], ids=["all", "few", "shellish"])
def test_scripts_pass_shellcheck(planned: Callable[[str], Plan], tmp_path: Path, settings: list[str]) -> None:
    scripts = []
    for number, text in enumerate(settings):
        made = _artefacts(planned(text))
        steps = yaml.safe_load(made["user-data"])["write_files"][-1]["content"]
        for path in ("bootstrap.sh", "observe.sh", "packer/upload/apply.sh", "steps.sh"):
            scripts.append(tmp_path / f"{number}-{path.replace('/', '-')}")
            scripts[-1].write_bytes({**made, "steps.sh": steps.encode()}[path])
    done = subprocess.run(["shellcheck", "-s", "sh", *scripts], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def _with_file(tmp_path: Path, content: str) -> Plan:
    path = tmp_path / "p.yaml"
    entry = {"path": "/etc/nasty", "content": content}
    path.write_text(HEAD + yaml.safe_dump({"files": [entry]}, allow_unicode=True))
    return plan.make(profile.load(str(path)))


def _through_the_shell(item: _script.Item) -> bytes:
    """What the script's own here-document, read by a real shell, gives."""
    decode = "base64 -d" if item.words[0] == "file_base64" else "cat"
    script = f"{decode} <<'{item.tag}'\n{item.content}{item.tag}\n"
    return subprocess.run(["sh", "-c", script], capture_output=True, check=True).stdout


@pytest.mark.parametrize("content", NASTY)
def test_content_is_literal_on_every_road(tmp_path: Path, content: str) -> None:
    made = _with_file(tmp_path, content)
    artefacts = _artefacts(made)
    assert artefacts["packer/upload/files/0000"] == content.encode()
    entry = yaml.safe_load(artefacts["user-data"])["write_files"][0]
    found = base64.b64decode(entry["content"]) if entry.get("encoding") else entry["content"].encode()
    assert found == content.encode()
    item = _script.embedded(0, made.files[0][1])
    assert _through_the_shell(item) == content.encode()
    assert f"{item.content}{item.tag}\n".encode() in artefacts["bootstrap.sh"]


@given(st.binary(max_size=200))
@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_any_bytes_through_the_shell(content: bytes) -> None:
    assert _through_the_shell(_script.embedded(0, File("/etc/x", content))) == content


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_a_here_document_cannot_be_left(text: str) -> None:
    item = _script.embedded(0, File("/etc/x", f"{text}\n".encode()))
    assert item.tag not in item.content.splitlines()


def _in_run() -> set[str]:
    """What lies in /run, but for what another test's observer or its mount(8), beside this one, may write just now."""
    written = ("nodebake-seen.", "nodebake-told.")
    return {path.name for path in Path("/run").iterdir() if not path.name.startswith(written)} - {"mount"}


@pytest.mark.parametrize("probes", [(), ("--probes",)], ids=["", "probes"])
def test_observer_runs_here(everything: Plan, tmp_path: Path, probes: tuple[str, ...]) -> None:
    """The real script on this host: well-formed records, as many as announced less the probes, and no traces."""
    script = tmp_path / "observe.sh"
    script.write_bytes(_artefacts(everything)["observe.sh"])
    before = _in_run()
    done = subprocess.run(["sh", script, *probes], capture_output=True, text=True, check=True)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    left_out = {
        observer.commands(everything).index(checks.command(e)) for e in everything.expects if checks.is_probe(e)
    }
    assert left_out
    assert records[0]["probes"] is bool(probes)
    assert records[0]["commands"] == observer.digest(observer.commands(everything))
    assert records[0]["count"] == records[-1]["done"]
    told = {record["id"] for record in records[1:-1]}
    assert told == set(range(records[0]["count"])) - (set() if probes else left_out)
    assert _in_run() == before


def test_profile_text_is_quoted_in_scripts(everything: Plan) -> None:
    line = next(
        line for line in _artefacts(everything)["bootstrap.sh"].decode().splitlines() if "user_exists ops" in line
    )
    assert shlex.split(line) == ["step", "user ops", "user_exists", "ops", "/bin/bash", "adm"]


LATE = """packages: [chrony]
users: [{name: ops}]
files:
  - {path: /etc/early, content: x, owner: ops}
  - {path: /etc/late, content: x, group: _chrony}
"""


@pytest.mark.parametrize("path", ["bootstrap.sh", "packer/upload/apply.sh", "user-data"])
def test_a_file_of_a_packages_account_comes_after_the_packages(planned: Callable[[str], Plan], path: str) -> None:
    plan = planned(LATE)
    text = next(
        artefact.content.decode()
        for form in formats.stems().values()
        for artefact in form.artefacts(plan)
        if artefact.path == path
    )
    places = [text.index(f"'file /etc/{name}'") for name in ("early", "late")]
    assert places[0] < text.index("step 'install packages'") < places[1]
