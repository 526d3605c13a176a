"""Verifying a portal over HTTP: its chain, every inventory, and with ``full`` every byte that it serves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace

from catalog.client.remote import Portal
from catalog.errors import CatalogError
from catalog.events import Event, Listener, silent
from catalog.findings import Finding, Place
from catalog.ledger import PackageVersion
from catalog.settings import Settings
from catalog.signing import parse_public_keys
from catalog.store.inventory import Inventory
from catalog.store.verification import check_inventory_bytes
from catalog.verify import Verified, check_chain, pinned_key, remember_key
from catalog.verify.chain import Witness
from catalog.verify.outcome import FILE_CHANGED, FILE_MISSING, grouped


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
    trust = pinned_key(settings, portal.base_iri(), keys, key)
    findings = [replace(trust.finding, path="signing-key.pub")] if trust.finding else []
    stated = portal.health().get("sequence")
    witness = Witness(who="the portal's index", sequence=stated if isinstance(stated, int) else 0)
    ledger, found = check_chain(portal.ledger(), trust.key, "ledger.jsonl", (witness,))
    findings += found
    if ledger.lines and not found:
        remember_key(settings, portal.base_iri(), trust)
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
        return None, [FILE_MISSING.at(Place(path=path), expected="an inventory", got=error.message, logical=path)]
    inventory, fault = check_inventory_bytes(content, version.inventory_sha256, path)
    return inventory, [fault] if fault else []


def _check_files(portal: Portal, version: PackageVersion, inventory: Inventory) -> Iterator[Finding]:
    for path, digest in sorted(inventory.state(version.version).items()):
        place = Place(path=f"package/{version.id}/{version.release}/files/{path}")
        try:
            hasher = hashlib.sha256()
            for block in portal.open(version, inventory, path, 0).blocks:
                hasher.update(block)
        except CatalogError as error:
            yield FILE_MISSING.at(place, expected=digest, got=error.message, logical=path)
            continue
        if hasher.hexdigest() != digest:
            yield FILE_CHANGED.at(place, expected=digest, got=hasher.hexdigest(), logical=path)
