"""The documents of one version: made from a public record, and read back into one.

Bytes are deterministic: the same record gives the same documents. Exports (DCAT, citations, ...) are added by
the publishing side, which makes them from the same public record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from catalog.access import PublicFile, PublicRecord, PublicTable, Restricted, restore
from catalog.errors import IntegrityError
from catalog.findings import Finding
from catalog.loading import read_rows
from catalog.loading.rows import write_rows
from catalog.model import BankSettings
from catalog.model.files import MODALITIES, TABLE_NAMES, TABLE_PATHS
from catalog.package.descriptor import DESCRIPTOR, RECORD, descriptor, is_data_file
from catalog.profiles import table_schema

README = "README.md"
REPORT = "report.json"


def documents(public: PublicRecord, bank: BankSettings) -> dict[str, bytes]:
    """The documents of a version that every package has, by path.

    Args:
        public: the public record, named by its release.
        bank: the bank's settings.
    """
    made = {RECORD: render_json(public.record), TABLE_PATHS["files"]: _files_table(public)}
    for name, table in public.tables.items():
        made[TABLE_PATHS[name]] = write_rows(table.columns, table.rows)
    made[DESCRIPTOR] = render_json(descriptor(public, bank, made))
    made[REPORT] = render_json(_report(public))
    made[README] = _readme(public, bank).encode()
    return dict(sorted(made.items()))


def render_json(value: object) -> bytes:
    """The bytes of a JSON document of ours: indented, UTF-8, members in their order, a final line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def _files_table(public: PublicRecord) -> bytes:
    columns = [each["name"] for each in table_schema("files")["fields"]]
    rows = [
        {**{column: getattr(each, column, "") for column in columns}, "format": each.format or "", "tier": "open"}
        for each in public.files
    ]
    return write_rows(columns, rows)


def _report(public: PublicRecord) -> dict[str, Any]:
    """The validation report, of public things only."""
    counts = {"error": 0, "warning": 0, "info": 0}
    for finding in public.findings:
        counts[str(finding.severity)] += finding.count
    return {
        "line_id": public.line_id,
        "release": public.release,
        "rules": "bank",
        "audit_level": public.audit_level,
        "counts": counts,
        "findings": [finding.to_json() for finding in public.findings],
    }


def restore_record(read: Callable[[str], bytes], paths: Mapping[str, str]) -> PublicRecord:
    """The public record of a stored version.

    Args:
        read: gives the verified bytes of a logical path.
        paths: the logical paths of the version (to their digests).

    Raises:
        IntegrityError: the version is not a package of fairline.
    """
    if DESCRIPTOR not in paths:
        raise IntegrityError("package-malformed", "the stored version has no datapackage.json")
    members: dict[str, Any] = json.loads(read(DESCRIPTOR))
    report: dict[str, Any] = json.loads(read(REPORT))
    tables = {}
    for name in TABLE_NAMES:
        if name != "files" and TABLE_PATHS[name] in paths:
            rows = read_rows(read(TABLE_PATHS[name]))
            tables[name] = PublicTable(name=name, columns=rows.columns, rows=tuple(row.cells for row in rows.rows))
    return restore(
        {
            "line_id": members["line_id"],
            "title": members["title"],
            "description": members["description"],
            "tier": members["tier"],
            "record": json.loads(read(RECORD)),
            "files": tuple(_file(each) for each in members["resources"] if is_data_file(each)),
            "tables": tables,
            "restricted": tuple(_restricted(each) for each in members["restricted"]),
            "annotations": tuple(members["annotations"]),
            "findings": tuple(Finding.from_json(each) for each in report["findings"]),
            "withdrawn": tuple(members["withdrawn"]),
            "release": members["release"],
            "issued": members["created"],
        }
    )


def _file(resource: Mapping[str, Any]) -> PublicFile:
    words = {
        name: str(resource.get(name, ""))
        for name in (
            "modality",
            "role",
            "assembly",
            "passage",
            "replicate",
            "sample_id",
            "group",
            "assay_id",
            "accession",
        )
    }
    return PublicFile(
        path=resource["path"],
        bytes=resource["bytes"],
        sha256=resource["hash"].removeprefix("sha256:"),
        format=resource.get("file_format"),
        mediatype=resource["mediatype"],
        edam_format=resource.get("edam_format"),
        facts=resource.get("facts", {}),
        **words,
    )


def _restricted(members: Mapping[str, Any]) -> Restricted:
    return Restricted(
        modality=members["modality"],
        tier=members["tier"],
        embargo_until=members.get("embargo_until"),
        duo=tuple(members.get("duo", ())),
        contact=members.get("contact"),
        accessions=tuple(members.get("accessions", ())),
    )


def _readme(public: PublicRecord, bank: BankSettings) -> str:
    """The text that a person reads first in a downloaded package."""
    address = bank.addresses.package(public.line_id, public.release)
    lines = [f"# {public.title}", "", public.description, ""]
    lines += [f"- Version: release {public.release}, {public.issued}", f"- Address: <{address}>"]
    lines += [
        f"- Publisher: {bank.publisher.name}",
        f"- Licence of the files: {public.record.get('licence', 'not stated')}",
    ]
    lines += [f"- Findings of validation: {public.audit_level} (see report.json)", ""]
    lines += ["## Files", ""]
    if public.files:
        lines += ["| path | measurement | role | assembly | bytes | sha256 |", "|---|---|---|---|---|---|"]
        lines += [
            f"| {each.path} | {MODALITIES.get(each.modality, '')} | {each.role} | {each.assembly} | {each.bytes} | {each.sha256} |"
            for each in public.files
        ]
    else:
        lines.append("No data file of this line is open.")
    for each in public.restricted:
        until = f", embargo until {each.embargo_until}" if each.embargo_until else ""
        how = f" Ask {each.contact}." if each.contact else " Ask the bank."
        lines += ["", f"{MODALITIES.get(each.modality, 'Other')} data are {each.tier}{until}.{how}"]
    for gone in public.withdrawn:
        lines += ["", f"{gone['path']} was withdrawn on {gone['date']}: {gone['reason']}"]
    lines += [
        "",
        "## Other files here",
        "",
        "`datapackage.json` describes every file (Data Package 2.0); `record.json` is the line's record; `report.json` holds the",
        "findings of validation; `citation.*` tell how to cite; `dcat.*` are the same metadata as RDF.",
        "",
        "Verify a download with `fairline verify .`: it needs no network.",
        "",
    ]
    return "\n".join(lines)
