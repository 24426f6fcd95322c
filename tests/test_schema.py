"""The schema that editors read is the schema that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from generator import schema, settings
from generator.commands import schema_text
from tests.conftest import ROOT


def test_the_file_for_editors_is_current() -> None:
    assert (ROOT / "schemas/nodebake.schema.json").read_text(encoding="utf-8") == schema_text(), "run: make schema"


def test_valid_as_a_schema() -> None:
    Draft202012Validator.check_schema(schema.profile_schema())


def test_every_setting_has_a_schema_and_every_schema_a_setting() -> None:
    assert set(schema.stems()) == set(settings.stems())


@pytest.mark.parametrize("stem", schema.stems())
def test_described_with_an_example_that_it_takes(stem: str) -> None:
    whole = schema.profile_schema()
    part = whole["properties"][stem]
    assert part["description"]
    for example in part.get("examples", part.get("enum")):
        if stem != "users":  # its example has a shortened key
            validator = Draft202012Validator({**part, "$defs": whole["$defs"]})
            assert not list(validator.iter_errors(example))


@pytest.mark.parametrize("path", sorted((ROOT / "profiles").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_profiles_name_it(path: object) -> None:
    text = path.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    assert text.startswith("# yaml-language-server: $schema=../schemas/nodebake.schema.json\n")
    assert yaml.safe_load(text)["apiVersion"] == "nodebake/v1"


def _closed(part: object) -> bool:
    """Every object schema says what becomes of keys that it does not name."""
    if isinstance(part, dict):
        return ("properties" not in part or "additionalProperties" in part) and all(map(_closed, part.values()))
    return all(map(_closed, part)) if isinstance(part, list) else True


def test_closed() -> None:
    assert _closed({key: value for key, value in schema.profile_schema().items() if key != "properties"})
    assert all(_closed(part) for part in schema.profile_schema()["properties"].values())
    assert schema.profile_schema()["additionalProperties"] is False


def _properties(part: Any, whole: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property that a profile may have, with what its definition says."""
    if not isinstance(part, dict):
        return
    for key, value in part.get("properties", {}).items():
        shared = whole["$defs"][value["$ref"].rpartition("/")[2]] if "$ref" in value else {}
        yield f"{path}{key}", {**shared, **value}
    for key in ("properties", "$defs"):
        for name, value in part.get(key, {}).items():
            yield from _properties(value, whole, f"{path}{name}.")
    for key in ("items", "additionalProperties", "then", "else"):
        yield from _properties(part.get(key), whole, path)
    for value in (*part.get("oneOf", ()), *part.get("anyOf", ())):
        yield from _properties(value, whole, path)


def test_an_editor_can_tell_what_each_property_is() -> None:
    whole = schema.profile_schema()
    found = dict(_properties(whole, whole))
    assert len(found) > 20
    speaks = {"examples", "enum", "const", "default"}
    dumb = [
        path
        for path, said in found.items()
        if not (said.get("description") and (speaks & set(said) or said.get("type") == "boolean"))
    ]
    assert dumb == []
