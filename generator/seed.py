"""NoCloud seed images: a small ISO 9660 volume labelled cidata. Same files, same bytes."""

from __future__ import annotations

import io
import struct
import time as real_time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from generator import errors

LABEL = "cidata"  # the spelling that ds-identify accepts, beside CIDATA
NAMES = ("user-data", "meta-data", "vendor-data", "network-config")
_LARGEST = 64 << 20  # bytes; no cloud takes user-data of a hundredth of that
# What pycdlib raises over bytes that no program wrote.
_STUMBLES = (struct.error, ValueError, LookupError, ArithmeticError, TypeError, AttributeError, RecursionError)
_EPOCH = 315532800.0  # 1980-01-01: every file system can hold it


def write(files: Mapping[str, bytes]) -> bytes:
    """An ISO image with these files in its root. Rock Ridge and Joliet keep the names as they are."""
    from pycdlib import PyCdlib  # noqa: PLC0415 - 33 ms that most commands need not pay

    output = io.BytesIO()
    with _fixed_time():
        iso = PyCdlib()
        iso.new(interchange_level=3, joliet=3, rock_ridge="1.09", vol_ident=LABEL)
        for number, (name, content) in enumerate(sorted(files.items())):
            where: Any = {"rr_name": name, "joliet_path": f"/{name}"}
            iso.add_fp(io.BytesIO(content), len(content), f"/FILE{number}.;1", file_mode=0o100444, **where)
        iso.write_fp(output)
        iso.close()
    return output.getvalue()


def read(path: Path) -> dict[str, bytes]:
    """The NoCloud files of a seed image. Raises a usage error for what is not one."""
    from pycdlib import PyCdlib  # noqa: PLC0415
    from pycdlib.pycdlibexception import PyCdlibException  # noqa: PLC0415

    if not path.is_file():  # a FIFO would wait for ever
        raise errors.not_a_seed(str(path), "it is no regular file")
    if path.stat().st_size > _LARGEST:
        raise errors.not_a_seed(str(path), f"it is larger than {_LARGEST >> 20} MiB")
    iso = PyCdlib()
    try:
        iso.open(str(path))
        return {name: content for name in NAMES if (content := _member(iso, name)) is not None}
    except (OSError, PyCdlibException, *_STUMBLES) as error:
        raise errors.not_a_seed(str(path), str(error) or type(error).__name__) from None


def _member(iso: Any, name: str) -> bytes | None:  # noqa: ANN401 - pycdlib has no types
    from pycdlib.pycdlibexception import PyCdlibException  # noqa: PLC0415

    output = io.BytesIO()
    try:
        iso.get_file_from_iso_fp(output, rr_path=f"/{name}")
    except PyCdlibException:
        return None
    return output.getvalue()


class _FixedTime:
    """Stands in for the module `time` inside pycdlib, which has no setting for the dates it writes."""

    def __getattr__(self, name: str) -> object:
        return getattr(real_time, name)

    @staticmethod
    def time() -> float:
        return _EPOCH

    @staticmethod
    def localtime(seconds: float) -> real_time.struct_time:
        return real_time.gmtime(seconds)


@contextmanager
def _fixed_time() -> Iterator[None]:
    from pycdlib import dates, headervd, pycdlib, udf, utils  # noqa: PLC0415

    rooms: list[Any] = [dates, headervd, pycdlib, udf, utils]
    try:
        for room in rooms:
            room.time = _FixedTime()
        yield
    finally:
        for room in rooms:
            room.time = real_time
