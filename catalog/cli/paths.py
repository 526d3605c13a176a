"""Paths as arguments and options. It imports nothing but click, so the root can have it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import click


class UsablePath(click.Path):
    """A path that is not empty (a variable that is not set) and that the system takes (no name too long).

    Args:
        dir_okay: whether a folder may be in the place.
        file_okay: whether a file may be in the place.
        as_written: whether the text comes through, for commands that echo it; a Path has lost ``./`` and ``//``.
    """

    def __init__(self, *, dir_okay: bool = True, file_okay: bool = True, as_written: bool = False) -> None:
        super().__init__(path_type=None if as_written else Path, dir_okay=dir_okay, file_okay=file_okay)

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


class Target(UsablePath):
    """A path, or the address of a portal; both come through as text."""

    def __init__(self) -> None:
        super().__init__(as_written=True)

    def convert(
        self, value: str | os.PathLike[str], param: click.Parameter | None, ctx: click.Context | None
    ) -> str | bytes | os.PathLike[str]:
        """The text, or a usage error."""
        return value if is_address(os.fspath(value)) else super().convert(value, param, ctx)


def is_address(target: str) -> bool:
    """Whether a target is an address and not a path."""
    return target.startswith(("http://", "https://"))
