"""Packages of the distribution."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import dpkg
from generator.model import Amend, Edit, Expect, Fault, Part, Step
from generator.reasons import reason
from generator.settings import Context

AFTER = ("files",)  # a file may be a package source
DEAR = True


def same(entry: str) -> str:
    """The name of a package, whatever version and architecture are wanted."""
    return entry.partition("=")[0].partition(":")[0]


def part(value: list[str], context: Context) -> Part:  # noqa: ARG001
    """From a list of names, or name=version.

    cloud-init's own `packages` installs what is recommended, too, and has no way to leave that out: 22.4 and 25.1 run
    apt-get with a fixed command line (cloudinit/distros/debian.py, distros/package_management/apt.py), 25.1 fails on
    apt_get_command, and `apt: {conf: ...}` would stay on the node. So the step does it, the same on every road.
    """
    return Part(
        steps=(Step("install packages", "packages", ("packages_installed", *value)),),
        expects=tuple(_expect(entry) for entry in value),
        faults=tuple(fault for entry in value for fault in _faults(entry)),
    )


def _expect(entry: str) -> Expect:
    name, _, version = entry.partition("=")
    setting = f"packages.{name}"
    kind, want = ("package", f"installed {version}") if version else ("package-any-version", "installed")
    return Expect(f"{setting}.installed", setting, kind, (name,), want, reason("packages", name).breaks)


def _faults(entry: str) -> Iterator[Fault]:
    """What dpkg itself says of it. Its files stay, for what else breaks without them is not known of every package."""
    name, _, version = entry.partition("=")
    yield _recorded(name, "half-configured", "its installation broke off", "Status", "install ok half-configured")
    if version:
        yield _recorded(name, "other-version", "another version of it is installed", "Version", f"{version}+other1")


def recorded(name: str, field: str, value: str) -> Edit:
    """The change by which dpkg's record says another value of a package's field."""
    paragraph = rf"^(Package: {re.escape(name.partition(':')[0])}\n(?:.+\n)*?{field}: ).*"
    return Edit(dpkg.STATUS, None, amend=Amend(lines=((paragraph, rf"\g<1>{value}"),)))


def _recorded(name: str, kind: str, story: str, field: str, value: str) -> Fault:
    setting = f"packages.{name}"
    edits = (recorded(name, field, value),)
    return Fault(f"{setting}.{kind}", setting, story, edits, frozenset({f"{setting}.installed"}))
