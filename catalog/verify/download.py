"""Verifying a download: what ``get`` wrote beside the files proves them, without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from catalog.checksums import sha256_of_file
from catalog.errors import IntegrityError, NotFoundError
from catalog.findings import Finding, Place
from catalog.identifiers import path_faults
from catalog.ledger import Withdrawal
from catalog.settings import Settings
from catalog.signing import parse_public_keys
from catalog.store.verification import check_inventory_bytes
from catalog.verify.chain import Witness, check_chain
from catalog.verify.outcome import (
    EXTRA,
    FILE_CHANGED,
    FILE_MISSING,
    FILE_WITHDRAWN,
    NOT_SELECTED,
    UNKNOWN_VERSION,
    Verified,
    grouped,
)
from catalog.verify.trust import pinned_key, remember_key, require_key

DOWNLOAD = "download.json"
#: What ``get`` puts beside the files of a package.
COMPANIONS = (DOWNLOAD, "inventory.json", "ledger.jsonl", "signing-key.pub")


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadNote:
    """What ``download.json`` says: which version of which package, and how long the ledger was.

    Attributes:
        id: the package.
        release: its version.
        base_iri: the bank.
        sequence: the highest ledger line that was seen.
        paths: the files that were asked for.
    """

    id: str
    release: str
    base_iri: str
    sequence: int
    paths: frozenset[str]


def read_note(folder: Path) -> DownloadNote:
    """The note in a download's folder.

    Raises:
        FileNotFoundError: there is none.
        IntegrityError: it cannot be read.
    """
    content = (folder / DOWNLOAD).read_bytes()
    try:
        note: dict[str, Any] = json.loads(content)
        if not isinstance(note["sequence"], int):
            raise TypeError("sequence is no whole number")
        return DownloadNote(
            id=str(note["id"]),
            release=str(note["release"]),
            base_iri=str(note["base_iri"]),
            sequence=note["sequence"],
            paths=frozenset(str(path) for path in note["paths"]),
        )
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise IntegrityError(
            "download-note", "download.json cannot be read", at=str(folder / DOWNLOAD), got=str(error)[:60]
        ) from error


def verify_download(folder: Path, settings: Settings, *, key: str | None = None) -> Verified:
    """A folder that ``get`` made: ledger, inventory and every file; no network is needed."""
    note = read_note(folder)
    witness = Witness(who="the download", sequence=note.sequence)
    keys = parse_public_keys(_companion(folder, "signing-key.pub").decode("utf-8", "replace"))
    trust = pinned_key(settings, note.base_iri, keys, key)
    require_key(trust, str(folder / "signing-key.pub"))
    findings = [replace(trust.finding, path="signing-key.pub")] if trust.finding else []
    ledger, found = check_chain(_companion(folder, "ledger.jsonl"), trust.key, "ledger.jsonl", (witness,))
    findings += found
    if ledger.lines and not findings:
        remember_key(settings, trust)
    version = ledger.version_at(note.id, note.release)
    unproved = [f"that the bank has published nothing since line {ledger.sequence} of its ledger"]
    if trust.first_use:
        unproved.append(
            f"that the key is the bank's: it was seen for the first time ({keys[0].key_id if keys else 'none'})"
        )
    if version is None:
        findings.append(UNKNOWN_VERSION.at(Place(path="ledger.jsonl"), release=note.release, package=note.id))
        return Verified(target=str(folder), kind="download", findings=grouped(findings), lines=ledger.sequence)
    inventory, fault = check_inventory_bytes(
        _companion(folder, "inventory.json"), version.inventory_sha256, "inventory.json"
    )
    files = 0
    if fault is not None:
        findings.append(fault)
    elif inventory is None or version.version not in inventory.versions:
        findings.append(UNKNOWN_VERSION.at(Place(path="inventory.json"), release=note.release, package=note.id))
    else:
        state = inventory.state(version.version)
        findings += check_files(folder, dict(state), note.paths, ledger.withdrawals(note.id))
        files = sum((folder / path).is_file() for path in state)
    return Verified(
        target=str(folder), kind="download", findings=grouped(findings), lines=ledger.sequence, files=files,
        unproved=tuple(unproved),
    )  # fmt: skip


def _companion(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise NotFoundError(
            "download-incomplete", f"the download has no {name}", at=str(folder / name), hint="run 'fairline get' again"
        ) from None


def check_files(
    folder: Path, state: dict[str, str], selected: frozenset[str] | set[str], withdrawn: Sequence[Withdrawal] = ()
) -> Iterator[Finding]:
    """The files of a folder against a signed state.

    Args:
        folder: the download.
        state: digest by logical path.
        selected: the paths that were asked for.
        withdrawn: what the ledger says was withdrawn of the package.
    """
    for path, digest in sorted(state.items()):
        place = Place(path=path)
        if path_faults(path):
            yield FILE_CHANGED.at(place, got="a path that no package has", logical=path)
        elif not (folder / path).is_file():
            rule = FILE_MISSING if path in selected else NOT_SELECTED
            yield rule.at(
                Place(path=path) if rule is FILE_MISSING else Place(),
                expected=digest if rule is FILE_MISSING else None,
                logical=path,
            )
        else:
            got = sha256_of_file(folder / path)
            if got != digest:
                yield FILE_CHANGED.at(place, expected=digest, got=got, logical=path)
    known = {*state, *COMPANIONS}
    gone = {each.path: each for each in withdrawn}
    for each in sorted(folder.rglob("*")):
        name = each.relative_to(folder).as_posix()
        if each.is_dir() or name in known or each.name.endswith((".part", ".part.json")):
            continue
        if name in gone:
            yield FILE_WITHDRAWN.at(Place(path=name), logical=name, date=gone[name].date, reason=gone[name].reason)
        else:
            yield EXTRA.at(Place(path=name), logical=name)
