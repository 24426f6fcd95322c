"""Clusters for the tests of a fleet, and a place that only they reach."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest
from distributed import LocalCluster

from tests.fleet.dask_processes import Cluster, cluster


@pytest.fixture
def two(tmp_path: Path) -> Iterator[Cluster]:
    with cluster(tmp_path, "first", "second") as made:
        yield made


@pytest.fixture(scope="module")
def inside() -> Iterator[str]:
    """A cluster whose worker is a thread of this process: memory:// is the same here and there."""
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
    ) as made:
        yield str(made.scheduler_address)


@pytest.fixture
def memory() -> Any:
    files = fsspec.filesystem("memory")
    files.store.clear()
    return files
