"""Results of `verify` and `prove`, as JSON that was kept, made into what in-toto calls a test result."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from generator import regular
from generator.attest import sentences
from generator.report import told as telling

_LARGEST = 32 << 20
PASSED, WARNED, FAILED = "PASSED", "WARNED", "FAILED"  # the words of test-result v0.1


@dataclass(frozen=True, slots=True)
class Result:
    """One result. `told` is what there is to say of it in figures; `sha256` is that of the file it was read from."""

    name: str
    sha256: str
    outcome: str
    passed: tuple[str, ...]
    warned: tuple[str, ...]
    failed: tuple[str, ...]
    told: Mapping[str, Any] = field(default_factory=dict)


Reader = Callable[[Path, str, str], Result]


def verified(path: Path, image: str, profile: str) -> Result:
    """What `verify --format json` printed of the image and the profile with these sha256. Raises a usage error."""
    told, digest = _read(path)
    try:
        tested = told["tested"] or {}
        _about(path, tested["image_sha256"], image, tested["profile_sha256"], profile)
        rows = [(f"{row['check']} ({telling.boot_name(row['boot'])})", row["status"]) for row in told["verdicts"]]
        figures = {"verb": "verify", "checks": len(rows), "boots": max(row["boot"] for row in told["verdicts"])}
        figures |= {key: str(tested[key]) for key in ("tool", "qemu", "accelerator", "when")}
        outcome = PASSED if told["ok"] is True else FAILED
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise sentences.no_report(str(path), _why(error)) from None
    passed, skipped = (tuple(name for name, status in rows if status == kind) for kind in ("pass", "skipped"))
    failed = tuple(name for name, status in rows if status not in ("pass", "skipped"))
    return Result(path.name, digest, outcome, passed, skipped, failed, figures)


def proven(path: Path, image: str, profile: str) -> Result:
    """What `prove --format json` printed, a fault for a test: it passes where its checks, and no others, turned red.

    A check that no fault turns red, and a proof of some faults only, are warnings.
    """
    told, digest = _read(path)
    try:
        _about(path, told["image_sha256"], image, told["profile_sha256"], profile)
        killed = tuple(str(row["fault"]) for row in told["trials"] if row["verdict"] == "killed")
        failed = tuple(str(row["fault"]) for row in told["trials"] if row["verdict"] != "killed")
        unproven = tuple(f"no fault turns {check} red" for check in told["unproven"])
        outcome = FAILED if told["ok"] is not True or failed else WARNED if told["partial"] else PASSED
        figures = {"verb": "prove", "faults": len(killed) + len(failed), "killed": len(killed), "host": told["host"]}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise sentences.no_report(str(path), _why(error)) from None
    return Result(path.name, digest, outcome, killed, unproven, failed, figures)


def _read(path: Path) -> tuple[Any, str]:
    try:
        with regular.opened(path) as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise sentences.not_read(str(path), error.strerror or str(error)) from None
    if len(raw) > _LARGEST:
        raise sentences.no_report(str(path), f"larger than {_LARGEST >> 20} MiB")
    try:
        return json.loads(raw), hashlib.sha256(raw).hexdigest()
    except (ValueError, RecursionError):
        raise sentences.no_report(str(path), sentences.NOT_JSON) from None


def _about(path: Path, image: object, wanted_image: str, profile: object, wanted_profile: str) -> None:
    if image != wanted_image:
        raise sentences.report_of_another(str(path), "image")
    if profile != wanted_profile:
        raise sentences.report_of_another(str(path), "profile")


def _why(error: Exception) -> str:
    return f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
