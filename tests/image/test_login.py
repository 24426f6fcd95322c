import base64
import json
from pathlib import Path

from generator import seed
from generator.image import login


def test_credential(tmp_path: Path) -> None:
    arguments = login.prepare(tmp_path, "credential")
    assert arguments == [["-fw_cfg", "name=opt/io.systemd.credentials/tmpfiles.extra,file=tmpfiles"]]
    rows = (tmp_path / "tmpfiles").read_text().splitlines()
    written = {row.split()[1]: base64.b64decode(row.split()[-1]) for row in rows if row.startswith("f+~ ")}
    assert written["/run/nodebake/authorized_keys"] == (tmp_path / "key.pub").read_bytes()
    assert written["/run/nodebake/host_key"] == (tmp_path / "host_key").read_bytes()
    assert (tmp_path / "key").read_bytes() not in written.values()


def test_seed_says_the_same_and_has_cloud_init_do_nothing_else(tmp_path: Path) -> None:
    login.prepare(tmp_path, "seed")
    files = seed.read(tmp_path / "seed.iso")
    header, document = files["user-data"].decode().split("\n", 1)
    config = json.loads(document)
    assert header == "#cloud-config"
    assert config["cloud_init_modules"] == ["write_files"]
    assert config["cloud_config_modules"] == config["cloud_final_modules"] == []
    rows = (login.prepare(tmp_path / "..", "credential") and (tmp_path / "../tmpfiles").read_text()).splitlines()
    assert {row["path"] for row in config["write_files"]} == {row.split()[1] for row in rows if row.startswith("f+~ ")}


def test_every_build_has_keys_of_its_own(tmp_path: Path) -> None:
    keys = set()
    for name in "ab":
        (tmp_path / name).mkdir()
        login.prepare(tmp_path / name, "credential")
        keys |= {(tmp_path / name / file).read_bytes() for file in ("key", "host_key")}
        assert (tmp_path / name / "key").stat().st_mode & 0o777 == 0o600
    assert len(keys) == 4


def test_only_names_below_run_and_what_sysprep_removes_are_written(tmp_path: Path) -> None:
    from generator import data  # noqa: PLC0415

    login.prepare(tmp_path, "credential")
    sysprep = (data.PACKER / "scripts/sysprep.sh").read_text()
    for row in (tmp_path / "tmpfiles").read_text().splitlines():
        path = row.split()[1]
        assert path.startswith("/run/") or path[1:] in sysprep or path.startswith("/etc/ssh/ssh_host_"), path
