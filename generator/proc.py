"""The only room that starts programs. Argument lists only, never a shell; a child dies with its parent."""

from __future__ import annotations

import ctypes
import functools
import os
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from generator import errors

HOUR = 3600.0  # seconds: no tool of ours takes a tenth of it; mmdebstrap on a slow network may
_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)

# Which Debian package brings a program: for the sentence that names it as missing, and for doctor.
PACKAGES: Mapping[str, str] = {
    "debugfs": "e2fsprogs",
    "dnsmasq": "dnsmasq-base",
    "gpgv": "gpgv",
    "grub-mkimage": "grub-common",
    "ip": "iproute2",
    "mcopy": "mtools",
    "mdir": "mtools",
    "mke2fs": "e2fsprogs",
    "mkfs.vfat": "dosfstools",
    "mmdebstrap": "mmdebstrap",
    "newuidmap": "uidmap",
    "packer": "packer",
    "qemu-img": "qemu-utils",
    "qemu-system-x86_64": "qemu-system-x86",
    "sfdisk": "fdisk",
    "ssh-keygen": "openssh-client",
    "zstd": "zstd",
}


def find(tool: str) -> str:
    """The path of a program. /usr/sbin counts: an ordinary user's PATH on Debian lacks it and mke2fs lives there.

    Raises ToolError naming the package that has it.
    """
    path = os.environ.get("PATH", os.defpath)
    found = shutil.which(tool, path=f"{path}:/usr/sbin:/sbin")
    if found is None:
        raise errors.tool_missing(tool, PACKAGES.get(tool, ""))
    return found


def die_with(parent: int, signum: int = signal.SIGKILL) -> None:
    """Have this process killed when `parent`, which started it, dies. prctl(2): new privileges clear that again."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signum)
    if os.getppid() != parent:  # it died between fork and prctl
        os._exit(1)


def start(  # noqa: PLR0913 - they are the operating system's
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdout: int | None = subprocess.DEVNULL,
    stderr: int | None = subprocess.STDOUT,
    on_parent_death: int = signal.SIGKILL,
) -> subprocess.Popen[str]:
    """Start a program in a session of its own. Call it from the main thread: the death signal follows the thread."""
    words = [find(str(argv[0])), *(str(word) for word in argv[1:])]
    return subprocess.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        text=True,
        errors="replace",
        env={**os.environ, **(env or {})},
        cwd=cwd,
        start_new_session=True,
        preexec_fn=functools.partial(die_with, os.getpid(), on_parent_death),  # noqa: PLW1509 - nodebake starts programs from one thread
    )


def stop(process: subprocess.Popen[str], grace: float = 10.0) -> None:
    """End a program and all of its session: SIGTERM, then SIGKILL after `grace` seconds."""
    for signum in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, signum)
            process.wait(grace)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def run(
    argv: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = HOUR,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run a program to its end and return what it printed, stdout and stderr together.

    `on_line` sees each line as it comes. Raises ToolError, with the quoted command and the last lines, when the program
    is missing, fails, or takes longer than `timeout` seconds, by a clock that nobody sets.
    """
    process = start(argv, env=env, cwd=cwd, stdout=subprocess.PIPE)
    assert process.stdout is not None  # noqa: S101 - asked for above
    lines: list[str] = []
    try:
        if on_line is None:
            lines = process.communicate(timeout=timeout)[0].splitlines()
        else:
            with _ended_after(process, timeout):
                for line in process.stdout:
                    lines.append(line.rstrip("\n"))
                    on_line(lines[-1])
                process.wait()
    except subprocess.TimeoutExpired:
        raise errors.ToolError(f"no end after {timeout:.0f} s: {quoted(argv)}") from None
    finally:
        stop(process)
    if process.returncode != 0:
        raise errors.tool_failed(quoted(argv), process.returncode, "\n".join(lines[-15:]))
    return "\n".join(lines)


def ask(argv: Sequence[str | Path], *, timeout: float = HOUR) -> tuple[int, list[str]]:
    """Run a program whose failure is an answer, too: its exit code and its lines, stdout and stderr together.

    A line ends at a line feed alone, and at nothing else that str.splitlines takes for its end. Raises ToolError when
    the program is missing, or takes longer than `timeout` seconds.
    """
    process = start(argv, stdout=subprocess.PIPE)
    try:
        told = process.communicate(timeout=timeout)[0]
    except subprocess.TimeoutExpired:
        raise errors.ToolError(f"no end after {timeout:.0f} s: {quoted(argv)}") from None
    finally:
        stop(process)
    return process.returncode, told.split("\n")


@contextmanager
def _ended_after(process: subprocess.Popen[str], seconds: float) -> Iterator[None]:
    """Kill a program that takes longer: whoever reads what it says comes to an end. Raises TimeoutExpired then."""
    late = threading.Event()

    def end() -> None:
        late.set()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    if late.is_set():
        raise subprocess.TimeoutExpired(process.args, seconds)


def quoted(argv: Sequence[str | Path]) -> str:
    """The command as one could paste it into a shell, on one line."""
    return errors.visible(shlex.join(str(word) for word in argv))
