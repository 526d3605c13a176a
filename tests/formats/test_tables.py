from __future__ import annotations

import csv
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.inspect import sniff_bytes
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

VALID = b'sample,passage,note\nKSCBi005-A,18,"cord blood, frozen"\nKSCBi001-A,24,"two\r\nlines"\n'
TSV = b'sample\tpassage\tnote\nKSCBi005-A\t18\t5" dish\nKSCBi001-A\t24\t\n'


def line(number: int, new: bytes) -> bytes:
    lines = VALID.split(b"\n")
    lines[number - 1] = new
    return b"\n".join(lines)


DEFECTS = [
    Defect(id="latin-1", content=line(2, b"KSCBi005-A,18,t\xe9l"), code="table-encoding", line=2, column=16),
    Defect(id="utf-16", content="a,b\n1,2\n".encode("utf-16"), code="table-encoding", line=1),
    Defect(id="only comments", content=b"\n\n", code="table-empty", line=1),
    Defect(id="semicolons", content=VALID.replace(b",", b";"), code="table-separator", line=1),
    Defect(id="comment", content=b"# made by a program\n" + VALID, code="table-comment", line=1),
    Defect(id="too many columns", content=b"# a\nx" + b",x" * 200_000, code="table-many-columns", line=2, only=False),
    Defect(id="no name", content=line(1, b"sample,,note"), code="table-column-without-name", line=1, column=2),
    Defect(id="name twice", content=line(1, b"sample,note,note"), code="table-column-twice", line=1, column="note"),
    Defect(id="short", content=line(2, b"KSCBi005-A,18"), code="table-ragged", line=2),
    Defect(id="long", content=line(3, b'KSCBi001-A,24,"a\nb",'), code="table-ragged", line=3, only=False),
    Defect(id="open quote", content=line(2, b'KSCBi005-A,18,"cord blood'), code="table-quotes", line=2, only=False),
    Defect(id="half quoted", content=line(2, b'KSCBi005-A,18,"cord" blood'), code="table-quotes", line=2),
    Defect(
        id="endless cell",
        content=line(2, b'KSCBi005-A,18,"' + b"cord blood\n" * 200_000),
        code="table-quotes",
        line=2,
    ),
    Defect(id="date", content=line(2, b"2-Sep,18,x"), code="table-gene-date", line=2, column="sample"),
    Defect(id="other date", content=line(2, b"x,18,SEP2"), code="table-gene-date", line=2, column="note"),
    Defect(id="formula", content=line(2, b"x,18,=1+1"), code="table-formula", line=2, column="note"),
    Defect(id="call", content=line(2, b"x,18,@SUM(A1)"), code="table-formula", line=2, column="note"),
    Defect(
        id="genotypes",
        content=b"rsid,chromosome,position,genotype\n" + b"".join(b"rs%d,1,5,AG\n" % n for n in range(10, 16)),
        code="document-looks-like-genotypes",
    ),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_table_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "table.csv")


def test_table_defects_when_counted_then_cover_every_rule() -> None:
    assert {defect.code for defect in DEFECTS} == rules_of("table")


@pytest.mark.parametrize(
    ("name", "content", "delimiter", "mediatype"),
    [("t.csv", VALID, ",", "text/csv"), ("t", TSV, "\t", "text/tab-separated-values")],
    ids=["csv", "tsv"],
)
def test_table_when_valid_then_facts_are_told(
    name: str, content: bytes, delimiter: str, mediatype: str, tmp_path: Path
) -> None:
    subject = inspect_bytes(tmp_path, name, content)
    assert (subject.format, subject.kind, codes(subject)) == ("table", "table", [])
    wanted = {"rows": 2, "columns": ["sample", "passage", "note"], "delimiter": delimiter, "mediatype": mediatype}
    assert subject.facts == wanted


def test_table_when_a_comment_says_synthetic_then_the_fact_says_so(tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "t.csv", b"# Synthetic, for the demo\n" + VALID)
    assert (subject.facts["synthetic"], subject.facts["rows"]) == (True, 2)


@pytest.mark.parametrize(
    "cell", ["-5", "+3.2", "-1e-5", "-", "+", "--", "-80C", "-inf", "OCT4", "SEP15", "HLA-A", "2021-09-02", "a@b.de"]
)
def test_cell_when_it_only_resembles_a_formula_or_a_date_then_it_is_fine(cell: str, tmp_path: Path) -> None:
    assert codes(inspect_bytes(tmp_path, "t.csv", f"name,value\nx,{cell}\n".encode())) == []


def test_table_when_only_the_specification_is_asked_then_bank_rules_are_silent(tmp_path: Path) -> None:
    assert codes(inspect_bytes(tmp_path, "t.csv", b"# note\na,b\n2-Sep,=1\n", level=Level.SPEC)) == []


def test_table_when_another_library_lifts_the_limit_of_cells_then_rows_stay_bounded(tmp_path: Path) -> None:
    before = csv.field_size_limit(1 << 30)
    try:
        content = line(2, b'KSCBi005-A,18,"' + b"cord blood\n" * 300_000)
        assert codes(inspect_bytes(tmp_path, "t.csv", content)) == ["table-quotes"]
    finally:
        csv.field_size_limit(before)


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("t.csv", b"word\n", "table"),
        ("t.tab", b"word\n", "table"),
        ("t", VALID, "table"),
        ("t", TSV, "table"),
        ("t.md", TSV, "text"),
        ("t.txt", b"chr1\t1\t5\nchr1\t9\t12\n", "text"),
        ("t.txt", b"One, two.\nThree, four.\nFive, six.\n", "text"),
        ("t.csv", b"a,b\0c\n", None),
    ],
)
def test_sniff_when_given_columns_then_knows_a_table(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found else None) == wanted


@pytest.mark.slow
@pytest.mark.parametrize("content", [VALID, TSV], ids=["csv", "tsv"])
def test_table_when_damaged_at_random_then_the_outcome_is_a_subject(content: bytes, tmp_path: Path) -> None:
    assert_survives(tmp_path, "table.csv", content, "table")
