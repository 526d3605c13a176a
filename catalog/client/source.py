"""Where packages come from: a portal over HTTP or a bank on this disk, behind one protocol."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from catalog.bank import Bank
from catalog.checksums import CHUNK_BYTES
from catalog.errors import NotFoundError
from catalog.ledger import PackageVersion
from catalog.store import Store
from catalog.store.inventory import Inventory

#: What is read at most of a file whose size nobody has signed.
LARGEST_DOCUMENT_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """The start of an answer with a file's bytes.

    Attributes:
        start: the offset of the first byte; 0 when the source cannot resume.
        blocks: the bytes from there to the end.
        bytes: how many these are, where the source says so.
    """

    start: int
    blocks: Iterator[bytes]
    bytes: int | None = None

    def close(self) -> None:
        """Lets go of the connection or the file, when the bytes are not wanted to their end."""
        close = getattr(self.blocks, "close", None)
        if close is not None:
            close()


class PackageSource(Protocol):
    """Gives the bytes that a download is made of; nothing it says is believed without a signature."""

    @property
    def address(self) -> str:
        """Where it is, for people."""

    @property
    def portal(self) -> str | None:
        """The web address under which its key is known too; None for a bank on this disk."""

    def base_iri(self) -> str:
        """The bank's base IRI: the name under which its key is known."""

    def keys(self) -> bytes:
        """``signing-key.pub``."""

    def ledger(self) -> bytes:
        """``ledger.jsonl``."""

    def inventory(self, version: PackageVersion) -> bytes:
        """The inventory that the ledger binds for a version."""

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        """The bytes of a file of a version.

        Args:
            version: the version.
            inventory: its inventory, checked.
            path: a logical path of its state.
            start: how many bytes the caller has already.
        """

    def size(self, version: PackageVersion, inventory: Inventory, path: str) -> int | None:
        """How many bytes a file of a version has, where the source knows it without sending them."""


class BankSource:
    """A bank on this disk.

    Args:
        bank: the bank; only its public side is read.
    """

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._store = Store(bank.store_folder)

    @property
    def address(self) -> str:
        """The bank's folder."""
        return str(self._bank.root)

    @property
    def portal(self) -> None:
        """None: a folder is no name that a key is known by."""
        return None

    def base_iri(self) -> str:
        """From the bank's settings."""
        return self._bank.settings.base_iri

    def keys(self) -> bytes:
        """The bank's key file."""
        return self._read(self._bank.keys_path)

    def ledger(self) -> bytes:
        """The bank's public ledger."""
        return self._read(self._bank.ledger_path)

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise NotFoundError(
                "nothing-released",
                "the bank has released nothing yet",
                at=str(path),
                hint="run 'fairline release NAME'",
            ) from None

    def inventory(self, version: PackageVersion) -> bytes:
        """From the store."""
        return self._store.inventory_bytes(version.object, version.bound_version)

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        """From the store, from any offset."""
        place = self._store.content_path(inventory, inventory.state(version.version)[path])
        size = self.size(version, inventory, path)
        return Piece(start, _blocks(place, start), None if size is None else max(size - start, 0))

    def size(self, version: PackageVersion, inventory: Inventory, path: str) -> int | None:
        """From the store; None when the file is not there."""
        try:
            return self._store.content_path(inventory, inventory.state(version.version)[path]).stat().st_size
        except OSError:
            return None


def _blocks(path: Path, start: int) -> Iterator[bytes]:
    with path.open("rb") as stream:
        stream.seek(start)
        while block := stream.read(CHUNK_BYTES):
            yield block
