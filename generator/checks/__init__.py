"""How each kind of expectation is observed (a command that changes nothing) and judged (on the host)."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Mapping

from generator import sysctl_conf
from generator.checks import containerd, modules, probes, swap
from generator.checks.kind import Check, Judgement, failed, first, text
from generator.model import Edit, Expect, Observation, Partition, Plan
from generator.sysctl_conf import observed


def command(expect: Expect) -> tuple[str, ...]:
    """The command that observes an expectation. Two expectations may share one."""
    return KINDS[expect.kind].observe(*expect.args)


def is_probe(expect: Expect) -> bool:
    """Whether observing it acts on the node."""
    return KINDS[expect.kind].probe


def judge(expect: Expect, observation: Observation) -> Judgement:
    """Whether an expectation holds."""
    return KINDS[expect.kind].judge(expect, observation)


def sees(expect: Expect, edit: Edit | Partition) -> bool:
    """Whether an expectation turns red by this change alone, whatever it was made for."""
    if isinstance(edit, Partition):
        return False
    kind = KINDS[expect.kind]
    paths = kind.watches(*expect.args) + (kind.rests_on(*expect.args) if edit.amend is None else ())
    return edit.path in paths


def at_build(plan: Plan) -> Plan:
    """The plan with only what the guest of a build can be judged by."""
    expects = tuple(expect for expect in plan.expects if KINDS[expect.kind].at_build)
    return dataclasses.replace(plan, expects=tuple(dataclasses.replace(expect, needs=()) for expect in expects))


def _is(expect: Expect, observation: Observation) -> Judgement:
    """The command prints exactly what is wanted."""
    found = sysctl_conf.normal(text(observation))
    return (found == expect.want, found or "nothing") if observation.code == 0 else failed(observation)


def _as_made(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    same = sysctl_conf.normal(text(observation)) == expect.args[1]
    return same, expect.want if same else f"{expect.args[0]} was changed"


def _sysctl_value(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return False, "the kernel has no such parameter now"
    return _is(expect, observation)


def _sysctl_persisted(expect: Expect, observation: Observation) -> Judgement:
    """What the files say, for the next boot; what `sysctl --system` would make of them is told, and no failure."""
    if observation.code != 0:
        return failed(observation)
    files = _sysctl_files(observation.out)
    if files is None:
        return False, "the files of sysctl.d were not seen whole"
    if files.masked:
        return False, "systemd-sysctl.service is masked, so that no file is read at a boot"
    key = expect.args[0]
    found, later = files.at_boot([key])[key], files.by_procps([key])[key]
    told = sysctl_conf.told(found, key)
    if later.by and later.value != found.value:
        told += f"; `sysctl --system` would make it {sysctl_conf.told(later, key)}"
    return found.by is not None and found.value == sysctl_conf.as_read(key, expect.want), told


@functools.lru_cache(maxsize=2)
def _sysctl_files(printed: bytes) -> sysctl_conf.Resolver | None:
    """All the parameters of a boot share one observation."""
    tree = observed.files(printed)
    return None if tree is None else sysctl_conf.Resolver(tree)


def _login(expect: Expect, observation: Observation) -> Judgement:
    """The shell as wanted, and at least the groups."""
    if observation.code != 0:
        return False, "no such login, or its shell is not installed"
    shell, *groups = text(observation).split()
    want_shell, *want_groups = expect.want.split()
    return shell == want_shell and set(want_groups) <= set(groups), f"{shell} {' '.join(sorted(groups))}"


def _module_persisted(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    listed = {line.strip().replace("-", "_") for line in text(observation).splitlines()}
    held = expect.args[0].replace("-", "_") in listed
    return held, "listed in modules-load.d" if held else "no file in modules-load.d lists it"


def _cloud_init(_expect: Expect, observation: Observation) -> Judgement:
    """cloud-init's own word, status.rst: result.json lists the errors of all its stages."""
    if observation.code != 0:
        return failed(observation)
    try:
        told = json.loads(text(observation))["v1"]["errors"]
    except (ValueError, KeyError, TypeError):
        return False, "result.json is not cloud-init's"
    return not told, "; ".join(map(str, told)) if told else "no errors"


_MADE = 'stat -c "%a %U:%G" -- "$1" && grep -v "^#" <"$1" | sha256sum | cut -d" " -f1'
_FILE = 'stat -c "%a %U:%G" -- "$1" && sha256sum < "$1" | cut -d" " -f1'
_UNIT = (
    'case $(systemctl show -p ActiveState --value -- "$1") in active | activating | reloading) runs=running ;; '
    '*) runs=stopped ;; esac; [ "$(systemctl show -p Type -p Result --value -- "$1" | tr "\\n" " ")" = '
    '"oneshot success " ] && runs=running; echo "$(systemctl is-enabled -- "$1" 2>&1) $runs"'
)
_LOGIN = 's=$(getent passwd -- "$1" | cut -d: -f7) && [ -x "$s" ] && echo "$s" && id -nG -- "$1"'
_KEYS = (
    'k=$(getent passwd -- "$1" | cut -d: -f6)/.ssh/authorized_keys && stat -c "%a %U" -- "$k" && '
    'sha256sum < "$k" | cut -d" " -f1'
)
_SHELL = ("sh", "-c")


def _shell(script: str) -> Callable[[str], tuple[str, ...]]:
    return lambda argument: (*_SHELL, script, "sh", argument)


def _cat_config(kind: str) -> Callable[[str], tuple[str, ...]]:
    return lambda _key: ("systemd-analyze", "--no-pager", "cat-config", kind)


def _own_unit(unit: str) -> tuple[str, ...]:
    return (f"/etc/systemd/system/{unit}",)


_NO_LATER_FILE = (
    "take that line out of the base, or have the profile lay an empty file of the same name, which hides the other: "
    'files: [{path: /etc/sysctl.d/NAME.conf, content: ""}]'
)

KINDS: Mapping[str, Check] = {
    "sysctl-value": Check(lambda key: ("cat", f"/proc/sys/{sysctl_conf.proc_path(key)}"), _sysctl_value),
    "sysctl-persisted": Check(lambda _key: observed.COMMAND, _sysctl_persisted, at_build=True, remedy=_NO_LATER_FILE),
    "module-persisted": Check(_cat_config("modules-load.d"), _module_persisted),
    "cloud-init": Check(lambda: ("cat", "/run/cloud-init/result.json"), _cloud_init),
    "file-system-type": Check(lambda path: ("stat", "-f", "-c", "%T", "--", path), _is),
    "unit-load-state": Check(lambda unit: ("systemctl", "show", "-p", "LoadState", "--value", "--", unit), _is),
    "unit-enabled": Check(_shell(_UNIT), _is, rests_on=_own_unit),
    "file": Check(_shell(_FILE), _is, watches=first),
    "file-as-made": Check(lambda path, _made: _shell(_MADE)(path), _as_made, watches=first),
    "package": Check(lambda name: ("dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name), _is),
    "package-any-version": Check(lambda name: ("dpkg-query", "-W", "-f=${db:Status-Status}", name), _is),
    "login": Check(_shell(_LOGIN), _login),
    "authorized-keys": Check(_shell(_KEYS), _is),
    **containerd.KINDS,
    **modules.KINDS,
    **probes.KINDS,
    **swap.KINDS,
}
