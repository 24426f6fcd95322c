"""Files that nodebake makes: what tells one from another, whatever profile its comments name."""

from __future__ import annotations

import hashlib

from generator.model import File


def as_made(file: File) -> tuple[str, str]:
    """The arguments of the kind file-as-made: the path, and mode, owner and digest of all but the comments."""
    code = b"".join(line for line in file.content.splitlines(keepends=True) if not line.startswith(b"#"))
    return file.path, f"{int(file.mode, 8):o} {file.owner}:{file.group} {hashlib.sha256(code).hexdigest()}"
