"""What two clones tell, made by hand, and what the host makes of it."""

from __future__ import annotations

from collections.abc import Mapping

from generator import checks, clones
from generator.model import Boot, Observation, Plan, Verdict

SETTINGS = "swap: disabled\nservices: {apt-daily.timer: disabled, fstrim.timer: disabled, ssh.service: enabled}\n"
KEYS = "ssh-ed25519 AAAA{0} root@a\nssh-rsa BBBB{0} root@a\n"
Told = Mapping[str, str | None]


def machine(which: str) -> dict[str, str | None]:
    """All that one machine tells, which another one tells otherwise."""
    return {
        "clones.machine-id": which * 32 + "\n",
        "clones.host-keys": KEYS.format(which * 4),
        "clones.random-seed": f"{which * 64}  -\n",
        "clones.bridge-mac": f"{which * 2}:00:00:00:00:01\n",
        "clones.address": f"2: ens3    inet 10.77.0.1{which}/24 brd 10.77.0.255 scope global dynamic ens3\n"
        "3: cni0    inet 10.88.0.1/16 brd 10.88.255.255 scope global cni0\n",
        "clones.lease": f"10.77.0.1{which} ff:{which * 2}",
        **clean(which),
        "services.apt-daily.timer.disabled": "disabled stopped\n",
        "services.fstrim.timer.disabled": "disabled stopped\n",
        "services.ssh.service.enabled": "enabled running\n",
    }


def clean(which: str) -> dict[str, str | None]:
    """What a machine tells in which nothing was left; each has a secret of its own, and no agent."""
    lines = ("hosts", "registry-logins", "logins-in-urls", "proxies", "sshd-keys")
    lists = ("cni-state", *lines, "storage-names", "agents", "sudoers", "authorized-keys", "sshd")
    return {
        **{f"clones.{name}": "looked\n" for name in lists},
        "clones.credential-secret": f"{which * 64}  /var/lib/systemd/credential.secret\nlooked\n",
        "clones.instance": f"nodebake-clone{which}\nnodebake-clone{which}\n",
        "clones.passwords": "root stands in /etc/shadow\nlooked\n",
        "clones.accounts": "root:x:0:0:root:/root:/bin/bash\nx:x:105:65534::/:/bin/false\n",
        "clones.hostname": "localhost\n",
    }


def boot(plan: Plan, told: Told, boot_id: str) -> Boot:
    commands = {expect.id: checks.command(expect) for expect in clones.watched(plan).expects}
    seen = {
        commands[name]: Observation(commands[name], 0, text.encode()) for name, text in told.items() if text is not None
    }
    return Boot(boot_id, seen)


def judge(plan: Plan, *lives: tuple[Told, Told]) -> tuple[Verdict, ...]:
    first, second = ([boot(plan, told, f"{who}{n}") for n, told in enumerate(life)] for who, life in enumerate(lives))
    return clones.judge(plan, first, second)


def wrong(verdicts: tuple[Verdict, ...]) -> dict[tuple[str, int], str]:
    assert all(verdict.expect.breaks for verdict in verdicts)
    return {(v.expect.id.removeprefix("clones."), v.boot): v.status for v in verdicts if v.status != "pass"}
