"""What tests of CKAN's fields share: a portal, files, whole datasets, and where two DCATs may differ."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from catalog.access import PublicRecord
from catalog.model import BankSettings
from catalog.package import DESCRIPTOR, documents
from publish.exports.citation import CITATION
from publish.exports.dcat import DCAT
from publish.targets.ckan.fields import SCHEMA_KEYS, Site
from publish.targets.ckan.resources import RESOURCE_KEYS, line_dataset
from publish.targets.publication import PublishedFile, PublishedPackage, document

Link = Callable[[PublishedFile], str]

#: A portal with ckanext-dcat's schema ``dcat_ap_full``, and one without ckanext-scheming.
FULL = Site(
    organization="bank",
    schema_fields=SCHEMA_KEYS
    | {"title", "name", "notes", "tag_string", "license_id", "owner_org", "url", "version", "frequency"},
    resource_fields=RESOURCE_KEYS
    - {"accession", "assembly", "edam_format", "modality", "passage", "path", "role", "sample_id", "tier"},
    address="https://portal.example.org",
)
PLAIN = Site(
    organization="bank",
    schema_fields=frozenset(),
    resource_fields=frozenset(),
    address="https://portal.example.org",
)


def package_of(public: PublicRecord, bank: BankSettings, *, version: str = "v1") -> PublishedPackage:
    """A package as a release has it."""
    return PublishedPackage(id=public.line_id, version=version, record=public, files=files_of(public, bank))


def files_of(public: PublicRecord, bank: BankSettings) -> tuple[PublishedFile, ...]:
    """The description of a package and what it lists, then documents that are not listed."""
    made = documents(public, bank)
    members: dict[str, Any] = json.loads(made[DESCRIPTOR])
    listed = [
        PublishedFile(
            package=public.line_id,
            path=each["path"],
            bytes=each["bytes"],
            sha256=each["hash"].removeprefix("sha256:"),
            mediatype=each["mediatype"],
            title=each["title"],
            format=each.get("file_format"),
            edam_format=each.get("edam_format"),
            is_document=each.get("kind") != "file",
        )
        for each in members["resources"]
    ]
    citation, dcat = CITATION.render(public, bank), DCAT.render(public, bank)
    return (
        _document(public, DESCRIPTOR, made[DESCRIPTOR], "application/json"),
        *listed,
        _document(public, "README.md", made["README.md"], "text/markdown"),
        _document(public, "citation.txt", citation["citation.txt"], "text/plain"),
        _document(public, "dcat.jsonld", dcat["dcat.jsonld"], "application/ld+json"),
    )


def _document(public: PublicRecord, path: str, content: bytes, mediatype: str) -> PublishedFile:
    made = document(path, content, mediatype, f"Document {path}")
    return replace(made, package=public.line_id)


def link_of(file: PublishedFile) -> str:
    """Where the tests' portal gives a file."""
    return f"https://files.example.org/{file.path}"


def dataset_of(
    package: PublishedPackage, bank: BankSettings, site: Site = FULL, *, link: Link = link_of
) -> dict[str, Any]:
    """The whole dataset of a line as it is sent, resources with ids of their own."""
    made = line_dataset(package, {each.key: link(each) for each in package.files}, bank, site)
    for each in made["resources"]:
        each["id"] = str(uuid.uuid5(uuid.NAMESPACE_URL, each["uri"]))
    return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Where the DCAT of CKAN may differ from ours (the table in docs/ckan-fields.md).

    Attributes:
        where: ``dataset``, ``file``, ``contact``, ``publisher``, ``place`` or ``licence``.
        name: the property.
        side: whose statement the other has not: ``CKAN`` or ``ours``.
        reason: why.
    """

    where: str
    name: str
    side: str
    reason: str

    @property
    def row(self) -> str:
        """The row of the table."""
        return f"| {self.where} | `{self.name}` | {self.side} | {self.reason} |"


_TERMS = "CKAN has no field for subjects: the terms are themes there"
_NOTE = "the same sentence: CKAN has a field for notes on the version only"
_LINE = "the same line: CKAN states it as a qualified relation with the role 'about'"
_NAME = "the portal's list cuts long names: a file stands under its name there, and its description says what it is"
_TYPE = "the type as text: Croissant and CKAN's pages want it so, the plug-in does not turn it into an address"
_FORMAT = "a short name as text (`VCF`): CKAN shows it on every page and filters by it"
_COPY = "the address where this portal's readers get the bytes; the subject is our address of the file"
_MODIFIED = "CKAN would state a date of its own; a file of a version never changes"
_CLOSED = "what is not public is no resource, since Croissant wants a digest of each; it stands in the description"

ALLOWED = (
    Allowed(where="dataset", name="dct:subject", side="ours", reason=_TERMS),
    Allowed(where="dataset", name="dcat:theme", side="CKAN", reason=_TERMS),
    Allowed(
        where="dataset",
        name="obo:OBI_0000312",
        side="ours",
        reason="CKAN has no field for statements of an ontology; the terms are themes there",
    ),
    Allowed(where="dataset", name="dct:isPartOf", side="ours", reason="the portal has a catalogue of its own"),
    Allowed(
        where="dataset",
        name="dct:isReferencedBy",
        side="CKAN",
        reason="our DCAT says it of the line, which is no node on the portal",
    ),
    Allowed(where="dataset", name="skos:note", side="ours", reason=_NOTE),
    Allowed(where="dataset", name="adms:versionNotes", side="CKAN", reason=_NOTE),
    Allowed(where="dataset", name="prov:wasDerivedFrom", side="ours", reason=_LINE),
    Allowed(where="dataset", name="dcat:qualifiedRelation", side="CKAN", reason=_LINE),
    Allowed(
        where="dataset",
        name="dct:provenance",
        side="both",
        reason="CKAN has one statement of provenance: the sentences are its lines",
    ),
    Allowed(
        where="dataset",
        name="dcat:distribution",
        side="CKAN",
        reason="our DCAT does not list the documents `README.md`, `report.json`, citations and itself",
    ),
    Allowed(where="dataset", name="dcat:distribution", side="ours", reason=_CLOSED),
    Allowed(
        where="dataset",
        name="dct:description",
        side="both",
        reason="CKAN's has another paragraph: what is not public, and how to ask for it",
    ),
    Allowed(
        where="dataset",
        name="dcat:keyword",
        side="both",
        reason="CKAN refuses some characters in tags: a space stands there",
    ),
    Allowed(where="file", name="dct:title", side="both", reason=_NAME),
    Allowed(where="file", name="dcat:mediaType", side="both", reason=_TYPE),
    Allowed(where="file", name="dct:format", side="both", reason=_FORMAT),
    Allowed(where="file", name="dcat:accessURL", side="both", reason=_COPY),
    Allowed(where="file", name="dcat:downloadURL", side="both", reason=_COPY),
    Allowed(where="file", name="dct:modified", side="CKAN", reason=_MODIFIED),
    Allowed(where="file", name="adms:status", side="CKAN", reason="a released file is complete"),
    Allowed(
        where="file",
        name="dct:relation",
        side="ours",
        reason="the plug-in knows no relation of a distribution; the accession is a field of the resource",
    ),
    Allowed(
        where="licence",
        name="dct:type",
        side="both",
        reason="the plug-in calls every licence of 'unknown IPR' (its source says 'TODO'); our DCAT says which kind it is",
    ),
)
