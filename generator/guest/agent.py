"""A script in a guest that nothing was prepared in: no cloud-init, no login, no network, nothing on its disk.

The script comes by a systemd credential (`tmpfiles.extra`, systemd 252 and later), which lays it below /run with a
unit. Nothing would start that unit: tmpfiles writes it when the boot's jobs are decided already. So the result port is
plugged in once the guest is up, and a udev rule, laid in the same way, has systemd want the unit then. Half the CPU
seconds of a boot with cloud-init (57 and 106 on Debian 13).
"""

from __future__ import annotations

import base64
import dataclasses
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from generator.guest.guest import DEFAULT_LIMITS, BootResult, Guest, quietly
from generator.guest.limits import Limits
from generator.guest.qemu import Machine

UP = re.compile(r"login: ?$|Reached target .*multi-user", re.M)
END = b"nodebake-agent: the end"
_KEY = "opt/io.systemd.credentials/tmpfiles.extra"
_FOLDER = "/run/nodebake-agent"
_UNIT = "nodebake-agent.service"
_SERVICE = f"""\
[Unit]
Description=Script of the host
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'exec >/dev/virtio-ports/%s 2>&1; sh {_FOLDER}/script; echo; echo "{END.decode()}"'
"""
_RULE = f"""\
SUBSYSTEM=="virtio-ports", ATTR{{name}}=="%s", TAG+="systemd", ENV{{SYSTEMD_WANTS}}+="{_UNIT}"
"""


def tmpfiles(script: bytes, port: str) -> str:
    """Lines of tmpfiles.d(5) that lay the script, its unit and the rule that starts it."""
    files = {
        f"{_FOLDER}/script": script,
        f"/run/systemd/system/{_UNIT}": (_SERVICE % port).encode(),
        "/run/udev/rules.d/99-nodebake-agent.rules": (_RULE % port).encode(),
    }
    rows = (f"f+~ {path} 0644 root root - {base64.b64encode(text).decode()}\n" for path, text in files.items())
    return f"d {_FOLDER} 0755 root root\nd /run/udev/rules.d 0755 root root\n{''.join(rows)}"


async def ask_async(  # noqa: PLR0913 - all but three have a good default
    machine: Machine,
    console_log: Path,
    script: str,
    *,
    limits: Limits = DEFAULT_LIMITS,
    on_stage: Callable[[str], None] = quietly,
    then: Literal["powerdown", "quit"] = "quit",
) -> BootResult:
    """Boot a machine, run a POSIX sh script in it as root once it is up, and end it; `lines` is what it printed.

    Give it a network, or networkd's wait for one delays the end of the boot by two minutes. The script finds units
    that are still starting. Raises GuestError.
    """
    credential = console_log.with_suffix(".tmpfiles")
    credential.write_text(tmpfiles(script.encode(), machine.port), encoding="ascii")
    asked = dataclasses.replace(machine, fw_cfg=(*machine.fw_cfg, (_KEY, credential)), port_at_boot=False)
    async with Guest(asked, console_log, limits=limits, on_stage=on_stage) as guest:
        await guest.wait_console(UP)
        await guest.plug_port()
        lines = await guest.wait_lines(lambda line: line == END)
        result = dataclasses.replace(guest.result(), lines=tuple(lines[:-2] if lines[-2:-1] == [b""] else lines[:-1]))
        await (guest.powerdown() if then == "powerdown" else guest.quit())
    return result
