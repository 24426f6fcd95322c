"""Which forms of a report go where. What is wrong with that is said before any guest is booted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from generator import errors, regular, report, whole
from generator.model import Report
from generator.report import matrix, sentences


@dataclass(frozen=True, slots=True)
class Wanted:
    """`form` goes to stdout, and to each file the form of its name's ending."""

    form: str
    files: Mapping[Path, str]
    proof: matrix.Matrix | None

    @property
    def pages(self) -> bool:
        """Whether a page is among them, on which there is a chart."""
        return "html" in (self.form, *self.files.values())

    def printed(self, made: Report, *, colour: bool) -> str:
        """What goes to stdout."""
        return report.text(made, colour) if self.form == "text" else self._as(self.form, made)

    def write(self, made: Report) -> None:
        """Each whole or not at all: somebody may be reading the last one. Raises as whole.file does."""
        for path, form in self.files.items():
            with whole.file(path, 0o644) as out:
                out.write(self._as(form, made).encode("utf-8", "replace"))

    def _as(self, form: str, made: Report) -> str:
        return report.html(made, self.proof) if form == "html" else report.FORMATS[form](made)


def wanted(form: str, names: Sequence[str], proof: str | None) -> Wanted:
    """`names` are files to write. Raises a usage error for a name without a form, and for what cannot be read."""
    return Wanted(form, _files(names), _proof(proof) if proof is not None else None)


def _files(names: Sequence[str]) -> dict[Path, str]:
    found: dict[Path, str] = {}
    for name in names:
        path = Path(name)
        form = report.ENDINGS.get(path.suffix.lower())
        if form is None:
            raise errors.usage(*sentences.no_such_report(name, list(report.ENDINGS)))
        if not path.parent.is_dir() or path.is_dir():
            raise errors.usage(*sentences.report_nowhere(name))
        if path in found:
            raise errors.usage(*sentences.twice_one_report(name))
        found[path] = form
    return found


def _proof(name: str) -> matrix.Matrix:
    try:
        with regular.opened(name) as file:
            raw = file.read(matrix.LARGEST + 1)
    except OSError as error:
        raise errors.usage(*sentences.no_proof(name, error.strerror or str(error))) from None
    if len(raw) > matrix.LARGEST:
        raise errors.usage(*sentences.no_proof(name, f"larger than {matrix.LARGEST >> 20} MiB"))
    return matrix.read(name, raw.decode("utf-8", "replace"))
