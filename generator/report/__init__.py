"""Report -> text for a terminal, JSON, JUnit XML, TAP, and one page of HTML."""

from collections.abc import Callable, Mapping

from generator.model import Report
from generator.report.machines import as_json, junit, tap
from generator.report.page import html
from generator.report.text import text

__all__ = ["ENDINGS", "FORMATS", "as_json", "html", "junit", "tap", "text"]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text,
    "json": as_json,
    "junit": junit,
    "tap": tap,
    "html": html,
}
# By the ending of a file's name.
ENDINGS: Mapping[str, str] = {".html": "html", ".json": "json", ".xml": "junit", ".tap": "tap", ".txt": "text"}
