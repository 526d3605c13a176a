"""What somebody asks for, and what a bank offers for it: a version of a package whose every step up to the key holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from catalog.client.folder import Earlier
from catalog.client.source import PackageSource
from catalog.errors import IntegrityError, NotFoundError
from catalog.findings import Finding
from catalog.ledger import Ledger, PackageVersion
from catalog.ledger.chain import SHORTER
from catalog.settings import Settings
from catalog.signing import parse_public_keys
from catalog.store.inventory import Inventory
from catalog.store.verification import INVENTORY_CHANGED, check_inventory_bytes
from catalog.verify.chain import check_chain
from catalog.verify.outcome import KEY_CHANGED
from catalog.verify.trust import Trust, pinned_key, remember_key, require_key

OVERWRITE = "overwrite"
EXISTING = ("error", "skip", OVERWRITE)


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


def find_offer(source: PackageSource, settings: Settings, request: Request, earlier: Earlier | None = None) -> Offer:
    """The signed version of a package that a source offers.

    Args:
        source: a portal or a bank.
        settings: where known keys are kept.
        request: the package, the release and the key.
        earlier: the download that lies in the folder: a witness of key and ledger.

    Raises:
        NotFoundError: no such package or release, or it was withdrawn.
        IntegrityError: ledger, key or inventory do not hold, or not with what was seen before.
    """
    base_iri = source.base_iri()
    key_text = source.keys()
    keys = parse_public_keys(key_text.decode("utf-8", "replace"))
    trust = pinned_key(settings, base_iri, keys, request.key, portal=source.portal)
    _stop_at([trust.finding] if trust.finding else [], source)
    require_key(trust, source.address)
    same_bank = earlier is not None and _same_bank(earlier, base_iri, trust)
    if earlier is not None and not same_bank:
        _stop_at(_stranger(earlier, base_iri, trust, request), source)
    witnesses = earlier.witnesses() if earlier is not None and same_bank else ()
    ledger_bytes = source.ledger()
    ledger, findings = check_chain(ledger_bytes, trust.key, "ledger.jsonl", witnesses)
    _stop_at(findings, source)
    if ledger.lines:
        remember_key(settings, trust)
    version = _version(ledger, request, source)
    inventory_bytes = source.inventory(version)
    inventory, fault = check_inventory_bytes(inventory_bytes, version.inventory_sha256, "inventory.json")
    _stop_at([fault] if fault else [], source)
    if inventory is None or version.version not in inventory.versions:
        _stop_at([INVENTORY_CHANGED.at(problem=f"it has no version {version.version}")], source)
    assert inventory is not None
    return Offer(
        version=version,
        inventory=inventory,
        ledger=ledger,
        companions={"ledger.jsonl": ledger_bytes, "inventory.json": inventory_bytes, "signing-key.pub": key_text},
        base_iri=base_iri,
        new_key=keys[0].key_id if trust.first_use and keys else None,
    )


def _version(ledger: Ledger, request: Request, source: PackageSource) -> PackageVersion:
    package, release = request.package, request.release
    gone = ledger.withdrawal_of(package)
    if gone is not None:
        raise NotFoundError("withdrawn", f"{package} was withdrawn on {gone.date}: {gone.reason}", at=source.address)
    version = ledger.version_at(package, release)
    if version is None:
        named = f"{package}@{release}" if release else package
        raise NotFoundError("package-not-found", f"there is no package {named}", at=source.address)
    return version


def _same_bank(earlier: Earlier, base_iri: str, trust: Trust) -> bool:
    return earlier.note.base_iri == base_iri and (earlier.key is None or trust.key == earlier.key)


def _stranger(earlier: Earlier, base_iri: str, trust: Trust, request: Request) -> list[Finding]:
    """The finding when another bank, or another key, wants to take a download's place without being asked to.

    A download of another bank is in the way as any other file is, so without ``overwrite`` it is a matter of the folder.
    """
    moved = earlier.note.base_iri != base_iri
    if request.existing == OVERWRITE and request.key is not None:
        return []
    if moved and request.existing != OVERWRITE:
        return []
    known = f"{earlier.note.base_iri} with key {earlier.key.key_id if earlier.key else 'unknown'}"
    offered = f"{base_iri} with key {trust.key.key_id if trust.key else 'none'}"
    finding = KEY_CHANGED.at(expected=known, got=offered, bank=earlier.folder)
    hint = "take another --out; if this bank shall take the place of the other, pass --existing overwrite and its --key"
    return [replace(finding, hint=hint)]


def _stop_at(findings: Sequence[Finding], source: PackageSource) -> None:
    if not findings:
        return
    first = findings[0]
    place = f"{source.address} {first.path or ''}".rstrip() + (f" line {first.line}" if first.line else "")
    hint = first.hint
    if first.code == SHORTER.code:
        hint = "nothing was changed here: the source shows less than this folder has seen; ask the bank why"
    raise IntegrityError(first.code, first.message, at=place, want=first.expected, got=first.got, hint=hint)
