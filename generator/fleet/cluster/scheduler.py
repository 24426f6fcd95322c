"""A Dask cluster that others have started: tasks in, their results out, a bounded number under way."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import pickle
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from generator.errors import NodebakeError
from generator.fleet.cluster.places import told
from generator.fleet.cluster.shards import Done, Job, packed
from generator.fleet.template import Node
from generator.sentences import clusters

_RETRIES = 2  # of a part that failed, as by a full disk or a timeout; what died with its worker Dask repeats by itself
_AHEAD = 2  # parts under way for each thread, so that none waits for its next one
_AT_LEAST = 4  # while no worker has come yet


class Scheduler:
    """A connection to a scheduler."""

    def __init__(self, client: Any, address: str) -> None:  # noqa: ANN401 - Dask is imported late
        self._client, self._address = client, address

    def threads(self) -> int:
        """How many tasks the workers that are there now can run at once."""
        try:
            return sum(self._client.nthreads().values())
        except OSError:
            raise clusters.scheduler_lost(self._address) from None

    def each(self, job: Job, rows: Iterator[list[Node]]) -> Iterator[Done]:
        """Have a part written of each, as workers get done. Raises ToolError with the first that went wrong."""
        from distributed import as_completed  # noqa: PLC0415 - an extra

        run, numbered = uuid.uuid4().hex, enumerate(rows)
        parts: dict[Any, str] = {}
        under_way = as_completed(loop=self._client.loop)

        def fill() -> None:
            room = max(_AT_LEAST, _AHEAD * self.threads()) - len(parts)
            for number, one in itertools.islice(numbered, room):
                key = f"nodebake-{run}-{number}"
                future = self._client.submit(
                    pickle.loads, packed(job, number, one), key=key, retries=_RETRIES, pure=False
                )
                parts[future] = job.part(number)
                under_way.add(future)

        fill()
        for future in under_way:
            done: Done = self._result(future, parts.pop(future))
            yield done
            fill()

    def asked_of(self, resource: str) -> bool:
        """Whether a worker that is there now has a resource."""
        try:
            workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        except (OSError, TypeError):  # a Dask of before `n_workers` tells all of them unasked
            workers = self._client.scheduler_info()["workers"].values()
        return any(worker.get("resources", {}).get(resource, 0) for worker in workers)

    def tasks(self, errands: Mapping[str, bytes], resources: Mapping[str, float]) -> Iterator[tuple[str, Any]]:
        """Have each errand unpacked by a worker that has these resources; its name and what came of it, as they end.

        An errand whose worker dies is given to another. Raises ToolError with the first that went wrong.
        """
        from distributed import as_completed  # noqa: PLC0415 - an extra

        run = uuid.uuid4().hex
        futures = {
            self._client.submit(
                pickle.loads, errand, key=f"nodebake-{run}-{number}", resources=dict(resources), pure=False
            ): name
            for number, (name, errand) in enumerate(errands.items())
        }
        for future in as_completed(list(futures), loop=self._client.loop):
            yield futures[future], self._result(future, futures[future])

    def _result(self, future: Any, name: str) -> Any:  # noqa: ANN401
        from distributed import CancelledError  # noqa: PLC0415
        from distributed.scheduler import KilledWorker  # noqa: PLC0415

        try:
            done = future.result()
        except NodebakeError:
            raise
        except CancelledError:
            raise clusters.scheduler_lost(self._address) from None
        except KilledWorker as error:
            raise clusters.workers_died(name, error.allowed_failures + 1) from None
        except Exception as error:  # whatever a machine of the cluster met
            raise _failed(name, error) from None
        return done


def _failed(name: str, error: BaseException) -> NodebakeError:
    met: BaseException | None = error
    while met is not None:
        if isinstance(met, ModuleNotFoundError) and (met.name or "").partition(".")[0] == "generator":
            return clusters.no_nodebake(told(met))
        met = met.__cause__ or met.__context__
    return clusters.part_failed(name, f"{type(error).__name__}: {told(error)}")


@contextmanager
def connected(address: str) -> Iterator[Scheduler]:
    """A connection to the scheduler at an address. How long it is tried is Dask's own setting, 30 s unless changed.

    Raises ToolError where Dask is not installed or nobody answers, a refusal where this is no address.
    """
    with _quiet():
        client = _client(address)
        try:
            yield Scheduler(client, address)
        finally:
            with suppress(OSError):  # of a scheduler that is gone
                client.close()


def _client(address: str) -> Any:  # noqa: ANN401
    try:
        import distributed  # noqa: PLC0415 - an extra, and half a second
    except ImportError as error:
        raise clusters.no_distributed(error.name or "distributed") from None
    warnings.simplefilter("ignore", distributed.versions.VersionMismatchWarning)  # we look ourselves at what counts
    try:
        asyncio.run(_answers(address))
        return distributed.Client(address, set_as_default=False)
    except (ValueError, TypeError) as error:
        raise clusters.no_address(address, told(error)) from None
    except OSError as error:
        raise clusters.no_scheduler(address, told(error)) from None


async def _answers(address: str) -> None:
    """Shake hands once. Dask's client waits without end for a hand, where somebody listens who is no scheduler."""
    from dask import config, utils  # noqa: PLC0415
    from distributed import Security  # noqa: PLC0415
    from distributed.comm import connect  # noqa: PLC0415

    seconds = utils.parse_timedelta(config.get("distributed.comm.timeouts.connect"))
    try:
        async with asyncio.timeout(seconds):
            comm = await connect(address, timeout=seconds, **Security().get_connection_args("client"))
    except TimeoutError:
        raise OSError(clusters.mute(seconds)) from None
    await comm.close()


@contextmanager
def _quiet() -> Iterator[None]:
    """What Dask logs is told by our own sentences."""
    before = logging.root.manager.disable
    if not os.environ.get("NODEBAKE_DEBUG"):
        logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            yield
    finally:
        logging.disable(before)
