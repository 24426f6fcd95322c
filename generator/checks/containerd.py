"""containerd: what it reads out of its files, what its daemon made of that, and a container that it runs."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping

from generator import render
from generator.checks.kind import Check, Judgement, failed, text
from generator.model import Expect, Observation

# Only its standard output is TOML; where it fails, its other words say why.
_DUMP = ("sh", "-c", "containerd config dump 2>/dev/null || containerd config dump")


def _config(expect: Expect, observation: Observation) -> Judgement:
    if observation.code != 0:
        return failed(observation)
    try:
        config = tomllib.loads(text(observation))
    except (ValueError, RecursionError) as error:
        return False, f"containerd config dump is not TOML: {error}"
    value: object = config
    for key in expect.args:
        value = value.get(key) if isinstance(value, dict) else None
    found = str(value).lower() if isinstance(value, bool) else "nothing" if value in ("", None) else str(value)
    return found == expect.want, found + _by(config)


def _by(config: Mapping[str, object]) -> str:
    """The files that it comes from, where a drop-in may be to blame."""
    files = config.get("imports")
    return f", out of {', '.join(map(str, files))}" if isinstance(files, list) and len(files) > 1 else ""


def _plugin(expect: Expect, observation: Observation) -> Judgement:
    """`ctr plugins ls -d`: a block for each plugin, and in it the error of one that did not come up."""
    if observation.code != 0:
        return failed(observation)
    for block in text(observation).split("Type: ")[1:]:
        rows = [line.split(maxsplit=1) for line in f"Type: {block}".splitlines() if line.strip()]
        told = {row[0]: row[1].strip() if len(row) > 1 else "" for row in rows}
        if (told.get("Type:"), told.get("ID:")) == expect.args:
            return "Error:" not in told, told.get("Message:", "an error") if "Error:" in told else "ok"
    return False, "containerd runs without this plugin"


def _container(expect: Expect, observation: Observation) -> Judgement:
    found = (text(observation).strip().splitlines() or ["nothing printed"])[-1]
    return observation.code == 0 and found == expect.want, found


def _script(name: str) -> Callable[..., tuple[str, ...]]:
    return lambda *arguments: ("sh", "-c", render.raw(f"containerd/{name}"), name, *arguments)


def _same(expect: Expect, observation: Observation) -> Judgement:
    found = text(observation).strip()
    return (found == expect.want, found) if observation.code == 0 else failed(observation)


KINDS: Mapping[str, Check] = {
    "containerd-config": Check(lambda *_place: _DUMP, _config),
    "containerd-current": Check(_script("current.sh"), _same),
    "containerd-plugin": Check(lambda *_plugin: ("ctr", "--connect-timeout", "5s", "plugins", "ls", "-d"), _plugin),
    "containerd-container": Check(_script("container.sh"), _container, probe=True, lane=2),
}
