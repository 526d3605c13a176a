"""Where things lie on a CKAN, and what its datasets should say. Pure: nothing is asked.

A release is one or more *files datasets*, a line is one *dataset of links* that stays the same dataset for ever, and
the *bank dataset* is the pointer (docs/targets.md).
"""

from __future__ import annotations

import mimetypes
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from publish.targets.ckan.comparison import differences
from publish.targets.ckan.documents import bank_dataset, files_dataset, manifest_of
from publish.targets.ckan.fields import Site, tombstone_fields
from publish.targets.ckan.resources import line_dataset
from publish.targets.descriptor import WHOLE_DESCRIPTOR
from publish.targets.publication import Publication, PublishedFile, PublishedPackage
from publish.targets.state import Limits, Shown, Urls

UPLOAD = "upload"
LINK = "link"

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:fairline:ckan")


def dataset_id(base_iri: str, name: str) -> str:
    """The id of a dataset of ours, where the user may choose it (CKAN lets sysadmins alone)."""
    return str(uuid.uuid5(_NAMESPACE, f"dataset {base_iri} {name}"))


def resource_id(dataset: str, file: PublishedFile | tuple[str, str, str]) -> str:
    """The id of a file in a dataset: other bytes are another resource, so that nothing is ever overwritten."""
    package, path, digest = file if isinstance(file, tuple) else file.key
    return str(uuid.uuid5(_NAMESPACE, f"resource {dataset} {package} {path} {digest}"))


def served_name(file: PublishedFile) -> str:
    """The last part of a file's address on the portal: its name, but ``.GZ`` for ``.gz``.

    CKAN takes the media type of a download from that part, and marks ``.gz`` with ``Content-Encoding``: clients then
    unpack the file on the way, and its digest is another one. Of ``.GZ`` it knows nothing, and tools for gzip do.
    """
    name = file.path.rpartition("/")[2]
    if not _is_encoded(name):
        return name
    stem, _, suffix = name.rpartition(".")
    swapped = f"{stem}.{suffix.swapcase()}"
    return swapped if not _is_encoded(swapped) else upload_name(file)


def upload_name(file: PublishedFile) -> str:
    """The name that a file is sent under, which CKAN puts into its own address, in lower case."""
    name = file.path.rpartition("/")[2]
    return f"{name}.bytes" if _is_encoded(name.lower()) else name


def _is_encoded(name: str) -> bool:
    return mimetypes.guess_type(name, strict=False)[1] is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What the settings say.

    Attributes:
        prefix: the start of the names of files datasets and of the bank dataset.
        delivery: ``upload`` or ``link``.
        link_above_bytes: larger files are linked even so; None for no bound.
        files_url: where linked files are read, ends with a slash; the bank's base IRI unless set.
    """

    prefix: str
    delivery: str = UPLOAD
    link_above_bytes: int | None = None
    files_url: str | None = None


@dataclass(slots=True)
class CkanLayout:
    """The layout on one portal.

    Attributes:
        site: what is known of the portal.
        choices: what the settings say.
        limits: how much goes where.
        keeps_paths: no: each file has an address of its own.
        base_iri: of the bank; known when a publication was read.
    """

    site: Site
    choices: Choices
    limits: Limits = field(default_factory=Limits)
    keeps_paths: bool = False
    base_iri: str = ""
    _wanted: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def bank_name(self) -> str:
        """The name of the bank dataset."""
        return f"{self.choices.prefix}-bank"

    def container(self, release: str, number: int) -> str:
        """The name of a release's n-th files dataset; dots are refused in names."""
        return f"{self.choices.prefix}-files-{release.replace('.', '-')}-p{number:02d}"

    def is_linked(self, file: PublishedFile) -> bool:
        """Whether a file stays in the bank: all of them, or the large ones; documents of a release never."""
        if not file.package:
            return False
        bound = self.choices.link_above_bytes
        return self.choices.delivery == LINK or (bound is not None and file.bytes > bound)

    def address(self, container: str, file: PublishedFile) -> str:
        """The download address of an uploaded file. It has the dataset's name, which editors can know in advance."""
        return self.site.address + self.download(container, file)

    def download(self, container: str, file: PublishedFile) -> str:
        """The path of that address."""
        name = quote(served_name(file))
        return f"/dataset/{container}/resource/{resource_id(container, file)}/download/{name}"

    def link(self, release: str, file: PublishedFile) -> str:
        """The address of a file that stays in the bank; ``files_url`` takes the place of the base IRI."""
        stem = self.choices.files_url or self.base_iri
        return f"{stem}package/{file.package}/{release}/files/{quote(file.path)}"

    def changes(self, publication: Publication, package: PublishedPackage, urls: Urls, shown: Shown) -> Sequence[str]:
        """The fields in which a line's dataset is not what it should be."""
        return differences(self.line_dataset(publication, package, urls), shown.document)

    def pointer_changes(self, publication: Publication, urls: Urls, shown: Shown) -> Sequence[str]:
        """The fields in which the bank dataset is not what it should be."""
        return differences(self.bank_dataset(publication, urls), shown.document)

    def addresses(self, publication: Publication, urls: Urls) -> Mapping[str, str]:
        """The pages of the organization and of the bank dataset, and the manifest."""
        stem = self.site.address
        return {
            "datasets": f"{stem}/organization/{self.site.organization}",
            "current release": f"{stem}/dataset/{self.bank_name}",
            "manifest": manifest_of(urls)[0],
        }

    def line_dataset(self, publication: Publication, package: PublishedPackage, urls: Urls) -> dict[str, Any]:
        """The whole dataset of a line: metadata and links, or a tombstone."""
        key = (publication.release, package.id, publication.line.bytes_sha256)
        if key not in self._wanted:
            self._wanted[key] = self._line_dataset(publication, package, urls)
        return self._wanted[key]

    def _line_dataset(self, publication: Publication, package: PublishedPackage, urls: Urls) -> dict[str, Any]:
        bank = publication.bank
        if package.record is None:
            assert package.withdrawal is not None
            return tombstone_fields(package.id, package.id, package.withdrawal, bank, self.site)
        package = replace(package, files=tuple(sorted(package.files, key=lambda each: (each.is_document, each.path))))
        dataset = line_dataset(package, urls, bank, self.site)  # the list on the page begins with the data
        for link, file in zip(dataset["resources"], package.files, strict=True):
            link["id"] = resource_id(dataset["name"], file)
            if file.path == WHOLE_DESCRIPTOR:
                link["uri"] = link["url"]  # the bank itself does not have this file
        return dataset

    def bank_dataset(self, publication: Publication, urls: Urls) -> dict[str, Any]:
        """The whole bank dataset, with the release as what it points at."""
        dataset = bank_dataset(publication, urls, self.bank_name, self.site)
        for link in dataset["resources"]:
            link["id"] = resource_id(self.bank_name, ("", str(link["name"]), str(link["hash"])))
        return dataset

    def files_dataset(self, publication: Publication, container: str) -> dict[str, Any]:
        """A files dataset as it is made: closed and empty."""
        return files_dataset(publication, container, self.site)

    def file_resource(self, container: str, file: PublishedFile) -> Mapping[str, Any]:
        """The resource of an uploaded file."""
        return {
            "id": resource_id(container, file),
            "name": file.label,
            "description": f"{file.title}. Part of {file.package}." if file.package else f"{file.title}.",
            "url": quote(upload_name(file)),
            "format": file.path.rpartition(".")[2].upper(),
            "mimetype": file.mediatype,
            "size": file.bytes,
            "hash": file.sha256,
            "hash_algorithm": "https://spdx.org/rdf/terms#checksumAlgorithm_sha256",
            "line_id": file.package,
            "path": file.path,
            **({"license": file.licence} if file.licence else {}),
        }
