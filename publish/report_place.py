"""Where a report is written: never over what is judged, and only where a file can be made. It is asked before reading."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from catalog.errors import TemporaryError, UsageError

#: An earlier report may be replaced, also in a folder that is judged.
_PAGE_SUFFIXES = frozenset({".html", ".htm"})


def check_place(page: Path, judged: Iterable[str]) -> None:
    """Refuses a place for a report.

    Args:
        page: where the report should be.
        judged: the files and folders that are judged, as the caller writes them.

    Raises:
        UsageError: ``report-over-input``; the place is a judged file under this or another name, or lies in a judged
            folder and is taken by something else than a page.
        TemporaryError: ``disk-error``; its folder is not there or takes no file.
    """
    if any(_is_within(page, path) for path in judged):
        raise UsageError(
            "report-over-input", "the report would be written over a file that is judged", at=str(page),
            hint="name another file behind --html, such as report.html",
        )  # fmt: skip
    if page.exists() and not page.is_file():
        return  # a device or a pipe is written into
    folder = page.parent
    if not folder.is_dir():
        raise TemporaryError(
            "disk-error", f"there is no folder {folder} to write the report into", at=str(page),
            hint="make the folder, or name another file behind --html",
        )  # fmt: skip
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise TemporaryError(
            "disk-error", f"no file can be written into the folder {folder}: {error.strerror}", at=str(page),
            hint="name another file behind --html, or mend the disk or the permissions",
        ) from error  # fmt: skip


def _is_within(page: Path, path: str) -> bool:
    if os.path.isdir(path) and not os.path.islink(path):
        is_taken = os.path.lexists(page) and page.suffix.lower() not in _PAGE_SUFFIXES
        return is_taken and Path(os.path.realpath(page)).is_relative_to(os.path.realpath(path))
    if os.path.realpath(page) == os.path.realpath(path):
        return True
    try:
        return os.path.samefile(page, path)
    except OSError:
        return False
