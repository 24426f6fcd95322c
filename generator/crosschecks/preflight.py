"""Programs that a node needs by the rows of facts/, kubeadm's preflight first of all, and no package brings."""

from __future__ import annotations

from collections.abc import Iterator

from generator import distro as distros
from generator.crosschecks import Found
from generator.facts import needs
from generator.model import BasePin
from generator.sentences import bases, between
from generator.settings import Context, kubernetes, packages


def find(context: Context) -> Iterator[Found]:
    """At the list of packages. Of a base that nobody here built it is not known what it carries: a warning."""
    profile, distro = context.profile, context.distro
    chosen = kubernetes.chosen(profile)
    installed = {packages.same(entry) for entry in profile.settings.get("packages", ())} | distro.carried(profile.base)
    wanted = {program: need.why for need in needs.of(chosen) for program in need.programs} if chosen else {}
    for program, why in wanted.items():
        package = distro.programs[program]
        if package not in installed:
            unsure = isinstance(profile.base, BasePin) or not distros.booted(distro.id)
            words = between.program_lacks(program, package, why, unsure=unsure)
            if distros.manager(distro.id) != distros.APT:
                words = words[0], bases.install_by(package, distros.manager(distro.id))
            yield Found(("packages",), words, warning=unsure)
