"""The `nodebake` program, also as `python -m generator`. Signals have their way before anything heavy is imported."""

from __future__ import annotations

import sys

from generator import stop

# jsonschema imports, of packages for formats, whichever are there; no schema of ours names a format. rfc3987_syntax
# compiles a grammar each time: 1.1 s of CPU, where `nodebake check` takes 0.3.
_FOR_FORMATS = ("isoduration", "rfc3986_validator", "rfc3987_syntax")


def _import_jsonschema() -> None:
    hidden = [name for name in _FOR_FORMATS if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # which makes of its import an ImportError
    import jsonschema  # noqa: F401, PLC0415 - imported here, and found there by all others

    for name in hidden:
        del sys.modules[name]


def main() -> None:
    """Everything else of the command line is in cli.py."""
    stop.at_once()
    try:
        _import_jsonschema()
        from generator import cli  # noqa: PLC0415 - a quarter of a second, in which Ctrl-C may come
    except MemoryError:  # a traceback would be exit code 1, which is a check that failed
        sys.stderr.write("nodebake: there is not memory enough for its own code\n")
        sys.exit(3)
    code = cli.run(sys.argv[1:])
    stop.ignore()
    sys.exit(code)


if __name__ == "__main__":
    main()
