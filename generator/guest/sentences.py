"""What a guest dies of: each a sentence with its console's last lines, and a hint at what to do."""

from __future__ import annotations

from generator.errors import EmulatorSlipped, GuestError, QemuEnded, ToolError, visible


def _error(what: str, log: str, tail: str, hint: str, kind: type[GuestError] = GuestError) -> GuestError:
    """A guest's failure: the sentence, where its console is, and what it said last."""
    said = "\n".join(f"    {line}" for line in tail.splitlines()) or "    (nothing)"
    return kind(f"{what}; its console is in {visible(log)} and ended with:\n{said}", hint)


def panicked(name: str, log: str, tail: str) -> GuestError:
    return _error(f"{name}: the kernel panicked", log, tail, "the line `Kernel panic - not syncing` says why")


def slipped(name: str, log: str, tail: str) -> GuestError:
    hint = (
        "QEMU before 8.1 does that now and then where it emulates several CPUs (TCG): take a newer one, or set"
        " NODEBAKE_GUEST_CPUS=1"
    )
    what = f"{name}: the kernel met a breakpoint (int3) that it had taken away already"
    return _error(what, log, tail, hint, EmulatorSlipped)


def once_more(error: EmulatorSlipped) -> str:
    """What is said when the machine is booted anew."""
    return f"{error.sentence.partition(';')[0].partition(': ')[2]}: QEMU's fault, once more with one CPU"


def rescue_shell(name: str, log: str, tail: str) -> GuestError:
    hint = "a mount in /etc/fstab or a unit that it needs failed: look for `Failed` and `Dependency failed` in the log"
    return _error(f"{name}: systemd gave up and went to its emergency shell", log, tail, hint)


def no_root(name: str, log: str, tail: str) -> GuestError:
    hint = (
        "compare root= on the kernel command line with the disk, and look whether the initramfs has the disk's driver"
    )
    return _error(f"{name}: the initramfs did not find the root file system", log, tail, hint)


def no_boot(name: str, log: str, tail: str) -> GuestError:
    hint = (
        "the disk lacks a boot loader for this firmware, or the boot loader its files: try the other of bios and uefi"
    )
    return _error(f"{name}: the firmware or the boot loader found nothing to boot", log, tail, hint)


def hung(name: str, seconds: float, log: str, tail: str) -> GuestError:
    hint = "it waits for something that does not come, or does not speak on its serial console (console=ttyS0)"
    return _error(f"{name}: silent and idle for {seconds:.0f} s", log, tail, hint)


def busy(name: str, seconds: float, log: str, tail: str) -> GuestError:
    hint = "it computes without end, or has more to do than the limit allows"
    return _error(f"{name}: used up {seconds:.0f} CPU seconds without a result", log, tail, hint)


def late(name: str, seconds: float, log: str, tail: str) -> GuestError:
    hint = "this host may be too busy: try again, or run fewer guests at once"
    return _error(f"{name}: no result after {seconds:.0f} s", log, tail, hint)


def reboots(name: str, count: int, log: str, tail: str) -> GuestError:
    hint = "the last lines before each reboot say why"
    return _error(f"{name}: rebooted {count} times without a result", log, tail, hint)


def went_off(name: str, reason: str, log: str, tail: str) -> GuestError:
    hint = "look for who called for the power-off in the log"
    return _error(f"{name}: powered itself off before it had given a result ({reason})", log, tail, hint)


def stays_on(name: str, seconds: float, log: str, tail: str) -> GuestError:
    hint = "a service does not stop, or nothing listens for the power button (systemd-logind)"
    return _error(f"{name}: still on {seconds:.0f} s after its power button was pressed", log, tail, hint)


def floods(name: str, mib: int, log: str, tail: str) -> GuestError:
    return _error(f"{name}: more than {mib} MiB on its result port", log, tail, "whatever writes there does not end")


def no_room_for_the_disk(name: str) -> ToolError:
    """Where a guest's disk lies is the caller's matter, mostly the folder of temporary files."""
    hint = "make room where its image lies, and in the folder of temporary files, or set TMPDIR to a roomier one"
    return ToolError(f"{name}: this host has no room left for what it writes to its disk", hint)


def no_room_for_the_log(log: str, why: str) -> ToolError:
    return ToolError(f"what a guest says on its console cannot be written to {visible(log)}: {why}", "make room there")


def qemu_ended(name: str, code: int, said: str, log: str, tail: str) -> GuestError:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    hint = "if the kernel killed it, the host ran out of memory (dmesg)" if code == -9 else "what QEMU said is above"
    return _error(f"{name}: QEMU {how}" + (f": {said}" if said else ""), log, tail, hint, QemuEnded)
