"""SAM, BAM and CRAM: one list of faults of header and records for all three, and faults of each form."""

from __future__ import annotations

import struct
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pysam

from catalog.findings import Level
from catalog.formats.protocol import Declared
from publish.demo.compression import bgzf_file, gzip_file
from tests.formats import alignment_files as files
from tests.formats.alignment_files import GENOME, HEADER, BamRecord, bam_of, header_of, pair_lines, tag_of, text_of
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

PAIRS = tuple(pair_lines(7, 8))
READ = "q1 0 chr1 100 60 10M * 0 0 ACGTACGTAC FFFFFFFFFF"
LAST = "r9 0 chr2 900 60 10M * 0 0 ACGTACGTAC FFFFFFFFFF"


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One fault, in the lines of a SAM.

    Attributes:
        line: of the header; ``record`` of the records; from 1.
        leans: whether it is a warning of the specification's rules and an error of the bank's.
        in_cram: whether CRAM can hold it.
    """

    id: str
    code: str
    header: Sequence[str] = HEADER
    records: Sequence[str] = PAIRS
    line: int | None = None
    record: int | None = None
    column: str | None = None
    only: bool = True
    leans: bool = False
    in_cram: bool = True
    declared: Declared = field(default_factory=Declared)


def with_line(number: int, line: str) -> tuple[str, ...]:
    """The header with another line at a place."""
    return (*HEADER[: number - 1], line, *HEADER[number:])


def added(*lines: str) -> tuple[str, ...]:
    """The header with more lines."""
    return (*HEADER, *lines)


def of_header(name: str, code: str, *lines: str, column: str, at: int = 7, only: bool = True) -> Wrong:
    """A fault of an added line."""
    return Wrong(id=name, code=code, header=added(*lines), line=at, column=column, only=only)


def of_first(name: str, code: str, line: str, column: str, **rest: object) -> Wrong:
    """A fault of the first line."""
    return Wrong(id=name, code=code, header=with_line(1, line), line=1, column=column, **rest)  # type: ignore[arg-type]


HEADER_FAULTS = [
    of_header("kind", "sam-header-record", "@XX ID:x", column="header"),
    of_header("blanks", "sam-header-record", "@RG_ID:x_SM:s", column="header"),
    of_header("comment-without-tab", "sam-header-record", "@CO", column="header"),
    of_header("no-colon", "sam-header-field", "@RG ID:x SM:s note", column="@RG"),
    of_header("no-value", "sam-header-field", "@RG ID:x SM:s DS:", column="@RG"),
    of_header("tag-starts-with-digit", "sam-header-field", "@PG ID:x 1N:y", column="@PG"),
    of_header("tab-at-end", "sam-header-field", "@PG ID:x ", column="@PG"),
    of_header("control-character", "sam-header-field", "@PG ID:x PN:a\x01b", column="@PG"),
    of_header("not-ascii", "sam-header-encoding", "@RG ID:x SM:é", column="@RG/SM"),
    of_header("tag-twice", "sam-header-tag-twice", "@RG ID:x SM:s SM:t", column="@RG/SM"),
    of_header("no-length", "sam-header-required", "@SQ SN:chr3", column="@SQ/LN", only=False),
    of_header("no-name", "sam-header-required", "@SQ LN:9", column="@SQ/SN", only=False),
    of_header("no-id", "sam-header-required", "@RG SM:s", column="@RG/ID"),
    of_header("no-program-id", "sam-header-required", "@PG PN:x", column="@PG/ID"),
    Wrong(id="too-many-lines", code="sam-header-too-long", header=(HEADER[0], *["@CO x"] * 500_000), records=(), line=500_001, column="header"),
    of_first("no-version", "sam-header-required", "@HD SO:coordinate", "@HD/VN"),
    Wrong(id="second", code="sam-hd-position", header=(HEADER[1], HEADER[0], *HEADER[2:]), line=2, column="@HD"),
    of_header("again", "sam-hd-position", "@HD VN:1.6 SO:coordinate", column="@HD"),
    of_first("version", "sam-hd-version", "@HD VN:1 SO:coordinate", "@HD/VN"),
    of_first("order", "sam-hd-order", "@HD VN:1.6 SO:sorted", "@HD/SO"),
    of_first("order-of-capitals", "sam-hd-order", "@HD VN:1.6 SO:Coordinate", "@HD/SO"),
    of_first("group", "sam-hd-order", "@HD VN:1.6 GO:name", "@HD/GO"),
    of_first("sub-sort", "sam-hd-order", "@HD VN:1.6 SO:coordinate SS:coordinate", "@HD/SS"),
    of_first("other-sub-sort", "sam-hd-sub-sort", "@HD VN:1.6 SO:coordinate SS:queryname:natural", "@HD/SS"),
    of_header("name-with-bracket", "sam-sq-name", "@SQ SN:chr<3> LN:9", column="@SQ/SN"),
    of_header("name-with-star", "sam-sq-name", "@SQ SN:*3 LN:9", column="@SQ/SN"),
    of_header("alias-with-equals", "sam-sq-name", "@SQ SN:chr3 LN:9 AN:3,=3", column="@SQ/AN"),
    of_header("name-twice", "sam-sq-name-twice", "@SQ SN:chr1 LN:3000", column="@SQ/SN"),
    of_header("alias-of-other", "sam-sq-name-twice", "@SQ SN:chr3 LN:9 AN:3,chr2", column="@SQ/AN"),
    of_header("length-zero", "sam-sq-length", "@SQ SN:chr3 LN:0", column="@SQ/LN"),
    of_header("length-too-large", "sam-sq-length", "@SQ SN:chr3 LN:2147483648", column="@SQ/LN"),
    of_header("length-text", "sam-sq-length", "@SQ SN:chr3 LN:9kb", column="@SQ/LN"),
    of_header("md5-short", "sam-sq-md5", "@SQ SN:chr3 LN:9 M5:abc", column="@SQ/M5"),
    of_header("md5-capitals", "sam-sq-md5", f"@SQ SN:chr3 LN:9 M5:{'A' * 32}", column="@SQ/M5"),
    of_header("topology", "sam-sq-topology", "@SQ SN:chr3 LN:9 TP:round", column="@SQ/TP"),
    of_header("locus", "sam-sq-locus", "@SQ SN:chr3 LN:9 AH:chr1:9-5", column="@SQ/AH"),
    of_header("locus-equals", "sam-sq-locus", "@SQ SN:chr3 LN:9 AH:=", column="@SQ/AH"),
    of_header("date", "sam-rg-date", "@RG ID:x SM:s DT:2020-23-06", column="@RG/DT"),
    of_header("date-leap", "sam-rg-date", "@RG ID:x SM:s DT:2021-02-29", column="@RG/DT"),
    of_header("date-hour", "sam-rg-date", "@RG ID:x SM:s DT:2021-02-20T25:00", column="@RG/DT"),
    of_header("date-word", "sam-rg-date", "@RG ID:x SM:s DT:Tuesday", column="@RG/DT"),
    of_header("date-week", "sam-rg-date", "@RG ID:x SM:s DT:2021-W54-1", column="@RG/DT"),
    of_header("date-day-of-year", "sam-rg-date", "@RG ID:x SM:s DT:2021-366", column="@RG/DT"),
    of_header("date-blank", "sam-rg-date-blank", "@RG ID:x SM:s DT:2020-06-23_12:00:00", column="@RG/DT"),
    of_header("insert-size", "sam-rg-insert-size", "@RG ID:x SM:s PI:300-400", column="@RG/PI"),
    of_header("platform", "sam-rg-platform", "@RG ID:x SM:s PL:454", column="@RG/PL"),
    of_header("platform-case", "sam-rg-platform-case", "@RG ID:x SM:s PL:Illumina", column="@RG/PL"),
    of_header("flow-order", "sam-rg-bases", "@RG ID:x SM:s FO:ACG1", column="@RG/FO"),
    of_header("key-sequence", "sam-rg-bases", "@RG ID:x SM:s KS:TC4G", column="@RG/KS"),
    of_header("group-twice", "sam-header-id-twice", "@RG ID:g1 SM:s1", column="@RG/ID"),
    of_header("program-twice", "sam-header-id-twice", "@PG ID:bwa", column="@PG/ID"),
    of_header("previous", "sam-pg-previous", "@PG ID:x PP:lost", column="@PG/PP"),
    of_header("circle", "sam-pg-circle", "@PG ID:x PP:y", "@PG ID:y PP:x", column="@PG/PP", at=8),
    of_header("own-previous", "sam-pg-own-previous", "@PG ID:x PP:x", column="@PG/PP"),
    Wrong(id="no-hd", code="sam-hd-missing", header=HEADER[1:], line=1, column="@HD"),
    of_first("order-and-group", "sam-hd-order-and-group", "@HD VN:1.6 SO:coordinate GO:none", "@HD/GO"),
    of_header("no-sample", "sam-rg-sample-missing", "@RG ID:x", column="@RG/SM"),
    of_header("account", "sam-header-personal", "@PG ID:x CL:bwa_mem_/home/kim/ref.fa", column="@PG"),
    of_header("address", "sam-header-personal", "@CO asked_kim@example.org", column="@CO"),
    of_header("patient", "sam-header-personal", "@RG ID:x SM:s DS:patient_name:_Kim", column="@RG"),
    Wrong(
        id="other-assembly", code="sam-assembly-not-declared", column="@SQ", declared=Declared(assembly="GRCh37"),
        header=with_line(2, "@SQ SN:chr1 LN:248956422"),
    ),
    Wrong(
        id="two-assemblies", code="sam-assembly-mixed", column="@SQ",
        header=(HEADER[0], "@SQ SN:chr1 LN:248956422", "@SQ SN:chr2 LN:243199373", *HEADER[3:]),
    ),
    Wrong(id="other-sample", code="sam-sample-not-declared", column="@RG/SM", declared=Declared(sample_id="s2")),
    Wrong(id="other-line", code="sam-sample-not-the-line", column="@RG/SM", declared=Declared(line_id="KSCBi005-A")),
]  # fmt: skip


def of_record(
    name: str, code: str, line: str, column: str, *, leans: bool = False, only: bool = True, in_cram: bool = True
) -> Wrong:
    """A fault of one record among others."""
    return Wrong(
        id=name, code=code, records=(READ.replace("q1", "q0"), line, LAST), record=2, column=column, leans=leans, only=only,
        in_cram=in_cram,
    )  # fmt: skip


def pair_with(first: str, second: str, name: str, column: str, *, in_cram: bool = True) -> Wrong:
    """Two mates that disagree."""
    lines = (f"p {first} ACGTACGTAC FFFFFFFFFF", f"p {second} ACGTACGTAC FFFFFFFFFF", LAST)
    return Wrong(id=name, code="sam-mates", records=lines, record=2, column=column, leans=True, in_cram=in_cram)


BODY = "ACGTACGTAC FFFFFFFFFF"
RECORD_FAULTS = [
    of_record("reserved-bit", "sam-flag-reserved", f"r 4096 chr1 100 60 10M * 0 0 {BODY}", "FLAG", in_cram=False),
    of_record("single-with-bit", "sam-flag-unpaired", f"r 64 chr1 100 60 10M * 0 0 {BODY}", "FLAG", leans=True),
    of_record("unmapped-cigar", "sam-unmapped-field", f"r 4 chr1 100 0 10M * 0 0 {BODY}", "CIGAR", leans=True, in_cram=False),
    of_record("unmapped-mapq", "sam-unmapped-field", f"r 4 chr1 100 9 * * 0 0 {BODY}", "MAPQ", leans=True, in_cram=False),
    of_record("unmapped-secondary", "sam-unmapped-field", f"r 260 chr1 100 0 * * 0 0 {BODY}", "FLAG", leans=True),
    of_record("unmapped-half-placed", "sam-unmapped-field", f"r 4 chr1 0 0 * * 0 0 {BODY}", "POS", leans=True, only=False, in_cram=False),
    of_record("mapped-nowhere", "sam-mapped-field", f"r 0 chr1 100 60 * * 0 0 {BODY}", "CIGAR", leans=True, in_cram=False),
    Wrong(id="mapped-without-contig", code="sam-mapped-field", records=(READ, f"r 0 * 0 60 10M * 0 0 {BODY}"), record=2,
          column="RNAME", leans=True, in_cram=False),
    Wrong(id="mapped-without-position", code="sam-mapped-field", records=(f"r 0 chr1 0 60 10M * 0 0 {BODY}", READ), record=1,
          column="POS", leans=True, in_cram=False),
    of_record("clip-within", "sam-cigar-clip", f"r 0 chr1 100 60 4M2S4M * 0 0 {BODY}", "CIGAR"),
    of_record("hard-clip-within", "sam-cigar-clip", f"r 0 chr1 100 60 2S3H8M * 0 0 {BODY}", "CIGAR"),
    of_record("neighbours", "sam-cigar-odd", f"r 0 chr1 100 60 4M6M * 0 0 {BODY}", "CIGAR", leans=True, in_cram=False),
    of_record("zero-length", "sam-cigar-odd", f"r 0 chr1 100 60 4M0D6M * 0 0 {BODY}", "CIGAR", leans=True, in_cram=False),
    of_record("cigar-too-short", "sam-cigar-length", f"r 0 chr1 100 60 9M * 0 0 {BODY}", "CIGAR", in_cram=False),
    of_record("cigar-too-long", "sam-cigar-length", f"r 0 chr1 100 60 5M1D6M * 0 0 {BODY}", "CIGAR", in_cram=False),
    of_record("starts-past-end", "sam-past-end", f"r 0 chr1 3001 60 10M * 0 0 {BODY}", "POS", leans=True),
    of_record("ends-past-end", "sam-past-end", f"r 0 chr1 2992 60 10M * 0 0 {BODY}", "CIGAR", leans=True),
    of_record("mate-past-end", "sam-past-end", f"r 1 chr1 100 60 10M chr2 1001 0 {BODY}", "PNEXT", leans=True),
    of_record("mate-of-single", "sam-mate-field", f"r 0 chr1 100 60 10M = 200 0 {BODY}", "RNEXT", leans=True, in_cram=False),
    of_record("mate-without-position", "sam-mate-field", f"r 1 chr1 100 60 10M = 0 0 {BODY}", "PNEXT", leans=True, in_cram=False),
    of_record("mate-without-contig", "sam-mate-field", f"r 1 chr1 100 60 10M * 200 0 {BODY}", "PNEXT", leans=True),
    of_record("template-of-single", "sam-tlen", f"r 0 chr1 100 60 10M * 0 55 {BODY}", "TLEN", leans=True, in_cram=False),
    of_record("template-over-two", "sam-tlen", f"r 1 chr1 100 60 10M chr2 200 55 {BODY}", "TLEN", leans=True),
    of_record("template-of-unmapped", "sam-tlen", f"r 9 chr1 100 60 10M = 100 55 {BODY}", "TLEN", leans=True),
    Wrong(id="order-of-positions", code="sam-order", records=(READ, READ.replace("q1", "r2").replace("100", "99"), LAST),
          record=2, column="POS"),
    Wrong(id="order-of-contigs", code="sam-order", records=(LAST, READ), record=2, column="POS"),
    Wrong(id="placed-behind-unplaced", code="sam-order", records=(f"u 4 * 0 0 * * 0 0 {BODY}", READ), record=2, column="POS"),
    Wrong(id="order-of-names", code="sam-order", header=with_line(1, "@HD VN:1.6 SO:queryname"),
          records=(READ.replace("q1", "b"), READ.replace("q1", "c"), READ.replace("q1", "a")), record=3, column="QNAME"),
    Wrong(id="order-of-names-natural", code="sam-order", header=with_line(1, "@HD VN:1.6 SO:queryname SS:queryname:natural"),
          records=(READ.replace("q1", "a10"), READ.replace("q1", "a9")), record=2, column="QNAME"),
    Wrong(id="order-of-names-lexicographical", code="sam-order", column="QNAME", record=2,
          header=with_line(1, "@HD VN:1.6 SO:queryname SS:queryname:lexicographical"),
          records=(READ.replace("q1", "a9"), READ.replace("q1", "a10"))),
    of_record("mapq-255", "sam-mapq-unavailable", f"r 0 chr1 100 255 10M * 0 0 {BODY}", "MAPQ"),
    pair_with("65 chr1 100 60 10M = 200 110", "129 chr1 201 60 10M = 100 -110", "mate-elsewhere", "PNEXT"),
    pair_with("65 chr1 100 60 10M = 200 110", "145 chr1 200 60 10M = 100 -110", "mate-strand", "FLAG", in_cram=False),
    pair_with("73 chr1 100 60 10M = 200 0", "129 chr1 200 60 10M = 100 0", "mate-unmapped-bit", "FLAG"),
    pair_with("65 chr1 100 60 10M = 200 110", "129 chr1 200 60 10M = 100 -109", "mate-template", "TLEN"),
    Wrong(id="alone", code="sam-mate-missing", records=(f"p 65 chr1 100 60 10M = 200 110 {BODY}", LAST), column="RNEXT"),
    Wrong(id="twice", code="sam-read-twice", records=(READ, READ, LAST), record=2, column="QNAME"),
    of_record("text-value", "sam-tag-value", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:Z:a\x7f", "XX", in_cram=False),
    of_record("character-value", "sam-tag-value", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:A:_", "XX", in_cram=False),
    of_record("hexadecimal-value", "sam-tag-value", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:H:ABC", "XX", in_cram=False),
    of_record("float-value", "sam-tag-value", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:f:inf", "XX"),
    of_record("float-in-array", "sam-tag-value", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:B:f,1,nan", "XX"),
    of_record("tag-twice", "sam-tag-twice", f"r 0 chr1 100 60 10M * 0 0 {BODY} XX:i:1 XX:i:1", "XX"),
    of_record("reserved-tag", "sam-tag-type", f"r 0 chr1 100 60 10M * 0 0 {BODY} NM:Z:1", "NM"),
    of_record("reserved-array", "sam-tag-type", f"r 0 chr1 100 60 10M * 0 0 {BODY} ML:B:s,1", "ML"),
    of_record("other-group", "sam-tag-not-in-header", f"r 0 chr1 100 60 10M * 0 0 {BODY} RG:Z:g2", "RG", in_cram=False),
    of_record("other-library", "sam-tag-not-in-header", f"r 0 chr1 100 60 10M * 0 0 {BODY} LB:Z:l2", "LB"),
    of_record("other-unit", "sam-tag-not-in-header", f"r 0 chr1 100 60 10M * 0 0 {BODY} PU:Z:u2", "PU"),
    of_record("other-program", "sam-tag-undeclared", f"r 0 chr1 100 60 10M * 0 0 {BODY} PG:Z:star", "PG"),
    Wrong(id="no-records", code="sam-no-records", records=()),
]  # fmt: skip


def by_level(fault: Wrong) -> Iterator[tuple[str, str, Level]]:
    """Identifier, code and level of what a fault gives."""
    if fault.leans:
        yield f"{fault.id}-advised", fault.code, Level.SPEC
        yield f"{fault.id}-refused", f"{fault.code}-refused", Level.BANK
    else:
        yield fault.id, fault.code, Level.BANK


def sam_defects() -> Iterator[Defect]:
    """The shared faults as SAM; the place is a line."""
    for fault in (*HEADER_FAULTS, *RECORD_FAULTS):
        content = text_of(fault.header, fault.records)
        line = fault.line if fault.record is None else len(fault.header) + fault.record
        for name, code, level in by_level(fault):
            yield Defect(id=name, content=content, code=code, line=line, column=fault.column, only=fault.only, level=level,
                         declared=fault.declared)  # fmt: skip


def bam_defects() -> Iterator[Defect]:
    """The shared faults as BAM; the place is a line of the header, or a record."""
    for fault in (*HEADER_FAULTS, *RECORD_FAULTS):
        content = bam_of(text_of(fault.header, fault.records))
        for name, code, level in by_level(fault):
            yield Defect(id=name, content=content, code=code, line=fault.line, record=fault.record, column=fault.column,
                         only=fault.only, level=level, declared=fault.declared)  # fmt: skip


def cram_of(sam: bytes, *options: bytes, reference: str | None = None) -> bytes:
    """A CRAM of a SAM, by htslib; without reference unless one is given."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "a.sam"), Path(folder, "a.cram")
        source.write_bytes(sam)
        chosen = [*(options or (b"version=3.0",)), *([] if reference else [b"no_ref=1"])]
        pysam.set_verbosity(0)
        with (
            pysam.AlignmentFile(str(source), check_sq=False) as lines,
            pysam.AlignmentFile(
                str(target), "wc", template=lines, format_options=chosen, reference_filename=reference
            ) as out,
        ):
            for record in lines:
                out.write(record)
        return target.read_bytes()


def cram_defects() -> Iterator[Defect]:
    """The shared faults as CRAM; those of the header in a file without records."""
    for fault in HEADER_FAULTS:
        content = files.cram_start(text_of(fault.header)) + files.CRAM_END
        yield Defect(id=fault.id, content=content, code=fault.code, line=fault.line, column=fault.column, only=False,
                     declared=fault.declared)  # fmt: skip
    for fault in RECORD_FAULTS:
        if fault.in_cram:
            content = cram_of(text_of(fault.header, fault.records))
            for name, code, level in by_level(fault):
                yield Defect(
                    id=name,
                    content=content,
                    code=code,
                    record=fault.record,
                    column=fault.column,
                    only=False,
                    level=level,
                )


def of_text(name: str, code: str, line: str, column: str | None, *, only: bool = True) -> Defect:
    """A fault that only SAM can have."""
    content = text_of(HEADER, (READ.replace("q1", "q0"), line, LAST))
    return Defect(id=name, content=content, code=code, line=8, column=column, only=only)


SAM_ONLY = [
    of_text("few-columns", "sam-columns", "r 0 chr1 100 60 10M * 0 0 ACGTACGTAC", None),
    of_text("blanks-for-tabs", "sam-columns", READ.replace(" ", "_"), None),
    of_text("late-header", "sam-header-late", "@CO late", "header"),
    Defect(id="blank-line", content=text_of(HEADER, (READ, "", LAST)), code="sam-blank-line", line=8),
    Defect(id="blank-last-line", content=text_of(HEADER, (READ, "")), code="sam-blank-last-line", line=8),
    Defect(id="windows", content=text_of(HEADER, (READ,)).replace(b"\n", b"\r\n"), code="sam-line-end-windows", line=1),
    Defect(id="no-newline", content=text_of(HEADER, (READ,))[:-1], code="sam-final-newline", line=7),
    Defect(id="no-contigs", content=text_of((HEADER[0], *HEADER[3:]), (READ,)), code="sam-sq-missing", column="@SQ"),
    Defect(id="not-utf8", content=text_of(added("@CO x"), PAIRS).replace(b"\tx\n", b"\t\xff\n"), code="sam-header-encoding",
           line=7, column="@CO"),
    of_text("name-at", "sam-qname", READ.replace("q1", "q@1"), "QNAME"),
    of_text("name-starts-with-at", "sam-qname", READ.replace("q1", "@q1"), "QNAME"),
    of_text("name-empty", "sam-qname", READ[2:], "QNAME"),
    of_text("name-blank", "sam-qname", READ.replace("q1", "r_1"), "QNAME"),
    of_text("name-long", "sam-qname", READ.replace("q1", "r" * 255), "QNAME"),
    of_text("flag-text", "sam-flag", READ.replace(" 0 chr1", " x chr1"), "FLAG"),
    of_text("flag-large", "sam-flag", READ.replace(" 0 chr1", " 65536 chr1"), "FLAG"),
    of_text("flag-hexadecimal", "sam-flag", READ.replace(" 0 chr1", " 0x10 chr1"), "FLAG"),
    of_text("contig-comma", "sam-rname", READ.replace("chr1", "chr,1"), "RNAME"),
    of_text("contig-empty", "sam-rname", READ.replace("chr1", ""), "RNAME"),
    of_text("next-bracket", "sam-rname", READ.replace("10M *", "10M (a)"), "RNEXT"),
    of_text("contig-other", "sam-rname-undeclared", READ.replace("chr1", "chr7"), "RNAME"),
    of_text("next-other", "sam-rname-undeclared", READ.replace("10M *", "10M chr7"), "RNEXT"),
    of_text("position-negative", "sam-pos", READ.replace(" 100 ", " -1 "), "POS"),
    of_text("position-large", "sam-pos", READ.replace(" 100 ", " 2147483648 "), "POS"),
    of_text("position-huge", "sam-pos", READ.replace(" 100 ", f" {'9' * 40} "), "POS"),
    of_text("next-position", "sam-pos", READ.replace("* 0 0", "* 1.5 0"), "PNEXT"),
    of_text("quality-large", "sam-mapq", READ.replace(" 60 ", " 256 "), "MAPQ"),
    of_text("quality-star", "sam-mapq", READ.replace(" 60 ", " * "), "MAPQ"),
    of_text("cigar-letter", "sam-cigar", READ.replace("10M", "10Q"), "CIGAR"),
    of_text("cigar-no-letter", "sam-cigar", READ.replace("10M", "10"), "CIGAR"),
    of_text("cigar-no-number", "sam-cigar", READ.replace("10M", "M10M"), "CIGAR"),
    of_text("cigar-empty", "sam-cigar", READ.replace("10M", ""), "CIGAR"),
    of_text("template-large", "sam-tlen-range", READ.replace("* 0 0", "* 0 2147483648"), "TLEN"),
    of_text("template-text", "sam-tlen-range", READ.replace("* 0 0", "* 0 *"), "TLEN"),
    of_text("sequence-digit", "sam-seq", READ.replace("ACGTACGTAC", "ACGTACGT1C"), "SEQ"),
    of_text("sequence-blank", "sam-seq", READ.replace("ACGTACGTAC", "ACGT_CGTAC"), "SEQ"),
    of_text("scores-blank", "sam-qual", READ.replace("FFFFFFFFFF", "FFFF_FFFFF"), "QUAL"),
    of_text("scores-empty", "sam-qual", READ.replace("FFFFFFFFFF", "") + " XX:i:1", "QUAL"),
    of_text("scores-short", "sam-qual-length", READ.replace("FFFFFFFFFF", "FFFF"), "QUAL"),
    of_text("scores-without-sequence", "sam-qual-length", READ.replace("ACGTACGTAC", "*"), "QUAL"),
    of_text("number-with-zero", "sam-number-form", READ.replace(" 100 ", " 0100 "), "POS"),
    of_text("number-with-plus", "sam-number-form", READ.replace("* 0 0", "* 0 +0"), "TLEN"),
    of_text("next-repeats", "sam-rnext-repeats", "r 1 chr1 100 60 10M chr1 300 0 ACGTACGTAC FFFFFFFFFF", "RNEXT"),
    of_text("letters", "sam-seq-letters", READ.replace("ACGTACGTAC", "ACGUACGUAC"), "SEQ"),
    of_text("tag-name", "sam-tag-form", f"{READ} 1X:i:1", "optional field"),
    of_text("tag-long-name", "sam-tag-form", f"{READ} XYZ:i:1", "optional field"),
    of_text("tag-type", "sam-tag-form", f"{READ} XX:I:1", "optional field"),
    of_text("tag-no-type", "sam-tag-form", f"{READ} XX:1", "optional field"),
    of_text("whole-large", "sam-tag-value", f"{READ} XX:i:4294967296", "XX"),
    of_text("whole-small", "sam-tag-value", f"{READ} XX:i:-2147483649", "XX"),
    of_text("whole-fraction", "sam-tag-value", f"{READ} XX:i:1.5", "XX"),
    of_text("float-no-digit", "sam-tag-value", f"{READ} XX:f:1.", "XX"),
    of_text("float-large", "sam-tag-value", f"{READ} XX:f:3.5e38", "XX"),
    of_text("float-vanishes", "sam-tag-value", f"{READ} XX:f:1e-46", "XX"),
    of_text("hexadecimal-small-letters", "sam-tag-value", f"{READ} XX:H:ab", "XX"),
    of_text("two-characters", "sam-tag-value", f"{READ} XX:A:ab", "XX"),
    of_text("array-type", "sam-tag-value", f"{READ} XX:B:F,1", "XX"),
    of_text("array-empty", "sam-tag-value", f"{READ} XX:B:", "XX"),
    of_text("array-range", "sam-tag-value", f"{READ} XX:B:c,128", "XX"),
    of_text("array-fraction", "sam-tag-value", f"{READ} XX:B:c,1.5", "XX"),
    of_text("array-gap", "sam-tag-value", f"{READ} XX:B:c,1,,2", "XX"),
]  # fmt: skip

TEXT = text_of(HEADER)
REFERENCES = [(b"chr1\0", 3000), (b"chr2\0", 1000)]
START = header_of(TEXT, REFERENCES)


def of_bytes(name: str, code: str, record: BamRecord, column: str, *, only: bool = True) -> Defect:
    """A fault that only BAM can have, in the second record."""
    content = START + BamRecord(name=b"r0\0").stored() + record.stored() + BamRecord(name=b"r9\0", contig=1).stored()
    return Defect(id=name, content=bgzf_file(content), code=code, record=2, column=column, only=only,
                  offset=len(START) + len(BamRecord(name=b"r0\0").stored()))  # fmt: skip


def of_start(
    name: str, code: str, content: bytes, *, column: str | None = None, offset: int | None = None, only: bool = True
) -> Defect:
    """A fault of the header or of the whole."""
    return Defect(id=name, content=bgzf_file(content), code=code, column=column, offset=offset, only=only)


def long_cigar(operations: Sequence[tuple[int, str]]) -> bytes:
    """CG with operations."""
    numbers = [length << 4 | files.OPERATIONS.index(letter) for length, letter in operations]
    return b"CGBI" + struct.pack(f"<I{len(numbers)}I", len(numbers), *numbers)


MANY = [(1, "M"), (1, "I")] * 33000
MANY_BASES = "A" * 66000
WHOLE = START + BamRecord().stored()
BAM_ONLY = [
    of_start("magic", "bam-magic", b"BAM\x02" + START[4:], column="magic", offset=0),
    of_start("text-length", "bam-header-length", b"BAM\x01" + struct.pack("<i", -1), offset=4),
    of_start("name-length", "bam-header-length", START[: -len(b"chr2\0") - 8] + struct.pack("<i", 0) + b"chr2\0" + bytes(4)),
    of_start("cut-in-text", "bam-truncated", START[:60]),
    of_start("cut-in-references", "bam-truncated", START[:-3]),
    of_start("cut-in-record", "bam-truncated", WHOLE[:-5], column="block_size", offset=len(START)),
    of_start("cut-in-size", "bam-truncated", WHOLE + b"\x20\0", column="block_size"),
    of_start("text-goes-on", "bam-header-text", header_of(TEXT, REFERENCES, padding=b"\0\0x") + BamRecord().stored(), column="text"),
    of_start("other-name", "bam-dictionary", header_of(TEXT, [REFERENCES[1], REFERENCES[0]]) + BamRecord().stored(), column="reference 1"),
    of_start("other-length", "bam-dictionary", header_of(TEXT, [REFERENCES[0], (b"chr2\0", 999)]) + BamRecord().stored(), column="reference 2"),
    of_start("one-too-few", "bam-dictionary", header_of(TEXT, REFERENCES[:1]) + BamRecord().stored(), column="reference 2"),
    of_start("one-too-many", "bam-dictionary", header_of(TEXT, [*REFERENCES, (b"chr3\0", 9)]) + BamRecord().stored(), column="reference 3"),
    of_start("name-without-nul", "bam-reference-name", header_of(TEXT, [REFERENCES[0], (b"chr2", 1000)]) + BamRecord().stored(), column="name"),
    of_start("dictionary-name", "sam-sq-name", header_of(text_of((HEADER[0], *HEADER[3:])), [(b"a,b\0", 1000)]) + BamRecord().stored(), column="name"),
    of_start("dictionary-length", "sam-sq-length", header_of(text_of((HEADER[0], *HEADER[3:])), [(b"a\0", 0)]) + BamRecord().stored(), column="l_ref"),
    of_start("dictionary-twice", "sam-sq-name-twice", header_of(text_of((HEADER[0], *HEADER[3:])), [(b"a\0", 1000)] * 2) + BamRecord().stored(), column="name"),
    of_start("huge-record", "bam-too-long", START + struct.pack("<i", 1 << 30) + bytes(100), column="block_size", offset=len(START)),
    Defect(id="plain", content=WHOLE, code="bam-not-bgzf"),
    Defect(id="gzip", content=gzip_file(WHOLE, "a"), code="bam-not-bgzf"),
    of_bytes("size-too-small", "bam-block-size", BamRecord(block_size=31), "block_size"),
    of_bytes("size-negative", "bam-block-size", BamRecord(block_size=-5), "block_size"),
    of_bytes("bases-beyond", "bam-block-size", BamRecord(bases=90), "block_size"),
    of_bytes("bases-negative", "bam-block-size", BamRecord(bases=-1), "block_size"),
    of_bytes("name-no-nul", "bam-name", BamRecord(name=b"r1x"), "QNAME"),
    of_bytes("name-two-nuls", "bam-name", BamRecord(name=b"r\0\0"), "QNAME"),
    of_bytes("name-at", "sam-qname", BamRecord(name=b"r@1\0"), "QNAME"),
    of_bytes("name-empty", "sam-qname", BamRecord(name=b"\0"), "QNAME"),
    of_bytes("name-blank", "sam-qname", BamRecord(name=b"a name of some length\0"), "QNAME"),
    of_bytes("reference-beyond", "bam-reference", BamRecord(contig=2, bin=4681), "RNAME"),
    of_bytes("reference-negative", "bam-reference", BamRecord(contig=-2, bin=4681), "RNAME"),
    of_bytes("next-reference-beyond", "bam-reference", BamRecord(flag=1, next_contig=2, next_position=5), "RNEXT"),
    of_bytes("position-below", "sam-pos", BamRecord(position=-5, bin=4680), "POS"),
    of_bytes("next-position-below", "sam-pos", BamRecord(next_position=-5), "PNEXT"),
    of_bytes("template", "sam-tlen-range", BamRecord(template=-(1 << 31)), "TLEN"),
    of_bytes("operation", "sam-cigar", BamRecord(cigar=[(10, "?")]), "CIGAR"),
    of_bytes("bin", "bam-bin", BamRecord(bin=4682), "bin"),
    of_bytes("bin-unmapped", "bam-bin-unmapped", BamRecord(flag=4, mapq=0, cigar=[], bin=4682), "bin"),
    of_bytes("score-94", "sam-qual", BamRecord(scores=bytes([94]) * 10), "QUAL"),
    of_bytes("score-partly-absent", "sam-qual", BamRecord(scores=b"\xff" * 9 + b"\x20"), "QUAL"),
    of_bytes("score-absent-within", "sam-qual", BamRecord(scores=b"\x20" * 9 + b"\xff"), "QUAL"),
    of_bytes("half-byte", "bam-seq-padding", BamRecord(cigar=[(9, "M")], sequence="ACGTACGTA", padding=3), "SEQ"),
    of_bytes("long-cigar-other", "bam-long-cigar", BamRecord(cigar=[(66000, "S"), (9, "N")], sequence=MANY_BASES, tags=long_cigar(MANY)), "CG"),
    of_bytes("long-cigar-operation", "bam-long-cigar", BamRecord(cigar=[(66000, "S"), (33000, "N")], sequence=MANY_BASES,
             tags=long_cigar(MANY)[:-4] + b"\x1f\0\0\0"), "CG"),
    of_bytes("long-cigar-short", "bam-long-cigar-needless", BamRecord(cigar=[(10, "S"), (10, "N")], tags=long_cigar([(10, "M")])), "CG"),
    of_bytes("long-cigar-beside", "bam-long-cigar-needless", BamRecord(tags=long_cigar([(10, "M")])), "CG"),
    of_bytes("tag-cut", "bam-tag-layout", BamRecord(tags=b"XXi\0\0"), "optional field"),
    of_bytes("tag-no-nul", "bam-tag-layout", BamRecord(tags=b"XXZabc"), "optional field"),
    of_bytes("array-beyond", "bam-tag-layout", BamRecord(tags=b"XXBc" + struct.pack("<I", 9) + b"\0"), "optional field"),
    of_bytes("array-of-text", "bam-tag-layout", BamRecord(tags=b"XXBZ" + struct.pack("<I", 0)), "optional field"),
    of_bytes("half-a-tag", "bam-tag-layout", BamRecord(tags=b"X"), "optional field"),
    of_bytes("unknown-type", "sam-tag-form", BamRecord(tags=b"XXd" + bytes(8)), "optional field"),
    of_bytes("tag-name", "sam-tag-form", BamRecord(tags=b"1Xi" + bytes(4)), "optional field"),
    of_bytes("cigar-reserved-type", "sam-tag-type", BamRecord(tags=b"CGZ1M\0"), "CG"),
]  # fmt: skip


def repaired(content: bytes, at: int, size: int) -> bytes:
    """A block of CRAM with its checksum made anew."""
    return content[: at + size] + struct.pack("<I", zlib.crc32(content[at : at + size])) + content[at + size + 4 :]


C_TEXT = text_of(HEADER)
C_START = files.cram_start(C_TEXT)
COMPRESSION = files.cram_block(1, files.compression_header())
CORE = files.cram_block(5, b"")


def cram_data(
    *, header: bytes = COMPRESSION, slices: Sequence[bytes] | None = None, records: int = 0, landmarks: Sequence[int] | None = None,
    contig: int = -1, counter: int = 0, start: int = 0, short: int = 0,
) -> bytes:  # fmt: skip
    """A container with one slice, which says that it has no records."""
    blocks = [header, *(slices if slices is not None else [files.cram_block(2, files.slice_header()), CORE])]
    marks = [len(header)] if landmarks is None else landmarks
    length = sum(map(len, blocks)) - short
    return files.cram_container(
        blocks, contig=contig, start=start, records=records, landmarks=marks, counter=counter, length=length
    )


def of_cram(name: str, code: str, content: bytes, *, offset: int | None = None, only: bool = False) -> Defect:
    """A fault that only CRAM can have."""
    return Defect(id=name, content=content, code=code, offset=offset, only=only)


def changed(content: bytes, at: int) -> bytes:
    """One byte changed."""
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


SOUND_CRAM = cram_of(text_of(HEADER, PAIRS))
FIRST = len(C_START)
CRAM_ONLY = [
    of_cram("magic", "cram-magic", b"CRAN" + SOUND_CRAM[4:], offset=0, only=True),
    of_cram("cut-magic", "cram-magic", b"CRA", offset=0, only=True),
    of_cram("version", "cram-version", b"CRAM\x04\x00" + bytes(20), offset=4),
    of_cram("packed", "cram-compressed", gzip_file(C_START + files.CRAM_END, "a")),
    of_cram("cut-definition", "cram-truncated", C_START[:20]),
    of_cram("cut-header", "cram-truncated", C_START[:60]),
    of_cram("cut-container", "cram-truncated", SOUND_CRAM[: len(SOUND_CRAM) // 2]),
    of_cram("cut-end", "cram-truncated", SOUND_CRAM[:-5]),
    of_cram("length-of-container", "cram-length", C_START + struct.pack("<i", -1) + files.CRAM_END[4:], offset=FIRST),
    of_cram("length-of-block", "cram-length", C_START + files.cram_container([COMPRESSION], length=5) + files.CRAM_END),
    of_cram("header-checksum", "cram-container-checksum", C_START + changed(cram_data(), 5) + files.CRAM_END, offset=FIRST),
    of_cram("block-checksum", "cram-block-checksum", C_START + cram_data(header=COMPRESSION[:-1] + b"\0") + files.CRAM_END),
    of_cram("method", "cram-block", C_START + cram_data(header=files.cram_block(1, files.compression_header(), method=7)) + files.CRAM_END),
    of_cram("kind", "cram-block", C_START + cram_data(header=files.cram_block(3, files.compression_header())) + files.CRAM_END),
    of_cram("no-compression-header", "cram-block", C_START + files.cram_container([CORE]) + files.CRAM_END),
    of_cram("raw-size", "cram-block-data", C_START + cram_data(header=files.cram_block(1, files.compression_header(), raw_size=9)) + files.CRAM_END),
    of_cram("gzip-size", "cram-block-data", C_START + cram_data(header=files.cram_block(1, files.compression_header(), method=1, raw_size=9)) + files.CRAM_END),
    of_cram("bzip2", "cram-block-data", C_START + cram_data(slices=[files.cram_block(2, files.slice_header(blocks=2)), CORE, files.cram_block(4, b"no bzip2", method=2, content_id=1)]) + files.CRAM_END),
    of_cram("container-longer", "cram-container-blocks", C_START + files.cram_container([COMPRESSION, b"12345678"], count=1) + files.CRAM_END),
    of_cram("landmark", "cram-landmark", C_START + cram_data(landmarks=[3]) + files.CRAM_END),
    of_cram("maps", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, b"\x05\x01")) + files.CRAM_END),
    of_cram("key", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(preserved=b"\x01XY\0"))) + files.CRAM_END),
    of_cram("boolean", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(reference=7))) + files.CRAM_END),
    of_cram("codec", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(encodings=b"\x01BF\x63\0"))) + files.CRAM_END),
    of_cram("tag-dictionary", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(preserved=b"\x01TD\x03AB\0"))) + files.CRAM_END),
    of_cram("slice-cut", "cram-slice-header", C_START + cram_data(slices=[files.cram_block(2, b"\0")]) + files.CRAM_END),
    of_cram("slice-reference", "cram-slice-header", C_START + cram_data(contig=-2, slices=[files.cram_block(2, files.slice_header(contig=9)), CORE]) + files.CRAM_END),
    of_cram("slice-of-other", "cram-slice-header", C_START + cram_data(contig=0, slices=[files.cram_block(2, files.slice_header(contig=1)), CORE]) + files.CRAM_END),
    of_cram("slice-ids", "cram-slice-header", C_START + cram_data(slices=[files.cram_block(2, files.slice_header(ids=[5])), CORE]) + files.CRAM_END),
    of_cram("slice-before-1", "cram-slice-header", C_START + cram_data(slices=[files.cram_block(2, files.slice_header(start=-5)), CORE]) + files.CRAM_END),
    of_cram("slice-of-more-blocks", "cram-slice-header", C_START + cram_data(slices=[files.cram_block(2, files.slice_header(blocks=2)), CORE]) + files.CRAM_END),
    of_cram("matrix", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(matrix=bytes(5)))) + files.CRAM_END),
    of_cram("key-twice", "cram-compression-header", C_START + cram_data(header=files.cram_block(1, files.compression_header(preserved=b"\x02RN\1RN\1"))) + files.CRAM_END),
    of_cram("container-shorter", "cram-length", C_START + cram_data(short=1) + files.CRAM_END),
    of_cram("span", "cram-span", C_START + cram_data(contig=0, start=7, slices=[files.cram_block(2, files.slice_header(contig=0, start=5)), CORE]) + files.CRAM_END),
    of_cram("bomb", "cram-bomb", C_START + cram_data(slices=[files.cram_block(2, files.slice_header(blocks=2)), CORE, files.cram_block(4, b"small", method=2, content_id=1, raw_size=1 << 30)]) + files.CRAM_END),
    of_cram("records", "cram-records", C_START + cram_data(records=5) + files.CRAM_END),
    of_cram("counter", "cram-record-counter", C_START + cram_data() + cram_data(counter=7) + files.CRAM_END),
    of_cram("first-block", "cram-header", b"CRAM\3\0" + bytes(20) + files.cram_container([CORE]) + files.CRAM_END),
    of_cram("header-length", "cram-header", b"CRAM\3\0" + bytes(20) + files.cram_container([files.cram_block(0, struct.pack("<i", 99) + b"@CO")]) + files.CRAM_END),
    of_cram("no-end", "cram-no-end", SOUND_CRAM[: -len(files.CRAM_END)]),
    of_cram("other-end", "cram-no-end", SOUND_CRAM[: -len(files.CRAM_END)] + files.cram_container([files.cram_block(1, b"\1\0\1\0\1\0")], start=4542278, counter=1)),
    of_cram("header-behind-its-length", "cram-header", b"CRAM\3\0" + bytes(20) + files.cram_container([files.cram_block(0, struct.pack("<i", len(C_TEXT)) + C_TEXT + b"@CO\tx\n")]) + files.CRAM_END),
    of_cram("no-end-2.1", "cram-no-end", files.cram_start(C_TEXT, (2, 1))),
    of_cram("appended", "cram-after-end", SOUND_CRAM + b"\0"),
    of_cram("no-md5", "cram-md5-missing", C_START + cram_data(contig=0, header=files.cram_block(1, files.compression_header(reference=1)),
            slices=[files.cram_block(2, files.slice_header(contig=0)), CORE]) + files.CRAM_END),
]  # fmt: skip

MD5_HEADER = (HEADER[0], f"@SQ SN:chr1 LN:3000 M5:{'0' * 32}", *HEADER[3:])
CRAM_ONLY += [
    of_cram(
        "nothing-encoded", "cram-undecodable",
        C_START + cram_data(records=1, slices=[files.cram_block(2, files.slice_header(records=1)), CORE]) + files.CRAM_END,
    ),
    of_cram(
        "no-reference", "cram-records-not-checked",
        files.cram_start(text_of(MD5_HEADER))
        + cram_data(contig=0, records=1, header=files.cram_block(1, files.compression_header(reference=1)),
                    slices=[files.cram_block(2, files.slice_header(contig=0, records=1)), CORE])
        + files.CRAM_END,
    ),
]  # fmt: skip


def cram_with_reference(*options: bytes) -> bytes:
    """A CRAM by reference, whose reference is in the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "genome.fa")
        path.write_text(f">chr1\n{GENOME[:3000]}\n>chr2\n{GENOME[:1000]}\n")
        return cram_of(text_of(HEADER, PAIRS), *options, b"embed_ref=1", reference=str(path))


MANY_PAIRS = tuple(pair_lines(11, 120))
TAGS = (
    "XA:A:! XB:i:-2147483648 XC:i:4294967295 XD:f:-1.5e-3 XE:Z: XF:H: XG:H:1AE301 XH:B:c,-128,127 XI:B:C,0,255 XJ:B:s,-32768 "
    "XK:B:S,65535 XL:B:i,-2147483648 XM:B:I,4294967295 XN:B:f,0.5,-1 XO:B:c x1:Z:a_b"
)
LONG = "".join(f"{2 + number % 2}M1D" for number in range(33000)) + "1M"
LONG_BASES = sum(length for length, letter in files.operations_of(LONG) if letter == "M")
UNUSUAL = (
    f"s 256 chr1 5 0 10M * 0 0 * * {TAGS}",
    "s 2048 chr1 6 0 2H3S5M2I5M1P * 0 0 ACGTACGTACGTACG *",
    "u 77 * 0 0 * * 0 0 ACGTN NNNNN RG:Z:g1 PG:Z:sort LB:Z:l1 PU:Z:u1",
    "u 141 * 0 0 * * 0 0 = * XX:i:1",
    "* 4 * 0 0 * * 0 0 * *",
    "* 4 * 0 0 * * 0 0 ACMGRSVTWYHKDBN *",
)
CIRCULAR = ("@HD VN:1.6", "@SQ SN:chrM LN:100 TP:circular")
OVER_END = (f"r 0 chrM 96 60 10M * 0 0 {BODY}",)
BY_NAME = with_line(1, "@HD VN:1.6 SO:queryname")
BY_NATURAL_NAME = tuple(READ.replace("q1", f"r{number}") for number in (1, 2, 10, 11, 100))
BY_LEXICOGRAPHICAL_NAME = tuple(READ.replace("q1", f"r{number}") for number in (1, 10, 100, 11, 2))
HEADER_ONLY = (
    "@HD VN:1.6 SO:unsorted SS:unsorted:MI:coordinate",
    "@SQ SN:a LN:1 AN:b,c AS:x DS:é M5:7fc56270e7a70fa81a5935b72eacbe29 SP:y TP:linear UR:https://example.com/1 xx:local",
    "@SQ SN:d|:1 LN:2147483647 AH:a:1-1",
    "@SQ SN:e LN:5 AH:*",
    "@RG ID:x BC:ACGT-ACGT CN:c DS:é DT:2020-W26-2 FO:* KS:TCAG LB:l PG:p PI:300 PL:DNBSEQ PM:m PU:u SM:s",
    "@RG ID:y DT:20200623T121347+0100 SM:s",
    "@RG ID:z DT:2020-175 KS:tcag SM:s PL:ULTIMA",
    "@PG ID:one CL:echo_é",
    "@PG ID:two PP:one",
    "@PG ID:three PP:one",
    "@CO any\ttext_é",
)

SAM_VALID = {
    "pairs": text_of(HEADER, MANY_PAIRS),
    "one-read": text_of(HEADER, (READ,)),
    "empty-header": text_of((), (READ.replace("chr1", "anything"),)),
    "header-only": text_of(HEADER_ONLY),
    "comment-only": b"@CO\tnothing\n",
    "unusual": text_of(added("@RG ID:g2 SM:s2 LB:l2"), UNUSUAL),
    "circular": text_of(CIRCULAR, OVER_END),
    "natural-names": text_of(BY_NAME, BY_NATURAL_NAME),
    "lexicographical-names": text_of(BY_NAME, BY_LEXICOGRAPHICAL_NAME),
    "long-cigar": text_of(("@HD VN:1.6", "@SQ SN:chr1 LN:3000000"), (f"r 0 chr1 1 60 {LONG} * 0 0 {'A' * LONG_BASES} *",)),
    "no-newline": text_of(HEADER, (READ,))[:-1],
    "all-letters": text_of((), ("r 4 * 0 0 * * 0 0 =.abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ *",)),
    "three-reads-of-a-template": text_of(
        HEADER,
        (f"t 65 chr1 1 60 10M = 6 20 {BODY}", f"t 193 chr1 6 60 10M = 11 20 {BODY}", f"t 129 chr1 11 60 10M = 1 -20 {BODY}"),
    ),
    "repeated-zeros": text_of((), (f"r 4 * 0 0 * * 0 0 A I XX:i:{'0' * 100}9 XY:f:00.1 XZ:i:+5 YA:f:.5E-3",)),
}  # fmt: skip

BAM_VALID = {
    "pairs": bam_of(SAM_VALID["pairs"]),
    "one-read": bam_of(SAM_VALID["one-read"]),
    "header-only": bam_of(SAM_VALID["header-only"]),
    "unusual": bam_of(SAM_VALID["unusual"]),
    "circular": bam_of(SAM_VALID["circular"]),
    "natural-names": bam_of(SAM_VALID["natural-names"]),
    "lexicographical-names": bam_of(SAM_VALID["lexicographical-names"]),
    "long-cigar": bam_of(SAM_VALID["long-cigar"]),
    "three-reads-of-a-template": bam_of(SAM_VALID["three-reads-of-a-template"]),
    "no-text": bgzf_file(header_of(b"", REFERENCES) + BamRecord().stored()),
    "padded-text": bgzf_file(header_of(TEXT, REFERENCES, padding=bytes(100)) + BamRecord().stored()),
    "text-without-contigs": bgzf_file(header_of(b"@HD\tVN:1.6", REFERENCES) + BamRecord().stored()),
    "small-integers": bgzf_file(START + BamRecord(tags=b"NMC\x05ASs\xff\xffXSc\xf0XZS\0\1" + tag_of("MD:Z:10")).stored()),
    "many-small": bgzf_file(START + b"".join(BamRecord(name=b"n%d\0" % number, position=1 + number // 9).stored() for number in range(20000))),
}  # fmt: skip

CRAM_VALID = {
    "3.0": SOUND_CRAM,
    "2.1": cram_of(text_of(HEADER, PAIRS), b"version=2.1"),
    "3.1": cram_of(text_of(HEADER, MANY_PAIRS), b"version=3.1"),
    "2.1-with-some-scores": cram_of(text_of(HEADER, ("r 0 chr1 9 60 10M * 0 0 ACGTACGTAC *",)), b"version=2.1"),
    "many-slices": cram_of(
        text_of(HEADER, MANY_PAIRS), b"version=3.0", b"seqs_per_slice=20", b"slices_per_container=3"
    ),
    "bzip2-and-lzma": cram_of(text_of(HEADER, MANY_PAIRS), b"version=3.0", b"use_bzip2=1", b"use_lzma=1"),
    "embedded-reference": cram_with_reference(b"version=3.0"),
    "unusual": cram_of(text_of(HEADER, UNUSUAL[:3]), b"version=3.0"),
    "header-only": files.cram_start(text_of(HEADER_ONLY)) + files.CRAM_END,
    "header-only-2.1": files.cram_start(text_of(HEADER_ONLY), (2, 1)) + files.CRAM_END_2,
}

FORMATS = [
    FormatCases(
        format="sam",
        file="reads.sam",
        valid=SAM_VALID,
        clean=("pairs", "one-read", "natural-names", "lexicographical-names"),
        defects=[*sam_defects(), *SAM_ONLY],
    ),
    FormatCases(
        format="bam",
        file="reads.bam",
        valid=BAM_VALID,
        clean=("pairs", "one-read", "natural-names", "lexicographical-names", "many-small", "padded-text"),
        defects=[*bam_defects(), *BAM_ONLY],
    ),
    FormatCases(
        format="cram",
        file="reads.cram",
        valid=CRAM_VALID,
        clean=("3.0", "2.1", "3.1", "many-slices", "bzip2-and-lzma", "embedded-reference"),
        defects=[*cram_defects(), *CRAM_ONLY],
    ),
]
