"""python -m tests.bases > docs/bases.md"""

from __future__ import annotations

import sys

from tests.bases import page


def main() -> int:
    """Print the page."""
    sys.stdout.write(page.page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
