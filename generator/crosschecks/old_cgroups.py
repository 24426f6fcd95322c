"""cgroup v1, by a kernel argument, on a node that wants v2."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator.crosschecks import Found
from generator.facts import versions
from generator.positions import Path
from generator.sentences import between
from generator.settings import Context, files, kubernetes

# systemd's kernel-command-line(7), and where a profile's own file may say it to the boot loader.
_ARGUMENT = re.compile(r"(?m)^[^#\n]*\b(systemd[.]unified[-_]cgroup[-_]hierarchy=(?:0|no|n|false|f|off))(?![\w.])")
BOOT = re.compile(r"/etc/default/grub(\.d/.*)?|/etc/grub\.d/.*|/etc/kernel/.*|/boot/.*")


def find(context: Context) -> Iterator[Found]:
    """At the file that says it, or at the base whose facts do."""
    for path, argument in _arguments(context):
        if kubernetes.swap_mode(context.profile) == "limited":
            yield Found(path, between.swap_on_old_cgroups(argument))
        version = versions.of_node(context.profile.settings)
        if version and versions.stage("kubelet-on-cgroup-v1", version) == "removed":
            yield Found(path, between.kubelet_on_old_cgroups(argument, str(version)))


def _arguments(context: Context) -> Iterator[tuple[Path, str]]:
    if match := _ARGUMENT.search(" ".join(context.distro.kernel_args)):
        yield ("base",), match[1]
    for index, file in enumerate(context.profile.settings.get("files", ())):
        if BOOT.fullmatch(file["path"]) and (match := _ARGUMENT.search(files.text(file))):
            yield ("files", index, "content"), match[1]
