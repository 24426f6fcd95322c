"""The command line: arguments in, exit code out. With progress.py the only room that prints."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import traceback
from collections.abc import Sequence

from generator import arguments, commands, errors, progress, stop


def run(argv: Sequence[str]) -> int:
    """Carry out one command line and return the exit code. No traceback reaches a user unless NODEBAKE_DEBUG is set."""
    _open_streams()
    asked = arguments.parser().parse_args(argv)
    try:
        stop.unwind()
        code = _ended(asked)
        stop.ignore()
        return code
    except KeyboardInterrupt as interrupt:
        stop.ignore()
        _complain(stop.says())
        return errors.SIGNALLED + interrupt.args[0] if interrupt.args else errors.INTERRUPTED


def _ended(asked: argparse.Namespace) -> int:
    """The exit code of a command, with what there is to say of it said."""
    try:
        return _flushed(_carry_out(asked))
    except errors.NodebakeError as error:
        _complain(error.sentence, error.hint)
        return error.exit_code
    except BrokenPipeError:  # the reader of our stdout has seen enough
        _forget_stdout()
        return 0
    except OSError as error:
        _forget_stdout()
        where = errors.visible(str(error.filename or "output"))
        _complain(f"{where}: {error.strerror or error}", "make room, or look who may write there")
        return errors.TOOL
    except MemoryError:
        _complain("there is not memory enough for that", "give it more (ulimit -v, a container's limit)")
        return errors.TOOL
    except Exception as bug:
        if os.environ.get("NODEBAKE_DEBUG"):
            traceback.print_exc()
        _complain(
            f"this is a bug of nodebake: {type(bug).__name__}: {errors.visible(str(bug))}",
            "NODEBAKE_DEBUG=1 shows where",
        )
        return errors.BUG


def _flushed(code: int) -> int:
    """What was printed is only now surely written."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_stdout()
        _complain(f"stdout: {error.strerror}", "what this run wrote into files is there; its answer is lost")
        return errors.TOOL
    return code


def _carry_out(asked: argparse.Namespace) -> int:
    try:
        code: int = asked.run(asked)
    except errors.Refused as refused:
        return _refused(refused, getattr(asked, "format", "text"))
    return code


def _open_streams() -> None:
    """A stream that our caller closed is /dev/null; as data, a name that is no UTF-8 is printed as the bytes it is."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - for as long as we run
        elif name != "stderr" and hasattr(stream, "reconfigure"):
            at_once = {} if name == "stdin" else {"write_through": False, "line_buffering": stream.isatty()}
            stream.reconfigure(errors="surrogateescape", **at_once)
    with contextlib.suppress(OSError):
        os.set_blocking(0, True)  # as a shell does: what is not there yet is waited for


def _forget_stdout() -> None:
    """What could not be written is not tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _complain(sentence: str, hint: str = "") -> None:
    """A sentence may have lines (what a program or a guest said last); its paths had theirs made visible before."""
    shown = "\n".join(errors.visible(line.expandtabs().rstrip()) for line in sentence.split("\n"))
    progress.say(f"nodebake: {shown}" + (f"\n  {errors.visible(hint)}" if hint else ""))


def _refused(refused: errors.Refused, form: str) -> int:
    if form == "json":
        print(commands.as_json(refused.findings))
    else:
        progress.say(refused.sentence)
    return refused.exit_code
