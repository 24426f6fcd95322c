"""An attestation that holds, for a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.attest import sentences
from generator.attest.check import Holds
from generator.errors import visible


def text(held: Holds) -> str:
    """A line for each thing that was attested, all of which was looked at but for the notes."""
    rows = [
        ("signed by", held.key),
        ("built by", held.tool),
        ("profile", f"{held.profile}, sha256 {held.profile_sha256}"),
        ("base", f"{held.base}, sha256 {held.base_sha256}"),
        ("lock", f"sha256 {held.lock_sha256}" if held.lock_sha256 else "none"),
        ("packages", f"sha256 {held.packages_sha256}"),
        *(
            (name, " ".join(f"{kind} {value}" for kind, value in digest.items()))
            for name, digest in held.subjects.items()
        ),
        *(("tested", " ".join(_words(test))) for test in held.tests or ({},)),
        *(("note", note) for note in held.notes),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [sentences.holds(held.image), *(f"  {name:<{width}}  {told}" for name, told in rows)]
    return "".join(f"{visible(line)}\n" for line in lines)


def _words(test: dict[str, Any]) -> Iterator[str]:
    if not test:
        yield "no: the attestation says nothing of tests"
    elif test.get("verb") == "prove":
        yield f"{test['result']}: prove caught {test.get('killed')} of {test.get('faults')} faults"
    else:
        yield f"{test['result']}: verify judged {test.get('checks')} checks in {test.get('boots')} boots"
