"""Findings: what is wrong with data, where, and how to mend it.

A finding is data, never raised. A :class:`Rule` is the documented kind of a finding; the module
that detects a defect declares its rules beside the code that detects them, and
``fairline explain CODE`` and ``docs/codes.md`` are made from the same declaration.

The JSON shapes are those of the docs/validation.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

#: Findings listed per subject; the rest is counted in ``more``.
LISTED_FINDINGS = 100
_SHOWN_CHARACTERS = 120


class Severity(StrEnum):
    """How bad it is. Only ``error`` makes a subject invalid."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Level(StrEnum):
    """Who asks for it: the format's own specification, or the bank's platform."""

    SPEC = "spec"
    BANK = "bank"


_ORDER = {Severity.INFO: 1, Severity.WARNING: 2, Severity.ERROR: 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in a file.

    Attributes:
        line: counts from 1, for text.
        record: counts from 1, for binary records and rows of a table.
        column: a field name, or a number from 1.
        offset: bytes from 0 in the decompressed stream (in the file itself for container findings).
        path: the file, when the finding's subject is larger than one file.
    """

    line: int | None = None
    record: int | None = None
    column: str | int | None = None
    offset: int | None = None
    path: str | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Rule:
    """A documented kind of finding.

    Attributes:
        code: kebab-case, unique over fairline and its plug-ins, never reused.
        severity: the severity of its findings.
        level: ``spec`` when the format's specification forbids it, else ``bank``.
        message: one sentence; ``{word}`` is filled in by :meth:`at`.
        hint: what to do about it.
        source: document, version and section that the rule comes from.
        why: what goes wrong for somebody when the rule is broken (shown by ``explain``).
    """

    code: str
    severity: Severity
    level: Level
    message: str
    hint: str
    source: str
    why: str = ""

    def at(
        self,
        place: Place = NOWHERE,
        *,
        expected: object = None,
        got: object = None,
        related: Iterable[str] = (),
        **words: object,
    ) -> Finding:
        """A finding of this rule at a place.

        Args:
            place: where it is.
            expected: what the rule wants there, in words.
            got: the offending value; it is cut and its control characters are escaped.
            related: other files of the same group.
            **words: values for the placeholders of the message and the hint.
        """
        shown = {name: show(value) for name, value in words.items()}
        return Finding(
            code=self.code,
            severity=self.severity,
            rules=self.level,
            message=self.message.format(**shown),
            expected=None if expected is None else show(expected),
            got=None if got is None else show(got),
            hint=self.hint.format(**shown) if shown else self.hint,
            source=self.source,
            line=place.line,
            record=place.record,
            column=place.column,
            offset=place.offset,
            path=place.path,
            related=tuple(related),
        )


def show(value: object) -> str:
    """A value as one safe line of text: control characters escaped, cut at 120 characters."""
    if isinstance(value, bytes):
        value = value[: _SHOWN_CHARACTERS * 4].decode("utf-8", "backslashreplace")
    text = str(value)
    cut = len(text) > _SHOWN_CHARACTERS
    text = text[:_SHOWN_CHARACTERS]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    return text + "…" if cut else text


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong, or worth knowing (members as in the docs/validation.md)."""

    code: str
    severity: Severity
    rules: Level
    message: str
    expected: str | None = None
    got: str | None = None
    hint: str = ""
    source: str = ""
    line: int | None = None
    record: int | None = None
    column: str | int | None = None
    offset: int | None = None
    path: str | None = None
    related: tuple[str, ...] = ()
    count: int = 1

    def to_json(self) -> dict[str, object]:
        """The finding as JSON; ``record``, ``path``, ``related`` and ``count`` only when they say something."""
        members: dict[str, object] = {
            "code": self.code,
            "severity": str(self.severity),
            "rules": str(self.rules),
            "line": self.line,
            "column": self.column,
            "offset": self.offset,
            "message": self.message,
            "expected": self.expected,
            "got": self.got,
            "hint": self.hint,
            "source": self.source,
        }
        if self.record is not None:
            members["record"] = self.record
        if self.path is not None:
            members["path"] = self.path
        if self.related:
            members["related"] = list(self.related)
        if self.count > 1:
            members["count"] = self.count
        return members

    @classmethod
    def from_json(cls, members: Mapping[str, object]) -> Finding:
        """The inverse of :meth:`to_json`."""
        known = dict(members)
        related = known.pop("related", ())
        assert isinstance(related, (list, tuple))
        return cls(
            severity=Severity(str(known.pop("severity"))),
            rules=Level(str(known.pop("rules"))),
            related=tuple(str(path) for path in related),
            **known,  # type: ignore[arg-type]  # the remaining members are scalars of the same names
        )


class Collector:
    """Gathers findings of one subject in bounded memory.

    Findings of the same code, column, path and expectation are one entry with a count and the
    first place; at most :data:`LISTED_FINDINGS` entries are kept, the rest is only counted.
    """

    def __init__(self) -> None:
        self._first: dict[tuple[object, ...], Finding] = {}
        self._counts: dict[tuple[object, ...], int] = {}
        self.more = 0
        self._worst = 0

    def add(self, finding: Finding) -> None:
        """Takes one finding in."""
        self._worst = max(self._worst, _ORDER[finding.severity])
        key = (finding.code, finding.column, finding.path, finding.expected, finding.severity)
        if key in self._counts:
            self._counts[key] += finding.count
        elif len(self._counts) < LISTED_FINDINGS:
            self._first[key] = finding
            self._counts[key] = finding.count
        else:
            self.more += finding.count

    def extend(self, findings: Iterable[Finding]) -> None:
        """Takes many findings in."""
        for finding in findings:
            self.add(finding)

    @property
    def has_errors(self) -> bool:
        """Whether any finding so far, kept or only counted, has severity error."""
        return self._worst == _ORDER[Severity.ERROR]

    def __iter__(self) -> Iterator[Finding]:
        for key, finding in self._first.items():
            count = self._counts[key]
            yield finding if count == finding.count else replace(finding, count=count)

    def __len__(self) -> int:
        return len(self._first)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was judged, with its findings and facts.

    Attributes:
        path: as the caller gave it.
        kind: ``file``, ``table``, ``record``, ``line`` or ``bank``.
        format: the format's name, or None where it has none or is unknown.
        bytes: size of the file as stored.
        sha256: 64 hexadecimal digits over the bytes as stored.
        md5: 32 hexadecimal digits, likewise.
        facts: what the format read on its way (see each format's documentation).
        findings: grouped, in the order in which they were met.
        more: findings that are not listed.
        related: other files of the same group (mates, index, trio), as ``path`` is given.
        evidence: what checks and companions need of the file and nobody else may see, such as a genotype
            fingerprint; it is in no report, package or index.
        tables: derived tables that were written in the same read.
    """

    path: str
    kind: str
    format: str | None = None
    bytes: int | None = None
    sha256: str | None = None
    md5: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    more: int = 0
    more_errors: bool = False
    related: tuple[str, ...] = ()
    evidence: Mapping[str, object] = field(default_factory=dict, repr=False)
    tables: tuple[Path, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether no finding has severity error."""
        return not self.more_errors and all(f.severity is not Severity.ERROR for f in self.findings)

    def adding(self, findings: Iterable[Finding]) -> Subject:
        """The same subject with further findings, still grouped and bounded."""
        collector = Collector()
        collector.more = self.more
        collector.extend(self.findings)
        before = collector.has_errors or self.more_errors
        collector.extend(findings)
        listed = tuple(collector)
        hidden = (before or collector.has_errors) and all(f.severity is not Severity.ERROR for f in listed)
        return replace(self, findings=listed, more=collector.more, more_errors=hidden)

    def to_json(self) -> dict[str, object]:
        """The subject as in the docs/validation.md."""
        members: dict[str, object] = {
            "path": self.path,
            "kind": self.kind,
            "format": self.format,
            "valid": self.valid,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "md5": self.md5,
            "facts": dict(self.facts),
            "findings": [finding.to_json() for finding in self.findings],
        }
        related = sorted({*self.related, *(path for finding in self.findings for path in finding.related)})
        if related:
            members["related"] = related
        if self.more:
            members["more"] = self.more
        if self.tables:
            members["tables"] = [str(path) for path in self.tables]
        return members


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of one validation: subjects in the order in which they were given."""

    rules: Level
    subjects: tuple[Subject, ...]

    @property
    def valid(self) -> bool:
        """Whether every subject is valid."""
        return all(subject.valid for subject in self.subjects)

    @property
    def counts(self) -> dict[str, int]:
        """Findings by severity, grouped ones counted singly; unlisted ones are not in it."""
        counts = {"error": 0, "warning": 0, "info": 0}
        for subject in self.subjects:
            for finding in subject.findings:
                counts[str(finding.severity)] += finding.count
        return counts

    def to_json(self, version: str) -> dict[str, object]:
        """The report as ``fairline validate --json`` prints it.

        Args:
            version: the running fairline's version.
        """
        return {
            "fairline": version,
            "rules": str(self.rules),
            "valid": self.valid,
            "counts": self.counts,
            "subjects": [subject.to_json() for subject in self.subjects],
        }


def audit_level(findings: Iterable[Finding]) -> str:
    """The highest severity, as the audit level of a package: none, info, warning or error."""
    worst = max((_ORDER[finding.severity] for finding in findings), default=0)
    return ("none", "info", "warning", "error")[worst]
