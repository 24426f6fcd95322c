"""containerd, set up for kubelet: the distribution's package, one config.toml, and a container that really runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generator.model import Expect, File, Implied, Part, Step
from generator.reasons import reason
from generator.settings import Context, packages
from generator.settings.containerd import config, faults

AFTER = ("packages", "modules")

Value = Mapping[str, Any]


def implies(value: Value, context: Context) -> Iterator[Implied]:
    """The package, unless the profile names it already; its unit; and the module that its snapshotter needs."""
    facts = context.distro.containerd
    named = {packages.same(entry) for entry in context.profile.settings.get("packages", ())}
    if facts.package not in named:
        yield Implied("packages", facts.package, None, "containerd", "it is what containerd sets up")
    if _snapshotter(value) == "overlayfs":
        why = "containerd's snapshotter overlayfs mounts the layers of images with it"
        yield Implied("modules", "overlay", None, "containerd.snapshotter", why, "containerd: overlayutils/check.go")
    yield Implied("services", facts.unit, "enabled", "containerd", "kubelet needs its container runtime at every boot")


def part(value: Value, context: Context) -> Part:
    """From a mapping of fields."""
    facts = context.distro.containerd
    made = config.of(facts.config, {**config.DEFAULTS, **value})
    current = Step("containerd runs by its config.toml", "containerd", ("containerd_current", facts.unit, config.PATH))
    # The package has one of its own. If ours were there before, dpkg would lay that beside it (config.toml.dpkg-dist).
    return Part(
        files=(File(config.PATH, config.text(made, context.profile), late=True),),
        steps=(current,),
        expects=(*_settings(made), *_behaviour(value, facts.unit)),
        faults=faults.of(made, _snapshotter(value), context),
    )


def _snapshotter(value: Value) -> str:
    return str({**config.DEFAULTS, **value}["snapshotter"])


def _settings(made: config.Config) -> Iterator[Expect]:
    """What containerd itself says it reads out of its files; it says nothing of what is CRI's while CRI is disabled."""
    needs = ("containerd.plugin-cri",)
    for field, place, value in config.fields(made):
        name, breaks = f"containerd.{field}", reason("containerd", field).breaks
        yield Expect(name, name, "containerd-config", place, config.words(value), breaks, needs)


def _behaviour(value: Value, unit: str) -> tuple[Expect, ...]:
    """What it does, which it only can when its unit is up."""
    snapshotter, needs = _snapshotter(value), (f"services.{unit}.enabled",)
    cgroups = "systemd" if {**config.DEFAULTS, **value}["SystemdCgroup"] else "cgroupfs"

    def expect(name: str, kind: str, args: tuple[str, ...], want: str) -> Expect:
        setting = f"containerd.{name}"
        return Expect(setting, setting, kind, args, want, reason("containerd", name).breaks, needs)

    plugin = ("io.containerd.snapshotter.v1", snapshotter)
    return (
        expect("current", "containerd-current", (unit,), f"{config.PATH} as it is now"),
        expect("plugin-snapshotter", "containerd-plugin", plugin, "ok"),
        expect("plugin-cri", "containerd-plugin", ("io.containerd.grpc.v1", "cri"), "ok"),
        expect("container", "containerd-container", (snapshotter, cgroups), "it ran, and was removed"),
    )
