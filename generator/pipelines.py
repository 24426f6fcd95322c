"""The verbs of pipelines: check one, run it, tell its matrix. Returns the exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from generator import commands, errors, output, progress

if TYPE_CHECKING:
    from generator.pipeline import Asked, Ran

Run = Callable[[argparse.Namespace], int]
STAGES = ("check", "render", "build", "verify", "prove", "attest", "publish")  # pipeline/outcome.py has them, too


def add(verb: Callable[[str, Run, str], argparse.ArgumentParser]) -> None:
    """Make the verb known to the command line."""
    says = "images of many profiles, bases and versions: checked, built, verified, proven, attested, published"
    what = verb("pipeline", run, says).add_subparsers(metavar="WHAT", required=True)
    _check(_verb(what, "check", check, "validate a pipeline and all its profiles; every finding at once"))
    _run(_verb(what, "run", run, "do what has changed, and publish what was proven"))
    _matrix(_verb(what, "matrix", matrix, "tell the images of a pipeline, for those who start its jobs"))


def _verb(
    what: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: Run, says: str
) -> argparse.ArgumentParser:
    parser = what.add_parser(name, help=says, description=f"{says[0].upper()}{says[1:]}.")
    parser.set_defaults(run=run)
    parser.add_argument("pipeline", metavar="PIPELINE", help="a pipeline file; docs/pipeline.md has one")
    return parser


def _check(parser: argparse.ArgumentParser) -> None:
    says = "what a run up to there would come upon (default publish): the key, for one, may be on another machine"
    parser.add_argument("--until", choices=STAGES, default="publish", metavar="STAGE", help=says)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _run(parser: argparse.ArgumentParser) -> None:
    parser.epilog = (
        "Exit codes: 0 every image has come to its end; 1 a check of one failed; else that of the first failure. "
        "DIR/index.html and DIR/junit.xml are written in any case. A second run does only what has changed since."
    )
    parser.add_argument("-o", "--output", default="output", metavar="DIR", help="work goes to DIR/<image>/")
    parser.add_argument("--only", action="append", default=[], metavar="GLOB", help="only images whose names match")
    parser.add_argument("--until", choices=STAGES, default="publish", metavar="STAGE", help="the last stage")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="images side by side (default 1)")
    says = "the Dask scheduler of a cluster: its workers with the resource qemu make the images (docs/pipeline.md)"
    parser.add_argument("--cluster", default="", metavar="ADDRESS", help=says)
    says = "print the key of everything that was looked for, whether it was there, and why, or why not"
    parser.add_argument("--explain-cache", action="store_true", help=says)
    says = "read every byte that is held against what is known, not only files that were changed since"
    parser.add_argument("--reread", action="store_true", help=says)
    says = "make bases and packages layers anew, with today's packages, and then each image"
    parser.add_argument("--refresh-base", action="store_true", help=says)
    parser.add_argument("--format", choices=("text", "json", "junit"), default="text")
    for hidden in ("--bake-anew", "--wait"):  # for the processes that it starts itself
        parser.add_argument(hidden, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--guests", type=int, help=argparse.SUPPRESS)


def _matrix(parser: argparse.ArgumentParser) -> None:
    says = "github: one line for fromJSON; gitlab: a child pipeline"
    parser.add_argument("--format", choices=("text", "github", "gitlab"), default="text", help=says)


def check(arguments: argparse.Namespace) -> int:
    """Every finding of a pipeline and of its profiles."""
    from generator import pipeline  # noqa: PLC0415 - QEMU's and Packer's rooms cost what `check` of a profile need not pay

    loaded = pipeline.load(_file(arguments), arguments.until)
    if arguments.format == "json":
        print(commands.as_json(loaded.warnings))
        return 0
    for finding in loaded.warnings:
        progress.say(str(finding))
    print(errors.visible(f"{arguments.pipeline}: fine, {len(loaded.cells)} images"))
    return 0


def matrix(arguments: argparse.Namespace) -> int:
    """The images, to stdout."""
    from generator import pipeline  # noqa: PLC0415 - as above
    from generator.pipeline import ci  # noqa: PLC0415

    loaded = pipeline.load(_file(arguments))
    sys.stdout.write(ci.FORMATS[arguments.format](loaded, arguments.pipeline))
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Do what has changed; the table to stdout, the page and the JUnit file beside the images."""
    from generator import pipeline  # noqa: PLC0415 - as above
    from generator.pipeline import forms  # noqa: PLC0415

    ran = pipeline.run(_asked(arguments))
    try:
        _write(ran, Path(arguments.output))
    finally:  # a file that cannot be written costs no verdict
        if arguments.format == "text":
            colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
            sys.stdout.write(forms.text(ran, colour=colour, explain=arguments.explain_cache))
        else:
            sys.stdout.write((forms.as_json if arguments.format == "json" else forms.junit)(ran))
    return ran.code


def _asked(arguments: argparse.Namespace) -> Asked:
    from generator import pipeline  # noqa: PLC0415 - as above

    if arguments.jobs < 1:
        raise errors.usage("--jobs wants at least 1")
    return pipeline.Asked(
        _file(arguments),
        output.below(arguments.output),
        arguments.only,
        arguments.until,
        arguments.jobs,
        arguments.cluster,
        reread=arguments.reread,
        refresh=arguments.refresh_base,
        bake_anew=arguments.bake_anew,
        wait=arguments.wait,
        guests=arguments.guests,
    )


def _file(arguments: argparse.Namespace) -> str:
    """Its paths go from where it lies: so it lies somewhere."""
    if arguments.pipeline == "-":
        raise errors.usage("a pipeline is not read from stdin", "name a file: its paths go from where it lies")
    return str(arguments.pipeline)


def _write(ran: Ran, out: Path) -> None:
    """The page and the JUnit file, each in one step: of several runs side by side the last one's."""
    from generator import whole  # noqa: PLC0415 - as above
    from generator.pipeline import forms, page  # noqa: PLC0415

    for name, text in (("index.html", page.html(ran, out)), ("junit.xml", forms.junit(ran))):
        with whole.file(out / name, 0o644, shared=True) as file:
            file.write(text.encode("utf-8", "replace"))
