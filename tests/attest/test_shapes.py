"""Every value of every statement replaced by one of another kind, signed by the very key: a sentence, and no bug."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator
from typing import Any

import pytest

from generator import errors
from generator.attest import measured, text
from generator.attest.measured import Measured
from generator.offline import Disk
from tests.attest.conftest import Attested

OTHERS = (3, "text", None, [], {}, [3], {"name": 3})


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in items:
        yield from _paths(one, (*path, key))


def _replaced(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    changed = copy.deepcopy(document)
    holder = changed
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    return changed


@pytest.fixture
def still(attested: Attested, monkeypatch: pytest.MonkeyPatch) -> Attested:
    """The image is measured once: it stays what it is."""
    with measured.opened(attested.image) as (found, disk):
        pass

    @contextlib.contextmanager
    def opened(_image: object) -> Iterator[tuple[Measured, Disk]]:
        yield found, disk

    monkeypatch.setattr(measured, "opened", opened)
    return attested


def test_every_shape_has_its_sentence(still: Attested) -> None:
    documents, codes = still.documents, set()
    for number, document in enumerate(documents):
        for path in _paths(document):
            for value in OTHERS:
                changed = [*documents[:number], _replaced(document, path, value), *documents[number + 1 :]]
                still.sign(changed)
                try:
                    text.text(still.check())
                except errors.NodebakeError as error:
                    codes.add(error.exit_code)
    assert codes == {errors.CHECK_FAILED, errors.REFUSED}
