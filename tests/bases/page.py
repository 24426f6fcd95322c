"""docs/bases.md: what bases.yaml says, as tables. `make bases` writes it."""

from __future__ import annotations

from collections.abc import Iterator

from generator import distro
from generator.base import listing
from generator.facts import bases
from generator.facts.bases import Base, Fact

HEAD = """\
# Bases

Made by `make bases` from [bases.yaml](../generator/facts/bases.yaml) and [distros/](../generator/distros); it is not
edited by hand. `nodebake base list` prints the same, and `--format json` every fact with its source.

A base is **booted by this project** if it has a recipe in `generator/distros/`: nodebake builds it from the
distribution's packages, and the tests boot each of them (`tests/boots/test_golden.py`). Of the others there are facts
alone, that others published. With such a base, by its name or as the `distro` of an address with sha256,

- `check`, `plan`, `diff`, `render` and `fleet` work as far as the facts reach, and say so: a warning, and a line at the
  head of each file that is rendered. Nothing of it was booted on that distribution by this project.
- `packages` is refused where the image has no apt, and `containerd` where nothing is known of its package. A Kubernetes
  preset then brings no packages, and names those that kubeadm's preflight wants.
- a module that the image lacks is told with the package that brings it.
- `build` and `base lock` refuse, with the bases that are built.
"""
FACTS = """\
## By facts only

No answer means that it is not known here, neither yes nor no. cloud-init is the least that an image has.
"""
MODULES = """\
## Where br_netfilter and the xt modules are

The booted ones are known by their own kernels: `built_in` and `loaded` in `generator/distros/`. Of the others:
"""


def page() -> str:
    """The whole of it."""
    return "\n".join((HEAD, *_all(), "", FACTS, *_table(), "", *_images(), "", MODULES, *_modules(), ""))


def _all() -> Iterator[str]:
    yield "| base | | known | cloud-init |"
    yield "|---|---|---|---|"
    for row in listing.listed():
        yield f"| `{row.id}` | {row.title} | {row.known} | {row.cloud_init} |"


def _table() -> Iterator[str]:
    yield "| base | login | package manager | /etc/sysctl.conf read at a boot | swap on zram unasked |"
    yield "|---|---|---|---|---|"
    for base in bases.known().values():
        told = (_said(base, key) for key in ("login", "manager", "sysctl_conf", "zram"))
        yield f"| `{base.id}` | {' | '.join(told)} |"


def _images() -> Iterator[str]:
    yield "| base | image | checksum | signature |"
    yield "|---|---|---|---|"
    for base in bases.known().values():
        url = base.value("image")
        told = f"[{url.rpartition('/')[2]}]({url}) ({_source(base.facts['image'])})"
        yield f"| `{base.id}` | {told} | {_said(base, 'checksum')} | {_said(base, 'signature')} |"


def _modules() -> Iterator[str]:
    yield "| base | in the image | not in it, and what brings them |"
    yield "|---|---|---|"
    for base in bases.known().values():
        if base.like:
            yield f"| `{base.id}` | as in {distro.load(base.like).title}, whose kernel it has | |"
            continue
        fact = base.facts["modules_absent"]
        absent = ", ".join(f"{name} ({package})" for name, package in (fact.value or {}).items())
        there = "" if fact.value is None or absent else "all that was looked for"
        yield f"| `{base.id}` | {there}{'' if absent else _more(fact)} | {absent}{_more(fact) if absent else ''} |"


def _said(base: Base, key: str) -> str:
    fact = base.facts.get(key)
    if fact is None:
        return f"as {base.like}"
    words = {True: "yes", False: "no", None: ""}
    said = words[fact.value] if fact.value is None or isinstance(fact.value, bool) else str(fact.value)
    return f"{said}{_more(fact)}"


def _more(fact: Fact) -> str:
    """The source and the note, in brackets."""
    told = ", ".join(filter(None, (_source(fact), fact.note)))
    return f" ({told})" if told else ""


def _source(fact: Fact) -> str:
    return f"[source]({fact.source})" if fact.source else ""
