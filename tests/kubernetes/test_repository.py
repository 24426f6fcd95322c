"""A mirror is looked at before anything boots: who signed it, its version, its bytes. With a real signature."""

from __future__ import annotations

import gzip
import hashlib
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator import errors, mirror, openpgp
from generator.model import Plan
from tests.conftest import ROOT
from tests.kubernetes import archive, container
from tests.kubernetes.archive import Key

Made = Callable[..., Plan]
SIGNER = "0123456789ABCDEF0123456789ABCDEF01234567"


@pytest.fixture
def made(repository: Path, key: Key, planned: Callable[[str], Plan]) -> Made:
    """The plan of a profile that names the repository as its mirror."""

    def make(version: str = "1.34.2", fingerprint: str = key.fingerprint, more: str = "") -> Plan:
        place = f'repository: {{fingerprint: "{fingerprint}", mirror: {repository}}}'
        return planned(f'containerd: {{}}\nkubelet:\n  version: "{version}"\n  {place}\n{more}')

    return make


def _refused(plan: Plan, tmp_path: Path) -> str:
    with pytest.raises(errors.Refused) as refused:
        mirror.bring(plan, tmp_path / "upload")
    (finding,) = refused.value.findings
    return f"{finding.line}:{finding.column}: {finding.path}: {finding.sentence} ({finding.hint})"


def test_the_version_is_taken_in_every_revision_and_nothing_else_of_it(
    made: Made, repository: Path, tmp_path: Path
) -> None:
    told = mirror.bring(made(), tmp_path / "upload")
    release = (repository / "InRelease").read_bytes()
    assert told == {"kubernetes_inrelease_sha256": hashlib.sha256(release).hexdigest()}
    laid = {str(path.relative_to(tmp_path / "upload/mirror")) for path in (tmp_path / "upload").rglob("*.*")}
    assert {name for name in laid if name.startswith("amd64/")} == {
        *(
            f"amd64/{name}_1.34.2-{revision}_amd64.deb"
            for name in ("kubelet", "kubeadm", "kubectl")
            for revision in ("1.1", "2.1")
        ),
        "amd64/kubernetes-cni_1.8.0-1.1_amd64.deb",
    }
    assert (tmp_path / "upload/mirror/InRelease").read_bytes() == release


def test_another_repository_is_another_key(made: Made, repository: Path, planned: Callable[[str], Plan]) -> None:
    before = mirror.key(made())
    assert before == hashlib.sha256((repository / "InRelease").read_bytes()).hexdigest()
    with (repository / "InRelease").open("a") as release:
        release.write("\n")
    assert mirror.key(made()) not in (before, "none")
    (repository / "InRelease").unlink()
    assert mirror.key(made()) == mirror.key(planned("modules: [overlay]\n")) == "none"


def _packed(repository: Path, key: Key, packed: bytes) -> None:
    """Signed is a list that is packed, whatever its bytes are."""
    (repository / "Packages.gz").write_bytes(packed)
    (repository / "Packages").unlink()
    row = f" {hashlib.sha256(packed).hexdigest()} {len(packed)} Packages.gz\n"
    (repository / "Release").write_text(f"Origin: tests\nSHA256:\n{row}")
    key.gpg("--clearsign", "--output", repository / "InRelease", repository / "Release")


def test_a_list_that_is_packed_serves(made: Made, repository: Path, key: Key, tmp_path: Path) -> None:
    packed = gzip.compress((repository / "Packages").read_bytes(), mtime=0)
    _packed(repository, key, packed)
    mirror.bring(made(), tmp_path / "upload")
    assert (tmp_path / "upload/mirror/Packages.gz").read_bytes() == packed


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda packed: packed[:-20], "it is no whole gzip file"),
        (lambda packed: b"no gzip", "it is no whole gzip file"),
        (lambda packed: packed[:12] + b"\xff" * 9 + packed[21:], "it is no whole gzip file"),
        (lambda packed: gzip.compress(b"\xff"), "it is no UTF-8 text"),
        (lambda packed: gzip.compress(bytes(102401)), "it has more than 100 KiB"),
    ],
)
def test_a_packed_list_that_is_none(
    made: Made, repository: Path, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, why: str
) -> None:
    """Whoever signs it, it may be anything."""
    monkeypatch.setattr("generator.mirror.repository._LARGEST", 100 << 10)
    _packed(repository, key, change(gzip.compress((repository / "Packages").read_bytes())))
    assert f"{repository}/Packages.gz cannot be read: {why} (copy it anew)" in _refused(made(), tmp_path)


@pytest.mark.parametrize(
    ("name", "why"),
    [("", "no file of kubelet"), ("Filename: a\0b\n", r"a file that cannot be, 'a\x00b' of kubelet")],
)
def test_a_package_without_a_file(made: Made, repository: Path, key: Key, tmp_path: Path, name: str, why: str) -> None:
    listing = repository / "Packages"
    listing.write_text(re.sub("Filename: amd64/kubelet_1.34.2-1.*\n", lambda _: name, listing.read_text()))
    archive.sign(repository, key)
    assert f"{repository}/Packages names {why}" in _refused(made(), tmp_path)


def test_another_key(made: Made, key: Key, repository: Path, tmp_path: Path) -> None:
    told = _refused(made(fingerprint=SIGNER), tmp_path).partition(": ")[2]
    assert told == (
        f"kubelet.repository.mirror: {repository}/InRelease is not signed by the key {SIGNER}: by {key.fingerprint}"
        " (copy the repository anew, or write the fingerprint of the key that you trust)"
    )


def test_a_keyring_without_the_signer(made: Made, repository: Path, tmp_path: Path) -> None:
    with archive.key() as other:
        archive.sign(repository, other)
    assert "Can't check signature: No public key" in _refused(made(), tmp_path)


def test_a_repository_that_changes_its_key(made: Made, key: Key, repository: Path, tmp_path: Path) -> None:
    """Two have signed, and Release.key has the one of them that is pinned."""
    with archive.key() as other:
        (tmp_path / "secret").write_bytes(other.secret())
        key.gpg("--import", tmp_path / "secret")
        signers = [word for one in (other, key) for word in ("--local-user", one.fingerprint)]
        key.gpg(*signers, "--clearsign", "--output", repository / "InRelease", repository / "Release")
        key.gpg("--delete-secret-and-public-key", other.fingerprint)
    mirror.bring(made(), tmp_path / "upload")


@pytest.mark.parametrize("text", ["", "no key", "\udcff", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n====\n"])
def test_a_keyring_that_is_none(made: Made, key: Key, repository: Path, tmp_path: Path, text: str) -> None:
    (repository / "Release.key").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert f"InRelease is not signed by the key {key.fingerprint}: " in _refused(made(), tmp_path)


def test_what_was_signed_is_what_counts(made: Made, repository: Path, tmp_path: Path) -> None:
    """A line before the signed text is not read, though it stands in the file."""
    release = repository / "InRelease"
    release.write_text("SHA256:\n " + "0" * 64 + " 1 Packages\n" + release.read_text())
    mirror.bring(made(), tmp_path / "upload")


def test_a_list_with_other_bytes(made: Made, repository: Path, tmp_path: Path) -> None:
    with (repository / "Packages").open("a") as listing:
        listing.write("\n")
    told = _refused(made(), tmp_path)
    assert f"{repository}/Packages is not what the signed InRelease vouches for (copy it anew)" in told


def test_a_package_with_other_bytes(made: Made, repository: Path, tmp_path: Path) -> None:
    path = repository / "amd64/kubeadm_1.34.2-2.1_amd64.deb"
    path.write_bytes(path.read_bytes() + b"\n")
    assert f"{path} is not what the signed InRelease vouches for" in _refused(made(), tmp_path)


def test_a_package_that_is_not_there(made: Made, repository: Path, tmp_path: Path) -> None:
    """Of its newest revision, which is the one that apt takes."""
    (repository / "amd64/kubectl_1.34.2-2.1_amd64.deb").unlink()
    assert f"{repository} has no amd64/kubectl_1.34.2-2.1_amd64.deb" in _refused(made(), tmp_path)


def test_an_older_revision_that_is_not_there(made: Made, repository: Path, tmp_path: Path) -> None:
    (repository / "amd64/kubectl_1.34.2-1.1_amd64.deb").unlink()
    mirror.bring(made(), tmp_path / "upload")
    laid = sorted(path.name for path in (tmp_path / "upload/mirror/amd64").glob("kubectl_*"))
    assert laid == ["kubectl_1.34.2-2.1_amd64.deb"]


def _other_machines(repository: Path, key: Key) -> None:
    """The list of the community's: each package for several machines, and here the files of one of them."""
    listing = repository / "Packages"
    rows = listing.read_text().rstrip("\n")
    listing.write_text("\n\n".join((rows.replace("amd64", "arm64"), rows, rows.replace("amd64", "s390x"))) + "\n")
    archive.sign(repository, key)


def test_packages_of_other_machines(made: Made, repository: Path, key: Key, tmp_path: Path) -> None:
    _other_machines(repository, key)
    mirror.bring(made(), tmp_path / "upload")
    assert not list((tmp_path / "upload/mirror").glob("arm64"))
    for path in repository.glob("amd64/kubeadm_1.34.2-*"):
        path.rename(repository / path.name.replace("amd64", "arm64"))
    assert f"{repository} has no amd64/kubeadm_1.34.2-2.1_amd64.deb" in _refused(made(), tmp_path)


def test_a_version_for_other_machines_alone(made: Made, repository: Path, key: Key, tmp_path: Path) -> None:
    listing = repository / "Packages"
    listing.write_text(listing.read_text().replace("Architecture: amd64", "Architecture: arm64"))
    archive.sign(repository, key)
    assert f"{repository} has no kubelet 1.34.2: it has no such package" in _refused(made(), tmp_path)


def test_what_the_documentation_copies_is_a_mirror(
    made: Made, repository: Path, key: Key, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own lines, of a repository that lists no folder and has more than is wanted."""
    _other_machines(repository, key)
    page = (ROOT / "docs/kubernetes.md").read_text().split("\n")
    lines = [line.strip() for line in page if line.startswith("    ")]
    (there := tmp_path / "there").mkdir()
    monkeypatch.chdir(there)
    with archive.served(repository) as port:
        script = "\n".join(["set -e", *lines]).replace(
            "https://pkgs.k8s.io/core:/stable:/v1.34/deb", f"http://127.0.0.1:{port}"
        )
        subprocess.run(["sh", "-c", script], check=True)
    shutil.rmtree(repository)
    there.rename(repository)
    mirror.bring(made(), tmp_path / "upload")
    assert len(list((tmp_path / "upload/mirror/amd64").iterdir())) == 7
    assert not (repository / "arm64").exists()


def test_a_version_that_is_not_there(made: Made, repository: Path, tmp_path: Path) -> None:
    """1.34.20 is no 1.34.2, and 1.34.3 is none of them."""
    assert (
        f"{repository} has no kubelet 1.34.3: of it there is 1.34.1-1.1, 1.34.2-1.1, 1.34.2-2.1, 1.34.20-1.1"
        " (copy the repository of that version, or write another one)"
    ) in _refused(made("1.34.3"), tmp_path)


@pytest.mark.parametrize("name", ["InRelease", "Release.key", "Packages"])
def test_a_file_that_is_not_there(made: Made, repository: Path, tmp_path: Path, name: str) -> None:
    (repository / name).unlink()
    assert f"{repository} has no {name} (copy the whole folder" in _refused(made(), tmp_path)


def test_a_path_that_leads_out(made: Made, repository: Path, key: Key, tmp_path: Path) -> None:
    listing = repository / "Packages"
    listing.write_text(listing.read_text().replace("Filename: amd64/kubelet_1.34.2-1", "Filename: ../kubelet_1.34.2-1"))
    archive.sign(repository, key)
    assert f"{repository}/Packages names a file outside of it: ../kubelet_1.34.2-1" in _refused(made(), tmp_path)


def test_no_gpgv(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generator.proc.shutil.which", lambda *_args, **_more: None)
    with pytest.raises(errors.ToolError, match="gpgv"):
        mirror.bring(made(), tmp_path / "upload")


def test_the_armour_is_taken_off_as_gpg_does_it(repository: Path, key: Key, tmp_path: Path) -> None:
    key.gpg("--output", tmp_path / "binary", "--export")
    assert openpgp.binary((repository / "Release.key").read_bytes()) == (tmp_path / "binary").read_bytes()


def test_images(made: Made, tmp_path: Path) -> None:
    sha256 = container.archive(tmp_path / "pause.tar", "nodebake.invalid/pause:1")

    def asked(sum_of_it: str) -> Plan:
        row = f"name: nodebake.invalid/pause:1, archive: {tmp_path}/pause.tar, sha256: {sum_of_it}"
        return made(more=f"  images: [{{{row}}}]\n")

    mirror.bring(asked(f'"{sha256}"'), tmp_path / "upload")
    assert (tmp_path / "upload/images/0.tar").read_bytes() == (tmp_path / "pause.tar").read_bytes()
    told = _refused(asked(f'"{"0" * 64}"'), tmp_path)
    assert f"kubelet.images[0].sha256: {tmp_path}/pause.tar has the sha256 {sha256}" in told
    for other, why in ("/dev/zero", "it is not a regular file"), (str(tmp_path / "none"), "No such file or directory"):
        row = f"name: nodebake.invalid/pause:1, archive: {other}, sha256: {'a' * 64}"
        told = _refused(made(more=f"  images: [{{{row}}}]\n"), tmp_path)
        assert f"kubelet.images[0].archive: {other} cannot be read: {why}" in told
    (tmp_path / "pause.tar").unlink()
    told = _refused(asked(f'"{sha256}"'), tmp_path)
    assert f"kubelet.images[0].archive: {tmp_path}/pause.tar cannot be read: No such file or directory" in told


def test_a_profile_without_a_mirror_brings_nothing(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    assert mirror.bring(planned("swap: disabled\n"), tmp_path) == {}
    assert mirror.bring(planned('containerd: {}\nkubelet: {version: "1.34.2"}\n'), tmp_path) == {}
    assert [path.name for path in tmp_path.iterdir()] == ["profile.yaml"]
