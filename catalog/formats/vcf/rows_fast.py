"""Rows of the derived table in the columns that compiled code fills; rows of the plain path go between them.

Imported only for a large file.
"""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy

from catalog.columns import Texts
from catalog.formats.vcf.rows import ROWS_AT_ONCE, PlainRows, Row, coded, row_of
from catalog.formats.vcf.samples import Plan
from catalog.kernels import vcf_state as at
from catalog.kernels.vcf_rows import put_site

if TYPE_CHECKING:
    from catalog.columns import TableSink

_MOST_WORDS = at.WORDS_SLOTS_NUMBER // 2
_WORDS_BYTES = 1 << 20
_ID_BYTES = 24
_LEAST_IDS_BYTES = 1 << 16
_COLUMNS = {"chrom": at.ROW_CHROM, "ref": at.ROW_REF, "alt": at.ROW_ALT, "filter": at.ROW_FILTER}
_PER_SAMPLE = {"gt": at.GENOTYPES, "dp": at.DEPTHS, "gq": at.QUALITIES}
_INT, _LONG = numpy.int32, numpy.int64


def _genotypes() -> list[str]:
    """What the codes of genotypes stand for; some for nothing."""
    alleles, signs = [".", "", *"0123456789"], ("", "/", "|")
    return [
        f"{one}{sign}{other if sign else ''}" for one in alleles for sign in signs for other in alleles
    ]  # fmt: skip


_GENOTYPES = _genotypes()
#: The first code of each; where no sign stands the other allele counts as the first of all.
_GENOTYPE_CODES = {text: code for code, text in reversed(list(enumerate(_GENOTYPES)))}


class _Words:
    """The words of one column, known by compiled code."""

    def __init__(self) -> None:
        self.state = numpy.zeros(at.WORDS_SIZE, _LONG)
        self._slots = numpy.zeros(at.WORDS_SLOTS_NUMBER, _INT)
        self._heads = numpy.empty(_MOST_WORDS + 1, _LONG)
        self._ends = numpy.empty(_MOST_WORDS + 2, _INT)
        self._ends[0] = 0
        self._text = numpy.empty(_WORDS_BYTES + at.ROWS_PADDING, numpy.uint8)
        for place, held in (
            (at.WORDS_SLOTS, self._slots),
            (at.WORDS_HEADS, self._heads),
            (at.WORDS_ENDS, self._ends),
            (at.WORDS_TEXT, self._text),
        ):
            self.state[place] = held.ctypes.data
        self.state[at.WORDS_ROOM], self.state[at.WORDS_TEXT_ROOM] = _MOST_WORDS, _WORDS_BYTES

    def take(self) -> list[str]:
        """All words, which are forgotten."""
        number = int(self.state[at.WORDS_NUMBER])
        ends = self._ends[: number + 1].tolist()
        text = self._text[: ends[-1]].tobytes()
        self._slots.fill(0)
        self.state[at.WORDS_NUMBER] = 0
        return _split(text, ends)


class FastRows:
    """Gathers rows in arrays that compiled code writes to."""

    def __init__(self, sink: TableSink, samples: Sequence[bytes], state: array[int]) -> None:
        """Nothing is gathered yet.

        Args:
            sink: the table.
            samples: their names in the header.
            state: that of the compiled path; rows and samples go where it says from now on.
        """
        self._sink = sink
        self._names = [each.decode("utf-8", "replace") for each in samples]
        self._state = state
        self._odd = PlainRows(sink, samples)
        self._width = max(1, len(samples))
        self._room = max(1, ROWS_AT_ONCE // self._width)
        self._more: dict[str, int] = {}
        self._rows = rows = numpy.zeros(at.ROWS_SIZE, _LONG)
        room = self._room + 2
        ids = max(_LEAST_IDS_BYTES, _ID_BYTES * self._room)
        self._pos, self._qual = numpy.empty(room, _INT), numpy.empty(room)
        self._ends, self._ids = numpy.empty(room, _INT), numpy.empty(ids + at.ROWS_PADDING, numpy.uint8)
        self._ends[0] = 0
        self._codes = {name: numpy.empty(room, _INT) for name in _COLUMNS}
        self._words = {name: _Words() for name in _COLUMNS}
        # Samples of a record are written before anybody looks whether there is room for one more.
        self._cells = {name: numpy.empty(room * len(samples) + 8, _INT) for name in _PER_SAMPLE}
        rows[at.ROWS_ROOM], rows[at.ROWS_IDS_ROOM] = self._room, ids
        rows[at.ROWS_POS], rows[at.ROWS_QUAL] = self._pos.ctypes.data, self._qual.ctypes.data
        rows[at.ROWS_ID_ENDS], rows[at.ROWS_IDS] = self._ends.ctypes.data, self._ids.ctypes.data
        for name, place in _COLUMNS.items():
            rows[place + at.ROW_CODES] = self._codes[name].ctypes.data
            rows[place + at.ROW_WORDS] = self._words[name].state.ctypes.data
        state[at.ROWS] = rows.ctypes.data
        self._go_to(0)

    def _go_to(self, number: int) -> None:
        """The samples of the next record belong behind those of so many."""
        for name, place in _PER_SAMPLE.items():
            self._state[place] = self._cells[name].ctypes.data + 4 * number * len(self._names)

    def make_room(self) -> bool:
        """Hands the rows over when there was no room for the next; whether that was so."""
        if not self._rows[at.ROWS_ARE_FULL]:
            return False
        is_worth = self._rows[at.ROWS_NUMBER] > 0
        self.flush()
        return bool(is_worth)

    def add(self, columns: Sequence[bytes], plan: Plan | None) -> None:
        """See :class:`catalog.formats.vcf.rows.Rows`."""
        row = row_of(columns, plan, len(self._names))
        if row is not None and not self._put(row) and not (self.make_room() and self._put(row)):
            # A text is longer than all the room for texts.
            self.flush()
            self._odd.take(row)
            self._odd.flush()

    def _put(self, row: Row) -> bool:
        rows, number = self._rows, int(self._rows[at.ROWS_NUMBER])
        texts = [(each or ".").encode() for each in row.texts]
        held = numpy.frombuffer(b"".join(texts) + bytes(at.ROWS_PADDING), numpy.uint8)
        address = int(held.ctypes.data) + len(texts[0])
        for place, text in zip(_COLUMNS.values(), texts[1:], strict=True):
            rows[place + at.ROW_AT], rows[place + at.ROW_TEXT_SIZE] = address, len(text)
            address += len(text)
        if not put_site(int(rows.ctypes.data), row.pos, int(held.ctypes.data), len(texts[0])):
            return False
        self._qual[number] = numpy.nan if row.qual is None else row.qual
        samples = slice(number * len(self._names), (number + 1) * len(self._names))
        self._cells["gt"][samples] = [-1 if each is None else self._genotype(each) for each in row.genotypes]
        self._cells["dp"][samples] = [-1 if each is None else each for each in row.depths]
        self._cells["gq"][samples] = [-1 if each is None else each for each in row.qualities]
        rows[at.ROWS_NUMBER] = number + 1
        self._go_to(number + 1)
        return True

    def _genotype(self, text: str) -> int:
        code = _GENOTYPE_CODES.get(text)
        return self._more.setdefault(text, len(_GENOTYPES) + len(self._more)) if code is None else code

    def flush(self) -> None:
        """Hands over the rows that wait."""
        number, width = int(self._rows[at.ROWS_NUMBER]), self._width
        self._rows[at.ROWS_ARE_FULL] = 0
        ends, words = self._ends[: number + 1].copy(), {name: each.take() for name, each in self._words.items()}
        if not number:
            return
        ids: Any = Texts(ends=ends, content=self._ids[: ends[-1]].copy())
        if width > 1:
            ids = coded((each or None for each in _split(ids.content.tobytes(), ends.tolist())), width)
        quality = numpy.repeat(self._qual[:number], width).astype(numpy.float32)
        columns: dict[str, Any] = {
            "pos": numpy.repeat(self._pos[:number], width),
            "id": ids,
            "qual": _masked(quality, numpy.isnan(quality)),
        }
        for name, known in words.items():
            columns[name] = numpy.repeat(self._codes[name][:number], width), known
        if self._names:
            cells = {name: each[: number * width].copy() for name, each in self._cells.items()}
            columns["sample"] = numpy.tile(numpy.arange(width, dtype=_INT), number), self._names
            columns["gt"] = self._coded(cells["gt"])
            columns |= {name: _masked(cells[name], cells[name] < 0) for name in ("dp", "gq")}
        self._more = {}
        self._rows[at.ROWS_NUMBER] = 0
        self._go_to(0)
        self._sink.write(columns)

    def _coded(self, codes: Any) -> Any:
        """Genotypes with only those words that are there."""
        known = [*_GENOTYPES, *self._more]
        is_used = numpy.zeros(len(known) + 1, bool)
        is_used[codes] = True
        is_used[-1] = False
        used = numpy.flatnonzero(is_used)
        ours = numpy.full(len(known) + 1, -1, _INT)
        ours[used] = numpy.arange(len(used), dtype=_INT)
        return ours[codes], [known[each] for each in used]


def _masked(values: Any, is_missing: Any) -> Any:
    """An array for the table; values that are missing are null."""
    return numpy.ma.masked_array(values, is_missing) if is_missing.any() else values


def _split(text: bytes, ends: Sequence[int]) -> list[str]:
    """Texts that lie one after the other: where the first begins, then where each ends."""
    return [text[begin:end].decode("utf-8", "replace") for begin, end in itertools.pairwise(ends)]
