"""Carrying out: stores and ledgers of a bank opened for writing, versions settled, lines appended.

Every step is idempotent; the public ledger's line is the commit. Whoever calls holds the bank's lock.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import durable
from catalog.access import PublicRecord
from catalog.bank import Bank
from catalog.errors import IntegrityError
from catalog.identifiers import CATALOG_ID
from catalog.index.current import check_seen
from catalog.ledger import (
    NO_PREVIOUS,
    Ledger,
    LedgerLine,
    PackageEntry,
    Withdrawal,
    append_to_ledger,
    current_key,
    load_ledger,
    state_sha256,
)
from catalog.package import restore_record
from catalog.package.documents import render_json
from catalog.settings import VERSION, Settings
from catalog.signing import find_secret_key, sign
from catalog.store import Content, Inventory, Store
from catalog.store.locks import exclusive
from publish.planning import WithdrawnContent

WITHDRAWN_NAME = "withdrawn.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """One store with its ledger: the public one or the controlled one."""

    store: Store
    ledger: Ledger
    ledger_path: Path

    def current(self, package_id: str) -> PackageEntry | None:
        """The newest entry of a package that is not withdrawn."""
        return self.ledger.released_packages().get(package_id)

    def has_line(self, release: str) -> bool:
        """Whether the newest line is that of a release."""
        return self.ledger.last is not None and self.ledger.last.release == release

    def catalog_version(self) -> str | None:
        """The OCFL version of the reserved object that the last line names."""
        return self.ledger.last.catalog["version"] if self.ledger.last else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """A bank opened for writing."""

    bank: Bank
    settings: Settings
    public: Chain
    controlled: Chain


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """What a ledger line will say, before its place in the chain is filled in."""

    release: str
    issued: str
    message: str
    packages: Sequence[PackageEntry] = ()
    catalog: Mapping[str, str]
    withdrawn: Sequence[Withdrawal] = ()
    replaced: Sequence[Mapping[str, str]] = ()
    key: str | None = None


@contextlib.contextmanager
def open_for_writing(bank: Bank, settings: Settings) -> Iterator[Writer]:
    """Locks the bank, finishes what dead writers left in its stores, and checks both chains.

    Raises:
        ConflictError: another release or withdrawal is running (exit 6).
        IntegrityError: a chain does not hold.
    """
    with durable.disk_errors(bank.work_folder):
        durable.make_directories(bank.work_folder)
    with exclusive(bank.work_folder / "release.lock", wait=False, what="releases or withdraws in this bank"):
        yield _open(bank, settings)


def _open(bank: Bank, settings: Settings) -> Writer:
    public = Store.create(bank.store_folder)
    controlled = Store.create(bank.controlled_folder)
    public.recover()
    controlled.recover()
    writer = _read_chains(bank, settings, public, controlled)
    check_seen(bank.index_folder, writer.public.ledger)
    return writer


def reopen(writer: Writer) -> Writer:
    """The same writer with its chains read again, after a line was appended."""
    return _read_chains(writer.bank, writer.settings, writer.public.store, writer.controlled.store)


def _read_chains(bank: Bank, settings: Settings, public: Store, controlled: Store) -> Writer:
    keys = bank.keys()

    def chain(store: Store, path: Path) -> Chain:
        return Chain(store=store, ledger=load_ledger(path, keys), ledger_path=path)

    return Writer(
        bank=bank,
        settings=settings,
        public=chain(public, bank.ledger_path),
        controlled=chain(controlled, bank.controlled_ledger_path),
    )


def restore_entry(chain: Chain, entry: PackageEntry) -> PublicRecord:
    """The public record that an entry's version holds."""
    inventory = chain.store.inventory(entry.object, entry.version)
    return restore_record(lambda path: chain.store.read(inventory, path), inventory.state())


def withdrawn_files(ledger: Ledger, package_id: str) -> list[dict[str, str]]:
    """The files of a package that were withdrawn, oldest first, as its record remembers them."""
    return [
        {"path": each.path, "reason": each.reason, "date": each.date}
        for each in ledger.withdrawals(package_id)
        if each.path is not None
    ]


def settle_package(
    chain: Chain, package_id: str, contents: Sequence[Content], *, issued: str, release: str
) -> PackageEntry:
    """Adds a version to a package's object and returns the entry that will bind it."""
    current = chain.current(package_id)
    object_id = current.object if current else package_id
    expect = current.version if current else None
    made = chain.store.settle(object_id, contents, expect=expect, created=issued, message=f"release {release}")
    return entry_of(package_id, made)


def entry_of(package_id: str, inventory: Inventory, state: str = "released") -> PackageEntry:
    """The ledger's entry for an object's head."""
    return PackageEntry(
        id=package_id,
        object=inventory.object_id,
        version=inventory.head,
        inventory_sha256=inventory.sha256,
        state=state,
    )


def settle_catalog(chain: Chain, contents: Sequence[Content], *, issued: str, release: str) -> dict[str, str]:
    """Adds a version to the reserved object and returns what the line says of it."""
    made = chain.store.settle(
        CATALOG_ID, contents, expect=chain.catalog_version(), created=issued, message=f"release {release}"
    )
    return {"version": made.head, "inventory_sha256": made.sha256}


def signing_key(writer: Writer, ledger: Ledger) -> Path:
    """The file of the secret key that signs the next line of a chain.

    Raises:
        UnauthorisedError: it is not on this machine; looked for before anything is written.
    """
    public = current_key(ledger, writer.bank.keys()[0])
    return find_secret_key(public, writer.settings.keys_folder, writer.settings.key_file)


def append(writer: Writer, chain: Chain, draft: LineDraft) -> Ledger:
    """Signs a line and appends it; a line of the same release that is there already is left as it is.

    Returns:
        The ledger with the line.
    """
    if chain.has_line(draft.release):
        return chain.ledger
    last = chain.ledger.last
    state = chain.ledger.current()
    state.update({entry.id: entry for entry in draft.packages})
    line = LedgerLine(
        sequence=chain.ledger.sequence + 1,
        release=draft.release,
        issued=draft.issued,
        previous=last.bytes_sha256 if last else NO_PREVIOUS,
        packages=tuple(sorted(draft.packages, key=lambda entry: entry.id)),
        state_sha256=state_sha256(state.values()),
        catalog=draft.catalog,
        withdrawn=tuple(draft.withdrawn),
        replaced=tuple(draft.replaced),
        key=draft.key,
        message=draft.message,
        fairline=VERSION,
    )
    secret = signing_key(writer, chain.ledger)
    signed = line.signed(sign(line.signed_bytes(), secret, line.trusted_comment))
    append_to_ledger(chain.ledger_path, signed)
    return Ledger((*chain.ledger.lines, signed))


def read_withdrawn(chain: Chain) -> list[WithdrawnContent]:
    """What was withdrawn, with digests: kept in the controlled store's reserved object, never public."""
    version = chain.catalog_version()
    if version is None:
        return []
    inventory = chain.store.inventory(CATALOG_ID, version)
    try:
        listed: list[dict[str, Any]] = json.loads(chain.store.read(inventory, WITHDRAWN_NAME))
        return [WithdrawnContent(each["id"], each["path"], tuple(each["sha256"])) for each in listed]
    except (ValueError, KeyError, TypeError) as error:
        raise IntegrityError(
            "withdrawn-malformed", "the list of withdrawn content cannot be read", got=str(error)
        ) from error


def withdrawn_document(withdrawn: Sequence[WithdrawnContent]) -> Content:
    """The list of what was withdrawn, as the controlled store keeps it."""
    listed = [{"id": each.id, "path": each.path, "sha256": sorted(each.sha256)} for each in withdrawn]
    return Content.of_bytes(WITHDRAWN_NAME, render_json(listed))
