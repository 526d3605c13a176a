"""VCF 4.0 to 4.5, judged by the specification (samtools/hts-specs) column by column in one pass."""

from __future__ import annotations

from catalog.findings import Rule
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.formats.vcf.declarations import DECLARATION_RULES
from catalog.formats.vcf.genotypes import GENOTYPE_RULES, GenotypeReader
from catalog.formats.vcf.header import HEADER_RULES, MISSING, Header, HeaderReader, check_declared
from catalog.formats.vcf.information import INFO_RULES, InfoReader
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.meta import FILEFORMAT, META_RULES
from catalog.formats.vcf.sites import SITE_RULES, SiteReader
from catalog.formats.vcf.tally import Tally
from catalog.formats.vcf.text import BLANK, BLANK_LAST, TEXT_RULES, check_end, check_text, lines
from catalog.model import Tier

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
NOT_BGZF = unwanted(
    "vcf-not-bgzf",
    "the file is not compressed with BGZF",
    "compress it with bgzip; it stays readable by every gzip",
    "SAMv1, 4.1; fairline",
    "Only BGZF can be indexed and read in parts.",
)
NO_RECORDS = unwanted(
    "vcf-no-records", "the file has no record", "look whether the right file was exported", "fairline"
)

_NAMES = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
_FIXED = 8


class _Body:
    """The records of a VCF, one after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self.tally = Tally()
        self._header = header
        self._margin = margin
        self._sites = SiteReader(header, margin)
        self._info = InfoReader(header, margin)
        self._genotypes = GenotypeReader(header, margin)
        self._one_sample = len(header.samples) == 1

    def take(self, line: bytes) -> None:
        """Judges one record."""
        columns = line.split(b"\t")
        if len(columns) != self._header.columns:
            if line.startswith(b"#"):
                self._margin.note(LATE_HEADER, expected="a record", got=line)
                return
            number, wanted = len(columns), self._header.columns
            self._margin.note(COLUMNS, None, "as many columns as the header", line, number=number, wanted=wanted)
            if len(columns) < _FIXED:
                self.tally.records += 1
                return
        self.tally.records += 1
        if b"" in columns:
            index = columns.index(b"")
            self._margin.note(FIELD_EMPTY, _NAMES[index] if index < len(_NAMES) else "FORMAT", "a value or a dot", line)
            columns = [column or b"." for column in columns]
        alleles = self._sites.read(columns)
        self._info.read(columns[7], alleles, self._sites.pos)
        self.tally.add(alleles)
        if len(columns) > _FIXED + 1:
            samples = columns[_FIXED + 1 :]
            self._genotypes.read(columns[_FIXED], samples, alleles.count)
            if self._one_sample and columns[_FIXED][:2] == b"GT":
                self.tally.add_genotype(samples[0].partition(b":")[0])


class VcfFormat:
    """The Variant Call Format."""

    name = "vcf"
    title = "Variant Call Format"
    mediatype = "text/plain"
    edam = "EDAM:format_3016"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (
        *TEXT_RULES,
        *META_RULES,
        *DECLARATION_RULES,
        *HEADER_RULES,
        COLUMNS,
        FIELD_EMPTY,
        LATE_HEADER,
        *SITE_RULES,
        *INFO_RULES,
        *GENOTYPE_RULES,
        NOT_BGZF,
        NO_RECORDS,
    )

    def sniff(self, head: Head) -> int:
        """Sure of ``##fileformat=VCF``; by name for text called .vcf, so that a broken file is judged as VCF."""
        text = head.text.removeprefix(b"\xef\xbb\xbf")
        if text.startswith(b"##fileformat=VCF"):
            return SURE
        if b"\0" in head.text:
            return NO
        if text.startswith((b"##fileformat=", b"#CHROM\tPOS\tID\tREF\tALT")) or head.has_suffix(".vcf"):
            return BY_NAME
        return NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once; facts: records, samples, version, contigs, assembly, snvs, indels, ti_tv and, for
        one sample, het, hom_alt and missing; ``synthetic`` where the header says so.
        """
        margin = Margin(reading)
        reader = HeaderReader(margin)
        body: _Body | None = None
        blank = 0
        for number, line, stored in lines(reading):
            margin.line = number
            if not line:
                blank = blank or number
                continue
            if blank:
                margin.line, blank = blank, 0
                margin.note(BLANK, expected="no blank line")
                margin.line = number
            if body is not None:
                if stored:
                    check_text(stored, margin)
                body.take(line)
                continue
            complete = reader.take(line)
            if stored:
                check_text(stored, margin)
            if complete:
                header = reader.finish()
                body = _Body(header, margin)
                if reader.ended_by_record:
                    body.take(line)
                else:
                    check_declared(header, reading.declared, margin)
        return self._finish(reading, margin, reader, body, blank)

    def _finish(self, reading: Reading, margin: Margin, reader: HeaderReader, body: _Body | None, blank: int) -> Facts:
        """The checks of the whole file, and its facts."""
        header = reader.finish()
        tally = body.tally if body is not None else Tally()
        if not reading.source.findings:
            if body is None:
                if margin.line == 0:
                    margin.note_whole(FILEFORMAT, "fileformat")
                margin.note(MISSING, "#CHROM", expected="#CHROM ...")
            check_end(reading, margin, with_records=tally.records > 0)
            if blank:
                margin.line = blank
                margin.note(BLANK_LAST, expected="no blank line")
            if body is not None and not tally.records:
                margin.note_whole(NO_RECORDS)
        if reading.source.container != "bgzf":
            margin.note_whole(NOT_BGZF, got=reading.source.container)
        names = header.sample_names
        return as_facts(
            {
                "version": f"VCFv4.{header.minor}",
                "samples": names,
                "contigs": len(header.declarations.contigs),
                "assembly": header.assembly,
                **tally.facts(one_sample=len(names) == 1),
                "synthetic": header.synthetic or None,
            }
        )


VCF = VcfFormat()
