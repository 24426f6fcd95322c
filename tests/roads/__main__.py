"""python -m tests.roads > docs/roads.md; or with a folder of kept snapshots: judge them without booting anything."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.roads import compare, snapshot, table


def main(arguments: list[str]) -> int:
    """Exit code 1 where a kept snapshot has a problem."""
    if not arguments:
        sys.stdout.write(table.page(table.load()))
        return 0
    texts = {road: (Path(arguments[0]) / f"{road}.txt").read_text(encoding="utf-8") for road in table.ROADS}
    found = compare.problems({road: snapshot.read(text) for road, text in texts.items()}, table.load())
    sys.stdout.write("".join(f"{problem}\n" for problem in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
