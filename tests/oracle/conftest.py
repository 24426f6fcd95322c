"""A process of each real cloud-init, for all tests of the room."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import hypothesis
import pytest

from tests.oracle import packages
from tests.oracle.process import Oracle

VERSIONS = {"debian-12": "22.4.2", "debian-13": "25.1.4"}


# For `make oracle`: --hypothesis-profile oracle.
hypothesis.settings.register_profile("oracle", deadline=None, max_examples=10_000)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """With that profile: how many values there were of each field."""
    if config.getoption("--hypothesis-profile") != "oracle":
        return
    for report in terminalreporter.stats.get("passed", ()):
        for name, count in report.user_properties:
            terminalreporter.write_line(f"{count:6d} {name}, all arrived: {report.nodeid.rpartition('::')[2]}")


@pytest.fixture(scope="session")
def oracle_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Oracle]]:
    """The cloud-init that a distribution's packages hold today; started once."""
    started: dict[str, Oracle] = {}

    def of(distro_id: str) -> Oracle:
        if distro_id not in started:
            made = Oracle(packages.unpack(distro_id, tmp_path_factory.mktemp(distro_id)))
            started[distro_id] = made
            assert made.version() == VERSIONS[distro_id]
        return started[distro_id]

    yield of
    for oracle in started.values():
        oracle.close()


@pytest.fixture(params=VERSIONS)
def oracle(request: pytest.FixtureRequest, oracle_of: Callable[[str], Oracle]) -> Oracle:
    return oracle_of(request.param)


@pytest.fixture
def oracles(oracle_of: Callable[[str], Oracle]) -> list[Oracle]:
    return [oracle_of(distro_id) for distro_id in VERSIONS]
