import pytest

from generator.image.lines import Event, parse


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("1700000000,,version,1.6.6\n", Event("", "version", ("1.6.6",))),
        ("1,,ui,say,==> a: b%!(PACKER_COMMA) c", Event("", "ui", ("say", "==> a: b, c"))),
        ("1,,ui,message,one\\ntwo\\r", Event("", "ui", ("message", "one\ntwo\r"))),
        ("1,qemu.image,error,why", Event("qemu.image", "error", ("why",))),
        ("1,qemu.image,artifact,0,nil", Event("qemu.image", "artifact", ("0", "nil"))),
        ("1,,ui", Event("", "ui", ())),
        ("1,ui", None),
        ("Usage: packer [--version] [--help] <command>", None),
        ("2026/01/01 log, with, commas, in it", None),
        ("", None),
        (",,,", None),
    ],
)
def test_parse(line: str, event: Event | None) -> None:
    assert parse(line) == event


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("==> qemu.image: Starting VM", "Starting VM"),
        ("    qemu.image: file: a b", "file: a b"),
        ("    qemu.image: \x1b[31mred\x1b[0m\x07", "red"),
        ("Build 'qemu.image' finished.", "Build 'qemu.image' finished."),
    ],
)
def test_text_is_without_the_build_and_safe(raw: str, text: str) -> None:
    assert Event("", "ui", ("say", raw)).text == text
