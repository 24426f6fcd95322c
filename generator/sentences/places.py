"""What can be wrong with the place that output goes to, beside what errors.py has."""

from __future__ import annotations

import shlex

from generator.errors import LockedError, NodebakeError, ToolError, shown, usage, visible


def not_a_directory(path: str) -> NodebakeError:
    return usage(f"{path} is a link or a file, and output goes into a directory", "name another place with -o")


def is_a_link(path: str, target: str) -> NodebakeError:
    return usage(f"{path} is a link, and output goes into a folder", f"name what it leads to: -o {shlex.quote(target)}")


def cannot_write(path: str, why: str) -> ToolError:
    return ToolError(visible(f"{path}: {why}"), "nothing was replaced; make room or name another place with -o")


def not_only_ours(folder: str, name: str) -> NodebakeError:
    return usage(
        f"{folder} holds {shown(name)}, which nodebake did not write there, and would be lost",
        "name an empty folder with -o, or one that is not there yet",
    )


def not_confirmed(path: str, why: str) -> ToolError:
    """After the step that replaces; no other error may say of this one that nothing was."""
    return ToolError(
        visible(f"{path} is replaced, but the disk does not confirm it: {why}"),
        "look at the disk (dmesg), then run it again",
    )


def stream_locked(path: str) -> LockedError:
    return LockedError(f"another nodebake is writing {visible(path)}", "wait for it to end, or name another file")


def in_the_way(path: str) -> NodebakeError:
    return usage(f"{path} is in the way: it is where work in progress is kept", "move it, or name another output")


def no_room_for_image(folder: str, need_mib: int, free_mib: int) -> ToolError:
    return ToolError(
        f"{visible(folder)} has {free_mib} MiB free and an image needs {need_mib}",
        "make room there, or name another place with -o",
    )


def no_room_for_nodes(folder: str, nodes: int, need_mib: int, free_mib: int) -> ToolError:
    return ToolError(
        f"{visible(folder)} has {free_mib} MiB free and {nodes} nodes more need some {need_mib}",
        "make room there, or name another place with -o",
    )


def no_files_for_nodes(folder: str, nodes: int, need: int, free: int) -> ToolError:
    return ToolError(
        f"{visible(folder)} has {free} inodes free and {nodes} nodes more need some {need}",
        "write one file instead (--to tar), or name another place with -o",
    )


def no_cache(path: str, why: str) -> ToolError:
    return ToolError(visible(f"{path}: {why}"), "make room there, or set NODEBAKE_CACHE to another folder")
