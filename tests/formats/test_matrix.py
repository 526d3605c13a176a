from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats import gene_ids
from catalog.formats.inspect import sniff_bytes
from catalog.formats.protocol import Declared
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

GENES = [f"ENSG{number:011d}" for number in range(1, 5)]
SAMPLES = ("KSCBi005-A", "KSCBi005-A-1")
COUNTS = {"KSCBi005-A": (0, 10, 200, 7), "KSCBi005-A-1": (3, 0, 1, 4)}
TPM = {"KSCBi005-A": (0.0, 250000.5, 249999.5, 500000.0), "KSCBi005-A-1": (1e6, 0.0, 0.0, 0.0)}


def matrix(values: Mapping[str, tuple[float, ...]], genes: list[str] = GENES, *, delimiter: str = "\t") -> bytes:
    lines = [delimiter.join(("gene_id", *values))]
    lines += [delimiter.join((gene, *(str(each[row]) for each in values.values()))) for row, gene in enumerate(genes)]
    return ("\n".join(lines) + "\n").encode()


VALID_COUNTS = matrix({sample: tuple(map(float, row)) for sample, row in COUNTS.items()}).replace(b".0", b"")
VALID_TPM = matrix(TPM)


def line(number: int, new: str, content: bytes = VALID_COUNTS) -> bytes:
    lines = content.splitlines(keepends=True)
    lines[number - 1] = new.encode("latin-1") + b"\n"
    return b"".join(lines)


def with_genes(*genes: str) -> bytes:
    return matrix({"KSCBi005-A": tuple(1 for _ in genes)}, list(genes))


def common_defects(name: str, valid: bytes) -> list[Defect]:
    """The defects that both matrices can have."""
    gene, other = GENES[1], GENES[0]
    sample, line_id = Declared(sample_id="KSCBi001-A"), Declared(line_id="KSCBi001-A")
    date = with_genes("SOX2", "2-Sep", "NANOG")
    mixed = with_genes(*(f"{each}.3" for each in GENES[:2]), *GENES[2:])
    variants = with_genes(*(f"rs{number}" for number in range(1000, 1005)))
    table = [
        Defect(id="not utf-8", content=line(3, "\xe9\t1\t2", valid), code="matrix-not-utf8", line=3, only=False),
        Defect(
            id="no header", content=valid.split(b"\n", 1)[1], code="matrix-no-header", line=1, name=f"{name}.txt.tsv"
        ),
        Defect(id="only comments", content=b"# program\n", code="matrix-no-header", line=1),
        Defect(
            id="too many columns", content=b"gene_id" + b"\tx" * 200_000 + b"\n", code="matrix-many-columns", line=1
        ),
        Defect(id="one column", content=b"gene_id\nENSG1\n", code="matrix-no-samples", line=1),
        Defect(id="semicolons", content=valid.replace(b"\t", b";"), code="matrix-no-samples", line=1),
        Defect(
            id="sample without name",
            content=line(1, "gene_id\tKSCBi005-A\t", valid),
            code="matrix-sample-without-name",
            line=1,
            column=3,
        ),
        Defect(
            id="sample twice",
            content=line(1, "gene_id\tKSCBi005-A\tKSCBi005-A", valid),
            code="matrix-sample-twice",
            line=1,
            column="KSCBi005-A",
        ),
        Defect(id="no genes", content=b"gene_id\tS1\n__no_feature\t5\n", code="matrix-no-genes"),
        Defect(id="short row", content=line(3, f"{gene}\t1", valid), code="matrix-ragged", line=3),
        Defect(id="blank line", content=line(3, "", valid), code="matrix-ragged", line=3),
        Defect(id="no gene", content=line(3, "\t1\t2", valid), code="matrix-gene-empty", line=3, column=1),
        Defect(id="gene twice", content=line(3, f"{other}\t1\t2", valid), code="matrix-gene-twice", line=3, column=1),
        Defect(id="text", content=line(3, f"{gene}\t1\tNA", valid), code="matrix-value", line=3, column="KSCBi005-A-1"),
        Defect(id="nothing", content=line(3, f"{gene}\t\t1", valid), code="matrix-value", line=3, column="KSCBi005-A"),
        Defect(id="infinite", content=line(3, f"{gene}\tinf\t1", valid), code="matrix-value", line=3),
        Defect(
            id="comma",
            content=line(3, f"{gene}\t1,5\t1", valid),
            code="matrix-locale-comma",
            line=3,
            column="KSCBi005-A",
        ),
        Defect(
            id="negative", content=line(3, f"{gene}\t-2\t1", valid), code="matrix-negative", line=3, column="KSCBi005-A"
        ),
        Defect(id="other sample", content=valid, code="matrix-other-sample", line=1, declared=sample),
        Defect(id="other line", content=valid, code="matrix-other-line", line=1, declared=line_id),
        Defect(id="with and without version", content=mixed, code="matrix-mixed-ids", line=4, column=1),
        Defect(id="ids and symbols", content=with_genes(*GENES, "SOX2"), code="matrix-mixed-ids", line=6, column=1),
        Defect(id="date", content=date, code="matrix-gene-date", line=3, column=1),
        Defect(id="variants", content=variants, code="document-looks-like-genotypes", column=1),
    ]
    # One sum is as wrong as the defect makes it: the sum of a TPM matrix is proved below.
    return [replace(each, only=each.only and name == "counts") for each in table]


COUNTS_DEFECTS = [
    *common_defects("counts", VALID_COUNTS),
    Defect(
        id="decimal",
        content=line(3, f"{GENES[1]}\t12.0\t1"),
        code="matrix-not-integer",
        line=3,
        column="KSCBi005-A",
    ),
    Defect(id="exponent", content=line(3, f"{GENES[1]}\t1e3\t1"), code="matrix-not-integer", line=3),
]
TPM_DEFECTS = [
    *common_defects("tpm", VALID_TPM),
    Defect(
        id="sum",
        content=line(3, f"{GENES[1]}\t230000\t0", VALID_TPM),
        code="matrix-tpm-sum",
        column="KSCBi005-A",
    ),
]


@pytest.mark.parametrize("defect", COUNTS_DEFECTS, ids=lambda defect: defect.id)
def test_counts_when_they_have_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "line.counts.tsv")


@pytest.mark.parametrize("defect", TPM_DEFECTS, ids=lambda defect: defect.id)
def test_tpm_when_they_have_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "line.tpm.tsv")


@pytest.mark.parametrize("name", ["counts.tsv", "tpm.tsv"])
def test_matrix_when_longer_than_any_annotation_then_it_says_that_it_stops_comparing(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gene_ids, "_MOST_GENES", 3)
    subject = inspect_bytes(tmp_path, name, with_genes(*GENES, "ENSG00000000009"))
    finding = next(each for each in subject.findings if each.code == "matrix-many-genes")
    assert (finding.line, finding.count) == (5, 1)


def test_matrix_defects_when_counted_then_cover_every_rule() -> None:
    apart = {"matrix-many-genes"}
    assert {defect.code for defect in COUNTS_DEFECTS} | apart == rules_of("counts-matrix")
    assert {defect.code for defect in TPM_DEFECTS} | apart == rules_of("tpm-matrix")


def test_counts_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    content = b"# synthetic; Program:featureCounts\n" + VALID_COUNTS + b"__no_feature\t99\t99\n"
    subject = inspect_bytes(tmp_path, "line.counts.tsv", content)
    assert (subject.format, codes(subject)) == ("counts-matrix", [])
    assert subject.facts == {
        "genes": 4,
        "samples": list(SAMPLES),
        "library_sizes": {"KSCBi005-A": 217, "KSCBi005-A-1": 8},
        "detected_genes": {"KSCBi005-A": 3, "KSCBi005-A-1": 3},
        "id_space": "ensembl",
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
        ("counts.json", b'{"a": 1, "b": 2}\n', RNA, "json"),
    ],
)
def test_sniff_when_given_a_name_and_a_modality_then_tells_matrix_from_table(
    name: str, content: bytes, declared: Declared, wanted: str
) -> None:
    found = sniff_bytes(name, content, declared)
    assert found is not None
    assert found.name == wanted


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "format_name"),
    [(VALID_COUNTS, "counts-matrix"), (matrix(TPM, delimiter=","), "tpm-matrix")],
    ids=["counts", "tpm"],
)
def test_matrix_when_damaged_at_random_then_the_outcome_is_a_subject(
    content: bytes, format_name: str, tmp_path: Path
) -> None:
    assert_survives(tmp_path, "matrix.csv", content, format_name)
