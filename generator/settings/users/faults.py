"""What turns each expectation about a user red: the login gone or another one, keys of somebody else, no sudo."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.model import Amend, Edit, Fault
from generator.settings import Context

_NOLOGIN, _TRUE = "/usr/sbin/nologin", "/usr/bin/true"
_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFaultFaultFaultFaultFaultFaultFaultFaultFault somebody@else"


def sudoers(name: str) -> str:
    """Where it is said that a user may become root."""
    return f"/etc/sudoers.d/90-nodebake-{name}"


def of(user: Mapping[str, Any], context: Context) -> Iterator[Fault]:
    """For one user of the profile."""
    name = user["name"]
    groups = [group for group in user.get("groups", ()) if group != name]  # its own group it cannot leave
    word = re.escape(name)
    has = {"login", *(["keys"] if user.get("ssh_authorized_keys") else [])}
    gone = {f"users.{name}.{what}" for what in has} | _owned(name, context)
    yield _fault(name, "gone", "its login is gone", gone, _amended("/etc/passwd", rf"^{word}:.*\n", ""))
    other = _TRUE if user.get("shell") == _NOLOGIN else _NOLOGIN
    shell = _amended("/etc/passwd", rf"^({word}:.*:).*", rf"\g<1>{other}")
    yield _fault(name, "other-shell", f"its shell is {other}", {f"users.{name}.login"}, shell)
    if groups:
        member = _amended("/etc/group", rf"^({re.escape(groups[0])}:.*[:,]){word}(?=,|$)", r"\g<1>")
        yield _fault(name, "left-group", f"it is not in {groups[0]} any more", {f"users.{name}.login"}, member)
    if "keys" in has:
        yield from _keys(name)
    if user.get("sudo", False):
        red = {f"users.{name}.sudo"}
        yield _fault(name, "no-sudo", f"{sudoers(name)} is gone", red, Edit(sudoers(name), None))


def _keys(name: str) -> Iterator[Fault]:
    """Where useradd puts a home."""
    path, red = f"/home/{name}/.ssh/authorized_keys", {f"users.{name}.keys"}
    yield _fault(name, "another-key", "somebody else's key is in its authorized_keys", red, _added(path))
    readable = Edit(path, None, amend=Amend(mode="0644"))
    yield _fault(name, "keys-mode", "its authorized_keys has mode 0644", red, readable)


def _added(path: str) -> Edit:
    return Edit(path, None, amend=Amend(lines=((r"\Z", f"{_KEY}\n"),)))


def _amended(path: str, pattern: str, instead: str) -> Edit:
    return Edit(path, None, amend=Amend(lines=((pattern, instead),)))


def _owned(name: str, context: Context) -> set[str]:
    """The files of the profile that nobody owns then."""
    files = context.profile.settings.get("files", ())
    return {f"files.{file['path']}.laid" for file in files if file.get("owner") == name}


def _fault(name: str, kind: str, story: str, red: set[str], edit: Edit) -> Fault:
    setting = f"users.{name}"
    return Fault(f"{setting}.{kind}", setting, f"{name}: {story}", (edit,), frozenset(red))
