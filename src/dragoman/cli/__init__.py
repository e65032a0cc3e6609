"""The command line: ``dragoman``, one command in one file each."""

import io
import sys


def main() -> None:
    """The program's entry point."""
    try:
        from dragoman.cli.app import app  # noqa: PLC0415  Ctrl-C while the libraries load must be quiet, too

        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # every language, on any terminal; any file name
        app()
    except KeyboardInterrupt:
        print("Interrupted", file=sys.stderr)
        sys.exit(130)
