"""Checksum side files against the files beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

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


class ChecksumCompanions:
    """Lists of digests and the files that they name (see :class:`catalog.formats.companions.Companions`)."""

    name = "checksums"
    rules: Sequence[Rule] = (DIFFERS, MISSING)

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
            for line, algorithm, digest, name in entries:
                parts = PurePosixPath(name).parts
                if len(parts) != 1 or parts[0] == "..":
                    continue
                finding = _compare(member, by_name.get(parts[0]), Place(line=line), (algorithm, digest, parts[0]))
                if finding is not None:
                    yield member, finding


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
