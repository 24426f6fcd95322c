"""Files that lie on the node, whole."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from generator import errors, sentences
from generator.errors import Finding
from generator.model import Edit, Expect, Fault, File, Part
from generator.settings import Context

AFTER = ("users",)


def part(value: list[dict[str, Any]], context: Context) -> Part:
    """From a list of files. Refuses what is not base64 where it says so."""
    files = tuple(_file(entry, index, context) for index, entry in enumerate(value))
    return Part(
        files=files,
        expects=tuple(_expect(file) for file in files),
        faults=tuple(_changed(file) for file in files),
    )


def _file(entry: dict[str, Any], index: int, context: Context) -> File:
    return File(
        path=entry["path"],
        content=_content(entry, index, context),
        mode=entry.get("mode", "0644"),
        owner=entry.get("owner", "root"),
        group=entry.get("group", "root"),
    )


def _content(entry: dict[str, Any], index: int, context: Context) -> bytes:
    if entry.get("encoding", "text") == "text":
        return str(entry["content"]).encode()
    try:
        return base64.b64decode("".join(entry["content"].split()), validate=True)
    except ValueError:  # binascii.Error is one
        path = ("files", index, "content")
        line, column = context.profile.place(path)
        sentence, hint = sentences.not_base64()
        raise errors.Refused(
            [Finding(context.profile.source, line, column, f"files[{index}].content", sentence, hint)]
        ) from None


def _expect(file: File) -> Expect:
    setting = f"files.{file.path}"
    want = f"{int(file.mode, 8):o} {file.owner}:{file.group} {hashlib.sha256(file.content).hexdigest()}"
    return Expect(f"{setting}.laid", setting, "file", (file.path,), want, f"{file.path} is not what the profile says")


def _changed(file: File) -> Fault:
    setting = f"files.{file.path}"
    edits = (Edit(file.path, file.content + b"# changed\n"),)
    return Fault(f"{setting}.changed", setting, f"{file.path} was edited", edits, frozenset({f"{setting}.laid"}))
