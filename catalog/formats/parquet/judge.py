"""Judging one Parquet file; runs in the process of :mod:`catalog.formats.isolated`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from catalog.columns import ColumnChunk, ParquetFile, Values
from catalog.findings import Place
from catalog.formats.isolated import JudgedFile
from catalog.formats.parquet.rules import (
    BOMB,
    ENCRYPTED,
    FOOTER,
    MAGIC,
    OFFSET,
    PAGE,
    ROWS,
    STATISTICS,
    UNREADABLE,
)

_MAGIC, _ENCRYPTED_MAGIC = b"PAR1", b"PARE"
_LEAST_BYTES = 12
_LISTED_COLUMNS = 100
_HIGHEST_RATIO, _RATIO_COUNTS_FROM_BYTES = 200, 64 << 20
_SHOWN_PROBLEM = 200


def judge(file: JudgedFile) -> dict[str, object]:
    """The facts of a file (see :class:`catalog.formats.parquet`); findings are in ``file``."""
    footer = _footer_offset(file)
    if footer is None:
        return {}
    try:
        parquet = ParquetFile(file.descriptor)
    except Exception as error:  # pyarrow raises many kinds
        file.find(UNREADABLE.at(Place(offset=footer), problem=_problem(error)))
        return {}
    codecs = _judge_groups(file, parquet, footer)
    return {
        "rows": parquet.rows,
        "row_groups": parquet.row_groups,
        "column_count": len(parquet.columns),
        "columns": [{"name": name, "type": kind} for name, kind in parquet.columns[:_LISTED_COLUMNS]],
        "codecs": sorted(codecs),
        "written_by": parquet.writer[:_LISTED_COLUMNS],
    }


def _footer_offset(file: JudgedFile) -> int | None:
    """Where the metadata begin; None when they cannot be read."""
    size = file.size_bytes
    start = os.pread(file.descriptor, 4, 0)
    end = os.pread(file.descriptor, 8, max(0, size - 8))
    if start == _ENCRYPTED_MAGIC == end[4:]:
        file.find(ENCRYPTED.at(Place(offset=0), expected="PAR1", got="PARE"))
        return None
    if size < _LEAST_BYTES or start != _MAGIC or end[4:] != _MAGIC:
        place = Place(offset=0 if start != _MAGIC else max(0, size - 4))
        file.find(MAGIC.at(place, expected="PAR1", got=start if start != _MAGIC else end[4:]))
        return None
    length = int.from_bytes(end[:4], "little")
    if length + _LEAST_BYTES > size:
        expected = f"at most {size - _LEAST_BYTES} bytes"
        file.find(FOOTER.at(Place(offset=size - 8), expected=expected, got=f"{length} bytes"))
        return None
    return size - 8 - length


def _judge_groups(file: JudgedFile, parquet: ParquetFile, footer: int) -> set[str]:
    """Every row group and column chunk; the codecs."""
    total = 0
    codecs: set[str] = set()
    taken: list[tuple[int, int]] = []
    for number in range(parquet.row_groups):
        file.alive()
        try:
            rows, chunks = parquet.row_group(number)
            for column, chunk in enumerate(chunks):
                codecs.add(chunk.codec)
                place = Place(record=number + 1, column=chunk.path, offset=max(0, chunk.offset))
                if _is_inside(file, chunk, place, footer):
                    taken.append((chunk.offset, chunk.offset + chunk.stored_bytes))
                    values = parquet.values(number, column)
                    _judge_chunk(file, values, rows, (chunk, place))
        except Exception as error:  # the metadata of the group itself
            file.find(UNREADABLE.at(Place(record=number + 1, offset=footer), problem=_problem(error)))
            continue
        total += rows
    if total != parquet.rows:
        file.find(ROWS.at(expected=f"{parquet.rows} rows in the footer", got=f"{total} in the row groups"))
    _judge_overlaps(file, taken)
    return codecs


def _is_inside(file: JudgedFile, chunk: ColumnChunk, place: Place, footer: int) -> bool:
    if not chunk.stored_bytes and not chunk.values:
        return False
    end = chunk.offset + chunk.stored_bytes
    if chunk.offset < len(_MAGIC) or chunk.stored_bytes < 0 or end > footer:
        file.find(OFFSET.at(place, expected=f"bytes 4 to {footer}", got=f"bytes {chunk.offset} to {end}"))
        return False
    if chunk.unpacked_bytes > max(_RATIO_COUNTS_FROM_BYTES, _HIGHEST_RATIO * chunk.stored_bytes):
        file.find(BOMB.at(place, got=f"{chunk.unpacked_bytes} bytes", ratio=_HIGHEST_RATIO))
        return False
    return True


def _judge_overlaps(file: JudgedFile, taken: list[tuple[int, int]]) -> None:
    last = 0
    for start, end in sorted(taken):
        if start < last and end > start:
            file.find(OFFSET.at(Place(offset=start), expected=f"from byte {last} on", got=f"byte {start}"))
            return
        last = max(last, end)


def _judge_chunk(file: JudgedFile, values: Iterator[Values], rows: int, said: tuple[ColumnChunk, Place]) -> None:
    """Decodes a column chunk once, and compares it with what is said about it."""
    chunk, place = said
    found: list[Values] = []
    try:
        for part in _watched(file, values):
            found = [_joined(found[0], part)] if found else [part]
    except Exception as error:  # pyarrow raises many kinds
        file.find(PAGE.at(place, problem=_problem(error)))
        return
    decoded = found[0].rows if found else 0
    if decoded != rows or (chunk.is_flat and chunk.values != rows):
        got = f"{decoded} decoded, {chunk.values} stated for the column"
        file.find(ROWS.at(place, expected=f"{rows} rows in the row group", got=got))
    elif found and chunk.is_flat and chunk.statistics is not None:
        _judge_statistics(file, chunk, found[0], place)


def _watched(file: JudgedFile, parts: Iterator[Values]) -> Iterator[Values]:
    for part in parts:
        file.alive()
        yield part


def _joined(one: Values, other: Values) -> Values:
    least = [each for each in (one.least, other.least) if each is not None]
    greatest = [each for each in (one.greatest, other.greatest) if each is not None]
    return Values(
        rows=one.rows + other.rows,
        nulls=one.nulls + other.nulls,
        least=min(least, default=None),  # type: ignore[type-var]  # values of one column compare
        greatest=max(greatest, default=None),  # type: ignore[type-var]
    )


def _judge_statistics(file: JudgedFile, chunk: ColumnChunk, found: Values, place: Place) -> None:
    stated = chunk.statistics
    assert stated is not None
    if stated.nulls is not None and stated.nulls != found.nulls:
        file.find(STATISTICS.at(place, expected=f"{found.nulls} nulls", got=f"{stated.nulls} stated"))
    elif _is_beyond(stated.least, found.least) or _is_beyond(found.greatest, stated.greatest):
        got = f"{stated.least} to {stated.greatest} stated"
        file.find(STATISTICS.at(place, expected=f"{found.least} to {found.greatest}", got=got))


def _is_beyond(one: object, other: object) -> bool:
    """Whether one value is greater than another; false where either is missing or they do not compare."""
    if one is None or other is None or type(one) is not type(other):
        return False
    return bool(one > other)  # type: ignore[operator]  # numbers, strings or booleans


def _problem(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".split("\n")[0][:_SHOWN_PROBLEM]
