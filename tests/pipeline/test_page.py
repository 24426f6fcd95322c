"""The index of a run in a real browser: the matrix, light and dark, without JavaScript, on a phone; hostile words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import ImageChops

from generator.base.keys import Looked
from generator.pipeline import Ran, page
from generator.pipeline.outcome import Outcome, Stage, Status
from tests.pipeline.test_forms import BAD, GOOD
from tests.report import fixture
from tests.report.browser import Browser, browser
from tests.report.test_browser import OWNED, PAPER, shares, write


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as made:
        yield made


def made(folder: Path, *outcomes: Outcome) -> Path:
    ran = Ran("golden", outcomes or (GOOD, BAD), 260.0)
    return write(folder / "index.html", page.html(ran, folder))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(tab: Browser, tmp_path: Path, scheme: str) -> None:
    tab.show(made(tmp_path), scheme=scheme)
    colours = shares(tab.picture())
    assert colours.most_common(1)[0][0] == PAPER[scheme]
    assert sum(count for (r, g, b), count in colours.items() if r > g + 60 and r > b + 60) > 300
    assert sum(count for (r, g, b), count in colours.items() if g > r + 40 and g > b + 30) > 300


def test_the_matrix_says_what_became_of_each_image(tab: Browser, tmp_path: Path) -> None:
    tab.show(made(tmp_path), scripts=False)
    rows = tab.tell("[...document.querySelectorAll('.grid tr')].map(r => [...r.cells].map(c => c.innerText.trim()))")
    assert rows[0] == ["profile", "debian-13", "debian-12"]
    assert rows[1][0] == "node.yaml"
    assert rows[1][1].startswith("published")
    assert "72 checks in 2 boots" in rows[1][1]
    assert rows[1][2] == "failed"
    words = str(tab.tell("document.body.innerText"))
    for said in ("node-debian-12: verify", "red: swap", "changed: sysctl", "0123456789abcdef", "1 published"):
        assert said in words


def test_links_go_from_where_the_page_is(tab: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "a folder" / "node-debian-13"
    folder.mkdir(parents=True)
    (folder / "verify.html").write_text("<title>its report</title>")
    one = Outcome("n", "p", "b", "", GOOD.stages, folder=str(folder))
    tab.show(made(tmp_path / "a folder", one))
    address = str(tab.tell("document.querySelector('.grid a').href"))
    assert address == (folder / "verify.html").as_uri()


@pytest.mark.parametrize(
    ("stages", "linked"),
    [
        ("check build", []),
        ("check build verify", ["report", "verdicts"]),
        ("check build verify prove", ["report", "verdicts", "proof"]),
    ],
)
def test_what_an_earlier_run_has_left_is_not_linked(tmp_path: Path, stages: str, linked: list[str]) -> None:
    """A proof of yesterday's image is none of today's, whether its verify was red or the last stage that was asked."""
    for name in ("verify.html", "verify.json", "proof.json"):
        (tmp_path / name).write_text("of yesterday")
    statuses: tuple[Status, ...] = ("done", "failed")
    for status in statuses:
        names = stages.split()
        ran = (*(Stage(name, "done") for name in names[:-1]), Stage(names[-1], status))
        text = page.html(Ran("golden", (Outcome("n", "p", "b", "", ran, folder=str(tmp_path)),), 1.0), tmp_path)
        assert re.findall(r'<a href="[^#"][^"]*">(\w+)</a>', text) == linked


def test_no_javascript_is_missed_and_nothing_is_asked_for(tab: Browser, tmp_path: Path) -> None:
    path = made(tmp_path)
    tab.show(path)
    image = tab.picture()
    assert tab.asked == [path.as_uri()]
    tab.show(path, scripts=False)
    assert ImageChops.difference(image, tab.picture()).getbbox() is None


def hostile() -> Outcome:
    words = "".join(fixture.HOSTILE)
    looks = (Looked(words, words, False, words),)
    failed = (Stage("build", "done", words, 1.0, words, words), Stage("verify", "failed", words, hint=words))
    return Outcome(words, words, words, words, failed, looks, words, place=words, code=1)


@pytest.mark.parametrize("width", [360, 1000])
def test_it_is_never_wider_than_the_window(tab: Browser, tmp_path: Path, width: int) -> None:
    tab.show(made(tmp_path, GOOD, BAD, hostile()), width=width)
    assert tab.tell("document.documentElement.scrollWidth") == width


def test_hostile_words_run_nothing(tab: Browser, tmp_path: Path) -> None:
    """That a script which got in could is seen where there is no policy."""
    path = made(tmp_path, hostile())
    tab.show(path)
    assert str(tab.tell("document.title")).startswith("Failed:")
    assert tab.tell("document.querySelectorAll('script, [onerror], [onmouseover]').length") == 0
    broken_into = path.read_text().replace("</body>", f"{OWNED}</body>")
    tab.show(write(path, re.sub(r"<meta http-equiv[^>]*>", "", broken_into, count=1)))
    assert tab.tell("document.title") == "owned"


def test_a_reader_of_screens_finds_its_way(tab: Browser, tmp_path: Path) -> None:
    tab.show(made(tmp_path))
    nodes = tab.do("Accessibility.getFullAXTree")["nodes"]
    named = {(one["role"]["value"], one["name"]["value"]) for one in nodes if "name" in one and "role" in one}
    for heading in ("What failed", "Matrix", "Stages", "Why it was done"):
        assert ("heading", heading) in named
    assert ("navigation", "Parts of this page") in named
    assert ("region", "Matrix") in named
    assert ("columnheader", "debian-13") in named
    assert ("rowheader", "node.yaml") in named
