"""What an image must not hold, because every machine made from it would have the same, or somebody a way in.

Packer's last provisioner (packer/scripts/sysprep.sh) takes it out, so there are no steps here: they would take it from
a machine that lives. The host looks for it on the raw image, which no boot has repaired.
"""

from __future__ import annotations

from generator.model import Edit, Expect, Fault, Part
from generator.reasons import reason
from generator.settings import Context
from generator.settings.hygiene import access, esp, left, storage

AFTER = ("services",)
ALWAYS = "clean"
MACHINE_ID = "/etc/machine-id"
DBUS_ID = "/var/lib/dbus/machine-id"
_KEPT = Edit(MACHINE_ID, b"0123456789abcdef0123456789abcdef\n", "0444")
_STALE = Edit(DBUS_ID, b"fedcba9876543210fedcba9876543210\n")


def part(value: str, context: Context) -> Part:  # noqa: ARG001 - there is one
    """Of the image alone: what a machine has made of it is no business of this setting, but for its names on storage
    networks, which it makes only because the image was told to.
    """
    rooms = (left.part(context), esp.part(), access.part(context), storage.part(context))
    return Part(
        expects=(
            _expect("machine-id", "image-machine-id", (MACHINE_ID,), "empty or uninitialized"),
            _expect("dbus-machine-id", "image-link", (DBUS_ID, MACHINE_ID), f"a link to {MACHINE_ID}, or no file"),
            *(expect for room in rooms for expect in room.expects),
        ),
        faults=(
            _fault("machine-id", "kept", f"{MACHINE_ID} is the one of the build", _KEPT),
            _fault("dbus-machine-id", "stale", f"{DBUS_ID} is a file of its own, with the id of the build", _STALE),
            *(fault for room in rooms for fault in room.faults),
        ),
    )


def _expect(key: str, kind: str, args: tuple[str, ...], want: str) -> Expect:
    return Expect(f"hygiene.{key}", f"hygiene.{key}", kind, args, want, reason("hygiene", key).breaks)


def _fault(key: str, how: str, story: str, *edits: Edit) -> Fault:
    return Fault(f"hygiene.{key}.{how}", f"hygiene.{key}", story, edits, frozenset({f"hygiene.{key}"}))
