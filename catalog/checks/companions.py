"""Judging files together that belong together: by their names in one folder, or by their group in ``files.csv``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from catalog.findings import Finding, Level, Subject
from catalog.formats.companions import FOLDER, Companions, Member
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


def sibling_paths(path: Path, level: Level) -> Iterator[Path]:
    """Other files in a file's folder that some kind of companions judges together with it, in order.

    Args:
        path: of the file.
        level: which rules are asked for; what a kind has no such rules for is not looked for, so that a fault of an
            unnamed mate is not taken for one of the named file.
    """
    wanted = {(kind.name, part[0]) for kind, part in _parts(path) if part[0] != FOLDER and _has_rules(kind, level)}
    if not wanted:
        return
    try:
        beside = sorted(path.parent.iterdir())
    except OSError:
        return
    for each in beside:
        if each.name != path.name and any((kind.name, part[0]) in wanted for kind, part in _parts(each)):
            yield each


def _has_rules(kind: Companions, level: Level) -> bool:
    return level is Level.BANK or any(rule.level is Level.SPEC for rule in kind.rules)


def _parts(path: Path) -> Iterable[tuple[Companions, tuple[str, str]]]:
    for kind in companions():
        part = kind.part_of(path.name)
        if part is not None:
            yield kind, part


def _groups(
    kind: Companions, files: Sequence[tuple[Path, Subject]], groups: Mapping[Path, str]
) -> Iterator[list[Member]]:
    found: dict[tuple[str, str], list[Member]] = {}
    for path, subject in files:
        part = kind.part_of(path.name)
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
