"""YAML within a profile's files is somebody else's: whatever it is, reading it is no fault of ours."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import foreign
from generator.model import Plan

BOMB = "a: &a [x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(code)}: &{chr(code)} [{', '.join([f'*{chr(code - 1)}'] * 9)}]\n" for code in range(98, 122)
)
NASTY = {
    "deep": "[" * 100_000,
    "deep and closed": "[" * 3000 + "]" * 3000,
    "deep mappings": "{a: " * 50_000,
    "a bomb": f"{BOMB}swap: {{size: *y}}\n",
    "itself": "&a {swap: *a}",
    "no such date": "a: 2024-13-45",
    "5000 digits": f"swap: {{size: {'9' * 5000}}}",
    "a tag": "!!python/object/apply:os.system [id]",
    "a tag that does not fit": "!!omap [a]",
    "a key that is a list": "? [a]\n: 1",
    "two documents": "a: 1\n---\nb: 2\n",
    "a list": "- a\n",
    "no YAML": "a: [",
    "nothing": "",
}


@pytest.mark.parametrize("name", NASTY)
def test_it_says_nothing(name: str) -> None:
    assert foreign.mapping(NASTY[name]) == {}


def test_it_is_read() -> None:
    assert foreign.mapping("failSwapOn: true\na: {b: [1]}\n") == {"failSwapOn": True, "a": {"b": [1]}}


@given(st.text(max_size=80) | st.text("[]{}:,-&*!|>'\"#%@ \nab01.", max_size=60))
def test_whatever_it_is(text: str) -> None:
    assert isinstance(foreign.mapping(text), dict)


@pytest.mark.parametrize("path", ["/etc/cloud/cloud.cfg.d/x.cfg", "/etc/kubernetes/kubelet.conf.d/50.conf"])
@pytest.mark.parametrize("name", NASTY)
def test_within_a_profile(planned: Callable[[str], Plan], path: str, name: str) -> None:
    content = json.dumps(NASTY[name])  # JSON is YAML
    swap = "swap: {mode: limited, size: 2GiB}\nkubernetes: {version: '1.34', cni: none}\n"
    plan = planned(f"{swap}files: [{{path: {path}, content: {content}}}]\n")
    assert any(file.path == path for _, file in plan.files)
