"""A signed apt repository as the community's is laid out: packages by dpkg-deb, their list, a signature by gpg."""

from __future__ import annotations

import functools
import hashlib
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_DATE = "Thu, 26 Nov 2026 12:00:00 UTC"
_UNIT = """\
[Unit]
Description=kubelet: The Kubernetes Node Agent
Wants=network-online.target
After=network-online.target

[Service]
ExecStart=/usr/bin/kubelet
Restart=always
StartLimitInterval=0
RestartSec=10

[Install]
WantedBy=multi-user.target
"""
# As kubernetes/release lays it, but for the name of the first file.
_CONF = "/etc/kubernetes"
_DROP_IN = f"""\
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig={_CONF}/bootstrap.conf --kubeconfig={_CONF}/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
"""
_TEXTS = {
    "kubelet": {"usr/lib/systemd/system/kubelet.service": _UNIT.encode()},
    "kubeadm": {"usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": _DROP_IN.encode()},
}


@dataclass(frozen=True, slots=True)
class Package:
    """`files` are programs, by their path below the root."""

    name: str
    version: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    depends: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of gpg's: its home, and its fingerprint."""

    home: Path
    fingerprint: str

    def gpg(self, *words: str | Path) -> None:
        _gpg(self.home, *words)

    def secret(self) -> bytes:
        """For another home."""
        return _gpg(self.home, "--armor", "--export-secret-keys").encode("ascii")


@contextmanager
def key() -> Iterator[Key]:
    """A key of its own, whose agent ends with it. In a folder of a short name: the agent's socket lies there."""
    with tempfile.TemporaryDirectory(prefix="nb-gpg.") as folder:
        home = Path(folder)
        try:
            _gpg(home, "--passphrase", "", "--quick-generate-key", "nodebake's tests", "ed25519", "sign", "never")
            told = _gpg(home, "--with-colons", "--fingerprint").splitlines()
            yield Key(home, next(line.split(":")[9] for line in told if line.startswith("fpr:")))
        finally:
            subprocess.run(["gpgconf", "--homedir", folder, "--kill", "gpg-agent"], check=True)


def _gpg(home: Path, *words: str | Path) -> str:
    argv = ["gpg", "--homedir", home, "--batch", "--yes", "--quiet", "--no-permission-warning", *words]
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def kubernetes(version: str, programs: Mapping[str, bytes], revision: str = "1.1") -> list[Package]:
    """kubelet, and whatever else is among the programs, as the community packages them."""
    return [
        Package(name, f"{version}-{revision}", {f"usr/bin/{name}": program, **_TEXTS.get(name, {})})
        for name, program in programs.items()
    ]


def publish(folder: Path, packages: Iterable[Package], signer: Key) -> Path:
    """Make the repository in `folder`: InRelease, Packages, Release.key, and amd64/. Returns the folder."""
    (folder / "amd64").mkdir(parents=True, exist_ok=True)
    listing = "\n".join(_paragraph(folder, _built(folder, package)) for package in packages)
    (folder / "Packages").write_text(listing, encoding="utf-8")
    sign(folder, signer)
    signer.gpg("--armor", "--output", folder / "Release.key", "--export")
    return folder


def sign(folder: Path, signer: Key) -> None:
    """InRelease anew, of Packages as it is now."""
    content = (folder / "Packages").read_bytes()
    row = f" {hashlib.sha256(content).hexdigest()} {len(content)} Packages"
    release = folder / "Release"
    release.write_text(f"Origin: tests\nDate: {_DATE}\nArchitectures: amd64\nSHA256:\n{row}\n", encoding="ascii")
    signer.gpg("--clearsign", "--output", folder / "InRelease", release)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[int]:
    """Serve a folder on the loopback; the port."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def _built(folder: Path, package: Package) -> Path:
    root = folder / "tree"
    for path, content in package.files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
        (root / path).chmod(0o755 if "bin/" in path else 0o644)
    rows = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": "amd64",
        "Maintainer": "Tests <tests@nodebake.invalid>",
        "Depends": package.depends,
        "Description": "made by the tests",
    }
    (root / "DEBIAN").mkdir(parents=True)
    (root / "DEBIAN/control").write_text("".join(f"{name}: {value}\n" for name, value in rows.items() if value))
    made = folder / "amd64" / f"{package.name}_{package.version}_amd64.deb"
    command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", root, made]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1795000000"})
    shutil.rmtree(root)
    return made


def _paragraph(folder: Path, made: Path) -> str:
    control = subprocess.run(["dpkg-deb", "--field", made], check=True, capture_output=True, text=True).stdout
    with made.open("rb") as content:
        sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    return f"{control}Filename: {made.relative_to(folder)}\nSize: {made.stat().st_size}\nSHA256: {sha256}\n"
