"""The rows, and what is told by names alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import errors, forms


def test_the_rows() -> None:
    assert {form.name: form.suffix for form in forms.known().values()} == {
        "qcow2": ".qcow2",
        "raw.zst": ".raw.zst",
        "vmdk": ".vmdk",
        "vhd": ".vhd",
    }
    for form in forms.known().values():
        assert form.use
        assert form.sources
        assert all(source.startswith("https://") for source in form.sources)


def test_what_qemu_img_is_told() -> None:
    assert {name: " ".join(form.written) for name, form in forms.known().items()} == {
        "qcow2": "-O qcow2 -c -o compat=1.1,compression_type=zlib",
        "raw.zst": "-O raw",
        "vmdk": "-O vmdk -m 1 -o adapter_type=lsilogic,subformat=streamOptimized,compat6=on",
        "vhd": "-O vpc -o subformat=fixed,force_size=on",
    }


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["qcow2"], ["qcow2"]),
        (["qcow2,vmdk"], ["qcow2", "vmdk"]),
        (["vmdk", "raw.zst,vmdk"], ["vmdk", "raw.zst"]),
        ([], []),
    ],
)
def test_chosen(words: list[str], names: list[str]) -> None:
    assert [form.name for form in forms.chosen(words)] == names


@pytest.mark.parametrize("word", ["vdi", "", "qcow2,", "VHD", "../x", "a\x1b[2J"])
def test_no_such_form(word: str) -> None:
    with pytest.raises(errors.NodebakeError) as caught:
        forms.chosen([word])
    assert caught.value.exit_code == errors.REFUSED
    assert caught.value.sentence.startswith("there is no format '")
    assert "\x1b" not in caught.value.sentence
    assert caught.value.hint == "there are: qcow2, raw.zst, vmdk, vhd"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("node.qcow2", "node"),
        ("node.raw.zst", "node"),
        ("node.raw", "node"),
        ("node.vmdk", "node"),
        ("a.b.vhd", "a.b"),
        ("ubuntu.img", "ubuntu"),
        ("node", "node"),
        (".qcow2", ".qcow2"),
        ("node.zst", "node"),
    ],
)
def test_stem(name: str, stem: str) -> None:
    assert forms.stem(Path("folder") / name) == stem
