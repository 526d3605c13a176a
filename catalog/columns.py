"""Columns: the only module that touches pyarrow. Derived tables as Parquet files, written while a file is validated.

What a derived table's columns mean, their units and their order stand in ``schemas/derived``. Files are compressed with
zstd in row groups of about 122,880 rows (what DuckDB prunes by), and appear at their place only when they are whole.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

ROW_GROUP_ROWS = 122_880
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


class TableSink:
    """Writes one derived table, batch by batch, in bounded memory.

    Attributes:
        path: where the file will be.
        rows: how many rows were written so far.
    """

    def __init__(self, path: Path, name: str) -> None:
        """Begins a file beside its place; the folder must be there.

        Args:
            path: where the file will be.
            name: the table, such as ``variants-1``.
        """
        self.path = path
        self.rows = 0
        fields = derived_schema(name)["fields"]
        self._schema = pyarrow.schema([pyarrow.field(each["name"], _ARROW[each["x-arrow"]]) for each in fields])
        self._temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        self._waiting: list[pyarrow.RecordBatch] = []
        self._waiting_rows = 0
        self._writer = pyarrow.parquet.ParquetWriter(self._temporary, self._schema, compression="zstd")

    def write(self, columns: Mapping[str, Any]) -> None:
        """Appends rows.

        Args:
            columns: for each column of equal length a list, a numpy array, or a pair (codes, words) of a dictionary
                column: int32 codes (-1 for null) and the words they stand for. A column that is left out is null.
        """
        rows = max(len(each[0] if isinstance(each, tuple) else each) for each in columns.values())
        arrays = [self._array(field, columns.get(field.name), rows) for field in self._schema]
        self._waiting.append(pyarrow.RecordBatch.from_arrays(arrays, schema=self._schema))
        self._waiting_rows += rows
        self.rows += rows
        if self._waiting_rows >= ROW_GROUP_ROWS:
            self._flush(whole=True)

    def _array(self, field: pyarrow.Field, column: Any, rows: int) -> pyarrow.Array:
        if column is None:
            return pyarrow.nulls(rows, field.type)
        if isinstance(column, tuple):
            codes, words = column
            mask = codes < 0
            indices = pyarrow.array(codes, pyarrow.int32(), mask=mask if mask.any() else None)
            return pyarrow.DictionaryArray.from_arrays(indices, pyarrow.array(words, pyarrow.string()))
        if pyarrow.types.is_dictionary(field.type):
            return pyarrow.array(column, pyarrow.string()).dictionary_encode()
        return pyarrow.array(column, field.type)

    def _flush(self, *, whole: bool) -> None:
        """Writes waiting rows as row groups; a last short one only at the end."""
        table = pyarrow.Table.from_batches(self._waiting, self._schema).unify_dictionaries()
        count = table.num_rows - table.num_rows % ROW_GROUP_ROWS if whole else table.num_rows
        if count:
            self._writer.write_table(table.slice(0, count), row_group_size=ROW_GROUP_ROWS)
        self._waiting = table.slice(count).to_batches()
        self._waiting_rows = table.num_rows - count

    def close(self, *, keep: bool) -> None:
        """Ends the file.

        Args:
            keep: whether it shall appear at its place; else nothing is left of it.
        """
        if keep and self._waiting_rows:
            self._flush(whole=False)
        self._writer.close()
        if keep:
            os.replace(self._temporary, self.path)
        else:
            self._temporary.unlink(missing_ok=True)


def read_table(path: Path, columns: Sequence[str] | None = None) -> Any:
    """A Parquet file as a pyarrow table.

    Args:
        path: where it lies.
        columns: which ones; all when None.
    """
    return pyarrow.parquet.read_table(path, columns=list(columns) if columns is not None else None)
