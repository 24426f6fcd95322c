"""A small real disk, as qcow2, and it in every form."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from generator import forms
from generator.forms import convert
from tests import images
from tests.guest import sectors

HELLO = b"\r\nHELLO\r\n"


def disk(folder: Path, bytes_more: int = 0) -> Path:
    """node.qcow2: partitions, an ext4 root, and a boot record that says HELLO on the serial port."""
    made = images.disk(folder, images.CLEAN)
    with made.path.open("r+b") as file:
        file.write(sectors.prints(HELLO))
        file.truncate((12 << 20) + bytes_more)
    image = folder / "node.qcow2"
    subprocess.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", made.path, image], check=True)
    made.path.unlink()
    return image


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return disk(tmp_path_factory.mktemp("disk"))


@pytest.fixture(scope="session")
def made(image: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files, by the names of their forms."""
    folder = tmp_path_factory.mktemp("forms")
    return {one.form.name: one.path for one in convert.convert(image, list(forms.known().values()), folder)}
