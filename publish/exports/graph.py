"""A small RDF graph without blank nodes, and its four written forms with the same bytes every time.

The seam of pyoxigraph. What comes from a record enters as a literal, or as an address that :func:`web_iri` or
:func:`term_iri` has let through: nothing that a curator wrote can end a literal, close a tag or become a statement.

Written forms can be joined byte by byte, without an RDF library, because their frames are lines of their own:

- ``ttl`` and ``nt``: put the documents one after the other;
- ``jsonld`` (expanded, so no context is needed): the first line is ``[``, the last is ``]``; put ``,`` and a line
  end between what stands between them;
- ``rdf``: the first two lines (declaration, root with every namespace) and the last line are the same in every
  document; keep them once, round what stands between them.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, RdfFormat, Triple, serialize

from catalog.identifiers import curie_to_iri, is_curie

#: The written forms by suffix, with their media types.
FORMS = {
    "jsonld": "application/ld+json",
    "nt": "application/n-triples",
    "rdf": "application/rdf+xml",
    "ttl": "text/turtle",
}

#: Declared in every Turtle and RDF/XML document. May grow, never change: stored documents of all ages are joined under
#: the newest head. No namespace is the start of another, so that a name can be shortened in one way only.
PREFIXES = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "edam": "http://edamontology.org/",
    "efo": "http://www.ebi.ac.uk/efo/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "obo": "http://purl.obolibrary.org/obo/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

#: Prefixes of terms; any other word before a colon (``javascript:``) is no term.
TERM_PREFIXES = frozenset(
    {
        "BFO",
        "BTO",
        "CHEBI",
        "CL",
        "CLO",
        "CVCL",
        "DOID",
        "DUO",
        "EDAM",
        "EFO",
        "GENO",
        "GEO",
        "GO",
        "HANCESTRO",
        "HGNC",
        "HP",
        "IAO",
        "MONDO",
        "NCBITaxon",
        "NCIT",
        "OBI",
        "ORDO",
        "PATO",
        "RO",
        "SAMEA",
        "SO",
        "UBERON",
        "UO",
    }
)

RDF_TYPE = PREFIXES["rdf"] + "type"
_TYPE = NamedNode(RDF_TYPE)
_STRING = NamedNode(PREFIXES["xsd"] + "string")
_LANGUAGE_STRING = NamedNode(PREFIXES["rdf"] + "langString")
_WEB_IRI = re.compile(
    r"https?://(?:[^\s/?#@:\[\]]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?P<path>[/?#][^\s<>\"{}|\\^`]*)?"
)
_LONGEST_IRI = 2000
_STEMS = tuple(PREFIXES.values())
#: What may stand behind a stem: Turtle shortens such addresses, and parsers differ in how they read escaped names.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_]+(?:[.-]+[A-Za-z0-9_]+)*")
#: What RDF/XML can shorten to a name (Namespaces in XML 1.0, NCName, its ASCII part).
_NAME_AT_END = re.compile(r"[#/][A-Za-z_][A-Za-z0-9_.-]*\Z")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NOT_IN_XML = re.compile(r"[^\t\n\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)

_TURTLE_HEAD = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items()).encode()
_XML_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF '
    + " ".join(f'xmlns:{name}="{iri}"' for name, iri in PREFIXES.items())
    + ">\n"
).encode()
_XML_TAIL = b"</rdf:RDF>\n"


def web_iri(text: object) -> str | None:
    """The text, when it is an http(s) address that every RDF syntax and parser takes as it stands; else None.

    Stricter than RFC 3987: no user name, no dot segments (parsers resolve them), no invisible characters.
    """
    if not isinstance(text, str) or len(text) > _LONGEST_IRI:
        return None
    match = _WEB_IRI.fullmatch(text)
    if match is None or not text.isprintable():
        return None
    path = re.split(r"[?#]", match["path"] or "")[0]
    if {".", ".."} & set(path.split("/")) or not _is_readable(text):
        return None
    try:
        return NamedNode(text).value
    except ValueError:
        return None


def _is_readable(iri: str) -> bool:
    stem = next((stem for stem in _STEMS if iri.startswith(stem)), None) if iri.startswith(_STEMS) else None
    return stem is None or _PLAIN_NAME.fullmatch(iri[len(stem) :]) is not None


def term_iri(curie: object) -> str | None:
    """The IRI of an ontology term, or None when the text is not a CURIE with a prefix of :data:`TERM_PREFIXES`."""
    if not isinstance(curie, str) or not is_curie(curie) or curie.split(":")[0] not in TERM_PREFIXES:
        return None
    return web_iri(curie_to_iri(curie))


def name_iri(text: object) -> str | None:
    """The IRI of a property or class, given as an address, a term or ``rdf:type``; None when XML could not name it."""
    iri = _TYPE.value if text == "rdf:type" else web_iri(text) or term_iri(text)
    return iri if iri is not None and _NAME_AT_END.search(iri) else None


def mail_iri(text: object) -> str | None:
    """The ``mailto:`` IRI of an e-mail address, or None when the text is none."""
    if not isinstance(text, str) or not _EMAIL.fullmatch(text):
        return None
    return f"mailto:{quote(clean(text), safe='@+')}"


def date_time(text: str) -> str | None:
    """The text, when it is an xsd:dateTime with a time zone and a day that exists; else None."""
    if not _DATE_TIME.fullmatch(text):
        return None
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return None
    return text


def clean(text: object) -> str:
    """A text that all four forms can hold: XML 1.0 characters, line feeds, no white space at the ends."""
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", lines).strip()


class Node:
    """One subject of a graph; the methods state something about it and give it back.

    Properties and classes are names such as ``dct:title``, or addresses from :func:`name_iri`. What says nothing is left out.
    """

    def __init__(self, graph: Graph, subject: NamedNode) -> None:
        self._graph = graph
        self._subject = subject

    @property
    def iri(self) -> str:
        """Its address."""
        return self._subject.value

    def a(self, *classes: str) -> Node:
        """States what it is."""
        for each in classes:
            self._state(_TYPE, _name(each))
        return self

    def link(self, property_name: str, *iris: str | None) -> Node:
        """States addresses; they must have gone through this module's guards or be the bank's own."""
        for iri in iris:
            if iri:
                self._state(_name(property_name), _address(iri))
        return self

    def text(self, property_name: str, text: object, language: str = "") -> Node:
        """States a text, with its language when that is a tag of BCP 47."""
        words = clean(text)
        if words:
            self._state(_name(property_name), _literal(words, language))
        return self

    def value(self, property_name: str, value: object, datatype: str) -> Node:
        """States a value with its datatype; None says nothing."""
        if value is not None:
            self._state(_name(property_name), Literal(clean(value), datatype=_name(datatype)))
        return self

    def _state(self, predicate: NamedNode, value: NamedNode | Literal) -> None:
        self._graph.add(Triple(self._subject, predicate, value))


class Graph:
    """A set of statements."""

    def __init__(self) -> None:
        self._triples: set[Triple] = set()

    def __len__(self) -> int:
        return len(self._triples)

    def add(self, triple: Triple) -> None:
        """Takes a statement in."""
        self._triples.add(triple)

    def node(self, iri: str, *classes: str) -> Node:
        """A subject.

        Raises:
            ValueError: the address is none; addresses of the bank's own making always are.
        """
        return Node(self, _address(iri)).a(*classes)

    def render(self) -> dict[str, bytes]:
        """The four written forms by suffix; statements are sorted by subject, class first, property and value."""
        if not self._triples:
            raise ValueError("an empty graph has no written form")
        triples = sorted(self._triples, key=_order)
        return {
            "jsonld": _json_ld(triples),
            "nt": _serialize(triples, RdfFormat.N_TRIPLES),
            "rdf": _rdf_xml(triples),
            "ttl": _turtle(triples),
        }


@functools.lru_cache(maxsize=4096)
def _name(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    if prefix in PREFIXES:
        return NamedNode(PREFIXES[prefix] + local)
    if name_iri(name) is None:
        raise ValueError(f"not the address of a property or class: {name!r}")
    return NamedNode(name)


@functools.lru_cache(maxsize=4096)
def _address(iri: str) -> NamedNode:
    if web_iri(iri) is None and not iri.startswith("mailto:"):
        raise ValueError(f"not an address: {iri!r}")
    return NamedNode(iri)


def _literal(words: str, language: str) -> Literal:
    try:
        return Literal(words, language=language.lower()) if language else Literal(words)
    except ValueError:
        return Literal(words)


def _order(triple: Triple) -> tuple[str, bool, str, str]:
    subject = triple.subject
    assert isinstance(subject, NamedNode), "a graph has no blank nodes"
    return (subject.value, triple.predicate != _TYPE, triple.predicate.value, str(triple.object))


def _serialize(triples: Iterable[Triple], form: RdfFormat) -> bytes:
    written = serialize(triples, format=form, prefixes=PREFIXES)
    assert written is not None
    return written


def _turtle(triples: Iterable[Triple]) -> bytes:
    """Prefixes in alphabetical order: pyoxigraph declares them in another one in each run."""
    body = _serialize(triples, RdfFormat.TURTLE)
    while body.startswith(b"@prefix "):
        body = body.partition(b"\n")[2]
    return _TURTLE_HEAD + body


def _rdf_xml(triples: Iterable[Triple]) -> bytes:
    """As for Turtle; the first ``>`` after the root's name ends the root, since no namespace holds one."""
    written = _serialize(triples, RdfFormat.RDF_XML)
    inside = written[written.index(b">", written.index(b"<rdf:RDF")) + 1 : written.rindex(b"</rdf:RDF>")]
    return _XML_HEAD + inside.strip(b"\n") + b"\n" + _XML_TAIL


def _json_ld(triples: Iterable[Triple]) -> bytes:
    """Expanded JSON-LD (JSON-LD 1.1 API, 5.1), one node a line."""
    nodes = [json.dumps(node, ensure_ascii=False, separators=(",", ":")) for node in _json_nodes(triples)]
    return ("[\n" + ",\n".join(nodes) + "\n]\n").encode()


def _json_nodes(triples: Iterable[Triple]) -> Iterator[dict[str, Any]]:
    for subject, statements in groupby(triples, key=lambda triple: str(triple.subject)):
        node: dict[str, Any] = {"@id": subject[1:-1]}
        for triple in statements:
            value = triple.object
            if triple.predicate == _TYPE:
                node.setdefault("@type", []).append(str(value)[1:-1])
            else:
                node.setdefault(triple.predicate.value, []).append(_json_value(value))
        yield node


def _json_value(value: object) -> dict[str, str]:
    if isinstance(value, NamedNode):
        return {"@id": value.value}
    assert isinstance(value, Literal), "a graph holds addresses and literals"
    if value.language:
        return {"@language": value.language, "@value": value.value}
    if value.datatype in {_STRING, _LANGUAGE_STRING}:
        return {"@value": value.value}
    return {"@type": value.datatype.value, "@value": value.value}
