"""Rows of ``files.csv`` and ``assays.csv`` (Table Schemas files-1 and assays-1) as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tier(StrEnum):
    """Who may have a file. Anything that is not one of these words counts as ``controlled``."""

    OPEN = "open"
    REGISTERED = "registered"
    CONTROLLED = "controlled"


class Role(StrEnum):
    """What a file is to its measurement."""

    RAW = "raw"
    PROCESSED = "processed"
    SUMMARY = "summary"
    QC = "qc"
    DERIVED = "derived"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One row of ``files.csv``: what the curator says about a file. Empty cells are empty strings.

    ``tier`` is None when the table has no such column: then the file is controlled (docs/records.md).
    """

    path: str
    modality: str = ""
    role: str = ""
    format: str = ""
    mediatype: str = ""
    bytes: int | None = None
    sha256: str = ""
    assembly: str = ""
    passage: str = ""
    replicate: str = ""
    sample_id: str = ""
    group: str = ""
    assay_id: str = ""
    accession: str = ""
    tier: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayRow:
    """One row of ``assays.csv``: a measurement with one kit, instrument and pipeline."""

    assay_id: str
    modality: str
    passage: str = ""
    kit: str = ""
    instrument: str = ""
    platform: str = ""
    pipeline: str = ""
    version: str = ""
    container: str = ""
    reference: str = ""
    target_bed: str = ""
    date: str = ""
    source: str = ""


MODALITIES = {
    "snp-array": "SNP array",
    "wes": "Whole-exome sequencing",
    "wgs": "Whole-genome sequencing",
    "methyl-seq": "Bisulfite sequencing",
    "rna-seq": "RNA sequencing",
    "targeted-seq": "Targeted sequencing",
    "atac-seq": "ATAC sequencing",
    "chip-seq": "ChIP sequencing",
    "proteomics": "Proteomics",
    "imaging": "Imaging",
    "karyotyping": "Karyotyping",
    "str": "STR typing",
    "hla": "HLA typing",
}

#: Tables that a curator keeps beside ``line.yaml``, by the name of their Table Schema.
TABLE_NAMES = ("files", "assays", "qc", "hla", "str", "cnv", "banks")
TABLE_PATHS = {name: f"{name}.csv" for name in TABLE_NAMES}
RECORD_PATH = "line.yaml"

#: Names at the top of a package that fairline writes itself; a curator's file may not bear one.
RESERVED_PATHS = frozenset(
    {
        RECORD_PATH,
        *TABLE_PATHS.values(),
        "CITATION.cff",
        "README.md",
        "citation.bib",
        "citation.json",
        "citation.ris",
        "citation.txt",
        "croissant.json",
        "datacite.xml",
        "datapackage.json",
        "dcat.jsonld",
        "dcat.nt",
        "dcat.rdf",
        "dcat.ttl",
        "download.json",
        "inventory.json",
        "ledger.jsonl",
        "record.json",
        "report.json",
        "ro-crate-metadata.json",
        "signing-key.pub",
        "tombstone.json",
    }
)
