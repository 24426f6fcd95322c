"""What a base has beyond its packages: a handful of small files, laid over the root file system as a tar archive."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from generator.base import swap
from generator.base.recipe import Recipe
from generator.model import File

LABEL = "root"
_LINKS = {
    "etc/resolv.conf": "../run/systemd/resolve/stub-resolv.conf",
    "var/lib/dbus/machine-id": "/etc/machine-id",
}
# Only where nothing else configures the interface: cloud-init's files begin with 10-, and the first match is used.
_NETWORK = "[Match]\nName=en* eth*\n\n[Network]\nDHCP=yes\n"
# As systemd-update-done would: what this tells systemd to skip at the first boot (ldconfig, the journal's catalog,
# sysusers) has been done when the packages were installed.
_UPDATED = "# This directory is as current as /usr was when the image was made.\n"
_HOSTS = "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n"
_GRUB = """\
# Written by nodebake. It boots whatever /vmlinuz and /initrd.img point to, and the kernel packages keep these
# links up to date, so there is nothing to regenerate when a kernel comes or goes.
if serial --unit=0 --speed=115200; then
  terminal_input console serial
  terminal_output console serial
fi
set timeout_style=hidden
set timeout=0
menuentry "{title}" {{
  linux /vmlinuz root=LABEL={label} ro {args}
  initrd /initrd.img
}}
menuentry "{title}, the kernel before" {{
  linux /vmlinuz.old root=LABEL={label} ro {args}
  initrd /initrd.img.old
}}
"""


def _files(recipe: Recipe) -> Iterator[File]:
    distro, variant = recipe.distro, recipe.variant
    fstab = f"LABEL={LABEL}\t/\text4\trw,errors=remount-ro\t0\t1\n{variant.fstab}"
    args = " ".join((*distro.kernel_args, *variant.kernel_args))
    grub = _GRUB.format(title=distro.title, label=LABEL, args=args)
    apt = "\n".join(source.deb822() for source in recipe.sources)
    texts = {
        "boot/grub/grub.cfg": grub,
        "etc/.updated": _UPDATED,
        "etc/apt/sources.list.d/debian.sources": apt,
        "etc/fstab": fstab,
        "etc/hostname": "localhost\n",
        "etc/hosts": _HOSTS,
        "etc/machine-id": "",  # empty: an id of its own at the first boot, but units are not preset again
        "etc/systemd/network/90-dhcp.network": _NETWORK,
        "var/.updated": _UPDATED,
    }
    for path, text in texts.items():
        yield File(path, text.encode(), mode="0444" if path == "etc/machine-id" else "0644")
    for path, text in variant.files:
        yield File(path.lstrip("/"), text.encode(), mode="0755" if text.startswith("#!") else "0644")
    for path, mib in variant.areas:
        yield File(path.lstrip("/"), swap.file(mib << 20, recipe.ident(f"swap file {path}")), mode="0600")


def write(target: Path, recipe: Recipe) -> None:
    """Write the archive. All of it is root's."""
    with tarfile.open(target, "w", format=tarfile.PAX_FORMAT) as archive:
        for file in _files(recipe):
            info = tarfile.TarInfo(file.path)
            info.size, info.mode, info.mtime = len(file.content), int(file.mode, 8), recipe.epoch
            archive.addfile(info, io.BytesIO(file.content))
        for path, points_to in (*_LINKS.items(), *recipe.variant.links):
            link = tarfile.TarInfo(path.lstrip("/"))
            link.type, link.linkname, link.mtime = tarfile.SYMTYPE, points_to, recipe.epoch
            archive.addfile(link)
