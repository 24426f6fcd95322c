"""--keep-going: what is wrong is told and left out, and the other nodes are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors, fleet
from tests.fleet.listed import asked_of


def test_keep_going_writes_the_others(tmp_path: Path) -> None:
    text = "hostname,rack\nn1,a\nN2,a\nn3\nn4,a\nn1,b\n"
    asked = asked_of(tmp_path, {"form": "csv", "text": text}, keep_going=True)
    outcome = fleet.write(asked)
    assert outcome.count == 2
    assert [finding.line for finding in outcome.findings] == [3, 4, 6]
    folders = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert folders == ["manifest.json", "n1", "n4"]


def test_keep_going_goes_on_after_what_is_no_csv(tmp_path: Path) -> None:
    good = "".join(f"n{number},a\n" for number in range(4, 3000))
    asked = asked_of(tmp_path, {"form": "csv", "text": f'hostname,rack\nn1,a\nn2,"b"c\n{good}n3,"a\n'}, keep_going=True)
    outcome = fleet.write(asked)
    assert outcome.count == 1 + 2996
    assert [finding.line for finding in outcome.findings] == [3, 3000]


@pytest.mark.parametrize("bad", ["{hostname: n%d, hostname: m%d, rack: a}", "{hostname: n%d, rack: a, 5: %d}"])
def test_keep_going_leaves_out_what_is_no_strict_yaml(bad: str, tmp_path: Path) -> None:
    """All of it, though no more than fifty are told."""
    rows = "".join(f"- {bad % (number, number)}\n" for number in range(80))
    asked = asked_of(tmp_path, {"form": "yaml", "text": f"{rows}- {{hostname: good, rack: a}}\n"}, keep_going=True)
    outcome = fleet.write(asked)
    assert outcome.count == 1
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["good", "manifest.json"]
    assert len(outcome.findings) == 51


def test_an_anchor_is_of_no_single_node(tmp_path: Path) -> None:
    case = {"form": "yaml", "text": "- {hostname: n1, rack: &a a}\n- {hostname: n2, rack: a}\n"}
    with pytest.raises(errors.Refused, match="anchors and aliases"):
        fleet.write(asked_of(tmp_path, case, keep_going=True))


def test_how_long_a_cell_may_be(tmp_path: Path) -> None:
    """As long as keys by the hundred are; then it is told what is wrong, and the lines after it are read."""
    key = "ssh-ed25519 AAAA x"
    keys = "\n".join([key] * 10_000)
    text = f'hostname,rack,ssh_authorized_keys\nn1,a,"{keys}"\nn2,a,"{"x" * (1 << 20)}x"\nn3,a,\n'
    outcome = fleet.write(asked_of(tmp_path, {"form": "csv", "text": text}, keep_going=True))
    assert outcome.count == 2
    assert outcome.findings[0].line == 10_002
    assert outcome.findings[0].sentence.startswith("a cell of more than 1048576 characters is not taken")


@pytest.mark.parametrize(
    "order", [("hostname", "mac", "rack"), ("mac", "hostname", "rack"), ("rack", "mac", "hostname")]
)
def test_a_node_that_is_left_out_takes_nothing(order: tuple[str, ...], tmp_path: Path) -> None:
    """In whatever order the columns stand; of the node itself all is told."""
    macs = [f"52:54:00:00:00:0{number}" for number in range(5)]
    rows = [("n1", macs[1]), ("n1", macs[2]), ("n3", macs[2]), ("n1", macs[2]), ("n5", macs[4]), ("n5", macs[4])]
    cells = [dict(zip(("hostname", "mac", "rack"), (*row, "a"), strict=True)) for row in rows]
    text = "\n".join(",".join(row[name] for name in order) for row in [dict(zip(order, order, strict=True)), *cells])
    outcome = fleet.write(asked_of(tmp_path, {"form": "csv", "text": text}, keep_going=True))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["manifest.json", "n1", "n3", "n5"]
    told = {(finding.line, finding.path) for finding in outcome.findings}
    assert told == {(3, "hostname"), (5, "hostname"), (5, "mac"), (7, "hostname"), (7, "mac")}


def test_keep_going_wants_one_at_least(tmp_path: Path) -> None:
    with pytest.raises(errors.Refused, match="'N2' is not a host name"):
        fleet.write(asked_of(tmp_path, {"form": "csv", "text": "hostname,rack\nN2,a\n"}, keep_going=True))
