"""The verb by which an image goes elsewhere, and what `build` knows of that. Returns the exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from generator.forms import Form

Run = Callable[[argparse.Namespace], int]
Verb = Callable[[str, Run, str], argparse.ArgumentParser]
_NAMES = "qcow2, raw.zst, vmdk, vhd (docs/formats.md), with commas between them"


def add(verb: Verb) -> None:
    """Make the verb known to the command line."""
    parser = verb("convert", convert, "write an image as other hypervisors and clouds want it")
    parser.add_argument("image", metavar="IMAGE")
    parser.add_argument("--to", required=True, action="append", metavar="FORMAT", help=_NAMES)
    parser.add_argument("-o", "--output", metavar="DIR", help="where to write them (default: beside the image)")


def format_argument(parser: argparse.ArgumentParser) -> None:
    """What `build` knows of forms."""
    says = f"write the image in these forms, too: {_NAMES}"
    parser.add_argument("--format", dest="forms", action="append", default=[], metavar="FORMAT", help=says)


def more(words: list[str]) -> list[Form]:
    """The forms that `build` writes beside the image, which is qcow2 in any case. Raises a usage error."""
    from generator import forms  # noqa: PLC0415 - as every verb that a check need not pay for

    return [form for form in forms.chosen(words) if form.name != "qcow2"]


def convert(arguments: argparse.Namespace) -> int:
    """Each form, and its path to stdout."""
    from generator import forms  # noqa: PLC0415 - as above
    from generator.forms import convert as converting  # noqa: PLC0415

    folder = Path(arguments.output) if arguments.output else None
    for made in converting.convert(Path(arguments.image), forms.chosen(arguments.to), folder):
        print(made.path)
    return 0
