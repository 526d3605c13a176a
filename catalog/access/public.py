"""The public record of a line: the only thing that pages, exports, index, packages and feeds are made from.

A :class:`PublicRecord` comes from :func:`project` (the working copy, at a release) or from
:func:`restore` (a stored public package, which was itself made from one). It cannot be built otherwise.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.access.fields import field_is_public, hide_assertions, project_value, public_fields
from catalog.access.tiers import CNV_COORDINATE_SCOPES, Decision, approval_covers, decide_file, decide_table, parse_tier
from catalog.bank import Line
from catalog.findings import Finding, Subject, audit_level
from catalog.formats.inspect import floor_of, formats
from catalog.model import FileRow, Tier
from catalog.model.files import RECORD_PATH, TABLE_PATHS
from catalog.model.record import Consent
from catalog.profiles import encode_record, table_schema

_SEAL = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile:
    """One open file of a package: its row, and what inspection saw in it."""

    path: str
    bytes: int
    sha256: str
    format: str | None
    mediatype: str
    edam_format: str | None = None
    modality: str = ""
    role: str = ""
    assembly: str = ""
    passage: str = ""
    replicate: str = ""
    sample_id: str = ""
    group: str = ""
    assay_id: str = ""
    accession: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTable:
    """The open columns and rows of one of the tables beside the record; every cell is text."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restricted:
    """That there is something which is not public: kind, tier, data use, whom to ask; never a name, size, hash or count."""

    modality: str
    tier: str
    embargo_until: str | None = None
    duo: tuple[str, ...] = ()
    contact: str | None = None
    accessions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicRecord:
    """Everything about one line that is public.

    Attributes:
        line_id: the line and its package.
        title: one line of text for lists.
        description: one or two sentences.
        tier: the line's own tier.
        record: the public part of ``line.yaml``, plain values in the profile's order.
        files: the open files, by path.
        tables: the open tables, by name.
        restricted: what is not public, by modality.
        annotations: ontology terms of the record and the files (members as in docs/package.md).
        findings: findings of validation that speak of public things only.
        withdrawn: files that were withdrawn: path, reason, date.
        release: the release in which this version first appeared; empty while it is planned.
        issued: when, RFC 3339 in UTC; empty while it is planned.
    """

    line_id: str
    title: str
    description: str
    tier: str
    record: Mapping[str, Any]
    files: tuple[PublicFile, ...]
    tables: Mapping[str, PublicTable]
    restricted: tuple[Restricted, ...]
    annotations: tuple[Mapping[str, Any], ...]
    findings: tuple[Finding, ...]
    withdrawn: tuple[Mapping[str, str], ...] = ()
    release: str = ""
    issued: str = ""
    seal: object = field(repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise TypeError("a public record is made by project() or restore() only")

    @property
    def audit_level(self) -> str:
        """The highest severity of its findings."""
        return audit_level(self.findings)

    def released_as(self, release: str, issued: str) -> PublicRecord:
        """The same record as a version of a release."""
        return replace(self, release=release, issued=issued)

    def remembering(self, withdrawn: Iterable[Mapping[str, str]]) -> PublicRecord:
        """The same record with the files that were withdrawn earlier, which a working copy cannot know."""
        return replace(self, withdrawn=tuple(dict(each) for each in withdrawn))

    def annotated(self, terms: Iterable[Mapping[str, Any]]) -> PublicRecord:
        """The same record with further terms, of its open files."""
        return replace(self, annotations=(*self.annotations, *terms))

    def without(self, path: str, reason: str, date: str) -> PublicRecord:
        """The same record after a file was withdrawn: nothing of the file is left but its path and the reason."""
        assays = {each.assay_id for each in self.files if each.path != path}
        tables = dict(self.tables)
        if "assays" in tables:
            kept = tuple(row for row in tables["assays"].rows if row.get("assay_id") in assays)
            tables["assays"] = replace(tables["assays"], rows=kept)
        return replace(
            self,
            files=tuple(each for each in self.files if each.path != path),
            tables={name: table for name, table in tables.items() if table.rows},
            findings=tuple(each for each in self.findings if each.path != path and path not in each.related),
            withdrawn=(*self.withdrawn, {"path": path, "reason": reason, "date": date}),
        )


def project(
    line: Line,
    subjects: Mapping[str, Subject],
    annotations: Iterable[Mapping[str, Any]],
    findings: Iterable[Finding],
    now: str,
) -> tuple[PublicRecord, dict[str, Decision]]:
    """The public record of a working copy at a moment, and the decision on every file.

    Args:
        line: a line whose record has no errors.
        subjects: what inspection saw, by path.
        annotations: terms of the record; each names the ``field`` it comes from.
        findings: all findings of the line, of its files and its tables.
        now: RFC 3339 in UTC; decides on embargoes.
    """
    record = line.record
    assert record is not None, "only a line with a valid record can be released"
    decisions = {row.path: decide_file(row, record, _seen(subjects.get(row.path)), now) for row in line.files}
    files = tuple(
        _public_file(row, subjects[row.path])
        for row in sorted(line.files, key=lambda row: row.path)
        if decisions[row.path].is_open
    )
    tables = _public_tables(line, files, now)
    fields = public_fields(record.access.tier)
    plain = encode_record(record)
    hidden = hide_assertions(plain, fields)
    public = PublicRecord(
        line_id=line.line_id,
        title=_title(plain),
        description=_description(plain, has_files=bool(line.files)),
        tier=parse_tier(record.access.tier).value,
        record=project_value(plain, (), fields),
        files=files,
        tables=tables,
        restricted=_restricted(line, decisions),
        annotations=tuple(each for each in annotations if field_is_public(str(each.get("field", "")), fields)),
        findings=_public_findings(
            (each for each in findings if not hidden(each)), fields, {each.path for each in files}, _whole(tables, line)
        ),
        seal=_SEAL,
    )
    return public, decisions


def restore(members: Mapping[str, Any]) -> PublicRecord:
    """The public record in the members that a stored public package states (see :mod:`catalog.package`)."""
    return PublicRecord(**{**members, "seal": _SEAL})


def _seen(subject: Subject | None) -> dict[str, object]:
    found = subject.format if subject else None
    return {"format": found, "floor": floor_of(found), "facts": subject.facts if subject else {}}


def _public_file(row: FileRow, subject: Subject) -> PublicFile:
    assert subject.bytes is not None
    assert subject.sha256 is not None
    known = formats().get(subject.format or "")
    return PublicFile(
        path=row.path,
        bytes=subject.bytes,
        sha256=subject.sha256,
        format=subject.format,
        mediatype=row.mediatype or "application/octet-stream",
        edam_format=known.edam if known else None,
        modality=row.modality,
        role=row.role,
        assembly=row.assembly,
        passage=row.passage,
        replicate=row.replicate,
        sample_id=row.sample_id,
        group=row.group,
        assay_id=row.assay_id,
        accession=row.accession,
        facts=copy.deepcopy(dict(subject.facts)),
    )


def _public_tables(line: Line, files: Sequence[PublicFile], now: str) -> dict[str, PublicTable]:
    record = line.record
    assert record is not None
    tables = {}
    for name, table in line.tables.items():
        if name == "files" or not decide_table(name, record, now).is_open or not table.rows.usable:
            continue
        columns = _open_columns(
            name, table.rows.columns, coordinates=approval_covers(record, now, *CNV_COORDINATE_SCOPES)
        )
        rows = [{column: row.get(column) for column in columns} for row in table.rows.rows]
        if name == "assays":
            used = {each.assay_id for each in files}
            rows = [row for row in rows if row.get("assay_id") in used]
        if rows:
            tables[name] = PublicTable(name=name, columns=columns, rows=tuple(rows))
    return tables


def _whole(tables: Mapping[str, PublicTable], line: Line) -> dict[str, PublicTable]:
    """The open tables of which every row is open: a finding may quote a cell of any row."""
    return {name: table for name, table in tables.items() if len(table.rows) == len(line.tables[name].rows.rows)}


def _open_columns(name: str, columns: Sequence[str], *, coordinates: bool) -> tuple[str, ...]:
    schema = {each["name"]: each for each in table_schema(name)["fields"]}
    return tuple(
        column
        for column in columns
        if column in schema and (schema[column].get("x-public") or (name == "cnv" and coordinates))
    )


def _restricted(line: Line, decisions: Mapping[str, Decision]) -> tuple[Restricted, ...]:
    record = line.record
    assert record is not None
    consent = record.consent
    duo = consent.duo if isinstance(consent, Consent) and consent.duo != "unknown" else ()
    groups: dict[tuple[str, str | None], set[str]] = {}
    for row in line.files:
        decision = decisions[row.path]
        if not decision.is_open:
            accessions = groups.setdefault((row.modality or "other", decision.embargo_until), set())
            accessions |= {row.accession} - {""}
    return tuple(
        Restricted(
            modality=modality,
            tier=Tier.CONTROLLED,
            embargo_until=embargo,
            duo=tuple(duo),
            contact=record.access.contact,
            accessions=tuple(sorted(accessions)),
        )
        for (modality, embargo), accessions in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] or ""))
    )


def _public_findings(
    findings: Iterable[Finding], fields: frozenset[str], files: set[str], tables: Mapping[str, PublicTable]
) -> tuple[Finding, ...]:
    """Findings that speak of public things alone. What no rule lets through stays in the bank."""
    kept = []
    for finding in findings:
        if any(path not in files for path in finding.related):
            continue
        if finding.path == RECORD_PATH and isinstance(finding.column, str):
            if field_is_public(finding.column, fields):
                kept.append(replace(finding, line=None))
        elif finding.path in files:
            kept.append(finding)
        else:
            table = next((each for name, each in tables.items() if TABLE_PATHS[name] == finding.path), None)
            if table is not None and finding.column in table.columns:
                kept.append(replace(finding, line=None))
    return tuple(kept)


_TYPE_WORDS = {
    "iPSC": "induced pluripotent stem-cell line",
    "ESC": "embryonic stem-cell line",
    "MSC": "mesenchymal stem-cell line",
    "HSPC": "haematopoietic stem- and progenitor-cell line",
    "primary": "primary cells",
    "derived": "derived cell line",
}


def _title(record: Mapping[str, Any]) -> str:
    species = "human " if record.get("species") == "NCBITaxon:9606" else ""
    words = f"{species}{_TYPE_WORDS.get(record['line_type'], 'cell line')}"
    origin = record.get("origin", {}).get("label", "unknown")
    return f"{record['line_id']}: {words}" + (f" from {origin}" if origin != "unknown" else "")


def _description(record: Mapping[str, Any], *, has_files: bool) -> str:
    sentences = [f"Data package of the cell line {_title(record).replace(': ', ', a ', 1)}."]
    aliases = [each["name"] for each in record.get("aliases", ())]
    if aliases:
        sentences.append(f"Also known as {', '.join(aliases)}.")
    diseases = record.get("diseases", "unknown")
    if isinstance(diseases, list) and diseases:
        names = ", ".join(str(each.get("label") or each["term"]) for each in diseases)
        sentences.append(f"Disease of the donor: {names}.")
    if has_files and record.get("data_kind") == "synthetic":
        sentences.append("Its data files are synthetic: they were generated and hold no person's data.")
    return " ".join(sentences)
