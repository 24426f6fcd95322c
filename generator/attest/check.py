"""Does an attestation hold for the image that is here? Everything that does not is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from generator import forms
from generator.attest import bundle, keys, measured, results, sentences, statements
from generator.attest.bundle import Statement
from generator.attest.measured import Measured
from generator.base import cache

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_LOCK = "lock"
_RAW = ".raw"


@dataclass(frozen=True, slots=True)
class Asked:
    """`profile_sha256` and `lock_sha256` are what the image shall have been built from, "" where nobody asks.

    `required` are the verbs of whose results there must be one that has passed.
    """

    image: Path
    attestation: Path
    key: Ed25519PublicKey
    profile_sha256: str = ""
    lock_sha256: str = ""
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Holds:
    """What is attested of an image, for one of which all of it holds. `notes` are what was not looked at."""

    image: str
    key: str
    tool: str
    profile: str
    profile_sha256: str
    base: str
    base_sha256: str
    lock_sha256: str
    packages_sha256: str
    subjects: dict[str, dict[str, str]]
    tests: tuple[dict[str, Any], ...]
    notes: tuple[str, ...] = field(default=())


def check(asked: Asked) -> Holds:
    """Look at all that is attested. Raises CheckFailed where something does not hold, refusals as `bundle.read`."""
    found = bundle.read(asked.attestation, asked.key)
    built, tests = _sorted(asked, found)
    with measured.opened(asked.image) as (image, _):
        notes: list[str] = []
        wrong = [
            *_alike(found),
            *_subjects(asked, built.subjects, image, notes),
            *_made_of(asked, built, image),
            *_tests(built, tests),
            *_required(asked, tests),
        ]
    if wrong:
        raise sentences.does_not_hold(str(asked.image), wrong)
    return _held(asked, built, tests, tuple(notes))


def digest(path: Path) -> str:
    """The sha256 of a profile or a lock. Raises a usage error where it cannot be read."""
    try:
        return cache.digest(path)
    except OSError as error:
        raise sentences.not_read(str(path), error.strerror or str(error)) from None


def _sorted(asked: Asked, found: Sequence[Statement]) -> tuple[Statement, list[Statement]]:
    built = [one for one in found if one.kind == statements.PROVENANCE]
    if len(built) != 1:
        why = sentences.TWO_PROVENANCES if built else sentences.NO_PROVENANCE
        raise sentences.no_attestation(str(asked.attestation), why)
    return built[0], [one for one in found if one.kind == statements.TEST_RESULT]


def _alike(found: Sequence[Statement]) -> Iterator[str]:
    for other in found[1:]:
        if other.subjects != found[0].subjects:
            yield sentences.statements_differ(other.line)


def _subjects(asked: Asked, subjects: dict[str, Any], image: Measured, notes: list[str]) -> Iterator[str]:
    """The disk must be the attested one; its file may be another, for then somebody only packed it anew."""
    disks = [digest for name, digest in subjects.items() if forms.is_file_of(name)]
    raws = [digest for name, digest in subjects.items() if name.endswith(_RAW)]
    if not disks or len(raws) != 1:
        yield sentences.not_attested("the image")
        return
    raw, file = raws[0], next((one for one in disks if one.get("sha256") == image.sha256), disks[0])
    if raw != {"sha256": image.raw_sha256}:
        yield sentences.differs("the sha256 of the disk in it", image.raw_sha256, str(raw.get("sha256", "none")))
    if file != {"sha256": image.sha256, "sha512": image.sha512}:
        if raw == {"sha256": image.raw_sha256} and file.get("sha256") != image.sha256:
            notes.append(sentences.REPACKED)
        else:
            yield from _file(file, image)
    others = {name: digest for name, digest in subjects.items() if not (forms.is_file_of(name) or name.endswith(_RAW))}
    yield from _beside(asked.attestation.parent, others, notes)


def _file(attested: dict[str, str], image: Measured) -> Iterator[str]:
    for name, found in (("sha256", image.sha256), ("sha512", image.sha512)):
        if attested.get(name) != found:
            yield sentences.differs(f"the {name} of the file", found, attested.get(name, "none"))


def _beside(folder: Path, files: dict[str, Any], notes: list[str]) -> Iterator[str]:
    """SBOMs, which lie beside the attestation if they came with it. A name of a path is none of ours."""
    for name, digest in files.items():
        path = folder / Path(name).name
        if not path.is_file():
            notes.append(sentences.not_here(name))
        elif digest != {"sha256": (found := cache.digest(path))}:
            yield sentences.differs(f"the sha256 of {name}", found, str(digest.get("sha256", "none")))


def _made_of(asked: Asked, built: Statement, image: Measured) -> Iterator[str]:
    profile = built.text("predicate.buildDefinition.externalParameters.profile.digest.sha256")
    if asked.profile_sha256 and asked.profile_sha256 != profile:
        yield sentences.differs("the sha256 of the profile", asked.profile_sha256, profile)
    lock = _dependency(built, _LOCK)
    if asked.lock_sha256 and asked.lock_sha256 != lock:
        yield sentences.differs("the sha256 of the lock", asked.lock_sha256, lock or "none")
    packages = _byproducts(built).get(statements.PACKAGES, "none")
    if packages != image.packages_sha256:
        yield sentences.differs("the sha256 of the list of its packages", image.packages_sha256, packages)


def _tests(built: Statement, tests: Sequence[Statement]) -> Iterator[str]:
    """Each result that the provenance names is there, no other is, and all of them are good."""
    named = {name: sha256 for name, sha256 in _byproducts(built).items() if name != statements.PACKAGES}
    there = {test.text("name", _report(test)): test for test in tests}
    yield from (sentences.test_is_gone(name) for name in named if name not in there)
    for name, test in there.items():
        if named.get(name) != test.text("digest.sha256", _report(test)):
            yield sentences.test_is_new(name)
        if (outcome := test.text("predicate.result")) not in (results.PASSED, results.WARNED):
            yield sentences.test_failed(name, outcome, test.texts("predicate.failedTests"))


def _required(asked: Asked, tests: Sequence[Statement]) -> Iterator[str]:
    """An image that was attested without its tests holds as well: who wants them says so."""
    for verb in asked.required:
        found = [test for test in tests if _report(test)["annotations"].get("verb") == verb]
        passed = [test for test in found if test.text("predicate.result") == results.PASSED]
        if not passed:
            yield sentences.required(verb, [test.text("predicate.result") for test in found])
        elif verb == "prove" and not any(map(_all_caught, passed)):
            yield sentences.required_all(_report(passed[0])["annotations"])


def _all_caught(proof: Statement) -> bool:
    figures = _report(proof)["annotations"]
    killed = figures.get("killed")
    return type(killed) is int and killed > 0 and killed == figures.get("faults")


def _report(test: Statement) -> dict[str, Any]:
    """The report among what a result was made with: what has figures."""
    rows = [row for row in test.rows("predicate.configuration") if isinstance(row.get("annotations"), dict)]
    if len(rows) != 1:
        raise test.lacks("predicate.configuration")
    return rows[0]


def _dependency(built: Statement, name: str) -> str:
    row = _made_from(built, name)
    return built.text("digest.sha256", row) if row else ""


def _made_from(built: Statement, name: str) -> dict[str, Any]:
    rows = built.rows("predicate.buildDefinition.resolvedDependencies")
    return next((row for row in rows if row.get("name") == name), {})


def _byproducts(built: Statement) -> dict[str, str]:
    rows = built.rows("predicate.runDetails.byproducts")
    return {built.text("name", row): built.text("digest.sha256", row) for row in rows}


def _held(asked: Asked, built: Statement, tests: Sequence[Statement], notes: tuple[str, ...]) -> Holds:
    profile = "predicate.buildDefinition.externalParameters.profile"
    base = _made_from(built, "base")
    told = ({"result": test.text("predicate.result"), **_report(test)["annotations"]} for test in tests)
    return Holds(
        image=str(asked.image),
        key=keys.ident(asked.key),
        tool=built.text("predicate.runDetails.builder.version.nodebake"),
        profile=built.text(f"{profile}.name"),
        profile_sha256=built.text(f"{profile}.digest.sha256"),
        base=built.text("uri", base),
        base_sha256=built.text("digest.sha256", base),
        lock_sha256=_dependency(built, _LOCK),
        packages_sha256=_byproducts(built)[statements.PACKAGES],
        subjects=built.subjects,
        tests=tuple(told),
        notes=notes,
    )
