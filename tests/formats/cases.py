"""The proof of a format: valid files, and for every rule a file with that one defect.

Each family has a module ``tests/formats/cases_FAMILY.py`` with ``FORMATS`` (and ``GROUPS`` for files that are judged
together); :mod:`tests.formats.test_cases` runs all of them through both paths and holds rules and defects against
each other. Contents are made by seeded generators, so that a size can be chosen and a run repeated.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import tests.formats
from catalog.findings import Level
from catalog.formats.protocol import Declared
from tests.formats.defects import Defect


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatCases:
    """What proves one format.

    Attributes:
        format: its name.
        file: a name for the files, with its suffix.
        valid: contents that the specification allows, by id: no error under ``spec``.
        clean: ids of those that give no finding at all under ``bank``; at least one.
        defects: contents with one defect each; every rule of the format is among them.
        declared: what is said about the files outside of them, for valid and defect alike.
    """

    format: str
    file: str
    valid: Mapping[str, bytes]
    clean: Sequence[str]
    defects: Sequence[Defect]
    declared: Declared = field(default_factory=Declared)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupDefect:
    """Files that are each well and do not fit together.

    Attributes:
        id: for the test's name.
        files: content by name.
        code: of the finding that is wanted.
        at: the name of the file that must have it; the finding's ``related`` names others.
        line: likewise ``record`` and ``column``: compared where given.
        old: names of files that were written an hour before the others.
    """

    id: str
    files: Mapping[str, bytes]
    code: str
    at: str
    line: int | None = None
    record: int | None = None
    column: str | int | None = None
    level: Level = Level.BANK
    old: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCases:
    """What proves one kind of companions."""

    companions: str
    valid: Mapping[str, Mapping[str, bytes]]
    defects: Sequence[GroupDefect]


def _modules() -> Iterator[object]:
    for each in sorted(pkgutil.iter_modules(tests.formats.__path__), key=lambda each: each.name):
        if each.name.startswith("cases_"):
            yield importlib.import_module(f"tests.formats.{each.name}")


def all_formats() -> list[FormatCases]:
    """The cases of every format."""
    return [case for module in _modules() for case in getattr(module, "FORMATS", ())]


def all_groups() -> list[GroupCases]:
    """The cases of every kind of companions."""
    return [case for module in _modules() for case in getattr(module, "GROUPS", ())]
