"""Small CSV tables: strict, with places; what is written is what is read."""

from __future__ import annotations

import codecs
import csv
import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.loading import read_rows
from catalog.loading.document import LARGEST_DOCUMENT_BYTES
from catalog.loading.rows import write_rows

DEFECTS = [
    pytest.param(b"", "csv-empty", 1, None, id="empty"),
    pytest.param(b"\n\n", "csv-empty", 1, None, id="blank lines only"),
    pytest.param(b"path;tier\na;open\n", "csv-separator", 1, None, id="semicolons"),
    pytest.param(b"path\ttier\na\topen\n", "csv-separator", 1, None, id="tabs"),
    pytest.param(b"path,tier\na,open,\n", "csv-ragged", 2, None, id="one cell too many"),
    pytest.param(b"path,tier\na,open\nb\n", "csv-ragged", 3, None, id="one cell too few"),
    pytest.param(b'path,note\n"a\n\nb",x\nc\n', "csv-ragged", 5, None, id="ragged after a cell with line ends"),
    pytest.param(b"path,tier,path\na,open,b\n", "csv-duplicate-column", 1, "path", id="column twice"),
    pytest.param(b'path,tier\n"a,open\n', "csv-quotes", 2, None, id="open quote"),
    pytest.param(b'path,tier\n"a"b,open\n', "csv-quotes", 2, None, id="text after a quote"),
    pytest.param(b"path,tier\n" + b"x" * 200_000 + b",open\n", "csv-quotes", 2, None, id="endless cell"),
    pytest.param(codecs.BOM_UTF8 + b"path,tier\na,open\n", "text-bom", 1, 1, id="mark"),
    pytest.param("path,tier\na,open\n".encode("utf-16"), "text-utf16", 1, 1, id="utf-16"),
    pytest.param(b"path,tier\na\0,open\n", "text-control", 2, 2, id="nul"),
    pytest.param("path,tier\né,open\n".encode("latin-1"), "text-not-utf8", 2, 1, id="latin-1"),
]


@pytest.mark.parametrize(("content", "code", "line", "column"), DEFECTS)
def test_table_when_it_has_a_defect_then_unusable_and_found_there(
    content: bytes, code: str, line: int, column: str | int | None
) -> None:
    rows = read_rows(content)
    (finding,) = rows.findings
    assert (finding.code, finding.line, finding.column) == (code, line, column)
    assert not rows.usable


def test_table_when_a_cell_has_outer_spaces_then_kept_and_warned() -> None:
    rows = read_rows(b"path, tier\na ,open\n")
    assert [(each.code, each.line, each.column) for each in rows.findings] == [
        ("csv-space", 1, " tier"),
        ("csv-space", 2, "path"),
    ]
    assert rows.usable
    assert rows.rows[0].get("path") == "a "
    assert rows.rows[0].get("absent") == ""


def test_table_when_line_ends_differ_then_the_same_rows() -> None:
    wanted = [("a", 2), ("b", 3)]
    for content in (b"path,t\na,1\nb,2\n", b"path,t\r\na,1\r\nb,2\r\n", b"path,t\na,1\r\nb,2"):
        assert [(row.get("path"), row.line) for row in read_rows(content).rows] == wanted


def test_header_when_it_has_very_many_columns_then_judged_in_seconds() -> None:
    number = 200_000
    start = time.perf_counter()
    rows = read_rows((",".join(f"c{n}" for n in range(number)) + "\n").encode())
    assert len(rows.columns) == number
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"a,b\n" + b"x\n" * 30_000, id="ragged rows"),
        pytest.param(b"a,b\n" + b" x,y\n" * 20_000 + b"z\n", id="spaces, then one ragged row"),
        pytest.param(b"a," * 30_000 + b"a\n", id="the same column"),
    ],
)
def test_table_when_faults_are_very_many_then_findings_stay_few_and_it_is_unusable(content: bytes) -> None:
    assert len(content) < LARGEST_DOCUMENT_BYTES
    rows = read_rows(content)
    assert len(rows.findings) <= 200
    assert not rows.usable


cells = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"), max_size=8)
cells = st.one_of(
    cells, st.text(st.sampled_from('a,"\r\n\t; '), max_size=6), st.sampled_from(["=1+1", "@x", "-1", "+a"])
)

names = cells.filter(lambda name: name.strip() == name != "" and not {";", "\t"} & set(name))


@given(st.data())
def test_rows_when_written_then_read_equal(data: st.DataObject) -> None:
    columns = data.draw(st.lists(names, min_size=1, max_size=4, unique=True))
    table = data.draw(st.lists(st.tuples(*(cells for _ in columns)), max_size=4))
    content = write_rows(columns, [dict(zip(columns, row, strict=True)) for row in table])
    read = read_rows(content)
    assert read.usable, read.findings
    assert read.columns == tuple(columns)
    assert [tuple(row.get(column) for column in columns) for row in read.rows] == table
    assert [tuple(each) for each in csv.reader(io.StringIO(content.decode(), newline=""), strict=True)] == [
        tuple(columns),
        *table,
    ]


def test_rows_when_written_then_plain_bytes_without_guesses() -> None:
    content = write_rows(["path", "bytes", "note"], [{"path": "a", "bytes": 12, "note": None}, {"note": '=1,"x"'}])
    assert content == b'path,bytes,note\na,12,\n,,"=1,""x"""\n'
