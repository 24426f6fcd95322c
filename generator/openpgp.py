"""What somebody signed, looked at by gpgv of GnuPG, for one key that is known by its fingerprint.

Where the public key comes from does not matter: what makes it the right one is the fingerprint. What is valid is what
gpgv says on its status lines (doc/DETAILS of GnuPG). They end at a line feed and nowhere else: a user's name, which
whoever made the key has chosen, stands in them with all that Unicode takes for the end of a line.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from pathlib import Path

from generator import proc, scratch

_ERRORS = 2  # gpgv's exit code where a signature could not be checked; of a bad one it is 1
_NO_PUBKEY = "9"  # of ERRSIG: the key is not among those that are there
_HARMLESS = frozenset(
    "NEWSIG KEY_CONSIDERED SIG_ID GOODSIG VALIDSIG ERRSIG NO_PUBKEY PLAINTEXT PLAINTEXT_LENGTH".split()  # noqa: SIM905
)
# Two texts of one SHA-1 can be made; GnuPG takes it all the same. As with apt of Debian 13, keys that nothing but SHA-1
# binds to their names are none, either.
_STRICT = ("--weak-digest", "SHA1")
_LAST = 15  # lines of it that are told


class NotSignedError(Exception):
    """Its text says why, in words that can stand behind a colon."""


def verified(document: bytes, keys: bytes, fingerprint: str, signature: bytes | None = None) -> bytes:
    """What was signed: the document, or where it carries its signature in itself, what stands between the marks.

    `keys` is one or more public keys, armoured or not; `fingerprint` is upper-case and of the primary key that must
    have signed. Raises NotSignedError, and ToolError where gpgv is missing.
    """
    proc.find("gpgv")
    with scratch.folder(scratch.usual(), "nodebake-signed.") as work:
        (work / "keys").write_bytes(binary(keys))
        (work / "document").write_bytes(document)
        argv: list[str | Path] = ["gpgv", *_STRICT, "--homedir", work, "--status-fd", "1", "--keyring", work / "keys"]
        if signature is not None:
            (work / "signature").write_bytes(signature)
            _ask([*argv, work / "signature", work / "document"], fingerprint)
            return document
        _ask([*argv, "--output", work / "plain", work / "document"], fingerprint)
        return (work / "plain").read_bytes()


def _ask(argv: list[str | Path], fingerprint: str) -> None:
    code, lines = proc.ask(argv)
    rows = [line.split(" ")[1:] for line in lines if line.startswith("[GNUPG:] ")]
    if code != 0 and not (code == _ERRORS and _all_passed_over(rows, fingerprint)):
        raise NotSignedError(_words(lines))
    found = list(_signers(rows))
    good = {signer for verdict, signer in found if verdict == "GOODSIG"}
    if fingerprint not in good:
        raise NotSignedError(f"by {', '.join(sorted(good))}" if good else _words(lines))
    if any(signer == fingerprint and verdict != "GOODSIG" for verdict, signer in found):
        raise NotSignedError(_words(lines))


def _all_passed_over(rows: list[list[str]], fingerprint: str) -> bool:
    """Whether gpgv failed for nothing but signatures by keys that are not there, as where a repository changes its key.

    Whatever else there is, refuses: a bad signature, one that has expired, a second text.
    """
    errors = [row for row in rows if row[0] == "ERRSIG"]
    absent = all(row[6:7] == [_NO_PUBKEY] and fingerprint not in row for row in errors)
    words = [row[0] for row in rows]
    return bool(errors) and absent and set(words) <= _HARMLESS and words.count("PLAINTEXT") <= 1


def _signers(rows: list[list[str]]) -> Iterator[tuple[str, str]]:
    """Of each signature that fits its text the word before VALIDSIG (its key may have expired), and its primary key."""
    verdict = ""
    for row in rows:
        if row[0] == "VALIDSIG":
            yield verdict, row[-1]
        verdict = row[0] if row[0].endswith("SIG") else verdict


def _words(lines: list[str]) -> str:
    """What of it is meant for people."""
    said = [line.partition("gpgv: ")[2].strip() for line in lines[-_LAST:] if "gpgv: " in line]
    return "; ".join(said) or "gpgv found no signature"


def binary(keys: bytes) -> bytes:
    """Keys as gpgv takes them: without armour (RFC 9580, 6.2), of which headers, checksums and what is between go.

    Raises NotSignedError where the armour has no base64 in it.
    """
    if b"-----BEGIN PGP" not in keys:
        return keys
    blocks: list[bytearray] = []
    inside = False
    for line in map(bytes.strip, keys.splitlines()):
        if line.startswith(b"-----BEGIN PGP PUBLIC"):
            blocks.append(bytearray())
        elif line.startswith((b"=", b"-----")):
            inside = False
        elif blocks and not line and not blocks[-1]:
            inside = True
        elif inside:
            blocks[-1] += line
    try:
        return b"".join(base64.b64decode(block, validate=True) for block in blocks)
    except binascii.Error as error:
        raise NotSignedError(f"the key is no OpenPGP key: {error}") from None
