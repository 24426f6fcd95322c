"""As test_crosschecks.py, of swap: what is taken beside what refused/ has, and what with a warning."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from generator.model import Plan

ACCEPTED = {
    "the same word about swap": 'kubernetes: {version: "1.34", cni: none, swap: disabled}\nswap: disabled\n',
    "limited swap": 'kubernetes: {version: "1.30", cni: none, swap: limited}\n',
    "limited swap of another size": (
        'kubernetes: {version: "1.34", cni: none, swap: limited}\nswap: {mode: limited, size: 4GiB}\n'
    ),
    "limited swap of its own": 'kubernetes: {version: "1.34", cni: none}\nswap: {mode: limited, size: 4GiB}\n',
    "limited swap without Kubernetes": "swap: {mode: limited, size: 4GiB}\n",
    "fstab without swap": (
        'swap: disabled\nfiles: [{path: /etc/fstab, content: "# /swap none swap\\nLABEL=root / ext4\\n"}]\n'
    ),
    "swap that is masked": (
        "swap: disabled\nservices: {swap.target: masked, zramswap.service: masked, vdb.swap: disabled}\n"
    ),
    "units of limited swap as it wants them": (
        "swap: {mode: limited, size: 1GiB}\n"
        "services: {nodebake-swap.service: enabled, nodebake-swap-guard.service: enabled}\n"
    ),
    "swap without the setting": "packages: [zram-tools]\nservices: {dev-vdb.swap: enabled}\n",
    "zram-generator with nothing to make": (
        'swap: disabled\nfiles: [{path: /etc/systemd/zram-generator.conf, content: ""}]\n'
    ),
    "files that keep swap off": (
        "swap: disabled\nfiles:\n"
        '- {path: /etc/cloud/cloud.cfg.d/a.cfg, content: "mounts: [[swap, null]]\\nswap: {size: 0}"}\n'
        "- {path: /etc/initramfs-tools/conf.d/resume, content: RESUME=none}\n"
        "- {path: /etc/waagent.conf, content: ResourceDisk.EnableSwap=n}\n"
        "- {path: /etc/default/grub, content: GRUB_CMDLINE_LINUX=noresume}\n"
        "- {path: /etc/kernel/cmdline, content: rd.lvm.lv=rl/root rd.lvm.lv=swap/root}\n"
        '- {path: /etc/cloud/cloud.cfg.d/b.cfg, content: "fs_setup: [{filesystem: ext4}]"}\n'
        '- {path: /etc/cloud/cloud.cfg.d/c.cfg, content: "disk_setup: {sdb: {layout: [82, [18, 83]]}}"}\n'
        "- {path: /opt/notes, content: resume=/dev/vda2}\n"
    ),
    "scripts that turn no swap on": (
        "swap: disabled\nfiles:\n"
        '- {path: /etc/rc.local, content: "# swapon /swap\\nswapon --show=NAME\\nswapon | cat\\nswapon\\nswapoff -a"}\n'
        "- {path: /etc/systemd/system/a.service, content: After=own-swapon.service}\n"
        "- {path: /opt/notes, content: swapon -a}\n"
    ),
    "kubelet says something else": (
        "swap: {mode: limited, size: 1GiB}\n"
        'files: [{path: /etc/kubernetes/kubelet.conf.d/30.conf, content: "maxPods: 50\\nfailSwapOn: false"}]\n'
    ),
    "kubelet's failSwapOn without swap": (
        'swap: disabled\nfiles: [{path: /etc/kubernetes/kubelet.conf.d/30.conf, content: "failSwapOn: true"}]\n'
    ),
    "a configuration that is no YAML": (
        'swap: disabled\nfiles: [{path: /etc/cloud/cloud.cfg.d/a.cfg, content: "swap: ["}]\n'
    ),
    "limited swap, and a drop-in of the profile's": (
        'containerd: {}\nswap: {mode: limited, size: 1GiB}\nkubelet: {version: "1.34.2"}\n'
        'files: [{path: /etc/kubernetes/kubelet.conf.d/30.conf, content: "failSwapOn: false"}]\n'
    ),
}
WARNED = {
    "swap behind a gate": (
        'kubernetes: {version: "1.29", cni: none}\nswap: {mode: limited, size: 4GiB}\n',
        "4:1: swap: warning: in 1.28 and 1.29 a node with swap is a beta feature that is off by default (kubelet"
        " gets featureGates: {NodeSwap: true} from nodebake's drop-in; 1.30 or newer needs no gate)",
    ),
    "swap behind a gate of kubelet's": (
        'containerd: {}\nkubelet: {version: "1.28.15"}\nswap: {mode: limited, size: 1GiB, device: zram}\n',
        "5:1: swap: warning: in 1.28 and 1.29 a node with swap is a beta feature that is off by default (kubelet"
        " gets featureGates: {NodeSwap: true} from nodebake's drop-in; 1.30 or newer needs no gate)",
    ),
    "a script that turns swap on": (
        'swap: disabled\nfiles: [{path: /etc/rc.local, content: "#!/bin/sh\\nswapon /swap\\n"}]\n',
        "4:31: files[0].content: warning: /etc/rc.local:2 calls swapon, and the setting swap turns off what comes on"
        " (take it out, or leave swap out)",
    ),
    "a unit that turns swap on": (
        "swap: {mode: limited, size: 1GiB}\nfiles:\n"
        '- {path: /etc/systemd/system/own.service, content: "[Service]\\nExecStart=/sbin/swapon -a\\n"}\n',
        "5:43: files[0].content: warning: /etc/systemd/system/own.service:2 calls swapon, and the setting swap turns"
        " off what comes on (take it out, or leave swap out)",
    ),
    "cloud-init turns swap on": (
        'swap: disabled\nfiles: [{path: /etc/cloud/cloud.cfg.d/a.cfg, content: "runcmd: [[swapon, /swap]]"}]\n',
        "4:46: files[0].content: warning: /etc/cloud/cloud.cfg.d/a.cfg:1 calls swapon, and the setting swap turns off"
        " what comes on (take it out, or leave swap out)",
    ),
}


@pytest.mark.parametrize("settings", ACCEPTED.values(), ids=ACCEPTED)
def test_accepted(planned: Callable[[str], Plan], settings: str) -> None:
    assert planned(settings).warnings == ()


@pytest.mark.parametrize(("settings", "said"), WARNED.values(), ids=WARNED)
def test_warned(planned: Callable[[str], Plan], settings: str, said: str) -> None:
    assert [str(one).partition("profile.yaml:")[2] for one in planned(settings).warnings] == [said]
