"""Columns: the only module that touches pyarrow. It writes derived tables as Parquet files while a file is validated, and
looks into anybody's Parquet files piece by piece.

What a derived table's columns mean, their units and their order stand in ``schemas/derived``. Files are compressed with
zstd in row groups of about 122,880 rows (what DuckDB prunes by), and appear at their place only when they are whole.
"""

from __future__ import annotations

import json
import os
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.parquet

from catalog.row_order import order_of

ROW_GROUP_ROWS = 122_880
#: Positions grow by little: their differences are stored; of other whole numbers, the lowest bytes first.
_PLACES = frozenset({"pos", "start", "end"})
#: Levels of zstd. Differences of these places hardly repeat (measured: a tenth of the time for 3 % of the size).
_LEVELS = {"start": -5, "end": -5}
_MOST_UNDER_WAY = 1
_DECODED_ROWS = 1 << 16
#: Rows that come at once and are a row group by themselves.
_LEAST_GROUP_ROWS = 100_000
_ARROW = {
    "string": pyarrow.string(),
    "dictionary": pyarrow.dictionary(pyarrow.int32(), pyarrow.string()),
    "int32": pyarrow.int32(),
    "float32": pyarrow.float32(),
    "float64": pyarrow.float64(),
}


def derived_schema(name: str) -> Mapping[str, Any]:
    """The description of a derived table, such as ``variants-1`` (a Table Schema of ``schemas/derived``)."""
    described: Mapping[str, Any] = json.loads(
        files("catalog.schemas").joinpath("derived", f"{name}.json").read_text("utf-8")
    )
    return described


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts that lie one after the other, as compiled code leaves them; what is empty is null.

    Attributes:
        ends: int32, where the first begins, then where each ends.
        content: the bytes of all, in UTF-8.
    """

    ends: Any
    content: Any

    def __len__(self) -> int:
        return len(self.ends) - 1

    @staticmethod
    def of(words: Sequence[str]) -> Texts:
        """Some words."""
        encoded = [each.encode() for each in words]
        ends = numpy.cumsum([0, *map(len, encoded)], dtype=numpy.int32)
        return Texts(ends=ends, content=b"".join(encoded))

    def array(self, *, with_nulls: bool = True) -> pyarrow.Array:
        """The same for pyarrow, not copied."""
        is_there = self.ends[1:] > self.ends[:-1]
        has_nulls = with_nulls and not is_there.all()
        nulls = pyarrow.py_buffer(numpy.packbits(is_there, bitorder="little")) if has_nulls else None
        buffers = pyarrow.py_buffer(self.ends), pyarrow.py_buffer(self.content)
        return pyarrow.StringArray.from_buffers(len(self), *buffers, nulls)


class TableSink:
    """Writes one derived table, batch by batch, in bounded memory.

    Attributes:
        path: where the file will be.
        rows: how many rows were written so far.
        problem: why it cannot be written; then nothing more is, and whoever reads the data goes on.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Begins the table of a name such as ``variants-1`` beside its place; the folder must be there."""
        self.path = path
        self.rows = 0
        self.problem = ""
        described = derived_schema(name)
        self._order: Sequence[str] = described["x-order"]
        #: Rows are put in order so many at a time, where the schema asks for it, so that memory stays bounded.
        self._sorted_rows = int(described.get("x-sorted-rows", 0))
        self._schema = pyarrow.schema(_field(each) for each in described["fields"])
        self._temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        self._waiting: list[pyarrow.RecordBatch] = []
        self._waiting_rows = 0
        # Compressing goes on beside whoever reads; one batch may wait, so that memory stays bounded.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fairline-writing")
        self._under_way: deque[Future[None]] = deque()
        self._file: Any = None
        self._writer: Any = None

    def _begin(self, columns: Mapping[str, Any]) -> None:
        """Opens the file; texts whose first rows come as codes are stored by codes throughout."""
        for place, field in enumerate(self._schema):
            if isinstance(columns.get(field.name), tuple) and pyarrow.types.is_string(field.type):
                self._schema = self._schema.set(place, field.with_type(_ARROW["dictionary"]))
        words = [each.name for each in self._schema if each.type == _ARROW["dictionary"]]
        numbers = [each.name for each in self._schema if each.type == _ARROW["int32"]]
        encodings = {name: "DELTA_BINARY_PACKED" if name in _PLACES else "BYTE_STREAM_SPLIT" for name in numbers}
        with self._telling():
            # Not by pyarrow, for which a name is text in UTF-8; its many small writes would each wait for Python.
            opened = self._temporary.open("wb", buffering=0)
            self._file = pyarrow.BufferedOutputStream(pyarrow.PythonFile(opened, "w"), 1 << 20)
            self._writer = pyarrow.parquet.ParquetWriter(
                self._file,
                self._schema,
                compression="zstd",
                compression_level={each.name: _LEVELS.get(each.name, 1) for each in self._schema},
                use_dictionary=words,
                column_encoding=encodings,
                write_statistics=[*self._order, *_PLACES.intersection(numbers)],
            )

    def write(self, columns: Mapping[str, Any]) -> None:
        """Appends rows.

        Args:
            columns: for each column of equal length a list, a numpy array (masked where values are null), a :class:`Texts`, or
                a pair for texts that repeat: int32 codes (-1 for null) and the words they stand for, a list or a
                :class:`Texts`. A column that is left out is null.
        """
        if self._writer is None and not self.problem:
            self._begin(columns)
        if self.problem:
            return
        rows = max(len(each[0] if isinstance(each, tuple) else each) for each in columns.values())
        arrays = [self._array(field, columns.get(field.name), rows) for field in self._schema]
        batch = pyarrow.RecordBatch.from_arrays(arrays, schema=self._schema)
        self.rows += rows
        if not self._sorted_rows and _LEAST_GROUP_ROWS <= rows <= ROW_GROUP_ROWS:
            # Nearly a row group: it becomes one as it is, with words of its own.
            if self._waiting:
                self._flush(whole=False)
            self._submit(pyarrow.Table.from_batches([batch]))
            return
        self._waiting.append(batch)
        self._waiting_rows += rows
        if self._waiting_rows >= (self._sorted_rows or ROW_GROUP_ROWS):
            self._flush(whole=True)

    def _array(self, field: pyarrow.Field, column: Any, rows: int) -> pyarrow.Array:
        if column is None:
            return pyarrow.nulls(rows, field.type)
        if isinstance(column, tuple):
            codes, words = column
            held = (words if isinstance(words, Texts) else Texts.of(words)).array(with_nulls=False)
            return pyarrow.DictionaryArray.from_arrays(_numbers(codes, codes < 0, pyarrow.int32()), held)
        if isinstance(column, Texts):
            return column.array()
        if pyarrow.types.is_dictionary(field.type):
            return pyarrow.array(column, pyarrow.string()).dictionary_encode()
        if isinstance(column, numpy.ndarray):
            return _numbers(numpy.ma.getdata(column), numpy.ma.getmask(column), field.type)
        return pyarrow.array(column, field.type)

    def _flush(self, *, whole: bool) -> None:
        """Writes waiting rows as row groups; a last short one only at the end."""
        table = pyarrow.Table.from_batches(self._waiting, self._schema)
        self._waiting = []
        table = table.unify_dictionaries()
        unit = self._sorted_rows or ROW_GROUP_ROWS
        count = table.num_rows - table.num_rows % unit if whole else table.num_rows
        for start in range(0, count, self._sorted_rows or max(1, count)):
            self._submit(table.slice(start, min(count - start, self._sorted_rows or count)))
        self._waiting_rows = table.num_rows - count
        self._waiting = _with_own_words(table.slice(count)).to_batches()

    def _submit(self, rows: Any) -> None:
        while len(self._under_way) > (0 if self._sorted_rows else _MOST_UNDER_WAY):
            self._under_way.popleft().result()
        # In a list, so that the one who writes them can let them go.
        self._under_way.append(self._thread.submit(self._write, [rows]))

    def _write(self, held: list[Any]) -> None:
        rows = held.pop()
        if self.problem:
            return
        with self._telling():
            if not self._sorted_rows:
                self._writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
                return
            rows = rows.combine_chunks()
            order = order_of([rows.column(name).combine_chunks() for name in self._order])
            for first in range(0, len(order), ROW_GROUP_ROWS):
                some = order[first : first + ROW_GROUP_ROWS]
                chosen = _numbers(some, numpy.ma.nomask, pyarrow.int64())
                self._writer.write_table(_with_own_words(rows.take(chosen)))

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Keeps an error to the table: the file that is read is judged all the same."""
        try:
            yield
        except (OSError, pyarrow.ArrowException) as error:
            self.problem = str(getattr(error, "strerror", None) or error)

    def _appear(self) -> None:
        if self._writer is None and not self.problem:
            self._begin({})
        if not self.problem:
            self._writer.close()
            self._file.close()
            os.replace(self._temporary, self.path)

    def close(self, *, keep: bool) -> None:
        """Ends the file: it appears at its place; where it is not kept or has a problem, nothing is left of it."""
        try:
            if keep:
                if self._waiting_rows:
                    self._flush(whole=False)
                for waited in self._under_way:
                    waited.result()
                with self._telling():
                    self._appear()
        finally:
            self._thread.shutdown()
            # The writer ends its file even where that is thrown away; what fails then is of no interest.
            for each in (self._writer, self._file):
                with suppress(Exception):
                    each.close()
            if self._writer is not None:
                self._writer.is_open = False  # or it tries again when it is let go
            with suppress(OSError):
                self._temporary.unlink()


def _field(described: Mapping[str, Any]) -> pyarrow.Field:
    """A column of a schema's field; one that is required has no nulls."""
    has_nulls = not described.get("constraints", {}).get("required")
    return pyarrow.field(described["name"], _ARROW[described["x-arrow"]], has_nulls)


def _with_own_words(rows: Any) -> Any:
    """Rows without the words of other rows, where those are many: they would be carried on to the end of the file."""
    for place, field in enumerate(rows.schema):
        column = rows.column(place)
        if pyarrow.types.is_dictionary(field.type) and any(len(each.dictionary) > len(rows) for each in column.chunks):
            rows = rows.set_column(place, field, column.cast(pyarrow.string()).dictionary_encode())
    return rows


def _numbers(values: Any, is_null: Any, kind: pyarrow.DataType) -> pyarrow.Array:
    """Numbers of an array, not copied where they have the type. (``pyarrow.array`` would import pandas.)"""
    held = numpy.ascontiguousarray(values, kind.to_pandas_dtype())
    nulls = pyarrow.py_buffer(numpy.packbits(~is_null, bitorder="little")) if numpy.any(is_null) else None
    return pyarrow.Array.from_buffers(kind, len(held), [nulls, pyarrow.py_buffer(held)])


def read_table(path: Path, columns: Sequence[str] | None = None) -> Any:
    """A Parquet file as a pyarrow table, with the columns that are named or with all."""
    return pyarrow.parquet.read_table(path, columns=list(columns) if columns is not None else None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    """What a column chunk says about its values; None where it says nothing."""

    least: object
    greatest: object
    nulls: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnChunk:
    """One column of one row group.

    Attributes:
        path: names from the root to the leaf, with points.
        is_flat: whether it is a column of the table itself, neither nested nor repeated.
        codec: of the compression.
        offset: of its first page, in bytes from the start of the file.
        stored_bytes: of all its pages.
        unpacked_bytes: of all its pages when they are decompressed.
        values: how many, nulls among them.
        statistics: as stated; None when there are none.
    """

    path: str
    is_flat: bool
    codec: str
    offset: int
    stored_bytes: int
    unpacked_bytes: int
    values: int
    statistics: Statistics | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """Some of the values of a column chunk: how many, how many of them null, the least and the greatest."""

    rows: int
    nulls: int
    least: object
    greatest: object


class ParquetFile:
    """One Parquet file, opened for looking.

    Attributes:
        rows: as the footer says.
        columns: names and types of the columns of the table.
        row_groups: how many there are.
    """

    def __init__(self, descriptor: int) -> None:
        """Reads the footer.

        Args:
            descriptor: of the opened file; it stays open.

        Raises:
            OSError: the footer cannot be read.
        """
        stream = os.fdopen(os.dup(descriptor), "rb", buffering=0)
        self._file = pyarrow.parquet.ParquetFile(
            pyarrow.PythonFile(stream, mode="r"), buffer_size=1 << 20, pre_buffer=False, page_checksum_verification=True
        )
        self._metadata = self._file.metadata
        self.rows: int = self._metadata.num_rows
        self.row_groups: int = self._metadata.num_row_groups
        self.columns = [(field.name, str(field.type)) for field in self._file.schema_arrow]
        self.writer = str(self._metadata.created_by or "")

    def row_group(self, number: int) -> tuple[int, Iterator[ColumnChunk]]:
        """The rows of a row group as its metadata say, and its column chunks."""
        group = self._metadata.row_group(number)
        return group.num_rows, (self._chunk(group, column) for column in range(group.num_columns))

    def _chunk(self, group: Any, number: int) -> ColumnChunk:
        chunk = group.column(number)
        leaf = self._metadata.schema.column(number)
        first = chunk.dictionary_page_offset if chunk.has_dictionary_page else None
        offset = min((each for each in (first, chunk.data_page_offset) if each), default=0)
        stated = chunk.statistics if chunk.is_stats_set else None
        return ColumnChunk(
            path=chunk.path_in_schema,
            is_flat="." not in chunk.path_in_schema and leaf.max_repetition_level == 0,
            codec=chunk.compression,
            offset=offset,
            stored_bytes=chunk.total_compressed_size,
            unpacked_bytes=chunk.total_uncompressed_size,
            values=chunk.num_values,
            statistics=None if stated is None else _statistics(stated),
        )

    def values(self, group: int, column: int) -> Iterator[Values]:
        """Decodes one column chunk, told by its number (two may have one name), some rows at a time.

        Raises:
            OSError: a page cannot be read (so do other exceptions of pyarrow).
        """
        import pyarrow.compute

        batches = self._file.reader.iter_batches(
            _DECODED_ROWS, row_groups=[group], column_indices=[column], use_threads=False
        )
        for batch in batches:
            cells = batch.column(0) if batch.num_columns else pyarrow.nulls(batch.num_rows)
            least = greatest = None
            if isinstance(cells, pyarrow.DictionaryArray):
                cells = cells.cast(cells.type.value_type)
            if _is_ordered(cells.type):
                ends = pyarrow.compute.min_max(cells)
                least, greatest = ends["min"].as_py(), ends["max"].as_py()
            yield Values(rows=batch.num_rows, nulls=cells.null_count, least=least, greatest=greatest)


def _is_ordered(kind: Any) -> bool:
    """Whether the order of a type in Parquet is that of its values here; pyarrow cannot compare halves of floats."""
    is_number = pyarrow.types.is_integer(kind) or pyarrow.types.is_floating(kind)
    is_other = pyarrow.types.is_string(kind) or pyarrow.types.is_boolean(kind)
    return bool(is_other or (is_number and not pyarrow.types.is_float16(kind)))


def _statistics(stated: Any) -> Statistics:
    ends = (stated.min, stated.max) if stated.has_min_max else (None, None)
    return Statistics(least=ends[0], greatest=ends[1], nulls=stated.null_count if stated.has_null_count else None)
