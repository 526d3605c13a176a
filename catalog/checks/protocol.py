"""The door of every check: a function from a line or a bank to findings. Pure; findings only.

A new check is one module with one object of this protocol, one entry point in the group
``fairline.checks``, one test and one line of documentation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from catalog.bank import Line
from catalog.findings import Finding, Rule, Subject
from catalog.model import BankSettings, Record
from catalog.ontology.annotation import Annotation
from catalog.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSubject:
    """What a line's check is given.

    Attributes:
        line: the working copy.
        record: its record, which has no errors of form.
        files: what inspection saw, by path.
        annotations: the record's ontology terms.
        vocabulary: the installed terms.
        line_ids: all lines of the bank.
        today: the day in UTC, such as ``2026-11-22``; empty where no rule shall ask for it.
    """

    line: Line
    record: Record
    files: Mapping[str, Subject]
    annotations: Sequence[Annotation]
    vocabulary: Vocabulary
    line_ids: frozenset[str] = frozenset()
    today: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankSubject:
    """What a bank's check is given: its settings and its lines, sorted by id."""

    settings: BankSettings
    lines: Sequence[LineSubject] = field(default_factory=tuple)


@runtime_checkable
class Check(Protocol):
    """One family of rules about lines or banks."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule whose findings this check can give."""

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line. ``path`` names the file, table or ``line.yaml`` that a finding speaks of."""

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Findings that need more than one line: (line id, finding); an empty id is the bank itself."""


class LineCheck:
    """A check that has nothing to say about a bank as a whole."""

    rules: Sequence[Rule] = ()

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Nothing."""
        yield from ()
