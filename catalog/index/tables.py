"""The tables of the index, documented for people who query them (docs/query.md is made from this).

Everything in them is public: they are filled from public records alone. Tables of what a curator keeps by hand
(qc, hla, cnv) have the columns of their Table Schemas.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from catalog.profiles import table_schema

#: Raised with every change of the tables; an index of another version is rebuilt.
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its DuckDB type, and what it says."""

    name: str
    type: str
    says: str


def _columns(*lines: str) -> tuple[Column, ...]:
    """Columns from lines of the form ``name TYPE what it says``."""
    return tuple(Column(*line.split(" ", 2)) for line in lines)


def _curated(name: str) -> tuple[Column, ...]:
    """The open columns of a Table Schema, after the package they belong to."""
    types = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN"}
    own = [
        Column(each["name"], types.get(each["type"], "VARCHAR"), each["description"])
        for each in table_schema(name)["fields"]
        if each.get("x-public") or name == "cnv"
    ]
    return (Column("package", "VARCHAR", "The package."), *own)


TABLES: Mapping[str, Sequence[Column]] = {
    "package": _columns(
        "id VARCHAR The package, which is the line.",
        "release VARCHAR The release in which the current version first appeared.",
        "issued VARCHAR When, RFC 3339 in UTC.",
        "title VARCHAR One line of text.",
        "description VARCHAR One or two sentences.",
        "tier VARCHAR The line's own tier.",
        "licence VARCHAR The licence of the open files.",
        "data_kind VARCHAR measured or synthetic.",
        "audit VARCHAR The highest severity of the findings: none, info, warning, error.",
        "line_type VARCHAR iPSC, ESC, ...",
        "grade VARCHAR research, gmp-compliant, clinical.",
        "sex VARCHAR The donor's sex.",
        "origin VARCHAR What the line was derived from, in words.",
        "disease VARCHAR Diseases of the donor, in words.",
        "year INTEGER The year of banking, else of derivation.",
        "modalities VARCHAR[] What was measured, open or not.",
        "open_files INTEGER Number of open data files.",
        "open_bytes BIGINT Their bytes.",
        "withdrawn BOOLEAN Whether the package was withdrawn.",
    ),
    "line": _columns(
        "id VARCHAR The line.",
        "line_type VARCHAR iPSC, ESC, ...",
        "species VARCHAR NCBITaxon term.",
        "clo_class VARCHAR The line's class in the Cell Line Ontology, or the nearest parent.",
        "clo_status VARCHAR exact, parent-only, provisional-requested.",
        "aliases VARCHAR[] Other names.",
        "xrefs VARCHAR[] Identifiers elsewhere, as database:identifier.",
        "parent VARCHAR The line that this one was made from.",
        "origin_tissue VARCHAR UBERON term.",
        "origin_cell VARCHAR CL term.",
        "derivation_lab VARCHAR Who derived it.",
        "derivation_year INTEGER When.",
        "banked_year INTEGER Year of the distribution bank.",
        "distribution_passage VARCHAR Passage of the distribution bank.",
        "matrix VARCHAR Coating it is grown on.",
        "grade VARCHAR research, gmp-compliant, clinical.",
        "availability VARCHAR Whether cells can be had.",
        "karyotype VARCHAR ISCN.",
    ),
    "donor": _columns(
        "package VARCHAR The package.",
        "donor_id VARCHAR The donor's identifier, where it is public.",
        "sex VARCHAR female, male, unknown.",
        "age_at_collection VARCHAR A bin of years.",
        "ancestry VARCHAR HANCESTRO term.",
        "abo_rhd VARCHAR Blood group.",
    ),
    "file": _columns(
        "package VARCHAR The package.",
        "release VARCHAR The release that names the version.",
        "path VARCHAR The path in the package.",
        "modality VARCHAR What was measured.",
        "role VARCHAR raw, processed, summary, qc, derived, document.",
        "format VARCHAR The format, as fairline names it.",
        "mediatype VARCHAR IANA media type.",
        "edam_format VARCHAR EDAM term of the format.",
        "bytes BIGINT Size.",
        "sha256 VARCHAR Digest.",
        "assembly VARCHAR Genome build.",
        "passage VARCHAR Passage of the cells that were measured.",
        "sample_id VARCHAR The sample's name inside the file.",
        "assay_id VARCHAR The assay.",
        "accession VARCHAR Accession in a public archive.",
        "facts JSON What the file says about itself.",
    ),
    "restricted": _columns(
        "package VARCHAR The package.",
        "modality VARCHAR What was measured.",
        "tier VARCHAR controlled.",
        "embargo_until VARCHAR The date, for an embargo.",
    ),
    "annotation": _columns(
        "package VARCHAR The package.",
        "field VARCHAR The field of the record.",
        "property VARCHAR IRI of the property.",
        "property_label VARCHAR Its label.",
        "term VARCHAR CURIE of the term.",
        "label VARCHAR Its label.",
        "ontology VARCHAR The ontology.",
        "ontology_version VARCHAR Its version.",
        "evidence VARCHAR asserted, matched, inferred.",
        "source VARCHAR Where it comes from.",
        "provisional BOOLEAN Whether the term stands in for one that does not exist yet.",
    ),
    "finding": _columns(
        "package VARCHAR The package.",
        "code VARCHAR What is wrong: fairline explain CODE.",
        "severity VARCHAR info, warning, error.",
        "path VARCHAR The file or table.",
        "message VARCHAR One sentence.",
        "count INTEGER How often.",
    ),
    "term": _columns(
        "curie VARCHAR The term.",
        "label VARCHAR Its label.",
        "ontology VARCHAR The ontology.",
        "ontology_version VARCHAR Its version.",
    ),
    "term_closure": _columns(
        "ancestor VARCHAR A term.",
        "descendant VARCHAR A term below it, at any distance.",
    ),
    "qc": _curated("qc"),
    "hla": _curated("hla"),
    "cnv": _curated("cnv"),
    "bank": _curated("banks"),
    "release": _columns(
        "release VARCHAR The release's name.",
        "sequence INTEGER Its line in the ledger.",
        "issued VARCHAR When, RFC 3339 in UTC.",
        "message VARCHAR The curator's words.",
        "packages INTEGER Number of packages that it changed.",
        "current_packages INTEGER Number of packages after it.",
    ),
    "release_package": _columns(
        "release VARCHAR The release.",
        "package VARCHAR A package that it changed.",
        "change VARCHAR added, changed, withdrawn.",
    ),
    "version": _columns(
        "package VARCHAR The package.",
        "release VARCHAR The release in which the version first appeared: its name.",
        "issued VARCHAR When.",
        "sequence INTEGER The ledger's line.",
        "object VARCHAR The OCFL object that holds it.",
        "version VARCHAR The OCFL version.",
        "bound_version VARCHAR The OCFL version whose inventory the ledger binds.",
        "inventory_sha256 VARCHAR The digest of that inventory.",
    ),
    "facet": _columns(
        "package VARCHAR The package.",
        "name VARCHAR The facet.",
        "value VARCHAR A value of it.",
        "label VARCHAR The value for people.",
    ),
    "posting": _columns(
        "word VARCHAR A word of the package's texts.",
        "package VARCHAR The package.",
        "weight DOUBLE Its BM25 weight.",
    ),
    "meta": _columns("name VARCHAR A name.", "value VARCHAR Its value."),
}


def create_statements() -> list[str]:
    """The statements that make the empty tables."""
    statements = []
    for name, columns in TABLES.items():
        listed = ", ".join(f'"{column.name}" {_storage(column.type)}' for column in columns)
        statements.append(f'CREATE TABLE "{name}" ({listed})')
    return statements


def _storage(column_type: str) -> str:
    """JSON is kept as text with a JSON type where the extension is there; plain text works everywhere."""
    return "VARCHAR" if column_type == "JSON" else column_type


def column_kinds(name: str) -> list[str]:
    """The DuckDB type of each column of a table."""
    return [_storage(column.type) for column in TABLES[name]]
