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
from catalog.formats.arrays.final_report_header import CONTENT, HEADER_RULES, NO_DATA, ReportHeader
from catalog.formats.arrays.final_report_rows import (
    ASSEMBLY,
    BLANK,
    MATRIX_RULES,
    PERSONAL,
    ROW_RULES,
    SAMPLE_OTHER,
    SAMPLE_UNLIKE_LINE,
    MatrixRows,
    ReportRows,
)
from catalog.formats.arrays.personal import note_personal
from catalog.formats.protocol import LIKELY, NO, SURE, Facts, Head, Reading, as_facts, numbered_lines
from catalog.model import Tier

_START = b"[Header]"
_MOST_SHOWN = 5


class _FinalReport:
    """The FinalReport format (see :class:`catalog.formats.protocol.Format`)."""

    name = "final-report"
    title = "GenomeStudio final report"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (*HEADER_RULES, *COLUMN_RULES, *ROW_RULES, *MATRIX_RULES)

    def sniff(self, head: Head) -> int:
        """Sure of a part [Header] with one of its members."""
        text = head.text[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
        if text.startswith(_START) and any(
            name in text for name in (b"GSGT Version", b"Num SNPs", b"Total SNPs", b"[Data]")
        ):
            return SURE
        is_text = b"\0" not in head.text
        return LIKELY if is_text and "finalreport" in head.stem.replace("_", "").replace(" ", "") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``records`` (rows), ``snps``, ``samples`` (how many), ``version`` (of GSGT), ``processing_date`` (as
        written), ``manifest``, ``layout`` (standard or matrix), ``file_part``, ``call_rate``, ``het_rate`` (of the
        calls), ``baf_bands``, ``lrr_sd``, ``sex_evidence`` (``chr_x_heterozygosity``, ``chr_y_call_rate``),
        ``assembly``, ``synthetic``; rates, bands and sex are those of the sample that is looked at: the declared one,
        else the line's, else the first.

        Evidence: ``samples`` (their names, at most 1,000); ``sample`` (the one that is looked at) and its calls as
        numpy arrays of equal length, in the order of the rows: ``chromosomes`` (1 to 22, 23 X, 24 Y, 25 XY, 26 MT, 0
        unknown), ``positions``, ``rs`` (numbers of rs names, 0 for others), ``calls`` (two letters of ``-ABACGTDI`` as
        one byte: index of the first times 16 plus index of the second); ``probe_count``.
        """
        header = ReportHeader(reading)
        rows: ReportRows | MatrixRows | None = None
        columns_next = False
        blank = 0
        for number, line in numbered_lines(reading):
            if rows is not None:
                if not line:
                    blank = blank or number
                    continue
                if blank:
                    reading.find(BLANK.at(Place(line=blank), expected="a row"))
                    blank = 0
                rows.take(number, line)
            elif columns_next:
                if line:
                    is_matrix = line[:1] == header.separator
                    rows = (MatrixRows if is_matrix else ReportRows)(reading, header, number, line)
            else:
                columns_next = header.take(number, line)
        if reading.source.findings and rows is None:
            return {}
        header.finish()
        if rows is None:
            reading.find(NO_DATA.at(expected="[Data], a line of columns, rows", got="nothing"))
            return _tell(reading, header, {})
        return _tell(reading, header, rows.finish(), rows)


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
    return as_facts({**counted, **header.facts(), "assembly": assembly})


def _judge_samples(reading: Reading, samples: Sequence[str]) -> None:
    declared = reading.declared
    shown = ", ".join(samples[:_MOST_SHOWN]) or "no sample"
    place = Place(column="Sample ID")
    if declared.sample_id and declared.sample_id not in samples:
        reading.find(SAMPLE_OTHER.at(place, expected=declared.sample_id, got=shown))
    elif declared.line_id and not declared.sample_id and samples and declared.line_id not in samples:
        reading.find(SAMPLE_UNLIKE_LINE.at(place, expected=declared.line_id, got=shown))
    note_personal(reading, PERSONAL, (), [("Sample ID", sample) for sample in samples])
