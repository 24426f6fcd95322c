"""Which line of sysctl.d has the last word."""

from __future__ import annotations

import pytest

from generator import sysctl_conf

MERGED = """# /usr/lib/sysctl.d/50-default.conf
# rp_filter
net.ipv4.conf.default.rp_filter = 2
net.ipv4.conf.*.rp_filter = 2
-net.ipv4.conf.all.rp_filter

# /etc/sysctl.d/99-zz-nodebake.conf
net.ipv4.ip_forward = 1
net.ipv4.tcp_rmem = 4096\t87380   16777216

# /etc/sysctl.d/zz.conf
; a comment
-net/ipv4/conf/all/forwarding=0
"""

CASES = [
    ("net.ipv4.ip_forward", "0", "/etc/sysctl.d/zz.conf:2"),  # the other name of the same value, and it is later
    ("net.ipv4.conf.all.forwarding", "0", "/etc/sysctl.d/zz.conf:2"),
    ("net.ipv4.conf.default.rp_filter", "2", "/usr/lib/sysctl.d/50-default.conf:2"),
    ("net.ipv4.conf.eth0.rp_filter", "2", "/usr/lib/sysctl.d/50-default.conf:3"),
    ("net.ipv4.tcp_rmem", "4096 87380 16777216", "/etc/sysctl.d/99-zz-nodebake.conf:2"),
]


@pytest.mark.parametrize(("key", "value", "where"), CASES)
def test_effective(key: str, value: str, where: str) -> None:
    found = sysctl_conf.effective(MERGED, key)
    assert found is not None
    assert (found.value, found.where) == (value, where)


def test_nobody_sets_it() -> None:
    assert sysctl_conf.effective(MERGED, "vm.swappiness") is None


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
        ("net/ipv4/ip_forward", "net/ipv4/ip_forward"),
        ("net.ipv4.conf.enp3s0/200.forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
        ("net/ipv4/conf/enp3s0.200/forwarding", "net/ipv4/conf/enp3s0.200/forwarding"),
    ],
)
def test_proc_path(key: str, path: str) -> None:
    assert sysctl_conf.proc_path(key) == path
