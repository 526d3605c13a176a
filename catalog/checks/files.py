"""Files against what ``files.csv`` says of them, of their groups, and against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks.lines import passage_total
from catalog.checks.protocol import BankSubject, LineCheck, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.formats.assemblies import assembly_named
from catalog.model import FileRow, Role
from catalog.model.files import MODALITIES, TABLE_PATHS, AssayRow

_SOURCE = "docs/records.md, files.csv"

CHECKSUM = Rule(
    "file-checksum",
    Severity.ERROR,
    Level.BANK,
    "the file is not the one that was added",
    "if the change was meant, run 'fairline add' again; else restore the file",
    _SOURCE,
    "A file that changed without anybody's word is damaged or swapped.",
)
SIZE = Rule(
    "file-size",
    Severity.ERROR,
    Level.BANK,
    "the file has another size than files.csv says",
    "run 'fairline add' again: it fills in size and sha256",
    _SOURCE,
    "Nobody can tell which of the two is wrong, the file or its row.",
)
UNADDED = Rule(
    "file-not-added",
    Severity.WARNING,
    Level.BANK,
    "files.csv has no sha256 for the file",
    "run 'fairline add' for it: it fills in size, sha256, format and media type",
    _SOURCE,
)
FORMAT_DIFFERS = Rule(
    "file-format",
    Severity.ERROR,
    Level.BANK,
    "files.csv says {stated}, the content is {found}",
    "run 'fairline add' again, or find the right file",
    _SOURCE,
)
MODALITY_MISSING = Rule(
    "file-modality",
    Severity.WARNING,
    Level.BANK,
    "files.csv does not say what was measured",
    "fill in modality: without it nobody finds the file, and no approval covers it",
    _SOURCE,
)
MATE_MISSING = Rule(
    "file-mate-missing",
    Severity.WARNING,
    Level.BANK,
    "the group {group} has one FASTQ file",
    "add the mate, or clear the cell 'group' when the reads are single",
    "FASTQ pairs",
)
ASSEMBLY_DIFFERS = Rule(
    "file-assembly",
    Severity.ERROR,
    Level.BANK,
    "files.csv says {stated}, the file's contigs are those of {found}",
    "correct the cell 'assembly', or find the right file",
    "chromosome lengths of GRCh37, GRCh38, T2T-CHM13v2.0",
    "Coordinates of another build point at other genes.",
)
SYNTHETIC_UNSTATED = Rule(
    "file-synthetic",
    Severity.ERROR,
    Level.BANK,
    "the file says that it is synthetic, the record does not",
    "set 'data_kind: synthetic' in line.yaml, or replace the file",
    _SOURCE,
    "Synthetic data that pass for measured ones are fraud in the making.",
)
ASSAY_UNKNOWN = Rule(
    "file-assay",
    Severity.ERROR,
    Level.BANK,
    "assays.csv has no assay {assay}",
    "add the assay's row, or correct the cell 'assay_id'",
    _SOURCE,
)
ASSAY_DIFFERS = Rule(
    "file-unlike-assay",
    Severity.WARNING,
    Level.BANK,
    "files.csv says {column} {stated}, its assay {assay} says {said}",
    "correct files.csv or assays.csv; what was measured or computed in another way is an assay of its own",
    _SOURCE,
    "Both are published, and readers cannot tell which of them is true.",
)
OTHER_LINE = Rule(
    "file-of-another-line",
    Severity.WARNING,
    Level.BANK,
    "the file is byte for byte one of the line {line}",
    "look which line it belongs to: files were swapped or copied, unless both lines were measured together",
    _SOURCE,
    "What two lines share byte for byte is at most one line's measurement.",
)

FILE_RULES = (
    CHECKSUM,
    SIZE,
    UNADDED,
    FORMAT_DIFFERS,
    MODALITY_MISSING,
    MATE_MISSING,
    ASSEMBLY_DIFFERS,
    SYNTHETIC_UNSTATED,
    ASSAY_UNKNOWN,
    ASSAY_DIFFERS,
    OTHER_LINE,
)


def _at(row: FileRow, column: str) -> Place:
    return Place(path=row.path, column=column)


class FileCheck(LineCheck):
    """Judges files by their rows, their groups and the record."""

    rules = FILE_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line's files; ``path`` is the file."""
        assays = {each.assay_id: each for each in subject.line.assays}
        twice = {each.assay_id for each in subject.line.assays if assays[each.assay_id] is not each}
        for row in subject.line.files:
            seen = subject.files.get(row.path)
            if seen is None or seen.sha256 is None:
                continue
            yield from _check_row(row, seen)
            yield from _check_facts(row, seen, synthetic=subject.record.data_kind == "synthetic")
            if row.assay_id in assays.keys() - twice:
                yield from _check_assay(row, assays[row.assay_id])
            elif row.assay_id and row.assay_id not in twice:
                place = _at(row, "assay_id")
                yield ASSAY_UNKNOWN.at(
                    place, expected=f"an assay of {TABLE_PATHS['assays']}", got=row.assay_id, assay=row.assay_id
                )
        yield from _check_mates(subject)

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Data files that another line has too, as it is or as its ``files.csv`` says; documents may be common to lines."""
        owners: dict[str, set[tuple[str, str]]] = {}
        for line in subject.lines:
            for row, seen in _data_files(line):
                for sha256 in {row.sha256, seen.sha256 or ""} - {""}:
                    owners.setdefault(sha256, set()).add((line.line.line_id, row.path))
        for line in subject.lines:
            line_id = line.line.line_id
            for row, seen in _data_files(line):
                others = sorted(each for each in owners.get(seen.sha256 or "", ()) if each[0] != line_id)
                if others:
                    other, path = others[0]
                    yield line_id, OTHER_LINE.at(_at(row, "path"), expected=f"{line_id}'s", got=path, line=other)


def _data_files(subject: LineSubject) -> Iterator[tuple[FileRow, Subject]]:
    for row in subject.line.files:
        seen = subject.files.get(row.path)
        # A table of target regions is the laboratory's, not the line's.
        if seen is not None and seen.bytes and row.role in (Role.RAW, Role.PROCESSED) and seen.format != "bed":
            yield row, seen


def _check_row(row: FileRow, seen: Subject) -> Iterator[Finding]:
    if not row.sha256:
        yield UNADDED.at(_at(row, "sha256"), expected="64 hexadecimal digits", got="nothing")
    elif row.sha256 != seen.sha256:
        got = f"{seen.sha256} ({seen.bytes} bytes)"
        yield CHECKSUM.at(_at(row, "sha256"), expected=f"{row.sha256} ({row.bytes} bytes)", got=got)
    if row.bytes is not None and row.bytes != seen.bytes and row.sha256 in {"", seen.sha256}:
        yield SIZE.at(_at(row, "bytes"), expected=f"{row.bytes} bytes", got=f"{seen.bytes} bytes")
    if row.format and row.format != seen.format:
        words = {"stated": row.format, "found": seen.format or "of no known format"}
        yield FORMAT_DIFFERS.at(_at(row, "format"), expected=row.format, got=seen.format, **words)
    if not row.modality and row.role != Role.DOCUMENT:
        yield MODALITY_MISSING.at(_at(row, "modality"), expected="such as wes or rna-seq", got="nothing")


def _check_assay(row: FileRow, assay: AssayRow) -> Iterator[Finding]:
    """What a file and its assay both say, as far as each says one known thing."""
    pairs = (
        ("modality", row.modality, assay.modality, MODALITIES.get),
        ("passage", row.passage, assay.passage, passage_total),
        ("assembly", row.assembly, assay.reference, _build_of),
    )
    for column, stated, said, meaning in pairs:
        known = meaning(stated), meaning(said)
        if None not in known and known[0] != known[1]:
            words = {"column": column, "stated": stated, "said": said, "assay": assay.assay_id}
            yield ASSAY_DIFFERS.at(_at(row, column), expected=said, got=stated, **words)


def _build_of(text: str) -> str | None:
    """The one build that a text names; None for several, and for digests (refget: ``SQ.`` and letters, ``sha256:``)."""
    words = [each for each in re.split(r"[\s,;()]+", text) if ":" not in each and not each.startswith("SQ.")]
    named = {assembly_named(each) for each in words} - {None}
    return named.pop() if len(named) == 1 else None


def _check_facts(row: FileRow, seen: Subject, *, synthetic: bool) -> Iterator[Finding]:
    found = seen.facts.get("assembly")
    is_told = any("assembly" in each.code for each in seen.findings)  # most formats compare it themselves
    # Another name of the same build is a word that the column does not have, and said there.
    stated = assembly_named(row.assembly) or row.assembly
    if not is_told and stated and stated != "unknown" and isinstance(found, str) and found != stated:
        words = {"stated": row.assembly, "found": found}
        yield ASSEMBLY_DIFFERS.at(_at(row, "assembly"), expected=row.assembly, got=found, **words)
    if seen.facts.get("synthetic") and not synthetic:
        yield SYNTHETIC_UNSTATED.at(_at(row, "path"), expected="data_kind: synthetic", got="not stated")


def _check_mates(subject: LineSubject) -> Iterator[Finding]:
    groups: dict[tuple[str, str], list[FileRow]] = {}
    for row in subject.line.files:
        seen = subject.files.get(row.path)
        is_interleaved = seen is not None and seen.facts.get("interleaved") is True
        if row.group and row.format == "fastq" and not is_interleaved:
            groups.setdefault((row.group, row.modality), []).append(row)
    for (group, _), rows in groups.items():
        if len(rows) == 1:
            yield MATE_MISSING.at(_at(rows[0], "group"), expected="2 files", got="1 file", group=group)


CHECK = FileCheck()
