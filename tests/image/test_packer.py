"""Which Packer, and how it is run."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from generator import data, doctor, errors
from generator.image import packer
from generator.image.lines import Event
from tests.image import fakes


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("1.6.6", (1, 6, 6)), ("1.16.0", (1, 16, 0)), ("1.15.0-dev", (1, 15, 0)), ("v1.9.5", (1, 9, 5))],
)
def test_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, numbers: tuple[int, ...]) -> None:
    monkeypatch.setenv("NODEBAKE_PACKER", str(fakes.packer(tmp_path)))
    monkeypatch.setenv("FAKE_VERSION", version)
    found = packer.locate()
    assert (found.path, found.numbers) == (str(tmp_path / "packer"), numbers)
    assert (found.numbers >= packer.WITHOUT_QEMU) == (numbers > (1, 10))


@pytest.mark.parametrize(
    "impostor", ["exec sleep 300", "cat > /dev/null; echo 0 0", "exit 1", "echo '1,,version'", "echo 1.6.6"]
)
def test_an_impostor_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impostor: str) -> None:
    for name, script in (("first", f"#!/bin/sh\n{impostor}\n"), ("second", fakes.PACKER)):
        (tmp_path / name).mkdir()
        fakes.packer(tmp_path / name, script)
    monkeypatch.setattr(packer, "ANSWER", 0.5)
    monkeypatch.delenv("NODEBAKE_PACKER", raising=False)
    monkeypatch.setenv("PATH", f"{tmp_path / 'first'}:{tmp_path / 'second'}:{os.environ['PATH']}")
    assert packer.locate().path == str(tmp_path / "second" / "packer")


def test_one_that_is_named_is_not_replaced_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODEBAKE_PACKER", str(fakes.packer(tmp_path, "#!/bin/sh\nexit 0\n")))
    with pytest.raises(errors.ToolError, match="is not HashiCorp's Packer"):
        packer.locate()
    monkeypatch.setenv("NODEBAKE_PACKER", str(tmp_path / "nothing"))
    with pytest.raises(errors.ToolError, match=r"names .*/nothing, which is not a program") as caught:
        packer.locate()
    assert caught.value.hint.startswith("correct NODEBAKE_PACKER")


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packer, "_PLACES", ())
    monkeypatch.delenv("NODEBAKE_PACKER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(errors.ToolError, match="packer is not installed"):
        packer.locate()


@pytest.mark.parametrize(
    ("version", "listed", "has"),
    [
        ("1.9.5", "exit 1", True),
        ("1.16.0", "echo /plugins/github.com/hashicorp/qemu/packer-plugin-qemu_v1.1.4_x5.0_linux_amd64", True),
        ("1.16.0", "echo /plugins/github.com/hashicorp/docker/packer-plugin-docker_v1.1.4_x5.0_linux_amd64", False),
        ("1.10.0", ":", False),
    ],
)
def test_the_qemu_builder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, listed: str, has: bool
) -> None:
    script = f'#!/bin/sh\ncase $* in "plugins installed") {listed} ;; *) echo "1,,version,{version}" ;; esac\n'
    monkeypatch.setenv("NODEBAKE_PACKER", str(fakes.packer(tmp_path, script)))
    assert packer.has_qemu(packer.locate()) is has
    found = doctor._packer()
    assert found.ok is has
    if not has:
        plugins = data.PACKER / "plugins.pkr.hcl"
        assert found.found.endswith(f"has no QEMU plugin; once, with the network at hand: packer init {plugins}")
        assert plugins.is_file()
        assert found.package == ""


def test_doctor_advises_to_correct_the_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Installing another would not help: the one that is named is taken, and no other."""
    monkeypatch.setenv("NODEBAKE_PACKER", str(tmp_path / "nothing"))
    found = doctor._packer()
    assert (found.ok, found.package) == (False, "")
    assert "; correct NODEBAKE_PACKER, or unset it" in found.found


def run(tmp_path: Path, script: str, **options: object) -> tuple[int, list[Event], packer.Packer]:
    events: list[Event] = []
    program = packer.Packer(str(fakes.packer(tmp_path, script)), events.append, tmp_path, {"MARK": "here"})
    return asyncio.run(program.build("t.pkr.hcl", **options)), events, program


def test_arguments_environment_and_exit_code(tmp_path: Path) -> None:
    script = '#!/bin/sh\necho "$@"\necho "1,,ui,say,$MARK $CHECKPOINT_DISABLE $(pwd)"\nexit 7\n'
    code, events, program = run(tmp_path, script, var_file="v.json", on_error="cleanup")
    assert code == 7
    assert program.other == ["build -machine-readable -var-file=v.json -on-error=cleanup t.pkr.hcl"]
    assert [event.text for event in events] == [f"here 1 {tmp_path}"]


def test_lines_come_as_they_are_printed(tmp_path: Path) -> None:
    came: list[float] = []
    script = "#!/bin/sh\necho 1,,ui,say,a\nsleep 1\necho 1,,ui,say,b\n"
    program = packer.Packer(str(fakes.packer(tmp_path, script)), lambda _: came.append(time.monotonic()), tmp_path, {})
    assert asyncio.run(program.build("t")) == 0
    assert came[1] - came[0] > 0.5


def test_a_long_line_is_read(tmp_path: Path) -> None:
    script = "#!/bin/sh\nprintf 1,,ui,message,\nhead -c 300000 /dev/zero | tr '\\0' x\necho\n"
    _, events, _ = run(tmp_path, script)
    assert len(events[0].text) == 300000
