"""How each kind of expectation is observed (a command that changes nothing) and judged (on the host)."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping

from generator import sysctl_conf
from generator.checks import cloned, containerd, identity, image, kubelet, leaks, modules, probes, swap
from generator.checks.kind import Check, Judgement, Told, Witness, failed, first, text
from generator.facts import modules as facts
from generator.model import Edit, Expect, Observation, Partition, Plan
from generator.sysctl_conf import observed


def command(expect: Expect) -> tuple[str, ...]:
    """The command that observes an expectation. Two expectations may share one."""
    return KINDS[expect.kind].observe(*expect.args)


def lane(expect: Expect) -> int:
    """Of a probe: the lane in which it runs after those before it."""
    return KINDS[expect.kind].lane


def is_probe(expect: Expect) -> bool:
    """Whether observing it acts on the node."""
    return KINDS[expect.kind].probe


def seen_by(witness: Witness, expects: Iterable[Expect]) -> tuple[Expect, ...]:
    """Those expectations that the node observes, or those that the host does: of the image, or of the segment."""
    return tuple(expect for expect in expects if KINDS[expect.kind].witness == witness)


def judge(expect: Expect, observation: Observation) -> Judgement:
    """Whether an expectation holds."""
    return KINDS[expect.kind].judge(expect, observation)


def causes(expect: Expect, told: Told) -> tuple[str, ...]:
    """Why an expectation does not hold, as far as its kind can tell."""
    why = KINDS[expect.kind].why if expect.kind in KINDS else None
    return tuple(why(expect, told)) if why else ()


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


def _sysctl_line(expect: Expect, told: Told) -> Iterator[str]:
    """Which line of which file a boot goes by; where it says what is wanted, that something came after it."""
    printed, key = told.observations.get(observed.COMMAND), expect.args[0]
    files = _sysctl_files(printed.out) if printed and printed.code == 0 else None
    if files is None:
        return
    if files.masked:
        yield "systemd-sysctl.service is masked, so that no file is read at a boot"
        return
    found = files.at_boot([key])[key]
    if found.by is None:
        yield sysctl_conf.told(found, key)
    elif found.value == sysctl_conf.as_read(key, expect.want):
        yield f"{found.by.where} has the last word at a boot, and says so: something wrote another value later"
    else:
        yield f"{found.by.where} has the last word at a boot, and sets it to {found.value}"


def _sysctl_parameter(expect: Expect, told: Told) -> Iterator[str]:
    """A parameter that is not there comes with a module; one that is there has its value from a file."""
    printed = told.observations.get(KINDS[expect.kind].observe(*expect.args))
    if printed is None or printed.code == 0:
        yield from _sysctl_line(expect, told)
    elif module := facts.bringing(expect.args[0], expect.want):
        yield f"the parameter comes with the module {module}, which is not loaded"


def _file_gone(expect: Expect, told: Told) -> Iterator[str]:
    """A file that is not there was not edited."""
    printed = told.observations.get(KINDS[expect.kind].observe(*expect.args))
    if printed and printed.code != 0 and "No such file or directory" in text(printed):
        yield f"{expect.args[0]} is not there: it was never laid, or something removed it"


def _module_files(_expect: Expect, told: Told) -> Iterator[str]:
    """The files that were read in modules-load.d, by the headings of cat-config."""
    printed = told.observations.get(_cat_config("modules-load.d")(""))
    if printed and printed.code == 0:
        lines = text(printed).splitlines()
        read = [line[2:] for line in lines if line.startswith("# /") and line.endswith(".conf")]
        yield f"a boot reads {', '.join(read)}, and no other" if read else "there is no file in modules-load.d"


@functools.lru_cache(maxsize=2)
def _sysctl_files(printed: bytes) -> sysctl_conf.Resolver | None:
    """All the parameters of a boot share one observation."""
    tree = observed.files(printed)
    return None if tree is None else sysctl_conf.Resolver(tree)


def _login(expect: Expect, observation: Observation) -> Judgement:
    """The shell as wanted, and at least the groups."""
    if observation.code != 0:
        return False, "no such login, or its shell is not installed"
    shell, *groups = text(observation).split() or [""]
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
    except (ValueError, KeyError, TypeError, RecursionError):
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
    "sysctl-value": Check(
        lambda key: ("cat", f"/proc/sys/{sysctl_conf.proc_path(key)}"), _sysctl_value, why=_sysctl_parameter
    ),
    "sysctl-persisted": Check(
        lambda _key: observed.COMMAND, _sysctl_persisted, at_build=True, remedy=_NO_LATER_FILE, why=_sysctl_line
    ),
    "module-persisted": Check(_cat_config("modules-load.d"), _module_persisted, why=_module_files),
    "cloud-init": Check(lambda: ("cat", "/run/cloud-init/result.json"), _cloud_init),
    "file-system-type": Check(lambda path: ("stat", "-f", "-c", "%T", "--", path), _is),
    "unit-load-state": Check(lambda unit: ("systemctl", "show", "-p", "LoadState", "--value", "--", unit), _is),
    "unit-enabled": Check(_shell(_UNIT), _is, rests_on=_own_unit),
    "file": Check(_shell(_FILE), _is, watches=first, why=_file_gone),
    "file-as-made": Check(lambda path, _made: _shell(_MADE)(path), _as_made, watches=first, why=_file_gone),
    "package": Check(lambda name: ("dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name), _is),
    "package-any-version": Check(lambda name: ("dpkg-query", "-W", "-f=${db:Status-Status}", name), _is),
    "login": Check(_shell(_LOGIN), _login),
    "authorized-keys": Check(_shell(_KEYS), _is),
    **cloned.KINDS,
    **containerd.KINDS,
    **identity.KINDS,
    **image.KINDS,
    **kubelet.KINDS,
    **leaks.KINDS,
    **modules.KINDS,
    **probes.KINDS,
    **swap.KINDS,
}
