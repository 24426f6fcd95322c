"""The program of the image runs here as it does in a container, and the archive is what containerd takes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
from pathlib import Path

from tests.kubernetes import container


def test_the_program_says_its_word_and_waits(tmp_path: Path) -> None:
    path = tmp_path / "pause"
    path.write_bytes(container.program(b"nodebake: this pod runs\n"))
    path.chmod(0o755)
    with subprocess.Popen([path], stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == b"nodebake: this pod runs\n"
        assert running.poll() is None
        running.kill()


def test_the_archive_is_a_layout(tmp_path: Path) -> None:
    path = tmp_path / "pause.tar"
    sha256 = container.archive(path, "nodebake.invalid/pause:1")
    assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    with tarfile.open(path) as tar:
        blobs = {name: tar.extractfile(name).read() for name in tar.getnames()}  # type: ignore[union-attr]
    (manifest,) = json.loads(blobs["index.json"])["manifests"]
    assert manifest["annotations"]["io.containerd.image.name"] == "nodebake.invalid/pause:1"
    for name, content in blobs.items():
        if name.startswith("blobs/"):
            assert name == f"blobs/sha256/{hashlib.sha256(content).hexdigest()}"
