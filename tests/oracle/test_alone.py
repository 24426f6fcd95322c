"""The texts that a profile has once: a profile each, and the files and steps of many of them in one document."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from typing import Any

import hypothesis
import yaml
from hypothesis import strategies as st

from generator import __version__
from generator.model import Plan
from generator.settings.containerd import config
from generator.settings.kubelet import source
from generator.settings.swap import limited
from tests.oracle import meant, shell
from tests.oracle.fields import Read
from tests.oracle.process import Oracle
from tests.oracle.values import joined, many, taken

AT_ONCE = 50
DAILY = 50  # a plan of containerd takes thirty times as long as one of a file


def _count() -> int:
    """As many as the hypothesis profile says where that is `oracle`."""
    asked = hypothesis.settings().max_examples
    return asked if asked > 1000 else DAILY


def _joined(plans: list[Plan], name: str) -> Plan:
    """One plan with a file of all of them, each plan's below a folder of its own, and all of their steps."""
    files = [
        (stem, dataclasses.replace(file, path=f"/opt/{number}{file.path}"))
        for number, plan in enumerate(plans)
        for stem, file in plan.files
        if file.path.endswith(name)
    ]
    steps = tuple(step for plan in plans for step in plan.steps)
    return dataclasses.replace(plans[0], files=tuple(files), steps=steps)


def _read(oracles: list[Oracle], plan: Plan) -> Read:
    (steps,) = {meant.hold(oracle, plan) for oracle in oracles}
    files = meant.files(plan)
    return Read(files, shell.hold(plan, steps, set(files)))


_WORD = st.text("abcxyz0189", min_size=1)
_REGISTRY = st.builds("{}{}".format, joined(_WORD, ".", 3), st.just("") | st.integers(0, 65535).map(":{}".format))
_REST = joined(joined(_WORD, "-", 2) | joined(_WORD, "__", 2), "/", 3)
_TAG = st.text("abcXYZ019_.-", min_size=1, max_size=128).map(":{}".format)
_DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64).map("@sha256:{}".format)
SANDBOX = st.builds("{}/{}{}".format, _REGISTRY, _REST, _TAG | _DIGEST | st.builds("{}{}".format, _TAG, _DIGEST))
FOLDER = joined(st.text("abcXYZ019_@%+=:,.~-", min_size=1), "/", 4).map("/{}".format)
CONTAINERD = ("containerd", "properties")


def test_the_fields_of_containerd(
    oracles: list[Oracle], planned: Callable[[str], Plan], record_property: Callable[[str, object], None]
) -> None:
    names = ("sandbox_image", "bin_dir", "config_path")
    folder = FOLDER.filter(taken(*CONTAINERD, "bin_dir"))
    values = many(st.tuples(SANDBOX.filter(taken(*CONTAINERD, "sandbox_image")), folder, folder), _count())
    record_property("values", len(values))
    for start in range(0, len(values), AT_ONCE):
        wanted = [dict(zip(names, value, strict=True)) for value in values[start : start + AT_ONCE]]
        plans = [planned(yaml.safe_dump({"containerd": value})) for value in wanted]
        found = _read(oracles, _joined(plans, config.PATH))
        texts = [call.read.decode() for call in found.calls if call.words[0].startswith("file_")]
        assert [_fields(tomllib.loads(text), names) for text in texts] == wanted


def _fields(document: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, _, value in config.fields(document) if name in names}


_IN_AN_ADDRESS = "abcXYZ_~!$&()*+,;=:%-"
ADDRESS = st.builds(
    "{}://{}/{}".format,
    st.sampled_from(["http", "https"]),
    _REGISTRY,
    joined(st.text(_IN_AN_ADDRESS, min_size=1), "/", 4),
)
FINGERPRINT = st.text("0123456789ABCDEF", min_size=40, max_size=40)
VERSION = st.builds("1.{}.{}".format, st.integers(28, 37), st.integers(0, 99))


def test_the_repository_of_kubelet(
    oracles: list[Oracle], planned: Callable[[str], Plan], record_property: Callable[[str, object], None]
) -> None:
    """In the file that apt reads, and in the calls of the steps."""
    values = many(st.tuples(ADDRESS.filter(taken(*_REPOSITORY, "url")), FINGERPRINT, VERSION), _count())
    record_property("values", len(values))
    for start in range(0, len(values), AT_ONCE):
        wanted = values[start : start + AT_ONCE]
        plans = [planned(yaml.safe_dump(_kubelet(*value))) for value in wanted]
        found = _read(oracles, _joined(plans, source.SOURCE))
        texts = [call.read.decode() for call in found.calls if call.words[0].startswith("file_")]
        told = [line.split() for text in texts for line in text.splitlines() if line.startswith(("URIs", "Signed-By"))]
        urls, keys = [words[1:] for words in told[::2]], [words[1:] for words in told[1::2]]
        assert urls == [[f"{url}/"] for url, _, _ in wanted]
        assert keys == [[source.KEYRING, fingerprint] for _, fingerprint, _ in wanted]
        assert [words[1] for words in found.of("kubernetes_key")] == [f"{url}/" for url, _, _ in wanted]
        assert [words[1] for words in found.of("kubernetes_packages")] == [version for _, _, version in wanted]


_REPOSITORY = ("kubelet", "properties", "repository", "properties")


def _kubelet(url: str, fingerprint: str, version: str) -> dict[str, Any]:
    repository = {"url": url, "fingerprint": fingerprint}
    return {"containerd": {}, "kubelet": {"version": version, "repository": repository}}


def test_the_size_of_swap(
    oracles: list[Oracle], planned: Callable[[str], Plan], record_property: Callable[[str, object], None]
) -> None:
    mib = st.integers(16, 1 << 20).map("{}MiB".format) | st.integers(1, 1 << 10).map("{}GiB".format)
    values = many(mib, _count())
    record_property("values", len(values))
    for start in range(0, len(values), AT_ONCE):
        wanted = values[start : start + AT_ONCE]
        plans = [planned(f"swap: {{mode: limited, size: {value}}}\n") for value in wanted]
        found = _read(oracles, _joined(plans, limited.UNIT))
        said = [file.content.decode() for file in found.files.values()]
        assert len(said) == len(wanted)
        assert all(value in text for value, text in zip(wanted, said, strict=True))


def test_the_name(planned: Callable[[str], Plan], record_property: Callable[[str, object], None]) -> None:
    """It is the host's, and stands in comments."""
    plan = planned("modules: [overlay]\n")
    other = meant.user_data(plan).decode().splitlines()
    values = many(_name(), _count())
    record_property("values", len(values))
    for value in values:
        made = meant.artefacts(_named(plan, value))
        meta_data = yaml.safe_load(made["meta-data"].content)
        assert set(meta_data) == {"instance-id", "local-hostname"}
        assert meta_data["local-hostname"] == value
        assert meta_data["instance-id"].startswith(f"{value}-")
        pairs = zip(made["user-data"].content.decode().splitlines(), other, strict=True)
        told = {line.strip() for line, before in pairs if line != before}
        assert told <= {f"# Made by nodebake {__version__} from the profile {value}, sha256"}


def _name() -> st.SearchStrategy[str]:
    return st.from_regex("[a-z]([a-z0-9-]*[a-z0-9])?", fullmatch=True).filter(lambda name: len(name) <= 63)


def _named(plan: Plan, name: str) -> Plan:
    return dataclasses.replace(plan, profile=dataclasses.replace(plan.profile, name=name))
