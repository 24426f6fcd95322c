"""A key, and a repository of empty programs that it signed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kubernetes import archive
from tests.kubernetes.archive import Key

PROGRAMS = dict.fromkeys(("kubelet", "kubeadm", "kubectl"), b"#!/bin/sh\n")
PLUGINS = archive.Package("kubernetes-cni", "1.8.0-1.1", {"opt/cni/bin/loopback": b"#!/bin/sh\n"})


@pytest.fixture(scope="session")
def key() -> Iterator[Key]:
    with archive.key() as made:
        yield made


@pytest.fixture(scope="session")
def _published(tmp_path_factory: pytest.TempPathFactory, key: Key) -> Path:
    packages = [
        *archive.kubernetes("1.34.1", PROGRAMS),
        *archive.kubernetes("1.34.2", PROGRAMS, "1.1"),
        *archive.kubernetes("1.34.2", PROGRAMS, "2.1"),
        *archive.kubernetes("1.34.20", PROGRAMS),
        PLUGINS,
    ]
    return archive.publish(tmp_path_factory.mktemp("published"), packages, key)


@pytest.fixture
def repository(tmp_path: Path, _published: Path) -> Path:
    """With three patches, and of one of them two revisions. Each test has a copy of its own."""
    return shutil.copytree(_published, tmp_path / "repository")
