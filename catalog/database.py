"""The seam to DuckDB: safe settings, a small wrapper, and errors in our own words. Nobody else imports it.

duckdb is imported inside the functions, so that ``import catalog`` and commands without a database stay light.
Everything runs without extensions: core functions, icu, json and parquet are part of the wheel.

Sources: duckdb.org/docs/operations_manual/securing_duckdb; the order of the settings matters, because
``enable_external_access=false`` locks ``temp_directory`` and ``lock_configuration`` locks everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from catalog.errors import CatalogError, DefectError, IntegrityError, NotFoundError, TemporaryError, UsageError

#: A bound value of a statement: scalars, or lists of them for ``unnest``.
Parameters = Sequence[object] | Mapping[str, object]

#: ``WHERE column IN`` many texts, bound as one value: see :func:`listed`.
IN_LIST = "IN (SELECT unnest(from_json(?, '[\"VARCHAR\"]')))"

_BATCH_ROWS = 50_000
_REFUSED = ("disabled by configuration", "has been locked", "read-only")
_DAMAGED = (
    "not a valid duckdb",
    "corrupt",
    "checksum",
    "could not read enough bytes",
    "failed to deserialize",
    "magic bytes",
    "too small to be",
)
_OTHER_VERSION = ("version number", "created with an older", "created with a newer")
_FULL = ("no space left", "disk full", "disk quota", "file too large")
_LOCKED = ("could not set lock", "conflicting lock")
_PLAIN: Final = ("autoinstall_known_extensions", "autoload_known_extensions", "allow_community_extensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """How a database is opened.

    Attributes:
        threads: worker threads; 1 is fastest for many small queries (measured).
        memory: the limit of the buffer manager, as ``512MB``. Scalar functions are not bound by it.
        trusted: False for SQL of strangers: no file outside the database can be reached, nothing spills to disk, and
            the configuration is locked. It is one wall of several: it bounds neither time nor memory of a function.
        spill_folder: where large sorts of trusted databases may spill; None keeps everything in memory.
    """

    threads: int = 1
    memory: str = "512MB"
    trusted: bool = True
    spill_folder: Path | None = None


TRUSTED = DatabaseSettings()
UNTRUSTED = DatabaseSettings(memory="256MB", trusted=False)


class Database:
    """A connection that speaks in rows and raises :class:`~catalog.errors.CatalogError`.

    One connection is not for several threads at once: give each thread its own :meth:`cursor`.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, parameters: Parameters = ()) -> list[tuple[Any, ...]]:
        """Runs one statement and returns all its rows; empty for statements without a result.

        Args:
            sql: the statement; values are bound with ``?`` or ``$name``, never pasted in.
            parameters: the bound values.

        Raises:
            CatalogError: ``sql-invalid``, ``sql-refused``, ``sql-stopped``, ``sql-too-large``, ``database-*``.
        """
        import duckdb

        try:
            return list(self._connection.execute(sql, parameters).fetchall())
        except duckdb.Error as error:
            raise translated(error) from error

    def head(self, sql: str, parameters: Parameters = (), *, limit: int) -> tuple[list[str], list[tuple[Any, ...]]]:
        """The column names and the first rows of a query; the rest is never fetched.

        Args:
            sql: one statement.
            parameters: what it binds.
            limit: the most rows.

        Raises:
            UsageError: ``sql-invalid``: there is no statement, or there are several, of which only the last would be seen.
            CatalogError: as :meth:`rows`.
        """
        import duckdb

        try:
            sql.encode()
        except UnicodeEncodeError as error:
            raise UsageError("sql-invalid", "the SQL is not UTF-8", got=repr(sql[:40])) from error
        try:
            count = len(self._connection.extract_statements(sql))
            if count != 1:
                raise UsageError("sql-invalid", "this is not one statement of SQL", want="1 statement", got=str(count))
            result = self._connection.execute(sql, parameters)
            names = [str(column[0]) for column in result.description or ()]
            return names, list(result.fetchmany(limit))
        except duckdb.Error as error:
            raise translated(error) from error

    def insert(self, table: str, kinds: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
        """Appends rows to a table, in batches; much faster than one statement a row.

        The values travel as JSON: DuckDB 1.5 converts a list of Python values at 0.1 ms a value, JSON at 1 us.

        Args:
            table: its name, from our own code.
            kinds: the type of each column, as ``VARCHAR`` or ``VARCHAR[]``.
            rows: strings, numbers, truth values, None, and lists of them.

        Returns:
            The number of rows.

        Raises:
            CatalogError: as :meth:`rows`.
        """
        columns = ", ".join(f"unnest(from_json(?, {quoted(json.dumps([_structure(kind)]))}))" for kind in kinds)
        remaining = iter(rows)
        count = 0
        while batch := list(islice(remaining, _BATCH_ROWS)):
            values = [json.dumps(column) for column in zip(*batch, strict=True)]
            self.rows(f"INSERT INTO {table} SELECT {columns}", values)
            count += len(batch)
        return count

    def cursor(self) -> Database:
        """A second connection to the same database, for another thread."""
        return Database(self._connection.cursor())

    def interrupt(self) -> None:
        """Asks the running statement to stop; long scalar functions do not listen."""
        self._connection.interrupt()

    def close(self) -> None:
        """Closes the connection; a second call does nothing."""
        self._connection.close()

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_memory(settings: DatabaseSettings = TRUSTED) -> Database:
    """A new, empty database in memory.

    Raises:
        CatalogError: see :func:`translated`.
    """
    return _open(":memory:", settings, read_only=False)


def open_file(path: Path, settings: DatabaseSettings = TRUSTED, *, read_only: bool = True) -> Database:
    """A database file.

    DuckDB does not notice at open that the end of a file is missing: compare its sha256 before serving it.

    Args:
        path: the file; created when it is missing and ``read_only`` is False.
        settings: limits and trust.
        read_only: many processes may read one file, but only one may write it, and nobody reads beside it.

    Raises:
        NotFoundError: ``database-missing``.
        IntegrityError: ``database-damaged``.
        TemporaryError: ``database-locked``.
        CatalogError: see :func:`translated`.
    """
    if read_only and not path.is_file():
        raise NotFoundError("database-missing", "there is no such database", at=str(path), hint="build it again")
    if read_only and not settings.trusted:
        # Settings belong to an instance, and one process has one instance a file: locked ones would lock every other
        # reader of this process too. So strangers get an instance of their own, with the file attached.
        attach = (f"ATTACH {quoted(str(path))} AS bank (READ_ONLY)", "USE bank")
        return _open(":memory:", settings, read_only=False, first=attach)
    return _open(str(path), settings, read_only=read_only)


def _open(target: str, settings: DatabaseSettings, *, read_only: bool, first: Sequence[str] = ()) -> Database:
    import duckdb

    try:
        connection = duckdb.connect(target, read_only=read_only)
        try:
            for statement in (*first, *statements(settings)):
                connection.execute(statement)
        except BaseException:
            connection.close()
            raise
    except duckdb.Error as error:
        raise translated(error, at=target) from error
    return Database(connection)


def statements(settings: DatabaseSettings) -> list[str]:
    """The ``SET`` statements of the settings, in the order in which DuckDB accepts them."""
    spill = str(settings.spill_folder) if settings.trusted and settings.spill_folder else ""
    values = [
        f"temp_directory = {quoted(spill)}",
        f"memory_limit = {quoted(settings.memory)}",
        f"threads = {int(settings.threads)}",
        *(f"{name} = false" for name in _PLAIN),
        "allow_persistent_secrets = false",
        "python_enable_replacements = false",
    ]
    if not settings.trusted:
        values.insert(1, "max_temp_directory_size = '0KB'")
        values += ["max_expression_depth = 250", "enable_external_access = false", "lock_configuration = true"]
    return [f"SET {value}" for value in values]


def _structure(kind: str) -> object:
    """A column's type as DuckDB's ``from_json`` wants it: ``VARCHAR[]`` is ``["VARCHAR"]``."""
    return [_structure(kind.removesuffix("[]"))] if kind.endswith("[]") else kind


def listed(values: Iterable[str]) -> str:
    """Texts as the value of the placeholder in :data:`IN_LIST`; they hold no NUL."""
    return json.dumps(list(values))


def quoted(text: str) -> str:
    """A text as an SQL literal, for the few places where DuckDB binds no values (COPY targets, views)."""
    return "'" + text.replace("'", "''") + "'"


def version() -> str:
    """The version of the DuckDB library that is installed."""
    import duckdb

    return str(duckdb.__version__)


def translated(error: Exception, at: str | None = None) -> CatalogError:
    """What a failure of DuckDB means for us.

    ``sql-invalid`` (not SQL, or unknown names), ``sql-refused`` (locked away), ``sql-stopped`` (interrupted),
    ``sql-too-large`` (over the memory limit), ``database-locked``, ``database-damaged``, ``database-version``,
    ``database-error`` (anything else, also a constraint that our own rows broke).
    """
    import duckdb

    text = str(error).strip()
    message = text.splitlines()[0] if text else type(error).__name__
    low = text.lower()

    def has(words: tuple[str, ...]) -> bool:
        return any(word in low for word in words)

    if isinstance(error, duckdb.InterruptException):
        return TemporaryError("sql-stopped", message, at=at, hint="ask for less, or give it more time")
    if isinstance(error, duckdb.OutOfMemoryException):
        return TemporaryError("sql-too-large", message, at=at, hint="ask for fewer rows or columns")
    if isinstance(error, duckdb.PermissionException):
        return UsageError("sql-refused", message, at=at, hint="this database answers reading queries only")
    if isinstance(error, _statement_errors()):
        return UsageError("sql-invalid", message, at=at, hint="see the columns with 'DESCRIBE' and the SQL manual")
    if has(_FULL):
        return TemporaryError("disk-full", message, at=at, hint="free some space and run the same command again")
    if has(_OTHER_VERSION):
        return DefectError("database-version", message, at=at, hint="build the database again with this version")
    if has(_DAMAGED) or isinstance(error, duckdb.SerializationException):
        return IntegrityError("database-damaged", message, at=at, hint="build the database again")
    if has(_LOCKED):
        return TemporaryError("database-locked", message, at=at, hint="end the other process, or wait for it")
    if isinstance(error, duckdb.InvalidInputException):
        if has(_REFUSED):
            return UsageError("sql-refused", message, at=at, hint="this database answers reading queries only")
        return UsageError("sql-invalid", message, at=at, hint="see the columns with 'DESCRIBE' and the SQL manual")
    return DefectError("database-error", message, at=at, hint="report this with the command that you ran")


def _statement_errors() -> tuple[type[BaseException], ...]:
    """Errors that only the text of a statement can cause."""
    import duckdb

    return (
        duckdb.BinderException,
        duckdb.CatalogException,
        duckdb.ConversionException,
        duckdb.InvalidTypeException,
        duckdb.NotSupportedError,
        duckdb.OutOfRangeException,
        duckdb.ParserException,
        duckdb.SyntaxException,
        duckdb.TypeMismatchException,
    )
