"""The storage root: read a version, commit a version, replay a history, purge an object.

Write protocol (each step made durable before the next):

1. ``extensions/staging/<uuid>/``: new content is copied there through the hasher, created exclusively, synced
   and compared with the digest that was promised. No lock is held during this long step.
2. lock of the object (freed by the kernel when the process dies);
3. :func:`~catalog.store.recovery.recover_object`: an earlier writer's last step is finished;
4. the caller's expectation of the head must hold, else conflict;
5. the version's folder is built in staging: content under its digest, inventory, sidecar;
6. **commit: one rename** of the version's folder into the object (of the whole object for its first version);
   then the copy of the inventory in the object's root is renewed;
7. read-back: the inventory and every new content file are read and hashed again.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog import durable
from catalog.checksums import CHUNK_BYTES, sha256_of_file
from catalog.errors import ConflictError, IntegrityError, NotFoundError
from catalog.store import inventory as inventories
from catalog.store import layout, recovery
from catalog.store.inventory import INVENTORY, SIDECAR, Inventory, Version, version_number
from catalog.store.locks import exclusive


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """One logical file of a version: its path, its digest, and where its bytes come from."""

    path: str
    sha256: str
    data: bytes | None = None
    source: Path | None = None

    @classmethod
    def of_bytes(cls, path: str, data: bytes) -> Content:
        """A document that was made in memory."""
        return cls(path=path, sha256=hashlib.sha256(data).hexdigest(), data=data)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """One version to be replayed: its contents, and when and why it was made."""

    contents: Sequence[Content]
    created: str
    message: str


class Store:
    """An OCFL 1.1 storage root.

    Args:
        root: its folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def create(cls, root: Path) -> Store:
        """Makes a storage root where there is none, and opens it."""
        with durable.disk_errors(root):
            layout.make_root(root)
        layout.check_root(root)
        return cls(root)

    def folder(self, object_id: str) -> Path:
        """The folder of an object."""
        return self.root / layout.object_path(object_id)

    def object_ids(self) -> Iterator[str]:
        """The ids of all objects, in the order of their folders."""
        for folder in recovery.object_folders(self.root):
            yield layout.object_id_of(folder)

    def head(self, object_id: str) -> Inventory | None:
        """The inventory of the highest whole version; None when there is no such object."""
        return recovery.read_head(self.folder(object_id))

    def inventory(self, object_id: str, version: str) -> Inventory:
        """The inventory that was written with a version.

        Raises:
            NotFoundError: there is no such version.
            IntegrityError: its bytes do not agree with its sidecar.
        """
        folder = self.folder(object_id) / version
        try:
            return recovery.read_inventory(folder)
        except FileNotFoundError:
            raise NotFoundError("version-not-found", f"{object_id} has no version {version}", at=str(folder)) from None

    def inventory_bytes(self, object_id: str, version: str) -> bytes:
        """The bytes of the inventory that was written with a version."""
        try:
            return (self.folder(object_id) / version / INVENTORY).read_bytes()
        except FileNotFoundError:
            raise NotFoundError("version-not-found", f"{object_id} has no version {version}") from None

    def content_path(self, inventory: Inventory, sha256: str) -> Path:
        """The file that holds some content. The path is made from the inventory's manifest, never from a caller's words."""
        return self.folder(inventory.object_id) / inventory.manifest[sha256]

    def read(self, inventory: Inventory, path: str, version: str | None = None) -> bytes:
        """The bytes of a small logical file, verified.

        Raises:
            NotFoundError: the version has no such file.
            IntegrityError: the bytes are not the promised ones.
        """
        digest = inventory.state(version).get(path)
        if digest is None:
            raise NotFoundError("file-not-found", f"{inventory.object_id} has no file {path}")
        place = self.content_path(inventory, digest)
        data = place.read_bytes()
        got = hashlib.sha256(data).hexdigest()
        if got != digest:
            raise IntegrityError(
                "content-damaged", f"{path} is not what was released", at=str(place), want=digest, got=got
            )
        return data

    def commit(
        self, object_id: str, contents: Iterable[Content], *, expect: str | None, created: str, message: str
    ) -> Inventory:
        """Adds a version to an object.

        Args:
            object_id: the object; it is made when ``expect`` is None.
            contents: the whole logical content of the version.
            expect: the head that the caller saw, None for a new object.
            created: RFC 3339, UTC.
            message: why.

        Returns:
            The inventory of the new version, with its digest.

        Raises:
            ConflictError: the head is another one, or a source no longer has the promised bytes.
            TemporaryError: the disk is full or failed; the old state is intact.
        """
        contents = list(contents)
        with durable.disk_errors(self.root), self._staging() as staging:
            known = self.head(object_id)
            self._stage(contents, staging, set(known.manifest) if known else set())
            with self._object_lock(object_id):
                old = recovery.recover_object(self.root, object_id, staging)
                head = old.head if old else None
                if head != expect:
                    raise ConflictError(
                        "version-conflict",
                        f"{object_id} was changed by somebody else",
                        want=expect or "no version",
                        got=head or "no version",
                        hint="look at the new state, then run the same command again",
                    )
                state = {content.path: content.sha256 for content in contents}
                new = inventories.extend(old, object_id, Version(state=state, created=created, message=message))
                self._build_version(staging, new, staging / new.head)
                if old is None:
                    self._commit_object(staging, object_id, [new.head])
                else:
                    self._commit_version(staging, new)
        return self._read_back(object_id, new)

    def settle(
        self, object_id: str, contents: Iterable[Content], *, expect: str | None, created: str, message: str
    ) -> Inventory:
        """Adds a version above the one that is public, whatever a killed release left above it.

        A leftover is adopted when it is, byte for byte, the version that would be made; else it is removed first.
        Arguments and errors are those of :meth:`commit`; ``expect`` is the public version.
        """
        contents = list(contents)
        head = self.head(object_id)
        if head is not None and (expect is None or version_number(head.head) > version_number(expect)):
            old = self.inventory(object_id, expect) if expect else None
            state = {content.path: content.sha256 for content in contents}
            wanted = inventories.extend(old, object_id, Version(state=state, created=created, message=message))
            if head == wanted and self._is_intact(head):
                return head
            self.discard_above(object_id, expect)
        return self.commit(object_id, contents, expect=expect, created=created, message=message)

    def _is_intact(self, head: Inventory) -> bool:
        """Whether every content file that came with the head has its bytes."""
        paths = [(digest, path) for digest, path in head.manifest.items() if path.startswith(f"{head.head}/")]
        places = [(digest, self.folder(head.object_id) / path) for digest, path in paths]
        return all(place.is_file() and sha256_of_file(place) == digest for digest, place in places)

    def replay(self, object_id: str, history: Sequence[History]) -> Inventory:
        """Makes a new object with a whole history in one step.

        Raises:
            ConflictError: the object exists with other bytes.
        """
        with durable.disk_errors(self.root), self._staging() as staging:
            new: Inventory | None = None
            seen: set[str] = set()
            names = []
            for each in history:
                self._stage(each.contents, staging, seen)
                state = {content.path: content.sha256 for content in each.contents}
                new = inventories.extend(
                    new, object_id, Version(state=state, created=each.created, message=each.message)
                )
                seen |= set(state.values())
                names.append(new.head)
                self._build_version(staging, new, staging / new.head)
            assert new is not None, "a history has at least one version"
            with self._object_lock(object_id):
                old = recovery.recover_object(self.root, object_id, staging)
                if old is None:
                    self._commit_object(staging, object_id, names)
                elif inventories.render(old) != inventories.render(new):
                    raise ConflictError("version-conflict", f"{object_id} exists with another history", got=old.head)
        return self._read_back(object_id, new)

    def discard_above(self, object_id: str, version: str | None) -> None:
        """Removes the versions above one, or the whole object: what a killed release left and nobody has published."""
        with durable.disk_errors(self.root), self._staging() as staging, self._object_lock(object_id):
            recovery.discard_above(self.root, object_id, version, staging)

    def purge(self, object_id: str) -> None:
        """Erases an object with all its bytes. Nothing is left of it; doing it again does nothing."""
        with durable.disk_errors(self.root), self._staging() as staging, self._object_lock(object_id):
            recovery.discard_above(self.root, object_id, None, staging)

    def recover(self) -> None:
        """Finishes or removes whatever dead writers left. Only for the one who holds the bank's lock."""
        with durable.disk_errors(self.root):
            recovery.clear_staging(self.root)
            recovery.recover_all(self.root)

    @contextlib.contextmanager
    def _staging(self) -> Iterator[Path]:
        """A new staging folder; whatever is left in it at the end is removed."""
        staging = self.root / layout.STAGING / uuid.uuid4().hex
        durable.make_directories(staging.parent)
        durable.make_directory_unsynced(staging)
        try:
            yield staging
        finally:
            with contextlib.suppress(OSError):
                durable.remove_tree(staging)

    def _object_lock(self, object_id: str) -> contextlib.AbstractContextManager[None]:
        name = hashlib.sha256(object_id.encode()).hexdigest()
        return exclusive(self.root / layout.LOCKS / name, wait=True, what="writes this object")

    def _stage(self, contents: Sequence[Content], staging: Path, known: set[str]) -> None:
        """Copies new content into staging under its digest, synced and compared."""
        for content in contents:
            target = staging / content.sha256
            if content.sha256 in known or target.exists():
                continue
            if content.data is not None:
                durable.write_new(target, content.data)
            else:
                assert content.source is not None, "content has bytes or a source"
                _copy(content, content.source, target)

    def _build_version(self, staging: Path, new: Inventory, folder: Path) -> None:
        """Builds a version's folder in staging and syncs it."""
        added = [digest for digest, path in new.manifest.items() if path.startswith(f"{new.head}/")]
        durable.make_directory_unsynced(folder)
        if added:
            content = folder / "content"
            durable.make_directory_unsynced(content)
            for digest in added:
                source = staging / digest
                if not source.exists():
                    raise ConflictError("version-conflict", f"{new.object_id} lost content while it was being changed")
                durable.rename_unsynced(source, content / digest)
            durable.sync_directory(content)
        rendered = inventories.render(new)
        durable.write_new(folder / INVENTORY, rendered)
        durable.write_new(folder / SIDECAR, inventories.sidecar(rendered))
        durable.sync_directory(folder)

    def _commit_object(self, staging: Path, object_id: str, versions: Sequence[str]) -> None:
        """Commits a new object: its whole folder appears by one rename."""
        built = staging / "object"
        durable.make_directory_unsynced(built)
        for version in versions:
            durable.rename_unsynced(staging / version, built / version)
        rendered = (built / versions[-1] / INVENTORY).read_bytes()
        durable.write_new(built / layout.OBJECT_DECLARATION, b"ocfl_object_1.1\n")
        durable.write_new(built / INVENTORY, rendered)
        durable.write_new(built / SIDECAR, inventories.sidecar(rendered))
        durable.sync_directory(built)
        target = self.folder(object_id)
        durable.make_directories(target.parent)
        durable.rename(built, target)

    def _commit_version(self, staging: Path, new: Inventory) -> None:
        """Commits a further version: its folder appears by one rename."""
        folder = self.folder(new.object_id)
        durable.rename(staging / new.head, folder / new.head)
        recovery.renew_root_copy(folder, new.head, staging)

    def _read_back(self, object_id: str, new: Inventory) -> Inventory:
        """The committed inventory as the disk has it now, with all content that came with it hashed again."""
        read = self.inventory(object_id, new.head)
        for digest, path in read.manifest.items():
            if not path.startswith(f"{new.head}/"):
                continue
            place = self.folder(object_id) / path
            got = sha256_of_file(place)
            if got != digest:
                raise IntegrityError(
                    "content-damaged", "the disk did not keep what was written", at=str(place), want=digest, got=got
                )
        return read


def _copy(content: Content, source: Path, target: Path) -> None:
    """Copies one file through the hasher, never following a link."""
    digest = hashlib.sha256()
    descriptor = os.open(source, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    new = durable.NewFile(target)
    try:
        while chunk := os.read(descriptor, CHUNK_BYTES):
            digest.update(chunk)
            new.write(chunk)
    finally:
        os.close(descriptor)
        new.close()
    if digest.hexdigest() != content.sha256:
        raise ConflictError(
            "file-changed",
            f"{content.path} changed after it was validated",
            at=str(source),
            want=content.sha256,
            got=digest.hexdigest(),
            hint="wait until whatever writes it has finished, then run the same command again",
        )
