"""The one Jinja environment. Templates are ours and trusted; values are data and are never rendered as templates."""

from __future__ import annotations

import functools
import re
import shlex
import textwrap
import tomllib
from collections.abc import Callable, Mapping
from typing import Any

import tomli_w
import yaml
from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from generator import __version__, data, distro, errors
from generator.model import Profile

_UNTRIED = "For {}, by facts that others published: this project has not booted it."
_PLAIN_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z", re.ASCII)
_NOT_A_KEY = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}  # words to some YAML version


def template(name: str, **values: object) -> str:
    """Render templates/<name>. Raises jinja2's UndefinedError for a name that no caller gave: that is our bug."""
    return _environment().get_template(name).render(**values)


def page(name: str, **values: object) -> str:
    """Render templates/<name> as HTML. Much of it a guest has said: every value is escaped, and on one line."""
    made = _environment().overlay(autoescape=True, finalize=_on_one_line)
    return made.get_template(name).render(**values)


def _on_one_line(value: object) -> object:
    """Without characters that cannot be seen: some of them turn around what stands beside them. Not of ready HTML."""
    return errors.visible(value) if type(value) is str else value


def raw(name: str) -> str:
    """The text of a file in templates/ that is not a template (shell functions)."""
    return (data.TEMPLATES / name).read_text(encoding="utf-8")


def header(profile: Profile) -> str:
    """The lines, without comment marks, that say what made a file and from what."""
    said = (
        f"Made by nodebake {__version__} from the profile {profile.name}, sha256\n"
        f"{profile.digest}. Edit the profile, not this file."
    )
    return said if profile.distro in distro.known() else f"{said}\n{_UNTRIED.format(profile.distro)}"


@functools.lru_cache(maxsize=1024)  # the same few reasons, again and again
def comment(text: str, mark: str = "# ", width: int = 110) -> str:
    """Text as comment lines."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, width) or [""]]
    return "\n".join(f"{mark}{line}".rstrip() for line in lines)


class _Key(str):
    __slots__ = ()


class OneLine(str):
    """Text that stands in quotes on one line in YAML, even if it has lines."""

    __slots__ = ()


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Every text is quoted, or a literal block where it has lines: no YAML version can read it as something else."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _text(dumper: Any, value: str) -> yaml.Node:  # noqa: ANN401 - PyYAML's dumper
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else '"')
    return node


def _key(dumper: Any, value: _Key) -> yaml.Node:  # noqa: ANN401
    plain = _PLAIN_KEY.match(value) and value.lower() not in _NOT_A_KEY
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style=None if plain else '"')
    return node


def _one_line(dumper: Any, value: OneLine) -> yaml.Node:  # noqa: ANN401
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", str(value), style='"')
    return node


_Dumper.add_representer(str, _text)
_Dumper.add_representer(OneLine, _one_line)
_Dumper.add_representer(_Key, _key)


def _with_keys(value: object) -> object:
    if isinstance(value, dict):
        return {_Key(key): _with_keys(item) for key, item in value.items()}
    return [_with_keys(item) for item in value] if isinstance(value, (list, tuple)) else value


def to_yaml(value: object) -> str:
    """Data -> YAML text that every parser reads back as the same data. Raises ValueError where that does not hold."""
    text = str(
        yaml.dump(_with_keys(value), Dumper=_Dumper, sort_keys=False, width=1 << 30, allow_unicode=True, indent=2)
    )
    if yaml.safe_load(text) != value:
        raise ValueError("YAML does not read back as what was written")
    return text


def to_toml(value: Mapping[str, Any]) -> str:
    """Data -> TOML text that reads back as the same data. Raises ValueError where that does not hold."""
    text = tomli_w.dumps(value)
    if tomllib.loads(text) != value:
        raise ValueError("TOML does not read back as what was written")
    return text


def shell_quote(value: str) -> str:
    """One shell word, whatever is in it."""
    return shlex.quote(value)


def shell_call(words: tuple[str, ...]) -> str:
    """A command of shell words."""
    return shlex.join(words)


@functools.cache
def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(data.TEMPLATES),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    filters: dict[str, Callable[..., str]] = {
        "comment": comment,
        "to_toml": to_toml,
        "to_yaml": to_yaml,
        "sh": shell_quote,
        "call": shell_call,
    }
    environment.filters.update(filters)
    return environment
