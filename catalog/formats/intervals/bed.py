"""BED: regions of chromosomes, BED3 to BED9 and BED12 with columns of one's own, judged by GA4GH BEDv1.0.

A BED of a measurement whose targets were chosen (exome, panel, methylation capture) is a target BED: then overlapping
regions are told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from catalog.findings import Rule
from catalog.formats.containers import peek
from catalog.formats.intervals import bed_rules as rules
from catalog.formats.intervals.bed_fields import Fields
from catalog.formats.intervals.bed_lines import Columns, LineEnds
from catalog.formats.intervals.bed_shape import Shape, shape_of, standard_columns, stated_by_comment, stated_by_name
from catalog.formats.intervals.calls import new_reals, new_tally, strand_facts
from catalog.formats.intervals.contigs import NO_LENGTH, Contigs
from catalog.formats.intervals.fast_rows import FastRows, Table
from catalog.formats.intervals.margin import Margin
from catalog.formats.intervals.track_lines import kind_of
from catalog.formats.protocol import BY_NAME, LIKELY, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels.intervals_layout import (
    BASES,
    CONTIG,
    COVERED,
    END,
    FORM,
    HIGHEST,
    IS_TARGET,
    LETTER,
    LIKE,
    RECORDS,
    START,
    STRANDS,
    TEXT,
    WHOLE,
    WORD,
)
from catalog.model import Tier

_NAME = re.compile(rb"[A-Za-z0-9_]{1,255}")
_KINDS = (CONTIG, WHOLE, WHOLE, TEXT, WHOLE, LETTER, LIKE + 1, LIKE + 2, WORD)
_TARGETED = frozenset({"wes", "targeted-seq", "methyl-seq"})
_PLINK = b"\x6c\x1b\x01"
_SUFFIXES = (".narrowpeak", ".broadpeak", ".gappedpeak")
#: Three columns of a region may stand in any text or table.
_NOT_SUFFIXES = (".csv", ".tsv", ".txt", ".md", ".log")
_SNIFFED_LINES = 20
_HEAD_LINES = 200
_BY_CONTENT, _BY_BOTH = LIKELY + 5, BY_NAME + 5
#: Longer intervals are not added up: the cells are signed 64-bit integers.
_LONGEST_BASES = 1 << 40


class _Regions:
    """Judges the lines of a file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._margin = Margin(reading, rules.WHOLE_FILE)
        self.tally = new_tally()
        self.tally[IS_TARGET] = reading.declared.modality in _TARGETED
        self.contigs = Contigs(self.tally, reading.declared.assembly)
        self._ends = LineEnds(self._margin)
        self._columns = Columns()
        self._fields = Fields(self._margin, self.contigs, self.tally)
        self._shape: Shape | None = None
        self._comment = b""
        self._is_sorted, self._is_synthetic = True, False
        self._fast: FastRows | None = None

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line; a file whose lines end with CR is one line."""
        for each, piece in self._ends.pieces(number, line):
            self._take(each, piece)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over intervals of which there is nothing to say."""
        if self._fast is None or not self._columns.is_tab or not self._ends.is_usual:
            return at, number
        begun = number
        at, number = self._fast.take(buffer, at, number, self.contigs.name)
        if number > begun:
            self._ends.pass_over(begun, number - 1)
            self._columns.pass_over()
        return at, number

    def _take(self, number: int, line: bytes) -> None:
        if line.startswith(b"#") or not line.strip(b" \t"):
            self._is_synthetic = self._is_synthetic or b"synthetic" in line.lower()
            if line.startswith(b"#") and self._shape is None:
                self._comment = line
            return
        if kind := kind_of(line):
            self._margin.note(rules.TRACK, number, expected="intervals only", got=f"{kind} line")
            return
        self.tally[RECORDS] += 1
        fields = self._columns.split(line)
        if self._columns.count < 3:
            self._margin.note(rules.COLUMNS, number, expected="at least 3 columns", got=f"{len(fields)} columns")
            self._columns = Columns()
            return
        if not self._columns.is_tab:
            if not fields[0] or not fields[-1]:
                self._margin.note(rules.EDGE, number, expected="no blank there", got=line)
                fields = [each for each in fields if each]
            if b" " in line or b"\t\t" in line:
                self._margin.note(rules.SEPARATOR, number, expected="one tab")
        shape = self._shape
        if shape is None or shape.columns != self._columns.count:
            shape = self._begin(number)
        if len(fields) < 3:
            self._margin.note(rules.COLUMNS, number, expected="at least 3 columns", got=f"{len(fields)} columns")
        elif len(fields) != self._columns.count:
            expected = f"{self._columns.count} columns, as before"
            self._margin.note(rules.COLUMNS_DIFFER, number, expected=expected, got=f"{len(fields)} columns")
        else:
            self._judge(number, fields, shape.standard)

    def _begin(self, number: int) -> Shape:
        """The first interval: how many columns are those of BED."""
        count = self._columns.count
        stated = stated_by_name(self._reading.path) or stated_by_comment(self._comment, count)
        self._shape = shape = shape_of(count, stated, self._head_rows())
        self.tally[FORM] = shape.standard
        if shape.standard in {10, 11}:
            expected = "3 to 9 columns, or 12"
            self._margin.note(rules.COLUMNS_PROHIBITED, number, expected=expected, got=f"{count} columns")
        if shape.is_guessed:
            self._margin.note(rules.CUSTOM_GUESSED, number, str(shape.standard + 1), expected=str(shape))
        self._fast = None
        if shape.standard <= len(_KINDS):
            kinds = (*_KINDS[: shape.standard], *[TEXT] * shape.custom)
            self._fast = FastRows(Table(kinds=kinds, judge="judge_regions"), self.tally, new_reals(0.0))
        return shape

    def _head_rows(self) -> list[list[bytes]]:
        columns = Columns()
        lines = peek(self._reading.source.head_raw).replace(b"\r", b"\n").split(b"\n")[:-1]
        data = [each for each in lines if each.strip(b" \t") and not each.startswith(b"#") and not kind_of(each)]
        return [columns.split(each) for each in data[:_HEAD_LINES]]

    def _judge(self, number: int, fields: list[bytes], standard: int) -> None:
        if fields[0] != self.contigs.name:
            self._enter(number, fields[0])
        if b"" in fields[:standard]:
            column = fields.index(b"") + 1
            self._margin.note(rules.FIELD_EMPTY, number, str(column), "a value", b"\t".join(fields))
            return
        self._fields.custom(number, fields, standard, self._columns.is_tab)
        self._fields.simple(number, fields, standard)
        if standard < 6:
            self.tally[STRANDS + 2] += 1
        interval = self._fields.interval(number, fields[1], fields[2])
        if interval is None:
            return
        self._order(number, *interval)
        if standard > 6:
            self._fields.display(number, fields, standard, interval)
        if standard == 12:
            self._fields.block_columns(number, fields, interval)

    def _enter(self, number: int, name: bytes) -> None:
        other = self.contigs.other_naming(name)
        before = self.contigs.enter(name, number)
        if not _NAME.fullmatch(name):
            self._margin.note(rules.CHROMOSOME, number, "chrom", "letters, digits and _", name)
        elif before:
            self._is_sorted = False
            got = f"{name.decode()} again, first in line {before}"
            self._margin.note(rules.SPLIT, number, "chrom", "all intervals of a chromosome in one block", got)
        elif other:
            self._margin.note(
                rules.CHROMOSOME_NAMES, number, "chrom", "one name a chromosome", b" and ".join((other, name))
            )

    def _order(self, number: int, start: int, end: int) -> None:
        """Order, overlap and sums."""
        tally = self.tally
        before, highest = (tally[START], tally[END]), tally[HIGHEST]
        low, high = min(start, NO_LENGTH), min(end, NO_LENGTH)
        if (low, high) < before:
            self._is_sorted = False
            got = f"{start} to {end} after {before[0]} to {before[1]}"
            self._margin.note(rules.UNSORTED, number, "chromStart", "not lower than in the line before", got)
        elif tally[IS_TARGET] and low < highest and high > low:
            expected = "the end before, or higher"
            self._margin.note(rules.TARGET_OVERLAP, number, "chromStart", expected, f"{start} before {highest}")
        if high - low < _LONGEST_BASES:
            tally[BASES] += high - low
            tally[COVERED] += max(0, high - max(low, highest))
        tally[START], tally[END], tally[HIGHEST] = low, high, max(highest, high)

    def finish(self) -> Facts:
        """The file is over: its facts."""
        tally, shape, reading = self.tally, self._shape, self._reading
        has_end = self._ends.finish(reading.source.ends_with_newline)
        self._margin.finish(tally[RECORDS], self.contigs, has_end=has_end)
        covered = tally[COVERED] if self._is_sorted else None
        return as_facts(
            {
                "records": tally[RECORDS],
                "form": str(shape) if shape else None,
                "bases": tally[BASES],
                "covered_bases": covered,
                "overlapping_bases": tally[BASES] - covered if covered is not None else None,
                "blocks": self._fields.blocks or None,
                "strands": strand_facts(tally) if shape and shape.standard > 5 else None,
                "is_target": True if tally[IS_TARGET] else None,
                **self.contigs.facts(),
                "synthetic": True if self._is_synthetic else None,
            }
        )


class _Bed:
    """The format (see :class:`catalog.formats.protocol.Format`)."""

    name = "bed"
    title = "Browser Extensible Data"
    mediatype = "text/plain"
    edam = "EDAM:format_3003"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = rules.RULES

    def sniff(self, head: Head) -> int:
        """By the name, unless it is PLINK's, which has no lines; by both; else by three columns of a region."""
        if head.raw.startswith(_PLINK):
            return NO
        lines = (part for line in head.lines() for part in line.split(b"\r"))
        data = list(islice((each for each in lines if each.strip() and not each.startswith(b"#")), _SNIFFED_LINES))
        fitting = sum(map(_looks_right, data))
        if head.has_suffix(".bed", *_SUFFIXES) or stated_by_name(head.name):
            # One line of another kind, or with bytes that no text has, shall not make another format of it.
            return _BY_BOTH if fitting and 2 * fitting >= len(data) else NO if b"\0" in head.text else BY_NAME
        if head.has_suffix(*_NOT_SUFFIXES) or b"\0" in head.text:
            return NO
        return _BY_CONTENT if data and fitting == len(data) else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``records``; ``form`` (such as BED6+4); ``bases`` (sum of the lengths), ``covered_bases`` (bases in at
        least one interval) and ``overlapping_bases`` (what is between both), of a sorted file; ``blocks``; ``strands``;
        ``is_target``; ``contigs``, ``fits_assemblies``; ``synthetic`` where a comment says so. Evidence: ``contig_ends``,
        the highest position on each contig.
        """
        judge = _Regions(reading)
        reading.source.allows_cr = True
        judge_lines(reading, judge)
        facts = judge.finish()
        reading.evidence["contig_ends"] = judge.contigs.ends()
        return facts


BED = _Bed()


def _looks_right(line: bytes) -> bool:
    fields = re.split(rb"[ \t]+", line)
    if len(fields) < 3 or standard_columns(fields) < 3 or not _NAME.fullmatch(fields[0]):
        return False
    return int(fields[1][:20]) <= int(fields[2][:20])
