"""Getting a package: a plan that is decided purely, then ranged, resumable, verified downloads, each ended by one rename.

Nothing is believed without a signature: the ledger is checked with the known key, it binds the inventory, the
inventory binds every file. A file under its final name is always whole and right.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import durable
from catalog.checksums import CHUNK_BYTES, sha256_of_file
from catalog.client.source import PackageSource
from catalog.errors import ConflictError, IntegrityError, NotFoundError, UsageError
from catalog.events import Event, Listener, silent
from catalog.findings import Finding
from catalog.identifiers import path_faults
from catalog.ledger import Ledger, PackageVersion
from catalog.package import DESCRIPTOR, is_data_file
from catalog.settings import Settings
from catalog.signing import parse_public_keys
from catalog.store.inventory import Inventory
from catalog.store.verification import check_inventory_bytes
from catalog.verify.chain import check_chain
from catalog.verify.local import DOWNLOAD
from catalog.verify.trust import pinned_key, remember_key

FETCH, RESUME, SKIP, KEEP = "fetch", "resume", "skip", "keep"
EXISTING = ("error", "skip", "overwrite")
_MOST_DESCRIPTOR_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A version of a package, as its bank signed it.

    Attributes:
        version: which version it is.
        inventory: its checked inventory.
        ledger: the checked ledger.
        companions: the bytes of ``ledger.jsonl``, ``inventory.json`` and ``signing-key.pub``.
        base_iri: the bank.
        new_key: the key's id when it was seen for the first time.
    """

    version: PackageVersion
    inventory: Inventory
    ledger: Ledger
    companions: Mapping[str, bytes]
    base_iri: str
    new_key: str | None = None

    @property
    def state(self) -> Mapping[str, str]:
        """Digest by logical path."""
        return self.inventory.state(self.version.version)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """A finished download: files and bytes that were fetched now, and files that were there."""

    plan: Plan
    fetched: int
    fetched_bytes: int
    present: int
    new_key: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants to download.

    Attributes:
        package: its id.
        release: the version of this release; today's for None.
        pattern: which files; all for None.
        folder: where to; ``./ID`` for None.
        existing: what to do with other bytes under a file's name.
        key: a public key that overrides the known one.
        dry_run: whether to stop after planning.
    """

    package: str
    release: str | None = None
    pattern: str | None = None
    folder: Path | None = None
    existing: str = "error"
    key: str | None = None
    dry_run: bool = False


def find_offer(
    source: PackageSource, settings: Settings, package: str, release: str | None, key: str | None = None
) -> Offer:
    """The signed version of a package that a source offers.

    Args:
        source: a portal or a bank.
        settings: where known keys are kept.
        package: its id.
        release: the version of this release; today's for None.
        key: a public key that overrides the known one.

    Raises:
        NotFoundError: no such package or release, or it was withdrawn.
        IntegrityError: ledger, key or inventory do not hold.
    """
    base_iri = source.base_iri()
    key_text = source.keys()
    keys = parse_public_keys(key_text.decode("utf-8", "replace"))
    trust = pinned_key(settings, base_iri, keys, key)
    ledger_bytes = source.ledger()
    ledger, findings = check_chain(ledger_bytes, trust.key, "ledger.jsonl")
    _stop_at([*([trust.finding] if trust.finding else []), *findings], source)
    if ledger.lines:
        remember_key(settings, base_iri, trust)
    gone = ledger.withdrawal_of(package)
    if gone is not None:
        raise NotFoundError("withdrawn", f"{package} was withdrawn on {gone.date}: {gone.reason}", at=source.address)
    version = ledger.version_at(package, release)
    if version is None:
        named = f"{package}@{release}" if release else package
        raise NotFoundError("package-not-found", f"there is no package {named}", at=source.address)
    inventory_bytes = source.inventory(version)
    inventory, fault = check_inventory_bytes(inventory_bytes, version.inventory_sha256, "inventory.json")
    _stop_at([fault] if fault else [], source)
    assert inventory is not None
    return Offer(
        version=version,
        inventory=inventory,
        ledger=ledger,
        companions={"ledger.jsonl": ledger_bytes, "inventory.json": inventory_bytes, "signing-key.pub": key_text},
        base_iri=base_iri,
        new_key=keys[0].key_id if trust.first_use and keys else None,
    )


def _stop_at(findings: Sequence[Finding], source: PackageSource) -> None:
    if findings:
        first = findings[0]
        place = f"{source.address} {first.path or ''}" + (f" line {first.line}" if first.line else "")
        raise IntegrityError(first.code, first.message, at=place, want=first.expected, got=first.got, hint=first.hint)


def select(state: Mapping[str, str], pattern: str | None, data: Collection[str] = ()) -> list[str]:
    """The paths that a pattern stands for: matching files, and always the package's documents.

    Args:
        state: digest by logical path.
        pattern: as the shell's, against the whole path or its end; None for everything.
        data: the paths of data files; the others are documents.

    Raises:
        NotFoundError: the pattern matches no file.
        IntegrityError: the state names a path that no package has.
    """
    for path in state:
        if path_faults(path):
            raise IntegrityError("download-path", "the inventory names a path that no package has", got=path)
    if pattern is None:
        return sorted(state)
    matching = {
        path for path in state if fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, f"*/{pattern}")
    }
    if not matching:
        raise NotFoundError(
            "pattern-matches-nothing", f"no file fits {pattern}", want="a pattern such as '*.vcf.gz'", got=pattern
        )
    return sorted(matching | (state.keys() - data))


def plan_download(offer: Offer, folder: Path, paths: Sequence[str], existing: str, sizes: Mapping[str, int]) -> Plan:
    """What is to be done, from what lies in the folder.

    Args:
        offer: the signed version.
        folder: where the files go.
        paths: what was asked for.
        existing: what to do with other bytes under a file's name: error, skip, overwrite.
        sizes: bytes by path, where they are known.

    Raises:
        ConflictError: a file has other bytes, and ``existing`` is ``error``.
    """
    items = []
    for path in paths:
        digest = offer.state[path]
        target = folder / path
        action, have = FETCH, 0
        if target.is_file():
            if sha256_of_file(target) == digest:
                action = SKIP
            elif existing == "error":
                raise ConflictError(
                    "file-exists",
                    f"{path} is there with other bytes",
                    at=str(target),
                    want=digest,
                    hint="pass --existing overwrite or --existing skip, or another --out",
                )
            elif existing == "skip":
                action = KEEP
        if action == FETCH:
            have = _resumable(target, digest, sizes.get(path))
            action = RESUME if have else FETCH
        items.append(Item(path=path, sha256=digest, action=action, have_bytes=have, bytes=sizes.get(path)))
    return Plan(package=offer.version.id, release=offer.version.release, folder=folder, items=tuple(items))


def _part(target: Path) -> tuple[Path, Path]:
    return target.with_name(f"{target.name}.part"), target.with_name(f"{target.name}.part.json")


def _resumable(target: Path, digest: str, size: int | None) -> int:
    """How many bytes of this very file an earlier download left; 0 when there are none, or more than it has."""
    part, note = _part(target)
    try:
        if json.loads(note.read_bytes()).get("sha256") == digest:
            have = part.stat().st_size
            return have if size is None or have <= size else 0
    except (OSError, ValueError, AttributeError):
        return 0
    return 0


def get(source: PackageSource, settings: Settings, request: Request, tell: Listener = silent) -> Got:
    """Downloads a version of a package and verifies every byte.

    Args:
        source: a portal or a bank.
        settings: where known keys are kept.
        request: what is wanted.
        tell: hears of progress.

    Raises:
        NotFoundError: no such package, release or file.
        ConflictError: other bytes are in the way.
        IntegrityError: something does not agree; no wrong file is left under its name.
        TemporaryError: network or disk; the same call goes on where it stopped.
    """
    if request.existing not in EXISTING:
        raise UsageError("existing", "--existing wants error, skip or overwrite", got=request.existing)
    offer = find_offer(source, settings, request.package, request.release, request.key)
    described = _described(source, offer)
    paths = select(offer.state, request.pattern, [each["path"] for each in described if is_data_file(each)])
    folder = request.folder or Path(request.package)
    sizes = {str(each["path"]): int(each["bytes"]) for each in described}
    plan = plan_download(offer, folder, paths, request.existing, sizes)
    if request.dry_run:
        return Got(plan=plan, fetched=0, fetched_bytes=0, present=0, new_key=offer.new_key)
    with durable.disk_errors(folder):
        _write_companions(offer, folder, paths, source.address)
        fetched, size = _fetch_all(source, offer, plan, tell)
    present = sum(item.action == SKIP for item in plan.items)
    return Got(plan=plan, fetched=fetched, fetched_bytes=size, present=present, new_key=offer.new_key)


def _described(source: PackageSource, offer: Offer) -> list[dict[str, Any]]:
    """The resources of the package, as the signed descriptor states them."""
    if DESCRIPTOR not in offer.state:
        return []
    content = b""
    for block in source.open(offer.version, offer.inventory, DESCRIPTOR, 0).blocks:
        content += block
        if len(content) > _MOST_DESCRIPTOR_BYTES:
            raise _wrong(DESCRIPTOR, source.address, f"at most {_MOST_DESCRIPTOR_BYTES} bytes", "more")
    if hashlib.sha256(content).hexdigest() != offer.state[DESCRIPTOR]:
        raise _wrong(DESCRIPTOR, source.address, offer.state[DESCRIPTOR], hashlib.sha256(content).hexdigest())
    resources: list[dict[str, Any]] = json.loads(content)["resources"]
    return resources


def _wrong(path: str, address: str, want: str, got: str) -> IntegrityError:
    return IntegrityError(
        "download-wrong",
        f"{path} is not the file that was released; what came was deleted",
        at=address,
        want=want,
        got=got,
        hint="try again; if it stays wrong, tell the bank",
    )


def _write_companions(offer: Offer, folder: Path, paths: Sequence[str], address: str) -> None:
    durable.make_directories(folder)
    note = {
        "id": offer.version.id,
        "release": offer.version.release,
        "base_iri": offer.base_iri,
        "source": address,
        "sequence": offer.ledger.sequence,
        "paths": list(paths),
    }
    companions = {**offer.companions, DOWNLOAD: (json.dumps(note, indent=2) + "\n").encode()}
    for name, content in companions.items():
        durable.replace_file(folder / name, content)


def _fetch_all(source: PackageSource, offer: Offer, plan: Plan, tell: Listener) -> tuple[int, int]:
    """Fetches what is missing; returns files and bytes fetched now."""
    wanted = [item for item in plan.items if item.action in {FETCH, RESUME}]
    total = sum((item.bytes or 0) - item.have_bytes for item in wanted)
    done = 0
    for item in wanted:
        for size in _fetch(source, offer, plan.folder / item.path, item):
            done += size
            tell(Event(stage="download", text=item.path, done=done, total=max(total, done), unit="bytes"))
    return len(wanted), done


def _digest_of(part: Path) -> hashlib._Hash:
    """The digest of what an earlier download left, to be continued."""
    digest = hashlib.sha256()
    if part.is_file():
        with part.open("rb") as stream:
            while block := stream.read(CHUNK_BYTES):
                digest.update(block)
    return digest


def _fetch(source: PackageSource, offer: Offer, target: Path, item: Item) -> Iterator[int]:
    """Downloads one file beside its name and renames it when every byte is right; yields sizes of blocks."""
    part, note = _part(target)
    durable.make_directories(target.parent)
    digest = _digest_of(part) if item.have_bytes else hashlib.sha256()
    if not item.have_bytes or digest.hexdigest() != item.sha256:  # a whole part leaves nothing to ask for
        piece = source.open(offer.version, offer.inventory, item.path, item.have_bytes)
        if not piece.start or not part.is_file():
            digest = hashlib.sha256()
            durable.remove_file(part)
            durable.replace_file(note, json.dumps({"sha256": item.sha256, "bytes": item.bytes}).encode())
        with part.open("ab") as stream:
            for block in piece.blocks:
                digest.update(block)
                stream.write(block)
                yield len(block)
                if item.bytes is not None and stream.tell() > item.bytes:
                    break  # a server that never ends must not fill the disk: its digest is wrong already
    if digest.hexdigest() != item.sha256:
        durable.remove_file(part)
        durable.remove_file(note)
        raise _wrong(item.path, source.address, item.sha256, digest.hexdigest())
    durable.sync_file(part)
    durable.replace_name(part, target)
    durable.remove_file(note)
