"""What is said of locks."""

from __future__ import annotations

from collections.abc import Sequence

from generator.errors import CheckFailed, NodebakeError, ToolError, address, shown, usage, visible

_SHOWN = 10  # packages that are named
_WRITE = "nodebake base lock PROFILE writes it"


def no_lock(file: str, why: str) -> NodebakeError:
    return usage(f"{file} is no lock of nodebake: {why}", _WRITE)


def key_twice(key: str) -> str:
    return f"the key {shown(key)} is there twice"


def not_locked(file: str) -> NodebakeError:
    return usage(f"{file} is not there, and --locked wants one", _WRITE)


def lock_nowhere() -> NodebakeError:
    return usage("a profile from stdin has no place for its lock", "name the file: -o FILE")


def not_as_locked(file: str, why: Sequence[str]) -> CheckFailed:
    more = [f"and {len(why) - _SHOWN} more"] if len(why) > _SHOWN else []
    lines = "".join(f"\n    {visible(one)}" for one in (*why[:_SHOWN], *more))
    return CheckFailed(
        f"the base is not what {visible(file)} locks{lines}",
        "if that is well, lock it again: nodebake base lock PROFILE; if not, name a mirror that has what was locked",
    )


def changed(file: str, why: Sequence[str]) -> str:
    more = f"; and {len(why) - _SHOWN} more" if len(why) > _SHOWN else ""
    return visible(f"{file} locked something else: {'; '.join(why[:_SHOWN])}{more}")


def other_base(found: str, locked: str) -> str:
    return f"it is {found}, locked is {locked}"


def other_signer(found: str, locked: str) -> str:
    return f"it is signed by {found or 'nobody'}, locked is {locked or 'nobody'}"


def other_package(name: str, found: str | None, locked: str | None) -> str:
    """Each is version and sha256, None where the package is not there."""
    if found is None:
        return f"{name} is locked, and is not in it"
    if locked is None:
        return f"{name} is in it, and is not locked"
    versions = found.split(" ")[0], locked.split(" ")[0]
    if versions[0] == versions[1]:
        return f"{name} {versions[0]} has other bytes: {found.split(' ')[-1]}, locked is {locked.split(' ')[-1]}"
    return f"{name} is {versions[0]}, locked is {versions[1]}"


def other_bytes(found: str, locked: str) -> str:
    return (
        f"its sha256 is {found}, locked is {locked}: the same packages, by another nodebake, GRUB, mke2fs or"
        " mmdebstrap, or somebody changed it"
    )


def moving(url: str) -> str:
    return visible(f"{url} names no day: some day it will have other bytes, and then this profile cannot be built")


def not_signed(sums: str, fingerprint: str, why: str) -> ToolError:
    return ToolError(
        visible(f"{address(sums)} is not signed by {fingerprint}: {why}"),
        "do not use the image before you know why; the fingerprint is in the profile at base.signed.fingerprint",
    )


def not_listed(sums: str, name: str) -> ToolError:
    return ToolError(
        visible(f"{address(sums)} is signed, and says nothing of {name}"), "name the list that stands beside the image"
    )


def listed_otherwise(sums: str, name: str, wanted: str, found: str) -> ToolError:
    return ToolError(
        visible(f"{address(sums)} is signed, and says that {name} is {wanted}; what the profile pins is {found}"),
        "the image or its list was changed after the profile was written: look at which is the right one",
    )
