"""What is said of what the scripts print."""

from __future__ import annotations

import pytest

from generator import checks
from generator.model import Expect, Observation

SWAP = "swapon fails: swapon -a brought /swap file\n"
LIMIT = "instances: 128 of 16384 inotify instances, then: Too many open files\n"
ABSENT = "timeout: failed to run command 'perl': No such file or directory\n"
SAID = [
    ("network", ("policy", "ipv4", "policy"), 0, "policy holds: it is dropped\n", True, "it is dropped"),
    ("network", ("policy", "ipv4", "policy"), 0, "policy fails: it came\nservice holds: x\n", False, "it came"),
    ("network", ("policy", "ipv4"), 0, "policyx holds: x\n", False, "perl failed with exit code 0: policyx holds: x"),
    ("network", ("policy", "ipv4"), 143, "", False, "perl failed with exit code 143: nothing printed"),
    ("network", ("policy", "ipv4"), 127, ABSENT, False, "perl is not on the node: the package perl-base brings it"),
    ("overlay", (), 0, "noise\noverlay holds: layers\n", True, "layers"),
    ("overlay", (), 1, "overlay fails: it cannot be mounted: unknown\n", False, "it cannot be mounted: unknown"),
    ("link", ("vxlan", "id", "1"), 0, "vxlan fails: Unknown device type.\n", False, "Unknown device type."),
    ("swap", ("swapon",), 0, SWAP, False, "swapon -a brought /swap file"),
    ("swap", ("off",), 0, "off holds: kubelet finds swap off\n", True, "kubelet finds swap off"),
    ("swap", ("on",), 0, SWAP, False, "sh failed with exit code 0: swapon fails: swapon -a brought /swap file"),
    ("swapping", (), 0, "swapping holds: it swaps\n", True, "it swaps"),
    ("limit", ("instances", "128"), 0, LIMIT, True, LIMIT[11:-1]),
    ("limit", ("instances", "129"), 0, LIMIT, False, LIMIT[11:-1]),
    ("limit", ("instances", "0"), 0, "instances: 0 of 16384 x\n", True, "0 of 16384 x"),
    ("limit", ("watches", "524288"), 0, "watches: 10000 of 10000 x\n", True, "10000 of 10000 x"),
    ("limit", ("watches", "524288"), 0, "watches: 9999 of 10000 x\n", False, "9999 of 10000 x"),
    ("limit", ("watches", "1"), 0, "maps: 9 of 9 x\n", False, "sh failed with exit code 0: maps: 9 of 9 x"),
    ("limit", ("promised", "1"), 0, "promised: 0 of 1 x\n", False, "0 of 1 x"),
]


@pytest.mark.parametrize(("kind", "args", "code", "out", "holds", "found"), SAID)
def test_judged(kind: str, args: tuple[str, ...], code: int, out: str, holds: bool, found: str) -> None:
    expect = Expect("x", "x", f"{kind}-probe", args, "wanted", "breaks")
    command = checks.command(expect)
    assert checks.judge(expect, Observation(command, code, out.encode())) == (holds, found)
    assert checks.is_probe(expect)
