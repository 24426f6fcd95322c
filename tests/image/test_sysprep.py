"""The last provisioner, on a root file system made for it."""

import os
import re
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
root/.bash_history root/.ssh/known_hosts root/.ssh/id_ed25519 home/u/.bash_history
""".split()  # noqa: SIM905 - a list of paths is easier read so
UNASKED = """
etc/iscsi/initiatorname.iscsi etc/nvme/hostid etc/apt/auth.conf.d/mirror.conf etc/cni/net.d/10-flannel.conflist
etc/kubernetes/admin.conf etc/kubernetes/pki/etcd/ca.key var/lib/kubelet/cpu_manager_state var/lib/etcd/member/wal/1
root/.kube/config home/u/.docker/config.json var/lib/cni/networks/a/last var/lib/rancher/k3s/server/node-token
""".split()  # noqa: SIM905
STAYS = """
etc/ssh/sshd_config etc/ssh/sshd_config.d/10-profile.conf etc/systemd/network/90-dhcp.network etc/passwd
boot/config-6.1.0-50-cloud-amd64 var/lib/dpkg/status root/.bashrc
root/.ssh/authorized_keys home/u/.ssh/authorized_keys usr/bin/tool
var/lib/containerd/io.containerd.metadata.v1.bolt/meta.db
""".split()  # noqa: SIM905


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (*GOES, *UNASKED, *STAYS):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("something\n")
    (tmp_path / "etc/ssh/ssh_host_build_key").symlink_to("/nowhere")
    (tmp_path / "etc/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "etc/hostname").write_text("build\n")
    (tmp_path / "var/lib/dbus").mkdir()
    (tmp_path / "var/lib/dbus/machine-id").write_text("0123456789abcdef0123456789abcdef\n")
    return tmp_path


def run(root: Path, script: str | None = None, laid: str = "/dev/null") -> subprocess.CompletedProcess[str]:
    words = ["sh", "-c", script] if script else ["sh", str(SCRIPT)]
    environment = {**os.environ, "SYSPREP_ROOT": str(root), "SYSPREP_LAID": laid}
    return subprocess.run(words, env=environment, capture_output=True, text=True, check=False)


def test_what_goes_and_what_stays(root: Path) -> None:
    done = run(root)
    assert (done.returncode, done.stdout, done.stderr) == (0, "sysprep: clean\n", "")
    assert [name for name in (*GOES, *UNASKED) if (root / name).exists()] == []
    assert [name for name in STAYS if not (root / name).exists()] == []
    assert not (root / "etc/ssh/ssh_host_build_key").is_symlink()


def test_what_the_profile_lays_stays(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Also in a folder that goes otherwise; and what only begins with the same words does not."""
    laid = tmp_path_factory.mktemp("laid") / "laid"
    laid.write_text("/etc/kubernetes/admin.conf\n/root/.kube/config\n/etc/nvme/hostid.d\n")
    done = run(root, laid=str(laid))
    assert (done.returncode, done.stderr) == (0, "")
    left = [name for name in UNASKED if (root / name).exists()]
    assert left == ["etc/kubernetes/admin.conf", "root/.kube/config"]


def test_without_the_list_of_what_the_profile_lays_nothing_goes(root: Path) -> None:
    done = run(root, laid=str(root / "none"))
    assert done.returncode != 0
    assert "No such file or directory" in done.stderr
    assert [name for name in (*GOES, *UNASKED) if not (root / name).exists()] == []


def test_what_a_package_brought_stays(root: Path) -> None:
    (root / "var/lib/dpkg/status").write_text("Conffiles:\n /etc/cni/net.d/10-flannel.conflist 0123\n")
    assert run(root).returncode == 0
    assert [name for name in UNASKED if (root / name).exists()] == ["etc/cni/net.d/10-flannel.conflist"]


LINES = {
    "etc/environment": (
        'PATH="/bin"\nhttp_proxy=http://p:3128\nexport HTTPS_PROXY="x"\nno_proxy=a\n# all_proxy=x\nA=https://u:p@h/\n',
        'PATH="/bin"\n# all_proxy=x\nA=https://h/\n',
    ),
    "etc/apt/sources.list.d/x.list": (
        "deb http://u:p%40x@h:80/d a b\ndeb http://h:80/d\n",
        "deb http://h:80/d a b\ndeb http://h:80/d\n",
    ),
    "etc/apt/apt.conf.d/90proxy": ('Acquire::http::Proxy "http://p";\nAPT::X "1";\n', 'APT::X "1";\n'),
    "etc/apt/apt.conf": ('Acquire { http {\n  Proxy "http://p";\n}; };\n', "Acquire { http {\n}; };\n"),
    "etc/systemd/system/a.service.d/p.conf": ('[Service]\nEnvironment="HTTP_PROXY=http://p"\n', "[Service]\n"),
    "etc/hosts": ("127.0.0.1 localhost\n127.0.1.1 build\n127.0.1.10 x\n", "127.0.0.1 localhost\n127.0.1.10 x\n"),
    "etc/shadow": (
        "root:$y$a$b:1:2:3:::\nx::1::::::\nd:*:1::::::\ne:!:1::::::\nf:!$6$h:1::::::\n",
        "root:!$y$a$b:1:2:3:::\nx:!:1::::::\nd:*:1::::::\ne:!:1::::::\nf:!$6$h:1::::::\n",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_lines_that_go(name: str, root: Path) -> None:
    before, after = LINES[name]
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(before)
    (root / name).chmod(0o640)
    done = run(root)
    assert (done.returncode, done.stderr) == (0, "")
    assert (root / name).read_text() == after
    assert (root / name).stat().st_mode & 0o777 == 0o640


def test_the_lines_of_the_profile_stay(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    names = [name for name in LINES if name != "etc/shadow"]
    laid = tmp_path_factory.mktemp("laid") / "laid"
    laid.write_text("".join(f"/{name}\n" for name in names))
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(LINES[name][0])
    assert run(root, laid=str(laid)).returncode == 0
    assert {name: (root / name).read_text() for name in names} == {name: LINES[name][0] for name in names}


@pytest.mark.parametrize(
    ("tool", "unit", "files"),
    [
        ("iscsi-iname", "nodebake-iscsi-name.service", {"initiatorname.iscsi": "InitiatorName=iqn.example:-p 1\n"}),
        ("nvme", "nodebake-nvme-name.service", {"hostnqn": "iqn.example:gen-hostnqn 1\n", "hostid": None}),
    ],
)
def test_names_are_made_where_the_tool_is(tool: str, unit: str, files: dict[str, str | None], root: Path) -> None:
    """What the unit starts, started here, on a folder in place of the machine's: twice, and the name is the first."""
    program = root / "usr/sbin" / tool
    program.parent.mkdir(exist_ok=True)
    count = root / "count"
    program.write_text(f'#!/bin/sh\necho x >>{count}\necho "iqn.example:$1 $(wc -l <{count})"\n')
    program.chmod(0o755)
    assert run(root).returncode == 0
    link = root / "etc/systemd/system/sysinit.target.wants" / unit
    assert link.resolve() == root / "etc/systemd/system" / unit
    told = link.read_text()
    starts = re.findall(r"^ExecStart=/bin/sh -euc '(.*)'$", told, re.M)
    folder = re.findall(r"^RequiresMountsFor=/(.*)$", told, re.M)[0]
    conditions = re.findall(r"^ConditionFileNotEmpty=\|?!/(.*)$", told, re.M)
    assert conditions == [f"{folder}/{name}" for name in files]
    (root / folder).mkdir(parents=True, exist_ok=True)
    for script in starts:
        ours = script.replace("$$", "$").replace("cd /etc", f"cd {root}/etc").replace("/usr/sbin", f"{root}/usr/sbin")
        subprocess.run(["sh", "-euc", ours], check=True)
    found = {name: (root / folder / name).read_text() for name in files}
    assert {name: text for name, text in found.items() if files[name]} == {n: t for n, t in files.items() if t}
    assert all(text.strip() for text in found.values())
    assert sorted(path.name for path in (root / folder).iterdir()) == sorted(files)


def test_no_unit_where_no_tool_is(root: Path) -> None:
    run(root)
    assert not (root / "etc/systemd/system/sysinit.target.wants").exists()


def test_the_cleaners_of_packages_run_first(root: Path) -> None:
    """cloud-init runs none of them where /var/lib/cloud is empty."""
    folder = root / "etc/cloud/clean.d"
    folder.mkdir(parents=True)
    (folder / "README").write_text("no script\n")
    (folder / "99-x").write_text("#!/bin/sh\n[ -e var/lib/cloud/instances ] && touch opt-cleaned\n")
    (folder / "99-x").chmod(0o755)
    assert run(root).returncode == 0
    assert (root / "opt-cleaned").exists()
    (folder / "99-x").write_text("#!/bin/sh\nexit 3\n")
    done = run(root)
    assert (done.returncode, done.stderr) == (1, "sysprep: /etc/cloud/clean.d/99-x did not succeed\n")


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
        ("find var/log -xdev ! -type d ! -lname '*/usr/*' -delete", ":", "/var/log has files"),
        (": > etc/machine-id", ":", "/etc/machine-id is not empty"),
        ("ln -sfn /etc/machine-id var/lib/dbus/machine-id", ":", "/var/lib/dbus/machine-id is not a link"),
        ("echo localhost > etc/hostname", ":", "/etc/hostname is not localhost"),
        ('asked "$path" || rm -rf -- "$path"', ":", "/etc/iscsi/initiatorname.iscsi is still there"),
        ('sed -i -E ":a;s%$login%\\\\1://%I;ta" "$path"', ":", "/etc/pip.conf has a login in an address"),
        ('sed -i -E "\\\\%$1%Id" "$path"', ":", "/etc/wgetrc names a proxy"),
    ],
)
def test_it_looks_and_does_not_trust(root: Path, removal: str, instead: str, complaint: str) -> None:
    script = SCRIPT.read_text()
    assert removal in script
    (root / "etc/pip.conf").write_text("index-url = https://u:p@h/\n")
    (root / "etc/wgetrc").write_text("http_proxy = http://p\n")
    done = run(root, script.replace(removal, instead))
    assert done.returncode == 1
    assert complaint in done.stderr


def test_shellcheck() -> None:
    subprocess.run(["shellcheck", "-s", "sh", str(SCRIPT)], check=True)
