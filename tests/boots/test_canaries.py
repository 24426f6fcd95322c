"""A build in which all that is secret is known: nothing of it is in the image, or in what the build leaves beside it.

And the other way round: what is put into the image on purpose is found, in each spelling; and what was written in the
guest of the build, synced to its disk and deleted there, is gone.
"""

from __future__ import annotations

import base64
import dataclasses
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator import bake, commands, data, guest, proc, seed
from generator import plan as planning
from generator.image import login
from generator.model import Artefact, Plan
from tests.canaries import scan
from tests.canaries.scan import Scanner
from tests.canaries.spellings import needles
from tests.conftest import HEAD
from tests.zoo import told

pytestmark = [pytest.mark.boots, pytest.mark.long]

NAMES = ("proxy", "no-such-registry", "cloud-token", "comment", "token", "deleted", "planted")
# What a build may have in its environment, and hand on to programs that log theirs.
ENVIRONMENT = {
    "http_proxy": "http://me:{proxy}@127.0.0.1:9/",
    "https_proxy": "http://me:{proxy}@127.0.0.1:9/",
    "HCP_CLIENT_SECRET": "{no-such-registry}",
    "PKR_VAR_password": "{cloud-token}",
    "AWS_SECRET_ACCESS_KEY": "{cloud-token}",
}
# In the guest of the build, behind the last of its steps.
PLANT = """
mkdir /root/deleted
seq 400 | while read -r number; do printf '%s' {deleted} >"/root/deleted/$number"; done; sync
rm -rf /root/deleted; sync
printf '%s' {planted} >/usr/local/share/planted
printf '%s' {planted} | base64 >/usr/local/share/planted-in-base64
printf '%s' {planted} | sed 's/./&\\x00/g' >/usr/local/share/planted-in-utf16
finish
"""


@dataclass(frozen=True, slots=True)
class Built:
    """A build: its folder, its image, what it said, its secrets by name, and the keys that it made for itself."""

    folder: Path
    image: Path
    said: str
    canaries: Mapping[str, str]
    key: Path
    user_key: Path

    def secrets(self) -> dict[str, bytes]:
        """The canaries, and of the keys each line: the first of a private key is the same in all."""
        found = {name: text.encode() for name, text in self.canaries.items()}
        for name in ("key", "host_key"):
            lines = self.key.with_name(name).read_bytes().splitlines()
            found |= {
                f"{name}, line {number}": line for number, line in enumerate(lines) if 2 <= number < len(lines) - 1
            }
            found[f"{name}.pub"] = self.key.with_name(f"{name}.pub").read_bytes().split()[1]
            blob, public = base64.b64decode(b"".join(lines[1:-1])), base64.b64decode(found[f"{name}.pub"])[-32:]
            found[f"{name}, as bytes"] = blob[blob.rindex(public) - 32 :][:32]
        return found


def _profile(canaries: Mapping[str, str], user_key: Path, work: Path) -> Plan:
    key = user_key.with_suffix(".pub").read_text().strip()
    path = work / "profile.yaml"
    path.write_text(
        f"{HEAD}# the password of the registry is {canaries['comment']}\n"
        f'users: [{{name: ops, ssh_authorized_keys: ["{key}"]}}]\n'
        f'files: [{{path: /etc/token, mode: "0600", content: "{canaries["token"]}"}}]\n'
    )
    return planning.load(str(path))


def _planted(artefacts: tuple[Artefact, ...], canaries: Mapping[str, str]) -> Iterator[Artefact]:
    for one in artefacts:
        if one.path != "packer/upload/apply.sh":
            yield one
            continue
        text = one.content.decode()
        assert text.endswith("\nfinish\n")
        more = PLANT.format(**canaries)
        yield dataclasses.replace(one, content=(text.removesuffix("finish\n") + more.lstrip("\n")).encode())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    work = tmp_path_factory.mktemp("canaries")
    canaries = {name: f"nbcanary-{name}-{secrets.token_hex(8)}" for name in NAMES}
    proc.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ops", "-f", work / "ops"])
    plan = _profile(canaries, work / "ops", work)
    prepare = login.prepare

    def kept(folder: Path, road: login.Road) -> list[list[str]]:
        arguments = prepare(folder, road)
        for found in ("key", "key.pub", "host_key", "host_key.pub"):
            shutil.copy(folder / found, work / found)
        return arguments

    with pytest.MonkeyPatch.context() as patch, (work / "said").open("w+") as said:
        patch.setattr(login, "prepare", kept)
        patch.setattr("sys.stderr", said)
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value.format(**canaries))
        artefacts = tuple(_planted(commands._artefacts(plan), canaries))
        image = bake.bake(plan, artefacts, work / "out" / plan.profile.name)
        said.seek(0)
        yield Built(image.path.parent, image.path, said.read(), canaries, work / "key", work / "ops")


def _found(scanner: Scanner, path: Path) -> set[str]:
    return {hit.what for hit in scanner.scan(scan.of_file(path))}


def test_the_image(built: Built, tmp_path: Path) -> None:
    """The profile's token, which it is to hold, and what was planted; nothing else, in no spelling."""
    raw = scan.raw(built.image, tmp_path / "raw")
    found = _found(Scanner(needles(built.secrets())), raw)
    raw.unlink()
    planted = {"planted, as it is", "planted, in base64 (0)", "planted, in UTF-16 LE"}
    assert {what for what in found if not what.startswith("planted, in UTF-16 BE")} == {"token, as it is", *planted}


def test_what_lies_beside_the_image(built: Built) -> None:
    """Logs, the manifest, and what was said: nothing. The token is where a file's content has to be, and private."""
    scanner = Scanner(needles(built.secrets()))
    assert list(scanner.scan([(0, built.said.encode())])) == []
    leaks = {str(path.relative_to(built.folder)): _found(scanner, path) for path in scan.below(built.folder)}
    assert {"logs/packer.log", "logs/console.log", "manifest.json"} <= set(leaks)
    having = {path for path, found in leaks.items() if found} - {built.image.name}
    carriers = {path for path in having if (built.folder / path).stat().st_mode & 0o077 == 0}
    uploaded = {path for path in having if path == "packer/upload/apply.sh"}  # in which this test planted
    assert having == carriers | uploaded, leaks
    assert not [path for path in having if path.startswith("logs/") or path == "manifest.json"]
    assert {what.partition(",")[0] for path in carriers for what in leaks[path]} == {"token"}


ASK = """\
export SSH_ASKPASS=/run/password SSH_ASKPASS_REQUIRE=force
into() {
  ssh -F none -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o ConnectTimeout=60 "$@" 127.0.0.1 id -un \\
    2>&1 </dev/null | grep -v 'Permanently added' | tail -n 1
}
by_key() { into -o BatchMode=yes -o IdentitiesOnly=yes -i "$1" -l "$2"; }
by_password() {
  printf '#!/bin/sh\\nprintf "%%s\\\\n" %s\\n' "$1" >/run/password; chmod 0700 /run/password
  into -o PubkeyAuthentication=no -o NumberOfPasswordPrompts=1 -l "$2"
}
"""


def _script(built: Built) -> str:
    script = told.WAIT + ASK
    for name, key in {"build": built.key, "user": built.user_key}.items():
        encoded = base64.b64encode(key.read_bytes()).decode()
        script += f"base64 -d >/run/{name} <<'END'\n{encoded}\nEND\nchmod 0600 /run/{name}\n"
    script += told.section("the user's key", "by_key /run/user ops")
    script += told.section("the build's key", "by_key /run/build root; by_key /run/build ops")
    tries = (
        f"by_password {word} {user}" for user in ("root", "ops") for word in ("root", "builder", "packer", "ops", "''")
    )
    script += told.section("passwords", "\n".join(tries))
    script += told.section("host keys", "cat /etc/ssh/ssh_host_*.pub")
    return script + told.section("shadow", "cut -d: -f1-2 /etc/shadow")


def test_nobody_gets_in(built: Built, tmp_path: Path) -> None:
    """A clone takes the key of the profile's user; the build's own, and every password, it refuses."""
    medium = tmp_path / "seed.iso"
    medium.write_bytes(seed.write({"user-data": b"#cloud-config\n{}\n", "meta-data": b'{"instance-id": "clone"}\n'}))
    disk = guest.overlay(built.image, tmp_path / "disk.qcow2")
    machine = guest.Machine(disk=disk, seed=medium, name="clone", cpus=data.guest_cpus(2), net="user-restricted")
    lines = guest.ask(machine, tmp_path / "console.log", _script(built)).lines
    found = told.sections([line.decode() for line in lines])
    assert found["the user's key"] == ["ops"]
    assert ["Permission denied" in line for line in found["the build's key"]] == [True, True], found
    assert ["Permission denied" in line for line in found["passwords"]] == [True] * 10, found
    fields = [line.partition(":")[2] for line in found["shadow"]]
    assert fields
    assert all(field[:1] in ("!", "*") for field in fields)
    assert found["host keys"]
    made = built.key.with_name("host_key.pub").read_text().split()[1]
    assert made not in "\n".join(found["host keys"])
