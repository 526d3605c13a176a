"""Public records and settings to render: plain values here, sealed by restore()."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyoxigraph
import rdflib

from catalog.access import PublicFile, PublicRecord, PublicTable, Restricted, restore
from catalog.model import BankSettings, Contact, Publisher
from tests.builders import absent, shared_folder

BASE = "https://bank.example.org/"
LINE_ID = "EXMPi001-A"
PACKAGE = f"{BASE}package/{LINE_ID}"
LINE = f"{BASE}line/{LINE_ID}"
RELEASE = "2026.11"
FILES = f"{PACKAGE}/{RELEASE}/files/"


def bank(**changes: Any) -> BankSettings:
    members: dict[str, Any] = {
        "profile": "bank-1",
        "title": "Example Stem Cell Bank",
        "description": "Human pluripotent stem-cell lines with their omics data.",
        "base_iri": BASE,
        "publisher": Publisher(name="Example Institute", url="https://example.org/", ror="https://ror.org/01fpnj063"),
        "contact": Contact(name="Curation desk", email="bank@example.org"),
        "country": "KR",
        "languages": ("en", "ko"),
        "themes": ("HEAL", "TECH"),
    }
    return BankSettings(**{**members, **changes})


def file(path: str, **changes: Any) -> PublicFile:
    members: dict[str, Any] = {
        "path": path,
        "bytes": 1234,
        "sha256": hashlib.sha256(path.encode()).hexdigest(),
        "format": "vcf",
        "mediatype": "text/plain",
        "edam_format": "EDAM:format_3016",
        "modality": "wes",
        "role": "processed",
        "assembly": "GRCh38",
        "passage": "p20",
        "sample_id": LINE_ID,
        "facts": {"records": 12},
    }
    return PublicFile(**{**members, **changes})


def annotation(property_iri: str, term: str, label: str, source: str, **changes: Any) -> dict[str, Any]:
    members = {"ontology": "clo", "ontology_version": "2023-06-01", "evidence": "asserted", "source": source}
    return {"property": property_iri, "term": term, "label": label, **members, **changes}


def line_record(**changes: Any) -> dict[str, Any]:
    members: dict[str, Any] = {
        "profile": "line-1",
        "line_id": LINE_ID,
        "pid": f"https://w3id.org/example/line/{LINE_ID}",
        "aliases": [{"name": "example-hiPSC-1", "kind": "in-house"}],
        "xrefs": [
            {"db": "Cellosaurus", "id": "CVCL_WR10"},
            {"db": "hPSCreg", "id": LINE_ID},
            {"db": "GEO", "id": "GSE163134"},
            {"db": "SRA", "id": "PRJNA685393"},
        ],
        "line_type": "iPSC",
        "species": "NCBITaxon:9606",
        "clo": {"class": "CLO:1000476", "status": "exact"},
        "parent": {"line": "EXMPi000-A", "relation": "subclone"},
        "references": ["10.1016/j.scr.2021.102270", "PMID:123"],
        "licence": "CC-BY-4.0",
    }
    return {**members, **changes}


OBO = "http://purl.obolibrary.org/obo/"
DCT = "http://purl.org/dc/terms/"
ANNOTATIONS = (
    annotation("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "CLO:1000476", "EXMPi001-A cell", "clo.class"),
    annotation(f"{DCT}type", "EFO:0004905", "induced pluripotent stem cell", "line_type"),
    annotation(f"{OBO}CLO_0037208", "UBERON:0012168", "umbilical cord blood", "origin.tissue"),
    annotation(f"{OBO}CLO_0037207", "NCBITaxon:9606", "Homo sapiens", "species"),
    annotation(f"{DCT}rights", "DUO:0000042", "general research use", "consent.duo[1]"),
    annotation("http://www.w3.org/2000/01/rdf-schema#seeAlso", "CVCL:WR10", "EXMPi001-A", "xrefs[1].id"),
    annotation(f"{OBO}OBI_0000312", "EFO:0005396", "exome sequencing", "modality"),
)

TABLES = {
    "qc": PublicTable(
        name="qc",
        columns=("test", "verdict"),
        rows=({"test": "mycoplasma", "verdict": "pass"}, {"test": "karyotype", "verdict": "pass"}),
    )
}

FILE_ROWS = (
    file("data/wes/a.vcf.gz", mediatype="application/gzip", accession="SRR13255544"),
    file(
        "data/rna/counts.tsv",
        format="counts-matrix",
        mediatype="text/tab-separated-values",
        edam_format=None,
        modality="rna-seq",
    ),
    file(
        "data/snp/a.CEL",
        format="cel",
        mediatype="application/octet-stream",
        edam_format="EDAM:format_1638",
        modality="snp-array",
    ),
    file(
        "data/qc/karyotype.png",
        format="image",
        mediatype="image/png",
        edam_format="EDAM:format_3547",
        modality="karyotyping",
        role="document",
    ),
)

RESTRICTED = (
    Restricted(
        modality="wes",
        tier="controlled",
        embargo_until="2027-01-01",
        duo=("DUO:0000042", "DUO:0000021"),
        contact="dac@example.org",
        accessions=("EGAD00001000001",),
    ),
)


def public(**changes: Any) -> PublicRecord:
    members: dict[str, Any] = {
        "line_id": LINE_ID,
        "title": f"{LINE_ID}: human induced pluripotent stem-cell line from umbilical cord blood",
        "description": "Data package of the cell line. Its data files are synthetic.",
        "tier": "open",
        "record": line_record(),
        "files": FILE_ROWS,
        "tables": TABLES,
        "restricted": (),
        "annotations": ANNOTATIONS,
        "findings": (),
        "withdrawn": (),
        "release": RELEASE,
        "issued": "2026-11-22T08:00:00Z",
    }
    return restore({**members, **changes})


#: A statement as text: subject, predicate, kind of the object, its value, its language, its datatype.
Statement = tuple[str, str, str, str, str, str]
_OXIGRAPH = {
    "ttl": pyoxigraph.RdfFormat.TURTLE,
    "jsonld": pyoxigraph.RdfFormat.JSON_LD,
    "rdf": pyoxigraph.RdfFormat.RDF_XML,
    "nt": pyoxigraph.RdfFormat.N_TRIPLES,
}
_RDFLIB = {"ttl": "turtle", "jsonld": "json-ld", "rdf": "xml", "nt": "nt"}
_STRING = "http://www.w3.org/2001/XMLSchema#string"


def read_with_oxigraph(form: str, content: bytes) -> set[Statement]:
    found = set()
    for quad in pyoxigraph.parse(content, format=_OXIGRAPH[form]):
        value = quad.object
        assert isinstance(quad.subject, pyoxigraph.NamedNode), "no blank nodes"
        if isinstance(value, pyoxigraph.NamedNode):
            found.add((quad.subject.value, quad.predicate.value, "iri", value.value, "", ""))
        else:
            assert isinstance(value, pyoxigraph.Literal), "no blank nodes"
            datatype = "" if value.language or value.datatype.value == _STRING else value.datatype.value
            found.add(
                (quad.subject.value, quad.predicate.value, "literal", value.value, value.language or "", datatype)
            )
    return found


def read_with_rdflib(form: str, content: bytes) -> set[Statement]:
    """rdflib rewrites literals on their way in (0ABC to 0abc, Z to +00:00) unless it is told not to."""
    before, rdflib.NORMALIZE_LITERALS = rdflib.NORMALIZE_LITERALS, False
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)  # rdflib's own use
            graph = rdflib.Graph().parse(data=content, format=_RDFLIB[form])
    finally:
        rdflib.NORMALIZE_LITERALS = before
    found = set()
    for subject, predicate, value in graph:
        assert isinstance(subject, rdflib.URIRef), "no blank nodes"
        if isinstance(value, rdflib.Literal):
            datatype = "" if value.language or str(value.datatype) == _STRING else str(value.datatype or "")
            found.add((str(subject), str(predicate), "literal", str(value), value.language or "", datatype))
        else:
            assert isinstance(value, rdflib.URIRef), "no blank nodes"
            found.add((str(subject), str(predicate), "iri", str(value), "", ""))
    return found


def read_everywhere(documents: Mapping[str, bytes]) -> set[Statement]:
    """The statements of four documents, after two parsers have found the same ones in each.

    Args:
        documents: by path; the suffix names the form.
    """
    forms = {path.rpartition(".")[2]: content for path, content in documents.items()}
    assert set(forms) == set(_RDFLIB)
    expected = read_with_oxigraph("nt", forms["nt"])
    for form, content in forms.items():
        assert read_with_oxigraph(form, content) == expected, f"pyoxigraph reads {form} differently"
        assert read_with_rdflib(form, content) == expected, f"rdflib reads {form} differently"
    return expected


def standard(path: str) -> Path:
    """A normative file from beside the repository; without it a test is skipped, but never on the build machine."""
    found = shared_folder() / "standards" / path
    if not found.exists():
        absent(f"{found} is missing; set FAIRLINE_SHARED")
    return found
