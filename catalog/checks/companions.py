"""Judging files together that belong together: by their names in one folder, or by their group in ``files.csv``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.findings import Finding, Level, Subject
from catalog.formats.companions import FOLDER, Companions, Member, TellsParts
from catalog.registry import COMPANIONS, plugins

#: Kinds of subjects that are one file.
_FILES = frozenset({"file", "table"})


def companions() -> list[Companions]:
    """The known kinds, fairline's own and plug-ins."""
    return [each for each in plugins(COMPANIONS).values() if isinstance(each, Companions)]


def judge_companions(
    files: Sequence[tuple[Path, Subject]], level: Level, groups: Mapping[Path, str] | None = None
) -> list[Subject]:
    """The subjects of files with what is said about them together.

    Args:
        files: where each lies, and what one read of it gave.
        level: which rules are asked for.
        groups: the group of ``files.csv`` of a file, by where it lies: files of one group belong together
            wherever they lie and whatever stands before the part in their names.

    Returns:
        The subjects in their order; findings about a group are with the file that depends on the others, and name
        these as ``related``.
    """
    found: dict[str, list[Finding]] = {}
    for kind in companions():
        for members in _groups(kind, files, groups or {}):
            for member, finding in kind.judge(members):
                if finding.rules is Level.SPEC or level is Level.BANK:
                    found.setdefault(member.subject.path, []).append(_related(finding, member, members))
    return [subject.adding(found[subject.path]) if subject.path in found else subject for _, subject in files]


def siblings(paths: Iterable[str], level: Level) -> Iterator[tuple[str, str]]:
    """Files in the folders of given files that some kind of companions judges together with them.

    Each folder is listed once, so that the time grows with the files that are given and those beside them alone.

    Args:
        paths: of the files.
        level: which rules are asked for; what a kind has no such rules for is not looked for, so that a fault of an
            unnamed mate is not taken for one of the named file.

    Returns:
        The names of whole groups, each once and with the given files, behind the first given file of the group.
    """
    folders: dict[Path, dict[tuple[str, str], list[str]]] = {}
    for path in paths:
        location = Path(path).absolute()
        wanted = [
            (kind.name, part[0])
            for kind, part in _parts(location.name)
            if part[0] != FOLDER and _has_rules(kind, level)
        ]
        if wanted and location.parent not in folders:
            folders[location.parent] = _names_by_group(location.parent)
        for group in wanted:
            for name in folders[location.parent].pop(group, ()):
                yield path, name


def _names_by_group(folder: Path) -> dict[tuple[str, str], list[str]]:
    """The names in a folder by the kind and the group that they are of, in order."""
    found: dict[tuple[str, str], list[str]] = {}
    with contextlib.suppress(OSError):
        for name in sorted(each.name for each in folder.iterdir()):
            for kind, part in _parts(name):
                found.setdefault((kind.name, part[0]), []).append(name)
    return found


def _has_rules(kind: Companions, level: Level) -> bool:
    return level is Level.BANK or any(rule.level is Level.SPEC for rule in kind.rules)


def _parts(name: str) -> Iterable[tuple[Companions, tuple[str, str]]]:
    for kind in companions():
        part = kind.part_of(name)
        if part is not None:
            yield kind, part


def _groups(
    kind: Companions, files: Sequence[tuple[Path, Subject]], groups: Mapping[Path, str]
) -> Iterator[list[Member]]:
    found: dict[tuple[str, str], list[Member]] = {}
    for path, subject in files:
        part = kind.part_of(path.name)
        if part is None and path in groups and isinstance(kind, TellsParts):
            told = kind.part_by_content(subject)
            part = (groups[path], told) if told else None
        if part is None or subject.kind not in _FILES:
            continue
        named = groups.get(path) if part[0] != FOLDER else None
        key = ("group", named) if named else (str(path.absolute().parent), part[0])
        found.setdefault(key, []).append(Member(path=path, part=part[1], subject=subject))
    for members in found.values():
        yield sorted(members, key=lambda each: (each.part, str(each.path)))


def _related(finding: Finding, member: Member, members: Sequence[Member]) -> Finding:
    if finding.related:
        return finding
    others = tuple(each.subject.path for each in members if each.subject.path != member.subject.path)
    return replace(finding, related=others)
