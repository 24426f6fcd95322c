"""What user-data is meant to say, from the plan alone, and what was found, in the same words."""

from __future__ import annotations

import gzip
from collections.abc import Iterator

import yaml

from generator.formats import cloud_init
from generator.model import Artefact, File, Plan
from tests.oracle.process import Oracle, Seen, Written

STEPS = "/run/nodebake/steps.sh"
RUNCMD = f"#!/bin/sh\n'sh' '{STEPS}'\n"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml, another parser than the one cloud-init has
KEYS = {"path", "permissions", "owner", "encoding", "content"}


def artefacts(plan: Plan) -> dict[str, Artefact]:
    return {artefact.path: artefact for artefact in cloud_init.artefacts(plan)}


def user_data(plan: Plan) -> bytes:
    return artefacts(plan)["user-data"].content


def early(plan: Plan) -> Iterator[File]:
    """Those that cloud-init itself can write: their owner is there from the start, no package brings them, and they
    have a mode, for 0 is none to it."""
    every = (file for _, file in plan.files)
    return (file for file in every if file.owner == file.group == "root" and not file.late and int(file.mode, 8))


def files(plan: Plan) -> dict[str, Written]:
    return {file.path: Written(file.content, int(file.mode, 8), file.owner, file.group) for file in early(plan)}


def hold(oracle: Oracle, plan: Plan) -> str:
    """The real cloud-init sees one part, the bytes that it was given, without a warning, and in it what was meant.

    Returns the script of the steps, which shell.py reads further.
    """
    document = user_data(plan)
    found = oracle.read(document)
    assert found.warnings == ()
    assert found.parts == (("text/cloud-config", document),)
    assert set(found.config) == {"write_files", "runcmd"}
    assert yaml.load(document, Loader=_LOADER) == found.config
    assert all(set(entry) <= KEYS for entry in found.config["write_files"])
    assert found.runcmd == RUNCMD
    return _steps(plan, found)


def _steps(plan: Plan, found: Seen) -> str:
    written = dict(found.files)
    steps = written.pop(STEPS)
    assert (steps.mode, steps.owner, steps.group) == (0o700, "root", "root")
    wanted = files(plan)
    assert {path for path, file in written.items() if wanted.get(path) != file} == set()
    assert written.keys() == wanted.keys()
    return steps.content.decode()


def compressed(document: bytes) -> bytes:
    return gzip.compress(document, mtime=0)
