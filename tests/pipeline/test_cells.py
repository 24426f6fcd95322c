"""From a pipeline's file to its cells: which there are, what each is made from, and what is refused, where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import errors, pipeline, positions
from generator.model import BasePin
from generator.pipeline import cells
from generator.pipeline.cells import Cell

HEAD = "apiVersion: nodebake/v1\nkind: Pipeline\nname: golden\n"
NODE = "# a node\napiVersion: nodebake/v1\nname: node\nmodules: [overlay]\n"
CLUSTER = "apiVersion: nodebake/v1\nname: member\nkubernetes: {version: '1.34', cni: flannel}\n"


@pytest.fixture
def write(tmp_path: Path) -> Any:
    (tmp_path / "node.yaml").write_text(NODE)
    (tmp_path / "member.yaml").write_text(CLUSTER)

    def made(text: str) -> str:
        path = tmp_path / "pipeline.yaml"
        path.write_text(HEAD + text)
        return str(path)

    return made


def loaded(source: str) -> dict[str, Cell]:
    return {cell.id: cell for cell in pipeline.load(source).cells}


def refused(source: str) -> list[str]:
    with pytest.raises(errors.Refused) as caught:
        pipeline.load(source)
    folder = f"{Path(source).parent}/"
    return [str(finding).replace(folder, "") for finding in caught.value.findings]


def test_what_a_profile_says_itself(write: Any) -> None:
    """Its bytes are the file's: whoever has the file can look what an image was made from."""
    found = loaded(write("matrix: {profiles: [node.yaml, member.yaml]}\n"))
    assert list(found) == ["node-debian-13", "member-debian-13"]
    assert found["node-debian-13"].raw == NODE.encode()


def test_the_matrix(write: Any) -> None:
    found = loaded(
        write("matrix: {profiles: [member.yaml], bases: [debian-13, debian-12], kubernetes: ['1.34', '1.33']}\n")
    )
    assert list(found) == [
        "member-debian-13-1.34",
        "member-debian-13-1.33",
        "member-debian-12-1.34",
        "member-debian-12-1.33",
    ]
    one = found["member-debian-12-1.33"]
    assert (one.plan.profile.base, one.plan.distro.id) == ("debian-12", "debian-12")
    assert one.plan.profile.settings["kubernetes"]["version"] == "1.33"
    assert found["member-debian-13-1.34"].raw == CLUSTER.encode()
    assert json.loads(one.raw)["base"] == "debian-12"


def test_bases_by_address(write: Any) -> None:
    pin = "{url: 'https://images.example/a.qcow2', sha256: " + "ab" * 32 + ", distro: debian-12}"
    found = loaded(write(f"matrix: {{profiles: [node.yaml], bases: [debian-12, {pin}]}}\n"))
    assert list(found) == ["node-debian-12", "node-debian-12-abababab"]
    assert isinstance(found["node-debian-12-abababab"].plan.profile.base, BasePin)


def test_exclude_and_include(write: Any) -> None:
    text = (
        "matrix:\n  profiles: [node.yaml, member.yaml]\n  bases: [debian-13, debian-12]\n"
        "  exclude: [{profile: node.yaml, base: debian-12}, {profile: member.yaml, base: debian-13}]\n"
        "  include: [{profile: member.yaml, base: debian-13, kubernetes: '1.32'}]\n"
    )
    assert list(loaded(write(text))) == ["node-debian-13", "member-debian-12", "member-debian-13-1.32"]


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        (
            "matrix: {profiles: [node.yaml], kubernetes: ['1.34']}\n",
            [
                "pipeline.yaml:4:21: matrix.profiles[0]: node.yaml has no setting kubernetes, of which the version "
                "could be another (leave it out by exclude)"
            ],
        ),
        (
            "matrix: {profiles: [node.yaml, ./node.yaml]}\n",
            [
                "pipeline.yaml:4:1: matrix: two images of the matrix are called node-debian-13 (give their profiles "
                "names of their own, or leave one out)"
            ],
        ),
        (
            "matrix: {profiles: [node.yaml], exclude: [{base: debian-12}]}\n",
            [
                "pipeline.yaml:4:43: matrix.exclude[0]: no combination of the matrix is so, and nothing is left out by "
                "this (leave the row out)"
            ],
        ),
        (
            "matrix: {profiles: [node.yaml], exclude: [{base: debian-13}]}\n",
            ["pipeline.yaml:4:33: matrix.exclude: exclude leaves nothing of the matrix (take a row of it out)"],
        ),
        (
            "matrix: {profiles: [node.yaml]}\npublish: {to: there}\n",
            ["pipeline.yaml:1:1: prove is missing (add prove:)"],
        ),
        (
            "matrix: {profiles: [node.yaml]}\nprove: {faults: ['*']}\npublish: {to: 's3://a:b@c/d'}\n",
            [
                "pipeline.yaml:6:15: publish.to: 's3://***@c/d' is not taken here (logins come from the machine's own "
                "settings for it)"
            ],
        ),
        (
            "matrix: {profiles: ['-']}\n",
            ["pipeline.yaml:4:21: matrix.profiles[0]: '-' is not taken here (a pipeline reads no stdin)"],
        ),
        (
            "matrix: {profiles: [gone.yaml]}\n",
            [
                "pipeline.yaml:4:21: matrix.profiles[0]: gone.yaml: cannot be read: No such file or directory (name a "
                "profile that is there: paths go from where the pipeline lies)"
            ],
        ),
        (
            "matrix: {profiles: [node.yaml], include: [{profile: gone.yaml}], exclude: [{base: debian-13}]}\n",
            [
                "pipeline.yaml:4:44: matrix.include[0].profile: gone.yaml: cannot be read: No such file or directory "
                "(name a profile that is there: paths go from where the pipeline lies)",
            ],
        ),
        (
            "matrix: {profile: [node.yaml]}\n",
            [
                "pipeline.yaml:4:9: matrix: profiles is missing (add profiles:)",
                "pipeline.yaml:4:10: matrix.profile: there is no setting 'profile' here (did you mean profiles?)",
            ],
        ),
    ],
)
def test_refused(text: str, findings: list[str], write: Any) -> None:
    assert refused(write(text)) == findings


def test_what_is_wrong_with_a_profile_stands_in_its_own_file(write: Any, tmp_path: Path) -> None:
    """Also where only what the matrix puts into it makes it wrong: with what that is."""
    (tmp_path / "node.yaml").write_text(NODE.replace("[overlay]", "[overlay, no such]"))
    (tmp_path / "member.yaml").write_text("\n\n" + CLUSTER.replace("flannel", "none, proxy: nftables"))
    found = refused(write("matrix: {profiles: [node.yaml, member.yaml], kubernetes: ['1.34', '1.28']}\n"))
    assert any(one.startswith("node.yaml:4:20: modules[1]: 'no such' does not have the right form") for one in found)
    assert any(one.startswith("member.yaml:5:") and "with Kubernetes 1.28: " in one for one in found)
    assert not any("with Kubernetes 1.34: " in one for one in found)


def test_the_kind_of_file_is_named(write: Any, tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("[]\n")
    assert refused(str(path)) == ["list.yaml:1:1: a pipeline is a mapping (docs/pipeline.md has one)"]
    path.write_text("\n")
    assert refused(str(path)) == ["list.yaml:1:1: the pipeline is empty (docs/pipeline.md has one)"]
    path.write_text("a: 1\n---\nb: 2\n")
    assert refused(str(path))[0].startswith("list.yaml:2:1: a pipeline is one YAML document")


def test_a_profile_is_no_pipeline(write: Any, tmp_path: Path) -> None:
    found = refused(str(tmp_path / "node.yaml"))
    assert "node.yaml:2:1: kind is missing (add kind:)" in found


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(10**18), 10**18), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=4))
def test_a_profile_that_is_written_out_is_read_as_it_was(value: dict[str, Any]) -> None:
    """Whatever text is in it: nothing of it means anything to YAML."""
    read = positions.parse(cells.written_out(value).decode(), "written")
    assert read.findings == []
    assert read.value == value
    assert read.doubtful == {}
