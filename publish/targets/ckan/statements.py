"""What the released documents of a package say, read back, so that the portal is told the same in CKAN's words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from catalog.errors import IntegrityError
from catalog.model import BankSettings
from catalog.package import DESCRIPTOR
from publish.exports.bank_catalog import render_catalog_head
from publish.exports.dcat import DCAT
from publish.exports.graph import PREFIXES
from publish.targets.publication import PublishedPackage

_DCAT = "dcat.jsonld"
_CITATION = "citation.txt"


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
        values: list[Mapping[str, Any]] = self.nodes.get(self.subject if subject is None else subject, {}).get(
            PREFIXES[prefix] + local, []
        )
        return values


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What the documents of a version say of it; what a document of an older release has not is empty.

    Attributes:
        said: the DCAT.
        keywords: those of the descriptor.
        fingerprint: that of the descriptor.
        citation: how to cite the version.
    """

    said: Statements
    keywords: tuple[str, ...] = ()
    fingerprint: str = ""
    citation: str = ""

    @property
    def access_instructions(self) -> str:
        """What is not public and how to ask for it, a line for each kind of data; empty when everything is public."""
        stem = f"{self.said.subject}#restricted-"
        closed = sorted(each for each in self.said.links("dcat:distribution") if each.startswith(stem))
        return "\n".join(dict.fromkeys(words for each in closed for words in self.said.texts("dct:description", each)))


def read_description(package: PublishedPackage, bank: BankSettings) -> Description:
    """The description of a version, from its own stored documents; a DCAT that was not stored is made anew.

    Args:
        package: one that is not withdrawn.
        bank: the bank's settings.

    Raises:
        IntegrityError: a document is not what was released.
    """
    stored = _stored(package)
    members: Mapping[str, Any] = msgspec.json.decode(stored.get(DESCRIPTOR, b"{}"))
    return Description(
        said=_package_statements(package, stored.get(_DCAT), bank),
        keywords=tuple(members.get("keywords", ())),
        fingerprint=str(members.get("fingerprint", "")),
        citation=stored.get(_CITATION, b"").decode().strip(),
    )


def _stored(package: PublishedPackage) -> dict[str, bytes]:
    """The documents that are read, by path."""
    found = {}
    for file in package.files:
        if file.path in {_DCAT, DESCRIPTOR, _CITATION}:
            with file.open() as stream:
                content = stream.read()
            got = hashlib.sha256(content).hexdigest()
            if got != file.sha256:
                raise IntegrityError(
                    "content-damaged", f"{file.path} is not what was released", at=file.label, want=file.sha256, got=got
                )
            found[file.path] = content
    return found


def _package_statements(package: PublishedPackage, stored: bytes | None, bank: BankSettings) -> Statements:
    subject = bank.addresses.package(package.id)
    if stored is not None:
        said = _read(stored, subject)
        if said.about(subject):
            return said
    assert package.record is not None
    return _read(DCAT.render(package.record, bank)[_DCAT], subject)


def bank_statements(bank: BankSettings) -> Statements:
    """What the head of the catalogue says of the bank."""
    return _read(render_catalog_head(bank, "", "")["catalog.jsonld"], bank.addresses.catalog())


def _read(content: bytes, subject: str) -> Statements:
    """The statements of expanded JSON-LD; of another form, which a plug-in may write, none."""
    nodes = msgspec.json.decode(content)
    return Statements(subject=subject, nodes={node["@id"]: node for node in nodes} if isinstance(nodes, list) else {})
