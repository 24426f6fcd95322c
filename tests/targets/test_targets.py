"""The rows of targets.yaml are whole, and a guest's version has a say."""

from __future__ import annotations

import pytest

from generator import errors, targets
from generator.cloudinit import versions
from generator.targets.forms import COUNTED, FORMS
from tests.conftest import ROOT
from tests.targets import __main__ as command
from tests.targets import page

ALL = [targets.load(name) for name in targets.known()]


@pytest.mark.parametrize("target", ALL, ids=targets.known())
def test_a_row_is_whole(target: targets.Target) -> None:
    assert target.title
    assert target.source
    assert target.channel in ("binary", "text")
    assert set(target.forms) <= set(FORMS)
    assert all(limit.source and limit.counted in COUNTED for limit in target.limits)
    assert ("since" in target.base64) == ("guest" in target.base64["by"])


@pytest.mark.parametrize("target", ALL, ids=targets.known())
def test_a_form_is_one_that_arrives(target: targets.Target) -> None:
    """Bytes only where bytes get through, base64 only where somebody takes it off, and then never before plain text."""
    for form in target.forms:
        assert target.channel == "binary" or form != "gzip"
        assert not FORMS[form].base64 or target.base64["by"] != "nobody"
    assert [FORMS[form].gzip for form in target.forms] == sorted(FORMS[form].gzip for form in target.forms)
    assert not any(FORMS[form].gzip for form in target.forms) or any(not FORMS[form].gzip for form in target.forms)


def test_a_guest_without_its_data_source() -> None:
    with pytest.raises(errors.NodebakeError) as refused:
        targets.load("linode").for_guest("22.4.2")
    assert refused.value.exit_code == 2
    assert (refused.value.sentence, refused.value.hint) == (
        "Linode (Akamai) is read by cloud-init 23.3 and later, and this node has 22.4.2",
        "name the version with --cloud-init, if your image carries another than the base",
    )
    assert targets.load("linode").for_guest("23.3").forms


def test_a_guest_that_takes_no_base64_off() -> None:
    target = targets.load("hetzner")
    assert list(target.for_guest("20.2").forms) == ["plain"]
    assert list(target.for_guest("20.3").forms) == ["plain", "gzip+base64"]
    assert list(targets.load("openstack").for_guest("18.2").forms) == ["plain", "gzip"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("openstak", "did you mean openstack?"), ("x", f"there are: {', '.join(targets.known())}")],
)
def test_no_target(name: str, hint: str) -> None:
    with pytest.raises(errors.NodebakeError) as refused:
        targets.load(name)
    assert (refused.value.sentence, refused.value.hint) == (f"there is no target '{name}'", hint)


def test_versions_are_compared_as_numbers() -> None:
    assert versions.parse("22.4.2") < versions.parse("23.3") < versions.parse("23.10")


def test_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main() == 0
    assert capsys.readouterr().out == page.page()
    assert (ROOT / "docs/targets.md").read_text(encoding="utf-8") == page.page(), "run: make targets"
