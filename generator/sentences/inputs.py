"""What can be wrong with bytes before anybody asks what they say."""

from __future__ import annotations

from generator.errors import Finding, NodebakeError, Refused, usage


def not_utf8(file: str, line: int, column: int, byte: int) -> Refused:
    return Refused([Finding(file, line, column, "", f"the byte 0x{byte:02X} is no UTF-8 text", "save it as UTF-8")])


def is_utf(kind: str, file: str) -> Refused:
    return Refused([Finding(file, 1, 1, "", f"this is {kind} text", "save it as UTF-8")])


def too_much_said(limit: int) -> NodebakeError:
    """Of stdin, from a program that may never end."""
    return usage(
        f"more than {limit >> 20} MiB came on stdin", "give only what it is about: journalctl -b | tail -n 9999"
    )


def mirror_with_login() -> NodebakeError:
    """A profile's was refused by its schema; this one was named in the environment."""
    return usage("NODEBAKE_MIRROR has a login in it, and every node would have it, too", "name a mirror without one")
