"""containerd: what its setting brings, its config.toml, and what is said of what a node saw."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import checks, data, judge, observation, render
from generator.formats import observer
from generator.model import Observation, Plan
from generator.settings.containerd import config

CRI = "io.containerd.grpc.v1.cri"
FIELDS = """containerd:
  SystemdCgroup: false
  snapshotter: native
  sandbox_image: r.example:5000/a/pause:1
  bin_dir: /b
  config_path: /c
"""
CONTAINER = "containerd.container"


def _toml(plan: Plan) -> dict[str, dict[str, dict[str, object]]]:
    return tomllib.loads(next(file.content.decode() for stem, file in plan.files if stem == "containerd"))


def _want(plan: Plan) -> dict[str, str]:
    return {expect.id: expect.want for expect in plan.expects}


@pytest.mark.parametrize("base", ["debian-12", "debian-13"])
def test_defaults(planned: Callable[[str], Plan], base: str) -> None:
    """The file is the distribution's, with what kubelet needs in it."""
    plan = planned(f"base: {base}\ncontainerd: {{}}\n")
    assert _toml(plan) == {
        "version": 2,
        "plugins": {
            CRI: {
                "cni": {"bin_dir": "/usr/lib/cni", "conf_dir": "/etc/cni/net.d"},
                "containerd": {
                    "snapshotter": "overlayfs",
                    "runtimes": {"runc": {"runtime_type": "io.containerd.runc.v2", "options": {"SystemdCgroup": True}}},
                },
            },
            "io.containerd.internal.v1.opt": {"path": "/var/lib/containerd/opt"},
        },
    }


def test_what_it_brings(planned: Callable[[str], Plan]) -> None:
    want = _want(planned("containerd: {}\n"))
    assert want["packages.containerd.installed"] == "installed"
    assert want["services.containerd.service.enabled"] == "enabled running"
    assert want["modules.overlay.persisted"]
    assert want["containerd.SystemdCgroup"] == "true"


def test_each_field_is_written_and_expected(planned: Callable[[str], Plan]) -> None:
    plan = planned(FIELDS)
    want = _want(plan)
    assert "modules.overlay.loaded" not in want
    assert {name: want[f"containerd.{name}"] for name in ("SystemdCgroup", "snapshotter", "sandbox_image")} == {
        "SystemdCgroup": "false",
        "snapshotter": "native",
        "sandbox_image": "r.example:5000/a/pause:1",
    }
    cri = _toml(plan)["plugins"][CRI]
    assert (cri["sandbox_image"], cri["cni"], cri["registry"]) == (
        "r.example:5000/a/pause:1",
        {"bin_dir": "/b", "conf_dir": "/etc/cni/net.d"},
        {"config_path": "/c"},
    )
    assert {expect.args for expect in plan.expects if expect.id == CONTAINER} == {("native", "cgroupfs")}


def test_every_field_of_the_schema_has_its_place_and_its_default() -> None:
    schema = json.loads((data.SCHEMAS / "settings/containerd.json").read_text())["properties"]
    assert set(schema) | {"runtime_type"} == set(config.places({"version": 2}))
    assert {name: row["default"] for name, row in schema.items() if "default" in row}.items() < config.DEFAULTS.items()


def test_a_pinned_package_is_not_asked_for_twice(planned: Callable[[str], Plan]) -> None:
    want = _want(planned("containerd: {}\npackages: [containerd=1.7.24~ds1-6]\n"))
    assert want["packages.containerd.installed"] == "installed 1.7.24~ds1-6"


def test_order(planned: Callable[[str], Plan]) -> None:
    """The package lays its own file first; the unit is looked at when the daemon has read ours."""
    order = planned("containerd: {}\n").settings
    assert order.index("packages") < order.index("modules") < order.index("containerd") < order.index("services")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_itself_in_toml(text: str) -> None:
    assert tomllib.loads(render.to_toml({"a": {text: text}})) == {"a": {text: text}}


PLUGINS = """Type:          io.containerd.snapshotter.v1
ID:            overlayfs
Platforms:     linux/amd64
Exports:
               root      /var/lib/containerd/io.containerd.snapshotter.v1.overlayfs
Error:
               Code:        Unknown
               Message:     failed to mount overlay: no such device: skip plugin

Type:          io.containerd.grpc.v1
ID:            cri
Requires:
               io.containerd.snapshotter.v1
Platforms:     linux/amd64
"""
DUMP = f"""imports = ["/etc/containerd/config.toml", "/etc/containerd/conf.d/zz.toml"]
version = 2
[plugins."{CRI}".containerd.runtimes.runc.options]
SystemdCgroup = false
"""
SAID: list[tuple[str, int, str, bool, str]] = [
    ("SystemdCgroup", 0, DUMP.replace("false", "true").replace(', "/etc/containerd/conf.d/zz.toml"', ""), True, "true"),
    ("SystemdCgroup", 0, DUMP, False, "false, out of /etc/containerd/config.toml, /etc/containerd/conf.d/zz.toml"),
    ("snapshotter", 0, "version = 2\n", False, "nothing"),
    ("snapshotter", 0, "plugins = 1\n", False, "nothing"),
    ("snapshotter", 0, "no toml", False, "containerd config dump is not TOML: Expected '=' after a key"),
    (
        "snapshotter",
        127,
        "sh: 1: containerd: not found\n",
        False,
        "sh failed with exit code 127: sh: 1: containerd: not",
    ),
    ("plugin-cri", 0, PLUGINS, True, "ok"),
    ("plugin-snapshotter", 0, PLUGINS, False, "failed to mount overlay: no such device: skip plugin"),
    ("plugin-snapshotter", 0, "", False, "containerd runs without this plugin"),
    ("plugin-cri", 1, "ctr: cannot dial\n", False, "ctr failed with exit code 1: ctr: cannot dial"),
    ("current", 0, "/etc/containerd/config.toml as it is now\n", True, "/etc/containerd/config.toml as it is now"),
    ("current", 0, "/etc/other.toml as it is now\n", False, "/etc/other.toml as it is now"),
    ("container", 0, "it ran, and was removed\n", True, "it ran, and was removed"),
    ("container", 1, "it ran, and was removed\n", False, "it ran, and was removed"),
    ("container", 1, "a\nthe container did not run: because\n", False, "the container did not run: because"),
    ("container", 0, "", False, "nothing printed"),
]


@pytest.mark.parametrize(("name", "code", "out", "holds", "found"), SAID)
def test_judge(planned: Callable[[str], Plan], name: str, code: int, out: str, holds: bool, found: str) -> None:
    expects = {expect.id: expect for expect in planned("containerd: {}\n").expects}
    expect = expects[f"containerd.{name}"]
    held, told = checks.judge(expect, Observation(checks.command(expect)[:1], code, out.encode()))
    assert (held, told.startswith(found)) == (holds, True), told


def test_only_the_container_acts_on_the_node(planned: Callable[[str], Plan]) -> None:
    """And what shows that the module works which it brings."""
    acting = {expect.id for expect in planned("containerd: {}\n").expects if checks.is_probe(expect)}
    assert acting == {CONTAINER, "modules.overlay.stacked"}


@pytest.mark.parametrize(
    ("probes", "live", "status"),
    [
        (False, True, "skipped"),
        (True, True, "unobserved"),  # it was asked for, and did not come
        (False, False, "unobserved"),  # a guest that is there to be judged does not get away with less
    ],
)
def test_a_probe_that_was_not_asked_for(planned: Callable[[str], Plan], probes: bool, live: bool, status: str) -> None:
    plan = planned("containerd: {}\n")
    commands = observer.digest(observer.commands(plan))
    hello = json.dumps({"hello": "nodebake/v1", "boot_id": "a", "commands": commands, "probes": probes})
    seen = observation.read([hello], observer.commands(plan))
    found = {verdict.expect.id: verdict.status for verdict in judge.boots(plan, [seen], live=live)}
    assert found[CONTAINER] == status
    assert found["containerd.SystemdCgroup"] == "unobserved"


def test_the_seed_of_verify_asks_for_probes(planned: Callable[[str], Plan]) -> None:
    assert "observe.sh --probes >" in observer.vendor_data(planned("containerd: {}\n")).decode()


def test_a_module_that_containerd_loads_is_loaded_although_nothing_lists_it(planned: Callable[[str], Plan]) -> None:
    red = {
        settings: next(fault.red for fault in planned(settings).faults if fault.id == "modules.overlay.unlisted")
        for settings in ("containerd: {}\n", "modules: [overlay]\n")
    }
    assert list(red.values()) == [
        {"modules.overlay.persisted"},
        {"modules.overlay.persisted", "modules.overlay.loaded"},
    ]
