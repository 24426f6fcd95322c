"""What is wrong with three snapshots and a table is said, and nothing else is."""

from __future__ import annotations

import pytest

from tests.roads import compare, snapshot
from tests.roads.table import EACH, ROADS, Row

LINES = (
    "module\toverlay\tloaded",
    "swap\tareas\tare listed",
    "sysctl\tnet/ipv4/ip_forward\t1",
    "unit-file\tssh.service\tenabled",
    "unit\tssh.service\tloaded active running",
    "package\tadduser\t3.152 installed",
    "account\troot\tL:root:/root:/bin/bash:root",
    "file\t/etc/machine-id\tf 444 root root",
    "content\t/etc/machine-id\t0123456789abcdef",
)


def made(**changed: list[str]) -> compare.Snapshots:
    """The same on all roads, but for a road's own further lines; one that begins with - takes a line away."""
    snapshots = {}
    for road in ROADS:
        own = changed.get(road.replace("-", "_"), [])
        more = {line.rpartition("\t")[0] for line in own}
        kept = [line for line in LINES if line.rpartition("\t")[0] not in more and f"-{line}" not in own]
        snapshots[road] = snapshot.read("\n".join([*kept, *(line for line in own if not line.startswith("-"))]))
    return snapshots


FORWARDS = ["sysctl\tnet/ipv4/ip_forward\t0"]
HAVE = "sysctl net/ipv4/ip_forward: user-data has '1', bootstrap has '1', image has '0'"


def row(kind: str, name: str, differs: str) -> Row:
    return Row(kind, name, differs, "because")


def test_the_same() -> None:
    assert compare.problems(made(), ()) == []


def test_a_difference_without_a_row_is_named() -> None:
    assert compare.problems(made(image=FORWARDS), ()) == [f"{HAVE}; no row of the table says why"]


@pytest.mark.parametrize("name", ["net/ipv4/ip_forward", "net/*", "*/ip_forward"])
def test_a_difference_with_a_row(name: str) -> None:
    assert compare.problems(made(image=FORWARDS), [row("sysctl", name, "image")]) == []
    assert compare.problems(made(image=FORWARDS), [row("sysctl", name, EACH)]) == []


@pytest.mark.parametrize(
    ("kind", "name", "differs"),
    [
        ("sysctl", "net/ipv4/ip_forward", "bootstrap"),
        ("sysctl", "net/ipv4", "image"),
        ("unit", "net/ipv4/ip_forward", "image"),
    ],
)
def test_a_row_that_says_something_else(kind: str, name: str, differs: str) -> None:
    """It excuses nothing, and is told as one that is not true."""
    assert compare.problems(made(image=FORWARDS), [row(kind, name, differs)]) == [
        f"{HAVE}; no row of the table says why",
        f"the row {kind} {name}, {differs}: in this run nothing is so",
    ]


def test_a_row_that_is_no_longer_true() -> None:
    """A road's difference must be there; what is each machine's own may be alike by chance, but must be there."""
    rows = [row("sysctl", "net/*", "image"), row("content", "/etc/machine-id", EACH), row("file", "/gone", EACH)]
    assert compare.problems(made(), rows) == [
        "the row sysctl net/*, image: in this run nothing is so",
        "the row file /gone, each: in this run nothing is so",
    ]


def test_three_values_are_no_road_s_own() -> None:
    ids = {"user_data": ["content\t/etc/machine-id\ta"], "image": ["content\t/etc/machine-id\tb"]}
    assert compare.problems(made(**ids), [row("content", "/etc/machine-id", EACH)]) == []
    assert len(compare.problems(made(**ids), [row("content", "/etc/machine-id", "image")])) == 2


def test_another_mode_is_not_covered_by_another_content() -> None:
    changed = ["file\t/etc/machine-id\tf 644 root root", "content\t/etc/machine-id\tb"]
    assert compare.problems(made(bootstrap=changed), [row("content", "/etc/machine-id", "bootstrap")]) == [
        "file /etc/machine-id: user-data has 'f 444 root root', bootstrap has 'f 644 root root', "
        "image has 'f 444 root root'; no row of the table says why"
    ]


def test_what_is_in_a_file_that_is_not_there_everywhere_is_not_compared() -> None:
    snapshots = made(image=["file\t/x\tf 644 root root", "content\t/x\ta"])
    assert compare.problems(snapshots, [row("file", "/x", "image")]) == []
    assert compare.problems(snapshots, ()) == [
        "file /x: user-data has 'nothing', bootstrap has 'nothing', image has 'f 644 root root'; "
        "no row of the table says why"
    ]


@pytest.mark.parametrize("line", LINES)
def test_a_snapshot_that_lacks_a_kind_of_fact(line: str) -> None:
    """Three that tell nothing would be the same."""
    kind = line.partition("\t")[0]
    less = [f"-{line}"]
    told = compare.problems(made(user_data=less, bootstrap=less, image=less), ())
    assert told == [f"{road} tells of no {kind}" for road in ROADS]
