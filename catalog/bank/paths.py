"""What lies in a line's folder: only regular files with safe names count; everything else is a finding.

Every component of a path is looked at with ``lstat``, so that no link is ever followed (docs/paths.md).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.identifiers import path_faults, path_twin_key
from catalog.model.files import RECORD_PATH, RESERVED_PATHS, TABLE_PATHS

_SOURCE = "docs/paths.md"

UNSAFE = Rule(
    "path-unsafe",
    Severity.ERROR,
    Level.BANK,
    "the path {fault}",
    "rename the file: relative, '/' between folders, names of A-Z a-z 0-9 . _ -",
    _SOURCE,
    "The same path must mean the same file on every system, in every URL and inside every archive.",
)
SYMLINK = Rule(
    "path-symlink",
    Severity.ERROR,
    Level.BANK,
    "the path is, or leads through, a symbolic link",
    "put a copy of the file itself into the line's folder",
    _SOURCE,
    "A link can point at anything of the machine, and what it points at can change without a trace.",
)
HARD_LINK = Rule(
    "path-hard-link",
    Severity.ERROR,
    Level.BANK,
    "the file has {number} names on this disk (hard links)",
    "put a copy of the file into the line's folder (cp file copy && mv copy file)",
    _SOURCE,
    "Whoever writes to the other name changes the released bytes.",
)
NOT_REGULAR = Rule(
    "path-not-regular",
    Severity.ERROR,
    Level.BANK,
    "the path is {kind}, not a regular file",
    "only regular files can be released",
    _SOURCE,
)
TWIN = Rule(
    "path-twin",
    Severity.ERROR,
    Level.BANK,
    "the path differs from {other} only in case or Unicode form",
    "rename one of them",
    _SOURCE,
    "On macOS and Windows the two are one file: one of them would be lost on download.",
)
RESERVED = Rule(
    "path-reserved",
    Severity.ERROR,
    Level.BANK,
    "the name {name} is that of a document that fairline writes",
    "rename the file or put it into data/",
    _SOURCE,
)
UNREGISTERED = Rule(
    "file-unregistered",
    Severity.WARNING,
    Level.BANK,
    "the file is not in files.csv and will not be released",
    "run 'fairline add {path} --line {line}', or delete the file",
    _SOURCE,
)

PATH_RULES = (UNSAFE, SYMLINK, HARD_LINK, NOT_REGULAR, TWIN, RESERVED, UNREGISTERED)

_OWN_FILES = {RECORD_PATH, *TABLE_PATHS.values()}
#: Reserved names stand at the top of a package: no file may have one in another case, and no folder may have one.
_RESERVED_KEYS = {path_twin_key(each) for each in RESERVED_PATHS}
_MOST_ENTRIES = 200_000


@dataclass(frozen=True, slots=True)
class Entry:
    """Something in a line's folder: its path and what ``lstat`` says of it."""

    path: str
    status: os.stat_result


def scan(folder: Path) -> Iterator[Entry]:
    """Everything below a folder but directories, in order of path; links are listed, never followed."""
    seen = 0
    pending = [""]
    while pending:
        path = pending.pop()
        if path and not path.endswith("/"):
            seen += 1
            if seen > _MOST_ENTRIES:
                return
            yield Entry(path, os.lstat(folder / path))
            continue
        with os.scandir(folder / path) as entries:
            inside = [f"{path}{each.name}{'/' * each.is_dir(follow_symlinks=False)}" for each in entries]
        pending.extend(sorted(inside, reverse=True))


def check_path(folder: Path, path: str) -> Finding | None:
    """The first fault of a path that is, or shall be, in ``files.csv``; None when there is none.

    A path that does not exist is no fault here; reading the file will tell.
    """
    place = Place(path=path)
    faults = path_faults(path)
    if faults:
        return UNSAFE.at(place, expected="a relative path of A-Za-z0-9._-/", got=path, fault="; it ".join(faults))
    if path_twin_key(path.split("/")[0]) in _RESERVED_KEYS:
        return RESERVED.at(place, got=path, name=path)
    here = folder
    for part in path.split("/"):
        here = here / part
        try:
            status = os.lstat(here)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(status.st_mode):
            return SYMLINK.at(place, expected="a regular file", got=f"{part} is a link")
    return check_status(path, status)


def check_status(path: str, status: os.stat_result) -> Finding | None:
    """The fault of a directory entry: a link, a second name, a device; None when it is a plain file."""
    place = Place(path=path)
    if stat.S_ISLNK(status.st_mode):
        return SYMLINK.at(place, expected="a regular file", got="a link")
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe, socket or device"
        return NOT_REGULAR.at(place, expected="a regular file", got=kind, kind=kind)
    if status.st_nlink > 1:
        return HARD_LINK.at(place, expected="1 name", got=f"{status.st_nlink} names", number=status.st_nlink)
    return None


def check_twins(paths: Iterable[str]) -> Iterator[Finding]:
    """Findings for paths that differ only in case or Unicode form, also in one of their folders' names."""
    seen: dict[str, str] = {}
    for path in paths:
        parts = path.split("/")
        for number in range(1, len(parts) + 1):
            part = "/".join(parts[:number])
            other = seen.setdefault(path_twin_key(part), part)
            if other != part:
                yield TWIN.at(Place(path=path), expected="paths that differ in more than case", got=path, other=other)
                break


def check_folder(folder: Path, line_id: str, registered: set[str]) -> Iterator[Finding]:
    """Findings for what lies in a line's folder beside the registered files."""
    for entry in scan(folder):
        if entry.path in registered or entry.path in _OWN_FILES:
            if entry.path in _OWN_FILES:
                finding = check_status(entry.path, entry.status)
                if finding is not None:
                    yield finding
            continue
        finding = check_status(entry.path, entry.status)
        if finding is None and any(part.startswith(".") for part in entry.path.split("/")):
            continue  # editors' and systems' hidden files are nobody's data
        yield finding or UNREGISTERED.at(Place(path=entry.path), path=entry.path, line=line_id)
