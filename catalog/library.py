"""What scientists do, as functions: the same that the commands and the portal do (``import catalog``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.bank import Bank, find_bank, open_bank
from catalog.client.remote import Portal
from catalog.client.source import BankSource, PackageSource
from catalog.client.transfer import Got, Request
from catalog.client.transfer import get as transfer
from catalog.database import UNTRUSTED, Database
from catalog.errors import NotFoundError, UsageError
from catalog.events import Listener, silent
from catalog.index import Index, from_pairs, open_index
from catalog.index.current import open_current
from catalog.ledger import Ledger, PackageVersion, load_ledger
from catalog.loading import read_rows
from catalog.model.files import TABLE_PATHS
from catalog.package import DESCRIPTOR, is_data_file
from catalog.settings import read_settings
from catalog.store import Store

CITATIONS = {"bibtex": "citation.bib", "ris": "citation.ris", "csl-json": "citation.json", "text": "citation.txt"}


def open_here(bank: str | Path | None = None) -> Bank:
    """The bank in a folder, or the one around the working directory."""
    settings = read_settings(bank=Path(bank) if bank else None)
    return open_bank(settings.bank or find_bank(Path.cwd()))


def search(
    text: str = "", *, bank: str | Path | None = None, url: str | None = None, **facets: str | Sequence[str]
) -> dict[str, Any]:
    """Finds packages.

    Args:
        text: words.
        bank: a bank's folder; the one around the working directory by default.
        url: a portal to ask instead.
        **facets: values by facet (``modality="wes"``), and ``term``, ``year_from``, ``year_to``, ``sort``, ``limit``,
            ``after``.

    Returns:
        ``total``, ``next`` and ``packages``, as the API answers.
    """
    pairs = [("q", text)] if text else []
    for name, values in facets.items():
        listed = [values] if isinstance(values, str | int) else list(values)
        pairs += [(name, str(value)) for value in listed]
    query = from_pairs(pairs)
    if url is not None:
        return Portal(url).search(query)
    with_index = index_of(open_here(bank))
    try:
        return with_index.search(query)
    finally:
        with_index.close()


def index_of(bank: Bank) -> Index:
    """The open index of a bank."""
    return open_index(bank.index_folder, bank.settings.addresses)


def public_ledger(bank: Bank) -> Ledger:
    """The bank's checked public ledger."""
    return load_ledger(bank.ledger_path, bank.keys())


def find_version(ledger: Ledger, package: str, release: str | None) -> PackageVersion:
    """The version of a package that was current in a release, today's for None.

    Raises:
        NotFoundError: there is none, or it was withdrawn.
    """
    gone = ledger.withdrawal_of(package)
    if gone is not None:
        raise NotFoundError("withdrawn", f"{package} was withdrawn on {gone.date}: {gone.reason}", at=package)
    version = ledger.version_at(package, release)
    if version is None:
        named = f"{package}@{release}" if release else package
        hint = "'fairline search' lists what is released"
        raise NotFoundError("package-not-found", f"there is no released package {named}", at=named, hint=hint)
    return version


def show(
    package: str, release: str | None = None, *, bank: str | Path | None = None, url: str | None = None
) -> dict[str, Any]:
    """One package: what, how, quality, rights, files, as the API answers."""
    if url is not None:
        return Portal(url).show(package, release)
    here = open_here(bank)
    return describe(here, public_ledger(here), package, release)


def describe(bank: Bank, ledger: Ledger, package: str, release: str | None = None) -> dict[str, Any]:
    """The API's object of one package, from ledger and store.

    Raises:
        NotFoundError: there is no such version, or it was withdrawn.
    """
    version = find_version(ledger, package, release)
    store = Store(bank.store_folder)
    return describe_version(bank, store, ledger, version)


def describe_version(bank: Bank, store: Store, ledger: Ledger, version: PackageVersion) -> dict[str, Any]:
    """The API's object of one version (docs/api.md)."""
    addresses = bank.settings.addresses
    inventory = store.inventory(version.object, version.bound_version)
    members: dict[str, Any] = json.loads(store.read(inventory, DESCRIPTOR, version.version))
    record: dict[str, Any] = json.loads(store.read(inventory, "record.json", version.version))
    report: dict[str, Any] = json.loads(store.read(inventory, "report.json", version.version))
    names = [each.release for each in ledger.versions(version.id)]
    return {
        "id": version.id,
        "release": version.release,
        "title": members["title"],
        "description": members["description"],
        "url": addresses.package(version.id, version.release),
        "issued": members["created"],
        "tier": members["tier"],
        "data_kind": members["data_kind"],
        "audit_level": members["audit_level"],
        "licence": record.get("licence"),
        "record": record,
        **_tables(lambda path: store.read(inventory, path, version.version), inventory.state(version.version)),
        "annotations": members["annotations"],
        "findings": report["findings"],
        "restricted": members["restricted"],
        "withdrawn": members["withdrawn"],
        "versions": list(reversed(names)),
        "files": [
            _file(each, addresses.file(version.id, version.release, each["path"])) for each in members["resources"]
        ],
    }


def _tables(read: Callable[[str], bytes], paths: Container[str]) -> dict[str, list[dict[str, str | None]]]:
    """The public tables of a version by name, in the order of a record; an empty cell is null."""
    return {
        name: [{column: cell or None for column, cell in row.cells.items()} for row in read_rows(read(path)).rows]
        for name, path in TABLE_PATHS.items()
        if name != "files" and path in paths
    }


def _file(resource: Mapping[str, Any], url: str) -> dict[str, Any]:
    names = ("modality", "role", "assembly", "passage", "sample_id", "accession", "edam_format")
    return {
        "path": resource["path"],
        "url": url,
        "bytes": resource["bytes"],
        "sha256": resource["hash"].removeprefix("sha256:"),
        "format": resource.get("file_format") or resource["format"],
        "mediatype": resource["mediatype"],
        "tier": resource["tier"],
        **{name: resource.get(name) for name in names},
    }


def facts(package: str, release: str | None = None, *, bank: str | Path | None = None) -> dict[str, dict[str, Any]]:
    """What each open file of a package says about itself, by path."""
    here = open_here(bank)
    ledger = public_ledger(here)
    version = find_version(ledger, package, release)
    store = Store(here.store_folder)
    inventory = store.inventory(version.object, version.bound_version)
    members: dict[str, Any] = json.loads(store.read(inventory, DESCRIPTOR, version.version))
    return {each["path"]: each.get("facts", {}) for each in members["resources"] if is_data_file(each)}


def query(sql: str, *, bank: str | Path | None = None, limit: int = 100_000) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Runs read-only SQL over the index; the tables stand in docs/query.md.

    Returns:
        Column names and rows.

    Raises:
        UsageError: the SQL is wrong or wants more than to read.
    """
    with open_for_sql(open_here(bank)) as database:
        return database.head(sql, limit=limit)


def open_for_sql(bank: Bank) -> Database:
    """The index, locked down: no file but itself can be reached, nothing can be written."""
    return open_current(bank.index_folder, UNTRUSTED)[1]


def cite(
    package: str,
    release: str | None = None,
    *,
    form: str = "text",
    bank: str | Path | None = None,
    url: str | None = None,
) -> str:
    """The citation of a package, as it was stored at its release.

    Args:
        package: its id.
        release: the version of this release; today's for None.
        form: bibtex, ris, csl-json or text.
        bank: a bank's folder.
        url: a portal to ask instead.
    """
    if form not in CITATIONS:
        raise UsageError("citation-form", f"there is no citation form {form}", want=", ".join(CITATIONS), got=form)
    path = CITATIONS[form]
    if url is not None:
        portal = Portal(url)
        named = release or str(portal.show(package)["release"])
        return portal.document(f"package/{package}/{named}/files/{path}").decode()
    here = open_here(bank)
    version = find_version(public_ledger(here), package, release)
    store = Store(here.store_folder)
    inventory = store.inventory(version.object, version.bound_version)
    return store.read(inventory, path, version.version).decode()


def get(
    package: str, release: str | None = None, *, to: str | Path | None = None, pattern: str | None = None,
    source: str | Path | None = None, tell: Listener = silent,
) -> Got:  # fmt: skip
    """Downloads a package and verifies every byte.

    Args:
        package: its id.
        release: the version of this release; today's for None.
        to: the folder; ``./ID`` by default.
        pattern: which files.
        source: a portal's address or a bank's folder; the bank around the working directory by default.
        tell: hears of progress.
    """
    request = Request(package=package, release=release, pattern=pattern, folder=Path(to) if to else None)
    return transfer(open_source(source), read_settings(), request, tell)


def open_source(source: str | Path | None) -> PackageSource:
    """A portal for an address, a bank for a folder."""
    if isinstance(source, str) and source.startswith(("http://", "https://")):
        return Portal(source)
    return BankSource(open_here(source))
