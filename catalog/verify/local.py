"""Verifying what lies on this disk: a bank, a store of its own, a download, or a package that was never released."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from catalog.bank import Bank, open_bank
from catalog.bank.folder import SETTINGS_NAME
from catalog.errors import CatalogError, IntegrityError, NotFoundError, UsageError
from catalog.findings import Finding, Place
from catalog.identifiers import CATALOG_ID
from catalog.index.current import check_current, read_current
from catalog.ledger import Ledger
from catalog.package import DESCRIPTOR
from catalog.settings import Settings
from catalog.store import Store
from catalog.store.inventory import version_number
from catalog.store.verification import check_object
from catalog.verify.chain import Witness, check_chain
from catalog.verify.download import COMPANIONS as COMPANIONS
from catalog.verify.download import DOWNLOAD, check_files, verify_download
from catalog.verify.outcome import (
    EXTRA,
    INDEX,
    INDEX_DAMAGED,
    LEFT_OVER,
    NOT_PUBLIC,
    Verified,
    grouped,
)
from catalog.verify.trust import own_key, remember_key


def verify_path(path: Path, settings: Settings, *, key: str | None = None, full: bool = True) -> Verified:
    """Verifies whatever a folder is.

    Args:
        path: a bank, a storage root, a download or a package.
        settings: where known keys are kept.
        key: a public key that overrides the known one.
        full: whether every content file is hashed; else only looked for.

    Raises:
        NotFoundError: there is nothing here.
        UsageError: the folder is none of these things.
    """
    if not path.is_dir():
        raise NotFoundError("path-not-found", "there is no folder here", at=str(path))
    if (path / SETTINGS_NAME).is_file():
        return verify_bank(open_bank(path), settings, key=key, full=full)
    if (path / DOWNLOAD).is_file():
        return verify_download(path, settings, key=key)
    if (path / "0=ocfl_1.1").is_file():
        return verify_store(path, settings, key=key, full=full)
    if (path / DESCRIPTOR).is_file():
        return verify_package(path)
    raise UsageError(
        "verify-target",
        "this folder is no bank, store, download or package",
        at=str(path),
        want=f"a folder with {SETTINGS_NAME}, {DOWNLOAD}, 0=ocfl_1.1 or {DESCRIPTOR}",
    )


def verify_bank(bank: Bank, settings: Settings, *, key: str | None = None, full: bool = True) -> Verified:
    """Follows both chains of a bank down to the bytes."""
    trust = own_key(settings, bank.settings.base_iri, bank.keys(), key)
    findings = [replace(trust.finding, path=bank.keys_path.name)] if trust.finding else []
    lines = objects = files = 0
    unproved: list[str] = []
    chains = [(bank.ledger_path, bank.store_folder, _witnesses(bank))]
    if bank.controlled_folder.is_dir():
        chains.append((bank.controlled_ledger_path, bank.controlled_folder, ()))
    for ledger_path, folder, witnesses in chains:
        name = ledger_path.relative_to(bank.root).as_posix()
        content = ledger_path.read_bytes() if ledger_path.exists() else b""
        ledger, found = check_chain(content, trust.key, name, witnesses)
        holds = not found
        findings += found
        lines += ledger.sequence
        if ledger.lines and not found:
            remember_key(settings, trust)
        if not witnesses and ledger.sequence:
            unproved.append(f"that no line was cut off the end of {name}: nothing remembers its length")
        if (folder / "0=ocfl_1.1").exists():
            store = Store(folder)
            found, seen, hashed = _check_store(store, ledger, full=full)
            findings += [
                replace(each, path=f"{folder.name}/{each.path}")
                for each in found
                if holds or each.code != NOT_PUBLIC.code  # without its ledger nobody knows what is public
            ]
            objects += seen
            files += hashed
    findings += _check_index(bank)
    if trust.first_use and not trust.own:
        unproved.append(
            f"that the key is the bank's: it was seen for the first time ({trust.key.key_id if trust.key else 'none'})"
        )
    return Verified(
        target=str(bank.root), kind="bank", findings=grouped(findings), lines=lines, objects=objects, files=files,
        unproved=tuple(unproved),
    )  # fmt: skip


def _witnesses(bank: Bank) -> tuple[Witness, ...]:
    try:
        current = read_current(bank.index_folder)
    except CatalogError:
        return ()
    return (Witness(who="the index", sequence=current.sequence, sha256=current.ledger_sha256),)


def _check_index(bank: Bank) -> Iterator[Finding]:
    """An absent index or one of another version is only stale; one that was changed or cut off is damaged."""
    place = Place(path=f"{bank.index_folder.name}/CURRENT")
    try:
        current = read_current(bank.index_folder)
        place = Place(path=f"{bank.index_folder.name}/{current.file}")
        check_current(bank.index_folder, current)
    except NotFoundError:
        if bank.ledger_path.exists():
            yield INDEX.at(place, problem="there is none")
    except CatalogError as error:
        rule = INDEX if error.code == "index-version" else INDEX_DAMAGED
        yield rule.at(place, expected=error.want, got=error.got, problem=error.message)


def bound_versions(ledger: Ledger) -> dict[str, dict[str, str]]:
    """For each object: version to the inventory digest that a signed line binds."""
    bound: dict[str, dict[str, str]] = {}
    gone = ledger.gone_objects()
    for line in ledger.lines:
        bound.setdefault(CATALOG_ID, {})[line.catalog["version"]] = line.catalog["inventory_sha256"]
        for entry in line.packages:
            if entry.object not in gone:
                bound.setdefault(entry.object, {})[entry.version] = entry.inventory_sha256
    return bound


def _check_store(store: Store, ledger: Ledger, *, full: bool) -> tuple[list[Finding], int, int]:
    findings: list[Finding] = []
    bound = bound_versions(ledger)
    files = 0
    for object_id, versions in sorted(bound.items()):
        findings += check_object(store, object_id, versions, full=full)
        files += _content_files(store, object_id) if full else 0
        head = _head_name(store, object_id)
        newest = max(versions, key=version_number)
        if head is not None and version_number(head) > version_number(newest):
            place = Place(path=_place(store, object_id))
            findings.append(NOT_PUBLIC.at(place, object_id=f"{object_id} {head}"))
    for object_id in sorted(set(store.object_ids()) - set(bound)):
        rule = LEFT_OVER if object_id in ledger.gone_objects() else NOT_PUBLIC
        findings.append(rule.at(Place(path=_place(store, object_id)), object_id=object_id))
    return findings, len(bound), files


def _place(store: Store, object_id: str) -> str:
    return store.folder(object_id).relative_to(store.root).as_posix()


def _head_name(store: Store, object_id: str) -> str | None:
    try:
        head = store.head(object_id)
    except CatalogError:
        return None
    return head.head if head else None


def _content_files(store: Store, object_id: str) -> int:
    try:
        head = store.head(object_id)
    except CatalogError:
        return 0
    return len(head.manifest) if head else 0


def verify_store(root: Path, settings: Settings, *, key: str | None = None, full: bool = True) -> Verified:
    """A storage root: with the bank that it belongs to where that is beside it, else against itself."""
    if (root.parent / SETTINGS_NAME).is_file():
        bank = open_bank(root.parent)
        trust = own_key(settings, bank.settings.base_iri, bank.keys(), key)
        ledger_path = bank.controlled_ledger_path if root.name == bank.controlled_folder.name else bank.ledger_path
        content = ledger_path.read_bytes() if ledger_path.exists() else b""
        witnesses = () if root.name == bank.controlled_folder.name else _witnesses(bank)
        ledger, findings = check_chain(content, trust.key, ledger_path.name, witnesses)
        if ledger.lines and not findings:
            remember_key(settings, trust)
        found, objects, files = _check_store(Store(root), ledger, full=full)
        found = [each for each in found if not findings or each.code != NOT_PUBLIC.code]
        every = [*([trust.finding] if trust.finding else []), *findings, *found]
        return Verified(
            target=str(root), kind="store", findings=grouped(every), lines=ledger.sequence, objects=objects, files=files
        )
    store = Store(root)
    ids = list(store.object_ids())
    findings = [finding for object_id in ids for finding in check_object(store, object_id, {}, full=full)]
    files = sum(_content_files(store, object_id) for object_id in ids) if full else 0
    unproved = ("that this is what the bank released: there is no ledger beside the store",)
    return Verified(
        target=str(root), kind="store", findings=grouped(findings), objects=len(ids), files=files, unproved=unproved
    )


def verify_package(folder: Path) -> Verified:
    """A package without a ledger, such as ``fairline package --out`` makes: its files against its own descriptor."""
    try:
        descriptor: dict[str, Any] = json.loads((folder / DESCRIPTOR).read_bytes())
        state = {str(each["path"]): str(each["hash"]).removeprefix("sha256:") for each in descriptor["resources"]}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise IntegrityError(
            "package-malformed", "datapackage.json cannot be read", at=str(folder / DESCRIPTOR), got=str(error)[:60]
        ) from error
    findings = [each for each in check_files(folder, state, set(state)) if each.code != EXTRA.code]
    unproved = ("who made it: the package is not released, so nothing is signed",)
    return Verified(target=str(folder), kind="package", findings=grouped(findings), files=len(state), unproved=unproved)
