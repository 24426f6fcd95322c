"""What a node needs for one combination of Kubernetes version, CNI, kube-proxy, address families and swap.

All of it is told to the settings that it belongs to, where the profile's own values win; facts/needs.yaml has the rows.
What is left here are parameters of interfaces that come and go with pods and network cards. No Kubernetes software and
no container runtime is installed: which, and from where, is for the profile to say (`containerd: {}`, `kubelet: {}`).
"""

from __future__ import annotations

import dataclasses
import fnmatch
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator import distro, errors, render, sysctl_conf
from generator.facts import choice, needs
from generator.facts.choice import Choice
from generator.facts.needs import Need
from generator.model import Edit, Expect, Fault, File, Implied, Origin, Part, Profile, Step
from generator.reasons import reason
from generator.settings import Context, sysctl
from generator.settings.sysctl import conflicts, written
from generator.settings.sysctl.faults import LATER, another

AFTER = ("modules",)
PATH = "/etc/sysctl.d/99-zz-nodebake-interfaces.conf"
SWAP_SIZE = "2GiB"  # of `swap: limited`; for another one, write the setting `swap` yourself

Row = tuple[str, int, Need]  # a parameter with a * in it, its value, and where it comes from


def chosen(profile: Profile) -> Choice | None:
    """The combination of a profile, with the swap that its setting `swap` says; None without Kubernetes."""
    if "kubernetes" not in profile.settings:
        return None
    found = choice.of(profile.settings["kubernetes"])
    return dataclasses.replace(found, swap=swap_mode(profile) or found.swap)


def swap_mode(profile: Profile) -> str:
    """disabled or limited, or "" where nothing is said of swap."""
    value = profile.settings.get("swap", "")
    return str(value["mode"] if isinstance(value, dict) else value)


def implies(value: Mapping[str, Any], context: Context) -> Iterator[Implied]:
    """What the combination brings to `modules`, `sysctl` and `swap`, and what it is where the profile does not say.

    And to `packages`, where the profile has no list, and to `containerd`, where the profile has it.
    """
    combination = choice.of(value)
    for row in choice.defaults(value):
        if row["key"] != "swap":  # a setting of its own
            yield Implied("kubernetes", row["key"], row["value"], "kubernetes", row["why"], row["source"])
    for need in needs.of(combination):
        for stem, key, wanted in _wanted(need, context):
            yield Implied(stem, key, wanted, _by(need, value), need.why, need.source)
    yield _swap(combination, value)


def _by(need: Need, value: Mapping[str, Any]) -> str:
    return f"kubernetes.{need.when.subject}" if need.when.subject in value else "kubernetes"


def origin(value: Mapping[str, Any], key: str) -> Origin | None:
    """Who says what a parameter with a * in it is, for `plan`; None for another key."""
    needed = (need for found, _, need in _of_interfaces(choice.of(value)) if found == key)
    return next((Origin(_by(need, value), need.why, need.source) for need in needed), None)


def _wanted(need: Need, context: Context) -> Iterator[tuple[str, str, int | str | None]]:
    """What one row brings: (setting, key, value)."""
    if "containerd" in context.profile.settings:
        yield from (("containerd", field, wanted) for field, wanted in need.containerd.items())
    yield from (("modules", name, None) for name in need.modules)
    written = {sysctl.same(key): found for key, found in context.profile.settings.get("sysctl", {}).items()}
    for key, wanted in need.sysctl.items():
        if "*" in key:  # an interface that the profile names has its own value, which wins, and not silently
            yield from (("sysctl", one, wanted) for one in _of_the_kind(key, need, context))
        elif not (need.at_least and _serves(written.get(sysctl.same(key)), wanted)):
            yield "sysctl", key, wanted
    # A list of packages that the profile wrote is a whole one: it is checked. Without apt, what may lack is told.
    if "packages" not in context.profile.settings and distro.manager(context.distro.id) == distro.APT:
        carried = context.distro.carried(context.profile.base)
        brought = (context.distro.programs[program] for program in need.programs)
        yield from (("packages", name, None) for name in brought if name not in carried)


def _of_the_kind(pattern: str, need: Need, context: Context) -> Iterator[str]:
    """The keys of the profile's `sysctl` that are of such an interface, but for a value that serves as well."""
    path, left = sysctl_conf.proc_path(pattern), None if need.unless is None else str(need.unless)
    for key, value in context.profile.settings.get("sysctl", {}).items():
        if fnmatch.fnmatchcase(sysctl_conf.proc_path(key), path) and str(value) != left:
            yield key


def _serves(found: int | str | None, wanted: int) -> bool:
    """Whether a limit that the profile wrote is as large."""
    return str(found).isdecimal() and int(str(found)) >= wanted


def _swap(combination: Choice, value: Mapping[str, Any]) -> Implied:
    limited = combination.swap == "limited"
    return Implied(
        stem="swap",
        key="",
        value={"mode": "limited", "size": SWAP_SIZE} if limited else "disabled",
        by="kubernetes.swap" if "swap" in value else "kubernetes",
        why="pods may use the node's swap, within their limits" if limited else "kubelet stops where swap is on",
        source="kubernetes/website docs/concepts/cluster-administration/swap-memory-management.md",
    )


def part(value: dict[str, Any], context: Context) -> Part:
    """From a combination: the parameters of its interfaces, if it has any. Refuses files that beat them."""
    rows = list(_of_interfaces(choice.of(value)))
    if not rows:
        return Part()
    lines = [(key, wanted, reason("sysctl", key).why) for key, wanted, _ in rows]
    text = render.template("sysctl/sysctl.conf.j2", header=render.header(context.profile), rows=lines)
    file = File(PATH, text.encode())
    named = {sysctl_conf.dotted(line.name) for line in written.written(context)}
    ones = {key: _one(key, named) for key, _, _ in rows}
    if findings := list(conflicts.of_interfaces({ones[key]: (key, str(to)) for key, to, _ in rows}, file, context)):
        raise errors.Refused(findings)
    return Part(
        files=(file,),
        steps=tuple(_step(key, wanted, need) for key, wanted, need in rows),
        expects=tuple(_expect(key, wanted, ones[key]) for key, wanted, _ in rows),
        faults=(*(_overridden(key, wanted) for key, wanted, _ in rows), _removed(key for key, _, _ in rows)),
    )


def _of_interfaces(combination: Choice) -> Iterator[Row]:
    for need in needs.of(combination):
        yield from ((key, wanted, need) for key, wanted in need.sysctl.items() if "*" in key)


def _step(key: str, wanted: int, need: Need) -> Step:
    """For the interfaces that are there now, and before the parameter `forwarding`, at which their routes may go."""
    left = () if need.unless is None else (str(need.unless),)
    call = ("interfaces_set", sysctl_conf.proc_path(key), str(wanted), *left)
    return Step(f"set {key} = {wanted}", "kubernetes", call, why=need.why)


def _one(key: str, named: set[str]) -> str:
    """The parameter of an interface that the profile says nothing of by its own name: eth0 may well have its own."""
    ones = (key.replace("*", str(number)) for number in itertools.count())
    return next(one for one in ones if one not in named)


def _expect(key: str, wanted: int, one: str) -> Expect:
    """What the files say for an interface of such a name; whether there is one now is not this profile's business."""
    setting = f"kubernetes.{key}"
    return Expect(
        f"{setting}.persisted", setting, "sysctl-persisted", (one,), str(wanted), reason("sysctl", key).breaks
    )


def _overridden(key: str, wanted: int) -> Fault:
    setting = f"kubernetes.{key}"
    other = another(key, str(wanted))
    edits = (Edit(LATER, f"{key} = {other}\n".encode()),)
    story = f"{LATER} sets {key} to {other}"
    return Fault(f"{setting}.overridden", setting, story, edits, frozenset({f"{setting}.persisted"}))


def _removed(keys: Iterable[str]) -> Fault:
    red = frozenset(f"kubernetes.{key}.persisted" for key in keys)
    return Fault("kubernetes.interfaces.removed", "kubernetes", f"{PATH} is gone", (Edit(PATH, None),), red)
