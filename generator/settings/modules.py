"""Kernel modules: loaded now by modprobe, at every boot by systemd-modules-load."""

from __future__ import annotations

from generator import errors, render, sentences
from generator.errors import Finding
from generator.facts import modules as facts
from generator.model import Edit, Expect, Fault, File, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("packages",)
PATH = "/etc/modules-load.d/nodebake.conf"


def same(name: str) -> str:
    """A module's one name."""
    return facts.plain(name)


def part(value: list[str], context: Context) -> Part:
    """From a list of module names. Refuses two spellings of one name."""
    _refuse_twins(value, context)
    return Part(
        files=(File(PATH, _content(value, context)),),
        steps=tuple(Step(f"load the module {name}", "modules", ("module_loaded", name)) for name in value),
        expects=tuple(expect for name in value for expect in _expects(name)),
        faults=tuple(_unlisted(name, value, context) for name in value),
    )


def _refuse_twins(value: list[str], context: Context) -> None:
    seen: set[str] = set()
    findings = []
    for index, name in enumerate(value):
        if same(name) in seen:
            place, words = context.profile.place(("modules", index)), sentences.same_module_twice(name)
            findings.append(Finding(context.profile.source, *place, f"modules[{index}]", *words))
        seen.add(same(name))
    if findings:
        raise errors.Refused(findings)


def _content(names: list[str], context: Context) -> bytes:
    rows = [(name, reason("modules", same(name)).why) for name in names]
    return render.template("modules/modules-load.conf.j2", header=render.header(context.profile), rows=rows).encode()


def _expects(name: str) -> tuple[Expect, ...]:
    setting, breaks = f"modules.{name}", reason("modules", same(name)).breaks
    return (
        Expect(f"{setting}.loaded", setting, "module-loaded", (name,), "loaded or built in", breaks),
        Expect(f"{setting}.persisted", setting, "module-persisted", (name,), "listed in modules-load.d", breaks),
    )


def _unlisted(name: str, names: list[str], context: Context) -> Fault:
    """The kernel has it, but nothing lists it for a boot. A service that loads it by itself hides that."""
    setting = f"modules.{name}"
    hidden = facts.loaders(name) & context.profile.settings.keys()
    return Fault(
        id=f"{setting}.unlisted",
        setting=setting,
        story=f"{PATH} does not list {name} any more",
        edits=(Edit(PATH, _content([other for other in names if other != name], context)),),
        red=frozenset({f"{setting}.persisted"} if hidden else {f"{setting}.loaded", f"{setting}.persisted"}),
    )
