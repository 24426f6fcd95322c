"""Whatever is pasted or piped into `explain`: an answer in a second or so, not a search that never ends.

No time is asserted; what is quadratic in these lengths would outlive any test run.
"""

from __future__ import annotations

import pytest

from generator.explain import answers

LENGTH = 4 << 20  # characters
PASTED = {
    "digits": "1" * LENGTH,
    "colons": ":" * LENGTH,
    "levels": "<1>" * (LENGTH // 3),
    "addresses": "0.0.0.0:" * (LENGTH // 8),
    "halves of addresses": "1:x" * (LENGTH // 3),
    "an escape": "\x1b[" + "0" * LENGTH,
    "escapes": "\x1b]" * (LENGTH // 2),
    "names": "net.ipv4." * (LENGTH // 9),
    "long lines of digits": ("1" * 8000 + "\n") * 100,
    "blanks": " " * LENGTH,
}


@pytest.mark.parametrize("name", PASTED)
def test_it_ends(name: str) -> None:
    answer = answers.answer(PASTED[name], "text")
    assert answer.error is not None
    assert len(answer.error.sentence) < 2000
