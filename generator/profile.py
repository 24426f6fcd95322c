"""A profile file -> Profile: the bytes are read once, parsed strictly, and held against the schema."""

from __future__ import annotations

import codecs
import hashlib
import itertools
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator import distro, errors, network, positions, regular, schema, variables
from generator.model import BasePin, Profile, Signed
from generator.sentences import inputs

_FILLED = (
    1 << 16
)  # values that are looked at while choices of `one_of` are tried, 12 µs each; fleet looks at each node's


def load(source: str) -> Profile:
    """Read a profile; `-` is stdin. Raises Refused with every finding."""
    found = read(source)
    if found.document.findings:
        raise errors.Refused(found.document.findings)
    return found.profile


@dataclass(frozen=True, slots=True)
class Reading:
    """A profile as far as it could be read: what is wrong with it, and the settings with which nothing is."""

    document: positions.Document
    profile: Profile


def read(source: str, given: Mapping[str, Any] | None = None) -> Reading:
    """Read a profile; `-` is stdin. Raises Refused only for what is no text.

    `given` is what stands for the values that differ from node to node; without it their defaults do, or samples.
    """
    return of_bytes(bytes_of(source), source, given)


def of_bytes(raw: bytes, source: str, given: Mapping[str, Any] | None = None) -> Reading:
    """As `read`, of a profile's bytes that were read before; `source` is what it is called."""
    document = positions.parse(text_of(raw, source), source)
    if document.value is not None or not document.findings:
        schema.validate(document)
        variables.check(document)
        written = document.value if isinstance(document.value, dict) else {}
        if "network" in written and document.sound("network") and document.sound("vars"):
            check_network(document)
    return Reading(document, _profile(document, hashlib.sha256(raw).hexdigest(), {} if given is None else given))


def check_network(document: positions.Document, given: Mapping[str, Any] | None = None) -> None:
    """Find what is wrong with `network` for a node with these values, or else its defaults, samples and each choice."""
    written = document.value["network"]
    declared = _filling(document, {}).declared
    secrets = [str(value) for value in _secret(declared, given or {})]
    network.check(document, network_of(document, given or {}), secrets)
    names = [name for _, name in variables.named(written, ())] if given is None else []
    for choice in itertools.islice(_choices(names, declared), _FILLED // _size(written)):
        if not document.findings:
            network.check(document, network_of(document, choice), secrets)


def _secret(declared: Mapping[str, Mapping[str, Any]], given: Mapping[str, Any]) -> Iterator[Any]:
    """What stands, or may stand, for a value that is not told."""
    for name, entry in declared.items():
        if entry.get("secret"):
            yield from (value for key, value in entry.items() if key == "default")
            yield from entry.get("one_of", ())
            yield from (value for key, value in given.items() if key == name)


def _size(node: Any) -> int:  # noqa: ANN401
    members = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    return 1 + sum(map(_size, members))


def _choices(names: list[str], declared: Mapping[str, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Each value that each name may have, the others' defaults or samples beside it."""
    for name in dict.fromkeys(names):
        yield from ({name: value} for value in declared.get(name, {}).get("one_of", ()))


def network_of(document: positions.Document, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A sound profile's `network` with these values, and defaults or samples for the others."""
    return dict(_filling(document, given).tree(document.value["network"]))


def text_of(raw: bytes, source: str) -> str:
    """The bytes of a file as text. Raises Refused with the place of what is none."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _no_text(raw, error.start, source) from None


def _no_text(raw: bytes, at: int, source: str) -> errors.Refused:
    kinds = {"UTF-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE), "UTF-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)}
    for kind, marks in kinds.items():  # the first mark of UTF-32 begins with one of UTF-16
        if raw.startswith(marks):
            return inputs.is_utf(kind, source)
    return inputs.not_utf8(source, *_place(raw, at), raw[at])


def bytes_of(source: str) -> bytes:
    """At most MAX_BYTES of a regular file, or of stdin. Raises Refused where it cannot be read, or is more."""
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(positions.MAX_BYTES + 1)
        else:
            with regular.opened(source) as file:
                raw = file.read(positions.MAX_BYTES + 1)
    except regular.NotRegularError:
        raise errors.not_a_file(source) from None
    except OSError as error:
        raise errors.unreadable(source, error.strerror or str(error)) from None
    if len(raw) > positions.MAX_BYTES:
        raise errors.too_large(source, _place(raw, positions.MAX_BYTES), positions.MAX_BYTES)
    return raw


def _place(raw: bytes, at: int) -> tuple[int, int]:
    """The line and column, both from 1, of a byte."""
    line = raw[:at].rpartition(b"\n")[2]
    return raw.count(b"\n", 0, at) + 1, len(line.decode("utf-8", "replace")) + 1


def _profile(document: positions.Document, digest: str, given: Mapping[str, Any]) -> Profile:
    """Of the keys that are sound; the others are as if they had not been written."""
    written = document.value if isinstance(document.value, dict) else {}
    value: dict[str, Any] = {key: part for key, part in written.items() if document.sound(key)}
    filling = _filling(document, given)
    settings = {stem: value[stem] for stem in schema.stems() if stem in value}
    if "files" in settings:
        settings["files"] = [filling.file(entry) for entry in settings["files"]]
    network_config = filling.tree(value["network"]) if "network" in value else None
    return Profile(
        name=value.get("name", ""),
        base=_base(value.get("base", distro.DEFAULT)),
        mirror=_mirror(value.get("base")),
        settings=settings,
        digest=digest,
        source=document.file,
        marks={**document.marks, **document.keys},
        vars=filling.declared,
        network=network_config,
        uses=tuple(sorted(filling.used)),
        unset=tuple(sorted(filling.unset)),
    )


def _filling(document: positions.Document, given: Mapping[str, Any]) -> variables.Filling:
    declared = document.value.get("vars", {}) if isinstance(document.value, dict) and document.sound("vars") else {}
    return variables.Filling(declared, given, set(), set())


def _base(value: str | dict[str, Any]) -> str | BasePin:
    if isinstance(value, str):
        return value
    named = value.get("distro", distro.DEFAULT)
    return BasePin(value["url"], value["sha256"], named, _signed(value.get("signed"))) if "url" in value else named


def _signed(value: Mapping[str, str] | None) -> Signed | None:
    if value is None:
        return None
    fingerprint = value["fingerprint"].replace(" ", "").upper()
    return Signed(value["sums"], value["key"], fingerprint, value.get("signature", ""))


def _mirror(value: str | dict[str, Any] | None) -> str:
    named = value if isinstance(value, dict) else {}
    return " ".join(named[key] for key in ("mirror", "security_mirror") if key in named)
