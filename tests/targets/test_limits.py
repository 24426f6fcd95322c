"""Every limit of the fact sheet, just under and just over."""

from __future__ import annotations

import base64
import functools
import gzip
import random

import pytest

from generator import targets
from generator.targets import Delivered, TooLarge
from generator.targets.forms import FORMS, Body
from tests.targets.facts import BASE64, LARGEST, LIMITS, TEXT_ONLY, UNLIMITED

ROWS = [(name, limit) for name in targets.known() for limit in targets.load(name).limits]
CONFIRMED = {name: all(sure for target, _, _, sure in LIMITS if target == name) for name in LARGEST}
LINE = b"# the same line, again and again\n"
SAYS = {
    "decoded": "bytes",
    "base64": "bytes of base64",
    "text": "bytes",
    "characters": "characters",
    "together": "bytes, with what is beside it",
}


def _noise(size: int, seed: int = 5) -> bytes:
    """Bytes that gzip makes no smaller."""
    return random.Random(seed).randbytes(size)


def _that_gzip_makes(size: int, more_than: int) -> bytes:
    """Content that is larger than `more_than`, and of which gzip makes exactly `size` bytes."""
    easy, length = LINE * (more_than // len(LINE) + 1), size
    for seed in range(100):  # not every length is met by every noise
        content = easy + _noise(length, seed)
        over = len(Body(content).compressed) - size
        if over == 0:
            return content
        length -= over
    raise AssertionError(f"no noise is {size} bytes in gzip")


def _read_by_the_guest(made: Delivered) -> bytes:
    """What cloud-init makes of it: base64 off, all of it valid, and then gzip by its first bytes."""
    content = made.content
    if made.form.endswith("base64"):
        content = base64.b64decode(content, validate=True)
    return gzip.decompress(content) if made.form.startswith("gzip") else content


def test_the_limits_are_those_of_the_fact_sheet() -> None:
    assert {(name, limit.counted, limit.size, limit.confirmed) for name, limit in ROWS} == LIMITS
    assert {name for name in targets.known() if not targets.load(name).limits} == UNLIMITED
    assert set(targets.known()) == set(LARGEST) | UNLIMITED == set(BASE64)


def test_the_guests_are_those_of_the_fact_sheet() -> None:
    loaded = {name: targets.load(name) for name in targets.known()}
    told = {name: " since ".join(one.base64.values()) for name, one in loaded.items()}
    assert told == BASE64
    assert {name for name, one in loaded.items() if one.channel == "text"} == TEXT_ONLY
    assert {name: one.since for name, one in loaded.items() if one.since} == {
        "linode": "23.3",
        "vsphere": "21.3",
        "vsphere-customization": "21.3",
    }


@pytest.mark.parametrize("row", sorted(LIMITS), ids=lambda row: f"{row[0]}-{row[1]}")
def test_each_limit_by_itself(row: tuple[str, str, int, bool]) -> None:
    """A body as large as the limit allows keeps it, and one byte more does not, in whatever it is counted."""
    name, counted, size, _ = row
    (limit,) = (one for one in targets.load(name).limits if one.counted == counted)
    most = size // 4 * 3 if counted == "base64" else size
    assert limit.allows(Body(b"x" * most), "plain")
    assert not limit.allows(Body(b"x" * (most + 1)), "plain")
    assert len(base64.b64encode(b"x" * most)) <= size < len(base64.b64encode(b"x" * (most + 1))) or counted != "base64"


@pytest.mark.parametrize("name", LARGEST)
def test_just_under_and_just_over_in_the_first_form(name: str) -> None:
    """Over it, another form is tried; where none helps, it does not fit."""
    target = targets.load(name)
    assert list(target.forms) == list(LARGEST[name])
    first, most = next(iter(LARGEST[name].items()))
    text = bytes(byte & 0x7F for byte in _noise(most + 1))
    under = target.deliver(text[:most])
    assert (under.form, under.warnings, _read_by_the_guest(under)) == (first, (), text[:most])
    try:
        over = target.deliver(text)
    except TooLarge:
        assert CONFIRMED[name]
    else:
        assert over.warnings or over.form == list(LARGEST[name])[1] != first


@pytest.mark.parametrize("name", LARGEST)
def test_the_room_for_what_goes_as_it_is(name: str) -> None:
    """So that a caller with many nodes need but compare a length."""
    assert targets.load(name).room == LARGEST[name].get("plain", -1)


@pytest.mark.parametrize("name", LARGEST)
def test_just_under_and_just_over_in_the_last_form(name: str) -> None:
    target = targets.load(name)
    last, most = list(LARGEST[name].items())[-1]
    packs = last.startswith("gzip")
    make = functools.partial(_that_gzip_makes, more_than=max(LARGEST[name].values())) if packs else _noise
    under = target.deliver(make(most))
    assert (under.form, under.warnings, _read_by_the_guest(under)) == (last, (), make(most))
    if CONFIRMED[name]:
        with pytest.raises(TooLarge):
            target.deliver(make(most + 1))
    else:
        assert target.deliver(make(most + 1)).warnings


@pytest.mark.parametrize("name", [name for name, sure in CONFIRMED.items() if not sure])
def test_what_is_not_confirmed_warns(name: str) -> None:
    target = targets.load(name)
    most = next(iter(LARGEST[name].values()))
    noise = _noise(most + 1)
    made = target.deliver(noise)
    (limit,) = (one for one in target.limits if not one.confirmed)
    size = len(base64.b64encode(noise)) if limit.counted == "base64" else len(noise)
    assert made.warnings == (
        f"user-data may not fit {target.title}: {limit.size} {SAYS[limit.counted]} at most, which is not confirmed,"
        f" and it has {size}",
    )
    assert _read_by_the_guest(made) == noise


def test_of_two_limits_the_confirmed_one_refuses() -> None:
    target = targets.load("linode")
    assert target.deliver(_noise(65535)).warnings
    with pytest.raises(TooLarge) as refused:
        target.deliver(_noise(65536))
    assert refused.value.exit_code == 2
    assert refused.value.sentence == (
        "user-data does not fit Linode (Akamai): 65535 bytes at most, and it has 65536 in base64,"
        f" {len(Body(_noise(65536)).compressed)} in gzip and base64"
    )


@pytest.mark.parametrize(("name", "size"), [("gcp", 524288), ("vsphere", 1048576)])
def test_what_counts_together(name: str, size: int) -> None:
    """All metadata of a machine has a limit, too: user-data and what the caller says is beside it."""
    target = targets.load(name)
    assert target.deliver(_noise(1000), beside=size - 1000).form == "plain"
    with pytest.raises(TooLarge, match=f"{size} bytes, with what is beside it at most"):
        target.deliver(_noise(1000), beside=size - 999)


def test_characters_are_counted_not_bytes() -> None:
    target = targets.load("hetzner")
    text = "é" * 32768
    assert target.deliver(text.encode()).form == "plain"
    assert target.deliver(f"{text}é".encode()).form == "gzip+base64"


@pytest.mark.parametrize("name", sorted(UNLIMITED))
def test_no_limit(name: str) -> None:
    made = targets.load(name).deliver(_noise(2 << 20))
    assert (made.form, made.limit, len(made.content)) == ("plain", None, 2 << 20)


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_reproducible_and_comes_back(form: str) -> None:
    one, other = (Body(b"#cloud-config\nhostname: a\n" * 99).handed(FORMS[form]) for _ in range(2))
    assert one == other
    assert not form.endswith("base64") or not set(one) & set(b" \n")
    if form == "gzip":
        assert one[:10] == b"\x1f\x8b\x08\0\0\0\0\0\x02\xff"  # no time, no name, the best compression, no system


def test_plain_user_data_is_never_taken_for_base64() -> None:
    """Of what a guest tries for base64, the first character is none."""
    with pytest.raises(ValueError, match="Only base64 data is allowed"):
        base64.b64decode(b"#cloud-config\n", validate=True)
