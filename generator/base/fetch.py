"""A base image from an address: fetched, resumed, and hashed before anything opens it."""

from __future__ import annotations

import functools
import time
from pathlib import Path

import requests
from urllib3.exceptions import HTTPError

from generator import errors, proc, progress, regular
from generator.base import cache, inspect, signed, web
from generator.model import BasePin, Image
from generator.sentences import downloads

_IMAGE = "base.qcow2"
_MOST = inspect.CAP_GIB << 30  # bytes: no image that is accepted has more
_DIGITS = 20  # of a length that is believed
_CHUNK = 1 << 16  # what one read takes at most
_AGAIN = 4  # times that a transfer which broke off is taken up again
_LEAST = 60  # KiB that must come ...
_WINDOW = 60.0  # ... in so many seconds: a byte now and then would go on for ever


def obtain(pin: BasePin, *, refresh: bool = False) -> Image:
    """The pinned image, from the cache or its address. Raises ToolError; exit code 2 where the image is refused."""
    with progress.task(f"base image {pin.told}", in_bytes=True) as task:
        name = _name(pin)
        entry = cache.obtain(name, functools.partial(_make, task, pin), refresh=refresh)
    return Image(entry.folder / _IMAGE, entry.sha256[_IMAGE])


def _name(pin: BasePin) -> str:
    """One that somebody must have signed is another entry: there it was looked at."""
    vouched = f"-{pin.signed.fingerprint[-16:].lower()}" if pin.signed else ""
    return f"pinned-{pin.sha256[:32]}{vouched}"


def _make(task: progress.Task, pin: BasePin, stage: Path) -> None:
    """Fill `stage` with the image. What has come so far is kept beside it, and taken up again by the next run."""
    part = cache.root() / f"{_name(pin)}.part"
    if path := web.local(pin.url):
        _copy(path, part, pin.told)
    else:
        _download(task, pin.url, part)
    task.say("checking its sha256")
    found = cache.digest(part)
    if found != pin.sha256.lower():
        part.unlink()
        raise errors.wrong_hash(pin.told, pin.sha256, found)
    if pin.signed:
        task.say("checking who signed it")
        signed.check(pin, pin.signed, part)
    kind = _checked(part, pin.told)
    if kind == "qcow2":
        part.rename(stage / _IMAGE)
    else:
        proc.run(["qemu-img", "convert", "-f", "raw", "-O", "qcow2", f"file:{part}", stage / _IMAGE])
        part.unlink()


def _checked(part: Path, url: str) -> inspect.Kind:
    try:
        return inspect.check(part, url)
    except errors.NodebakeError:
        part.unlink()
        raise


def _copy(source: Path, part: Path, url: str) -> None:
    try:
        regular.copy(source, part, _MOST)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise errors.fetch_failed(url, error.strerror or str(error)) from None


def _download(task: progress.Task, url: str, part: Path) -> None:
    with web.session() as session:
        for attempt in range(_AGAIN + 1):
            try:
                return _transfer(task, session, url, part)
            except requests.exceptions.ChunkedEncodingError:
                if attempt == _AGAIN:
                    raise errors.fetch_failed(url, f"it broke off {attempt + 1} times") from None
            except (*web.WRONG, TimeoutError) as error:
                raise errors.fetch_failed(url, web.why(error)) from None


def _transfer(task: progress.Task, session: requests.Session, url: str, part: Path) -> None:
    """Get what is still missing. A server that does not know ranges sends all of it: then it starts anew."""
    have = part.stat().st_size if part.exists() else 0
    asked = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    get = functools.partial(session.get, url, headers=asked, stream=True, timeout=web.TIMEOUT)
    with web.within(web.PATIENCE, get) as answer:
        if answer.status_code == 416:  # there is nothing beyond what we have, or less than that
            if not have:
                raise downloads.no_beginning(url)
            if answer.headers.get("Content-Range") == f"bytes */{have}":
                return
            part.unlink(missing_ok=True)
            return _transfer(task, session, url, part)
        answer.raise_for_status()
        if answer.headers.get("Content-Range", "").split("-")[0] != f"bytes {have}":
            have = 0
        _write(task, answer, part, have, url)


def _length(answer: requests.Response) -> int | None:
    """What the server says, if it is a number: it is for people, and the sha256 decides."""
    said = answer.headers.get("Content-Length", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < _DIGITS else None


def _write(task: progress.Task, answer: requests.Response, part: Path, have: int, url: str) -> None:
    length = _length(answer)
    total = None if length is None else have + length
    with part.open("ab" if have else "wb") as file:
        since, then = time.monotonic(), have
        try:
            while chunk := answer.raw.read1(_CHUNK):  # not `read`, which waits until all of it is there
                file.write(chunk)
                task.advance(file.tell(), total)
                if file.tell() > _MOST:
                    part.unlink()
                    raise downloads.too_large(url, regular.size(_MOST))
                if time.monotonic() - since > _WINDOW:
                    if file.tell() - then < _LEAST << 10:
                        raise downloads.too_slow(url, _LEAST, _WINDOW)
                    since, then = time.monotonic(), file.tell()
        except HTTPError as error:  # silence in the middle, too, is a transfer that broke off
            raise requests.exceptions.ChunkedEncodingError from error
