"""bedGraph: a value for each interval, judged by the documentation of the UCSC Genome Browser and of Bismark.

Four columns, counted from 0 and half-open: chromosome, start, end, value. Track lines, browser lines, comments and blank
lines may stand between them. A file whose name says ``bismark`` is Bismark's: a percentage for each cytosine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from itertools import islice

from catalog.findings import Rule
from catalog.formats.intervals.calls import add_level, new_reals, new_tally
from catalog.formats.intervals.contigs import Contigs
from catalog.formats.intervals.fast_rows import FastRows, Table
from catalog.formats.intervals.margin import Margin, file_name, forbidden, past_end, unusual, unwanted, wishes
from catalog.formats.intervals.track_lines import attributes, kind_of, unusual_values
from catalog.formats.protocol import BY_NAME, LIKELY, NO, SURE, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels.intervals_layout import (
    BASES,
    CONTIG,
    COVERED,
    FORM,
    HIGHEST,
    HIGHEST_VALUE,
    LENGTH,
    LEVELS,
    LOWEST_VALUE,
    RECORDS,
    SIGNED,
    START,
    WHOLE,
)
from catalog.model import Tier

_UCSC = "UCSC Genome Browser, bedGraph Track Format"
_BISMARK = "Bismark documentation, methylation extraction (bedGraph output)"

COLUMNS = forbidden(
    "bedgraph-columns",
    "the line does not have four columns",
    "write chromosome, start, end and one value; more columns belong into another format",
    f"{_UCSC}: track data in four column BED format",
)
CHROMOSOME = forbidden(
    "bedgraph-chromosome",
    "the chromosome's name has characters that no name has",
    "give the name of the sequence in the reference genome",
    f"{_UCSC}: chrom",
)
POSITION = forbidden(
    "bedgraph-position",
    "the position is not a whole number from 0",
    "write digits only",
    f"{_UCSC}: the first chromosome position is 0",
)
BACKWARDS = forbidden("bedgraph-end", "the end is before the start", "swap the two columns", f"{_UCSC}: BED format")
VALUE = forbidden(
    "bedgraph-value",
    "the value is not a finite number",
    "leave intervals without a value out; decimals are written with a point",
    f"{_UCSC}: values can be integer or real, positive or negative",
)
TRACK_TYPE = forbidden(
    "bedgraph-track-type",
    "the track line is not of type bedGraph",
    "write type=bedGraph, or give the file its own format",
    f"{_UCSC}: the track type is REQUIRED, and must be bedGraph",
)
TRACK_GRAMMAR = forbidden(
    "bedgraph-track-grammar",
    "the track line is not a list of KEY=VALUE",
    'separate attributes by spaces; put values with spaces into quotes: name="my track"',
    f"{_UCSC}: all options are placed in a single line separated by spaces",
)
TRACK_VALUE = unusual(
    "bedgraph-track-value",
    "an attribute of the track line has a value that is not documented",
    "look it up in the documentation of the track line",
    f"{_UCSC}: parameters for bedGraph track definition lines",
)
BISMARK_SPAN = forbidden(
    "bedgraph-bismark-span",
    "an interval of Bismark's bedGraph does not span one base",
    "take Bismark's own file; its start counts from 0, and the end is one higher",
    f"{_BISMARK}: 0-based start, 1-based end coordinates",
)
BISMARK_VALUE = forbidden(
    "bedgraph-bismark-percentage",
    "the value is not a percentage from 0 to 100",
    "take Bismark's own file",
    f"{_BISMARK}: <methylation percentage>",
)
PAST_END = past_end("bedgraph", f"{_UCSC}: the last position in a chromosome of length N would be N - 1")
EMPTY = unwanted("bedgraph-empty-interval", "the interval has no base", "leave it out", f"{_UCSC}; fairline")
OVERLAP = unwanted(
    "bedgraph-overlap",
    "the interval overlaps the one before",
    "merge them, or give each base one value; bedGraphToBigWig refuses overlaps",
    f"{_UCSC}; fairline",
    "A base has two values.",
)
UNSORTED = unwanted(
    "bedgraph-unsorted",
    "the start is lower than the one before it",
    "sort by chromosome and start (sort -k1,1 -k2,2n)",
    f"{_UCSC}: positions must be in numerical order; fairline",
)
SPLIT = unwanted(
    "bedgraph-chromosome-split",
    "the intervals of a chromosome do not stand together",
    "sort by chromosome and start (sort -k1,1 -k2,2n)",
)
SEPARATOR = unwanted("bedgraph-separator", "columns are not separated by one tab", "separate columns by one tab each")
_WHOLE_FILE = wishes("bedgraph", "intervals")

_NAME = re.compile(rb"[!-~]{1,255}")
_BLANKS = re.compile(rb"[ \t]+")
_DIGITS = re.compile(rb"[0-9]{1,15}")
_NUMBER = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,5})?")
_TRACK_OF_TYPE = re.compile(rb"track[ \t][^\n]*?type=[\"']?bedGraph\b", re.IGNORECASE)
_SUFFIXES = (".bedgraph", ".bdg", ".bg")
_SNIFFED_LINES = 20
_MOST_COLUMNS = 30
_TABLE = Table(kinds=(CONTIG, WHOLE, WHOLE, SIGNED), judge="judge_values")


class _Values:
    """Judges the lines of a file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._margin = Margin(reading, _WHOLE_FILE)
        self.tally, self._reals = new_tally(), new_reals(0.0)
        self._is_bismark = "bismark" in file_name(reading)
        self.tally[FORM] = self._is_bismark
        self.contigs = Contigs(self.tally, reading.declared.assembly)
        self._is_sorted, self._is_synthetic = True, False
        self._tracks = 0
        self._fast = FastRows(_TABLE, self.tally, self._reals)

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        line = self._margin.bare(number, line)
        if line.startswith(b"#") or not line.strip(b" \t"):
            self._is_synthetic = self._is_synthetic or b"synthetic" in line.lower()
            return
        if kind := kind_of(line):
            self._is_synthetic = self._is_synthetic or b"synthetic" in line.lower()
            if kind == "track":
                self._judge_track(number, line)
            return
        fields = line.split(b"\t", _MOST_COLUMNS)
        if b" " in line or b"" in fields:
            self._margin.note(SEPARATOR, number, expected="one tab")
            fields = _BLANKS.split(line.strip(b" \t"), _MOST_COLUMNS)
        if len(fields) != 4:
            got = f"{len(fields)} columns" + (" or more" if len(fields) > _MOST_COLUMNS else "")
            self._margin.note(COLUMNS, number, expected="4 columns", got=got)
            return
        self.tally[RECORDS] += 1
        self._judge(number, fields)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over intervals of which there is nothing to say."""
        if not self.tally[RECORDS]:
            return at, number
        return self._fast.take(buffer, at, number, self.contigs.name)

    def _judge_track(self, number: int, line: bytes) -> None:
        self._tracks += 1
        found = attributes(line)
        if found is None:
            self._margin.note(TRACK_GRAMMAR, number, "track", "KEY=VALUE, separated by spaces", line)
        elif found.get(b"type", b"").lower() != b"bedgraph":
            self._margin.note(TRACK_TYPE, number, "track", "type=bedGraph", line)
        else:
            for each in unusual_values(found):
                self._margin.note(TRACK_VALUE, number, "track", "a documented value", each)

    def _judge(self, number: int, fields: list[bytes]) -> None:
        name, start, end, value = fields
        if name != self.contigs.name:
            self._enter(number, name)
        for column, position in (("chromStart", start), ("chromEnd", end)):
            if not _DIGITS.fullmatch(position):
                self._margin.note(POSITION, number, column, "a whole number from 0", position)
                return
        self._judge_interval(number, int(start), int(end))
        self._judge_value(number, value)

    def _enter(self, number: int, name: bytes) -> None:
        before = self.contigs.enter(name, number)
        if not _NAME.fullmatch(name):
            self._margin.note(CHROMOSOME, number, "chrom", "1 to 255 printable characters", name)
        elif before:
            self._is_sorted = False
            got = f"{name.decode()} again, first in line {before}"
            self._margin.note(SPLIT, number, "chrom", "all intervals of a chromosome in one block", got)

    def _judge_interval(self, number: int, start: int, end: int) -> None:
        tally = self.tally
        span = f"{start} to {end}"
        if self._is_bismark and end - start != 1:
            self._margin.note(BISMARK_SPAN, number, "chromEnd", "the start plus 1", span)
        elif end < start:
            self._margin.note(BACKWARDS, number, "chromEnd", "the start, or higher", span)
        elif end > tally[LENGTH]:
            self._margin.note(PAST_END, number, "chromEnd", self.contigs.assembly, end)
        elif end == start:
            self._margin.note(EMPTY, number, "chromEnd", "higher than the start", span)
        if start < tally[START]:
            self._is_sorted = False
            expected = "not lower than in the line before"
            self._margin.note(UNSORTED, number, "chromStart", expected, f"{start} after {tally[START]}")
        elif start < tally[HIGHEST] and end > start:
            self._margin.note(
                OVERLAP, number, "chromStart", "the end before, or higher", f"{start} before {tally[HIGHEST]}"
            )
        tally[BASES] += max(0, end - start)
        tally[COVERED] += max(0, end - max(start, tally[HIGHEST]))
        tally[START] = start
        tally[HIGHEST] = max(tally[HIGHEST], end)

    def _judge_value(self, number: int, text: bytes) -> None:
        value = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(value):
            self._margin.note(VALUE, number, "dataValue", "a finite number", text)
            return
        if self._is_bismark:
            if not 0 <= value <= 100:
                self._margin.note(BISMARK_VALUE, number, "dataValue", "0 to 100", text)
                return
            add_level(self.tally, value)
        self._reals[LOWEST_VALUE] = min(self._reals[LOWEST_VALUE], value)
        self._reals[HIGHEST_VALUE] = max(self._reals[HIGHEST_VALUE], value)

    def finish(self) -> Facts:
        """The file is over: its facts."""
        tally = self.tally
        self._margin.finish(tally[RECORDS], self.contigs)
        # Adding 0.0 takes the sign from a zero.
        lowest, highest = self._reals[LOWEST_VALUE] + 0.0, self._reals[HIGHEST_VALUE] + 0.0
        return as_facts(
            {
                "records": tally[RECORDS],
                "tracks": self._tracks,
                "bases": tally[BASES],
                "covered_bases": tally[COVERED] if self._is_sorted else None,
                "lowest_value": lowest if math.isfinite(lowest) else None,
                "highest_value": highest if math.isfinite(highest) else None,
                "methylation_histogram": tally[LEVELS : LEVELS + 10].tolist() if self._is_bismark else None,
                **self.contigs.facts(),
                "synthetic": True if self._is_synthetic else None,
            }
        )


class _BedGraph:
    """The format (see :class:`catalog.formats.protocol.Format`)."""

    name = "bedgraph"
    title = "bedGraph"
    mediatype = "text/plain"
    edam = "EDAM:format_3583"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        COLUMNS,
        CHROMOSOME,
        POSITION,
        BACKWARDS,
        VALUE,
        TRACK_TYPE,
        TRACK_GRAMMAR,
        TRACK_VALUE,
        BISMARK_SPAN,
        BISMARK_VALUE,
        PAST_END,
        EMPTY,
        OVERLAP,
        UNSORTED,
        SPLIT,
        SEPARATOR,
        *_WHOLE_FILE.all,
    )

    def sniff(self, head: Head) -> int:
        """By its track line, by the name, or by columns of which the fourth is a number with a fraction."""
        lines = list(islice(head.lines(), _SNIFFED_LINES))
        said = [line for line in lines if line.strip() and not line.startswith((b"#", b"browser"))]
        if said and _TRACK_OF_TYPE.match(said[0]):
            return BY_NAME - 1 if head.has_suffix(".bed", ".cov") else SURE
        if head.has_suffix(*_SUFFIXES):
            return BY_NAME
        rows = [_BLANKS.split(line.strip()) for line in said]
        has_values = bool(rows) and all(_looks_right(row) for row in rows) and not all(row[3].isdigit() for row in rows)
        return LIKELY + 6 if has_values and not head.has_suffix(".bed") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``records``; ``tracks`` (track lines); ``bases`` (sum of the lengths), ``covered_bases`` (bases in at least
        one interval, of a sorted file); ``lowest_value``, ``highest_value``; ``methylation_histogram`` of Bismark's
        files (intervals by percentage, ten equal ranges); ``contigs``, ``fits_assemblies``; ``synthetic``. Evidence:
        ``contig_ends``, the highest position on each contig.
        """
        judge = _Values(reading)
        judge_lines(reading, judge)
        facts = judge.finish()
        reading.evidence["contig_ends"] = judge.contigs.ends()
        return facts


BEDGRAPH = _BedGraph()


def _looks_right(row: list[bytes]) -> bool:
    return len(row) == 4 and all(map(_DIGITS.fullmatch, row[1:3])) and _NUMBER.fullmatch(row[3]) is not None
