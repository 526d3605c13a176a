"""The judge of a VCF, line by line: the header, then one record after the other.

This is the door for other formats that hold VCF records. BCF, for one, turns header and records into lines and asks::

    judge = VcfJudge(reading)
    for number, line in enumerate(text.rstrip(b"\\n").split(b"\\n"), 1):
        judge.take(number, line)                                      # the header, #CHROM ... included
    for record, offset, line in ...:
        judge.take_record(line, Place(record=record, offset=offset))  # findings have this place
    facts = judge.finish(with_text=False)                             # the checks of the whole file

``judge.header`` (after the line of column names) has samples, declared keys and contigs; ``judge.alleles`` what REF and
ALT of the last record are. Its rules are :data:`JUDGE_RULES`; those about lines of text are not among them.
"""

from __future__ import annotations

from catalog.findings import Place, Rule
from catalog.formats.protocol import Facts, Reading, as_facts
from catalog.formats.vcf.declarations import DECLARATION_RULES
from catalog.formats.vcf.genotypes import GENOTYPE_RULES, GenotypeReader
from catalog.formats.vcf.header import HEADER_RULES, MISSING, Header, HeaderReader, check_declared
from catalog.formats.vcf.information import INFO_RULES, InfoReader
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.meta import FILEFORMAT, META_RULES
from catalog.formats.vcf.sites import SITE_RULES, Alleles, SiteReader
from catalog.formats.vcf.tally import Tally
from catalog.formats.vcf.text import BLANK, BLANK_LAST, check_end, check_text

COLUMNS = forbidden(
    "vcf-columns",
    "the record has {number} columns, the header {wanted}",
    "separate columns by one tab; give FORMAT and every sample where the header names samples",
    "VCFv4.3, 1.6: data lines are tab-delimited with no tab character at the end",
)
FIELD_EMPTY = forbidden(
    "vcf-field-empty",
    "a column of the record is empty",
    "write a dot for a missing value",
    "VCFv4.3, 1: zero length fields are not allowed",
)
LATE_HEADER = forbidden(
    "vcf-header-after-records",
    "a line of the header stands below the line of column names",
    "move it above that line",
    "VCFv4.5, 1.4: meta-information lines must appear first, before the header line",
)
NO_RECORDS = unwanted(
    "vcf-no-records", "the file has no record", "look whether the right file was exported", "fairline"
)

#: The rules of header and records, for whichever format they are held in.
JUDGE_RULES: tuple[Rule, ...] = (
    *META_RULES,
    *DECLARATION_RULES,
    *HEADER_RULES,
    COLUMNS,
    FIELD_EMPTY,
    LATE_HEADER,
    *SITE_RULES,
    *INFO_RULES,
    *GENOTYPE_RULES,
    NO_RECORDS,
)

_NAMES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_FIXED = 8


class VcfJudge:
    """Judges the lines of a VCF in their order (a LineJudge).

    Attributes:
        header: what the header says; None before its end.
        alleles: REF and ALT of the last record.
        tally: what was counted.
    """

    def __init__(self, reading: Reading) -> None:
        self.header: Header | None = None
        self.alleles = Alleles(count=0)
        self.tally = Tally()
        self._reading = reading
        self._margin = Margin(reading)
        self._reader = HeaderReader(self._margin)
        self._blank = 0

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line of text, of the header or a record."""
        margin = self._margin
        stored, line = line, line.removesuffix(b"\r")
        if not line:
            self._blank = self._blank or number
            return
        if self._blank:
            margin.place = Place(line=self._blank)
            margin.note(BLANK, expected="no blank line")
            self._blank = 0
        margin.place = Place(line=number)
        if self.header is not None:
            check_text(stored, margin)
            self._take_record(line)
            return
        is_complete = self._reader.take(line)
        check_text(stored, margin)
        if is_complete:
            self._begin_records()
            if self._reader.ended_by_record:
                self._take_record(line)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of which :meth:`take` would say nothing."""
        return at, number

    def take_record(self, line: bytes, place: Place) -> None:
        """Takes the next record, written as a line of VCF without line end.

        Args:
            line: the record.
            place: where it is in its file; findings about it have this place.
        """
        self._margin.place = place
        self._take_record(line)

    def _begin_records(self) -> None:
        header = self.header = self._reader.finish()
        self._sites = SiteReader(header, self._margin)
        self._info = InfoReader(header, self._margin)
        self._genotypes = GenotypeReader(header, self._margin)
        self._has_one_sample = len(header.samples) == 1
        if not self._reader.ended_by_record:
            check_declared(header, self._reading.declared, self._margin)

    def _take_record(self, line: bytes) -> None:
        assert self.header is not None
        columns = line.split(b"\t")
        wanted = self.header.columns
        if len(columns) != wanted:
            if line.startswith(b"#"):
                self._margin.note(LATE_HEADER, expected="a record", got=line)
                return
            self._margin.note(COLUMNS, None, "as many columns as the header", line, number=len(columns), wanted=wanted)
            if len(columns) < _FIXED:
                self.tally.records += 1
                return
        self.tally.records += 1
        if b"" in columns:
            index = columns.index(b"")
            self._margin.note(FIELD_EMPTY, _NAMES[index] if index < len(_NAMES) else "FORMAT", "a value or a dot", line)
            columns = [column or b"." for column in columns]
        alleles = self.alleles = self._sites.read(columns)
        self._info.read(columns[7], alleles, self._sites.pos)
        self.tally.add(alleles)
        if len(columns) > _FIXED + 1:
            samples = columns[_FIXED + 1 :]
            self._genotypes.read(columns[_FIXED], samples, alleles.count)
            if self._has_one_sample and columns[_FIXED][:2] == b"GT":
                self.tally.add_genotype(samples[0].partition(b":")[0])

    def finish(self, *, with_text: bool = True) -> Facts:
        """The checks of the whole file, and its facts.

        Args:
            with_text: whether the lines were lines of a text file, whose end is judged as well.
        """
        margin, reading = self._margin, self._reading
        header = self.header or self._reader.finish()
        if not reading.source.findings:
            if self.header is None:
                if margin.place == Place():
                    margin.note_whole(FILEFORMAT, "fileformat")
                margin.note(MISSING, "#CHROM", expected="#CHROM ...")
            if with_text:
                check_end(reading, margin, with_records=self.tally.records > 0)
            if self._blank:
                margin.place = Place(line=self._blank)
                margin.note(BLANK_LAST, expected="no blank line")
            if self.header is not None and not self.tally.records:
                margin.note_whole(NO_RECORDS)
        names = header.sample_names
        return as_facts(
            {
                "version": f"VCFv4.{header.minor}",
                "samples": names,
                "contigs": len(header.declarations.contigs),
                "assembly": header.assembly,
                **self.tally.facts(one_sample=len(names) == 1),
                "synthetic": header.synthetic or None,
            }
        )
