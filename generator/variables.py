"""Values that differ from node to node: what a profile declares under `vars`, and where it uses them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator import sentences, values
from generator.positions import Document, Path
from generator.sentences import nodes

# What every list of nodes has, and a file or the network may name; of these a list of values is one text in a file.
COLUMNS: Mapping[str, str] = {
    "hostname": "hostname",
    "mac": "mac",
    "addresses": "prefix",
    "gateways": "address",
    "nameservers": "address",
    "search": "hostname",
    "labels": "text",
}
LISTS = frozenset({"addresses", "gateways", "nameservers", "search"})
# Read by nodebake itself, to say what a node will be: it cannot where each node's is another.
_READ = (
    "/etc/sysctl.",
    "/etc/modprobe.d/",
    "/etc/modules",
    "/etc/systemd/",
    "/etc/fstab",
    "/etc/kernel/",
    "/etc/default/grub",
)


@dataclass(slots=True)
class Filling:
    """What stands for each name: a value that was given, its default, or a sample. `used` and `unset` are names.

    What is given is of the type that the name has, or a mark in its place.
    """

    declared: Mapping[str, Mapping[str, Any]]
    given: Mapping[str, Any]
    used: set[str]
    unset: set[str]

    def kind(self, name: str) -> str:
        """The type of a name; what is wrong with it was found before, and then it is as good as any."""
        return str(self.declared[name]["type"]) if name in self.declared else COLUMNS.get(name, "text")

    def text(self, name: str) -> str:
        self.used.add(name)
        if name in self.given:
            given = self.given[name]
            return " ".join(given) if isinstance(given, list) else str(given)
        entry = self.declared.get(name, {})
        if entry.get("default") is None:
            self.unset.add(name)
            return str(next(iter(entry.get("one_of", ())), values.KINDS[self.kind(name)].sample))
        return str(entry["default"])

    def value(self, name: str) -> Any:  # noqa: ANN401 - of the type that the name has
        """As `text`, but a number where it is one, and a list where it is many."""
        text = self.text(name)
        if name in self.given:
            return self.given[name]
        one = int(text) if values.KINDS[self.kind(name)].number else text
        return [one] if name in LISTS else one

    def file(self, entry: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of `files` whose content is a text."""
        content = entry["content"]
        if not isinstance(content, list):
            return dict(entry)
        texts = [part if isinstance(part, str) else self.text(part["var"]) for part in content]
        return {**entry, "content": "".join(texts)}

    def tree(self, node: Any) -> Any:  # noqa: ANN401
        """A document in which {var: NAME} is a value."""
        if isinstance(node, dict):
            if set(node) == {"var"}:
                return self.value(node["var"])
            return {key: self.tree(value) for key, value in node.items()}
        return [self.tree(item) for item in node] if isinstance(node, list) else node


def check(document: Document) -> None:
    """Find what no schema can say: names that nobody declared, defaults of another type, files that may not differ."""
    written = document.value if isinstance(document.value, dict) else {}
    _check_names(document, written.get("network"))
    if not document.sound("vars"):
        return
    declared = written.get("vars", {})
    for name, entry in declared.items():
        _check_declared(document, name, entry)
    known = {*declared, *COLUMNS}
    for path, name in _uses(written, document):
        if isinstance(name, str) and name not in known:
            document.find(document.marks[path], path, *nodes.undeclared(name, sorted(known)))
    for index, entry in enumerate(written.get("files", ()) if document.sound("files") else ()):
        _check_file(document, index, entry)


def _check_names(document: Document, network: Any) -> None:  # noqa: ANN401
    """No schema of ours knows where in the network a {var: NAME} stands."""
    for path, name in named(network, ("network",)):
        if len(path) == len(("network", "var")):
            document.find(document.marks[path], path, *nodes.NETWORK_AS_A_WHOLE)
        elif not isinstance(name, str):
            document.find(document.marks[path], path, *nodes.NAME_IS_NO_TEXT)


def _check_declared(document: Document, name: str, entry: Mapping[str, Any]) -> None:
    kind, secret = entry["type"], entry.get("secret", False)
    for path, value in _constants(name, entry):
        if not values.KINDS[kind].fits(str(value)):
            words = nodes.not_told(kind) if secret else nodes.not_of_the_type(str(value), kind)
            document.find(document.marks[path], path, *words)
    allowed = list(map(str, entry.get("one_of", ())))
    if allowed and "default" in entry and str(entry["default"]) not in allowed:
        path = ("vars", name, "default")
        words = nodes.SECRET_AMONG if secret else sentences.not_among(entry["default"], allowed, (), "")
        document.find(document.marks[path], path, *words)


def _constants(name: str, entry: Mapping[str, Any]) -> Iterator[tuple[Path, Any]]:
    if "default" in entry:
        yield ("vars", name, "default"), entry["default"]
    for index, value in enumerate(entry.get("one_of", ())):
        yield ("vars", name, "one_of", index), value


def _uses(written: Mapping[str, Any], document: Document) -> Iterator[tuple[Path, Any]]:
    for index, entry in enumerate(written.get("files", ()) if document.sound("files") else ()):
        parts = entry["content"] if isinstance(entry["content"], list) else ()
        for number, part in enumerate(parts):
            if isinstance(part, dict):
                yield ("files", index, "content", number, "var"), part["var"]
    yield from named(written.get("network"), ("network",))


def named(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:  # noqa: ANN401
    """Where a document says {var: NAME}, and the name: a text, in one that `check` found nothing in."""
    if isinstance(node, dict) and set(node) == {"var"}:
        yield (*path, "var"), node["var"]
    elif isinstance(node, (dict, list)):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from named(value, (*path, key))


def _check_file(document: Document, index: int, entry: Mapping[str, Any]) -> None:
    content = entry["content"]
    if not isinstance(content, list):
        return
    path = ("files", index, "content")
    texts = "".join(part if isinstance(part, str) else "x" for part in content)
    if entry.get("encoding", "text") != "text":
        document.find(document.marks[path], path, *nodes.LIST_IN_BASE64)
    elif all(isinstance(part, str) for part in content):
        return
    elif entry["path"].startswith(_READ):
        document.find(document.marks[path], path, *nodes.read_by_nodebake(entry["path"]))
    elif not texts.endswith("\n") or not texts.replace("\n", "").replace("\t", "").isprintable():
        document.find(document.marks[path], path, *nodes.NOT_LINES)
