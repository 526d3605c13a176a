"""The plan of a download: which files, and what is to be done with each, from what lies in the folder."""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.checksums import sha256_of_file
from catalog.client.folder import Earlier, part_names, refuse_links
from catalog.client.offer import Offer
from catalog.errors import ConflictError, IntegrityError, NotFoundError
from catalog.identifiers import path_faults
from catalog.ledger import Withdrawal
from catalog.verify.download import COMPANIONS

FETCH, RESUME, SKIP, KEEP = "fetch", "resume", "skip", "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is done with one file: ``fetch``, ``resume``, ``skip`` (it is there), ``keep`` (other bytes are there)."""

    path: str
    sha256: str
    action: str
    have_bytes: int = 0
    bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A download before it begins."""

    package: str
    release: str
    folder: Path
    items: tuple[Item, ...]

    def to_json(self) -> dict[str, object]:
        """The plan for ``--json`` and ``--dry-run``."""
        return {
            "id": self.package,
            "release": self.release,
            "folder": str(self.folder),
            "files": [
                {"path": each.path, "action": each.action, "bytes": each.bytes, "have_bytes": each.have_bytes}
                for each in self.items
            ],
        }

    def measured(self, sizes: Mapping[str, int]) -> Plan:
        """The plan with sizes that became known on the way."""
        items = (replace(each, bytes=sizes.get(each.path, each.bytes)) for each in self.items)
        return replace(self, items=tuple(items))


def select(
    state: Mapping[str, str], pattern: str | None, data: Collection[str] = (), withdrawn: Sequence[Withdrawal] = ()
) -> list[str]:
    """The paths that a pattern stands for: matching files, and always the package's documents.

    Args:
        state: digest by logical path.
        pattern: as the shell's, against the whole path or its end; None for everything.
        data: the paths of data files; the others are documents.
        withdrawn: what was withdrawn of the package.

    Raises:
        NotFoundError: the pattern matches no file, or only files that were withdrawn.
        IntegrityError: the state names a path that no package has.
    """
    for path in state:
        if path_faults(path) or path.lower() in COMPANIONS:
            raise IntegrityError("download-path", "the inventory names a path that no package has", got=path)
    if pattern is None:
        return sorted(state)
    matching = {path for path in state if _fits(path, pattern)}
    if not matching:
        for gone in withdrawn:
            if gone.path is not None and _fits(gone.path, pattern):
                raise NotFoundError(
                    "withdrawn", f"{gone.path} was withdrawn on {gone.date}: {gone.reason}", got=pattern
                )
        raise NotFoundError(
            "pattern-matches-nothing", f"no file fits {pattern}", want="a pattern such as '*.vcf.gz'", got=pattern
        )
    return sorted(matching | (state.keys() - data))


def _fits(path: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, f"*/{pattern}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a plan is made on.

    Attributes:
        folder: where the files go.
        existing: what to do with other bytes under a file's name: error, skip, overwrite.
        sizes: bytes by path, where they are known.
        earlier: the download that lies in the folder.
    """

    folder: Path
    existing: str = "error"
    sizes: Mapping[str, int]
    earlier: Earlier | None = None


def plan_download(offer: Offer, ground: Ground, paths: Sequence[str]) -> Plan:
    """What is to be done, from what lies in the folder.

    Args:
        offer: the signed version.
        ground: the folder, and what is known about it.
        paths: what was asked for.

    Raises:
        ConflictError: a file has other bytes, and ``existing`` is ``error``; or a link is in the way.
    """
    for path in paths:
        refuse_links(ground.folder, path)
    items = tuple(_plan_file(offer, ground, path) for path in paths)
    return Plan(package=offer.version.id, release=offer.version.release, folder=ground.folder, items=items)


def _plan_file(offer: Offer, ground: Ground, path: str) -> Item:
    digest, size = offer.state[path], ground.sizes.get(path)
    target = ground.folder / path
    item = Item(path=path, sha256=digest, action=FETCH, bytes=size)
    if target.is_file():
        found = sha256_of_file(target)
        if found == digest:
            return replace(item, action=SKIP, bytes=target.stat().st_size)
        if ground.existing == "error":
            raise _other_bytes(offer, ground, path, found)
        if ground.existing == "skip":
            return replace(item, action=KEEP)
    have = _resumable(target, digest, size)
    return replace(item, action=RESUME if have else FETCH, have_bytes=have)


def _other_bytes(offer: Offer, ground: Ground, path: str, found: str) -> ConflictError:
    """The error about a file with other bytes; it says so when they are those of an older version."""
    earlier = ground.earlier
    if earlier is not None and earlier.note.id == offer.version.id and earlier.had(path, found):
        return ConflictError(
            "file-exists",
            f"the folder holds the version {earlier.note.release} of {offer.version.id}, "
            f"and {path} is another one in {offer.version.release}",
            at=str(ground.folder / path),
            want=offer.state[path],
            got=found,
            hint="--existing overwrite updates the download; another --out keeps the old version as well",
        )
    return ConflictError(
        "file-exists",
        f"{path} is there with other bytes",
        at=str(ground.folder / path),
        want=offer.state[path],
        got=found,
        hint="pass --existing overwrite or --existing skip, or another --out",
    )


def _resumable(target: Path, digest: str, size: int | None) -> int:
    """How many bytes of this very file an earlier download left; 0 when there are none, or more than it has."""
    part, note = part_names(target)
    try:
        if json.loads(note.read_bytes()).get("sha256") == digest:
            have = part.stat().st_size
            return have if size is None or have <= size else 0
    except (OSError, ValueError, AttributeError, RecursionError):
        return 0
    return 0
