"""What a reader found in an ontology file: terms, names, cross references and axioms, before they become tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.identifiers import iri_to_curie, is_curie

#: A property that is not of OBO but stands in edges: an individual's class.
TYPE = "rdf:type"

_PREFIXED = re.compile(r"(?P<prefix>[A-Za-z][A-Za-z0-9_.]*):\s*(?P<local>[A-Za-z0-9_.-]+)")
_UNDERSCORED = re.compile(r"(?P<prefix>[A-Za-z]+)_(?P<local>[A-Za-z0-9]+)")
_MENTIONED = re.compile(r"\b(?P<prefix>[A-Z][A-Za-z]{1,15})[_:](?P<local>[0-9]{4,10})\b")


@dataclass(slots=True, kw_only=True)
class Draft:
    """A term while its statements are still being read.

    Attributes:
        kind: ``class``, ``property`` or ``individual``.
        labels: (language, text) pairs; the language is empty when none is stated.
        comments: kept only to find what an obsolete term's editor names in its place.
        consider: CURIEs that the ontology suggests in place of an obsolete term.
    """

    kind: str = ""
    labels: list[tuple[str, str]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    definition: str = ""
    obsolete: bool = False
    replaced_by: str = ""
    consider: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The English label, else one without a language, else any: always the same one of several."""
        return self.ordered_labels()[0] if self.labels else ""

    def ordered_labels(self) -> list[str]:
        """All labels, the one to show first."""
        return [
            text for _, _, text in sorted((_preference(language), language, text) for language, text in self.labels)
        ]

    def suggestions(self, own: str) -> tuple[str, ...]:
        """What to consider in place of this term: stated, or named in the comments of an obsolete term."""
        found = dict.fromkeys(self.consider)
        if self.obsolete and not self.replaced_by and not found:
            for comment in self.comments:
                for match in _MENTIONED.finditer(comment):
                    found.setdefault(f"{match['prefix']}:{match['local']}")
        found.pop(own, None)
        return tuple(found)


def _preference(language: str) -> int:
    return 0 if language == "en" else 1 if not language else 2 if language.startswith("en-") else 3


@dataclass(slots=True, kw_only=True)
class Content:
    """The whole of one file.

    Attributes:
        terms: by CURIE; also those of other ontologies that the file only mentions with a label.
        synonyms: (curie, text, scope), scope being EXACT, RELATED, BROAD or NARROW.
        xrefs: (curie, reference), the reference a CURIE wherever it can be read as one.
        parents: (child, parent): subclass axioms between named classes, and the genus of an equivalent class.
        edges: (subject, property, object, chain); the chain lists the properties from the outermost restriction to
            the innermost, and is the property itself for a plain restriction.
        imports: the addresses of ``owl:imports``; listed, never followed.
        iri, version_iri, version_text, licence: what the ontology's header states; empty where it does not.
        skipped: expressions that say something which tables of edges cannot (unions, complements, cardinalities).
        nameless: subjects without a CURIE, left out.
    """

    terms: dict[str, Draft] = field(default_factory=dict)
    synonyms: set[tuple[str, str, str]] = field(default_factory=set)
    xrefs: set[tuple[str, str]] = field(default_factory=set)
    parents: set[tuple[str, str]] = field(default_factory=set)
    edges: set[tuple[str, str, str, str]] = field(default_factory=set)
    imports: list[str] = field(default_factory=list)
    iri: str = ""
    version_iri: str = ""
    version_text: str = ""
    licence: str = ""
    skipped: int = 0
    nameless: int = 0

    def draft(self, curie: str) -> Draft:
        """The draft of a term, made when it is first spoken of."""
        found = self.terms.get(curie)
        if found is None:
            found = self.terms[curie] = Draft()
        return found

    def add_secondary(self, curie: str, primary: str) -> None:
        """A secondary identifier: obsolete, replaced by the primary one, unless the file describes it itself."""
        if curie not in self.terms:
            self.terms[curie] = Draft(kind="class", obsolete=True, replaced_by=primary, labels=[("", "")])

    def finish(self) -> Content:
        """Gives secondary identifiers their primary's label and further labels a place among the synonyms."""
        for curie, draft in self.terms.items():
            if draft.labels == [("", "")]:
                primary = self.terms.get(draft.replaced_by)
                draft.labels = list(primary.labels) if primary is not None else []
                continue
            shown = draft.label
            self.synonyms.update((curie, text, "EXACT") for text in draft.ordered_labels()[1:] if text != shown)
        return self

    @property
    def version(self) -> str:
        """The version that the file states: the part of its version IRI that is one, else its version text."""
        return version_in(self.version_iri) or self.version_text

    def own_terms(self, ids: tuple[str, ...]) -> Iterator[str]:
        """The labelled terms whose CURIE starts with one of the ontology's own beginnings."""
        return (curie for curie, draft in self.terms.items() if curie.startswith(ids) and draft.labels)


def version_in(iri: str) -> str:
    """The version in a version IRI: ``.../releases/2023-06-01/clo.owl`` and ``.../2.1/x.owl``; empty when there is none."""
    for segment in reversed(iri.rstrip("/").split("/")):
        if re.fullmatch(r"v?[0-9]+(?:[.-][0-9A-Za-z]+)*", segment):
            return segment.removeprefix("v")
    return ""


def as_reference(text: str) -> str:
    """A cross reference as a CURIE where its text can be read as one, else the text itself.

    ``Cellosaurus: CVCL_LE56``, ``RRID:CVCL_LE56`` and ``CVCL_LE56`` are all ``CVCL:LE56``; ``OMIM: 123`` is ``OMIM:123``;
    ``DSMZ: ACC 264`` stays as it is, because an identifier with a space is no CURIE.
    """
    text = " ".join(text.split())
    if "://" in text:
        return iri_to_curie(text) or text
    match = _PREFIXED.fullmatch(text)
    local = match["local"] if match else text
    inner = _UNDERSCORED.fullmatch(local)
    if inner and (inner["prefix"] == "CVCL" or (match and inner["prefix"].lower() == match["prefix"].lower())):
        return f"{inner['prefix']}:{inner['local']}"
    if match:
        curie = f"{match['prefix']}:{local}"
        return curie if is_curie(curie) else text
    return text
