"""Running the checks: a line or a bank in, judged lines and reports out. Errors of data are findings, never exceptions."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from catalog.bank import Line, read_line
from catalog.checks.companions import judge_companions
from catalog.checks.mates import related_paths, related_to
from catalog.checks.protocol import BankSubject, Check, LineSubject
from catalog.checks.tables import check_table
from catalog.checks.workers import Task, Watch, inspect_all
from catalog.claims import CLAIM_MODALITIES, claims_of
from catalog.findings import Collector, Finding, Level, Severity, Subject
from catalog.formats.protocol import Declared
from catalog.model import BankSettings, FileRow
from catalog.model.files import RECORD_PATH, TABLE_PATHS
from catalog.ontology.annotate import annotate_record
from catalog.ontology.annotation import Annotation
from catalog.profiles import table_schema
from catalog.registry import CHECKS, plugins
from catalog.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedLine:
    """A line after all checks.

    Attributes:
        line: the working copy.
        files: a subject for each row of ``files.csv``, by path; findings about a file are with it.
        findings: everything that is not about one file.
        annotations: terms of the record; empty when the record has errors.
    """

    line: Line
    files: Mapping[str, Subject]
    findings: tuple[Finding, ...]
    annotations: tuple[Annotation, ...] = ()

    @property
    def valid(self) -> bool:
        """Whether nothing in the line has severity error."""
        return all(subject.valid for subject in self.subjects("")) and all(
            finding.severity is not Severity.ERROR for finding in self.findings
        )

    def all_findings(self) -> list[Finding]:
        """Every finding; those of files carry the file's path."""
        found = list(self.findings)
        for path, subject in self.files.items():
            found.extend(replace(finding, path=path) for finding in subject.findings)
        return found

    def subjects(self, prefix: str) -> list[Subject]:
        """The line and its files as subjects of a report.

        Args:
            prefix: what stands before the line's paths, such as ``lines/KSCBi005-A``.
        """
        collector = Collector()
        collector.extend(self.findings)
        shown = f"{prefix}/" if prefix else ""
        listed = tuple(collector)
        own = Subject(
            path=prefix or self.line.line_id,
            kind="line",
            findings=listed,
            more=collector.more,
            more_errors=collector.has_errors and all(f.severity is not Severity.ERROR for f in listed),
        )
        groups = related_paths((row.path, row.group) for row in self.line.files if row.path in self.files)
        return [own, *(_shown(subject, path, shown, groups.get(path, ())) for path, subject in self.files.items())]


def _shown(subject: Subject, path: str, prefix: str, related: Iterable[str]) -> Subject:
    """A file's subject with its own path and those of its group as the caller writes them."""
    findings = tuple(
        replace(each, related=tuple(f"{prefix}{other}" for other in each.related)) for each in subject.findings
    )
    moved = replace(subject, path=f"{prefix}{path}", findings=findings)
    return related_to(moved, [f"{prefix}{other}" for other in related])


def checks() -> list[Check]:
    """The known checks, fairline's own and plug-ins."""
    return [each for each in plugins(CHECKS).values() if isinstance(each, Check)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What checks need to know beside the line itself."""

    vocabulary: Vocabulary
    level: Level = Level.BANK
    jobs: int = 1
    line_ids: frozenset[str] = frozenset()
    tables: Path | None = None
    watch: Watch = Watch()  # noqa: RUF009  # a value that cannot change
    today: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())


def judge_line(folder: Path, surroundings: Surroundings) -> JudgedLine:
    """Reads a line's folder and runs every check of a single line on it."""
    return judge_lines([folder], surroundings)[0]


def judge_lines(folders: Sequence[Path], surroundings: Surroundings) -> list[JudgedLine]:
    """Reads lines' folders and runs every check of a single line on each; all files go through the workers together."""
    lines = [read_line(folder) for folder in folders]
    tasks = [task for line in lines for task in _tasks(line, surroundings)]
    subjects = iter(inspect_all(tasks, surroundings.jobs, surroundings.watch))
    judged = []
    for line in lines:
        rows = _readable(line)
        own = [(line.folder / row.path, replace(next(subjects), path=row.path)) for row in rows]
        groups = {line.folder / row.path: row.group for row in rows if row.group}
        together = judge_companions(own, surroundings.level, groups)
        judged.append(_judge(line, {each.path: each for each in together}, surroundings))
    return judged


def judge_bank(
    settings: BankSettings, judged: Sequence[JudgedLine], vocabulary: Vocabulary
) -> tuple[list[JudgedLine], list[Finding]]:
    """Adds the findings that need more than one line.

    Returns:
        The lines with what concerns each, and the findings about the bank itself.
    """
    ids = frozenset(each.line.line_id for each in judged)
    around = Surroundings(vocabulary=vocabulary, line_ids=ids)
    lines = [_subject(each.line, each.files, each.annotations, around) for each in judged if each.line.record]
    subject = BankSubject(settings=settings, lines=lines)
    found: dict[str, list[Finding]] = {}
    for line_id, finding in itertools.chain.from_iterable(check.check_bank(subject) for check in checks()):
        found.setdefault(line_id, []).append(finding)
    return [_with(each, found.get(each.line.line_id, ())) for each in judged], found.get("", [])


def _readable(line: Line) -> list[FileRow]:
    """Rows whose file may be read: path faults are findings already, and no such path is ever opened."""
    bad = {
        finding.path
        for finding in line.findings
        if finding.code.startswith("path-") and finding.severity is Severity.ERROR
    }
    seen: set[str] = set()
    rows: list[FileRow] = []
    for row in line.files:
        if row.path not in bad and row.path not in seen:
            seen.add(row.path)
            rows.append(row)
    return rows


def _tasks(line: Line, surroundings: Surroundings) -> list[Task]:
    tables = surroundings.tables / line.line_id if surroundings.tables else None
    synthetic = line.record is not None and line.record.data_kind == "synthetic"
    claims = claims_of(line.record) if line.record is not None else ()
    return [
        Task(
            path=line.folder / row.path,
            shown=row.path,
            level=surroundings.level,
            tables=(tables / row.path).parent if tables else None,
            declared=Declared(
                modality=row.modality,
                role=row.role,
                format=row.format,
                assembly=row.assembly,
                sample_id=row.sample_id,
                line_id=line.line_id,
                synthetic=synthetic,
                claims=claims if row.modality in CLAIM_MODALITIES else (),
            ),
        )
        for row in _readable(line)
    ]


def _subject(
    line: Line, files: Mapping[str, Subject], annotations: Sequence[Annotation], around: Surroundings
) -> LineSubject:
    assert line.record is not None
    return LineSubject(
        line=line,
        record=line.record,
        files=files,
        annotations=annotations,
        vocabulary=around.vocabulary,
        line_ids=around.line_ids,
        today=around.today,
    )


def _judge(line: Line, seen: Mapping[str, Subject], surroundings: Surroundings) -> JudgedLine:
    findings = [*line.findings, *_table_findings(line)]
    annotations: tuple[Annotation, ...] = ()
    if line.record is not None:
        found, term_findings = annotate_record(line.record, surroundings.vocabulary)
        annotations = tuple(found)
        findings += [replace(each, path=RECORD_PATH) for each in term_findings]
        subject = _subject(line, seen, annotations, surroundings)
        findings += itertools.chain.from_iterable(check.check_line(subject) for check in checks())
    if surroundings.level is Level.SPEC:
        findings = [each for each in findings if each.rules is Level.SPEC]
    return _with(JudgedLine(line=line, files=seen, findings=(), annotations=annotations), findings)


def _with(judged: JudgedLine, findings: Iterable[Finding]) -> JudgedLine:
    """Puts each finding where it belongs: with its file, or with the line."""
    own = list(judged.findings)
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.path in judged.files:
            by_file.setdefault(str(finding.path), []).append(replace(finding, path=None))
        else:
            own.append(finding)
    files = {path: subject.adding(by_file.get(path, ())) for path, subject in judged.files.items()}
    return replace(judged, files=files, findings=tuple(own))


def _table_findings(line: Line) -> list[Finding]:
    found = []
    for name, table in line.tables.items():
        if table.rows.usable:
            path = TABLE_PATHS[name]
            found += [replace(each, path=path) for each in check_table(path, table.content, table_schema(name))]
    return found
