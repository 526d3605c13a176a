"""An annotation: one term of a line or a file, and on whose word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Evidence = Literal["asserted", "matched", "inferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """What a line or a file is annotated with.

    Attributes:
        property: the relation's IRI.
        term: the term's CURIE.
        ontology, ontology_version: where the term was read.
        evidence: ``asserted`` by the curator, ``matched`` by an unambiguous name, or ``inferred`` from an axiom of the
            line's class.
        source: the field, or the axiom, that says so, as ``origin.tissue`` or ``CLO:1000474 CLO:0037208``.
        field: the record's field that the term belongs to; it decides who may see the annotation.
        provisional: the term is wider than the truth, until the ontology has the right one.
    """

    property: str
    property_label: str
    term: str
    label: str
    ontology: str
    ontology_version: str
    evidence: Evidence
    source: str
    field: str
    provisional: bool = False

    def to_json(self) -> dict[str, object]:
        """The annotation as an object of ``datapackage.json``; ``provisional`` only where it says something."""
        members: dict[str, object] = {
            "property": self.property,
            "property_label": self.property_label,
            "term": self.term,
            "label": self.label,
            "ontology": self.ontology,
            "ontology_version": self.ontology_version,
            "evidence": self.evidence,
            "source": self.source,
            "field": self.field,
        }
        if self.provisional:
            members["provisional"] = True
        return members
