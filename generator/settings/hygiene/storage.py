"""The names of a machine on storage networks, of which a second one with the same destroys data.

The packages make them when they are installed, once. So an image has none (left.yaml), and where it has the tool, a
unit that sysprep.sh lays makes one at the first boot, before what reads it starts.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.model import Edit, Expect, Fault, Part
from generator.reasons import reason
from generator.settings import Context, packages

_KEY = "storage-names"
_WANT = "a unit that makes it, where the tool is"
_TOOL = b"#!/bin/sh\n# a tool that makes names, and nobody who starts it\n"


@dataclass(frozen=True, slots=True)
class Maker:
    """A tool that makes names, its package in Debian, the unit that starts it, and the files with a name."""

    key: str
    package: str
    tool: str
    unit: str
    files: tuple[str, ...]

    @property
    def link(self) -> str:
        return f"/etc/systemd/system/sysinit.target.wants/{self.unit}"


MAKERS = (
    Maker(
        "iscsi",
        "open-iscsi",
        "/usr/sbin/iscsi-iname",
        "nodebake-iscsi-name.service",
        ("/etc/iscsi/initiatorname.iscsi",),
    ),
    Maker(
        "nvme", "nvme-cli", "/usr/sbin/nvme", "nodebake-nvme-name.service", ("/etc/nvme/hostnqn", "/etc/nvme/hostid")
    ),
)


def part(context: Context) -> Part:
    """Of the image always; of the booted node where the profile installs what makes a name, and lays none itself."""
    settings = context.profile.settings
    installed = {packages.same(entry) for entry in settings.get("packages", ())}
    laid = {file["path"] for file in settings.get("files", ())}
    found = [_of(maker, installed, laid) for maker in MAKERS]
    return Part(
        expects=tuple(expect for expects, _ in found for expect in expects), faults=tuple(fault for _, fault in found)
    )


def _of(maker: Maker, installed: set[str], laid: set[str]) -> tuple[list[Expect], Fault]:
    """Where the tool is not, the fault brings one, which would need the unit."""
    setting, breaks = f"hygiene.{_KEY}", reason("hygiene", _KEY).breaks
    is_there = maker.package in installed
    names = [file for file in maker.files if is_there and file not in laid]
    args = (maker.tool, maker.link)
    expects = [Expect(f"{setting}.{maker.key}", setting, "image-renewed", args, _WANT, breaks)]
    expects += [Expect(f"{setting}.{_plain(file)}", setting, "has-name", (file,), "a name", breaks) for file in names]
    edits = (Edit(maker.link, None), *(() if is_there else (Edit(maker.tool, _TOOL, "0755"),)))
    story = f"nothing makes the names for {maker.key} at the first boot"
    red = frozenset(expect.id for expect in expects)
    return expects, Fault(f"{setting}.{maker.key}.not-made", setting, story, edits, red)


def _plain(file: str) -> str:
    """hostid, initiatorname"""
    return file.rpartition("/")[2].partition(".")[0]
