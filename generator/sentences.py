"""What can be wrong with a profile: each a sentence, and a hint at what to do. errors.py has the exceptions."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import shown

Words = tuple[str, str]  # sentence, hint

# As YAML.

SECOND_DOCUMENT = ("a profile is one YAML document, and here a second one begins", "put it into a file of its own")
ALIAS = ("anchors and aliases (&, *) are not taken", "write the value out")
TAG = ("YAML tags (!) are not taken", "write a plain value, quoted if it is text")
MERGE_KEY = ("merge keys (<<) are not taken", "write the values out")
EMPTY = ("the profile is empty", "start from profiles/k8s-node.yaml")
NOT_A_MAPPING = ("a profile is a mapping of settings", "start from profiles/k8s-node.yaml")


def unseen_character(code: int) -> Words:
    return f"the character U+{code:04X} cannot be seen and is not taken", "delete it"


def too_deep(limit: int) -> Words:
    return f"nested more than {limit} deep", "no setting needs that"


def bad_yaml(problem: str, line: str, depth: int) -> Words:
    """The parser's words, but for the causes that have better ones. From 6.0.4 on PyYAML limits the depth itself."""
    if "nesting depth" in problem:
        return too_deep(depth)
    if "\\t" in problem or line.lstrip(" ").startswith("\t"):
        return "a tab cannot indent YAML", "use spaces"
    return f"this is not YAML: {problem}", "look at the line above too: a quote or a bracket may be open"


def bad_key(text: str) -> Words:
    return f"the key {shown(text)} is not text", "put it in quotes"


def duplicate_key(line: int) -> Words:
    return f"this key stands at line {line} already", "keep one of the two"


def ambiguous_scalar(kind: str, text: str) -> Words:
    if kind == "null":
        return "there is no value here", "give one, or leave the key out"
    kinds = {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date"}
    sentence = f"unquoted, YAML 1.1 reads {shown(text)} as {kinds.get(kind, 'something else')}, in a way of its own"
    return sentence, f"put it in quotes: {shown(text)}"


# By its schema.

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "object": "a mapping",
    "array": "a list",
    "boolean": "true or false",
}
_PYTHON_TYPES = {str: "string", int: "integer", dict: "object", list: "array", bool: "boolean"}


def unknown_key(key: str, guesses: Sequence[str], known: Sequence[str]) -> Words:
    hint = f"did you mean {guesses[0]}?" if guesses else f"known here: {', '.join(sorted(known))}"
    return f"there is no setting {shown(key)} here", hint


def missing_key(key: str) -> Words:
    return f"{key} is missing", f"add {key}:"


def wrong_type(found: object, wanted: object) -> Words:
    names = [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list) else []
    want = " or ".join(_TYPES.get(name, str(name)) for name in names)
    have = _TYPES.get(_PYTHON_TYPES.get(type(found), ""), "nothing")
    hint = f'put it in quotes: "{found}"' if "string" in names and isinstance(found, int) else ""
    if isinstance(found, bool):
        hint = f"write {found:d}" if "integer" in names else ""
    return f"{want} is wanted here, and this is {have}", hint


def not_among(found: object, allowed: Sequence[object], guesses: Sequence[str]) -> Words:
    one_of = ", ".join(str(value) for value in allowed)
    sentence = f"{shown(found)} is not one of: {one_of}" if len(allowed) > 1 else f"{shown(found)} is not {one_of}"
    only = f"write {allowed[0]}" if len(allowed) == 1 else ""
    return sentence, f"did you mean {guesses[0]}?" if guesses else only


def not_of_the_form(found: object, form: str) -> Words:
    return f"{shown(found)} does not have the right form", form


def not_taken(found: object, why: str) -> Words:
    return f"{shown(found)} is not taken here", why


def out_of_bounds(found: object, keyword: str, bound: object) -> Words:
    words = {
        "minItems": f"at least {bound} wanted here",
        "maxItems": f"at most {bound} taken here",
        "minLength": f"at least {bound} characters wanted here",
        "maxLength": f"at most {bound} characters taken here",
        "minProperties": f"at least {bound} wanted here",
        "maxProperties": f"at most {bound} taken here",
        "minimum": f"{shown(found)} is less than {bound}",
        "maximum": f"{shown(found)} is more than {bound}",
        "uniqueItems": "the same value stands here twice",
    }
    return words.get(keyword, f"{shown(found)} is refused by {keyword}"), ""


# Between settings.


def two_files(path: str, other: str) -> Words:
    return f"{path} is written by {other} too", "write it in one place"


def expected_twice(name: str) -> Words:
    return f"{name} stands in this list twice", "keep one of the two"


def same_key_twice(key: str) -> Words:
    return f"{key} is the same kernel parameter as another key here", "keep one of the two"


def not_base64() -> Words:
    return "this is not base64", "make it with: base64 FILE"


def presets_contradict(where: str, one: str, value: object, other: str, wanted: object) -> Words:
    sentence = f"{other} wants {where} to be {shown(wanted)}, and {one} wants {shown(value)}"
    return sentence, f"write {where} yourself: what the profile says wins"
