"""Boot every machine of the zoo with every distribution, and print docs/swap.md: python -m tests.zoo > docs/swap.md."""

from __future__ import annotations

import datetime
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator import distro
from tests.zoo import run
from tests.zoo.run import STAGES, Outcome

_HEAD = """\
# Where swap comes from, and that it is off

Made by tests/zoo from real boots in QEMU on {date}, of: {distros}. `scripts/swap-zoo` makes it anew, of
every distribution; it is not edited by hand. Each source was in a machine made from the distribution's packages, beside
all the others; [zoo.yaml](../tests/zoo/zoo.yaml) says what each one is. Each column is one look at `/proc/swaps`, after
`cloud-init status --wait`:

- **without**: the machine boots without nodebake. It must be **on**: a source that would be off here proves nothing.
- **bootstrap.sh**: `bootstrap.sh` of a profile with `swap: disabled` ran in that boot. A second run changed nothing.
- **reboot**: the next boot of the same machine.
- **clone**: one more boot, with a new instance-id: cloud-init does again what it does to a new machine.
"""

_MACHINES = {"zoo": "on a cloud", "gpt": "on no cloud"}


def page(outcomes: Sequence[Outcome], date: datetime.date) -> str:
    """The whole page."""
    return "\n".join(
        (
            _HEAD.format(date=date.isoformat(), distros=", ".join(dict.fromkeys(o.title for o in outcomes))),
            *(line for outcome in outcomes for line in _table(outcome)),
        )
    )


def _table(outcome: Outcome) -> Iterator[str]:
    yield f"## {outcome.title}, {_MACHINES[outcome.machine]}\n"
    yield f"{', '.join(outcome.versions)}.\n"
    yield f"| source | area | {' | '.join(STAGES)} |"
    yield f"|---|---|{'---|' * len(STAGES)}"
    for source, on in outcome.on.items():
        looks = (
            [("**on**" if now else "off") for now in on] if outcome.expected[source] else ["not known to it"] * len(on)
        )
        yield f"| {source.name} | `{source.area}` | {' | '.join(looks)} |"
    yield ""


def main() -> int:
    """Exit code 1 where a source was not on without nodebake, or on with it."""
    outcomes = []
    for distro_id in distro.known():
        for machine in run.MACHINES:
            with tempfile.TemporaryDirectory() as work:
                outcomes.append(run.run(machine, distro_id, Path(work)))
    sys.stdout.write(page(outcomes, datetime.date.today()))
    wrong = [problem for outcome in outcomes for problem in outcome.problems]
    sys.stderr.write("".join(f"swap-zoo: {problem}\n" for problem in wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
