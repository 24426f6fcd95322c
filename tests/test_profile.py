"""What the corpus in refused/ cannot hold: files that are no files, and bytes that are no text."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from generator import errors, positions, profile
from generator.model import BasePin
from tests.conftest import HEAD


def _sentence(path: Path) -> str:
    with pytest.raises(errors.Refused) as caught:
        profile.load(str(path))
    return caught.value.sentence.removeprefix(str(path))


def test_missing_file(tmp_path: Path) -> None:
    told = ": cannot be read: No such file or directory (name a profile that is there; - is stdin)"
    assert _sentence(tmp_path / "nope.yaml") == told


def test_not_a_file(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    told = {_sentence(path) for path in (fifo, tmp_path, Path("/dev/zero"))}
    assert told == {": is not a regular file (name a file; - is stdin)"}


_TEXT = f"{HEAD}modules: [overlay]\n"


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"name: \xff\n", ":1:7: the byte 0xFF is no UTF-8 text (save it as UTF-8)"),
        ("# ä€\nname: ".encode() + b"\xe9\n", ":2:7: the byte 0xE9 is no UTF-8 text (save it as UTF-8)"),
        ("# ä€😀".encode() + b"\xc0\xaf", ":1:6: the byte 0xC0 is no UTF-8 text (save it as UTF-8)"),
        (b"# \xed\xa0\xbd", ":1:3: the byte 0xED is no UTF-8 text (save it as UTF-8)"),
        (_TEXT.encode("utf-16"), ":1:1: this is UTF-16 text (save it as UTF-8)"),
        (b"\xfe\xff" + _TEXT.encode("utf-16-be"), ":1:1: this is UTF-16 text (save it as UTF-8)"),
        (_TEXT.encode("utf-16-le"), ":1:1: holds NUL bytes, so it is not UTF-8 text (save it as UTF-8)"),
        (_TEXT.encode("utf-32"), ":1:1: this is UTF-32 text (save it as UTF-8)"),
        (
            b"\xef\xbb\xbf\xef\xbb\xbfname: n\n",
            ":1:1: the character U+FEFF cannot be seen and is not taken (delete it)",
        ),
        (b"", ":1:1: the profile is empty (start from profiles/k8s-node.yaml)"),
    ],
    ids=[
        "latin",
        "behind wide letters",
        "overlong",
        "surrogate",
        "utf-16",
        "big",
        "no mark",
        "utf-32",
        "two marks",
        "none",
    ],
)
def test_bytes_that_are_no_text(tmp_path: Path, raw: bytes, told: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(raw)
    assert _sentence(path) == told


def test_too_large(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    with path.open("wb") as file:
        file.truncate(100 << 20)
    assert _sentence(path) == ":1:1048577: larger than 1024 KiB, which no profile is (is it the right file?)"


def test_too_large_is_where_it_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("a\n" * (1 << 19) + "b\n")
    assert _sentence(path).startswith(f":{(1 << 19) + 1}:1: larger than 1024 KiB")


def test_brackets_do_not_crash_the_parser(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("[" * 100_000)
    assert "nested more than 32 deep" in _sentence(path)


@pytest.mark.parametrize("text", ["\ufeff" + HEAD, HEAD.replace("\n", "\r\n")], ids=["bom", "crlf"])
def test_editors_leftovers_are_taken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_bytes(text.encode())
    assert profile.load(str(path)).name == "node"


def test_positions() -> None:
    document = positions.parse("a:\n  b: [1, x]\n", "f")
    assert document.value == {"a": {"b": [1, "x"]}}
    assert document.marks[("a", "b", 1)] == (2, 10)
    assert document.keys[("a", "b")] == (2, 3)


def test_zero_is_a_value(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(HEAD + "sysctl:\n  vm.swappiness: 0\n")
    assert profile.load(str(path)).settings["sysctl"] == {"vm.swappiness": 0}


def test_pinned_base(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(HEAD + f"base:\n  url: https://example.org/a.qcow2\n  sha256: {'ab' * 32}\n  distro: debian-12\n")
    found = profile.load(str(path))
    assert found.base == BasePin("https://example.org/a.qcow2", "ab" * 32, "debian-12")
    assert found.distro == "debian-12"


@pytest.mark.parametrize(
    ("base", "mirror"),
    [
        ("debian-12", ""),
        ("{distro: debian-12}", ""),
        ('{distro: debian-12, mirror: "http://m/debian"}', "http://m/debian"),
        ('{distro: debian-12, mirror: "http://m/d", security_mirror: "http://s"}', "http://m/d http://s"),
    ],
)
def test_a_base_may_come_from_a_mirror(tmp_path: Path, base: str, mirror: str) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"{HEAD}base: {base}\n")
    loaded = profile.load(str(path))
    assert (loaded.base, loaded.distro, loaded.mirror) == ("debian-12", "debian-12", mirror)


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "services:\n" + "".join(f"  a{number}.service: yes\n" for number in range(30_000)),
        HEAD + "modules: [" + ", ".join(f"{{a: {number}}}" for number in range(40_000)) + "]\n",
        HEAD + "".join(f"k{number}: 1\n" for number in range(60_000)),
        HEAD + "modules: x\n" * 60_000,
        HEAD + "\x01\n" * 100_000,
    ],
    ids=["services", "unhashable items", "unknown keys", "duplicate keys", "control characters"],
)
def test_junk_is_refused_in_a_few_lines(tmp_path: Path, text: str) -> None:
    """Each of these once took minutes, or printed a line for each fault."""
    path = tmp_path / "p.yaml"
    path.write_text(text)
    with pytest.raises(errors.Refused) as caught:
        profile.load(str(path))
    assert 1 <= len(caught.value.findings) <= positions.MAX_FINDINGS + 1


@pytest.mark.parametrize(("cards", "places", "tried"), [(1, 1, 256), (1, 160, 100), (2000, 1, 20)])
def test_a_large_network_is_not_tried_with_each_choice(
    cards: int, places: int, tried: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each try is of the whole of it: 500 cards with one value of 256 choices took 5 s."""
    tries: list[object] = []
    monkeypatch.setattr(profile.network, "check", lambda *asked: tries.append(asked))
    choices = ", ".join(f"10.0.{number}.1/24" for number in range(256))
    each = "".join(f"    a{number}: {{addresses: [{{var: v}}]}}\n" for number in range(places))
    more = "".join(f"    b{number}: {{dhcp4: true}}\n" for number in range(cards))
    text = f"vars: {{v: {{type: prefix, one_of: [{choices}]}}}}\nnetwork:\n  ethernets:\n{each}{more}"
    assert profile.of_bytes((HEAD + text).encode(), "p").document.findings == []
    assert tried / 2 <= len(tries) - 1 <= tried * 2
