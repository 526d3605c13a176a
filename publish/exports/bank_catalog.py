"""The bank as a dcat:Catalog: the head under which the stored documents of packages are joined to a catalogue.

It names no dataset. Each package's own document says ``<catalog> dcat:dataset <package>``, so the statements of head
and documents together are the catalogue, and a withdrawn package leaves no trace here. The written forms join byte by
byte; :mod:`publish.exports.graph` says how.
"""

from __future__ import annotations

from catalog.model import BankSettings
from publish.exports.dcat_resource import main_language, state_licence, state_page, state_resource
from publish.exports.dcat_vocabulary import DATA_THEME
from publish.exports.graph import Graph


def render_catalog_head(bank: BankSettings, release: str, issued: str) -> dict[str, bytes]:
    """The documents ``catalog.ttl``, ``catalog.jsonld``, ``catalog.rdf`` and ``catalog.nt`` of a release.

    Args:
        bank: the bank's settings.
        release: the release's name.
        issued: when it was made, RFC 3339.
    """
    graph = Graph()
    language = main_language(bank)
    catalog = graph.node(bank.addresses.catalog(), "dcat:Catalog").text("dct:title", bank.title, language)
    catalog.text("dct:description", bank.description or bank.title, language)
    catalog.text("dct:identifier", catalog.iri).text("dcat:version", release)
    state_resource(graph, catalog, bank, issued)
    catalog.link("dct:license", state_licence(graph, bank.licence, catalog.iri))
    catalog.link("foaf:homepage", state_page(graph, bank.base_iri))
    catalog.link("dcat:themeTaxonomy", DATA_THEME.state_scheme(graph))
    return {f"catalog.{suffix}": content for suffix, content in graph.render().items()}
