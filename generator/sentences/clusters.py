"""What can go wrong between a client, its cluster, and the place that all of them write to."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.errors import NodebakeError, ToolError, shown, usage, visible

_LOGIN = re.compile(r"://[^/\s]*@")
_EXTRA = "install it, here and on every machine of the cluster: pip install 'nodebake[cluster]'"


NO_WORKERS = "the scheduler has no worker yet; it goes on when the first one comes"


def place(url: str) -> str:
    """A URL as it may be shown: without the login in it."""
    return visible(_LOGIN.sub("://***@", url))


def no_distributed(module: str) -> ToolError:
    return ToolError(f"--cluster needs Dask, and there is no Python module {module}", _EXTRA)


def no_scheduler(address: str, why: str) -> ToolError:
    hint = "is it the address that the scheduler prints, and does a firewall let it pass?"
    return ToolError(f"no Dask scheduler answers at {place(address)}: {place(why)}", hint)


def mute(seconds: float) -> str:
    return f"somebody listens there, and has not said what a scheduler says in {seconds:.0f} s"


def no_address(address: str, why: str) -> NodebakeError:
    return usage(
        f"{shown(address)} is no address of a scheduler: {place(why)}", "for example --cluster tcp://scheduler:8786"
    )


def no_output() -> NodebakeError:
    return usage(
        "a cluster writes to a place that all its machines reach, and none is named",
        "name a folder by its URL: -o s3://bucket/nodes, or -o file:///shared/nodes",
    )


def not_in_parts(form: str, known: Sequence[str]) -> NodebakeError:
    return usage(f"a cluster writes parts, and {form} does not come in parts", f"take --to {' or '.join(known)}")


def no_file_system(url: str, why: str) -> ToolError:
    return ToolError(f"{place(url)} cannot be reached from here: {place(why)}", "install it on every machine, too")


def no_such_url(url: str, why: str) -> NodebakeError:
    return usage(f"{place(url)} is no place to write to: {place(why)}", "fsspec's documentation lists its URLs")


def failed_there(url: str, why: str) -> ToolError:
    return ToolError(f"{place(url)}: {place(why)}", "the old manifest and its parts are as they were")


def not_ours(url: str) -> NodebakeError:
    return usage(
        f"{place(url)} has a manifest.json that no cluster run of nodebake wrote", "name another place with -o"
    )


def not_there(name: str, url: str, worker: str) -> ToolError:
    return ToolError(
        f"{worker} wrote {name}, and from here it is not at {place(url)}",
        "name a place that is the same on all machines: object storage, or a folder that they share",
    )


def other_version(worker: str, theirs: str, ours: str) -> ToolError:
    return ToolError(f"{worker} has {theirs}, and here is {ours}", "install the same on every machine of the cluster")


def other_templates(worker: str) -> ToolError:
    return ToolError(
        f"{worker} renders this profile otherwise than it is rendered here",
        "install the same nodebake on every machine of the cluster: the version is the same, the files are not",
    )


def no_nodebake(why: str) -> ToolError:
    return ToolError(
        f"the cluster does not know nodebake: {visible(why)}",
        "install the same nodebake on every machine that has a worker: pip install 'nodebake[cluster]'",
    )


def part_failed(name: str, why: str) -> ToolError:
    return ToolError(f"the cluster could not make {name}: {place(why)}", "the logs of its workers say more")


def workers_died(name: str, count: int) -> ToolError:
    return ToolError(
        f"{count} workers ended while they made {name}",
        "look for what ended them, such as the memory they may take; their logs say more",
    )


def scheduler_lost(address: str) -> ToolError:
    return ToolError(
        f"the Dask scheduler at {place(address)} is gone, or was restarted", "start it again, then run the same command"
    )


def left_over(folder: str, why: str) -> str:
    return f"all is written, but the parts of the run before, {folder}, could not be removed: {why}"
