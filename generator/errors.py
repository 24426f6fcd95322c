"""The sentences that a user can cause, and the exit codes. Every other room raises what is written here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

CHECK_FAILED = 1
REFUSED = 2
TOOL = 3
GUEST = 4
BUG = 70
LOCKED = 75
INTERRUPTED = 130
TERMINATED = 143


class NodebakeError(Exception):
    """Something to tell the user in one sentence, with what to do about it. Never shown as a traceback."""

    exit_code = BUG

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.hint = hint


class CheckFailed(NodebakeError):
    exit_code = CHECK_FAILED


class ToolError(NodebakeError):
    """A program that nodebake needs is missing or failed."""

    exit_code = TOOL


class GuestError(NodebakeError):
    """A guest did not boot, hung, panicked or rebooted in a loop."""

    exit_code = GUEST


class LockedError(NodebakeError):
    exit_code = LOCKED


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing wrong with the input. Lines and columns count from 1, 0 where there is none."""

    file: str
    line: int
    column: int
    path: str
    sentence: str
    hint: str = ""

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        text = f"{where}: {self.path}: {self.sentence}" if self.path else f"{where}: {self.sentence}"
        return f"{text} ({self.hint})" if self.hint else text


class Refused(NodebakeError):
    """The input was refused; carries every finding, not only the first."""

    exit_code = REFUSED

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(str(finding) for finding in self.findings))


def usage(sentence: str, hint: str = "") -> NodebakeError:
    """A command line that cannot be carried out."""
    error = NodebakeError(sentence, hint)
    error.exit_code = REFUSED
    return error


def tool_missing(tool: str, package: str = "") -> ToolError:
    hint = f"install it: sudo apt-get install {package}" if package else "`nodebake doctor` says what this host lacks"
    return ToolError(f"{tool} is not installed", hint)


def tool_failed(argv: str, code: int, tail: str) -> ToolError:
    how = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
    return ToolError(f"{how}: {argv}" + (f"\n{tail}" if tail else ""))


def locked(what: str) -> LockedError:
    return LockedError(f"another nodebake is working on {what}", "wait for it to end, or name another output with -o")
