"""The corpus of contradicting sysctl files on real machines: what was predicted is what they boot to."""

from __future__ import annotations

import base64
import hashlib
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import base, data, errors, guest, offline, proc
from generator.model import Edit
from generator.sysctl_conf import Link, Node, Outcome, Tree, normal, observed, proc_path
from generator.sysctl_conf import files as reading
from tests.boots.conftest import Ran
from tests.sysctl_conf.corpus import cases, resolver

pytestmark = pytest.mark.boots
CASES = cases()
FILES: Tree = {path: node for case in CASES for path, node in case.files.items()}
OF = {key: case.name for case in CASES for key in case.expect}  # the case of each parameter
LOADED = {"nf_conntrack", "br_netfilter"}  # of those that bring parameters, when `sysctl --system` is run

SCRIPT = f"""\
{chr(10).join(command for case in CASES for command in case.later)}
udevadm settle
look() {{
  while read -r path; do
    if [ -e "/proc/sys/$path" ]; then printf '%s %s %s\\n' "$1" "$path" "$(cat "/proc/sys/$path")"; fi
  done <<'END'
{chr(10).join(map(proc_path, OF))}
END
}}
look boot
SYSTEMD_LOG_LEVEL=debug SYSTEMD_LOG_TARGET=console /usr/lib/systemd/systemd-sysctl --prefix=/none 2>&1 |
  sed -n 's,^.*Parsing \\(/.*\\.conf\\)$,file \\1,p'
{shlex.join(observed.COMMAND)} | base64 | sed 's/^/tree /'
sysctl --system >/dev/null 2>&1
look procps
"""


BEATEN = """\
apiVersion: nodebake/v1
name: beaten
base: {{url: "{url}", sha256: {sha256}}}
modules: [br_netfilter]
sysctl: {{net.bridge.bridge-nf-call-iptables: 1}}
"""


@dataclass(frozen=True, slots=True)
class Booted:
    """What a machine told: its parameters by path, after the boot and after `sysctl --system`, and its files."""

    boot: dict[str, str]
    procps: dict[str, str]
    files: list[str]
    tree: Tree | None


@pytest.mark.parametrize("distro", ["debian-13", pytest.param("debian-12", marks=pytest.mark.long)])
def test_predicted_is_booted(distro: str, tmp_path: Path) -> None:
    seen = _booted(distro, tmp_path)
    assert seen.tree is not None
    expected = {key: told[distro][0] for case in CASES for key, told in case.expect.items()}
    assert _differ(expected, seen.boot) == []
    for files in (resolver(FILES, distro), resolver(seen.tree, distro)):  # as they were laid, and as they were seen
        assert _differ(_values(files.at_boot(OF)), seen.boot) == []
        assert _differ(_values(files.by_procps(OF, LOADED)), seen.procps) == []
    assert seen.boot != seen.procps  # so that the second comparison says something
    opened = [path for path in seen.files if seen.tree[path] is not None]  # a folder is opened too, and cannot be read
    assert opened == [path for path, _ in reading.merged(seen.tree, "sysctl.d")]


def _values(outcomes: dict[str, Outcome]) -> dict[str, str | None]:
    """Those that are known without a machine."""
    return {key: found.value for key, found in outcomes.items() if found.by or found.value is not None}


def _differ(predicted: dict[str, str | None], booted: dict[str, str]) -> list[str]:
    return [
        f"{OF[key]}: {key}: predicted {value}, booted {booted.get(proc_path(key))}"
        for key, value in predicted.items()
        if booted.get(proc_path(key)) != value
    ]


def _booted(distro: str, work: Path) -> Booted:
    disk = offline.copy(base.obtain(distro).path, work / "disk.raw")
    offline.edit(disk, [_edit(path, node) for path, node in FILES.items()])
    machine = guest.Machine(disk=disk.path, disk_format="raw", cpus=data.guest_cpus(), net="user-restricted")
    told = [line.decode("utf-8", "replace").partition(" ") for line in guest.ask(machine, work / "log", SCRIPT).lines]
    values = {
        when: {
            path: normal(value) for path, _, value in (rest.partition(" ") for kind, _, rest in told if kind == when)
        }
        for when in ("boot", "procps")
    }
    printed = base64.b64decode("".join(rest for kind, _, rest in told if kind == "tree"))
    return Booted(**values, files=[rest for kind, _, rest in told if kind == "file"], tree=observed.files(printed))


def _edit(path: str, node: Node) -> Edit:
    return Edit(path, None, link=node.target) if isinstance(node, Link) else Edit(path, node)


@pytest.mark.long
def test_a_base_that_beats_the_profile_is_no_image(
    tmp_path: Path, nodebake: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the guest of the build the parameter reads 1, which is the kernel's own value; the next boot would set 0."""
    disk = offline.copy(base.obtain("debian-13").path, tmp_path / "disk.raw")
    later = b"# by a package\nnet.bridge.bridge-nf-call-iptables = 0\n"
    offline.edit(disk, [Edit("/usr/lib/sysctl.d/zz-vendor.conf", later)])
    image = tmp_path / "base.qcow2"
    proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", disk.path, image])
    path = tmp_path / "beaten.yaml"
    path.write_text(BEATEN.format(url=image.as_uri(), sha256=hashlib.sha256(image.read_bytes()).hexdigest()))
    monkeypatch.setenv("NODEBAKE_CACHE", str(tmp_path / "cache"))
    built = nodebake("build", path, "-o", tmp_path / "out")
    assert built.code == errors.CHECK_FAILED
    assert "bridge-nf-call-iptables.persisted: 0 by /usr/lib/sysctl.d/zz-vendor.conf:2; wanted 1" in built.err
    assert not list((tmp_path / "out").rglob("*.qcow2"))
