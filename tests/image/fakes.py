"""A stand-in for Packer, which does what $FAKE says, and the request that it is given."""

from pathlib import Path

from generator.guest.accel import Accel
from generator.image import Request
from generator.model import Image
from generator.progress import Task

ACCEL = Accel("tcg", "qemu64", "for a test")

# `tell` prints an event; the pid of a helper that ignores SIGTERM stands for a QEMU that outlives Packer.
PACKER = r"""#!/bin/sh
tell() { echo "1700000000,$1"; }
case $1 in
version) tell ",version,${FAKE_VERSION:-1.6.6}"; exit 0 ;;
validate)
  [ "$FAKE" != refuse ] || { tell ",ui,error,Error: Unknown source type \"qemu\"%!(PACKER_COMMA) no plugin"; exit 1; }
  exit 0 ;;
esac
[ "$(stat -c %a .)" = 700 ] && [ "$(stat -c %a key)" = 600 ] || exit 9
tell ",ui,say,==> qemu.image: Starting VM%!(PACKER_COMMA) booting disk image"
tell ",ui,say,==> qemu.image: Connected to SSH!"
tell ",ui,say,==> qemu.image: Provisioning with shell script: /tmp/packer-shell1"
tell ",ui,message,    qemu.image: step one\n"
mkdir disk/image
[ "$FAKE" = unobserved ] || echo '{"hello": "there"}' > observed
case $FAKE in
step)
  tell ",ui,error,==> qemu.image: nodebake: the step failed: set a = 1 (exit code 5)"
  tell ",ui,say,==> qemu.image: Provisioning with shell script: packer/scripts/sysprep.sh"
  tell "qemu.image,error,Script exited with non-zero exit status: 1"
  exit 1 ;;
fail)
  tell ",ui,error,==> qemu.image: apply: step two%!(PACKER_COMMA) no good"
  tell "qemu.image,error,Script exited with non-zero exit status: 1"
  exit 1 ;;
hang)
  (trap '' TERM; exec sleep 300) &
  echo "$!" > "$FAKE_PID"
  sleep 300 ;;
broken) echo "no image" > disk/image/node.qcow2 ;;
backed) qemu-img create -q -f qcow2 -F qcow2 -b "$(readlink base.qcow2)" disk/image/node.qcow2 ;;
*) cp base.qcow2 disk/image/node.qcow2 ;;
esac
"""


def packer(folder: Path, script: str = PACKER) -> Path:
    path = folder / "packer"
    path.write_text(script)
    path.chmod(0o755)
    return path


def request(folder: Path, base: Path) -> Request:
    upload = folder / "upload"
    (upload / "files").mkdir(parents=True)
    (upload / "apply.sh").write_text("echo applied\n")
    (folder / "out").mkdir()
    return Request(
        name="node",
        base=Image(base, ""),
        upload=upload,
        out=folder / "out" / "node.qcow2",
        logs=folder / "logs",
        accel=ACCEL,
        task=Task("test"),
    )
