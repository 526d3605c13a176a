"""The files of a package as resources of a CKAN dataset (docs/ckan-fields.md).

A resource is CKAN's word for what DCAT calls a distribution. Its ``uri`` is our own address of the file, whichever
server gives the bytes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol
from urllib.parse import quote

from catalog.access import PublicFile, PublicRecord, Restricted
from catalog.model import BankSettings
from catalog.package import DESCRIPTOR
from publish.targets.ckan.fields import Site
from publish.targets.ckan.statements import Statements, package_statements

#: Everything that a resource of a line's dataset may have.
RESOURCE_KEYS = frozenset(
    {
        "access_url",
        "accession",
        "assembly",
        "availability",
        "compress_format",
        "conforms_to",
        "description",
        "download_url",
        "duo",
        "edam_format",
        "embargo_until",
        "format",
        "hash",
        "hash_algorithm",
        "issued",
        "license",
        "mimetype",
        "modality",
        "modified",
        "name",
        "passage",
        "path",
        "rights",
        "role",
        "sample_id",
        "size",
        "status",
        "tier",
        "uri",
        "url",
    }
)
_SHA256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
_IANA = "https://www.iana.org/assignments/media-types/"
_COMPLETED = "http://purl.org/adms/status/Completed"
_RESTRICTED = "http://publications.europa.eu/resource/authority/access-right/RESTRICTED"
#: Codes of the EU list that say less than our own name of a format.
_VAGUE = frozenset({"GZIP", "OCTET", "TXT"})
_DOCUMENT_WORDS = "Document of the package, made by fairline."
_TOLD = ("accession", "assembly", "modality", "passage", "role", "sample_id")


class LinkedFile(Protocol):
    """A file of a version that the portal gets a link to."""

    @property
    def path(self) -> str:
        """Its path in the package."""

    @property
    def bytes(self) -> int:
        """Its size."""

    @property
    def sha256(self) -> str:
        """Its digest, 64 hexadecimal digits."""

    @property
    def mediatype(self) -> str:
        """Its media type."""

    @property
    def format(self) -> str | None:
        """Our name of its format."""

    @property
    def edam_format(self) -> str | None:
        """The CURIE of its format in EDAM."""

    @property
    def title(self) -> str:
        """One line of text for lists."""

    @property
    def is_document(self) -> bool:
        """Whether fairline made it, and no curator."""


def file_link(public: PublicRecord, file: LinkedFile, url: str, bank: BankSettings, site: Site) -> dict[str, Any]:
    """The resource of one file; for the files of a line use :func:`file_links`, which reads the record once.

    Args:
        public: the public record of the version that holds the file.
        file: the file.
        url: where this portal's readers get the bytes.
        bank: the bank's settings.
        site: the portal.
    """
    return file_links(public, [(file, url)], bank, site)[0]


def file_links(
    public: PublicRecord, files: Iterable[tuple[LinkedFile, str]], bank: BankSettings, site: Site
) -> list[dict[str, Any]]:
    """The resources of files, each with the address where this portal's readers get the bytes, in the order given."""
    said = package_statements(public, bank)
    rows = {each.path: each for each in public.files}
    return [_link(said, file, rows.get(file.path), (url, _iri(public, file, bank)), site) for file, url in files]


def _iri(public: PublicRecord, file: LinkedFile, bank: BankSettings) -> str:
    return bank.addresses.file(public.line_id, public.release, file.path)


def _link(
    said: Statements, file: LinkedFile, row: PublicFile | None, addresses: tuple[str, str], site: Site
) -> dict[str, Any]:
    url, iri = addresses
    # What our DCAT does not list (README.md, the DCAT itself) is held like the description of the package.
    like = iri if said.about(iri) else iri.removesuffix(quote(file.path)) + DESCRIPTOR
    conforms = said.links("dct:conformsTo", iri)
    values = {
        "name": said.text("dct:title", iri) or file.title or file.path,
        "description": said.text("dct:description", iri) or _DOCUMENT_WORDS,
        "url": url,
        "access_url": url,
        "download_url": url,
        "uri": iri,
        "format": _format(said, file, iri),
        "mimetype": said.link("dcat:mediaType", iri).removeprefix(_IANA) or file.mediatype,
        "compress_format": said.link("dcat:compressFormat", iri),
        "size": file.bytes,
        "hash": file.sha256,
        "hash_algorithm": _SHA256,
        "license": said.link("dct:license", like),
        "availability": said.link("dcatap:availability", like),
        "status": _COMPLETED,
        "issued": said.text("dct:issued", like),
        "modified": said.text("dct:issued", like),
        "conforms_to": conforms,
        "edam_format": next(iter(conforms), "") if file.edam_format else "",
        "path": file.path,
        "tier": "open",
        **({name: getattr(row, name) for name in _TOLD} if row else {"role": "document" if file.is_document else ""}),
    }
    return _held(values, site)


def _format(said: Statements, file: LinkedFile, iri: str) -> str:
    """A short name, which CKAN shows and filters by: our own where the EU list is vague, as for VCF."""
    code = said.link("dct:format", iri).rpartition("/")[2]
    if code in _VAGUE and file.format and file.format != "text":
        return file.format.upper()
    return code or file.path.rpartition(".")[2].upper()


def restricted_links(public: PublicRecord, bank: BankSettings, site: Site) -> list[dict[str, Any]]:
    """One resource for each kind of data that is not open: how to ask for it, never a name, size, digest or count."""
    said = package_statements(public, bank)
    subjects = sorted(
        each for each in said.links("dcat:distribution") if each.startswith(f"{said.subject}#restricted-")
    )
    by_subject = {_restricted_iri(said.subject, each, subjects): each for each in public.restricted}
    return [_closed(said, iri, by_subject[iri], site) for iri in subjects if iri in by_subject]


def _restricted_iri(package: str, closed: Restricted, subjects: list[str]) -> str:
    """The address that our DCAT gave it."""
    whole = f"{package}#restricted-{closed.modality}" + (f"-{closed.embargo_until}" if closed.embargo_until else "")
    plain = f"{package}#restricted-{closed.modality}"
    return next((each for each in (whole, plain) if each in subjects), f"{package}#restricted-other")


def _closed(said: Statements, iri: str, closed: Restricted, site: Site) -> dict[str, Any]:
    values = {
        "name": said.text("dct:title", iri),
        "description": said.text("dct:description", iri),
        "url": said.link("dcat:accessURL", iri),
        "access_url": said.link("dcat:accessURL", iri),
        "uri": iri,
        "rights": _RESTRICTED,
        "availability": said.link("dcatap:availability", iri),
        "tier": closed.tier,
        "modality": closed.modality,
        "embargo_until": closed.embargo_until or "",
        "duo": ", ".join(closed.duo),
        "accession": ", ".join(closed.accessions),
        # Without these CKAN states its own dates of the entry.
        "issued": said.text("dct:issued"),
        "modified": said.text("dct:issued"),
    }
    return _held(values, site)


def _held(values: dict[str, Any], site: Site) -> dict[str, Any]:
    """What says something; lists as JSON where the schema does not know the field."""
    held = {}
    for name, value in values.items():
        if value in ("", None, []):
            continue
        held[name] = json.dumps(value) if isinstance(value, list) and name not in site.resource_fields else value
    return held
