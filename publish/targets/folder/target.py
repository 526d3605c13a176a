"""A folder as a target: bytes are staged beside the tree, read back, renamed into place; the pointer moves last."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from catalog import durable
from catalog.errors import ConflictError, IntegrityError
from catalog.store.locks import exclusive
from publish.targets.folder.layout import (
    LOCK,
    PACKAGE_FORM,
    POINTER,
    POINTER_FORM,
    STAGING,
    FolderLayout,
    list_path,
    package_document,
    pointer_document,
    record_path,
    staged_folder,
    staged_list,
    staged_path,
)
from publish.targets.folder.reading import (
    CONTAINER,
    Entry,
    Reading,
    check_names,
    list_document,
    place_of,
    read_folder,
    read_list,
    state_of,
)
from publish.targets.folder.tree import Tree, foreign
from publish.targets.planning import HIDE, Batch, RecordStep
from publish.targets.protocol import Diagnosis, Note, Tell, Traffic
from publish.targets.publication import FileKey, Publication, PublishedFile
from publish.targets.state import Held, Limits, TargetState, Urls

_COPIES = 2


@dataclass(slots=True)
class FolderTarget:
    """One folder.

    Attributes:
        name: of the target in the settings.
        tree: the folder.
        url: where it is served; empty for the bank's base IRI.
        limits: how much goes where.
    """

    name: str
    tree: Tree
    url: str
    limits: Limits
    _layout: FolderLayout = field(default_factory=FolderLayout, repr=False)
    _reading: Reading = field(default_factory=Reading, repr=False)
    _base_iri: str = ""
    _proved: set[tuple[str, FileKey]] = field(default_factory=set, repr=False)

    @property
    def layout(self) -> FolderLayout:
        """Places and addresses; complete after :meth:`read`."""
        return self._layout

    @property
    def traffic(self) -> Traffic:
        """What was written and read."""
        return self.tree.traffic

    def check(self) -> Iterable[Diagnosis]:
        """Whether the folder, or the one that it will be made in, can be written."""
        folder = self.tree.root
        while not folder.exists():
            folder = folder.parent
        if folder.is_dir() and os.access(folder, os.W_OK | os.X_OK):
            return [Diagnosis(name="folder", state="ok", text=f"{self.tree.root} can be written")]
        mend = f"give yourself the right to write in {folder}, or change path in fairline.toml"
        return [Diagnosis(name="folder", state="bad", text=f"{folder} cannot be written", mend=mend)]

    def read(self, publication: Publication) -> TargetState:
        """What the folder holds of the bank."""
        with durable.disk_errors(self.tree.root):
            self._base_iri = publication.bank.base_iri
            self._reading = read_folder(self.tree, publication)
            documents = {place: each.sha256 for place, each in self._reading.opened.items() if not each.package}
            self._layout = FolderLayout(
                url=self.url or publication.bank.base_iri,
                versions={each.id: each.release for each in publication.packages},
                taken=documents,
                limits=self.limits,
            )
            check_names(self.tree, self._reading, publication, self._layout)
            return state_of(self.tree, self._reading, publication, self._layout)

    @contextlib.contextmanager
    def hold(self, run: str, mine: Sequence[str]) -> Iterator[None]:
        """Keeps other publishers away by a lock that ends with the process, and removes what dead runs left half."""
        with durable.disk_errors(self.tree.root):
            self.tree.make_folder(STAGING)
        with exclusive(self.tree.root / LOCK, wait=False, what="publishes to this folder"):
            with durable.disk_errors(self.tree.root):
                self._tidy()
            yield

    def _tidy(self) -> None:
        """Removes files that no list names, and closed containers that hold nothing."""
        for name in self.tree.names(STAGING):
            if name.startswith("part-"):
                self.tree.remove(f"{STAGING}/{name}")
            elif CONTAINER.fullmatch(name):
                files = self._list(name)
                if not any(self._place_of(name, each) for each in files.values()):
                    self.tree.remove_folder(staged_folder(name))
                    continue
                wanted = {staged_list(name), *(staged_path(name, key) for key in files)}
                for each in self.tree.names(staged_folder(name)):
                    if f"{staged_folder(name)}/{each}" not in wanted:
                        self.tree.remove(f"{staged_folder(name)}/{each}")

    def _list(self, container: str) -> dict[FileKey, Entry]:
        return read_list(self.tree, staged_list(container), self._base_iri) or {}

    def _save(self, container: str, files: dict[FileKey, Entry]) -> None:
        self.tree.put(staged_list(container), list_document(self._base_iri, files.values()))

    def create(self, container: str, publication: Publication) -> None:
        """Nothing: a container is there when its first files are, so that an empty one is never left."""

    def upload(self, batch: Batch, tell: Tell) -> None:
        """Copies files into a closed container. Its list names them before, so that a part of one is found again."""
        with durable.disk_errors(self.tree.root):
            files, sent = self._list(batch.container), 0
            files.update({each.key: self._entry(batch.container, each) for each in batch.files})
            self._save(batch.container, files)
            for each in batch.files:
                self.tree.copy(each, staged_path(batch.container, each.key))
                sent += each.bytes
                members = {"bytes": sent, "total": batch.bytes, "files": len(batch.files)}
                tell(Note(type="progress", step="upload", name=batch.files[0].label, members=members))
            self.tree.sync([staged_folder(batch.container)])

    def _entry(self, container: str, file: PublishedFile) -> Entry:
        return Entry(
            folder=self._layout.folder(container, file),
            package=file.package,
            path=file.path,
            bytes=file.bytes,
            sha256=file.sha256,
        )

    def verify(self, container: str, file: PublishedFile) -> None:
        """Reads a file back and compares its bytes; copies it once more when they are others."""
        staged, got = staged_path(container, file.key), ("", 0)
        with durable.disk_errors(self.tree.root):
            for _ in range(_COPIES):
                place = staged if self.tree.exists(staged) else self._layout.place(container, file)
                got = self.tree.digest(place)
                if got == (file.sha256, file.bytes):
                    self._proved.add((container, file.key))
                    return
                self.tree.copy(file, staged)
                self.tree.sync([staged_folder(container)])
            self.tree.remove(staged)
        raise _wrong_bytes(file.label, staged, (file.sha256, file.bytes), got)

    def verify_link(self, file: PublishedFile, url: str) -> None:
        """Reads a file where its address leads, and compares its bytes."""
        place = self._layout.place_of(url)
        with durable.disk_errors(self.tree.root):
            got = self.tree.digest(place)
        if got != (file.sha256, file.bytes):
            raise _wrong_bytes(file.label, place, (file.sha256, file.bytes), got)

    def open(self, container: str) -> None:
        """Renames the files of a container to where everybody reads them; its list follows when all are there."""
        with durable.disk_errors(self.tree.root):
            listed = self._list(container)
            files = {key: each for key, each in listed.items() if self._place_of(container, each) is not None}
            if len(files) < len(listed):
                self._save(container, files)
            for each in files.values():
                self._publish(container, each)
            self.tree.sync(each.place.rpartition("/")[0] for each in files.values())
            if files:
                self.tree.move(staged_list(container), list_path(container))
                self.tree.sync([list_path(container).rpartition("/")[0]])
            self.tree.remove_folder(staged_folder(container))

    def _place_of(self, container: str, entry: Entry) -> str | None:
        return place_of(self.tree, self._reading, container, entry)

    def _publish(self, container: str, entry: Entry) -> None:
        staged = staged_path(container, entry.key)
        is_staged = self.tree.exists(staged)
        if (container, entry.key) not in self._proved:  # an earlier run proved it: that is not proof enough to show it
            place = staged if is_staged else entry.place
            got = self.tree.digest(place)
            if got != (entry.sha256, entry.bytes):
                raise _wrong_bytes(entry.path, place, (entry.sha256, entry.bytes), got)
        if not is_staged:
            return
        if self.tree.exists(entry.place) and not self._reading.is_listed(entry.place):
            raise foreign(entry.place)
        self.tree.check_folders([entry.place])
        self.tree.move(staged, entry.place)

    def record(self, step: RecordStep, publication: Publication, urls: Urls) -> None:
        """Makes a record of links what it should be, in one step; a package that the release does not have has none."""
        place = record_path(step.package)
        with durable.disk_errors(self.tree.root):
            if step.action == HIDE:
                self.tree.remove(place)
            else:
                self.tree.put(place, package_document(publication, publication.package(step.package), urls))

    def point(self, publication: Publication, urls: Urls) -> None:
        """Makes ``release.json`` name the release."""
        with durable.disk_errors(self.tree.root):
            self.tree.put(POINTER, pointer_document(publication, urls))

    def drop(self, held: Held) -> None:
        """Erases a file from a closed container, and the container when it was the last."""
        container = held.container
        with durable.disk_errors(self.tree.root):
            files = self._list(container)
            entry = files.pop(held.key, None)
            while entry is not None and (place := self._place_of(container, entry)) is not None:
                self.tree.remove(place)
            if any(self._place_of(container, each) is not None for each in files.values()):
                self._save(container, files)
            else:
                self.tree.remove_folder(staged_folder(container))

    def erase(self, held: Held) -> None:
        """Erases the bytes of a withdrawn file."""
        if not held.is_open:
            self.drop(held)
            return
        with durable.disk_errors(self.tree.root):
            self.tree.remove(f"{held.container}/{held.key[1]}")

    def prove(self, publication: Publication, urls: Urls, tell: Tell) -> None:
        """Follows the pointer as a stranger does: its documents and the records are right, every file is there."""
        with durable.disk_errors(self.tree.root):
            self._compare(POINTER, POINTER_FORM, pointer_document(publication, urls))
            for package in publication.packages:
                place = record_path(package.id)
                if package.withdrawal is None or self.tree.exists(place):
                    self._compare(place, PACKAGE_FORM, package_document(publication, package, urls))
            for (package_id, path, sha256), url in urls.items():
                if not package_id:
                    place = self._layout.place_of(url)
                    digest, size = self.tree.digest(place)
                    if digest != sha256:
                        raise _wrong_bytes(path, place, (sha256, size), (digest, size))
            for file in publication.files():
                place = self._layout.place_of(urls[file.key])
                if self.tree.size(place) != file.bytes:
                    raise _wrong_bytes(
                        file.label, place, (file.sha256, file.bytes), ("not read", self.tree.size(place) or 0)
                    )

    def _compare(self, place: str, form: str, wanted: dict[str, object]) -> None:
        shown = self.tree.document(place, form) or {}
        if shown != wanted:
            others = [name for name in wanted if shown.get(name) != wanted[name]]
            raise IntegrityError(
                "portal-differs", f"{place} is not what was published", at=place,
                got=f"other values of {', '.join(others[:5])}" if shown else "nothing",
                hint="somebody changed it meanwhile: run the same command again to put it right",
            )  # fmt: skip

    def examine(self, publication: Publication | None) -> Iterable[Diagnosis]:
        """Whether the folder can be written; with a release, whose names there are and what dead runs left."""
        if publication is None:
            yield from self.check()
            return
        try:
            state = self.read(publication)
        except ConflictError as error:
            yield Diagnosis(name="names", state="bad", text=str(error), mend=error.hint or "")
            return
        for each in state.leftovers:
            mend = f"fairline publish {self.name} --resume, or --rollback to give the run up"
            yield Diagnosis(name="leftovers", state="warn", text=each, mend=mend)


def _wrong_bytes(label: str, place: str, want: tuple[str, int], got: tuple[str, int]) -> IntegrityError:
    return IntegrityError(
        "portal-bytes",
        f"{label} is not what was released when it is read from there",
        at=place,
        want=f"{want[1]} bytes, sha256 {want[0]}",
        got=f"{got[1]} bytes, sha256 {got[0]}" if got[0] else "nothing",
        hint="if 'fairline verify' finds the bank whole: delete that file and publish again, it is copied anew",
    )
