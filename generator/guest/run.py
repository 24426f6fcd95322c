"""From ordinary code into guests and back: the event loop, the signals that end it, and several guests at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from generator import errors, stop
from generator.guest.agent import ask_async
from generator.guest.guest import boot_async

P = ParamSpec("P")
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run guests to their end, from the main thread. SIGINT, SIGTERM and SIGHUP end them first, undisturbed by any that
    follow, and only then this program.

    Then the signal has its way: that of the program, else KeyboardInterrupt for SIGINT, SystemExit for the others.
    """
    came: list[int] = []
    before = {signum: signal.getsignal(signum) for signum in stop.SIGNALS}
    try:
        with asyncio.Runner() as runner:
            return runner.run(_until_signalled(work, came))
    except asyncio.CancelledError:
        if not came:
            raise
        raise stop.Interrupted(came[0]) from None
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        if came:
            _pass_on(came[0])


def _pass_on(signum: int) -> None:
    if signal.getsignal(signum) is signal.SIG_DFL:  # which would leave no `finally` to anybody
        raise SystemExit(errors.SIGNALLED + signum)
    signal.raise_signal(signum)


async def _until_signalled(work: Coroutine[Any, Any, T], came: list[int]) -> T:
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()

    def end(signum: int) -> None:
        if not came:
            task.cancel()
        came.append(signum)

    for signum in stop.SIGNALS:
        if signal.getsignal(signum) is not signal.SIG_IGN:
            loop.add_signal_handler(signum, end, signum)
    return await task


async def side_by_side(work: Iterable[Callable[[], Coroutine[Any, Any, T]]], at_once: int = 2) -> list[T]:
    """Run several, some of them at the same time; the results in order. The first error ends the others, and is raised.

    Two guests of one CPU each use two cores better than one guest of two.
    """
    turns = asyncio.Semaphore(at_once)

    async def in_turn(one: Callable[[], Coroutine[Any, Any, T]]) -> T:
        async with turns:
            return await one()

    tasks = [asyncio.create_task(in_turn(one)) for one in work]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _at_once(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    @wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> T:
        return run(function(*args, **kwargs))

    return call


boot = _at_once(boot_async)
ask = _at_once(ask_async)
