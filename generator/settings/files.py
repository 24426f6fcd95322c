"""Files that lie on the node, whole."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

from generator import errors, sentences
from generator.errors import Finding
from generator.model import Amend, Edit, Expect, Fault, File, Part
from generator.reasons import reason
from generator.settings import Context

AFTER = ("users",)
_NOBODY, _DAEMON = 65534, 1  # Debian's base-passwd


def part(value: list[dict[str, Any]], context: Context) -> Part:
    """From a list of files. Refuses what is not base64 where it says so."""
    accounts = _accounts(context)
    files, findings = [], []
    for index, entry in enumerate(value):
        try:
            files.append(_file(entry, accounts))
        except ValueError:  # binascii.Error is one
            path = ("files", index, "content")
            place, words = context.profile.place(path), sentences.not_base64()
            findings.append(Finding(context.profile.source, *place, f"files[{index}].content", *words))
    if findings:
        raise errors.Refused(findings)
    return Part(
        files=tuple(files),
        expects=tuple(_expect(file) for file in files),
        faults=tuple(fault for file in files for fault in _faults(file)),
    )


def _accounts(context: Context) -> set[str]:
    """The users and groups that are there before any package: root, and those that the profile makes."""
    users = context.profile.settings.get("users", ())
    return {"root", *(user["name"] for user in users), *(group for user in users for group in user.get("groups", ()))}


def _file(entry: dict[str, Any], accounts: set[str]) -> File:
    owner, group = entry.get("owner", "root"), entry.get("group", "root")
    return File(
        path=entry["path"],
        content=content(entry),
        mode=entry.get("mode", "0644"),
        owner=owner,
        group=group,
        late=not {owner, group} <= accounts,
    )


def content(entry: dict[str, Any]) -> bytes:
    """The bytes of one entry of `files`. Raises ValueError where it says base64 and is none."""
    if entry.get("encoding", "text") == "text":
        return str(entry["content"]).encode()
    return base64.b64decode("".join(entry["content"].split()), validate=True)


def _expect(file: File) -> Expect:
    setting = f"files.{file.path}"
    want = f"{int(file.mode, 8):o} {file.owner}:{file.group} {hashlib.sha256(file.content).hexdigest()}"
    return Expect(f"{setting}.laid", setting, "file", (file.path,), want, reason("files", file.path).breaks)


def _faults(file: File) -> Iterator[Fault]:
    """Another content, other permissions, another owner: each by itself."""
    setting, red = f"files.{file.path}", frozenset({f"files.{file.path}.laid"})
    closed = f"{int(file.mode, 8) ^ 0o020:04o}"  # the group's right to write
    amends = (
        ("changed", f"{file.path} was edited", Amend(lines=((r"\Z", "# changed\n"),))),
        ("mode", f"{file.path} has mode {closed}", Amend(mode=closed)),
        ("owner", f"{file.path} belongs to somebody else", Amend(owner=_DAEMON if file.owner == "nobody" else _NOBODY)),
    )
    for kind, story, amend in amends:
        yield Fault(f"{setting}.{kind}", setting, story, (Edit(file.path, None, amend=amend),), red)


def text(entry: dict[str, Any]) -> str:
    """The same as text, for whoever reads it; what is no base64 is nothing here, and refused by `part`."""
    try:
        return content(entry).decode("utf-8", "replace")
    except ValueError:
        return ""
