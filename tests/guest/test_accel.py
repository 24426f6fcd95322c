"""The probe: KVM is what runs a guest, not what can be opened."""

from pathlib import Path

from generator.guest import accel


def test_this_host_has_an_accelerator_and_is_asked_once() -> None:
    found = accel.probe()
    assert (found.name, found.cpu) in {("kvm", "host"), ("tcg", accel.TCG_CPU)}
    assert found.why
    assert accel.probe() is found


def test_tcg_runs_the_sector() -> None:
    """So that a probe that fails says something about KVM, and not about the sector."""
    works, why = accel.answers("tcg", accel.TCG_CPU, seconds=30)
    assert works, why


def test_no_device(tmp_path: Path) -> None:
    assert accel.kvm_runs(tmp_path / "kvm") == (False, f"there is no {tmp_path}/kvm")


def test_one_that_takes_too_long_is_told() -> None:
    works, why = accel.answers("tcg", accel.TCG_CPU, seconds=0)
    assert not works
    assert "within 0 s" in why


def test_what_qemu_refuses_is_told() -> None:
    assert accel.answers("no-such-thing", "host") == (
        False,
        "no-such-thing is there but did not run a guest of 512 bytes: QEMU ended with 1",
    )
