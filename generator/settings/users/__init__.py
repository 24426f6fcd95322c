"""People who log in by SSH key."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from generator import render
from generator.checks import files
from generator.model import Expect, File, Part, Step
from generator.reasons import reason
from generator.settings import Context
from generator.settings.users import faults

AFTER: tuple[str, ...] = ()


def part(value: list[dict[str, Any]], context: Context) -> Part:
    """From a list of users."""
    return Part(
        files=tuple(_sudoers(user["name"], context) for user in value if user.get("sudo", False)),
        steps=tuple(step for user in value for step in _steps(user)),
        expects=tuple(expect for user in value for expect in _expects(user, context)),
        faults=tuple(fault for user in value for fault in faults.of(user, context)),
    )


def _sudoers(name: str, context: Context) -> File:
    text = render.template("users/sudoers.j2", header=render.header(context.profile), user=name)
    return File(faults.sudoers(name), text.encode(), mode="0440")


def _shell(user: dict[str, Any]) -> str:
    return str(user.get("shell", "/bin/bash"))


def _authorized_keys(user: dict[str, Any]) -> str:
    return "".join(f"{key}\n" for key in user.get("ssh_authorized_keys", []))


def _steps(user: dict[str, Any]) -> tuple[Step, ...]:
    name = user["name"]
    login = Step(f"user {name}", "users", ("user_exists", name, _shell(user), ",".join(user.get("groups", []))))
    keys = Step(f"SSH keys of {name}", "users", ("user_keys", name, _authorized_keys(user)))
    return (login, keys) if user.get("ssh_authorized_keys") else (login,)


def _expects(user: dict[str, Any], context: Context) -> Iterator[Expect]:
    name = user["name"]
    setting = f"users.{name}"
    breaks = reason("users", name).breaks
    groups = " ".join(sorted(user.get("groups", [])))
    want = f"{_shell(user)} {groups}".strip()
    yield Expect(f"{setting}.login", setting, "login", (name,), want, breaks)
    if keys := _authorized_keys(user):
        digest = hashlib.sha256(keys.encode()).hexdigest()
        yield Expect(f"{setting}.keys", setting, "authorized-keys", (name,), f"600 {name} {digest}", breaks)
    if user.get("sudo", False):
        file = _sudoers(name, context)
        told = f"{file.path} as nodebake made it"
        yield Expect(f"{setting}.sudo", setting, "file-as-made", files.as_made(file), told, breaks)
