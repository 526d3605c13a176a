"""OWL in RDF/XML and Turtle, plain or gzip: the triples of a file as :class:`~catalog.ontology.content.Content`.

The only module of the ontology room that imports pyoxigraph, a streaming parser that reads nothing but the bytes it is
given. What is read: declarations, labels, definitions, synonyms, cross references, deprecation and replacement,
``subClassOf``, ``equivalentClass`` and the types of individuals, with their restrictions (OWL 2 mapping to RDF graphs).
"""

from __future__ import annotations

import functools
from typing import IO, cast

import pyoxigraph

from catalog.errors import IntegrityError
from catalog.identifiers import iri_to_curie
from catalog.ontology.content import TYPE, Content, as_reference
from catalog.ontology.expressions import Expressions
from catalog.ontology.guard import GuardedFile, check_prolog, refusals_first

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_OWL = "http://www.w3.org/2002/07/owl#"
_OBO = "http://purl.obolibrary.org/obo/"
_OIO = "http://www.geneontology.org/formats/oboInOwl#"
_DCTERMS = "http://purl.org/dc/terms/"
_DC = "http://purl.org/dc/elements/1.1/"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

_KINDS = {
    f"{_OWL}Class": "class",
    f"{_RDFS}Class": "class",
    f"{_OWL}NamedIndividual": "individual",
    f"{_OWL}ObjectProperty": "property",
    f"{_OWL}AnnotationProperty": "property",
    f"{_OWL}DatatypeProperty": "property",
}
_STRUCTURE = frozenset(
    {
        f"{_OWL}onProperty",
        f"{_OWL}someValuesFrom",
        f"{_OWL}hasValue",
        f"{_OWL}intersectionOf",
        f"{_OWL}unionOf",
        f"{_OWL}inverseOf",
        f"{_RDF}first",
        f"{_RDF}rest",
    }
)
_AXIOMS = {f"{_RDFS}subClassOf": "sub", f"{_OWL}equivalentClass": "same", f"{_RDF}type": "type"}
_SYNONYMS = {
    f"{_OIO}hasExactSynonym": "EXACT",
    f"{_OIO}hasRelatedSynonym": "RELATED",
    f"{_OIO}hasBroadSynonym": "BROAD",
    f"{_OIO}hasNarrowSynonym": "NARROW",
    f"{_SKOS}altLabel": "RELATED",
    f"{_OBO}IAO_0000118": "RELATED",
}
_XREFS = frozenset({f"{_OIO}hasDbXref", f"{_OIO}hasDbXRef", f"{_RDFS}seeAlso", f"{_SKOS}exactMatch"})
_DEFINITIONS = frozenset({f"{_OBO}IAO_0000115", f"{_OIO}hasDefinition", f"{_SKOS}definition"})
_REPLACED = frozenset({f"{_OBO}IAO_0100001", f"{_OIO}replacedBy", f"{_DCTERMS}isReplacedBy"})
_LICENCES = frozenset({f"{_DCTERMS}license", f"{_DC}license", f"{_DC}rights", f"{_DCTERMS}rights"})

FORMATS = {"owl": pyoxigraph.RdfFormat.RDF_XML, "ttl": pyoxigraph.RdfFormat.TURTLE}


def read_owl(stream: GuardedFile, format_name: str = "owl") -> Content:
    """The content of an OWL file.

    Args:
        stream: the guarded bytes; XML has its prolog checked here, before anything parses it.
        format_name: ``owl`` (RDF/XML) or ``ttl`` (Turtle).

    Raises:
        IntegrityError: ``ontology-unreadable``, or what the guard refuses.
    """
    if format_name == "owl":
        check_prolog(stream)
    reader = _Reader()
    with refusals_first(stream):
        try:
            bytes_of = cast(IO[bytes], stream)  # the parser only ever calls read
            for triple in pyoxigraph.parse(bytes_of, FORMATS[format_name], base_iri="urn:fairline:file", lenient=True):
                reader.take(triple.subject, triple.predicate.value, triple.object)
        except (SyntaxError, ValueError) as error:
            raise IntegrityError(
                "ontology-unreadable",
                f"the file cannot be parsed: {error}",
                at=str(stream.path),
                want={"owl": "OWL as RDF/XML", "ttl": "OWL as Turtle"}[format_name],
                hint="get the file again from its publisher",
            ) from error
    stream.drain()
    return reader.finish()


@functools.lru_cache(maxsize=1 << 18)
def _curie(iri: str) -> str | None:
    return iri_to_curie(iri)


class _Reader:
    """Sorts the triples as they come; what hangs on blank nodes waits until the end."""

    def __init__(self) -> None:
        self.content = Content()
        self.expressions = Expressions(self.content)
        self.secondary: list[tuple[str, str]] = []
        self.ontologies: list[str] = []
        self.header: dict[tuple[str, str], str] = {}
        self.imports: list[str] = []

    def take(self, subject: object, predicate: str, value: object) -> None:
        """One triple."""
        if isinstance(subject, pyoxigraph.BlankNode):
            if predicate in _STRUCTURE:
                self.expressions.add(subject.value, predicate.rpartition("#")[2], _name(value))
            return
        if not isinstance(subject, pyoxigraph.NamedNode):
            return
        if predicate in _AXIOMS:
            self._axiom(subject.value, _AXIOMS[predicate], value)
            return
        self._header(subject.value, predicate, value)
        curie = _curie(subject.value)
        if curie is None:
            return
        if isinstance(value, pyoxigraph.Literal):
            self._literal(curie, predicate, value)
        elif isinstance(value, pyoxigraph.NamedNode):
            self._named(curie, predicate, value.value)

    def _axiom(self, iri: str, kind: str, value: object) -> None:
        curie = _curie(iri)
        if kind == "type" and isinstance(value, pyoxigraph.NamedNode):
            if value.value == f"{_OWL}Ontology":
                self.ontologies.append(iri)
                return
            if curie is None:
                self.content.nameless += value.value in _KINDS
                return
            named = _KINDS.get(value.value)
            if named is not None:
                draft = self.content.draft(curie)
                draft.kind = draft.kind or named
            elif (of := _curie(value.value)) is not None:
                self.content.draft(curie).kind = "individual"
                self.content.edges.add((curie, TYPE, of, TYPE))
            return
        if curie is not None:
            self.expressions.axiom(curie, kind, _name(value))

    def _header(self, iri: str, predicate: str, value: object) -> None:
        """Statements about the ontology itself; any subject may turn out to be it."""
        if predicate == f"{_OWL}imports":
            self.imports.append(_text(value))
        elif predicate in {f"{_OWL}versionIRI", f"{_OWL}versionInfo"} or predicate in _LICENCES:
            key = "licence" if predicate in _LICENCES else predicate.rpartition("#")[2]
            self.header.setdefault((iri, key), _text(value))

    def _literal(self, curie: str, predicate: str, value: pyoxigraph.Literal) -> None:
        text = value.value.strip()
        draft = self.content.draft(curie)
        if not text:
            return
        if predicate == f"{_RDFS}label":
            draft.labels.append((value.language or "", text))
        elif predicate in _SYNONYMS:
            self.content.synonyms.add((curie, text, _SYNONYMS[predicate]))
        elif predicate in _DEFINITIONS:
            draft.definition = draft.definition or text
        elif predicate in _XREFS:
            self.content.xrefs.add((curie, as_reference(text)))
        elif predicate == f"{_RDFS}comment":
            draft.comments.append(text)
        elif predicate == f"{_OWL}deprecated":
            draft.obsolete = draft.obsolete or text.lower() in {"true", "1"}
        elif predicate in _REPLACED:
            draft.replaced_by = draft.replaced_by or as_reference(text)
        elif predicate == f"{_OIO}consider":
            draft.consider.append(as_reference(text))
        elif predicate == f"{_OIO}hasAlternativeId":
            self.secondary.append((as_reference(text), curie))

    def _named(self, curie: str, predicate: str, iri: str) -> None:
        other = _curie(iri)
        if predicate in _XREFS:
            self.content.xrefs.add((curie, other or iri))
        elif other is not None and predicate in _REPLACED:
            draft = self.content.draft(curie)
            draft.replaced_by = draft.replaced_by or other
        elif other is not None and predicate == f"{_OIO}consider":
            self.content.draft(curie).consider.append(other)

    def finish(self) -> Content:
        """Works out the class expressions and the header."""
        self.expressions.resolve(_curie)
        for secondary, primary in self.secondary:
            self.content.add_secondary(secondary, primary)
        self.content.imports = list(dict.fromkeys(self.imports))
        for iri in self.ontologies[:1]:
            self.content.iri = iri
            self.content.version_iri = self.header.get((iri, "versionIRI"), "")
            self.content.version_text = self.header.get((iri, "versionInfo"), "")
            self.content.licence = self.header.get((iri, "licence"), "")
        return self.content.finish()


def _name(value: object) -> str:
    """A node as text: IRIs as they are, blank nodes with ``_:``, anything else (literals) empty."""
    if isinstance(value, pyoxigraph.NamedNode):
        return value.value
    if isinstance(value, pyoxigraph.BlankNode):
        return f"_:{value.value}"
    return ""


def _text(value: object) -> str:
    return value.value if isinstance(value, (pyoxigraph.NamedNode, pyoxigraph.Literal)) else ""
