"""The marks that stand for each node's values while the profile is planned and rendered, and what takes their place."""

from __future__ import annotations

import functools
import hashlib
import json
import operator
import re
from collections.abc import Iterable, Mapping, Set

from generator.fleet.columns import Column
from generator.fleet.template import COLON, Form, Slot, Values, quoted
from generator.model import Profile
from generator.values import KINDS

IDENTITY = "identity"  # the instance-id, beside the names of columns
DHCP, ROUTES, SERVERS = "dhcp", "routes", "servers"  # of the one card


def mark(name: str) -> str:
    """A word of letters and digits that no profile holds unless it means to."""
    return f"node{hashlib.sha256(name.encode()).hexdigest()[:24]}value"


def slots(columns: Mapping[str, Column], names: tuple[str, ...], profile: Profile) -> dict[str, Slot]:
    """A slot for every column, by its mark. `names` are the columns that the list of nodes has, in its order."""
    at = {name: index for index, name in enumerate(names)}
    made = {mark(name): _slot(column, _cell(column, at), profile) for name, column in columns.items()}
    addresses, gateways = (_cell(columns[name], at) for name in ("addresses", "gateways"))

    def dhcp(node: Values) -> str:
        return "false" if addresses(node) else "true"

    made[mark(DHCP)] = Slot(dhcp, dhcp)
    made[mark(ROUTES)] = _line(lambda node: _routes(gateways(node).split()))
    servers, search = (_cell(columns[name], at) for name in ("nameservers", "search"))
    made[mark(SERVERS)] = _line(lambda node: _servers(servers(node).split(), search(node).split()))
    return made


def identity(columns: Mapping[str, Column], names: tuple[str, ...], filled: Set[str], shared: Iterable[str]) -> Slot:
    """The instance-id: the node's own, or its name and what follows from all its values and what all nodes share.

    The order of the columns is nothing to it, nor are columns in which nothing stands.
    """
    at = {name: index for index, name in enumerate(names)}
    telling = [column for column in columns.values() if column.name in filled or column.default]
    cells = [_cell(column, at) for column in telling]
    own, name = (_cell(columns[key], at) for key in ("instance_id", "hostname"))
    common = hashlib.sha256("\0".join((*shared, *(column.name for column in telling))).encode())

    def text(node: Values) -> str:
        if given := own(node):
            return given
        digest = common.copy()
        digest.update("\0".join([cell(node) for cell in cells]).encode())
        return f"{name(node)}-{digest.hexdigest()[:16]}"

    return Slot(text, lambda node: quoted(text(node)), plain=True)


def digest(content: str, known: Mapping[str, Slot]) -> tuple[str, Slot]:
    """Of a file with marks: the mark is the sha256 that it has with them, its place takes the one with values."""
    pieces = re.split(f"({'|'.join(known)})", content)
    forms = [known[piece].text if piece in known else _constant(piece) for piece in pieces]
    of = functools.lru_cache(maxsize=4096)(lambda content: hashlib.sha256(content.encode()).hexdigest())

    def text(node: Values) -> str:
        return of("".join([form(node) for form in forms]))

    return hashlib.sha256(content.encode()).hexdigest(), Slot(text, lambda node: quoted(text(node)), plain=True)


def _constant(text: str) -> Form:
    return lambda _node: text


def _cell(column: Column, at: Mapping[str, int]) -> Form:
    if column.name not in at:
        return _constant(column.default)
    index, default = at[column.name], column.default
    if not default:
        return operator.itemgetter(index)
    return lambda node: node[index] or default


def _slot(column: Column, cell: Form, profile: Profile) -> Slot:
    if column.name == "ssh_authorized_keys":
        return _line(lambda node: _keys(text) if (text := cell(node)) else "")
    if column.split == " ":
        return Slot(cell, lambda node: _plain_list(text) if (text := cell(node)) else "", line=True)
    kind = KINDS[str(profile.vars[column.name]["type"])] if column.name in profile.vars else None
    if kind is not None and kind.number:
        return Slot(cell, cell)
    return Slot(cell, lambda node: quoted(cell(node)), plain=column.name != "labels" and (kind is None or kind.plain))


def _keys(text: str) -> str:
    return f"[{', '.join(map(quoted, text.split(chr(10))))}]".replace(":", COLON)


def _plain_list(text: str) -> str:
    """Of texts in which nothing is escaped, with a blank between each two."""
    return '["' + text.replace(" ", '", "') + '"]'


def _routes(gateways: list[str]) -> str:
    """Spelled out, for `default` is known to netplan and not to every renderer of cloud-init."""
    routes = [{"to": "::/0" if ":" in via else "0.0.0.0/0", "via": via} for via in gateways]
    return json.dumps(routes) if routes else ""


def _servers(addresses: list[str], search: list[str]) -> str:
    found = {key: value for key, value in (("addresses", addresses), ("search", search)) if value}
    return json.dumps(found) if found else ""


def _line(form: Form) -> Slot:
    return Slot(form, form, line=True)
