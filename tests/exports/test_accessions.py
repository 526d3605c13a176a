"""Accessions of other archives: told by their form, never guessed."""

from __future__ import annotations

import pytest

from publish.exports.accessions import publication_iri, read_accession


@pytest.mark.parametrize(
    ("db", "text", "iri", "is_line"),
    [
        ("Cellosaurus", "CVCL_WR10", "https://www.cellosaurus.org/CVCL_WR10", True),
        ("RRID", "RRID:CVCL_WR10", "https://identifiers.org/RRID:CVCL_WR10", True),
        ("hPSCreg", "KSCBi005-A", "https://hpscreg.eu/cell-line/KSCBi005-A", True),
        ("BioSamples", "SAMEA104012353", "https://identifiers.org/biosample:SAMEA104012353", True),
        ("GEO", "GSE163134", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE163134", False),
        ("SRA", "PRJNA685393", "https://identifiers.org/bioproject:PRJNA685393", False),
        ("", "SRR13255544", "https://identifiers.org/insdc.sra:SRR13255544", False),
        ("", "EGAS00001000001", "https://identifiers.org/ega.study:EGAS00001000001", False),
        ("", "phs000001.v1.p1", "https://identifiers.org/dbgap:phs000001.v1.p1", False),
        ("", "E-MTAB-1234", "https://identifiers.org/arrayexpress:E-MTAB-1234", False),
        ("Own", "https://example.org/x", "https://example.org/x", False),
        ("CODA", "R001856", None, False),
        ("Cellosaurus", "CVCL_wr10", None, False),
        ("GEO", "GSE1> <x", None, False),
        ("hPSCreg", "a b", None, False),
        ("Own", "javascript:alert(1)", None, False),
    ],
)
def test_accession_when_read_then_address_by_its_form(db: str, text: str, iri: str | None, is_line: bool) -> None:
    found = read_accession(db, text)
    assert (found.db, found.id, found.iri, found.is_line) == (db, text, iri, is_line)


@pytest.mark.parametrize(
    ("reference", "iri"),
    [
        ("10.1016/j.scr.2021.102270", "https://doi.org/10.1016/j.scr.2021.102270"),
        ("10.1002/(SICI)1<1::AID>3.0", "https://doi.org/10.1002/(SICI)1%3C1::AID%3E3.0"),
        ("PMID:34000000", "https://pubmed.ncbi.nlm.nih.gov/34000000"),
        ("PMID:x", None),
        ("javascript:alert(1)", None),
        ("10.1000/../../x", None),
    ],
)
def test_publication_iri_when_read_then_address_or_none(reference: str, iri: str | None) -> None:
    assert publication_iri(reference) == iri
