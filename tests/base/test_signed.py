"""Who vouches for an image: real keys of GnuPG, real signatures, looked at by the real gpgv."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from generator import base, cli, errors, proc
from generator.base import lock, signed, web
from generator.model import BasePin, Signed
from tests.conftest import HEAD


class Signer:
    """A key of its own, and what it signs."""

    def __init__(self, home: Path, name: str, *then: str, expires: str = "never") -> None:
        self.home, self.then = home, then
        home.mkdir(mode=0o700)
        self("--quick-gen-key", "--passphrase", "", f"{name} <{name}@images.example>", "ed25519", "sign", expires)
        rows = self("--list-keys", "--with-colons").splitlines()
        self.fingerprint = next(row.split(":")[9] for row in rows if row.startswith("fpr:"))

    def __call__(self, *words: str | Path) -> str:
        argv = ["gpg", "--homedir", self.home, "--batch", "--pinentry-mode", "loopback", *self.then, *words]
        return subprocess.run(argv, check=True, capture_output=True, text=True).stdout

    def end(self) -> None:
        """Its agent goes on by itself otherwise."""
        subprocess.run(["gpgconf", "--homedir", self.home, "--kill", "all"], check=True)


@contextmanager
def _signer(folder: Path, name: str, *then: str, expires: str = "never") -> Iterator[Signer]:
    signer = Signer(folder / name, name, *then, expires=expires)
    try:
        yield signer
    finally:
        signer.end()


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    with _signer(tmp_path_factory.mktemp("gnupg"), "vendor") as signer:
        yield signer


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Signer]:
    with _signer(tmp_path_factory.mktemp("gnupg"), "stranger") as signer:
        yield signer


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "node-20261101.qcow2"
    proc.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "8M"])
    return path


def _digest(image: Path, algorithm: str = "sha256") -> str:
    return hashlib.new(algorithm, image.read_bytes()).hexdigest()


def _published(signer: Signer, image: Path, text: str, *, clear: bool = False, armour: bool = True) -> BasePin:
    """What a vendor has beside an image; all of it by file: addresses."""
    folder = image.parent
    sums, key = folder / "SHA256SUMS", folder / "key.asc"
    sums.write_text(text)
    key.unlink(missing_ok=True)
    signer("--output", key, *(["--armor"] if armour else []), "--export")
    there = {"key": key.as_uri(), "fingerprint": signer.fingerprint}
    if clear:
        signer("--yes", "--output", folder / "CHECKSUM", "--clear-sign", sums)
        vouched = Signed((folder / "CHECKSUM").as_uri(), **there)
    else:
        signer("--yes", "--output", folder / "SHA256SUMS.gpg", "--detach-sign", sums)
        vouched = Signed(sums.as_uri(), **there, signature=(folder / "SHA256SUMS.gpg").as_uri())
    return BasePin(image.as_uri(), _digest(image), "debian-13", vouched)


FORMS: dict[str, Callable[[Path], str]] = {
    "sha256sum": lambda image: f"{_digest(image)}  {image.name}\n",
    "of binary files": lambda image: f"{_digest(image)} *{image.name}\n",
    "sha512sum": lambda image: f"{_digest(image, 'sha512')}  {image.name}\n",
    "BSD": lambda image: f"# a comment\nSHA256 ({image.name}) = {_digest(image)}\n",
    "both": lambda image: f"{_digest(image)}  {image.name}\n{_digest(image, 'sha512')}  {image.name}\n",
    "among others": lambda image: f"{'0' * 64}  other-{image.name}\n{_digest(image)}  {image.name}\n",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("clear", [False, True], ids=["detached", "clear"])
def test_vouched_for(cache: Path, vendor: Signer, image: Path, form: str, clear: bool) -> None:
    pin = _published(vendor, image, FORMS[form](image), clear=clear, armour=clear)
    assert base.obtain(pin).sha256 == pin.sha256


def _refused(pin: BasePin, sentence: str) -> None:
    with pytest.raises(errors.ToolError) as caught:
        base.obtain(pin)
    assert sentence in str(caught.value)
    assert caught.value.exit_code == errors.TOOL


def test_another_signed_it(cache: Path, vendor: Signer, stranger: Signer, image: Path) -> None:
    """A good signature, by a key that came from the same place: and not the one whose fingerprint is in the profile."""
    pin = _published(stranger, image, FORMS["sha256sum"](image))
    assert pin.signed
    mine = dataclasses.replace(pin, signed=dataclasses.replace(pin.signed, fingerprint=vendor.fingerprint))
    _refused(mine, f"SHA256SUMS is not signed by {vendor.fingerprint}: ")
    assert list(cache.glob("*/")) == []
    assert base.obtain(pin)


def test_a_key_that_is_not_there(cache: Path, vendor: Signer, stranger: Signer, image: Path) -> None:
    pin = _published(vendor, image, FORMS["sha256sum"](image))
    stranger("--yes", "--output", image.parent / "key.asc", "--armor", "--export")
    _refused(pin, "Can't check signature: No public key")


@pytest.mark.parametrize("clear", [False, True], ids=["detached", "clear"])
def test_a_list_that_was_changed(cache: Path, vendor: Signer, image: Path, clear: bool) -> None:
    pin = _published(vendor, image, FORMS["sha256sum"](image), clear=clear)
    path = image.parent / ("CHECKSUM" if clear else "SHA256SUMS")
    path.write_text(path.read_text().replace(_digest(image)[:8], "00000000"))
    _refused(pin, "BAD signature from")


def test_what_stands_beside_what_was_signed_is_not_read(cache: Path, vendor: Signer, image: Path) -> None:
    """Of a list that carries its signature, what is before and after the marks is nobody's word."""
    pin = _published(vendor, image, f"{'0' * 64}  other\n", clear=True)
    path = image.parent / "CHECKSUM"
    path.write_text(FORMS["sha256sum"](image) + path.read_text() + FORMS["sha256sum"](image))
    _refused(pin, f"CHECKSUM is signed, and says nothing of {image.name}")


def test_a_list_without_a_signature(cache: Path, vendor: Signer, image: Path) -> None:
    pin = _published(vendor, image, FORMS["sha256sum"](image), clear=True)
    (image.parent / "CHECKSUM").write_text(FORMS["sha256sum"](image))
    _refused(pin, f"CHECKSUM is not signed by {vendor.fingerprint}: ")


def test_an_expired_key(cache: Path, tmp_path: Path, image: Path) -> None:
    with _signer(tmp_path, "expired", "--faked-system-time", "20200101T000000", expires="1d") as signer:
        _refused(_published(signer, image, FORMS["sha256sum"](image)), f"is not signed by {signer.fingerprint}: ")


def test_signed_is_another_image(cache: Path, vendor: Signer, image: Path) -> None:
    pin = _published(vendor, image, f"{'0' * 64}  {image.name}\n")
    _refused(pin, f"says that {image.name} is {'0' * 64}; what the profile pins is {pin.sha256}")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * ((1 << 20) + 1), "it has more than 1 MiB"),
        (b"", "is not signed by"),
        (b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabc\n-----END", "the key is no OpenPGP key"),
    ],
)
def test_a_key_that_is_none(cache: Path, vendor: Signer, image: Path, content: bytes, sentence: str) -> None:
    pin = _published(vendor, image, FORMS["sha256sum"](image))
    (image.parent / "key.asc").write_bytes(content)
    _refused(pin, sentence)


def test_a_list_that_is_not_there(cache: Path, vendor: Signer, image: Path) -> None:
    pin = _published(vendor, image, FORMS["sha256sum"](image))
    (image.parent / "SHA256SUMS").unlink()
    _refused(pin, "No such file or directory")


def test_an_image_in_the_cache_is_not_vouched_for_by_being_there(cache: Path, vendor: Signer, image: Path) -> None:
    pin = _published(vendor, image, f"{'0' * 64}  {image.name}\n")
    assert base.obtain(dataclasses.replace(pin, signed=None))
    _refused(pin, "what the profile pins is")


def test_from_a_web_server(server) -> None:
    server.body = b"a list"
    assert web.small(server.url, 100) == b"a list"
    with pytest.raises(errors.ToolError, match="it has more than 3 bytes"):
        web.small(server.url, 3)
    server.troubles = [("status", 404)]
    with pytest.raises(errors.ToolError, match="the server says 404"):
        web.small(server.url, 100)


PROFILE = """\
base:
  url: {url}
  sha256: {sha256}
  signed: {{sums: "{sums}", signature: "{signature}", key: "{key}", fingerprint: "{spaced}"}}
"""


def test_the_lock_has_who_vouches(
    cache: Path, vendor: Signer, image: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A fingerprint is written as people write it. A profile that asks for no signature any more is told."""
    pin = _published(vendor, image, FORMS["sha256sum"](image))
    assert pin.signed
    spaced = " ".join(vendor.fingerprint[at : at + 4].lower() for at in range(0, 40, 4))
    path = tmp_path / "node.yaml"
    vouched = {name: getattr(pin.signed, name) for name in ("sums", "signature", "key")}
    path.write_text(HEAD + PROFILE.format(url=pin.url, sha256=pin.sha256, spaced=spaced, **vouched))
    assert cli.run(["base", "lock", str(path)]) == 0
    locked, _ = lock.read(path.with_suffix(".lock.json"))
    assert locked.signed_by == vendor.fingerprint
    path.write_text(HEAD + f"base: {{url: '{pin.url}', sha256: {pin.sha256}}}\n")
    capsys.readouterr()
    assert cli.run(["build", str(path), "-o", str(tmp_path / "out")]) == 1
    assert f"it is signed by nobody, locked is {vendor.fingerprint}" in capsys.readouterr().err


def test_a_name_is_the_whole_name() -> None:
    text = f"{'a' * 64}  x/node.qcow2\n{'b' * 64}  node.qcow2.sig\n{'c' * 63}  node.qcow2\n"
    assert signed._listed(text, "node.qcow2") == set()
