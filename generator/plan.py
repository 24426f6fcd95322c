"""Profile x Distro -> Plan. Two files on one path are an error; so are two expectations of one name."""

from __future__ import annotations

import dataclasses
from collections import Counter

from generator import distro, errors, expand, sentences, settings
from generator.errors import Finding
from generator.model import Expect, Part, Plan, Profile


def make(profile: Profile) -> Plan:
    """The plan of a profile. Raises Refused with every finding that the schema could not make."""
    facts = distro.load(profile.distro)
    profile = expand.expand(settings.Context(profile, facts))
    context = settings.Context(profile, facts)
    parts: dict[str, Part] = {}
    findings: list[Finding] = []
    for stem, setting in settings.stems().items():
        if stem in profile.settings:
            try:
                parts[stem] = setting.part(profile.settings[stem], context)
            except errors.Refused as refused:
                findings.extend(refused.findings)
    findings.extend(_two_on_one_path(profile, parts))
    findings.extend(_expected_twice(profile, parts))
    if findings:
        raise errors.Refused(findings)
    return _join(context, parts)


def _two_on_one_path(profile: Profile, parts: dict[str, Part]) -> list[Finding]:
    owners: dict[str, str] = {}
    findings = []
    for stem, part in parts.items():
        for index, file in enumerate(part.files):
            if file.path in owners:
                written = (stem, index, "path")
                line, column = profile.place(written if written in profile.marks else (stem,))
                sentence, hint = sentences.two_files(file.path, owners[file.path])
                path = f"files[{index}].path" if stem == "files" else stem
                findings.append(Finding(profile.source, line, column, path, sentence, hint))
            owners.setdefault(file.path, f"the setting {stem}")
    return findings


def _expected_twice(profile: Profile, parts: dict[str, Part]) -> list[Finding]:
    """One name, two wishes: the second would hide the first from the judge."""
    findings = []
    for stem, part in ((stem, part) for stem, part in parts.items() if stem != "files"):
        counts = Counter(expect.id for expect in part.expects)
        twice = dict.fromkeys(expect.setting for expect in part.expects if counts[expect.id] > 1)
        line, column = profile.place((stem,))
        for setting in twice:
            sentence, hint = sentences.expected_twice(setting.partition(".")[2])
            findings.append(Finding(profile.source, line, column, stem, sentence, hint))
    return findings


def _join(context: settings.Context, parts: dict[str, Part]) -> Plan:
    expects = tuple(expect for part in parts.values() for expect in part.expects)
    return Plan(
        profile=context.profile,
        distro=context.distro,
        settings=tuple(parts),
        files=tuple((stem, file) for stem, part in parts.items() for file in part.files),
        steps=tuple(step for part in parts.values() for step in part.steps),
        expects=_only_known_needs(expects),
        faults=tuple(fault for part in parts.values() for fault in part.faults),
    )


def _only_known_needs(expects: tuple[Expect, ...]) -> tuple[Expect, ...]:
    """A need that this profile does not speak of cannot block anything."""
    known = {expect.id for expect in expects}
    return tuple(
        dataclasses.replace(expect, needs=tuple(need for need in expect.needs if need in known)) for expect in expects
    )
