"""Swap that is on, of one size: what the node gets, what the kubelet is told, and that each check has a fault."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator import checks
from generator.model import Plan


@pytest.mark.parametrize("device", ["file", "zram"])
def test_every_expectation_of_limited_swap_has_a_fault(device: str, planned: Callable[[str], Plan]) -> None:
    plan = planned(f"swap: {{mode: limited, size: 1GiB, device: {device}}}\n")
    expected = {expect.id for expect in plan.expects if expect.id.startswith("swap.")}
    assert expected == {red for fault in plan.faults for red in fault.red if red.startswith("swap.")}
    assert {red for fault in plan.faults for red in fault.red} <= {expect.id for expect in plan.expects}


def test_zram_brings_its_module_and_a_file_needs_room(planned: Callable[[str], Plan]) -> None:
    assert "modules" not in planned("swap: {mode: limited, size: 1GiB}\n").settings
    assert planned("swap: {mode: limited, size: 1GiB}\n").room_mib > 1024
    zram = planned("swap: {mode: limited, size: 1GiB, device: zram}\n")
    assert zram.profile.settings["modules"] == ["zram"]
    assert zram.room_mib == 0


def file(plan: Plan, path: str) -> str:
    return next(file.content.decode() for _, file in plan.files if file.path == path)


def test_the_kubelet_is_told(planned: Callable[[str], Plan]) -> None:
    import yaml  # noqa: PLC0415

    plan = planned("swap: {mode: limited, size: 1GiB}\n")
    assert yaml.safe_load(file(plan, "/etc/kubernetes/kubelet.conf.d/20-nodebake-swap.conf")) == {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "failSwapOn": False,
        "memorySwap": {"swapBehavior": "LimitedSwap"},
    }
    unit = file(plan, "/etc/systemd/system/kubelet.service.d/20-nodebake-swap.conf")
    assert "--config=/var/lib/kubelet/config.yaml --config-dir=/etc/kubernetes/kubelet.conf.d" in unit


@pytest.mark.parametrize(
    ("settings", "gates"),
    [
        ('kubernetes: {version: "1.28", cni: none}\n', {"NodeSwap": True}),
        ('kubernetes: {version: "1.30", cni: none}\n', None),
        ('containerd: {}\nkubelet: {version: "1.28.15"}\n', {"NodeSwap": True}),
        ('containerd: {}\nkubelet: {version: "1.29.0"}\n', {"NodeSwap": True}),
        ('containerd: {}\nkubelet: {version: "1.30.1"}\n', None),
    ],
)
def test_a_kubelet_whose_gate_is_off_is_told_so(
    settings: str, gates: dict[str, bool] | None, planned: Callable[[str], Plan]
) -> None:
    """By whichever setting names the version; with the gate off, kubelet refuses swapBehavior and does not start."""
    import yaml  # noqa: PLC0415

    plan = planned(f"{settings}swap: {{mode: limited, size: 1GiB}}\n")
    config = yaml.safe_load(file(plan, "/etc/kubernetes/kubelet.conf.d/20-nodebake-swap.conf"))
    assert config.get("featureGates") == gates


@pytest.mark.parametrize("value", ["disabled", "{mode: limited, size: 1GiB}"])
def test_others_are_kept_out_in_both_modes(value: str, planned: Callable[[str], Plan]) -> None:
    plan = planned(f"swap: {value}\n")
    masked = next(step.call for step in plan.steps if step.name == "mask it")
    assert "/etc/systemd/system-generators/zram-generator" in masked
    assert "/etc/systemd/system/zramswap.service" in masked
    targets = [step.call for step in plan.steps if "/etc/systemd/system/swap.target" in step.call]
    assert [call[0] for call in targets] == ["linked_to_null" if value == "disabled" else "unlinked_from_null"]
    assert "ConditionPathExists=!/" in file(plan, "/etc/systemd/system/swap.d/zz-nodebake.conf")


def test_what_was_made_is_known_by_more_than_one_profile(planned: Callable[[str], Plan], tmp_path: Path) -> None:
    """The header of a file names the profile: an image that lacks another setting is not red for swap as well."""
    one, other = planned("swap: disabled\n"), planned("swap: disabled\nmodules: [overlay]\n")
    wants = [{e.id: e.args for e in plan.expects if e.kind == "file-as-made"} for plan in (one, other)]
    assert wants[0] == wants[1]
    assert one.files != other.files
    for path, file in ((tmp_path / str(number), file) for number, (_, file) in enumerate(one.files)):
        path.write_bytes(file.content)
        path.chmod(int(file.mode, 8))
        command = checks.KINDS["file-as-made"].observe(str(path), "")
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        made = [args[1].split()[-1] for args in wants[0].values() if args[0] == file.path]
        assert made == [told[-1]]
