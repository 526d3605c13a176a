"""SAM: header and records as text (SAMv1, 1.3-1.5)."""

from __future__ import annotations

import re

from catalog.findings import Rule
from catalog.formats.alignment.columns import COLUMN_RULES, Columns
from catalog.formats.alignment.contigs import DECLARED_RULES, evidence_of, header_facts, judge_declared, put_contigs
from catalog.formats.alignment.header import HEADER_RULES, HeaderReader, HeaderTooLong
from catalog.formats.alignment.margin import SAM as SPECIFICATION
from catalog.formats.alignment.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.alignment.records import RECORD_RULES, RecordJudge
from catalog.formats.alignment.tags import TAG_RULES, TagJudge
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts, judge_lines
from catalog.kernels import bam_state as at
from catalog.model import Tier

COLUMNS = forbidden(
    "sam-columns",
    "a record has fewer than eleven columns",
    "look whether the line was cut, or TABs became spaces",
    f"{SPECIFICATION}, 1.4: the first eleven fields are always present",
)
LATE_HEADER = forbidden(
    "sam-header-late",
    "a header line stands behind a record",
    "move it to the top; look whether files were joined with cat",
    f"{SPECIFICATION}, 1: the header must be prior to the alignments",
)
BLANK = forbidden(
    "sam-blank-line",
    "a blank line within the file",
    "delete it",
    f"{SPECIFICATION}, 1.4: each line has eleven or more fields",
)
BLANK_LAST = unusual("sam-blank-last-line", "a blank line at the end of the file", "delete it", f"{SPECIFICATION}, 1.4")
LINE_END = forbidden(
    "sam-line-end-windows",
    "lines end with CR+LF",
    "convert the line ends (dos2unix)",
    f"{SPECIFICATION}, 1.3-1.5: no field may hold a CR",
    "The CR becomes a part of the last field.",
)
NO_NEWLINE = unwanted(
    "sam-final-newline",
    "the last line has no line end",
    "look whether the file was cut, and append a line end",
    "fairline",
)
NO_RECORDS = unwanted(
    "sam-no-records", "the file has no record", "look whether the right file was exported", "fairline"
)
NO_CONTIGS = unwanted(
    "sam-sq-missing",
    "reads are mapped, and the header has no @SQ lines",
    "add them (samtools view -t, samtools reheader)",
    f"{SPECIFICATION}, 2 (1.2): @SQ lines should be present if reads have been mapped",
    "The assembly cannot be told, and BAM cannot be made.",
)

#: Rules that SAM, BAM and CRAM share.
SHARED_RULES: tuple[Rule, ...] = (*HEADER_RULES, *DECLARED_RULES, *RECORD_RULES, *TAG_RULES, NO_RECORDS)

_RECORD_COLUMNS = 11
#: More columns than there can be fields of different names: some name stands twice.
_MOST_COLUMNS = _RECORD_COLUMNS + 52 * 62 + 1
_HEADER_LINE = re.compile(rb"@(?:HD|SQ|RG|PG|CO)(?:\t|$)")
_ANY_RECORD = re.compile(
    rb"[^\t\n]+\t[0-9]+\t[^\t\n]+\t[0-9]+\t[0-9]+\t(?:\*|[0-9MIDNSHP=X]+)\t[^\t\n]+\t[0-9]+\t[-+]?[0-9]+\t"
)


class SamJudge:
    """Judges a SAM line by line."""

    def __init__(self, reading: Reading) -> None:
        self.margin = Margin(reading)
        self._header_reader: HeaderReader | None = HeaderReader(self.margin)
        self._start(self._header_reader)
        self._blank = 0
        self._has_windows_ends = False
        self._has_stopped = False

    def _start(self, reader: HeaderReader) -> None:
        """Begins with the records; before the header is complete for a file that ends within it."""
        self.header = reader.header
        self._columns = Columns(self.header, self.margin)
        self._tags = TagJudge(self.header, self.margin)
        self.records = RecordJudge(self.header, self.margin)

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line: without its LF, with a CR that it may have."""
        if self._has_stopped:
            return
        margin = self.margin
        margin.line = number
        if line.endswith(b"\r"):
            if not self._has_windows_ends:
                margin.note(LINE_END, expected="LF")
            self._has_windows_ends = True
            line = line[:-1]
        if not line:
            self._blank = self._blank or number
            return
        if self._blank:
            margin.line, self._blank = self._blank, 0
            margin.note(BLANK, expected="no blank line")
            margin.line = number
        if self._header_reader is not None:
            if line.startswith(b"@"):
                try:
                    self._header_reader.take(line)
                except HeaderTooLong:
                    self._has_stopped = True
                return
            self._end_header()
            margin.line = number
        self._take_record(line)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over nothing: SAM as text is rare and small where BAM is at hand."""
        return at, number

    def _end_header(self) -> None:
        if self._header_reader is not None:
            self._header_reader.finish()
            self._start(self._header_reader)
            self._header_reader = None

    def _take_record(self, line: bytes) -> None:
        if _HEADER_LINE.match(line):
            self.margin.note(LATE_HEADER, "header", "header lines first", line)
            return
        fields = line.split(b"\t", _MOST_COLUMNS)
        self.records.tally.state[at.RECORDS] += 1
        if len(fields) < _RECORD_COLUMNS:
            self.margin.note(COLUMNS, expected="11 columns, with a TAB between", got=f"{len(fields)} columns")
            return
        record = self._columns.read(fields[:_RECORD_COLUMNS])
        if len(fields) > _RECORD_COLUMNS:
            self._tags.take_text(fields[_RECORD_COLUMNS:])
        if record is not None:
            self.records.tally.state[at.RECORDS] -= 1
            self.records.take(record)

    def finish(self, reading: Reading) -> None:
        """The findings of the whole file."""
        margin = self.margin
        last = margin.line
        self._end_header()
        if reading.source.findings or self._has_stopped:
            return
        if self._blank:
            margin.line = self._blank
            margin.note(BLANK_LAST, expected="no blank line")
        margin.line = last
        if not reading.source.ends_with_newline:
            margin.note(NO_NEWLINE, expected="a line end")
        state = self.records.tally.state
        if not state[at.RECORDS]:
            margin.note_whole(NO_RECORDS, expected="records")
        if state[at.MAPPED] and not self._columns.is_declared:
            margin.note_whole(NO_CONTIGS, "@SQ", "a line for each reference sequence")
        self.records.finish(is_text=True)


class SamFormat:
    """Sequence alignments as text."""

    name = "sam"
    title = "Sequence Alignment/Map"
    mediatype = "text/plain"
    edam = "EDAM:format_2573"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (
        *SHARED_RULES, COLUMNS, LATE_HEADER, BLANK, BLANK_LAST, LINE_END, NO_NEWLINE, NO_CONTIGS, *COLUMN_RULES,
    )  # fmt: skip

    def sniff(self, head: Head) -> int:
        """Sure of a header line or a record of eleven columns; by name for what is called .sam."""
        text = head.text.removeprefix(b"\xef\xbb\xbf")
        if _HEADER_LINE.match(text) or _ANY_RECORD.match(text):
            return SURE
        return BY_NAME if head.has_suffix(".sam") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: version, sort_order, contigs, assembly, assembly_chromosomes, read_groups, samples, platforms, programs,
        records, mapped, duplicates, paired, properly_paired, secondary, supplementary, failed_filters, read_length
        (shortest, longest, mean of primary records, in bases), mean_quality, q30_percent, is_sorted_by_coordinate,
        sex_evidence (mapped records of X and Y per base pair, as shares of those of chromosomes 1 to 22), mates.
        Evidence: ``contigs`` (base pairs by name), ``records_per_contig`` (mapped and unmapped by name).
        """
        judge = SamJudge(reading)
        judge_lines(reading, judge)
        judge.finish(reading)
        return finish_facts(judge.records, judge.margin, reading)


def finish_facts(records: RecordJudge, margin: Margin, reading: Reading) -> Facts:
    """Compares a file with what is declared, puts its evidence down and returns its facts."""
    header, tally, mates = records.header, records.tally, records.mates.counts_so_far()
    evidence = evidence_of(header)
    judge_declared(header, evidence, reading.declared, margin)
    put_contigs(header, reading)
    reading.evidence["records_per_contig"] = tally.records_per_contig(header)
    pairs = {"compared": mates.pairs, "alone": mates.alone, "not_compared": mates.not_compared or None}
    return as_facts(
        {
            **header_facts(header, evidence),
            **tally.facts(header),
            "mates": as_facts(dict(pairs)) if tally.state[at.PAIRED] else None,
        }
    )


SAM = SamFormat()
