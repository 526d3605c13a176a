"""``manifest.json`` of a publication: package to version to file to address, size and digest.

The pointer of a target names one manifest with its digest. Whoever follows it reads one release, whole, whatever a
listing of the target shows at that moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.package.documents import render_json
from publish.targets.publication import MANIFEST, FileKey, Publication, PublishedFile, document

FORM = "fairline-manifest-1"


def render_manifest(publication: Publication, urls: Mapping[FileKey, str]) -> PublishedFile:
    """The manifest as a document of the release.

    Args:
        publication: the release.
        urls: where everybody reads each file, the release's documents too.
    """
    addresses = publication.bank.addresses
    packages: dict[str, Any] = {}
    for package in publication.packages:
        if package.withdrawal is not None:
            gone = package.withdrawal
            packages[package.id] = {"withdrawn": {"date": gone.date, "reason": gone.reason}}
            continue
        packages[package.id] = {
            "version": package.version,
            "release": package.release,
            "iri": addresses.package(package.id, package.release),
            "files": {each.path: _member(each, urls) for each in package.files},
        }
    members = {
        "form": FORM,
        "release": publication.release,
        "issued": publication.line.issued,
        "base_iri": publication.bank.base_iri,
        "sequence": publication.line.sequence,
        "ledger_line_sha256": publication.line.bytes_sha256,
        "documents": {each.path: _member(each, urls) for each in publication.documents},
        "packages": packages,
    }
    title = f"Manifest of release {publication.release}: every file with its address, size and sha256"
    return document(MANIFEST, render_json(members), "application/json", title)


def _member(file: PublishedFile, urls: Mapping[FileKey, str]) -> dict[str, Any]:
    return {"url": urls[file.key], "bytes": file.bytes, "sha256": file.sha256}
