"""docs/targets.md: what targets.yaml and keys.yaml say, as tables. `make targets` writes it."""

from __future__ import annotations

from collections.abc import Iterator

from generator import distro, targets
from generator.cloudinit import keys, versions
from generator.targets import Limit, Target, sentences

HEAD = """\
# Where user-data goes

Made by `make targets` from [targets.yaml](../generator/targets/targets.yaml) and
[keys.yaml](../generator/cloudinit/keys.yaml), which have the sources; it is not edited by hand.

    nodebake render PROFILE --target ec2

writes the artefact `user-data` in the form that this cloud takes, and says how it is handed over. It stays as it is
where it fits; else it goes in gzip, and in base64 where only text gets through, if somebody takes that off again. What
does not fit is refused (exit code 2, nothing is written), with a table of what takes the space. `seed.iso` is for
NoCloud and stays as it is.
"""
KEYS = """\
## Versions of cloud-init

`check` and `render` hold the keys of user-data and network-config against the cloud-init of the profile's base
({bases}), or against that of `--cloud-init VERSION`, from {oldest} to {newest}.
A key that it does not know is refused, one that it calls deprecated is told. These are not the same in all of them:
"""


def page() -> str:
    """The whole of it."""
    bases = ", ".join(f"{name}: {distro.cloud_init(name)}" for name in distro.known())
    said = KEYS.format(bases=bases, oldest=versions.OLDEST, newest=versions.NEWEST)
    return "\n".join((HEAD, *_targets(), "", *_notes(), "", said, *_keys(), ""))


def _targets() -> Iterator[str]:
    yield "| target | at most | forms, in this order | base64 is taken off by | handed over by |"
    yield "|---|---|---|---|---|"
    for target in map(targets.load, targets.known()):
        most = "<br>".join(map(_limit, target.limits)) or "no limit"
        forms = ", ".join(map(sentences.form, target.forms))
        decodes = ", since ".join(target.base64.values())
        hows = "<br>".join(f"`{how}`" for how in dict.fromkeys(target.forms.values()))
        yield f"| `{target.name}`: {target.title} | {most} | {forms} | {decodes} | {hows} |"


def _limit(limit: Limit) -> str:
    return f"{sentences.amount(limit.size, limit.counted)}" + ("" if limit.confirmed else " (not confirmed: a warning)")


def _notes() -> Iterator[str]:
    for target in map(targets.load, targets.known()):
        said = [
            *_since(target),
            *filter(None, [target.note, target.instead and f"what does not fit: {target.instead}"]),
        ]
        if said:
            yield f"- `{target.name}`: {'; '.join(said)}."


def _since(target: Target) -> Iterator[str]:
    if target.since:
        yield f"read by cloud-init {target.since} and later"


def _keys() -> Iterator[str]:
    yield "| key | known since | deprecated since | instead |"
    yield "|---|---|---|---|"
    for document in keys.DOCUMENTS:
        for path, change in keys.load(document).changed.items():
            instead = change.instead and f"`{change.instead}`"
            yield f"| {document} `{path}` | {change.since} | {change.deprecated} | {instead} |"
