"""What takes the space is told piece by piece, and no byte is left out."""

from __future__ import annotations

import pytest

from generator import formats
from generator.model import Plan
from generator.targets import breakdown

DOCUMENT = """\
#cloud-config
# é
write_files:
  - path: "/a"
    content: "secret"
  - content: |
      {lines}
    path: "/b"
  - content: "no path"
runcmd:
  - ["sh", "/b"]
""".replace("{lines}", "\n      ".join(["the same again"] * 20))


def test_the_pieces_are_the_whole() -> None:
    shares = breakdown.shares(DOCUMENT.encode())
    assert [share.name for share in shares] == ["/b", "/a", "runcmd", "header", "write_files", "write_files"]
    assert sum(share.size for share in shares) == len(DOCUMENT.encode())
    assert [share.size for share in shares] == sorted((share.size for share in shares), reverse=True)
    assert shares[0].gzipped < shares[0].size


def test_of_a_rendered_document(k8s_node: Plan) -> None:
    (content,) = (one.content for one in formats.stems()["cloud_init"].artefacts(k8s_node) if one.path == "user-data")
    shares = breakdown.shares(content)
    assert sum(share.size for share in shares) == len(content)
    assert shares[0].name == "/run/nodebake/steps.sh"
    early = {file.path for _, file in k8s_node.files if not file.late}
    assert {share.name for share in shares} == {*early, "/run/nodebake/steps.sh", "header", "write_files", "runcmd"}


def test_table() -> None:
    head, first, *rest = breakdown.table(DOCUMENT.encode())
    assert head == "    bytes   gzipped"
    share = breakdown.shares(DOCUMENT.encode())[0]
    assert first == f"{share.size:>9} {share.gzipped:>9}  /b"
    assert not any("secret" in line for line in rest)


@pytest.mark.parametrize("text", [b"[]\n", b"#cloud-config\n"])
def test_what_is_no_mapping_is_our_bug(text: bytes) -> None:
    with pytest.raises(ValueError, match="user-data is no mapping"):
        breakdown.shares(text)
