"""Prints seconds a fault against one bare boot of the same image, measured in one run.

    .venv/bin/python benchmarks/prove.py IMAGE --profile PROFILE [--only GLOB...] [--jobs N]

A bare boot is that of benchmarks/road.py: the same QEMU options, an empty NoCloud seed, alone on the machine, until
cloud-init's end. Seconds a fault are all that `nodebake prove --fresh` took from the first copy of the image to its
last verdict, the control boot included, divided by the faults. On a machine that does other things too, only the CPU
seconds mean something (those of a fault are of its guest alone).
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path

from generator import plan
from generator.prove import Request, bare, prove


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image", type=Path)
    parser.add_argument("--profile", required=True)
    parser.add_argument("--only", nargs="+")
    parser.add_argument("--jobs", type=int)
    arguments = parser.parse_args()
    made = plan.load(arguments.profile)
    one = bare.boot(arguments.image, made)
    proof = prove(Request(arguments.image, made, arguments.only, arguments.jobs, fresh=True))
    each, each_cpu = proof.seconds / proof.booted, statistics.mean(trial.cpu_seconds for trial in proof.trials)
    print(f"{arguments.image.name}, {proof.host}: {proof.killed} of {proof.booted} faults killed\n")
    print("| what | seconds | bare boots | CPU seconds of QEMU | bare boots |\n|---|---|---|---|---|")
    print(f"| a bare boot | {one.seconds:.1f} | 1.00 | {one.cpu_seconds:.1f} | 1.00 |")
    print(f"| a fault | {each:.1f} | {each / one.seconds:.2f} | {each_cpu:.1f} | {each_cpu / one.cpu_seconds:.2f} |")
    return 0 if proof.ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
