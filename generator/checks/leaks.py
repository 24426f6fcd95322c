"""Kinds of what a build leaks into an image, by the host: secrets, names, and logs that belong to one machine."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from generator.checks.image import ACCOUNTS, Entry, entries, names, none, texts
from generator.checks.kind import Check, Judgement, failed, text
from generator.model import Expect, Observation

_SHADOW, _HOSTNAME = "/etc/shadow", "/etc/hostname"
_LOCKED = ("*", "!", "x")  # as image_checks says it; x of passwd(5) stands for the field of shadow(5)


def paths(*patterns: str) -> str:
    """Several shell patterns as one argument of an expectation."""
    return " ".join(patterns)


def asked_for(path: str, asked: Sequence[str]) -> bool:
    """Whether the profile lays this file, or one below this folder."""
    return any(one == path or one.startswith(f"{path}/") for one in asked)


def _no_files(_expect: Expect, observation: Observation) -> Judgement:
    """Folders may stay, and so may links to what packages bring, as Debian has one in /var/log."""
    if observation.code != 0:
        return failed(observation)
    return none(path for path, entry in entries(observation).items() if not _is_packages(path, entry))


def _is_packages(path: str, entry: Entry) -> bool:
    where = posixpath.normpath(posixpath.join(posixpath.dirname(path), entry.get("target", "")))
    return entry["type"] == "directory" or (entry["type"] == "symlink" and where.startswith("/usr/"))


def _unasked(expect: Expect, observation: Observation) -> Judgement:
    """What is there, but for what the profile lays and what is as a package brought it."""
    if observation.code != 0:
        return failed(observation)
    _, *asked = expect.args
    found = entries(observation).items()
    return none(path for path, entry in found if not entry.get("packaged") and not asked_for(path, asked))


def _lines(expect: Expect, observation: Observation) -> Judgement:
    """Lines that say it, by their numbers: what they say may be the secret."""
    if observation.code != 0:
        return failed(observation)
    _, _, *asked = expect.args
    found = ((path, entry.get("lines", ())) for path, entry in entries(observation).items() if path not in asked)
    return none(f"{path}:{number}" for path, numbers in found for number in numbers)


def _locked(_expect: Expect, observation: Observation) -> Judgement:
    """Nobody logs in by a password, and nobody without one: passwd(5), shadow(5)."""
    if observation.code != 0:
        return failed(observation)
    found = {path: entry.get("logins", {}) for path, entry in entries(observation).items()}
    if not found.get(_SHADOW):
        return False, f"nobody stands in {_SHADOW}"
    return none(
        f"{path}: {name} has {'none at all' if lock == '' else 'one'}"
        for path, logins in found.items()
        for name, lock in logins.items()
        if lock not in _LOCKED
    )


def _hostname(_expect: Expect, observation: Observation) -> Judgement:
    """None, or the one that every machine has for itself: hostname(5)."""
    if observation.code != 0:
        return failed(observation)
    entry = entries(observation).get(_HOSTNAME)
    if entry is None:
        return True, "no file"
    found = entry.get("text", f"a {entry['type']}").strip()
    return found in ("", "localhost"), found or "empty"


def _private_keys(expect: Expect, observation: Observation) -> Judgement:
    """But for what packages bring to /usr, which everybody has, and the profile's own."""
    if observation.code != 0:
        return failed(observation)
    found = (path for path in entries(observation) if path not in expect.args)
    return none(path for path in found if not path.startswith("/usr/") or path.startswith("/usr/local/"))


def _renewed(expect: Expect, observation: Observation) -> Judgement:
    """Where the first path is, the tool, there must be the second, the link that starts the unit."""
    if observation.code != 0:
        return failed(observation)
    found, (tool, link) = entries(observation), expect.args
    if tool not in found:
        return True, f"not needed: there is no {posixpath.basename(tool)}"
    return link in found, f"{link} {'is there' if link in found else 'is not there'}"


def _has_name(expect: Expect, observation: Observation) -> Judgement:
    """Which one is for the clones to compare."""
    holds, found = _named(expect, observation)
    return holds, "a name" if holds else found


def _named(expect: Expect, observation: Observation) -> Judgement:
    """The last line that says something: a name, or NAME=VALUE."""
    rows = [row for row in text(observation).splitlines() if row.strip() and not row.startswith("#")]
    if observation.code != 0 or not rows:
        return False, f"{expect.args[0]} has none"
    return True, rows[-1].partition("=")[2] or rows[-1]


KINDS: Mapping[str, Check] = {
    "image-no-files": Check(names, _no_files, witness="image"),
    "image-unasked": Check(lambda where, *_asked: ("image", "packaged", *where.split()), _unasked, witness="image"),
    "image-lines": Check(
        lambda regex, where, *_asked: ("image", "lines", regex, *where.split()), _lines, witness="image"
    ),
    "image-locked": Check(lambda: ("image", "logins", ACCOUNTS, _SHADOW), _locked, witness="image"),
    "image-hostname": Check(lambda: texts(_HOSTNAME), _hostname, witness="image"),
    "image-private-keys": Check(lambda *_asked: ("image", "private-keys"), _private_keys, witness="image"),
    "image-renewed": Check(names, _renewed, witness="image"),
    "has-name": Check(lambda path: ("cat", path), _has_name),
    "identity-named": Check(lambda path: ("cat", path), _named),
}
