"""How a warning is told by the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.cli import run
from tests.conftest import HEAD


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., tuple[int, str, str]]:
    """Run a verb on settings -> exit code, stdout, stderr."""

    def call(settings: str, verb: str, *arguments: object) -> tuple[int, str, str]:
        path = tmp_path / "p.yaml"
        path.write_text(HEAD + settings)
        return (run([verb, str(path), *map(str, arguments)]), *capsys.readouterr())

    return call


def test_a_warning_refuses_nothing(told: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    """Told on stderr; in JSON it stands among the findings, and all is well."""
    settings = 'kubernetes: {version: "1.35", cni: flannel, proxy: ipvs}\n'
    for verb in (("check",), ("render", "-o", tmp_path), ("plan",)):
        code, _, err = told(settings, *verb)
        assert (code, err.count("kubernetes.proxy: warning: ")) == (0, 1)
    code, out, err = told(settings, "check", "--format", "json")
    assert (code, err) == (0, "")
    assert json.loads(out)["ok"] is True
    assert [finding["severity"] for finding in json.loads(out)["findings"]] == ["warning"]


def test_a_warning_is_told_with_the_errors(told: Callable[..., tuple[int, str, str]]) -> None:
    settings = 'kubernetes: {version: "1.35", cni: cilium, proxy: ipvs}\nsysctl: {net.ipv4.conf.all.rp_filter: 1}\n'
    code, out, _ = told(settings, "check", "--format", "json")
    assert code == 2
    assert json.loads(out)["ok"] is False
    assert [finding["severity"] for finding in json.loads(out)["findings"]] == ["warning", "error"]
