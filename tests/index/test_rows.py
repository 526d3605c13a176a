"""From a public record to rows: in the columns of the tables, with unknown where nobody said anything."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.access import PublicTable, Restricted
from catalog.index.rows import banked_year, package_rows
from catalog.index.tables import TABLES, column_kinds, create_statements
from tests.builders import NOW, record, sealed

BANKS = PublicTable(
    name="banks",
    columns=("bank_id", "type", "date", "passage"),
    rows=(
        {"bank_id": "M", "type": "master", "date": "2012", "passage": "p9"},
        {"bank_id": "D", "type": "distribution", "date": "unknown", "passage": ""},
        {"bank_id": "E", "type": "distribution", "date": "2017-03-02", "passage": "p18"},
    ),
)
CNV = PublicTable(
    name="cnv",
    columns=("band", "type", "copy_number", "hotspot", "start"),
    rows=({"band": "20q11.21", "type": "gain", "copy_number": "3", "hotspot": "TRUE", "start": ""},),
)


def rows_of(**members: Any) -> dict[str, list[dict[str, Any]]]:
    public = sealed(**members).released_as("2026.11", NOW)
    made = package_rows(public, {}).tables
    for name, rows in made.items():
        assert all(len(row) == len(TABLES[name]) for row in rows), name
    return {
        name: [dict(zip((column.name for column in TABLES[name]), row, strict=True)) for row in rows]
        for name, rows in made.items()
    }


def facets(**members: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in rows_of(**members)["facet"]:
        found.setdefault(row["name"], []).append(row["value"])
    return found


def test_tables_when_created_then_every_column_is_documented_and_typed() -> None:
    assert len(create_statements()) == len(TABLES)
    for name, columns in TABLES.items():
        assert len(column_kinds(name)) == len(columns)
        assert len({column.name for column in columns}) == len(columns)
        assert all(column.says for column in columns)
        assert "JSON" not in column_kinds(name)


def test_facets_when_nothing_is_stated_then_unknown_or_none() -> None:
    plain = record(donor={"sex": None}, grade=None)
    assert facets(record=plain) == {
        "line_type": ["iPSC"], "sex": ["unknown"], "grade": ["unknown"], "audit": ["none"], "year": ["unknown"],
        "tier": ["none"], "origin": ["unknown"], "disease": ["unknown"],
    }  # fmt: skip
    assert facets(record=record(diseases=[]))["disease"] == ["none"]
    assert facets(restricted=(Restricted(modality="wes", tier="controlled"),))["tier"] == ["controlled"]


@pytest.mark.parametrize(
    ("tables", "derived", "wanted"),
    [({"banks": BANKS}, 2010, 2017), ({}, 2010, 2010), ({}, "unknown", None), ({"banks": BANKS}, "unknown", 2017)],
)
def test_year_when_asked_then_of_the_distribution_bank_else_of_derivation(
    tables: dict[str, PublicTable], derived: object, wanted: int | None
) -> None:
    plain = record(derivation={"year": derived})
    assert rows_of(tables=tables, record=plain)["package"][0]["year"] == wanted
    assert facets(tables=tables, record=plain)["year"] == [str(wanted or "unknown")]
    assert banked_year(sealed(tables=tables)) == (2017 if tables else None)


def test_curated_tables_when_indexed_then_typed_and_absent_columns_are_null() -> None:
    row = rows_of(tables={"cnv": CNV})["cnv"][0]
    assert (row["band"], row["copy_number"], row["hotspot"], row["start"], row["chrom"]) == (
        "20q11.21",
        3.0,
        True,
        None,
        None,
    )
    assert rows_of()["cnv"] == []


def test_annotations_when_inferred_then_they_are_no_facet_values() -> None:
    def annotation(evidence: str, field: str, term: str) -> dict[str, str]:
        return {"field": field, "term": term, "label": term, "evidence": evidence}

    found = facets(
        annotations=(
            annotation("asserted", "origin.tissue", "UBERON:1"),
            annotation("inferred", "origin.cell", "CL:1"),
            annotation("matched", "diseases[2].term", "MONDO:1"),
            annotation("asserted", "origins", "X:1"),
        )
    )
    assert found["origin"] == ["UBERON:1"]
    assert found["disease"] == ["MONDO:1"]


def test_words_when_gathered_then_names_terms_paths_and_every_text_of_the_record() -> None:
    public = sealed(annotations=({"field": "origin.tissue", "term": "UBERON:0012168", "label": "cord blood"},))
    words = package_rows(public, {"UBERON:0012168": ["umbilical cord blood", "Nabelschnurblut"]}).words
    for word in ("exmpi001-a", "example-hipsc-1", "nabelschnurblut", "uberon:0012168", "dac-1"):
        assert word in words, word
    assert words["exmpi001-a"] > words["dac-1"]
    assert "unknown" not in words
