"""A page in a real browser: its looks in light and dark, without JavaScript, on a phone; and what it does not do."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from generator import report
from tests.report import fixture
from tests.report.browser import Browser, browser

PAPER = {"light": (255, 255, 255), "dark": (20, 23, 27)}  # as report.css has it
SHEET = {"light": (246, 247, 249), "dark": (29, 33, 38)}
OWNED = "<script>document.title = 'owned'</script>"


@pytest.fixture(scope="module")
def tab() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return write(tmp_path / "page.html", report.html(fixture.bad(), fixture.proof()))


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def shares(image: Image.Image) -> Counter[tuple[int, int, int]]:
    """Its colours, by the number of their points."""
    found: Counter[tuple[int, int, int]] = Counter()
    for count, colour in image.getcolors(maxcolors=1 << 24) or []:
        assert isinstance(colour, tuple)
        found[colour] = count
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_light_and_dark(tab: Browser, page: Path, scheme: str) -> None:
    """Its paper is the theme's, there is much ink on it, and some of that is red and green."""
    tab.show(page, scheme=scheme)
    image = tab.picture()
    colours = shares(image)
    assert image.width == 1000
    assert image.height > 2000  # the whole of it
    assert image.getpixel((2, 2)) == PAPER[scheme]
    assert {colour for colour, _ in colours.most_common(2)} == {PAPER[scheme], SHEET[scheme]}
    ink = 1 - (colours[PAPER[scheme]] + colours[SHEET[scheme]]) / (image.width * image.height)
    assert 0.03 < ink < 0.5
    assert len(colours) > 50  # letters have edges
    assert sum(count for (r, g, b), count in colours.items() if r > g + 60 and r > b + 60) > 1000
    assert sum(count for (r, g, b), count in colours.items() if g > r + 40 and g > b + 30) > 1000


def test_no_javascript_is_missed(tab: Browser, page: Path) -> None:
    """The same picture with and without, and all its words."""
    tab.show(page)
    image = tab.picture()
    tab.show(page, scripts=False)
    assert ImageChops.difference(image, tab.picture()).getbbox() is None
    words = str(tab.tell("document.body.innerText"))
    for said in ("swap is on: /swapfile", "swapfile.swap turned on /swapfile, by /etc/fstab", "kill rate"):
        assert said in words


def test_a_page_that_needs_javascript_would_be_seen(tab: Browser, tmp_path: Path) -> None:
    """So that the test above can fail."""
    made = write(tmp_path / "page.html", "<title>none</title><script>document.title = 'owned'</script>")
    tab.show(made)
    assert tab.tell("document.title") == "owned"
    tab.show(made, scripts=False)
    assert tab.tell("document.title") == "none"


def test_it_asks_for_nothing(tab: Browser, page: Path) -> None:
    """No address but its own and the pictures that are in it; another one would be seen."""
    tab.show(page)
    assert [one for one in tab.asked if not one.startswith("data:image/")] == [page.as_uri()]
    other = write(page.with_name("other.html"), '<img src="http://node.example/x.png">')
    tab.show(other)
    assert tab.asked == [other.as_uri(), "http://node.example/x.png"]


def test_the_chart_is_drawn(tab: Browser, tmp_path: Path) -> None:
    """By the red of its bars, which nothing else has. In dark it is turned over, and not that red any more."""
    made = write(tmp_path / "page.html", report.html(fixture.good()))
    tab.show(made)
    assert shares(tab.picture())[255, 0, 0] > 1000
    tab.show(made, scheme="dark")
    assert shares(tab.picture())[255, 0, 0] == 0


@pytest.mark.parametrize("width", [360, 1000])
@pytest.mark.parametrize("name", ["good", "bad", "hostile"])
def test_it_is_never_wider_than_the_window(tab: Browser, name: str, width: int, tmp_path: Path) -> None:
    """Wide tables scroll by themselves."""
    words = "".join(fixture.HOSTILE) if name == "hostile" else ""
    tab.show(
        write(tmp_path / "page.html", report.html(getattr(fixture, name)(), fixture.proof(words=words))), width=width
    )
    assert tab.tell("document.documentElement.scrollWidth") == width


def test_hostile_words_run_nothing(tab: Browser, tmp_path: Path) -> None:
    """They would change the title if they could; that a script which got in could, is seen where there is no policy."""
    made = report.html(fixture.hostile(), fixture.proof(words="".join(fixture.HOSTILE)))
    tab.show(write(tmp_path / "page.html", made))
    assert str(tab.tell("document.title")).startswith("Failed:")
    assert tab.tell("document.querySelectorAll('script, [onerror], [onmouseover]').length") == 0
    broken_into = made.replace("</body>", f"{OWNED}</body>")
    tab.show(write(tmp_path / "page.html", broken_into))
    assert str(tab.tell("document.title")).startswith("Failed:")
    tab.show(write(tmp_path / "page.html", re.sub(r"<meta http-equiv[^>]*>", "", broken_into, count=1)))
    assert tab.tell("document.title") == "owned"


def test_a_reader_of_screens_finds_its_way(tab: Browser, page: Path) -> None:
    """Headings, named regions and tables, as the browser tells them to assistive programs."""
    tab.show(page)
    nodes = tab.do("Accessibility.getFullAXTree")["nodes"]
    named = {(one["role"]["value"], one["name"]["value"]) for one in nodes if "name" in one and "role" in one}
    for heading in ("What failed", "All checks", "Kill matrix", "The boot", "What was tested"):
        assert ("heading", heading) in named
    assert ("navigation", "Parts of this page") in named
    assert ("region", "All checks") in named
    assert ("columnheader", "expected") in named
    assert ("rowheader", "swap.inactive") in named
    assert ("image", "green, and predicted red") in named
