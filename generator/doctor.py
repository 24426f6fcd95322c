"""What this host has of what nodebake needs, and the command that installs the rest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator import data, distro, errors, proc
from generator.base import sources
from generator.guest import accel
from generator.image import packer

_NOT_ALWAYS = ("packer", "gpgv")  # one may have another name; the other is for a base that somebody signed
_NEEDED = (*(tool for tool in proc.PACKAGES if tool not in _NOT_ALWAYS),)
_FILES = {
    Path("/usr/share/keyrings/debian-archive-keyring.gpg"): "debian-archive-keyring",
    Path("/usr/lib/grub/i386-pc/boot.img"): "grub-pc-bin",
    Path("/usr/lib/grub/x86_64-efi/moddep.lst"): "grub-efi-amd64-bin",
}
_ROOM = 8 << 30  # a base, its parts while it is built, an image, and two overlays


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that nodebake needs: whether it is there, what was found, and the Debian package that brings it."""

    what: str
    ok: bool
    found: str
    package: str = ""


def examine() -> tuple[Finding, ...]:
    """Look at the host; nothing is changed."""
    return (*_tools(), _packer(), *_files(), _mirror(), _accelerator(), *_disk())


def remedy(findings: tuple[Finding, ...]) -> str:
    """The one command that installs what is missing, or nothing."""
    packages = sorted({finding.package for finding in findings if not finding.ok and finding.package})
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}" if packages else ""


def _tools() -> Iterator[Finding]:
    for tool in _NEEDED:
        try:
            yield Finding(tool, True, proc.find(tool))
        except errors.ToolError as error:
            yield Finding(tool, False, error.sentence, proc.PACKAGES[tool])


def _packer() -> Finding:
    try:
        found = packer.locate()
    except errors.ToolError as error:
        advice = "packer" if not os.environ.get("NODEBAKE_PACKER") and _offers("packer") else ""
        return Finding("packer", False, f"{error.sentence}; {error.hint}", advice)
    try:
        if not packer.has_qemu(found):
            raise errors.no_qemu_plugin(found.version)
    except errors.ToolError as error:
        return Finding("packer", False, f"{error.sentence}; {error.hint}")
    return Finding("packer", True, f"{found.path} {found.version}")


def _offers(package: str) -> bool:
    """Whether this host's apt has a package; Debian 13 has none of Packer."""
    try:
        return "Candidate: (none)" not in (told := proc.run(["apt-cache", "policy", package])) and bool(told)
    except errors.ToolError:
        return True


def _files() -> Iterator[Finding]:
    for path, package in _FILES.items():
        yield Finding(package, path.exists(), str(path) if path.exists() else f"{path} is missing", package)


def _mirror() -> Finding:
    """Where bases come from, unless a profile names a mirror or is built on an image by its address."""
    main, _ = sources.hosts()
    named = os.environ.get("NODEBAKE_MIRROR", "")
    return Finding("Debian mirror", bool(named or main), named or main or errors.no_mirror(distro.DEFAULT).hint)


def _accelerator() -> Finding:
    """Both are fine; TCG is ten times slower, and a KVM that opens may still run no guest."""
    try:
        probed = accel.probe()
    except errors.ToolError as error:
        return Finding("accelerator", False, error.sentence)
    return Finding("accelerator", True, f"{probed.name}: {probed.why}")


def _disk() -> Iterator[Finding]:
    for what, path in (("disk of the cache", data.cache_dir()), ("disk here", Path.cwd())):
        there = next(parent for parent in (path, *path.parents) if os.path.lexists(parent))
        if not there.is_dir():
            yield Finding(what, False, f"{path}: {there} is not a folder")
            continue
        free = shutil.disk_usage(there).free
        usable = os.access(there, os.W_OK)
        yield Finding(
            what, usable and free >= _ROOM, f"{path}: {free >> 30} GiB free" + ("" if usable else ", not ours")
        )
