"""The packages layer: what it is made of, what invalidates it, and that a bake begins with it."""

from __future__ import annotations

import dataclasses
import hashlib
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from generator import bake, data, errors, formats, layers
from generator import plan as planning
from generator import profile as profiles
from generator.base import keys
from generator.model import Artefact, Image, Plan
from generator.settings.kubelet import source
from tests.image import fakes

START = Image(Path("/base.qcow2"), "ab" * 32)
OURS = "name: node\npackages: [socat]\nsysctl: {net.ipv4.ip_forward: 1}\n"
Planned = Callable[[str], Plan]


@pytest.fixture
def plan_of() -> Planned:
    def made(text: str) -> Plan:
        raw = f"apiVersion: nodebake/v1\n{text}".encode()
        return planning.of(profiles.of_bytes(raw, "node.yaml"))

    return made


def parts(plan: Plan, start: Image = START) -> keys.Parts:
    lower = layers.below(plan)
    assert lower is not None
    return layers.parts(lower, start)


def test_nothing_dear_no_layer(plan_of: Planned) -> None:
    plan = plan_of("name: node\nsysctl: {net.ipv4.ip_forward: 1}\n")
    assert layers.below(plan) is None
    assert layers.begun(plan, START) == "none"
    assert layers.packages(plan, START, layers.Bench(Path("/nowhere"))) == START


def test_it_has_all_that_comes_before_packages_and_nothing_after(plan_of: Planned) -> None:
    text = "users: [{name: ops, sudo: true}]\nfiles: [{path: /etc/apt/a.list, content: 'x'}]\n"
    lower = layers.below(plan_of(OURS + text))
    assert lower is not None
    assert lower.settings == ("users", "files", "packages")
    assert {stem for stem, _ in lower.files} == {"users", "files"}
    assert [step.setting for step in lower.steps if step.setting == "packages"] == ["packages"]
    assert (lower.expects, tuple(lower.faults)) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        OURS.replace("ip_forward: 1", "ip_forward: 0"),
        OURS.replace("name: node", "name: other"),
        f"{OURS}# a comment\n",
        f"{OURS}swap: disabled\nmodules: [overlay]\n",
    ],
)
def test_a_later_setting_begins_with_it(text: str, plan_of: Planned) -> None:
    """So do profiles of other names: it is the same layer for all of them."""
    assert layers.begun(plan_of(text), START) == layers.begun(plan_of(OURS), START)


SUDO = "users: [{name: ops, sudo: true}]\n"


def test_also_where_a_file_says_which_profile_it_was_made_from(plan_of: Planned) -> None:
    one, other = plan_of(OURS + SUDO), plan_of(OURS.replace("ip_forward: 1", "ip_forward: 0") + SUDO)
    assert one.files != other.files  # the sha256 of the profile stands in sudoers
    assert layers.begun(one, START) == layers.begun(other, START)


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        (OURS.replace("socat", "socat, ethtool"), ["packages"]),
        (f"{OURS}users: [{{name: ops}}]\n", ["users", "templates"]),
        (f"{OURS}files: [{{path: /etc/apt/a.list, content: 'x'}}]\n", ["files"]),
    ],
)
def test_what_may_matter_to_a_package_makes_another(text: str, changed: list[str], plan_of: Planned) -> None:
    found = keys.changed(parts(plan_of(OURS)), parts(plan_of(text)))
    assert sorted(set(found) - {"what is uploaded"}) == sorted(changed)


def test_another_base_makes_another(plan_of: Planned) -> None:
    plan = plan_of(OURS)
    assert keys.changed(parts(plan), parts(plan, Image(START.path, "cd" * 32))) == ["base"]


def _copied(folder: Path, source: Path) -> Path:
    subprocess.run(["cp", "-r", str(source), str(folder)], check=True)
    return folder / source.name


@pytest.mark.parametrize(
    ("where", "name", "changed"),
    [
        ("PACKER", "build.pkr.hcl", "packer/"),
        ("PACKER", "scripts/sysprep.sh", "packer/"),
        ("TEMPLATES", "packages/steps.sh", "templates"),
        ("TEMPLATES", "lib/steps.sh", "templates"),
    ],
)
def test_a_template_makes_another(
    where: str, name: str, changed: str, plan_of: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(OURS)
    before = parts(plan)
    copy = _copied(tmp_path, getattr(data, where))
    monkeypatch.setattr(data, where, copy)
    assert parts(plan) == before
    with (copy / name).open("a") as file:
        file.write("\n# a word\n")
    assert changed in keys.changed(before, parts(plan))


def test_a_template_of_a_later_setting_does_not(
    plan_of: Planned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = plan_of(OURS)
    before = parts(plan)
    copy = _copied(tmp_path, data.TEMPLATES)
    monkeypatch.setattr(data, "TEMPLATES", copy)
    (copy / "sysctl" / "steps.sh").write_text("# other\n")
    assert parts(plan) == before


def test_another_version_makes_another(plan_of: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = plan_of(OURS)
    before = parts(plan)
    monkeypatch.setattr(layers, "__version__", "99")
    assert keys.changed(before, parts(plan)) == ["nodebake"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a short name, a base in it, and a fake Packer that notes what it is given."""
    with tempfile.TemporaryDirectory(prefix="nbl-", dir="/tmp") as name:
        root = Path(name)
        subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", f"{root}/base.qcow2", "1M"], check=True)
        noting = """*) image=$(sed -n 's/.*"name": "\\(.*\\)".*/\\1/p' build.pkrvars.json)
          echo "$image of $(readlink base.qcow2)" >> "$FAKE_COUNT"
          cp base.qcow2 "disk/image/$image.qcow2" ;;"""
        script = fakes.PACKER.replace("*) cp base.qcow2 disk/image/node.qcow2 ;;", noting)
        for variable, value in {
            "NODEBAKE_CACHE": f"{root}/cache",
            "NODEBAKE_PACKER": str(fakes.packer(root, script)),
            "FAKE": "",
            "FAKE_COUNT": f"{root}/bakes",
        }.items():
            monkeypatch.setenv(variable, value)
        monkeypatch.setattr(tempfile, "tempdir", name)
        yield root


def _plan(root: Path, plan_of: Planned, modules: str = "[overlay]") -> Plan:
    base = root / "base.qcow2"
    digest = hashlib.sha256(base.read_bytes()).hexdigest()
    pin = f"base: {{url: '{base.as_uri()}', sha256: {digest}, distro: debian-13}}\n"
    return plan_of(f"name: node\npackages: [socat]\nmodules: {modules}\n{pin}")


def _baked(root: Path, plan: Plan) -> list[str]:
    artefacts: list[Artefact] = [made for form in formats.stems().values() for made in form.artefacts(plan)]
    bake.bake(plan, artefacts, root / "out")
    lines = (root / "bakes").read_text().splitlines()
    (root / "bakes").unlink()
    return lines


def test_a_bake_begins_with_its_layer_and_another_bake_too(place: Path, plan_of: Planned) -> None:
    first = _baked(place, _plan(place, plan_of))
    layer = next(place.glob("cache/base/debian-13-layer-*/layer.qcow2"))
    assert [line.partition(" of ")[0] for line in first] == ["layer", "node"]
    assert first[1] == f"node of {layer}"
    assert _baked(place, _plan(place, plan_of, "[overlay, br_netfilter]")) == [f"node of {layer}"]
    assert (
        f'"layer_sha256": "{hashlib.sha256(layer.read_bytes()).hexdigest()}"'
        in (place / "out" / "manifest.json").read_text()
    )


NODE = OURS.replace("socat", "socat, iptables")
KUBELET = "kubernetes: {version: 1.34.2, cni: none}\ncontainerd: {}\nkubelet: {tools: [kubeadm]}\n"


def test_of_a_later_setting_it_has_what_that_fetches(plan_of: Planned) -> None:
    """kubelet comes after the kernel's parameters, and an edit of one shall install nothing again."""
    plan = plan_of(NODE + KUBELET)
    lower = layers.below(plan)
    assert lower is not None
    assert lower.settings == ("packages", "kubelet")
    assert [step.call[0] for step in lower.steps if step.setting == "kubelet"] == [
        "kubernetes_key",
        "kubernetes_packages",
        "kubernetes_held",
    ]
    assert [file.path for stem, file in lower.files if stem == "kubelet"] == [source.SOURCE, source.PIN]
    assert [file for file in plan.files if file[1].path == source.SOURCE] != [
        file for file in lower.files if file[1].path == source.SOURCE
    ]  # only in whom they say that they were made from


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (KUBELET.replace("1.34.2", "1.34.3"), True),
        (KUBELET.replace("[kubeadm]", "[]"), True),
        (KUBELET.replace("kubeadm]", "kubeadm], plugins: containernetworking-plugins"), True),
        (KUBELET.replace("kubeadm]", f"kubeadm], repository: {{fingerprint: {'A' * 40}}}"), True),
        (
            KUBELET.replace("kubeadm]", f"kubeadm], images: [{{name: 'a.b/c:1', archive: /x, sha256: {'ab' * 32}}}]"),
            False,
        ),
        (KUBELET.replace("cni: none", "cni: calico"), False),
        (f"{KUBELET}swap: disabled\n", False),
    ],
)
def test_kubelets_packages_are_in_the_key(text: str, other: bool, plan_of: Planned) -> None:
    assert (layers.begun(plan_of(NODE + text), START) != layers.begun(plan_of(NODE + KUBELET), START)) is other


def test_so_is_the_mirror(plan_of: Planned, tmp_path: Path) -> None:
    plan = plan_of(NODE + KUBELET.replace("kubeadm]", f"kubeadm], repository: {{mirror: {tmp_path}}}"))
    before = layers.begun(plan, START)
    (tmp_path / "InRelease").write_text("of today\n")
    assert layers.begun(plan, START) != before


def test_a_layer_that_fails_leaves_nothing(place: Path, plan_of: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE", "fail")
    with pytest.raises(errors.ToolError, match="the build failed while applying") as caught:
        _baked(place, _plan(place, plan_of))
    assert caught.value.hint == f"the logs are in {place / 'out' / 'logs' / 'packages'}"
    assert list(place.glob("cache/base/*layer*.qcow2")) + list(place.glob("cache/base/.*")) == []
    assert not (place / "out" / "node.qcow2").exists()


def test_the_plan_is_the_same_but_for_what_comes_later(plan_of: Planned) -> None:
    plan = plan_of(OURS + SUDO)
    lower = layers.below(plan)
    assert lower is not None
    steps = [step for step in plan.steps if step.setting in lower.settings]
    assert list(lower.steps) == steps
    assert dataclasses.replace(lower, profile=plan.profile).distro == plan.distro
