"""The matrix as a person reads it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from generator.prove import matrix, text
from generator.prove.record import Proof
from tests.prove.conftest import expect, trial

WHOLE = """\
      modules  swap
      12       1
gone  ##       .
on    -.       +
none  ..       .

# red as predicted  . green  - missed, stayed green  + collateral, turned red
modules: 1 overlay.loaded, 2 overlay.persisted
swap: 1 inactive
"""


def test_whole(proof: Callable[..., Proof]) -> None:
    made = proof(trial("lp", "lp", "gone"), trial("l", "i", "on"), trial("", "", "none"))
    assert "\n".join(matrix.lines(made, 100)) + "\n" == WHOLE


def test_forty_by_forty_in_eighty_columns(proof: Callable[..., Proof]) -> None:
    names = [f"swap.check-{number}" for number in range(34)] + [f"sysctl.net.key{number}.value" for number in range(6)]
    faults = [trial("i", "i", f"swap.a-fault-with-a-rather-long-name.{number}") for number in range(40)]
    made = dataclasses.replace(proof(*faults), expects=tuple(map(expect, names)))
    shown = list(matrix.lines(made, 80))
    assert max(map(len, shown)) <= 80
    rows = [
        line.removeprefix(faults[0].fault.id).replace(" ", "") for line in shown if line.startswith(faults[0].fault.id)
    ]
    assert "".join(rows) == "." * 40
    assert sum(line.startswith(faults[39].fault.id) for line in shown) == len(rows) > 1
    digits = "".join(line.replace(" ", "") for line in shown if line.strip() and set(line) <= set("0123456789 "))
    assert digits == "".join(str(number % 10) for number in (*range(1, 35), *range(1, 7)))
    assert "34 check-33" in "\n".join(shown)


def test_a_check_of_each_kind_has_its_cell() -> None:
    one = trial("lp", "pi")
    cells = {check.rpartition(".")[2]: matrix.mark(one, check) for check in one.found}
    assert cells == {"loaded": "-", "persisted": "#", "inactive": "+"}
    assert matrix.mark(one, "no.such") == "."


def test_findings(proof: Callable[..., Proof]) -> None:
    lost = "node: the kernel panicked\nwords \x1b[31m"
    made = proof(
        trial("l", "l", "modules.gone"),
        trial("l", "", "modules.odd"),
        trial("l", "p", "modules.swapped"),
        trial("l", "lpi", "modules.dead", lost=lost),
    )
    assert list(text.findings(made)) == [
        "survived: modules.odd: modules.odd is broken",
        "    modules.overlay.loaded stayed green: found modules.overlay.loaded",
        "missed+collateral: modules.swapped: modules.swapped is broken",
        "    modules.overlay.loaded stayed green: found modules.overlay.loaded",
        "    modules.overlay.persisted turned red: found modules.overlay.persisted",
        "collateral: modules.dead: modules.dead is broken",
        "    the guest did not come to its end, twice: node: the kernel panicked",
        "unproven: modules.overlay.persisted: no fault turns it red, so it was not shown that it can fail "
        "(without modules.overlay.persisted)",
        "unproven: swap.inactive: no fault turns it red, so it was not shown that it can fail (without swap.inactive)",
    ]


def test_a_guests_words_move_no_terminal() -> None:
    one = trial("l", "p")
    told = dataclasses.replace(one, found=dict.fromkeys(one.found, "a\x1b[31m\nb"))
    assert text.found(told, "modules.overlay.loaded") == "a\\x1b[31m\\nb"


def test_summary(proof: Callable[..., Proof]) -> None:
    good = proof(trial("lp", "lp"), trial("i", "i"), seconds=60.0, bare=60.0)
    assert list(text.summary(good)) == [
        "ok: 2 of 2 faults caught exactly as predicted, kill rate 100 %",
        "2 booted in 60 s (tcg, 2 side by side), 30.0 s a fault; one bare boot 60.0 s, so 0.50 bare boots a fault",
    ]
    bad = proof(*[trial("l", "l", known=True)] * 199, trial("l", ""))
    assert list(text.summary(bad)) == [
        "FAILED: 199 of 200 faults caught exactly as predicted, kill rate 99 %; 2 of 3 checks unproven",
        "199 known from an earlier run; 1 booted in 60 s (tcg, 2 side by side), 60.0 s a fault",
    ]
    read = proof(trial("lp", "lp"), trial("i", "i", read=True), trial("i", "i", read=True, known=True))
    assert list(text.summary(read))[1] == (
        "1 known from an earlier run; 1 read off the image, without a boot; "
        "1 booted in 60 s (tcg, 2 side by side), 60.0 s a fault"
    )
    known = proof(trial("lpi", "lpi", known=True), bare=50.0)
    assert list(text.summary(known))[1] == "1 known from an earlier run; one bare boot 50.0 s"


def test_colour_only_where_it_is_asked_for(proof: Callable[..., Proof]) -> None:
    made = proof(trial("lpi", "lpi"))
    assert "\x1b" not in text.text(made)
    assert "\x1b[32mok\x1b[0m: 1 of 1" in text.text(made, colour=True)
