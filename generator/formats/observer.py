"""observe.sh: looks at a node and prints what it saw. It judges nothing and, without --probes, changes nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from generator import checks, render
from generator.model import Artefact, Plan

PORT = "nodebake"  # the result port: /dev/virtio-ports/nodebake in the guest


def commands(plan: Plan) -> tuple[tuple[str, ...], ...]:
    """Each command of a node once, in the order in which the plan first needs it; the probes last.

    For a probe may have the kernel load a module that no boot loads, which would be taken for loaded then.
    """
    looks = sorted(checks.seen_by("guest", plan.expects), key=checks.is_probe)
    return tuple(dict.fromkeys(checks.command(expect) for expect in looks))


def digest(commands: Sequence[tuple[str, ...]]) -> str:
    """What tells the commands of one script from those of another, whatever profiles they were made from."""
    return hashlib.sha256(json.dumps(commands).encode()).hexdigest()


def artefacts(plan: Plan) -> tuple[Artefact, ...]:
    """One POSIX sh script; lines of JSON on its standard output."""
    return (Artefact("observe.sh", script(plan).encode(), 0o755),)


def vendor_data(plan: Plan) -> bytes:
    """The observer as NoCloud vendor-data, beside whatever user-data there is: a boothook, which runs at every boot.

    Scripts per boot do not do: cloud-init 25.1 writes those of vendor-data where nothing runs them
    (/var/lib/cloud/scripts/vendor/per-boot, cloudinit/handlers/shell_script_by_frequency.py).
    """
    text, more = script(plan), render.raw("observer/diagnose.sh")
    tag = f"END_{hashlib.sha256((text + more).encode()).hexdigest()[:16]}"
    hook = render.template(
        "observer/boothook.j2",
        header=render.header(plan.profile),
        observer=text,
        diagnose=more,
        tag=tag,
        port=PORT,
    )
    return hook.encode()


def script(plan: Plan) -> str:
    """observe.sh."""
    asked = commands(plan)
    lanes = {checks.command(expect): checks.lane(expect) for expect in plan.expects if checks.is_probe(expect)}
    numbered = list(enumerate(asked))
    looks = [one for one in numbered if one[1] not in lanes]
    return render.template(
        "observer/observe.sh.j2",
        header=render.header(plan.profile),
        looks=[looks[::2], looks[1::2]],
        probes=[[one for one in numbered if lanes.get(one[1]) == lane] for lane in (1, 2)],
        count=len(asked),
        digest=digest(asked),
    )
