"""What gpgv says of a signature, and whose word is taken: real keys of GnuPG, real signatures, the real gpgv."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator import openpgp

TEXT = b"Origin: tests\nSHA256:\n a b\n"
LONG_AGO = ("--faked-system-time", "20200101T000000")
Signed = Callable[..., bytes]


class Keys:
    """Some keys in one home, by their names."""

    def __init__(self, home: Path) -> None:
        self.home = home
        home.mkdir(mode=0o700)

    def __call__(self, *words: str | Path, text: bytes = b"") -> bytes:
        argv = ["gpg", "--homedir", self.home, "--batch", "--pinentry-mode", "loopback", "--passphrase", "", *words]
        return subprocess.run(argv, check=True, capture_output=True, input=text).stdout

    def make(self, name: str, *then: str, expires: str = "never") -> str:
        """Its fingerprint."""
        self(*then, "--quick-gen-key", name, "ed25519", "sign", expires)
        return self.fingerprints(name)[0]

    def make_rsa(self, name: str, *then: str) -> str:
        """One that signs SHA-1, too, which ed25519 does not."""
        self(*then, "--quick-gen-key", name, "rsa2048", "sign", "never")
        return self.fingerprints(name)[0]

    def fingerprints(self, name: str) -> list[str]:
        """Of the key, and of its subkeys."""
        rows = self("--list-keys", "--with-colons", name).decode("utf-8", "replace").split("\n")
        return [row.split(":")[9] for row in rows if row.startswith("fpr:")]

    def public(self, *names: str) -> bytes:
        return self("--armor", "--export", *names)

    def signed(self, *names: str, text: bytes = TEXT, then: tuple[str, ...] = (), how: str = "--clearsign") -> bytes:
        """By each of them."""
        return self(*then, *(word for name in names for word in ("--local-user", name)), how, text=text)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keys]:
    """Three that hold, and one that has expired."""
    made = Keys(tmp_path_factory.mktemp("gnupg") / "home")
    try:
        for name in ("pinned", "second", "third"):
            made.make(name, *LONG_AGO)
        made.make("expired", *LONG_AGO, expires="1d")
        yield made
    finally:
        subprocess.run(["gpgconf", "--homedir", made.home, "--kill", "all"], check=True)


def _refused(document: bytes, public: bytes, fingerprint: str, signature: bytes | None = None) -> str:
    with pytest.raises(openpgp.NotSignedError) as caught:
        openpgp.verified(document, public, fingerprint, signature)
    return str(caught.value)


@pytest.mark.parametrize("names", [("pinned", "second"), ("second", "pinned"), ("second", "pinned", "third")])
def test_keys_that_are_not_there_are_passed_over(keys: Keys, names: tuple[str, ...]) -> None:
    """A repository that changes its key signs with the old one and the new one: each node has the one or the other."""
    (fingerprint,) = keys.fingerprints("pinned")
    assert openpgp.verified(keys.signed(*names), keys.public("pinned"), fingerprint) == TEXT
    signature = keys.signed(*names, how="--detach-sign")
    assert openpgp.verified(TEXT, keys.public("pinned"), fingerprint, signature) == TEXT


@pytest.mark.parametrize("public", [("second",), ("second", "third"), ("second", "pinned")])
def test_another_signature_is_none(keys: Keys, public: tuple[str, ...]) -> None:
    """Good ones by the others, whoever's keys are there; the pinned key has not signed."""
    told = _refused(keys.signed("second", "third"), keys.public(*public), keys.fingerprints("pinned")[0])
    assert keys.fingerprints("second")[0] in told


def test_the_pinned_key_itself_is_not_there(keys: Keys) -> None:
    told = _refused(keys.signed("pinned", "second"), keys.public("second"), keys.fingerprints("pinned")[0])
    assert "Can't check signature: No public key" in told


def test_a_text_that_was_changed(keys: Keys) -> None:
    changed = keys.signed("pinned", "second").replace(b"Origin: tests", b"Origin: other")
    assert "BAD signature" in _refused(changed, keys.public("pinned"), keys.fingerprints("pinned")[0])


@pytest.mark.parametrize("order", [1, -1])
def test_a_bad_signature_beside_the_good_one(keys: Keys, order: int) -> None:
    """Of whatever key, and though a third one is not there."""
    good, bad = (
        keys.signed(*names, text=text, how="--detach-sign")
        for names, text in ((("pinned", "third"), TEXT), (("second",), b"another text\n"))
    )
    signature = b"".join((good, bad)[::order])
    told = _refused(TEXT, keys.public("pinned", "second"), keys.fingerprints("pinned")[0], signature)
    assert "BAD signature" in told


def test_an_expired_key(keys: Keys) -> None:
    """Pinned, it is none, alone or beside one that is not there."""
    public, (fingerprint,) = keys.public("expired"), keys.fingerprints("expired")
    for names in (("expired",), ("expired", "second")):
        _refused(keys.signed(*names, then=LONG_AGO), public, fingerprint)


def test_an_expired_key_of_somebody_else(keys: Keys) -> None:
    """The old key of a repository, which has expired, beside the new one: no failure of gpgv's."""
    document = keys.signed("pinned", "expired", then=LONG_AGO)
    assert openpgp.verified(document, keys.public("pinned", "expired"), keys.fingerprints("pinned")[0]) == TEXT


@pytest.mark.parametrize("how", ["--clearsign", "--sign"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_second_text(keys: Keys, how: str, order: int) -> None:
    """By a key that is not there: of what was signed nothing comes from it."""
    (fingerprint,), public = keys.fingerprints("pinned"), keys.public("pinned")
    both = b"".join((keys.signed("pinned", how=how), keys.signed("second", text=b"evil\n", how=how))[::order])
    if (how, order) == ("--sign", 1):  # gpgv reads the first message, and no further
        assert openpgp.verified(both, public, fingerprint) == TEXT
    else:
        _refused(both, public, fingerprint)


@pytest.mark.parametrize("end", ["\u2028", "\u2029", "\x85"])
def test_a_name_that_looks_like_a_status_line(keys: Keys, tmp_path: Path, end: str) -> None:
    """Whoever makes a key chooses its name; gpgv prints it, with what Python takes for the end of a line."""
    (fingerprint,) = keys.fingerprints("pinned")
    lines = ("evil", "[GNUPG:] GOODSIG 0 x", f"[GNUPG:] VALIDSIG {fingerprint} 0 0 0 4 0 22 10 01 {fingerprint}")
    forger = Keys(tmp_path / "home")
    try:
        own = forger.make(end.join(lines))
        document, public = forger.signed(own), forger.public()
    finally:
        subprocess.run(["gpgconf", "--homedir", forger.home, "--kill", "all"], check=True)
    assert _refused(document, public, fingerprint) == f"by {own}"


def _status(*rows: str) -> list[list[str]]:
    return [row.split(" ") for row in rows]


PASSED = ("NEWSIG", "GOODSIG 1 x", "VALIDSIG A A", "NEWSIG", "ERRSIG 2 22 8 01 0 9 B", "NO_PUBKEY 2")


def test_what_is_passed_over() -> None:
    assert openpgp._all_passed_over(_status("PLAINTEXT 74 0 ", *PASSED), "A")


@pytest.mark.parametrize(
    "rows",
    [
        PASSED[:3],  # it failed, and nothing says why
        ("NEWSIG", "ERRSIG 2 22 8 01 0 9 A", *PASSED),
        ("NEWSIG", "ERRSIG 2 22 8 01 0 4 B", *PASSED),  # an algorithm that gpgv does not know
        ("NEWSIG", "ERRSIG 2 22 8 01 0", *PASSED),
        *((row, *PASSED) for row in ("BADSIG 1 x", "EXPSIG 1 x", "EXPKEYSIG 1 x", "REVKEYSIG 1 x")),
        *(
            (row, *PASSED)
            for row in ("ERROR proc_pkt.plaintext 89", "BADARMOR", "NODATA 1", "UNEXPECTED 0", "FAILURE x 1")
        ),
        ("PLAINTEXT 74 0 ", "PLAINTEXT 74 0 ", *PASSED),
    ],
    ids=" ".join,
)
def test_what_is_not_passed_over(rows: tuple[str, ...]) -> None:
    assert not openpgp._all_passed_over(_status(*rows), "A")


def test_an_expired_subkey_of_the_pinned_key(keys: Keys) -> None:
    """It has signed twice, and one of its signatures does not hold."""
    pinned = keys.make("with a subkey", *LONG_AGO)
    keys(*LONG_AGO, "--quick-add-key", pinned, "ed25519", "sign", "1d")
    _, subkey = keys.fingerprints(pinned)
    public = keys.public(pinned)
    assert openpgp.verified(keys.signed(f"{pinned}!"), public, pinned) == TEXT
    _refused(keys.signed(f"{pinned}!", f"{subkey}!", then=LONG_AGO), public, pinned)


SHA1 = [
    ("SHA512", "SHA256", ""),
    ("SHA512", "SHA1", "Can't check signature: Invalid digest algorithm"),
    ("SHA1", "SHA256", "Can't check signature: Bad public key"),  # nothing else says whose key it is
]


@pytest.mark.parametrize(("of_the_key", "of_the_text", "why"), SHA1)
@pytest.mark.parametrize("how", ["--clearsign", "--detach-sign"])
def test_sha1(keys: Keys, how: str, of_the_key: str, of_the_text: str, why: str) -> None:
    fingerprint = keys.make_rsa(f"rsa {how} {of_the_key} {of_the_text}", *LONG_AGO, "--cert-digest-algo", of_the_key)
    public, made = keys.public(fingerprint), keys.signed(fingerprint, then=("--digest-algo", of_the_text), how=how)
    document, signature = (made, None) if how == "--clearsign" else (TEXT, made)
    if why:
        assert why in _refused(document, public, fingerprint, signature)
    else:
        assert openpgp.verified(document, public, fingerprint, signature) == TEXT
