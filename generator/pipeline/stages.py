"""What each stage of an image is determined by, and what it does. `check` has been done before there is any work.

Parts of keys: what a build takes is in layers.py and work.py. A verdict is of an image, of a profile, and of all of
nodebake itself (keys.tool), since each of its files may decide what is green. Render and check are cheap, and are
never believed: all is rendered in every run, and only not written again.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import attest, bake, output, report
from generator import prove as proving
from generator import verify as verifying
from generator.attest import keys as signing
from generator.base import keys, seen, why
from generator.pipeline import sentences
from generator.pipeline.work import PROVEN, RESULTS, VERIFIED, Work
from generator.prove import formats as proofs
from generator.report import told

Done = tuple[str, Sequence[Path]]  # what there is to say of it, and the files that it has written


@dataclass(frozen=True, slots=True)
class Doing:
    """A stage: what determines it, and how it is done. `do` raises what the rooms below raise."""

    parts: Callable[[Work], Mapping[str, str]]
    do: Callable[[Work], Done]


def _render(work: Work) -> Done:
    with output.hold(work.folder):
        output.publish(work.folder, work.cell.plan, work.artefacts)
    return "", [work.folder / artefact.path for artefact in work.artefacts]


def unlisted(work: Work) -> str:
    """Why the manifest is to be written anew, as it does not list what is rendered; "" where it does."""
    if output.read_manifest(work.folder).get("artefacts") == output.listed(work.artefacts):
        return ""
    return (why.other if (work.folder / output.MANIFEST).exists() else why.gone)(output.MANIFEST)


def _build(work: Work) -> Done:
    made = bake.bake(work.cell.plan, work.artefacts, work.folder, locked=work.lock)
    seen.remember(made.path, made.sha256)
    return "", [made.path, work.folder / output.MANIFEST]


def _image_and_profile(work: Work) -> dict[str, str]:
    return {"the image": work.digest(work.image.name), why.PROFILE: work.cell.plan.profile.digest}


def _verify_parts(work: Work) -> Mapping[str, str]:
    return {**_image_and_profile(work), "the boots": str(work.pipeline.boots), "nodebake": keys.tool()}


def _verify(work: Work) -> Done:
    _remove(work, *RESULTS["verify"])
    made = verifying.verify(work.image, work.cell.plan, boots=work.pipeline.boots, chart=True)
    files = {VERIFIED: report.as_json(made), "verify.xml": report.junit(made), "verify.html": report.html(made)}
    written = [_write(work.folder / name, text) for name, text in files.items()]
    if not made.ok:
        raise sentences.red(list(told.reds(made)) or ["no check at all"])
    return sentences.checks(told.checks(made.verdicts), work.pipeline.boots), written


def chosen(work: Work) -> tuple[str, ...]:
    """The patterns of the pipeline that match a fault of this profile's."""
    ids = [fault.id for fault in work.cell.plan.faults]
    return tuple(glob for glob in work.pipeline.faults if fnmatch.filter(ids, glob))


def _prove_parts(work: Work) -> Mapping[str, str]:
    return {**_image_and_profile(work), "the faults": keys.digest(repr(sorted(chosen(work)))), "nodebake": keys.tool()}


def _prove(work: Work) -> Done:
    _remove(work, *RESULTS["prove"])
    only = None if "*" in work.pipeline.faults else chosen(work)
    proof = proving.prove(proving.Request(work.image, work.cell.plan, only, work.guests))
    files = {PROVEN: proofs.as_json(proof), "prove.xml": proofs.junit(proof), "proof.md": proofs.markdown(proof)}
    written = [_write(work.folder / name, text) for name, text in files.items()]
    if not proof.ok:
        wrong = [f"{trial.fault.id} ({trial.verdict})" for trial in proof.trials if trial.verdict != "killed"]
        raise sentences.survived([*wrong, *(f"{check} (no fault turns it red)" for check in proof.unproven)])
    return sentences.faults(proof.killed, len(proof.trials)), written


def _attest_parts(work: Work) -> Mapping[str, str]:
    key = signing.private(work.pipeline.path(work.pipeline.key))
    results = {
        "the manifest": work.digest(output.MANIFEST),  # of which it takes base, lock and tool
        "the verdict": work.digest(VERIFIED),
        "the proof": work.digest(PROVEN) if work.pipeline.faults else "none",
    }
    return {**_image_and_profile(work), **results, "the key": signing.ident(key.public_key()), "nodebake": keys.tool()}


def _attest(work: Work) -> Done:
    key = signing.private(work.pipeline.path(work.pipeline.key))
    proof = work.folder / PROVEN if work.pipeline.faults else None
    asked = attest.Asked(work.image, work.cell.plan, key, work.folder / VERIFIED, proof)
    return "", attest.attest(asked)


def _remove(work: Work, *names: str) -> None:
    """What an earlier run said of another image: should this one come to no end, nobody takes it for today's."""
    for name in names:
        (work.folder / name).unlink(missing_ok=True)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", errors="replace")
    return path


DOING: Mapping[str, Doing] = {
    "render": Doing(lambda work: {why.ARTEFACTS: work.rendered}, _render),
    "build": Doing(lambda work: work.baked_of, _build),
    "verify": Doing(_verify_parts, _verify),
    "prove": Doing(_prove_parts, _prove),
    "attest": Doing(_attest_parts, _attest),
}
