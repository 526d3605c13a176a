"""Files that belong together by their names: mates of a FASTQ pair, an index and its file, the three files of PLINK."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePath

from catalog.findings import Subject
from catalog.formats.mates import MATES

_INDEX = re.compile(r"(?P<file>.+)\.(?:tbi|csi|bai|crai|gzi)")
_OLD_INDEX = re.compile(r"(?P<file>.+)\.(?:bai|crai)")
_TRIO = re.compile(r"(?P<stem>.+)\.(?:bed|bim|fam)")


def name_groups(path: str) -> Iterator[str]:
    """The groups that a file's name puts it into; files beside each other with a group in common belong together."""
    name = PurePath(path).as_posix()
    if mate := MATES.part_of(name):
        yield f"mates {mate[0]}"
    if trio := _TRIO.fullmatch(name):
        yield f"trio {trio['stem']}"
    yield f"index {name}"
    if index := _INDEX.fullmatch(name):
        yield f"index {index['file']}"
    if index := _OLD_INDEX.fullmatch(name):
        yield f"index {index['file']}.{'bam' if name.endswith('.bai') else 'cram'}"


def with_mates(subjects: Sequence[Subject]) -> list[Subject]:
    """The subjects, each with the others that its name puts it together with."""
    files = [each for each in subjects if each.kind in {"file", "table"}]
    found = related_paths((each.path, group) for each in files for group in name_groups(each.path))
    return [related_to(each, found.get(each.path, set())) for each in subjects]


def related_paths(members: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    """For each path the other paths of its groups; members are pairs of path and group, an empty group is none."""
    groups: dict[str, set[str]] = {}
    for path, group in members:
        if group:
            groups.setdefault(group, set()).add(path)
    found: dict[str, set[str]] = {}
    for paths in groups.values():
        if len(paths) > 1:
            for path in paths:
                found.setdefault(path, set()).update(paths - {path})
    return found


def related_to(subject: Subject, paths: Iterable[str]) -> Subject:
    """The subject with further related paths."""
    related = tuple(sorted({*subject.related, *paths}))
    return replace(subject, related=related) if related != subject.related else subject
