"""What dead writers leave, and how it is finished or removed.

Truth is the highest version folder whose inventory agrees with its sidecar. The copy of the inventory in
the object's root is rolled forward to it; empty folders and staging leftovers are removed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from catalog import durable
from catalog.errors import IntegrityError
from catalog.store import inventory as inventories
from catalog.store import layout
from catalog.store.inventory import INVENTORY, SIDECAR, Inventory, is_version, version_number

_TUPLE_LEVELS = 3


def version_folders(folder: Path) -> list[Path]:
    """The version folders of an object, highest first."""
    try:
        names = [name for name in os.listdir(folder) if is_version(name)]
    except FileNotFoundError:
        return []
    return [folder / name for name in sorted(names, key=version_number, reverse=True)]


def read_inventory(folder: Path) -> Inventory:
    """The inventory in a folder, checked against its sidecar.

    Raises:
        FileNotFoundError: there is none.
        IntegrityError: the sidecar disagrees or the inventory is not one.
    """
    content = (folder / INVENTORY).read_bytes()
    try:
        beside = (folder / SIDECAR).read_bytes()
    except FileNotFoundError:
        raise IntegrityError("inventory-sidecar", "the inventory has no sidecar", at=str(folder / SIDECAR)) from None
    promised = inventories.sidecar(content)
    if beside != promised:
        raise IntegrityError(
            "inventory-sidecar",
            "the inventory is not the one that its sidecar promises",
            at=str(folder / INVENTORY),
            want=beside[: len(promised)].decode("ascii", "replace").strip() or "a digest",
            got=promised.decode().strip(),
        )
    return inventories.parse(content, str(folder / INVENTORY))


def read_head(folder: Path) -> Inventory | None:
    """The inventory of the highest whole version of an object; None when the object does not exist.

    Raises:
        IntegrityError: there are version folders, but none of them is whole.
    """
    fault: IntegrityError | None = None
    for version in version_folders(folder):
        try:
            read = read_inventory(version)
        except FileNotFoundError:
            continue
        except IntegrityError as error:
            fault = fault or error
            continue
        if read.head == version.name:
            return read
    if fault is not None:
        raise fault
    return None


def renew_root_copy(folder: Path, version: str, staging: Path) -> None:
    """Copies a version's inventory and sidecar into the object's root, each by one rename."""
    for name in (INVENTORY, SIDECAR):
        part = staging / f"root-{name}"
        durable.remove_file(part)
        durable.write_new(part, (folder / version / name).read_bytes())
        durable.rename_unsynced(part, folder / name)
    durable.sync_directory(folder)


def recover_object(root: Path, object_id: str, staging: Path) -> Inventory | None:
    """Finishes an earlier writer's last step and returns the head.

    Args:
        root: the storage root.
        object_id: the object, whose lock is held.
        staging: a folder on the same file system.
    """
    folder = root / layout.object_path(object_id)
    head = read_head(folder)
    if head is None:
        durable.prune_empty_directories(folder, root)
        return None
    newest = folder / head.head
    same = all(_content(folder / name) == _content(newest / name) for name in (INVENTORY, SIDECAR))
    if not same:
        renew_root_copy(folder, head.head, staging)
    return head


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def discard_above(root: Path, object_id: str, version: str | None, staging: Path) -> None:
    """Removes the versions above one (all of them, and the object, for None).

    Each folder is renamed into staging first, so that it is gone in one step and the removal of
    its bytes can be cut off without harm.
    """
    folder = root / layout.object_path(object_id)
    if version is None:
        if folder.exists():
            durable.rename_unsynced(folder, staging / "discarded")
            durable.sync_directory(folder.parent)
        durable.prune_empty_directories(folder.parent, root)
        return
    for each in version_folders(folder):
        if version_number(each.name) > version_number(version):
            durable.rename_unsynced(each, staging / f"discarded-{each.name}")
            durable.sync_directory(folder)
    renew_root_copy(folder, version, staging)


def object_folders(root: Path) -> Iterator[Path]:
    """The object folders of a storage root, in order."""
    level = [root]
    for _ in range(_TUPLE_LEVELS):
        level = [
            each for folder in level for each in sorted(folder.iterdir()) if each.is_dir() and each.name != "extensions"
        ]
    for folder in level:
        yield from sorted(each for each in folder.iterdir() if each.is_dir())


def clear_staging(root: Path) -> None:
    """Removes everything in staging."""
    staging = root / layout.STAGING
    for each in sorted(staging.iterdir()) if staging.exists() else []:
        durable.remove_tree(each)


def recover_all(root: Path) -> None:
    """Recovers every object and removes folders that a dead writer left empty."""
    staging = root / layout.STAGING / "recovery"
    durable.make_directories(staging)
    for folder in list(object_folders(root)):
        recover_object(root, layout.object_id_of(folder), staging)
    durable.remove_tree(staging)
    for parent, _, _ in os.walk(root, topdown=False):
        inside = Path(parent)
        if inside != root and root / "extensions" not in (inside, *inside.parents):
            durable.prune_empty_directories(inside, root)
