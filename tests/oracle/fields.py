"""Every field of a profile that ends up in user-data: what it takes, a profile of it, and where it is found again."""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from generator.facts import modules
from generator.settings import packages
from tests.oracle.process import Written
from tests.oracle.shell import Call
from tests.oracle.values import TEXT, accepted, joined, taken


@dataclass(frozen=True, slots=True)
class Read:
    """What the real cloud-init writes, and the calls that a real shell finds in the steps."""

    files: Mapping[str, Written]
    calls: Sequence[Call]

    def of(self, function: str) -> Iterator[tuple[str, ...]]:
        """The arguments of each call of a function."""
        return (call.words[3:] for call in self.calls if call.words[0] == "step" and call.words[2] == function)

    def laid(self) -> dict[str, tuple[str, ...]]:
        """Of each file that comes with the steps, by its path: name, path, mode, owner, group."""
        return {call.words[2]: call.words[1:] for call in self.calls if call.words[0].startswith("file_")}


def _itself(value: object) -> object:
    return value


@dataclass(frozen=True, slots=True)
class Field:
    """`settings` puts values into a profile, `found` gets them back, both in one order.

    `same` says which of them are one and the same, `written` how a value is spelled on the node.
    """

    values: st.SearchStrategy[Any]
    settings: Callable[[Sequence[Any]], dict[str, Any]]
    found: Callable[[Read], list[Any]]
    at_once: int = 200
    same: Callable[[Any], object] = _itself
    written: Callable[[Any], object] = _itself


def _places(values: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    return ((f"/opt/{number}", value) for number, value in enumerate(values))


def _files(**how: Any) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """One file a value; what is callable in `how` makes a field of it."""

    def settings(values: Sequence[Any]) -> dict[str, Any]:
        return {
            "files": [
                {"path": path, "content": "x\n", **{k: v(value) if callable(v) else v for k, v in how.items()}}
                for path, value in _places(values)
            ]
        }

    return settings


def _contents(read: Read) -> list[bytes]:
    return [file.content for path, file in read.files.items() if path.startswith("/opt/")]


def _users(**how: Callable[[Any], Any]) -> Callable[[Sequence[Any]], dict[str, Any]]:
    def settings(values: Sequence[Any]) -> dict[str, Any]:
        return {
            "users": [
                {"name": f"u{number}", **{k: v(value) for k, v in how.items()}} for number, value in enumerate(values)
            ]
        }

    return settings


def _keyed(prefix: str, values: Sequence[Any], value: Any) -> dict[str, Any]:
    return {f"{prefix}{number}{key}": value for number, key in enumerate(values)}


_PATH = ("files", "items", "properties", "path")
_SHELL = ("users", "items", "properties", "shell")
_IN_A_PATH = "_@%+=:,.~-"  # beside letters and digits
_SWAPPED = str.maketrans("./", "/.")  # sysctl's names and the paths of /proc/sys
LETTERS = string.ascii_letters + string.digits + "_-"
_SEEN = "".join(chr(code) for code in range(0x21, 0x7F))
_NUMBER = re.compile(r"[-+]?0|[+]")  # some spellings of numbers are refused: the kernel has one


def _modes(read: Read) -> list[str]:
    """Of cloud-init's own files, and of those that come with the steps."""
    found = {path: words[2].rjust(4, "0") for path, words in read.laid().items()}
    found |= {path: f"{file.mode:04o}" for path, file in read.files.items()}
    return [found[path] for path in sorted(found, key=lambda path: int(path.rpartition("/")[2]))]


NAME = st.text(LETTERS, min_size=1)
ACCOUNT = accepted("users", "items", "properties", "name").filter(lambda name: name != "root")
SHELL = joined(st.text(f"{LETTERS}.", min_size=1), "/", 4).map("/{}".format)
KEY = accepted("users", "items", "properties", "ssh_authorized_keys", "items")

FIELDS: dict[str, Field] = {
    "files.content": Field(
        TEXT, _files(content=lambda value: value), lambda read: [content.decode() for content in _contents(read)]
    ),
    "files.content, in base64": Field(
        st.binary(max_size=64),
        _files(encoding="base64", content=lambda value: base64.b64encode(value).decode()),
        _contents,
    ),
    "files.content, of an account's": Field(
        TEXT,
        _files(owner="x", content=lambda value: value),
        lambda read: [call.read.decode() for call in read.calls if call.words[0].startswith("file_")],
    ),
    "files.path": Field(
        joined(NAME | st.text(_IN_A_PATH, min_size=1), "/", 5).map("/{}".format).filter(taken(*_PATH)),
        lambda values: {"files": [{"path": f"{path}{value}", "content": ""} for path, value in _places(values)]},
        lambda read: [
            path.removeprefix(f"/opt/{number}")
            for number, path in enumerate(path for path in read.files if path.startswith("/opt/"))
        ],
    ),
    "files.mode": Field(
        accepted("files", "items", "properties", "mode"),
        _files(mode=lambda value: value),
        _modes,
    ),
    "files.mode, of an account's": Field(
        accepted("files", "items", "properties", "mode"),
        _files(mode=lambda value: value, owner="x"),
        lambda read: [words[2].rjust(4, "0") for words in read.laid().values()],
    ),
    "files.owner": Field(
        ACCOUNT, _files(owner=lambda value: value), lambda read: [words[3] for words in read.laid().values()]
    ),
    "files.group": Field(
        ACCOUNT, _files(group=lambda value: value), lambda read: [words[4] for words in read.laid().values()]
    ),
    "users.name": Field(
        ACCOUNT,
        lambda values: {"users": [{"name": value} for value in values]},
        lambda read: [words[0] for words in read.of("user_exists")],
        64,
    ),
    "users.shell": Field(
        SHELL.filter(taken(*_SHELL)),
        _users(shell=lambda value: value),
        lambda read: [words[1] for words in read.of("user_exists")],
        64,
    ),
    "users.groups": Field(
        ACCOUNT,
        lambda values: {"users": [{"name": "u", "groups": list(values)}]},
        lambda read: [group for words in read.of("user_exists") for group in words[2].split(",")],
        64,
    ),
    "users.ssh_authorized_keys": Field(
        KEY,
        lambda values: {"users": [{"name": "u", "ssh_authorized_keys": list(values)}]},
        lambda read: [key for words in read.of("user_keys") for key in words[1].split("\n")[:-1]],
        64,
    ),
    "services (keys)": Field(
        accepted("services", "propertyNames"),
        lambda values: {"services": _keyed("s", values, "masked")},
        lambda read: [words[0].removeprefix(f"s{number}") for number, words in enumerate(read.of("unit_masked"))],
    ),
    "packages": Field(
        accepted("packages", "items"),
        lambda values: {"packages": list(values)},
        lambda read: [name for words in read.of("packages_installed") for name in words],
        same=packages.same,
    ),
    "kubelet.images.name": Field(
        accepted("kubelet", "properties", "images", "items", "properties", "name"),
        lambda values: {
            "containerd": {},
            "kubelet": {
                "version": "1.34.2",
                "images": [{"name": value, "archive": "/x.tar", "sha256": "0" * 64} for value in values],
            },
        },
        lambda read: [words[0] for words in read.of("image_loaded")],
        64,
    ),
    "modules": Field(
        accepted("modules", "items"),
        lambda values: {"modules": list(values)},
        lambda read: [words[0] for words in read.of("module_loaded")],
        64,
        modules.plain,
    ),
    "sysctl (keys)": Field(
        joined(joined(NAME, "/", 3), ".", 4).filter(taken("sysctl", "propertyNames", before="vm.")),
        lambda values: {"sysctl": _keyed("vm.x", values, 1)},
        lambda read: [
            words[0].removeprefix(f"vm/x{number}").translate(_SWAPPED)
            for number, words in enumerate(read.of("sysctl_set"))
        ],
        16,
    ),
    "sysctl": Field(
        joined(st.text(_SEEN, min_size=1).filter(lambda word: not _NUMBER.match(word)), " ", 5),
        lambda values: {"sysctl": {f"kernel.domainname.x{number}": value for number, value in enumerate(values)}},
        lambda read: [words[1] for words in read.of("sysctl_set")],
        16,
        written=lambda value: " ".join(value.split()),
    ),
}
