"""The last provisioner, on a root file system made for it."""

import os
import subprocess
from pathlib import Path

import pytest

from generator import data, errors, profile
from tests.conftest import HEAD

SCRIPT = data.PACKER / "scripts" / "sysprep.sh"
GOES = """
etc/ssh/ssh_host_ed25519_key etc/ssh/ssh_host_rsa_key.pub etc/ssh/sshd_config.d/00-nodebake-build.conf
etc/ssh/sshd_config.d/50-cloud-init.conf etc/netplan/50-cloud-init.yaml etc/systemd/network/10-cloud-init-ens3.network
etc/network/interfaces.d/50-cloud-init etc/passwd- etc/shadow- var/lib/cloud/instances/i/user-data.txt
var/lib/cloud/.hidden var/lib/systemd/random-seed var/lib/systemd/credential.secret var/lib/dhcp/dhclient.leases
var/lib/NetworkManager/secret_key var/log/syslog var/log/btmp var/log/cloud-init.log var/log/apt/history.log
var/log/journal/0123/system.journal var/lib/apt/lists/x_InRelease
var/cache/apt/archives/x.deb
var/cache/apt/pkgcache.bin tmp/a/b tmp/.hidden tmp/..odd var/tmp/x
var/lib/containerd/io.containerd.grpc.v1.introspection/uuid var/lib/containerd/tmpmounts/x
root/.bash_history root/.ssh/known_hosts home/u/.bash_history
""".split()  # noqa: SIM905 - a list of paths is easier read so
STAYS = """
etc/ssh/sshd_config etc/ssh/sshd_config.d/10-profile.conf etc/systemd/network/90-dhcp.network etc/passwd
boot/config-6.1.0-50-cloud-amd64 var/lib/dpkg/status root/.bashrc
root/.ssh/authorized_keys home/u/.ssh/authorized_keys usr/bin/tool
var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db
""".split()  # noqa: SIM905


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (*GOES, *STAYS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("something\n")
    (tmp_path / "etc/ssh/ssh_host_build_key").symlink_to("/nowhere")
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "etc/hostname").write_text("build\n")
    (tmp_path / "var/lib/dbus").mkdir()
    (tmp_path / "var/lib/dbus/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    return tmp_path


def run(root: Path, script: str | None = None) -> subprocess.CompletedProcess[str]:
    words = ["sh", "-c", script] if script else ["sh", str(SCRIPT)]
    environment = {**os.environ, "SYSPREP_ROOT": str(root)}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def test_what_goes_and_what_stays(root: Path) -> None:
    done = run(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "sysprep: clean\n", "")
    assert [name for name in GOES if (root / name).exists()] == []
    assert [name for name in STAYS if not (root / name).exists()] == []
    assert not (root / "etc/ssh/ssh_host_build_key").is_symlink()


@pytest.mark.parametrize("name", GOES)
def test_a_profile_cannot_lay_what_goes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text(f"{HEAD}files: [{{path: /{name}, content: x}}]\n")
    with pytest.raises(errors.Refused) as caught:
        profile.load(str(path))
    assert f"files[0].path: '/{name}"[:60] in str(caught.value)
    assert "is not taken here" in str(caught.value)


def test_the_identity_is_reset(root: Path) -> None:
    run(root)
    assert (root / "etc/machine-id").read_bytes() == b""
    assert (root / "etc/machine-id").stat().st_mode & 0o777 == 0o444
    assert (root / "var/lib/dbus/machine-id").readlink() == Path("/etc/machine-id")
    assert (root / "etc/hostname").read_text() == "localhost\n"


def test_folders_of_logs_stay(root: Path) -> None:
    run(root)
    assert [path.name for path in sorted((root / "var/log").iterdir())] == ["apt", "journal"]
    assert list((root / "var/log/journal").iterdir()) == []


def test_twice_is_as_good_as_once_and_an_empty_root_is_fine(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run(root)
    assert run(root).returncode == 0
    empty = tmp_path_factory.mktemp("empty")
    (empty / "etc").mkdir()
    assert run(empty).returncode == 0


@pytest.mark.parametrize(
    ("removal", "instead", "complaint"),
    [
        ("rm -rf -- $gone", ":", "/etc/ssh/ssh_host_build_key is still there"),
        ("find var/log -xdev -type f -delete", ":", "/var/log has files"),
        (": > etc/machine-id", ":", "/etc/machine-id is not empty"),
        ("ln -sfn /etc/machine-id var/lib/dbus/machine-id", ":", "/var/lib/dbus/machine-id is not a link"),
        ("echo localhost > etc/hostname", ":", "/etc/hostname is not localhost"),
    ],
)
def test_it_looks_and_does_not_trust(root: Path, removal: str, instead: str, complaint: str) -> None:
    script = SCRIPT.read_text()
    assert removal in script
    done = run(root, script.replace(removal, instead))
    assert done.returncode == 1
    assert complaint in done.stderr


def test_shellcheck() -> None:
    subprocess.run(["shellcheck", "-s", "sh", str(SCRIPT)], check=True)
