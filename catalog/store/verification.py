"""Verifying objects: every inventory, sidecar and content file against what the ledger binds; the exact place of each fault."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from catalog.checksums import sha256_of_file
from catalog.errors import IntegrityError
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.store import inventory as inventories
from catalog.store import layout, recovery
from catalog.store.inventory import INVENTORY, SIDECAR, Inventory
from catalog.store.root import Store

_SOURCE = "OCFL 1.1"

OBJECT_MISSING = Rule(
    "store-object-missing",
    Severity.ERROR,
    Level.SPEC,
    "the object {object_id} is not in the store",
    "restore the object's folder from a backup",
    f"{_SOURCE}, 4.3",
)
INVENTORY_CHANGED = Rule(
    "store-inventory",
    Severity.ERROR,
    Level.SPEC,
    "the inventory is not the one that was signed: {problem}",
    "restore the object's folder from a backup",
    f"{_SOURCE}, 3.5-3.7; docs/ledger.md",
)
ROOT_COPY = Rule(
    "store-root-copy",
    Severity.ERROR,
    Level.SPEC,
    "the copy of the inventory in the object's root is not that of its head",
    "run 'fairline release' or 'fairline index build': both finish what a killed job left",
    f"{_SOURCE}, 3.5.4",
)
CONTENT_MISSING = Rule(
    "store-content-missing",
    Severity.ERROR,
    Level.SPEC,
    "the bytes of {logical} are missing",
    "restore the file from a backup",
    f"{_SOURCE}, 3.5.2",
)
CONTENT_CHANGED = Rule(
    "store-content",
    Severity.ERROR,
    Level.SPEC,
    "the bytes of {logical} are not those that were released",
    "restore the file from a backup",
    f"{_SOURCE}, 3.5.2",
)
UNEXPECTED = Rule(
    "store-unexpected",
    Severity.ERROR,
    Level.SPEC,
    "a file stands in the object that no inventory names",
    "move it away; find out who put it there",
    f"{_SOURCE}, 3.3",
)
DECLARATION = Rule(
    "store-declaration",
    Severity.ERROR,
    Level.SPEC,
    "the object's declaration is missing or changed",
    "restore the object's folder from a backup",
    f"{_SOURCE}, 3.2",
)

STORE_RULES = (OBJECT_MISSING, INVENTORY_CHANGED, ROOT_COPY, CONTENT_MISSING, CONTENT_CHANGED, UNEXPECTED, DECLARATION)


def check_object(store: Store, object_id: str, bound: Mapping[str, str], *, full: bool) -> Iterator[Finding]:
    """Findings of one object.

    Args:
        store: the storage root.
        object_id: the object.
        bound: version to the digest of its inventory, as signed lines say.
        full: whether every content file is hashed again; else only looked for.

    Yields:
        Findings whose path is relative to the storage root.
    """
    folder = store.folder(object_id)
    if not folder.is_dir():
        yield OBJECT_MISSING.at(Place(path=_relative(store, folder)), object_id=object_id)
        return
    declaration = folder / layout.OBJECT_DECLARATION
    if not declaration.is_file() or declaration.read_bytes() != b"ocfl_object_1.1\n":
        yield DECLARATION.at(Place(path=_relative(store, declaration)), expected="ocfl_object_1.1")
    head: Inventory | None = None
    versions = recovery.version_folders(folder)
    for version in versions:
        read, finding = _check_inventory(store, version, bound.get(version.name), head)
        if finding is not None:
            yield finding
        head = head or read
    for version_name in sorted(set(bound) - {each.name for each in versions}):
        place = Place(path=_relative(store, folder / version_name))
        yield INVENTORY_CHANGED.at(place, problem=f"the version {version_name} is missing")
    if head is None:
        return
    yield from _check_content(store, folder, head, full=full)
    if head.head == versions[0].name:
        # Only the newest inventory can tell what belongs in the object; its own fault is told already.
        yield from _check_root_copy(store, folder, head)
        yield from _check_unexpected(store, folder, head)


def _check_inventory(
    store: Store, version: Path, signed: str | None, head: Inventory | None
) -> tuple[Inventory | None, Finding | None]:
    place = Place(path=_relative(store, version / INVENTORY))
    try:
        read = recovery.read_inventory(version)
    except FileNotFoundError:
        return None, INVENTORY_CHANGED.at(place, problem="it is missing")
    except IntegrityError as error:
        at = Path(error.at or version)
        if at.name == INVENTORY and signed == sha256_of_file(at):
            at = version / SIDECAR  # the inventory is the one that was signed, so it is the sidecar that was changed
        place = Place(path=_relative(store, at))
        return None, INVENTORY_CHANGED.at(place, expected=error.want, got=error.got, problem=error.message)
    if signed is not None and read.sha256 != signed:
        return None, INVENTORY_CHANGED.at(place, expected=signed, got=read.sha256, problem="another digest is signed")
    if read.head != version.name:
        return None, INVENTORY_CHANGED.at(
            place, expected=version.name, got=read.head, problem="its head is another version"
        )
    if head is not None and inventories.render(head.upto(version.name)) != inventories.render(read):
        return None, INVENTORY_CHANGED.at(place, problem="it does not agree with the newest one")
    return read, None


def _check_root_copy(store: Store, folder: Path, head: Inventory) -> Iterator[Finding]:
    for name in (INVENTORY, SIDECAR):
        copy, original = folder / name, folder / head.head / name
        if not copy.is_file() or copy.read_bytes() != original.read_bytes():
            yield ROOT_COPY.at(Place(path=_relative(store, copy)), expected=f"the bytes of {head.head}/{name}")


def _check_content(store: Store, folder: Path, head: Inventory, *, full: bool) -> Iterator[Finding]:
    logical = {digest: path for version in head.versions.values() for path, digest in version.state.items()}
    for digest, path in sorted(head.manifest.items(), key=lambda item: item[1]):
        place = Place(path=_relative(store, folder / path))
        shown = logical.get(digest, path)
        if not (folder / path).is_file():
            yield CONTENT_MISSING.at(place, expected=digest, logical=shown)
        elif full:
            got = sha256_of_file(folder / path)
            if got != digest:
                yield CONTENT_CHANGED.at(place, expected=digest, got=got, logical=shown)


def _check_unexpected(store: Store, folder: Path, head: Inventory) -> Iterator[Finding]:
    known = {folder / path for path in head.manifest.values()}
    known |= {folder / layout.OBJECT_DECLARATION, folder / INVENTORY, folder / SIDECAR}
    for version in recovery.version_folders(folder):
        known |= {version / INVENTORY, version / SIDECAR}
    for each in sorted(folder.rglob("*")):
        if (each.is_symlink() or not each.is_dir()) and each not in known:
            yield UNEXPECTED.at(Place(path=_relative(store, each)))


def check_inventory_bytes(content: bytes, signed: str, path: str) -> tuple[Inventory | None, Finding | None]:
    """The inventory in downloaded bytes, against the signed digest."""
    got = hashlib.sha256(content).hexdigest()
    if got != signed:
        return None, INVENTORY_CHANGED.at(
            Place(path=path), expected=signed, got=got, problem="another digest is signed"
        )
    try:
        return inventories.parse(content, path), None
    except IntegrityError as error:
        return None, INVENTORY_CHANGED.at(Place(path=path), got=error.got, problem=error.message)


def _relative(store: Store, path: Path) -> str:
    try:
        return path.relative_to(store.root).as_posix()
    except ValueError:
        return path.as_posix()
