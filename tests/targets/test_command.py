"""`nodebake render --target` and `--cloud-init`, through the command line: exit codes, streams, and what is written."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import random
from pathlib import Path

import pytest

from generator import cli, seed
from generator.targets import breakdown
from generator.targets.forms import compressed
from tests.conftest import HEAD, ROOT

PROFILE = ROOT / "profiles/k8s-node.yaml"
BAKE = "take out what is largest, or bake it into the image (nodebake build), whose nodes need no such user-data"


@pytest.fixture
def plain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> bytes:
    """user-data as it is without --target."""
    assert cli.run(["render", str(PROFILE), "-o", str(tmp_path / "plain")]) == 0
    assert capsys.readouterr().err == ""
    return (tmp_path / "plain/k8s-node/user-data").read_bytes()


def _large(folder: Path, size: int) -> Path:
    """A profile with a file that gzip makes no smaller."""
    content = base64.b64encode(random.Random(1).randbytes(size)).decode()
    path = folder / "large.yaml"
    path.write_text(f"{HEAD}files: [{{path: /opt/blob, content: {content}, encoding: base64}}]\n", encoding="utf-8")
    return path


def test_gzip(plain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "--target", "ec2", "-o", str(tmp_path)]) == 0
    made = tmp_path / "k8s-node"
    content = (made / "user-data").read_bytes()
    assert (content, gzip.decompress(content)) == (compressed(plain), plain)
    told = capsys.readouterr()
    assert told.out == f"{made}\n"
    assert told.err == (
        f"nodebake: user-data for Amazon EC2, in gzip, {len(content)} of 16384 bytes: aws ec2 run-instances"
        f' --user-data fileb://{made}/user-data (Terraform has user_data_base64 = filebase64("{made}/user-data"))\n'
    )
    assert (made / "user-data").stat().st_mode & 0o777 == 0o600
    manifest = json.loads((made / "manifest.json").read_text())
    assert manifest["artefacts"]["user-data"] == hashlib.sha256(content).hexdigest()
    assert seed.read(made / "seed.iso")["user-data"] == plain  # a seed has no limit


def test_what_fits_stays_as_it_is(plain: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "--target", "azure", "-o", str(tmp_path)]) == 0
    path = tmp_path / "k8s-node/user-data"
    assert path.read_bytes() == plain
    said = f"user-data for Azure, as it is, {len(plain)} of 65535 bytes: az vm create --custom-data {path}"
    assert capsys.readouterr().err == f"nodebake: {said}\n"


def test_to_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    argv = ["render", str(PROFILE), "--only", "user-data", "-o", "-"]
    assert cli.run(argv) == 0
    plain = capfdbinary.readouterr().out
    assert cli.run([*argv, "--target", "hetzner"]) == 0
    told = capfdbinary.readouterr()
    assert gzip.decompress(base64.b64decode(told.out, validate=True)) == plain
    assert (
        told.err
        == (
            f"nodebake: user-data for Hetzner Cloud, in gzip and base64, {len(told.out)} of 32768 characters:"
            " hcloud server create --user-data-from-file user-data\n"
        ).encode()
    )


def test_of_another_artefact_nothing_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "--target", "ec2", "--only", "meta-data", "-o", "-"]) == 0
    told = capsys.readouterr()
    assert "local-hostname" in told.out
    assert told.err == ""


def test_too_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, what takes the space, and not one file."""
    path = _large(tmp_path, 20000)
    assert cli.run(["render", str(path), "--only", "user-data", "-o", "-"]) == 0
    content = capsys.readouterr().out.encode()
    assert cli.run(["render", str(path), "--target", "ec2", "-o", str(tmp_path / "out")]) == 2
    told = capsys.readouterr()
    sentence = (
        f"nodebake: user-data does not fit Amazon EC2: 16384 bytes at most, and it has {len(content)} as it is,"
        f" {len(compressed(content))} in gzip"
    )
    assert told.err.splitlines() == [sentence, *breakdown.table(content), f"  {BAKE}"]
    assert told.err.splitlines()[2].endswith("  /opt/blob")
    assert told.out == ""
    assert not (tmp_path / "out").exists()


def test_too_large_leaves_the_output_as_it_was(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "-o", str(tmp_path)]) == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert cli.run(["render", str(PROFILE), "--target", "kubevirt", "-o", str(tmp_path)]) == 2
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
    hint = capsys.readouterr().err.splitlines()[-1]
    assert hint == f"  {BAKE}; or put it into a Secret, and name that in cloudInitNoCloud.secretRef"


def test_what_is_not_confirmed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = _large(tmp_path, 50000)
    assert cli.run(["render", str(path), "--target", "digitalocean", "-o", str(tmp_path)]) == 0
    size = (tmp_path / "node/user-data").stat().st_size
    first, _ = capsys.readouterr().err.splitlines()
    said = f"65536 bytes at most, which is not confirmed, and it has {size}"
    assert first == f"nodebake: warning: user-data may not fit DigitalOcean: {said}"


def test_a_note_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "--target", "nocloud-net", "-o", str(tmp_path)]) == 0
    note, how = capsys.readouterr().err.splitlines()
    assert note == (
        "nodebake: warning: network-config is asked for, too, since cloud-init 24.3, and a node waits for it where it"
        " is missing"
    )
    assert how.startswith("nodebake: user-data for NoCloud over HTTP, as it is: serve ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--target", "openstak"],
            ["nodebake: there is no target 'openstak'", "  did you mean openstack?"],
        ),
        (
            ["--cloud-init", "22.3"],
            ["nodebake: cloud-init 22.3 is not known here", "  known are 22.4 to 26.2"],
        ),
        (
            ["--target", "linode", "--cloud-init", "22.4"],
            [
                "nodebake: Linode (Akamai) is read by cloud-init 23.3 and later, and this node has 22.4",
                "  name the version with --cloud-init, if your image carries another than the base",
            ],
        ),
    ],
)
def test_refused(arguments: list[str], said: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["render", str(PROFILE), "-o", str(tmp_path / "out"), *arguments]) == 2
    assert capsys.readouterr().err.splitlines() == said
    assert not (tmp_path / "out").exists()


def test_the_version_is_that_of_the_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "old.yaml"
    path.write_text(f"{HEAD}base: debian-12\n")
    render = ["render", str(path), "--target", "linode", "-o", str(tmp_path / "out")]
    assert cli.run(render) == 2
    sentence = "Linode (Akamai) is read by cloud-init 23.3 and later, and this node has 22.4.2"
    assert capsys.readouterr().err.startswith(f"nodebake: {sentence}\n")
    assert cli.run([*render, "--cloud-init", "25.1"]) == 0


@pytest.mark.parametrize("version", ["22.4", "23.4", "24.4", "25.1", "26.2"])
def test_check_by_a_version(version: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", str(PROFILE), "--cloud-init", version]) == 0
    assert capsys.readouterr() == (f"{PROFILE}: fine\n", "")


def test_check_refuses_a_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["check", str(PROFILE), "--cloud-init", "25"]) == 2
    said = ["nodebake: '25' is no version of cloud-init", "  write one from 22.4 to 26.2, such as 25.1"]
    assert capsys.readouterr().err.splitlines() == said


@pytest.mark.parametrize("verb", ["check", "render"])
def test_keys_that_a_node_does_not_know(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """None of ours is such a key; so one is put in."""
    from generator.formats import cloud_init  # noqa: PLC0415

    content = {"user-data": {"users": [{"lock-passwd": True}], "write_files": [{"source": {}}]}, "network-config": {}}
    monkeypatch.setattr(cloud_init, "content", lambda _plan: content)
    argv = {"check": ["check", str(PROFILE)], "render": ["render", str(PROFILE), "-o", str(tmp_path)]}[verb]
    deprecated = (
        f"{PROFILE}: user-data: users[0].lock-passwd: warning: deprecated since cloud-init 22.3: from 23.4 on"
        " `cloud-init status` then ends with exit code 2 (write lock_passwd)"
    )
    unknown = (
        f"{PROFILE}: user-data: write_files[0].source: cloud-init knows this since 24.3, and this node has 24.1"
        " (leave it out, or take a newer base)"
    )
    assert cli.run([*argv, "--cloud-init", "24.1"]) == 2
    assert capsys.readouterr().err.splitlines() == [deprecated, unknown]
    assert not list(tmp_path.iterdir())
    assert cli.run([*argv, "--cloud-init", "25.1"]) == 0
    assert capsys.readouterr().err.splitlines() == [deprecated]


def test_a_key_of_the_profiles_own_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is told where it was written."""
    path = tmp_path / "node.yaml"
    path.write_text(f"{HEAD}network:\n  ethernets:\n    lan0: {{addresses: [10.0.0.2/24], gateway4: 10.0.0.1}}\n")
    assert cli.run(["check", str(path)]) == 0
    assert capsys.readouterr().err == (
        f"{path}:5:38: network-config: ethernets.lan0.gateway4: warning: deprecated since cloud-init 22.4: from 23.4 on"
        " `cloud-init status` then ends with exit code 2 (write routes: [{to: 0.0.0.0/0, via: ADDRESS}])\n"
    )
