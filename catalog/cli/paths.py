"""Paths as arguments and options. It imports nothing but click, so the root can have it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click


class UsablePath(click.Path):
    """A path that is not empty (a variable that is not set) and that the system takes (no name too long)."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The path, or a usage error."""
        if not os.fspath(value):
            self.fail("names nothing", param, ctx)
        try:
            os.lstat(value)
        except OSError as error:
            if error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
                self.fail(f"{os.fspath(value)[:40]}…: {error.strerror}", param, ctx)
        return super().convert(value, param, ctx)
