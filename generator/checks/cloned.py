"""Kinds of what a machine has that booted from an image: what was kept in it, and who may come in.

Asked of clones alone: a node that lives has logs, leases and the state of a cluster, and rightly so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from generator import render
from generator.checks.image import strangers
from generator.checks.kind import Check, Judgement, failed, text
from generator.checks.leaks import asked_for
from generator.model import Expect, Observation

NONE = "none at all"  # of what two machines may both lack
OWN = "nodebake-clone"  # how an instance begins that the host gave to a clone
_LOOKED = "looked"
# sshd_config(5), where nothing says otherwise.
_SSHD = {
    "authorizedkeysfile": ".ssh/authorized_keys .ssh/authorized_keys2",
    "authorizedkeyscommand": "none",
    "authorizedprincipalsfile": "none",
    "authorizedprincipalscommand": "none",
    "trustedusercakeys": "none",
    "permitemptypasswords": "no",
}


def _script(name: str, skip: int = 0) -> Callable[..., tuple[str, ...]]:
    """The command for a script of templates/clones, without the first arguments of the expectation."""
    return lambda *arguments: ("sh", "-c", render.raw(f"clones/{name}.sh"), "sh", *arguments[skip:])


def _told(observation: Observation) -> list[str] | None:
    """The lines of a script that came to its end."""
    rows = text(observation).splitlines()
    return rows[:-1] if observation.code == 0 and rows[-1:] == [_LOOKED] else None


def _none_of(found: Sequence[str]) -> Judgement:
    return not found, ", ".join(sorted(found)) or "none"


def _left(expect: Expect, observation: Observation) -> Judgement:
    """Of one row: all are told by one command. A line that belongs to none is a complaint."""
    told = _told(observation)
    key, asked, *rows = expect.args
    known = {row.partition(":")[2].partition("=")[0] for row in rows}
    pairs = [line.partition(" ") for line in told or ()]
    if told is None or not {name for name, _, _ in pairs} <= known:
        return failed(observation)
    return _none_of([path for name, _, path in pairs if name == key and not asked_for(path, asked.split())])


def _lines(expect: Expect, observation: Observation) -> Judgement:
    told = _told(observation)
    if told is None:
        return failed(observation)
    return _none_of([line for line in told if line.rpartition(":")[0] not in expect.args[2:]])


def _unasked(expect: Expect, observation: Observation) -> Judgement:
    """Paths, but for those that the profile lays."""
    told = _told(observation)
    return failed(observation) if told is None else _none_of([path for path in told if path not in expect.args])


def _digests(expect: Expect, observation: Observation) -> Judgement:
    """What no two machines may share, but for what the profile lays: a machine may also have none."""
    told = _told(observation)
    if told is None or not all(re.match(r"[0-9a-f]{64} ", line) for line in told):
        return failed(observation)
    pairs = [line.split(maxsplit=1) for line in told]
    return True, " ".join(sorted({digest for digest, path in pairs if path not in expect.args[0].split()})) or NONE


def _instance(_expect: Expect, observation: Observation) -> Judgement:
    own, *known = text(observation).split() or [""]
    if observation.code != 0:
        return False, "cloud-init made none"
    if not own.startswith(OWN):
        return False, f"{own}, which is another machine's"
    return known == [own], own if known == [own] else f"also {', '.join(one for one in known if one != own)}"


def _logins(_expect: Expect, observation: Observation) -> Judgement:
    told, seen = _told(observation), "root stands in /etc/shadow"
    if told is None or seen not in told:
        return False, "nobody stands in /etc/shadow"
    return _none_of([line for line in told if not line.startswith("root stands in ")])


def _accounts(expect: Expect, observation: Observation) -> Judgement:
    return strangers(text(observation), expect.args) if observation.code == 0 else failed(observation)


def _sshd(_expect: Expect, observation: Observation) -> Judgement:
    told = _told(observation)
    if told is None:
        return failed(observation)
    values = {name: value for name, _, value in (line.partition(" ") for line in told)}
    if not values:
        return True, "there is no sshd"
    wrong = [f"{name} {values.get(name, 'not told')}" for name, value in _SSHD.items() if values.get(name) != value]
    return _none_of(wrong)


def _hostname(_expect: Expect, observation: Observation) -> Judgement:
    """Nobody gave the clones a name."""
    found = text(observation).strip()
    return (found in ("", "localhost"), found or "empty") if observation.code == 0 else failed(observation)


# Without the passwords, which old systems have there.
_PASSWD = ("sed", "-E", "s/^([^:]*):[^:]*:/\\1:x:/", "/etc/passwd")

KINDS: Mapping[str, Check] = {
    "clone-left": Check(_script("left", skip=2), _left),
    "clone-lines": Check(lambda regex, where, *_asked: _script("lines")(regex, *where.split()), _lines),
    "clone-digests": Check(_script("digests", skip=1), _digests),
    "clone-instance": Check(_script("instance"), _instance),
    "clone-logins": Check(_script("logins"), _logins),
    "clone-accounts": Check(lambda *_asked: _PASSWD, _accounts),
    "clone-sudoers": Check(lambda *_asked: _script("sudoers")(), _unasked),
    "clone-keys": Check(lambda *_asked: _script("keys")(), _unasked),
    "clone-sshd": Check(_script("sshd"), _sshd),
    "clone-hostname": Check(lambda: ("cat", "/etc/hostname"), _hostname),
}
