"""A line as a whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.checks.lines import CHECK, LINE_RULES, passage_total
from catalog.vocabulary import Vocabulary
from tests.builders import line_value, row
from tests.checks.subjects import subject

BANKS = "bank_id,type,passage\nMCB1,master,p12\nDB1,distribution,p18\n"


def found(vocabulary: Vocabulary, *rows: object, **tables: str) -> list[tuple[str, str | None, object, str]]:
    given = subject(vocabulary, line_value(rows, tables))  # type: ignore[arg-type]
    return [(each.code, each.path, each.column, str(each.severity)) for each in CHECK.check_line(given)]


def test_line_when_it_has_no_files_then_a_warning(vocabulary: Vocabulary) -> None:
    assert found(vocabulary) == [("line-no-files", "line.yaml", "line_id", "warning")]


@pytest.mark.parametrize(
    ("passage", "wanted"),
    [
        ("p18", False), ("18", False), ("p10+8", False), ("p17", True), ("p18+1", True), ("unknown", False), ("", False),
    ],
)  # fmt: skip
def test_file_when_its_cells_are_of_another_passage_than_the_distributed_then_a_warning(
    vocabulary: Vocabulary, passage: str, wanted: bool
) -> None:
    rows = [row("data/a.txt", modality="imaging", passage=passage)]
    gap = [("line-passage-gap", "data/a.txt", "passage", "warning")]
    assert found(vocabulary, *rows, banks=BANKS) == (gap if wanted else [])
    assert found(vocabulary, *rows) == []
    assert found(vocabulary, *rows, banks="bank_id,type,passage\nMCB1,master,p1\n") == []
    assert found(vocabulary, *rows, banks="bank_id,type,passage\nDB1,distribution,unknown\n") == []
    assert found(vocabulary, *rows, banks="bank_id;type\n") == []


def test_genotype_when_only_one_measurement_shows_it_then_a_note_unless_there_is_an_str_profile(
    vocabulary: Vocabulary,
) -> None:
    note = [("line-one-genotype", "files.csv", "modality", "info")]
    wes = row("data/a.vcf", modality="wes")
    assert found(vocabulary, wes, row("data/b.vcf", modality="wes")) == note
    assert found(vocabulary, wes, row("data/b.tsv", modality="rna-seq")) == []
    assert found(vocabulary, wes, str="locus,alleles\nD5S818,11\n") == []
    assert found(vocabulary, row("data/a.txt", modality="imaging")) == []


@given(st.integers(0, 9999), st.integers(0, 9999))
def test_passage_when_written_in_any_form_then_its_total(donor: int, bank: int) -> None:
    assert passage_total(f"p{donor}+{bank}") == passage_total(f"{donor}+{bank}") == donor + bank
    assert passage_total(f" p{donor} ") == passage_total(str(donor)) == donor


@pytest.mark.parametrize("text", ["", "unknown", "p", "p1+", "+1", "p12345", "-1", "1.5", "p1+2+3", "９"])
def test_passage_when_not_one_then_none(text: str) -> None:
    assert passage_total(text) is None


def test_rules_when_all_cases_are_taken_together_then_each_has_one() -> None:
    assert {rule.code for rule in LINE_RULES} == {"line-no-files", "line-passage-gap", "line-one-genotype"}
