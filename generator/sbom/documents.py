"""Both documents with the files that no package brought, and everything in an order that does not change. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_ORIGIN = "nodebake:origin"
_UNSAID = "NOASSERTION"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class Written:
    """A file that no package brought, or that a setting of the profile wrote; `origin` says which."""

    path: str
    origin: str
    content: bytes

    def digest(self, algorithm: str) -> str:
        return hashlib.new(algorithm, self.content, usedforsecurity=False).hexdigest()


def cyclonedx(found: Document, files: Sequence[Written]) -> bytes:
    """CycloneDX: a file is a component, on which the whole depends."""
    whole = found["metadata"]["component"]["bom-ref"]
    components = [*found.get("components", []), *map(_component, files)]
    needs = {row["ref"]: set(row.get("dependsOn", ())) for row in found["dependencies"]}
    needs[whole] = needs.get(whole, set()) | {_reference(file) for file in files}
    needs |= {_reference(file): set() for file in files}
    rows = [{"ref": ref, "dependsOn": sorted(on)} if on else {"ref": ref} for ref, on in sorted(needs.items())]
    ordered = sorted(components, key=lambda component: str(component["bom-ref"]))
    return _bytes({**found, "components": ordered, "dependencies": rows})


def spdx(found: Document, files: Sequence[Written]) -> bytes:
    """SPDX: the document describes the files beside the package that stands for the whole."""
    described = [_relation("SPDXRef-DOCUMENT", "DESCRIBES", _spdx_id(file)) for file in files]
    lists = {
        "packages": sorted(found["packages"], key=lambda package: str(package["SPDXID"])),
        "files": [_spdx_file(file) for file in files],
        "relationships": sorted([*found["relationships"], *described], key=_key),
    }
    return _bytes({**found, **{name: rows for name, rows in lists.items() if rows}})


def _component(file: Written) -> Document:
    return {
        "type": "file",
        "bom-ref": _reference(file),
        "name": file.path,
        "hashes": [{"alg": "SHA-256", "content": file.digest("sha256")}],
        "properties": [{"name": _ORIGIN, "value": file.origin}],
    }


def _reference(file: Written) -> str:
    return f"file:{file.path}"


def _spdx_file(file: Written) -> Document:
    sums = [{"algorithm": name.upper(), "checksumValue": file.digest(name)} for name in ("sha1", "sha256")]
    return {
        "SPDXID": _spdx_id(file),
        "fileName": f".{file.path}",
        "checksums": sums,
        "comment": f"{_ORIGIN}={file.origin}",
        "copyrightText": _UNSAID,
        "licenseConcluded": _UNSAID,
        "licenseInfoInFiles": [_UNSAID],
    }


def _spdx_id(file: Written) -> str:
    """An identifier has letters, digits, dots and dashes only: the path's digest stands for the path."""
    return f"SPDXRef-File-{hashlib.sha256(file.path.encode('utf-8', 'surrogateescape')).hexdigest()[:16]}"


def _relation(one: str, kind: str, other: str) -> Document:
    return {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}


def _key(row: Document) -> tuple[str, ...]:
    return tuple(str(row.get(key, "")) for key in (*_relation("", "", ""), "comment"))


def _bytes(document: Document) -> bytes:
    return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode()
