"""What a failing verification leaves behind: one folder beside the image, for nobody's eyes but its owner's."""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from generator import diagnosis, errors, progress, report
from generator.model import Report
from generator.report import sentences
from generator.watch import Watched

LOGS = "logs"
_MOST = 16 << 20  # bytes of a console or a port; all that a Debian says there is a hundredth of that


def of_report(image: Path, made: Report, seen: Sequence[Watched]) -> Report:
    """Keep all that the guest told of its boots, and the report in every form; the report then names the folder."""
    made = dataclasses.replace(made, bundle=_keep(image, _told(seen)))
    if made.bundle:
        forms = {f"report{ending}": report.FORMATS[form](made).encode() for ending, form in report.ENDINGS.items()}
        write(Path(made.bundle), forms)
    return made


@contextmanager
def of_failure(image: Path, seen: Sequence[Watched]) -> Iterator[None]:
    """A guest that does not come to its end leaves what it told until then, and stderr says where."""
    try:
        yield
    except errors.GuestError as error:
        said = f"{error.sentence}\n{error.hint}\n".encode()
        if place := _keep(image, {**_told(seen), "error.txt": said}):
            progress.note(sentences.kept(place))
        raise


def _told(seen: Sequence[Watched]) -> dict[str, bytes]:
    """Of each boot its console, all that came on the result port, and its diagnosis."""
    files = {}
    for one in seen:
        files[f"boot{one.number}/console.log"] = _end(one.console) if one.console.is_file() else b""
        files[f"boot{one.number}/observations.jsonl"] = b"".join(line + b"\n" for line in one.lines)[:_MOST]
        for name, out in one.diagnosis.told.items():
            files[f"boot{one.number}/{diagnosis.FILES[name]}"] = out
    return files


def _end(console: Path) -> bytes:
    """The last of it, for a guest may have said more than anybody reads."""
    with console.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _MOST))
        return file.read()


def _keep(image: Path, files: Mapping[str, bytes]) -> str:
    """The folder, or "" where there is no room for one: the verdicts are worth more than what they were made from."""
    try:
        place = folder(image)
        write(place, files)
    except OSError as error:
        progress.note(sentences.not_kept(str(error)))
        return ""
    return str(place)


def folder(image: Path, when: float | None = None) -> Path:
    """A new folder, named by the time (UTC), in logs/ beside the image; in the temporary folder where that is not ours.

    Raises OSError when there is no room in either.
    """
    name = time.strftime("verify-%Y%m%dT%H%M%SZ", time.gmtime(when))
    logs = image.absolute().parent / LOGS
    try:
        logs.mkdir(exist_ok=True)
        return _new(logs / name)
    except OSError:
        return Path(tempfile.mkdtemp(prefix=f"nodebake-{name}-"))


def _new(wanted: Path) -> Path:
    """A number is put behind a name that is taken already."""
    for number in range(1000):
        place = wanted.with_name(f"{wanted.name}-{number}") if number else wanted
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return place
    raise FileExistsError(str(wanted))


def write(place: Path, files: Mapping[str, bytes]) -> None:
    """Files by their path below the folder, readable by their owner alone. What is there already is replaced."""
    for name, content in files.items():
        path = place / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            file.write(content)
