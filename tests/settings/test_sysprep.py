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
    assert len(paths) > 120
    root = images.tree(tmp_path, {**images.CLEAN, **dict.fromkeys(paths, "x")})
    images.sysprep(root)
    assert [path for path in paths if (root / path).exists()] == []


KEYS = ["http_proxy=", "HTTPS_PROXY =", "all_proxy", "no_proxy=", "proxy=", "Proxy ", 'Proxy "', 'Proxy-Auto-Detect\t"']
KEYS += ["Acquire::http::Proxy::h ", "Acquire::http::Pipeline", "kube-proxy", "APT::Proxies"]
KEYS += [
    "setenv http_proxy ",
    "unset http_proxy ",
    "set -gx no_proxy ",
    "ftp_proxy\tDEFAULT",
    "Acquire { http { Proxy http://",
]
KEYS += [
    "Proxy {h ",
    "Proxy::h http://",
    "--proxy http://u:p@",
    "-x h:1",
    "-x h",
    "socks5 h:1",
    "proxy h:1",
    "ProxyCommand x",
]
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
    "https://TOKEN:@h/",
    "HTTPS://ghp_TOKEN@h/",
    "http://h?a@b",
    "ssh://git@h",
    "http://u:p/w@h",
    "http://u:1/w@h",
    "http://[::1]:80/a@b",
    "https://u@v@h",
]
REGISTRY = ["password", '"auth"', "authorization", "Username", "identityToken", "passwords", "authority"]
REGISTRY = [f"{name}{rest}" for name in REGISTRY for rest in ("=", ' = ""', " = 'x'", '="x"', ' = [ "x"]', " = x")]
SSHD = ["AuthorizedKeysFile", "authorizedkeyscommand ", "TrustedUserCAKeys=", '"AuthorizedPrincipalsFile" ', "UsePAM "]
SSHD += ["AuthorizedKeysCommandUser ", "AuthorizedPrincipalsCommand\t"]


@pytest.mark.parametrize(
    ("row", "variable", "words"),
    [
        ("proxies", "proxy", KEYS),
        ("logins-in-urls", "login", URLS),
        ("registry-logins", "registry", REGISTRY),
        ("sshd-keys", "sshd", SSHD),
    ],
)
def test_sysprep_and_the_check_agree_on_lines(row: str, variable: str, words: list[str], tmp_path: Path) -> None:
    """The same lines, by grep and by Python: else a build could leave what the check finds red."""
    before = ["", "  ", "\t# ", "//", "#", "/", "export ", 'Environment="', "; ", "x #"]
    lines = ["".join(parts) for parts in itertools.product(before, words, ["", "v", ' "v";', "=v"])]
    (tmp_path / "lines").write_text("\n".join(lines) + "\n")
    script = (data.PACKER / "scripts/sysprep.sh").read_text()
    assigned = "\n".join(re.findall(r"^(?:s|login|proxy|registry|sshd)=.*$", script, re.M))
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


LOGINS = {
    "deb https://TOKEN:@h/debian x": "deb https://h/debian x",
    "[arch=amd64] https://ghp_x@h/ http://u:p@h": "[arch=amd64] https://h/ http://h",
    "http://user:p/w@h/": "http://h/",
    "https://a@b:c/d@e/": "https://e/",
    "# https://h:80/a@b ssh://git@h": "# https://h:80/a@b ssh://git@h",
}


def test_an_address_goes_on_without_its_login(tmp_path: Path) -> None:
    """Also one with two; each word of which shows that it is needed: what is left is not found any more."""
    root = images.tree(tmp_path, {**images.CLEAN, "etc/apt/sources.list": "".join(f"{one}\n" for one in LOGINS)})
    images.sysprep(root)
    assert (root / "etc/apt/sources.list").read_text().splitlines() == list(LOGINS.values())


def test_brackets_of_apt_stay(tmp_path: Path) -> None:
    conf = 'Acquire { http {\n  Proxy "http://p"; Timeout "9"; }; };\nAcquire::https::Proxy::h "DIRECT";\n'
    root = images.tree(tmp_path, {**images.CLEAN, "etc/apt/apt.conf.d/x": conf})
    images.sysprep(root)
    left = (root / "etc/apt/apt.conf.d/x").read_text()
    assert " ".join(left.split()) == 'Acquire { http { Timeout "9"; }; };'


def test_files_that_are_as_packages_brought_them_stay(tmp_path: Path) -> None:
    """Lines of one that was changed go all the same; so do links in logs, but for those of packages."""
    stock, changed = "http_proxy=http://p\n", "A=1\nhttp_proxy=http://q\n"
    files = {"etc/default/stock": stock, "etc/default/changed": changed, "var/log/x": ""}
    known = images.conffiles(("/etc/default/stock", stock), ("/etc/default/changed", "A=1\n"))
    root = images.tree(tmp_path, {**images.CLEAN, **files, "var/lib/dpkg/status": known})
    (root / "var/log/README").symlink_to("../../usr/share/doc/x")
    (root / "var/log/pod.log").symlink_to("/opt/x")
    images.sysprep(root)
    assert (root / "etc/default/stock").read_text() == stock
    assert (root / "etc/default/changed").read_text() == "A=1\n"
    assert [path.name for path in (root / "var/log").iterdir()] == ["README"]
