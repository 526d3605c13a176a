"""The open index: runs a query's statements and gives the objects that pages, API and commands show (docs/api.md)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from catalog.database import IN_LIST, Database, DatabaseSettings, listed
from catalog.errors import NotFoundError
from catalog.identifiers import Addresses
from catalog.index.current import Current, open_current
from catalog.index.query import FACETS, UNKNOWN, Query, make_cursor
from catalog.index.search import Statement, count_statement, facet_statements, files_statement, page_statement
from catalog.index.tables import TABLES

_PACKAGE_COLUMNS = [column.name for column in TABLES["package"]]
_ID = _PACKAGE_COLUMNS.index("id")


class Index:
    """One generation of the index, open for reading.

    Args:
        current: which generation it is.
        database: its database.
        addresses: the bank's IRIs, for the addresses in answers.
    """

    def __init__(self, current: Current, database: Database, addresses: Addresses) -> None:
        self.current = current
        self.addresses = addresses
        self._database = database

    def cursor(self) -> Index:
        """The same index for another thread."""
        return Index(self.current, self._database.cursor(), self.addresses)

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def _run(self, statement: Statement) -> list[tuple[Any, ...]]:
        return self._database.rows(statement.sql, statement.values)

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Rows of a statement of ours."""
        return self._database.rows(sql, values)

    def search(self, query: Query) -> dict[str, Any]:
        """One page: ``total``, ``bytes`` of the open files of all that fit, ``next`` and ``packages``."""
        total, size = self._run(count_statement(query))[0]
        rows = self._run(page_statement(query))
        shown = rows[: query.limit]
        following = None
        if len(rows) > query.limit:
            following = make_cursor([shown[-1][-1], shown[-1][_ID]])
        return {
            "total": total,
            "bytes": int(size),
            "next": following,
            "packages": [self._package(row) for row in shown],
        }

    def _package(self, row: Sequence[Any]) -> dict[str, Any]:
        members = dict(zip(_PACKAGE_COLUMNS, row, strict=False))
        del members["withdrawn"]
        # A package's audit level has the same name wherever it is shown; the facet is called audit.
        members = {"audit_level" if name == "audit" else name: value for name, value in members.items()}
        return {**members, "url": self.addresses.package(members["id"])}

    def facets(self, query: Query) -> dict[str, list[dict[str, Any]]]:
        """Values with counts by facet, each facet counted without its own filter; the most frequent first, but years
        in their order and the unknown ones last.
        """
        found: dict[str, list[dict[str, Any]]] = {each.name: [] for each in FACETS}
        for _, statement in facet_statements(query):
            for name, value, label, count in self._run(statement):
                found[name].append({"value": value, "label": _facet_label(value, label), "count": count})
        found["year"].sort(key=lambda each: (each["value"] == UNKNOWN, each["value"]))
        return found

    def term_labels(self, curies: Iterable[str]) -> dict[str, str]:
        """Labels of terms that are used here, by CURIE; others are left out."""
        wanted = list(curies)
        return (
            dict(self.rows(f"SELECT curie, label FROM term WHERE curie {IN_LIST}", [listed(wanted)])) if wanted else {}
        )

    def manifest(self, query: Query) -> list[dict[str, Any]]:
        """Every open file that the query stands for, by package and path."""
        names = ("package", "release", "path", "bytes", "sha256", "format", "modality", "assembly")
        files = [dict(zip(names, row, strict=True)) for row in self._run(files_statement(query))]
        for each in files:
            each["url"] = self.addresses.file(each["package"], each["release"], each["path"])
        return files

    def versions(self, package: str) -> list[dict[str, Any]]:
        """The versions of a package, newest first; empty when the package was never released."""
        names = [column.name for column in TABLES["version"]]
        rows = self.rows('SELECT * FROM "version" WHERE package = ? ORDER BY sequence DESC', [package])
        return [dict(zip(names, row, strict=True)) for row in rows]

    def releases(self) -> list[dict[str, Any]]:
        """All releases, newest first."""
        names = [column.name for column in TABLES["release"]]
        rows = self.rows('SELECT * FROM "release" ORDER BY sequence DESC')
        return [dict(zip(names, row, strict=True)) for row in rows]

    def release(self, name: str) -> dict[str, Any]:
        """One release with the packages that it changed.

        Raises:
            NotFoundError: there is none of that name.
        """
        found = next((each for each in self.releases() if each["release"] == name), None)
        if found is None:
            raise NotFoundError(
                "release-not-found", f"there is no release {name[:40]}", hint="'fairline status' names the last one"
            )
        changes = self.rows("SELECT package, change FROM release_package WHERE release = ? ORDER BY package", [name])
        return {**found, "changes": [{"id": package, "change": change} for package, change in changes]}

    def release_names(self) -> list[str]:
        """The names of all releases, oldest first."""
        return [str(name) for (name,) in self.rows('SELECT release FROM "release" ORDER BY sequence')]

    def term(self, curie: str) -> dict[str, Any]:
        """A term, its nearest kin that is used here, and the packages annotated with it or its descendants.

        Raises:
            NotFoundError: no released package uses the term.
        """
        rows = self.rows("SELECT curie, label, ontology, ontology_version FROM term WHERE curie = ?", [curie])
        if not rows:
            raise NotFoundError("term-not-found", f"no released package uses the term {curie[:40]}")
        members = dict(zip(("curie", "label", "ontology", "ontology_version"), rows[0], strict=True))
        used = self.rows(
            "SELECT DISTINCT a.package, p.title, a.term, a.label, a.evidence FROM annotation a JOIN package p ON p.id = a.package "
            "WHERE NOT p.withdrawn AND (a.term = ? OR a.term IN (SELECT descendant FROM term_closure WHERE ancestor = ?)) "
            "ORDER BY a.package, a.term",
            [curie, curie],
        )
        names = ("id", "title", "term", "label", "evidence")
        return {
            **members,
            "ancestors": self._kin("ancestor", "descendant", curie),
            "descendants": self._kin("descendant", "ancestor", curie),
            "packages": [dict(zip(names, row, strict=True)) for row in used],
        }

    def _kin(self, side: str, other: str, curie: str) -> list[Mapping[str, str]]:
        rows = self.rows(
            f"SELECT c.{side}, t.label FROM term_closure c JOIN term t ON t.curie = c.{side} "
            f"WHERE c.{other} = ? AND c.{side} <> ? ORDER BY t.label",
            [curie, curie],
        )
        return [{"curie": kin, "label": label} for kin, label in rows]


def _facet_label(value: str, label: str) -> str:
    """The label that people see: ``Unknown`` beside ``Male``; labels of terms stay as their ontology writes them."""
    return f"{label[:1].upper()}{label[1:]}" if value in {UNKNOWN, "none"} else label


def open_index(folder: Path, addresses: Addresses, settings: DatabaseSettings | None = None) -> Index:
    """The index that is served now, checked and open.

    Raises:
        NotFoundError: nothing was indexed yet.
        IntegrityError: the index is damaged or of another version.
    """
    current, database = open_current(folder, settings or DatabaseSettings(threads=1, memory="1GB"))
    return Index(current, database, addresses)
