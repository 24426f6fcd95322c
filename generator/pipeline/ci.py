"""A pipeline's matrix for those who start its jobs: GitHub's `fromJSON`, and a child pipeline of GitLab's."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping, Sequence

from generator import render
from generator.pipeline.cells import Cell

_OUT = "output"


def github(cells: Sequence[Cell], _source: str) -> str:
    """On one line, as $GITHUB_OUTPUT takes it: `strategy: {matrix: ${{ fromJSON(...) }}}`, then `matrix.cell`."""
    include = [
        {"cell": cell.id, "profile": cell.profile, "base": cell.base, "kubernetes": cell.kubernetes} for cell in cells
    ]
    return json.dumps({"include": include}, separators=(",", ":")) + "\n"


def gitlab(cells: Sequence[Cell], source: str) -> str:
    """A job for each image, all at once; each brings back what it made, whether it went well or not."""
    return render.to_yaml({"stages": ["image"], **{cell.id: _job(cell, source) for cell in cells}})


def _job(cell: Cell, source: str) -> Mapping[str, object]:
    command = ["nodebake", "pipeline", "run", "--only", cell.id, "-o", _OUT, "--", source]
    return {
        "stage": "image",
        "script": [shlex.join(command)],
        "artifacts": {
            "when": "always",
            "paths": [f"{_OUT}/index.html", f"{_OUT}/junit.xml", f"{_OUT}/{cell.id}/"],
            "reports": {"junit": f"{_OUT}/junit.xml"},
        },
    }


def text(cells: Sequence[Cell], _source: str) -> str:
    """A line for each image."""
    return "".join(f"{cell.id}\n" for cell in cells)


FORMATS: Mapping[str, Callable[[Sequence[Cell], str], str]] = {"text": text, "github": github, "gitlab": gitlab}
