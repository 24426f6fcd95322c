"""Which version, from which repository, and the files that tell apt: its source, and the pin of the version.

apt itself holds the repository to its key, by gpgv or sqv, at every update: Signed-By names the keyring and the
fingerprint of the one key in it that counts (sources.list(5)). So it does not matter who delivered the keyring.
The package's revision stands nowhere: the pin takes whichever the repository has of the version.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import data, render
from generator.facts import versions
from generator.facts.versions import Version
from generator.model import File
from generator.settings import Context

KEYRING = "/etc/apt/keyrings/nodebake-kubernetes.asc"
SOURCE = "/etc/apt/sources.list.d/nodebake-kubernetes.sources"
PIN = "/etc/apt/preferences.d/nodebake-kubernetes.pref"
TOOLS = ("kubeadm", "kubectl")
_PATCHED = 2  # dots of a version with its patch
_COMMUNITY = Path(__file__).with_name("community.yaml")

Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Repository:
    """Where packages come from: `url` ends with a slash, `mirror` is a folder of the host, or nothing."""

    url: str
    fingerprint: str
    mirror: str = ""


@functools.cache
def community() -> Mapping[str, Any]:
    """community.yaml."""
    found: Mapping[str, Any] = data.rows(_COMMUNITY)
    return found


def version(value: Value, context: Context) -> str:
    """The version with its patch; "" where neither this setting nor `kubernetes` has one."""
    said = str(context.profile.settings.get("kubernetes", {}).get("version", ""))
    return str(value.get("version", said if said.count(".") == _PATCHED else ""))


def minor(value: Value, context: Context) -> Version:
    """The version as the rows of facts/ know it."""
    return versions.parse(version(value, context))


def names(value: Value) -> tuple[str, ...]:
    """The packages that have Kubernetes' own version, and are held."""
    return ("kubelet", *(tool for tool in TOOLS if tool in value.get("tools", TOOLS)))


def repository(value: Value, context: Context) -> Repository:
    """The profile's, with the community's for what it does not say."""
    said = value.get("repository", {})
    url = said.get("url", community()["url"].format(minor=minor(value, context)))
    return Repository(
        f"{url.rstrip('/')}/", said.get("fingerprint", community()["fingerprint"]), said.get("mirror", "")
    )


def files(value: Value, context: Context) -> dict[str, File]:
    """By the expectation of each. The source waits for its key: before, an update of apt's lists would fail on it."""
    found, header = repository(value, context), render.header(context.profile)
    rows = {"url": found.url, "keyring": KEYRING, "fingerprint": found.fingerprint}
    pin = {"packages": " ".join(names(value)), "version": version(value, context)}
    return {
        "kubelet.repository.source": _file(SOURCE, render.template("kubelet/source.j2", header=header, **rows)),
        "kubelet.version.pinned": _file(PIN, render.template("kubelet/pin.j2", header=header, **pin)),
    }


def _file(path: str, text: str) -> File:
    return File(path, text.encode(), late=True)
