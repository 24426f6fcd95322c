"""What can be wrong with a profile: each a sentence, and a hint at what to do. errors.py has the exceptions."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.errors import shown

Words = tuple[str, str]  # sentence, hint
_QUOTABLE = 50  # characters: what is shown whole

# As YAML.

SECOND_DOCUMENT = ("a profile is one YAML document, and here a second one begins", "put it into a file of its own")
ALIAS = ("anchors and aliases (&, *) are not taken", "write the value out")
TAG = ("YAML tags (!) are not taken", "write a plain value, quoted if it is text")
MERGE_KEY = ("merge keys (<<) are not taken", "write the values out")
NOT_TEXT = ("holds NUL bytes, so it is not UTF-8 text", "save it as UTF-8")
MORE = ("and more, which is not told", "mend these first")
_START = "start from profiles/k8s-node.yaml"
_STARTS = {"list of nodes": "a line for each: - hostname: node-1"}  # of other kinds
EMPTY = ("the profile is empty", _START)
NOT_A_MAPPING = ("a profile is a mapping of settings", _START)


def of_kind(kind: str, sentence: str, hint: str) -> Words:
    """What is said of a profile, of a file of another kind."""
    said = re.sub(r"^(.*ends a|a|the) profile\b", rf"\1 {kind}", sentence)
    start = _STARTS.get(kind, f"docs/{kind}.md has one")
    return re.sub(r"\ba mapping of settings\b", "a mapping", said), hint.replace(_START, start)


# Why a setting is there that nobody wrote.
ALWAYS = "an image multiplies every mistake by the number of its clones"


def unseen_character(code: int) -> Words:
    if code == ord("\r"):
        return "a carriage return without a line feed is not taken", "save it with the line ends of Unix"
    if 0xDC80 <= code <= 0xDCFF:  # so Python has what it could not decode
        return f"the byte 0x{code - 0xDC00:02X} is no UTF-8 text", "save it as UTF-8"
    return f"the character U+{code:04X} cannot be seen and is not taken", "delete it"


def too_deep(limit: int) -> Words:
    return f"nested more than {limit} deep", "no setting needs that"


_BETTER = {  # by a part of what libyaml says
    "expected <document start>": ("the line `...` ends a profile, and text stands after it", "leave out the `...`"),
    "incompatible YAML document": ("this version of YAML is not known", "leave the line %YAML out"),
    "directive name": ("there is no such directive of YAML", "leave the line out that begins with %"),
    "Unicode character escape": ("half a character is escaped here", "write the character itself, or as \\U0001F600"),
}


def bad_yaml(problem: str, rest: str, depth: int) -> Words:
    """The parser's words, but for the causes that have better ones. From 6.0.4 on PyYAML limits the depth itself.

    `rest` is what stands at the place, and the blanks before it.
    """
    if "nesting depth" in problem:
        return too_deep(depth)
    if "tab character where" in problem:  # in a block of text, which may well begin with one
        return "a tab cannot indent YAML", "use spaces; a block that begins with a tab is written |2"
    if rest.lstrip(" ").startswith("\t") or "\t" in problem:
        return "a tab cannot indent YAML", "use spaces"
    if "expected ':'" in problem:
        return (
            "this is not YAML: a key without its colon",
            "a key is written `key: value`, with a blank after the colon",
        )
    for said, words in _BETTER.items():
        if said in problem:
            return words
    return f"this is not YAML: {problem}", "look at the line above too: a quote or a bracket may be open"


def bad_key(text: str) -> Words:
    return f"the key {shown(text)} is not text", "put it in quotes"


def duplicate_key(line: int) -> Words:
    return f"this key stands at line {line} already", "keep one of the two"


SECRET_REFUSED = ("a secret value cannot be this; it is not told what it is", "a text in quotes, or a whole number")
NO_VALUE = ("there is no value here", "give one, or leave the key out")


_DECIMAL = re.compile(r"-?[0-9]{1,9}\.[0-9]{1,9}")


def ambiguous_scalar(kind: str, text: str, value: object) -> Words:
    """`value` is what YAML 1.1 makes of it: a truth value, or the text again."""
    kinds = {"int": "a number", "float": "a number", "bool": "true or false", "timestamp": "a date"}
    sentence = f"unquoted, YAML 1.1 reads {shown(text)} as {kinds[kind]}, in a way of its own"
    if isinstance(value, bool):
        return sentence, f"write {str(value).lower()}"
    if _DECIMAL.fullmatch(text):
        sentence = f"unquoted, YAML reads {shown(text)} as the number {float(text)}"
    short = len(text) < _QUOTABLE
    return sentence, f"put it in quotes: {shown(text)}" if short else "put it in quotes"


_LONG = re.compile(r"-?[1-9][0-9]{18,}")


def no_plain_number(text: str) -> Words:
    """Where a number may stand: of some of these the text is not taken either."""
    if ":" in text:  # a time, a MAC
        return ambiguous_scalar("int", text, text)
    if _LONG.fullmatch(text):
        return f"{shown(text)} is too long for a number", "write a smaller one; where text is taken, put it in quotes"
    sentence, _ = ambiguous_scalar("int", text, text)
    return sentence, "write a number in plain digits, with no 0 before it; what is meant as text, in quotes"


# By its schema.

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "object": "a mapping",
    "array": "a list",
    "boolean": "true or false",
}
_YES = {"yes", "on", "true", "y", "1"}
_NO = {"no", "off", "false", "n", "0"}
_PYTHON_TYPES = {str: "string", int: "integer", dict: "object", list: "array", bool: "boolean"}


def unknown_key(key: str, guesses: Sequence[str], known: Sequence[str]) -> Words:
    hint = f"did you mean {guesses[0]}?" if guesses else f"known here: {', '.join(sorted(known))}"
    return f"there is no setting {shown(key)} here", hint


def missing_key(key: str) -> Words:
    return f"{key} is missing", f"add {key}:"


def wrong_type(found: object, wanted: object, text: str, example: str) -> Words:
    """`text` is how a scalar was written, `example` the hint where nothing better is known."""
    names = [wanted] if isinstance(wanted, str) else list(wanted) if isinstance(wanted, list) else []
    want = " or ".join(_TYPES.get(name, str(name)) for name in names)
    have = _TYPES.get(_PYTHON_TYPES.get(type(found), ""), "nothing")
    hint = f'put it in quotes: "{text}"' if "string" in names and isinstance(found, int) else ""
    if isinstance(found, bool) and "integer" in names:
        hint = f"write {found:d}"
    elif "boolean" in names:
        hint = (
            f"write {'true' if text.lower() in _YES else 'false'}"
            if text.lower() in _YES | _NO
            else "write true or false"
        )
    reads = (
        "this is"
        if text in ("", "true", "false") or not isinstance(found, bool)
        else f"YAML 1.1 reads {shown(text)} as"
    )
    return f"{want} is wanted here, and {reads} {have}", hint or example


def not_among(found: object, allowed: Sequence[object], guesses: Sequence[str], remedy: str) -> Words:
    """`remedy` is what to do about this very value, where its schema knows (`remedies`)."""
    one_of = ", ".join(str(value) for value in allowed)
    sentence = f"{shown(found)} is not one of: {one_of}" if len(allowed) > 1 else f"{shown(found)} is not {one_of}"
    only = f"write {allowed[0]}" if len(allowed) == 1 else ""
    return sentence, remedy or (f"did you mean {guesses[0]}?" if guesses else only)


def not_of_the_form(found: object, form: str) -> Words:
    return f"{shown(found)} does not have the right form", form


def not_taken(found: object, why: str) -> Words:
    return f"{shown(found)} is not taken here", why


def out_of_bounds(found: object, keyword: str, bound: object) -> Words:
    empty = "give one, or leave the key out" if bound == 1 else ""
    words = {
        "minItems": (f"at least {bound} wanted here", empty),
        "maxItems": (f"at most {bound} taken here", "leave some out"),
        "minLength": (f"at least {bound} {'character' if bound == 1 else 'characters'} wanted here", empty),
        "maxLength": (f"at most {bound} characters taken here", "write a shorter one"),
        "minProperties": (f"at least {bound} wanted here", empty),
        "maxProperties": (f"at most {bound} taken here", "leave some out"),
        "minimum": (f"{shown(found)} is less than {bound}", f"write {bound} or more"),
        "maximum": (f"{shown(found)} is more than {bound}", f"write {bound} or less"),
        "uniqueItems": ("the same value stands here twice", "keep one of the two"),
    }
    return words.get(keyword, (f"{shown(found)} is refused by {keyword}", ""))


# Between settings.


def two_files(path: str, other: str) -> Words:
    return f"{path} is written by {other} too", "write it in one place"


def below_a_file(path: str, file: str) -> Words:
    return f"{path} lies below {file}, which is a file here", "one of the two paths has to change"


def not_as_the_kernel_prints(text: str, number: int) -> Words:
    return f"{shown(text)} is read back from the kernel as {number}, so it would never be found", f"write {number}"


def expected_twice(name: str) -> Words:
    return f"{name} stands in this list twice", "keep one of the two"


def unit_contradicted(stem: str, unit: str, wanted: str, state: str) -> Words:
    what = "not masked" if wanted == "loaded" else wanted
    return f"the setting {stem} needs {unit} {what}, and here it is {state}", "leave the line out, or the setting"


def same_key_twice(key: str) -> Words:
    return f"{key} is the same kernel parameter as another key here", "keep one of the two"


def same_module_twice(name: str) -> Words:
    return (
        f"{name} is the same module as another one here",
        "keep one of the two: - and _ are the same in a module's name",
    )


_SYSCTL_READERS = {"boot": " at every boot", "procps": " when somebody runs `sysctl --system`", "never": ""}


def sysctl_in_a_file(where: str, key: str, does: str, when: str, want: str) -> Words:
    """A line of a file that the profile lays beats a parameter that it sets, or contradicts it."""
    sentence = f"{where} {does}{_SYSCTL_READERS[when]}, and sysctl wants {_plain(want)}"
    return sentence, f"take that line out of the file, or write under sysctl what {key} shall be"


def interfaces_in_a_file(where: str, does: str, want: str) -> Words:
    """A line of a file that the profile lays beats a parameter of interfaces that the preset sets."""
    sentence = f"{where} {does} at every boot, and kubernetes wants {_plain(want)}"
    return sentence, "take that line out of the file; for one interface alone write its own name in it"


def sysctl_line(key: str, value: str | None, text: str | None) -> str:
    """What a line with the value `text` (None: an exclusion) does; `value` is what becomes of it, None: nothing."""
    if value is not None:
        return f"sets {key} to {_plain(value)}"
    if text is None:
        return f"takes {key} out again"
    return f"sets {key} to {_plain(text)}, which the kernel does not take,"


def _plain(value: str) -> str:
    return shown(int(value) if value.removeprefix("-").isdecimal() else value)


def sysctl_masked() -> Words:
    return "without this service nothing sets the parameters of sysctl at a boot", "leave it, or sysctl, out"


def sysctl_undone(other: str, value: str) -> Words:
    return f"{other}, which is set after it, makes this {_plain(value)}", "keep one of the two"


def sysctl_refused(want: str, takes: str) -> Words:
    """`takes` is what it takes, "" where that is not known."""
    hint = f"write {takes}" if takes else "look it up in the kernel's admin-guide/sysctl"
    return f"the kernel does not take {_plain(want)} for this", hint


def not_base64() -> Words:
    return "this is not base64", "make it with: base64 FILE"


def swap_size(size: str, smallest: int, largest: int) -> Words:
    return f"{size} of swap is not between {smallest}MiB and {largest >> 10}GiB", "write a size such as 2GiB"


def presets_contradict(where: str, one: str, value: object, other: str, wanted: object) -> Words:
    sentence = f"{other} wants {where} to be {shown(wanted)}, and {one} wants {shown(value)}"
    return sentence, f"write {where} yourself: what the profile says wins"
