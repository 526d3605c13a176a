"""The seam to DuckDB: safe settings, rows, and errors in our own words."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from catalog.database import IN_LIST, UNTRUSTED, DatabaseSettings, listed, open_file, open_memory, quoted, version
from catalog.errors import CatalogError, DefectError, IntegrityError, NotFoundError, TemporaryError, UsageError


def database_file(tmp_path: Path) -> Path:
    path = tmp_path / "index.duckdb"
    with open_file(path, read_only=False) as database:
        database.rows("CREATE TABLE line (id VARCHAR PRIMARY KEY, banked INTEGER)")
        database.rows("INSERT INTO line SELECT unnest(?), unnest(?)", [["KSCBi002-A", "KSCBi005-A"], [2014, 2017]])
    return path


def test_rows_when_values_are_bound_then_they_are_no_sql(tmp_path: Path) -> None:
    with open_file(database_file(tmp_path)) as database:
        assert database.rows("SELECT banked FROM line WHERE id = ?", ["KSCBi005-A"]) == [(2017,)]
        assert database.rows("SELECT banked FROM line WHERE id = $id", {"id": "x' OR '1' = '1"}) == []
        assert database.head("SELECT id, banked FROM line ORDER BY id", limit=1) == (
            ["id", "banked"],
            [("KSCBi002-A", 2014)],
        )
        text = quoted("it's")
        assert database.rows(f"SELECT {text}") == [("it's",)]


def test_insert_when_rows_of_all_kinds_are_given_then_they_come_back() -> None:
    rows: list[list[object]] = [
        ['it\'s "quoted" 尿 \u2028', 1 << 40, 0.1, True, ["a", "b"]],
        [None, None, None, None, None],
        ["", -1, 1e300, False, []],
    ]
    with open_memory() as database:
        database.rows("CREATE TABLE t (a VARCHAR, b BIGINT, c DOUBLE, d BOOLEAN, e VARCHAR[])")
        assert database.insert("t", ["VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "VARCHAR[]"], rows) == 3
        assert [list(row) for row in database.rows("FROM t")] == rows
        assert database.insert("t", ["VARCHAR"], []) == 0
        assert database.rows(f"SELECT count(*) FROM t WHERE a {IN_LIST}", [listed(["", "x"])]) == [(1,)]


def test_insert_when_there_are_many_rows_then_it_is_quick() -> None:
    with open_memory() as database:
        database.rows("CREATE TABLE t (a VARCHAR, b INTEGER)")
        began = time.monotonic()
        assert database.insert("t", ["VARCHAR", "INTEGER"], ((f"row {n}", n) for n in range(120_000))) == 120_000
        assert time.monotonic() - began < 10
        assert database.rows("SELECT count(DISTINCT a), sum(b) FROM t") == [(120_000, 119_999 * 60_000)]


def test_cursor_when_used_in_a_thread_then_it_sees_the_same_database(tmp_path: Path) -> None:
    found: list[object] = []
    with open_file(database_file(tmp_path)) as database:
        with database.cursor() as cursor:
            thread = threading.Thread(target=lambda: found.extend(cursor.rows("SELECT count(*) FROM line")))
            thread.start()
            thread.join()
        assert database.rows("SELECT 1") == [(1,)]
    assert found == [(2,)]


HARMFUL = [
    "SELECT * FROM read_csv('/etc/hostname')",
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM glob('/*')",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "ATTACH ':memory:' AS other; ATTACH 'other.duckdb'",
    "INSTALL fts",
    "LOAD './x.duckdb_extension'",
    "SET threads = 8",
    "SET memory_limit = '8GB'",
    "RESET enable_external_access",
    "SET enable_external_access = true",
    "CREATE TABLE main.other (a INTEGER)",
    "INSERT INTO line VALUES ('x', 1)",
    "DELETE FROM line",
    "DROP TABLE line",
    "EXPORT DATABASE 'out'",
]


@pytest.mark.parametrize("sql", HARMFUL)
def test_rows_when_the_sql_of_a_stranger_does_harm_then_it_is_refused(tmp_path: Path, sql: str) -> None:
    with open_file(database_file(tmp_path), UNTRUSTED) as database:
        with pytest.raises(UsageError) as caught:
            database.rows(sql)
        assert caught.value.code in {"sql-refused", "sql-invalid"}
        assert database.rows("SELECT count(*) FROM line") == [(2,)]


def test_rows_when_a_python_variable_is_named_then_it_is_not_found() -> None:
    secret = [("secret",)]
    with open_memory() as database, pytest.raises(UsageError) as caught:
        database.rows("SELECT * FROM secret")
    assert caught.value.code == "sql-invalid"
    assert secret


@pytest.mark.parametrize(
    "sql",
    [
        "SELEC",
        "SELECT nothing",
        "SELECT * FROM nowhere",
        "SELECT CAST('x' AS INTEGER)",
        "SELECT no_such()",
        "SELECT checksum, permission FROM line",
    ],
)
def test_rows_when_sql_is_wrong_then_invalid(tmp_path: Path, sql: str) -> None:
    with open_file(database_file(tmp_path)) as database, pytest.raises(UsageError) as caught:
        database.rows(sql)
    assert caught.value.code == "sql-invalid"


def test_rows_when_more_than_the_memory_then_too_large() -> None:
    with (
        open_memory(DatabaseSettings(memory="32MB", trusted=False)) as database,
        pytest.raises(TemporaryError) as caught,
    ):
        database.rows("SELECT count(*) FROM (SELECT DISTINCT range, md5(range::VARCHAR) FROM range(3000000))")
    assert caught.value.code == "sql-too-large"


def test_rows_when_interrupted_then_stopped() -> None:
    with open_memory() as database:
        timer = threading.Timer(0.2, database.interrupt)
        timer.start()
        with pytest.raises(TemporaryError) as caught:
            database.rows("SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range % 7 = b.range % 5")
        timer.join()
    assert caught.value.code == "sql-stopped"


def test_rows_when_our_own_rows_break_a_constraint_then_defect(tmp_path: Path) -> None:
    with open_file(database_file(tmp_path), read_only=False) as database, pytest.raises(DefectError) as caught:
        database.rows("INSERT INTO line VALUES ('KSCBi002-A', 1)")
    assert caught.value.code == "database-error"


def test_open_when_there_is_no_file_then_not_found_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        open_file(tmp_path / "none.duckdb")
    assert caught.value.code == "database-missing"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"not a database" * 1000, b"", None], ids=["text", "empty", "cut off"])
def test_open_when_the_file_is_damaged_then_integrity(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "bad.duckdb"
    path.write_bytes(database_file(tmp_path).read_bytes()[:5000] if content is None else content)
    with pytest.raises(IntegrityError) as caught:
        open_file(path)
    assert caught.value.code == "database-damaged"


def test_open_when_another_process_writes_then_locked(tmp_path: Path) -> None:
    path = database_file(tmp_path)
    program = "import sys; from pathlib import Path; from catalog.database import open_file\ntry: open_file(Path(sys.argv[1]))\nexcept Exception as error: print(error.code)"
    with open_file(path, read_only=False):
        result = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "database-locked"


def test_settings_when_trusted_then_files_can_be_read_and_nothing_is_installed(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")
    settings = DatabaseSettings(threads=2, memory="100MB", spill_folder=tmp_path)
    with open_memory(settings) as database:
        assert database.rows(f"SELECT a FROM read_csv({quoted(str(file))})") == [(1,)]
        shown = dict(database.rows("SELECT name, value FROM duckdb_settings()"))
        with pytest.raises(CatalogError):
            database.rows("LOAD httpfs")
    assert shown["threads"] == "2"
    assert shown["autoload_known_extensions"] == shown["autoinstall_known_extensions"] == "false"
    assert shown["allow_community_extensions"] == shown["allow_persistent_secrets"] == "false"
    assert shown["temp_directory"] == str(tmp_path)


def test_import_when_only_the_seam_is_imported_then_duckdb_is_not() -> None:
    program = (
        "import sys, catalog.database, catalog.vocabulary, catalog.ontology.update; print('duckdb' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "False"
    assert version().split(".")[0] in {"1", "2"}
