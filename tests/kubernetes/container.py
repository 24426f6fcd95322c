"""A container image made on the spot: one static program of some two hundred bytes, as an OCI image layout in a tar."""

from __future__ import annotations

import hashlib
import io
import json
import struct
import tarfile
from pathlib import Path

_BASE = 0x400000
_HEADERS = 64 + 56  # of the file, and of its one segment
_TYPE = "application/vnd.oci.image"


def program(says: bytes) -> bytes:
    """A static ELF program for x86-64 that writes `says` and then waits for ever (pause(2)), as a pod's pause does."""
    code = (
        b"\xb8\x01\0\0\0"  # mov eax, 1: write
        b"\xbf\x01\0\0\0"  # mov edi, 1
        b"\x48\xbe%(text)b"  # mov rsi, the text
        b"\xba%(length)b"  # mov edx, its length
        b"\x0f\x05"  # syscall
        b"\xb8\x22\0\0\0"  # mov eax, 34: pause
        b"\x0f\x05"  # syscall
        b"\xeb\xf7"  # back to pause
    )
    size = len(code % {b"text": bytes(8), b"length": bytes(4)})
    text = struct.pack("<Q", _BASE + _HEADERS + size)
    body = code % {b"text": text, b"length": struct.pack("<I", len(says))} + says
    ident = b"\x7fELF\x02\x01\x01" + bytes(9)
    head = struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, _BASE + _HEADERS, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    whole = _HEADERS + len(body)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, whole, whole, 0x1000)
    return ident + head + segment + body


def archive(path: Path, name: str, says: bytes = b"") -> str:
    """Write the image `name` to `path`; returns the sha256 of the file."""
    layer = _tar({"pause": program(says)}, 0o755)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["/pause"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{_sha256(layer)}"]},
    }
    blobs: dict[str, bytes] = {}
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_TYPE}.manifest.v1+json",
        "config": _blob(blobs, f"{_TYPE}.config.v1+json", json.dumps(config).encode()),
        "layers": [_blob(blobs, f"{_TYPE}.layer.v1.tar", layer)],
    }
    described = _blob(blobs, f"{_TYPE}.manifest.v1+json", json.dumps(manifest).encode())
    described["annotations"] = {"io.containerd.image.name": name}
    index = {"schemaVersion": 2, "manifests": [described]}
    files = {"oci-layout": b'{"imageLayoutVersion": "1.0.0"}', "index.json": json.dumps(index).encode(), **blobs}
    path.write_bytes(_tar(files, 0o644))
    return _sha256(path.read_bytes())


def _blob(blobs: dict[str, bytes], kind: str, content: bytes) -> dict[str, object]:
    blobs[f"blobs/sha256/{_sha256(content)}"] = content
    return {"mediaType": kind, "digest": f"sha256:{_sha256(content)}", "size": len(content)}


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _tar(files: dict[str, bytes], mode: int) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), mode
            tar.addfile(entry, io.BytesIO(content))
    return stream.getvalue()
