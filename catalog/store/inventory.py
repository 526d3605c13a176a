"""Inventories: what an object's versions hold (OCFL 1.1, section 3.5). Values and their bytes; no disk."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.errors import IntegrityError

INVENTORY = "inventory.json"
SIDECAR = "inventory.json.sha256"
_TYPE = "https://ocfl.io/1.1/spec/#inventory"
_DIGEST = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"v[1-9][0-9]*")

#: Logical path to sha256.
State = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version: its logical files, and who made it when and why."""

    state: State
    created: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The versions of an object up to and including ``head``.

    Attributes:
        object_id: the OCFL id.
        head: such as ``v3``.
        manifest: sha256 to the content path below the object's folder.
        versions: by name, in order.
        sha256: digest of the inventory's bytes; the ledger binds it.
    """

    object_id: str
    head: str
    manifest: Mapping[str, str]
    versions: Mapping[str, Version]
    sha256: str = field(default="", compare=False)

    def state(self, version: str | None = None) -> State:
        """The logical files of a version, of the head by default.

        Raises:
            KeyError: the inventory does not know the version.
        """
        return self.versions[version or self.head].state

    def upto(self, version: str) -> Inventory:
        """The inventory as it was when a version was the head."""
        names = [name for name in self.versions if version_number(name) <= version_number(version)]
        kept = {name: self.versions[name] for name in names}
        used = {digest for each in kept.values() for digest in each.state.values()}
        first = {digest: path for digest, path in self.manifest.items() if digest in used}
        return Inventory(object_id=self.object_id, head=version, manifest=first, versions=kept)


def version_number(name: str) -> int:
    """The number in a version's name: 3 of ``v3``."""
    return int(name[1:])


def is_version(name: str) -> bool:
    """Whether a folder's name is that of a version."""
    return _VERSION.fullmatch(name) is not None


def next_version(old: Inventory | None) -> str:
    """The name of the version after the head; ``v1`` of a new object."""
    return f"v{version_number(old.head) + 1}" if old else "v1"


def extend(old: Inventory | None, object_id: str, version: Version) -> Inventory:
    """The inventory with one more version; content that is already there is not stored again."""
    name = next_version(old)
    manifest = dict(old.manifest) if old else {}
    for digest in sorted(set(version.state.values())):
        manifest.setdefault(digest, f"{name}/content/{digest}")
    versions = {**(old.versions if old else {}), name: version}
    return Inventory(object_id=object_id, head=name, manifest=manifest, versions=versions)


def render(inventory: Inventory) -> bytes:
    """The bytes of an inventory; the same inventory always has the same bytes."""
    members = {
        "digestAlgorithm": "sha256",
        "head": inventory.head,
        "id": inventory.object_id,
        "manifest": {digest: [path] for digest, path in sorted(inventory.manifest.items())},
        "type": _TYPE,
        "versions": {
            name: {
                "created": version.created,
                "message": version.message,
                "state": _by_digest(version.state),
                "user": {"address": "https://fairline.invalid/", "name": "fairline"},
            }
            for name, version in inventory.versions.items()
        },
    }
    return (json.dumps(members, ensure_ascii=False, indent=1, sort_keys=False) + "\n").encode()


def sidecar(content: bytes) -> bytes:
    """The bytes of the sidecar of an inventory (OCFL 1.1, 3.7)."""
    return f"{hashlib.sha256(content).hexdigest()} {INVENTORY}\n".encode()


def _by_digest(state: State) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for path, digest in sorted(state.items()):
        grouped.setdefault(digest, []).append(path)
    return dict(sorted(grouped.items()))


def parse(content: bytes, at: str) -> Inventory:
    """The inventory in some bytes.

    Args:
        content: the bytes.
        at: the place, for errors.

    Raises:
        IntegrityError: the bytes are not an inventory as fairline writes them.
    """
    try:
        members: Any = json.loads(content)
        manifest = {str(digest): str(paths[0]) for digest, paths in members["manifest"].items()}
        versions = {
            str(name): Version(
                state={str(path): str(digest) for digest, paths in each["state"].items() for path in paths},
                created=str(each["created"]),
                message=str(each.get("message", "")),
            )
            for name, each in members["versions"].items()
        }
        inventory = Inventory(
            object_id=str(members["id"]),
            head=str(members["head"]),
            manifest=manifest,
            versions=versions,
            sha256=hashlib.sha256(content).hexdigest(),
        )
        _check(inventory, members)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
        raise IntegrityError(
            "inventory-malformed", "the inventory cannot be read", at=at, got=str(error)[:80]
        ) from error
    return inventory


def _check(inventory: Inventory, members: Any) -> None:
    if members["digestAlgorithm"] != "sha256" or members["type"] != _TYPE:
        raise ValueError("not an OCFL 1.1 inventory with sha256")
    numbers = [version_number(name) for name in inventory.versions if is_version(name)]
    if sorted(numbers) != list(range(1, len(inventory.versions) + 1)) or inventory.head not in inventory.versions:
        raise ValueError("versions are not v1 to head")
    if version_number(inventory.head) != len(numbers):
        raise ValueError("head is not the highest version")
    for digest, path in inventory.manifest.items():
        # Content paths are made by extend(); anything else could lead out of the object's folder.
        folder, _, name = path.partition("/content/")
        if not _DIGEST.fullmatch(digest) or name != digest or not is_version(folder):
            raise ValueError(f"content path {path!r}")
    for version in inventory.versions.values():
        if any(digest not in inventory.manifest for digest in version.state.values()):
            raise ValueError("a state names content that the manifest lacks")
