"""IMAGE.intoto.jsonl: one envelope a line, which in-toto calls a bundle. Only what was signed is believed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import regular, strict_json
from generator.attest import dsse, keys, sentences, statements

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

_LARGEST = 64 << 20


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was signed by the key that was asked for. `line` counts from 1."""

    file: str
    line: int
    document: Any

    @property
    def kind(self) -> str:
        return self.text("predicateType")

    @property
    def subjects(self) -> dict[str, dict[str, str]]:
        """Digests by algorithm, by the name of what they are of."""
        return {self.text("name", row): self._digests(row) for row in self.rows("subject")}

    def _digests(self, row: dict[str, Any]) -> dict[str, str]:
        found = self.at("digest", row)
        if not isinstance(found, dict) or not found or not all(isinstance(value, str) for value in found.values()):
            raise self.lacks("subject.digest")
        return found

    def at(self, path: str, start: Any = None) -> Any:  # noqa: ANN401 - JSON
        """What is at a path of keys with dots between. Raises a refusal that names it where there is nothing."""
        found = self.document if start is None else start
        for key in path.split("."):
            if not isinstance(found, dict) or key not in found:
                raise self.lacks(path)
            found = found[key]
        return found

    def text(self, path: str, start: Any = None) -> str:  # noqa: ANN401 - JSON
        found = self.at(path, start)
        if not isinstance(found, str):
            raise self.lacks(path)
        return found

    def rows(self, path: str) -> Iterator[dict[str, Any]]:
        """A list of mappings."""
        found = self.at(path)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.lacks(path)
        return iter(found)

    def texts(self, path: str) -> list[str]:
        found = self.at(path)
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise self.lacks(path)
        return found

    def lacks(self, path: str) -> Exception:
        return sentences.no_attestation(self.file, sentences.bad_line(self.line, sentences.lacks(path)))


def write(documents: Iterable[statements.Document], key: Ed25519PrivateKey) -> bytes:
    """The file."""
    return "".join(f"{dsse.sign(statements.packed(one), key)}\n" for one in documents).encode()


def read(path: Path, key: Ed25519PublicKey) -> tuple[Statement, ...]:
    """The statements of a file, each of which `key` signed.

    Raises a refusal where it is no such file, and CheckFailed where one line of it was not signed by that key.
    """
    name = str(path)
    envelopes = [_envelope(name, number, line) for number, line in enumerate(_lines(path), 1)]
    for number, envelope in enumerate(envelopes, 1):
        if not envelope.signed_by(key):
            raise sentences.not_signed(name, number, keys.ident(key))
    return tuple(_statement(name, number, envelope) for number, envelope in enumerate(envelopes, 1))


def _lines(path: Path) -> list[str]:
    try:
        with regular.opened(path) as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise sentences.not_read(str(path), error.strerror or str(error)) from None
    if len(raw) > _LARGEST:
        raise sentences.no_attestation(str(path), sentences.TOO_LARGE)
    if not raw:
        raise sentences.no_attestation(str(path), sentences.EMPTY)
    if not raw.endswith(b"\n"):
        raise sentences.no_attestation(str(path), sentences.CUT)
    return raw[:-1].decode("utf-8", "replace").split("\n")


def _envelope(name: str, number: int, line: str) -> dsse.Envelope:
    try:
        return dsse.read(line)
    except ValueError as error:
        raise sentences.no_attestation(name, sentences.bad_line(number, str(error))) from None


def _statement(name: str, number: int, envelope: dsse.Envelope) -> Statement:
    try:
        found = Statement(name, number, strict_json.loads(envelope.payload))
    except strict_json.KeyTwiceError as error:
        raise sentences.no_attestation(name, sentences.bad_line(number, sentences.key_twice(error.key))) from None
    except (ValueError, RecursionError):
        raise sentences.no_attestation(name, sentences.bad_line(number, sentences.NOT_JSON)) from None
    if found.text("_type") != statements.STATEMENT:
        raise found.lacks("_type")
    if found.kind not in (statements.PROVENANCE, statements.TEST_RESULT):
        why = sentences.bad_line(number, sentences.other_statement(found.kind))
        raise sentences.no_attestation(name, why)
    return found
