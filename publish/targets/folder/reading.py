"""Reading what a folder holds of a bank: from its lists, its records and its pointer; no file is read whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from catalog.errors import InvalidError
from publish.targets.folder.layout import (
    FILES_FORM,
    PACKAGE_FORM,
    POINTER,
    POINTER_FORM,
    STAGING,
    FolderLayout,
    list_path,
    record_path,
    staged_list,
    staged_path,
)
from publish.targets.folder.tree import Tree, foreign
from publish.targets.publication import MANIFEST, FileKey, Publication, PublishedFile
from publish.targets.state import Held, Shown, TargetState

_LIST = re.compile(r"files-p([0-9]{2,})\.json")
CONTAINER = re.compile(r"[0-9]{4}\.[0-9]{2}(?:\.[0-9]+)?-p[0-9]{2,}")
_FOLDER = re.compile(r"package/[A-Za-z0-9][A-Za-z0-9._-]*/[0-9.]+/files|release/[0-9.]+(?:/[0-9a-f]{12})?")


class Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file in the list of a container: which one, and the folder where everybody reads it once it is open."""

    folder: str
    package: str
    path: str
    bytes: int
    sha256: str

    @property
    def key(self) -> FileKey:
        """Which file."""
        return self.package, self.path, self.sha256

    @property
    def place(self) -> str:
        """Where everybody reads it."""
        return f"{self.folder}/{self.path}"


@dataclass(slots=True)
class Reading:
    """What was read, beside the state that plans are made from.

    Attributes:
        opened: the files of open containers, by place.
        containers: the open containers.
        closed: the files of closed containers.
        awaited: the places that these will have.
    """

    opened: dict[str, Entry] = field(default_factory=dict)
    containers: list[str] = field(default_factory=list)
    closed: dict[str, dict[FileKey, Entry]] = field(default_factory=dict)
    awaited: set[str] = field(default_factory=set)

    def is_listed(self, place: str) -> bool:
        """Whether a file at a place is one that we put there."""
        return place in self.opened or place in self.awaited


def list_document(base_iri: str, entries: Iterable[Entry]) -> dict[str, Any]:
    """The list of a container: the same for the same files, in whatever order they came."""
    files = [msgspec.to_builtins(each) for each in sorted(entries, key=lambda each: each.key)]
    return {"form": FILES_FORM, "base_iri": base_iri, "files": files}


def read_list(tree: Tree, place: str, base_iri: str) -> dict[FileKey, Entry] | None:
    """The list at a place; None when there is none.

    Raises:
        ConflictError: something else is there, or the list of another bank.
    """
    members = tree.document(place, FILES_FORM)
    if members is None:
        return None
    try:
        entries = msgspec.convert(members.get("files"), list[Entry])
    except msgspec.ValidationError as error:
        raise foreign(place) from error
    if members.get("base_iri") != base_iri or not all(_is_inside(each) for each in entries):
        raise foreign(place)
    return {each.key: each for each in entries}


def _is_inside(entry: Entry) -> bool:
    """Whether a list leads nowhere else: whatever it names may be moved and removed."""
    parts = entry.place.split("/")
    return _FOLDER.fullmatch(entry.folder) is not None and not {"", ".", ".."} & set(parts)


def read_folder(tree: Tree, publication: Publication) -> Reading:
    """The lists of a folder.

    Raises:
        ConflictError: the folder is another bank's, or something has a name that lists need.
    """
    base_iri = publication.bank.base_iri
    tree.check_folders([f"{STAGING}/x", "package/x", *(f"release/{each}/x" for each in publication.releases)])
    reading = Reading()
    for release in publication.releases:
        for name in tree.names(f"release/{release}"):
            match = _LIST.fullmatch(name)
            if match:
                container = f"{release}-p{match[1]}"
                reading.containers.append(container)
                found = read_list(tree, list_path(container), base_iri) or {}
                reading.opened.update({each.place: each for each in found.values()})
    for name in tree.names(STAGING):
        if CONTAINER.fullmatch(name):
            listed = read_list(tree, staged_list(name), base_iri)
            if listed is not None:
                reading.closed[name] = listed
                reading.awaited.update(each.place for each in listed.values())
    return reading


def state_of(tree: Tree, reading: Reading, publication: Publication, layout: FolderLayout) -> TargetState:
    """What was read, as plans want it: a file that the release has counts as held only at the place it has there.

    Raises:
        ConflictError: a record or the pointer is not ours.
    """
    held: dict[FileKey, Held] = {}
    twins: list[Held] = []
    container = layout.container(publication.release, 1)
    folders = {each.key: layout.folder(container, each) for each in (*publication.files(), *publication.documents)}
    for folder, each in (*_opened(tree, reading), *_closed(tree, reading)):
        if each.key in held or folders.get(each.key, folder) != folder:
            twins.append(each)
        else:
            held[each.key] = each
    counts = Counter(each.container for each in (*held.values(), *twins) if not each.is_open)
    pointer = _pointer(tree, publication)
    return TargetState(
        release=str(pointer["release"]) if pointer is not None else "",
        line_sha256=str(pointer.get("ledger_line_sha256", "")) if pointer is not None else "",
        containers={**dict.fromkeys(reading.closed, False), **dict.fromkeys(reading.containers, True)},
        held=held,
        twins=twins,
        shown=_records(tree, publication),
        pointer=Shown(document=pointer) if pointer is not None else None,
        leftovers=[f"{name} is closed, with {count} files" for name, count in sorted(counts.items())],
    )


def _opened(tree: Tree, reading: Reading) -> Iterator[tuple[str, Held]]:
    """What lies where it should with the size that it should have; anything else has to be sent again."""
    for place, each in reading.opened.items():
        if tree.size(place) == each.bytes:
            yield each.folder, Held(key=each.key, bytes=each.bytes, container=each.folder, is_open=True)


def _closed(tree: Tree, reading: Reading) -> Iterator[tuple[str, Held]]:
    for container, files in reading.closed.items():
        for each in files.values():
            if place_of(tree, reading, container, each) is not None:
                yield each.folder, Held(key=each.key, bytes=each.bytes, container=container, is_open=False)


def place_of(tree: Tree, reading: Reading, container: str, entry: Entry) -> str | None:
    """Where a file of a closed container lies: staged, or moved already by a run that died while it opened it."""
    staged = staged_path(container, entry.key)
    if tree.size(staged) is not None:
        return staged
    is_ours = entry.place not in reading.opened  # else the file belongs to an open container: it stays
    return entry.place if is_ours and tree.size(entry.place) is not None else None


def _records(tree: Tree, publication: Publication) -> dict[str, Shown]:
    shown = {}
    for name in (*(each.id for each in publication.packages), *publication.later):
        place = record_path(name)
        members = tree.document(place, PACKAGE_FORM)
        if members is not None:
            if members.get("iri") != publication.bank.addresses.package(name):
                raise foreign(place)
            shown[name] = Shown(document=members, is_tombstone="withdrawn" in members)
    return shown


def _pointer(tree: Tree, publication: Publication) -> Mapping[str, Any] | None:
    members = tree.document(POINTER, POINTER_FORM)
    if members is not None and members.get("base_iri") != publication.bank.base_iri:
        raise foreign(POINTER)
    return members


def check_names(tree: Tree, reading: Reading, publication: Publication, layout: FolderLayout) -> None:
    """Makes sure that every name that the release may need is free, or ours.

    Raises:
        ConflictError: something that is not ours has such a name.
        InvalidError: the folder of one package would have the name of another's record.
    """
    ids = {each.id.lower() for each in publication.packages}
    for name in sorted(ids):
        if f"{name}.json" in ids:
            raise InvalidError(
                "portal-name-taken", f"the folder of {name}.json would have the name of the record of {name}", at=name,
                hint="one of the lines needs another id",
            )  # fmt: skip
    container = layout.container(publication.release, 1)
    places = {layout.place(container, each): each for each in (*publication.files(), *publication.documents)}
    tree.check_folders(places)
    for place, file in places.items():
        if _is_foreign(tree, reading, place, file):
            raise foreign(place)
    manifest = f"release/{publication.release}/{MANIFEST}"
    if tree.exists(manifest) and not reading.is_listed(manifest):
        raise foreign(manifest)


def _is_foreign(tree: Tree, reading: Reading, place: str, file: PublishedFile) -> bool:
    listed = reading.opened.get(place)
    if listed is not None:
        return listed.sha256 != file.sha256
    return tree.exists(place) and not reading.is_listed(place)
