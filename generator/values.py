"""What a value that differs from node to node looks like, type by type. A value has one spelling."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MAX_TEXT = 1024  # characters
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_INTEGER = re.compile(r"(?:0|-?[1-9][0-9]{0,17})", re.ASCII)
_HOSTNAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.ASCII)
_ADDRESS4 = re.compile(_V4, re.ASCII)
_PREFIX4 = re.compile(rf"{_V4}/(?:3[0-2]|[12]?[0-9])", re.ASCII)
_MAC = re.compile(r"[0-9a-f][02468ace](?::[0-9a-f]{2}){5}(?<!00:00:00:00:00:00)", re.ASCII)
_ANY_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value. `fits` says whether a text is one; `form` tells a person what it looks like.

    `better` gives the one spelling that is taken of a text that means a value and is not written as one ("" if none).
    `number` is for what is no text where types matter, in YAML and JSON. Of a `plain` one nothing is escaped in quotes,
    and it begins with no colon.
    """

    form: str
    sample: str
    fits: Callable[[str], object]
    better: Callable[[str], str] = lambda _text: ""
    number: bool = False
    plain: bool = True


def _text(text: str) -> bool:
    """Whole and on one line wherever it is put: no blank at an end, nothing that cannot be seen."""
    return 0 < len(text) <= MAX_TEXT and text.isprintable() and text[0] != " " != text[-1]


def _address(text: str) -> bool:
    return bool(_ADDRESS4.fullmatch(text)) or (":" in text and _spelled(ipaddress.ip_address, text) == text)


def _prefix(text: str) -> bool:
    return bool(_PREFIX4.fullmatch(text)) or (":" in text and _spelled(_interface, text) == text)


def _interface(text: str) -> object:
    if "/" not in text:
        raise ValueError(text)
    return ipaddress.ip_interface(text)


def _spelled(parse: Callable[[str], object], text: str) -> str:
    """As the standard library writes it (RFC 5952). A zone (%eth0) is of one machine, and no address for a list."""
    try:
        return "" if "%" in text else str(parse(text))
    except ValueError:
        return ""


def _mac(text: str) -> str:
    """With colons and small letters, as netplan wants it."""
    digits = re.sub("[:-]", "", text).lower()
    spelled = ":".join(digits[at : at + 2] for at in range(0, 12, 2))
    return spelled if _ANY_MAC.fullmatch(text) and _MAC.fullmatch(spelled) else ""


KINDS: Mapping[str, Kind] = {
    "text": Kind(
        f"text on one line, at most {MAX_TEXT} characters, without blanks at its ends",
        "text",
        _text,
        lambda text: text.strip() if _text(text.strip()) else "",
        plain=False,
    ),
    "integer": Kind("a whole number, without leading zeros", "1", _INTEGER.fullmatch, number=True),
    "hostname": Kind(
        "a host name: lower-case letters, digits and dashes, at most 63 between two dots",
        "node",
        _HOSTNAME.fullmatch,
        lambda text: text.lower() if _HOSTNAME.fullmatch(text.lower()) else "",
    ),
    "address": Kind(
        "an IPv4 or IPv6 address, such as 10.0.0.7",
        "192.0.2.1",
        _address,
        lambda text: _spelled(ipaddress.ip_address, text),
        plain=False,
    ),
    "prefix": Kind(
        "an address and the length of its network, such as 10.0.0.7/24",
        "192.0.2.1/24",
        _prefix,
        lambda text: _spelled(_interface, text),
        plain=False,
    ),
    "mac": Kind("a MAC address of one card, such as 52:54:00:12:34:56", "52:54:00:12:34:56", _MAC.fullmatch, _mac),
}
