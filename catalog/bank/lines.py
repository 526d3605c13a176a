"""Reading a line's folder: record, tables and file rows as values, with every finding that reading gives."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from catalog.bank.paths import PATH_RULES, SYMLINK, check_folder, check_path, check_status, check_twins, scan
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.loading import Document, Row, Rows, read_rows, read_yaml
from catalog.loading.document import LARGEST_DOCUMENT_BYTES, TOO_LARGE
from catalog.model import AssayRow, FileRow, Record
from catalog.model.files import RECORD_PATH, TABLE_NAMES, TABLE_PATHS
from catalog.profiles import check_record, decode_record

RECORD_MISSING = Rule(
    "record-missing",
    Severity.ERROR,
    Level.BANK,
    "the line has no line.yaml",
    "run 'fairline line new {line}' to get a commented one",
    "docs/records.md",
)
OTHER_LINE = Rule(
    "record-other-line",
    Severity.ERROR,
    Level.BANK,
    "the record is that of {got_line}, the folder is that of {line}",
    "rename the folder, or correct line_id; both must be the same",
    "docs/records.md",
)
TIER_COLUMN = Rule(
    "files-tier-column",
    Severity.WARNING,
    Level.BANK,
    "files.csv has no column 'tier': every file counts as controlled",
    "add the column; an empty cell inherits the line's tier",
    "docs/tiers.md",
    "A lost column must never open files.",
)
DUPLICATE_PATH = Rule(
    "files-duplicate-path",
    Severity.ERROR,
    Level.BANK,
    "the path stands twice, first on line {first}",
    "delete one of the rows",
    "docs/records.md",
)

NO_FILE_TABLE = Rule(
    "files-table-missing",
    Severity.ERROR,
    Level.BANK,
    "there are files in data/, but no files.csv",
    "run 'fairline add {data} --line {line}', or bring files.csv back from a backup",
    "docs/records.md, files.csv",
    "A release would take every file of the line out of its package.",
)

BANK_RULES = (*PATH_RULES, RECORD_MISSING, OTHER_LINE, TIER_COLUMN, DUPLICATE_PATH, NO_FILE_TABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One of the tables beside ``line.yaml``: its bytes and its rows."""

    content: bytes
    rows: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line's working copy as read.

    Attributes:
        record: None when ``line.yaml`` has errors.
        record_bytes: the bytes of ``line.yaml``.
        tables: by name, those that exist.
        findings: of reading and of the profile; a finding's ``path`` is relative to the folder.
    """

    line_id: str
    folder: Path
    record: Record | None
    record_bytes: bytes
    document: Document
    tables: Mapping[str, Table] = field(default_factory=dict)
    files: tuple[FileRow, ...] = ()
    assays: tuple[AssayRow, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_line(folder: Path) -> Line:
    """Reads a line's folder. Whatever is wrong with its content, it is a finding."""
    line_id = os.path.basename(os.path.abspath(folder))  # '.' has no name of its own
    findings: list[Finding] = []
    if folder.is_symlink():
        fault = SYMLINK.at(Place(path="."), expected="a folder", got="a link")
        return Line(
            line_id=line_id, folder=folder, record=None, record_bytes=b"", document=Document(), findings=(fault,)
        )
    content = _read_own(folder, RECORD_PATH, findings)
    document = Document() if content is None else read_yaml(content)
    if content is None and not findings:
        findings.append(RECORD_MISSING.at(Place(path=RECORD_PATH), line=line_id))
    record = _decode(document, line_id, findings) if content is not None else None
    tables = _read_tables(folder, findings)
    files, assays = _file_rows(tables), _assay_rows(tables)
    findings.extend(_file_findings(folder, line_id, files, tables))
    return Line(
        line_id=line_id,
        folder=folder,
        record=record,
        record_bytes=content or b"",
        document=document,
        tables=tables,
        files=files,
        assays=assays,
        findings=tuple(findings),
    )


def _read_own(folder: Path, name: str, findings: list[Finding]) -> bytes | None:
    """The bytes of one of the curator's small files; None when it is missing or may not be read."""
    path = folder / name
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    fault = check_status(name, status)
    if fault is None and status.st_size > LARGEST_DOCUMENT_BYTES:
        fault = TOO_LARGE.at(Place(path=name), got=f"{status.st_size} bytes", limit=LARGEST_DOCUMENT_BYTES)
    if fault is not None:
        findings.append(fault)
        return None
    return path.read_bytes()


def _decode(document: Document, line_id: str, findings: list[Finding]) -> Record | None:
    found = list(document.findings)
    if document.usable:
        found += check_record(document)
        value = document.value
        if isinstance(value, dict) and isinstance(value.get("line_id"), str) and value["line_id"] != line_id:
            place = replace(document.place(("line_id",)), column="line_id")
            words = {"line": line_id, "got_line": value["line_id"]}
            found.append(OTHER_LINE.at(place, expected=line_id, got=value["line_id"], **words))
    findings.extend(replace(finding, path=RECORD_PATH) for finding in found)
    if any(finding.severity is Severity.ERROR and finding.code != OTHER_LINE.code for finding in found):
        return None
    return decode_record(document.value)


def _read_tables(folder: Path, findings: list[Finding]) -> dict[str, Table]:
    tables = {}
    for name in TABLE_NAMES:
        content = _read_own(folder, TABLE_PATHS[name], findings)
        if content is None:
            continue
        rows = read_rows(content)
        findings.extend(replace(finding, path=TABLE_PATHS[name]) for finding in rows.findings)
        tables[name] = Table(content=content, rows=rows)
    return tables


def _file_rows(tables: Mapping[str, Table]) -> tuple[FileRow, ...]:
    table = tables.get("files")
    if table is None or not table.rows.usable:
        return ()
    has_tier = "tier" in table.rows.columns
    return tuple(_file_row(row, has_tier) for row in table.rows.rows if row.get("path"))


def _file_row(row: Row, has_tier: bool) -> FileRow:
    words = {
        name: row.get(name)
        for name in (
            "path",
            "modality",
            "role",
            "format",
            "mediatype",
            "sha256",
            "assembly",
            "passage",
            "replicate",
            "sample_id",
            "group",
            "assay_id",
            "accession",
        )
    }
    size = row.get("bytes")
    return FileRow(
        **words,
        bytes=int(size) if re.fullmatch(r"[0-9]{1,18}", size) else None,
        tier=row.get("tier") if has_tier else None,
        line=row.line,
    )


def _assay_rows(tables: Mapping[str, Table]) -> tuple[AssayRow, ...]:
    table = tables.get("assays")
    if table is None or not table.rows.usable:
        return ()
    names = [name for name in AssayRow.__dataclass_fields__ if name in table.rows.columns]
    return tuple(
        AssayRow(**{"assay_id": "", "modality": "", **{name: row.get(name) for name in names}})
        for row in table.rows.rows
    )


def _file_findings(
    folder: Path, line_id: str, files: tuple[FileRow, ...], tables: Mapping[str, Table]
) -> list[Finding]:
    findings: list[Finding] = []
    first: dict[str, int] = {}
    for row in files:
        if row.path in first:
            place = Place(path=row.path, line=row.line, column="path")
            findings.append(DUPLICATE_PATH.at(place, expected="one row", got=row.path, first=first[row.path]))
        first.setdefault(row.path, row.line)
        fault = check_path(folder, row.path)
        if fault is not None:
            findings.append(replace(fault, line=row.line, column="path"))
    if files and files[0].tier is None:
        findings.append(TIER_COLUMN.at(Place(path=TABLE_PATHS["files"], line=1, column="tier")))
    findings.extend(check_twins(first))
    if not os.path.lexists(folder / TABLE_PATHS["files"]):
        held = [entry.path for entry in scan(folder) if entry.path.startswith("data/") and "/." not in entry.path]
        if held:
            place, got = Place(path=TABLE_PATHS["files"]), f"{len(held)} files in data/"
            findings.append(
                NO_FILE_TABLE.at(place, expected="a row for each", got=got, data=folder / "data", line=line_id)
            )
    if "files" not in tables or tables["files"].rows.usable:
        findings.extend(check_folder(folder, line_id, set(first)))
    return findings
