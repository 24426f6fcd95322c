"""Prints the table in README.md: `build` and `verify` against bare boots of the same images, all in one run.

    .venv/bin/python benchmarks/road.py [--runs 3] [--base debian-13]

A bare boot has the same QEMU options and an empty NoCloud seed, and is measured to cloud-init's end; the boot that
`build` is held against includes a clean power-off. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from generator import base, data, guest, seed

ROOT = Path(__file__).resolve().parent.parent
ENDED = re.compile(r"Cloud-init v\. \S+ finished")
EMPTY = {"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "bare"}\n'}


def seconds(work: Callable[[], None]) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def bare(image: Path, boots: int, work: Path, *, last: str) -> None:
    """Boot an overlay of `image` so many times; all but the last are powered off."""
    disk = guest.overlay(image, work / "bare.qcow2")
    medium = work / "bare.iso"
    medium.write_bytes(seed.write(EMPTY))
    machine = guest.Machine(disk=disk, seed=medium, cpus=data.guest_cpus(), net="user-restricted")
    for number in range(1, boots + 1):
        then = "quit" if number == boots and last == "quit" else "powerdown"
        guest.boot(machine, work / "bare.log", until=ENDED, then=then)  # type: ignore[arg-type]
    disk.unlink()


def nodebake(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "generator", *map(str, arguments)], check=True, cwd=ROOT, capture_output=True)


def measure(distro: str, runs: int) -> list[tuple[str, float, float]]:
    """(what, seconds, ratio to its bare boots): medians of `runs`, taken in turn so that drift hits all alike."""
    stock = base.obtain(distro).path
    rows: list[list[float]] = []
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        profile = work / "profile.yaml"
        text = (ROOT / "profiles/k8s-node.yaml").read_text(encoding="utf-8")
        profile.write_text(text.replace("base: debian-13", f"base: {distro}"), encoding="utf-8")
        image = work / "k8s-node" / "k8s-node.qcow2"
        for _ in range(runs):
            rows.append(
                [
                    seconds(lambda: bare(stock, 1, work, last="powerdown")),
                    seconds(lambda: nodebake("build", profile, "-o", work)),
                    seconds(lambda: bare(image, 2, work, last="quit")),
                    seconds(lambda: nodebake("verify", image, "--profile", profile)),
                ]
            )
    one, build, two, verify = (statistics.median(column) for column in zip(*rows, strict=True))
    ratios = [statistics.median(row[b] / row[a] for row in rows) for a, b in ((0, 1), (2, 3))]
    return [
        ("a bare boot of the base, and power-off", one, 1.0),
        ("`nodebake build`", build, ratios[0]),
        ("two bare boots of the image", two, 1.0),
        ("`nodebake verify`", verify, ratios[1]),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--base", default="debian-13")
    arguments = parser.parse_args()
    accel = guest.probe()
    print(f"{arguments.base}, {accel.name}, {data.guest_cpus()} CPUs, median of {arguments.runs}\n")
    print("| what | seconds | ratio |\n|---|---|---|")
    for what, took, ratio in measure(arguments.base, arguments.runs):
        print(f"| {what} | {took:.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    main()
