"""Fetching one file: gathered beside its name, resumed, bounded, and renamed when every byte is right."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from catalog import durable
from catalog.checksums import CHUNK_BYTES
from catalog.client.folder import link_error, part_names, refuse_links
from catalog.client.offer import Offer
from catalog.client.plan import Item
from catalog.client.source import LARGEST_DOCUMENT_BYTES, PackageSource, Piece
from catalog.errors import IntegrityError, TemporaryError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetcher:
    """Brings the files of an offer into a folder.

    Attributes:
        source: where the bytes come from.
        offer: what the bank signed.
        folder: where they go.
    """

    source: PackageSource
    offer: Offer
    folder: Path

    def fetch(self, item: Item) -> Iterator[int]:
        """Downloads one file beside its name and renames it when every byte is right; yields sizes of blocks.

        Raises:
            IntegrityError: other bytes came, or more than were signed; they are deleted.
            TemporaryError: fewer came; they are kept, and the same call goes on from there.
            ConflictError: a link is in the way.
        """
        target = self.folder / item.path
        part, note = part_names(target)
        refuse_links(self.folder, item.path)
        durable.make_directories(target.parent)
        refuse_links(self.folder, item.path)
        digest = _digest_of(part) if item.have_bytes else hashlib.sha256()
        if not item.have_bytes or digest.hexdigest() != item.sha256:  # a whole part leaves nothing to ask for
            piece = self.source.open(self.offer.version, self.offer.inventory, item.path, item.have_bytes)
            if not piece.start or not part.is_file():
                digest = hashlib.sha256()
                durable.remove_file(part)
                durable.replace_file(note, json.dumps({"sha256": item.sha256, "bytes": item.bytes}).encode())
            most = LARGEST_DOCUMENT_BYTES if item.bytes is None else item.bytes
            came = 0
            with contextlib.closing(piece), _opened(part, "ab") as stream:
                for block in piece.blocks:
                    digest.update(block)
                    stream.write(block)
                    came += len(block)
                    yield len(block)
                    if piece.start + came > most:
                        break  # a server that never ends must not fill the disk: its digest is wrong already
            self._check_length(item, piece, came)
        if digest.hexdigest() != item.sha256:
            durable.remove_file(part)
            durable.remove_file(note)
            raise wrong(item.path, self.source.address, item.sha256, digest.hexdigest())
        durable.sync_file(part)
        durable.replace_name(part, target)
        durable.remove_file(note)

    def _check_length(self, item: Item, piece: Piece, came: int) -> None:
        """Tells an answer that was cut off without a word from one that is whole and wrong."""
        whole = piece.bytes is not None and came >= piece.bytes
        if item.bytes is None or whole or piece.start + came >= item.bytes:
            return
        raise TemporaryError(
            "portal-cut-off",
            f"{item.path} ended after {piece.start + came} of {item.bytes} bytes",
            at=self.source.address,
            hint="run the same command again: it goes on where it stopped",
        )


def _digest_of(part: Path) -> hashlib._Hash:
    """The digest of what an earlier download left, to be continued."""
    digest = hashlib.sha256()
    if part.is_file():
        with _opened(part, "rb") as stream:
            while block := stream.read(CHUNK_BYTES):
                digest.update(block)
    return digest


def _opened(part: Path, mode: str) -> IO[bytes]:
    """A file that is opened only under its own name: a link that was put there since we looked is refused."""
    try:
        return open(part, mode, opener=_not_through_links)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise link_error(part) from error
        raise


def _not_through_links(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), 0o644)  # Windows has no such flag


def wrong(path: str, address: str, want: str, got: str) -> IntegrityError:
    """The error about bytes that are not those that were signed."""
    return IntegrityError(
        "download-wrong",
        f"{path} is not the file that was released; what came was deleted",
        at=address,
        want=want,
        got=got,
        hint="try again; if it stays wrong, tell the bank",
    )
