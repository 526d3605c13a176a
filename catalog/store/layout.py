"""Where an object lies: storage layout 0003-hash-and-id-n-tuple (sha256, three tuples of three characters)."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

from catalog import durable
from catalog.errors import IntegrityError

_TUPLES = 3
_TUPLE_CHARACTERS = 3
_LONGEST_NAME = 100
_LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
_ROOT_DECLARATION = "0=ocfl_1.1"
OBJECT_DECLARATION = "0=ocfl_object_1.1"

STAGING = Path("extensions") / "staging"
LOCKS = Path("extensions") / "locks"


def object_path(object_id: str) -> Path:
    """The folder of an object below the storage root (extension 0003, 'procedure')."""
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    tuples = [digest[n * _TUPLE_CHARACTERS : (n + 1) * _TUPLE_CHARACTERS] for n in range(_TUPLES)]
    name = re.sub(r"[^A-Za-z0-9_-]", _percent, object_id)
    if len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME]}-{digest}"
    return Path(*tuples, name)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02x}" for byte in match[0].encode())


def object_id_of(folder: Path) -> str:
    """The identifier in an object folder's name; ids of fairline are never longer than a name may be."""
    return unquote(folder.name)


def make_root(root: Path) -> None:
    """Makes an empty storage root, or completes one whose making was cut off. An existing one is left as it is."""
    durable.make_directories(root)
    config = root / "extensions" / _LAYOUT / "config.json"
    for folder in (config.parent, root / STAGING, root / LOCKS):
        durable.make_directories(folder)
    layout = {
        "extension": _LAYOUT,
        "description": "Hashed n-tuple trees with object ID encapsulating folder, sha256, 3x3",
    }
    settings = {
        "extensionName": _LAYOUT,
        "digestAlgorithm": "sha256",
        "tupleSize": _TUPLE_CHARACTERS,
        "numberOfTuples": _TUPLES,
    }
    for path, content in (
        (config, _json(settings)),
        (root / "ocfl_layout.json", _json(layout)),
        (root / _ROOT_DECLARATION, b"ocfl_1.1\n"),
    ):
        if not path.exists():
            durable.replace_file(path, content)


def check_root(root: Path) -> None:
    """Makes sure that a folder is a storage root that this store may write to.

    Raises:
        IntegrityError: the declaration is missing or the layout is another one.
    """
    if not (root / _ROOT_DECLARATION).exists():
        raise IntegrityError("store-not-ocfl", "the folder is not an OCFL 1.1 storage root", at=str(root))
    layout = root / "ocfl_layout.json"
    if not layout.exists() or _LAYOUT not in layout.read_text(encoding="utf-8"):
        raise IntegrityError("store-layout", "the storage root has another layout", at=str(layout), want=_LAYOUT)


def _json(value: object) -> bytes:
    return (json.dumps(value, indent=2, sort_keys=True) + "\n").encode()
