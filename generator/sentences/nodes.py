"""What can be wrong with a list of nodes, and with the values of a profile that differ from node to node."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from generator.errors import NodebakeError, masked, shown, usage
from generator.sentences import Words
from generator.values import KINDS

_LONGEST_WHY = 240  # characters: a validator repeats the whole value, and then says what is wrong with it

# Of a profile.

LIST_IN_BASE64 = ("a list of parts is joined as text, and this file is in base64", "leave encoding out")
NOT_LINES = ("what differs from node to node stands in whole lines of text that can be seen", 'end it with "\\n"')


NOT_ONE_LINE = ("text on one line is wanted here, of characters that can be seen", "take the others out")


SECRET_AMONG = ("this is none of the values of one_of", "")
NOBODY_WRITES = "it is a pipe, and nobody writes to it"  # of a list of nodes
NAME_IS_NO_TEXT = ("the name of a value is a text", "{var: NAME}, of what `vars` declares or every list of nodes has")
NETWORK_AS_A_WHOLE = (
    "the network as a whole is no value that differs from node to node",
    "write it out, with {var: NAME} in the place of an address, a MAC or a name",
)


def undeclared(name: str, known: Sequence[str]) -> Words:
    guesses = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {guesses[0]}?" if guesses else f"declare it: vars: {{{name}: {{type: text}}}}"
    return f"nothing declares the value {shown(name)}", hint


def read_by_nodebake(path: str) -> Words:
    return (
        f"nodebake reads {path} to say what the node will be, so it is the same on every node",
        "put what differs into another file",
    )


def not_of_the_type(text: str, kind: str) -> Words:
    """`text` is no value of the type; where it can be told how it would be one, that is the hint."""
    better = KINDS[kind].better(text)
    return f"{shown(text)} is not {KINDS[kind].form}", f"write {better}" if better and better != text else ""


def unset(names: Sequence[str]) -> NodebakeError:
    """A profile that leaves values to its nodes, where there are none."""
    return usage(
        f"the profile leaves {', '.join(names)} to each node, and here are none",
        f"--set {names[0]}=VALUE gives one; nodebake fleet takes them from a list; or give each a default under vars",
    )


def refused_by_cloud_init(why: str) -> Words:
    """Of `network`; `why` is the JSON Schema's word on cloud-init's own schema."""
    words = why if len(why) <= _LONGEST_WHY else f"{why[: _LONGEST_WHY // 2]} ... {why[-_LONGEST_WHY // 2 :]}"
    return f"cloud-init refuses this: {masked(words)}", "it is network-config, version 2, of cloud-init's documentation"


def refused_by_the_kernel(why: str) -> Words:
    return (
        f"no network card takes this: {masked(why)}",
        "a VLAN has a link and an id of 0 to 4094, an MTU is 68 to 65535",
    )


def refused_in_network(why: str, *, secret: bool) -> Words:
    """Of a value of a list, `why` as it was found with it."""
    return REFUSED_SECRET if secret else (why, "it stands in network, where not every value is taken")


REFUSED_SECRET = ("cloud-init refuses this value, which is secret", "give it another, or leave `secret` out to be told")


def no_such_interface(name: str, known: Sequence[str]) -> Words:
    guesses = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {guesses[0]}?" if guesses else f"there are: {', '.join(map(shown, known))}"
    return f"nothing in network is called {shown(name)}", hint


# Of a list of nodes.


def label_of_kubernetes(name: str) -> Words:
    return (
        f"kubelet does not start with the label {name}: it knows no such label of Kubernetes' own",
        "set it with kubectl, or take a domain of your own",
    )


def not_told(kind: str) -> Words:
    """Of a secret, which no sentence repeats."""
    return f"this is not {KINDS[kind].form}", ""


def no_such_column(name: str, known: Sequence[str]) -> Words:
    guesses = difflib.get_close_matches(name, known, 1)
    hint = (
        f"did you mean {guesses[0]}?"
        if guesses
        else f"a column is one of: {', '.join(known)}; or declare it under vars"
    )
    return f"there is no column {shown(name)}", hint


def no_such_name(name: str, known: Sequence[str]) -> Words:
    """Of a value on the command line."""
    guesses = difflib.get_close_matches(name, known, 1)
    hint = (
        f"did you mean {guesses[0]}?" if guesses else f"a name is one of: {', '.join(known)}; or declare it under vars"
    )
    return f"the profile has no name {shown(name)} that could be set", hint


def no_value_given(text: str) -> Words:
    return f"{shown(text)} gives no value to a name", "write NAME=VALUE"


def given_twice(name: str) -> Words:
    return f"{shown(name)} is set twice", "keep one of the two"


def column_twice(name: str) -> Words:
    return f"the column {name} stands here twice", "keep one of the two"


def no_value(name: str) -> Words:
    return f"this node has no {name}", f"fill the column {name}"


def no_column(name: str) -> Words:
    return f"the column {name} is missing", "every node needs one"


def key_twice(name: str | None) -> str:
    """In an object of JSON; None where it may be a part of a secret."""
    return f"the key {name!r} stands there twice" if name is not None else "a key stands there twice"


def too_many_cells(count: int, wanted: int) -> Words:
    return f"{count} cells, and the first line has {wanted} columns", "put a cell with a comma or a quote into quotes"


def taken(text: str, name: str, line: int) -> Words:
    """`line` is where the value stood first."""
    return f"line {line} has the {name} {shown(text)} already", "no two nodes share one"


def value_twice(text: str) -> Words:
    """In one cell."""
    return f"{shown(text)} stands here twice", "keep one of the two"


def without_mac(name: str) -> Words:
    return (
        f"this node has {name} and no mac, so no card to put them on",
        "fill the column mac, or name the card under network",
    )


GATEWAY_WITHOUT_ADDRESS = (
    "this node has a gateway and no address",
    "fill the column addresses, or leave gateways empty: DHCP tells it",
)


def of_no_card(text: str, kind: str) -> Words:
    return f"{text} is {kind}, and no card has one", ""


def of_no_host(text: str, whole: str) -> Words:
    return f"{text} is the address of {whole}", "write one of a host: between the first and the last of its network"


def two_gateways(family: str) -> Words:
    return f"a second gateway of {family}", "a node has one of IPv4 and one of IPv6"


def gateway_of_no_address(text: str, family: str) -> Words:
    return f"{text} is a gateway of {family}, and the node has no address of it", "fill the column addresses"


def gateway_is_itself(text: str) -> Words:
    return f"{text} is the node's own address", "write the address of its router"


def gateway_off_link(text: str) -> Words:
    return (
        f"{text} is in no network of the node's addresses, so the node cannot reach it",
        "look at the length after the address; a route over another link is for a network in the profile",
    )


def taken_by_manifest(name: str) -> Words:
    return f"{name} is the file beside the nodes that says what they were made of", "write another host name"


def too_long_for_a_file(name: str, longest: int) -> Words:
    return f"a file's name has at most {longest} bytes, and {shown(name)} is longer", "shorten the host name"


def unused(name: str) -> Words:
    """Of a column that speaks of the network."""
    return (
        f"the profile has a network of its own, which does not use the column {name}",
        f"write {{var: {name}}} under network, or leave the column out",
    )


_TWICE = "close the quote; one inside a quoted cell is written twice"
NO_NODES = ("there are no nodes here", "a line for each, below the names of the columns")
NOT_A_ROW = ("a node is a mapping of columns", 'for example {"hostname": "node-1"}')
NOT_A_LIST = ("a list of nodes is a list of mappings", "- hostname: node-1")


# Of a secret, which no sentence repeats.
UNQUOTED = ("unquoted, YAML 1.1 reads this in a way of its own", "put it in quotes")
SECRET_IN_PARTS = ("a mapping or a list cannot stand here", "a text in quotes")


def not_json(why: str) -> Words:
    return f"this is not JSON: {why}", "one node a line, each {...}"


def not_csv(why: str, longest: int) -> Words:
    """`why` is in the words of Python's reader, which two causes have better ones than."""
    if "end of data" in why:
        return "a quote opens in this node and is never closed: the rest of the list is in it", _TWICE
    if "field limit" in why:
        return f"a cell of more than {longest} characters is not taken, nor what stands in its lines", _TWICE
    return f"this is not CSV: {why}", "a quote inside a quoted cell is written twice"


def bad_cell(kind: str) -> Words:
    return f"{kind} cannot stand here", "a text, a number, or a list of texts; labels may be a mapping"


def no_text(key: str, kind: str) -> Words:
    """Of an entry in a mapping of labels."""
    return f"the label {shown(key)} has {kind} for its value", "write it in quotes, as it shall be"


def and_more(count: int) -> Words:
    return f"and {count} more", "mend these first"


def of_what_form(name: str) -> NodebakeError:
    return usage(f"{name} is none of .csv, .jsonl, .yaml", "say which it is with --nodes-format csv, jsonl or yaml")


def endless(name: str, limit: int) -> Words:
    return f"{name} has not ended after {limit >> 30} GiB", "put the list into a file"


def too_large(limit: int) -> Words:
    return f"a list of more than {limit >> 20} MiB is not read as YAML", "write CSV or JSON lines, read line by line"


def changed(name: str) -> str:
    return f"{name} was changed while it was read"


def no_folder_to_stdout(form: str, streams: Sequence[str]) -> NodebakeError:
    return usage(
        f"{form} is many files, and stdout is one", f"name a folder with -o, or take --to {' or '.join(streams)}"
    )


def no_seed_there(title: str) -> NodebakeError:
    return usage(
        f"a seed image is NoCloud's, and {title} gives user-data to its guests in another way",
        "leave --target out for seed images, or take --to tree, tar, jsonl or terraform",
    )


def written(count: int, wrong: int) -> str:
    left = (
        f"; {wrong} {'thing is' if wrong == 1 else 'things are'} wrong with others, which were left out"
        if wrong
        else ""
    )
    return f"{count} {'node' if count == 1 else 'nodes'} written{left}"
