"""The steps of the GitHub action, run as they are written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.ci import templates
from tests.conftest import HEAD, ROOT

RUN = "Run nodebake"
INSTALL = "Install what it needs"
GOOD = HEAD + "swap: disabled\n"
BAD = HEAD + "modles: []\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """What is the runner's own: with nodebake where the first step puts it."""
    folder = tmp_path / "home"
    templates.nodebake(folder / "nodebake/bin")
    return folder


@pytest.fixture
def work(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    (folder / "profiles/more").mkdir(parents=True)
    for name in ("profiles/a.yaml", "profiles/b c.yaml", "profiles/more/d.yaml", "-e.yaml", "$(touch f).yaml"):
        (folder / name).write_text(GOOD)
    return folder


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ("profiles/a.yaml", ["profiles/a.yaml"]),
        ("profiles/*.yaml", ["profiles/a.yaml", "profiles/b c.yaml"]),
        ("profiles/**/*.yaml\n", ["profiles/a.yaml", "profiles/b c.yaml", "profiles/more/d.yaml"]),
        ("profiles/b c.yaml\nprofiles/a.yaml\n", ["profiles/b c.yaml", "profiles/a.yaml"]),
        ("-e.yaml", ["-e.yaml"]),
        ("$(touch f).yaml", ["$(touch f).yaml"]),
    ],
)
def test_check(files: str, told: list[str], work: Path, home: Path) -> None:
    ran = templates.run_step(RUN, {"files": files}, work, home)
    assert (ran.returncode, ran.stdout) == (0, "".join(f"{name}: fine\n" for name in told)), ran.stderr
    assert not (work / "f").exists()


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"files": "none/*.yaml"}, "::error::nodebake: no file is called none/*.yaml"),
        ({"files": ""}, "::error::nodebake: no file is called "),
        ({"files": "-e.yaml", "run": "rm"}, "::error::nodebake: run is check, build or pipeline, not rm"),
        ({"files": "profiles/*.yaml", "run": "pipeline"}, "::error::nodebake: one pipeline is run at a time"),
    ],
)
def test_refused(inputs: dict[str, str], said: str, work: Path, home: Path) -> None:
    ran = templates.run_step(RUN, inputs, work, home)
    assert (ran.returncode, ran.stdout) == (2, f"{said}\n"), ran.stderr


def test_a_finding_is_shown_at_its_line(work: Path, home: Path) -> None:
    (work / "bad.yaml").write_text(BAD + "kubernetes: {version: '1.34', cni: none, proxy: none, swap: limited}\n")
    ran = templates.run_step(RUN, {"files": "bad.yaml"}, work, home)
    assert ran.returncode == 2
    matcher = json.loads((ROOT / "ci/problem-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    found = [re.fullmatch(matcher["regexp"], line) for line in ran.stderr.splitlines()]
    first = next(one for one in found if one)
    wanted = ("file", "line", "column", "code", "severity", "message")
    assert [first[matcher[key]] for key in wanted[:5]] == ["bad.yaml", "3", "1", "modles", None]
    assert first[matcher["message"]] == "there is no setting 'modles' here (did you mean modules?)"


def test_a_warning_is_told_as_one() -> None:
    matcher = json.loads((ROOT / "ci/problem-matcher.json").read_text())["problemMatcher"][0]["pattern"][0]
    line = "p/a.yaml:3:7: base: warning: of rocky-10 there are facts alone: it was not booted (nodebake base list)"
    found = re.fullmatch(matcher["regexp"], line)
    assert found
    assert (found[matcher["severity"]], found[matcher["code"]]) == ("warning", "base")
    assert found[matcher["message"]].startswith("of rocky-10 there are facts alone")
    assert not re.fullmatch(matcher["regexp"], "nodebake: verify node.qcow2: done in 3 s")


ASKED = """\
case $1 in
  build) shift; for last; do :; done; name=$(basename "$last" .yaml); mkdir -p "out/$name"
    echo "out/$name/$name.qcow2"; echo "out/$name/$name.vmdk" ;;
  verify) while [ $# -gt 0 ]; do [ "$1" != --report ] || echo "a verdict of $2" >"$2"; shift; done; exit "${CODE:-0}" ;;
esac
"""


def _asked(home: Path) -> list[list[str]]:
    return _calls(home / "nodebake/bin/nodebake")


def _calls(program: Path) -> list[list[str]]:
    """What a recorded program was asked."""
    text = Path(f"{program}.asked").read_text()
    return [call.splitlines() for call in text.split(f"{program}\n")[1:]]


def test_build(work: Path, home: Path) -> None:
    """Which words it says, by a stand-in; the build itself is a boot's test."""
    templates.recorded(home / "nodebake/bin", "nodebake", ASKED)
    inputs = {"run": "build", "files": "profiles/*.yaml", "output": "out", "formats": "vmdk,vhd"}
    ran = templates.run_step(RUN, inputs, work, home)
    assert ran.returncode == 0, ran.stderr
    reports = [f"out/a/a.verify.{ending}" for ending in ("xml", "json", "txt")]
    assert _asked(home)[:2] == [
        ["build", "-o", "out", "--format", "vmdk,vhd", "--", "profiles/a.yaml"],
        [
            "verify",
            "out/a/a.qcow2",
            "--profile",
            "profiles/a.yaml",
            *(word for one in reports for word in ("--report", one)),
        ],
    ]
    assert _asked(home)[2][-1] == "profiles/b c.yaml"
    images = ["out/a/a.qcow2", "out/a/a.vmdk", "out/b c/b c.qcow2", "out/b c/b c.vmdk"]
    assert (home / "output").read_text().splitlines() == ["images<<nodebake-images", *images, "nodebake-images"]
    assert "a verdict of out/a/a.verify.txt" in (home / "summary").read_text()


def test_a_red_verdict_is_told_and_ends_the_step(work: Path, home: Path) -> None:
    templates.recorded(home / "nodebake/bin", "nodebake", ASKED)
    ran = templates.run_step(RUN, {"run": "build", "files": "profiles/*.yaml"}, work, home, CODE="1")
    assert ran.returncode == 1
    assert len(_asked(home)) == 2
    assert _asked(home)[0] == ["build", "-o", "output", "--", "profiles/a.yaml"]
    assert "a verdict of" in (home / "summary").read_text()
    assert not (home / "output").exists()


def test_pipeline(work: Path, home: Path) -> None:
    templates.recorded(home / "nodebake/bin", "nodebake")
    ran = templates.run_step(RUN, {"run": "pipeline", "files": "-e.yaml"}, work, home)
    assert ran.returncode == 0, ran.stderr
    assert _asked(home) == [["pipeline", "run", "-o", "output", "--until=publish", "--", "-e.yaml"]]


def test_some_images_of_a_pipeline(work: Path, home: Path) -> None:
    """Patterns are nodebake's to take: *.yaml is no file here, and a space or a dash is part of one."""
    templates.recorded(home / "nodebake/bin", "nodebake")
    inputs = {"run": "pipeline", "files": "-e.yaml", "only": "*.yaml\n\n-a b\n$(touch f)\n", "until": "verify"}
    ran = templates.run_step(RUN, inputs, work, home)
    assert ran.returncode == 0, ran.stderr
    chosen = ["--until=verify", "--only=*.yaml", "--only=-a b", "--only=$(touch f)"]
    assert _asked(home) == [["pipeline", "run", "-o", "output", *chosen, "--", "-e.yaml"]]
    assert not (work / "f").exists()


def test_one_image_of_a_pipeline_by_nodebake_itself(work: Path, home: Path) -> None:
    """As a job of a matrix runs it, up to what needs no host."""
    (work / "pipeline.yaml").write_text(
        "apiVersion: nodebake/v1\nkind: Pipeline\nname: p\n"
        "matrix: {profiles: [profiles/a.yaml], bases: [debian-13, debian-12]}\n"
    )
    inputs = {"run": "pipeline", "files": "pipeline.yaml", "only": "*-debian-12", "until": "render"}
    ran = templates.run_step(RUN, inputs, work, home)
    assert ran.returncode == 0, ran.stderr
    assert "ok: 1 image, 0 published" in ran.stdout
    assert [path.name for path in (work / "output").iterdir() if path.is_dir()] == ["node-debian-12"]


def test_packages(work: Path, home: Path, tmp_path: Path) -> None:
    """Of a host where nothing else is to be done: a Debian with an old Packer."""
    told = _installed(work, home, tmp_path, version="1.6.6", restricted=None, site="http://deb.debian.org")
    assert told["sudo"][0] == ["apt-get", "-qq", "update"]
    assert told["sudo"][1][:2] == ["apt-get", "-qq"]
    assert [words[0] for words in told["sudo"][2:]] in ([], ["chmod"])
    assert (told["packer"], told["env"]) == ([["version"]], [])
    assert templates.step(INSTALL)["if"] == "inputs.run != 'check' && inputs.packages == 'true'"


@pytest.mark.parametrize(
    ("version", "init"),
    [("1.9.5", False), ("1.10.0", True), ("1.12.0", True), ("1.16.0-dev", True), ("2.0.0", True), ("", False)],
)
def test_the_qemu_plugin(version: str, init: bool, work: Path, home: Path, tmp_path: Path) -> None:
    """As scripts/setup leaves it to people: from 1.10 on Packer has no QEMU builder by itself."""
    told = _installed(work, home, tmp_path, version=version)
    plugins = ROOT / "packer/plugins.pkr.hcl"
    assert told["packer"] == [["version"], *([["init", str(plugins)]] if init else [])]
    assert plugins.is_file()


@pytest.mark.parametrize(("restricted", "asked"), [("1", True), ("0", False), (None, False)])
def test_user_namespaces(restricted: str | None, asked: bool, work: Path, home: Path, tmp_path: Path) -> None:
    """Which Ubuntu 24.04 keeps from programs of no profile of AppArmor's."""
    words = ["sysctl", "-qw", "kernel.apparmor_restrict_unprivileged_userns=0"]
    assert (words in _installed(work, home, tmp_path, restricted=restricted)["sudo"]) is asked


@pytest.mark.parametrize(
    ("site", "named", "written"),
    [
        ("http://deb.debian.org", "", []),
        ("", "http://mirror.example/debian", []),
        ("", "", ["NODEBAKE_MIRROR=http://deb.debian.org/debian http://deb.debian.org/debian-security"]),
    ],
)
def test_a_mirror(site: str, named: str, written: list[str], work: Path, home: Path, tmp_path: Path) -> None:
    """A runner's apt knows Ubuntu's only. For this and later steps, and not where somebody has named one."""
    assert _installed(work, home, tmp_path, site=site, NODEBAKE_MIRROR=named)["env"] == written


def test_packages_of_this_host(work: Path, home: Path, tmp_path: Path) -> None:
    """With its own apt and Packer, which need nothing more."""
    templates.recorded(tmp_path / "bin", "sudo")
    path = f"{tmp_path / 'bin'}:/usr/bin:/bin"
    ran = templates.run_step(INSTALL, {"files": "x", "run": "build"}, work, home, PATH=path)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert not (home / "env").exists()


def _installed(
    work: Path,
    home: Path,
    tmp_path: Path,
    version: str = "1.6.6",
    restricted: str | None = None,
    site: str = "",
    **env: str,
) -> dict[str, Any]:
    """What the step asks of a host that answers so: the words of sudo and packer, the lines for later steps."""
    folder = tmp_path / "bin"
    answers = {
        "sudo": "",
        "packer": f'[ "$1" != version ] || echo "Packer v{version}"\n' if version else "exit 1\n",
        "sysctl": "exit 255\n" if restricted is None else f"echo {restricted}\n",
        "apt-get": f"echo {site}\n" if site else "",
    }
    for name, then in answers.items():
        templates.recorded(folder, name, then)
    given = {"PATH": f"{folder}:/usr/bin:/bin", "NODEBAKE_PACKER": "", **env}
    ran = templates.run_step(INSTALL, {"files": "x", "run": "build"}, work, home, **given)
    assert ran.returncode == 0, ran.stderr
    written = (home / "env").read_text().splitlines() if (home / "env").exists() else []
    return {"sudo": _calls(folder / "sudo"), "packer": _calls(folder / "packer"), "env": written}


@pytest.mark.parametrize(("extras", "ending"), [("", ""), ("supply,cluster", "[supply,cluster]")])
def test_extras(extras: str, ending: str, work: Path, home: Path, tmp_path: Path) -> None:
    """Without them a pipeline that attests ends at its key."""
    templates.recorded(home / "nodebake/bin", "pip")
    python = templates.recorded(tmp_path / "bin", "python")
    given = {"files": "x", "python": str(python), "extras": extras}
    ran = templates.run_step("Install nodebake", given, work, home)
    assert ran.returncode == 0, ran.stderr
    assert _calls(python) == [["-m", "venv", str(home / "nodebake")]]
    assert _calls(home / "nodebake/bin/pip")[0][-1] == f"{ROOT}{ending}"


@pytest.mark.boots
@pytest.mark.long
def test_installed_by_its_own_step(work: Path, tmp_path: Path) -> None:
    """With pip and its registry, as on a runner; then the check with what was installed."""
    home = tmp_path / "runner"
    home.mkdir()
    ran = templates.run_step("Install nodebake", {"files": "x"}, work, home)
    assert ran.returncode == 0, ran.stderr
    assert f"::add-matcher::{ROOT}/ci/problem-matcher.json" in ran.stdout
    ran = templates.run_step(RUN, {"files": "profiles/a.yaml"}, work, home)
    assert (ran.returncode, ran.stdout) == (0, "profiles/a.yaml: fine\n"), ran.stderr


@pytest.mark.boots
@pytest.mark.long
def test_an_image_is_built_and_booted(tmp_path: Path, home: Path) -> None:
    profile = tmp_path / "k8s-node.yaml"
    profile.write_text((ROOT / "profiles/k8s-node.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    ran = templates.run_step(RUN, {"run": "build", "files": "k8s-node.yaml", "formats": "raw.zst"}, tmp_path, home)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    built = (home / "output").read_text().splitlines()[1:-1]
    assert [Path(path).name for path in built] == ["k8s-node.qcow2", "k8s-node.raw.zst"]
    assert "ok: " in (home / "summary").read_text()
