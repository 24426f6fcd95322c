"""What is fuzzed: functions of bytes. A refusal is fine if it is a sentence with a place; anything else that is raised
is a finding, and so is an input that takes long or much memory (libFuzzer's limits)."""

from __future__ import annotations

import contextlib
import functools
import io
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from generator import commands, delivery, errors, fleet, formats, profile, variables
from generator import plan as planning
from generator.model import Plan
from generator.overview import record, text

SOURCE = "fuzzed"
WORKER = b"""apiVersion: nodebake/v1
name: worker
vars: {rack: {type: text}, slot: {type: integer, default: 7}, zone: {type: text, one_of: [a, b], default: a}}
modules: [overlay]
files: [{path: /etc/place, content: [{var: rack}, " ", {var: slot}, " ", {var: zone}, " ", {var: labels}, "\\n"]}]
"""
_FORMS = ("csv", "jsonl", "yaml")


def of_profile(raw: bytes) -> None:
    """As `check`, `plan` and `render` do."""
    try:
        made = planning.of(profile.of_bytes(raw, SOURCE))
    except errors.Refused as refused:
        _hold(refused)
        return
    _render(made)


def _render(made: Plan) -> None:
    with contextlib.suppress(errors.Refused):
        delivery.accepted(made, None)
    text.text(made)
    record.record(made)
    for form in formats.stems().values():
        form.artefacts(made)
    tuple(made.faults)


def _hold(refused: errors.Refused) -> None:
    assert refused.exit_code == errors.REFUSED
    assert 0 < len(refused.findings) < 200
    for finding in refused.findings:
        said = str(finding)
        assert said.isprintable()
        assert said.startswith(f"{SOURCE}:")
        assert finding.line > 0, said
        assert finding.column > 0, said
    commands.as_json(refused.findings)


def of_nodes(raw: bytes) -> None:
    """As `fleet` does. The first byte says of which form the list is."""
    if not raw:
        return
    folder = _folder()
    nodes = folder / "nodes"
    nodes.write_bytes(raw[1:])
    asked = fleet.Request(str(folder / "worker.yaml"), str(nodes), _FORMS[raw[0] % 3], "jsonl", "/dev/null")
    try:
        with contextlib.redirect_stderr(io.StringIO()):
            fleet.write(asked)
    except errors.NodebakeError as error:
        assert error.exit_code == errors.REFUSED
        assert error.sentence.replace("\n", "").isprintable()


@functools.cache
def _folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    (folder / "worker.yaml").write_bytes(WORKER)
    return folder


def of_a_fault(raw: bytes) -> None:
    """A target with a bug, by which the fuzzer shows that it finds one."""
    of_profile(raw)
    assert b"name" not in raw


TARGETS: Mapping[str, Callable[[bytes], None]] = {"profile": of_profile, "nodes": of_nodes, "a-fault": of_a_fault}
COLUMNS = tuple(variables.COLUMNS)
