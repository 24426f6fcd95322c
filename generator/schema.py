"""The profile's JSON Schema: schemas/profile.json with one property for each file in schemas/settings/."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from generator import data, distro, positions, sentences
from generator.positions import Document, Path

Found = tuple[Path, bool, tuple[str, str]]  # where, whether the key itself is meant, (sentence, hint)


def stems() -> tuple[str, ...]:
    """The kinds of setting there are: one schema file each."""
    return tuple(sorted(path.stem for path in (data.SCHEMAS / "settings").glob("*.json")))


@functools.cache
def profile_schema() -> dict[str, Any]:
    """The whole schema, closed: what `nodebake schema` prints."""
    schema: dict[str, Any] = json.loads((data.SCHEMAS / "profile.json").read_text(encoding="utf-8"))
    for stem in stems():
        text = (data.SCHEMAS / "settings" / f"{stem}.json").read_text(encoding="utf-8")
        schema["properties"][stem] = json.loads(text)
    schema["$defs"]["distro"]["enum"] = list(distro.known())
    return schema


def validate(document: Document) -> None:
    """Add a finding to the document for each thing that the schema refuses."""
    if not isinstance(document.value, dict):
        document.find((1, 1), (), *sentences.NOT_A_MAPPING)
        return
    known_bad = {finding.path for finding in document.findings}
    for error in _validator().iter_errors(document.value):
        for path, is_key, words in _explain(error):
            if positions.pretty(path) in known_bad:
                if error.validator not in ("enum", "const"):
                    continue  # told already, and why it is not what it seems
                document.findings[:] = [told for told in document.findings if told.path != positions.pretty(path)]
            places = document.keys if is_key else document.marks
            document.find(places.get(path) or document.marks.get(path) or (1, 1), path, *words)


def _pattern(validator: Any, pattern: str, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401, ARG001
    """As JSON Schema's, but `$` is the end of the text: Python's would let a last newline pass."""
    if isinstance(instance, str) and not re.search(re.sub(r"\$\Z", r"\\Z", pattern), instance, re.ASCII):
        yield ValidationError("pattern")


def _property_names(validator: Any, names: Any, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401, ARG001
    """As JSON Schema's, but the error carries the key it is about."""
    for key in instance if isinstance(instance, dict) else ():
        for error in validator.descend(instance=key, schema=names):
            error.path.appendleft(key)
            error.is_key = True
            yield error


@functools.cache
def _validator() -> Any:  # noqa: ANN401 - made by jsonschema at run time
    Draft202012Validator.check_schema(profile_schema())
    extend: Any = validators.extend
    keywords = {"pattern": _pattern, "propertyNames": _property_names}
    return extend(Draft202012Validator, keywords)(profile_schema())


def _explain(error: ValidationError) -> Iterator[Found]:
    """One jsonschema error -> what a person is told. `required` and the others come one error a fault."""
    path: Path = tuple(error.absolute_path)
    is_key: bool = getattr(error, "is_key", False)
    keyword = str(error.validator)
    if keyword == "additionalProperties":
        yield from _unknown(error, path)
    elif keyword in ("required", "dependentRequired"):
        yield path, False, sentences.missing_key(error.message.split("'")[1])
    elif keyword != "type" or error.instance is not None:
        yield path, is_key, _words(error, keyword)


def _unknown(error: ValidationError, path: Path) -> Iterator[Found]:
    schema: Any = error.schema
    found: Any = error.instance
    known = list(schema.get("properties", {}))
    for key in sorted(set(found) - set(known)):
        yield (*path, key), True, sentences.unknown_key(key, difflib.get_close_matches(key, known, 1), known)


def _words(error: ValidationError, keyword: str) -> tuple[str, str]:
    bound: Any = error.validator_value
    schema: Any = error.schema
    found = error.instance
    if keyword == "type":
        return sentences.wrong_type(found, bound)
    if keyword in ("enum", "const"):
        allowed = [bound] if keyword == "const" else bound
        return sentences.not_among(found, allowed, difflib.get_close_matches(str(found), map(str, allowed), 1))
    if keyword == "not":
        return sentences.not_taken(found, bound.get("description", ""))
    if keyword == "pattern":
        return sentences.not_of_the_form(found, schema.get("description", ""))
    return sentences.out_of_bounds(found, keyword, bound)
