"""A config drive as OpenStack attaches it (cloud-init's docs: datasources/configdrive), with EC2's map of disks."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from pycdlib import PyCdlib


def write(where: Path, instance: str, user_data: dict[str, Any]) -> Path:
    """An ISO image labelled config-2. The metadata says that the swap disk is vdb."""
    files = {
        "openstack/latest/meta_data.json": json.dumps({"uuid": instance, "hostname": "zoo"}),
        "openstack/latest/user_data": "#cloud-config\n" + json.dumps(user_data),
        "ec2/latest/meta-data.json": json.dumps(
            {"block-device-mapping": {"ami": "vda1", "root": "/dev/vda1", "swap": "vdb"}}
        ),
    }
    iso = PyCdlib()
    iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident="config-2")
    folders = {str(folder) for path in files for folder in Path(path).parents if str(folder) != "."}
    for folder in sorted(folders):
        iso.add_directory(f"/{folder.upper()}", rr_name=Path(folder).name, joliet_path=f"/{folder}")
    for number, (path, text) in enumerate(files.items()):
        folder, name = str(Path(path).parent), Path(path).name
        content = text.encode()
        iso.add_fp(
            io.BytesIO(content), len(content), f"/{folder.upper()}/F{number}.;1", rr_name=name, joliet_path=f"/{path}"
        )
    iso.write(str(where))
    iso.close()
    return where
