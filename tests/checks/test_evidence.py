"""What files show against the record and each other: sex, replicates, genes of pluripotent cells."""

from __future__ import annotations

import random
from array import array
from dataclasses import replace
from typing import Any

import pytest

from catalog.checks.evidence import CHECK, EVIDENCE_RULES, correlation, sexes_shown
from catalog.findings import Subject
from catalog.vocabulary import Vocabulary
from tests.builders import line_value, row, seen
from tests.checks.subjects import subject

CALLS_XX = {"sex_evidence": {"x_het": 40, "x_hom_alt": 30, "y_variants": 0}}
CALLS_XY = {"sex_evidence": {"x_het": 2, "x_hom_alt": 78, "y_variants": 40}}
ARRAY_XX = {"sex_evidence": {"chr_x_heterozygosity": 0.31, "chr_y_call_rate": 0.02}}
ARRAY_XY = {"sex_evidence": {"chr_x_heterozygosity": 0.01, "chr_y_call_rate": 0.98}}
READS_XX = {"sex_evidence": {"x_coverage_share": 0.98, "y_coverage_share": 0.01, "autosome_records": 9000}}
READS_XY = {"sex_evidence": {"x_coverage_share": 0.51, "y_coverage_share": 0.4, "autosome_records": 9000}}
RNA_Y = {"sex_markers": {"a": {"XIST": False, "RPS4Y1": True}}}
RNA_XIST = {"sex_markers": {"a": {"XIST": True, "RPS4Y1": False}}}


def found(
    vocabulary: Vocabulary, files: list[Subject], modality: str = "rna-seq", **changes: Any
) -> list[tuple[str, str | None, tuple[str, ...]]]:
    rows = [row(each.path, modality=modality, replicate=str(n), passage="p18") for n, each in enumerate(files)]
    given = subject(vocabulary, line_value(rows, **changes), files)
    return [(each.code, each.path, each.related) for each in CHECK.check_line(given)]


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        (CALLS_XX, ["XX"]), (CALLS_XY, ["XY"]), (ARRAY_XX, ["XX"]), (ARRAY_XY, ["XY"]), (READS_XX, ["XX"]), (READS_XY, ["XY"]),
        (RNA_Y, ["XY"]), (RNA_XIST, ["XIST"]),
        ({"by_sample": {"a": CALLS_XX, "b": CALLS_XY}}, ["XX", "XY"]),
        ({"sex_evidence": {"x_het": 20, "x_hom_alt": 20, "y_variants": 0}}, []),  # too few sites
        ({"sex_evidence": {"x_het": 8, "x_hom_alt": 92, "y_variants": 40}}, []),  # between
        ({"sex_evidence": {"x_het": 50, "x_hom_alt": 50, "y_variants": 40}}, []),  # two X and a Y
        ({"sex_evidence": {"chr_x_heterozygosity": 0.01, "chr_y_call_rate": 0.05}}, []),  # one X, no Y
        ({"sex_evidence": {"stated": "M"}}, []),
        ({"sex_markers": {"a": {"XIST": False, "RPS4Y1": False}, "b": {"XIST": True}}}, []),
        ({}, []),
    ],
)  # fmt: skip
def test_sex_when_shown_by_any_kind_of_file_then_told_and_else_nothing(facts: dict[str, Any], shown: list[str]) -> None:
    assert sexes_shown(seen("a", None, **facts)) == shown


@pytest.mark.parametrize(
    ("facts", "sex", "code"),
    [
        (CALLS_XX, "male", "file-sex"), (ARRAY_XY, "female", "file-sex"), (RNA_Y, "female", "file-sex"),
        (RNA_XIST, "male", "file-sex-xist"), (CALLS_XX, "female", None), (READS_XY, "male", None), (RNA_XIST, "female", None),
        (CALLS_XX, "unknown", None),
    ],
)  # fmt: skip
def test_file_when_it_is_of_the_other_sex_then_an_error(
    vocabulary: Vocabulary, facts: dict[str, Any], sex: str, code: str | None
) -> None:
    modality = "rna-seq" if facts in (RNA_Y, RNA_XIST) else "wes"
    codes = found(vocabulary, [seen("data/a", None, **facts)], modality, donor={"donor_id": "D1", "sex": sex})
    assert codes == ([(code, "data/a", ())] if code else [])


@pytest.mark.parametrize(
    ("facts", "modality"),
    [
        (CALLS_XX, "rna-seq"),
        (READS_XX, "rna-seq"),
        ({"sex_evidence": {"x_coverage_share": 1.0, "y_coverage_share": 0.0, "autosome_records": 19}}, "wes"),
    ],
)
def test_sex_when_of_rna_or_of_few_reads_then_nothing_is_said(
    vocabulary: Vocabulary, facts: dict[str, Any], modality: str
) -> None:
    assert found(vocabulary, [seen("a", None, **facts)], modality, donor={"donor_id": "D1", "sex": "male"}) == []


def matrix(path: str, *columns: list[float], samples: tuple[str, ...] = ("s",)) -> Subject:
    values = array("f", [value for row in zip(*columns, strict=True) for value in row])
    kept = {"samples": list(samples), "genes": array("I", range(len(columns[0]))), "values": values}
    return replace(seen(path, "counts-matrix"), evidence={"expression": kept})


def profiles() -> tuple[list[float], list[float], list[float]]:
    chance = random.Random(1)
    values = [chance.uniform(0, 15) for _ in range(500)]
    near = [value + chance.gauss(0, 0.5) for value in values]
    far = values[:]
    chance.shuffle(far)
    return values, near, far


def test_replicates_when_they_correlate_then_nothing_and_else_a_warning_at_the_later_file(
    vocabulary: Vocabulary,
) -> None:
    values, near, far = profiles()
    assert found(vocabulary, [matrix("a", values), matrix("b", near)]) == []
    assert found(vocabulary, [matrix("a", values), matrix("b", near), matrix("c", far)]) == [
        ("file-replicates", "c", ("a",)),
        ("file-replicates", "c", ("b",)),
    ]


@pytest.mark.parametrize(
    ("samples", "wanted"),
    [
        (("L.rep1", "L.rep2", "L.rep3"), [("L.rep3", "L.rep1"), ("L.rep3", "L.rep2")]),
        (("L_R1", "M_R1", "l_r2"), [("l_r2", "L_R1")]),
        (("L-replicate-1", "L", "M-replicate-2"), []),
        (("L.1", "L.2", "L.3"), []),
    ],
)
def test_replicates_when_columns_of_one_matrix_then_those_of_one_stem_are_compared(
    vocabulary: Vocabulary, samples: tuple[str, ...], wanted: list[tuple[str, str]]
) -> None:
    given = subject(vocabulary, line_value([row("a")]), [matrix("a", *profiles(), samples=samples)])
    findings = list(CHECK.check_line(given))
    assert [(each.column, (each.got or "").rpartition(" ")[2]) for each in findings] == wanted


def test_replicates_when_a_sample_is_declared_then_its_column_is_compared(vocabulary: Vocabulary) -> None:
    values, near, far = profiles()
    rows = [row("a", replicate="1", sample_id="x"), row("b", replicate="2", sample_id="y")]
    given = [matrix("a", far, values, samples=("w", "x")), matrix("b", near, samples=("y",))]
    assert list(CHECK.check_line(subject(vocabulary, line_value(rows), given))) == []


def test_correlation_when_genes_are_in_another_order_or_few_then_by_gene_or_none() -> None:
    values = {number: float(number % 17) for number in range(200)}
    assert correlation(values, dict(reversed(values.items()))) == pytest.approx(1.0)
    assert correlation(values, {number: values[number] for number in range(50)}) is None
    assert correlation(dict.fromkeys(values, 3.0), values) is None


@pytest.mark.parametrize(
    ("markers", "line_type", "wanted"),
    [
        ({"POU5F1": [90.0], "NANOG": [20.0], "SOX2": [30.0], "LIN28A": [50.0]}, "iPSC", False),
        ({"POU5F1": [0.0], "NANOG": [0.2], "SOX2": [30.0], "LIN28A": [50.0]}, "iPSC", True),
        ({"POU5F1": [90.0], "NANOG": [0.2], "SOX2": [30.0], "LIN28A": [50.0]}, "iPSC", False),
        ({"POU5F1": [0.0], "NANOG": [0.2]}, "iPSC", False),
        ({"POU5F1": [0.0], "NANOG": [0.0], "SOX2": [0.0], "LIN28A": [0.0]}, "MSC", False),
    ],
)
def test_matrix_when_genes_of_pluripotent_cells_are_silent_then_a_warning(
    vocabulary: Vocabulary, markers: dict[str, list[float]], line_type: str, wanted: bool
) -> None:
    given = replace(seen("a", "counts-matrix"), evidence={"markers": markers})
    codes = [code for code, _, _ in found(vocabulary, [given], line_type=line_type)]
    assert codes == (["file-pluripotency-genes"] if wanted else [])


def test_rules_when_listed_then_all_are_tested() -> None:
    assert {each.code for each in EVIDENCE_RULES} == {
        "file-sex", "file-sex-xist", "file-replicates", "file-pluripotency-genes",
    }  # fmt: skip
