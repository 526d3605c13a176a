"""Building the index: from ledger and store alone, beside the old one, then one step to the new one."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog import durable
from catalog.access import PublicRecord
from catalog.bank import Bank
from catalog.checksums import sha256_of_file
from catalog.database import Database, DatabaseSettings, open_file, version
from catalog.errors import IntegrityError
from catalog.events import Event, Listener, silent
from catalog.identifiers import CATALOG_ID
from catalog.index.current import Current, check_seen, next_generation, remove_old, write_current
from catalog.index.rows import PackageRows, Row, package_rows
from catalog.index.tables import SCHEMA_VERSION, TABLES, column_kinds, create_statements
from catalog.index.text import postings
from catalog.ledger import WITHDRAWN, Ledger, LedgerLine, PackageEntry, load_ledger
from catalog.package import restore_record
from catalog.store import Store
from catalog.store.locks import exclusive

_BATCH_ROWS = 20_000
_KEPT_GENERATIONS = 2


def build_index(bank: Bank, tell: Listener = silent, *, generations: int = _KEPT_GENERATIONS) -> Current:
    """Builds the index of a bank's released state and points at it.

    Args:
        bank: the bank; only its ledger and its public store are read.
        tell: hears of progress.
        generations: how many to keep; 1 after a withdrawal, so that nothing withdrawn is left in an old file.

    Raises:
        IntegrityError: ledger or store do not hold; the old index stays.
        TemporaryError: the disk is full; the old index stays.
    """
    with durable.disk_errors(bank.index_folder):
        durable.make_directories(bank.index_folder)
        durable.make_directories(bank.work_folder)
    with exclusive(bank.work_folder / "index.lock", wait=True, what="builds the index"):
        return _build(bank, tell, generations)


def _build(bank: Bank, tell: Listener, generations: int) -> Current:
    ledger = load_ledger(bank.ledger_path, bank.keys()) if bank.ledger_path.exists() else Ledger()
    check_seen(bank.index_folder, ledger)
    generation = next_generation(bank.index_folder)
    part = bank.work_folder / f"index-{generation}.building"
    _discard(part)
    with durable.disk_errors(bank.index_folder):
        try:
            _write(part, ledger, Store(bank.store_folder), tell)
            durable.sync_file(part)
            name = f"index-{generation}.duckdb"
            digest, size = sha256_of_file(part), part.stat().st_size
            durable.rename(part, bank.index_folder / name)
        finally:
            _discard(part)
        current = Current(
            schema=SCHEMA_VERSION, generation=generation, file=name, sha256=digest, bytes=size, duckdb=version(),
            sequence=ledger.sequence, release=ledger.last.release if ledger.last else "",
            ledger_sha256=ledger.last.bytes_sha256 if ledger.last else "",
        )  # fmt: skip
        write_current(bank.index_folder, current)
        remove_old(bank.index_folder, generations)
    return current


def _discard(part: Path) -> None:
    for suffix in ("", ".wal", ".tmp"):
        durable.remove_file(part.with_name(part.name + suffix))


def _write(path: Path, ledger: Ledger, store: Store, tell: Listener) -> None:
    names, term_rows = _read_terms(ledger, store)
    tables: dict[str, list[Row]] = {name: [] for name in TABLES}
    tables.update(term_rows)
    tables.update(_ledger_rows(ledger))
    words: dict[str, Counter[str]] = {}
    current = ledger.current()
    with open_file(path, DatabaseSettings(threads=2, memory="2GB"), read_only=False) as database:
        for statement in create_statements():
            database.rows(statement)
        for done, (package, entry) in enumerate(current.items(), start=1):
            tell(Event(stage="index", text=package, done=done, total=len(current), unit="packages"))
            if entry.state == WITHDRAWN:
                tables["package"].append(_withdrawn_row(package))
                continue
            rows = _rows_of(store, entry, names)
            words[package] = rows.words
            for name, listed in rows.tables.items():
                tables[name].extend(listed)
            _flush(database, tables, _BATCH_ROWS)
        tables["posting"] = list(postings(words))
        tables["meta"] = [("sequence", str(ledger.sequence)), ("schema", str(SCHEMA_VERSION))]
        _flush(database, tables, 0)
        database.rows("CHECKPOINT")


def _rows_of(store: Store, entry: PackageEntry, names: Mapping[str, Sequence[str]]) -> PackageRows:
    return package_rows(read_public(store, entry), names)


def read_public(store: Store, entry: PackageEntry) -> PublicRecord:
    """The public record that a ledger's entry binds, every byte verified.

    Raises:
        IntegrityError: the store does not hold what was signed.
    """
    inventory = store.inventory(entry.object, entry.version)
    if inventory.sha256 != entry.inventory_sha256:
        raise IntegrityError(
            "store-inventory",
            f"the inventory of {entry.object} {entry.version} is not the one that was signed",
            want=entry.inventory_sha256,
            got=inventory.sha256,
            hint="run 'fairline verify' to see every place",
        )
    return restore_record(lambda path: store.read(inventory, path), inventory.state())


def _withdrawn_row(package: str) -> Row:
    row: list[Any] = [None] * len(TABLES["package"])
    row[0], row[-1] = package, True
    return tuple(row)


def _flush(database: Database, tables: dict[str, list[Row]], threshold: int) -> None:
    """Writes tables that have gathered more rows than the threshold."""
    for name, rows in tables.items():
        if len(rows) > threshold:
            database.insert(f'"{name}"', column_kinds(name), rows)
            rows.clear()


def _read_terms(ledger: Ledger, store: Store) -> tuple[dict[str, list[str]], dict[str, list[Row]]]:
    """The terms of the newest release: names for text search, and the rows of the term tables."""
    if ledger.last is None:
        return {}, {}
    inventory = store.inventory(CATALOG_ID, ledger.last.catalog["version"])
    if inventory.sha256 != ledger.last.catalog["inventory_sha256"]:
        raise IntegrityError("store-inventory", "the catalogue's inventory is not the one that was signed")
    members: dict[str, Any] = json.loads(store.read(inventory, "terms.json"))
    rows = [(each["curie"], each["label"], each["ontology"], each["ontology_version"]) for each in members["terms"]]
    names = {each["curie"]: [each["label"], *each["synonyms"]] for each in members["terms"]}
    return names, {"term": rows, "term_closure": [tuple(pair) for pair in members["closure"]]}


def _ledger_rows(ledger: Ledger) -> dict[str, list[Row]]:
    """The rows of releases and versions."""
    releases: list[Row] = []
    changes: list[Row] = []
    seen: set[str] = set()
    for line in ledger.lines:
        changes += [(line.release, entry.id, _change(line, entry, seen)) for entry in line.packages]
        seen |= {entry.id for entry in line.packages}
        current = ledger.upto(line.sequence).released_packages()
        releases.append((line.release, line.sequence, line.issued, line.message, len(line.packages), len(current)))
    issued = {line.release: line for line in ledger.lines}
    versions: list[Row] = [
        (
            each.id, each.release, issued[each.release].issued, issued[each.release].sequence, each.object,
            each.version, each.bound_version, each.inventory_sha256,
        )
        for package in ledger.current()
        for each in ledger.versions(package)
    ]  # fmt: skip
    return {"release": releases, "release_package": changes, "version": versions}


def _change(line: LedgerLine, entry: PackageEntry, seen: set[str]) -> str:
    if entry.state == WITHDRAWN:
        return "withdrawn"
    return "changed" if entry.id in seen else "added"
