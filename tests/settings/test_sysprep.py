"""What the last provisioner takes out of an image, and that it agrees with the checks on what that is."""

from __future__ import annotations

import itertools
import re
import subprocess
from pathlib import Path

import pytest

from generator import data
from generator.settings.hygiene import left
from tests import images


def test_sysprep_takes_out_every_path_that_is_looked_for(tmp_path: Path) -> None:
    """A path for each pattern of each row, not only those of the faults."""
    patterns = [one for row in left.rows().values() if row.allows != "lines" for one in row.patterns]
    paths = [pattern.lstrip("/").replace("**", "y/z").replace("*", "x") for pattern in patterns]
    assert len(paths) > 80
    root = images.tree(tmp_path, {**images.CLEAN, **dict.fromkeys(paths, "x")})
    images.sysprep(root)
    assert [path for path in paths if (root / path).exists()] == []


KEYS = ["http_proxy=", "HTTPS_PROXY =", "all_proxy", "no_proxy=", "proxy=", "Proxy ", 'Proxy "', 'Proxy-Auto-Detect\t"']
KEYS += ["Acquire::http::Proxy::h ", "Acquire::http::Pipeline", "kube-proxy", "APT::Proxies"]
URLS = [
    "://u:p@h",
    "://h:80/a@b",
    "://u:p%40@h",
    "://u@h",
    "://:@h",
    '://u:"p@h',
    "://u:p x@h",
    "a://b/://u:p@h",
    "//u:p@",
]


@pytest.mark.parametrize(("row", "variable", "words"), [("proxies", "proxy", KEYS), ("logins-in-urls", "login", URLS)])
def test_sysprep_and_the_check_agree_on_lines(row: str, variable: str, words: list[str], tmp_path: Path) -> None:
    """The same lines, by grep and by Python: else a build could leave what the check finds red."""
    before = ["", "  ", "\t# ", "//", "#", "/", "export ", 'Environment="', "; ", "x #"]
    lines = ["".join(parts) for parts in itertools.product(before, words, ["", "v", ' "v";', "=v"])]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    script = (data.PACKER / "scripts/sysprep.sh").read_text()
    assigned = "\n".join(re.findall(r"^(?:login|proxy)=.*$", script, re.M))
    told = subprocess.run(
        ["sh", "-c", f'{assigned}\ngrep -niE -- "${variable}" lines'],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    found = {int(line.partition(":")[0]) for line in told.stdout.splitlines()}
    regex = left.rows()[row].match
    assert found == {number for number, line in enumerate(lines, 1) if re.search(regex, line)}
    assert 0 < len(found) < len(lines)
