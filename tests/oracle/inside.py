"""Runs beside the real cloud-init's modules, in a process of its own: a question a line, an answer a line, in JSON.

Nothing here decides anything: it calls what cloud-init calls at a boot, in that order, and tells what came of it. The
two functions that would touch this machine, write_file and chownbyname, are replaced where cc_write_files calls them.
"""

from __future__ import annotations

import base64
import io
import json
import logging
import os
import sys
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from cloudinit import handlers, helpers, user_data, util, version
from cloudinit.config import cc_write_files, schema
from cloudinit.handlers.cloud_config import CloudConfigPartHandler
from cloudinit.net import network_state
from cloudinit.settings import PER_INSTANCE

WARNED: list[str] = []
WORK = Path(tempfile.mkdtemp(prefix="oracle-"))


class _Warnings(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        WARNED.append(record.getMessage())


class _DataSource:
    def get_instance_id(self) -> str:
        return "oracle"


class _Recorder(handlers.Handler):
    """In the place of the handlers of scripts, boothooks and templates, which would write them where they run."""

    def __init__(self) -> None:
        handlers.Handler.__init__(self, PER_INSTANCE, version=2)

    def handle_part(self, *_args: object) -> None: ...


def parts(data: bytes) -> dict:
    """As stages.Init does with user-data: processed, walked, merged, and then what cc_write_files would write."""
    paths = helpers.Paths({"cloud_dir": str(WORK), "run_dir": str(WORK)}, _DataSource())
    message = user_data.UserDataProcessor(paths).process(data)
    str(message)  # it is written down like this at every boot
    found: list[dict] = []

    def see(pdata: dict, filename: str, payload: object, headers: dict) -> None:
        blob = payload if isinstance(payload, bytes) else str(payload).encode("utf-8", "surrogateescape")
        found.append({"type": headers["Content-Type"], "name": filename, "payload": _b64(blob)})
        handlers.walker_callback(pdata, filename, payload, headers)

    config = _handled(message, see, CloudConfigPartHandler(paths))
    return {"parts": found, "config": config, "files": _files(config), "runcmd": _runcmd(config)}


def _handled(message: object, see: object, cloud_config: CloudConfigPartHandler) -> dict:
    known = helpers.ContentHandlers()
    for kind in set(handlers.INCLUSION_TYPES_MAP.values()) - set(handlers.PART_CONTENT_TYPES):
        known.registered[kind] = _Recorder()
    known.register(cloud_config)
    handlers.call_begin(cloud_config, None, PER_INSTANCE)
    data = {"handlers": known, "handlerdir": str(WORK), "data": None, "frequency": PER_INSTANCE}
    handlers.walk(message, see, data={**data, "handlercount": 0, "excluded": []})
    handlers.call_end(cloud_config, None, PER_INSTANCE)
    return util.read_conf(cloud_config.cloud_fn)


def _files(config: dict) -> list[dict]:
    written: list[dict] = []

    def write_file(filename: str, content: object, mode: int = 0o644, omode: str = "wb", **_owner: object) -> None:
        blob = util.encode_text(content)
        written.append({"path": filename, "content": _b64(blob), "mode": mode, "how": omode})

    def chownbyname(_path: str, user: str | None = None, group: str | None = None) -> None:
        written[-1] |= {"owner": user, "group": group}

    with mock.patch.multiple(cc_write_files.util, write_file=write_file, chownbyname=chownbyname):
        cc_write_files.write_files("write_files", config.get("write_files", []), "root:root")
    return written


def _runcmd(config: dict) -> str:
    return util.shellify(config["runcmd"]) if "runcmd" in config else ""


def cloud_config(data: bytes) -> dict:
    """`cloud-init schema --config-file`."""
    return _validated(data, {})


def network_config(data: bytes) -> dict:
    """The same of a network-config; 22.4 has no schema of it, and shows what it understood instead."""
    answer = _validated(data, {"schema_type": schema.SchemaType.NETWORK_CONFIG}) if _knows_networks() else {"said": ""}
    config = util.load_yaml(data)
    state = network_state.parse_net_config_data(config.get("network", config), skip_broken=False)
    return answer | {"interfaces": sorted(interface["name"] for interface in state.iter_interfaces())}


def _knows_networks() -> bool:
    return hasattr(schema, "SchemaType") and hasattr(schema.SchemaType, "NETWORK_CONFIG")


def _validated(data: bytes, how: dict) -> dict:
    path = WORK / "config"
    path.write_bytes(data)
    said = io.StringIO()
    kinds = how.values()
    with redirect_stdout(said):
        schema.validate_cloudconfig_file(str(path), schema.get_schema(*kinds), **how)
    return {"said": said.getvalue().strip()}


def told_version(_data: bytes) -> dict:
    return {"version": version.version_string()}


def _b64(blob: bytes) -> str:
    return base64.b64encode(blob).decode()


KINDS = {"version": told_version, "parts": parts, "cloud-config": cloud_config, "network-config": network_config}


def _answer(question: dict) -> dict:
    WARNED.clear()
    try:
        answer = KINDS[question["kind"]](base64.b64decode(question["data"]))
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    return answer | {"warnings": list(WARNED)}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what cloud-init prints is no answer
    logging.getLogger().addHandler(_Warnings(logging.WARNING))
    for line in sys.stdin:
        print(json.dumps(_answer(json.loads(line))), file=answers, flush=True)
    util.del_dir(str(WORK))


if __name__ == "__main__":
    main()
