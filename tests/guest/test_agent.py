"""What lays a script into a guest that nothing was prepared in. That it runs there is seen in tests/boots."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from generator.guest import agent, qemu
from generator.guest.accel import Accel


def _laid(script: bytes) -> dict[str, bytes]:
    rows = [line.split(" ") for line in agent.tmpfiles(script, "port").splitlines()]
    assert all(row[3:5] == ["root", "root"] for row in rows)
    return {row[1]: base64.b64decode(row[6]) for row in rows if row[0] == "f+~"}


@pytest.mark.parametrize("script", [b"", b"echo 100%\n%b $HOME 'x'\n", bytes(range(256))])
def test_the_script_arrives_byte_for_byte(script: bytes) -> None:
    assert _laid(script)["/run/nodebake-agent/script"] == script


def test_the_port_starts_the_unit_and_takes_its_words() -> None:
    laid = {Path(path).name: text.decode() for path, text in _laid(b"").items()}
    assert 'ATTR{name}=="port"' in laid["99-nodebake-agent.rules"]
    assert 'SYSTEMD_WANTS}+="nodebake-agent.service"' in laid["99-nodebake-agent.rules"]
    assert "exec >/dev/virtio-ports/port 2>&1" in laid["nodebake-agent.service"]


def test_a_port_that_is_plugged_in_is_not_there_at_boot() -> None:
    places = qemu.Wires(Path("/w"))
    lines = [
        " ".join(qemu.argv(qemu.Machine(Path("/d"), port_at_boot=at_boot), places, Accel("tcg", "c", "")))
        for at_boot in (True, False)
    ]
    assert ["virtserialport" in line for line in lines] == [True, False]
    assert all("virtio-serial-pci,id=ports" in line and "socket,id=port" in line for line in lines)
