"""Profile x Distro -> Plan. Two files on one path are an error; so are two expectations of one name."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import checks, crosschecks, distro, errors, expand, sentences, settings
from generator import profile as profiles
from generator.crosschecks import by_facts
from generator.errors import Finding
from generator.model import Expect, Fault, File, Later, Part, Plan, Profile

# Checks of which the first word wanted is a unit's state; `loaded` is any but masked.
_OF_UNITS = ("unit-enabled", "unit-file-state", "unit-load-state")


def load(source: str) -> Plan:
    """The plan of a profile in a file; `-` is stdin.

    Raises Refused with what is wrong with the profile as YAML, by its schema, and between its settings, all at once:
    what settings must agree on is looked for among those with which nothing is wrong by themselves.
    """
    return of(profiles.read(source))


def of(reading: profiles.Reading) -> Plan:
    """The plan of a profile that was read. Raises Refused as `load` does."""
    findings = list(reading.document.findings)
    try:
        plan = make(reading.profile)
    except errors.Refused as refused:
        findings.extend(refused.findings)
    else:
        if not findings:
            return plan
        findings.extend(plan.warnings)
    raise errors.Refused(findings)


def make(profile: Profile) -> Plan:
    """The plan of a profile. Raises Refused with every finding that the schema could not make."""
    facts = distro.load(profile.distro)
    if lacking := by_facts.lacking(profile, facts):
        raise errors.Refused(lacking)
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
    findings.extend(crosschecks.find(context))
    findings.extend(_contradicted_units(profile, parts, {one.path for one in findings if one.severity == "error"}))
    if any(finding.severity == "error" for finding in findings):
        raise errors.Refused(findings)
    return dataclasses.replace(_join(context, parts), warnings=tuple(sorted(findings)))


def _two_on_one_path(profile: Profile, parts: dict[str, Part]) -> list[Finding]:
    owners: dict[str, str] = {}
    findings = []
    for stem, index, file in _files(parts):
        path = _merged(file.path)
        if path in owners:
            words = sentences.two_files(file.path, owners[path])
            findings.append(_about_file(profile, stem, index, words))
        owners.setdefault(path, f"the setting {stem}")
    for stem, index, file in _files(parts):
        folders = map(str, PurePosixPath(_merged(file.path)).parents)
        above = next((folder for folder in folders if folder in owners), None)
        if above:
            findings.append(_about_file(profile, stem, index, sentences.below_a_file(file.path, above)))
    return findings


def _merged(path: str) -> str:
    """/bin, /sbin and /lib are links into /usr on every distribution here (file-hierarchy(7))."""
    return f"/usr{path}" if path.startswith(("/bin/", "/sbin/", "/lib/", "/lib64/")) else path


def _files(parts: dict[str, Part]) -> Iterator[tuple[str, int, File]]:
    for stem, part in parts.items():
        for index, file in enumerate(part.files):
            yield stem, index, file


def _about_file(profile: Profile, stem: str, index: int, words: tuple[str, str]) -> Finding:
    written = (stem, index, "path")
    place = profile.place(written if written in profile.marks else (stem,))
    return Finding(profile.source, *place, f"files[{index}].path" if stem == "files" else stem, *words)


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


def _contradicted_units(profile: Profile, parts: dict[str, Part], told: set[str]) -> Iterator[Finding]:
    """Two wishes for one unit of systemd, which no node can fulfil; at `services`, where nothing has been told yet."""
    said = profile.settings.get("services", {})
    for stem, expect in ((stem, one) for stem, part in parts.items() if stem != "services" for one in part.expects):
        unit = expect.args[0] if expect.kind in _OF_UNITS else ""
        wanted, state, path = expect.want.partition(" ")[0], said.get(unit, ""), f"services.{unit}"
        contradicted = state == "masked" if wanted == "loaded" else state != wanted
        if unit in said and contradicted and path not in told:
            words = sentences.unit_contradicted(stem, unit, wanted, state)
            yield Finding(profile.source, *profile.place(("services", unit)), path, *words)


def _join(context: settings.Context, parts: dict[str, Part]) -> Plan:
    expects = tuple(expect for part in parts.values() for expect in part.expects)
    return Plan(
        profile=context.profile,
        distro=context.distro,
        settings=tuple(parts),
        files=tuple((stem, file) for stem, part in parts.items() for file in part.files),
        steps=tuple(step for part in parts.values() for step in part.steps),
        expects=_only_known_needs(expects),
        faults=Later(lambda: (_seen_by_all(fault, expects) for part in parts.values() for fault in part.faults)),
        room_mib=sum(part.room_mib for part in parts.values()),
    )


def _seen_by_all(fault: Fault, expects: tuple[Expect, ...]) -> Fault:
    """A fault also turns red what another setting expects of the very file that it changes."""
    also = {expect.id for expect in expects if any(checks.sees(expect, edit) for edit in fault.edits)}
    return dataclasses.replace(fault, red=fault.red | also)


def _only_known_needs(expects: tuple[Expect, ...]) -> tuple[Expect, ...]:
    """A need that this profile does not speak of cannot block anything."""
    known = {expect.id for expect in expects}
    return tuple(
        dataclasses.replace(expect, needs=tuple(need for need in expect.needs if need in known)) for expect in expects
    )
