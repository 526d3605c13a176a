"""``query``: its four forms, and that it only ever reads."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from catalog.bank import Bank
from catalog.database import open_memory, quoted
from tests.cli.calls import Caller
from tests.cli.conftest import CONTROLLED, OPEN, OTHER

LINES = "SELECT id, line_type FROM line ORDER BY id"
ROWS = [(OPEN, "iPSC"), (CONTROLLED, "iPSC"), (OTHER, "ESC")]

REFUSED = {
    "copy to": "COPY (SELECT 1) TO 'evil.csv'",
    "copy table to": "COPY line TO 'evil.csv'",
    "copy from": "COPY line FROM '/etc/passwd'",
    "export": "EXPORT DATABASE 'evil'",
    "attach": "ATTACH 'evil.db' AS evil",
    "read_csv": "SELECT * FROM read_csv('/etc/passwd')",
    "read_text": "SELECT * FROM read_text('/etc/passwd')",
    "read_blob": "SELECT * FROM read_blob('/etc/*')",
    "read_json": "SELECT * FROM read_json('fairline.toml')",
    "read_parquet": "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
    "glob": "SELECT * FROM glob('/*')",
    "file as table": "SELECT * FROM '/etc/passwd'",
    "getenv": "SELECT getenv('HOME')",
    "set": "SET threads = 4",
    "set access": "SET enable_external_access = true",
    "reset": "RESET enable_external_access",
    "pragma": "PRAGMA memory_limit='10GB'",
    "insert": "INSERT INTO meta VALUES ('a', 'b')",
    "update": "UPDATE line SET line_type = 'ESC'",
    "delete": "DELETE FROM line",
    "drop": "DROP TABLE line",
    "create": "CREATE TABLE evil (a INTEGER)",
    "create view": "CREATE VIEW evil AS SELECT 1",
    "install": "INSTALL httpfs",
    "load": "LOAD httpfs",
    "second statement writes": "SELECT 1; DROP TABLE line",
    "second statement copies": "SELECT 1; COPY (SELECT 1) TO 'evil.csv'",
    "no sql": "give me all lines",
    "unknown table": "SELECT * FROM nowhere",
    "unbound": "SELECT ?",
    "too deep": f"SELECT {'(' * 3000}1{')' * 3000}",
    "too long": "x" * 10_000,
    "control": "SELECT \x01",
}


def test_query_when_printed_in_each_form_then_says_the_same(ask: Caller) -> None:
    table = ask.well("query", LINES)
    assert [tuple(line.split()) for line in table.out.splitlines()] == [("id", "line_type"), *ROWS]
    text = ask.well("query", LINES, "--format", "csv").out
    assert list(csv.reader(io.StringIO(text))) == [["id", "line_type"], *map(list, ROWS)]
    members = [dict(zip(("id", "line_type"), row, strict=True)) for row in ROWS]
    assert json.loads(ask.well("query", LINES, "--format", "json").out) == members
    assert ask.well("query", LINES, "--json").json() == members
    ask.well("query", LINES, "--format", "parquet", "--out", "lines.parquet")
    with open_memory() as database:
        assert database.rows(f"SELECT * FROM {quoted('lines.parquet')}") == ROWS


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_query_when_written_to_a_file_then_prints_nothing_and_leaves_no_part(ask: Caller, form: str) -> None:
    answer = ask.well("query", LINES, "--format", form, "--out", f"lines.{form}")
    assert (answer.out, answer.err) == ("", "")
    assert [path.name for path in Path().iterdir()] == [f"lines.{form}"]
    if form != "parquet":
        assert Path(f"lines.{form}").read_text() == ask.well("query", LINES, "--format", form).out


def test_query_when_limited_then_gives_the_first_rows(ask: Caller) -> None:
    cut = ask.well("query", LINES, "--limit", "2", "--json")
    assert len(json.loads(cut.out)) == 2
    assert "cut off after 2 rows" in cut.err
    assert len(ask.well("query", LINES, "--limit", str(len(ROWS)), "--json").json()) == len(ROWS)
    assert ask.well("query", "SELECT * FROM line WHERE false", "--json").json() == []


def test_query_when_values_are_of_every_kind_then_the_json_is_of_the_standard(ask: Caller) -> None:
    sql = (
        "SELECT DATE '2020-01-02' d, TIMESTAMP '2020-01-02 03:04:05' t, TIME '10:00' c, INTERVAL 1 DAY i, "
        "1.5::DECIMAL(4,2) n, 'x'::BLOB b, [1, 2] l, {'a': uuid()} s, MAP {1: 'a'} m, 'NaN'::DOUBLE nan, 1e400 inf, "
        "true y, NULL z, 170141183460469231731687303715884105727::HUGEINT h, 'a\u202eb' u"
    )
    answer = ask.well("query", sql, "--json")
    [row] = json.loads(answer.out, parse_constant=lambda word: pytest.fail(f"{word} is no JSON"))
    assert (row["d"], row["n"], row["b"], row["l"], row["m"]) == ("2020-01-02", 1.5, "78", [1, 2], {"1": "a"})
    assert (row["nan"], row["inf"], row["y"], row["z"]) == (None, None, True, None)
    assert ask.well("query", sql, "--format", "parquet", "--out", "kinds.parquet").status == 0
    assert len(ask.well("query", sql, "--format", "csv").out.splitlines()) == 2


@pytest.mark.parametrize("form", ["csv", "json", "table"])
def test_query_when_two_columns_have_one_name_then_no_value_is_lost(ask: Caller, form: str) -> None:
    printed = ask.well("query", "SELECT 'first' a, 'second' a, 'third' a_1", "--format", form).out
    for value in ("first", "second", "third"):
        assert printed.count(value) == 1


def test_query_when_a_join_repeats_a_column_then_parquet_has_both(ask: Caller) -> None:
    ask.well("query", "SELECT line.id, package.id FROM line JOIN package ON line.id = package.id ORDER BY 1",
             "--format", "parquet", "--out", "join.parquet")  # fmt: skip
    with open_memory() as database:
        assert database.rows("SELECT id, id_1 FROM 'join.parquet'") == [(name, name) for name, _ in ROWS]


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_query_when_it_wants_more_than_to_read_then_exits_with_2_and_changes_nothing(
    ask: Caller, released: Bank, sql: str
) -> None:
    pointer = (released.index_folder / "CURRENT").read_bytes()
    error = ask("query", sql, "--json").error()
    assert error["exit_status"] == 2
    assert error["error"] in {"sql-refused", "sql-invalid"}
    assert ask("query", sql, "--format", "csv", "--out", "out.csv").status == 2
    assert list(Path().iterdir()) == []
    assert (released.index_folder / "CURRENT").read_bytes() == pointer
    assert ask.well("query", "SELECT count(*) AS n FROM line", "--json").json() == [{"n": 3}]


def test_query_when_there_are_several_statements_then_exits_with_2(ask: Caller) -> None:
    assert ask("query", "SELECT 1; SELECT 2", "--json").error()["exit_status"] == 2


@pytest.mark.parametrize("sql", ["", " ", ";", "/* nothing */"])
def test_query_when_there_is_no_statement_then_exits_with_2(ask: Caller, sql: str) -> None:
    assert ask("query", sql, "--json").error()["exit_status"] == 2


def test_query_when_the_sql_is_no_utf8_then_exits_with_2(ask: Caller) -> None:
    assert ask("query", "SELECT '\udcff'", "--json").error()["exit_status"] == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["--format", "parquet"],
        ["--format", "xlsx"],
        ["--format", "csv", "--json"],
        ["--format", "parquet", "--json", "--out", "x.parquet"],
        ["--out", "table.txt"],
        ["--format", "csv", "--out", ""],
        ["--format", "csv", "--out", "."],
        ["--format", "csv", "--out", "x" * 5000],
        ["--limit", "0"],
    ],
    ids=lambda arguments: " ".join(arguments)[:40],
)
def test_query_when_the_options_do_not_fit_then_exits_with_2_and_writes_nothing(
    ask: Caller, arguments: list[object]
) -> None:
    answer = ask("query", LINES, *arguments)
    assert (answer.status, answer.out) == (2, "")
    assert answer.err
    assert list(Path().iterdir()) == []


def test_query_when_the_file_cannot_be_written_then_exits_with_5(ask: Caller) -> None:
    error = ask("query", LINES, "--format", "json", "--out", "no/folder/x.json", "--json").error()
    assert (error["error"], error["exit_status"]) == ("disk-error", 5)
