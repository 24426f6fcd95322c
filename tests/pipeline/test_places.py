"""Places that could not be published to when all is done: they are refused before anything is begun."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import errors, output, pipeline
from generator.pipeline import places
from generator.pipeline.work import Work
from tests.conftest import ROOT
from tests.pipeline.conftest import Place, bakes
from tests.pipeline.test_publish import whole

PROVE = "prove: {faults: ['*']}\n"


@pytest.mark.parametrize(
    "to",
    [
        "file://published",
        "file://published/x",
        "FILE://published",
        "file://",
        "file://localhost",
        "file://[/x",
        "local://published",
        "local://localhost/x",
        "local://",
    ],
)
def test_a_machine_is_no_folder(place: Place, to: str) -> None:
    """It would go into the current folder."""
    place.write(extra=f"{PROVE}publish: {{to: '{to}'}}\n")
    with pytest.raises(errors.Refused) as caught:
        pipeline.load(str(place.file))
    (finding,) = caught.value.findings
    assert (finding.line, finding.path, finding.sentence) == (6, "publish.to", f"{to} is no folder of this machine")


@pytest.mark.parametrize(
    "to", ["published", "file:///x", "file://localhost/x", "local:///x", "memory://images", "s3://bucket", "s3://[", ""]
)
def test_all_else_is_asked_of_who_reaches_it(to: str) -> None:
    assert places.wrong(to) is None


@pytest.mark.parametrize(
    "to",
    [
        "out",
        "out/",
        "out/deeper/still",
        ".",
        "link",
        "file://{root}/out",
        "file://localhost{root}/out/x",
        "local://{root}/out",
    ],
)
def test_where_images_are_made_none_is_published(place: Place, to: str) -> None:
    """They would be found there when all is done, as something that no pipeline has put there."""
    (place.root / "link").symlink_to("out")
    place.write(extra=f"{PROVE}publish: {{to: '{to.format(root=place.root)}'}}\n")
    with pytest.raises(errors.NodebakeError, match=r"where images are published, and .*, where they are made, lie in"):
        place.made()
    assert not place.out.exists()


@pytest.mark.parametrize("error", ["EINVAL", "ENOSYS"])
def test_a_file_system_that_cannot_exchange_is_found_out_first(place: Place, error: str) -> None:
    """As NFS, 9p and some of FUSE answer: the kernel is made to, by strace."""
    strace = ["strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=renameat2", "-e", f"inject=renameat2:error={error}"]
    done = subprocess.run([*strace, *place.argv()], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == errors.TOOL
    assert f"{place.root}/published is on a file system that cannot exchange two folders in one step" in done.stderr
    assert f"publish to local://{place.root}/published" in done.stderr
    assert (bakes(place), place.out.exists()) == ([], False)
    assert not list(place.root.glob(".stage-*"))


def test_the_way_that_it_names_is_one(place: Place, proven: Callable[..., Work]) -> None:
    """Without any exchange."""
    place.extra = f"{PROVE}publish: {{to: 'local://{place.root}/published'}}\n"
    work = proven()
    made = place.made()
    assert made.ok, made
    there = place.root / "published" / work.cell.id
    said = json.loads((there / "published.json").read_text())
    assert (there / said["folder"] / "node.qcow2").read_bytes() == work.image.read_bytes()
    assert place.made(reread=True).unchanged


def test_the_try_leaves_nothing(tmp_path: Path) -> None:
    assert output.exchanges(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_told_by_who_writes(
    place: Place, proven: Callable[..., Work], monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that what is published and unchanged may be read-only."""
    work = proven()
    place.made()
    with monkeypatch.context() as patched:
        patched.setattr(output.scratch, "folder", _read_only)
        assert place.made().unchanged
    assert whole(place.root / "published" / work.cell.id)


def _read_only(*_: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))
