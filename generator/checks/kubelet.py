"""kubelet and its packages: what dpkg, systemd and its own folder say of them, and what kubeadm says of the node."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from generator import foreign, render
from generator.checks import kubelet_command
from generator.checks.kind import Check, Judgement, failed, text
from generator.model import Expect, Observation

_SHELL = ("sh", "-c")
_UNITS = re.compile(r"^# (/\S+\.(?:service|conf))$", re.M)  # systemctl cat, before each file
_ARMOUR = "-----BEGIN PGP PUBLIC KEY BLOCK-----"
_SAID = re.compile(r"^\t?\[(ERROR|WARNING) ([^\]]+)\]: (.*)", re.M)
_JOINED = "this node has joined a cluster"


def _held(expect: Expect, observation: Observation) -> Judgement:
    """A package that dpkg is told to hold, of a version, whatever its revision: WANT STATUS VERSION."""
    if observation.code != 0:
        return False, "not installed"
    want, status, version = (*text(observation).split(" "), "", "", "")[:3]
    if status != "installed":
        return False, status or "not installed"
    found = f"{'held' if want == 'hold' else 'not held'}, {version.rpartition('-')[0] or version}"
    return found == expect.want, found if found == expect.want else f"{found} ({version})"


def _key(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    return _ARMOUR in text(observation), expect.want if _ARMOUR in text(observation) else "no public key"


def _says(expect: Expect, observation: Observation) -> Judgement:
    """kubelet merges the files of its folder in the order of their names: the last one that names a field decides.

    A flag of its command line beats them all, and without --config-dir beside --config it reads none of them.
    """
    if observation.code != 0:
        return failed(observation)
    folder, _, rest = text(observation).partition("\n=> ")
    command, field = _command(rest), expect.args[0]
    if told := command.flag(kubelet_command.FLAGS[field]):
        return told[0] == expect.want, f"{told[0]}, by --{kubelet_command.FLAGS[field]} of {told[1]}"
    if command.flag("config") and (path := command.beside_the_folder()):
        return False, f"nothing: with {path} kubelet is not told of {kubelet_command.FOLDER}"
    return _folder(expect, folder)


def _command(told: str) -> kubelet_command.Command:
    """Of the unit, as systemctl has it, and the files of variables behind it."""
    unit, *files = re.split(r"^=> ", told.removeprefix("unit\n"), flags=re.M)
    _, *rows = _UNITS.split(unit)
    variables = {path: content for path, _, content in (file.partition("\n") for file in files)}
    return kubelet_command.command(zip(rows[::2], rows[1::2], strict=True), variables)


def _folder(expect: Expect, told: str) -> Judgement:
    found, by = "nothing", ""
    for block in re.split(r"^== ", told, flags=re.M)[1:]:
        path, _, content = block.partition("\n")
        said = foreign.mapping(content)
        if expect.args[0] in said:
            value = said[expect.args[0]]
            found, by = str(value).lower() if isinstance(value, bool) else str(value), f", out of {path}"
    return found == expect.want, found + by


def _state(expect: Expect, observation: Observation) -> Judgement:
    """What systemd says of a unit's file: it is no failure of systemctl that a unit is disabled."""
    found = text(observation).strip() or "nothing"
    return found == expect.want, found


def _plugin(expect: Expect, observation: Observation) -> Judgement:
    """A CNI plugin answers VERSION with a list (containernetworking/cni, SPEC.md)."""
    if observation.code != 0:
        return failed(observation)
    answers = "supportedVersions" in text(observation)
    return answers, expect.want if answers else "it is no CNI plugin"


def _loaded(expect: Expect, observation: Observation) -> Judgement:
    """`ctr images check`: REF TYPE DIGEST STATUS SIZE UNPACKED, of which size and status have blanks."""
    if observation.code != 0:
        return failed(observation)
    for row in (line.split() for line in text(observation).splitlines()):
        if row[:1] == list(expect.args):
            whole, unpacked = "complete" in row, row[-1] == "true"
            told = f"{'whole' if whole else 'not whole'}, {'unpacked' if unpacked else 'not unpacked'}"
            return told == expect.want, told
    return False, "containerd has no such image"


def _preflight(expect: Expect, observation: Observation) -> Judgement:
    """Its errors; of warnings the names, for what they say has numbers of the machine."""
    said = text(observation)
    if _JOINED in said:
        return True, f"not asked: {_JOINED}"
    rows = _SAID.findall(said)
    errors = [f"{name}: {why.strip()}" for kind, name, why in rows if kind == "ERROR"]
    warned = sorted({name for kind, name, _ in rows if kind == "WARNING"})
    if observation.code != 0 or errors:
        return (False, "; ".join(errors)) if errors else failed(observation)
    return True, f"{expect.want}; warnings: {', '.join(warned)}" if warned else expect.want


def _script(name: str) -> Callable[..., tuple[str, ...]]:
    return lambda *arguments: (*_SHELL, render.raw(f"kubelet/{name}"), name, *arguments)


KINDS: Mapping[str, Check] = {
    "package-held": Check(
        lambda name: ("dpkg-query", "-W", "-f=${db:Status-Want} ${db:Status-Status} ${Version}", name), _held
    ),
    "apt-key": Check(lambda path: ("cat", path), _key),
    "kubelet-says": Check(lambda _field: _script("says.sh")(), _says),
    "unit-file-state": Check(lambda unit: ("systemctl", "is-enabled", "--", unit), _state),
    "cni-plugin": Check(lambda path: ("env", "CNI_COMMAND=VERSION", path), _plugin),
    "image-loaded": Check(
        lambda _name: ("ctr", "--connect-timeout", "5s", "--namespace", "k8s.io", "images", "check"), _loaded
    ),
    "kubeadm-preflight": Check(_script("preflight.sh"), _preflight, probe=True, lane=2),
}
