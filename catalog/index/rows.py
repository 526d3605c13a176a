"""From a public record to the rows of the index. Pure."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.access import PublicRecord
from catalog.index.query import value_label
from catalog.index.text import count_words
from catalog.model.files import MODALITIES

#: A row is a tuple in the order of the table's columns.
Row = tuple[Any, ...]

_PROPERTY_FACETS = {"origin": ("origin.tissue", "origin.cell", "origin.label"), "disease": ("diseases",)}


@dataclass(frozen=True, slots=True)
class PackageRows:
    """The rows of one package, by table, and its words."""

    tables: Mapping[str, Sequence[Row]]
    words: Counter[str]


def package_rows(public: PublicRecord, ancestors: Mapping[str, Sequence[str]]) -> PackageRows:
    """Everything that the index holds of one package.

    Args:
        public: its public record, named by its release.
        ancestors: labels and synonyms of terms, by CURIE, for the words of the package.
    """
    tables: dict[str, Sequence[Row]] = {
        "package": [_package_row(public)],
        "line": [_line_row(public)],
        "donor": [_donor_row(public)],
        "file": [_file_row(public, each) for each in public.files],
        "restricted": [(public.line_id, each.modality, each.tier, each.embargo_until) for each in public.restricted],
        "annotation": [_annotation_row(public.line_id, each) for each in public.annotations],
        "finding": [
            (public.line_id, each.code, str(each.severity), each.path, each.message, each.count)
            for each in public.findings
        ],
        "facet": list(dict.fromkeys(_facet_rows(public))),
    }
    for table, name in (("qc", "qc"), ("hla", "hla"), ("cnv", "cnv"), ("bank", "banks")):
        tables[table] = _curated_rows(public, table, name)
    return PackageRows(tables, _words(public, ancestors))


def banked_year(public: PublicRecord) -> int | None:
    """The year of the first distribution bank whose date is known."""
    banks = public.tables.get("banks")
    for row in banks.rows if banks else ():
        if row.get("type") == "distribution" and re.match(r"[0-9]{4}", row.get("date", "")):
            return int(row["date"][:4])
    return None


def _year(public: PublicRecord) -> int | None:
    derived = _at(public.record, "derivation", "year")
    return banked_year(public) or (derived if isinstance(derived, int) else None)


def _at(record: Any, *path: str) -> Any:
    """A value of the record, None where it is not stated."""
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _modalities(public: PublicRecord) -> list[str]:
    return sorted(
        {each.modality for each in public.files if each.modality} | {each.modality for each in public.restricted}
    )


def _diseases(public: PublicRecord) -> list[str]:
    listed = public.record.get("diseases")
    if not isinstance(listed, list):
        return []
    return [str(each.get("label") or each["term"]) for each in listed]


def _package_row(public: PublicRecord) -> Row:
    record = public.record
    return (
        public.line_id, public.release, public.issued, public.title, public.description, public.tier,
        record.get("licence"), record.get("data_kind", "measured"), public.audit_level, record.get("line_type"),
        record.get("grade"), _at(record, "donor", "sex"), _at(record, "origin", "label"), "; ".join(_diseases(public)),
        _year(public), _modalities(public), len(public.files), sum(each.bytes for each in public.files), False,
    )  # fmt: skip


def _line_row(public: PublicRecord) -> Row:
    record = public.record
    banks = public.tables.get("banks")
    distributed = next((row for row in banks.rows if row.get("type") == "distribution"), {}) if banks else {}
    year = _at(record, "derivation", "year")
    return (
        public.line_id, record.get("line_type"), record.get("species"), _at(record, "clo", "class"),
        _at(record, "clo", "status"), [each["name"] for each in record.get("aliases", ())],
        [f"{each['db']}:{each['id']}" for each in record.get("xrefs", ())], _at(record, "parent", "line"),
        _at(record, "origin", "tissue"), _at(record, "origin", "cell"), _at(record, "derivation", "lab"),
        year if isinstance(year, int) else None, banked_year(public), distributed.get("passage"),
        _at(record, "culture", "matrix"), record.get("grade"), _at(record, "availability", "status"),
        _at(record, "karyotype", "iscn"),
    )  # fmt: skip


def _donor_row(public: PublicRecord) -> Row:
    donor = public.record.get("donor", {})
    return (
        public.line_id,
        *(donor.get(name) for name in ("donor_id", "sex", "age_at_collection", "ancestry", "abo_rhd")),
    )


def _file_row(public: PublicRecord, each: Any) -> Row:
    return (
        public.line_id, public.release, each.path, each.modality, each.role, each.format, each.mediatype,
        each.edam_format, each.bytes, each.sha256, each.assembly, each.passage, each.sample_id, each.assay_id,
        each.accession, json.dumps(each.facts, ensure_ascii=False),
    )  # fmt: skip


def _annotation_row(package: str, each: Mapping[str, Any]) -> Row:
    names = (
        "field", "property", "property_label", "term", "label", "ontology", "ontology_version", "evidence", "source",
    )  # fmt: skip
    return (package, *(each.get(name) for name in names), bool(each.get("provisional")))


def _curated_rows(public: PublicRecord, table: str, name: str) -> list[Row]:
    from catalog.index.tables import TABLES

    held = public.tables.get(name)
    columns = TABLES[table][1:]
    return [
        (public.line_id, *(_typed(row.get(column.name, ""), column.type) for column in columns))
        for row in (held.rows if held else ())
    ]


def _typed(cell: str, column_type: str) -> object:
    """A cell as its column's type; an empty cell is null. Cells were validated against the Table Schema."""
    if cell == "":
        return None
    if column_type == "BOOLEAN":
        return cell.lower() in {"true", "1"}
    if column_type == "BIGINT":
        return int(cell)
    return float(cell) if column_type == "DOUBLE" else cell


def _facet_rows(public: PublicRecord) -> Iterator[Row]:
    record = public.record
    values: list[tuple[str, str]] = [("modality", each) for each in _modalities(public)]
    values.append(("line_type", str(record.get("line_type", "unknown"))))
    values.append(("sex", str(_at(record, "donor", "sex") or "unknown")))
    values.append(("grade", str(record.get("grade") or "unknown")))
    values.append(("audit", public.audit_level))
    values.append(("year", str(_year(public) or "unknown")))
    values += [("assembly", each.assembly) for each in public.files if each.assembly]
    tiers = ["open"] if public.files else []
    tiers += ["controlled"] if public.restricted else []
    values += [("tier", each) for each in tiers or ["none"]]
    for name, value in values:
        yield public.line_id, name, value, value_label(name, value)
    for name, fields in _PROPERTY_FACETS.items():
        found = False
        for each in public.annotations:
            if str(each.get("field", "")).split("[")[0] in fields and each.get("evidence") != "inferred":
                found = True
                yield public.line_id, name, str(each["term"]), str(each["label"])
        if not found:
            unknown = "none" if name == "disease" and record.get("diseases") == [] else "unknown"
            yield public.line_id, name, unknown, "none known" if unknown == "none" else unknown


def _words(public: PublicRecord, names: Mapping[str, Sequence[str]]) -> Counter[str]:
    record = public.record
    fields: list[tuple[str, int]] = [(public.line_id, 8), (public.title, 3), (public.description, 1)]
    fields += [(each["name"], 6) for each in record.get("aliases", ())]
    fields += [(f"{each['db']} {each['id']}", 4) for each in record.get("xrefs", ())]
    fields += [(text, 2) for each in public.annotations for text in names.get(str(each["term"]), (str(each["label"]),))]
    fields += [(str(each["term"]), 2) for each in public.annotations]
    fields += [(MODALITIES.get(each, each), 2) for each in _modalities(public)]
    fields += [(each, 2) for each in _modalities(public)]
    fields += [(f"{each.path} {each.accession}", 1) for each in public.files]
    fields += [(str(text), 1) for text in _texts(record)]
    return count_words(fields)


def _texts(value: Any) -> Iterator[str]:
    """Every text of the record."""
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) and value != "unknown":
        yield value
