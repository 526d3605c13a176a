"""What separates the cells of a table: told by its first line, and by its next ones where that is not clear."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import PurePath

from catalog.formats.containers import HEAD_BYTES, peek
from catalog.formats.protocol import Reading

_TSV_SUFFIXES = (".tsv", ".tab")
_PACKED = (".gz", ".bgz", ".bgzf")
#: A cell in quotes; the last one of a line may go on in the next.
_QUOTED_CELL = re.compile(r'(?:(?<=[\t,;])|\A)"[^"]*(?:""[^"]*)*(?:"(?=[\t,;]|\Z)|\Z)')
_LINES_LOOKED_AT = 20
#: Of a line: where quotes are damaged, the time grows with the square of it.
_CHARACTERS_LOOKED_AT = 10_000


def delimiter_of(header: str) -> str:
    """The separator of a table by its first line: tab, comma or semicolon; comma where there is none.

    Marks in quotes separate nothing; between tabs a quote is an ordinary character.
    """
    bare = _without_quoted(header)
    counts = {mark: bare.count(mark) for mark in ("\t", ",", ";")}
    best = max(counts, key=lambda mark: counts[mark])
    if counts[best]:
        return best
    return "\t" if "\t" in header else ","


def delimiter_of_table(reading: Reading, header: str) -> str:
    """The separator of a table by its name, its first line and the rows that follow.

    A name that ends with ``.tsv`` means tabs, unless no line has one and the rows have commas or semicolons. A semicolon is
    a part of names where commas separate the rows, or where no row has one.

    Args:
        reading: of the table, nothing of which is read here.
        header: its first line that is no comment.
    """
    name = PurePath(reading.path).name.lower()
    for suffix in _PACKED:
        name = name.removesuffix(suffix)
    is_tsv = name.endswith(_TSV_SUFFIXES)
    if is_tsv and "\t" in header:
        return "\t"
    best = delimiter_of(header)
    if best == "\t" or (best == "," and not is_tsv):
        return best
    rows = _rows_behind(reading.source.head_raw, header)
    if best == ";" and "," in _without_quoted(header) and _is_even(header, rows):
        return ","
    if (rows or (is_tsv and best == ",")) and not any(best in _without_quoted(row) for row in rows):
        return "\t" if is_tsv else ","
    return best


def _without_quoted(line: str) -> str:
    line = line[:_CHARACTERS_LOOKED_AT]
    return _QUOTED_CELL.sub("", line) if '"' in line else line


def _rows_behind(raw: bytes, header: str) -> Sequence[str]:
    """The first lines behind the header, without blank ones and without one that the head cuts."""
    head = peek(raw)
    lines = [line.removesuffix("\r") for line in head.decode("utf-8", "replace").removeprefix("\ufeff").split("\n")]
    if max(len(raw), len(head)) >= HEAD_BYTES:
        lines.pop()
    at = lines.index(header) + 1 if header in lines else len(lines)
    return [line for line in lines[at : at + _LINES_LOOKED_AT] if line]


def _is_even(header: str, rows: Sequence[str]) -> bool:
    """Whether rows between commas have as many cells as the header."""
    sizes: list[int] = []
    with suppress(csv.Error):  # the last one may go on behind these lines
        sizes.extend(map(len, csv.reader([f"{line}\n" for line in (header, *rows)], strict=True)))
    return len(sizes) > 1 and min(sizes) == max(sizes)
