"""A big fleet on a cluster, and one of its two workers killed: `make cluster`. Exit code 1 if a byte differs.

    .venv/bin/python -m tests.fleet.cluster [--nodes 200000]

Some 3 GB are written below the folder for temporary files, and removed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.fleet import PROFILE, nodes
from generator import fleet
from generator.fleet import cluster as clusters
from tests.fleet.dask_processes import cluster


def main() -> None:
    """Run, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=200_000)
    count = parser.parse_args().nodes
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "worker.yaml").write_text(PROFILE)
        asked = (str(work / "worker.yaml"), str(nodes(work / "nodes.csv", count)), None, "jsonl")
        digest, size = _of_cluster(work, asked, count)
        took, _ = _timed(lambda: fleet.write(fleet.Request(*asked, output=str(work / "here"))))
        here, here_size = _digest(iter([work / "here"]))
        print(f"one machine: {here_size} bytes in {took:.0f} s, sha256 {here}")
        if (digest, size) != (here, here_size):
            raise SystemExit("the bytes differ")
        print("the same bytes")


def _of_cluster(work: Path, asked: tuple[str, str, None, str], count: int) -> tuple[str, int]:
    dies_at = max(1, count // clusters.PART_NODES // 8)  # of its own parts, which are half of all
    with cluster(work, "first") as made:
        made.doomed("second", dies_at)
        made.wait()
        request = fleet.Request(*asked, output=f"file://{work}/out", cluster=made.address)
        took, outcome = _timed(lambda: fleet.write(request))
        if made.workers["second"].wait(60) != -signal.SIGKILL:
            raise SystemExit("no worker was killed")
    parts = [work / "out" / part["name"] for part in json.loads((work / "out/manifest.json").read_text())["parts"]]
    digest, size = _digest(iter(parts))
    print(f"a cluster: {outcome.count} nodes in {len(parts)} parts, {size} bytes in {took:.0f} s, sha256 {digest}")
    print(f"of its two workers one was killed while it wrote the {dies_at}. of its parts")
    return digest, size


def _timed(do: Callable[[], fleet.Outcome]) -> tuple[float, fleet.Outcome]:
    began = time.monotonic()
    made = do()
    return time.monotonic() - began, made


def _digest(paths: Iterator[Path]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    return digest.hexdigest(), size


if __name__ == "__main__":
    main()
