"""What Ctrl-C and SIGTERM do. Imports nothing that takes time: it has to be there before anything else is."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from types import FrameType

SAYS = "interrupted; nothing was published"

_Handler = Callable[[int, FrameType | None], object] | signal.Handlers


def at_once() -> None:
    """While nothing has begun: one line and the exit code, without a way back through half-imported modules."""
    _both(_leave, _leave)


def unwind() -> None:
    """While work is done: KeyboardInterrupt, so that every `finally` runs. That of SIGTERM has an argument."""
    _both(signal.default_int_handler, _terminated)  # asyncio replaces this very function by a cancellation


def ignore() -> None:
    """When all is done and said, and Python only ends."""
    _both(signal.SIG_IGN, signal.SIG_IGN)


def _both(interrupt: _Handler, terminate: _Handler) -> None:
    """A signal that our caller has ignored (a shell does that to what it puts in the background) stays ignored."""
    for signum, handler in ((signal.SIGINT, interrupt), (signal.SIGTERM, terminate)):
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handler)


def _leave(signum: int, _frame: FrameType | None) -> None:
    try:
        os.write(2, f"nodebake: {SAYS}\n".encode())
    finally:
        os._exit(128 + signum)


def _terminated(_signum: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt("SIGTERM")
