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

from typing import TYPE_CHECKING

from catalog.findings import Place, Rule, show
from catalog.formats.protocol import Facts, Reading, as_facts
from catalog.formats.vcf.alleles import Alleles
from catalog.formats.vcf.blocks import BLOCK_RULES
from catalog.formats.vcf.declarations import DECLARATION_RULES
from catalog.formats.vcf.genotypes import GENOTYPE_RULES
from catalog.formats.vcf.header import (
    HEADER_RULES,
    MANY_PARTS,
    MISSING,
    MOST_PARTS,
    Header,
    HeaderReader,
    check_declared,
)
from catalog.formats.vcf.information import INFO_RULES
from catalog.formats.vcf.listener import SiteListener
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.meta import FILEFORMAT, META_RULES
from catalog.formats.vcf.records import Records
from catalog.formats.vcf.rows import PlainRows
from catalog.formats.vcf.sites import SITE_RULES
from catalog.formats.vcf.tally import Tally
from catalog.formats.vcf.text import BLANK, BLANK_LAST, check_end, check_text

if TYPE_CHECKING:  # the compiler behind it is loaded only for a large file
    from catalog.formats.vcf.fast import FastRecords

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
    *BLOCK_RULES,
    NO_RECORDS,
)

_NAMES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_SEPARATORS = {2: (b";",), 4: (b",",), 6: (b";",), 7: (b";", b","), 8: (b":",)}
_OF_SAMPLES = (b":", b",", b"/", b"|")
_FIXED = 8
#: Lines below are split without a look at what that costs.
_SHORT_LINE = 1 << 20
_MOST_CONTIGS = 1_000_000


class VcfJudge:
    """Judges the lines of a VCF in their order (a LineJudge).

    Attributes:
        header: what the header says; None before its end.
        records: the reader of records; None before the first.
        alleles: REF and ALT of the last record.
    """

    def __init__(self, reading: Reading, listener: SiteListener | None = None) -> None:
        """Begins a file.

        Args:
            reading: where findings and evidence go.
            listener: who wants the records at some positions.
        """
        self.header: Header | None = None
        self.records: Records | None = None
        self.alleles = Alleles(count=0)
        self._reading = reading
        self._listener = listener
        self._margin = Margin(reading)
        self._reader = HeaderReader(self._margin)
        self._blank = 0
        self._fast: FastRecords | None = None

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
        if self.records is not None:
            check_text(stored, margin)
            self._take_record(line, self.records)
            return
        is_complete = self._reader.take(line)
        check_text(stored, margin)
        if is_complete:
            records = self._begin_records()
            if self._reader.ended_by_record:
                self._take_record(line, records)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of which :meth:`take` would say nothing."""
        if self.records is None or self.header is None or self._blank or self.header.columns > MOST_PARTS:
            return at, number
        if self._fast is None:
            from catalog.formats.vcf.fast import FastRecords

            self._fast = FastRecords(self.records, self.header, self._margin)
        at, following = self._fast.take(buffer, at, number)
        if following > number:
            self._margin.place = Place(line=following - 1)
        return at, following

    def take_record(self, line: bytes, place: Place) -> None:
        """Takes the next record, written as a line of VCF without line end.

        Args:
            line: the record.
            place: where it is in its file; findings about it have this place.
        """
        self._margin.place = place
        self._take_record(line, self.records or self._begin_records())

    def _begin_records(self) -> Records:
        header = self.header = self._reader.finish()
        self.records = Records(header, self._margin, self._listener)
        sink = self._reading.sink("variants-1")
        if sink is not None:
            self.records.rows = PlainRows(sink, header.samples)
        if not self._reader.ended_by_record:
            check_declared(header, self._reading.declared, self._margin)
        return self.records

    def _take_record(self, line: bytes, records: Records) -> None:
        assert self.header is not None
        margin, wanted = self._margin, self.header.columns
        number = line.count(b"\t") + 1
        if number != wanted or line.startswith((b"##", b"#CHROM\t")):
            if line.startswith(b"#"):
                margin.note(LATE_HEADER, expected="a record", got=line)
                return
            margin.note(COLUMNS, None, "as many columns as the header", line, number=number, wanted=wanted)
        records.tally.records += 1
        if number < _FIXED:
            return
        columns = line.split(b"\t", wanted)[:wanted] if wanted <= MOST_PARTS else line.split(b"\t", _FIXED)[:_FIXED]
        if len(line) > _SHORT_LINE and self._has_many_parts(columns):
            return
        if b"" in columns:
            index = columns.index(b"")
            margin.note(FIELD_EMPTY, self._name_of(index), "a value or a dot", line)
            columns = [column or b"." for column in columns]
        self.alleles = records.take(columns)
        if self._fast is not None:
            self._fast.learn(columns, self.alleles.count)

    def _name_of(self, index: int) -> str:
        """A column for people; where #CHROM is broken, columns have no names."""
        assert self.header is not None
        names = (_NAMES[index],) if index < len(_NAMES) else self.header.samples[index - len(_NAMES) :][:1]
        return show(names[0]) if names and names[0] else f"column {index + 1}"

    def _has_many_parts(self, columns: list[bytes]) -> bool:
        """Whether a column of a long line has more values than anything real has."""
        for index, column in enumerate(columns):
            separators = _SEPARATORS.get(index, _OF_SAMPLES if index > _FIXED else ())
            if len(column) > MOST_PARTS and sum(map(column.count, separators)) > MOST_PARTS:
                name = _NAMES[min(index, _FIXED)]
                self._margin.note(MANY_PARTS, name, "fewer parts", column, what=name, limit=MOST_PARTS)
                return True
        return False

    def finish(self, *, with_text: bool = True) -> Facts:
        """The checks of the whole file, and its facts and evidence (:meth:`catalog.formats.vcf.VcfFormat.read` lists them).

        Args:
            with_text: whether the lines were lines of a text file, whose end is judged as well.
        """
        margin, reading, records = self._margin, self._reading, self.records
        header = self.header or self._reader.finish()
        if self._listener is not None:
            names = [each.decode("utf-8", "replace") for each in header.samples]
            reading.evidence.update(self._listener.evidence(names))
        tally = records.tally if records is not None else Tally(0)
        if self._fast is not None:
            self._fast.finish()
        if not reading.source.findings:
            if records is None:
                if margin.place == Place():
                    margin.note_whole(FILEFORMAT, "fileformat")
                margin.note(MISSING, "#CHROM", expected="#CHROM ...")
            if with_text:
                check_end(reading, margin, with_records=tally.records > 0)
            if self._blank:
                margin.place = Place(line=self._blank)
                margin.note(BLANK_LAST, expected="no blank line")
            if records is not None and not tally.records:
                margin.note_whole(NO_RECORDS)
        if records is not None:
            records.finish()
            counts = records.per_contig.items()
            reading.evidence["records_per_contig"] = {name.decode("utf-8", "replace"): count for name, count in counts}
        contigs = header.contigs
        reading.evidence["contigs"] = dict(list(contigs.items())[:_MOST_CONTIGS])
        evidence = header.evidence
        return as_facts(
            {
                "version": f"VCFv4.{header.minor}",
                "samples": header.sample_names,
                "contigs": len(contigs),
                "assembly": header.assembly,
                "assembly_evidence": _evidence(evidence.agreeing, len(evidence.disagreeing), evidence.others),
                **tally.facts(header.sample_names),
                "synthetic": header.synthetic or None,
            }
        )


def _evidence(agreeing: int, disagreeing: int, others: object) -> dict[str, object] | None:
    """How many chromosomes have the length or checksum of the assembly; None where no line tells one."""
    if not agreeing:
        return None
    return {"agreeing": agreeing, "disagreeing": disagreeing, "others": others}
