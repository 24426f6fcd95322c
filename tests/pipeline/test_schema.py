"""The schema of pipelines: closed, and what an editor can tell of each key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from generator import schema
from generator.commands import schema_text
from tests.conftest import ROOT
from tests.test_schema import _closed, _properties


def test_the_file_for_editors_is_current() -> None:
    path = ROOT / "schemas/nodebake-pipeline.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text("pipeline"), "run: make schema"


def test_valid_and_closed() -> None:
    Draft202012Validator.check_schema(schema.pipeline_schema())
    assert _closed(schema.pipeline_schema())
    assert schema.pipeline_schema()["additionalProperties"] is False


def test_an_editor_can_tell_what_each_key_is() -> None:
    whole = schema.pipeline_schema()
    found = dict(_properties(whole, whole))
    assert {"matrix", "prove", "publish"} <= set(found)
    assert [path for path, part in found.items() if not part.get("description")] == []


def _examples(part: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(part, dict):
        if "type" in part or "$ref" in part:
            yield from ((part, example) for example in part.get("examples", ()))
        for value in part.values():
            yield from _examples(value)


def test_each_example_is_taken() -> None:
    whole = schema.pipeline_schema()
    found = list(_examples(whole))
    assert len(found) > 10
    for part, example in found:
        validator = Draft202012Validator({**part, "$defs": whole["$defs"]})
        assert not list(validator.iter_errors(example)), (part, example)


def test_the_page_has_one_that_is_taken() -> None:
    text = (ROOT / "docs/pipeline.md").read_text(encoding="utf-8")
    block = text.partition("```yaml\n")[2].partition("```")[0]
    assert not list(Draft202012Validator(schema.pipeline_schema()).iter_errors(yaml.safe_load(block)))


def test_the_shipped_one_is_taken_and_names_its_schema() -> None:
    from generator import pipeline  # noqa: PLC0415

    path = Path(ROOT / "pipelines/k8s.yaml")
    assert path.read_text().startswith("# yaml-language-server: $schema=../schemas/nodebake-pipeline.schema.json\n")
    assert len(pipeline.load(str(path)).cells) == 4
