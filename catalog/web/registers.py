"""Where names that something has elsewhere can be looked up: only addresses that are certain. Pure."""

from __future__ import annotations

import re
from urllib.parse import quote

_IDENTIFIERS = "https://identifiers.org/"
#: Form of the identifier, and the start of its address. The exports know the same (publish/exports/accessions.py).
_FORMS = tuple(
    (re.compile(form), stem)
    for form, stem in (
        (r"CVCL_[A-Z0-9]{4}", "https://www.cellosaurus.org/"),
        (r"SAM(?:EA|D|N)[0-9]+", f"{_IDENTIFIERS}biosample:"),
        (r"G(?:SE|SM|PL|DS)[0-9]+", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc="),
        (r"PRJ(?:NA|EB|DB|CA)[0-9]+", f"{_IDENTIFIERS}bioproject:"),
        (r"[DES]R[APRSXZ][0-9]+", f"{_IDENTIFIERS}insdc.sra:"),
        (r"EGAS[0-9]{11}", f"{_IDENTIFIERS}ega.study:"),
        (r"EGAD[0-9]{11}", f"{_IDENTIFIERS}ega.dataset:"),
        (r"phs[0-9]{6}(?:\.v[0-9]+\.p[0-9]+)?", f"{_IDENTIFIERS}dbgap:"),
        (r"E-[A-Z]{4}-[0-9]+", f"{_IDENTIFIERS}arrayexpress:"),
    )
)
_HPSCREG_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,60}")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_PUBMED = re.compile(r"PMID:([0-9]{1,12})")


def register_url(database: str, identifier: str) -> str:
    """The address of an identifier in a register or archive; empty where it is not certain.

    Args:
        database: as the record names it.
        identifier: as the database writes it.
    """
    for form, stem in _FORMS:
        if form.fullmatch(identifier):
            return stem + identifier
    if database.lower() == "hpscreg" and _HPSCREG_NAME.fullmatch(identifier):
        return f"https://hpscreg.eu/cell-line/{identifier}"
    return ""


def reference_url(reference: str) -> str:
    """The address of a publication given as a DOI or as ``PMID:number``; empty when it is neither."""
    pubmed = _PUBMED.fullmatch(reference)
    if pubmed is not None:
        return f"https://pubmed.ncbi.nlm.nih.gov/{pubmed[1]}"
    return f"https://doi.org/{quote(reference, safe='/:;().,_-')}" if _DOI.fullmatch(reference) else ""
