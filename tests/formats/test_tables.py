from __future__ import annotations

import csv
import gzip
import random
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.genotypes import HINT
from catalog.formats.inspect import sniff_bytes
from catalog.formats.table_fast import FastTable
from tests.formats.cases_tables import TSV, VALID, replaced
from tests.formats.defects import codes, inspect_bytes


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


@pytest.mark.parametrize(
    ("name", "content", "delimiter"),
    [
        ("t.tsv", b"id\tsex (m, f, x)\tnote; a; b; c; d\nA\tm\tx\n", "\t"),
        ("t.tsv.gz", gzip.compress(b"id\ta,b,c\nA\tm\n", mtime=0), "\t"),
        ("t.tsv", b"name, unit; note\nx\n", "\t"),
        ("t.tsv", b"a,b\n1,2\n", ","),
        ("t.tsv", b"word\n", "\t"),
        ("t.tsv", b"word\nx\n", "\t"),
        ("t.csv", b'"a\tb\tc","d"\n1,2\n', ","),
        ("t.csv", b'"a,b",c;d;e\n1,2\n', ","),
        ("t.csv", b"a;b,c\n" + b"1,x;y\n" * 30_000, ","),
        ("t.csv.gz", gzip.compress(b"a;b;c,d\n" + b"1,2\n" * 30_000, mtime=0), ","),
        ("t.csv", b'a "b\tc\n1\t2\n', "\t"),
        ("t.csv", b'# made\n"a\tb\n1\t2\n', "\t"),
    ],
)
def test_table_when_names_have_other_marks_then_the_separator_is_found(
    name: str, content: bytes, delimiter: str, tmp_path: Path
) -> None:
    subject = inspect_bytes(tmp_path, name, content, level=Level.SPEC)
    assert (subject.facts["delimiter"], codes(subject)) == (delimiter, [])


def test_table_when_another_library_lifts_the_limit_of_cells_then_rows_stay_bounded(tmp_path: Path) -> None:
    before = csv.field_size_limit(1 << 30)
    try:
        content = replaced(2, b'KSCBi005-A,18,"' + b"cord blood\n" * 300_000)
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
        ("t.csv", b"a,b\0c\n", "table"),
    ],
)
def test_sniff_when_given_columns_then_knows_a_table(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found else None) == wanted


def test_compiled_path_when_a_row_may_show_genotypes_then_leaves_it_to_plain_code() -> None:
    chance = random.Random(4)
    pieces = [
        "rs4", "*0", "HLA-", "A/C", "0|1", "S07", "SNP_A-", "AX-", "exm", "kgp", "5:A", "9-T", "AG", "3:5", "RsId", "genotype", "SNP",
        "ACGTTGCAAC", "abcdefgh12", "q", "7", ".", "-", " ", "_", "x y", '"', "세포", "+1", "e5",
    ]  # fmt: skip
    for separator in "\t,":
        fast = FastTable(separator, 3, (10, 1), is_bank=False)
        for _ in range(20_000):
            cells = ["".join(chance.choices(pieces, k=chance.randint(0, 4))) for _ in range(3)]
            line = separator.join(cells).encode() + b"\n"
            if HINT.search(line[:-1]):
                assert fast.take(line, 0, 1) == (0, 1), line


def test_compiled_path_when_nothing_is_to_be_said_then_passes_over_the_row() -> None:
    fast = FastTable("\t", 4, (10, 1), is_bank=True)
    row = "세포주 5 dish\t-1.5e-07\t\talpha-beta\n".encode()
    assert fast.take(row * 3, 0, 1) == (3 * len(row), 4)
