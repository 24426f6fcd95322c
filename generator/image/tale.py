"""What Packer tells, as a tale for a person: which stage the build is at, what the guest says, and why it failed."""

from __future__ import annotations

import re
from collections import deque

from generator.image.lines import Event
from generator.progress import Task

# How a line of Packer's begins, and what it means. The wording is the same from 1.6.6 to 1.16.
_STAGES = (
    ("Starting VM", "booting"),
    ("Connected to SSH", "connected"),
    ("Uploading", "uploading"),
    ("Provisioning with shell script: packer/scripts/sysprep.sh", "cleaning"),
    ("Provisioning with shell script", "applying"),
    ("Gracefully halting", "shutting down"),
)
_GUEST_SPEAKS = ("applying", "cleaning")
_FAILED_STEP = re.compile("nodebake: the step failed: (.+)")  # die() of templates/lib/steps.sh
TAIL_LINES = 15


class Tale:
    """Takes events as they come."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.stage = "preparing"
        self.said: deque[str] = deque(maxlen=TAIL_LINES)  # by the guest's scripts
        self.complaints: deque[str] = deque(maxlen=5)  # by Packer; a guest's stderr arrives in the same way
        self.failure = ""
        self.failed_step = ""

    def take(self, event: Event) -> None:
        if event.kind == "ui" and event.data:
            self._ui(event)
        elif event.kind == "error" and event.data:
            self.failure = event.data[-1].strip()

    @property
    def connected(self) -> bool:
        return self.stage not in ("preparing", "booting")

    @property
    def halting(self) -> bool:
        return self.stage == "shutting down"

    @property
    def reason(self) -> str:
        """Why it failed: Packer's own sentence, or what it complained of last."""
        return self.failure or "\n".join(self.complaints) or "Packer did not say why"

    def _ui(self, event: Event) -> None:
        text = event.text.strip()
        how, stage = event.data[0], next((name for words, name in _STAGES if text.startswith(words)), None)
        if how == "say" and stage and self.failed_step:
            return  # what comes after a failed step is no progress
        if how == "say" and stage:
            self.stage = stage
            self._task.say(stage)
        elif how in ("message", "error") and self.stage in _GUEST_SPEAKS:
            self._guest(text)
        elif how == "error":
            self.complaints.append(text)

    def _guest(self, text: str) -> None:
        for line in filter(None, (line.rstrip() for line in text.split("\n"))):
            self.said.append(line)
            if found := _FAILED_STEP.fullmatch(line):
                self.failed_step = found[1]
            self._task.say(f"{self.stage}: {line}")
