"""Checksum side files against the files beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.checksums import COMPARED
from catalog.formats.companions import FOLDER, Member

_SOURCE = "GNU coreutils manual, md5sum invocation (--check)"

DIFFERS = Rule(
    "checksums-differ",
    Severity.ERROR,
    Level.SPEC,
    "the file {name} does not have the {algorithm} that this list gives",
    "if the file was changed on purpose, make the list again; else the file is damaged or another one: copy it again",
    _SOURCE,
    "Whoever checks the files by the list cannot tell damage from a stale list.",
)
MISSING = Rule(
    "checksums-file-missing",
    Severity.WARNING,
    Level.BANK,
    "the list names {name}, and there is no such file beside it",
    "add the file, or take its line out of the list",
    _SOURCE,
)
NOT_READ = Rule(
    "checksums-file-not-read",
    Severity.INFO,
    Level.SPEC,
    "files of the list were not named and not compared with it ({count}; the first is {name})",
    "name the files in the same call as the list, or their folder; a list with files of other folders is for md5sum --check",
    "docs/validation.md",
    "A file that nobody named is not read, as it may be large; without it the list proves nothing.",
)


class ChecksumCompanions:
    """Lists of digests and the files that they name (see :class:`catalog.formats.companions.Companions`)."""

    name = "checksums"
    rules: Sequence[Rule] = (DIFFERS, MISSING, NOT_READ)

    def part_of(self, name: str) -> tuple[str, str] | None:
        """Every file of a folder may stand in a list; which files are lists, their content says."""
        return FOLDER, "file"

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Digests that differ, with the list; only files of the same folder are looked at, and none is read again."""
        by_name = {each.path.name: each for each in members}
        for member in members:
            entries = member.subject.evidence.get("checksums")
            if member.subject.format != "checksums" or not isinstance(entries, list):
                continue
            unread: dict[str, int] = {}
            for line, algorithm, digest, name in entries:
                parts = PurePosixPath(name).parts
                if not parts or parts[0] == "/" or ".." in parts:
                    continue
                named = by_name.get(parts[0]) if len(parts) == 1 else None
                if named is None and _is_file(member.path.parent, name):
                    unread.setdefault(name, line)
                elif len(parts) == 1:
                    finding = _compare(member, named, Place(line=line), (algorithm, digest, parts[0]))
                    if finding is not None:
                        yield member, finding
            if unread:
                name, line = next(iter(unread.items()))
                yield (
                    member,
                    NOT_READ.at(Place(line=line), expected="the files of the list", count=len(unread), name=name),
                )


def _is_file(folder: Path, name: str) -> bool:
    """Whether a list's file is there; no file has a name that is too long or has a NUL."""
    try:
        return (folder / name).is_file()
    except (OSError, ValueError):
        return False


def _compare(member: Member, named: Member | None, place: Place, entry: tuple[str, str, str]) -> Finding | None:
    algorithm, digest, name = entry
    if named is None:
        is_there = "\0" in name or len(name) > 255 or (member.path.parent / name).exists()
        return None if is_there else MISSING.at(place, expected="the file beside this list", name=name)
    found = getattr(named.subject, algorithm, None) if algorithm in COMPARED else None
    if found is None or found == digest:
        return None
    words = {"name": name, "algorithm": algorithm}
    return DIFFERS.at(place, expected=digest, got=found, related=[named.subject.path], **words)


COMPANIONS = ChecksumCompanions()
