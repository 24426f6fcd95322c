"""A pipeline's matrix for those who start its jobs: GitHub's `fromJSON`, and a child pipeline of GitLab's."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from generator import render
from generator.pipeline.cells import Cell, Loaded
from generator.pipeline.document import Pipeline

_OUT = "output"
_SPECIAL = re.compile(r"[][*?{}\\$!]")  # of a pattern, or of a variable


def github(loaded: Loaded, _source: str) -> str:
    """On one line, as $GITHUB_OUTPUT takes it: `strategy: {matrix: ${{ fromJSON(...) }}}`, then `matrix.cell`."""
    include = [
        {"cell": cell.id, "profile": cell.profile, "base": cell.base, "kubernetes": cell.kubernetes}
        for cell in loaded.cells
    ]
    return json.dumps({"include": include}, separators=(",", ":")) + "\n"


def gitlab(loaded: Loaded, source: str) -> str:
    """A job for each image, all at once; each brings back what it made and published, whether it went well or not."""
    place = _published(loaded.pipeline)
    return render.to_yaml({"stages": ["image"], **{cell.id: _job(cell, source, place) for cell in loaded.cells}})


def _published(pipeline: Pipeline) -> str:
    """The folder of what is published as a pattern, where it is in the project, which is where jobs begin; else ""."""
    if pipeline.published is None or not pipeline.published.resolve().is_relative_to(Path.cwd()):
        return ""
    inside = pipeline.published.resolve().relative_to(Path.cwd())
    return "".join(f"{_SPECIAL.sub('?', part)}/" for part in inside.parts) or "./"


def _job(cell: Cell, source: str, published: str) -> Mapping[str, object]:
    command = ["nodebake", "pipeline", "run", "--only", cell.id, "-o", _OUT, "--", source]
    folders = dict.fromkeys([f"{_OUT}/", published] if published else [f"{_OUT}/"])
    return {
        "stage": "image",
        "script": [shlex.join(command)],
        "artifacts": {
            "when": "always",
            "paths": [f"{_OUT}/index.html", f"{_OUT}/junit.xml", *(f"{folder}{cell.id}/" for folder in folders)],
            "reports": {"junit": f"{_OUT}/junit.xml"},
        },
    }


def text(loaded: Loaded, _source: str) -> str:
    """A line for each image."""
    return "".join(f"{cell.id}\n" for cell in loaded.cells)


FORMATS: Mapping[str, Callable[[Loaded, str], str]] = {"text": text, "github": github, "gitlab": gitlab}
