"""Keys in files, as openssl writes them and as people name them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator import errors
from generator.attest import keys


def _openssl(*argv: str, cwd: Path) -> None:
    subprocess.run(["openssl", *argv], cwd=cwd, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _openssl("genpkey", "-algorithm", "ed25519", "-out", "key.pem", cwd=tmp_path)
    _openssl("pkey", "-in", "key.pem", "-pubout", "-out", "key.pub", cwd=tmp_path)
    _openssl("pkey", "-in", "key.pem", "-aes256", "-passout", "pass:x", "-out", "locked.pem", cwd=tmp_path)
    _openssl("genpkey", "-algorithm", "rsa", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem", cwd=tmp_path)
    _openssl("pkey", "-in", "rsa.pem", "-pubout", "-out", "rsa.pub", cwd=tmp_path)
    (tmp_path / "text").write_text("no key\n")
    return tmp_path


def test_a_pair(folder: Path) -> None:
    private, public = keys.private(folder / "key.pem"), keys.public(folder / "key.pub")
    assert keys.ident(private.public_key()) == keys.ident(public)


PRIVATE = {
    "locked.pem": "it has a passphrase, which nodebake cannot ask for",
    "rsa.pem": "it is a key of another kind",
    "text": "it is no PEM of a private key",
    "key.pub": "it is no PEM of a private key",
}
PUBLIC = {
    "key.pem": "it is a private key, and whoever verifies must not have that",
    "locked.pem": "it is a private key, and whoever verifies must not have that",
    "rsa.pub": "it is a key of another kind",
    "text": "it is no PEM of a public key",
}


@pytest.mark.parametrize(("read", "said"), [(keys.private, PRIVATE), (keys.public, PUBLIC)])
def test_what_is_none(folder: Path, read: object, said: dict[str, str]) -> None:
    for name, why in said.items():
        with pytest.raises(errors.NodebakeError) as caught:
            read(folder / name)  # type: ignore[operator]
        assert caught.value.sentence == f"{folder / name} is no ed25519 key: {why}"
        assert caught.value.exit_code == errors.REFUSED
        assert caught.value.hint.startswith("make one: openssl genpkey -algorithm ed25519")


def test_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(errors.NodebakeError, match=r"none cannot be read: No such file or directory$"):
        keys.private(tmp_path / "none")
