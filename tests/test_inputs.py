"""What commands read beside profiles: lists of nodes, stdin, seeds, images. Refused in a sentence, read in part."""

from __future__ import annotations

import array
import fcntl
import io
import os
import resource
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import cli, errors, fleet, proc, seed, stdin
from generator.fleet import lines, source
from tests.conftest import HEAD, ROOT

PROFILE = str(ROOT / "profiles/k8s-node.yaml")
MEMORY = 1 << 30  # bytes of address space: none of these inputs may ask for more


@pytest.fixture
def worker(tmp_path: Path) -> str:
    path = tmp_path / "worker.yaml"
    path.write_text(HEAD + "modules: [overlay]\n")
    return str(path)


def _refused(call: Callable[[], object]) -> str:
    with pytest.raises(errors.NodebakeError) as caught:
        call()
    assert caught.value.exit_code == errors.REFUSED
    return f"{caught.value.sentence} ({caught.value.hint})" if caught.value.hint else caught.value.sentence


def _within_memory(*arguments: str, stdin: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The command, which may have no more than MEMORY."""
    with (stdin or Path(os.devnull)).open("rb") as given:
        return subprocess.run(
            [sys.executable, "-m", "generator", *arguments],
            stdin=given,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
        )


def _sparse(path: Path, size: int, head: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(head)
        file.truncate(size)
    return path


# What is no file, and would have its reader wait for ever.


@pytest.mark.parametrize(
    "words",
    [
        ("check", "{fifo}"),
        ("build", PROFILE, "--lock", "{fifo}"),
        ("verify-attestation", "{image}", "--public-key", "{fifo}"),
        ("verify-attestation", "{image}", "--public-key", "{key}", "--attestation", "{fifo}"),
        ("verify-attestation", "{image}", "--public-key", "{key}", "--profile", "{fifo}"),
        ("verify-attestation", "{image}", "--public-key", "{key}", "--lock", "{fifo}"),
        ("attest", "{image}", "--profile", "{fifo}", "--key", "{key}"),
        ("verify", "{image}", "--profile", PROFILE, "--report", "x.html", "--proof", "{fifo}"),
    ],
)
def test_no_fifo(words: tuple[str, ...], tmp_path: Path) -> None:
    names = {name: tmp_path / name for name in ("fifo", "image", "key")}
    os.mkfifo(names["fifo"])
    names["image"].write_bytes(b"x")
    names["key"].write_bytes(proc.run(["openssl", "genpkey", "-algorithm", "ed25519"]).encode())
    public = proc.run(["openssl", "pkey", "-in", str(names["key"]), "-pubout"]) if "--public-key" in words else ""
    if public:
        names["key"].write_text(public)
    argv = [sys.executable, "-m", "generator", *(word.format(**names) for word in words)]
    ran = subprocess.run(
        argv, check=False, cwd=ROOT, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert ran.returncode == errors.REFUSED, ran.stderr
    assert "is not a regular file" in ran.stderr


def test_stdin_that_does_not_block_is_waited_for() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    argv = [sys.executable, "-m", "generator", "check", "-"]
    with subprocess.Popen(argv, cwd=ROOT, stdin=reading, stdout=subprocess.PIPE, text=True) as check:
        os.write(writing, HEAD.encode())
        while array.array("i", fcntl.ioctl(reading, termios.FIONREAD, bytes(4)))[0]:
            time.sleep(0.01)  # until it has read that, and nothing more is there
        os.write(writing, b"modles: [overlay]\n")
        os.close(writing)
        os.close(reading)
        told, _ = check.communicate(timeout=60)
    assert check.returncode == errors.REFUSED, told  # of the last line


@pytest.mark.parametrize("text", ["5", "true", "[[1]]", '{"artefacts": [1]}', '{"artefacts": 5, "image": [1]}', "fifo"])
def test_any_manifest_in_the_way(text: str, worker: str, tmp_path: Path) -> None:
    """It says which files are ours: one that says nothing sensible says that none is."""
    (tmp_path / "out/node").mkdir(parents=True)
    manifest = tmp_path / "out/node/manifest.json"
    os.mkfifo(manifest) if text == "fifo" else manifest.write_text(text)
    assert cli.run(["render", worker, "-o", str(tmp_path / "out")]) == 0


# Lists of nodes.


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null"])
def test_a_list_is_no_device(worker: str, name: str) -> None:
    told = _refused(lambda: fleet.write(fleet.Request(worker, name, "csv")))
    assert told == f"{name}: is not a regular file (name a file; - is stdin)"


def test_a_list_is_no_folder(worker: str, tmp_path: Path) -> None:
    told = _refused(lambda: fleet.write(fleet.Request(worker, str(tmp_path), "csv")))
    assert told == f"{tmp_path}: cannot be read: Is a directory (name a list of nodes; - is stdin)"


def test_a_pipe_without_end(worker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST", 1 << 20)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * (3 << 20))))
    told = _refused(lambda: fleet.write(fleet.Request(worker, "-", "csv")))
    assert told.endswith("(put the list into a file)")


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ("csv", "1:1: a cell of more than 1048576 characters is not taken"),
        ("jsonl", "1:1: this is not JSON: Expecting value"),
        ("yaml", "1:1: a list of more than 4 MiB is not read as YAML"),
    ],
)
def test_a_line_of_a_gigabyte(worker: str, tmp_path: Path, form: str, told: str) -> None:
    nodes = _sparse(tmp_path / f"nodes.{form}", MEMORY)
    done = _within_memory("fleet", worker, "--nodes", str(nodes), "-o", str(tmp_path / "out"))
    assert f"\n{nodes}:{told}" in done.stderr, done.stderr[:500]
    assert (done.returncode, "Traceback" in done.stderr) == (errors.REFUSED, False)
    assert not (tmp_path / "out").exists()


BRACKETS = "[" * 100_000


@pytest.mark.parametrize(
    ("form", "text", "told"),
    [
        ("yaml", BRACKETS, " nested more than 32 deep (no setting needs that)"),
        ("yaml", "- &a {hostname: x}\n- *a\n", "1:3: anchors and aliases (&, *) are not taken (write the value out)"),
        ("yaml", "- {hostname: a, hostname: b}\n", "1:17: [0].hostname: this key stands at line 1 already"),
        ("yaml", "- !!python/name:os.system {}\n", "1:3: YAML tags (!) are not taken (write a plain value,"),
        ("yaml", "[]\n--- []\n", "2:1: a list of nodes is one YAML document, and here a second one begins"),
        ("yaml", "- {hostname: 2026-01-02}\n", "1:14: [0].hostname: unquoted, YAML 1.1 reads '2026-01-02' as a date"),
        ("yaml", "- {hostname: x\u202e}\n", "1:15: the character U+202E cannot be seen and is not taken (delete it)"),
        ("yaml", "- {hostname: }\n", "1:14: [0].hostname: there is no value here (give one, or leave the key out)"),
        ("jsonl", BRACKETS, "1:1: this is not JSON: "),
        ("jsonl", '{"hostname": ' + "9" * 5000 + "}", "1:1: this is not JSON: "),
        ("jsonl", '{"hostname": NaN}', "1:14: hostname: a number with a point cannot stand here"),
        ("jsonl", '{"hostname": "a", "hostname": "b"}', "1:1: this is not JSON: the key 'hostname' stands there twice"),
        ("jsonl", '{"hostname": "a\\u0000"}', "1:14: hostname: 'a\\x00' is not a host name"),
        ("yaml", "- {hostname: x\udcff}\n", "1:15: the byte 0xFF is no UTF-8 text (save it as UTF-8)"),
        ("jsonl", '{"h\udcffstname": "a"}', "1:14: h\\udcffstname: there is no column"),
        ("csv", "hostname\na\0b\n", "2:1: "),
        ("csv", "hostname\na\x1bb\n", "2:1: hostname: 'a\\x1bb' is not a host name"),
    ],
)
def test_a_list_is_as_strict_as_a_profile(worker: str, tmp_path: Path, form: str, text: str, told: str) -> None:
    nodes = tmp_path / f"nodes.{form}"
    nodes.write_bytes(text.encode("utf-8", "surrogateescape"))
    said = _refused(lambda: fleet.write(fleet.Request(worker, str(nodes), output=str(tmp_path / "out"))))
    assert said.startswith(f"{nodes}:"), said
    assert f":{told}" in said, said
    assert not (tmp_path / "out").exists()


def test_a_long_line_comes_in_pieces() -> None:
    text = "a\n" + "b" * (lines.LONGEST + 1) + "\nc\n"
    assert [len(line) for some in lines.bounded(io.StringIO(text)) for line in some] == [2, lines.LONGEST, 2, 2]


# What comes on stdin.


@pytest.mark.parametrize("arguments", [("explain", "-"), ("judge", "--profile", PROFILE)], ids=["explain", "judge"])
def test_stdin_without_end(
    arguments: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stdin, "MOST", 3 << 20)
    with Path("/dev/zero").open(encoding="ascii") as endless:
        monkeypatch.setattr(sys, "stdin", endless)
        assert cli.run(arguments) == errors.REFUSED
    told = capsys.readouterr()
    assert told.err.startswith("nodebake: more than 3 MiB came on stdin\n  give only what it is about: ")


def test_a_profile_of_100_mb_on_stdin(tmp_path: Path) -> None:
    done = _within_memory("check", "-", stdin=_sparse(tmp_path / "large", 100 << 20, HEAD.encode()))
    told = "-:3:1048542: larger than 1024 KiB, which no profile is (is it the right file?)\n"
    assert (done.returncode, done.stderr) == (errors.REFUSED, told)


# Seeds.


def test_a_seed_is_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    told = f"{tmp_path}/pipe is not a NoCloud seed image: it is no regular file (nodebake render writes one: seed.iso)"
    assert _refused(lambda: seed.read(tmp_path / "pipe")) == told


def test_a_seed_of_100_mb(tmp_path: Path) -> None:
    path = _sparse(tmp_path / "seed", 100 << 20)
    assert "is not a NoCloud seed image: it is larger than 64 MiB" in _refused(lambda: seed.read(path))


SEED = seed.write({"user-data": b"#cloud-config\n{}\n", "meta-data": b"{}"})


@given(
    at=st.lists(st.tuples(st.integers(0, len(SEED) - 1), st.integers(0, 255)), max_size=8),
    cut=st.integers(0, len(SEED)),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_seed(tmp_path: Path, at: list[tuple[int, int]], cut: int) -> None:
    """Read, or refused in a sentence: what pycdlib stumbles over is no fault of ours."""
    damaged = bytearray(SEED)
    for offset, byte in at:
        damaged[32768 + offset % (len(SEED) - 32768)] = byte  # before that there is nothing
    path = tmp_path / "seed.iso"
    path.write_bytes(damaged[: cut or len(SEED)])
    try:
        seed.read(path)
    except errors.NodebakeError as error:
        assert "is not a NoCloud seed image: " in error.sentence


# Images.


def _image(path: Path, *words: str) -> Path:
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", *words, path, "8M"])
    return path


@pytest.mark.parametrize("verb", ["verify", "prove"])
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("-u", "-b", "/etc/passwd", "-F", "raw"), "it has a backing file"),
        (("-o", "data_file={}/data"), "it keeps its data in another file"),
    ],
)
def test_an_image_that_reaches_elsewhere(
    verb: str, words: tuple[str, ...], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    image = _image(tmp_path / "image.qcow2", *(word.format(tmp_path) for word in words))
    assert cli.run([verb, str(image), "--profile", PROFILE]) == errors.REFUSED
    assert capsys.readouterr().err.startswith(f"nodebake: refused the image {image}: {told}\n  flatten it first: ")
    assert [path.name for path in tmp_path.iterdir() if path.name not in ("image.qcow2", "data")] == []


def test_a_raw_disk_is_no_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    disk = _sparse(tmp_path / "disk", 1 << 20, b"\0" * 510 + b"\x55\xaa")
    assert cli.run(["verify", str(disk), "--profile", PROFILE]) == errors.REFUSED
    assert f"refused the image {disk}: it is no qcow2 image" in capsys.readouterr().err
