"""What each verb does, as a sequence of calls into the rooms below. Returns the exit code."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator import errors, formats, output, progress, schema, stdin
from generator import plan as planning
from generator.model import Artefact, Plan, Report
from generator.sentences import nodes

if TYPE_CHECKING:
    from generator.report.files import Wanted

Arguments = argparse.Namespace
Artefacts = tuple[Artefact, ...]


def check(arguments: Arguments) -> int:
    """Every finding of every profile."""
    _stdin_once(arguments.profiles)
    findings: list[errors.Finding] = []
    for source in arguments.profiles:
        try:
            made = planning.load(source)
            findings.extend((*made.warnings, *_keys(made, arguments.cloud_init)))
        except errors.Refused as refused:
            findings.extend(refused.findings)
    if any(finding.severity == "error" for finding in findings):
        raise errors.Refused(findings)
    if arguments.format == "json":
        print(as_json(findings))
        return 0
    _warn(findings)
    for source in arguments.profiles:
        print(errors.visible(f"{source}: fine"))
    return 0


def _keys(made: Plan, version: str | None) -> list[errors.Finding]:
    """What the node's cloud-init says of the keys that it is given."""
    from generator import delivery  # noqa: PLC0415

    return delivery.findings(made, version)


def as_json(findings: Sequence[errors.Finding]) -> str:
    """Findings for a program to read. Warnings alone are `ok`."""
    ok = all(finding.severity == "warning" for finding in findings)
    return json.dumps({"ok": ok, "findings": [dataclasses.asdict(finding) for finding in findings]}, indent=2)


def _warn(findings: Iterable[errors.Finding]) -> None:
    for finding in findings:
        progress.say(str(finding))


def _plan(source: str) -> Plan:
    """The plan of a profile, with its warnings told."""
    made = planning.load(source)
    _warn(made.warnings)
    return made


def _whole(made: Plan) -> Plan:
    """The plan, if nothing in it is left to each node."""
    if made.profile.unset:
        raise nodes.unset(made.profile.unset)
    return made


def _one_node(arguments: Arguments) -> Plan:
    """The plan of a profile for the node that the command line speaks of."""
    from generator.fleet import alone  # noqa: PLC0415

    return _whole(alone.load(arguments.profile, arguments.set))


def _stdin_once(sources: Sequence[str]) -> None:
    if sources.count("-") > 1:
        raise errors.usage("- is stdin, and it can be read but once")


def render(arguments: Arguments) -> int:
    """All artefacts to a directory, or one of them to stdout."""
    plan = _one_node(arguments)
    _warn(plan.warnings)
    artefacts = _artefacts(plan)
    if (arguments.output == "-") != (arguments.only is not None):
        raise errors.only_to_stdout()
    artefacts, told = _delivered(plan, artefacts, arguments)
    if arguments.only is not None:
        sys.stdout.buffer.write(_one(artefacts, arguments.only).content)
        if arguments.only == "user-data":
            told(arguments.only)
        return 0
    directory = output.below(arguments.output) / plan.profile.name
    with output.hold(directory):
        output.publish(directory, plan, artefacts)
    print(directory)
    told(str(directory / "user-data"))
    return 0


def _delivered(plan: Plan, artefacts: Artefacts, arguments: Arguments) -> tuple[Artefacts, Callable[[str], None]]:
    """The artefacts as --target wants them, and what then says where user-data is and what to do with it."""
    from generator import delivery  # noqa: PLC0415

    _warn(delivery.accepted(plan, arguments.cloud_init))
    if arguments.target is None:
        return artefacts, lambda _path: None
    return delivery.deliver(plan, artefacts, arguments.target, arguments.cloud_init)


def _one(artefacts: tuple[Artefact, ...], path: str) -> Artefact:
    for artefact in artefacts:
        if artefact.path == path:
            return artefact
    raise errors.no_artefact(path, [artefact.path for artefact in artefacts])


def _artefacts(plan: Plan) -> tuple[Artefact, ...]:
    return tuple(artefact for form in formats.stems().values() for artefact in form.artefacts(plan))


def plan(arguments: Arguments) -> int:
    """What will be true, setting by setting, and who says so."""
    from generator.overview import record, text  # noqa: PLC0415

    made = _plan(arguments.profile)
    if arguments.format == "json":
        print(json.dumps(record.record(made), indent=2))
    else:
        sys.stdout.write(text.text(made))
    return 0


def diff(arguments: Arguments) -> int:
    """What changes on the node. Like diff(1): 1 where something does."""
    from generator.diff import changes, told  # noqa: PLC0415

    _stdin_once([arguments.one, arguments.other])
    one, other = _plan(arguments.one), _plan(arguments.other)
    if arguments.format == "json":
        print(json.dumps(told.record(one, other), indent=2))
    else:
        sys.stdout.write(told.text(one, other))
    return errors.CHECK_FAILED if changes(one, other) else 0


def fleet(arguments: Arguments) -> int:
    """Each node's own user-data."""
    from generator import fleet as fleets  # noqa: PLC0415
    from generator import progress  # noqa: PLC0415

    where = (arguments.to, arguments.output, arguments.keep_going, arguments.target or "", arguments.cluster)
    asked = fleets.Request(
        arguments.profile, arguments.nodes, arguments.nodes_format, *where, cloud_init=arguments.cloud_init
    )
    outcome = fleets.write(asked)
    _warn(outcome.findings)
    progress.note(nodes.written(outcome.count, len(outcome.findings)))
    if outcome.place != "-":
        print(outcome.place)
    return errors.CHECK_FAILED if outcome.findings else 0


def explain(arguments: Arguments) -> int:
    """A row, the causes of a symptom, or the names of all that is known."""
    from generator.explain import answers  # noqa: PLC0415

    asked = " ".join(arguments.what)
    if not arguments.what:
        sys.stdout.write(answers.everything(arguments.format))
        return 0
    answer = answers.answer(stdin.text() if asked == "-" else asked, arguments.format)
    sys.stdout.write(answer.text)
    if answer.error:
        raise answer.error
    return 0


def build(arguments: Arguments) -> int:
    """Base, render, Packer; the image is published only when all is done."""
    from generator import bake, supply, transport  # noqa: PLC0415 - QEMU's and Packer's rooms cost what `check` need not pay
    from generator.base import keys  # noqa: PLC0415

    made = _whole(_plan(arguments.profile))
    into = output.below(arguments.output) / made.profile.name
    locked, fresh, forms = supply.locked(made, arguments), arguments.refresh_base, transport.more(arguments.forms)
    with keys.noted(arguments.explain_cache):
        image = bake.bake(made, _artefacts(made), into, arguments.variant, refresh=fresh, locked=locked, forms=forms)
    print(image.path)
    for form in forms:
        print(image.path.with_name(f"{made.profile.name}{form.suffix}"))
    return 0


def verify(arguments: Arguments) -> int:
    """Boot, observe, judge."""
    from generator import verify as verifying  # noqa: PLC0415
    from generator.report import files  # noqa: PLC0415

    made = _one_node(arguments)
    if arguments.boots < 1:
        raise errors.usage("--boots wants at least 1")
    if arguments.subject == "clones" and (arguments.seed is not None or arguments.boots < 2):
        raise errors.clones_alone()
    wanted = files.wanted(arguments.format, arguments.report, arguments.proof)
    told = verifying.verify(
        Path(arguments.image),
        made,
        Path(arguments.seed) if arguments.seed is not None else None,
        arguments.boots,
        chart=wanted.pages,
        subject=arguments.subject,
    )
    return _print_report(told, wanted)


def prove(arguments: Arguments) -> int:
    """Fault by fault."""
    from generator.prove import Request, formats, prove, text  # noqa: PLC0415

    made = _whole(_plan(arguments.profile))
    if arguments.jobs is not None and arguments.jobs < 1:
        raise errors.usage("--jobs wants at least 1")
    asked = Request(Path(arguments.image), made, arguments.only, arguments.jobs, arguments.fresh, arguments.measure)
    proof = prove(asked)
    if arguments.format == "text":
        width = shutil.get_terminal_size((100, 24)).columns
        sys.stdout.write(text.text(proof, width, colour=_colour()))
    else:
        sys.stdout.write(formats.FORMATS[arguments.format](proof))
    return 0 if proof.ok else errors.CHECK_FAILED


def judge(arguments: Arguments) -> int:
    """What observe.sh printed on a live node."""
    from generator import verify as verifying  # noqa: PLC0415
    from generator.report import files  # noqa: PLC0415

    made = _one_node(arguments)
    wanted = files.wanted(arguments.format, arguments.report, arguments.proof)
    return _print_report(verifying.judge_lines(stdin.text().splitlines(), made), wanted)


def _print_report(report: Report, wanted: Wanted) -> int:
    from generator import progress  # noqa: PLC0415
    from generator.report import sentences  # noqa: PLC0415

    try:
        wanted.write(report)
    finally:  # a file that cannot be written costs no verdict
        sys.stdout.write(wanted.printed(report, colour=_colour()))
        if report.bundle:
            progress.note(sentences.kept(report.bundle))
    return 0 if report.ok else errors.CHECK_FAILED


def _colour() -> bool:
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def doctor(_arguments: Arguments) -> int:
    """What this host lacks."""
    from generator import doctor as examining  # noqa: PLC0415

    findings = examining.examine()
    width = max(len(finding.what) for finding in findings)
    for finding in findings:
        print(f"  {'ok' if finding.ok else 'LACKS':<5}  {finding.what:<{width}}  {errors.visible(finding.found)}")
    if command := examining.remedy(findings):
        print(f"\nInstall what is missing:\n  {command}")
    return 0 if all(finding.ok for finding in findings) else errors.TOOL


def schema_text(of: str = "profile") -> str:
    """The JSON Schema of profiles, or of pipelines."""
    return json.dumps(schema.SCHEMAS[of](), indent=2, ensure_ascii=False) + "\n"


def print_schema(arguments: Arguments) -> int:
    """For an editor's YAML language server."""
    sys.stdout.write(schema_text(arguments.of))
    return 0
