"""What a package says of its own files: the signed descriptor, read from a source before anything is fetched."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.client.fetching import wrong
from catalog.client.source import PackageSource
from catalog.errors import IntegrityError
from catalog.ledger import PackageVersion
from catalog.package import DESCRIPTOR, is_data_file
from catalog.store.inventory import Inventory

_LARGEST_DESCRIPTOR_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """The files that the descriptor names.

    Attributes:
        data: the paths of the curator's files; everything else is a document.
        sizes: bytes by path.
    """

    data: frozenset[str] = frozenset()
    sizes: Mapping[str, int]


def read_contents(source: PackageSource, version: PackageVersion, inventory: Inventory) -> Contents:
    """The contents of a version, as the signed descriptor states them.

    Raises:
        IntegrityError: the descriptor is not the signed one, or cannot be read.
    """
    state = inventory.state(version.version)
    if DESCRIPTOR not in state:
        return Contents(sizes={})
    blocks, size = [], 0
    with contextlib.closing(source.open(version, inventory, DESCRIPTOR, 0)) as piece:
        for block in piece.blocks:
            blocks.append(block)
            size += len(block)
            if size > _LARGEST_DESCRIPTOR_BYTES:
                raise wrong(DESCRIPTOR, source.address, f"at most {_LARGEST_DESCRIPTOR_BYTES} bytes", "more")
    content = b"".join(blocks)
    digest = hashlib.sha256(content).hexdigest()
    if digest != state[DESCRIPTOR]:
        raise wrong(DESCRIPTOR, source.address, state[DESCRIPTOR], digest)
    try:
        resources: list[dict[str, Any]] = json.loads(content)["resources"]
        sizes = {str(each["path"]): int(each["bytes"]) for each in resources}
        data = frozenset(str(each["path"]) for each in resources if is_data_file(each))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise IntegrityError(
            "package-malformed", "datapackage.json cannot be read", at=source.address, got=str(error)[:60]
        ) from error
    return Contents(data=data, sizes=sizes)
