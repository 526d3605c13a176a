"""Rows of the derived table ``variants-1`` (``schemas/derived``): one a record and sample, in the file's order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from catalog.formats.vcf.samples import Plan

if TYPE_CHECKING:
    from catalog.columns import TableSink

#: Rows that are handed over at once: one row group.
ROWS_AT_ONCE = 122_880
_HIGHEST = 2**31 - 1
_GREATEST_QUALITY = 3.4028234663852886e38
_FIRST_SAMPLE = 9
_REPEATED = ("chrom", "ref", "alt", "filter")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record as the table has it; None for what is missing.

    Attributes:
        texts: ID, CHROM, REF, ALT and FILTER.
        pos: POS.
        qual: QUAL.
        genotypes: GT of each sample.
        depths: DP of each sample.
        qualities: GQ of each sample.
    """

    texts: tuple[str | None, ...]
    pos: int
    qual: float | None
    genotypes: Sequence[str | None]
    depths: Sequence[int | None]
    qualities: Sequence[int | None]


class Rows(Protocol):
    """Somebody who puts records into the table."""

    def add(self, columns: Sequence[bytes], plan: Plan | None) -> None:
        """Adds a record.

        Args:
            columns: eight at least, none of them empty.
            plan: what is known about FORMAT; None without samples.
        """

    def flush(self) -> None:
        """Hands over the rows that wait."""


def row_of(columns: Sequence[bytes], plan: Plan | None, samples: int) -> Row | None:
    """A record as a row; None for one without a place that a genome has.

    Args:
        columns: eight at least, none of them empty.
        plan: what is known about FORMAT; None without samples.
        samples: how many the header names.
    """
    if not columns[1].isdigit() or len(columns[1]) > 10 or int(columns[1]) > _HIGHEST:
        return None
    fields = [each.split(b":") for each in columns[_FIRST_SAMPLE : _FIRST_SAMPLE + samples]] if plan else []
    fields += [[]] * (samples - len(fields))
    depth, quality = (plan.index_of(b"DP"), plan.index_of(b"GQ")) if plan else (-1, -1)
    return Row(
        texts=tuple(map(_text, (columns[2], columns[0], columns[3], columns[4], columns[6]))),
        pos=int(columns[1]),
        qual=_quality(columns[5]),
        genotypes=[_text(each[0]) if each else None for each in fields]
        if plan and plan.has_genotype
        else [None] * samples,
        depths=[_number(each, depth) for each in fields],
        qualities=[_number(each, quality) for each in fields],
    )


def _text(value: bytes) -> str | None:
    return None if value == b"." else value.decode("utf-8", "replace")


def _quality(value: bytes) -> float | None:
    """QUAL as far as 32 bits can hold it; None for what is no number."""
    try:
        number = float(value)
    except ValueError:
        return None
    if number != number:
        return None
    return number if abs(number) <= _GREATEST_QUALITY else float("inf")


def _number(fields: Sequence[bytes], index: int) -> int | None:
    if not 0 <= index < len(fields) or len(fields[index]) > 11:
        return None
    try:
        number = int(fields[index])
    except ValueError:
        return None
    return number if 0 <= number <= _HIGHEST else None


def coded(values: Iterable[str | None], times: int = 1) -> Any:
    """Texts as codes and the words they stand for, each so many times."""
    import numpy

    known: dict[str, int] = {}
    codes = [-1 if each is None else known.setdefault(each, len(known)) for each in values]
    return numpy.repeat(numpy.array(codes, numpy.int32), times), list(known)


class PlainRows:
    """Gathers rows of the plain path.

    Attributes:
        sink: the table.
    """

    def __init__(self, sink: TableSink, samples: Sequence[bytes]) -> None:
        """Nothing is gathered yet.

        Args:
            sink: the table.
            samples: their names in the header.
        """
        self.sink = sink
        self._samples = [each.decode("utf-8", "replace") for each in samples]
        self._waiting: list[Row] = []
        self._most = max(1, ROWS_AT_ONCE // max(1, len(samples)))

    def add(self, columns: Sequence[bytes], plan: Plan | None) -> None:
        """See :class:`Rows`."""
        row = row_of(columns, plan, len(self._samples))
        if row is not None:
            self.take(row)

    def take(self, row: Row) -> None:
        """Adds a record."""
        self._waiting.append(row)
        if len(self._waiting) >= self._most:
            self.flush()

    def flush(self) -> None:
        """Hands over the rows that wait."""
        rows, self._waiting = self._waiting, []
        if not rows:
            return
        import numpy

        number = max(1, len(self._samples))
        identifiers = [each.texts[0] for each in rows]
        columns: dict[str, Any] = {
            "pos": numpy.repeat(numpy.array([each.pos for each in rows], numpy.int32), number),
            "id": coded(identifiers, number) if number > 1 else identifiers,
            "qual": [each.qual for each in rows for _ in range(number)],
        }
        for place, name in enumerate(_REPEATED, 1):
            columns[name] = coded((each.texts[place] for each in rows), number)
        if self._samples:
            columns |= {
                "sample": (numpy.tile(numpy.arange(number, dtype=numpy.int32), len(rows)), self._samples),
                "gt": coded(chain.from_iterable(each.genotypes for each in rows)),
                "dp": list(chain.from_iterable(each.depths for each in rows)),
                "gq": list(chain.from_iterable(each.qualities for each in rows)),
            }
        self.sink.write(columns)
