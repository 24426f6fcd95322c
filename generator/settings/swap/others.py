"""What keeps others from turning swap on, whether the node has swap of its own or not."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from generator import data, render
from generator.checks import files
from generator.model import Edit, Expect, Fault, File, Part, Step
from generator.reasons import reason
from generator.settings import Context

UNITS = "/etc/systemd/system"
TARGET = f"{UNITS}/swap.target"
GUARD = "/usr/local/lib/nodebake/swap-guard"
GUARD_UNIT = "nodebake-swap-guard.service"
KUBELET = f"{UNITS}/kubelet.service.d/20-nodebake-swap.conf"
# The last of the drop-ins of any one unit, so that a condition of its own comes before. In a folder of one unit a file
# of this name takes its place.
DROP_IN = "zz-nodebake.conf"
CLOUD_INIT = "/etc/cloud/cloud.cfg.d/99-zz-nodebake-swap.cfg"
# A name that no cloud knows for the swap disk that its metadata service names; and no swap file.
_CLOUD_CONFIG = {"device_aliases": {"swap": "no-swap-of-the-cloud"}, "swap": {"size": 0}}
_WHY_CLOUD_INIT = """\
At the first boot of a clone cloud-init mounts a swap disk that the cloud names (EC2, OpenStack), and makes swap files.
User-data beats this file: what it brings is turned off by nodebake-swap-guard.service."""


@functools.cache
def sources() -> dict[str, Any]:
    """sources.yaml."""
    found: dict[str, Any] = data.rows(Path(__file__).with_name("sources.yaml"))
    return found


def part(mode: str, keep: str, kubelet: File, context: Context) -> Part:
    """For `mode` (a row of reasons.yaml) on a node that keeps the area `keep`, a path, or none.

    `kubelet` is the drop-in for its unit, which differs.
    """
    breaks = reason("swap", mode).breaks
    files = {**_files(keep, context), "swap.kubelet": kubelet}
    laid = tuple(laid_as(name, file, breaks) for name, file in files.items())
    return Part(
        files=tuple(files.values()),
        steps=_steps(keep),
        expects=(*laid, *_expects(breaks)),
        faults=(*(_removed(name, file) for name, file in files.items()), *_faults()),
    )


def masks() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The links to /dev/null: of generators, and of services."""
    generators = tuple(f"/etc/systemd/system-generators/{name}" for name in sources()["generators"])
    return generators, tuple(f"{UNITS}/{name}" for name in sources()["services"])


def laid_as(name: str, file: File, breaks: str) -> Expect:
    """The file lies there as it was made, but for its comments: they name the profile that it was made from."""
    told = f"{file.path} as nodebake made it"
    return Expect(name, "swap", "file-as-made", files.as_made(file), told, breaks)


def rendered(template: str, context: Context, **values: Any) -> bytes:  # noqa: ANN401
    """templates/swap/<template> with the header that every file has."""
    return render.template(f"swap/{template}", header=render.header(context.profile), **values).encode()


def _files(keep: str, context: Context) -> dict[str, File]:
    functions = render.raw("swap/functions/areas.sh").split("\n", 2)[2]  # without its directives for shellcheck
    return {
        "swap.units": File(f"{UNITS}/swap.d/{DROP_IN}", rendered("units.conf.j2", context, guard=GUARD_UNIT)),
        "swap.cloud-init": File(
            CLOUD_INIT, rendered("document.j2", context, why=_WHY_CLOUD_INIT, document=_CLOUD_CONFIG)
        ),
        "swap.guard-script": File(GUARD, rendered("guard.sh.j2", context, keep=keep, functions=functions), "0755"),
        "swap.guard-unit": File(f"{UNITS}/{GUARD_UNIT}", rendered("guard.service.j2", context, guard=GUARD)),
    }


def _kernel_arguments() -> tuple[str, str]:
    row = sources()["kernel_arguments"]
    return " ".join(row["names"]), " ".join(row["files"])


def _options() -> tuple[tuple[str, str, str], ...]:
    return tuple((row["file"], row["key"], row["off"]) for row in sources()["options"])


def _steps(keep: str) -> tuple[Step, ...]:
    generators, services = masks()
    names = [path.rpartition("/")[2] for path in services]
    return (
        Step("stop what turns swap on", "swap", ("units_stopped", *names)),
        Step("mask it", "swap", ("linked_to_null", *generators, *services)),
        Step("turn other swap off and take it out of /etc/fstab", "swap", ("other_swap_absent", keep)),
        Step("take swap out of the kernel's arguments", "swap", ("kernel_arguments_gone", *_kernel_arguments())),
        *(Step(f"set {row[1]} = {row[2]} in {row[0]}", "swap", ("option_off", *row)) for row in _options()),
        Step("resume from no swap device", "swap", ("resume_none",)),
        Step(f"enable {GUARD_UNIT}", "swap", ("unit_wanted", GUARD_UNIT)),
    )


def _expects(breaks: str) -> tuple[Expect, ...]:
    generators, services = masks()
    return (
        Expect("swap.fstab", "swap", "no-fstab-swap", (), "no swap line in /etc/fstab", breaks),
        Expect("swap.generators", "swap", "links-to-null", generators, "all masked", breaks),
        Expect("swap.services", "swap", "links-to-null", services, "all masked", breaks),
        Expect("swap.guard", "swap", "unit-enabled", (GUARD_UNIT,), "enabled running", breaks),
        Expect(
            "swap.kernel-arguments",
            "swap",
            "no-kernel-arguments",
            (_kernel_arguments()[0], f"/proc/cmdline {_kernel_arguments()[1]}"),
            "no argument that asks for swap",
            breaks,
        ),
        *(
            Expect(f"swap.{row[1]}", "swap", "option-off", row, f"not asked for in {row[0]}", breaks)
            for row in _options()
        ),
        Expect("swap.resume", "swap", "resume-none", (), "no initramfs waits for swap", breaks),
    )


def _faults() -> tuple[Fault, ...]:
    grub = b'GRUB_CMDLINE_LINUX="resume=/dev/vda2"\n'
    generators, services = masks()
    rows = (
        ("generators", "a generator of swap units is unmasked", Edit(generators[0], None)),
        ("services", "a service that turns swap on is unmasked", Edit(services[-1], None)),
        ("kernel-arguments", "grub is told of a swap device", Edit("/etc/default/grub.d/zz-fault.cfg", grub)),
        ("resume", "an initramfs shall resume", Edit("/etc/initramfs-tools/conf.d/zz-fault", b"RESUME=/dev/vda2\n")),
        *((row[1], f"{row[0]} asks for swap", Edit(row[0], f"{row[1]}=y\n".encode())) for row in _options()),
    )
    back = tuple(
        Fault(f"swap.{name}.back", "swap", story, (edit,), frozenset({f"swap.{name}"})) for name, story, edit in rows
    )
    return *back, not_wanted(GUARD_UNIT, "guard")


def not_wanted(unit: str, *red: str) -> Fault:
    """A unit of ours that no boot starts any more."""
    link = Edit(f"{UNITS}/multi-user.target.wants/{unit}", None)
    return Fault(
        f"swap.{red[0]}.disabled", "swap", f"{unit} is disabled", (link,), frozenset(f"swap.{one}" for one in red)
    )


def _removed(name: str, file: File) -> Fault:
    also = {"swap.guard"} if name in ("swap.guard-script", "swap.guard-unit") else set()
    return Fault(f"{name}.removed", "swap", f"{file.path} is gone", (Edit(file.path, None),), frozenset({name, *also}))
