"""What turns each expectation about containerd red."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.model import Edit, Fault
from generator.settings import Context
from generator.settings.containerd import config

_UNIT = "/etc/systemd/system"
_OTHER_FILE = "/etc/containerd/other.toml"
_OTHERS: Mapping[Any, Any] = {True: False, False: True, "overlayfs": "native", "native": "overlayfs"}


def of(made: config.Config, snapshotter: str, context: Context) -> tuple[Fault, ...]:
    """For the config as it shall be."""
    on_overlay = (_no_overlay(),) if snapshotter == "overlayfs" else ()
    return (*_fields(made, context), *_plugins(made, snapshotter, context), *_unit(context), _no_runc(), *on_overlay)


def _fault(name: str, story: str, red: frozenset[str], *edits: Edit) -> Fault:
    return Fault(f"containerd.{name}", "containerd", story, edits, red)


def _red(*names: str) -> frozenset[str]:
    return frozenset(f"containerd.{name}" for name in names)


def _fields(made: config.Config, context: Context) -> Iterator[Fault]:
    """Each field says something else."""
    for field, _, value in config.fields(made):
        other = _OTHERS.get(value, f"{value}.other")
        edit = Edit(config.PATH, config.text(config.of(made, {field: other}), context.profile))
        yield _fault(f"{field}.other", f"{config.PATH} says {field} = {config.words(other)}", _red(field), edit)


def _plugins(made: config.Config, snapshotter: str, context: Context) -> Iterator[Fault]:
    """A plugin is switched off, as the config.toml of Docker's package does it to CRI."""
    needed = ("plugin-snapshotter", "plugin-cri", "container")
    rows = (("io.containerd.grpc.v1.cri", ("plugin-cri",)), (f"io.containerd.snapshotter.v1.{snapshotter}", needed))
    for plugin, red in rows:
        text = config.text({**made, "disabled_plugins": [plugin]}, context.profile)
        yield _fault(f"{red[0]}.disabled", f"{config.PATH} disables {plugin}", _red(*red), Edit(config.PATH, text))


def _unit(context: Context) -> Iterator[Fault]:
    unit = context.distro.containerd.unit
    red = frozenset({f"services.{unit}.enabled"})
    link = f"{_UNIT}/multi-user.target.wants/{unit}"
    yield _fault("unit.disabled", f"{unit} is disabled", red, Edit(link, None))
    yield _fault("unit.masked", f"{unit} is masked by an empty file", red, Edit(f"{_UNIT}/{unit}", b""))
    dropin = f"[Service]\nExecStart=\nExecStart=/usr/bin/containerd --config {_OTHER_FILE}\n"
    edits = (Edit(f"{_UNIT}/{unit}.d/other.conf", dropin.encode()), Edit(_OTHER_FILE, b"version = 2\n"))
    yield _fault("unit.other-file", f"a drop-in starts it with {_OTHER_FILE}", _red("current"), *edits)


def _no_runc() -> Fault:
    return _fault("runc.missing", "runc is gone", _red("container"), Edit("/usr/sbin/runc", None))


def _no_overlay() -> Fault:
    """What hardening guides ask for. The plugins come up all the same: they mount nothing before a container runs."""
    edit = Edit("/etc/modprobe.d/hardening.conf", b"install overlay /bin/false\n")
    red = _red("container") | {f"modules.overlay.{name}" for name in ("loaded", "loadable", "stacked")}
    return _fault("overlay.refused", "a modprobe.d file has: install overlay /bin/false", red, edit)
