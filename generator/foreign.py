"""YAML that is somebody else's: a file's content in a profile, read for what it says of one key or another."""

from __future__ import annotations

from typing import Any

import yaml

_MAX_DEPTH = 64  # the composer recurses
# What PyYAML's constructors raise over a date that there is not, 5000 digits, a tag that does not fit.
_STUMBLES = (ValueError, LookupError, ArithmeticError, TypeError, AttributeError)


def mapping(text: str) -> dict[str, Any]:
    """The mapping that a text is; nothing where it is none, is no YAML, or is more than its letters (aliases)."""
    try:
        found = yaml.safe_load(text) if _is_plain(text) else None
    except (yaml.YAMLError, *_STUMBLES):
        return {}
    return found if isinstance(found, dict) else {}


def _is_plain(text: str) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _MAX_DEPTH or isinstance(event, yaml.AliasEvent):
            return False
    return True
