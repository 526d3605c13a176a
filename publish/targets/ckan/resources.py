"""The dataset of a line with its files as resources (docs/ckan-fields.md).

A resource is CKAN's word for what DCAT calls a distribution. Its ``uri`` is our own address of the file, whichever
server gives the bytes. What is not public is no resource: Croissant wants the digest of every one.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from catalog.access import PublicFile
from catalog.model import BankSettings
from catalog.package import DESCRIPTOR
from publish.targets.ckan.fields import Site, line_fields
from publish.targets.ckan.statements import Statements, read_description
from publish.targets.publication import PublishedFile, PublishedPackage
from publish.targets.state import Urls

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
        "edam_format",
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
#: Codes of the EU list that say less than our own name of a format.
_VAGUE = frozenset({"GZIP", "OCTET", "TXT"})
_DOCUMENT_WORDS = "Document of the package, made by fairline."
_TOLD = ("accession", "assembly", "modality", "passage", "role", "sample_id")


def line_dataset(package: PublishedPackage, urls: Urls, bank: BankSettings, site: Site) -> dict[str, Any]:
    """The dataset of a line that is not withdrawn, without ids.

    Args:
        package: the package; its files become resources in their order.
        urls: where this portal's readers get the bytes of each file.
        bank: the bank's settings.
        site: the portal.

    Raises:
        IntegrityError: a document of the package is not what was released.
    """
    public = package.record
    assert public is not None
    described = read_description(package, bank)
    rows = {each.path: each for each in public.files}
    addresses = [bank.addresses.file(package.id, public.release, each.path) for each in package.files]
    resources = [
        _link(described.said, each, rows.get(each.path), (urls[each.key], iri), site)
        for each, iri in zip(package.files, addresses, strict=True)
    ]
    return {**line_fields(package, described, bank, site), "resources": resources}


def _link(
    said: Statements, file: PublishedFile, row: PublicFile | None, addresses: tuple[str, str], site: Site
) -> dict[str, Any]:
    url, iri = addresses
    # What our DCAT does not list (README.md, the DCAT itself) is held like the description of the package.
    like = iri if said.about(iri) else iri.removesuffix(quote(file.path)) + DESCRIPTOR
    conforms = said.links("dct:conformsTo", iri)
    values = {
        "name": _name(said, file, iri),
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


def _name(said: Statements, file: PublishedFile, iri: str) -> str:
    """What the portal's list shows, of which it cuts the end: a curator's file by its name, a document by its title."""
    title = said.text("dct:title", iri) or file.title or file.path
    return title if file.is_document else file.path.rpartition("/")[2]


def _format(said: Statements, file: PublishedFile, iri: str) -> str:
    """A short name, which CKAN shows and filters by: our own where the EU list is vague, as for VCF."""
    code = said.link("dct:format", iri).rpartition("/")[2]
    if code in _VAGUE and file.format and file.format != "text":
        return file.format.upper()
    return code or file.path.rpartition(".")[2].upper()


def _held(values: dict[str, Any], site: Site) -> dict[str, Any]:
    """What says something; lists as JSON where the schema does not know the field."""
    held = {}
    for name, value in values.items():
        if value in ("", None, []):
            continue
        held[name] = json.dumps(value) if isinstance(value, list) and name not in site.resource_fields else value
    return held
