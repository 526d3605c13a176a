"""The terms that a record states by itself: CURIEs, and words of the profile that stand for a term. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.model import Record
from catalog.ontology.content import as_reference
from catalog.ontology.mappings import FieldRow, field_rows

_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A CURIE that the record states, by itself or by a word of the profile.

    Attributes:
        field: the field as a curator writes it, list items counted from 1.
        row: what the mappings say of the field.
        names: what the curator calls the term, the first being the label beside it; empty where nothing is said.
    """

    field: str
    curie: str
    row: FieldRow
    names: tuple[str, ...] = ()


def claims(record: Record) -> Iterator[Claim]:
    """Every stated term but the line's class, in the order of the record."""
    rows = field_rows()
    line_names = (record.line_id, *(alias.name for alias in record.aliases))
    for number, xref in enumerate(record.xrefs, start=1):
        curie = as_reference(xref.id)
        if curie.startswith("CVCL:") and xref.db.casefold() in {"cellosaurus", "rrid"}:
            yield Claim(field=f"xrefs[{number}].id", curie=curie, row=rows["xrefs[].id", ""], names=line_names)
    for field, word in (("line_type", record.line_type), ("donor.sex", record.donor.sex)):
        if (row := rows.get((field, word or ""))) is not None:
            yield Claim(field=field, curie=row.term, row=row)
    single = {
        "species": record.species,
        "donor.ancestry": record.donor.ancestry,
        "origin.tissue": record.origin.tissue if record.origin else None,
        "origin.cell": record.origin.cell if record.origin else None,
    }
    for field, stated in single.items():
        if stated and stated != _UNKNOWN:
            yield Claim(field=field, curie=stated, row=rows[field, ""])
    diseases = record.diseases if isinstance(record.diseases, tuple) else ()
    for number, disease in enumerate(diseases, start=1):
        if disease.term != _UNKNOWN:
            names = (disease.label,) if disease.label and disease.label != _UNKNOWN else ()
            row = rows["diseases[].term", disease.status]
            yield Claim(field=f"diseases[{number}].term", curie=disease.term, row=row, names=names)
    consent = record.consent
    if isinstance(consent, str):
        return
    for field, curies in (("consent.duo", consent.duo), ("consent.diseases", consent.diseases)):
        for number, curie in enumerate(curies if isinstance(curies, tuple) else (), start=1):
            if curie != _UNKNOWN:
                yield Claim(field=f"{field}[{number}]", curie=curie, row=rows[field, ""])
