"""Accessions of other archives and registries, and their addresses.

An accession is told by its own form; the name of the database only helps where the form says nothing. What is not
recognised has no address: it stays a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from publish.exports.graph import clean, web_iri


@dataclass(frozen=True, slots=True, kw_only=True)
class Accession:
    """A name that something has elsewhere.

    Attributes:
        db: the registry or archive, as the record names it.
        id: the identifier there.
        iri: its address; None when the form is not known.
        is_line: whether it names the cell line itself, and not data of it.
    """

    db: str
    id: str
    iri: str | None
    is_line: bool


_IDENTIFIERS = "https://identifiers.org/"
#: Form of the accession, the start of its address, whether it names a line.
_FORMS = tuple(
    (re.compile(form), stem, is_line)
    for form, stem, is_line in (
        (r"CVCL_[A-Z0-9]{4}", "https://www.cellosaurus.org/", True),
        (r"RRID:CVCL_[A-Z0-9]{4}", _IDENTIFIERS, True),
        (r"SAM(?:EA|D|N)[0-9]+", f"{_IDENTIFIERS}biosample:", True),
        (r"G(?:SE|SM|PL|DS)[0-9]+", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=", False),
        (r"PRJ(?:NA|EB|DB|CA)[0-9]+", f"{_IDENTIFIERS}bioproject:", False),
        (r"[DES]R[APRSXZ][0-9]+", f"{_IDENTIFIERS}insdc.sra:", False),
        (r"EGAS[0-9]{11}", f"{_IDENTIFIERS}ega.study:", False),
        (r"EGAD[0-9]{11}", f"{_IDENTIFIERS}ega.dataset:", False),
        (r"phs[0-9]{6}(?:\.v[0-9]+\.p[0-9]+)?", f"{_IDENTIFIERS}dbgap:", False),
        (r"E-[A-Z]{4}-[0-9]+", f"{_IDENTIFIERS}arrayexpress:", False),
        (r"PXD[0-9]{6,}", f"{_IDENTIFIERS}px:", False),
    )
)
_HPSCREG_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,60}")
_DOI = re.compile(r"10\.[0-9]{4,9}/\S+")
_PMID = re.compile(r"PMID:(?P<number>[0-9]{1,12})")


def read_accession(db: str, text: str) -> Accession:
    """What an identifier in a database names, and where it is.

    Args:
        db: the database as the record names it; empty when it is not told.
        text: the identifier as the database writes it, or an address.
    """
    for form, stem, is_line in _FORMS:
        if form.fullmatch(text):
            return Accession(db=db, id=text, iri=stem + text, is_line=is_line)
    if db.lower() == "hpscreg" and _HPSCREG_NAME.fullmatch(text):
        return Accession(db=db, id=text, iri=f"https://hpscreg.eu/cell-line/{text}", is_line=True)
    return Accession(db=db, id=text, iri=web_iri(text), is_line=False)


def publication_iri(reference: str) -> str | None:
    """The address of a publication given as a DOI or as ``PMID:number``; None when it is neither."""
    pubmed = _PMID.fullmatch(reference)
    if pubmed is not None:
        return f"https://pubmed.ncbi.nlm.nih.gov/{pubmed['number']}"
    if not _DOI.fullmatch(reference):
        return None
    return web_iri(f"https://doi.org/{quote(clean(reference), safe='/:;().,_-')}")
