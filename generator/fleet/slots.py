"""The marks that stand for each node's values while the profile is planned and rendered, and what takes their place."""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set

from generator.fleet.columns import Column
from generator.fleet.template import COLON, Block, Form, Slot, each, quoted
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

    made[mark(DHCP)] = _of_cells(addresses, lambda text: "false" if text else "true")
    made[mark(ROUTES)] = _of_cells(gateways, _routes, line=True)
    servers, search = (_cell(columns[name], at) for name in ("nameservers", "search"))

    def resolvers(block: Block) -> list[str]:
        return list(map(_servers, servers(block), search(block)))

    made[mark(SERVERS)] = Slot(resolvers, resolvers, line=True)
    return made


def identity(
    columns: Mapping[str, Column],
    names: tuple[str, ...],
    filled: Set[str],
    shared: Callable[[frozenset[str]], Iterable[str]],
) -> Slot:
    """The instance-id: the node's own, or its name and what follows from all its values and what such nodes share.

    `shared` is that for nodes that have values in these columns. So neither the other nodes of a list, nor the order of
    its columns, nor those in which this node has nothing are anything to it.
    """
    at = {name: index for index, name in enumerate(names)}
    telling = [column for column in columns.values() if column.name in filled or column.default]
    cells = [_cell(column, at) for column in telling]
    own, name = (_cell(columns[key], at) for key in ("instance_id", "hostname"))

    @functools.lru_cache(maxsize=4096)
    def begun(there: tuple[bool, ...]) -> hashlib.blake2b:
        have = [column.name for column in itertools.compress(telling, there)]
        return hashlib.blake2b("\0".join((*shared(frozenset(have)), *have)).encode(), digest_size=8)

    def follows(host: str, texts: Sequence[str]) -> str:
        digest = begun(tuple(map(bool, texts))).copy()
        digest.update("\0".join(filter(None, texts)).encode())
        return f"{host}-{digest.hexdigest()}"

    def text(block: Block) -> list[str]:
        texts = zip(*(cell(block) for cell in cells), strict=True)
        rows = zip(own(block), name(block), texts, strict=True)
        return [given or follows(host, node) for given, host, node in rows]

    return Slot(text, each(quoted, text), plain=True)


def digest(content: str, known: Mapping[str, Slot]) -> tuple[str, Slot]:
    """Of a file with marks: the mark is the sha256 that it has with them, its place takes the one with values."""
    pieces = re.split(f"({'|'.join(known)})", content)
    forms = [known[piece].text if piece in known else _constant(piece) for piece in pieces]
    of = functools.lru_cache(maxsize=4096)(lambda content: hashlib.sha256(content.encode()).hexdigest())

    def text(block: Block) -> list[str]:
        return [of("".join(parts)) for parts in zip(*(form(block) for form in forms), strict=True)]

    return hashlib.sha256(content.encode()).hexdigest(), Slot(text, each(quoted, text), plain=True)


def _constant(text: str) -> Form:
    return lambda block: [text] * len(block[0])


def _cell(column: Column, at: Mapping[str, int]) -> Form:
    if column.name not in at:
        return _constant(column.default)
    index, default = at[column.name], column.default
    if not default:
        return operator.itemgetter(index)
    return lambda block: [text or default for text in block[index]]


def _slot(column: Column, cell: Form, profile: Profile) -> Slot:
    if column.name == "ssh_authorized_keys":
        return _of_cells(cell, _keys, line=True)
    if column.split == " ":
        return Slot(cell, each(_plain_list, cell), line=True)
    kind = KINDS[str(profile.vars[column.name]["type"])] if column.name in profile.vars else None
    if kind is not None and kind.number:
        return Slot(cell, cell)
    return Slot(cell, each(quoted, cell), plain=column.name != "labels" and (kind is None or kind.plain))


def _of_cells(cell: Form, change: Callable[[str], str], *, line: bool = False) -> Slot:
    form = each(change, cell)
    return Slot(form, form, line=line)


def _keys(text: str) -> str:
    return f"[{', '.join(map(quoted, text.split(chr(10))))}]".replace(":", COLON) if text else ""


def _plain_list(text: str) -> str:
    """Of texts in which nothing is escaped, with a blank between each two."""
    return '["' + text.replace(" ", '", "') + '"]' if text else ""


@functools.lru_cache(maxsize=4096)
def _routes(gateways: str) -> str:
    """Spelled out, for `default` is known to netplan and not to every renderer of cloud-init."""
    routes = [{"to": "::/0" if ":" in via else "0.0.0.0/0", "via": via} for via in gateways.split()]
    return json.dumps(routes) if routes else ""


@functools.lru_cache(maxsize=4096)
def _servers(addresses: str, search: str) -> str:
    found = {key: value.split() for key, value in (("addresses", addresses), ("search", search)) if value}
    return json.dumps(found) if found else ""
