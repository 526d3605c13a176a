from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.formats.bismark import _calls
from catalog.formats.inspect import sniff_bytes
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

RECORDS = [
    ("chr1", 10, 3, 1),
    ("chr1", 11, 1, 2),
    ("chr1", 500, 0, 7),
    ("chr2", 4, 5, 0),
    ("chrX", 9, 2, 5),
]


def printed(value: float) -> str:
    """A number as Perl prints it, with which Bismark writes its percentages."""
    return f"{value:.15g}"


def coverage(records: list[tuple[str, int, int, int]] = RECORDS, span: int = 0) -> bytes:
    lines = []
    for chrom, start, methylated, unmethylated in records:
        percentage = printed(100 * methylated / (methylated + unmethylated))
        lines.append(f"{chrom}\t{start}\t{start + span}\t{percentage}\t{methylated}\t{unmethylated}\n")
    return "".join(lines).encode()


VALID = coverage()


def line(number: int, new: bytes) -> bytes:
    lines = VALID.splitlines(keepends=True)
    lines[number - 1] = new + b"\n" if new else b""
    return b"".join(lines)


DEFECTS = [
    Defect(id="five columns", content=line(2, b"chr1\t11\t11\t33.3\t1"), code="bismark-columns", line=2),
    Defect(id="spaces", content=line(2, b"chr1 11 11 50 1 1"), code="bismark-columns", line=2),
    Defect(id="blank line", content=VALID + b"\n\n", code="bismark-columns", line=6),
    Defect(id="comment inside", content=line(2, b"# a comment"), code="bismark-columns", line=2),
    Defect(id="header", content=b"chr\tstart\tend\tpct\tm\tu\n" + VALID, code="bismark-header", line=1),
    Defect(id="track line", content=b"track type=bedGraph\n" + VALID, code="bismark-header", line=1),
    Defect(id="comment", content=b"# synthetic data\n" + VALID, code="bismark-comment", line=1),
    Defect(id="chromosome", content=line(4, b"chr\x01\t4\t4\t100\t5\t0"), code="bismark-chromosome", line=4, column=1),
    Defect(id="no chromosome", content=line(4, b"\t4\t4\t100\t5\t0"), code="bismark-chromosome", line=4, column=1),
    Defect(id="start", content=line(2, b"chr1\t1e1\t11\t50\t1\t1"), code="bismark-position", line=2, column=2),
    Defect(id="end", content=line(2, b"chr1\t11\t\t50\t1\t1"), code="bismark-position", line=2, column=3),
    Defect(id="zero", content=line(1, b"chr1\t0\t0\t50\t1\t1"), code="bismark-position", line=1, column=2),
    Defect(id="span", content=line(3, b"chr1\t500\t501\t0\t0\t7"), code="bismark-span", line=3, column=3),
    Defect(
        id="percentage over 100",
        content=line(3, b"chr1\t500\t500\t100.5\t0\t7"),
        code="bismark-percentage",
        line=3,
        column=4,
    ),
    Defect(
        id="decimal comma", content=line(3, b"chr1\t500\t500\t0,0\t0\t7"), code="bismark-percentage", line=3, column=4
    ),
    Defect(id="methylated", content=line(3, b"chr1\t500\t500\t0\t-1\t7"), code="bismark-count", line=3, column=5),
    Defect(id="unmethylated", content=line(3, b"chr1\t500\t500\t0\t0\t7.0"), code="bismark-count", line=3, column=6),
    Defect(id="uncovered", content=line(3, b"chr1\t500\t500\t0\t0\t0"), code="bismark-uncovered", line=3, column=5),
    Defect(
        id="other percentage",
        content=line(3, b"chr1\t500\t500\t12.6\t1\t7"),
        code="bismark-percentage-disagrees",
        line=3,
        column=4,
    ),
    Defect(id="unsorted", content=line(3, b"chr1\t5\t5\t0\t0\t7"), code="bismark-unsorted", line=3, column=2),
    Defect(id="twice", content=line(3, b"chr1\t11\t11\t0\t0\t7"), code="bismark-unsorted", line=3, column=2),
    Defect(id="split", content=VALID + b"chr1\t600\t600\t0\t0\t7\n", code="bismark-chromosome-split", line=6, column=1),
    Defect(id="no records", content=b"# nothing\n", code="bismark-no-records", only=False),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_bismark_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "line.bismark.cov")


def test_bismark_defects_when_counted_then_cover_every_rule() -> None:
    assert {defect.code for defect in DEFECTS} == rules_of("bismark-cov")


def test_bismark_when_valid_then_facts_are_told(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.bismark.cov.gz", gzip.compress(VALID, mtime=0))
    assert (subject.format, codes(subject)) == ("bismark-cov", [])
    assert subject.facts == {
        "container": "gzip",
        "records": 5,
        "contigs": ["chr1", "chr2", "chrX"],
        "mean_coverage": 26 / 5,
        "mean_methylation_percent": round(1100 / 26, 4),
    }


def test_bismark_when_merged_cpgs_then_valid(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "line.CpG_report.merged_CpG_evidence.cov", coverage(span=1))
    assert (codes(subject), subject.facts["merged_cpg"]) == ([], True)


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


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("calls.txt", VALID, "bismark-cov"),
        ("calls.cov", b"anything\n", "bismark-cov"),
        ("report.txt", b"chr1\t10\t+\t3\t1\tCG\tCGA\n" * 3, None),
        ("regions.bed6", b"chr1\t10\t20\t5\t1\t2\n" * 3, None),
    ],
    ids=["by content", "by name", "cytosine report", "other six columns"],
)
def test_sniff_when_given_columns_then_claims_only_its_own(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found is not None and found.name == "bismark-cov") is (wanted is not None)


@pytest.mark.slow
def test_bismark_when_damaged_at_random_then_the_outcome_is_a_subject(tmp_path: Path) -> None:
    assert_survives(tmp_path, "line.cov", VALID, "bismark-cov")
