"""What a dataset and the catalogue have in common as dcat:Resource (DCAT 3, section 6.4): who, where, when, which terms."""

from __future__ import annotations

from catalog.identifiers import curie_to_iri, is_curie
from catalog.model import BankSettings
from publish.exports.dcat_vocabulary import (
    COUNTRY,
    LANGUAGE,
    LICENCE_TYPE,
    PUBLISHER_TYPE,
    country_code,
    language_code,
    licence_type_codes,
)
from publish.exports.graph import Graph, Node, date_time, mail_iri, web_iri

#: Sentences of our own making are English whatever the bank's languages are.
OURS = "en"


def main_language(bank: BankSettings) -> str:
    """The language of titles and descriptions."""
    return bank.languages[0] if bank.languages else ""


def state_resource(graph: Graph, node: Node, bank: BankSettings, issued: str) -> None:
    """States publisher, contact, languages, place and dates of a dataset or of the catalogue.

    Args:
        graph: where the nodes beside it go.
        node: the dataset or the catalogue.
        bank: the bank's settings.
        issued: RFC 3339; left out when it is not a moment.
    """
    publisher = _state_publisher(graph, bank)
    node.link("dct:publisher", publisher).link("dct:creator", publisher)
    node.link("dcat:contactPoint", _state_contact(graph, node.iri, bank))
    node.link("dct:language", *(LANGUAGE.state(graph, language_code(tag)) for tag in bank.languages))
    node.link("dct:spatial", COUNTRY.state(graph, country_code(bank.country)))
    for moment in ("dct:issued", "dct:modified"):
        node.value(moment, date_time(issued), "xsd:dateTime")


def _state_publisher(graph: Graph, bank: BankSettings) -> str:
    iri = web_iri(bank.publisher.ror) or f"{bank.addresses.catalog()}#publisher"
    node = graph.node(iri, "foaf:Agent").text("foaf:name", bank.publisher.name)
    node.link("dct:type", PUBLISHER_TYPE.state(graph, "Academia-ScientificOrganisation"))
    return node.link("foaf:homepage", state_page(graph, bank.publisher.url)).iri


def _state_contact(graph: Graph, of_what: str, bank: BankSettings) -> str:
    """The contact is part of what it is a contact for: after it has changed, old versions keep theirs."""
    name = bank.contact.name if bank.contact else bank.publisher.name
    node = graph.node(f"{of_what}#contact", "vcard:Kind").text("vcard:fn", name)
    node.link("vcard:hasEmail", mail_iri(bank.contact.email) if bank.contact else None)
    return node.link("vcard:hasURL", web_iri(bank.publisher.url)).iri


def state_page(graph: Graph, address: str | None) -> str | None:
    """States a page in a graph and gives its address; None when it has none."""
    iri = web_iri(address)
    return graph.node(iri, "foaf:Document").iri if iri else None


def state_licence(graph: Graph, name: str, of_what: str) -> str | None:
    """States a licence in a graph and gives its address.

    Args:
        graph: where it goes.
        name: an SPDX identifier or an address; ``unknown`` states nothing.
        of_what: the package or the catalogue; a licence without an address becomes a part of it.
    """
    if not name or name == "unknown":
        return None
    spdx = curie_to_iri(f"spdx:{name}") if is_curie(f"spdx:{name}") else None
    iri = web_iri(name) or spdx or f"{of_what}#licence"
    node = graph.node(iri, "dct:LicenseDocument").text("rdfs:label", name)
    if spdx:
        node.text("dct:identifier", name)
        node.link("dct:type", *(LICENCE_TYPE.state(graph, code) for code in licence_type_codes(name)))
    return iri


def state_standard(graph: Graph, iri: str, label: str) -> str:
    """States a standard that something conforms to, and gives its address."""
    return graph.node(iri, "dct:Standard").text("rdfs:label", label).iri
