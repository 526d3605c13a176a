"""bedMethyl: modified and other calls at each base, with 11 columns as of ENCODE or 18 as of modkit.

Nine columns of BED, coverage and percentage; modkit adds the calls that they come from. modkit writes blanks between the
last columns, so that tabs and blanks separate alike. Comments (its header) and blank lines may stand anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from catalog.findings import Rule
from catalog.formats.intervals import bedmethyl_rules as rules
from catalog.formats.intervals.bedmethyl_record import NARROW, SLACK, WIDE, Names, Record
from catalog.formats.intervals.calls import (
    add_calls,
    add_level,
    call_facts,
    most_look_right,
    new_reals,
    new_tally,
    strand_facts,
)
from catalog.formats.intervals.colours import Colours
from catalog.formats.intervals.contigs import Contigs
from catalog.formats.intervals.fast_rows import FastRows, Table
from catalog.formats.intervals.margin import Margin
from catalog.formats.intervals.methylation_rows import MethylationRows
from catalog.formats.intervals.modifications import modification_of
from catalog.formats.intervals.track_lines import kind_of
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels.intervals_layout import (
    CONTIG,
    DECIMAL,
    HIGHEST,
    LENGTH,
    LETTER,
    LIKE,
    RECORDS,
    SEEN,
    START,
    STRANDS,
    TEXT,
    WHOLE,
    WORD,
)
from catalog.model import Tier

_BED9 = (CONTIG, WHOLE, WHOLE, TEXT, WHOLE, LETTER, LIKE + 1, LIKE + 2, WORD)
_TABLES = {
    NARROW: Table(kinds=(*_BED9, LIKE + 4, DECIMAL), judge="judge_modifications", blank=ord(" ")),
    WIDE: Table(
        kinds=(*_BED9[:3], WORD, *_BED9[4:], LIKE + 4, DECIMAL, *[WHOLE] * 7),
        judge="judge_modifications",
        blank=ord(" "),
    ),
}
_BLANKS = re.compile(rb"[ \t]+")
_NAME = re.compile(rb"[!-~]{1,255}")
_DIGITS = re.compile(rb"[0-9]{1,15}")
_NUMBER = re.compile(rb"[0-9.]+|nan", re.IGNORECASE)
_COLOUR = re.compile(rb"[0-9]+,[0-9]+,[0-9]+|0")
#: The first words of the header that modkit wrote without # at first.
_HEADER = [b"chrom", b"chromStart", b"chromEnd", b"name", b"score", b"strand"]
_SUFFIXES = (".bedmethyl", ".bedmethyl.bed")
_SNIFFED_LINES = 20
#: A line is taken apart into so many columns and a rest.
_MOST_COLUMNS = 30
_BY_CONTENT = 75
#: A name that ends with ``.bed`` as well is more of this format.
_BY_NAME = BY_NAME + 10


class _Sites:
    """Judges the lines of a file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._margin = Margin(reading, rules.WHOLE_FILE)
        self.tally, self._reals = new_tally(), new_reals(SLACK)
        self.contigs = Contigs(self.tally, reading.declared.assembly)
        self.names = Names(self.tally)
        self._record = Record(self._margin, self.names, Colours(self.tally))
        self._columns = 0
        self._is_synthetic = False
        self._fast: FastRows | None = None
        sink = reading.sink("methylation-1")
        self._rows = MethylationRows(sink) if sink is not None else None

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        line = self._margin.bare(number, line)
        if line.startswith(b"#") or not line.strip(b" \t"):
            self._is_synthetic = self._is_synthetic or b"synthetic" in line.lower()
            self._record.counts_failed = self._record.counts_failed or line.lower().startswith(b"#fileformat=bedrmod")
            return
        if kind := kind_of(line):
            self._margin.note(rules.TRACK, number, expected="records only", got=f"{kind} line")
            return
        fields = _columns(line.strip(b" \t"))
        if not self.tally[RECORDS] and fields[:6] == _HEADER:
            return
        if len(fields) not in (NARROW, WIDE) or len(fields) != (self._columns or len(fields)):
            expected = f"{self._columns} columns" if self._columns else "11 or 18 columns"
            self._margin.note(rules.COLUMNS, number, expected=expected, got=f"{len(fields)} columns")
            return
        if not self._columns:
            self._columns = len(fields)
            self._fast = FastRows(_TABLES[self._columns], self.tally, self._reals)
        self.tally[RECORDS] += 1
        is_placed = self._judge_place(number, fields)
        judged = self._record.judge(number, fields)
        if judged is not None and is_placed:
            self._count(number, fields, judged)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of which there is nothing to say."""
        if self._fast is None or self._record.counts_failed:
            return at, number
        return self._fast.take(buffer, at, number, self.contigs.name, self._emit if self._rows is not None else None)

    def _judge_place(self, number: int, fields: list[bytes]) -> bool:
        """Chromosome, start, end, and columns 7 and 8; whether they are right."""
        tally, note = self.tally, self._margin.note
        is_right = fields[0] == self.contigs.name or self._enter(number, fields[0])
        for column, position in zip(("chromStart", "chromEnd"), fields[1:3], strict=True):
            if not _DIGITS.fullmatch(position):
                note(rules.POSITION, number, column, "a whole number from 0", position)
                return False
        start, end = int(fields[1]), int(fields[2])
        if end < start:
            note(rules.BACKWARDS, number, "chromEnd", "the start, or higher", f"{start} to {end}")
            is_right = False
        elif end > tally[LENGTH]:
            note(rules.PAST_END, number, "chromEnd", self.contigs.assembly, end)
            is_right = False
        elif end - start != 1:
            note(rules.SITE, number, "chromEnd", "the start plus 1", f"{start} to {end}")
        for column, position, wanted in (("thickStart", fields[6], start), ("thickEnd", fields[7], end)):
            if not _DIGITS.fullmatch(position) or int(position) != wanted:
                note(rules.THICK, number, column, "start and end again", position)
                is_right = False
                break
        if start < tally[START]:
            expected = "not lower than in the line before"
            note(rules.UNSORTED, number, "chromStart", expected, f"{start} after {tally[START]}")
        if start != tally[START]:
            tally[SEEN] = 0
        tally[START] = start
        tally[HIGHEST] = max(tally[HIGHEST], end)
        return is_right

    def _enter(self, number: int, name: bytes) -> bool:
        before = self.contigs.enter(name, number)
        if not _NAME.fullmatch(name):
            self._margin.note(rules.CHROMOSOME, number, "chrom", "1 to 255 printable characters", name)
            return False
        if before:
            got = f"{name.decode()} again, first in line {before}"
            self._margin.note(rules.SPLIT, number, "chrom", "all records of a chromosome in one block", got)
        return True

    def _count(self, number: int, fields: list[bytes], judged: tuple[int, int, int, float]) -> None:
        """Counts a record that is right: its group, modified calls, calls and percentage."""
        tally = self.tally
        group, modified, calls, share = judged
        side = b"+-.".index(fields[5])
        bit = self.names.bit(group, side)
        if tally[SEEN] & bit:
            got = b" ".join((fields[1], fields[3], fields[5]))
            self._margin.note(rules.DUPLICATE, number, "name", "one line a base, strand and modification", got)
        tally[SEEN] |= bit
        tally[STRANDS + side] += 1
        add_calls(tally, group, modified, calls)
        if calls:
            add_level(tally, share)
        if self._rows is not None:
            strand, (code, context) = fields[5].decode(), self.names.kind(group, fields)
            self._rows.add(
                fields[0],
                (int(fields[1]), int(fields[2])),
                (None if strand == "." else strand, code, context),
                (modified, calls - modified),
            )

    def _emit(self, cells: Any) -> None:
        assert self._rows is not None
        self._rows.add_columns(self.contigs.name, self.names.columns(cells))

    def finish(self) -> Facts:
        """The file is over: its facts."""
        if self._rows is not None:
            self._rows.flush()
        self._margin.finish(self.tally[RECORDS], self.contigs)
        facts = call_facts(self.tally)
        if self.names.count > 1:
            # Calls of different modifications have no mean that says anything.
            facts["mean_methylation_percent"] = None
        return as_facts(
            {
                **facts,
                **self.contigs.facts(),
                "columns": self._columns or None,
                "modifications": self.names.facts() if self._columns == WIDE else None,
                "strands": strand_facts(self.tally),
                "synthetic": True if self._is_synthetic else None,
            }
        )


class _BedMethyl:
    """The format (see :class:`catalog.formats.protocol.Format`)."""

    name = "bedmethyl"
    title = "bedMethyl"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = rules.RULES

    def sniff(self, head: Head) -> int:
        """By records of 18 columns, or of 11 with a coverage and a percentage at their end; or by the name."""
        lines = list(islice(head.lines(), _SNIFFED_LINES))
        rows = [_columns(line.strip()) for line in lines if line.strip() and not line.startswith(b"#")]
        rows = rows[1:] if rows and rows[0][:6] == _HEADER else rows
        if most_look_right(rows, _looks_right):
            return _BY_CONTENT
        return _BY_NAME if head.has_suffix(*_SUFFIXES) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: those of :func:`catalog.formats.intervals.calls.call_facts`; ``columns`` (11 or 18); ``modifications`` (by
        name as in the file: records, calls, methylation); ``strands``; ``contigs``, ``fits_assemblies``; ``synthetic``
        where a comment says so. Evidence: ``contig_ends``, the highest position on each contig.
        """
        judge = _Sites(reading)
        judge_lines(reading, judge)
        facts = judge.finish()
        reading.evidence["contig_ends"] = judge.contigs.ends()
        return facts


BEDMETHYL = _BedMethyl()


def _columns(line: bytes) -> list[bytes]:
    """The columns of a line; a name may have blanks where there are 11, because then tabs alone separate."""
    tabs = line.split(b"\t", _MOST_COLUMNS)
    is_named_with_blanks = len(tabs) == NARROW and b" " in tabs[3] and b"" not in tabs
    return tabs if is_named_with_blanks else _BLANKS.split(line, _MOST_COLUMNS)


def _looks_right(row: list[bytes]) -> bool:
    """Whether a line is of this format: by the calls at its end, or, where these are broken, by what repeats in it.

    BED with columns of one's own has as many: nine columns and two, or twelve (with blocks) and six.
    """
    if len(row) not in (NARROW, WIDE):
        return False
    start, end, score, coverage = row[1], row[2], row[4], row[9]
    is_site = _DIGITS.fullmatch(start) is not None and _DIGITS.fullmatch(end) is not None and int(end) == int(start) + 1
    is_named = len(row) == NARROW or b"." in row[10] or modification_of(row[3]) is not None
    has_strand, has_share = row[5] in {b"+", b"-", b"."}, _NUMBER.fullmatch(row[10]) is not None
    has_calls = all(map(_DIGITS.fullmatch, (start, end, coverage))) and has_strand and has_share and is_named
    if has_calls and (is_site or len(row) == WIDE):
        return True
    repeats = row[6] == start, row[7] == end, _COLOUR.fullmatch(row[8]) is not None
    counts = _DIGITS.fullmatch(coverage) is not None, all(map(_DIGITS.fullmatch, row[11:]))
    misfits = [is_site, is_named, has_strand, has_share, *repeats, *counts].count(False)
    repeats_coverage = score == coverage and score not in {b"0", b"1000"}
    return misfits <= (2 if repeats_coverage else 1 if is_site else 0)
