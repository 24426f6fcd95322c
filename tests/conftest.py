"""What every test may use."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest

from generator import plan as planning
from generator import profile, stop
from generator.model import Plan

ROOT = Path(__file__).resolve().parent.parent
HEAD = "apiVersion: nodebake/v1\nname: node\n"


@pytest.fixture
def planned(tmp_path: Path) -> Callable[[str], Plan]:
    """Settings as YAML text -> Plan."""

    def make(settings: str) -> Plan:
        path = tmp_path / "profile.yaml"
        path.write_text(HEAD + settings, encoding="utf-8")
        return planning.make(profile.load(str(path)))

    return make


@pytest.fixture
def k8s_node() -> Plan:
    """The shipped profile."""
    return planning.make(profile.load(str(ROOT / "profiles/k8s-node.yaml")))


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """cli.run ends in a process that ends, too, and hears no signal any more: ours goes on, and starts others."""
    before = {signum: signal.getsignal(signum) for signum in stop.SIGNALS}
    yield
    for signum, handler in before.items():
        signal.signal(signum, handler)


# A shell starts what it puts in the background with SIGINT ignored, and children inherit that: the tests that interrupt
# nodebake would wait for ever.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes is this machine's business; a timing is never asserted.
hypothesis.settings.register_profile("nodebake", deadline=None)
hypothesis.settings.load_profile("nodebake")
