"""python -m tests.targets > docs/targets.md"""

from __future__ import annotations

import sys

from tests.targets import page


def main() -> int:
    """Print the page."""
    sys.stdout.write(page.page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
