from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats.inspect import sniff_bytes
from catalog.formats.intervals.bismark import _calls
from tests.formats.defects import codes, inspect_bytes
from tests.formats.interval_files import printed, report, text

RECORDS = [
    ("chr1", 10, 3, 1),
    ("chr1", 11, 1, 2),
    ("chr1", 500, 0, 7),
    ("chr2", 4, 5, 0),
    ("chrX", 9, 2, 5),
]


def coverage(span: int = 0, before: int = 0) -> bytes:
    """The records as Bismark writes them, spanning more bases, or with a start that counts from 0."""
    rows = [
        [chrom, str(start - before), str(start + span), printed(100 * m / (m + u)), str(m), str(u)]
        for chrom, start, m, u in RECORDS
    ]
    return text(rows)


VALID = coverage()


def test_bismark_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.bismark.cov.gz", gzip.compress(VALID, mtime=0))
    assert (subject.format, codes(subject)) == ("bismark-cov", [])
    assert subject.facts == {
        "container": "gzip",
        "records": 5,
        "contigs": ["chr1", "chr2", "chrX"],
        "fits_assemblies": ["GRCh37", "GRCh38", "T2T-CHM13v2.0"],
        "mean_coverage": 26 / 5,
        "mean_methylation_percent": round(1100 / 26, 4),
        "records_with_coverage": {"5": 3, "10": 0, "30": 0},
        "coverage_histogram": {
            "0": 0, "1": 0, "2": 0, "3-4": 2, "5-9": 3, "10-19": 0, "20-29": 0, "30-49": 0, "50-99": 0, "100+": 0,
        },
        "methylation_histogram": [1, 0, 1, 1, 0, 0, 0, 1, 0, 1],
    }  # fmt: skip
    assert subject.evidence == {"contig_ends": {"chr1": 500, "chr2": 4, "chrX": 9}}


def test_bismark_when_merged_cpgs_then_valid(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.CpG_report.merged_CpG_evidence.cov", coverage(span=1))
    assert (subject.format, codes(subject), subject.facts["merged_cpg"]) == ("bismark-cov", [], True)


def test_bismark_when_called_zero_based_then_starts_count_from_0(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.bismark.zero.cov", coverage(before=1) + b"chrY\t0\t1\t0\t0\t1\n")
    assert (codes(subject), subject.facts["zero_based"], "merged_cpg" in subject.facts) == ([], True, False)
    subject = inspect_bytes(tmp_path, "line.merged_CpG_evidence.zero.cov", coverage(before=1, span=1))
    assert (codes(subject), subject.facts["merged_cpg"]) == ([], True)
    assert codes(inspect_bytes(tmp_path, "line.bismark.zero.cov", VALID)) == ["bismark-span"]


def test_bismark_when_merged_cpgs_count_from_0_then_each_spans_two_more(tmp_path: Path) -> None:
    name, content = "line.CpG_report.merged_CpG_evidence.cov", coverage(before=1, span=1)
    subject = inspect_bytes(tmp_path, name, b"chr1\t0\t2\t0\t0\t1\n" + content)
    assert (codes(subject), subject.facts["merged_cpg"], subject.facts["zero_based"]) == ([], True, True)
    assert codes(inspect_bytes(tmp_path, name, content + b"chrY\t7\t8\t0\t0\t1\n")) == ["bismark-span"]
    assert codes(inspect_bytes(tmp_path, name, VALID + b"chrY\t7\t9\t0\t0\t1\n")) == ["bismark-span"]


def test_bismark_when_commented_as_synthetic_then_the_fact_says_so(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.cov", b"# Synthetic data\n# made up\n" + VALID)
    assert subject.valid
    assert (subject.facts["synthetic"], subject.facts["records"]) == (True, 5)
    assert [(finding.code, finding.count) for finding in subject.findings] == [("bismark-comment", 2)]


@pytest.mark.parametrize("percentage", ["33.3333333333333", "33.333333", "33.3", "33"])
def test_percentage_when_printed_with_fewer_digits_then_valid(percentage: str, tmp_path: Path) -> None:
    content = f"chr1\t5\t5\t{percentage}\t1\t2\n".encode()
    assert codes(inspect_bytes(tmp_path, "line.cov", content)) == []


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_percentage_when_printed_as_bismark_does_then_it_agrees(methylated: int, unmethylated: int) -> None:
    if methylated + unmethylated:
        percentage = printed(100 * methylated / (methylated + unmethylated)).encode()
        calls = _calls(percentage, str(methylated).encode(), str(unmethylated).encode())
        assert calls == (methylated, unmethylated)


def test_report_when_read_then_contexts_and_strands_are_counted(tmp_path: Path) -> None:
    rows = report(40, every=True)
    subject = inspect_bytes(tmp_path, "line.CX_report.txt", text(rows))
    assert (subject.format, codes(subject)) == ("bismark-cpg-report", [])
    contexts = subject.facts["contexts"]
    assert isinstance(contexts, dict)
    for context, facts in contexts.items():
        of_context = [(int(row[3]), int(row[4])) for row in rows if row[5] == context]
        calls = sum(map(sum, of_context))
        percent = round(100 * sum(m for m, _ in of_context) / calls, 4)
        assert facts == {"records": len(of_context), "calls": calls, "methylation_percent": percent}
    assert set(contexts) == {"CG", "CHG", "CHH"}
    assert subject.facts["strands"] == {strand: sum(row[2] == strand for row in rows) for strand in "+-"}


def test_report_when_of_nome_seq_then_strands_may_stand_alone(tmp_path: Path) -> None:
    rows = [row for row in report() if row[2] == "+"]
    assert codes(inspect_bytes(tmp_path, "line.NOMe.CpG_report.txt", text(rows))) == []
    assert codes(inspect_bytes(tmp_path, "line.CpG_report.txt", text(rows))) == ["bismark-report-strand-missing"]


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("calls.txt", VALID, "bismark-cov"),
        ("calls.cov", b"anything\n", "bismark-cov"),
        ("report.txt", text(report()), "bismark-cpg-report"),
        ("a.CX_report.txt", b"anything\n", "bismark-cpg-report"),
        ("a.CpG_report.merged_CpG_evidence.cov", VALID, "bismark-cov"),
        ("a.txt", b"chr1\t10\t+\t3\t1\tCG\n" * 3, "text"),
        ("regions.bed6", b"chr1\t10\t20\tn\t1\t.\n" * 3, "bed"),
    ],
    ids=["by content", "by name", "report", "report by name", "merged", "six columns", "other six columns"],
)
def test_sniff_when_given_columns_then_claims_only_its_own(name: str, content: bytes, wanted: str) -> None:
    found = sniff_bytes(name, content)
    assert found is not None
    assert found.name == wanted
