"""The nouns of the house, as frozen dataclasses. Nothing here does anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from generator.errors import Finding, address
from generator.evidence import Boot as Boot  # noqa: PLC0414 - they belong to the nouns
from generator.evidence import Diagnosis, Tested
from generator.evidence import Observation as Observation  # noqa: PLC0414 - they belong to the nouns
from generator.fault import Amend as Amend  # noqa: PLC0414 - they belong to the nouns
from generator.fault import Edit as Edit  # noqa: PLC0414 - they belong to the nouns
from generator.fault import Fault as Fault  # noqa: PLC0414 - they belong to the nouns
from generator.fault import Later as Later  # noqa: PLC0414 - they belong to the nouns
from generator.fault import Partition as Partition  # noqa: PLC0414 - they belong to the nouns


@dataclass(frozen=True, slots=True)
class Signed:
    """A list of checksums by its address, with who signed it: `fingerprint` is the primary key's, upper-case.

    `signature` is an address, empty where the list carries it in itself; `key` is where the public key is.
    """

    sums: str
    key: str
    fingerprint: str
    signature: str = ""


@dataclass(frozen=True, slots=True)
class BasePin:
    """A base image that the profile names by address: fetched, and used only if its bytes have this sha256.

    And, with `signed`, if somebody has signed that they are so.
    """

    url: str
    sha256: str
    distro: str
    signed: Signed | None = None

    @property
    def told(self) -> str:
        """The address for messages and what is written down: its query may be a signature that opens it to a reader."""
        return address(self.url)


@dataclass(frozen=True, slots=True)
class Implied:
    """A value that one setting brings to another: a preset's, or what a package needs.

    `stem` and `key` say where it belongs: ("sysctl", "net.ipv4.ip_forward"), ("modules", "overlay"), ("swap", "").
    `value` is what a user would have written there (None in a list, whose items are their own keys). `by` is the path
    of the value that brings it (kubernetes.cni), `why` is a sentence, `source` where the fact was read.
    """

    stem: str
    key: str
    value: Any
    by: str
    why: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a value of a profile comes from: `by` is "" for what the user wrote; `overruled` are those that lost."""

    by: str
    why: str = ""
    source: str = ""
    overruled: tuple[Implied, ...] = ()


NO_SETTINGS = ("apiVersion", "name", "base", "vars", "network")  # the keys of a profile that are no setting


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile that passed its schema.

    `settings` maps a stem to the value the user wrote, `digest` is the sha256 of the bytes that were read, `marks` maps
    a path in the profile to the (line, column) where it stands, from 1. `mirror` is where a base is built from: one
    address, or two with a space between, the second for security updates; empty is this host's own. `vars` are the
    values that differ from node to node, as declared; `uses` the names of those that are used here, `unset` those of
    them for which nothing stands but a sample.
    """

    name: str
    base: str | BasePin
    settings: Mapping[str, Any]
    digest: str
    source: str
    marks: Mapping[tuple[str | int, ...], tuple[int, int]]
    mirror: str = ""
    vars: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    network: Mapping[str, Any] | None = None
    uses: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    origins: Mapping[tuple[str, str], Origin] = field(default_factory=dict)  # by (stem, key), once expand.py was there

    def place(self, path: tuple[str | int, ...]) -> tuple[int, int]:
        """Where a path stands in the file, or what brought it there, or the nearest thing above it: (line, column)."""
        if path not in self.marks and path:
            brought = self.origins.get((str(path[0]), str(path[1]) if len(path) > 1 else ""))
            if brought is not None and brought.by:
                return self.place(tuple(brought.by.split(".")))
        nearest = (path[:length] for length in range(len(path), 0, -1))
        return next((self.marks[above] for above in nearest if above in self.marks), (1, 1))

    @property
    def whole(self) -> bool:
        """Whether all that was written is here: a setting that is wrong by itself is left out, and so is a typo."""
        return {path[0] for path in self.marks if len(path) == 1} <= {*NO_SETTINGS, *self.settings}

    @property
    def distro(self) -> str:
        """The id of the facts that hold for this profile's base."""
        return self.base if isinstance(self.base, str) else self.base.distro


@dataclass(frozen=True, slots=True)
class Containerd:
    """A distribution's containerd: the package, its unit, and what the package's own config.toml says, as data."""

    package: str
    unit: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Distro:
    """The facts about one distribution release, from distros/<id>.yaml.

    `packages` are what nodebake builds a base from, `required` what every image of it has, whoever made it; `programs`
    maps a program to the package that brings it. `built_in` are the kernel modules that its kernel has built in,
    `loaded` those that every boot loads unasked.
    `links` are those of its root file system that decide which configuration is read, by their path.
    Of one that this project has not booted (distro.booted) there are facts alone: what is not known is empty.
    """

    id: str
    title: str
    suite: str
    packages: tuple[str, ...]
    kernel_args: tuple[str, ...]
    size_mib: int
    programs: Mapping[str, str]
    required: tuple[str, ...]
    built_in: tuple[str, ...]
    loaded: tuple[str, ...]
    containerd: Containerd
    links: Mapping[str, str]

    def carried(self, base: str | BasePin) -> frozenset[str]:
        """The packages that a base is known to have; of one that nodebake did not build, not much is known."""
        return frozenset((*self.required, *(() if isinstance(base, BasePin) else self.packages)))


@dataclass(frozen=True, slots=True)
class File:
    """What lies on the node's disk. `mode` is octal text, as in cloud-init's write_files.

    `late` is a file that a package brings as well, or of an account that only a package makes: it is laid when the
    packages are there.
    """

    path: str
    content: bytes
    mode: str = "0644"
    owner: str = "root"
    group: str = "root"
    late: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What makes a setting true now.

    `call` names a shell function from templates/<setting>/steps.sh, and its arguments: `<function>_ok` tells by looking
    whether it is true already, `<function>_do` makes it true. `why` goes into the scripts as a comment.
    """

    name: str
    setting: str
    call: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Expect:
    """What must be observed on the node.

    `kind` is an entry of checks.py and `args` are its arguments. `needs` names expectations without which this one says
    nothing of its own: when one of them fails, this one is reported as blocked by it.
    """

    id: str
    setting: str
    kind: str
    args: tuple[str, ...]
    want: str
    breaks: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """All that one setting yields from one value.

    `room_mib` is what a machine writes at its first boot, which no image has: its disk must be that much larger.
    """

    files: tuple[File, ...] = ()
    steps: tuple[Step, ...] = ()
    expects: tuple[Expect, ...] = ()
    faults: Sequence[Fault] = ()
    room_mib: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Every part of a profile on one distribution, in the order in which they are applied.

    `settings` are the stems in that order, and a file stands beside the stem that yielded it. `warnings` are findings
    that one may live with.
    """

    profile: Profile
    distro: Distro
    settings: tuple[str, ...]
    files: tuple[tuple[str, File], ...]
    steps: tuple[Step, ...]
    expects: tuple[Expect, ...]
    faults: Sequence[Fault]
    warnings: tuple[Finding, ...] = ()
    room_mib: int = 0


@dataclass(frozen=True, slots=True)
class Artefact:
    """A generated file below output/<name>/. `mode` is a number: these are files on the host."""

    path: str
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Image:
    """A disk image on the host, qcow2, whose bytes have been read and hashed."""

    path: Path
    sha256: str


Status = Literal["pass", "fail", "unobserved", "blocked", "skipped"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the host says of one expectation in one boot, and why, the likeliest cause first.

    Boots count from 1; 0 is the raw image.
    """

    expect: Expect
    boot: int
    status: Status
    found: str
    causes: tuple[str, ...] = ()

    @property
    def red(self) -> bool:
        """Whether it counts as a failure by itself."""
        return self.status in ("fail", "unobserved")


@dataclass(frozen=True, slots=True)
class Report:
    """The verdicts on one image, or on one live node. `bundle` is the folder with all that a failing one told."""

    subject: str
    profile: str
    verdicts: tuple[Verdict, ...]
    seconds: float
    tested: Tested | None = None
    diagnoses: tuple[Diagnosis, ...] = ()
    bundle: str = ""

    @property
    def ok(self) -> bool:
        """An empty suite proves nothing, so it is a failure; so is one of which everything was skipped."""
        found = {verdict.status for verdict in self.verdicts}
        return "pass" in found and found <= {"pass", "skipped"}
