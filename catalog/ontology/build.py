"""From content to a term store: Parquet files in a folder of their own, made visible by one pointer.

``<folder>/<name>/<generation>/*.parquet`` are written beside the old generation and synced; replacing ``current.json``
is the commit. Whatever stops before that leaves the old store in force, and its remains are swept by the next update.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog import durable
from catalog.database import Database, DatabaseSettings, open_memory, quoted
from catalog.identifiers import curie_to_iri, is_curie
from catalog.ontology.closure import adjacency, closure, cycles
from catalog.ontology.content import Content
from catalog.vocabulary import CURRENT, STORE_FORMAT, TABLES

_GROUP_ROWS = 8192
_BUILDING = ".building-"
#: A building folder that nobody has touched for so long belongs to a process that died.
_DEAD_AFTER_SECONDS = 3600.0
_KEPT_GENERATIONS = 2
_LISTED_CYCLES = 20
_ORDER = {
    "term": "curie",
    "synonym": "curie, synonym, scope",
    "xref": "curie, xref",
    "is_a": "child, parent",
    "edge": "subject, property, object, chain",
    "closure": "descendant, distance, ancestor",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a store is of.

    Attributes:
        ids: how the ontology's own CURIEs begin.
        version_source: ``file`` (the file states it), ``sources`` (its digest is the pinned one) or ``sha256`` (the
            first digits of the digest stand in for a version).
        sha256: of the decompressed file.
    """

    name: str
    title: str
    ids: tuple[str, ...]
    version: str
    version_source: str
    licence: str
    sha256: str


def write_store(content: Content, identity: Identity, folder: Path) -> dict[str, Any]:
    """Writes the tables and makes them the current ones.

    Args:
        content: what a reader found.
        identity: which ontology and version it is.
        folder: the ontologies folder; made when it is missing.

    Returns:
        The manifest, as it now stands in ``current.json``.

    Raises:
        TemporaryError: ``disk-full``, ``disk-error``.
    """
    home = folder / identity.name
    with durable.disk_errors(home):
        durable.make_directories(home)
        _sweep(home)
        building = home / f"{_BUILDING}{os.getpid()}-{time.time_ns()}"
        durable.make_directory(building)
        counts = _write_tables(content, identity, building)
        digests = {}
        for table in TABLES:
            file = building / f"{table}.parquet"
            durable.sync_file(file)
            digests[file.name] = hashlib.sha256(file.read_bytes()).hexdigest()
        durable.sync_directory(building)
        generation = home / f"{identity.sha256[:12]}-{time.time_ns()}"
        durable.rename(building, generation)
        manifest = _manifest(content, identity, generation.name, counts, digests)
        durable.replace_file(home / CURRENT, json.dumps(manifest, indent=1).encode() + b"\n")
        _forget_old(home, generation.name)
    return manifest


def _manifest(
    content: Content, identity: Identity, generation: str, counts: dict[str, int], digests: dict[str, str]
) -> dict[str, object]:
    shown = [draft for draft in content.terms.values() if draft.label]
    return {
        "format": STORE_FORMAT,
        "name": identity.name,
        "title": identity.title,
        "iri": content.iri,
        "version": identity.version,
        "version_source": identity.version_source,
        "version_text": content.version_text,
        "licence": identity.licence,
        "licence_text": content.licence,
        "sha256": identity.sha256,
        "ids": list(identity.ids),
        "imports": content.imports,
        "counts": {
            **counts,
            "own": sum(1 for _ in content.own_terms(identity.ids)),
            "obsolete": sum(draft.obsolete for draft in shown),
            "skipped": content.skipped,
            "nameless": content.nameless,
        },
        "cycles": [list(group) for group in cycles(adjacency(content.parents))[:_LISTED_CYCLES]],
        "folder": generation,
        "files": digests,
    }


def current_manifest(folder: Path, name: str) -> dict[str, Any] | None:
    """The manifest of an installed ontology whose bytes are all still there as they were written, else None."""
    home = folder / name
    try:
        manifest = json.loads((home / CURRENT).read_text(encoding="utf-8"))
        if manifest["format"] != STORE_FORMAT:
            return None
        for file, digest in manifest["files"].items():
            if hashlib.sha256((home / manifest["folder"] / file).read_bytes()).hexdigest() != digest:
                return None
        return dict(manifest)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _write_tables(content: Content, identity: Identity, folder: Path) -> dict[str, int]:
    parents = adjacency(content.parents)
    rows: dict[str, Iterable[Sequence[object]]] = {
        "term": _terms(content, identity),
        "synonym": content.synonyms,
        "xref": ((curie, xref) for curie, xref in content.xrefs if curie != xref),
        "is_a": ((child, parent) for child, above in parents.items() for parent in above),
        "edge": content.edges,
        "closure": ((descendant, ancestor, distance) for ancestor, descendant, distance in closure(parents)),
    }
    settings = DatabaseSettings(memory="400MB", spill_folder=folder)
    counts = {}
    with open_memory(settings) as database:
        for table, found in rows.items():
            counts[table] = _write_table(database, table, found, folder / f"{table}.parquet")
    for spilled in folder.glob("*.tmp"):
        durable.remove_file(spilled)
    return counts


def _write_table(database: Database, table: str, rows: Iterable[Sequence[object]], target: Path) -> int:
    kinds = [column.split()[1] for column in TABLES[table].split(", ")]
    database.rows(f"CREATE TABLE {table} ({TABLES[table]})")
    count = database.insert(table, kinds, rows)
    database.rows(
        f"COPY (SELECT * FROM {table} ORDER BY {_ORDER[table]}) TO {quoted(str(target))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_GROUP_ROWS})"
    )
    database.rows(f"DROP TABLE {table}")
    return count


def _terms(content: Content, identity: Identity) -> Iterator[tuple[object, ...]]:
    """The labelled terms; one that is only pointed at says nothing, so that another ontology can."""
    for curie, draft in content.terms.items():
        if not draft.label or not is_curie(curie):
            continue
        own = curie.startswith(identity.ids)
        yield (
            curie,
            curie_to_iri(curie),
            draft.label,
            draft.definition,
            draft.kind,
            draft.obsolete,
            draft.replaced_by,
            " ".join(draft.suggestions(curie)),
            identity.name,
            identity.version,
            own,
        )


def _sweep(home: Path) -> None:
    """Removes what updates left that died, once they are surely dead."""
    for each in home.glob(f"{_BUILDING}*"):
        if time.time() - each.stat().st_mtime > _DEAD_AFTER_SECONDS:
            durable.remove_tree(each)


def _forget_old(home: Path, current: str) -> None:
    """Keeps the current generation and the one before it, which another process may still be reading."""
    generations = [each for each in home.iterdir() if each.is_dir() and not each.name.startswith(".")]
    old = sorted((each for each in generations if each.name != current), key=lambda each: each.stat().st_mtime_ns)
    for each in old[: max(0, len(old) + 1 - _KEPT_GENERATIONS)]:
        durable.remove_tree(each)
