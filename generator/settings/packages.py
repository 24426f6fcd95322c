"""Packages of the distribution."""

from __future__ import annotations

from generator.model import Expect, Part, Step
from generator.settings import Context

AFTER = ("files",)  # a file may be a package source


def part(value: list[str], context: Context) -> Part:  # noqa: ARG001
    """From a list of names, or name=version."""
    native = {"package_update": True, "packages": list(value)}
    return Part(
        steps=(Step("install packages", "packages", ("packages_installed", *value), native),),
        expects=tuple(_expect(entry) for entry in value),
    )


def _expect(entry: str) -> Expect:
    name, _, version = entry.partition("=")
    setting = f"packages.{name}"
    kind, want = ("package", f"installed {version}") if version else ("package-any-version", "installed")
    return Expect(f"{setting}.installed", setting, kind, (name,), want, f"the node lacks {name}")
