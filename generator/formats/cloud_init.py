"""user-data, meta-data, network-config, and the NoCloud seed image that holds the three."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

from generator import network, render, seed
from generator.formats import _script
from generator.model import Artefact, File, Plan

STEPS = "/run/nodebake/steps.sh"
_PRIVATE = 0o600  # user-data may carry what is nobody else's business
# With these words in its first 4096 bytes a document is an e-mail to cloud-init (user_data.convert_string), and what is
# not ASCII in it is not UTF-8 any more: the whole of it is dropped, or a file gets another content.
_MAIL = re.compile(r"mime-version:", re.ASCII | re.IGNORECASE)


def _never(_text: str) -> bool:
    return False


def artefacts(plan: Plan) -> tuple[Artefact, ...]:
    """Four files. The instance-id follows the content: other settings are another instance, whose steps run anew."""
    config = user_data(plan)
    identity = hashlib.sha256(config).hexdigest()[:16]
    name = plan.profile.name
    meta_data = document(plan, {"instance-id": f"{name}-{identity}", "local-hostname": name})
    network_config = document(plan, network.document(plan.profile.network))
    files = {"user-data": config, "meta-data": meta_data, "network-config": network_config}
    parts = tuple(Artefact(path, content, _PRIVATE) for path, content in files.items())
    return (*parts, Artefact("seed.iso", seed.write(files), _PRIVATE))


def user_data(plan: Plan, more: Mapping[str, Any] | None = None, quoted: Callable[[str], bool] = _never) -> bytes:
    """The cloud-config of a plan, with further keys before it; a file whose text is `quoted` stands in quotes."""
    document = {**(more or {}), **_cloud_config(plan, quoted)}
    text = render.template("cloud-init/user-data.j2", header=render.header(plan.profile), document=document)
    return _no_mail(text).encode()


def document(plan: Plan, content: Mapping[str, Any]) -> bytes:
    """meta-data or network-config."""
    return render.template("cloud-init/document.j2", header=render.header(plan.profile), document=content).encode()


def _cloud_config(plan: Plan, quoted: Callable[[str], bool]) -> dict[str, Any]:
    """cloud-init writes the files and runs the steps. Its other modules go ways of their own; the roads must agree."""
    return _with_steps(plan, _script.script(plan, "cloud-init/steps.sh.j2", _file_item), quoted)


def _with_steps(plan: Plan, script: bytes, quoted: Callable[[str], bool]) -> dict[str, Any]:
    written = [_write_file(file, quoted) for _, file in plan.files if _is_early(file)]
    steps = _write_file(File(STEPS, script, mode="0700"), _never)
    return {"write_files": [*written, steps], "runcmd": [["sh", STEPS]]}


def content(plan: Plan) -> dict[str, dict[str, Any]]:
    """user-data and network-config as data, for those who ask for their keys: the script of the steps is left empty."""
    return {
        "user-data": _with_steps(plan, b"", _never),
        "network-config": network.document(plan.profile.network),
    }


def _write_file(file: File, quoted: Callable[[str], bool]) -> dict[str, Any]:
    entry: dict[str, Any] = {"path": file.path, "permissions": file.mode, "owner": f"{file.owner}:{file.group}"}
    text = _script.plain_text(file.content)
    if text is not None and quoted(text):
        entry["content"] = render.OneLine(text)
    elif text is None or _MAIL.search(text):
        entry |= {"encoding": "b64", "content": base64.b64encode(file.content).decode()}
    else:
        entry["content"] = text
    return entry


def _no_mail(document: str) -> str:
    """Without the words that make it an e-mail: the last of them are a path's, in double quotes, which know \\x2d."""
    return _MAIL.sub(lambda words: words[0].replace("-", r"\x2d"), document)


def _is_early(file: File) -> bool:
    """A mode of 0 is none to cloud-init (cloudinit/util.py, chmod)."""
    return (file.owner, file.group) == ("root", "root") and not file.late and int(file.mode, 8) != 0


def _file_item(number: int, file: File) -> _script.Item:
    """cloud-init writes root's files; what must wait, for its owner or for a package, comes with the steps."""
    return _script.laid(number, file) if _is_early(file) else _script.embedded(number, file)
