"""A file that is no attestation, or was changed after it was signed."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from generator import errors
from generator.attest import bundle, dsse, keys, statements
from tests.attest.conftest import Attested

Envelopes = list[dict[str, Any]]


def _refused(attested: Attested, content: bytes) -> errors.NodebakeError:
    attested.file.write_bytes(content)
    with pytest.raises(errors.NodebakeError) as caught:
        bundle.read(attested.file, attested.key.public_key())
    return caught.value


def _said(attested: Attested, content: bytes) -> str:
    error = _refused(attested, content)
    assert error.exit_code == errors.REFUSED
    return error.sentence.removeprefix(f"{attested.file} is no attestation of nodebake: ")


BAD = [
    (b"", "it is empty"),
    (b"{}", "it was cut: its last line has no end"),
    (b"{}\n", "line 1: this is no DSSE envelope"),
    (b"[" * 100_000 + b"\n", "line 1: this is no JSON"),
    (b"\xff\xfe\n", "line 1: this is no JSON"),
    (b"\n", "line 1: this is no JSON"),
    (b'{"payloadType": "x", "payload": "", "signatures": []}\n', "line 1: this is no DSSE envelope"),
    (b'{"payloadType": 1, "payload": "", "signatures": [{}]}\n', "line 1: this is no DSSE envelope"),
    (
        b'{"payloadType": "text/plain", "payload": "", "signatures": [{"sig": ""}]}\n',
        "line 1: its payload is 'text/plain', not an in-toto statement",
    ),
    (b'{"payload": "", "payload": "x", "signatures": [{}]}\n', "line 1: the key 'payload' is there twice"),
    (
        b'{"payloadType": "application/vnd.in-toto+json", "payload": "", "signatures": ['
        + b", ".join([b'{"sig": ""}'] * 17)
        + b"]}\n",
        "line 1: it has more than 16 signatures",
    ),
]


@pytest.mark.parametrize(("content", "sentence"), BAD)
def test_what_is_none(attested: Attested, content: bytes, sentence: str) -> None:
    assert _said(attested, content) == sentence


def test_a_file_that_was_cut_anywhere(attested: Attested) -> None:
    """Between two lines it is whole, and then the provenance tells (test_check.py)."""
    whole = attested.file.read_bytes()
    for end in range(1, len(whole), 97):
        if whole[end - 1 : end] != b"\n":
            assert _said(attested, whole[:end]) == "it was cut: its last line has no end"


def _changed(attested: Attested, change: Callable[[dict[str, Any]], None]) -> bytes:
    rows: Envelopes = [json.loads(line) for line in attested.file.read_text().splitlines()]
    change(rows[1])
    return "".join(f"{json.dumps(row)}\n" for row in rows).encode()


def _payload(row: dict[str, Any]) -> None:
    document = json.loads(base64.b64decode(row["payload"]))
    document["predicate"]["result"] = "WARNED"
    row["payload"] = base64.b64encode(json.dumps(document).encode()).decode()


def _signature(row: dict[str, Any]) -> None:
    raw = bytearray(base64.b64decode(row["signatures"][0]["sig"]))
    raw[5] ^= 1
    row["signatures"][0]["sig"] = base64.b64encode(raw).decode()


@pytest.mark.parametrize("change", [_payload, _signature])
def test_one_changed_line_spoils_all(attested: Attested, change: Callable[[dict[str, Any]], None]) -> None:
    error = _refused(attested, _changed(attested, change))
    assert isinstance(error, errors.CheckFailed)
    ident = keys.ident(attested.key.public_key())
    assert error.sentence == f"{attested.file}: line 2 was not signed by {ident}, or was changed since"


def _other_type(row: dict[str, Any]) -> None:
    row["payloadType"] = "application/vnd.in-toto+JSON"


def _not_base64(row: dict[str, Any]) -> None:
    row["payload"] += "!"


def test_another_payload_type(attested: Attested) -> None:
    said = _said(attested, _changed(attested, _other_type))
    assert said == "line 2: its payload is 'application/vnd.in-toto+JSON', not an in-toto statement"
    assert _said(attested, attested.file.read_bytes().splitlines(True)[0] + b"x\n") == "line 2: this is no JSON"


def test_no_base64(attested: Attested) -> None:
    said = _said(attested, _changed(attested, _not_base64))
    assert said == "line 2: its payload or a signature is no base64"


def test_the_key_id_is_a_hint_and_any_alphabet_is_read(attested: Attested) -> None:
    """As DSSE says; so is a second signature of somebody else's."""

    def change(row: dict[str, Any]) -> None:
        signature = row["signatures"][0]
        url_safe = base64.urlsafe_b64encode(base64.b64decode(signature["sig"])).decode()
        row["signatures"] = [{"keyid": "x", "sig": base64.b64encode(b"\0" * 64).decode()}, {"sig": url_safe}]

    attested.file.write_bytes(_changed(attested, change))
    assert len(bundle.read(attested.file, attested.key.public_key())) == 3


UNKNOWN = [
    ({}, "_type"),
    ({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": ""}, "_type"),
    ({"_type": statements.STATEMENT}, "predicateType"),
    ([], "_type"),
]


@pytest.mark.parametrize(("document", "path"), UNKNOWN)
def test_the_key_signed_something_else(attested: Attested, document: Any, path: str) -> None:
    said = _said(attested, bundle.write([document], attested.key))
    assert said == f"line 1: its statement has no {path} as it should be"


def test_the_key_signed_something_twice(attested: Attested) -> None:
    line = dsse.sign(b'{"_type": "a", "_type": "b"}', attested.key)
    assert _said(attested, f"{line}\n".encode()) == "line 1: the key '_type' is there twice"


def test_the_key_signed_another_predicate(attested: Attested) -> None:
    other = {"_type": statements.STATEMENT, "predicateType": "https://spdx.dev/Document"}
    said = _said(attested, bundle.write([other], attested.key))
    assert said == "line 1: its predicate is 'https://spdx.dev/Document', which nodebake does not write"


@pytest.mark.parametrize(
    ("kept", "sentence"),
    [
        (slice(1, 3), "it does not say how the image was built"),
        (slice(0, 1), None),
    ],
)
def test_without_provenance(attested: Attested, kept: slice, sentence: str | None) -> None:
    attested.sign(attested.documents[kept])
    with pytest.raises(errors.NodebakeError) as caught:
        attested.check()
    if sentence:
        assert caught.value.sentence == f"{attested.file} is no attestation of nodebake: {sentence}"
    else:
        assert caught.value.sentence.count("was attested with it, and is not there") == 2


def test_twice_the_provenance(attested: Attested) -> None:
    attested.sign([attested.documents[0]] * 2)
    with pytest.raises(errors.NodebakeError, match=r"it says twice how the image was built$"):
        attested.check()


@pytest.mark.parametrize("path", ["subject", "predicate.runDetails.byproducts", "predicate.buildDefinition"])
def test_a_statement_with_something_missing(attested: Attested, path: str) -> None:
    documents = attested.documents
    *above, last = path.split(".")
    holder = documents[0]
    for key in above:
        holder = holder[key]
    holder[last] = 3
    attested.sign(documents)
    with pytest.raises(errors.NodebakeError, match=r"line 1: its statement has no .* as it should be$") as caught:
        attested.check()
    assert caught.value.exit_code == errors.REFUSED


# Others read what we write.


def test_securesystemslib_reads_it(attested: Attested) -> None:
    for line in attested.file.read_text().splitlines():
        envelope = Envelope.from_dict(json.loads(line))
        key = SSlibKey.from_crypto(attested.key.public_key(), keyid=keys.ident(attested.key.public_key()))
        assert envelope.verify([key], 1)


def test_openssl_reads_it(attested: Attested, tmp_path: Path) -> None:
    """With nothing but openssl, base64 and DSSE's one line of encoding."""
    line = json.loads(attested.file.read_text().splitlines()[0])
    payload, kind = base64.b64decode(line["payload"]), line["payloadType"]
    (tmp_path / "signed").write_bytes(f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload)
    (tmp_path / "sig").write_bytes(base64.b64decode(line["signatures"][0]["sig"]))
    pem = attested.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "pub").write_bytes(pem)
    argv = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "pub", "-rawin", "-in", "signed", "-sigfile", "sig"]
    done = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Signature Verified Successfully\n")


def test_in_totos_own_names() -> None:
    """They are other people's contracts: no reader of ours would notice a typo."""
    assert dsse.PAYLOAD_TYPE == "application/vnd.in-toto+json"
    assert statements.STATEMENT == "https://in-toto.io/Statement/v1"
    assert statements.PROVENANCE == "https://slsa.dev/provenance/v1"
    assert statements.TEST_RESULT == "https://in-toto.io/attestation/test-result/v0.1"
