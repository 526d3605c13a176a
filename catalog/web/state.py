"""What the portal answers from: one generation of the index, the store's public side, and the ledger as it is now.

An answer comes wholly from one generation. A new generation is opened beside the old one, which is closed when nobody
uses it any more. Withdrawals alone are read from the ledger at request time (docs/serving.md).
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.access import PublicRecord
from catalog.bank import Bank
from catalog.errors import CatalogError, NotFoundError
from catalog.identifiers import CATALOG_ID
from catalog.index import Index, open_index
from catalog.index.current import CURRENT, check_seen
from catalog.ledger import Ledger, LedgerLine, PackageVersion, Withdrawal, load_ledger
from catalog.package import restore_record
from catalog.store import Inventory, Store

Stamp = tuple[int, int, int]
_KEPT_RECORDS = 512


@dataclass(slots=True)
class _Generation:
    """An open index and how many requests use it."""

    index: Index
    users: int = 0
    retired: bool = False


class Portal:
    """The released state of a bank, for answers.

    Args:
        bank: the bank; only its public side is read.
    """

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.store = Store(bank.store_folder)
        self._lock = threading.Lock()
        self._generation: _Generation | None = None
        self._pointer: Stamp | None = None
        self._ledger: Ledger | None = None
        self._ledger_stamp: Stamp | None = None
        self._index_fault: CatalogError | None = None
        self._ledger_fault: CatalogError | None = None
        self._restore = functools.lru_cache(_KEPT_RECORDS)(self._restored)

    @property
    def fault(self) -> CatalogError | None:
        """Why the portal does not show the newest state; None when it does."""
        return self._index_fault or self._ledger_fault

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """One consistent view for one request."""
        with self._lock:
            self._refresh_index()
            self._refresh_ledger()
            generation = self._generation
            if generation is None or self._ledger is None:
                raise self.fault or NotFoundError(
                    "index-missing", "the bank has no index", hint="run 'fairline index build'"
                )
            generation.users += 1
            ledger = self._ledger
        try:
            yield Snapshot(self, generation.index.cursor(), ledger)
        finally:
            with self._lock:
                generation.users -= 1
                if generation.retired and generation.users == 0:
                    generation.index.close()

    def _refresh_index(self) -> None:
        """Opens the generation that ``CURRENT`` names; a bad one is refused and the old one stays."""
        stamp = _stamp(self.bank.index_folder / CURRENT)
        if stamp == self._pointer and (self._generation is not None or self._index_fault is not None):
            return
        self._pointer = stamp
        try:
            opened = open_index(self.bank.index_folder, self.bank.settings.addresses)
        except CatalogError as error:
            self._index_fault = error
            return
        self._index_fault = None
        old, self._generation = self._generation, _Generation(opened)
        if old is not None:
            old.retired = True
            if old.users == 0:
                old.index.close()

    def _refresh_ledger(self) -> None:
        """Reads the ledger again when it has changed; one that does not hold is refused and the old one stays."""
        stamp = _stamp(self.bank.ledger_path)
        if stamp == self._ledger_stamp and (self._ledger is not None or self._ledger_fault is not None):
            return
        self._ledger_stamp = stamp
        try:
            ledger = load_ledger(self.bank.ledger_path, self.bank.keys())
            # A lost or cut ledger must not make packages look as if they had never been.
            check_seen(self.bank.index_folder, ledger)
        except CatalogError as error:
            self._ledger_fault = error
        else:
            self._ledger, self._ledger_fault = ledger, None

    def record(self, version: PackageVersion) -> PublicRecord:
        """The public record of a version, every byte verified once."""
        return self._restore(version)

    def _restored(self, version: PackageVersion) -> PublicRecord:
        inventory = self.store.inventory(version.object, version.bound_version)
        return restore_record(
            lambda path: self.store.read(inventory, path, version.version), inventory.state(version.version)
        )

    def close(self) -> None:
        """Closes the index."""
        with self._lock:
            if self._generation is not None:
                self._generation.index.close()
                self._generation = None


def _stamp(path: Path) -> Stamp | None:
    """Tells a replaced file from the one before: pointer and ledger are replaced, never written in place."""
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_mtime_ns, status.st_ino, status.st_size


class Snapshot:
    """One request's view: one index generation, and the ledger for withdrawals.

    Args:
        portal: the portal.
        index: a cursor of the generation.
        ledger: the ledger as it is now; lines above the generation count for withdrawals alone.
    """

    def __init__(self, portal: Portal, index: Index, ledger: Ledger) -> None:
        self._portal = portal
        self.index = index
        self.ledger = ledger

    @property
    def bank(self) -> Bank:
        """The bank."""
        return self._portal.bank

    @property
    def store(self) -> Store:
        """The public store."""
        return self._portal.store

    @property
    def sequence(self) -> int:
        """The ledger line that the generation shows."""
        return self.index.current.sequence

    def last_line(self) -> LedgerLine | None:
        """The ledger line that the generation shows; None for a bank without releases."""
        return self.ledger.lines[self.sequence - 1] if 0 < self.sequence <= self.ledger.sequence else None

    def withdrawal(self, package: str, path: str | None = None) -> Withdrawal | None:
        """The withdrawal that covers a package or one of its files, as the ledger says now."""
        return self.ledger.withdrawal_of(package, path)

    def versions(self, package: str) -> list[PackageVersion]:
        """The versions of a package that the generation shows, newest first; where they lie, the ledger says now."""
        shown = {line.release for line in self.ledger.lines[: self.sequence]}
        return [each for each in reversed(self.ledger.versions(package)) if each.release in shown]

    def find(self, package: str, release: str | None = None) -> PackageVersion:
        """The version that was current in a release, today's for None.

        Raises:
            NotFoundError: there is no such package, or it was not there in that release.
        """
        versions = self.versions(package)
        if release is not None:
            line = next((line for line in self.ledger.lines[: self.sequence] if line.release == release), None)
            reached = {each.release for each in self.ledger.lines[: line.sequence]} if line else set()
            versions = [each for each in versions if each.release in reached]
        if not versions:
            named = f"{package}@{release}" if release else package
            raise NotFoundError("package-not-found", f"There is no package {named[:80]} here.")
        return versions[0]

    def inventory(self, version: PackageVersion) -> Inventory:
        """The signed inventory that covers a version."""
        return self.store.inventory(version.object, version.bound_version)

    def document(self, version: PackageVersion, path: str) -> bytes:
        """A stored document of a version, verified.

        Raises:
            NotFoundError: the version has none of that name.
        """
        return self.store.read(self.inventory(version), path, version.version)

    def record(self, version: PackageVersion) -> PublicRecord:
        """The public record of a version."""
        return self._portal.record(version)

    def catalog_document(self, path: str) -> bytes:
        """A document of the catalogue as a whole, of the release that the generation shows.

        Raises:
            NotFoundError: nothing is released, or there is no such document.
        """
        line = self.last_line()
        if line is None:
            raise NotFoundError("nothing-released", "Nothing is released here yet.")
        return self.store.read(self.store.inventory(CATALOG_ID, line.catalog["version"]), path)

    def shown(self, packages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Search results without packages that were withdrawn since the generation was built."""
        return [each for each in packages if self.withdrawal(str(each["id"])) is None]

    def files(self, version: PackageVersion) -> Mapping[str, str]:
        """Digest by logical path of a version."""
        return self.inventory(version).state(version.version)
