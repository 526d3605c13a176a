"""Reading a release from ledger and store, for publishing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from catalog.bank import Bank
from catalog.errors import ConflictError, NotFoundError
from catalog.index.current import check_seen
from catalog.ledger import WITHDRAWN, Ledger, LedgerLine, PackageVersion, load_ledger
from catalog.package import DESCRIPTOR, restore_record
from catalog.package.media_types import media_type_of
from catalog.store import Inventory, Store
from publish.targets.publication import KEYS, LEDGER, Publication, PublishedFile, PublishedPackage, document

#: What the documents of a package are, in words; those of plug-ins bear their names.
_TITLES = {
    "README.md": "Read me first",
    "citation.bib": "Citation (BibTeX)",
    "citation.json": "Citation (CSL-JSON)",
    "citation.ris": "Citation (RIS)",
    "citation.txt": "Citation (text)",
    "datapackage.json": "Data package descriptor",
    "dcat.jsonld": "Metadata as DCAT (JSON-LD)",
    "dcat.nt": "Metadata as DCAT (N-Triples)",
    "dcat.rdf": "Metadata as DCAT (RDF/XML)",
    "dcat.ttl": "Metadata as DCAT (Turtle)",
    "report.json": "Validation report",
}


def read_publication(bank: Bank, release: str | None = None) -> Publication:
    """A release with everything that is public about it.

    Args:
        bank: the bank.
        release: its name; the last one for None.

    Raises:
        NotFoundError: nothing is released, or no release has this name.
        ConflictError: the release holds something that was withdrawn later.
        IntegrityError: the ledger or the store does not hold.
    """
    ledger = load_ledger(bank.ledger_path, bank.keys())
    check_seen(bank.index_folder, ledger)
    line = _line(ledger, release)
    _refuse_withdrawn(ledger, line)
    at = ledger.upto(line.sequence)
    store = Store(bank.store_folder)
    known = at.current()
    content = b"".join(each.stored_bytes() for each in at.lines)
    return Publication(
        bank=bank.settings,
        line=line,
        newest=ledger.sequence,
        releases=tuple(each.release for each in ledger.lines),
        packages=tuple(_package(store, ledger, line, name) for name in known),
        later=tuple(name for name in ledger.current() if name not in known),
        history=frozenset(each.bytes_sha256 for each in ledger.lines),
        documents=(
            document(LEDGER, content, "application/x-ndjson", f"Ledger of the bank up to release {line.release}"),
            document(KEYS, bank.keys_path.read_bytes(), "text/plain", "Public keys of the bank"),
        ),
        surviving=_surviving(store, ledger),
    )


def _line(ledger: Ledger, release: str | None) -> LedgerLine:
    if ledger.last is None:
        raise NotFoundError("nothing-released", "the bank has released nothing yet", hint="run 'fairline release NAME'")
    line = ledger.last if release is None else ledger.line(release)
    if line is None:
        known = ", ".join(each.release for each in ledger.lines[-5:])
        raise NotFoundError("release-not-found", f"there is no release {release}", got=release, want=f"such as {known}")
    return line


def _refuse_withdrawn(ledger: Ledger, line: LedgerLine) -> None:
    """Makes sure that nothing of a release was withdrawn after it."""
    held = ledger.upto(line.sequence).released_packages()
    for later in ledger.lines[line.sequence :]:
        for gone in later.withdrawn:
            if gone.id in held:
                target = f"{gone.id}/{gone.path}" if gone.path else gone.id
                raise ConflictError(
                    "publish-withdrawn",
                    f"release {line.release} may hold {target}, which was withdrawn on {gone.date}",
                    at=target,
                    hint=f"publish release {later.release} or a later one",
                )


def _package(store: Store, ledger: Ledger, line: LedgerLine, name: str) -> PublishedPackage:
    entry = ledger.upto(line.sequence).current()[name]
    version = ledger.version_at(name, line.release)
    assert version is not None
    if entry.state == WITHDRAWN:
        return PublishedPackage(id=name, version=version.version, withdrawal=ledger.withdrawal_of(name))
    inventory = store.inventory(version.object, version.bound_version)
    state = inventory.state(version.version)
    record = restore_record(lambda path: store.read(inventory, path, version.version), state)
    members: dict[str, Any] = json.loads(store.read(inventory, DESCRIPTOR, version.version))
    described = {each["path"]: each for each in members["resources"]}
    licence = next((str(each.get("path", "")) for each in members.get("licenses", ())), "")
    files = tuple(_file(store, inventory, version, path, described.get(path, {}), licence) for path in sorted(state))
    return PublishedPackage(id=name, version=version.version, record=record, files=files)


def _file(
    store: Store, inventory: Inventory, version: PackageVersion, path: str, described: Mapping[str, Any], licence: str
) -> PublishedFile:
    digest = inventory.state(version.version)[path]
    source = store.content_path(inventory, digest)
    return PublishedFile(
        package=version.id,
        path=path,
        bytes=int(described["bytes"]) if "bytes" in described else source.stat().st_size,
        sha256=digest,
        mediatype=described.get("mediatype") or media_type_of(path),
        title=str(described.get("title") or _TITLES.get(path, path)),
        format=described.get("file_format"),
        edam_format=described.get("edam_format"),
        is_document=described.get("kind") != "file",
        licence=licence if described.get("kind") == "file" else "",
        source=source,
    )


def _surviving(store: Store, ledger: Ledger) -> dict[str, frozenset[tuple[str, str]]]:
    """What is left, in any version, of each package that a withdrawal touched; nothing of a withdrawn one."""
    left: dict[str, frozenset[tuple[str, str]]] = {}
    for name in sorted({each.id for each in ledger.withdrawals()}):
        if ledger.withdrawal_of(name) is not None:
            left[name] = frozenset()
            continue
        pairs: set[tuple[str, str]] = set()
        for version in ledger.versions(name):
            inventory = store.inventory(version.object, version.bound_version)
            pairs |= set(inventory.state(version.version).items())
        left[name] = frozenset(pairs)
    return left
