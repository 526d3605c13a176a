"""Bismark's genome-wide cytosine reports (``CpG_report.txt``, ``CX_report.txt``): every cytosine with its context.

Seven tab-separated columns, positions from 1, no header: chromosome, position, strand, methylated calls, unmethylated
calls, context (CG, CHG or CHH) and trinucleotide. ``coverage2cytosine --ffs`` adds two or three columns with longer
pieces of the sequence, which are empty at the ends of chromosomes.

Source: Bismark's documentation, methylation extraction (genome-wide cytosine report).
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
    group_facts,
    most_look_right,
    new_reals,
    new_tally,
    strand_facts,
)
from catalog.formats.intervals.contigs import Contigs
from catalog.formats.intervals.fast_rows import FastRows, Table
from catalog.formats.intervals.margin import Margin, file_name, forbidden, past_end, unwanted, wishes
from catalog.formats.intervals.methylation_rows import MethylationRows
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels.intervals_layout import (
    ALONE,
    ALONE_LINE,
    CONTIG,
    HIGHEST,
    LENGTH,
    LETTER,
    RECORDS,
    START,
    STRANDS,
    WAITING,
    WHOLE,
    WORD,
    packed,
)
from catalog.model import Tier

_SOURCE = "Bismark documentation, methylation extraction (genome-wide cytosine report)"

COLUMNS = forbidden(
    "bismark-report-columns",
    "the line does not have the seven tab-separated columns of the report",
    "take Bismark's own file; columns are separated by one tab each",
    _SOURCE,
)
CHROMOSOME = forbidden(
    "bismark-report-chromosome",
    "the chromosome's name is empty or has characters that no name has",
    "give the name of the sequence in the reference genome",
    f"{_SOURCE}; SAMv1, 1.2.1",
)
POSITION = forbidden(
    "bismark-report-position",
    "the position is not a whole number from 1",
    "positions count from 1; make the report without --zero_based",
    _SOURCE,
)
STRAND = forbidden(
    "bismark-report-strand", "the strand is neither + nor -", "take Bismark's own file", f"{_SOURCE}: <strand>"
)
COUNT = forbidden(
    "bismark-report-count",
    "the number of calls is not a whole number from 0",
    "take Bismark's own file",
    f"{_SOURCE}: <count methylated>, <count unmethylated>",
)
CONTEXT = forbidden(
    "bismark-report-context",
    "the context is not CG, CHG or CHH",
    "take Bismark's own file; contexts are written CG, CHG and CHH",
    f"{_SOURCE}: <C-context>",
)
TRINUCLEOTIDE = forbidden(
    "bismark-report-trinucleotide",
    "the trinucleotide is not C and two more letters of DNA",
    "take Bismark's own file; sequences are upper case, of the strand that the cytosine is on",
    f"{_SOURCE}: <trinucleotide context>",
)
DISAGREES = forbidden(
    "bismark-report-context-disagrees",
    "the context is not that of the trinucleotide",
    "make the report again with coverage2cytosine; columns of different runs were probably joined",
    f"{_SOURCE}: CG, CHG and CHH, where H is A, C or T",
)
UNSORTED = forbidden(
    "bismark-report-unsorted",
    "the position is not higher than the one before it",
    "sort by chromosome and position (sort -k1,1 -k2,2n) and look for repeated positions",
    f"{_SOURCE} (sorted by chromosomal coordinates)",
)
SPLIT = forbidden(
    "bismark-report-chromosome-split",
    "the records of a chromosome do not stand together",
    "sort by chromosome and position (sort -k1,1 -k2,2n)",
    f"{_SOURCE} (sorted by chromosomal coordinates)",
)
ALONE_STRAND = forbidden(
    "bismark-report-strand-missing",
    "a CpG stands on one strand only, though uncovered cytosines are listed",
    "lines were lost: make the report again with coverage2cytosine",
    f"{_SOURCE}: every cytosine on both strands is considered",
    "Programs that merge the strands take lines in pairs, and stop or shift.",
)
COMMENT = unwanted(
    "bismark-report-comment",
    "the file starts with comment lines, which Bismark does not write",
    "delete the lines where other programs must read the file",
)
PAST_END = past_end("bismark-report", _SOURCE)
_WHOLE_FILE = wishes("bismark-report", "records")

_CONTEXTS = (b"CG", b"CHG", b"CHH")
_DIGITS = re.compile(rb"[0-9]{1,12}")
_NAME = re.compile(rb"[!-~]{1,255}")
#: C and two letters of IUPAC; references have a few other letters than A, C, G, T and N.
_THREE = re.compile(rb"C[ACGTNRYSWKMBDHV]{2}")
_LONGER = re.compile(rb"[ACGTNRYSWKMBDHV]{0,6}")
_COLUMNS = ("chromosome", "position", "strand", "methylated", "unmethylated", "context", "trinucleotide")
_REPORT_NAME = re.compile(r"(?:c[pxhg]g?|gpc|cytosine)_report\b")
#: Reports of NOMe-seq leave out CpGs by what stands before them, on each strand by itself.
_FILTERED_NAME = re.compile(r"\bnome\b")
_SNIFFED_LINES = 5
_MOST_COLUMNS = 10
_BY_CONTENT, _BY_BOTH = 70, 80
_TABLE = Table(kinds=(CONTIG, WHOLE, LETTER, WHOLE, WHOLE, WORD, WORD), judge="judge_report")


def _context_of(trinucleotide: bytes) -> int:
    """Which context a trinucleotide is of: that of CG, CHG or CHH, as coverage2cytosine tells them."""
    return 0 if trinucleotide[1:2] == b"G" else 1 if trinucleotide[2:3] == b"G" else 2


class _Report:
    """Judges the records of a file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._margin = Margin(reading, _WHOLE_FILE)
        self._is_filtered = _FILTERED_NAME.search(file_name(reading)) is not None
        self.tally = new_tally()
        self.contigs = Contigs(self.tally, reading.declared.assembly)
        self._is_leading, self._is_synthetic = True, False
        self._waiting_line = 0
        self._alone: tuple[int, bytes] = (0, b"")
        self._fast = FastRows(_TABLE, self.tally, new_reals(0.0))
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
        fields = line.split(b"\t", _MOST_COLUMNS)
        if len(fields) not in {7, 9, 10}:
            columns = line.count(b"\t") + 1
            self._margin.note(COLUMNS, number, expected="7 columns", got=f"{columns} columns")
            return
        self.tally[RECORDS] += 1
        is_right = self._judge_place(number, fields[0], fields[1], fields[2])
        group = self._judge_context(number, fields)
        for column, count in zip(_COLUMNS[3:5], fields[3:5], strict=True):
            if not _DIGITS.fullmatch(count):
                self._margin.note(COUNT, number, column, "a whole number from 0", count)
                is_right = False
        if is_right and group >= 0:
            self._count(number, fields, group)
        else:
            self.tally[WAITING] = -1

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of which there is nothing to say."""
        if not self.tally[RECORDS]:
            return at, number
        begun = number
        at, number = self._fast.take(
            buffer, at, number, self.contigs.name, self._emit if self._rows is not None else None
        )
        if number > begun:
            self._waiting_line = number - 1
        return at, number

    def _judge_place(self, number: int, chromosome: bytes, position: bytes, strand: bytes) -> bool:
        tally, is_right = self.tally, True
        if chromosome != self.contigs.name:
            is_right = self._enter(number, chromosome)
        if strand not in {b"+", b"-"}:
            self._margin.note(STRAND, number, "strand", "+ or -", strand)
            is_right = False
        if not _DIGITS.fullmatch(position) or not int(position):
            self._margin.note(POSITION, number, "position", "a whole number from 1", position)
            return False
        place = int(position)
        if place <= tally[START]:
            got = f"{place} after {tally[START]}"
            self._margin.note(UNSORTED, number, "position", "a higher position than in the line before", got)
            is_right = False
        tally[START] = place
        tally[HIGHEST] = max(tally[HIGHEST], place)
        if place > tally[LENGTH]:
            self._margin.note(PAST_END, number, "position", self.contigs.assembly, place)
            return False
        return is_right

    def _enter(self, number: int, chromosome: bytes) -> bool:
        self._note_alone(self.tally[WAITING] >= 0)
        before = self.contigs.enter(chromosome, number)
        if not _NAME.fullmatch(chromosome):
            self._margin.note(CHROMOSOME, number, "chromosome", "1 to 255 printable characters", chromosome)
        elif before:
            got = f"{chromosome.decode()} again, first in line {before}"
            self._margin.note(SPLIT, number, "chromosome", "all records of a chromosome in one block", got)
        else:
            return True
        return False

    def _judge_context(self, number: int, fields: list[bytes]) -> int:
        """The context, from 0; negative when something is wrong with it."""
        context, three = fields[5], fields[6]
        if context not in _CONTEXTS:
            self._margin.note(CONTEXT, number, "context", "CG, CHG or CHH", context)
        elif not _THREE.fullmatch(three) or not all(_LONGER.fullmatch(each) for each in fields[7:]):
            self._margin.note(TRINUCLEOTIDE, number, "trinucleotide", "C and two letters", b" ".join(fields[6:]))
        elif _CONTEXTS[_context_of(three)] != context:
            expected = "the context of the trinucleotide"
            self._margin.note(DISAGREES, number, "context", expected, b" ".join((context, three)))
        else:
            return _context_of(three)
        return -1

    def _count(self, number: int, fields: list[bytes], group: int) -> None:
        tally, position, strand = self.tally, int(fields[1]), fields[2]
        self._pair(number, position, strand, group)
        methylated, unmethylated = int(fields[3]), int(fields[4])
        calls = methylated + unmethylated
        tally[STRANDS + (strand == b"-")] += 1
        add_calls(tally, group, methylated, calls)
        if calls:
            add_level(tally, 100 * methylated / calls)
        if self._rows is not None:
            kind = (strand.decode(), "C", _CONTEXTS[group].decode())
            self._rows.add(fields[0], (position - 1, position), kind, (methylated, unmethylated))

    def _pair(self, number: int, position: int, strand: bytes, group: int) -> None:
        """Counts CpGs of which the other strand is not in the next line.

        The outermost bases of a chromosome have no trinucleotide on one strand, so that they stand alone rightly.
        """
        waiting = self.tally[WAITING]
        is_second = group == 0 and strand == b"-"
        is_pair = is_second and position == waiting + 1
        self._note_alone(waiting >= 0 and not is_pair)
        if is_second and not is_pair and position > 2:
            self._waiting_line = number
            self._note_alone(True)
        self.tally[WAITING] = position if group == 0 and strand == b"+" and position > 1 else -1
        self._waiting_line = number

    def _note_alone(self, is_alone: bool) -> None:
        if is_alone:
            self.tally[ALONE] += 1
            if not self.tally[ALONE_LINE]:
                self.tally[ALONE_LINE] = self._waiting_line

    def _emit(self, cells: Any) -> None:
        assert self._rows is not None
        group = (cells[5] == packed(b"CHG")) + 2 * (cells[5] == packed(b"CHH"))
        columns = {
            "start": cells[1] - 1,
            "end": cells[1],
            "strand": ((cells[2] == ord("-")) * 1, ["+", "-"]),
            "code": "C",
            "context": (group, [each.decode() for each in _CONTEXTS]),
            "modified": cells[3],
            "unmodified": cells[4],
        }
        self._rows.add_columns(self.contigs.name, columns)

    def finish(self) -> Facts:
        """The file is over: its facts."""
        if self._rows is not None:
            self._rows.flush()
        self._note_alone(self.tally[WAITING] >= 0)
        facts = call_facts(self.tally)
        coverage = facts["coverage_histogram"]
        assert isinstance(coverage, dict)
        # Lines with other errors leave their partners alone as well.
        if self.tally[ALONE] and coverage["0"] and not self._is_filtered and not self._margin.has_errors:
            got = f"{self.tally[ALONE]} without the other strand"
            self._margin.note(ALONE_STRAND, self.tally[ALONE_LINE], "position", "both strands, line by line", got)
        self._margin.finish(self.tally[RECORDS], self.contigs)
        by_context = {name.decode(): group_facts(self.tally, group) for group, name in enumerate(_CONTEXTS)}
        return as_facts(
            {
                **facts,
                **self.contigs.facts(),
                "contexts": {name: each for name, each in by_context.items() if each["records"]},
                "strands": strand_facts(self.tally),
                "synthetic": True if self._is_synthetic else None,
            }
        )


class _BismarkReport:
    """The format of Bismark's cytosine reports (see :class:`catalog.formats.protocol.Format`)."""

    name = "bismark-cpg-report"
    title = "Bismark cytosine report"
    mediatype = "text/tab-separated-values"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        COLUMNS,
        CHROMOSOME,
        POSITION,
        STRAND,
        COUNT,
        CONTEXT,
        TRINUCLEOTIDE,
        DISAGREES,
        UNSORTED,
        SPLIT,
        ALONE_STRAND,
        COMMENT,
        PAST_END,
        *_WHOLE_FILE.all,
    )

    def sniff(self, head: Head) -> int:
        """By the name, by the first records, or by both."""
        named = _REPORT_NAME.search(head.stem) is not None and not head.has_suffix(".cov")
        records = (line for line in head.lines() if not line.startswith(b"#"))
        first = [line.removesuffix(b"\r").split(b"\t") for line in islice(records, _SNIFFED_LINES)]
        if most_look_right(first, _looks_right):
            return _BY_BOTH if named else _BY_CONTENT
        return BY_NAME if named else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: those of :func:`catalog.formats.intervals.calls.call_facts`; ``contexts`` and ``strands`` with their
        records, calls and methylation; ``contigs`` and ``fits_assemblies``; ``synthetic`` where a comment says so.
        Evidence: ``contig_ends``, the highest position on each contig.
        """
        judge = _Report(reading)
        judge_lines(reading, judge)
        facts = judge.finish()
        reading.evidence["contig_ends"] = judge.contigs.ends()
        return facts


BISMARK_CPG_REPORT = _BismarkReport()


def _looks_right(fields: list[bytes]) -> bool:
    return (
        len(fields) in {7, 9, 10}
        and all(_DIGITS.fullmatch(fields[each]) for each in (1, 3, 4))
        and fields[2] in {b"+", b"-"}
        and fields[5] in _CONTEXTS
    )
