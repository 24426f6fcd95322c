"""From ordinary code into guests and back: the event loop, the signals that end it, and several guests at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from generator import errors
from generator.guest.agent import ask_async
from generator.guest.guest import boot_async

P = ParamSpec("P")
T = TypeVar("T")

_SIGTERM_CAME = "SIGTERM"


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run guests to their end, from the main thread. SIGINT and SIGTERM end them first, and only then this program.

    SIGINT arrives as KeyboardInterrupt; SIGTERM, unless the program has its own way with it, as SystemExit(143).
    """
    with asyncio.Runner() as runner:
        return runner.run(_ending_on_sigterm(work))


async def _ending_on_sigterm(work: Coroutine[Any, Any, T]) -> T:
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        return await work
    task, loop = asyncio.ensure_future(work), asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, task.cancel, _SIGTERM_CAME)
    try:
        return await task
    except asyncio.CancelledError as cancelled:
        if _SIGTERM_CAME in cancelled.args:
            raise SystemExit(errors.TERMINATED) from None
        raise
    finally:
        loop.remove_signal_handler(signal.SIGTERM)


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
