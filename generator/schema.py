"""The profile's JSON Schema: schemas/profile.json with one property for each file in schemas/settings/.

And the pipeline's: schemas/pipeline.json, whose bases are those of the profile.
"""

from __future__ import annotations

import difflib
import functools
import itertools
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from generator import data, distro, positions, sentences
from generator.positions import Document, Path

_MANY = 1 << 20  # what has no limit of its own: a file has fewer bytes
# Which of several errors at one place is told: what may stand there says more than that a form is wrong.
_TOLD_FIRST = ("enum", "const", "type")


@dataclass(frozen=True, slots=True)
class _Found:
    """One thing that the schema refuses: where, whether the key itself is meant, how much it says, and the words.

    Of several at one place one is told, but each `missing` key is told for itself.
    """

    path: Path
    is_key: bool
    rank: tuple[int, int]
    words: tuple[str, str]
    missing: str = ""


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
    schema["$defs"]["distro"]["enum"] = [*distro.known(), *distro.by_facts()]
    schema["$defs"]["mirrored"]["properties"]["distro"]["enum"] = list(distro.known())
    return schema


@functools.cache
def pipeline_schema() -> dict[str, Any]:
    """That of pipelines, closed: what `nodebake schema pipeline` prints."""
    schema: dict[str, Any] = json.loads((data.SCHEMAS / "pipeline.json").read_text(encoding="utf-8"))
    profile = profile_schema()
    base = {key: value for key, value in profile["properties"]["base"].items() if key != "default"}
    matrix = schema["properties"]["matrix"]["properties"]
    matrix["bases"]["items"] = matrix["include"]["items"]["properties"]["base"] = base
    schema["$defs"] = {**profile["$defs"], **schema["$defs"]}
    return schema


SCHEMAS: Mapping[str, Callable[[], dict[str, Any]]] = {"profile": profile_schema, "pipeline": pipeline_schema}


def validate(document: Document) -> None:
    """Add a finding to the document for each thing that the schema of its kind refuses: one a place."""
    if not isinstance(document.value, dict):
        if document.value is not None:
            document.find((1, 1), (), *sentences.NOT_A_MAPPING)
        return
    told: dict[tuple[Path, bool, str], _Found] = {}
    for found in itertools.chain.from_iterable(
        map(_explainer(document), _validator(document.kind).iter_errors(document.value))
    ):
        place = found.path, found.is_key, found.missing
        if place not in told or found.rank < told[place].rank:
            told[place] = found
    for path, kind in document.doubtful.items():
        if kind == "null" or (path, False, "") not in told:
            words = sentences.NO_VALUE if kind == "null" else _doubt(document, path, kind)
            told[path, False, ""] = _Found(path, False, (0, 0), words)
    for found in told.values():
        places = document.keys if found.is_key else document.marks
        words = sentences.SECRET_REFUSED if _secret(document, found.path) else found.words
        document.find(places.get(found.path) or document.marks.get(found.path) or (1, 1), found.path, *words)


def _secret(document: Document, path: Path) -> bool:
    """Whether a sentence about a place could repeat what its `secret: true` keeps out of them."""
    top, name, key = (*path, "", "", "")[:3]
    declared = document.value.get("vars") if top == "vars" and key in ("default", "one_of") else None
    entry = declared.get(name) if isinstance(declared, dict) else None
    return isinstance(entry, dict) and entry.get("secret", False) is not False  # whoever wrote "true" meant it


def _doubt(document: Document, path: Path, kind: str) -> tuple[str, str]:
    value = functools.reduce(lambda held, part: held[part], path, document.value)
    if kind == "int" and _wanted(SCHEMAS[document.kind](), path) != "string":
        return sentences.no_plain_number(document.texts[path])
    return sentences.ambiguous_scalar(kind, document.texts[path], value)


def _wanted(schema: Any, path: Path) -> Any:  # noqa: ANN401
    """The type, or types, of what stands at a path; None where no schema of ours says it."""
    for part in path:
        inner = schema.get("items") if isinstance(part, int) else schema.get("properties", {}).get(part)
        schema = inner or schema.get("additionalProperties")
        if not isinstance(schema, dict):
            return None
    return schema.get("type")


def pattern(validator: Any, text: str, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401, ARG001
    """As JSON Schema's, but `$` is the end of the text, and what is longer than it may be is not looked at.

    So that no pattern, however it is written, has more to do than the length of a name.
    """
    if isinstance(instance, str) and len(instance) <= schema.get("maxLength", _MANY) and not matches(text, instance):
        yield ValidationError(f"{instance!r} does not match {text!r}")


def matches(text: str, instance: str) -> bool:
    """Whether a pattern as JSON Schema has them (ECMA-262) is found: no last newline passes, no digit but ASCII's."""
    return _compiled(text).search(instance) is not None


@functools.cache
def _compiled(text: str) -> re.Pattern[str]:
    """To Python `$` is also the place before a last newline. Neither in a class nor escaped is it an end at all."""
    ends = re.sub(r"(\\.|\[(?:\\.|[^\]\\])*\])|\$", lambda found: found[1] or r"\Z", text)
    return re.compile(ends, re.ASCII)


def _property_names(validator: Any, names: Any, instance: object, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
    """As JSON Schema's, but the error carries the key it is about."""
    few = isinstance(instance, dict) and len(instance) <= schema.get("maxProperties", _MANY)
    for key in instance if few else ():  # type: ignore[attr-defined]
        for error in validator.descend(instance=key, schema=names):
            error.path.appendleft(key)
            error.is_key = True
            yield error


def _unless_too_many(keyword: str) -> Callable[..., Iterator[ValidationError]]:
    """As JSON Schema's, but not in what maxItems or maxProperties refuses: uniqueItems is quadratic."""
    plain: Any = Draft202012Validator.VALIDATORS[keyword]

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:  # noqa: ANN401
        limit = schema.get("maxItems" if isinstance(instance, list) else "maxProperties", _MANY)
        if not (isinstance(instance, (list, dict)) and len(instance) > limit):
            yield from plain(validator, value, instance, schema) or ()

    return check


@functools.cache
def _validator(kind: str) -> Any:  # noqa: ANN401 - made by jsonschema at run time
    extend: Any = validators.extend
    names = ("uniqueItems", "items", "additionalProperties")
    keywords = {
        "pattern": pattern,
        "propertyNames": _property_names,
        **{name: _unless_too_many(name) for name in names},
    }
    return extend(Draft202012Validator, keywords)(SCHEMAS[kind]())


def _explainer(document: Document) -> Callable[[ValidationError], Iterator[_Found]]:
    return functools.partial(_explain, document)


def _explain(document: Document, error: ValidationError) -> Iterator[_Found]:
    """One jsonschema error -> what a person is told. `required` and the others come one error a fault."""
    path: Path = tuple(error.absolute_path)
    is_key: bool = getattr(error, "is_key", False)
    keyword = str(error.validator)
    if keyword == "additionalProperties":
        yield from _unknown(error, path)
    elif keyword in ("required", "dependentRequired"):
        missing = error.message.split("'")[1]
        yield _Found(path, False, (0, 0), sentences.missing_key(missing), missing)
    elif not (keyword in ("minItems", "minProperties") and path in document.bad):  # what was there was refused
        yield _Found(path, is_key, _rank(error, keyword), _words(document, error, keyword, path))


def _rank(error: ValidationError, keyword: str) -> tuple[int, int]:
    """Lower is told rather; of two types, the wider (the outer schema's)."""
    if keyword == "type":
        wide = len(error.validator_value) if isinstance(error.validator_value, list) else 1
        return (0 if isinstance(error.instance, (dict, list)) else 1), -wide
    return (_TOLD_FIRST.index(keyword) if keyword in _TOLD_FIRST else len(_TOLD_FIRST)), 0


def _unknown(error: ValidationError, path: Path) -> Iterator[_Found]:
    schema: Any = error.schema
    found: Any = error.instance
    known = list(schema.get("properties", {}))
    for key in sorted(set(found) - set(known))[: positions.MAX_FINDINGS + 1]:
        words = sentences.unknown_key(key, difflib.get_close_matches(key, known, 1), known)
        yield _Found((*path, key), True, (0, 0), words)


def _as_wanted(schema: Any, text: str) -> str:  # noqa: ANN401
    """A value of the wanted type: what was written, if it is but an item without its list, or the schema's example."""
    if text and schema.get("type") == "array" and schema.get("items", {}).get("type") != "object":
        return f"write [{text}]"
    return f"for example {json.dumps(schema['examples'][0], ensure_ascii=False)}" if "examples" in schema else ""


def _words(document: Document, error: ValidationError, keyword: str, path: Path) -> tuple[str, str]:
    bound: Any = error.validator_value
    schema: Any = error.schema
    found = document.texts.get(path, error.instance) if keyword in ("enum", "const") else error.instance
    if keyword == "type":
        text = document.texts.get(path, "")
        return sentences.wrong_type(found, bound, text, _as_wanted(schema, text))
    if keyword in ("enum", "const"):
        allowed = [bound] if keyword == "const" else bound
        guesses = difflib.get_close_matches(str(found), map(str, allowed), 1)
        return sentences.not_among(found, allowed, guesses, schema.get("remedies", {}).get(str(found), ""))
    if keyword == "not":
        return sentences.not_taken(found, bound.get("description", ""))
    if keyword == "pattern":
        return sentences.not_of_the_form(found, schema.get("description", ""))
    return sentences.out_of_bounds(found, keyword, bound)
