"""What our own DCAT says of a package, read back, so that the portal is told the same in CKAN's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.access import PublicRecord
from catalog.model import BankSettings
from publish.exports.bank_catalog import render_catalog_head
from publish.exports.dcat import DCAT
from publish.exports.graph import PREFIXES


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """The statements of a document, by subject.

    Attributes:
        subject: what the document is about: the package, or the catalogue.
        nodes: the nodes of its expanded JSON-LD, by address.
    """

    subject: str
    nodes: Mapping[str, Mapping[str, Any]]

    def about(self, iri: str) -> bool:
        """Whether the document says anything of a subject."""
        return iri in self.nodes

    def texts(self, name: str, subject: str | None = None) -> list[str]:
        """The literals of a property such as ``dct:title``, of the document's own subject by default, in its order."""
        return [str(each["@value"]) for each in self._values(name, subject) if "@value" in each]

    def links(self, name: str, subject: str | None = None) -> list[str]:
        """The addresses of a property, in the document's order."""
        return [str(each["@id"]) for each in self._values(name, subject) if "@id" in each]

    def text(self, name: str, subject: str | None = None) -> str:
        """The first literal of a property; empty when there is none."""
        return next(iter(self.texts(name, subject)), "")

    def link(self, name: str, subject: str | None = None) -> str:
        """The first address of a property; empty when there is none."""
        return next(iter(self.links(name, subject)), "")

    def _values(self, name: str, subject: str | None) -> list[Mapping[str, Any]]:
        prefix, _, local = name.partition(":")
        values: list[Mapping[str, Any]] = self.nodes.get(subject or self.subject, {}).get(PREFIXES[prefix] + local, [])
        return values


def package_statements(public: PublicRecord, bank: BankSettings) -> Statements:
    """What ``dcat.jsonld`` of a version says."""
    content = DCAT.render(public, bank)["dcat.jsonld"]
    return _read(content, bank.addresses.package(public.line_id))


def bank_statements(bank: BankSettings) -> Statements:
    """What the head of the catalogue says of the bank."""
    return _read(render_catalog_head(bank, "", "")["catalog.jsonld"], bank.addresses.catalog())


def _read(content: bytes, subject: str) -> Statements:
    return Statements(subject=subject, nodes={node["@id"]: node for node in json.loads(content)})
