"""What the profile's own units and files of variables tell kubelet by its command line, against its setting."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from generator.checks import kubelet_command
from generator.crosschecks import Found
from generator.sentences import Words
from generator.sentences import kubernetes as sentences
from generator.settings import Context, files
from generator.settings.kubelet import config, source

_UNITS = r"/(?:etc|run|usr/local/lib|usr/lib|lib)/systemd/system"
_UNIT, _DROP_IN = (
    rf"{_UNITS}/{re.escape(config.UNIT)}",
    rf"{_UNITS}/(?:{re.escape(config.UNIT)}|service)\.d/[^/]+\.conf",
)


def find(context: Context) -> Iterator[Found]:
    """At the content: of each file what it says by itself, and what systemd makes of all of them."""
    value = context.profile.settings.get("kubelet")
    if value is None:
        return
    rows = {file["path"]: (at, files.text(file)) for at, file in enumerate(context.profile.settings.get("files", ()))}
    said = {path: text for path, (_, text) in rows.items()}
    for path, words in dict.fromkeys(_said(value, said, context)):
        yield Found(("files", rows[path][0], "content"), words)
    if config.KUBEADMS in rows and "kubeadm" in source.names(value):
        yield Found(("files", rows[config.KUBEADMS][0], "path"), sentences.config_of_kubeadm(config.KUBEADMS))


def _said(value: source.Value, said: Mapping[str, str], context: Context) -> Iterator[tuple[str, Words]]:
    """By the file that says it."""
    own = [(path, text) for path, text in said.items() if re.fullmatch(_UNIT, path)]
    whole = kubelet_command.command(_units(value, said), said)
    for name, wanted in config.fields(context).items():
        flag, want = kubelet_command.FLAGS[name], str(wanted).lower()
        for told in (whole.flag(flag), kubelet_command.command(own, {}).flag(flag)):
            if told and told[0] != want and told[1] in said:
                yield told[1], sentences.says_otherwise(told[1], f"--{flag}={told[0]}", want)
    if (path := whole.beside_the_folder()) in said:
        yield path, sentences.folder_not_told(path, config.FOLDER)


def _units(value: source.Value, said: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The unit and its drop-ins as systemd reads them: the packages', the setting's, and the profile's."""
    packaged = source.community()["units"]
    drop_ins = {posixpath.basename(config.DROP_IN): (config.DROP_IN, config.told())}
    if "kubeadm" in source.names(value):
        drop_ins["10-kubeadm.conf"] = ("", packaged["10-kubeadm.conf"])
    unit = ("", packaged[config.UNIT])
    for path, text in said.items():
        if re.fullmatch(_DROP_IN, path):
            drop_ins[posixpath.basename(path)] = (path, text)
        unit = (path, text) if re.fullmatch(_UNIT, path) else unit
    yield unit
    yield from (drop_ins[name] for name in sorted(drop_ins))
