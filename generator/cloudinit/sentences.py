"""What is said of a key of cloud-init's."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import shown
from generator.sentences import Words


def no_version(text: str, oldest: str, newest: str) -> Words:
    return f"{shown(text)} is no version of cloud-init", f"write one from {oldest} to {newest}, such as 25.1"


def version_unknown(text: str, oldest: str, newest: str) -> Words:
    return f"cloud-init {text} is not known here", f"known are {oldest} to {newest}"


def not_yet(since: str, version: str) -> Words:
    return f"cloud-init knows this since {since}, and this node has {version}", "leave it out, or take a newer base"


def deprecated(since: str, instead: str) -> Words:
    return (
        f"deprecated since cloud-init {since}: from 23.4 on `cloud-init status` then ends with exit code 2",
        f"write {instead}",
    )


def unknown(guesses: Sequence[str], oldest: str, newest: str) -> Words:
    hint = f"did you mean {guesses[0]}?" if guesses else "since 23.4 it makes the schema's check fail"
    return f"no cloud-init from {oldest} to {newest} knows this", hint
