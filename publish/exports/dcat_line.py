"""The cell line as a small node beside its dataset: what it is, what else it is called, what its terms say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from catalog.access import PublicRecord
from catalog.identifiers import Addresses
from publish.exports.accessions import Accession, publication_iri, read_accession
from publish.exports.dcat_resource import OURS
from publish.exports.graph import RDF_TYPE, Graph, Node, name_iri, term_iri, web_iri

_WITHOUT_CLASS = frozenset({"parent-only", "provisional-requested"})
#: Parts of a package, as the place that an annotation comes from names them; all other places are fields of the record.
_OF_FILES = frozenset({"files", "format", "modality"})
_NEAREST = (
    "The line has no class of its own in the Cell Line Ontology: the class stated here is its nearest parent, "
    "not the line."
)


def state_line(graph: Graph, public: PublicRecord, addresses: Addresses) -> str:
    """States the cell line in a graph and gives its address.

    A line without a class of its own is an *instance* of the nearest parent class; nothing else about that class is
    claimed of it.
    """
    record = public.record
    line = graph.node(addresses.line(public.line_id), "prov:Entity")
    line.text("rdfs:label", public.line_id).text("dct:identifier", public.line_id)
    for alias in record.get("aliases", ()):
        line.text("skos:altLabel", alias["name"])
    _state_names(line, record)
    _state_class(graph, line, record.get("clo", {}))
    for annotation in public.annotations:
        if not is_of_files(annotation):
            _state_annotation(line, annotation)
    for reference in record.get("references", ()):
        line.link("dct:isReferencedBy", publication_iri(reference))
    parent = record.get("parent")
    if isinstance(parent, Mapping):
        relation = parent.get("relation", "unknown")
        how = f" ({relation})" if relation != "unknown" else ""
        line.text("skos:note", f"Made from the line {parent['line']}{how}.", OURS)
    return line.iri


def accessions(record: Mapping[str, Any]) -> list[Accession]:
    """The record's cross references, read."""
    return [read_accession(str(each["db"]), str(each["id"])) for each in record.get("xrefs", ())]


def is_of_files(annotation: Mapping[str, Any]) -> bool:
    """Whether an annotation speaks of the files, and so of the dataset, instead of the line."""
    place = str(annotation.get("field") or annotation.get("source") or "")
    return re.split(r"[.\[ ]", place)[0] in _OF_FILES


def _state_names(line: Node, record: Mapping[str, Any]) -> None:
    pid = web_iri(record.get("pid"))
    if pid:
        line.link("owl:sameAs", pid).text("dct:identifier", pid)
    for each in accessions(record):
        if each.is_line:
            line.link("owl:sameAs", each.iri).text("dct:identifier", each.id)


def _state_class(graph: Graph, line: Node, clo: Mapping[str, str]) -> None:
    iri = name_iri(term_iri(clo.get("class")))
    if iri is None:
        return
    line.a(iri)
    if clo.get("status") in _WITHOUT_CLASS:
        line.text("dct:description", _NEAREST, OURS)


def _state_annotation(line: Node, annotation: Mapping[str, Any]) -> None:
    name, term = name_iri(annotation.get("property")), term_iri(annotation.get("term"))
    is_provisional = bool(annotation.get("provisional"))
    if name == RDF_TYPE:
        kind = name_iri(term)
        if kind:
            line.a(kind).text("dct:description", _NEAREST if is_provisional else "", OURS)
    elif name and term and not is_provisional:
        line.link(name, term)
