"""A folder that mirrors an apt repository without suites: InRelease, Packages, Release.key and packages below it."""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import dpkg, openpgp, regular
from generator.sentences import Words
from generator.sentences import kubernetes as sentences

RELEASE, KEY = "InRelease", "Release.key"
_LISTS = ("Packages", "Packages.gz")
_LARGEST = 64 << 20  # bytes of InRelease, a key, a list
_LARGEST_PACKAGE = 2 << 30
_OURS = ("amd64", "all")  # what the guest of a bake is; a list may have packages of other machines
_SUM = re.compile(r"^ ([0-9a-f]{64}) +[0-9]+ +(?:\./)?(\S+)$", re.M)

Fields = Mapping[str, str]


class Unfit(Exception):
    """The folder is not a mirror of what is wanted."""

    def __init__(self, words: Words) -> None:
        super().__init__(words[0])
        self.words = words


@dataclass(frozen=True, slots=True)
class Wanted:
    """A folder, the key that must have signed it, and the packages that it must have in a version, of any revision."""

    folder: Path
    fingerprint: str
    names: Sequence[str]
    version: str


def copy(wanted: Wanted, to: Path) -> str:
    """Copy to `to`, a new folder, what apt needs of it: of the packages that are named the wanted version, of others
    what is there. Returns the sha256 of InRelease. Raises Unfit, or ToolError where gpgv is missing.
    """
    signed = _signed(wanted)
    listed, text = _listing(wanted.folder, signed)
    taken = list(_taken(wanted, list(dpkg.paragraphs(text))))
    for fields in taken:
        _put(wanted.folder, fields, to)
    for name in (RELEASE, KEY, listed):
        shutil.copyfile(wanted.folder / name, to / name)
    return hashlib.sha256((to / RELEASE).read_bytes()).hexdigest()


def _signed(wanted: Wanted) -> str:
    """What of InRelease was signed by the key of this fingerprint. Raises Unfit."""
    release, keys = (_read(wanted.folder, name) for name in (RELEASE, KEY))
    try:
        return openpgp.verified(release, keys, wanted.fingerprint).decode("utf-8", "replace")
    except openpgp.NotSignedError as error:
        raise Unfit(sentences.mirror_not_signed(str(wanted.folder), wanted.fingerprint, str(error))) from None


def _file(folder: Path, name: str) -> Path:
    if not (folder / name).is_file():
        raise Unfit(sentences.mirror_lacks(str(folder), name))
    return folder / name


def _read(folder: Path, name: str) -> bytes:
    try:
        return regular.read(_file(folder, name), _LARGEST)
    except OSError as error:
        raise Unfit(sentences.mirror_unreadable(str(folder / name), error.strerror or str(error))) from None


def _listing(folder: Path, signed: str) -> tuple[str, str]:
    """The list of packages that is there: its name, and its text, once its bytes are what was signed."""
    sums = {name: sha256 for sha256, name in _SUM.findall(signed.partition("\nSHA256:")[2])}
    for name in _LISTS:
        if (folder / name).is_file() and name in sums:
            content = _read(folder, name)
            if hashlib.sha256(content).hexdigest() != sums[name]:
                raise Unfit(sentences.mirror_other_bytes(str(folder / name)))
            return name, _text(str(folder / name), content)
    raise Unfit(sentences.mirror_lacks(str(folder), _LISTS[0]))


def _text(path: str, content: bytes) -> str:
    """Of a list that was signed: which says who made it, not that it can be read."""
    try:
        if path.endswith(".gz"):
            with gzip.open(io.BytesIO(content)) as packed:
                content = packed.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise Unfit(sentences.mirror_unreadable(path, f"it has more than {regular.size(_LARGEST)}"))
        return content.decode("utf-8")
    except (OSError, EOFError, zlib.error):
        raise Unfit(sentences.mirror_unreadable(path, "it is no whole gzip file")) from None
    except UnicodeDecodeError:
        raise Unfit(sentences.mirror_unreadable(path, "it is no UTF-8 text")) from None


def _taken(wanted: Wanted, listed: list[Fields]) -> Iterator[Fields]:
    """The paragraphs of what is copied. Raises Unfit where a package that is named has not the version.

    Its newest revision is always among them, for apt takes that; the others, where their files are there.
    """
    listed = [fields for fields in listed if fields.get("Architecture", "all") in _OURS]
    for name in wanted.names:
        own = [fields for fields in listed if fields.get("Package") == name]
        fit = [fields for fields in own if fields.get("Version", "").startswith(f"{wanted.version}-")]
        if not fit:
            versions = sorted(fields.get("Version", "") for fields in own)
            raise Unfit(sentences.mirror_lacks_version(str(wanted.folder), name, wanted.version, versions))
        newest = max(fit, key=_revision)
        yield from (fields for fields in fit if fields is newest or _inside(wanted.folder, fields).is_file())
    others = (fields for fields in listed if fields.get("Package") not in {*wanted.names, None})
    yield from (fields for fields in others if _inside(wanted.folder, fields).is_file())


def _revision(fields: Fields) -> list[int]:
    """By which the revisions of one version are in order: 10.1 comes after 2.1 (deb-version(7))."""
    return [int(number) for number in re.findall("[0-9]+", fields["Version"])]


def _inside(folder: Path, fields: Fields) -> Path:
    """Where the list says that a package is."""
    name = fields.get("Filename", "")
    if not name or "\0" in name:
        raise Unfit(sentences.mirror_no_file(str(folder), fields.get("Package", ""), name))
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise Unfit(sentences.mirror_path(str(folder), name))
    return path


def _put(folder: Path, fields: Fields, to: Path) -> None:
    """One package, whose bytes the list vouches for."""
    path, name = _inside(folder, fields), fields["Filename"]
    _file(folder, name)
    final = to / path.relative_to(folder.resolve())
    final.parent.mkdir(parents=True, exist_ok=True)
    try:
        sha256 = regular.copy(path, final, _LARGEST_PACKAGE)
    except OSError as error:
        raise Unfit(sentences.mirror_unreadable(str(path), error.strerror or str(error))) from None
    if sha256 != fields.get("SHA256"):
        raise Unfit(sentences.mirror_other_bytes(str(folder / name)))
