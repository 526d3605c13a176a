"""The vocabulary: every term that is known here, from the shipped core and the installed ontologies. Read side only.

A term is known from up to three places, the first that has it wins: the installed ontology that owns its identifier,
the core that fairline ships, an installed ontology that merely mentions it. The statements about a term come from the
same place as the term, so that versions are never mixed. Nothing is made up: what no place has is None or empty.

The store (docs/ontologies.md): ``<ontologies folder>/<name>/current.json`` names the folder of Parquet files beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from catalog.database import IN_LIST, Database, DatabaseSettings, listed, open_memory, quoted
from catalog.errors import IntegrityError
from catalog.identifiers import curie_to_iri, iri_to_curie, is_curie

CURRENT = "current.json"
STORE_FORMAT = 1
#: The tables of a store with their columns, in the order in which they are written; the first term is their subject.
TABLES = {
    "term": "curie VARCHAR, iri VARCHAR, label VARCHAR, definition VARCHAR, kind VARCHAR, obsolete BOOLEAN, "
    "replaced_by VARCHAR, consider VARCHAR, ontology VARCHAR, ontology_version VARCHAR, own BOOLEAN",
    "synonym": "curie VARCHAR, synonym VARCHAR, scope VARCHAR",
    "xref": "curie VARCHAR, xref VARCHAR",
    "is_a": "child VARCHAR, parent VARCHAR",
    "edge": "subject VARCHAR, property VARCHAR, object VARCHAR, chain VARCHAR",
    "closure": "descendant VARCHAR, ancestor VARCHAR, distance INTEGER",
}
_CSV = "header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"'"
_CORE = {
    "term": "SELECT curie, '', label, coalesce(definition, ''), '', obsolete = 'true', coalesce(replaced_by, ''), '', "
    "ontology, ontology_version, true FROM {terms}",
    "synonym": "FROM {synonyms}",
    "xref": "FROM {xrefs}",
    "is_a": "FROM {parents}",
    "edge": "SELECT subject, property, object, property FROM {edges}",
    "closure": """WITH RECURSIVE up(ancestor, descendant, distance) AS (
        SELECT parent, child, 1 FROM core_is_a
        UNION SELECT p.parent, up.descendant, up.distance + 1 FROM up JOIN core_is_a AS p ON p.child = up.ancestor
        WHERE up.distance < 50)
        SELECT descendant, ancestor, min(distance) FROM up WHERE ancestor <> descendant GROUP BY ALL""",
}
_WORDS = 8
_SMALL_ROWS = 4_000_000


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another name of a term; the scope is EXACT, RELATED, BROAD or NARROW."""

    text: str
    scope: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term as one ontology, in one version, describes it.

    Attributes:
        obsolete: the ontology has given it up.
        replaced_by: the CURIE that stands in its place, or None.
        consider: CURIEs that may stand in its place; a person has to choose.
    """

    curie: str
    iri: str
    label: str
    ontology: str
    ontology_version: str
    definition: str = ""
    obsolete: bool = False
    replaced_by: str | None = None
    consider: tuple[str, ...] = ()
    synonyms: tuple[Synonym, ...] = ()

    def has_name(self, text: str) -> bool:
        """Whether a text is the label or a synonym of any scope, apart from case and spaces."""
        folded = fold(text)
        return folded == fold(self.label) or any(folded == fold(synonym.text) for synonym in self.synonyms)


@dataclass(frozen=True, slots=True)
class Edge:
    """What a term's axioms say beside is_a, with labels where they are known.

    Attributes:
        chain: the properties from the outermost to the innermost restriction; the property alone when it is plain.
    """

    property: str
    property_label: str
    object: str
    object_label: str
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A term that a search found: ``why`` is ``label``, ``synonym``, ``xref`` or ``words``; 100 is the best score."""

    curie: str
    label: str
    ontology: str
    matched: str
    why: str
    score: int
    obsolete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """An installed ontology, from its ``current.json``."""

    name: str
    version: str
    ids: tuple[str, ...]
    folder: Path
    manifest: dict[str, Any]


def fold(text: str) -> str:
    """A text without differences of case and spaces."""
    return " ".join(text.split()).casefold()


def read_installed(ontologies_folder: Path) -> list[Installed]:
    """The installed ontologies, by name.

    Raises:
        IntegrityError: ``ontology-store``: a pointer that cannot be read, or whose files are not there.
    """
    if not ontologies_folder.is_dir():
        return []
    return [_read_pointer(each) for each in sorted(ontologies_folder.glob(f"*/{CURRENT}"))]


def _read_pointer(pointer: Path) -> Installed:
    try:
        manifest = json.loads(pointer.read_text(encoding="utf-8"))
        if manifest["format"] != STORE_FORMAT:
            raise ValueError(f"its format is {manifest['format']}, this fairline reads {STORE_FORMAT}")
        folder = pointer.parent / manifest["folder"]
        if missing := [name for name in TABLES if not (folder / f"{name}.parquet").is_file()]:
            raise ValueError(f"{missing[0]}.parquet is missing")
        name, version, ids = manifest["name"], manifest["version"], tuple(manifest["ids"])
        return Installed(name=name, version=version, ids=ids, folder=folder, manifest=manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = f"run 'fairline ontology update {pointer.parent.name}' again, or remove {pointer.parent}"
        raise IntegrityError("ontology-store", f"cannot be used: {error}", at=str(pointer), hint=hint) from error


def open_vocabulary(ontologies_folder: Path) -> Vocabulary:
    """The core together with what is installed below a folder, which need not exist; a context manager.

    Raises:
        IntegrityError: ``ontology-store``, ``database-damaged``.
    """
    installed = read_installed(ontologies_folder)
    database = open_memory(DatabaseSettings(memory="2GB"))
    _create_tables(database, installed)
    return Vocabulary(database, installed)


def _create_tables(database: Database, installed: Sequence[Installed]) -> None:
    """One view a table over all stores, without the rows that another store tells better.

    Small stores are read into memory, which answers ten times faster; large ones stay in their files.
    """
    core = files("catalog.ontologies").joinpath("core")
    files_of = {name: core.joinpath(f"{name}.csv") for name in ("terms", "synonyms", "xrefs", "parents", "edges")}
    sources = {name: f"read_csv({quoted(str(file))}, {_CSV})" for name, file in files_of.items()}
    large = {}
    for table, columns in TABLES.items():
        database.rows(f"CREATE TABLE core_{table} ({columns})")
        database.rows(f"INSERT INTO core_{table} {_CORE[table].format(**sources)}")
        parts = {True: [f"SELECT 0 AS store, * FROM core_{table}"], False: []}
        for number, each in enumerate(installed, start=1):
            is_small = sum(each.manifest["counts"][name] for name in TABLES) < _SMALL_ROWS
            file = quoted(str(each.folder / f"{table}.parquet"))
            parts[is_small].append(f"SELECT {number} AS store, * FROM read_parquet({file})")
        database.rows(f"CREATE TABLE small_{table} AS {' UNION ALL '.join(parts[True])}")
        large[table] = f" UNION ALL {' UNION ALL '.join(parts[False])}" if parts[False] else ""
    rank = "CASE WHEN store = 0 THEN 1000 WHEN own THEN store ELSE 2000 + store END"
    database.rows(
        f"""CREATE TABLE shadowed AS
        WITH every AS (SELECT * FROM small_term{large["term"]}),
             twice AS (SELECT DISTINCT curie FROM every WHERE store = 0 OR NOT own),
             ranked AS (SELECT store, curie, {rank} AS place FROM every SEMI JOIN twice USING (curie))
        SELECT store, curie FROM ranked QUALIFY place > min(place) OVER (PARTITION BY curie)"""
    )
    for table, columns in TABLES.items():
        better = f"(SELECT 1 FROM shadowed AS s WHERE s.store = row.store AND s.curie = row.{columns.split()[0]})"
        every = f"(SELECT * FROM small_{table}{large[table]})"
        hidden = f" WHERE NOT EXISTS {better}" if large[table] else ""
        database.rows(f"DELETE FROM small_{table} AS row WHERE EXISTS {better}")
        database.rows(f"CREATE VIEW {table} AS SELECT * FROM {every} AS row{hidden}")


class Vocabulary:
    """Answers about terms; every answer is kept, because a release asks the same few hundred again and again.

    Not for several threads at once.
    """

    def __init__(self, database: Database, installed: Sequence[Installed]) -> None:
        self._database = database
        self.installed = tuple(installed)
        self._terms: dict[str, Term | None] = {}
        self._walks: dict[str, dict[str, tuple[str, ...]]] = {}
        self._edges: dict[str, tuple[Edge, ...]] = {}
        self._has_names = False
        self._named: dict[tuple[str, str], tuple[Term, ...]] = {}

    def __enter__(self) -> Vocabulary:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the files."""
        self._database.close()

    def versions(self) -> dict[str, str]:
        """The version of every ontology that is installed, or of which the core quotes terms, by name."""
        core = self._database.rows("SELECT DISTINCT ontology, ontology_version FROM core_term ORDER BY ALL")
        return {**dict(core), **{each.name: each.version for each in self.installed}}

    def is_complete_for(self, curie: str) -> bool:
        """Whether the ontology that owns such an identifier is installed, so that an unknown one is wrong."""
        return any(curie.startswith(each.ids) for each in self.installed)

    def term(self, curie: str) -> Term | None:
        """The term of a CURIE, or None when it is not known here."""
        if curie not in self._terms:
            self.load([curie])
        return self._terms[curie]

    def load(self, curies: Iterable[str]) -> None:
        """Reads many terms in one go; :meth:`term` then answers from memory."""
        if not (wanted := sorted({curie for curie in curies if curie not in self._terms})):
            return
        synonyms: dict[str, list[Synonym]] = {}
        bound = [listed(filter(is_curie, wanted))]
        names = f"SELECT curie, synonym, scope FROM synonym WHERE curie {IN_LIST} ORDER BY ALL"
        for curie, text, scope in self._database.rows(names, bound):
            synonyms.setdefault(curie, []).append(Synonym(text, scope))
        self._terms.update(dict.fromkeys(wanted))
        fields = "curie, iri, label, ontology, ontology_version, definition, obsolete, replaced_by, consider"
        rows = self._database.rows(f"SELECT {fields} FROM term WHERE curie {IN_LIST}", bound)
        for curie, iri, *told, replaced, consider in rows:
            told += [replaced or None, tuple(consider.split()), tuple(synonyms.get(curie, ()))]
            self._terms[curie] = Term(curie, iri or curie_to_iri(curie), *told)

    def resolve(self, curie: str) -> Term | None:
        """The term, or what replaces it when it is obsolete; an obsolete one without replacement comes back itself."""
        term, seen = self.term(curie), {curie}
        while term is not None and term.obsolete and term.replaced_by and term.replaced_by not in seen:
            seen.add(term.replaced_by)
            if (following := self.term(term.replaced_by)) is None:
                return term
            term = following
        return term

    def ancestors(self, curie: str) -> tuple[str, ...]:
        """All superclasses over all ontologies, nearest first, without the term itself."""
        return self._walk([curie], "descendant", "ancestor")[curie]

    def descendants(self, curie: str) -> tuple[str, ...]:
        """All subclasses over all ontologies, nearest first, without the term itself."""
        return self._walk([curie], "ancestor", "descendant")[curie]

    def _walk(self, starts: Iterable[str], side: str, other: str) -> dict[str, tuple[str, ...]]:
        """Joins the closures of several stores: as long as something nearer is found, it is walked on from there."""
        walks = self._walks.setdefault(side, {})
        distances = {start: {start: 0} for start in starts if start not in walks}
        frontier = {start: {start} for start in distances}
        while frontier:
            nearer: dict[str, set[str]] = {}
            pairs = f"SELECT {side}, {other}, distance FROM closure WHERE {side} {IN_LIST}"
            for near, far, distance in self._database.rows(pairs, [listed(filter(is_curie, frontier))]):
                for start in frontier[near]:
                    if (total := distances[start][near] + distance) < distances[start].get(far, 1 << 30):
                        distances[start][far] = total
                        nearer.setdefault(far, set()).add(start)
            frontier = nearer
        for start, found in distances.items():
            del found[start]
            walks[start] = tuple(sorted(found, key=lambda each: (found[each], each)))
        return walks

    def is_descendant(self, curie: str, ancestor: str) -> bool:
        """Whether a term is another one, or below it."""
        return curie == ancestor or ancestor in self.ancestors(curie)

    def closure(self, curies: Iterable[str]) -> tuple[tuple[Term, ...], tuple[tuple[str, str], ...]]:
        """What an index needs to find lines by a wider term.

        Returns:
            The known terms among the given ones and their ancestors, by CURIE; and the pairs (ancestor, descendant)
            among them. Every term is also paired with itself.
        """
        wanted = set(curies)
        above = self._walk(wanted, "descendant", "ancestor")
        every = wanted.union(*(above[curie] for curie in wanted))
        self._walk(every, "descendant", "ancestor")
        self.load(every)
        terms = tuple(term for curie in sorted(every) if (term := self.term(curie)) is not None)
        known = {term.curie for term in terms}
        pairs = {(each, curie) for curie in known for each in (curie, *above[curie]) if each in known}
        return terms, tuple(sorted(pairs))

    def edges(self, curie: str) -> tuple[Edge, ...]:
        """What the term's own axioms say beside is_a, sorted; nothing is inherited from its superclasses."""
        if curie not in self._edges:
            told = "SELECT property, object, chain FROM edge WHERE subject = ? ORDER BY ALL"
            rows = self._database.rows(told, [curie])
            self.load([each for row in rows for each in row[:2]])
            label = {each: term.label for row in rows for each in row[:2] if (term := self.term(each)) is not None}
            edges = (Edge(p, label.get(p, ""), o, label.get(o, ""), tuple(chain.split())) for p, o, chain in rows)
            self._edges[curie] = tuple(edges)
        return self._edges[curie]

    def by_label(self, label: str) -> tuple[Term, ...]:
        """The terms in use that have a label or an exact synonym, apart from case and spaces, by CURIE."""
        if not self._has_names:
            exact = "SELECT lower(trim(synonym)), curie FROM synonym WHERE scope = 'EXACT'"
            every = f"SELECT lower(trim(label)) AS folded, curie FROM term UNION {exact} ORDER BY folded"
            self._database.rows(f"CREATE TABLE name AS {every}")
            self._has_names = True
        return self._by("label", fold(label), "SELECT curie FROM name WHERE folded = $text")

    def by_xref(self, xref: str) -> tuple[Term, ...]:
        """The terms in use that state a cross reference (as a CURIE where it is one), by CURIE."""
        return self._by("xref", xref, "SELECT curie FROM xref WHERE xref = $text")

    def _by(self, kind: str, text: str, sql: str) -> tuple[Term, ...]:
        if (kind, text) not in self._named:
            self.load(curies := sorted(row[0] for row in self._database.rows(sql, {"text": text})))
            found = (self.term(curie) for curie in curies)
            self._named[kind, text] = tuple(term for term in found if term is not None and not term.obsolete)
        return self._named[kind, text]

    def lookup(self, text: str, limit: int = 20, ontologies: Sequence[str] | None = None) -> list[Match]:
        """The terms that a text may mean, best first.

        Args:
            text: a label, a synonym, a CURIE, an IRI, a cross reference, or words of them.
            limit: how many at most.
            ontologies: names of ontologies to stay in; all by default.
        """
        text = " ".join(text.split())
        if not (words := text.lower().split()[:_WORDS]):
            return []
        reference = iri_to_curie(text) or text
        best: dict[str, tuple[int, str, str]] = {}
        if is_curie(reference) and self.term(reference) is not None:
            best[reference] = (80, "xref", reference)
        for curie, name, why, worth in self._candidates(words, [text, reference], limit * 5 + 50, ontologies):
            score, reason = (worth, why) if why == "xref" else _score(text, name, why, worth)
            if score > best.get(curie, (0, "", ""))[0]:
                best[curie] = (score, reason, name)
        self.load(best)
        matches = []
        for curie, (score, why, name) in best.items():
            term = self.term(curie)
            if term is not None and (ontologies is None or term.ontology in ontologies):
                score = score // 2 if term.obsolete else score
                matches.append(Match(curie, term.label, term.ontology, name, why, score, term.obsolete))
        return sorted(matches, key=lambda match: (-match.score, len(match.matched), match.curie))[:limit]

    def _candidates(
        self, words: list[str], references: list[str], rows: int, ontologies: Sequence[str] | None
    ) -> list[tuple[str, str, str, int]]:
        """Names that hold every word, the shortest first, and terms with the very cross reference."""
        every = " AND ".join("contains(lower(name), ?)" for _ in words)
        chosen = [] if ontologies is None else [listed(ontologies)]
        inside = f"curie IN (SELECT curie FROM term WHERE ontology {IN_LIST})" if chosen else "true"
        sql = f"""(WITH names AS (SELECT curie, label AS name, 'label' AS why, 100 AS worth FROM term UNION ALL
                SELECT curie, synonym, 'synonym', CASE scope WHEN 'EXACT' THEN 90 ELSE 85 END FROM synonym)
            SELECT * FROM names WHERE {every} AND {inside} ORDER BY length(name), name, curie LIMIT ?)
            UNION ALL SELECT curie, xref, 'xref', 80 FROM xref WHERE xref IN (?, ?)"""
        return self._database.rows(sql, [*words, *chosen, rows, *references])


def _score(text: str, name: str, why: str, worth: int) -> tuple[int, str]:
    """How well a name fits: as written, apart from case, as a beginning, or by its words; longer names fit less."""
    if name == text:
        return worth, why
    less = 0 if why == "label" else 5
    if fold(name) == fold(text):
        return 60 - less, why
    begins = 30 if name.lower().startswith(text.lower()) else 20
    return begins - less + 9 * len(text) // len(name), "words"
