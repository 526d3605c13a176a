"""Annotations of a record, its files and modalities: asserted by the curator, matched by name, inferred from the class.

Functions of a record and a vocabulary. No identifier is ever made up: what cannot be matched is a finding, and a line
without a class of its own is annotated with its class's parent, marked provisional.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.model import Record
from catalog.ontology.annotation import Annotation, Evidence
from catalog.ontology.claims import Claim, claims
from catalog.ontology.content import as_reference
from catalog.ontology.inference import INFERENCE_RULES, Stated, infer
from catalog.ontology.mappings import FieldRow, field_rows, modality_terms, relation_iri
from catalog.vocabulary import Term, Vocabulary

_SOURCE = "docs/ontologies.md"
_UNKNOWN = "unknown"
_CELL_LINE_CELL = "CLO:0000001"

UNKNOWN = Rule(
    "term-unknown",
    Severity.ERROR,
    Level.BANK,
    "{term} is not a term of its ontology",
    "look the term up with 'fairline ontology lookup', and correct the identifier",
    _SOURCE,
    "An identifier that leads nowhere, or to something else, makes the line impossible to find.",
)
NOT_INSTALLED = Rule(
    "term-not-installed",
    Severity.WARNING,
    Level.BANK,
    "{term} is not among the terms that are installed, so it was not checked",
    "install its ontology with 'fairline ontology update'",
    _SOURCE,
    "A wrong identifier is easily believed; only the ontology itself can tell.",
)
OBSOLETE = Rule(
    "term-obsolete",
    Severity.WARNING,
    Level.BANK,
    "{term} is obsolete in {ontology} {version}",
    "{advice}",
    _SOURCE,
    "Obsolete terms have lost their place in the hierarchy: searches for a wider term miss the line.",
)
WRONG_BRANCH = Rule(
    "term-wrong-branch",
    Severity.ERROR,
    Level.BANK,
    "{term} {label} does not belong in {field}",
    "take a term of {branch}; see 'fairline ontology lookup'",
    _SOURCE,
    "A cell type in the place of a tissue makes both searches wrong.",
)
LABEL_MISMATCH = Rule(
    "term-label-mismatch",
    Severity.WARNING,
    Level.BANK,
    "{field} says {label}, but {term} is {expected_label}",
    "look which of the two is meant; one digit can make another term",
    _SOURCE,
    "The label is the only protection against a mistyped identifier.",
)
NO_MATCH = Rule(
    "term-no-match",
    Severity.INFO,
    Level.BANK,
    "no term has the name {label}",
    "state the term of origin.tissue or origin.cell beside the words; see 'fairline ontology lookup'",
    _SOURCE,
    "Without a term the origin can be read, but not searched for.",
)
AMBIGUOUS = Rule(
    "term-ambiguous",
    Severity.WARNING,
    Level.BANK,
    "several terms have the name {label}: {terms}",
    "state the one that is meant in {field}",
    _SOURCE,
    "Only the curator knows which one it is.",
)
NOT_THIS_LINE = Rule(
    "term-clo-not-this-line",
    Severity.WARNING,
    Level.BANK,
    "clo.status is exact, but {term} is {label}, which is no name of this line",
    "correct clo.class, add the alias, or write 'status: parent-only'",
    "Cell Line Ontology",
    "Everything that the class says would be told of the wrong line.",
)
CLASS_EXISTS = Rule(
    "term-clo-exists",
    Severity.WARNING,
    Level.BANK,
    "there is a class with a name of this line: {terms}",
    "check that it is the same line; then write it into clo.class with 'status: exact'",
    "Cell Line Ontology",
    "With its own class the line is found together with what other sources say of it.",
)
RECORD_CONFLICT = Rule(
    "record-conflict",
    Severity.WARNING,
    Level.BANK,
    "{other} says {value} for {field}, against this record",
    "keep both until somebody has looked at the sources; conflicts are shown, never overwritten",
    _SOURCE,
    "Users must know that the sources disagree before they choose the line.",
)

ANNOTATION_RULES = (
    UNKNOWN,
    NOT_INSTALLED,
    OBSOLETE,
    WRONG_BRANCH,
    LABEL_MISMATCH,
    NO_MATCH,
    AMBIGUOUS,
    NOT_THIS_LINE,
    CLASS_EXISTS,
    RECORD_CONFLICT,
    *INFERENCE_RULES,
)


def annotate_record(record: Record, vocabulary: Vocabulary) -> tuple[list[Annotation], list[Finding]]:
    """What a line is annotated with, and what is wrong with the terms of its record.

    Args:
        record: a valid record.
        vocabulary: the terms to check against.

    Returns:
        Annotations in the order of the record's fields, then the inferred ones; findings with the field in ``column``.
    """
    work = _Work(record, vocabulary)
    stated = list(claims(record))
    vocabulary.load([claim.curie for claim in stated])
    work.add_class()
    for claim in stated:
        work.add(claim)
    work.add_origin_label()
    work.add_named("parent.line", record.parent.line if record.parent else None)
    work.add_named("donor.donor_id", record.donor.donor_id)
    work.add_conflicts()
    inferred, findings = infer(
        record, work.class_term, Stated(tuple(work.annotations), frozenset(work.stated)), vocabulary
    )
    return work.annotations + inferred, work.findings + findings


def annotate_modality(modality: str, vocabulary: Vocabulary) -> Annotation | None:
    """The assay of a modality; None when no term of it is verified or the vocabulary does not know it."""
    curie = modality_terms().get(modality)
    term = vocabulary.resolve(curie) if curie else None
    if term is None:
        return None
    relation = vocabulary.term("OBI:0000312")
    label = relation.label if relation else "is_specified_output_of"
    return _annotation(term, (relation_iri("OBI:0000312"), label), "asserted", "modality", "modality")


def format_annotation(edam_curie: str, vocabulary: Vocabulary) -> Annotation | None:
    """The EDAM term of a file's format; None when the vocabulary does not know it."""
    term = vocabulary.resolve(edam_curie)
    if term is None:
        return None
    return _annotation(term, (relation_iri("dcterms:format"), "Format"), "asserted", "format", "format")


def _annotation(
    term: Term, relation: tuple[str, str], evidence: Evidence, source: str, field: str, provisional: bool = False
) -> Annotation:
    return Annotation(
        property=relation[0],
        property_label=relation[1],
        term=term.curie,
        label=term.label,
        ontology=term.ontology,
        ontology_version=term.ontology_version,
        evidence=evidence,
        source=source,
        field=field,
        provisional=provisional,
    )


class _Work:
    """Collects annotations and findings of one record."""

    def __init__(self, record: Record, vocabulary: Vocabulary) -> None:
        self.record = record
        self.vocabulary = vocabulary
        self.annotations: list[Annotation] = []
        self.findings: list[Finding] = []
        #: The fields that hold a CURIE, right or wrong: nothing is matched or inferred over the curator's head.
        self.stated: set[str] = set()
        self.class_term: Term | None = None

    def find(
        self, rule: Rule, field: str, words: Mapping[str, str], expected: str | None = None, got: str | None = None
    ) -> None:
        """Adds a finding at a field."""
        self.findings.append(rule.at(Place(column=field), expected=expected, got=got, **words))

    def add(self, claim: Claim, provisional: bool = False) -> Term | None:
        """Checks a stated term and annotates with it, or with what replaces it."""
        self.stated.add(claim.row.field)
        term = self.checked(claim)
        if term is None:
            return None
        source = claim.field if term.curie == claim.curie else f"{claim.field} {claim.curie}"
        if claim.row.relation:
            relation = (claim.row.relation_iri, claim.row.relation_label)
            self.annotations.append(_annotation(term, relation, "asserted", source, claim.row.field, provisional))
        if claim.names and not any(term.has_name(name) for name in claim.names):
            words = {"field": claim.field, "label": claim.names[0], "term": term.curie, "expected_label": term.label}
            self.find(LABEL_MISMATCH, claim.field, words, expected=term.label, got=claim.names[0])
        return term

    def checked(self, claim: Claim) -> Term | None:
        """The term to annotate with; None when it is not known or does not belong into the field."""
        row, curie = claim.row, claim.curie
        branch = " or ".join(row.roots or row.prefixes)
        words = {"term": curie, "label": "", "field": claim.field, "branch": branch}
        if curie.partition(":")[0] not in row.prefixes:
            known = self.vocabulary.term(curie)
            words["label"] = known.label if known else ""
            self.find(WRONG_BRANCH, claim.field, words, expected=branch, got=curie)
            return None
        term = self.vocabulary.term(curie)
        if term is None:
            rule = UNKNOWN if self.vocabulary.is_complete_for(curie) else NOT_INSTALLED
            self.find(rule, claim.field, words, got=curie)
            return None
        if term.obsolete:
            term = self.replaced(term, claim)
        if self.is_outside(term, row.roots):
            words["label"] = term.label
            self.find(WRONG_BRANCH, claim.field, words, expected=branch, got=f"{term.curie} {term.label}")
            return None
        return term

    def replaced(self, term: Term, claim: Claim) -> Term:
        """What stands in an obsolete term's place, with a finding that names it."""
        better = self.vocabulary.resolve(term.curie) or term
        advice = "look for another term with 'fairline ontology lookup'"
        if better.curie != term.curie:
            advice = f"write {better.curie} ({better.label}) instead"
        elif term.consider:
            advice = f"look whether one of these is meant: {', '.join(term.consider)}"
        words = {"term": term.curie, "ontology": term.ontology, "version": term.ontology_version, "advice": advice}
        self.find(OBSOLETE, claim.field, words, got=f"{term.curie} {term.label}")
        return better

    def is_outside(self, term: Term, roots: tuple[str, ...]) -> bool:
        """Whether a term whose place is known stands below none of the roots; obsolete ones have lost their place."""
        names = {each.name for each in self.vocabulary.installed}
        owned = self.vocabulary.is_complete_for(term.curie) or term.ontology not in names
        if not roots or term.obsolete or not owned or not any(self.vocabulary.term(root) for root in roots):
            return False
        has_place = bool(self.vocabulary.ancestors(term.curie))
        return has_place and not any(self.vocabulary.is_descendant(term.curie, root) for root in roots)

    def names(self) -> tuple[str, ...]:
        """What the line is called."""
        return (self.record.line_id, *(alias.name for alias in self.record.aliases))

    def add_class(self) -> None:
        """The line's class, or its parent; and whether there is a class of its own that the record does not name."""
        clo = self.record.clo
        own = self.own_classes()
        if clo.class_ != _UNKNOWN:
            claim = Claim(field="clo.class", curie=clo.class_, row=field_rows()["clo.class", ""])
            self.class_term = self.add(claim, provisional=clo.status != "exact")
        term = self.class_term
        if clo.status == "exact":
            if term is not None and term not in own and not any(term.has_name(name) for name in self.names()):
                words = {"term": term.curie, "label": term.label}
                self.find(NOT_THIS_LINE, "clo.class", words, expected=self.record.line_id, got=term.label)
                self.class_term = None  # another line's axioms say nothing of this one
        elif better := [each for each in own if term is None or each.curie != term.curie]:
            shown = ", ".join(f"{each.curie} {each.label}" for each in better)
            self.find(CLASS_EXISTS, "clo.class", {"terms": shown}, expected=better[0].curie, got=clo.class_)

    def own_classes(self) -> list[Term]:
        """The classes of cell lines that bear a name of this line or refer to its Cellosaurus entry."""
        found: dict[str, Term] = {}
        for name in self.names():
            found.update((term.curie, term) for term in self.vocabulary.by_label(name))
        for xref in self.record.xrefs:
            if (reference := as_reference(xref.id)).startswith("CVCL:"):
                found.update((term.curie, term) for term in self.vocabulary.by_xref(reference))
        return [
            term
            for curie, term in sorted(found.items())
            if curie.startswith("CLO:") and self.vocabulary.is_descendant(curie, _CELL_LINE_CELL)
        ]

    def add_origin_label(self) -> None:
        """The origin in the bank's words: matched where no term is stated, compared where one is."""
        label = self.record.origin.label if self.record.origin else None
        if not label or label == _UNKNOWN:
            return
        named = self.vocabulary.by_label(label)
        matched = False
        for field in ("origin.tissue", "origin.cell"):
            row = field_rows()[field, ""]
            terms = [term for term in named if term.curie.partition(":")[0] in row.prefixes]
            stated = [each for each in self.annotations if each.field == field]
            matched = matched or bool(terms)
            if stated and terms and not any(self.is_related(stated[0].term, term.curie) for term in terms):
                words = {
                    "field": "origin.label",
                    "label": label,
                    "term": stated[0].term,
                    "expected_label": stated[0].label,
                }
                self.find(LABEL_MISMATCH, "origin.label", words, expected=stated[0].label, got=label)
            elif field not in self.stated:
                self.match(terms, row, "origin.label", label)
        if not matched and not self.stated & {"origin.tissue", "origin.cell"}:
            self.find(NO_MATCH, "origin.label", {"label": label}, got=label)

    def match(self, terms: list[Term], row: FieldRow, source: str, label: str) -> None:
        """Annotates with the only term of a name; several are a finding."""
        if len(terms) == 1:
            relation = (row.relation_iri, row.relation_label)
            self.annotations.append(_annotation(terms[0], relation, "matched", source, row.field))
        elif terms:
            shown = ", ".join(f"{term.curie} {term.label}" for term in terms)
            self.find(AMBIGUOUS, source, {"label": label, "terms": shown, "field": row.field}, got=label)

    def is_related(self, one: str, other: str) -> bool:
        """Whether one of two terms is the other or above it."""
        return self.vocabulary.is_descendant(one, other) or self.vocabulary.is_descendant(other, one)

    def add_named(self, field: str, name: str | None) -> None:
        """A parent line or a donor that CLO knows by exactly the name in the record; others are no fault."""
        if not name or name == _UNKNOWN:
            return
        row = field_rows()[field, ""]
        terms = [term for term in self.vocabulary.by_label(name) if term.curie.startswith("CLO:")]
        self.match([term for term in terms if not self.is_outside(term, row.roots)], row, field, name)

    def add_conflicts(self) -> None:
        """What other sources say against the record, as the curator has noted it."""
        for number, assertion in enumerate(self.record.assertions, start=1):
            if assertion.status == "conflicts":
                known = self.vocabulary.term(assertion.value)
                value = f"{assertion.value} {known.label}" if known else assertion.value
                words = {"other": assertion.source, "value": value, "field": assertion.field}
                self.find(RECORD_CONFLICT, f"assertions[{number}]", words, got=value)
