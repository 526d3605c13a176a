"""A small released bank with lines of many kinds, and answers that are worked out from its rows by hand."""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

from catalog.bank import Bank
from catalog.index import FACETS, Index, Query
from catalog.index.text import query_words
from catalog.library import index_of
from tests.builders import counts_bytes, make_bank, regions_bytes, release, text_bytes, vcf_bytes, withdraw, write_line

WITHDRAWN = "EXMPi005-A"


def make_released_bank(folder: Path) -> Bank:
    """Seven lines in two releases; one is withdrawn, one has controlled files alone, one has none."""
    bank = make_bank(folder)
    write_line(
        bank,
        "EXMPi001-A",
        files={"data/wes/a.vcf.gz": vcf_bytes(), "data/rna-seq/a_count.tsv": counts_bytes()},
        cells={"data/wes/a.vcf.gz": {"assembly": "GRCh38"}},
        tables={"banks.csv": "bank_id,type,date\nM1,master,2015\nD1,distribution,2017-03-02\n"},
        donor={"sex": "female"},
        diseases=[],
        derivation={"year": 2014},
    )
    write_line(
        bank,
        "EXMPi002-A",
        files={"data/rna-seq/b_count.tsv": counts_bytes("EXMPi002-A"), "data/wes/b.vcf.gz": vcf_bytes("EXMPi002-A")},
        cells={"data/wes/b.vcf.gz": {"tier": "controlled"}},
        donor={"donor_id": "EXMP-D002", "sex": "male"},
        origin={"tissue": None, "cell": "CL:0002551", "label": "dermal fibroblast"},
        derivation={"year": 2014},
        diseases=[{"term": "MONDO:0005180", "label": "Parkinson disease", "status": "affected"}],
        grade="gmp-compliant",
    )
    write_line(
        bank,
        "EXMPe003-A",
        files={"data/wes/c.vcf.gz": vcf_bytes("EXMPe003-A")},
        line_type="ESC",
        clo={"class": "CLO:0037280"},
        donor={"donor_id": "unknown", "sex": "female"},
        origin={"tissue": "unknown", "label": "unknown"},
        access={"tier": "controlled", "contact": "dac@example.org"},
    )
    write_line(
        bank,
        "EXMPi004-A",
        files={"data/methyl-seq/r.tsv": regions_bytes(), "data/notes.txt": text_bytes()},
        cells={"data/methyl-seq/r.tsv": {"role": "summary", "assembly": "GRCh37"}},
        donor={"donor_id": "EXMP-D004", "sex": "male"},
        origin={"tissue": "unknown", "cell": "CL:0000057", "label": "fibroblast"},
        derivation={"year": 2020},
    )
    write_line(
        bank,
        WITHDRAWN,
        files={"data/rna-seq/withdrawn_count.tsv": counts_bytes(WITHDRAWN)},
        donor={"donor_id": "EXMP-D005", "sex": "male"},
        aliases=[{"name": "gone-hiPSC-5", "kind": "in-house"}],
    )
    release(bank, "2026.10", now="2026-10-01T08:00:00Z")
    for number in (6, 7):
        write_line(bank, f"EXMPi00{number}-A", donor={"donor_id": f"EXMP-D00{number}"}, derivation={"year": 2014})
    release(bank, "2026.11", now="2026-11-01T08:00:00Z")
    withdraw(bank, WITHDRAWN, now="2026-11-02T08:00:00Z")
    return bank


@dataclasses.dataclass
class Naive:
    """The rows of an index in memory, and the answers that follow from them without SQL."""

    packages: dict[str, dict[str, Any]]
    facets: set[tuple[str, str, str]]
    annotations: set[tuple[str, str]]
    postings: set[tuple[str, str]]
    below: dict[str, set[str]]
    files: list[dict[str, Any]]

    @classmethod
    def of(cls, index: Index) -> Naive:
        columns = ("id", "title", "year", "issued", "open_bytes")
        rows = index.rows(f"SELECT {', '.join(columns)} FROM package WHERE NOT withdrawn")
        below: dict[str, set[str]] = {}
        for ancestor, descendant in index.rows("SELECT ancestor, descendant FROM term_closure"):
            below.setdefault(ancestor, set()).add(descendant)
        names = ("package", "path", "modality", "assembly")
        files = index.rows(f"SELECT {', '.join(names)} FROM file ORDER BY package, path")
        return cls(
            packages={row[0]: dict(zip(columns, row, strict=True)) for row in rows},
            facets={(a, b, c) for a, b, c in index.rows("SELECT package, name, value FROM facet")},
            annotations={(a, b) for a, b in index.rows("SELECT package, term FROM annotation")},
            postings={(a, b) for a, b in index.rows("SELECT package, word FROM posting")},
            below=below,
            files=[dict(zip(names, row, strict=True)) for row in files],
        )

    def under(self, term: str) -> set[str]:
        return {term} | self.below.get(term, set())

    def fits(self, package: str, query: Query, without: str | None = None) -> bool:
        for facet in FACETS:
            chosen = query.facets.get(facet.name, ())
            if not chosen or facet.name == without:
                continue
            wanted = set().union(*(self.under(value) for value in chosen)) if facet.is_term else set(chosen)
            if not any((package, facet.name, value) in self.facets for value in wanted):
                return False
        for term in query.terms:
            if not any((package, each) in self.annotations for each in self.under(term)):
                return False
        year = self.packages[package]["year"]
        if query.year_from is not None and (year is None or year < query.year_from):
            return False
        if query.year_to is not None and (year is None or year > query.year_to):
            return False
        words = query_words(query.text)
        if query.text and not words:
            return False
        own = {word for name, word in self.postings if name == package}
        return all(any(word.startswith(asked) for word in own) for asked in words)

    def ids(self, query: Query, without: str | None = None) -> set[str]:
        return {package for package in self.packages if self.fits(package, query, without)}

    def counts(self, query: Query) -> dict[str, dict[str, int]]:
        """Facet counts, each facet without its own filter."""
        found: dict[str, dict[str, int]] = {}
        for facet in FACETS:
            ids = self.ids(query, facet.name)
            found[facet.name] = dict(
                Counter(value for package, name, value in self.facets if name == facet.name and package in ids)
            )
        return found

    def manifest(self, query: Query) -> list[tuple[str, str]]:
        ids = self.ids(query)
        narrowing = [facet.name for facet in FACETS if facet.of_files and query.facets.get(facet.name)]
        return [
            (each["package"], each["path"])
            for each in self.files
            if each["package"] in ids and all(each[name] in query.facets[name] for name in narrowing)
        ]


def open_of(bank: Bank) -> Index:
    return index_of(bank)


def every_page(index: Index, query: Query) -> list[str]:
    """The ids of all pages in their order; each page is as long as it may be, and the total is always the same."""
    ids: list[str] = []
    while True:
        page = index.search(query)
        shown = [each["id"] for each in page["packages"]]
        assert len(shown) <= query.limit
        ids += shown
        if page["next"] is None:
            assert page["total"] == len(ids)
            return ids
        assert len(shown) == query.limit
        query = query.page_after(page["next"])
