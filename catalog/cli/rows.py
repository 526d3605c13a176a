"""Rows of a query as table, CSV, JSON or Parquet."""

from __future__ import annotations

import decimal
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from catalog import durable
from catalog.cli.output import print_json, table
from catalog.database import open_memory, quoted
from catalog.errors import UsageError
from catalog.loading.rows import write_rows


def print_rows(names: Sequence[str], rows: Sequence[Sequence[Any]], form: str, out: Path | None) -> None:
    """Prints rows, or writes them to a file in one step.

    Args:
        names: the columns.
        rows: the rows.
        form: table, csv, json or parquet.
        out: a file; stdout for None.

    Raises:
        UsageError: Parquet without a file.
    """
    names = _distinct(names)
    if form == "parquet":
        if out is None:
            raise UsageError("query-out", "Parquet is written to a file", want="--out FILE.parquet")
        _write_parquet(names, rows, out)
    elif form == "csv":
        content = write_rows(names, [dict(zip(names, row, strict=True)) for row in rows])
        _write(content, out)
    elif form == "json":
        members = [dict(zip(names, map(_plain, row), strict=True)) for row in rows]
        if out is None:
            print_json(members)
        else:
            import json

            _write((json.dumps(members, ensure_ascii=False, indent=2) + "\n").encode(), out)
    else:
        table([[_plain(cell) for cell in row] for row in rows], names)


def _write(content: bytes, out: Path | None) -> None:
    if out is None:
        click.echo(content.decode(), nl=False)
        return
    with durable.disk_errors(out):
        durable.write_out(out, content)


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that are there once only, as DuckDB makes them: a join has ``id`` and ``id_1``."""
    found: list[str] = []
    for name in names:
        each, number = name, 0
        while each in found:
            number += 1
            each = f"{name}_{number}"
        found.append(each)
    return found


def _plain(cell: Any) -> Any:
    """A value that JSON has; what is no number (RFC 8259, 6) is null."""
    if cell is None or isinstance(cell, bool | int | str):
        return cell
    if isinstance(cell, float | decimal.Decimal):
        return float(cell) if math.isfinite(cell) else None
    if isinstance(cell, bytes):
        return cell.hex()
    if isinstance(cell, Mapping):
        return {str(_plain(name)): _plain(inner) for name, inner in cell.items()}
    if isinstance(cell, list | tuple):
        return [_plain(inner) for inner in cell]
    return str(cell)


def _write_parquet(names: Sequence[str], rows: Sequence[Sequence[Any]], out: Path) -> None:
    part = out.with_name(f".{out.name}.part")
    columns = list(zip(*rows, strict=True)) if rows else [() for _ in names]
    listed = ", ".join(f'unnest(?) AS "{name.replace(chr(34), chr(34) * 2)}"' for name in names)
    with durable.disk_errors(out), open_memory() as database:
        durable.remove_file(part)
        database.rows(f"CREATE TABLE result AS SELECT {listed}", [list(column) for column in columns])
        database.rows(f"COPY result TO {quoted(str(part))} (FORMAT parquet, COMPRESSION zstd)")
        if out.exists() and not out.is_file():
            durable.write_out(out, part.read_bytes())
            durable.remove_file(part)
            return
        durable.sync_file(part)
        durable.replace_name(part, out)
