"""Verifying a portal over HTTP: its chain, every inventory, and with ``full`` every byte that it serves."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import replace

from catalog.client.contents import read_contents
from catalog.client.remote import Portal
from catalog.client.source import LARGEST_DOCUMENT_BYTES, Piece
from catalog.errors import CatalogError
from catalog.events import Event, Listener, silent
from catalog.findings import Finding, Place
from catalog.ledger import PackageVersion
from catalog.settings import Settings
from catalog.signing import parse_public_keys
from catalog.store.inventory import Inventory
from catalog.store.verification import INVENTORY_CHANGED, check_inventory_bytes
from catalog.verify import Verified, check_chain, pinned_key, remember_key, require_key
from catalog.verify.chain import Witness
from catalog.verify.outcome import FILE_CHANGED, FILE_MISSING, grouped

_HINT = "tell the bank: its operator finds the place with 'fairline verify' in the bank's folder"


def verify_portal(
    portal: Portal, settings: Settings, *, key: str | None = None, full: bool = True, tell: Listener = silent
) -> Verified:
    """Verifies what a portal serves now.

    Args:
        portal: the portal.
        settings: where known keys are kept.
        key: a public key that overrides the known one.
        full: whether every file of every current package is downloaded and hashed.
        tell: hears of progress.
    """
    keys = parse_public_keys(portal.keys().decode("utf-8", "replace"))
    trust = pinned_key(settings, portal.base_iri(), keys, key, portal=portal.portal)
    require_key(trust, portal.address)
    findings = [replace(trust.finding, path="signing-key.pub")] if trust.finding else []
    stated = portal.health().get("sequence")
    witness = Witness(who="the portal's index", sequence=stated if isinstance(stated, int) else 0)
    ledger, found = check_chain(portal.ledger(), trust.key, "ledger.jsonl", (witness,))
    findings += found
    if ledger.lines and not found:
        remember_key(settings, trust)
    files = 0
    packages = [version for name in ledger.released_packages() if (version := ledger.version_at(name, None))]
    for done, version in enumerate(packages, start=1):
        tell(Event(stage="verify", text=version.id, done=done, total=len(packages), unit="packages"))
        inventory, faults = _check_inventory(portal, version)
        findings += faults
        if inventory is not None and full:
            findings += _check_files(portal, version, inventory)
            files += len(inventory.state(version.version))
    unproved = ["that no line was cut off the end of the ledger: only the portal itself remembers its length"]
    if trust.first_use:
        unproved.append(
            f"that the key is the bank's: it was seen for the first time ({keys[0].key_id if keys else 'none'})"
        )
    return Verified(
        target=portal.address, kind="portal", findings=grouped(findings), lines=ledger.sequence, objects=len(packages),
        files=files, unproved=tuple(unproved),
    )  # fmt: skip


def _check_inventory(portal: Portal, version: PackageVersion) -> tuple[Inventory | None, list[Finding]]:
    path = f"package/{version.id}/{version.release}/inventory.json"
    try:
        content = portal.inventory(version)
    except CatalogError as error:
        _stop_when_gone(error)
        missing = FILE_MISSING.at(Place(path=path), expected="an inventory", got=error.message, logical=path)
        return None, [replace(missing, hint=_HINT)]
    inventory, fault = check_inventory_bytes(content, version.inventory_sha256, path)
    if fault is None and inventory is not None and version.version not in inventory.versions:
        fault = INVENTORY_CHANGED.at(Place(path=path), problem=f"it has no version {version.version}")
    return (None, [replace(fault, hint=_HINT)]) if fault else (inventory, [])


def _check_files(portal: Portal, version: PackageVersion, inventory: Inventory) -> Iterator[Finding]:
    try:
        sizes = read_contents(portal, version, inventory).sizes
    except CatalogError:
        sizes = {}  # what is wrong with it is found below, as with every other file
    for path, digest in sorted(inventory.state(version.version).items()):
        place = Place(path=f"package/{version.id}/{version.release}/files/{path}")
        try:
            got = _digest(portal.open(version, inventory, path, 0), sizes.get(path, LARGEST_DOCUMENT_BYTES))
        except CatalogError as error:
            _stop_when_gone(error)
            missing = FILE_MISSING.at(place, expected=digest, got=error.message, logical=path)
            yield replace(missing, hint=_HINT)
            continue
        if got != digest:
            yield replace(FILE_CHANGED.at(place, expected=digest, got=got, logical=path), hint=_HINT)


def _stop_when_gone(error: CatalogError) -> None:
    """A portal that does not answer any more has no fault to be named; nobody waits for each of its files."""
    if error.code == "portal-unreachable":
        raise error


def _digest(piece: Piece, most: int) -> str:
    """The digest of a file, of not much more than it may have: a file that never ends is wrong already."""
    hasher = hashlib.sha256()
    size = 0
    with contextlib.closing(piece):
        for block in piece.blocks:
            hasher.update(block)
            size += len(block)
            if size > most:
                break
    return hasher.hexdigest()
