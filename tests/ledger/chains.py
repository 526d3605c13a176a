"""Chains of signed ledger lines, made with real keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from catalog.ledger import NO_PREVIOUS, Ledger, LedgerLine, PackageEntry, Withdrawal, state_sha256
from catalog.signing import PublicKey, make_key, sign


def entry(package: str, version: int, *, object_id: str = "", state: str = "released") -> PackageEntry:
    """An entry whose inventory digest tells package and version."""
    digest = f"{sum(map(ord, package + object_id)):060x}{version:04x}"
    return PackageEntry(
        id=package, object=object_id or package, version=f"v{version}", inventory_sha256=digest, state=state
    )


@dataclass
class Chain:
    """A ledger under construction: lines are appended and signed with the newest key.

    ``folder`` holds the secret keys.
    """

    folder: Path
    lines: list[LedgerLine] = field(default_factory=list)
    state: dict[str, PackageEntry] = field(default_factory=dict)
    keys: list[PublicKey] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not self.keys:
            self.keys.append(make_key(self.folder))

    @property
    def first_key(self) -> PublicKey:
        return self.keys[0]

    def secret(self, key: PublicKey) -> Path:
        return self.folder / f"{key.key_id}.key"

    def draft(self, release: str, packages: Sequence[PackageEntry] = (), **members: Any) -> LedgerLine:
        """The next line, unsigned; ``members`` win over what the chain says."""
        state = {**self.state, **{each.id: each for each in packages}}
        number = len(self.lines) + 1
        default: dict[str, Any] = {
            "sequence": number,
            "release": release,
            "issued": f"2026-11-{number:02d}T08:00:00Z",
            "previous": self.lines[-1].bytes_sha256 if self.lines else NO_PREVIOUS,
            "packages": tuple(packages),
            "state_sha256": state_sha256(state.values()),
            "catalog": {"version": f"v{number}", "inventory_sha256": f"{number:064x}"},
            "message": "제대혈: first words",
            "fairline": "0.1.0",
        }
        return LedgerLine(**{**default, **members})

    def sign(self, line: LedgerLine, key: PublicKey | None = None) -> LedgerLine:
        return line.signed(sign(line.signed_bytes(), self.secret(key or self.keys[-1]), line.trusted_comment))

    def append(self, release: str, packages: Sequence[PackageEntry] = (), **members: Any) -> LedgerLine:
        """Appends a signed line; a ``key`` among the members signs from the next line on."""
        line = self.sign(self.draft(release, packages, **members))
        self.lines.append(line)
        self.state.update({each.id: each for each in packages})
        if line.key is not None:
            self.keys.append(PublicKey(line.key))
        return line

    def content(self, lines: Sequence[LedgerLine] | None = None) -> bytes:
        return b"".join(line.stored_bytes() for line in (self.lines if lines is None else lines))

    def ledger(self) -> Ledger:
        return Ledger(tuple(self.lines))


def three_lines(folder: Path) -> Chain:
    """Three releases: two packages, a change, a withdrawal of a file with a replayed object."""
    chain = Chain(folder)
    chain.append("2026.10", [entry("A-1", 1), entry("B-1", 1)])
    chain.append("2026.11", [entry("A-1", 2)], message="")
    gone: Mapping[str, str] = {"id": "A-1", "object": "A-1"}
    chain.append(
        "2026.11.1",
        [entry("A-1", 3, object_id="A-1~2")],
        withdrawn=(Withdrawal(id="A-1", path="data/x.vcf", reason='he said "no" \\ é', date="2026-11-03T08:00:00Z"),),
        replaced=(gone,),
    )
    return chain


def resigned(chain: Chain, line: LedgerLine, **members: Any) -> LedgerLine:
    """A line with other members, signed anew with the bank's own key."""
    return chain.sign(replace(line, **members))
