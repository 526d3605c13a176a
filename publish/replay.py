"""Replaying an object without what is withdrawn: the histories of its public and its controlled versions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from catalog.access import PublicRecord
from catalog.loading import read_rows
from catalog.loading.rows import write_rows
from catalog.model import BankSettings
from catalog.model.files import RESERVED_PATHS, TABLE_PATHS
from catalog.package import DESCRIPTOR, is_data_file, restore_record
from catalog.package.documents import REPORT, render_json
from catalog.store import Content, History, Inventory, Store
from publish.contents import public_contents, stored_sources
from publish.journal import Journal
from publish.writing import Chain

TOMBSTONE = "tombstone.json"


def next_object(object_id: str, package_id: str) -> str:
    """The id of the object that replaces one: ``ID~2`` after ``ID``, ``ID~3`` after ``ID~2``."""
    match = re.fullmatch(r"(?P<stem>.+)~(?P<number>[0-9]+)", object_id)
    return f"{package_id}~{int(match['number']) + 1 if match else 2}"


def data_paths(store: Store, inventory: Inventory, version: str) -> set[str]:
    """The curator's files among the logical paths of a version: those that a withdrawal may name.

    A public version tells them by its descriptor; a controlled one holds nothing else but the curator's own tables.
    """
    state = inventory.state(version)
    if DESCRIPTOR not in state:
        return set(state) - RESERVED_PATHS
    members: dict[str, Any] = json.loads(store.read(inventory, DESCRIPTOR, version))
    return {str(each["path"]) for each in members["resources"] if is_data_file(each)}


def tombstone(journal: Journal) -> Content:
    """What is left of a withdrawn line: that it was there, when and why it went."""
    members = {"id": journal.line_id, "withdrawn": journal.issued, "reason": journal.reason, "release": journal.release}
    return Content.of_bytes(TOMBSTONE, render_json(members))


def line_history(inventory: Inventory, journal: Journal) -> list[History]:
    """Every version of a withdrawn line is its tombstone; so is the new one."""
    stone = [tombstone(journal)]
    past = [
        History(contents=stone, created=version.created, message=version.message)
        for version in inventory.versions.values()
    ]
    return [*past, History(contents=stone, created=journal.issued, message=f"release {journal.release}")]


def public_file_history(chain: Chain, inventory: Inventory, journal: Journal, bank: BankSettings) -> list[History]:
    """The versions of a public object without one file; documents that spoke of it are made again."""

    def without(public: PublicRecord) -> PublicRecord:
        assert journal.path is not None
        return public.without(journal.path, journal.reason, journal.issued)

    def remade(version: str, change: Callable[[PublicRecord], PublicRecord]) -> list[Content]:
        paths = inventory.state(version)
        public = change(restore_record(lambda path: chain.store.read(inventory, path, version), paths))
        return public_contents(public, bank, stored_sources(chain.store, inventory, version))

    past = []
    for name, version in inventory.versions.items():
        touched = journal.path in version.state and DESCRIPTOR in version.state
        contents = remade(name, without) if touched else stored_contents(chain.store, inventory, name)
        past.append(History(contents=contents, created=version.created, message=version.message))
    newest = remade(inventory.head, lambda public: without(public).released_as(journal.release, journal.issued))
    return [*past, History(contents=newest, created=journal.issued, message=f"release {journal.release}")]


def stored_contents(store: Store, inventory: Inventory, version: str) -> list[Content]:
    """A stored version as it is."""
    return [
        Content(path=path, sha256=digest, source=store.content_path(inventory, digest))
        for path, digest in inventory.state(version).items()
    ]


def controlled_file_history(chain: Chain, inventory: Inventory, journal: Journal) -> list[History]:
    """The versions of a controlled object without one file, its row and what the report says of it."""
    past = []
    newest: list[Content] = []
    for name, version in inventory.versions.items():
        newest = [
            _scrubbed(chain, inventory, name, content, str(journal.path))
            for content in stored_contents(chain.store, inventory, name)
            if content.path != journal.path
        ]
        past.append(History(contents=newest, created=version.created, message=version.message))
    return [*past, History(contents=newest, created=journal.issued, message=f"release {journal.release}")]


def _scrubbed(chain: Chain, inventory: Inventory, version: str, content: Content, path: str) -> Content:
    if content.path == TABLE_PATHS["files"]:
        rows = read_rows(chain.store.read(inventory, content.path, version))
        kept = [row.cells for row in rows.rows if row.get("path") != path]
        if len(kept) < len(rows.rows):
            return Content.of_bytes(content.path, write_rows(rows.columns, kept))
    if content.path == REPORT:
        report: dict[str, Any] = json.loads(chain.store.read(inventory, content.path, version))
        if path in json.dumps(report):
            return Content.of_bytes(content.path, render_json(_without(report, path)))
    return content


def _without(report: Mapping[str, Any], path: str) -> dict[str, Any]:
    def speaks_of(finding: Mapping[str, Any]) -> bool:
        return finding.get("path") == path or path in finding.get("related", ())

    files = [
        {**each, "findings": [finding for finding in each["findings"] if not speaks_of(finding)]}
        for each in report["files"]
        if each["path"] != path
    ]
    findings = [each for each in report["findings"] if not speaks_of(each)]
    return {**report, "findings": findings, "files": files}
