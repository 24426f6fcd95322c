"""The words of the command line: the verbs, what each takes, and what its help says."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Callable
from typing import NoReturn

from generator import __version__, commands, errors, pipelines, supply, transport


class _Parser(argparse.ArgumentParser):
    """Says of the command line only what a terminal can take."""

    def error(self, message: str) -> NoReturn:
        super().error(errors.visible(message))


def parser() -> argparse.ArgumentParser:
    """What takes a command line apart; the function that carries it out is then in `run`."""
    made: argparse.ArgumentParser = _Parser(
        prog="nodebake",
        description="One YAML profile to cloud-init user-data, a shell bootstrap and a golden Kubernetes-node image "
        "that was booted and judged.",
        epilog="Exit codes: 0 fine, 1 a check failed, 2 the input was refused, 3 a tool is missing or failed, "
        "4 the guest did not boot, 70 our bug, 75 another run holds the lock, 129, 130 or 143 interrupted.",
    )
    made.add_argument("--version", action="version", version=f"nodebake {__version__}")
    verbs = made.add_subparsers(metavar="VERB", required=True)
    for add in (_check, _render, _fleet, _plan, _diff, _explain, _build, _verify, _prove, _judge, _doctor, _schema):
        add(verbs)
    supply.add(functools.partial(_verb, verbs))
    transport.add(functools.partial(_verb, verbs))
    pipelines.add(functools.partial(_verb, verbs))
    return made


Verbs = argparse._SubParsersAction  # argparse has no public name for what add_subparsers returns
Run = Callable[[argparse.Namespace], int]


def _verb(verbs: Verbs[argparse.ArgumentParser], name: str, run: Run, says: str) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.set_defaults(run=run)
    return parser


def _check(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "check", commands.check, "validate profiles; every finding at once")
    parser.add_argument("profiles", nargs="+", metavar="PROFILE", help="a profile, or - for stdin")
    _cloud_init(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _render(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "render", commands.render, "write user-data, bootstrap.sh and Packer inputs")
    parser.add_argument("profile", metavar="PROFILE")
    _output(parser, "- is stdout, with --only")
    _values(parser)
    parser.add_argument("--only", metavar="ARTEFACT", help="one of them, as it is named below DIR/<name>/")
    says = (
        "write user-data in the form that this cloud takes, or refuse it: ec2, azure, gcp, openstack, nocloud and more"
    )
    parser.add_argument("--target", metavar="CLOUD", help=f"{says}, which docs/targets.md has")
    _cloud_init(parser)


def _fleet(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "fleet", commands.fleet, "write the user-data of many nodes, each its own")
    parser.epilog = (
        "Exit codes: 1 with --keep-going, where some nodes were left out; 2 the profile or the list was refused."
    )
    parser.add_argument("profile", metavar="PROFILE")
    says = "the list of nodes: .csv, .jsonl or .yaml; - is stdin"
    parser.add_argument("--nodes", required=True, metavar="FILE", help=says)
    parser.add_argument("--nodes-format", choices=("csv", "jsonl", "yaml"), help="where the list's name does not tell")
    says = "a directory a node, a seed image a node, or one stream (default: tree)"
    parser.add_argument("--to", choices=("tree", "iso", "tar", "jsonl", "terraform"), default="tree", help=says)
    says = "the folder (default: output/<name>-nodes), or the file of a stream (default: stdout)"
    parser.add_argument("-o", "--output", default="", metavar="PATH", help=says)
    says = "write user-data in the form that this cloud takes (docs/targets.md has them); in JSON it is in base64 then"
    parser.add_argument("--target", metavar="CLOUD", help=says)
    says = "the Dask scheduler of a cluster, such as tcp://scheduler:8786; its workers write parts below the URL of -o"
    parser.add_argument("--cluster", default="", metavar="ADDRESS", help=f"{says}; --to jsonl or tar")
    _cloud_init(parser)
    says = "write the nodes with which nothing is wrong, and list the others"
    parser.add_argument("--keep-going", action="store_true", help=says)


def _plan(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "plan", commands.plan, "tell what will be true on the node")
    parser.add_argument("profile", metavar="PROFILE")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _diff(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "diff", commands.diff, "tell what changes on the node between two profiles")
    parser.epilog = (
        "Exit codes, as diff(1): 0 the same node, 1 another one, 2 a profile was refused. The name is no change."
    )
    parser.add_argument("one", metavar="PROFILE", help="what the node is")
    parser.add_argument("other", metavar="OTHER", help="what it would be")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _explain(verbs: Verbs[argparse.ArgumentParser]) -> None:
    says = "tell why a setting exists, who needs it and what breaks without it; or what a line of a log comes from"
    parser = _verb(verbs, "explain", commands.explain, says)
    parser.add_argument(
        "what",
        nargs="*",
        metavar="NAME|TEXT",
        help="net.ipv4.ip_forward, br_netfilter, swap.limited, the name of a check, or what a program said, in quotes; "
        "- is stdin, a whole journal if you like; nothing lists what there is. "
        "Exit code 1: no known symptom is in it; 2: there is no such name",
    )
    parser.add_argument("--format", choices=("text", "json", "markdown"), default="text")


def _build(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "build", commands.build, "bake a golden image with Packer")
    parser.add_argument("profile", metavar="PROFILE")
    _output(parser)
    parser.add_argument("--variant", default="stock", help=argparse.SUPPRESS)  # bases that only tests need
    says = "build the base anew, and what packages the profile adds to it, with today's packages"
    parser.add_argument("--refresh-base", action="store_true", help=says)
    says = "print which layers were there, under which keys, and why, or why not"
    parser.add_argument("--explain-cache", action="store_true", help=says)
    supply.lock_arguments(parser)
    transport.format_argument(parser)


def _verify(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "verify", commands.verify, "boot an image twice, observe it, judge it")
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--profile", required=True, metavar="PROFILE", help="what the image shall be")
    _values(parser)
    parser.add_argument("--seed", metavar="ISO", help="boot with this NoCloud seed (default: one without settings)")
    parser.add_argument("--boots", type=int, default=2, metavar="N", help="how many boots (default 2)")
    subject = parser.add_mutually_exclusive_group()
    subject.add_argument(
        "--clones",
        dest="subject",
        action="store_const",
        const="clones",
        default="image",
        help="boot two machines from it side by side, on one network with a DHCP server (dnsmasq), and judge, too, "
        "whether they differ where two machines must",
    )
    subject.add_argument(
        "--machine",
        dest="subject",
        action="store_const",
        const="machine",
        help="IMAGE is the disk of a machine that has run, such as one that bootstrap.sh prepared: it has an identity, "
        "and is not judged as an image that others are made from",
    )
    _report(parser)


def _prove(verbs: Verbs[argparse.ArgumentParser]) -> None:
    says = "seed every fault of the plan into a copy of an image, boot it, and see that exactly the right checks fail"
    parser = _verb(verbs, "prove", commands.prove, says)
    parser.epilog = (
        "Exit codes: 0 every fault was caught as predicted and every check has a fault; 1 not so, or the image is red "
        "without any fault; 4 the image does not boot, or QEMU went away. What was booted is kept beside the image, in "
        "IMAGE.prove: a second run, or one that was interrupted, boots only the rest."
    )
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--profile", required=True, metavar="PROFILE", help="what the image is")
    parser.add_argument("--only", nargs="+", metavar="GLOB", help="only faults whose names match, such as 'swap.*'")
    parser.add_argument(
        "--jobs", type=int, metavar="N", help="guests side by side (default: as cores and memory allow)"
    )
    parser.add_argument("--fresh", action="store_true", help="boot everything, whatever is known")
    parser.add_argument("--measure", action="store_true", help="time a bare boot, too, to hold the faults against")
    parser.add_argument("--format", choices=("text", "json", "junit", "markdown"), default="text")


def _judge(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "judge", commands.judge, "judge what observe.sh printed on a live node, from stdin")
    parser.add_argument("--profile", required=True, metavar="PROFILE", help="what the node shall be")
    _values(parser)
    _report(parser)


def _doctor(verbs: Verbs[argparse.ArgumentParser]) -> None:
    _verb(verbs, "doctor", commands.doctor, "tell what this host lacks, and the command that installs it")


def _schema(verbs: Verbs[argparse.ArgumentParser]) -> None:
    parser = _verb(verbs, "schema", commands.print_schema, "print the JSON Schema of profiles, for editors")
    parser.add_argument("of", nargs="?", choices=("profile", "pipeline"), default="profile", help="(default: profile)")


def _values(parser: argparse.ArgumentParser) -> None:
    says = "what stands for one of the names under vars, or for hostname, mac, addresses...; once for each"
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help=says)


def _output(parser: argparse.ArgumentParser, more: str = "") -> None:
    says = "output goes to DIR/<name>/ (default: output)"
    parser.add_argument("-o", "--output", default="output", metavar="DIR", help=f"{says}; {more}" if more else says)


def _cloud_init(parser: argparse.ArgumentParser) -> None:
    says = "the cloud-init that reads it, such as 22.4 or 25.1 (default: that of the profile's base); what it does not "
    parser.add_argument(
        "--cloud-init", metavar="VERSION", help=f"{says}know is refused, what it calls deprecated is told"
    )


def _report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--format", choices=("text", "json", "junit", "tap", "html"), default="text")
    says = "write the report there, too, in the form of its ending (.html .json .xml .tap .txt); may be given again"
    parser.add_argument("--report", action="append", default=[], metavar="FILE", help=says)
    says = "what `nodebake prove --format json` printed: the kill matrix of an HTML report"
    parser.add_argument("--proof", metavar="FILE", help=says)
