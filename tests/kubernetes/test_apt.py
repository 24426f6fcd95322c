"""The real apt, over a loopback, with the files that a node gets: whose signature it takes, and which revision."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator import data
from generator.model import Plan
from generator.settings.kubelet import source
from tests.kubernetes import archive
from tests.kubernetes.archive import Key

NAMES = "kubelet kubeadm kubectl"
OTHER = "0123456789ABCDEF0123456789ABCDEF01234567"


@pytest.fixture
def url(repository: Path) -> Iterator[str]:
    """Where the repository is served."""
    with archive.served(repository) as port:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def node(tmp_path: Path, url: str, key: Key, planned: Callable[[str], Plan]) -> Callable[..., str]:
    """Runs shell functions of the steps on a machine whose apt has this folder for its own; returns what was said."""

    def run(script: str, *, fingerprint: str = key.fingerprint, version: str = "1.34.2", here: str = "") -> str:
        said = f'{{url: "{url}", fingerprint: "{fingerprint}"}}'
        plan = planned(f'containerd: {{}}\nkubelet: {{version: "{version}", repository: {said}}}\n')
        _lay(tmp_path, plan)
        env = {**os.environ, "APT_CONFIG": str(tmp_path / "apt.conf"), "LC_ALL": "C"}
        argv = ["sh", "-c", f"set -eu\n{_functions(tmp_path, here)}\n{script}", "sh", url]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)
        return f"{done.stdout}exit code {done.returncode}\n"

    return run


def _here(folder: Path, text: str) -> str:
    """The paths of a node, in the folder."""
    return text.replace("/etc/apt/", f"{folder}/etc/apt/")


def _lay(folder: Path, plan: Plan) -> None:
    for name in ("lists/partial", "cache/archives/partial", "work", "etc/apt/keyrings"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path in (source.SOURCE, source.PIN):
        laid = folder / path.lstrip("/")
        laid.parent.mkdir(parents=True, exist_ok=True)
        content = next(file.content.decode() for _, file in plan.files if file.path == path)
        laid.write_text(_here(folder, content))
    (folder / "apt.conf").write_text(
        f'Dir::State "{folder}";\nDir::State::status "/dev/null";\nDir::State::lists "{folder}/lists/";\n'
        f'Dir::Cache "{folder}/cache/";\nDir::Etc "{folder}/etc/apt/";\nAPT::Sandbox::User "root";\n'
        'APT::Architecture "amd64";\nAPT::Architectures { "amd64"; };\n'
    )


def _functions(folder: Path, here: str) -> str:
    """Of the steps, as the scripts have them."""
    texts = [(data.TEMPLATES / f"{stem}/steps.sh").read_text() for stem in ("packages", "kubelet")]
    names = "say() { printf '%s\\n' \"$*\"; }"
    bake = f"here={here}" if here else ""
    return "\n".join((names, f"work={folder}/work", bake, *(_here(folder, text) for text in texts)))


def _keyring(folder: Path) -> str:
    return _here(folder, source.KEYRING)


TAKE = "kubernetes_key_ok {keyring} || kubernetes_key_do {keyring} $1; kubernetes_key_ok {keyring}; "
LISTS = TAKE + "kubernetes_lists {source}; apt-cache policy kubelet; "


def _script(folder: Path, text: str) -> str:
    return text.format(keyring=_keyring(folder), source=_here(folder, source.SOURCE))


def test_the_newest_revision_of_the_version_is_the_candidate(node: Callable[..., str], tmp_path: Path) -> None:
    told = node(_script(tmp_path, LISTS))
    assert "Candidate: 1.34.2-2.1\n" in told, told
    assert told.endswith("exit code 0\n")


def test_another_patch(node: Callable[..., str], tmp_path: Path) -> None:
    """An older one, too, though there are newer ones; and 1.34.20 is none of 1.34.2."""
    assert "Candidate: 1.34.1-1.1\n" in node(_script(tmp_path, LISTS), version="1.34.1")
    assert "Candidate: 1.34.20-1.1\n" in node(_script(tmp_path, LISTS), version="1.34.20")


def test_a_version_that_is_not_there_names_those_that_are(node: Callable[..., str], tmp_path: Path) -> None:
    why = f"kubernetes_packages_why {_here(tmp_path, source.SOURCE)} 1.34.3 '{NAMES}'"
    told = node(_script(tmp_path, LISTS + why), version="1.34.3")
    assert "and of kubelet kubeadm kubectl it needs the version 1.34.3; what there is of it:\n" in told
    assert "kubelet | 1.34.20-1.1 | http://127.0.0.1" in told


def test_another_key_is_not_taken(node: Callable[..., str], tmp_path: Path) -> None:
    """The keyring has the key that signed; the profile trusts another one."""
    why = f"kubernetes_packages_why {_here(tmp_path, source.SOURCE)} 1.34.2 '{NAMES}'"
    told = node(_script(tmp_path, f"({LISTS}) || true; {why}"), fingerprint=OTHER)
    assert "is not signed." in told, told
    assert f"the key that has to have signed it: {OTHER}\n" in told
    assert "kubelet | " not in told


def test_another_signature_is_not_taken(node: Callable[..., str], repository: Path, tmp_path: Path) -> None:
    with archive.key() as other:
        archive.sign(repository, other)
    told = node(_script(tmp_path, LISTS))
    assert "NO_PUBKEY" in told or "is not signed" in told, told
    assert not told.endswith("exit code 0\n")


def test_the_list_that_was_signed_is_the_one(node: Callable[..., str], repository: Path, tmp_path: Path) -> None:
    with (repository / "Packages").open("a") as listing:
        listing.write("\n")
    told = node(_script(tmp_path, LISTS))
    assert "Candidate: 1.34.2" not in told
    assert not told.endswith("exit code 0\n")


def test_no_key_where_there_is_none(node: Callable[..., str], repository: Path, tmp_path: Path) -> None:
    (repository / "Release.key").write_text("<html>not found</html>\n")
    told = node(_script(tmp_path, TAKE + "kubernetes_key_why {keyring} $1"))
    assert not told.endswith("exit code 0\n")
    (repository / "Release.key").unlink()
    told = node(_script(tmp_path, "(" + TAKE + ") || kubernetes_key_why {keyring} $1"))
    assert "there is no public key at http://127.0.0.1" in told


def test_a_mirror_takes_its_place(node: Callable[..., str], url: str, repository: Path, tmp_path: Path) -> None:
    """In a bake, and by the same key; nothing of it stays, and the repository itself is not asked."""
    brought = tmp_path / "upload"
    brought.mkdir()
    repository.rename(brought / "mirror")  # what is served is gone
    told = node(_script(tmp_path, LISTS), here=str(brought))
    assert "Candidate: 1.34.2-2.1\n" in told, told
    assert f"file:{brought}/mirror" in told
    told = node(_script(tmp_path, f"({LISTS})"), here=str(brought))  # as a step runs it: its trap belongs to it
    assert "Candidate: 1.34.2-2.1\n" in told, told
    left = {path.name for path in (tmp_path / "etc/apt/sources.list.d").iterdir()}
    assert left == {"nodebake-kubernetes.sources"}


def test_a_mirror_by_another_key_is_not_taken(node: Callable[..., str], repository: Path, tmp_path: Path) -> None:
    brought = tmp_path / "upload"
    brought.mkdir()
    repository.rename(brought / "mirror")
    told = node(_script(tmp_path, LISTS), here=str(brought), fingerprint=OTHER)
    assert "is not signed." in told, told
    assert "Candidate" not in told
