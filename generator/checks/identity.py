"""Kinds that tell machines apart. Judged, each says what a machine has; whether two have the same is for clones.py."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import re
from collections.abc import Mapping

from generator.checks.kind import Check, Judgement, failed, text
from generator.model import Expect, Observation

LEASE: tuple[str, ...] = (
    "segment",
    "lease",
)  # the command of what the host hears from the DHCP server: address, client identifier
_SHELL = ("sh", "-c")
_MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
# Waits for udev, which gives a device its lasting MAC after the kernel has made one up.
_BRIDGE = """\
ip link add name "$1" type bridge || exit 1
trap 'ip link del dev "$1"' EXIT
udevadm settle --timeout=60
cat "/sys/class/net/$1/address"
"""


def _machine_id(_expect: Expect, observation: Observation) -> Judgement:
    found = text(observation).strip()
    return re.fullmatch(r"[0-9a-f]{32}", found) is not None, found or "empty"


def _host_keys(_expect: Expect, observation: Observation) -> Judgement:
    """A word for each key: what ssh-keygen -l says of it."""
    if observation.code != 0:
        return False, "it has none"
    rows = (line.split() for line in text(observation).splitlines())
    keys = sorted(f"{row[0]}={_fingerprint(row[1])}" for row in rows if len(row) >= 2)
    return bool(keys), " ".join(keys) or "it has none"


def _fingerprint(key: str) -> str:
    digest = hashlib.sha256(base64.b64decode(key + "===", validate=False)).digest()
    return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def _word(_expect: Expect, observation: Observation) -> Judgement:
    found = text(observation).split()
    return (bool(found), found[0] if found else "none") if observation.code == 0 else failed(observation)


def _mac(_expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    found = text(observation).strip()
    return _MAC.fullmatch(found) is not None, found


def _address(expect: Expect, observation: Observation) -> Judgement:
    """Of the segment alone: a CNI's bridge has the same one on every node, and rightly so."""
    if observation.code != 0:
        return failed(observation)
    network = ipaddress.ip_network(expect.args[0])
    words = (word.partition("/")[0] for word in text(observation).split() if re.fullmatch(r"[0-9.]+/\d+", word))
    found = [word for word in words if ipaddress.ip_address(word) in network]
    return bool(found), " ".join(found) or f"none in {network}"


def _leased(_expect: Expect, observation: Observation) -> Judgement:
    found = text(observation).split()
    return bool(found), found[0] if found else "the server leased it none"


def _client(_expect: Expect, observation: Observation) -> Judgement:
    found = text(observation).split()
    return len(found) > 1, found[1] if len(found) > 1 else "none"


_KEYS = (*_SHELL, "cat /etc/ssh/ssh_host_*_key.pub")
_SEED = (*_SHELL, '[ -s "$1" ] && sha256sum <"$1"', "sh", "/var/lib/systemd/random-seed")

KINDS: Mapping[str, Check] = {
    "identity-machine-id": Check(lambda: ("cat", "/etc/machine-id"), _machine_id),
    "identity-host-keys": Check(lambda: _KEYS, _host_keys),
    "identity-random-seed": Check(lambda: _SEED, _word),
    "identity-bridge": Check(lambda name: (*_SHELL, _BRIDGE, "sh", name), _mac, probe=True),
    "identity-address": Check(lambda _net: ("ip", "-4", "-o", "addr", "show", "scope", "global"), _address),
    "identity-lease": Check(lambda: LEASE, _leased, witness="segment"),
    "identity-client-id": Check(lambda: LEASE, _client, witness="segment"),
}
