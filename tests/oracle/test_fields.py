"""Every text of a profile arrives as it was written: through the real cloud-init, and through real shells.

Of each field so many values are made as the hypothesis profile says, a hundred in the daily run; `make oracle`
makes ten thousand. They stand in few documents, for what costs is a document.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import pytest
import yaml

from generator.formats import bootstrap
from generator.model import Plan
from tests.oracle import meant, shell
from tests.oracle.fields import FIELDS, Field, Read
from tests.oracle.process import Oracle
from tests.oracle.values import many, texts

_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
DAILY = 100


# Once in a profile: test_alone.py.
ALONE = {
    *(f"containerd.{field}" for field in ("sandbox_image", "bin_dir", "config_path")),
    *(f"kubelet.{field}" for field in ("version", "repository.url", "repository.fingerprint")),
    "swap.size",
    "name",
}
# What is no text of a node: where a base comes from, two words, a number that chooses facts, what a bake alone brings.
OF_BASES = {
    "url",
    "sha256",
    "mirror",
    "security_mirror",
    *(f"signed.{x}" for x in ("sums", "signature", "key", "fingerprint")),
}
NOWHERE = {
    *("base", "swap", "kubernetes.version"),
    *(f"base.{name}" for name in OF_BASES),
    *(f"kubelet.{field}" for field in ("repository.mirror", "images.archive", "images.sha256")),
}
# What differs from node to node: tests/fleet/test_splicing.py, and test_fleet.py beside this.
OF_NODES = {"vars (keys)", "vars.default", "vars.one_of", "files.content.var"}


def test_every_text_of_the_schema_is_tried() -> None:
    tried = {name.partition(",")[0] for name in FIELDS}
    assert set(texts()) == tried | ALONE | NOWHERE | OF_NODES
    assert not tried & (ALONE | NOWHERE | OF_NODES)


def _batches(field: Field) -> Iterator[list[Any]]:
    """The values by documents: in none of them two that a profile may not have beside each other."""
    values = many(field.values, max(DAILY, hypothesis.settings().max_examples))
    while values:
        chosen: dict[object, Any] = {}
        for value in values:
            if len(chosen) < field.at_once:
                chosen.setdefault(field.same(value), value)
        batch = list(chosen.values())
        yield batch
        taken = set(batch)
        values = [value for value in values if value not in taken]


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_arrives(
    oracles: list[Oracle], planned: Callable[[str], Plan], name: str, record_property: Callable[[str, object], None]
) -> None:
    field, count = FIELDS[name], 0
    for values in _batches(field):
        plan = planned(yaml.dump(field.settings(values), Dumper=_DUMPER, sort_keys=False))
        found = _both(oracles, plan)
        assert _differences(field, values, field.found(found)) == []
        count += len(values)
    assert count
    record_property("values", count)


def _both(oracles: list[Oracle], plan: Plan) -> Read:
    """One cloud-init reads what the other reads, and one shell what the other does; bootstrap.sh says the same, too."""
    steps = {meant.hold(oracle, plan) for oracle in oracles}
    assert len(steps) == 1
    files = meant.files(plan)
    calls = shell.hold(plan, steps.pop(), set(files))
    shell.hold(plan, bootstrap.artefacts(plan)[0].content.decode(), set())
    return Read(files, calls)


def _differences(field: Field, values: list[Any], found: list[Any]) -> list[tuple[Any, Any]]:
    wanted = [field.written(value) for value in values]
    return [pair for pair in itertools.zip_longest(wanted, found) if pair[0] != pair[1]]
