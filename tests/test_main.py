"""How the program starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator import __main__ as program
from generator import data, errors, stop

ROOT = Path(__file__).resolve().parent.parent


def test_packages_for_formats_are_not_imported(tmp_path: Path) -> None:
    """Some of them are slow. Afterwards they can be had again, for others than jsonschema."""
    for name in program._FOR_FORMATS:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported')\n")
    code = (
        "import sys; from generator import __main__ as program; program._import_jsonschema()\n"
        "print('jsonschema' in sys.modules, [name in sys.modules for name in program._FOR_FORMATS])"
    )
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env, check=True)
    assert done.stdout == f"True {[False] * len(program._FOR_FORMATS)}\n"
    argv = [sys.executable, "-m", "generator", "check", ROOT / "profiles/k8s-node.yaml"]
    assert subprocess.run(argv, capture_output=True, env=env, check=False, cwd=ROOT).returncode == 0


def _formats(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (value for key, value in schema.items() if key == "format" and isinstance(value, str))
        for value in schema.values():
            yield from _formats(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _formats(value)


def test_no_schema_has_a_format() -> None:
    """Which would not be looked at: a pattern is."""
    for path in data.SCHEMAS.rglob("*.json"):
        assert list(_formats(json.loads(path.read_text()))) == [], path


def test_no_memory_for_its_own_code(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def load() -> None:
        raise MemoryError

    monkeypatch.setattr(stop, "at_once", lambda: None)
    monkeypatch.setattr(program, "_import_jsonschema", load)
    with pytest.raises(SystemExit) as caught:
        program.main()
    assert caught.value.code == errors.TOOL
    assert capsys.readouterr().err == "nodebake: there is not memory enough for its own code\n"
