"""What an image is, how it was built and what came of its tests, signed: nodebake attest, and verify-attestation."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import forms, progress, provenance, sbom
from generator.attest import bundle, measured, results, sentences, statements
from generator.attest.statements import Built
from generator.model import Plan

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ENDING = ".intoto.jsonl"


@dataclass(frozen=True, slots=True)
class Asked:
    """An image beside its manifest, and the results of its tests, where there are some."""

    image: Path
    plan: Plan
    key: Ed25519PrivateKey
    report: Path | None = None
    proof: Path | None = None


def attest(asked: Asked) -> list[Path]:
    """Write the SBOMs and the attestation beside the image; the attestation is the last of them.

    Raises a refusal where the manifest or a result is about something else, ToolError where a tool or an extra is
    missing, CheckFailed where the image changed meanwhile: then nothing was written.
    """
    stem, folder = forms.stem(asked.image), asked.image.parent
    with progress.task(f"attest {asked.image.name}") as task:
        task.say("measuring")
        with measured.opened(asked.image) as (found, disk):
            built = _built(asked, found.sha256)
            tests = _tests(asked, found.sha256)
            task.say("listing what is in it")
            boms = sbom.make(disk, stem, asked.plan)
        name = asked.image.name if forms.is_file_of(asked.image.name) else f"{stem}.qcow2"
        files = {name: (found.sha256, found.sha512), **_forms(asked.image, found.sha256)}
        about = statements.subjects(stem, files, found, {name: _sha256(content) for name, content in boms.items()})
        documents = [
            statements.provenance(about, built, found.packages_sha256, tests),
            *(statements.tested(about, built, test) for test in tests),
        ]
        signed = bundle.write(documents, asked.key)
        return sbom.write(folder, {**boms, f"{stem}{ENDING}": signed})


def _built(asked: Asked, digest: str) -> Built:
    """From the manifest that the build left. Raises a refusal where it does not speak of this image and profile."""
    told, plan = provenance.manifest(asked.image, digest), asked.plan
    if not told:
        raise sentences.no_manifest(str(asked.image))
    if told.get("profile_sha256") != plan.profile.digest:
        raise sentences.other_profile(str(asked.image), str(told.get("profile_sha256")), plan.profile.digest)
    return Built(profile=plan.profile.name, distro=plan.distro.id, **_told(told))


def _forms(image: Path, digest: str) -> dict[str, tuple[str, str]]:
    """Other forms of the image: by name, the digests of those that are there and are what its manifest says."""
    named = provenance.manifest(image, digest).get("forms")
    rows = [row for row in named.values() if isinstance(row, dict)] if isinstance(named, dict) else []
    paths = [(image.with_name(Path(str(row.get("file"))).name), row.get("sha256")) for row in rows]
    measures = {path.name: (measured.digests(path), said) for path, said in paths if path.is_file() and path != image}
    return {name: both for name, (both, said) in measures.items() if both[0] == said}


def beside(image: Path) -> Path:
    """Where the attestation of an image is written, whatever form the image has."""
    return image.with_name(f"{forms.stem(image)}{ENDING}")


def _told(told: Mapping[str, Any]) -> dict[str, str]:
    names = ("profile_sha256", "base", "base_sha256", "base_variant", "lock_sha256", "tool")
    return {name: str(told.get(name, "")) for name in names}


def _tests(asked: Asked, digest: str) -> list[results.Result]:
    about = digest, asked.plan.profile.digest
    found = [results.verified(asked.report, *about)] if asked.report else []
    found += [results.proven(asked.proof, *about)] if asked.proof else []
    if len({result.name for result in found}) < len(found):
        raise sentences.one_name(found[0].name)
    return found


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
