"""The `nodebake` program, also as `python -m generator`. Signals have their way before anything heavy is imported."""

from __future__ import annotations

import sys

from generator import stop


def main() -> None:
    """Everything else of the command line is in cli.py."""
    stop.at_once()
    from generator import cli  # noqa: PLC0415 - a quarter of a second, in which Ctrl-C may come

    code = cli.run(sys.argv[1:])
    stop.ignore()
    sys.exit(code)


if __name__ == "__main__":
    main()
