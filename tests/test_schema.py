"""The schema that editors read is the schema that refuses."""

from __future__ import annotations

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
