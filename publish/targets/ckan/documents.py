"""The datasets that are no line's: the bank dataset, which is the pointer, and the files datasets. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from publish.targets.ckan.fields import LONGEST_BYTES, Site, bank_fields, placed
from publish.targets.publication import MANIFEST, Publication, PublishedFile
from publish.targets.state import Urls

_SHA256 = "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"


def bank_dataset(publication: Publication, urls: Urls, name: str, site: Site) -> dict[str, Any]:
    """The bank dataset that names a release.

    Args:
        publication: the release.
        urls: where each file is read.
        name: the dataset's name.
        site: the portal.
    """
    bank, line = publication.bank, publication.line
    manifest_url, manifest_sha256 = manifest_of(urls)
    files = list(publication.files())
    stored = line.stored_bytes().decode()
    extras = {
        "files": str(len(files)),
        "files_bytes": str(sum(each.bytes for each in files)),
        "issued_at": line.issued,
        "ledger_line": stored if len(stored.encode()) <= LONGEST_BYTES else "",
        "ledger_line_sha256": line.bytes_sha256,
        "ledger_sequence": str(line.sequence),
        "manifest_sha256": manifest_sha256,
        "manifest_url": manifest_url,
        "packages": str(len(publication.live)),
        "release": publication.release,
        "signature": line.signature,
        "withdrawn_packages": str(len(publication.packages) - len(publication.live)),
    }
    schema = {
        "uri": f"{bank.addresses.release('')}",
        "identifier": bank.addresses.release(""),
        "issued": publication.line.issued,
        "modified": publication.line.issued,
        "version_notes": line.message,
    }
    notes = (
        f"The current release of {bank.title} is {publication.release}: {len(publication.live)} packages with "
        f"{len(files)} files. manifest.json lists every file with its address, size and sha256; ledger.jsonl proves them."
    )
    core = {
        "name": name,
        "title": f"{bank.title}: current release",
        "notes": notes,
        "owner_org": site.organization,
        "version": publication.release,
        "url": bank.addresses.release(publication.release),
        "private": False,
        "maintainer": "",
    }
    documents = [(each, urls[each.key]) for each in publication.documents]
    resources = [_manifest_link(publication, manifest_url, manifest_sha256)]
    resources += [_link(each, url) for each, url in documents]
    return {**placed(core, {**bank_fields(bank), **schema}, extras, site), "resources": resources}


def manifest_of(urls: Urls) -> tuple[str, str]:
    """Address and digest of the manifest."""
    return next((url, digest) for (package, path, digest), url in urls.items() if (package, path) == ("", MANIFEST))


def _manifest_link(publication: Publication, url: str, digest: str) -> dict[str, Any]:
    return {
        "name": MANIFEST,
        "description": f"Every file of release {publication.release} with its address, size and sha256.",
        "url": url,
        "format": "JSON",
        "mimetype": "application/json",
        "hash": digest,
        "hash_algorithm": _SHA256,
    }


def _link(file: PublishedFile, url: str) -> dict[str, Any]:
    return {
        "name": file.path,
        "description": f"{file.title}.",
        "url": url,
        "format": file.path.rpartition(".")[2].upper(),
        "mimetype": file.mediatype,
        "size": file.bytes,
        "hash": file.sha256,
        "hash_algorithm": _SHA256,
    }


def files_dataset(publication: Publication, container: str, site: Site) -> dict[str, Any]:
    """A files dataset as it is made: closed and empty.

    Args:
        publication: the release that brings the files.
        container: the dataset's name.
        site: the portal.
    """
    bank = publication.bank
    part = container.rpartition("-p")[2]
    address = f"{bank.addresses.release(publication.release)}#files-p{part}"
    core: Mapping[str, Any] = {
        "name": container,
        "title": f"{bank.title}: files of release {publication.release}, part {int(part)}",
        "notes": (
            f"Files that release {publication.release} of {bank.title} added. They never change. The datasets of the "
            "lines describe them and link to them; rights and licences are stated there."
        ),
        "owner_org": site.organization,
        "version": publication.release,
        "url": bank.addresses.release(publication.release),
        "private": True,
    }
    schema = {
        "uri": address,
        "identifier": address,
        "issued": publication.line.issued,
        "modified": publication.line.issued,
    }
    return placed(core, {**bank_fields(bank), **schema}, {"release_files": publication.release}, site)
