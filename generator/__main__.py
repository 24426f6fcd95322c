"""`python -m generator` is `nodebake`."""

from generator.cli import main

if __name__ == "__main__":
    main()
