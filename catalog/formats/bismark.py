"""Bismark coverage files (``.bismark.cov``): methylated and unmethylated calls at each covered cytosine.

Six tab-separated columns, positions from 1, no header: chromosome, start, end, percentage of methylated
calls, methylated calls, unmethylated calls. In a file of merged CpGs every record spans two bases.
A file is read line by line; what is held grows with the number of chromosomes only.

Facts: ``records``, ``contigs`` (the first 1,000 names in order), ``mean_coverage`` (calls a record),
``mean_methylation_percent`` (methylated calls as a share of all calls), ``merged_cpg``, ``synthetic``.

Source: Bismark's documentation, methylation extraction (coverage output).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, numbered_lines
from catalog.model import Tier

_SOURCE = "Bismark documentation, methylation extraction (coverage output)"

COLUMNS = Rule(
    "bismark-columns",
    Severity.ERROR,
    Level.SPEC,
    "the line does not have six tab-separated columns",
    "take Bismark's own .bismark.cov file; columns are separated by one tab each",
    _SOURCE,
)
HEADER = Rule(
    "bismark-header",
    Severity.ERROR,
    Level.SPEC,
    "the file starts with a header or track line",
    "delete the line; the bedGraph output has a track line, the coverage output has none",
    _SOURCE,
    "Readers take the line for a record.",
)
COMMENT = Rule(
    "bismark-comment",
    Severity.WARNING,
    Level.BANK,
    "the file starts with comment lines, which Bismark does not write",
    "delete the lines where other programs must read the file",
    "fairline",
    "Most readers of coverage files stop at a comment.",
)
CHROMOSOME = Rule(
    "bismark-chromosome",
    Severity.ERROR,
    Level.SPEC,
    "the chromosome's name is empty or has characters that no name has",
    "give the name of the sequence in the reference genome",
    f"{_SOURCE}; SAMv1, 1.2.1",
)
POSITION = Rule(
    "bismark-position",
    Severity.ERROR,
    Level.SPEC,
    "the position is not a whole number from 1",
    "positions count from 1; take the .cov file, not the zero-based bedGraph",
    _SOURCE,
)
SPAN = Rule(
    "bismark-span",
    Severity.ERROR,
    Level.SPEC,
    "the end is not the start of the same cytosine, or not of its CpG",
    "in a coverage file start and end are equal; only in a file of merged CpGs is every end one higher",
    f"{_SOURCE}; coverage2cytosine --merge_CpG",
)
PERCENTAGE = Rule(
    "bismark-percentage",
    Severity.ERROR,
    Level.SPEC,
    "the percentage is not a number from 0 to 100",
    "take Bismark's own file; decimals are written with a point",
    _SOURCE,
)
COUNT = Rule(
    "bismark-count",
    Severity.ERROR,
    Level.SPEC,
    "the number of calls is not a whole number from 0",
    "take Bismark's own file",
    _SOURCE,
)
UNCOVERED = Rule(
    "bismark-uncovered",
    Severity.ERROR,
    Level.SPEC,
    "the record has no calls at all",
    "leave uncovered positions out; the genome-wide cytosine report is the file that lists them",
    _SOURCE,
)
DISAGREES = Rule(
    "bismark-percentage-disagrees",
    Severity.ERROR,
    Level.SPEC,
    "the percentage is not that of the calls",
    "make the file again with bismark2bedGraph; counts and percentages come from different runs",
    _SOURCE,
    "One program would use the percentage and another the counts.",
)
UNSORTED = Rule(
    "bismark-unsorted",
    Severity.ERROR,
    Level.SPEC,
    "the position is not higher than the one before it",
    "sort by chromosome and position (sort -k1,1 -k2,2n) and look for repeated positions",
    f"{_SOURCE} (bismark2bedGraph sorts)",
)
SPLIT = Rule(
    "bismark-chromosome-split",
    Severity.ERROR,
    Level.SPEC,
    "the records of a chromosome do not stand together",
    "sort by chromosome and position (sort -k1,1 -k2,2n)",
    f"{_SOURCE} (bismark2bedGraph sorts)",
)
NO_RECORDS = Rule(
    "bismark-no-records",
    Severity.WARNING,
    Level.BANK,
    "the file has no records",
    "check that the methylation extraction found calls",
    "fairline",
)

_WHOLE = re.compile(rb"[0-9]{1,12}")
_NAME = re.compile(rb"[!-~]{1,255}")
_PERCENTAGE = re.compile(rb"[0-9]{1,3}(?:\.(?P<decimals>[0-9]{1,20}))?(?:[eE](?P<exponent>-[0-9]{1,2}))?")
_SNIFFED_LINES = 5
_NAMED_CONTIGS = 1000
_REMEMBERED_CALLS = 1 << 16
_MOST_CONTIGS = 1 << 20
_BY_CONTENT = 50
_BY_BOTH = 80


def _fields(line: bytes) -> list[bytes]:
    return line.split(b"\t")


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
    # As many digits as were printed: half a unit of the last one, and the rounding of doubles.
    last = 10.0 ** (int(written["exponent"] or 0) - len(written["decimals"] or b""))
    if abs(float(percentage) - 100 * m / (m + u)) > last / 2 + 1e-9:
        return DISAGREES, 4
    return m, u


class _Pass:
    """One pass over the records of a file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._known: dict[bytes, tuple[int, int]] = {}
        self._seen: dict[bytes, int] = {}
        self._chromosome = b""
        self._position = 0
        self._span: int | None = None
        self.records = self.methylated = self.calls = 0

    def take(self, number: int, line: bytes) -> None:
        """The next line that is no leading comment."""
        fields = line.split(b"\t", 3)
        if len(fields) != 4 or fields[3].count(b"\t") != 2:
            self._refuse_line(number, line)
            return
        chromosome, start, end, rest = fields
        if not _WHOLE.fullmatch(start) or not _WHOLE.fullmatch(end):
            self._refuse_position(number, start, end)
            return
        position = int(start)
        self.records += 1
        if chromosome != self._chromosome:
            self._enter(number, chromosome)
        elif position <= self._position:
            expected = "a higher position than in the line before"
            self._find(UNSORTED, number, 2, expected=expected, got=f"{position} after {self._position}")
        self._judge_span(number, position, int(end))
        self._position = position
        self._judge_calls(number, rest)

    def _find(self, rule: Rule, line: int, column: int, *, expected: str, got: object) -> None:
        self._reading.find(rule.at(Place(line=line, column=column), expected=expected, got=got))

    def _refuse_line(self, number: int, line: bytes) -> None:
        if number == 1 and line.startswith((b"track", b"browser")):
            self._reading.find(HEADER.at(Place(line=1), expected="a record", got=line))
            return
        got = f"{len(_fields(line))} columns"
        self._reading.find(COLUMNS.at(Place(line=number), expected="6 columns", got=got))

    def _refuse_position(self, number: int, start: bytes, end: bytes) -> None:
        if number == 1 and not start[:1].isdigit():
            place = Place(line=1)
            self._reading.find(HEADER.at(place, expected="a record", got=b"\t".join((start, end))))
            return
        column, got = (2, start) if not _WHOLE.fullmatch(start) else (3, end)
        self._find(POSITION, number, column, expected="a whole number from 1", got=got)

    def _enter(self, number: int, chromosome: bytes) -> None:
        if not _NAME.fullmatch(chromosome):
            self._find(CHROMOSOME, number, 1, expected="1 to 255 printable characters", got=chromosome)
        elif chromosome in self._seen:
            expected = "all records of a chromosome in one block"
            got = f"{chromosome.decode()} again, first in line {self._seen[chromosome]}"
            self._find(SPLIT, number, 1, expected=expected, got=got)
        elif len(self._seen) < _MOST_CONTIGS:
            self._seen[chromosome] = number
        self._chromosome = chromosome

    def _judge_span(self, number: int, start: int, end: int) -> None:
        if start == 0:
            self._find(POSITION, number, 2, expected="a whole number from 1", got=start)
        span = end - start
        if self._span is None and span in {0, 1}:
            self._span = span
        if span != (self._span or 0):
            expected = "the start plus 1" if self._span else "the start"
            self._find(SPAN, number, 3, expected=expected, got=f"{start} to {end}")

    def _judge_calls(self, number: int, rest: bytes) -> None:
        """Percentage and calls; the same three columns come again and again, so they are judged once."""
        calls = self._known.get(rest)
        if calls is None:
            columns = rest.split(b"\t")
            judged = _calls(*columns)
            if isinstance(judged[0], Rule):
                rule, column = judged[0], judged[1]
                got = columns[column - 4] if rule is not DISAGREES else b" ".join(columns)
                self._find(rule, number, column, expected=_EXPECTED[rule.code], got=got)
                return
            calls = (judged[0], judged[1])
            if len(self._known) < _REMEMBERED_CALLS:
                self._known[rest] = calls
        self.methylated += calls[0]
        self.calls += calls[0] + calls[1]

    def facts(self, *, synthetic: bool) -> Facts:
        """The facts of the whole file."""
        contigs = [name.decode("ascii", "backslashreplace") for name in self._seen]
        return as_facts(
            {
                "records": self.records,
                "contigs": contigs[:_NAMED_CONTIGS],
                "mean_coverage": round(self.calls / self.records, 4) if self.records else None,
                "mean_methylation_percent": round(100 * self.methylated / self.calls, 4) if self.calls else None,
                "merged_cpg": True if self._span == 1 else None,
                "synthetic": True if synthetic else None,
            }
        )


_EXPECTED = {
    PERCENTAGE.code: "0 to 100",
    COUNT.code: "a whole number from 0",
    UNCOVERED.code: "at least one call",
    DISAGREES.code: "100 x methylated / all calls",
}


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
        SPAN,
        PERCENTAGE,
        COUNT,
        UNCOVERED,
        DISAGREES,
        UNSORTED,
        SPLIT,
        NO_RECORDS,
    )

    def sniff(self, head: Head) -> int:
        """By the name, by the first records, or by both."""
        if b"\0" in head.text:
            return NO
        named = head.has_suffix(".cov")
        lines = [line for line in head.text.split(b"\n")[:-1] or [head.text] if not line.startswith(b"#")]
        first = [_fields(line.removesuffix(b"\r")) for line in lines[:_SNIFFED_LINES]]
        if first and all(_looks_right(fields) for fields in first):
            return _BY_BOTH if named else _BY_CONTENT
        return BY_NAME if named else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file; the facts are those of the module's first lines."""
        records = _Pass(reading)
        leading, synthetic = True, False
        for number, line in numbered_lines(reading):
            leading = leading and line.startswith(b"#")
            if leading:
                synthetic = synthetic or b"synthetic" in line.lower()
                reading.find(COMMENT.at(Place(line=number), expected="no comments", got=line))
            else:
                records.take(number, line)
        if not records.records and not reading.has_errors:
            reading.find(NO_RECORDS.at(expected="at least one record"))
        return records.facts(synthetic=synthetic)


BISMARK_COV = _BismarkCoverage()


def _looks_right(fields: list[bytes]) -> bool:
    if len(fields) != 6 or not all(_WHOLE.fullmatch(fields[i]) for i in (1, 2, 4, 5)):
        return False
    if int(fields[2]) - int(fields[1]) not in {0, 1}:
        return False
    return _PERCENTAGE.fullmatch(fields[3]) is not None and float(fields[3]) <= 100
