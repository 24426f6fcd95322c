"""Reports to look at: of a good node, of a bad one, and of one that says what hurts terminals, XML and browsers."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

from generator import plan as planning
from generator import profile
from generator.evidence import Diagnosis, Tested
from generator.model import Expect, Report, Verdict
from generator.report import matrix
from tests.conftest import ROOT

HERE = Path(__file__).parent
HOSTILE = (
    "</style></script><script>document.title='owned'</script>",
    "<img src=x onerror=\"document.title='owned'\">",
    "]]><!-- --><![CDATA[",
    "\x1b[2J\x1b]0;owned\x07\x9b2J",
    "right \u202eto left\u202c and \u2066isolated\u2069",
    "{{ 7 * 7 }}{% raw %}",
    "nul \x00, bell \x07, delete \x7f, line\nbreak \u2028 and a lone \ud800",
    '" onmouseover="alert(1)" x="&amp;',
    "漢字 é 😀",
)
TESTED = Tested(
    image_sha256="3f1c" * 16,
    profile_sha256="9a0e" * 16,
    base="debian-13",
    base_sha256="51bd" * 16,
    tool="nodebake 0.1.0",
    qemu="QEMU emulator version 7.2.22",
    accelerator="tcg, CPU qemu64",
    when="2026-11-24T18:00:00Z",
)
KEY = "sysctl.net.ipv4.ip_forward"
LATER = ("/etc/sysctl.d/zz-later.conf:1 has the last word at a boot, and sets it to 0",)
RED = {  # found, and why
    f"{KEY}.value": ("0", LATER),
    f"{KEY}.persisted": ("0 by /etc/sysctl.d/zz-later.conf:1", LATER),
    "swap.inactive": (
        "swap is on: /swapfile",
        (
            "swapfile.swap turned on /swapfile, by /etc/fstab",
            "the journal: systemd: Activated swap swapfile.swap - /swapfile.",
        ),
    ),
}
BLAME = b"1min 2.345s cloud-final.service\n  12.013s cloud-init.service\n    734ms ssh.service\n     9us tiny.mount\n"


def plan_of(name: str = "k8s-node") -> tuple[Expect, ...]:
    return planning.make(profile.load(str(ROOT / f"profiles/{name}.yaml"))).expects


def good() -> Report:
    """Two boots of the shipped profile in which everything holds, with a chart."""
    verdicts = tuple(Verdict(expect, boot, "pass", expect.want) for boot in (1, 2) for expect in plan_of())
    return Report("output/k8s-node/k8s-node.qcow2", "k8s-node", verdicts, 164.2, TESTED, (diagnosis(),))


def diagnosis(boot: int = 2) -> Diagnosis:
    plot = (HERE / "plot.svg").read_bytes()
    warnings = b"[    3.141592] node kernel: a warning of <b>the kernel</b>\n"
    return Diagnosis(
        boot, {"blame": BLAME, "plot": plot, "warnings": warnings, "failed": b"unit a.service\nlast words\n"}
    )


def bad() -> Report:
    """The same with a later drop-in and a swap file, in both boots."""
    made = good()
    verdicts = (_reddened(one) for one in made.verdicts)
    return dataclasses.replace(made, verdicts=tuple(verdicts), bundle="output/k8s-node/logs/verify-20261124T180000Z")


def _reddened(verdict: Verdict) -> Verdict:
    if verdict.expect.id not in RED:
        return verdict
    found, causes = RED[verdict.expect.id]
    return dataclasses.replace(verdict, status="fail", found=found, causes=causes)


def hostile() -> Report:
    """Every word that a guest, a file or a name may bring is one that hurts."""
    verdicts = tuple(
        Verdict(Expect(f"check.{number}", "check", "x", (), text, text), 1, "fail", text, (text,))
        for number, text in enumerate(HOSTILE)
    )
    text = "".join(HOSTILE)
    raw = text.encode("utf-8", "replace")
    tested = Tested(*[text] * 8)
    told = Diagnosis(1, dict.fromkeys(("blame", "plot", "warnings", "failed", "journal"), raw))
    return Report(text, text, verdicts, 1.0, tested, (told,), text)


def proof(*, words: str = "", image: str = TESTED.image_sha256) -> matrix.Matrix:
    """What `nodebake prove --format json` prints of a run in which one fault survived and one did more harm."""
    checks = [expect.id for expect in plan_of()]
    return matrix.read(
        "proof.json",
        json.dumps(
            {
                "image_sha256": image,
                "profile": "k8s-node",
                "checks": checks,
                "unproven": checks[-1:],
                "host": f"tcg, 2 guests side by side{words}",
                "trials": [_trial(number, check, words) for number, check in enumerate(checks[:-1])],
            }
        ),
    )


def _trial(number: int, check: str, words: str) -> dict[str, object]:
    verdict = {3: "survived", 7: "collateral"}.get(number, "killed")
    red = {"survived": [], "collateral": [check, "swap.guard"]}.get(verdict, [check])
    setting = check.rpartition(".")[0]
    return {
        "fault": f"{setting}.fault-{number}{words}",
        "setting": setting,
        "story": f"somebody undid {check}{words}",
        "verdict": verdict + words,
        "predicted": [check],
        "red": red,
        "seconds": 31.4 + number,
    }
