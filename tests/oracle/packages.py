"""The real cloud-init of a distribution: its packages, from where nodebake's own bases come from, unpacked."""

from __future__ import annotations

import functools
from pathlib import Path

from generator import distro, errors, proc
from generator.base import cache, keys, sources
from generator.base.sources import Source

# cloud-init, and what it imports beyond what nodebake itself needs; all of it Python alone, so any Python 3 runs it.
NAMES = (
    "cloud-init",
    "python3-configobj",
    "python3-json-pointer",
    "python3-jsonpatch",
    "python3-oauthlib",
    "python3-six",
)
_MODULES = "usr/lib/python3/dist-packages"
_RECIPE = (Path(__file__).resolve(),)


def unpack(distro_id: str, into: Path) -> Path:
    """The folder with the Python modules, below `into`. Fails where the packages cannot be had."""
    facts = distro.load(distro_id)
    try:
        where = sources.of(facts, None)
        key = keys.key(_RECIPE, facts.suite, where)
        entry = cache.obtain(f"{distro_id}-cloud-init-{key}", functools.partial(_download, where))
    except errors.ToolError as error:
        raise AssertionError(
            f"the real cloud-init of {facts.title} is needed and cannot be had: {error.sentence}"
        ) from error
    for name in sorted(entry.sha256):
        proc.run(["dpkg-deb", "-x", entry.folder / name, into])
    return into / _MODULES


def _download(where: tuple[Source, ...], stage: Path) -> None:
    """By apt, which checks who signed them; with a state of its own, so that this host's is left alone."""
    state = stage / ".apt"
    for folder in ("sources.d", "lists/partial", "cache/archives/partial"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    (state / "sources.d/oracle.sources").write_text("\n".join(source.deb822() for source in where), encoding="utf-8")
    apt = ("apt-get", "-q", *(f"-o{option}" for option in _options(state)))
    proc.run([*apt, "update"], cwd=stage)
    proc.run([*apt, "download", *NAMES], cwd=stage)
    proc.run(["rm", "-r", "--", state])


def _options(state: Path) -> tuple[str, ...]:
    return (
        "Dir::Etc::SourceList=/dev/null",
        f"Dir::Etc::SourceParts={state / 'sources.d'}",
        f"Dir::State={state}",
        f"Dir::State::status={state / 'status'}",
        f"Dir::Cache={state / 'cache'}",
        "APT::Architecture=amd64",
        "APT::Sandbox::User=",  # the folder is ours alone
        "Acquire::Languages=none",
        "Acquire::Retries=3",
        "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    )
