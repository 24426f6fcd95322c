"""The base image's way into the cache: servers that disappoint, and a cache that has changed."""

from __future__ import annotations

import hashlib
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.base.conftest import Server
from tests.reliability.bench import NEW, OLD, Bench, Choose, Place
from tests.reliability.cases import SUBJECTS
from tests.reliability.outcome import Outcome

_HEAD = "apiVersion: nodebake/v1\nname: node\nmodules: [overlay, br_netfilter]\n"
_MIXTURE = "a mixture"


def tries(bench: Bench, how: Mapping[str, Any], choose: Choose) -> Iterator[Outcome]:
    """`how` has what the server does, in turn, and whether it speaks TLS and a wrong sha256 is pinned, and how
    it spells http where it redirects; or a `harm` to the cache, and then nothing is fetched."""
    for harm in choose(how.get("harms", [])):
        yield _harmed(bench, harm)
    for troubles in choose(how.get("troubles", [])):
        for spelled in how.get("spelled", ["http"]):
            yield _served(bench, [(kind, number) for kind, number in troubles], {**how, "spelled": spelled})


def _served(bench: Bench, troubles: list[tuple[str, int]], how: Mapping[str, Any]) -> Outcome:
    place = bench.fresh(SUBJECTS["build"])
    shutil.rmtree(place.root / "cache" / "base" / place.subject.cached[0])
    body = (bench.inputs / "base.qcow2").read_bytes()
    digest = "0" * 64 if how.get("wrong") else hashlib.sha256(body).hexdigest()
    with _server(place, body, troubles, how) as (url, env):
        profile = _profile(place, url, digest)
        ran = bench.run(place, _argv(bench, place, profile), env=env)
    said = [f"{kind} {number}".strip() for kind, number in troubles]
    words = ", ".join([*said, *([repr(how["spelled"])] if how.get("tls") and said else [])]) or "as it should"
    return Outcome(words, ran, _state(bench, place, profile), _left(place, digest))


@contextmanager
def _server(
    place: Place, body: bytes, troubles: list[tuple[str, int]], how: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    with Server() as server:
        server.body, server.troubles = body, list(troubles)
        env: dict[str, str | None] = {}
        url = server.url
        server.plain = f"{how['spelled']}://127.0.0.1:{server.server_address[1]}/elsewhere"
        if how.get("tls"):
            certificate = _certificate(place.root)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            url, env = url.replace("http:", "https:"), {"REQUESTS_CA_BUNDLE": str(certificate)}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield url, env
        finally:
            server.enough.set()
            server.shutdown()
            thread.join()


def _certificate(folder: Path) -> Path:
    """Of 127.0.0.1, for a day, with its key in the same file."""
    both = folder / "tls.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{both}.key", "-out", f"{both}.crt"]
    subprocess.run(["openssl", "req", *words, *names], check=True, capture_output=True)
    both.write_bytes(Path(f"{both}.crt").read_bytes() + Path(f"{both}.key").read_bytes())
    return both


def _harmed(bench: Bench, harm: str) -> Outcome:
    """The base comes from a file here, so what was harmed is made again."""
    place = bench.fresh(SUBJECTS["build"])
    home = place.root / "cache" / "base" / place.subject.cached[0]
    _HARMS[harm](home)
    ran = bench.run(place, bench.argv(place, "new"))
    return Outcome(harm, ran, bench.state(place), place.left())


def _flip(home: Path) -> None:
    raw = bytearray((home / "base.qcow2").read_bytes())
    raw[len(raw) // 2] ^= 1
    (home / "base.qcow2").write_bytes(raw)


def _cut(home: Path) -> None:
    with (home / "base.qcow2").open("r+b") as file:
        file.truncate(1000)


_HARMS = {
    "one bit of the image flipped": _flip,
    "the image cut short": _cut,
    "the image gone": lambda home: (home / "base.qcow2").unlink(),
    "the manifest gone": lambda home: (home / "manifest.json").unlink(),
    "the manifest cut short": lambda home: (home / "manifest.json").write_text('{"sha2'),
    "the manifest of another image": lambda home: (home / "manifest.json").write_text(
        '{"sha256": {"base.qcow2": "0"}}'
    ),
    "a half-made folder of a killed run": lambda home: (home.parent / f".{home.name}.abcdefgh").mkdir(),
}


def _profile(place: Place, url: str, digest: str) -> Path:
    profile = place.root / "fetched.yaml"
    profile.write_text(f"{_HEAD}base: {{url: '{url}', sha256: '{digest}', distro: debian-13}}\n")
    return profile


def _argv(bench: Bench, place: Place, profile: Path) -> list[str]:
    return [*bench.argv(place, "new")[:3], "build", str(profile), "-o", str(place.out)]


def _state(bench: Bench, place: Place, profile: Path) -> str:
    """New is here: of this profile, each artefact and the image what the manifest says."""
    if bench.state(place) == OLD:
        return OLD
    told = json.loads((place.target / "manifest.json").read_text())
    wanted = {**told["artefacts"], told["image"]["file"]: told["image"]["sha256"]}
    found = {name: hashlib.sha256((place.target / name).read_bytes()).hexdigest() for name in wanted}
    same = found == wanted and told["profile"]["sha256"] == hashlib.sha256(profile.read_bytes()).hexdigest()
    return NEW if same else _MIXTURE


def _left(place: Place, digest: str) -> tuple[str, ...]:
    """Without what is kept by purpose: the image, or as much of it as came."""
    kept = {f"base/pinned-{digest[:32]}", f"base/pinned-{digest[:32]}.part"}
    return tuple(name for name in place.left() if name not in kept)
