"""Kinds that the host reads off the raw image (image_checks.py): what is in it before any machine ran it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from generator import dpkg
from generator.checks.kind import Check, Judgement, failed
from generator.model import Expect, Observation

_PEOPLE = 1000  # FIRST_UID of adduser.conf(5)
_NOBODY = 65534
# What glibc reads otherwise is in no account that a tool wrote: "+0" and " 0" are 0 to it, and a field more is none.
_ACCOUNT = re.compile(
    r"([A-Za-z0-9_.][A-Za-z0-9_.$-]*):([^:\x00-\x1f]*):([0-9]{1,10}):([0-9]{1,10})((?::[^:\x00-\x1f]*){3})"
)
_CONFFILE = re.compile(r"^ (/\S+) ([0-9a-f]{32})(?: |$)", re.M)  # deb-conffiles(5), as dpkg's status file has them

ACCOUNTS = "/etc/passwd"

Entry = Mapping[str, Any]  # type (of inode(7)), target of a link, text of a file


def names(*patterns: str) -> tuple[str, ...]:
    """The command for what is there: shell patterns of paths."""
    return ("image", "names", *patterns)


def texts(*patterns: str) -> tuple[str, ...]:
    """The command for what is there and what the files say."""
    return ("image", "texts", *patterns)


def conffiles(status: str) -> frozenset[tuple[str, str]]:
    """Each configuration file that dpkg's status file names, with its md5 as its package brought it."""
    return frozenset(_CONFFILE.findall(status))


def entries(observation: Observation) -> Mapping[str, Entry]:
    return json.loads(observation.out) if observation.code == 0 else {}


def _absent(_expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    return none(entries(observation))


def none(left: Iterable[str]) -> Judgement:
    found = sorted(left)
    return not found, ", ".join(found) if found else "none"


def _machine_id(expect: Expect, observation: Observation) -> Judgement:
    """Empty, the word, or no file: each machine makes an id of its own, machine-id(5)."""
    if observation.code != 0:
        return failed(observation)
    entry = entries(observation).get(*expect.args)
    if entry is None:
        return True, "no file"
    if entry["type"] != "regular":
        return False, f"a {entry['type']}"
    found = entry["text"].strip()
    return found in ("", "uninitialized"), found or "empty"


def _link_or_none(expect: Expect, observation: Observation) -> Judgement:
    """A link to the one file, wherever it is written from, or nothing: a copy would be read when the file is empty."""
    if observation.code != 0:
        return failed(observation)
    path, target = expect.args
    entry = entries(observation).get(path)
    if entry is None:
        return True, "no file"
    found = f"a link to {entry['target']}" if entry["type"] == "symlink" else f"a {entry['type']} file"
    return entry["type"] == "symlink" and entry["target"] in (target, f"../../..{target}"), found


def _accounts(expect: Expect, observation: Observation) -> Judgement:
    """Nobody but root, the system's own accounts, and those that the profile names. passwd(5)."""
    if observation.code != 0:
        return failed(observation)
    text = next((entry["text"] for entry in entries(observation).values() if entry["type"] == "regular"), "")
    return strangers(text, expect.args)


def strangers(text: str, asked: Sequence[str]) -> Judgement:
    """Who stands in passwd(5) and is neither root, nor the system's, nor asked for."""
    rows = [_ACCOUNT.fullmatch(row) for row in text.removesuffix("\n").split("\n")]
    if "root" not in (row[1] for row in rows if row):
        return False, f"{ACCOUNTS} has no root"
    odd = {f"{ACCOUNTS}:{number} is no account as tools write it" for number, row in enumerate(rows, 1) if row is None}
    return none(odd | {row[1] for row in rows if row and _is_a_login(row[1], int(row[3]))} - set(asked))


def _is_a_login(name: str, uid: int) -> bool:
    return name != "root" if uid == 0 else uid >= _PEOPLE and uid != _NOBODY


def _sudoers(expect: Expect, observation: Observation) -> Judgement:
    """Each file is as a package brought it, or one of the profile's, or says nothing."""
    if observation.code != 0:
        return failed(observation)
    found = dict(entries(observation))
    packaged = conffiles(found.pop(dpkg.STATUS, {}).get("text", ""))
    return none(path for path, entry in found.items() if path not in expect.args and not _is(packaged, path, entry))


def _is(packaged: frozenset[tuple[str, str]], path: str, entry: Entry) -> bool:
    text = entry.get("text", "")
    digest = hashlib.md5(text.encode("utf-8", "surrogateescape"), usedforsecurity=False).hexdigest()
    return entry["type"] == "regular" and ((path, digest) in packaged or not _says(text))


def _says(text: str) -> bool:
    """Whether a line is neither empty nor a comment; #include and #uid are no comments to sudoers(5)."""
    lines = (line.strip() for line in text.splitlines())
    return any(line and not re.match(r"#(?!\s*include|\d)", line) for line in lines)


def _keys(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    given = (path for path, entry in entries(observation).items() if entry["type"] != "regular" or _says(entry["text"]))
    return none(path for path in given if path not in expect.args)


def _sudoers_files(*_allowed: str) -> tuple[str, ...]:
    return texts("/etc/sudoers", "/etc/sudoers.d/*", dpkg.STATUS)


def _key_files(*_allowed: str) -> tuple[str, ...]:
    """In the homes of all accounts, wherever these are, and in folders that look like one."""
    return ("image", "homes", ".ssh/authorized_keys*")


KINDS: Mapping[str, Check] = {
    "image-absent": Check(names, _absent, witness="image"),
    "image-esp": Check(lambda *paths: ("image", "esp", *paths), _absent, witness="image"),
    "image-machine-id": Check(texts, _machine_id, witness="image"),
    "image-link": Check(lambda path, _target: names(path), _link_or_none, witness="image"),
    "image-accounts": Check(lambda *_allowed: texts(ACCOUNTS), _accounts, witness="image"),
    "image-sudoers": Check(_sudoers_files, _sudoers, witness="image"),
    "image-authorized-keys": Check(_key_files, _keys, witness="image"),
}
