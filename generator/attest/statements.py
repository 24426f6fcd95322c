"""What is known of an image, as in-toto statements: one of how it was built, and one of each result of its tests.

No predicate is our own: SLSA's provenance v1 and in-toto's test-result v0.1. What the test results are is said in the
provenance, too (byproducts), so that none can be taken away unseen: lines of a file are signed one by one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.attest.measured import Measured
from generator.attest.results import Result

STATEMENT = "https://in-toto.io/Statement/v1"
PROVENANCE = "https://slsa.dev/provenance/v1"
TEST_RESULT = "https://in-toto.io/attestation/test-result/v0.1"
BUILD_TYPE = "urn:nodebake:build:v1"
BUILDER = "urn:nodebake:builder:v1"
PACKAGES = "packages.tsv"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Built:
    """How an image came to be. Digests are sha256; "" is what is not so (no lock)."""

    profile: str
    profile_sha256: str
    distro: str
    base: str
    base_sha256: str
    base_variant: str
    lock_sha256: str
    tool: str


def subjects(
    stem: str, files: Mapping[str, tuple[str, str]], measured: Measured, boms: Mapping[str, str]
) -> list[Document]:
    """What all statements are about: the file and its other forms (name: sha256, sha512), the disk in them, and the
    SBOMs (file name: sha256).
    """
    return [
        *({"name": name, "digest": {"sha256": both[0], "sha512": both[1]}} for name, both in files.items()),
        {"name": f"{stem}.raw", "digest": {"sha256": measured.raw_sha256}},
        *({"name": name, "digest": {"sha256": sha256}} for name, sha256 in sorted(boms.items())),
    ]


def provenance(about: Sequence[Document], built: Built, packages_sha256: str, results: Sequence[Result]) -> Document:
    """How it was built, and of what."""
    made_of = [{"name": "base", "uri": _uri(built.base), "digest": {"sha256": built.base_sha256}}]
    if built.lock_sha256:
        made_of.append({"name": "lock", "digest": {"sha256": built.lock_sha256}})
    predicate = {
        "buildDefinition": {
            "buildType": BUILD_TYPE,
            "externalParameters": {
                "profile": {"name": built.profile, "digest": {"sha256": built.profile_sha256}},
                "distro": built.distro,
                "variant": built.base_variant,
            },
            "resolvedDependencies": made_of,
        },
        "runDetails": {
            "builder": {"id": BUILDER, "version": {"nodebake": built.tool}},
            "byproducts": [
                {"name": PACKAGES, "digest": {"sha256": packages_sha256}},
                *({"name": result.name, "digest": {"sha256": result.sha256}} for result in results),
            ],
        },
    }
    return _statement(about, PROVENANCE, predicate)


def tested(about: Sequence[Document], built: Built, result: Result) -> Document:
    """What came of its tests."""
    predicate = {
        "result": result.outcome,
        "configuration": [
            {"name": built.profile, "digest": {"sha256": built.profile_sha256}},
            {"name": result.name, "digest": {"sha256": result.sha256}, "annotations": dict(result.told)},
        ],
        "passedTests": list(result.passed),
        "warnedTests": list(result.warned),
        "failedTests": list(result.failed),
    }
    return _statement(about, TEST_RESULT, predicate)


def packed(statement: Document) -> bytes:
    """The bytes that are signed."""
    return json.dumps(statement, separators=(",", ":"), sort_keys=True).encode()


def _statement(about: Sequence[Document], kind: str, predicate: Document) -> Document:
    return {"_type": STATEMENT, "subject": list(about), "predicateType": kind, "predicate": predicate}


def _uri(base: str) -> str:
    return base if ":" in base else f"urn:nodebake:base:{base}"
