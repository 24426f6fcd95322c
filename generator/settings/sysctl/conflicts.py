"""What in a profile keeps its parameters from being what it says: its own files, its services, another parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import sentences, sysctl_conf
from generator.errors import Finding
from generator.model import File
from generator.settings import Context
from generator.settings import files as laid

_UNIT = "systemd-sysctl.service"


def at_key(key: str, words: sentences.Words, context: Context) -> Finding:
    """A finding about one parameter of the setting."""
    return Finding(context.profile.source, *context.profile.place(("sysctl", key)), f"sysctl.{key}", *words)


def found(wanted: Mapping[str, str], own: File, context: Context) -> Iterator[Finding]:
    """Every line that beats or contradicts one of `wanted`, which the file `own` sets."""
    tree, lying = laid_files(context)
    for conflict in sysctl_conf.conflicts({**tree, own.path: own.content}, wanted):
        index, want = lying.get(conflict.file), wanted[conflict.key]
        if index is None:
            yield at_key(conflict.key, _undone(conflict, want), context)
        else:
            yield _at_file(index, _in_a_file(conflict, want), context)
    yield from _masked(context)


def of_interfaces(wanted: Mapping[str, tuple[str, str]], own: File, context: Context) -> Iterator[Finding]:
    """Every line of a profile's file that beats a glob of `own` at a boot, for the first glob.

    `wanted` maps a parameter of one interface to its glob in `own`, and to its value.
    """
    tree, lying = laid_files(context)
    values = {key: value for key, (_, value) in wanted.items()}
    told: set[str] = set()
    for conflict in sysctl_conf.conflicts({**tree, own.path: own.content}, values):
        glob, want = wanted[conflict.key]
        index = lying.get(conflict.file)
        where = f"{conflict.file}:{conflict.line.line}"
        if index is not None and conflict.when == "boot" and where not in told:
            told.add(where)
            does = sentences.sysctl_line(glob, conflict.value, conflict.line.value)
            yield _at_file(index, sentences.interfaces_in_a_file(where, does, want), context)


def laid_files(context: Context) -> tuple[sysctl_conf.Tree, Mapping[str, int]]:
    """The files that the profile lays, as the distribution will read them, and by their place which entry one is.

    What else the base has, the build sees.
    """
    links: dict[str, sysctl_conf.Node] = {path: sysctl_conf.Link(to) for path, to in context.distro.links.items()}
    files = context.profile.settings.get("files", ())
    lying = {sysctl_conf.place(links, entry["path"]): index for index, entry in enumerate(files)}
    return links | {path: laid.text(files[index]).encode() for path, index in lying.items()}, lying


def _at_file(index: int, words: sentences.Words, context: Context) -> Finding:
    place = context.profile.place(("files", index, "content"))
    return Finding(context.profile.source, *place, f"files[{index}].content", *words)


def _undone(conflict: sysctl_conf.Conflict, want: str) -> sentences.Words:
    """By another parameter of the profile, or by the kernel."""
    if conflict.value is None:
        return sentences.sysctl_refused(want, sysctl_conf.wanted_there(conflict.key))
    return sentences.sysctl_undone(sysctl_conf.dotted(conflict.line.path), conflict.value)


def _in_a_file(conflict: sysctl_conf.Conflict, want: str) -> sentences.Words:
    where = f"{conflict.file}:{conflict.line.line}"
    does = sentences.sysctl_line(conflict.key, conflict.value, conflict.line.value)
    return sentences.sysctl_in_a_file(where, conflict.key, does, conflict.when, want)


def _masked(context: Context) -> Iterator[Finding]:
    if context.profile.settings.get("services", {}).get(_UNIT) == "masked":
        place = context.profile.place(("services", _UNIT))
        yield Finding(context.profile.source, *place, f"services.{_UNIT}", *sentences.sysctl_masked())
