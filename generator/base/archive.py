"""Where a base's packages came from: the sha256 of each .deb, and the signed Releases that vouch for it. Pure.

The lines are apt's own words (archive.sh), said when it installed the packages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from generator import dpkg
from generator.dpkg import Package

PACKAGES = "archive.tsv"
RELEASES = "releases.tsv"
_SUM = re.compile(r"([0-9a-f]{64})  (.+)")


def packages(shown: str, listing: str) -> str:
    """A row for each package of `listing` (packages.tsv): name, version, architecture, and the sha256 of its .deb.

    `shown` is what `apt-cache show` said. Raises ValueError with the packages of which apt knows no sha256.
    """
    known = dict(_sums(shown))
    wanted = [Package(*line.split("\t")) for line in listing.splitlines()]
    if unknown := [package.name for package in wanted if package not in known]:
        raise ValueError(", ".join(unknown))
    return "".join(f"{package.row}\t{known[package]}\n" for package in sorted(wanted))


def releases(told: str) -> str:
    """A row for each Release: its codename, its date, and the sha256 of the file that was signed."""
    rows: list[dict[str, str]] = []
    for line in told.splitlines():
        if found := _SUM.fullmatch(line):
            rows.append({"sha256": found[1]})
        elif rows:
            name, _, value = line.partition(": ")
            rows[-1][name] = value
    return "".join(sorted(_row(row.get("Codename", ""), row.get("Date", ""), row["sha256"]) for row in rows))


def _sums(shown: str) -> Iterator[tuple[Package, str]]:
    for fields in dpkg.paragraphs(shown):
        if "SHA256" in fields:
            yield dpkg.of(fields), fields["SHA256"]


def _row(*columns: str) -> str:
    return "\t".join(columns) + "\n"


def table(text: str) -> Iterable[list[str]]:
    """Rows back from what these two wrote."""
    return (line.split("\t") for line in text.splitlines())
