"""The verbs of the supply chain: what is in an image, and the signed word on it. Returns the exit code."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path

from generator import errors
from generator import plan as planning
from generator.model import Plan
from generator.sentences import nodes

Run = Callable[[argparse.Namespace], int]
Verb = Callable[[str, Run, str], argparse.ArgumentParser]


def add(verb: Verb) -> None:
    """Make the verbs known to the command line."""
    _sbom(verb("sbom", sbom, "write what software an image has, as CycloneDX and as SPDX, without booting it"))
    _attest(verb("attest", attest, "sign what an image is, how it was built, and what came of its tests"))
    says = "look offline whether an attestation was signed by a key and holds for an image"
    _verify(verb("verify-attestation", verify_attestation, says))
    _compare(verb("compare", compare, "what differs between two images, file by file, without booting them"))
    _base(verb("base", base_lock, "what bases there are, and what they are made of"))


def lock_arguments(parser: argparse.ArgumentParser) -> None:
    """What `build` knows of locks."""
    says = "the base must be what this lock says (default: PROFILE.lock.json, if it is there)"
    parser.add_argument("--lock", metavar="FILE", help=says)
    parser.add_argument("--locked", action="store_true", help="refuse to build without a lock")


def locked(made: Plan, arguments: argparse.Namespace) -> Path | None:
    """The lock that `build` holds, if there is one. Raises a refusal where --locked wants one and there is none.

    And where it is none: before a base is made for minutes, and not when that is held against it.
    """
    from generator.base import lock  # noqa: PLC0415 - as below

    path = lock.wanted(made.profile.source, arguments.lock, must=arguments.locked)
    if path is not None:
        lock.read(path)
    return path


def _sbom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--profile", required=True, metavar="PROFILE", help="what it was built from")
    parser.add_argument("-o", "--output", metavar="DIR", help="where to write them (default: beside the image)")


def _attest(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Written beside the image: IMAGE.intoto.jsonl, an in-toto bundle of DSSE envelopes (SLSA provenance v1, "
        "test-result v0.1), and the SBOMs that it names."
    )
    parser.add_argument("image", metavar="IMAGE", help="an image where nodebake build put it, with its manifest.json")
    parser.add_argument("--profile", required=True, metavar="PROFILE", help="what it was built from")
    parser.add_argument("--key", required=True, metavar="PEM", help="an ed25519 private key")
    parser.add_argument("--report", metavar="FILE", help="what `nodebake verify --report FILE.json` wrote")
    parser.add_argument("--proof", metavar="FILE", help="what `nodebake prove --format json` printed")


def _verify(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Exit codes: 0 it holds; 1 it does not, or was not signed by that key; 2 it is no attestation."
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--attestation", metavar="FILE", help="the attestation (default: IMAGE.intoto.jsonl)")
    parser.add_argument("--public-key", required=True, metavar="PEM", help="of the key that must have signed it")
    parser.add_argument("--profile", metavar="FILE", help="it shall have been built from this very profile")
    parser.add_argument("--lock", metavar="FILE", help="and from this very lock")
    says = "a result of this verb must be there and have passed, and of prove every fault be caught (may stand twice)"
    parser.add_argument("--require", action="append", default=[], choices=("verify", "prove"), help=says)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _plan(source: str) -> Plan:
    """The plan of a profile in which nothing is left to each node."""
    made = planning.load(source)
    if made.profile.unset:
        raise nodes.unset(made.profile.unset)
    return made


def _base(parser: argparse.ArgumentParser) -> None:
    what = parser.add_subparsers(metavar="WHAT", required=True)
    says = "write down what the base of a profile is made of: build then refuses another one"
    parser = what.add_parser("lock", help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.add_argument("profile", metavar="PROFILE")
    parser.add_argument("-o", "--output", metavar="FILE", help="the lock (default: PROFILE.lock.json, beside it)")
    parser.add_argument("--refresh-base", action="store_true", help="build the base anew, with today's packages")
    parser.add_argument("--variant", default="stock", help=argparse.SUPPRESS)
    says = "list the bases that a profile may name: booted by this project, or by facts only"
    parser = what.add_parser("list", help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.set_defaults(run=base_list)


def _compare(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "Exit codes: 0 they are equal, but for what was reviewed and may differ; 1 they are not."
    parser.add_argument("one", metavar="IMAGE")
    parser.add_argument("other", metavar="IMAGE")
    parser.add_argument("--all", action="store_true", help="name what may differ, too, and why it may")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def compare(arguments: argparse.Namespace) -> int:
    """Like diff(1): 1 where they differ."""
    from generator import contents  # noqa: PLC0415 - as below
    from generator.contents import compare as comparing  # noqa: PLC0415

    sides = []
    for name in (arguments.one, arguments.other):
        with contents.opened(Path(name)) as disk:
            sides.append(contents.of(disk))
    found = comparing.compare(sides[0], sides[1])
    if arguments.format == "json":
        print(json.dumps([dataclasses.asdict(one) for one in found], indent=2))
    else:
        for line in comparing.text(found, everything=arguments.all):
            print(errors.visible(line))
    return errors.CHECK_FAILED if any(not one.allowed for one in found) else 0


def base_list(arguments: argparse.Namespace) -> int:
    """To stdout; as JSON with every fact and its source."""
    from generator.base import listing  # noqa: PLC0415 - as below

    rows = listing.listed()
    if arguments.format == "json":
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2))
    else:
        for line in listing.text(rows):
            print(line)
    return 0


def base_lock(arguments: argparse.Namespace) -> int:
    """The lock, and its path to stdout."""
    from generator import progress, whole  # noqa: PLC0415 - as below
    from generator.base import lock, sentences  # noqa: PLC0415

    profile = _plan(arguments.profile).profile
    target = Path(arguments.output) if arguments.output else lock.beside(profile.source)
    if target is None:
        raise sentences.lock_nowhere()
    found = lock.obtained(profile, arguments.variant, refresh=arguments.refresh_base)
    if target.exists() and (why := list(lock.differences(lock.read(target)[0], found))):
        progress.note(sentences.changed(str(target), why))
    if not isinstance(profile.base, str) and not lock.dated(profile.base.told):
        progress.note(sentences.moving(profile.base.told))
    with whole.file(target, 0o644) as out:
        out.write(lock.write(found))
    print(target)
    return 0


def sbom(arguments: argparse.Namespace) -> int:
    """Both documents, and their paths to stdout."""
    from generator import forms  # noqa: PLC0415 - as every verb that a check need not pay for
    from generator import sbom as boms  # noqa: PLC0415
    from generator.attest import measured  # noqa: PLC0415

    plan = _plan(arguments.profile)
    image = Path(arguments.image)
    with measured.opened(image) as (_, disk):
        made = boms.make(disk, forms.stem(image), plan)
    for path in boms.write(Path(arguments.output) if arguments.output else image.parent, made):
        print(path)
    return 0


def attest(arguments: argparse.Namespace) -> int:
    """The attestation and what it names, and their paths to stdout."""
    from generator import attest as attesting  # noqa: PLC0415
    from generator.attest import keys  # noqa: PLC0415

    key, plan = keys.private(Path(arguments.key)), _plan(arguments.profile)
    report, proof = (Path(name) if name else None for name in (arguments.report, arguments.proof))
    for path in attesting.attest(attesting.Asked(Path(arguments.image), plan, key, report, proof)):
        print(path)
    return 0


def verify_attestation(arguments: argparse.Namespace) -> int:
    """What holds, to stdout."""
    from generator import attest as attesting  # noqa: PLC0415
    from generator.attest import check, keys, text  # noqa: PLC0415

    image = Path(arguments.image)
    named = Path(arguments.attestation) if arguments.attestation else attesting.beside(image)
    profile, lock = (check.digest(Path(name)) if name else "" for name in (arguments.profile, arguments.lock))
    required = tuple(dict.fromkeys(arguments.require))
    key = keys.public(Path(arguments.public_key))
    held = check.check(check.Asked(image, named, key, profile, lock, required))
    if arguments.format == "json":
        print(json.dumps(dataclasses.asdict(held), indent=2))
    else:
        sys.stdout.write(text.text(held))
    return 0
