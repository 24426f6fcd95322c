"""A small Debian on a disk: a few packages of which one needs another, in dpkg's own words."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from generator.base import cache
from generator.model import Plan
from tests import images

STATUS = """\
Package: libc6
Status: install ok installed
Priority: optional
Section: libs
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.41-12
Description: GNU C Library: Shared libraries
 Contains the standard libraries.
 .
 Version: of nothing

Package: dpkg
Essential: yes
Status: install ok installed
Priority: required
Section: admin
Maintainer: Dpkg Developers <debian-dpkg@lists.debian.org>
Architecture: amd64
Version: 1.22.21
Depends: libc6 (>= 2.34)
Description: Debian package management system

Package: gone
Status: deinstall ok config-files
Maintainer: Nobody <nobody@debian.org>
Architecture: all
Version: 1
Description: was removed, its configuration was not
"""
PACKAGES = b"dpkg\t1.22.21\tamd64\nlibc6\t2.41-12\tamd64\n"


def image(folder: Path, plan: Plan, status: str = STATUS, more: dict[str, str] | None = None) -> Path:
    """node.qcow2 of such a disk with the plan's files on it, and the manifest that a build leaves beside it."""
    ours = {file.path.lstrip("/"): file.content.decode() for _, file in plan.files}
    disk = images.disk(folder, {**ours, "var/lib/dpkg/status": status, **(more or {})})
    made = folder / "node.qcow2"
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk.path, made], check=True)
    told = {
        "sha256": cache.digest(made),
        "profile_sha256": plan.profile.digest,
        "base": "debian-13",
        "base_sha256": "ba" * 32,
        "base_variant": "stock",
        "lock_sha256": "10" * 32,
        "tool": "nodebake 0.1.0",
    }
    (folder / "manifest.json").write_text(json.dumps({"image": told}))
    return made
