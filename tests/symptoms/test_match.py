"""What people paste leads to its cause, however they mangled it; what is nothing of ours matches nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from generator import names, reasons, symptoms
from generator.symptoms import Symptom, Text
from generator.symptoms.match import match

HERE = Path(__file__).parent
CASES = [
    (case["symptom"], case["cause"], paste)
    for case in yaml.safe_load((HERE / "cases.yaml").read_text(encoding="utf-8"))
    for paste in case["pastes"]
]
NOTHING = yaml.safe_load((HERE / "nothing.yaml").read_text(encoding="utf-8"))
# Of a symptom that has a text for each module or parameter, the first of them and the one that names none.
SYMPTOMS = {(symptom.kind, bool(symptom.must)): symptom for symptom in symptoms.rows() if not symptom.only_breaks}
TEXTS = [(symptom, text) for symptom in SYMPTOMS.values() for text in symptom.texts]


def _first(pasted: str) -> tuple[str, str]:
    found = match(pasted)
    return (found[0].symptom.id, names.full(*found[0].symptom.causes[0].row)) if found else ("", "")


@pytest.mark.parametrize(("symptom", "cause", "paste"), CASES, ids=[f"{case[0]}-{n}" for n, case in enumerate(CASES)])
def test_pastes(symptom: str, cause: str, paste: str) -> None:
    assert _first(paste) == (symptom, cause)


def test_every_kind_of_symptom_has_a_paste() -> None:
    kinds = {symptom.kind for symptom in symptoms.rows() if not symptom.only_breaks}
    assert kinds == {case[0].partition(".")[0] for case in CASES} - {"breaks"}


def test_a_module_of_old_guides_says_nothing_of_the_kernels_configuration() -> None:
    found = match("modprobe: FATAL: Module nf_conntrack_ipv4 not found in directory /lib/modules/5.10.0-28-amd64")
    assert [one.symptom.kind for one in found] == ["module-not-found"]


@pytest.mark.parametrize("line", NOTHING)
def test_nothing(line: str) -> None:
    assert match(line) == ()


def test_a_journal_of_nothing() -> None:
    assert (
        match("\n".join(f"Oct 12 08:00:{n % 60:02} node kubelet[77]: {line}" for n, line in enumerate(NOTHING))) == ()
    )


JOURNAL = "Feb 29 23:59:59 ip-10-0-3-7 kubelet[4711]: E0229 23:59:59.123456    4711 some_file.go:321] "
MANGLED: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "journal": lambda text: JOURNAL + text,
    "kubectl logs --timestamps": lambda text: f"2026-08-01T10:11:12.123456789Z stderr F {text}",
    "dmesg": lambda text: f"[ 1234.567890] {text}",
    "in JSON": lambda text: '{"level":"error","ts":1.7e9,"msg":"' + text.replace('"', '\\"') + '","node":"n-1"}',
    "colours": lambda text: "\x1b[1;31m" + text.replace(" ", "\x1b[0m \x1b[31m") + "\x1b[0m",
    "other quotes": lambda text: text.replace("'", '"').replace('"', "`"),
    "blanks": lambda text: "\t  " + text.replace(" ", "   ") + "  \r",
    "wrapped": lambda text: f"{JOURNAL[:40]}{text}".replace(" ", "\n", 1) if " " in text else text,
    "the last word lost": lambda text: text.rpartition(" ")[0] if text.count(" ") > 5 else text,
}


def _real(text: str) -> str:
    """With values where the text has placeholders; others each time."""
    return (
        text.replace("<address>", "172.20.14.93:8443", 1).replace("<address>", "10.43.0.10:53").replace("<word>", "x")
    )


@pytest.mark.parametrize("how", MANGLED)
@pytest.mark.parametrize(("symptom", "text"), TEXTS, ids=[f"{s.id}-{n}" for n, (s, _) in enumerate(TEXTS)])
def test_mangled(how: str, symptom: Symptom, text: Text) -> None:
    """The symptom itself comes first, or another one with the same first cause."""
    found = match(MANGLED[how](_real(text.text)))
    assert found, "nothing matched"
    first = found[0].symptom
    assert first.kind == symptom.kind or first.causes[0].row == symptom.causes[0].row


def test_a_journal_with_one_line_that_counts() -> None:
    noise = [
        f"Oct 12 08:{n // 60 % 60:02}:{n % 60:02} node kubelet[77]: {NOTHING[n % len(NOTHING)]}" for n in range(5000)
    ]
    noise[1234] = "Oct 12 08:20:34 node systemd-modules-load[99]: Module 'br_netfilter' is deny-listed"
    noise[4000] = "Oct 12 09:06:40 node coredns[1]: dial tcp 10.96.0.1:443: i/o timeout"
    found = match("\n".join(noise))
    assert [(one.symptom.id, one.line, one.count) for one in found] == [
        ("module-denied.br_netfilter", 1235, 1),
        ("api-server-timeout", 4001, 1),
    ]


def test_lines_are_counted() -> None:
    found = match("dial tcp 10.96.0.3:443: i/o timeout\nnothing\ndial tcp 10.96.0.7:80: i/o timeout\n")
    assert [(one.line, one.count) for one in found] == [(1, 2)]


def test_each_cause_has_a_row() -> None:
    for symptom in symptoms.rows():
        assert symptom.causes
        for cause in symptom.causes:
            assert cause.row in reasons.rows(), (symptom.id, cause.row)
            assert cause.because
            assert cause.look


def test_texts_tell() -> None:
    """Two symptoms with one text could not be told apart."""
    said = [text.text for symptom, text in TEXTS]
    assert len(set(said)) == len(said)


def test_the_api_server_is_not_blamed_on_the_bridge() -> None:
    """Measured: its backend has a node's own address, and is reached without br_netfilter, whatever the brief says."""
    (found,) = match("dial tcp 10.96.0.1:443: i/o timeout")
    ranked = [names.full(*cause.row) for cause in found.symptom.causes]
    assert ranked[0] == "sysctl.net.ipv4.ip_forward"
    assert ranked.index("modules.br_netfilter") > ranked.index("node.network-outside")
    assert "The brief blames br_netfilter" in found.symptom.tell
