"""The command line: ``dragoman``, one command in one file each."""

import sys


def main() -> None:
    """The program's entry point."""
    try:
        from dragoman.cli.app import app  # noqa: PLC0415  Ctrl-C while the libraries load must be quiet, too

        app()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
