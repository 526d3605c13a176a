"""From a query to SQL over the index. Pure: statements and bound values, nothing is run here.

Facet counts leave out the facet's own filter and count distinct packages; paging is by key, never by offset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.database import IN_LIST, listed
from catalog.index.query import FACETS, Facet, Query, cursor, facet
from catalog.index.text import query_words

#: The column of the result that each sort goes by; its direction; what an unknown value counts as.
_SORT_KEYS = {
    "relevance": ("score", "DESC", "0"),
    "id": ("lower(p.id)", "ASC", "''"),
    "title": ("lower(p.title)", "ASC", "''"),
    "year": ("p.year", "DESC", "0"),
    "issued": ("p.issued", "DESC", "''"),
}


_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement with its bound values."""

    sql: str
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class _Parts:
    """Conditions on packages, and the values bound in them, in order."""

    conditions: tuple[str, ...]
    values: tuple[object, ...]


def _facet_condition(each: Facet, values: Sequence[str]) -> tuple[str, list[object]]:
    """Packages that have one of the values, or for terms one of their descendants."""
    bound: list[object] = [each.name, listed(values)]
    if not each.is_term:
        wanted = f"f.value {IN_LIST}"
    else:
        wanted = f"(f.value {IN_LIST} OR f.value IN (SELECT descendant FROM term_closure WHERE ancestor {IN_LIST}))"
        bound.append(listed(values))
    return f"p.id IN (SELECT f.package FROM facet f WHERE f.name = ? AND {wanted})", bound


def _term_condition(term: str) -> tuple[str, list[object]]:
    sql = (
        "p.id IN (SELECT a.package FROM annotation a WHERE a.term = ? OR a.term IN "
        "(SELECT descendant FROM term_closure WHERE ancestor = ?))"
    )
    return sql, [term, term]


def _hits(words: Sequence[str]) -> tuple[str, list[object]]:
    """Packages in which every word of the query begins some word, with their score; an exact word counts twice."""
    selects = []
    values: list[object] = []
    for word in words:
        selects.append(
            "SELECT w.package, max(CASE WHEN w.word = ? THEN 2 * w.weight ELSE w.weight END) AS best "
            "FROM posting w WHERE w.word >= ? AND w.word < ? GROUP BY w.package"
        )
        values += [word, word, word + _LAST_CHARACTER]
    united = " UNION ALL ".join(selects)
    sql = f"SELECT package, sum(best) AS score FROM ({united}) GROUP BY package HAVING count(*) = {len(words)}"
    return sql, values


def _parts(query: Query, without: str | None = None) -> _Parts:
    conditions: list[str] = []
    values: list[object] = []
    words = query_words(query.text)
    if words:
        sql, values = _hits(words)
        conditions.append(f"p.id IN (SELECT package FROM ({sql}))")
    elif query.text:
        conditions.append("false")  # nothing in the text is a word
    for name, chosen in sorted(query.facets.items()):
        if name != without and chosen:
            sql, bound = _facet_condition(facet(name), chosen)
            conditions.append(sql)
            values += bound
    for term in query.terms:
        sql, bound = _term_condition(term)
        conditions.append(sql)
        values += bound
    for comparison, year in ((">=", query.year_from), ("<=", query.year_to)):
        if year is not None:
            conditions.append(f"p.year {comparison} ?")
            values.append(year)
    return _Parts(tuple(conditions), tuple(values))


def _where(parts: _Parts) -> str:
    return " AND ".join(("NOT p.withdrawn", *parts.conditions))


def count_statement(query: Query) -> Statement:
    """How many packages fit."""
    parts = _parts(query)
    return Statement(
        f"SELECT count(*), coalesce(sum(p.open_bytes), 0) FROM package p WHERE {_where(parts)}", parts.values
    )


def page_statement(query: Query) -> Statement:
    """One page of packages: the columns of the package table, and the sort value last. One row more than the limit."""
    parts = _parts(query)
    words = query_words(query.text)
    sort = query.sort if query.sort != "relevance" or words else "id"
    key, direction, missing = _SORT_KEYS[sort]
    values: list[object] = []
    source = "SELECT p.*, 0.0 AS score FROM package p"
    if words:
        hits, values = _hits(words)
        source = f"SELECT p.*, round(h.score, 9) AS score FROM package p JOIN ({hits}) h ON h.package = p.id"
    inner = f"{source} WHERE {_where(parts)}"
    values += parts.values
    page = ""
    if query.after:
        value, package = cursor(query.after)
        comparison = "<" if direction == "DESC" else ">"
        bound = "?" if isinstance(value, int | float) else "?::VARCHAR"
        page = f"WHERE sort_key {comparison} {bound} OR (sort_key = {bound} AND id > ?)"
        values += [value, value, package]
    outer = f"SELECT p.*, coalesce({key}, {missing}) AS sort_key FROM ({inner}) p"
    sql = f"SELECT * FROM ({outer}) {page} ORDER BY sort_key {direction}, id LIMIT ?"
    return Statement(sql, (*values, query.limit + 1))


def facet_statements(query: Query) -> list[tuple[Sequence[str], Statement]]:
    """Statements that count facet values, each with the names of the facets that it counts.

    Facets without a filter of their own share one statement; each of the others has its own.
    """
    chosen = [each.name for each in FACETS if query.facets.get(each.name)]
    free = [each.name for each in FACETS if each.name not in chosen]
    statements: list[tuple[Sequence[str], Statement]] = []
    for names, without in [(free, None), *(([name], name) for name in chosen)]:
        parts = _parts(query, without)
        sql = (
            "SELECT f.name, f.value, any_value(f.label), count(DISTINCT f.package) AS packages "
            "FROM facet f JOIN package p ON p.id = f.package "
            f"WHERE {_where(parts)} AND f.name {IN_LIST} "
            "GROUP BY f.name, f.value ORDER BY f.name, packages DESC, f.value"
        )
        statements.append((names, Statement(sql, (*parts.values, listed(names)))))
    return statements


def files_statement(query: Query) -> Statement:
    """The open files of every package that fits, narrowed by the facets that choose among files; all pages."""
    parts = _parts(query)
    conditions = []
    values: list[object] = list(parts.values)
    for each in FACETS:
        if each.of_files and query.facets.get(each.name):
            conditions.append(f"AND f.{each.name} {IN_LIST}")
            values.append(listed(query.facets[each.name]))
    sql = (
        "SELECT f.package, f.release, f.path, f.bytes, f.sha256, f.format, f.modality, f.assembly "
        f"FROM file f JOIN package p ON p.id = f.package WHERE {_where(parts)} {' '.join(conditions)} "
        "ORDER BY f.package, f.path"
    )
    return Statement(sql, tuple(values))
