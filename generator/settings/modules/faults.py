"""What turns each expectation about modules red; and why nothing does where something else loads the module."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from generator import probes
from generator.facts import modules as facts
from generator.model import Edit, Fault
from generator.settings import Context
from generator.settings.modules import places

CONFIG = "modules.kernel-config"
BAN = "/etc/modprobe.d/zz-fault.conf"
UNIT = "nodebake-fault.service"
_LOADER = f"{places.UNITS}/systemd-modules-load.service"

Content = Callable[[Sequence[str]], bytes]  # the file for a list of modules


def of(names: Sequence[str], content: Content, context: Context) -> tuple[Fault, ...]:
    """For the modules that are listed; `content` makes the file."""
    unasked = {*context.distro.built_in, *context.distro.loaded}
    settings = context.profile.settings
    by_itself = frozenset(name for name in names if facts.plain(name) in unasked or facts.comes_along(name, settings))
    own = (fault for name in names for fault in _of_one(name, names, by_itself, content, context))
    return *own, *_of_all(names, by_itself), _config_removed()


def _of_one(
    name: str, names: Sequence[str], by_itself: frozenset[str], content: Content, context: Context
) -> Iterator[Fault]:
    """The kernel has it and nothing loads it; and three ways to keep a boot from loading it, two with green units."""
    setting, needing, settings = f"modules.{name}", facts.needing(name, names), context.profile.settings
    # What loads it by its name, or needs it, hides that no boot was told to.
    missed = set() if name in by_itself or len(needing) > 1 else {f"{setting}.loaded"}
    without = Edit(places.PATH, content([other for other in names if other != name]))
    yield _fault(f"{setting}.unlisted", f"{places.PATH} does not list {name} any more", missed, "persisted", without)
    if facts.plain(name) in context.distro.built_in:
        return
    unasked = facts.plain(name) in context.distro.loaded  # by whom and when, and whether by its name, is not known
    if not unasked:
        denied = Edit(BAN, f"blacklist {name}\n".encode())
        shown = probes.red("modules", name, settings, "deny-listed") if missed else frozenset()
        yield _fault(f"{setting}.deny-listed", "it is deny-listed", missed | shown, "loadable", denied)
    lost = {f"modules.{one}.{what}" for one in needing for what in ("loaded", "loadable")}
    lost |= {red for one in needing for red in facts.demanded(one, settings)}
    lost |= {red for one in needing for red in probes.red("modules", one, settings, "gone")}
    ban = Edit(BAN, f"install {name} /bin/false\n".encode())
    yield _fault(f"{setting}.forbidden", "a hardening rule runs /bin/false instead", lost, "loadable", ban)
    if not unasked:
        gone = _at_boot(f"find /lib/modules/ -name '{facts.plain(name).replace('_', '[-_]')}.ko*' -delete")
        yield _fault(f"{setting}.gone", "the kernel's package lost its file", lost, "loadable", *gone)


def _fault(name: str, story: str, red: Iterable[str], own: str, *edits: Edit) -> Fault:
    setting = name.rpartition(".")[0]
    return Fault(name, setting, story, edits, frozenset({*red, f"{setting}.{own}"}))


def _of_all(names: Sequence[str], by_itself: frozenset[str]) -> Iterator[Fault]:
    """The list is gone, or nobody reads it."""
    loaded = {f"modules.{name}.loaded" for name in names if name not in by_itself}
    listed = {f"modules.{name}.persisted" for name in names}
    gone = (Edit(places.PATH, None),)
    yield Fault("modules.list.removed", "modules", f"{places.PATH} is gone", gone, frozenset(loaded | listed))
    if loaded:
        masked = (Edit(_LOADER, None, link="/dev/null"),)
        story = "systemd-modules-load.service is masked"
        yield Fault("modules.service.masked", "modules", story, masked, frozenset(loaded))


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
    wants = f"{places.UNITS}/sysinit.target.wants/{UNIT}"
    return Edit(f"{places.UNITS}/{UNIT}", unit.encode()), Edit(wants, None, link=f"../{UNIT}")
