"""Bases of which there are facts alone: what they do not suffice for, and what they say of the modules."""

from __future__ import annotations

from collections.abc import Iterator

from generator import distro
from generator.crosschecks import Found
from generator.errors import Finding
from generator.facts import modules
from generator.model import Distro, Profile
from generator.sentences import bases
from generator.settings import Context


def find(context: Context) -> Iterator[Found]:
    """At the base, that nobody here booted it; at each module that its image lacks, what brings it."""
    facts = context.distro
    if not distro.booted(facts.id):
        yield Found(("base",), bases.by_facts_only(facts.id), warning=True)
    absent = {modules.plain(name): package for name, package in distro.modules_absent(facts.id).items()}
    for index, name in enumerate(context.profile.settings.get("modules", ())):
        if modules.plain(name) in absent:
            words = bases.module_absent(name, absent[modules.plain(name)], facts.id)
            yield Found(("modules", index), words, warning=True)


def lacking(profile: Profile, facts: Distro) -> list[Finding]:
    """Settings of a profile that cannot be rendered by what is known; told before anything is worked out of them."""
    wrong = []
    if "packages" in profile.settings and distro.manager(facts.id) != distro.APT:
        wrong.append(("packages", bases.no_packages(facts.id, distro.manager(facts.id))))
    if "containerd" in profile.settings and not facts.containerd.package:
        wrong.append(("containerd", bases.no_containerd(facts.id)))
    return [Finding(profile.source, *profile.place((stem,)), stem, *words) for stem, words in wrong]
