"""The result port: a virtio-serial line from the guest on which only results are written."""

from __future__ import annotations

from collections.abc import Callable


class Port:
    """Bytes in, lines out. Keeps every line, for the boot's result, and knows which have been asked about."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self._taken = 0
        self._until: Callable[[bytes], bool] | None = None
        self._looked = 0  # so many lines `_until` was asked about in vain
        self._unfinished: list[bytes] = []

    def feed(self, raw: bytes) -> None:
        """Take some bytes. A line counts when its newline has come."""
        *ended, rest = raw.split(b"\n")
        for end in ended:
            self.lines.append(b"".join([*self._unfinished, end]).rstrip(b"\r"))
            self._unfinished = []
        if rest:
            self._unfinished.append(rest)

    def take(self, until: Callable[[bytes], bool]) -> list[bytes] | None:
        """The lines not taken before, up to and with the first for which `until` is true; None while there is none.

        One `until` is asked about a line once: a guest may send a million of them.
        """
        begin = self._looked if until is self._until else self._taken
        self._looked, self._until = len(self.lines), until
        for place in range(begin, len(self.lines)):
            if until(self.lines[place]):
                taken = self.lines[self._taken : place + 1]
                self._taken = self._looked = place + 1
                return taken
        return None
