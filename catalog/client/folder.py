"""The folder that a download goes to: what it must not be, what lies in it already, and links that would lead out of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catalog import durable
from catalog.bank.folder import SETTINGS_NAME
from catalog.errors import CatalogError, ConflictError
from catalog.ledger import check_ledger
from catalog.signing import PublicKey, parse_public_keys
from catalog.store import inventory as inventories
from catalog.verify.chain import Witness
from catalog.verify.download import COMPANIONS, DownloadNote, read_note

_STORE_DECLARATION = "0=ocfl_1.1"
#: Junctions of Windows lead elsewhere as links do; Python knows them since 3.12.
_is_junction: Callable[[Path], bool] = getattr(os.path, "isjunction", lambda _: False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """A download that lies in the folder already.

    Attributes:
        folder: the folder.
        note: which version of which package it is.
        key: the first key beside it; None when it cannot be read.
        ledger: the bytes of the ledger beside it.
        states: for each version of the inventory beside it, digest by logical path.
    """

    folder: Path
    note: DownloadNote
    key: PublicKey | None
    ledger: bytes
    states: tuple[Mapping[str, str], ...]

    def witnesses(self) -> tuple[Witness, ...]:
        """What this download has seen of the bank's ledger: the number of a line, and its bytes where they hold."""
        who = f"the download in {self.folder}"
        noted = Witness(who=who, sequence=self.note.sequence)
        ledger, faults = check_ledger(self.ledger, [self.key] if self.key else [])
        if faults or self.key is None or ledger.last is None:
            return (noted,)
        return (noted, Witness(who=who, sequence=ledger.sequence, sha256=ledger.last.bytes_sha256))

    def had(self, path: str, sha256: str) -> bool:
        """Whether a version that this download knows has these bytes under a path."""
        return any(state.get(path) == sha256 for state in self.states)


def read_earlier(folder: Path) -> Earlier | None:
    """The download in a folder; None when there is none that can be read."""
    try:
        note = read_note(folder)
    except (OSError, CatalogError):
        return None
    try:
        keys = parse_public_keys(_content(folder / "signing-key.pub").decode("utf-8", "replace"))
    except CatalogError:
        keys = ()
    try:
        inventory = inventories.parse(_content(folder / "inventory.json"), "inventory.json")
        states = tuple(version.state for version in inventory.versions.values())
    except CatalogError:
        states = ()
    ledger = _content(folder / "ledger.jsonl")
    return Earlier(folder=folder, note=note, key=keys[0] if keys else None, ledger=ledger, states=states)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def check_place(folder: Path) -> None:
    """Refuses a folder that nothing is ever downloaded to.

    Raises:
        ConflictError: it is a bank, lies in a store, or is no folder.
    """
    if os.path.lexists(folder) and not folder.is_dir():
        raise ConflictError(
            "folder-taken", "something that is no folder is at this place", at=str(folder), hint="pass another --out"
        )
    if os.path.lexists(folder / SETTINGS_NAME):
        raise ConflictError(
            "folder-taken",
            "this folder is a bank: a download would replace its ledger and its keys",
            at=str(folder),
            hint="pass another --out",
        )
    place = folder.resolve()
    for each in (place, *place.parents):
        if (each / _STORE_DECLARATION).exists():
            raise ConflictError(
                "folder-taken", "this folder lies in a store of released data", at=str(each), hint="pass another --out"
            )


def check_companions(
    folder: Path, companions: Mapping[str, bytes], earlier: Earlier | None, mine: tuple[str, str], *, replace: bool
) -> None:
    """Refuses to replace files of somebody else that have the names of what ``get`` writes beside the files.

    Args:
        folder: where the files go.
        companions: the new bytes by name.
        earlier: the download that lies there.
        mine: the package and the base IRI of its bank, whose download the folder becomes.
        replace: whether the caller wants other files to be replaced; links are refused even then.

    Raises:
        ConflictError: one of the names is taken, and not by a download of the same package.
    """
    for name in COMPANIONS:
        refuse_links(folder, name)
    if replace or (earlier is not None and (earlier.note.id, earlier.note.base_iri) == mine):
        return
    if earlier is not None:
        raise ConflictError(
            "folder-taken",
            f"the folder holds a download of {earlier.note.id} of {earlier.note.base_iri}",
            at=str(folder),
            want=f"{mine[0]} of {mine[1]}",
            hint="pass another --out, or --existing overwrite",
        )
    for name, content in companions.items():
        place = folder / name
        if place.exists() and place.read_bytes() != content:
            raise ConflictError(
                "folder-taken",
                f"{name} is there already, and it is not of a download of {mine[0]}",
                at=str(place),
                hint="pass another --out, or --existing overwrite to replace it",
            )


def write_companions(folder: Path, companions: Mapping[str, bytes]) -> None:
    """Writes what proves a download beside its files; the note comes first, so that a cut-off call is known as ours."""
    durable.make_directories(folder)
    for name in COMPANIONS:
        refuse_links(folder, name)
        durable.replace_file(folder / name, companions[name])


def refuse_links(folder: Path, path: str) -> None:
    """Refuses a path below a folder that a link, or something else that is no file, would lead elsewhere.

    Raises:
        ConflictError: the path or a folder on the way to it is a link, or is not what it must be.
    """
    place = folder
    *folders, name = path.split("/")
    for each in folders:
        place /= each
        _refuse_link(place)
        if os.path.lexists(place) and not place.is_dir():
            raise _in_the_way(place, "a file is where a folder of the download must be")
    for taken in (place / name, *part_names(place / name)):
        _refuse_link(taken)
        if os.path.lexists(taken) and not taken.is_file():
            raise _in_the_way(taken, "something that is no file is where a file of the download must be")


def part_names(target: Path) -> tuple[Path, Path]:
    """Where a file's bytes are gathered until they are whole, and the note about them."""
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")


def _refuse_link(place: Path) -> None:
    if place.is_symlink() or _is_junction(place):
        raise link_error(place)


def link_error(place: Path) -> ConflictError:
    """The error about a link."""
    return ConflictError(
        "download-link",
        "a link is in the way: the download would be written to where it leads",
        at=str(place),
        hint="remove the link, or pass another --out",
    )


def _in_the_way(place: Path, message: str) -> ConflictError:
    return ConflictError("folder-taken", message, at=str(place), hint="move it away, or pass another --out")
