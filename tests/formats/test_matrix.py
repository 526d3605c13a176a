from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from catalog.findings import Level
from catalog.formats.inspect import Manner, inspect_file, sniff_bytes
from catalog.formats.protocol import Declared
from tests.formats.cases_matrices import SAMPLES, VALID_COUNTS, VALID_TPM, random_matrix
from tests.formats.defects import codes, inspect_bytes

SEXED = (
    b"gene_id\tmale\tfemale\teroded\n"
    b"ENSG00000229807.12\t0\t40\t0\nENSG00000129824\t90\t0\t0\nENSG00000111704.7\t9\t9\t9\nENSG00000000003.1\t999901\t999951\t5\n"
)


def test_counts_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    content = b"# synthetic; Program:featureCounts\n" + VALID_COUNTS + b"__no_feature\t99\t99\n"
    subject = inspect_bytes(tmp_path, "line.counts.tsv", content)
    assert (subject.format, codes(subject)) == ("counts-matrix", [])
    assert subject.facts == {
        "genes": 4,
        "samples": list(SAMPLES),
        "library_size": {"min": 8, "median": 112, "max": 217},
        "library_sizes": {"KSCBi005-A": 217, "KSCBi005-A-1": 8},
        "detected_genes": {"KSCBi005-A": 3, "KSCBi005-A-1": 3},
        "id_space": "ensembl",
        "id_versions": False,
        "id_species": "human",
        "summary_rows": ["__no_feature"],
        "comment_lines": 1,
        "synthetic": True,
    }


def test_tpm_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    declared = Declared(modality="rna-seq", sample_id="KSCBi005-A", line_id="KSCBi005-A")
    subject = inspect_bytes(tmp_path, "expression.tsv", VALID_TPM, declared=declared)
    assert (subject.format, codes(subject)) == ("tpm-matrix", [])
    assert subject.facts["library_sizes"] == {"KSCBi005-A": 1e6, "KSCBi005-A-1": 1e6}


def test_featurecounts_when_read_then_its_five_columns_are_no_samples(tmp_path: Path) -> None:
    content = (
        b"# Program:featureCounts v2.0.1\n"
        b"Geneid\tChr\tStart\tEnd\tStrand\tLength\tKSCBi005-A.bam\n"
        b"SOX2\tchr3;chr3\t1;5\t2;9\t+;+\t6\t12\n"
    )
    subject = inspect_bytes(tmp_path, "counts.txt", content, declared=Declared(line_id="KSCBi005-A"))
    assert (subject.format, codes(subject)) == ("counts-matrix", [])
    assert (subject.facts["samples"], subject.facts["id_space"]) == (["KSCBi005-A.bam"], "symbol")


def test_matrix_when_comma_separated_and_quoted_then_valid(tmp_path: Path) -> None:
    content = b'"gene_id","gene_name","S1"\n"ENSG00000000001.2_PAR_Y","A, b","5"\n"ERCC-00002","",7\n'
    subject = inspect_bytes(tmp_path, "counts.csv", content)
    assert codes(subject) == []
    assert subject.facts["library_sizes"] == {"S1": 12}


def test_matrix_when_a_quoted_number_has_a_comma_then_it_is_no_two_numbers(tmp_path: Path) -> None:
    content = b'gene_id,S1\nSOX2,"1,234"\n'
    assert codes(inspect_bytes(tmp_path, "counts.csv", content)) == ["matrix-locale-comma"]


def test_matrix_when_only_the_specification_is_asked_then_bank_rules_are_silent(tmp_path: Path) -> None:
    declared = Declared(sample_id="KSCBi001-A")
    subject = inspect_bytes(tmp_path, "counts.tsv", VALID_COUNTS, declared=declared, level=Level.SPEC)
    assert codes(subject) == []


RNA = Declared(modality="rna-seq")


@pytest.mark.parametrize(
    ("name", "content", "declared", "wanted"),
    [
        ("a.counts.tsv", VALID_COUNTS, Declared(), "counts-matrix"),
        ("a.tpm.tsv.gz", VALID_TPM, Declared(), "tpm-matrix"),
        ("tpm_counts.tsv", VALID_TPM, RNA, "tpm-matrix"),
        ("counts.txt", VALID_TPM, Declared(), "counts-matrix"),
        ("expression.tsv", VALID_COUNTS, RNA, "counts-matrix"),
        ("expression.tsv", VALID_TPM, RNA, "tpm-matrix"),
        ("expression.tsv", VALID_TPM, Declared(), "table"),
        ("accounts.csv", b"name,sum\nx,1\n", Declared(), "table"),
        ("README.md", b"# The counts\n\nSome words, and more.\n", RNA, "text"),
        ("counts.txt", b"The counts, all of them.\nSome words, and more.\n", RNA, "text"),
        ("qc.csv", b"test,value\nrin,9\n", Declared(modality="rna-seq", role="qc"), "table"),
        ("quant.counts.tsv", b"Name\tLength\tEffectiveLength\tTPM\tNumReads\nENST1\t5\t4\t1\t2\n", RNA, "table"),
        ("counts.json", b'{"a": 1, "b": 2}\n', RNA, "json"),
        ("a.ReadsPerGene.out.tab", b"N_unmapped\t5\t5\t5\n", Declared(), "counts-matrix"),
        ("a.txt", b"N_unmapped\t5\t5\t5\nN_multimapping\t1\t1\t1\n", Declared(), "counts-matrix"),
        ("a.htseq.txt", b"ENSG00000181449\t4\nENSG00000204531\t0\n", Declared(), "counts-matrix"),
        ("a.tsv", b"name\tsum\nx\t\0\n", Declared(), "table"),
    ],
)
def test_sniff_when_given_a_name_and_a_modality_then_tells_matrix_from_table(
    name: str, content: bytes, declared: Declared, wanted: str
) -> None:
    found = sniff_bytes(name, content, declared)
    assert found is not None
    assert found.name == wanted


def test_matrix_when_it_has_genes_of_sex_then_each_sample_says_whether_it_expresses_them(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "counts.tsv", SEXED)
    assert subject.facts["sex_markers"] == {
        "male": {"XIST": False, "RPS4Y1": True},
        "female": {"XIST": True, "RPS4Y1": False},
        "eroded": {"XIST": False, "RPS4Y1": False},
    }
    markers: Any = subject.evidence["markers"]
    assert markers["NANOG"] == [9.0, 9.0, 642857.143]


@pytest.mark.parametrize("is_tpm", [False, True], ids=["counts", "tpm"])
def test_paths_when_compared_on_a_large_matrix_then_facts_and_evidence_agree(is_tpm: bool, tmp_path: Path) -> None:
    path = tmp_path / ("a.tpm.tsv" if is_tpm else "a.counts.tsv")
    path.write_bytes(random_matrix(7, 5000, 40, is_tpm=is_tpm))
    plain, fast = (inspect_file(path, manner=Manner(is_fast=each)) for each in (False, True))
    assert (fast.facts, fast.evidence) == (plain.facts, plain.evidence)
    expression: Any = fast.evidence["expression"]
    assert 300 < len(expression["genes"]) < 550
    assert len(expression["values"]) == 40 * len(expression["genes"])


def test_expression_when_kept_for_comparing_then_is_bounded_and_on_a_log_scale(tmp_path: Path) -> None:
    samples = "\t".join(f"S{number}" for number in range(1200))
    rows = "".join(f"G{number}\t" + "\t".join(["7"] * 1200) + "\n" for number in range(300))
    kept: Any = inspect_bytes(tmp_path, "counts.tsv", f"gene\t{samples}\n{rows}".encode()).evidence["expression"]
    assert len(kept["samples"]) == 1000
    assert len(kept["values"]) == 1000 * len(kept["genes"]) <= 1_000_000
    assert set(kept["values"]) == {math.log2(8)}
