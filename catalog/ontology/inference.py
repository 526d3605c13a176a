"""What the axioms of a line's class say of the line, held against what its record says. Pure.

Only the class's own axioms count: a class far above says things (cell in vitro) that are true and help nobody. Where
the record says something else, the record stands and a finding names both.

Source: hPSCreg-CLO 2019 and the CLO design pattern of 2023 (CLO's definitions of CLO:0037207 to CLO:0037210 and of
CLO:0000015 name the chains that they are short cuts of).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.model import Record
from catalog.ontology.annotation import Annotation
from catalog.ontology.mappings import field_prefixes, relation_iri
from catalog.vocabulary import Edge, Term, Vocabulary

_SOURCE = "docs/ontologies.md"
_PART_OF = "BFO:0000050"
_HAS_QUALITY = "RO:0000086"
_ORGANISM = "CLO:0037207"
_PATIENT_WITH = "CLO:0000015"
_DERIVES = "RO:0001000"
_DISEASE = frozenset({_PATIENT_WITH, "CLO:0000167"})
#: The whole of a part of a ... : nobody needs more steps than this to see that two tissues are no contradiction.
_MOST_WHOLES = 200

CONFLICT = Rule(
    "term-conflict",
    Severity.WARNING,
    Level.BANK,
    "{field} is {stated}, but {axiom} says {inferred}",
    "look at both sources, correct the one that is wrong, or note the other under 'assertions' with 'status: conflicts'",
    _SOURCE,
    "One of the two sources is wrong about where the line comes from.",
)
NOT_COMPARABLE = Rule(
    "term-not-comparable",
    Severity.INFO,
    Level.BANK,
    "{axiom} says {inferred} for {field}; this is no term that the field may hold",
    "compare it with the record by hand",
    _SOURCE,
    "A contradiction could hide behind two vocabularies.",
)
UNSTATED = Rule(
    "term-inferred-unstated",
    Severity.INFO,
    Level.BANK,
    "{axiom} says {inferred} for {field}, which the record does not state",
    "check it and write it into the record, or note it under 'assertions' with 'status: conflicts'",
    _SOURCE,
    "What only an axiom says has not been looked at by anybody who knows the line.",
)

INFERENCE_RULES = (CONFLICT, NOT_COMPARABLE, UNSTATED)


@dataclass(frozen=True, slots=True)
class Stated:
    """What is known before anything is inferred: the annotations, and the fields that hold a term, right or wrong."""

    annotations: tuple[Annotation, ...]
    fields: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Axiom:
    """An axiom that speaks of a field."""

    field: str
    relation: str
    curie: str
    label: str
    source: str

    @property
    def shown(self) -> str:
        return f"{self.curie} {self.label}".strip()


def infer(
    record: Record, class_term: Term | None, stated: Stated, vocabulary: Vocabulary
) -> tuple[list[Annotation], list[Finding]]:
    """The annotations that a class's axioms add, and where they contradict the record.

    Args:
        record: the line's record.
        class_term: the class that the record names, when it is known.
        stated: what the record says by itself.
        vocabulary: where the axioms are.
    """
    annotations: list[Annotation] = []
    findings: list[Finding] = []
    if class_term is None:
        return annotations, findings
    for axiom in _axioms(class_term.curie, vocabulary):
        if _is_noted(axiom, record):
            continue
        finding = _judged(axiom, record, stated, vocabulary)
        if finding is not None:
            findings.append(finding)
        is_said = any(
            each.term == axiom.curie and each.field == axiom.field for each in (*stated.annotations, *annotations)
        )
        contradicted = finding is not None and finding.code == CONFLICT.code
        term = vocabulary.term(axiom.curie)
        hidden = axiom.field == "donor.donor_id" and not _is_donor(axiom, record)
        if term is None or is_said or contradicted or hidden:
            continue
        annotations.append(_annotation(term, axiom, vocabulary, provisional=record.clo.status != "exact"))
    return annotations, findings


def _annotation(term: Term, axiom: _Axiom, vocabulary: Vocabulary, *, provisional: bool) -> Annotation:
    relation = vocabulary.term(axiom.relation)
    return Annotation(
        property=relation_iri(axiom.relation),
        property_label=relation.label if relation else "",
        term=term.curie,
        label=term.label,
        ontology=term.ontology,
        ontology_version=term.ontology_version,
        evidence="inferred",
        source=axiom.source,
        field=axiom.field,
        provisional=provisional,
    )


def _axioms(curie: str, vocabulary: Vocabulary) -> Iterator[_Axiom]:
    """The axioms of a class that speak of a field, and those of its donor."""
    for edge in vocabulary.edges(curie):
        target = _field_of(edge)
        if target is None:
            continue
        field, relation = target
        label, source = edge.object_label, f"{curie} {' '.join(edge.chain)}"
        yield _Axiom(field=field, relation=relation, curie=edge.object, label=label, source=source)
        if field == "donor.donor_id":
            for quality in vocabulary.edges(edge.object):
                if quality.property == _HAS_QUALITY and quality.object.startswith("PATO:"):
                    yield _Axiom(
                        field="donor.sex",
                        relation=_HAS_QUALITY,
                        curie=quality.object,
                        label=quality.object_label,
                        source=f"{edge.object} {_HAS_QUALITY}",
                    )


def _field_of(edge: Edge) -> tuple[str, str] | None:
    """The field that an axiom speaks of, and the relation that it amounts to."""
    prefix = edge.object.partition(":")[0]
    if edge.chain[-1] in _DISEASE and len(edge.chain) > 1:
        return "diseases[].term", _PATIENT_WITH
    if len(edge.chain) == 1 and edge.property in _DISEASE:
        return "diseases[].term", edge.property
    if len(edge.chain) == 1 and edge.property == _ORGANISM:
        return ("species" if prefix == "NCBITaxon" else "donor.donor_id"), _ORGANISM
    if len(edge.chain) == 1 and (field := _SHORT_CUTS.get(edge.property)) is not None:
        return field, edge.property
    if edge.chain[0] == _DERIVES and all(step == _PART_OF for step in edge.chain[1:]):
        return _BY_PREFIX.get(prefix) if len(edge.chain) == 1 or prefix != "CL" else None
    return None


_SHORT_CUTS = {"CLO:0037208": "origin.tissue", "CLO:0037209": "origin.cell", "CLO:0037210": "parent.line"}
_BY_PREFIX = {
    "UBERON": ("origin.tissue", "CLO:0037208"),
    "CL": ("origin.cell", "CLO:0037209"),
    "NCBITaxon": ("species", _ORGANISM),
    "CLO": ("parent.line", "CLO:0037210"),
}


def _is_noted(axiom: _Axiom, record: Record) -> bool:
    """Whether the curator has put this very statement aside."""
    field = axiom.field.replace("[].term", "")
    return any(
        assertion.status in {"conflicts", "superseded"}
        and assertion.field in {axiom.field, field}
        and assertion.value in {axiom.curie, axiom.label, axiom.shown}
        for assertion in record.assertions
    )


def _is_donor(axiom: _Axiom, record: Record) -> bool:
    return record.donor.donor_id in {axiom.label, "unknown"}


def _judged(axiom: _Axiom, record: Record, stated: Stated, vocabulary: Vocabulary) -> Finding | None:
    """The finding about one axiom, or None when it agrees with the record."""
    words = {"axiom": axiom.source, "inferred": axiom.shown, "field": axiom.field.replace("[].term", "")}
    place = Place(column=axiom.field.replace("[].term", ""))
    if axiom.field == "donor.donor_id":
        named = record.donor.donor_id
        other = named.startswith("SAM") and axiom.label.startswith("SAM") and named != axiom.label
        return CONFLICT.at(place, expected=named, got=axiom.label, stated=named, **words) if other else None
    told = [each for each in stated.annotations if each.field == axiom.field]
    if axiom.field == "parent.line" and record.parent is not None:
        same = record.parent.line in {axiom.label, axiom.curie} or any(each.term == axiom.curie for each in told)
        stated_line = record.parent.line
        return None if same else CONFLICT.at(place, expected=stated_line, got=axiom.shown, stated=stated_line, **words)
    if axiom.field == "diseases[].term" and record.diseases == ():
        return CONFLICT.at(place, expected="no disease", got=axiom.shown, stated="stated to be none", **words)
    if not told and axiom.field in stated.fields:
        return None
    equivalents = vocabulary.by_xref(axiom.curie)
    candidates = {axiom.curie, *(term.curie for term in equivalents)}
    if any(_is_related(each.term, other, vocabulary) for each in told for other in candidates):
        return None
    prefixes = field_prefixes(axiom.field)
    shown = ", ".join(f"{each.term} {each.label}" for each in told)
    if not any(other.partition(":")[0] in prefixes for other in candidates):
        words["inferred"] += "".join(f" (as {term.curie} {term.label})" for term in equivalents)
        return NOT_COMPARABLE.at(place, expected=shown or None, got=axiom.shown, **words)
    if not told:
        return UNSTATED.at(place, got=axiom.shown, **words)
    return CONFLICT.at(place, expected=shown, got=axiom.shown, stated=shown, **words)


def _is_related(one: str, other: str, vocabulary: Vocabulary) -> bool:
    """Whether one term is the other, above it, or a whole that it is part of."""
    if vocabulary.is_descendant(one, other) or vocabulary.is_descendant(other, one):
        return True
    return other in _wholes(one, vocabulary) or one in _wholes(other, vocabulary)


def _wholes(start: str, vocabulary: Vocabulary) -> set[str]:
    """Everything that a term is below or part of."""
    seen = {start}
    waiting = [start]
    while waiting and len(seen) < _MOST_WHOLES:
        each = waiting.pop()
        above = [*vocabulary.ancestors(each)]
        above += [edge.object for edge in vocabulary.edges(each) if edge.chain == (_PART_OF,)]
        waiting += [curie for curie in above if curie not in seen]
        seen.update(above)
    return seen
