"""The sentences that a user can cause, and the exit codes. Every other room raises what is written here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from generator import data

CHECK_FAILED = 1
REFUSED = 2
TOOL = 3
GUEST = 4
BUG = 70
LOCKED = 75
INTERRUPTED = 130
SIGNALLED = 128  # and the signal's number: those two, and 129 for a terminal that was closed


def visible(text: str) -> str:
    """Text on one line, with nothing in it that a terminal would obey: what cannot be seen stands as its escape."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)


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


class QemuEnded(GuestError):
    """QEMU itself went away: it could not start, or somebody ended it. That says nothing about the guest."""


class EmulatorSlipped(GuestError):
    """QEMU ran code that the guest had replaced. That says nothing about the guest."""


class LockedError(NodebakeError):
    exit_code = LOCKED


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing wrong with the input. Lines and columns count from 1, 0 where there is none.

    A warning is told and refuses nothing.
    """

    file: str
    line: int
    column: int
    path: str
    sentence: str
    hint: str = ""
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = ":".join(str(part) for part in (self.file, self.line, self.column) if part)
        said = self.sentence if self.severity == "error" else f"warning: {self.sentence}"
        text = f"{where}: {self.path}: {said}" if self.path else f"{where}: {said}"
        return visible(f"{text} ({self.hint})" if self.hint else text)


class Refused(NodebakeError):
    """The input was refused; carries every finding, not only the first: by file as they came, then by place."""

    exit_code = REFUSED

    def __init__(self, findings: Sequence[Finding]) -> None:
        order = {finding.file: number for number, finding in reversed(list(enumerate(findings)))}
        self.findings = tuple(sorted(findings, key=lambda finding: (order[finding.file], finding)))
        super().__init__("\n".join(str(finding) for finding in self.findings))


def usage(sentence: str, hint: str = "") -> NodebakeError:
    """A command line that cannot be carried out."""
    error = NodebakeError(visible(sentence), hint)
    error.exit_code = REFUSED
    return error


def tool_missing(tool: str, package: str = "") -> ToolError:
    hint = f"install it: sudo apt-get install {package}" if package else "`nodebake doctor` says what this host lacks"
    return ToolError(f"{tool} is not installed", hint)


def tool_failed(argv: str, code: int, tail: str) -> ToolError:
    how = f"was ended by signal {-code}" if code < 0 else f"failed with exit code {code}"
    return ToolError(f"{how}: {argv}" + (f"\n{tail}" if tail else ""))


def locked(what: str) -> LockedError:
    return LockedError(
        f"another nodebake is working on {visible(what)}", "wait for it to end, or name another output with -o"
    )


_SHOWN = 60
# Of an address, or of what was meant to be one; pause:3.9@sha256:... is the name of an image.
_LOGIN = re.compile(r"://.*@|(?<![^\s.])[^\s:/@]+:(?!//)[^@]*@(?!sha\d)")


_QUERY = re.compile(r"(://[^\s?]*)\?.*", re.DOTALL)


def masked(text: str) -> str:
    """A text without the login of an address in it, and without its query."""
    text = _LOGIN.sub(lambda found: "://***@" if found[0].startswith("://") else "***@", text)
    return _QUERY.sub(r"\1?***", text)


def address(url: str) -> str:
    """As it is told: without a login, and without a query, which may be a signature that opens it for its reader."""
    head, mark, _ = masked(url).partition("?")
    return visible(f"{head}?***" if mark else head)


def shown(value: object) -> str:
    """A value as it stands in a sentence: short, on one line, with nothing a terminal would obey."""
    text = ascii(masked(value)) if isinstance(value, str) else str(value)
    text = text.lower() if isinstance(value, bool) else text
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


# Reading the profile file.


def unreadable(file: str, why: str) -> Refused:
    return Refused([Finding(file, 0, 0, "", f"cannot be read: {why}", "name a profile that is there; - is stdin")])


def no_nodes_file(file: str, why: str) -> Refused:
    return Refused([Finding(file, 0, 0, "", f"cannot be read: {why}", "name a list of nodes; - is stdin")])


def too_large(file: str, place: tuple[int, int], limit: int) -> Refused:
    return Refused(
        [Finding(file, *place, "", f"larger than {limit >> 10} KiB, which no profile is", "is it the right file?")]
    )


def not_a_file(file: str) -> Refused:
    return Refused([Finding(file, 0, 0, "", "is not a regular file", "name a file; - is stdin")])


def no_mirror(distro: str) -> ToolError:
    hint = f"name one in the profile: base: {{distro: {distro}, mirror: http://...}}, or in NODEBAKE_MIRROR"
    return ToolError("this host's apt names no Debian mirror to build a base from", hint)


def no_namespaces(tail: str) -> ToolError:
    """An ordinary user on a host where user namespaces are not to be had."""
    hint = "run it with sudo, or allow it: a line for you in /etc/subuid and /etc/subgid, and unprivileged namespaces"
    return ToolError(
        f"cannot unpack a base image as an ordinary user: user namespaces are not allowed here\n{tail}", hint
    )


def clones_alone() -> NodebakeError:
    return usage("--clones takes no --seed and wants at least 2 boots", "what differs must still do so after a reboot")


def no_segment(tail: str) -> ToolError:
    """The network namespace in which clones meet, or the DHCP server in it, could not be had."""
    hint = "run it with sudo, or allow unprivileged user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
    return ToolError(f"cannot make a network segment for the clones\n{tail}", hint)


def fetch_failed(url: str, why: str) -> ToolError:
    return ToolError(
        f"cannot fetch {address(url)}: {why}", "what has come so far is kept: run it again to go on from there"
    )


def wrong_hash(url: str, want: str, got: str) -> ToolError:
    """Never retried: the same address would give the same bytes, and these are not the ones that were pinned."""
    hint = "the image behind this address has changed: name one that is dated, with its own sha256"
    return ToolError(f"{url} is not what the profile pins: sha256 is {got}, not {want}; removed", hint)


def no_sums(packages: str) -> ToolError:
    return ToolError(
        f"apt does not know where these packages came from: {packages}", "this is our bug: please report it"
    )


def image_refused(name: str, why: str) -> NodebakeError:
    """An image that could reach beyond its own bytes, or is no disk at all."""
    return usage(f"refused the image {name}: {why}", "flatten it first: qemu-img convert -f qcow2 -O qcow2 IN OUT")


def no_room(folder: str, need_mib: int, free_mib: int) -> ToolError:
    return ToolError(
        f"{visible(folder)} has {free_mib} MiB free and a base image needs {need_mib}",
        "set NODEBAKE_CACHE to a roomier folder",
    )


def not_our_cache(folder: str) -> ToolError:
    return ToolError(f"{folder} is not a folder of yours alone", "set NODEBAKE_CACHE to one that is")


def offline_failed(disk: str, why: str) -> ToolError:
    return ToolError(f"{disk}: {why}")


def not_a_seed(path: str, why: str) -> NodebakeError:
    return usage(f"{path} is not a NoCloud seed image: {why}", "nodebake render writes one: seed.iso")


def no_artefact(name: str, known: Sequence[str]) -> NodebakeError:
    return usage(f"there is no artefact {shown(name)}", f"there are: {', '.join(known)}")


def only_to_stdout() -> NodebakeError:
    return usage("--only and -o - go together: one artefact, to stdout", "for example: --only user-data -o -")


def no_image(path: str) -> NodebakeError:
    return usage(f"{path} is not a file", "nodebake build writes output/<name>/<name>.qcow2")


def image_changed(path: str) -> CheckFailed:
    return CheckFailed(
        f"{visible(path)} was changed while it was verified", "the verdicts are about no image; verify it again"
    )


def no_packer(impostor: str, named: str) -> ToolError:
    """No Packer by HashiCorp on this host; `impostor` is another program of its name that was met."""
    hint = (
        "Debian 12 has it (sudo apt-get install packer), Debian 13 does not: take a release from HashiCorp, or build"
        " 1.9.5 from source, and name it in NODEBAKE_PACKER; `nodebake render` needs none"
    )
    if named:
        hint = "correct NODEBAKE_PACKER, or unset it: then the first Packer in PATH is taken"
    if impostor:
        return ToolError(f"{visible(impostor)} is not HashiCorp's Packer: it does not tell its version", hint)
    if named:
        return ToolError(f"NODEBAKE_PACKER names {visible(named)}, which is not a program", hint)
    return ToolError("packer is not installed", hint)


def no_qemu_plugin(version: str) -> ToolError:
    hint = f"once, with the network at hand: packer init {data.PACKER / 'plugins.pkr.hcl'}"
    return ToolError(f"Packer {version} has no QEMU plugin", hint)


def packer_refused(version: str, why: str, without_qemu: bool) -> ToolError:
    """`packer validate` failed, before anything was started."""
    if without_qemu and re.search(r"qemu", why) and re.search(r"(?i)plugin|unknown|not found|install", why):
        return no_qemu_plugin(version)
    return ToolError(f"Packer {version} refused packer/build.pkr.hcl: {why}", "this is our bug: please report it")


def bake_failed(stage: str, why: str, said: Sequence[str], logs: str) -> ToolError:
    """`said` is what the guest's scripts said last."""
    tail = "\n".join(f"    {line}" for line in said)
    return ToolError(
        f"the build failed while {stage}: {why}" + (f"\n{tail}" if tail else ""), f"the logs are in {logs}"
    )


def image_refused_by_checks(rows: Sequence[tuple[str, str, str]], remedy: str) -> CheckFailed:
    """Of an image that is not published. `rows` are checks: their names, what was found, what was wanted."""
    lines = "".join(f"\n    {name}: {found}; wanted {want}" for name, found, want in rows)
    return CheckFailed(f"no image: at its next boot it would not be what the profile says{lines}", remedy)


def no_forwarding(said: str) -> ToolError:
    return ToolError(f"QEMU did not say where the guest's login is: {shown(said)}")


def not_standalone(backing: str) -> ToolError:
    return ToolError(f"Packer made an image that needs another file: {backing}", "this is our bug: please report it")
