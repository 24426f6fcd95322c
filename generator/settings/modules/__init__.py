"""Kernel modules: loaded now by modprobe, at every boot by systemd-modules-load."""

from __future__ import annotations

from collections.abc import Sequence

from generator import errors, probes, render, sentences
from generator.errors import Finding
from generator.facts import modules as facts
from generator.model import Expect, File, Part, Step
from generator.reasons import reason
from generator.settings import Context
from generator.settings.modules import faults
from generator.settings.modules.places import PATH

AFTER = ("packages",)  # one may bring another kernel


def same(name: str) -> str:
    """A module's one name."""
    return facts.plain(name)


def part(value: list[str], context: Context) -> Part:
    """From a list of module names. Refuses two spellings of one name."""
    _refuse_twins(value, context)
    return Part(
        files=(File(PATH, _content(value, context)),),
        steps=tuple(Step(f"load the module {name}", "modules", ("module_loaded", name)) for name in value),
        expects=(*(expect for name in value for expect in _expects(name, value, context)), _kernel_config()),
        faults=faults.of(value, lambda names: _content(names, context), context),
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


def _content(names: Sequence[str], context: Context) -> bytes:
    rows = [(name, reason("modules", same(name)).why) for name in names]
    return render.template("modules/modules-load.conf.j2", header=render.header(context.profile), rows=rows).encode()


def _expects(name: str, names: list[str], context: Context) -> tuple[Expect, ...]:
    """`loadable` is told apart from `loaded`: what is deny-listed may be there now, and not after a boot.

    What the kernel is known to have built in is there, and no check could say otherwise.
    """
    setting, breaks = f"modules.{name}", reason("modules", same(name)).breaks
    listed = Expect(f"{setting}.persisted", setting, "module-persisted", (name,), "listed in modules-load.d", breaks)
    if same(name) in context.distro.built_in:
        return (listed,)
    return (
        Expect(f"{setting}.loaded", setting, "module-loaded", (name, *names), "loaded or built in", breaks),
        Expect(f"{setting}.loadable", setting, "module-loadable", (name, *names), "nothing forbids it", breaks),
        listed,
        *probes.expects("modules", name, context.profile.settings),
    )


def _kernel_config() -> Expect:
    name, row = faults.CONFIG, reason("modules", "kernel-config")
    return Expect(name, name, "kernel-config", (), "the kernel's configuration can be read", row.breaks)
