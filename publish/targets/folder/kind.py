"""The kind ``folder``: from a table of ``fairline.toml`` to a target."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec

from catalog.bank import Bank
from catalog.bank.folder import SETTINGS_NAME, open_bank
from catalog.errors import UsageError
from publish.targets.folder.target import FolderTarget
from publish.targets.folder.tree import Tree
from publish.targets.protocol import Surroundings
from publish.targets.settings import read_table
from publish.targets.state import Limits

_Count = Annotated[int, msgspec.Meta(ge=1)]


class FolderTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``[targets.NAME]`` of kind ``folder`` (docs/targets.md)."""

    path: Annotated[str, msgspec.Meta(min_length=1)]
    url: Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")] | None = None
    container_files: _Count = 500
    request_files: _Count = 100
    request_bytes: _Count = 256 << 20


class FolderKind:
    """A folder on a local disk."""

    def open(self, name: str, table: Mapping[str, Any], surroundings: Surroundings) -> FolderTarget:
        """The target of a table; nothing is read yet.

        Raises:
            UsageError: the table has an error, or the folder must not be published.
        """
        read = read_table(name, table, FolderTable)
        root = (surroundings.root / Path(read.path).expanduser()).resolve()
        _check_apart(name, root, open_bank(surroundings.root), surroundings.settings.config_folder)
        limits = Limits(
            container_files=read.container_files, request_files=read.request_files, request_bytes=read.request_bytes
        )
        url = f"{read.url.rstrip('/')}/" if read.url else ""
        return FolderTarget(name=name, tree=Tree(root=root), url=url, limits=limits)


def _check_apart(name: str, root: Path, bank: Bank, config_folder: Path) -> None:
    """Makes sure that publishing the folder publishes nothing else: no store, no working copy, no secret key."""
    private = (
        bank.lines_folder,
        bank.store_folder,
        bank.controlled_folder,
        bank.index_folder,
        bank.work_folder,
        config_folder,
    )
    for each in (folder.resolve() for folder in private):
        if root.is_relative_to(each) or each.is_relative_to(root):
            raise UsageError(
                "target-settings",
                f"the folder of the target {name} would publish {each}"
                if each.is_relative_to(root)
                else f"the folder of the target {name} lies in {each}",
                at=f"{SETTINGS_NAME}, [targets.{name}], path",
                want="a folder of its own, apart from those of the bank",
                got=str(root),
                hint=f'such as path = "published", or path = "/srv/{name}"',
            )


FOLDER = FolderKind()
