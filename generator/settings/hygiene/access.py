"""Ways in that a build left: an account, a rule of sudo, a key. Those that the profile asks for are none."""

from __future__ import annotations

from generator.model import Edit, Expect, Fault, Part
from generator.reasons import reason
from generator.settings import Context

_LEFT = "nodebake-left"
_KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKept000000000000000000000000000000000000000 build\n"
_PASSWD = Edit("/etc/passwd", f"{_LEFT}:x:1999:1999::/home/{_LEFT}:/bin/bash\n".encode(), append=True)
# Not "0", but 0 to glibc.
_ROOTS = Edit("/etc/passwd", f"{_LEFT}:x:+0:0::/root:/bin/bash\n".encode(), append=True)
_SERVICE = Edit("/etc/passwd", f"{_LEFT}:x:899:899::/srv/{_LEFT}:/usr/sbin/nologin\n".encode(), append=True)
_RULE = f"{_LEFT} ALL=(ALL:ALL) NOPASSWD: ALL\n".encode()
_RULES = Edit(f"/etc/sudoers.d/{_LEFT}", _RULE, "0440")
_LINE = Edit("/etc/sudoers", _RULE, "0440", append=True)
_KEYS = Edit(f"/home/{_LEFT}/.ssh/authorized_keys", _KEY, "0600")
_KEYS_OF_SERVICE = Edit(f"/srv/{_LEFT}/.ssh/authorized_keys", _KEY, "0600")


def part(context: Context) -> Part:
    """What may be there is what the settings users and files put there."""
    users = context.profile.settings.get("users", ())
    names = tuple(user["name"] for user in users)
    files = tuple(file["path"] for file in context.profile.settings.get("files", ()))
    rules = tuple(f"/etc/sudoers.d/90-nodebake-{user['name']}" for user in users if user.get("sudo", False))
    keys = tuple(f"/home/{name}/.ssh/authorized_keys" for name in names)
    faults = (
        _fault(
            "build-user", "the build's account, which may do all, was left", {"accounts", "sudoers"}, _PASSWD, _RULES
        ),
        _fault("accounts.odd", "a line of /etc/passwd is root to glibc alone", {"accounts"}, _ROOTS),
        _fault("sudoers.line", "a rule of the build's account stands in /etc/sudoers", {"sudoers"}, _LINE),
        _fault("authorized-keys.kept", "the build's key still opens a door", {"authorized-keys"}, _KEYS),
        _fault(
            "authorized-keys.elsewhere",
            "a service's account, with a home of its own, lets the build in",
            {"authorized-keys"},
            _SERVICE,
            _KEYS_OF_SERVICE,
        ),
    )
    return Part(
        expects=(
            _expect("accounts", "image-accounts", names),
            _expect("sudoers", "image-sudoers", (*rules, *files)),
            _expect("authorized-keys", "image-authorized-keys", (*keys, *files)),
        ),
        faults=tuple(fault for fault in faults if not _paths(fault) & set(files)),
    )


def _paths(fault: Fault) -> set[str]:
    return {edit.path for edit in fault.edits if isinstance(edit, Edit)}


def _expect(key: str, kind: str, args: tuple[str, ...]) -> Expect:
    setting = f"hygiene.{key}"
    return Expect(setting, setting, kind, args, "none but the profile's", reason("hygiene", key).breaks)


def _fault(key: str, story: str, red: set[str], *edits: Edit) -> Fault:
    return Fault(f"hygiene.{key}", "hygiene", story, edits, frozenset(f"hygiene.{name}" for name in red))
