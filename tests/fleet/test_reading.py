"""A list that is read a thousand lines at a time is what it would be line by line, wherever a thousand ends."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.fleet import columns, reading
from generator.fleet.table import Kept, Table
from generator.model import Profile
from generator.sentences import nodes

KNOWN = dict.fromkeys(("hostname", "labels", "search"))
RECORD = st.lists(
    st.sampled_from(["a", "b c", "", 'x "y"', "two\nlines", "\r\n", "é", ",", "'"]), min_size=0, max_size=4
)
BROKEN = st.sampled_from(['"', 'a,"b', 'a"b,c,d\n', '"a"b,c,d\n', "\n", "\r\n", "a,b\n"])


def _one_by_one(text: str) -> tuple[list[tuple[int, list[str]]], list[Any]]:
    """Each node and its line, and what is wrong with the others, by the plainest reading there is."""
    records, rows, wrong = csv.reader(io.StringIO(text, newline=""), strict=True), [], []
    next(records)
    while True:
        begins = records.line_num + 1
        try:
            cells = next(records)
        except StopIteration:
            break
        except csv.Error as error:
            wrong.append((begins, 1, "", nodes.not_csv(str(error), 1 << 20)))
            continue
        if len(cells) == len(KNOWN):
            rows.append((begins, cells))
        elif cells:
            wrong.append((begins, 1, "", nodes.too_many_cells(len(cells), len(KNOWN))))
    return rows, wrong


def _read_at(text: str, line: int, column: int) -> str:
    """The cell that begins there."""
    rest = "".join(text.splitlines(keepends=True)[line - 1 :])[column - 1 :]
    return next(csv.reader(io.StringIO(rest, newline=""), strict=True), [""])[0] if rest[:1] not in "\r\n" else ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(pieces=st.lists(RECORD | BROKEN, max_size=12), batch=st.integers(1, 5), chunk=st.integers(1, 40))
@example(pieces=[["a", "b", "c"], ["a", "two\nlines", "c"], '"'], batch=1, chunk=1)
@example(pieces=[["a", "b", "c"], "\n", "\n", "\n", ["d", "e", "f"]], batch=2, chunk=1)
def test_csv(pieces: list[list[str] | str], batch: int, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH", batch)
    monkeypatch.setattr("generator.fleet.lines._CHUNK", chunk)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(KNOWN)
    for piece in pieces:
        text.write(piece) if isinstance(piece, str) else writer.writerow(piece)
    reader = reading.Csv(io.StringIO(text.getvalue(), newline=""), KNOWN)  # type: ignore[arg-type]
    wrong: list[Any] = []
    rows = []
    for lines, cells in reader.batches(lambda *told: wrong.append(told)):
        read = list(map(list, zip(*cells, strict=True)))
        rows += zip(lines, read, strict=True)
        for number, line in enumerate(lines):
            assert reader.place(number, "hostname") == (line, 1)
            assert [_read_at(text.getvalue(), *reader.place(number, name)) for name in KNOWN] == read[number]
    assert (rows, wrong) == _one_by_one(text.getvalue())


def test_where_a_cell_stands() -> None:
    text = 'hostname,labels,search\nn1,"a\nb, ""c""",x\nn2,,y\n'
    reader = reading.Csv(io.StringIO(text, newline=""), KNOWN)  # type: ignore[arg-type]
    batch = next(reader.batches(pytest.fail))
    assert list(batch.lines) == [2, 4]
    assert reader.place(0, "labels") == (2, 4)
    assert reader.place(0, "search") == (3, 11)
    assert reader.place(1, "search") == (4, 5)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("jsonl", '{"hostname": "n1"}\n\n{"hostname": "N 2"}\n{"hostname": "n3"}\n'),
        ("yaml", '[{hostname: n1}, {hostname: "N 2"}, {hostname: n3}]'),
    ],
)
def test_other_forms(form: str, text: str) -> None:
    profile = Profile(name="n", source="", digest="", base="", settings={}, marks={})
    reader = reading.FORMS[form](io.StringIO(text), columns.columns(profile))
    batch = next(reader.batches(pytest.fail))
    assert batch.columns[0] == ("n1", "N 2", "n3")
    assert reader.place(1, "hostname") == ((3, 14) if form == "jsonl" else (1, 29))


@given(sizes=st.lists(st.integers(1, 6), max_size=6), without=st.sets(st.integers(0, 40)))
def test_table(sizes: list[int], without: set[int]) -> None:
    table, number = Table(), 0
    for size in sizes:
        numbers = range(number, number + size)
        table.add(Kept(numbers, [10 * one for one in numbers], (tuple(map(str, numbers)), ("é",) * size)))
        number += size
    wanted = [one for one in range(number) if one not in without]
    for _ in range(2):  # as often as somebody wants
        kept = list(table.batches(without))
        assert [one for batch in kept for one in batch.numbers] == wanted
        assert [one for batch in kept for one in batch.lines] == [10 * one for one in wanted]
        assert [cell for batch in kept for cell in batch.columns[0]] == list(map(str, wanted))
