"""What is said of bases that this project has not booted."""

from __future__ import annotations

from generator.errors import NodebakeError, usage
from generator.sentences import Words

_LIST = "`nodebake base list` says which bases this project boots"


def by_facts_only(base: str) -> Words:
    return f"of {base} there are facts alone: this project has not booted what is rendered for it", _LIST


def module_absent(name: str, package: str, base: str) -> Words:
    return (
        f"the image of {base} has no module {name}: it is in {package}, and loading it fails until that is there",
        f"have {package} of the running kernel installed before, in an image of your own",
    )


def no_packages(base: str, manager: str) -> Words:
    return (
        f"packages are installed by apt alone, and {base} has {manager}",
        "leave them out, and install them otherwise",
    )


def install_by(package: str, manager: str) -> str:
    return f"install {package} by {manager}, if it is not there: nodebake installs by apt alone"


def no_containerd(base: str) -> Words:
    return f"nothing is known of a package of containerd on {base}", "leave it out, and set it up otherwise"


def not_built(base: str, built: tuple[str, ...]) -> NodebakeError:
    return usage(
        f"no image is built of {base}: of it there are facts alone",
        f"images are built of {', '.join(built)}; `nodebake render` writes user-data and bootstrap.sh for {base}",
    )
