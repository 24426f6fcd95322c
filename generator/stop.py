"""What Ctrl-C, SIGTERM and SIGHUP do. Imports nothing that takes time: it has to be there before anything else is."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

SAYS = "interrupted; nothing was published"
_SAYS = [SAYS]
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # the last is a terminal that is closed


class Interrupted(KeyboardInterrupt):
    """A signal that came, with its number.

    Of KeyboardInterrupt itself CPython remembers that one has left any `exec` of source, as namedtuple and dataclasses
    have them, whoever caught it then; `python -m` ends by SIGINT for it, whatever exit code was chosen.
    """


def says() -> str:
    """The sentence for a signal that came."""
    return _SAYS[-1]


@contextmanager
def saying(sentence: str) -> Iterator[None]:
    """Work of several steps that publish, of which each is whole: `sentence` is what a signal says of it then."""
    _SAYS.append(sentence)
    try:
        yield
        again()
    except BaseException as error:
        if not isinstance(error, KeyboardInterrupt):  # of which it is still to be said
            _SAYS.pop()
        raise
    else:
        _SAYS.pop()


def again() -> None:
    """A step that published has ended, and there is more to do: signals are heard again."""
    for signum in SIGNALS:
        if signal.getsignal(signum) is _nothing:
            signal.signal(signum, _interrupted)


def at_once() -> None:
    """While nothing has begun: one line and the exit code, without a way back through half-imported modules."""
    _all(_leave)


def unwind() -> None:
    """While work is done: Interrupted with the signal's number, so that every `finally` runs, undisturbed."""
    _all(_interrupted)


def ignore() -> None:
    """When all is done and said, and Python only ends."""
    _all(signal.SIG_IGN)


def deaf() -> None:
    """While things are put away after a first signal: further ones do nothing, but programs that are started hear."""
    _all(_nothing)


@contextmanager
def postponed() -> Iterator[None]:
    """A signal that comes in this block has its way when the block ends. Outside of the main thread none comes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = {signum: signal.getsignal(signum) for signum in SIGNALS}
    _all(lambda signum, _frame: came.append(signum))
    try:
        yield
    finally:
        for signum, handler in before.items():
            if handler is not None:  # one that was not set from Python cannot be put back from it
                signal.signal(signum, handler)
        if came:
            signal.raise_signal(came[0])


def too_late() -> None:
    """Now comes the step that publishes: what a signal says of it would be wrong. Our handlers do nothing any more."""
    for signum in SIGNALS:
        if signal.getsignal(signum) is _interrupted:
            signal.signal(signum, _nothing)


def _all(handler: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    """A signal that our caller has ignored (as nohup does, or a shell in the background) stays ignored."""
    for signum in SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            signal.signal(signum, handler)


def _leave(signum: int, _frame: FrameType | None) -> None:
    try:
        os.write(2, f"nodebake: {SAYS}\n".encode())
    finally:
        os._exit(128 + signum)


def _interrupted(signum: int, _frame: FrameType | None) -> None:
    deaf()
    raise Interrupted(signum)


def _nothing(_signum: int, _frame: FrameType | None) -> None:
    """SIG_IGN would be inherited by programs."""
