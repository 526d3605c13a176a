"""DCAT-AP 3.0.1 of a package: one dcat:Dataset, its distributions, and small nodes for everything round it.

The dataset is the node with the most statements, and the only dcat:Dataset of the document: harvesters take the
first or the richest one. The catalogue is only pointed at; :mod:`publish.exports.bank_catalog` describes it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from catalog.access import PublicRecord
from catalog.model import BankSettings
from catalog.package import DESCRIPTOR, documents
from publish.exports.dcat_files import Package, state_files, state_restricted
from publish.exports.dcat_line import accessions, is_of_files, state_line
from publish.exports.dcat_resource import OURS, main_language, state_page, state_resource, state_standard
from publish.exports.dcat_vocabulary import ACCESS_RIGHT, DATA_THEME
from publish.exports.graph import FORMS, PREFIXES, Graph, Node, name_iri, term_iri

#: Data use and other names of the line are no subjects of its data.
_NO_SUBJECTS = frozenset({PREFIXES["dct"] + "rights", PREFIXES["rdfs"] + "seeAlso"})
_DATA_PACKAGE = "https://datapackage.org/profiles/2.0/datapackage.json"


class DcatExport:
    """The documents ``dcat.ttl``, ``dcat.jsonld``, ``dcat.rdf`` and ``dcat.nt``: the same statements four times."""

    paths: tuple[str, ...] = tuple(f"dcat.{suffix}" for suffix in FORMS)

    def render(self, public: PublicRecord, bank: BankSettings) -> Mapping[str, bytes]:
        """The documents of one version, by path.

        Args:
            public: the public record, named by its release.
            bank: the bank's settings.
        """
        return {f"dcat.{suffix}": content for suffix, content in describe(public, bank).render().items()}


DCAT = DcatExport()


def describe(public: PublicRecord, bank: BankSettings) -> Graph:
    """Everything that RDF says of a package.

    Raises:
        ValueError: the line's id or the release is no name that an address can be made of.
    """
    made = documents(public, bank)
    package = Package(public=public, bank=bank, documents=made, members=json.loads(made[DESCRIPTOR]))
    graph = Graph()
    dataset = graph.node(package.iri, "dcat:Dataset")
    _state_dataset(graph, dataset, package)
    _state_terms(graph, dataset, public)
    _state_names(graph, dataset, public, bank)
    dataset.link("prov:wasDerivedFrom", state_line(graph, public, bank.addresses))
    dataset.link("dcat:distribution", *state_files(graph, package), *state_restricted(graph, package))
    for number, gone in enumerate(public.withdrawn, 1):
        statement = graph.node(f"{package.iri}#withdrawn-{number}", "dct:ProvenanceStatement")
        statement.text("rdfs:label", f"{gone['path']} was withdrawn on {gone['date']}: {gone['reason']}", OURS)
        dataset.link("dct:provenance", statement.iri)
    graph.node(bank.addresses.catalog()).link("dcat:dataset", package.iri)
    return graph


def _state_dataset(graph: Graph, dataset: Node, package: Package) -> None:
    public, bank = package.public, package.bank
    state_resource(graph, dataset, bank, public.issued)
    dataset.text("dct:title", public.title, main_language(bank))
    dataset.text("dct:description", public.description, main_language(bank))
    dataset.text("dct:identifier", package.iri).text("dcat:version", public.release)
    for keyword in package.members["keywords"]:
        dataset.text("dcat:keyword", keyword)
    dataset.link("dcat:theme", *(DATA_THEME.state(graph, theme) for theme in bank.themes))
    dataset.link("dct:accessRights", ACCESS_RIGHT.state(graph, "RESTRICTED" if public.restricted else "PUBLIC"))
    dataset.link("dct:conformsTo", state_standard(graph, _DATA_PACKAGE, "Data Package 2.0"))
    dataset.link("dct:isPartOf", bank.addresses.catalog())
    # The page of this version; the dataset's own address answers for whatever version is current.
    page = bank.addresses.package(public.line_id, public.release)
    dataset.link("dcat:landingPage", state_page(graph, page))
    dataset.text("skos:note", f"Findings of validation: {public.audit_level}.", OURS)


def _state_terms(graph: Graph, dataset: Node, public: PublicRecord) -> None:
    """Terms as subjects, labels stated, and what ontologies say of data (``is specified output of`` an assay).

    Dublin Core's own properties stay away from the dataset: DCAT-AP gives them ranges that an ontology's class is not in.
    """
    for annotation in public.annotations:
        term, name = term_iri(annotation.get("term")), name_iri(annotation.get("property"))
        if term is None:
            continue
        label = annotation.get("label", "")
        graph.node(term).text("rdfs:label", label, OURS).text("skos:prefLabel", label, OURS)
        if name not in _NO_SUBJECTS:
            dataset.link("dct:subject", term)
        if name and name.startswith(PREFIXES["obo"]) and is_of_files(annotation):
            dataset.link(name, term)


def _state_names(graph: Graph, dataset: Node, public: PublicRecord, bank: BankSettings) -> None:
    """The package's name in the bank, and its data's accessions in archives (adms:Identifier)."""
    named: list[tuple[str, str, str, str | None]] = [("line", public.line_id, bank.title, None)]
    for number, each in enumerate(accessions(public.record), 1):
        if each.is_line:
            continue
        named.append((str(number), each.id, each.db, each.iri))
        dataset.link("dct:relation", each.iri)
    for suffix, notation, agency, address in named:
        node = graph.node(f"{dataset.iri}#identifier-{suffix}", "adms:Identifier").text("skos:notation", notation)
        node.text("adms:schemaAgency", agency).link("rdfs:seeAlso", address)
        dataset.link("adms:identifier", node.iri)
