"""The house is a test: who may import whom, where programs are started, how large a room is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGE = ROOT / "generator"
# Each layer may import those before it, and its own.
LAYERS = (
    (
        "errors",
        "sentences",
        "evidence",
        "fault",
        "model",
        "data",
        "facts",
        "stop",
        "values",
        "dpkg",
        "strict_json",
        "__init__",
    ),
    (
        "foreign",
        "stdin",
        "positions",
        "schema",
        "distro",
        "render",
        "seed",
        "proc",
        "progress",
        "locks",
        "scratch",
        "openpgp",
        "regular",
        "sysctl_conf",
    ),
    ("variables", "network", "profile"),
    ("names", "reasons", "symptoms", "probes", "cloudinit", "targets"),
    ("settings", "formats", "checks"),
    (
        "expand",
        "crosschecks",
        "plan",
        "output",
        "parts",
        "whole",
        "base",
        "image",
        "guest",
        "offline",
        "mirror",
        "observation",
        "contents",
        "forms",
    ),
    ("diagnosis", "watch", "provenance", "image_checks", "layers"),
    ("clones", "judge", "verify", "prove", "bake", "report", "bundle", "doctor", "explain", "overview", "diff"),
    ("sbom", "attest"),
    ("delivery", "fleet"),
    ("pipeline",),
    ("commands", "supply", "transport", "pipelines", "arguments", "cli", "__main__"),
)
RANK = {room: rank for rank, rooms in enumerate(LAYERS) for room in rooms}
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def _room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(path: Path) -> set[str]:
    """The rooms that a file imports, late imports too."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "generator":
            rooms |= {name.name for name in node.names if name.name in RANK}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("generator."):
            rooms.add(node.module.split(".")[1])
        elif isinstance(node, ast.Import):
            rooms |= {name.name.split(".")[1] for name in node.names if name.name.startswith("generator.")}
    return rooms


def test_every_room_has_a_layer() -> None:
    assert {_room(path) for path in FILES} <= set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    up = {room for room in _imports(path) if RANK[room] > RANK[_room(path)]}
    assert not up, f"{path} imports {up}, which stand above it"


def test_the_reader_of_imports_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "model.py"
    path.write_text("def f():\n    from generator import cli\n    import generator.verify\n")
    assert _imports(path) == {"cli", "verify"}


@pytest.mark.parametrize("path", [*FILES, *TESTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_small_rooms(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_programs_are_started_in_proc_alone() -> None:
    starters = {
        str(path.relative_to(PACKAGE))
        for path in FILES
        if any(
            word in path.read_text(encoding="utf-8") for word in ("subprocess.run(", "subprocess.Popen(", "os.system(")
        )
    }
    assert starters == {"proc.py"}


def test_no_distro_in_python() -> None:
    for path in FILES:
        assert "distro ==" not in path.read_text(encoding="utf-8"), path
