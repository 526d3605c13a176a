"""The files of a published folder on disk: written whole or not at all, read back, and nothing of others touched."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from catalog import durable
from catalog.checksums import CHUNK_BYTES
from catalog.errors import ConflictError
from catalog.package.documents import render_json
from publish.targets.folder.layout import STAGING
from publish.targets.protocol import Traffic
from publish.targets.publication import PublishedFile


@dataclass(slots=True)
class Tree:
    """One folder. Places are relative to it, with slashes.

    Attributes:
        root: the folder.
        traffic: what was written and read; a write is a file that was written, renamed into place or removed.
    """

    root: Path
    traffic: Traffic = field(default_factory=Traffic)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def size(self, place: str) -> int | None:
        """The size of a plain file; None when there is none."""
        status = self._status(place)
        return status.st_size if status is not None and stat.S_ISREG(status.st_mode) else None

    def exists(self, place: str) -> bool:
        """Whether anything at all bears the name, a link that leads nowhere too."""
        return self._status(place) is not None

    def _status(self, place: str) -> os.stat_result | None:
        try:
            return (self.root / place).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def names(self, place: str) -> list[str]:
        """What lies in a folder, sorted; nothing when there is no such folder."""
        folder = self.root / place
        return sorted(each.name for each in folder.iterdir()) if folder.is_dir() else []

    def digest(self, place: str) -> tuple[str, int]:
        """Digest and size of a file; ``("", 0)`` when there is none."""
        digest, size = hashlib.sha256(), 0
        if self.size(place) is None:
            return "", 0
        with (self.root / place).open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        self._count(read=size)
        return digest.hexdigest(), size

    def document(self, place: str, form: str) -> dict[str, Any] | None:
        """A document of ours; None when the name is free.

        Raises:
            ConflictError: something else bears the name.
        """
        if not self.exists(place):
            return None
        if self.size(place) is None:
            raise foreign(place)
        content = (self.root / place).read_bytes()
        self._count(read=len(content))
        try:
            members = json.loads(content)
        except (ValueError, RecursionError) as error:
            raise foreign(place) from error
        if not isinstance(members, dict) or members.get("form") != form:
            raise foreign(place)
        return members

    def check_folders(self, places: Iterable[str]) -> None:
        """Makes sure that every folder on the way to some places is a folder, or free.

        Raises:
            ConflictError: a file or a link bears the name of one.
        """
        seen: set[str] = set()
        for place in places:
            for folder in _parents(place):
                if folder in seen:
                    break
                seen.add(folder)
                status = self._status(folder)
                if status is not None and not stat.S_ISDIR(status.st_mode):
                    raise foreign(folder)

    def make_folder(self, place: str) -> None:
        """Makes a folder and its parents."""
        durable.make_directories(self.root / place)

    def put(self, place: str, members: Mapping[str, Any]) -> None:
        """Puts a document under its name in one step; what a crash leaves lies in the staging folder alone."""
        target = self.root / place
        part = self.root / STAGING / f"part-{hashlib.sha256(place.encode()).hexdigest()[:16]}"
        durable.make_directories(part.parent)
        durable.make_directories(target.parent)
        durable.remove_file(part)
        durable.write_new(part, render_json(members))
        durable.replace_name(part, target)
        self._count(writes=1)

    def copy(self, file: PublishedFile, place: str) -> None:
        """Copies the bytes of a file into the staging folder; the caller syncs the folder."""
        durable.remove_file(self.root / place)
        target = durable.NewFile(self.root / place)
        try:
            with file.open() as stream:
                while chunk := stream.read(CHUNK_BYTES):
                    target.write(chunk)
        finally:
            target.close()
        self._count(writes=1, sent=file.bytes)

    def sync(self, places: Iterable[str]) -> None:
        """Makes the names in some folders durable."""
        for each in sorted(set(places)):
            durable.sync_directory(self.root / each)

    def move(self, place: str, to: str) -> None:
        """Renames a file to where it stays; the caller syncs the folder."""
        durable.make_directories((self.root / to).parent)
        durable.rename_unsynced(self.root / place, self.root / to)
        self._count(writes=1)

    def remove(self, place: str) -> None:
        """Removes a file, and the folders that it leaves empty."""
        path = self.root / place
        if not self.exists(place):
            return
        durable.remove_file(path)
        durable.sync_directory(path.parent)
        durable.prune_empty_directories(path.parent, self.root)
        self._count(writes=1)

    def remove_folder(self, place: str) -> None:
        """Removes a folder with everything in it."""
        durable.remove_tree(self.root / place)

    def _count(self, *, writes: int = 0, sent: int = 0, read: int = 0) -> None:
        with self._lock:
            self.traffic.requests += writes
            self.traffic.writes += writes
            self.traffic.sent_bytes += sent
            self.traffic.read_bytes += read


def _parents(place: str) -> Iterator[str]:
    """The folders above a place, nearest first."""
    while "/" in place:
        place = place.rpartition("/")[0]
        yield place


def foreign(place: str) -> ConflictError:
    """Something that is not ours bears a name that the release needs."""
    return ConflictError(
        "portal-name-foreign",
        f"the folder has something named {place} that this bank did not put there",
        at=place,
        hint="move it away, or publish to another folder; it is not touched",
    )
