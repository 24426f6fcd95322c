"""Prints README's tables on fleets: nodebake against plain loops and other tools, on one core, in one run.

    .venv/bin/python benchmarks/fleet.py [--nodes 100000] [--peers 200] [--million]

Every row makes the same documents of some 16 KB a node. A plain loop only writes as many bytes to the same places, and
is the limit. Programs that are started anew for each node run for --peers nodes, and the table says what that comes to:
Debian's cloud-image-utils, which must be installed, and the cloud-init of Debian 12.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
from tests.oracle import packages  # noqa: E402 - the real cloud-init, as the tests get it

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"
PROFILE = """\
apiVersion: nodebake/v1
name: worker
vars:
  rack: {type: text}
modules: [overlay]
files:
  - {path: /etc/rack, content: ["rack=", {var: rack}, "\\n"]}
"""
PROFILE += f'  - {{path: /etc/motd, content: "{"=" * 1240}\\n"}}\n'  # to make it 16 KB
GOALS = {"jsonl": 2.5, "tree": 1.5, "iso": 1.3}  # times the plain loop


@dataclass(frozen=True, slots=True)
class Ran:
    """Wall seconds, CPU seconds and the most memory in MiB of one program."""

    wall: float
    cpu: float
    mib: float


def run(argv: list[str], out: Path | None = None) -> Ran:
    """Run a program on the last core and measure it. `out` takes its stdout."""
    began = time.monotonic()
    with open(out or os.devnull, "wb") as stdout:
        pinned = ["taskset", "-c", str((os.cpu_count() or 1) - 1), *argv]
        process = subprocess.Popen(pinned, stdout=stdout, stderr=subprocess.PIPE, cwd=ROOT)
        said = process.stderr.read() if process.stderr else b""
        _, status, used = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"{argv}: {said.decode()}")
    return Ran(time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def nodes(path: Path, count: int) -> Path:
    """A list of so many nodes, each with a card, an address, a rack, labels and a key of its own."""
    with path.open("w") as file:
        file.write("hostname,mac,addresses,gateways,rack,labels,ssh_authorized_keys\n")
        for n in range(count):
            host = n + 1  # 0 is the network itself
            octets = f"{host >> 16 & 255}.{host >> 8 & 255}.{host & 255}"
            mac = f"52:54:{n >> 24 & 255:02x}:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}"
            file.write(f'n{n},{mac},10.{octets}/8,10.255.255.254,r{n % 400},"role=worker,zone=z{n % 3}",{KEY} n{n}@x\n')
    return path


LOOPS = {
    "jsonl": "import sys\nline = open(sys.argv[2], 'rb').read()\nout = sys.stdout.buffer\n"
    "for _ in range(int(sys.argv[1])): out.write(line)",
    "tree": "import os, sys\nfrom pathlib import Path\n"
    "files = {path.name: path.read_bytes() for path in Path(sys.argv[2]).iterdir()}\nfolder = sys.argv[3]\n"
    "for n in range(int(sys.argv[1])):\n"
    "    os.mkdir(f'{folder}/n{n}', 0o700)\n"
    "    for name, content in files.items():\n"
    "        there = os.open(f'{folder}/n{n}/{name}', os.O_WRONLY | os.O_CREAT, 0o600)\n"
    "        os.write(there, content)\n"
    "        os.close(there)\n"
    "os.sync()",
    "iso": "import os, sys\nimage = open(sys.argv[2], 'rb').read()\nfolder = sys.argv[3]\n"
    "for n in range(int(sys.argv[1])):\n"
    "    there = os.open(f'{folder}/n{n}.iso', os.O_WRONLY | os.O_CREAT, 0o600)\n"
    "    os.write(there, image)\n"
    "    os.close(there)\n"
    "os.sync()",
}
NAIVE = """\
import csv, json, sys
import jinja2, jsonschema, yaml
template, schema = open(sys.argv[2]).read(), json.load(open(sys.argv[3]))
for node in list(csv.DictReader(open(sys.argv[1])))[: int(sys.argv[4])]:
    text = jinja2.Environment().from_string(template).render(node)
    document = yaml.safe_load(text)
    jsonschema.validate(document, schema)
    record = {"hostname": node["hostname"], "user-data": "#cloud-config\\n" + yaml.safe_dump(document, sort_keys=False)}
    print(json.dumps(record))
"""


def fleet(work: Path, listed: Path, to: str) -> list[str]:
    profile = work / "worker.yaml"
    profile.write_text(PROFILE)
    argv = [sys.executable, "-m", "generator", "fleet", str(profile), "--nodes", str(listed), "--to", to]
    return [*argv, "-o", "-" if to == "jsonl" else str(work / f"out-{to}")]


def example(work: Path) -> dict[str, Path]:
    """What one node gets, form by form."""
    listed = nodes(work / "one.csv", 1)
    line = work / "one.jsonl"
    run(fleet(work, listed, "jsonl"), line)
    for to in ("tree", "iso"):
        run(fleet(work, listed, to))
        shutil.move(work / f"out-{to}", work / f"one-{to}")
    return {"jsonl": line, "tree": work / "one-tree" / "n0", "iso": work / "one-iso" / "n0.iso"}


def streams(work: Path, listed: Path, count: int, one: dict[str, Path]) -> list[tuple[str, Ran, Ran]]:
    """Each form against the plain loop that writes as much to the same place.

    Nothing is removed between the two: ext4 passes over inodes that were freed a short while ago, one by one.
    """
    rows = []
    for to in ("jsonl", "tree", "iso"):
        folder = work / f"loop-{to}"
        folder.mkdir()
        os.sync()
        loop = run([sys.executable, "-c", LOOPS[to], str(count), str(one[to]), str(folder)], work / f"stream-loop-{to}")
        os.sync()
        rows.append((to, run(fleet(work, listed, to), work / f"stream-{to}"), loop))
    return rows


def each(count: int, argv: list[str]) -> Ran:
    """So many times the same program, one after the other."""
    ran = [run(argv) for _ in range(count)]
    return Ran(sum(one.wall for one in ran), sum(one.cpu for one in ran), max(one.mib for one in ran))


def growth(work: Path, counts: list[int]) -> list[tuple[int, Ran]]:
    return [(count, run(fleet(work, nodes(work / "many.csv", count), "jsonl"))) for count in counts]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100_000)
    parser.add_argument("--peers", type=int, default=200)
    parser.add_argument("--million", action="store_true", help="and how the cost of a node grows, to a million of them")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        listed = nodes(work / "nodes.csv", asked.nodes)
        one = example(work)
        size = (one["tree"] / "user-data").stat().st_size
        print(
            f"{asked.nodes} nodes of {size} bytes, one core of {os.cpu_count()}, Python {platform.python_version()}\n"
        )
        print("| what | seconds | a plain loop that writes as much | times the loop | goal |\n|---|---|---|---|---|")
        stream = 0.0
        for to, ours, loop in streams(work, listed, asked.nodes, one):
            stream = ours.wall if to == "jsonl" else stream
            ratio = f"{ours.wall / loop.wall:.2f} | {GOALS[to]}"
            print(f"| `nodebake fleet --to {to}` | {ours.wall:.1f} | {loop.wall:.1f} | {ratio} |")
        peers(work, listed, asked, one, stream)
        print("\n| one good profile, and what is rendered of it | seconds of CPU |\n|---|---|")
        for what, cpu in checks(work, one["tree"] / "user-data"):
            print(f"| {what} | {cpu:.2f} |")
        if asked.million:
            print("\n| nodes | seconds | microseconds a node | MiB |\n|---|---|---|---|")
            for count, ran in growth(work, [1_000, 10_000, 100_000, 1_000_000]):
                print(f"| {count:,} | {ran.wall:.1f} | {ran.wall / count * 1e6:.0f} | {ran.mib:.0f} |")


def checks(work: Path, user_data: Path) -> list[tuple[str, float]]:
    """What it costs to say that all is well: medians of seven, taken in turn."""
    programs = {"`nodebake check`": [sys.executable, "-m", "generator", "check", str(work / "worker.yaml")]}
    for distro, version in (("debian-12", "22.4.2"), ("debian-13", "25.1.4")):
        programs[f"`cloud-init schema` ({version})"] = [*_cloud_init(distro, work), "schema", "-c", str(user_data)]
    ran = [{name: run(argv).cpu for name, argv in programs.items()} for _ in range(7)]
    return [(name, statistics.median(one[name] for one in ran)) for name in programs]


def _cloud_init(distro: str, work: Path) -> list[str]:
    folder = packages.unpack(distro, work / f"cloud-init-{distro}")
    return ["env", f"PYTHONPATH={folder}", sys.executable, "-m", "cloudinit.cmd.main"]


def peers(work: Path, listed: Path, asked: argparse.Namespace, one: dict[str, Path], stream: float) -> None:
    """Those that render or check each node anew, from so many of them to all; `stream` are our seconds for all."""
    template, schema, user_data = work / "template", work / "schema.json", str(one["tree"] / "user-data")
    template.write_text(Path(user_data).read_text().replace("n0", "{{ hostname }}", 1))
    schema.write_text(json.dumps({"type": "object", "required": ["write_files", "runcmd"]}))
    naive = [sys.executable, "-c", NAIVE, str(listed), str(template), str(schema), str(asked.peers)]
    main = _cloud_init("debian-12", work)
    programs = {
        "write-mime-multipart": ["write-mime-multipart", user_data],
        "cloud-localds": ["cloud-localds", str(work / "seed.iso"), user_data],
        "cloud-init devel make-mime": [*main, "devel", "make-mime", "-a", f"{user_data}:cloud-config"],
        "cloud-init schema": [*main, "schema", "--config-file", user_data],
    }
    print(f"\n| each node by itself, {asked.peers} of them | seconds | so for {asked.nodes}, minutes | times jsonl |")
    print("|---|---|---|---|")
    _row("Jinja2, PyYAML and jsonschema, each node anew", run(naive), asked, stream)
    for name, argv in programs.items():
        _row(f"`{name}`", each(asked.peers, argv), asked, stream)


def _row(name: str, ran: Ran, asked: argparse.Namespace, stream: float) -> None:
    seconds = ran.wall / asked.peers * asked.nodes
    print(f"| {name} | {ran.wall:.1f} | {seconds / 60:.0f} | {seconds / stream:.0f} |")


if __name__ == "__main__":
    main()
