"""The lines of the ledger as values, and what they add up to (docs/ledger.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import rfc8785

NO_PREVIOUS = "0" * 64
RELEASED = "released"
WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageEntry:
    """A package that a release changed: which OCFL object and version hold it, bound by the inventory's digest."""

    id: str
    object: str
    version: str
    inventory_sha256: str
    state: str = RELEASED

    def bound(self) -> dict[str, str]:
        """What ``state_sha256`` covers."""
        return {
            "id": self.id,
            "inventory_sha256": self.inventory_sha256,
            "object": self.object,
            "version": self.version,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """What was withdrawn: a whole line (``path`` None) or one file of it."""

    id: str
    path: str | None
    reason: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerLine:
    """One release (members as in docs/ledger.md).

    Attributes:
        release: its name; ``issued`` is RFC 3339 in UTC.
        previous: sha256 of the bytes of the line before, zeros for the first.
        packages: those that this release changed.
        state_sha256: digest over every current package, so that each line proves the whole bank.
        catalog: version and inventory digest of the reserved object.
        replaced: objects that were replayed into new ones, and are gone.
        key: a new public key that signs from the next line on.
        signature: the whole minisign text; empty while the line is being made.
        bytes_sha256: digest of the line's bytes as stored; empty while it is being made.
    """

    sequence: int
    release: str
    issued: str
    previous: str
    packages: tuple[PackageEntry, ...]
    state_sha256: str
    catalog: Mapping[str, str]
    withdrawn: tuple[Withdrawal, ...] = ()
    replaced: tuple[Mapping[str, str], ...] = ()
    key: str | None = None
    message: str = ""
    fairline: str = ""
    signature: str = ""
    bytes_sha256: str = field(default="", compare=False)

    def members(self) -> dict[str, Any]:
        """The line as a JSON object without the signature."""
        members: dict[str, Any] = {
            "sequence": self.sequence,
            "release": self.release,
            "issued": self.issued,
            "previous": self.previous,
            "packages": [{**entry.bound(), "state": entry.state} for entry in self.packages],
            "state_sha256": self.state_sha256,
            "catalog": dict(self.catalog),
            "withdrawn": [
                {"id": each.id, "path": each.path, "reason": each.reason, "date": each.date} for each in self.withdrawn
            ],
            "replaced": [dict(each) for each in self.replaced],
            "message": self.message,
            "fairline": self.fairline,
        }
        if self.key is not None:
            members["key"] = self.key
        return members

    def signed_bytes(self) -> bytes:
        """What the signature covers: RFC 8785 of the members without it."""
        return rfc8785.dumps(self.members())

    def stored_bytes(self) -> bytes:
        """The bytes of the line in the file."""
        return rfc8785.dumps({**self.members(), "signature": self.signature}) + b"\n"

    def signed(self, signature: str) -> LedgerLine:
        """The line with its signature and the digest of its bytes."""
        whole = replace(self, signature=signature)
        return replace(whole, bytes_sha256=hashlib.sha256(whole.stored_bytes()).hexdigest())

    @property
    def trusted_comment(self) -> str:
        """The comment that the signature carries."""
        return f"fairline {self.release}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageVersion:
    """A public version of a package.

    Attributes:
        id: the package.
        release: the release in which the version first appeared: its name.
        object: the OCFL object that holds it now.
        version: the OCFL version that holds it.
        bound_version: the OCFL version whose inventory a signed line binds; the same, or a later one
            where the object was replayed.
        inventory_sha256: digest of that inventory.
    """

    id: str
    release: str
    object: str
    version: str
    bound_version: str
    inventory_sha256: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines, and what they add up to."""

    lines: tuple[LedgerLine, ...] = ()

    @property
    def last(self) -> LedgerLine | None:
        """The newest line."""
        return self.lines[-1] if self.lines else None

    @property
    def sequence(self) -> int:
        """The number of the newest line; 0 of an empty ledger."""
        return len(self.lines)

    def line(self, release: str) -> LedgerLine | None:
        """The line of a release."""
        return next((line for line in self.lines if line.release == release), None)

    def upto(self, sequence: int) -> Ledger:
        """The ledger as it was after a line."""
        return Ledger(self.lines[:sequence])

    def current(self) -> dict[str, PackageEntry]:
        """The newest entry of every package, withdrawn ones too, by id."""
        state: dict[str, PackageEntry] = {}
        for line in self.lines:
            state.update({entry.id: entry for entry in line.packages})
        return dict(sorted(state.items()))

    def versions(self, package_id: str) -> tuple[PackageVersion, ...]:
        """The versions of a package, oldest first; of a withdrawn package as well."""
        found = [(line.release, entry) for line in self.lines for entry in line.packages if entry.id == package_id]
        if not found:
            return ()
        newest = found[-1][1]
        versions = []
        for release, entry in found:
            bound = entry
            if entry.object != newest.object:
                # Its object was replayed: the first signed entry of today's object covers the older versions.
                bound = next(each for _, each in found if each.object == newest.object)
            versions.append(
                PackageVersion(
                    id=package_id,
                    release=release,
                    object=bound.object,
                    version=entry.version,
                    bound_version=bound.version,
                    inventory_sha256=bound.inventory_sha256,
                )
            )
        return tuple(versions)

    def version_at(self, package_id: str, release: str | None) -> PackageVersion | None:
        """The version that was current in a release (today for None); None when there was none."""
        last = len(self.lines)
        if release is not None:
            line = self.line(release)
            if line is None:
                return None
            last = line.sequence
        names = {line.release for line in self.lines[:last]}
        known = [version for version in self.versions(package_id) if version.release in names]
        return known[-1] if known else None

    def withdrawals(self, package_id: str | None = None) -> tuple[Withdrawal, ...]:
        """What was withdrawn, oldest first."""
        return tuple(
            each for line in self.lines for each in line.withdrawn if package_id is None or each.id == package_id
        )

    def withdrawal_of(self, package_id: str, path: str | None = None) -> Withdrawal | None:
        """The withdrawal that covers a package, or a file of it (its own or the whole package's)."""
        for each in self.withdrawals(package_id):
            if each.path is None or each.path == path:
                return each
        return None

    def released_packages(self) -> dict[str, PackageEntry]:
        """The current entries that are not withdrawn, by id."""
        return {name: entry for name, entry in self.current().items() if entry.state == RELEASED}

    def gone_objects(self) -> set[str]:
        """OCFL objects that a signed line says are replaced: their inventories may be missing."""
        return {each["object"] for line in self.lines for each in line.replaced}


def state_sha256(entries: Iterable[PackageEntry]) -> str:
    """The digest of the whole bank's state: RFC 8785 of the list of current entries, sorted by id."""
    bound = [entry.bound() for entry in sorted(entries, key=lambda entry: entry.id)]
    return hashlib.sha256(rfc8785.dumps(bound)).hexdigest()
