"""What is said of pipelines: of files that are refused, of images that are not published, and what a table says."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import CheckFailed, LockedError, NodebakeError, ToolError, shown, usage, visible
from generator.sentences import Words

# Of the file.

NONE_LEFT = ("exclude leaves nothing of the matrix", "take a row of it out")
EXCLUDES_NOTHING = ("no combination of the matrix is so, and nothing is left out by this", "leave the row out")
DEFAULTS = "a pipeline has no list of nodes: give each a default under vars"


def one_name(name: str) -> Words:
    return f"two images of the matrix are called {name}", "give their profiles names of their own, or leave one out"


def too_many(count: int, most: int) -> Words:
    return f"{count} images are more than {most}", "make two pipelines of it"


def no_version(profile: str) -> Words:
    return f"{profile} has no setting kubernetes, of which the version could be another", "leave it out by exclude"


def no_profile(file: str, why: str) -> Words:
    return f"{file}: {why}", "name a profile that is there: paths go from where the pipeline lies"


def not_built(base: str, built: Sequence[str]) -> Words:
    return (
        f"no image is built of {base}: of it there are facts alone",
        f"images are built of {', '.join(built)}; take it out, or end before that: --until render",
    )


def no_such_fault(glob: str, near: Sequence[str]) -> Words:
    hint = f"did you mean {', or '.join(near)}?" if near else "`nodebake explain` tells the faults of each setting"
    return f"no image of this pipeline has a fault that is called {shown(glob)}", hint


def not_proven_of(cell: str) -> Words:
    return (
        f"{cell} has no fault that is called so, and would be proven by nothing",
        "name one of its own, too: `nodebake explain` tells the faults of each setting",
    )


def on(sentence: str, base: str, version: str) -> str:
    """A sentence about a profile, of a cell in which something else stands for what it says."""
    where = [*([f"on {base}"] if base else []), *([f"with Kubernetes {version}"] if version else [])]
    return f"{' '.join(where)}: {sentence}" if where else sentence


KEY = "name one that is there, or end before that: --until prove"


def no_path(url: str, scheme: str, rest: str) -> Words:
    return f"{url} is no folder of this machine", f"three slashes, and the path from the root: {scheme}:///srv/{rest}"


# Of the command line.


def no_such_cell(name: str, known: Sequence[str]) -> NodebakeError:
    return usage(f"no image of this pipeline is called {name}", f"there are: {', '.join(known)}")


def needs_a_place() -> NodebakeError:
    return usage(
        "a cluster publishes to a place that all its machines reach, and the pipeline names none",
        "publish: {to: s3://bucket/images}, or --until a stage before it",
    )


def one_in_the_other(place: str, out: str) -> NodebakeError:
    return usage(
        f"{visible(place)}, where images are published, and {visible(out)}, where they are made, lie in one another",
        "publish to a folder beside it, or name another output with -o",
    )


def no_exchange(place: str, path: str) -> ToolError:
    return ToolError(
        f"{visible(place)} is on a file system that cannot exchange two folders in one step",
        f"publish to local://{visible(path)}, which does without and needs nodebake[cluster], or to another folder",
    )


def no_fsspec(url: str, module: str) -> ToolError:
    return ToolError(
        f"{visible(url)} needs fsspec, and there is no Python module {module}",
        "install it: pip install 'nodebake[cluster]', or name a folder",
    )


# Of a run.

NOT_THERE = "what is published is another one, or none"
UNSTEADY = "its files come and go meanwhile"
INTERRUPTED = "interrupted; what is published is whole, and the same command goes on from here"
NO_QEMU_WORKER = "no worker of the cluster has the resource qemu yet; it goes on when one comes: --resources qemu=1"


def locked(cell: str) -> LockedError:
    return LockedError(f"another nodebake is at {cell}", "wait for it to end, or name another output with -o")


def waiting(cell: str) -> str:
    return f"{cell}: another nodebake is at it, waiting for that"


def once_more(cell: str, stage: str, why: str) -> str:
    return f"{cell}: {stage} once more: {why.partition(chr(10))[0]}"


def red(failed: Sequence[str]) -> CheckFailed:
    return CheckFailed(f"red: {', '.join(failed)}", "its page says what was found, and why")


def survived(rows: Sequence[str]) -> CheckFailed:
    """Of a proof; `rows` are faults and what became of them."""
    return CheckFailed(f"not caught as predicted: {', '.join(rows)}", "a check that cannot fail proves nothing")


def not_published(cell: str, why: Sequence[str]) -> CheckFailed:
    return CheckFailed(
        f"{cell} is not published: {'; '.join(why)}", "what was published before, if anything, is as it was"
    )


def gone(name: str) -> str:
    return f"{name} is not there"


def about_another(name: str, what: str) -> str:
    return f"{name} is about another {what}"


def failed(name: str, outcome: str) -> str:
    return f"{name} says {outcome}"


def changed_on_the_way(name: str) -> ToolError:
    return ToolError(f"{visible(name)} changed while it was copied", "run it again")


def lost(place: str) -> ToolError:
    return ToolError(f"what was put at {visible(place)} is not there as it was put", "run it again")


def not_ours(place: str) -> NodebakeError:
    return usage(f"{place} is there, and no pipeline has put it there", "move it, or publish to another place")


def foreign_answer(cell: str, code: int) -> ToolError:
    return ToolError(f"the process that made {cell} ended with {code} and told nothing", "its last words are above")


# In tables.


def checks(count: int, boots: int) -> str:
    return f"{count} checks in {boots} boots"


def faults(killed: int, count: int) -> str:
    return f"{killed} of {count} faults caught"


def summary(images: int, failed: int, published: int, seconds: float) -> str:
    state = f"{failed} failed" if failed else "ok"
    return f"{state}: {images} {'image' if images == 1 else 'images'}, {published} published, {seconds:.1f} s"
