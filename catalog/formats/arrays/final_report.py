"""Illumina FinalReport: the table of genotypes and signals that GenomeStudio exports, one row for each SNP and sample.

A part ``[Header]`` says how many SNPs and samples there are, a part ``[Data]`` has a line of column names and the rows;
tabs or commas separate. The form "matrix" (one row a SNP, one column a sample) is taken as well. Columns that are not
known are passed over: GenomeStudio lets its user add some.

Source: Illumina GenomeStudio Genotyping Module User Guide, Final Report; Illumina's BeadArrayFiles (gtc_final_report).
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.findings import Place, Rule
from catalog.formats.arrays.builds import judge_build, named_by_manifest
from catalog.formats.arrays.final_report_columns import COLUMN_RULES
from catalog.formats.arrays.final_report_header import CONTENT, ENCODING, HEADER_RULES, NO_DATA, ReportHeader
from catalog.formats.arrays.final_report_matrix import MATRIX_RULES, MatrixRows
from catalog.formats.arrays.final_report_rows import (
    ASSEMBLY,
    BLANK,
    PERSONAL,
    ROW_RULES,
    SAMPLE_OTHER,
    SAMPLE_UNLIKE_LINE,
    ReportRows,
)
from catalog.formats.personal import note_personal
from catalog.formats.protocol import LIKELY, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_START = b"[Header]"
_MEMBERS = (b"GSGT Version", b"Num SNPs", b"Total SNPs", b"[Data]")
_MOST_SHOWN = 5
_CHUNK_ROWS = 4096


class _FinalReport:
    """The FinalReport format (see :class:`catalog.formats.protocol.Format`)."""

    name = "final-report"
    title = "GenomeStudio final report"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (*HEADER_RULES, *COLUMN_RULES, *ROW_RULES, *MATRIX_RULES)

    def sniff(self, head: Head) -> int:
        """Sure of a part [Header] with one of its members, or of a part [Data] of SNPs."""
        text = head.text[:8192].removeprefix(b"\xef\xbb\xbf").lstrip()
        is_header = text.startswith(_START) and any(name in text for name in _MEMBERS)
        if is_header or text.startswith(_MEMBERS[0]) or (b"[Data]" in text and b"SNP Name" in text):
            return SURE
        is_text = b"\0" not in head.text
        return LIKELY if is_text and "finalreport" in head.stem.replace("_", "").replace(" ", "") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``records`` (rows), ``snps``, ``samples`` (how many), ``version`` (of GSGT), ``processing_date`` (as
        written), ``manifest``, ``layout`` (standard or matrix), ``file_part``, ``call_rate``, ``het_rate`` (of the
        calls), ``baf_bands``, ``baf_histogram``, ``lrr_sd``, ``lrr_histogram`` (25 bins each), ``sex_evidence``
        (``chr_x_heterozygosity``, ``chr_y_call_rate``),
        ``assembly``, ``synthetic``; rates, bands and sex are those of the sample that is looked at: the declared one,
        else the line's, else the first; ``sample_looked_at`` says which (declared, line, first) where there are several.

        Evidence: ``samples`` (their names, at most 1,000); ``sample`` (the one that is looked at) and its calls as
        numpy arrays of equal length, in the order of the rows: ``chromosomes`` (1 to 22, 23 X, 24 Y, 25 XY, 26 MT, 0
        unknown), ``positions``, ``rs`` (numbers of rs names, 0 for others), ``calls`` (two letters of ``-ABACGTDI`` as
        one byte: index of the first times 16 plus index of the second); ``probe_count``.
        """
        report = _Report(reading)
        number, is_utf8 = 1, True
        for block in reading.source.line_blocks():
            fault = _not_utf8(block) if is_utf8 and not block.isascii() else None
            if b"\r" in block:
                block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
            lines = block.split(b"\n")
            if fault is not None:
                # Between the findings of the lines before and behind, wherever blocks begin.
                before, got = fault
                report.take(number, lines[:before])
                reading.find(ENCODING.at(Place(line=number + before), expected="UTF-8", got=got))
                number, lines, is_utf8 = number + before, lines[before:], False
            report.take(number, lines)
            number += len(lines)
        return report.finish()


def _not_utf8(block: bytes) -> tuple[int, bytes] | None:
    """The first bytes of some lines that are not UTF-8, behind the number of lines before theirs."""
    try:
        block.decode()
    except UnicodeDecodeError as error:
        return block.count(b"\n", 0, error.start), block[error.start : error.end]
    return None


class _Report:
    """Gives the lines of a report to its header, then to its rows: many at once, one by one where something is wrong."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._header = ReportHeader(reading)
        self._rows: ReportRows | MatrixRows | None = None
        self._columns_next = False
        self._blank = 0

    def take(self, number: int, lines: list[bytes]) -> None:
        """Some more lines, of which the first has this number."""
        at = 0
        while at < len(lines) and self._rows is None:
            self._take_head(number + at, lines[at])
            at += 1
        while at < len(lines):
            chunk = lines[at : at + _CHUNK_ROWS]
            if self._blank or self._rows is None or not self._rows.take_many(chunk):
                for index, line in enumerate(chunk):
                    self._take_row(number + at + index, line)
            at += len(chunk)

    def _take_head(self, number: int, line: bytes) -> None:
        if not self._columns_next:
            self._columns_next = self._header.take(number, line)
        elif line:
            kind = MatrixRows if line[:1] in b"\t," else ReportRows
            self._rows = kind(self._reading, self._header, number, line)

    def _take_row(self, number: int, line: bytes) -> None:
        if not line:
            self._blank = self._blank or number
            return
        if self._blank:
            self._reading.find(BLANK.at(Place(line=self._blank), expected="a row"))
            self._blank = 0
        if self._rows is not None:
            self._rows.take(number, line)

    def finish(self) -> Facts:
        """The facts, when all lines were taken."""
        reading, header = self._reading, self._header
        if reading.source.findings and self._rows is None:
            return {}
        counted = {} if self._rows is None else self._rows.finish()
        header.finish()
        if self._rows is None:
            reading.find(NO_DATA.at(expected="[Data], a line of columns, rows", got="nothing"))
        return _tell(reading, header, counted, self._rows)


FINAL_REPORT = _FinalReport()


def _tell(reading: Reading, header: ReportHeader, counted: Facts, rows: ReportRows | MatrixRows | None = None) -> Facts:
    """Wishes about the whole file, and its facts."""
    manifest = header.manifest
    if header.is_whole and manifest == "":
        reading.find(CONTENT.at(Place(column="Content"), expected="the name of a BPM or CSV manifest"))
    assembly = None
    if rows is not None:
        _judge_samples(reading, rows.samples)
        said = named_by_manifest(manifest) if manifest else None
        assembly = judge_build(reading, ASSEMBLY, said, rows.highest)
    note_personal(reading, PERSONAL, header.members())
    looked_at = None if rows is None or len(rows.samples) < 2 else _choice(reading)
    return as_facts({**counted, **header.facts(), "sample_looked_at": looked_at, "assembly": assembly})


def _choice(reading: Reading) -> str:
    """Why the sample that is looked at was chosen; its name may be a person's."""
    declared, chosen = reading.declared, reading.evidence.get("sample")
    if chosen == declared.sample_id:
        return "declared"
    return "line" if chosen == declared.line_id else "first"


def _judge_samples(reading: Reading, samples: Sequence[str]) -> None:
    declared = reading.declared
    shown = ", ".join(samples[:_MOST_SHOWN]) or "no sample"
    place = Place(column="Sample ID")
    if declared.sample_id and declared.sample_id not in samples:
        reading.find(SAMPLE_OTHER.at(place, expected=declared.sample_id, got=shown))
    elif declared.line_id and not declared.sample_id and samples and declared.line_id not in samples:
        reading.find(SAMPLE_UNLIKE_LINE.at(place, expected=declared.line_id, got=shown))
    note_personal(reading, PERSONAL, (), [("Sample ID", sample) for sample in samples])
