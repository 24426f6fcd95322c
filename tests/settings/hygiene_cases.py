"""What may be in an image and what not, beside the faults: what is there, the check that is red, and what it says."""

from __future__ import annotations

import base64

from generator.model import Edit
from tests import images

OPS = "ops:x:1000:1000::/home/ops:/bin/bash\n"
CLOUD = "/var/lib/cloud"
SEED = f"{CLOUD}/seed/nocloud/user-data"
SRV_KEYS = "/srv/x/.ssh/authorized_keys"
HOSTS_TOML = "/etc/containerd/certs.d/x/hosts.toml"
KEY = "-----BEGIN {} KEY-----\n"
LETTERS = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g"
PEM = KEY.format("PRIVATE") + LETTERS + "\n"
FINE = {
    "uninitialized": [Edit("/etc/machine-id", b"uninitialized\n")],
    "no machine-id": [Edit("/etc/machine-id", None), Edit("/var/lib/dbus/machine-id", None)],
    "the profile's users": [
        Edit("/etc/passwd", (OPS + OPS.replace("ops", "dev")).encode(), append=True),
        Edit("/home/ops/.ssh/authorized_keys", b"ssh-ed25519 AAAAC3Nz you@laptop\n"),
        Edit("/etc/sudoers.d/90-nodebake-ops", b"ops ALL=(ALL:ALL) NOPASSWD: ALL\n"),
    ],
    "the profile's file": [Edit("/etc/sudoers.d/ours", b"ops ALL=(ALL) ALL\n")],
    "keys that are none": [Edit("/root/.ssh/authorized_keys", b"# nobody\n\n")],
    "folders of cloud-init": [Edit("/var/lib/cloud/seed/x", b""), Edit("/var/lib/cloud/seed/x", None)],
    "a network of a cloud's image": [Edit("/etc/netplan/90-default.yaml", b"network: {}\n")],
    "names in an address": [Edit("/root/.gitconfig", b"[remote]\n url = ssh://git@h/x\n url = https://h/x@y?a@b\n")],
    "sshd's comments": [Edit("/etc/ssh/sshd_config.d/x", b"#AuthorizedKeysFile .ssh/x\n")],
    "what a package says of proxies": [
        Edit("/etc/default/docker", b"http_proxy=http://p\n"),
        Edit(
            "/var/lib/dpkg/status",
            images.conffiles(("/etc/default/docker", "http_proxy=http://p\n")).encode(),
            append=True,
        ),
    ],
    "an account of a service": [
        Edit("/etc/passwd", b"x:x:900:900:x y,,,:/srv/x:/bin/sh\n", append=True),
        Edit("/srv/y/.ssh/authorized_keys", b"ssh-rsa A b\n"),
    ],
    "folders of logs": [Edit("/var/log/README", None, link="../../usr/share/doc/systemd/README.logs")],
    "the profile's kubeconfig": [Edit("/etc/kubernetes/admin.conf", b"the profile's\n")],
    "the profile's proxy": [Edit("/etc/systemd/system/containerd.service.d/http-proxy.conf", b"HTTP_PROXY=http://p\n")],
    "a comment on proxies": [Edit("/etc/apt/apt.conf.d/20x", b'# Acquire::http::Proxy "x";\n// Proxy "x";\n')],
    "an address with a port": [Edit("/etc/apt/sources.list", b"deb http://mirror.example:3142/debian stable main\n")],
    "a package's network": [
        Edit("/etc/cni/net.d/87-podman.conflist", b"{}\n"),
        Edit(
            "/var/lib/dpkg/status",
            images.conffiles(("/etc/cni/net.d/87-podman.conflist", "{}\n")).encode(),
            append=True,
        ),
    ],
    "a heading and no key": [Edit("/opt/tool", KEY.format("PRIVATE").encode() + b"\0\n%s\n")],
    "a public key": [Edit("/etc/ssl/x.pem", (KEY.format("PUBLIC") + LETTERS).encode())],
    "a key that a package brought": [Edit("/usr/lib/python3/test/key.pem", PEM.encode())],
    "a name that is everybody's": [Edit("/etc/hostname", b"localhost\n")],
    "no name": [Edit("/etc/hostname", None)],
    "a tool and its unit": [
        Edit("/usr/sbin/nvme", b"", "0755"),
        Edit("/etc/systemd/system/sysinit.target.wants/nodebake-nvme-name.service", None, link="../x.service"),
    ],
}

WANTS = "/etc/systemd/system/sysinit.target.wants"
BAD = [
    ("machine-id", "f" * 32, [Edit("/etc/machine-id", b"f" * 32 + b"\n")]),
    ("machine-id", "a symlink", [Edit("/etc/machine-id", None, link="/run/machine-id")]),
    ("dbus-machine-id", "a regular file", [Edit("/var/lib/dbus/machine-id", b"")]),
    ("dbus-machine-id", "a link to /etc/other", [Edit("/var/lib/dbus/machine-id", None, link="/etc/other")]),
    ("host-keys", "/etc/ssh/ssh_host_rsa_key", [Edit("/etc/ssh/ssh_host_rsa_key", b"")]),
    ("host-keys", "/etc/ssh/ssh_host_x", [Edit("/etc/ssh/ssh_host_x", None, link="/run/gone")]),
    ("cloud-init", "/var/lib/cloud/instance", [Edit("/var/lib/cloud/instance", None, link="instances/i-1")]),
    ("cloud-init", "/var/lib/cloud/instances", [Edit("/var/lib/cloud/instances/i-1/user-data.txt", b"")]),
    ("accounts", "vagrant", [Edit("/etc/passwd", b"vagrant:x:1000:1000::/home/vagrant:/bin/sh\n", append=True)]),
    ("accounts", "toor", [Edit("/etc/passwd", b"toor:x:0:0::/root:/bin/sh\n", append=True)]),
    ("accounts", "/etc/passwd has no root", [Edit("/etc/passwd", b"")]),
    *(
        ("accounts", "/etc/passwd:4 is no account as tools write it", [Edit("/etc/passwd", row + b"\n", append=True)])
        for row in (
            b"a:x:+0:0::/root:/bin/sh",
            b"b:x: 0:0:b:/root:/bin/sh",
            b"c:x:0:0::/root:/bin/sh:extra",
            b"d:x:0x0:0::/root:/bin/sh",
            b" e:x:0:0::/root:/bin/sh",
            b"+:x:::::",
            b"f:x:0:0::/root",
            b"",
        )
    ),
    ("accounts", "wraps", [Edit("/etc/passwd", b"wraps:x:4294967296:0::/:/bin/sh\n", append=True)]),
    ("cloud-init-seed", SEED, [Edit(SEED, b"")]),
    ("cloud-init-seed", SEED, [Edit(SEED, None, link="/opt/user-data")]),
    ("cloud-init-seed", f"{CLOUD}/scripts/per-boot/x", [Edit(f"{CLOUD}/scripts/per-boot/x", b"")]),
    (
        "authorized-keys",
        SRV_KEYS,
        [Edit("/etc/passwd", b"x:x:9:9::/srv/x:/\n", append=True), Edit(SRV_KEYS, b"A b c\n")],
    ),
    ("sshd-keys", "/etc/ssh/sshd_config:2", [Edit("/etc/ssh/sshd_config", b" trustedusercakeys=/x\n", append=True)]),
    ("registry-logins", f"{HOSTS_TOML}:2", [Edit(HOSTS_TOML, b'[host."h".header]\n authorization = ["Basic x"]\n')]),
    ("sudoers", "/etc/sudoers.d/README", [Edit("/etc/sudoers.d/README", b"x ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers.d/90-nodebake-dev", [Edit("/etc/sudoers.d/90-nodebake-dev", b"dev ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers", [Edit("/etc/sudoers", b"#includedir /tmp/rules\n")]),
    ("sudoers", "/etc/sudoers.d/uid", [Edit("/etc/sudoers.d/uid", b"#1000 ALL=(ALL) ALL\n")]),
    ("sudoers", "/etc/sudoers.d/link", [Edit("/etc/sudoers.d/link", None, link="/opt/rules")]),
    ("authorized-keys", "/root/.ssh/authorized_keys", [Edit("/root/.ssh/authorized_keys", b"ssh-rsa A b\n")]),
    ("authorized-keys", "/home/x/.ssh/authorized_keys2", [Edit("/home/x/.ssh/authorized_keys2", b"ssh-rsa A b\n")]),
    ("authorized-keys", "/var/lib/x/.ssh/authorized_keys", [Edit("/var/lib/x/.ssh/authorized_keys", b"ssh-rsa A\n")]),
    ("passwords", "/etc/shadow: root has one", [Edit("/etc/shadow", b"root:$y$j9T$abc$def:20000:0:99999:7:::\n")]),
    ("passwords", "/etc/shadow: root has none at all", [Edit("/etc/shadow", b"root::20000:0:99999:7:::\n")]),
    ("passwords", "nobody stands in /etc/shadow", [Edit("/etc/shadow", None)]),
    ("passwords", "/etc/passwd: x has none at all", [Edit("/etc/passwd", b"x::7:7::/:/bin/sh\n", append=True)]),
    ("hostname", "build", [Edit("/etc/hostname", b"build\n")]),
    ("hosts", "/etc/hosts:3", [Edit("/etc/hosts", b"127.0.1.1\tbuild\n", append=True)]),
    ("logs", "/var/log/a/b/.c", [Edit("/var/log/a/b/.c", b"")]),
    ("logs", "/var/log/journal/0/system.journal", [Edit("/var/log/journal/0/system.journal", b"")]),
    ("tmp", "/tmp/.X", [Edit("/tmp/.X", b"")]),
    ("histories", "/home/x/.python_history", [Edit("/home/x/.python_history", b"")]),
    ("cni-state", "/etc/cni/net.d/x", [Edit("/etc/cni/net.d/x", None, link="/opt/x")]),
    (
        "cni-state",
        "/etc/cni/net.d/87-podman.conflist",
        [
            Edit("/etc/cni/net.d/87-podman.conflist", b"changed\n"),
            Edit(
                "/var/lib/dpkg/status",
                images.conffiles(("/etc/cni/net.d/87-podman.conflist", "{}\n")).encode(),
                append=True,
            ),
        ],
    ),
    ("cluster-state", "/root/.kube", [Edit("/root/.kube/config", b"")]),
    ("cluster-state", "/etc/kubernetes/kubelet.conf", [Edit("/etc/kubernetes/kubelet.conf", b"")]),
    ("storage-names", "/etc/nvme/hostid", [Edit("/etc/nvme/hostid", b"")]),
    ("storage-names.nvme", f"{WANTS}/nodebake-nvme-name.service is not there", [Edit("/usr/sbin/nvme", b"")]),
    ("logins-in-urls", "/etc/environment:2", [Edit("/etc/environment", b"A=1\nB=https://u:p@h/\n")]),
    ("logins-in-urls", f"{HOSTS_TOML}:1", [Edit(HOSTS_TOML, b'server = "https://u:p@h"\n')]),
    ("proxies", "/etc/environment:1", [Edit("/etc/environment", b"export HTTPS_PROXY=http://p\n")]),
    ("proxies", "/etc/apt/apt.conf:2", [Edit("/etc/apt/apt.conf", b'Acquire { http {\n  Proxy "http://p"; }; };\n')]),
    ("private-keys", "/opt/x/key", [Edit("/opt/x/key", b"one\n" + PEM.encode())]),
    ("private-keys", "/opt/key", [Edit("/opt/key", b"x" * 5000 + PEM.replace("\n", "\r\n").encode())]),
    ("private-keys", "/usr/local/key", [Edit("/usr/local/key", PEM.replace("BEGIN", "BEGIN RSA").encode())]),
    ("private-keys", "/opt/pgp", [Edit("/opt/pgp", PEM.replace("KEY-", "KEY BLOCK-").encode())]),
    (
        "private-keys",
        "/opt/old",
        [Edit("/opt/old", PEM.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: A,B\n\n").encode())],
    ),
    ("private-keys", "/opt/conf", [Edit("/opt/conf", b"client-key-data: " + base64.b64encode(PEM.encode()) + b"\n")]),
]
