"""The corpus: cases in which files contradict one another, what each parameter becomes of it, and by which line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generator import distro
from generator.sysctl_conf import Link, Node, Resolver, Tree, modules_at_boot

FOLDER = Path(__file__).resolve().parent.parent / "sysctl_corpus"
DISTROS = ("debian-12", "debian-13")


@dataclass(frozen=True, slots=True)
class Case:
    """`expect` maps a key to (value, file:line) on each distribution, None where the kernel's own stands.

    `later` are commands that are run once the machine is up, before it is looked at.
    """

    name: str
    files: Tree
    later: tuple[str, ...]
    expect: Mapping[str, Mapping[str, tuple[str | None, str | None]]]


def cases() -> list[Case]:
    return [_case(path) for path in sorted(FOLDER.glob("*.yaml"))]


def tree(files: Tree, distro_id: str) -> Tree:
    """What a machine of this distribution has with these files."""
    return {path: Link(target) for path, target in distro.load(distro_id).links.items()} | dict(files)


def resolver(files: Tree, distro_id: str) -> Resolver:
    whole = tree(files, distro_id)
    return Resolver(whole, modules_at_boot(whole))


def _case(path: Path) -> Case:
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(raw) <= {"story", "files", "later", "expect"}, path
    expect = {key: {on: _outcome(told.get(on, told)) for on in DISTROS} for key, told in raw["expect"].items()}
    files = {place: _node(content) for place, content in raw["files"].items()}
    return Case(path.stem, files, tuple(raw.get("later", ())), expect)


def _outcome(told: dict[str, Any]) -> tuple[str | None, str | None]:
    assert set(told) <= {"value", "by"}
    return None if told["value"] is None else str(told["value"]), told.get("by")


def _node(content: Any) -> Node:
    if isinstance(content, dict):
        return Link(content["link"])
    parts = content if isinstance(content, list) else [content]
    return "".join(part if isinstance(part, str) else part["repeat"] * part["times"] for part in parts).encode()
