"""What stands in for hours of boots: a Packer that bakes by a copy, and verdicts as verify and prove write them.

python -m tests.pipeline.stand_in PIPELINE OUT: as if the images of a pipeline had been tested.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from generator import pipeline
from generator.pipeline import stages
from generator.pipeline.work import PROVEN, VERIFIED, Work
from tests.image import fakes

# A bake leaves a line: the name of the image. What it makes differs with what was uploaded, as a real one does.
_BAKES = """*)
  image=$(sed -n 's/.*"name": "\\(.*\\)".*/\\1/p' build.pkrvars.json)
  echo "$image" >> "$FAKE_COUNT"
  cp base.qcow2 "disk/image/$image.qcow2"
  byte=$(cat upload/apply.sh upload/laid | sha256sum | cut -c1-2)
  qemu-io -f qcow2 -c "write -P 0x$byte 0 512" "disk/image/$image.qcow2" >/dev/null
  ;;"""
_COPIES = "*) cp base.qcow2 disk/image/node.qcow2 ;;"
PACKER = fakes.PACKER.replace(_COPIES, _BAKES)
assert _BAKES in PACKER


def verdicts(work: Work, *, image: str = "", ok: bool = True) -> dict[str, str]:
    """What verify and prove write of an image: all green, and all of one fault caught."""
    about = {"image_sha256": image or work.digest(work.image.name), "profile_sha256": work.cell.plan.profile.digest}
    tested = {**about, "base": "", "base_sha256": "", "tool": "", "qemu": "", "accelerator": "", "when": ""}
    row = {"check": "modules.overlay", "boot": 1, "status": "pass" if ok else "fail"}
    report = {"ok": ok, "tested": tested, "verdicts": [row]}
    trial = {"fault": "modules.overlay.forbidden", "verdict": "killed"}
    proof = {**about, "ok": True, "trials": [trial], "unproven": [], "partial": False, "host": "a test"}
    return {VERIFIED: json.dumps(report), PROVEN: json.dumps(proof)}


def mark_tested(work: Work) -> None:
    """As if the image had been verified and proven: what those stages leave, recorded as they do."""
    for name, content in {**verdicts(work), "verify.html": "a page"}.items():
        (work.folder / name).write_text(content)
    for name, file, told in (("verify", VERIFIED, "1 check"), ("prove", PROVEN, "1 fault")):
        more = [work.folder / "verify.html"] if name == "verify" else []
        work.kept.save(name, stages.DOING[name].parts(work), [work.folder / file, *more], told)


if __name__ == "__main__":
    loaded = pipeline.load(sys.argv[1])
    for cell in loaded.cells:
        mark_tested(Work(cell, loaded.pipeline, Path(sys.argv[2])))
