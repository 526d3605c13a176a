"""Where things lie in a published folder, and what its documents say. Pure: nothing is read.

A *container* is the list of files that one part of a release added. While it is closed its files lie in ``.staging``,
under names that say nothing; when it opens they are renamed to where everybody reads them. An open file belongs to the
folder of the version that brought it, so that its address follows from there alone. The folder of a version is whole:
what a new version has in common with the one before is there twice, else the paths in its descriptor and the addresses
in its DCAT would lead nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from catalog.identifiers import Addresses
from publish.targets.publication import LEDGER, MANIFEST, FileKey, Publication, PublishedFile, PublishedPackage
from publish.targets.state import Limits, Shown, Urls

#: The forms of the documents, as their first member says.
FILES_FORM = "fairline-files-1"
PACKAGE_FORM = "fairline-package-1"
POINTER_FORM = "fairline-pointer-1"

STAGING = ".staging"
LOCK = f"{STAGING}/lock"
POINTER = "release.json"

_SHORT_DIGEST = 12


def record_path(package: str) -> str:
    """Where the record of links of a package lies."""
    return f"package/{package}.json"


def list_path(container: str) -> str:
    """Where the list of an open container lies."""
    release, _, number = container.rpartition("-p")
    return f"release/{release}/files-p{number}.json"


def staged_folder(container: str) -> str:
    """Where a closed container lies."""
    return f"{STAGING}/{container}"


def staged_list(container: str) -> str:
    """Where the list of a closed container lies."""
    return f"{staged_folder(container)}/files.json"


def staged_path(container: str, key: FileKey) -> str:
    """Where a file of a closed container lies: other bytes have another name, and no name says anything."""
    return f"{staged_folder(container)}/{hashlib.sha256(chr(0).join(key).encode()).hexdigest()}"


@dataclass(slots=True)
class FolderLayout:
    """The layout of one folder.

    Attributes:
        url: where the folder is served; ends with a slash.
        versions: the release in which each package's version first appeared.
        taken: the digest of the document that has a place already, by place; such documents never change.
        limits: how much goes where.
        keeps_paths: yes: a file's address ends with its path in the package.
    """

    url: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    keeps_paths: bool = True

    def container(self, release: str, number: int) -> str:
        """The name of a release's n-th container."""
        return f"{release}-p{number:02d}"

    def is_linked(self, file: PublishedFile) -> bool:
        """No file stays in the bank."""
        return False

    def folder(self, container: str, file: PublishedFile) -> str:
        """The folder that a file of a closed container goes to: that of its package's version, or of the release.

        A document of a release that has its place already is not replaced: another one goes to a folder of its own.
        """
        if file.package:
            return f"package/{file.package}/{self.versions[file.package]}/files"
        release = f"release/{container.rpartition('-p')[0]}"
        if self.taken.get(f"{release}/{file.path}", file.sha256) != file.sha256:
            return f"{release}/{file.sha256[:_SHORT_DIGEST]}"
        return release

    def place(self, container: str, file: PublishedFile) -> str:
        """Where everybody reads a file, below the folder."""
        is_open = container.startswith(("package/", "release/"))
        return f"{container if is_open else self.folder(container, file)}/{file.path}"

    def address(self, container: str, file: PublishedFile) -> str:
        """The address of that place."""
        return self.url + quote(self.place(container, file))

    def place_of(self, url: str) -> str:
        """The place of an address of this folder."""
        return unquote(url.removeprefix(self.url))

    def link(self, release: str, file: PublishedFile) -> str:
        """The bank's own address of a file; no file of a folder is linked."""
        return Addresses(self.url).file(file.package, release, file.path)

    def changes(self, publication: Publication, package: PublishedPackage, urls: Urls, shown: Shown) -> Sequence[str]:
        """The members in which a record of links is not what it should be."""
        return list(_differences(package_document(publication, package, urls), shown.document))

    def addresses(self, publication: Publication, urls: Urls) -> Mapping[str, str]:
        """The pointer, and the manifest that it names."""
        manifest = next(url for (package, path, _), url in urls.items() if (package, path) == ("", MANIFEST))
        return {"current release": self.url + POINTER, "manifest": manifest}

    def pointer_changes(self, publication: Publication, urls: Urls, shown: Shown) -> Sequence[str]:
        """The members in which the pointer is not what it should be."""
        return list(_differences(pointer_document(publication, urls), shown.document))


def _differences(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> Iterator[str]:
    for name in dict.fromkeys([*wanted, *shown]):
        if name not in wanted or name not in shown or wanted[name] != shown[name]:
            yield name


def package_document(publication: Publication, package: PublishedPackage, urls: Urls) -> dict[str, Any]:
    """The record of links of a package, or its tombstone.

    Args:
        publication: the release.
        package: one of its packages.
        urls: where each file is read.
    """
    members: dict[str, Any] = {
        "form": PACKAGE_FORM,
        "id": package.id,
        "iri": publication.bank.addresses.package(package.id),
    }
    if package.withdrawal is not None:
        return {**members, "withdrawn": {"date": package.withdrawal.date, "reason": package.withdrawal.reason}}
    record = package.record
    assert record is not None
    return {
        **members,
        "release": package.release,
        "package_version": package.version,
        "title": record.title,
        "description": record.description,
        "licence": record.record.get("licence"),
        "tier": record.tier,
        "files": [_link(each, urls[each.key]) for each in package.files],
        "restricted": [{**asdict(each), **_lists(each.duo, each.accessions)} for each in record.restricted],
    }


def _link(file: PublishedFile, url: str) -> dict[str, Any]:
    return {
        "path": file.path,
        "url": url,
        "bytes": file.bytes,
        "sha256": file.sha256,
        "mediatype": file.mediatype,
        "title": file.title,
    }


def _lists(duo: Sequence[str], accessions: Sequence[str]) -> dict[str, list[str]]:
    """As JSON gives them back."""
    return {"duo": list(duo), "accessions": list(accessions)}


def pointer_document(publication: Publication, urls: Urls) -> dict[str, Any]:
    """What ``release.json`` says: which release it is, and where its manifest lies, with its digest.

    Args:
        publication: the release.
        urls: where each file is read, the release's documents too.
    """
    line = publication.line
    documents = {key[1]: {"url": url, "sha256": key[2]} for key, url in urls.items() if not key[0]}
    files = list(publication.files())
    return {
        "form": POINTER_FORM,
        "base_iri": publication.bank.base_iri,
        "release": publication.release,
        "issued": line.issued,
        "sequence": line.sequence,
        "manifest": documents[MANIFEST],
        "ledger": documents[LEDGER],
        "ledger_line_sha256": line.bytes_sha256,
        "signature": line.signature,
        "counts": {
            "packages": len(publication.live),
            "withdrawn": len(publication.packages) - len(publication.live),
            "files": len(files),
            "bytes": sum(each.bytes for each in files),
        },
    }
