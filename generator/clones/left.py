"""What of the setting hygiene is looked for in two booted clones: who was not to come with the image, did not."""

from __future__ import annotations

from collections.abc import Iterator

from generator.checks import leaks
from generator.clones.sentences import FRESH, LOCKED, NAMELESS, NONE, SSHD
from generator.model import Expect, Plan
from generator.reasons import reason
from generator.settings.hygiene import left

# Those for which no row of left.yaml is enough: the kind, what is wanted, and whether it knows what the profile lays.
_OF_CODE = {
    "hostname": ("clone-hostname", NAMELESS, False),
    "passwords": ("clone-logins", LOCKED, False),
    "accounts": ("clone-accounts", NONE, True),
    "sudoers": ("clone-sudoers", NONE, True),
    "authorized-keys": ("clone-keys", NONE, True),
}
FIRST = ".new"  # how the name ends of what only the first boot can tell: whether it is older than that


def differing(plan: Plan) -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """What two clones may both lack, but not share: name, kind, arguments, and the row that says what breaks."""
    args = {expect.id.removeprefix("hygiene."): expect.args for expect in plan.expects}
    for key, row in left.rows().items():
        if row.booted == "own":
            yield key, "clone-digests", (leaks.paths(*args.get(key, ())[1:]), *row.patterns), key
    yield "instance", "clone-instance", (), "cloud-init"


def alone(plan: Plan) -> tuple[Expect, ...]:
    """What each machine is judged by for itself. What the profile lays is known by the plan's own expectations."""
    return (*_rows(plan), *_of_code(plan), *_of_sshd(plan))


def _rows(plan: Plan) -> Iterator[Expect]:
    """One command for all rows but those of lines."""
    args = {expect.id.removeprefix("hygiene."): expect.args for expect in plan.expects}
    known = {key: row for key, row in left.rows().items() if row.booted != "own" and key in args}
    words = tuple(_word(key, row) for key, row in known.items() if row.allows != "lines")
    for key, row in known.items():
        if row.allows == "lines":
            yield _expect(key, key, "clone-lines", args[key], NONE)
            continue
        asked = leaks.paths(*args[key][1:]) if row.allows == "asked" else ""
        name, want = (f"{key}{FIRST}", FRESH) if row.booted == "new" else (key, NONE)
        yield _expect(name, key, "clone-left", (key, asked, *words), want)


def _word(key: str, row: left.Row) -> str:
    kind = "folders" if row.booted == "none" and row.allows == "folders" else row.booted
    return f"{kind}:{key}={leaks.paths(*row.patterns)}"


def _of_code(plan: Plan) -> Iterator[Expect]:
    args = {expect.id: expect.args for expect in plan.expects}
    for key, (kind, want, knows) in _OF_CODE.items():
        if f"hygiene.{key}" in args:
            yield _expect(key, key, kind, args[f"hygiene.{key}"] if knows else (), want)


def _of_sshd(plan: Plan) -> Iterator[Expect]:
    """What the profile's own files make of it is the profile's business."""
    if not any(file.path.startswith("/etc/ssh/sshd_config") for _, file in plan.files):
        yield _expect("sshd", "sshd-keys", "clone-sshd", (), SSHD)


def _expect(name: str, row: str, kind: str, args: tuple[str, ...], want: str) -> Expect:
    return Expect(f"clones.{name}", f"clones.{name}", kind, args, want, reason("hygiene", row).breaks)
