"""Bismark coverage files (``.bismark.cov``): methylated and unmethylated calls at each covered cytosine.

Six tab-separated columns, positions from 1, no header: chromosome, start, end, percentage of methylated
calls, methylated calls, unmethylated calls. In a file of merged CpGs every record spans two bases; files called
``.zero.cov`` count the start from 0, and so do those in which every end is two higher (merged CpGs with --zero_based).

Source: Bismark's documentation, methylation extraction (coverage output).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import Any

from catalog.findings import Rule
from catalog.formats.intervals.calls import (
    add_calls,
    add_level,
    call_facts,
    most_look_right,
    new_reals,
    new_tally,
    tolerance,
)
from catalog.formats.intervals.contigs import Contigs
from catalog.formats.intervals.fast_rows import FastRows, Table
from catalog.formats.intervals.margin import Margin, file_name, forbidden, past_end, unwanted, wishes
from catalog.formats.intervals.methylation_rows import MethylationRows
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels.intervals_layout import (
    CONTIG,
    DECIMAL,
    HIGHEST,
    LEAST,
    LENGTH,
    LIKE,
    RECORDS,
    SPAN,
    START,
    WHOLE,
)
from catalog.model import Tier

_SOURCE = "Bismark documentation, methylation extraction (coverage output)"
_SORTED = f"{_SOURCE} (bismark2bedGraph sorts)"

COLUMNS = forbidden(
    "bismark-columns",
    "the line does not have six tab-separated columns",
    "take Bismark's own .bismark.cov file; columns are separated by one tab each",
    _SOURCE,
)
HEADER = forbidden(
    "bismark-header",
    "the file starts with a header or track line",
    "delete the line; the bedGraph output has a track line, the coverage output has none",
    _SOURCE,
    "Readers take the line for a record.",
)
COMMENT = unwanted(
    "bismark-comment",
    "the file starts with comment lines, which Bismark does not write",
    "delete the lines where other programs must read the file",
    why="Most readers of coverage files stop at a comment.",
)
CHROMOSOME = forbidden(
    "bismark-chromosome",
    "the chromosome's name is empty or has characters that no name has",
    "give the name of the sequence in the reference genome",
    f"{_SOURCE}; SAMv1, 1.2.1",
)
POSITION = forbidden(
    "bismark-position",
    "the position is not a whole number from 1",
    "positions count from 1; take the .cov file, not the zero-based bedGraph, nor what a spreadsheet saved (1.2E+05)",
    _SOURCE,
)
SPAN_DIFFERS = forbidden(
    "bismark-span",
    "the end is not the start of the same cytosine, or not of its CpG",
    "in a coverage file start and end are equal; only in a file of merged CpGs is every end one higher, or two higher where"
    " starts count from 0",
    f"{_SOURCE}; coverage2cytosine --merge_CpG, --zero_based",
)
PERCENTAGE = forbidden(
    "bismark-percentage",
    "the percentage is not a number from 0 to 100",
    "take Bismark's own file; decimals are written with a point",
    _SOURCE,
)
COUNT = forbidden(
    "bismark-count",
    "the number of calls is not a whole number from 0",
    "take Bismark's own file; a spreadsheet saves large numbers as 1.2E+05",
    _SOURCE,
)
UNCOVERED = forbidden(
    "bismark-uncovered",
    "the record has no calls at all",
    "leave uncovered positions out; the genome-wide cytosine report is the file that lists them",
    _SOURCE,
)
DISAGREES = forbidden(
    "bismark-percentage-disagrees",
    "the percentage is not that of the calls",
    "make the file again with bismark2bedGraph; counts and percentages come from different runs",
    _SOURCE,
    "One program would use the percentage and another the counts.",
)
UNSORTED = forbidden(
    "bismark-unsorted",
    "the position is not higher than the one before it",
    "sort by chromosome and position (sort -k1,1 -k2,2n) and look for repeated positions",
    _SORTED,
)
SPLIT = forbidden(
    "bismark-chromosome-split",
    "the records of a chromosome do not stand together",
    "sort by chromosome and position (sort -k1,1 -k2,2n)",
    _SORTED,
)
PAST_END = past_end("bismark", _SOURCE)
_WHOLE_FILE = wishes("bismark", "records")

_WHOLE = re.compile(rb"[0-9]{1,12}")
_NAME = re.compile(rb"[!-~]{1,255}")
_PERCENTAGE = re.compile(rb"[0-9]{1,20}(?:\.(?P<decimals>[0-9]{1,20}))?(?:[eE](?P<exponent>-[0-9]{1,2}))?")
#: What the rounding of doubles adds to half a unit of the last decimal.
_SLACK = 1e-9
_SNIFFED_LINES = 5
_REMEMBERED_CALLS = 1 << 16
_BY_CONTENT = 50
_BY_BOTH = 80
#: Names of files whose start counts from 0 (bismark2bedGraph --zero_based).
_ZERO_BASED = ".zero.cov"
#: Bases from the start of a CpG to its end where the one counts from 0, the other from 1; no other record has as many.
_ZERO_BASED_CPG = 2
_TABLE = Table(kinds=(CONTIG, WHOLE, LIKE + 1, DECIMAL, WHOLE, WHOLE), judge="judge_coverage")

_EXPECTED = {
    PERCENTAGE.code: "0 to 100",
    COUNT.code: "a whole number from 0",
    UNCOVERED.code: "at least one call",
    DISAGREES.code: "100 x methylated / all calls",
}
_COLUMNS = ("chromosome", "start", "end", "percentage", "methylated", "unmethylated")


def _calls(percentage: bytes, methylated: bytes, unmethylated: bytes) -> tuple[Rule, int] | tuple[int, int]:
    """The two numbers of calls; or the rule that the columns break, and which column from 1."""
    written = _PERCENTAGE.fullmatch(percentage)
    if written is None or float(percentage) > 100:
        return PERCENTAGE, 4
    for column, count in ((5, methylated), (6, unmethylated)):
        if not _WHOLE.fullmatch(count):
            return COUNT, column
    m, u = int(methylated), int(unmethylated)
    if m + u == 0:
        return UNCOVERED, 5
    decimals = len(written["decimals"] or b"") - int(written["exponent"] or 0)
    if abs(float(percentage) - 100 * m / (m + u)) > tolerance(decimals, _SLACK):
        return DISAGREES, 4
    return m, u


class _Coverage:
    """Judges the records of a file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._margin = Margin(reading, _WHOLE_FILE)
        self._is_zero_based = _ZERO_BASED in file_name(reading)
        self.tally = new_tally()
        self.tally[LEAST] = 0 if self._is_zero_based else 1
        self.contigs = Contigs(self.tally, reading.declared.assembly)
        self._known: dict[bytes, tuple[int, int]] = {}
        self._is_leading, self._is_synthetic = True, False
        self._fast = FastRows(_TABLE, self.tally, new_reals(_SLACK))
        sink = reading.sink("methylation-1")
        self._rows = MethylationRows(sink) if sink is not None else None

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        line = self._margin.bare(number, line)
        self._is_leading = self._is_leading and line.startswith(b"#")
        if self._is_leading:
            self._is_synthetic = self._is_synthetic or b"synthetic" in line.lower()
            self._margin.note(COMMENT, number, expected="no comments", got=line)
            return
        fields = line.split(b"\t", 3)
        if len(fields) != 4 or fields[3].count(b"\t") != 2:
            self._refuse_line(number, line)
            return
        chromosome, start, end, rest = fields
        if not _WHOLE.fullmatch(start) or not _WHOLE.fullmatch(end):
            self._refuse_position(number, start, end)
            return
        self.tally[RECORDS] += 1
        is_placed = self._judge_place(number, chromosome, int(start), int(end))
        calls = self._judge_calls(number, rest)
        if calls and is_placed and self._rows is not None:
            first = int(start) - (0 if self._is_zero_based else 1)
            self._rows.add(chromosome, (first, int(end)), (None, "C", None), calls)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of which there is nothing to say."""
        if not self.tally[RECORDS]:
            return at, number
        return self._fast.take(buffer, at, number, self.contigs.name, self._emit if self._rows is not None else None)

    def _emit(self, cells: Any) -> None:
        assert self._rows is not None
        start = cells[1] if self._is_zero_based else cells[1] - 1
        self._rows.add_columns(
            self.contigs.name,
            {"start": start, "end": cells[2], "code": "C", "modified": cells[4], "unmodified": cells[5]},
        )

    def _note(self, rule: Rule, line: int, column: int, expected: str, got: object) -> None:
        self._margin.note(rule, line, _COLUMNS[column - 1], expected, got)

    def _refuse_line(self, number: int, line: bytes) -> None:
        if number == 1 and line.startswith((b"track", b"browser")):
            self._margin.note(HEADER, 1, expected="a record", got=line)
        else:
            columns = line.count(b"\t") + 1
            self._margin.note(COLUMNS, number, expected="6 columns", got=f"{columns} columns")

    def _refuse_position(self, number: int, start: bytes, end: bytes) -> None:
        if number == 1 and not start[:1].isdigit():
            self._margin.note(HEADER, 1, expected="a record", got=b"\t".join((start, end)))
            return
        column, got = (2, start) if not _WHOLE.fullmatch(start) else (3, end)
        self._note(POSITION, number, column, "a whole number from 1", got)

    def _judge_place(self, number: int, chromosome: bytes, start: int, end: int) -> bool:
        """Chromosome, start and end; whether they are right."""
        tally, is_right = self.tally, True
        span = end - start
        if tally[SPAN] < 0:
            self._settle(span)
        if chromosome != self.contigs.name:
            is_right = self._enter(number, chromosome)
        elif start <= tally[START]:
            self._note(
                UNSORTED, number, 2, "a higher position than in the line before", f"{start} after {tally[START]}"
            )
            is_right = False
        tally[START] = start
        tally[HIGHEST] = max(tally[HIGHEST], end)
        if start < tally[LEAST]:
            self._note(POSITION, number, 2, "a whole number from 1", start)
            is_right = False
        if span != (tally[SPAN] if tally[SPAN] >= 0 else int(self._is_zero_based)):
            expected = f"the start plus {tally[SPAN]}" if tally[SPAN] > 0 else "the start"
            self._note(SPAN_DIFFERS, number, 3, expected, f"{start} to {end}")
        elif end > tally[LENGTH]:
            self._margin.note(PAST_END, number, "end", self.contigs.assembly, end)
        else:
            return is_right
        return False

    def _settle(self, span: int) -> None:
        """The first record that can be one of Bismark's says how many bases all of them span, and where starts count from."""
        if span == _ZERO_BASED_CPG and not self._is_zero_based:
            self._is_zero_based = True
            self.tally[LEAST] = 0
        if span in ((1, 2) if self._is_zero_based else (0, 1)):
            self.tally[SPAN] = span

    def _enter(self, number: int, chromosome: bytes) -> bool:
        before = self.contigs.enter(chromosome, number)
        if not _NAME.fullmatch(chromosome):
            self._note(CHROMOSOME, number, 1, "1 to 255 printable characters", chromosome)
        elif before:
            got = f"{chromosome.decode()} again, first in line {before}"
            self._note(SPLIT, number, 1, "all records of a chromosome in one block", got)
        else:
            return True
        return False

    def _judge_calls(self, number: int, rest: bytes) -> tuple[int, int] | None:
        """Percentage and calls; the same three columns come again and again, so they are judged once."""
        calls = self._known.get(rest)
        if calls is None:
            columns = rest.split(b"\t")
            judged = _calls(*columns)
            if isinstance(judged[0], Rule):
                rule, column = judged[0], judged[1]
                got = columns[column - 4] if rule is not DISAGREES else b" ".join(columns)
                self._note(rule, number, column, _EXPECTED[rule.code], got)
                return None
            calls = (judged[0], judged[1])
            if len(self._known) < _REMEMBERED_CALLS:
                self._known[rest] = calls
        methylated, total = calls[0], sum(calls)
        add_level(self.tally, 100 * methylated / total)
        add_calls(self.tally, 0, methylated, total)
        return calls

    def finish(self) -> Facts:
        """The file is over: its facts."""
        if self._rows is not None:
            self._rows.flush()
        self._margin.finish(self.tally[RECORDS], self.contigs)
        return as_facts(
            {
                **call_facts(self.tally),
                **self.contigs.facts(),
                "merged_cpg": True if self.tally[SPAN] == (2 if self._is_zero_based else 1) else None,
                "zero_based": True if self._is_zero_based else None,
                "synthetic": True if self._is_synthetic else None,
            }
        )


class _BismarkCoverage:
    """The format of Bismark coverage files (see :class:`catalog.formats.protocol.Format`)."""

    name = "bismark-cov"
    title = "Bismark coverage"
    mediatype = "text/tab-separated-values"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        COLUMNS,
        HEADER,
        COMMENT,
        CHROMOSOME,
        POSITION,
        SPAN_DIFFERS,
        PERCENTAGE,
        COUNT,
        UNCOVERED,
        DISAGREES,
        UNSORTED,
        SPLIT,
        PAST_END,
        *_WHOLE_FILE.all,
    )

    def sniff(self, head: Head) -> int:
        """By the name, by the first records, or by both."""
        named = head.has_suffix(".cov")
        records = (line for line in head.lines() if not line.startswith(b"#"))
        first = [line.removesuffix(b"\r").split(b"\t") for line in islice(records, _SNIFFED_LINES)]
        if most_look_right(first, _looks_right):
            return _BY_BOTH if named else _BY_CONTENT
        return BY_NAME if named else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: those of :func:`catalog.formats.intervals.calls.call_facts`; ``contigs`` and ``fits_assemblies``;
        ``merged_cpg`` and ``zero_based`` where they are so; ``synthetic`` where a comment says so. Evidence:
        ``contig_ends``, the highest position on each contig.
        """
        judge = _Coverage(reading)
        judge_lines(reading, judge)
        facts = judge.finish()
        reading.evidence["contig_ends"] = judge.contigs.ends()
        return facts


BISMARK_COV = _BismarkCoverage()


def _looks_right(fields: list[bytes]) -> bool:
    if len(fields) != 6 or not all(_WHOLE.fullmatch(fields[i]) for i in (1, 2, 4, 5)):
        return False
    if int(fields[2]) - int(fields[1]) not in {0, 1, 2}:
        return False
    return _PERCENTAGE.fullmatch(fields[3]) is not None and float(fields[3]) <= 100
