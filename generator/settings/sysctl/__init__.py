"""Kernel parameters: set now and at every boot by systemd-sysctl, from one file that sorts after the usual ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from generator import errors, probes, render, sentences, sysctl_conf
from generator.errors import Finding
from generator.facts import modules
from generator.model import Expect, File, Later, Part, Step
from generator.reasons import reason
from generator.settings import Context
from generator.settings.sysctl import faults
from generator.settings.sysctl.conflicts import at_key, found, laid_files

AFTER = ("modules", "kubernetes")
# Read in the order of their names, whatever their folder: this one comes after 99-sysctl.conf and 99-kubernetes.conf.
PATH = "/etc/sysctl.d/99-zz-nodebake.conf"


def same(key: str) -> str:
    """The one path that stands for all the names of a parameter."""
    return sysctl_conf.same_parameter(sysctl_conf.proc_path(key))


def part(value: dict[str, int | str], context: Context) -> Part:
    """From a mapping of parameters to values.

    Refuses two names of one parameter, and what would not be so on the node, by the profile's own doing.
    """
    _refuse([*_twins(value, context), *_other_spellings(value, context)])
    wanted = {key: sysctl_conf.normal(str(value[key])) for key in sorted(value, key=_keeps_to_itself)}
    file = File(PATH, _content(wanted, context))
    _refuse(list(found(wanted, file, context)))
    return Part(
        files=(file,),
        steps=tuple(
            Step(f"set {key} = {want}", "sysctl", ("sysctl_set", *_arguments(key, want)))
            for key, want in wanted.items()
        ),
        expects=tuple(expect for key, want in wanted.items() for expect in _expects(key, want, context)),
        faults=Later(
            lambda: faults.of(
                wanted,
                PATH,
                lambda keys: _content(_only(keys, wanted), context),
                laid_files(context)[0],
                context.profile.settings,
            )
        ),
    )


def _content(wanted: Mapping[str, str], context: Context) -> bytes:
    rows = [(key, want, reason("sysctl", key).why) for key, want in wanted.items()]
    return render.template("sysctl/sysctl.conf.j2", header=render.header(context.profile), rows=rows).encode()


def _only(keys: Collection[str], wanted: Mapping[str, str]) -> dict[str, str]:
    return {key: wanted[key] for key in wanted if key in keys}


def _keeps_to_itself(key: str) -> bool:
    """Sorts those that reset others to the front: written after them they would undo them (ip_forward does)."""
    return not sysctl_conf.writes_others(sysctl_conf.proc_path(key))


def _arguments(key: str, want: str) -> tuple[str, ...]:
    path = sysctl_conf.proc_path(key)
    return path, want, *sysctl_conf.other_names(path)


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise errors.Refused(findings)


def _twins(value: dict[str, int | str], context: Context) -> Iterator[Finding]:
    seen: set[str] = set()
    for key in value:
        parameter = same(key)
        if parameter in seen:
            yield at_key(key, sentences.same_key_twice(key), context)
        seen.add(parameter)


# What the kernel's own parser takes as a number (proc_dointvec: C's prefixes), but prints otherwise.
_OTHER_NUMBER = re.compile(r"[+-]?0[0-7]+|[+-]?0x[0-9a-f]+|[+]\d+", re.ASCII | re.IGNORECASE)


def _other_spellings(value: dict[str, int | str], context: Context) -> Iterator[Finding]:
    for key, wanted in value.items():
        for word in wanted.split() if isinstance(wanted, str) else ():
            if _OTHER_NUMBER.fullmatch(word):
                number = int(word, 16 if "x" in word.lower() else 8 if word.lstrip("+-").startswith("0") else 10)
                yield at_key(key, sentences.not_as_the_kernel_prints(word, number), context)


def _expects(key: str, want: str, context: Context) -> tuple[Expect, ...]:
    setting, row, module = f"sysctl.{key}", reason("sysctl", key), modules.bringing(key, want)
    spellings = dict.fromkeys((module, module.replace("_", "-"))) if module else {}
    needs = tuple(f"modules.{name}.loaded" for name in spellings)
    return (
        Expect(f"{setting}.value", setting, "sysctl-value", (key,), want, row.breaks, needs),
        Expect(f"{setting}.persisted", setting, "sysctl-persisted", (key,), want, row.breaks),
        *probes.expects("sysctl", key, context.profile.settings),
    )
