"""Which files are read, and in which order: by systemd-sysctl at a boot, and by `sysctl --system` of procps."""

from __future__ import annotations

from collections.abc import Iterator

from generator.facts import modules
from generator.sysctl_conf.tree import Tree, names, read, real

# Of two files of one name the one in the first of these folders is read (systemd: CONF_PATHS; procps: PreloadSystem).
FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
CREDENTIAL = "credstore/sysctl.extra"
PROCPS_LAST = "/etc/sysctl.conf"
UNIT = "systemd/system/systemd-sysctl.service"

Read = tuple[str, bytes]  # the path by which it was found, the content


def merged(tree: Tree, kind: str, *, hidden: bool = False) -> Iterator[Read]:
    """The *.conf of all folders `kind`, sorted by name alone. What cannot be read still hides others of its name."""
    found: dict[str, str] = {}
    for folder in (f"{folder}/{kind}" for folder in FOLDERS):
        for name in names(tree, folder):
            if name.endswith(".conf") and (hidden or not name.startswith(".")):
                found.setdefault(name, f"{folder}/{name}")
    for name in sorted(found, key=lambda name: name.encode("utf-8", "surrogateescape")):
        content = read(tree, found[name])
        if content is not None:
            yield found[name], content


def at_boot(tree: Tree) -> Iterator[Read]:
    """What systemd-sysctl reads: sysctl.d, then the credential sysctl.extra, which its unit takes from a credstore."""
    if is_masked(tree):
        return
    yield from merged(tree, "sysctl.d")
    for folder in FOLDERS:
        content = read(tree, f"{folder}/{CREDENTIAL}")
        if content is not None:
            yield f"{folder}/{CREDENTIAL}", content
            return


def by_procps(tree: Tree) -> Iterator[Read]:
    """What `sysctl --system` reads: sysctl.d, hidden files too, and /etc/sysctl.conf always last."""
    yield from merged(tree, "sysctl.d", hidden=True)
    content = read(tree, PROCPS_LAST)
    if content is not None:
        yield PROCPS_LAST, content


def is_masked(tree: Tree) -> bool:
    """Whether systemd-sysctl does not run at all."""
    unit = f"/etc/{UNIT}"
    return real(tree, unit) == "/dev/null" or read(tree, unit) == b""


def modules_at_boot(tree: Tree) -> frozenset[str]:
    """The modules that systemd-modules-load loads before systemd-sysctl: those it is told of, and what they need."""
    lines = (line.strip() for _, content in merged(tree, "modules-load.d") for line in content.splitlines())
    return modules.with_needed(
        line.decode("utf-8", "replace") for line in lines if line and line[:1] not in (b"#", b";")
    )
