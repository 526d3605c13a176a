"""What is counted of a FASTQ file: reads by length, letters by class, qualities by cycle, all in one table."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from catalog.formats.protocol import Facts, as_facts
from catalog.kernels.fastq_layout import (
    AT,
    BAD_QUALITY,
    BASES,
    CYCLES,
    EXACT_LENGTHS,
    FIRST_QUALITY,
    GC,
    LENGTH_CLASSES,
    LENGTHS,
    LETTER_SLOTS,
    LETTERS,
    LONGEST,
    OTHER,
    QUALITIES,
    RECORDS,
    ROW,
    SHORTEST,
    SIZE,
    N,
)

_PENDING_BYTES = 64 << 10
_POINTS = 60
_GOOD_QUALITY = 30
#: The lowest characters of Solexa's qualities and of Illumina's from 1.3 to 1.7; their highest, and one that today's
#: instruments do not reach.
_SOLEXA_LOWEST, _OLD_LOWEST, _OLD_HIGHEST, _TODAYS_HIGHEST = 59, 64, 105, 83
PHRED_33, PHRED_64, SOLEXA_64 = "Phred+33", "Phred+64", "Solexa+64"


def length_class(length: int) -> int:
    """The class of a read's length: exact below 2,048, else by its first eleven bits."""
    shift = max(0, length.bit_length() - EXACT_LENGTHS.bit_length())
    return EXACT_LENGTHS * shift + (length >> shift)


def _shortest_of(length_class: int) -> int:
    shift = max(0, length_class // EXACT_LENGTHS - 1)
    return length_class - EXACT_LENGTHS * shift << shift


class Counts:
    """Everything that is counted.

    Attributes:
        table: the counts, laid out as in :mod:`catalog.kernels.fastq_layout`; the compiled path adds to it directly.
    """

    def __init__(self) -> None:
        self.table = array("q", bytes(8 * SIZE))
        self.table[SHORTEST] = -1
        self._sequences: list[bytes] = []
        self._qualities: list[bytes] = []
        self._pending_bytes = 0

    @property
    def records(self) -> int:
        """Reads so far."""
        return self.table[RECORDS]

    def add_read(self, bases: int) -> None:
        """Counts a read by its length."""
        table = self.table
        table[RECORDS] += 1
        table[BASES] += bases
        table[SHORTEST] = bases if table[SHORTEST] < 0 else min(table[SHORTEST], bases)
        table[LONGEST] = max(table[LONGEST], bases)
        table[LENGTHS + (bases if bases < 2 * EXACT_LENGTHS else length_class(bases))] += 1

    def add_sequence(self, line: bytes) -> None:
        """Counts the letters of a line."""
        self._sequences.append(line)
        self._pend(line)

    def add_quality(self, cycle: int, line: bytes) -> None:
        """Counts the qualities of a line, all of them ``!`` to ``~``.

        Args:
            cycle: of the first one, from 0.
            line: the qualities.
        """
        if cycle == 0 and len(line) <= CYCLES:
            self._qualities.append(line)
            self._pend(line)
            return
        head = line[: max(0, CYCLES - cycle)]
        for place, quality in enumerate(head, cycle):
            self.table[_row(quality) + place] += 1
        tail = line[len(head) :]
        for quality in set(tail):
            self.table[_row(quality) + CYCLES] += tail.count(quality)

    def _pend(self, line: bytes) -> None:
        self._pending_bytes += len(line) + 1
        if self._pending_bytes > _PENDING_BYTES:
            self._flush()

    def _flush(self) -> None:
        """Counts what waits: all first cycles together, then all second ones, which is quick for many reads."""
        letters = b"".join(self._sequences)
        counted = 0
        for group, members in ((GC, b"GCgc"), (AT, b"ATUatu"), (N, b"Nn")):
            count = sum(letters.count(each) for each in members)
            self.table[LETTERS + LETTER_SLOTS * group] += count
            counted += count
        self.table[LETTERS + LETTER_SLOTS * OTHER] += len(letters) - counted
        cycles = max(map(len, self._qualities), default=0)
        padded = b"".join(each.ljust(cycles, b"\0") for each in self._qualities)
        for cycle in range(cycles):
            column = padded[cycle::cycles]
            for quality in set(column) - {0}:
                self.table[_row(quality) + cycle] += column.count(quality)
        self._sequences, self._qualities, self._pending_bytes = [], [], 0

    def _rows(self) -> Iterator[tuple[int, array[int]]]:
        """The characters of qualities that there are, with their counts by cycle."""
        for number in range(BAD_QUALITY):
            row = self.table[QUALITIES + number * ROW : QUALITIES + (number + 1) * ROW]
            if any(row):
                yield FIRST_QUALITY + number, row

    @property
    def encoding(self) -> str:
        """``Phred+33``, or an older one when no quality is below its lowest and some is above what is usual today."""
        self._flush()
        found = [quality for quality, _ in self._rows()]
        if not found or found[0] < _SOLEXA_LOWEST or not _TODAYS_HIGHEST < found[-1] <= _OLD_HIGHEST:
            return PHRED_33
        return PHRED_64 if found[0] >= _OLD_LOWEST else SOLEXA_64

    def facts(self) -> Facts:
        """The counts as facts (see :meth:`catalog.formats.fastq.FastqFormat.read`)."""
        self._flush()
        table = self.table
        facts: Facts = {"records": table[RECORDS], "bases": table[BASES]}
        if table[RECORDS]:
            facts |= {"shortest": table[SHORTEST], "longest": table[LONGEST], **self._length_facts()}
        gc, at, unknown = (sum(self._letters(group)) for group in (GC, AT, N))
        if gc + at:
            facts["gc_percent"] = round(100 * gc / (gc + at), 2)
        if table[BASES]:
            facts["n_percent"] = round(100 * unknown / table[BASES], 4)
        return as_facts({**facts, **self._quality_facts()})

    def _letters(self, group: int) -> array[int]:
        start = LETTERS + LETTER_SLOTS * group
        return self.table[start : start + LETTER_SLOTS]

    def _length_facts(self) -> Facts:
        records, bases = self.table[RECORDS], self.table[BASES]
        lengths = self.table[LENGTHS : LENGTHS + LENGTH_CLASSES]
        found = [(_shortest_of(number), count) for number, count in enumerate(lengths) if count]
        by_bases = [(length, length * count) for length, count in reversed(found)]
        return {
            "mean_length": round(bases / records, 2),
            "median_length": _half_at(found),
            "n50_length": _half_at(by_bases),
        }

    def _quality_facts(self) -> Facts:
        """Means over all bases, read in the encoding that was probably meant."""
        encoding = self.encoding
        offset = FIRST_QUALITY if encoding == PHRED_33 else _OLD_LOWEST
        sums, bases = [0] * ROW, [0] * ROW
        good = 0
        for quality, row in self._rows():
            good += sum(row) if quality - offset >= _GOOD_QUALITY else 0
            for cycle, count in enumerate(row):
                if count:
                    sums[cycle] += (quality - offset) * count
                    bases[cycle] += count
        if not any(bases):
            return {}
        cycles = next((cycle for cycle in range(CYCLES, 0, -1) if bases[cycle - 1]), 0)
        step = -(-cycles // _POINTS) or 1
        means = {
            str(start + 1): round(sum(sums[start:end]) / max(1, sum(bases[start:end])), 2)
            for start, end in ((start, min(start + step, cycles)) for start in range(0, cycles, step))
        }
        return {
            "encoding": encoding,
            "mean_quality": round(sum(sums) / sum(bases), 2),
            "q30_percent": round(100 * good / sum(bases), 2),
            "mean_quality_by_cycle": means,
        }


def _half_at(weights: list[tuple[int, int]]) -> int:
    """The value at which half of all weight is reached."""
    whole = sum(weight for _, weight in weights)
    reached = 0
    for value, weight in weights:
        reached += weight
        if 2 * reached >= whole:
            return value
    return 0


def _row(quality: int) -> int:
    return QUALITIES + (quality - FIRST_QUALITY) * ROW
