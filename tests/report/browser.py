"""A headless Chromium, driven by the DevTools protocol through two pipes: JSON messages, each ended by a NUL."""

from __future__ import annotations

import base64
import io
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PIL import Image

PROGRAM = "chromium-headless-shell"  # scripts/test installs it
# A browser that root starts has no sandbox; what it is shown here is ours, and it reaches nobody.
FLAGS = ("--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--host-resolver-rules=MAP * ~NOTFOUND")


class Browser:
    """One tab. `asked` are the addresses that its pages wanted, the first included."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back = os.fdopen(to, "wb", buffering=0), os.fdopen(back, "rb")
        self._number, self._session = 0, ""
        self._events: list[dict[str, Any]] = []
        self.asked: list[str] = []
        target = self.do("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Accessibility"):
            self.do(f"{domain}.enable")

    def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command, and its result."""
        self._number += 1
        session = {"sessionId": self._session} if self._session else {}
        message = {"id": self._number, "method": method, "params": parameters, **session}
        self._to.write(json.dumps(message).encode() + b"\0")
        while (told := self._next()).get("id") != self._number:
            self._events.append(told)
        assert "error" not in told, f"{method}: {told['error']}"
        return dict(told["result"])

    def show(
        self, page: Path, *, width: int = 1000, height: int = 900, scheme: str = "light", scripts: bool = True
    ) -> None:
        """Load a page as a reader has it: `scheme` is light or dark, and without `scripts` there is no JavaScript."""
        self.do("Emulation.setScriptExecutionDisabled", value=not scripts)
        self.do("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.do(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        self._events, self.asked = [], []
        self.do("Page.navigate", url=page.as_uri())
        while not any(told.get("method") == "Page.loadEventFired" for told in self._events):
            self._events.append(self._next())
        wanted = [told["params"] for told in self._events if told.get("method") == "Network.requestWillBeSent"]
        self.asked = [str(one["request"]["url"]) for one in wanted]

    def picture(self) -> Image.Image:
        """The whole page, also what is below the window."""
        shot = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")

    def tell(self, expression: str) -> Any:
        """What an expression is on the page."""
        return self.do("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def _next(self) -> dict[str, Any]:
        raw = bytearray()
        while (one := self._back.read(1)) != b"\0":
            assert one, "the browser has ended"
            raw += one
        return dict(json.loads(raw))


@contextmanager
def browser() -> Iterator[Browser]:
    """Fails where there is no browser: a page that nobody looked at was not tested."""
    program = shutil.which(PROGRAM)
    assert program, f"install {PROGRAM}; scripts/test does"
    (theirs, to), (back, theirs_too) = os.pipe(), os.pipe()
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as home:
        argv = [program, *FLAGS, f"--user-data-dir={home}", "--remote-debugging-pipe"]

        def arrange() -> None:
            """It reads 3 and writes 4, whatever numbers the pipes have here."""
            for number, descriptor in ((3, os.dup(theirs)), (4, os.dup(theirs_too))):
                os.dup2(descriptor, number)

        process = subprocess.Popen(
            argv,
            pass_fds=(3, 4),
            preexec_fn=arrange,  # noqa: PLW1509 - there is no other thread
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(theirs)
        os.close(theirs_too)
        try:
            yield Browser(to, back)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
