"""The command line: one lazy root, so that ``--help`` imports nothing but click (docs/commands.md)."""

from __future__ import annotations

import sys


def main() -> None:
    """The ``fairline`` command."""
    from catalog.cli.root import run

    sys.exit(run(sys.argv[1:]))
