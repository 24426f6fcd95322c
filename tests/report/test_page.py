"""The page as a text: what is in it, what can never be, and that its colours can be read."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import re
import xml.etree.ElementTree as ET
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from generator import evidence, render, report
from generator.evidence import Diagnosis
from generator.model import Expect, Report, Status, Verdict
from generator.report import boot
from tests.report import fixture

PAGES = {
    "good": report.html(fixture.good()),
    "bad": report.html(fixture.bad(), fixture.proof()),
    "hostile": report.html(fixture.hostile(), fixture.proof(words="".join(fixture.HOSTILE))),
    "empty": report.html(Report("a", "node", (), 0.0)),
}
ADDRESSES = {"href", "src", "srcset", "action", "data", "poster", "background", "xlink:href", "formaction"}
OURS = {"failures", "checks", "matrix", "boot", "tested"}
TRIALS = len(fixture.plan_of()) - 1  # of the proof that the page shows


class Page(html.parser.HTMLParser):
    """Tags, attributes, text, and whether what was opened is closed."""

    VOID = frozenset({"meta", "img", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)


@pytest.fixture(params=PAGES)
def page(request: pytest.FixtureRequest) -> Page:
    return Page(PAGES[request.param])


def test_it_needs_nothing_else(page: Page) -> None:
    """Every address is a place on the page, or a picture that is in it; and there is no way to run anything."""
    for tag, attributes in page.tags:
        assert tag not in {"script", "iframe", "object", "embed", "link", "base", "form", "svg"}
        assert not [name for name in attributes if name.startswith("on") or name == "style"]
        for name in ADDRESSES & attributes.keys():
            value = attributes[name] or ""
            assert value.removeprefix("#") in OURS or value.startswith("data:image/svg+xml;base64,")


def test_it_is_well_formed(page: Page) -> None:
    assert not page.open
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    links = {str(attributes["href"])[1:] for tag, attributes in page.tags if tag == "a"}
    assert links <= set(ids)


def test_the_policy_lets_through_its_own_style_alone() -> None:
    for text in PAGES.values():
        style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
        assert style
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
        assert policy
        assert policy[1] == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
        assert "url(" not in style[1]
        assert "@import" not in style[1]


def test_hostile_words_are_words() -> None:
    """Each is there, letter by letter, but for those that cannot be seen, which stand as their escapes."""
    text = "".join(Page(PAGES["hostile"]).words)
    for word in fixture.HOSTILE:
        assert "".join(one if one.isprintable() else ascii(one)[1:-1] for one in word) in text
    assert all(line.isprintable() for line in PAGES["hostile"].split("\n"))


@hypothesis_settings(max_examples=60)
@given(st.text())
def test_no_words_make_a_tag(words: str) -> None:
    """Whatever is said, the page has the tags that it has of plain words, and JUnit says what can be seen of it."""
    plain, made = (_saying(one) for one in ("plain", words))
    assert [tag for tag, _ in Page(report.html(made)).tags] == [tag for tag, _ in Page(report.html(plain)).tags]
    suite = ET.fromstring(report.junit(made).split("\n", 1)[1])
    shown = "".join(one if one.isprintable() else "?" for one in words)
    assert next(suite.iter("failure")).get("message") == f"wanted {shown}, found {shown}"
    assert all(line.isprintable() for line in report.text(made).split("\n"))


def _saying(words: str) -> Report:
    verdict = Verdict(Expect("a.b", "a", "x", (), words, words), 1, "fail", words, (words,))
    tested = evidence.Tested(*[f"x{words}"] * 8)
    return Report(words, words, (verdict,), 1.0, tested, (Diagnosis(1, {"failed": b"unit a\n"}),), f"x{words}")


def test_tables_have_headers(page: Page) -> None:
    """Each cell can be named by its row and its column."""
    for tag, attributes in page.tags:
        if tag == "th":
            assert attributes["scope"] in {"col", "row", "rowgroup"}
    assert all(attributes.get("alt") for tag, attributes in page.tags if tag == "img")
    assert [attributes for tag, attributes in page.tags if tag == "html"] == [{"lang": "en"}]


def test_a_red_check_is_told_whole() -> None:
    text = re.sub(r"\s+", " ", " ".join(Page(PAGES["bad"]).words))
    for words in (
        "kubelet stops: running with swap on is not supported, please disable swap",
        "by kubelet 1.31 and later",
        "swap.inactive (boots 1, 2) expected no swap is on found swap is on: /swapfile likely cause swapfile.swap",
        "/etc/sysctl.d/zz-later.conf:1 has the last word at a boot, and sets it to 0",
        "output/k8s-node/logs/verify-20261124T180000Z",
        f"{TRIALS - 2} of {TRIALS} faults were caught exactly as predicted, kill rate {(TRIALS - 2) * 100 // TRIALS} %",
    ):
        assert words in text


def test_what_was_tested() -> None:
    text = "".join(Page(PAGES["good"]).words)
    tested = fixture.TESTED
    for words in (
        tested.image_sha256,
        tested.profile_sha256,
        tested.base_sha256,
        tested.tool,
        tested.qemu,
        tested.when,
    ):
        assert words in text


def test_the_matrix_of_another_image_says_so() -> None:
    other = report.html(fixture.good(), fixture.proof(image="0" * 64))
    assert "This was shown on another image" in other
    assert "This was shown on another image" not in report.html(fixture.good(), fixture.proof())


def test_each_cell_of_the_matrix() -> None:
    tags = Page(PAGES["bad"]).tags
    cells = Counter(attributes["aria-label"] for _, attributes in tags if attributes.get("role") == "img")
    assert cells == {"red, as predicted": TRIALS - 1, "green, and predicted red": 1, "red, and not predicted": 1}


def test_the_chart_is_a_picture() -> None:
    plot = (fixture.HERE / "plot.svg").read_bytes()
    assert f'src="data:image/svg+xml;base64,{base64.b64encode(plot).decode()}"' in PAGES["good"]


@pytest.mark.parametrize(
    "svg",
    [
        b"",
        b"Bootup is not yet finished.",
        b"<svg>cut",
        b'<!DOCTYPE x [<!entity a "aa">]><svg>&a;</svg>',
        b"<svg>" + b" " * (3 << 20) + b"</svg>",
    ],
    ids=["empty", "no svg", "cut", "entities", "large"],
)
def test_what_is_no_chart(svg: bytes) -> None:
    assert boot.chart(svg) == ""
    assert "<img" not in report.html(Report("a", "b", (), 1.0, diagnoses=(Diagnosis(1, {"plot": svg}),)))


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("1min 2.345s a.service", 62.345),
        ("734ms a.service", 0.734),
        ("1h 1min 1s a.service", 3661.0),
        ("9us a.service", 9e-6),
        ("9.9.9s a.service", 0.0),
    ],
)
def test_blame(line: str, seconds: float) -> None:
    assert boot.slowest(f"  {line}\n") == (boot.Unit("a.service", pytest.approx(seconds)),)


@pytest.mark.parametrize("line", ["", "no time a.service", "12", "\x00"])
def test_what_is_no_blame(line: str) -> None:
    assert boot.slowest(line) == ()


def _themes() -> dict[str, dict[str, str]]:
    style = render.raw("report/report.css")
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]+);", block)) for block in style.split("@media")[:2])
    return {"light": light, "dark": dark}


def _luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


PAIRS = [
    ("ink", "paper"),
    ("ink", "sheet"),
    ("soft", "paper"),
    ("soft", "sheet"),
    ("good", "sheet"),
    ("bad", "sheet"),
    ("good", "good-sheet"),
    ("bad", "bad-sheet"),
    ("wait", "wait-sheet"),
]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "paper"), PAIRS)
def test_contrast(theme: str, ink: str, paper: str) -> None:
    """WCAG 2.2, 1.4.3: 4.5 to 1."""
    colours = _themes()[theme]
    lighter, darker = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_status_has_its_look() -> None:
    style = render.raw("report/report.css")
    for status in Status.__args__:  # type: ignore[attr-defined]
        assert f".{status}" in style
