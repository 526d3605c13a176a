"""The command line: one lazy root, so that ``--help`` imports nothing but click (docs/commands.md)."""

from __future__ import annotations

import io
import sys


def main() -> None:
    """The ``fairline`` command."""
    from catalog.cli.root import run

    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show is escaped; it is no reason to stop.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
