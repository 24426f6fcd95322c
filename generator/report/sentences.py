"""What is said of reports, and of where they go."""

from __future__ import annotations

from collections.abc import Sequence

from generator.sentences import Words


def kept(folder: str) -> str:
    return f"what the guest told is kept in {folder}"


def not_kept(why: str) -> str:
    return f"what the guest told could not be kept: {why}"


def no_proof(file: str, why: str) -> Words:
    return f"{file} is no result of nodebake prove: {why}", "write one: nodebake prove IMAGE --format json > FILE"


def no_such_report(file: str, endings: Sequence[str]) -> Words:
    return f"{file}: a report has its form by the ending of its name", f"known: {', '.join(endings)}"


def report_nowhere(file: str) -> Words:
    return f"{file}: there is no such folder to write a report to", "make it first, or name another place"


def twice_one_report(file: str) -> Words:
    return f"{file}: two reports would be written to it", "give each a name of its own"
