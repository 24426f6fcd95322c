"""Packages of the distribution."""

from __future__ import annotations

from generator.model import Expect, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("files",)  # a file may be a package source


def same(entry: str) -> str:
    """The name of a package, whatever version is wanted."""
    return entry.partition("=")[0]


def part(value: list[str], context: Context) -> Part:  # noqa: ARG001
    """From a list of names, or name=version.

    cloud-init's own `packages` installs what is recommended, too, and has no way to leave that out: 22.4 and 25.1 run
    apt-get with a fixed command line (cloudinit/distros/debian.py, distros/package_management/apt.py), 25.1 fails on
    apt_get_command, and `apt: {conf: ...}` would stay on the node. So the step does it, the same on every road.
    """
    return Part(
        steps=(Step("install packages", "packages", ("packages_installed", *value)),),
        expects=tuple(_expect(entry) for entry in value),
    )


def _expect(entry: str) -> Expect:
    name, _, version = entry.partition("=")
    setting = f"packages.{name}"
    kind, want = ("package", f"installed {version}") if version else ("package-any-version", "installed")
    return Expect(f"{setting}.installed", setting, kind, (name,), want, reason("packages", name).breaks)
