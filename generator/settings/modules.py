"""Kernel modules: loaded now by modprobe, at every boot by systemd-modules-load."""

from __future__ import annotations

from generator import errors, probes, render, sentences
from generator.errors import Finding
from generator.facts import modules as facts
from generator.model import Edit, Expect, Fault, File, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("packages",)  # one may bring another kernel
PATH = "/etc/modules-load.d/nodebake.conf"
BAN = "/etc/modprobe.d/zz-fault.conf"
UNIT = "nodebake-fault.service"
CONFIG = "modules.kernel-config"


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
        faults=(*(fault for name in value for fault in _faults(name, value, context)), _config_removed()),
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


def _expects(name: str, names: list[str], context: Context) -> tuple[Expect, ...]:
    """`loadable` is told apart from `loaded`: what is deny-listed may be there now, and not after a boot."""
    setting, breaks = f"modules.{name}", reason("modules", same(name)).breaks
    return (
        Expect(f"{setting}.loaded", setting, "module-loaded", (name, *names), "loaded or built in", breaks),
        Expect(f"{setting}.loadable", setting, "module-loadable", (name, *names), "nothing forbids it", breaks),
        Expect(f"{setting}.persisted", setting, "module-persisted", (name,), "listed in modules-load.d", breaks),
        *probes.expects("modules", name, context.profile.settings),
    )


def _kernel_config() -> Expect:
    row = reason("modules", "kernel-config")
    return Expect(CONFIG, CONFIG, "kernel-config", (), "the kernel's configuration can be read", row.breaks)


def _faults(name: str, names: list[str], context: Context) -> tuple[Fault, ...]:
    """The kernel has it and nothing loads it; and three ways to keep a boot from loading it, two with green units."""
    setting = f"modules.{name}"
    without = _content([other for other in names if other != name], context)
    pattern = name.replace("-", "_").replace("_", "[-_]")
    loaded, loadable = f"{setting}.loaded", f"{setting}.loadable"
    # A service that loads it by its name hides that no boot does.
    missed = frozenset() if facts.loaders(name) & context.profile.settings.keys() else frozenset({loaded})
    banned = frozenset({loaded, loadable})

    def shown(fault: str) -> frozenset[str]:
        return probes.red("modules", name, context.profile.settings, fault)

    return (
        Fault(
            f"{setting}.unlisted",
            setting,
            f"{PATH} does not list {name} any more",
            (Edit(PATH, without),),
            missed | {f"{setting}.persisted"},
        ),
        Fault(
            f"{setting}.deny-listed",
            setting,
            "it is deny-listed",
            (Edit(BAN, f"blacklist {name}\n".encode()),),
            missed | {loadable} | (shown("deny-listed") if missed else frozenset()),
        ),
        Fault(
            f"{setting}.forbidden",
            setting,
            "a hardening rule runs /bin/false instead",
            (Edit(BAN, f"install {name} /bin/false\n".encode()),),
            banned | shown("forbidden"),
        ),
        Fault(
            f"{setting}.gone",
            setting,
            "the kernel's package lost its file",
            _at_boot(f"find /lib/modules/ -name '{pattern}.ko*' -delete"),
            banned | shown("gone"),
        ),
    )


def _config_removed() -> Fault:
    edits = _at_boot("rm -f /boot/config-*")
    return Fault(f"{CONFIG}.removed", CONFIG, "somebody tidied up /boot", edits, frozenset({CONFIG}))


def _at_boot(command: str) -> tuple[Edit, ...]:
    """Before modules are loaded, for what has the kernel's version in its path, which no offline edit knows."""
    unit = f"""\
[Unit]
DefaultDependencies=no
After=systemd-remount-fs.service
Before=systemd-modules-load.service sysinit.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c "{command}"
"""
    wants = f"[Unit]\nWants={UNIT}\n"  # a drop-in, for an offline edit makes no links
    return (
        Edit(f"/etc/systemd/system/{UNIT}", unit.encode()),
        Edit("/etc/systemd/system/sysinit.target.d/fault.conf", wants.encode()),
    )
