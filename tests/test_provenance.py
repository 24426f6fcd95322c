"""What was tested: from the image's own bytes, and from the manifest only where it speaks of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import provenance
from generator.model import Plan

DIGEST = "ab" * 32
TOLD = {"image": {"sha256": DIGEST, "base": "debian-13", "base_sha256": "cd" * 32}}


@pytest.mark.parametrize(
    ("manifest", "base_sha256"),
    [
        (json.dumps(TOLD), "cd" * 32),
        (json.dumps({"image": {**TOLD["image"], "sha256": "00" * 32}}), ""),  # of yesterday's image
        (json.dumps({"image": None}), ""),
        ("[" * 100_000, ""),
        ("no JSON", ""),
        (None, ""),
    ],
    ids=["ours", "another's", "null", "deep", "text", "none"],
)
def test_the_base_is_known_from_the_manifest(
    k8s_node: Plan, tmp_path: Path, manifest: str | None, base_sha256: str
) -> None:
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    tested = provenance.of(tmp_path / "node.qcow2", DIGEST, k8s_node, 0.0)
    assert (tested.base, tested.base_sha256) == ("debian-13", base_sha256)
    assert tested.image_sha256 == DIGEST
    assert tested.profile_sha256 == k8s_node.profile.digest
    assert tested.when == "1970-01-01T00:00:00Z"
    assert tested.qemu.startswith("QEMU emulator version ")
    assert tested.accelerator.partition(",")[0] in {"kvm", "tcg"}


def test_a_pinned_base_is_known_from_the_profile(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    pin = f'base: {{url: "https://node.example/a.qcow2", sha256: {"ef" * 32}, distro: debian-12}}\n'
    tested = provenance.of(tmp_path / "node.qcow2", DIGEST, planned(pin), 0.0)
    assert (tested.base, tested.base_sha256) == ("https://node.example/a.qcow2", "ef" * 32)
