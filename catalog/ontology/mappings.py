"""Which term a field, a word or a modality stands for: ``ontologies/mappings/*.csv``."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

from catalog.identifiers import curie_to_iri

_NAMESPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "dcterms": "http://purl.org/dc/terms/",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A row of ``fields.csv``.

    Attributes:
        field: the path in the record, with ``[]`` for lists.
        word: the value that the row is for (of a disease: its status), empty for fields that hold a CURIE.
        relation: the property's CURIE, empty where a term is only checked.
        prefixes, roots: where the field's terms must come from.
        term: the word's term, or empty.
    """

    field: str
    word: str
    relation: str
    relation_label: str
    prefixes: tuple[str, ...]
    roots: tuple[str, ...]
    term: str
    term_label: str

    @property
    def relation_iri(self) -> str:
        """The relation's IRI; empty where a term is only checked."""
        return relation_iri(self.relation) if self.relation else ""


def relation_iri(curie: str) -> str:
    """The IRI of a relation: of RDF, RDF Schema and Dublin Core too."""
    prefix, _, local = curie.partition(":")
    return _NAMESPACES[prefix] + local if prefix in _NAMESPACES else curie_to_iri(curie)


def _rows(name: str) -> list[dict[str, str]]:
    text = files("catalog.ontologies").joinpath("mappings", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@functools.cache
def field_rows() -> Mapping[tuple[str, str], FieldRow]:
    """The rows by field and word."""
    return {
        (row["field"], row["word"]): FieldRow(
            field=row["field"],
            word=row["word"],
            relation=row["property"],
            relation_label=row["property_label"],
            prefixes=tuple(row["prefixes"].split()),
            roots=tuple(row["roots"].split()),
            term=row["term"],
            term_label=row["term_label"],
        )
        for row in _rows("fields.csv")
    }


def field_prefixes(field: str) -> frozenset[str]:
    """The CURIE prefixes that a field's terms may have."""
    return frozenset(prefix for row in field_rows().values() if row.field == field for prefix in row.prefixes)


@functools.cache
def modality_terms() -> Mapping[str, str]:
    """The assay's CURIE of each modality that has a verified one."""
    return {row["modality"]: row["term"] for row in _rows("modalities.csv")}
