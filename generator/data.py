"""Where the data files are: inside an installed package, or at the top of a checkout."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml

_HERE = Path(__file__).resolve().parent
_INSTALLED = _HERE / "_data"
_ROOT = _INSTALLED if _INSTALLED.is_dir() else _HERE.parent

TEMPLATES = _ROOT / "templates"
SCHEMAS = _ROOT / "schemas"
PACKER = _ROOT / "packer"
DISTROS = _HERE / "distros"


Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's, where PyYAML was built with it


def rows(path: Path) -> Any:  # noqa: ANN401 - each file has its own shape
    """A YAML file of ours. Every command reads some: by libyaml in a tenth of the time."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader)  # noqa: S506 - a safe loader


def guest_cpus(at_once: int = 1) -> int:
    """How many CPUs each of so many guests gets: $NODEBAKE_GUEST_CPUS, else 2, or its share of what there are."""
    named = os.environ.get("NODEBAKE_GUEST_CPUS", "")
    return int(named) if named.isdigit() and int(named) > 0 else max(1, min(2, (os.cpu_count() or 1) // at_once))


def cache_dir() -> Path:
    """The folder for base images: $NODEBAKE_CACHE, else $XDG_CACHE_HOME/nodebake, else ~/.cache/nodebake.

    Without any home, which is where a container runs as a user that it does not know: `homeless_cache_dir`.
    """
    if named := os.environ.get("NODEBAKE_CACHE"):
        return Path(named)
    if xdg := os.environ.get("XDG_CACHE_HOME"):
        return Path(xdg) / "nodebake"
    try:
        return Path.home() / ".cache" / "nodebake"
    except RuntimeError:
        return homeless_cache_dir()


def homeless_cache_dir() -> Path:
    """Where everybody may make it: whoever uses it has to look whose it is (base/cache.py does)."""
    return Path("/var/tmp") / f"nodebake-{os.getuid()}"  # noqa: S108
