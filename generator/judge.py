"""Expectations x boots -> verdicts. The guest only observes; this is the host, and it judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from generator import checks
from generator.model import Boot, Expect, Observation, Plan, Status, Verdict

IMAGE = 0  # the number of the boot that none is
_BOOTS = "boots"
_SILENT = "the node sent no observation of it"
_UNREAD = "nobody read it off the image"
_FOREIGN = "observe.sh was made from another profile: render it anew from this one"


def boots(plan: Plan, seen: Sequence[Boot | None], *, live: bool = False) -> tuple[Verdict, ...]:
    """The verdicts on every boot, and, of more than one, whether they were boots and told the same.

    Whoever looks at a `live` node may leave out the probes, for they act on it: these checks are then skipped. In a
    guest that is there to be judged, they are as unobserved as any other that is missing.
    """
    each = [_one(checks.seen_by("guest", plan.expects), boot, number, live) for number, boot in enumerate(seen, 1)]
    verdicts = tuple(verdict for found in each for verdict in found.values())
    if len(seen) < 2 or not verdicts:
        return verdicts
    return (*verdicts, _distinct(seen), _same(each))


def image(plan: Plan, seen: Mapping[tuple[str, ...], Observation]) -> tuple[Verdict, ...]:
    """The verdicts on the raw image, which no boot has changed: it counts as boot 0. `seen` is by command."""
    return tuple(
        _of_image(expect, seen.get(checks.command(expect))) for expect in checks.seen_by("image", plan.expects)
    )


def _of_image(expect: Expect, observation: Observation | None) -> Verdict:
    if observation is None:
        return Verdict(expect, IMAGE, "unobserved", _UNREAD)
    holds, told = checks.judge(expect, observation)
    return Verdict(expect, IMAGE, "pass" if holds else "fail", told)


def _one(expects: Sequence[Expect], boot: Boot | None, number: int, live: bool) -> dict[str, Verdict]:
    found: dict[str, Verdict] = {}
    for expect in expects:
        status, told = _status(expect, boot, live)
        found[expect.id] = Verdict(expect, number, status, told)
    return {check: _blocked(verdict, found) for check, verdict in found.items()}


def _status(expect: Expect, boot: Boot | None, live: bool) -> tuple[Status, str]:
    observation = boot.observations.get(checks.command(expect)) if boot else None
    if observation is None and live and boot and not (boot.probed or boot.foreign) and checks.is_probe(expect):
        return "skipped", "not looked at: it acts on the node, and observe.sh ran without --probes"
    if observation is None:
        return "unobserved", _FOREIGN if boot and boot.foreign else _SILENT
    holds, told = checks.judge(expect, observation)
    return ("pass" if holds else "fail"), told


def _blocked(verdict: Verdict, found: Mapping[str, Verdict]) -> Verdict:
    """What failed only because something else did does not count twice."""
    causes = [need for need in verdict.expect.needs if found[need].status not in ("pass", "skipped")]
    if verdict.status != "fail" or not causes:
        return verdict
    return Verdict(verdict.expect, verdict.boot, "blocked", f"not judged: {causes[0]} does not hold")


def _distinct(seen: Sequence[Boot | None]) -> Verdict:
    ids = [boot.boot_id for boot in seen if boot]
    expect = Expect("boots.distinct", _BOOTS, "", (), "a boot id for each boot", "the node was not rebooted")
    real = len(set(ids)) == len(seen)
    return Verdict(expect, len(seen), "pass" if real else "fail", f"{len(set(ids))} boot ids in {len(seen)} boots")


def _same(each: Sequence[Mapping[str, Verdict]]) -> Verdict:
    """Told the same: the verdict and the finding of every check are equal in all boots."""
    expect = Expect("boots.same", _BOOTS, "", (), "the same in every boot", "a reboot changes the node")
    changed = [
        check
        for check, verdict in each[0].items()
        if any((other[check].status, other[check].found) != (verdict.status, verdict.found) for other in each[1:])
    ]
    told = f"differ between boots: {', '.join(changed)}" if changed else "the same in every boot"
    return Verdict(expect, len(each), "fail" if changed else "pass", told)
