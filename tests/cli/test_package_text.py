"""What 'fairline show' prints: what, how, quality, rights, files, in words."""

from __future__ import annotations

from typing import Any

from catalog.cli.package_text import package_lines


def found(**members: Any) -> dict[str, Any]:
    """The API's object of a package with little in it."""
    plain: dict[str, Any] = {
        "id": "EXMPi001-A", "release": "2026.11", "title": "EXMPi001-A: a line", "issued": "2026-11-22T08:00:00Z",
        "versions": ["2026.11"], "description": "A line.", "url": "https://bank.example.org/package/EXMPi001-A/2026.11",
        "licence": "CC0-1.0", "tier": "open", "audit_level": "none", "annotations": [], "findings": [], "restricted": [],
        "withdrawn": [], "files": [], "record": {},
    }  # fmt: skip
    return {**plain, **members}


def said(**members: Any) -> list[str]:
    return [line.strip() for line in package_lines(found(**members))]


def test_quality_when_shown_then_tests_with_a_verdict_come_first_and_what_is_not_done_is_said() -> None:
    rows = [
        {"test": "STR", "verdict": "unknown", "value": None, "unit": None, "passage": None},
        {"test": "teratoma", "verdict": "not_done", "value": None, "unit": None, "passage": None},
        {"test": "endotoxin", "verdict": "pass", "comparator": "<", "value": "0.5", "unit": "EU/mL", "passage": "18"},
    ]
    lines = said(qc=rows)
    start = lines.index("quality tests")
    words = [line.split("  ") for line in lines[start + 1 : start + 4]]
    shown = [[word.strip() for word in each if word.strip()] for each in words]
    assert shown == [["teratoma", "not done"], ["endotoxin", "passed", "< 0.5 EU/mL", "passage 18"], ["STR", "unknown"]]


def test_assays_and_banks_when_shown_then_tell_how_it_was_measured_and_where_that_is_known_from() -> None:
    assay = {
        "assay_id": "wes-1", "modality": "wes", "kit": "SureSelect", "platform": "Illumina", "instrument": None,
        "pipeline": "GATK", "version": "4.0", "reference": "GRCh38", "source": "JO20, inferred",
    }  # fmt: skip
    bank = {"bank_id": "d", "type": "distribution", "passage": "18", "date": "2017", "note": None}
    lines = said(assays=[assay], banks=[bank])
    measured = lines[lines.index("how it was measured") + 1]
    for word in ("Whole-exome sequencing", "Illumina, SureSelect", "reference GRCh38", "source: JO20, inferred"):
        assert word in measured
    assert lines[lines.index("banks") + 1] == "distribution bank  passage 18  2017"


def test_tables_when_there_are_none_then_no_title_stands_alone() -> None:
    lines = said()
    assert not {"quality tests", "how it was measured", "banks", "HLA typing", "copy number variants"} & set(lines)


def test_typing_when_shown_then_with_its_columns() -> None:
    lines = said(hla=[{"locus": "A", "allele1": "A*33:03", "allele2": None}, {"locus": "B", "allele1": "B*44:03"}])
    start = lines.index("HLA typing")
    assert [line.split() for line in lines[start + 1 : start + 4]] == [
        ["locus", "allele1"],
        ["A", "A*33:03"],
        ["B", "B*44:03"],
    ]


def test_restricted_when_shown_then_says_kind_tier_data_use_whom_to_ask_and_accession() -> None:
    restricted = {
        "modality": "wes", "tier": "controlled", "duo": ["DUO:0000042"], "contact": "dac@example.org",
        "accessions": ["EGAS00001000001"], "embargo_until": "2027-01-01",
    }  # fmt: skip
    labels = [{"term": "DUO:0000042", "label": "general research use"}]
    [line] = [each for each in said(restricted=[restricted], annotations=labels) if "controlled" in each]
    for word in (
        "Whole-exome sequencing",
        "general research use (DUO:0000042)",
        "EGAS00001000001",
        "dac@example.org",
        "embargo until 2027-01-01",
    ):
        assert word in line
    [bare] = [each for each in said(restricted=[{"modality": "other", "tier": "controlled"}]) if "controlled" in each]
    assert "data use: not stated" in bare
    assert "write to the bank" in bare


def test_record_when_shown_then_lists_are_words_and_notes_stand_one_a_line() -> None:
    record = {
        "aliases": [{"name": "CMC-1", "kind": "in-house"}],
        "xrefs": [{"db": "Cellosaurus", "id": "CVCL_WR10"}, {"db": "GEO", "id": "GSE163134"}],
        "donor": {"sex": "female", "infectious_screen": [{"agent": "HIV-1", "verdict": "pass"}]},
        "notes": ["A first note, with a comma, that is longer than a line of a list should be.", "A second note."],
        "diseases": [],
        "origin": {"tissue": "UBERON:0012168"},
    }
    lines = said(record=record, annotations=[{"term": "UBERON:0012168", "label": "umbilical cord blood"}])
    for line in (
        "aliases: CMC-1 (in-house name)",
        "- Cellosaurus CVCL_WR10",
        "- GEO GSE163134",
        "donor.infectious_screen: HIV-1: passed",
        "- A second note.",
        "diseases: none",
        "origin.tissue: umbilical cord blood (UBERON:0012168)",
    ):
        assert line in lines
    assert not any("db=" in line or "name=" in line for line in lines)
