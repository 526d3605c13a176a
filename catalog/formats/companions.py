"""The door of companions: files that are judged together, such as mates, a data file and its index, or a trio.

A kind of companions knows from a file's name which group it belongs to and which part of it the file is, and judges
the parts together after each was read once. What a format saw and the group needs is in ``Subject.evidence``.

A new kind is one object of this protocol and one entry point in the group ``fairline.companions``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from catalog.findings import Finding, Rule, Subject

#: The group of all files of a folder: they are judged together when they were given, and never looked for. No file has
#: this name.
FOLDER = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of a group.

    Attributes:
        path: where it lies, for the rare second look (such as for the first read that differs).
        part: which part of the group it is, such as ``R1``, ``bim`` or ``index``.
        subject: what one read of it gave.
    """

    path: Path
    part: str
    subject: Subject


@runtime_checkable
class TellsParts(Protocol):
    """A kind of companions that knows a part by its content too, for files that ``files.csv`` says belong together."""

    def part_by_content(self, subject: Subject) -> str | None:
        """The part of a file whose name says nothing; None when the content says nothing either."""


@runtime_checkable
class Companions(Protocol):
    """One kind of groups."""

    @property
    def name(self) -> str:
        """The name of the kind, such as ``mates``."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule whose findings this kind can give."""

    def part_of(self, name: str) -> tuple[str, str] | None:
        """The group and the part of a file by its name (without folder); None when it is of no such group.

        The group is any text that is equal for the files of one group in one folder, and for no others; or
        :data:`FOLDER`.
        """

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Findings about a group, each with the member that it is about: the dependent one (R2, index, bim).

        Args:
            members: the files of one group, ordered by part, then path; a single one is given as well, so that
                a missing companion can be told. Parts may be of other formats than their names say.
        """
