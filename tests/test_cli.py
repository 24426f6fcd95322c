"""The command line as a contract: exit codes, streams, and what stays when something goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HEAD, ROOT

PROFILE = ROOT / "profiles/k8s-node.yaml"


def _run(*arguments: object, cwd: Path = ROOT, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    argv = [sys.executable, "-m", "generator", *map(str, arguments)]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(argv, capture_output=True, cwd=cwd, input=stdin, check=False, env=env)


def test_check() -> None:
    done = _run("check", PROFILE)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{PROFILE}: fine\n".encode(), b"")


def test_check_tells_of_all_profiles(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(HEAD + "modles: []\nswap: disable\n")
    done = _run("check", PROFILE, tmp_path / "none.yaml", bad)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.decode().splitlines() == [
        f"{tmp_path}/none.yaml: cannot be read: No such file or directory (name a profile that is there; - is stdin)",
        f"{bad}:3:1: modles: there is no setting 'modles' here (did you mean modules?)",
        f"{bad}:4:7: swap: 'disable' is not disabled (did you mean disabled?)",
    ]


def test_check_as_json(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(HEAD + "modles: []\n")
    done = _run("check", bad, "--format", "json")
    finding = json.loads(done.stdout)["findings"][0]
    assert done.returncode == 2
    assert (finding["line"], finding["column"], finding["path"]) == (3, 1, "modles")
    assert json.loads(_run("check", PROFILE, "--format", "json").stdout) == {"ok": True, "findings": []}


def test_stdin() -> None:
    assert _run("check", "-", stdin=HEAD.encode()).stdout == b"-: fine\n"


def test_render(tmp_path: Path) -> None:
    done = _run("render", PROFILE, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, b"output/k8s-node\n")
    manifest = json.loads((tmp_path / "output/k8s-node/manifest.json").read_text())
    assert set(manifest["artefacts"]) >= {"user-data", "seed.iso", "bootstrap.sh", "packer/upload/apply.sh"}


def test_render_one_to_stdout(tmp_path: Path) -> None:
    done = _run("render", PROFILE, "--only", "user-data", "-o", "-", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith(b"#cloud-config\n")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "settings",
    ["modles: [a]\n", "modules: 3\n", "swap: disabled\nswap: disabled\n", "sysctl:\n\tx: 1\n", None],
    ids=["unknown", "type", "duplicate", "tab", "missing"],
)
def test_bad_input_leaves_the_output_as_it_was(tmp_path: Path, settings: str | None) -> None:
    assert _run("render", PROFILE, "-o", tmp_path).returncode == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    bad = tmp_path.parent / f"{tmp_path.name}.yaml"
    if settings is not None:
        bad.write_text(HEAD.replace("node\n", "k8s-node\n") + settings)
    for verb in (["render"], ["build"]):
        done = _run(*verb, bad, "-o", tmp_path)
        assert done.returncode == 2
        assert len(done.stderr.decode().splitlines()) == 1
        assert b"Traceback" not in done.stderr
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["render", PROFILE, "--only", "user-data"], "--only and -o - go together"),
        (["render", PROFILE, "-o", "-"], "--only and -o - go together"),
        (["render", PROFILE, "--only", "nope", "-o", "-"], "there is no artefact 'nope'"),
        (["verify", "/nonexistent", "--profile", PROFILE], "/nonexistent is not a file"),
        (["verify", PROFILE, "--profile", PROFILE, "--boots", "0"], "--boots wants at least 1"),
        (["verify", PROFILE, "--profile", PROFILE, "--clones", "--boots", "1"], "--clones takes no --seed"),
        (["verify", PROFILE, "--profile", PROFILE, "--clones", "--machine"], "not allowed with argument"),
        (["verify", PROFILE, "--profile", PROFILE, "--clones", "--seed", "x"], "--clones takes no --seed"),
        (["render", PROFILE, "--only", ""], "--only and -o - go together"),
        (["render", PROFILE, "--only", "", "-o", "-"], "there is no artefact ''"),
        (["verify", PROFILE, "--profile", PROFILE, "--seed", ""], "is not a NoCloud seed"),
        (["check", "-", PROFILE, "-"], "- is stdin, and it can be read but once"),
        (["nonsense"], "invalid choice"),
        ([], "required"),
    ],
)
def test_usage(arguments: list[object], sentence: str) -> None:
    done = _run(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr.decode()
    assert b"Traceback" not in done.stderr


HOSTILE = "evil\x1b]0;pwned\x07\x9b2J\u202e\n/etc/profile.yaml:fine\r"


@pytest.mark.parametrize(
    ("arguments", "code", "count"),
    [
        (["check", "none/{}"], 2, 1),
        (["check", "bad{}"], 2, 3),
        (["check", "good{}"], 0, 0),
        (["check", "good", "--{}"], 2, 1),
        (["render", "good", "-o", "file{}"], 2, 2),
        (["render", "good", "--only", "{}", "-o", "-"], 2, 2),
        (["verify", "{}", "--profile", "good"], 2, 2),
        (["verify", "file{}", "--profile", "good", "--seed", "file{}"], 2, 3),
    ],
)
def test_nothing_writes_to_the_terminal(tmp_path: Path, arguments: list[str], code: int, count: int) -> None:
    """A name or a key can hold anything: it is one line, and its control characters are seen as what they are."""
    for name in ("good", f"good{HOSTILE}", f"bad{HOSTILE}", f"file{HOSTILE}"):
        path = tmp_path / name.replace("/", "\u2215")
        path.write_text(HEAD)
        if name.startswith("bad"):
            path.write_text(HEAD + '"\\e[2J\\nx: fine": 1\nsysctl: {"\\e[2J\\n": 1}\nmodules: ["\\e[2J\\n"]\n')
    words = [word.replace("{}", HOSTILE.replace("/", "\u2215")) for word in arguments]
    done = _run(*words, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    shown = done.stderr.decode() + done.stdout.decode()
    assert all(character.isprintable() or character == "\n" for character in shown), repr(shown)
    assert len([line for line in done.stderr.decode().splitlines() if not line.startswith("usage:")]) == count, shown
    assert "\\x1b" in shown


def test_plan() -> None:
    text = _run("plan", PROFILE).stdout.decode()
    assert "sysctl.net.ipv4.ip_forward.value" in text
    rows = json.loads(_run("plan", PROFILE, "--format", "json").stdout)
    assert {row["setting"] for row in rows} >= {"modules.overlay", "swap"}


def test_diff(tmp_path: Path) -> None:
    """Exit codes as diff(1)."""
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(HEAD + "swap: disabled\nsysctl: {vm.swappiness: 0}\n")
    other.write_text(HEAD + "sysctl: {vm.swappiness: 0} # the same\nswap: 'disabled'\n")
    assert (_run("diff", one, other).returncode, _run("diff", one, PROFILE).returncode) == (0, 1)
    assert _run("diff", one, tmp_path / "none.yaml").returncode == 2
    assert json.loads(_run("diff", one, PROFILE, "--format", "json").stdout)["equal"] is False
    assert b"modules.overlay" in _run("diff", one, PROFILE).stdout


def test_explain_a_name() -> None:
    done = _run("explain", "net.ipv4.ip_forward")
    assert done.returncode == 0
    assert b"sysctl.net.ipv4.ip_forward.value" in done.stdout
    assert json.loads(_run("explain", "br-netfilter", "--format", "json").stdout)["name"] == "modules.br_netfilter"
    assert b"modules.br_netfilter" in _run("explain").stdout


def test_explain_a_symptom() -> None:
    """Quoted, in words, or a journal on stdin."""
    line = "dial tcp 10.96.0.1:443: i/o timeout"
    journal = f"Oct 12 08:00:01 n kubelet[1]: all is well\nOct 12 08:00:02 n coredns[2]: {line}\n".encode()
    for done in (_run("explain", line), _run("explain", *line.split()), _run("explain", "-", stdin=journal)):
        assert done.returncode == 0
        assert b"1.        sysctl.net.ipv4.ip_forward" in done.stdout
    found = json.loads(_run("explain", "-", "--format", "json", stdin=journal).stdout)["matches"]
    assert [(match["symptom"], match["line"]) for match in found] == [("api-server-timeout", 2)]


@pytest.mark.parametrize(
    ("asked", "code", "sentence"),
    [
        ("net.ipv4.ip_forwrd", 2, "did you mean sysctl.net.ipv4.ip_forward"),
        ("net.foo.bar", 2, "nothing is known here of the kernel parameter 'net.foo.bar'"),
        ("nonsense", 2, "nothing is known here of 'nonsense'"),
        ("hello world", 1, "no known symptom is in this text"),
        ("it says net.ipv4.ip_forward somewhere", 1, "it names sysctl.net.ipv4.ip_forward"),
        ("", 1, "no known symptom is in this text"),
    ],
)
def test_explain_what_is_not_known(asked: str, code: int, sentence: str) -> None:
    done = _run("explain", asked)
    assert (done.returncode, done.stdout) == (code, b"")
    assert sentence in done.stderr.decode()
    told = _run("explain", asked, "--format", "json")
    assert told.returncode == code
    assert json.loads(told.stdout)["kind"] in ("unknown", "symptom")


def test_explain_takes_bytes_that_are_no_text() -> None:
    done = _run("explain", "-", stdin=b"\xff\xfe\x00" * 99 + b"\nnf_conntrack: table full, dropping packet\n\xf0")
    assert done.returncode == 0
    assert b"sysctl.net.netfilter.nf_conntrack_max" in done.stdout


def test_judge_without_observations() -> None:
    done = _run("judge", "--profile", PROFILE, stdin=b"Permission denied\n")
    assert done.returncode == 1
    assert b"UNSEEN" in done.stdout


def test_judge_of_an_empty_profile() -> None:
    assert _run("judge", "--profile", "-", stdin=HEAD.encode()).returncode == 1


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    """On a host with Python alone."""
    code = (
        "from generator import doctor, errors, proc\n"
        "def find(tool): raise errors.tool_missing(tool, proc.PACKAGES.get(tool, ''))\n"
        "proc.find = find\n"
        "print(doctor.remedy(doctor.examine()))\n"
        "print(*(finding.found for finding in doctor.examine() if not finding.ok), sep='\\n')\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.startswith("sudo apt-get install --no-install-recommends ")
    assert "name one in the profile: base: {distro: debian-13, mirror: http://...}" in done.stdout
    assert {"mmdebstrap", "qemu-system-x86", "qemu-utils", "packer"} <= set(done.stdout.split())


def test_doctor_on_this_host() -> None:
    done = _run("doctor")
    assert done.returncode == 0, done.stdout.decode()
    assert b"accelerator" in done.stdout


def test_schema() -> None:
    assert json.loads(_run("schema").stdout)["additionalProperties"] is False


def test_a_bug_is_called_one(tmp_path: Path) -> None:
    code = (
        "from generator import cli, commands\n"
        "commands.planning.load = lambda source: 1 / 0\n"
        "print(cli.run(['plan', 'x']))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout.strip() == "70"
    assert "this is a bug of nodebake: ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr


def test_installed_from_a_wheel(tmp_path: Path) -> None:
    """The package carries its templates and schemas; it needs no checkout."""
    subprocess.run(
        [sys.executable, "-m", "pip", "-q", "install", "--no-deps", "--target", tmp_path / "site", ROOT], check=True
    )
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    argv = [sys.executable, tmp_path / "site" / "bin" / "nodebake", "render", PROFILE]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, env=env, check=False)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "output/k8s-node/seed.iso").is_file()
    assert (tmp_path / "site/generator/_data/packer/build.pkr.hcl").is_file()


@pytest.mark.parametrize("redirect", [">/dev/full", ">&-", "<&-"])
@pytest.mark.parametrize(
    "verb", [["plan", str(PROFILE)], ["check", "--format", "json", "-"], ["judge", "--profile", str(PROFILE)]]
)
def test_streams_that_are_no_use(verb: list[str], redirect: str) -> None:
    """Full, or closed by the caller: one line, and no exit code that calls it our bug."""
    argv = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "generator", *verb]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(argv, capture_output=True, env=env, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode in (0, 1, 2, 3)
    assert b"Traceback" not in done.stderr


def test_base64_that_is_no_ascii(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(HEAD + "files: [{path: /etc/x, encoding: base64, content: é}]\n")
    assert _run("check", path).returncode == 2
