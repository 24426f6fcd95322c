"""DSSE 1.0, the envelope in which a statement is signed: what is signed is the type and the bytes, never a JSON text.

By `cryptography` alone. securesystemslib, which has an Envelope too, needs it as well, and its verify() takes only
signatures whose key id it knows, though DSSE says that the id is a hint and must not decide.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator import strict_json
from generator.attest import keys, sentences

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
_MOST = 16  # signatures of one envelope: each is tried, over all of the payload
_URL_SAFE = bytes.maketrans(b"-_", b"+/")  # DSSE: a reader accepts both alphabets


@dataclass(frozen=True, slots=True)
class Envelope:
    """What was signed, and the signatures on it, whoever made them."""

    kind: str
    payload: bytes
    signatures: tuple[bytes, ...]

    def signed_by(self, key: Ed25519PublicKey) -> bool:
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

        for signature in self.signatures:
            try:
                key.verify(signature, _encoded(self.kind, self.payload))
            except InvalidSignature:
                continue
            return True
        return False


def sign(payload: bytes, key: Ed25519PrivateKey) -> str:
    """The envelope, as one line of JSON without its end."""
    signature = key.sign(_encoded(PAYLOAD_TYPE, payload))
    document = {
        "payloadType": PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"keyid": keys.ident(key.public_key()), "sig": base64.b64encode(signature).decode()}],
    }
    return json.dumps(document, separators=(",", ":"))


def read(line: str) -> Envelope:
    """Back from a line. Raises ValueError, with the sentence, where it is no envelope of an in-toto statement."""
    try:
        document = strict_json.loads(line)
    except strict_json.KeyTwiceError as error:
        raise ValueError(sentences.key_twice(error.key)) from None
    except (ValueError, RecursionError):
        raise ValueError(sentences.NOT_JSON) from None
    match document:
        case {"payloadType": str(kind), "payload": str(payload), "signatures": list(rows)} if rows:
            if kind != PAYLOAD_TYPE:
                raise ValueError(sentences.other_payload(kind))
            if len(rows) > _MOST:
                raise ValueError(sentences.too_many_signatures(_MOST))
            return Envelope(kind, _decoded(payload), tuple(_signature(row) for row in rows))
    raise ValueError(sentences.NO_ENVELOPE)


def _signature(row: Mapping[str, Any]) -> bytes:
    match row:
        case {"sig": str(text)}:
            return _decoded(text)
    raise ValueError(sentences.NO_ENVELOPE)


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii").translate(_URL_SAFE), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError(sentences.NOT_BASE64) from None


def _encoded(kind: str, payload: bytes) -> bytes:
    """DSSE's pre-authentication encoding."""
    name = kind.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)
