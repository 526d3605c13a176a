"""Comparing two releases: packages, files and fields, from ledger and store alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.access import PublicRecord
from catalog.bank import Bank
from catalog.errors import NotFoundError
from catalog.ledger import Ledger, PackageVersion, load_ledger
from catalog.package import restore_record
from catalog.store import Store


def compare_releases(bank: Bank, before: str, after: str) -> dict[str, Any]:
    """What was added, changed and withdrawn.

    Returns:
        ``before``, ``after`` and ``packages``: for each its ``change`` (added, changed, withdrawn), ``files``
        (added, removed, changed, and withdrawn with the reason) and ``fields`` of the record that differ.

    Raises:
        NotFoundError: one of the releases does not exist.
    """
    ledger = load_ledger(bank.ledger_path, bank.keys())
    for name in (before, after):
        if ledger.line(name) is None:
            known = ", ".join(line.release for line in ledger.lines[-5:]) or "none"
            raise NotFoundError("release-not-found", f"there is no release {name}", got=name, want=f"such as {known}")
    store = Store(bank.store_folder)
    packages = []
    for package in ledger.current():
        old, new = _state_at(ledger, package, before), _state_at(ledger, package, after)
        compared = _compare(store, ledger, package, old, new)
        if compared is not None:
            packages.append(compared)
    return {"before": before, "after": after, "packages": packages}


def _state_at(ledger: Ledger, package: str, release: str) -> PackageVersion | None:
    """The version in a release; None when the package was not there or was withdrawn by then."""
    line = ledger.line(release)
    assert line is not None
    entry = ledger.upto(line.sequence).released_packages().get(package)
    return ledger.version_at(package, release) if entry is not None else None


def _compare(
    store: Store, ledger: Ledger, package: str, old: PackageVersion | None, new: PackageVersion | None
) -> dict[str, Any] | None:
    if old is None and new is None:
        return None
    if old is not None and new is not None and old.release == new.release:
        return None
    before, after = _record(store, ledger, old), _record(store, ledger, new)
    change = "added" if old is None else "withdrawn" if new is None else "changed"
    gone = ledger.withdrawal_of(package)
    members: dict[str, Any] = {"id": package, "change": change, "files": _files(before, after), "fields": []}
    members["files"]["withdrawn"] = _withdrawn_between(ledger, old, new)
    if before is not None and after is not None:
        members["fields"] = _fields(before.record, after.record)
    if change == "withdrawn" and gone is not None:
        members["reason"] = gone.reason
    return members


def _withdrawn_between(ledger: Ledger, old: PackageVersion | None, new: PackageVersion | None) -> list[dict[str, str]]:
    """The files that a release after the older version withdrew; no stored version has them any more."""
    if old is None or new is None:
        return []
    first, last = (ledger.line(each.release) for each in (old, new))
    assert first is not None
    assert last is not None
    return [
        {"path": each.path, "reason": each.reason, "date": each.date}
        for line in ledger.lines[first.sequence : last.sequence]
        for each in line.withdrawn
        if each.id == new.id and each.path is not None
    ]


def _record(store: Store, ledger: Ledger, version: PackageVersion | None) -> PublicRecord | None:
    """The public record of a version; None where it was withdrawn since."""
    if version is None or ledger.withdrawal_of(version.id) is not None:
        return None
    inventory = store.inventory(version.object, version.bound_version)
    return restore_record(lambda path: store.read(inventory, path, version.version), inventory.state(version.version))


def _files(before: PublicRecord | None, after: PublicRecord | None) -> dict[str, list[str]]:
    old = {each.path: each.sha256 for each in before.files} if before else {}
    new = {each.path: each.sha256 for each in after.files} if after else {}
    return {
        "added": sorted(set(new) - set(old)),
        "removed": sorted(set(old) - set(new)),
        "changed": sorted(path for path in old if path in new and old[path] != new[path]),
    }


def _fields(before: Mapping[str, Any], after: Mapping[str, Any], prefix: str = "") -> list[dict[str, Any]]:
    changes = []
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name), after.get(name)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            changes += _fields(old, new, f"{prefix}{name}.")
        elif old != new:
            changes.append({"field": f"{prefix}{name}", "before": old, "after": new})
    return changes
