"""Cases of BCF: its encoding, and every defect of VCF that a binary file can have as well."""

from __future__ import annotations

import gzip
import importlib.util
import struct
from collections.abc import Iterator
from dataclasses import replace

from catalog.formats.bcf import BCF
from catalog.formats.vcf.text import TEXT_RULES
from publish.demo.compression import bgzf_file
from tests.formats.bcf_writer import FLOAT_END, FLOAT_MISSING, BcfWriter, Unwritable, bcf, integers, text
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
HEADER = (
    "##fileformat=VCFv4.3\n"
    '##FILTER=<ID=q10,Description="Quality below 10">\n'
    "##contig=<ID=chr1,length=248956422>\n"
    "##contig=<ID=extra,length=1000>\n"
    '##ALT=<ID=DEL,Description="Deletion">\n'
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">\n'
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="End">\n'
    '##INFO=<ID=SVLEN,Number=.,Type=Integer,Description="Length">\n'
    '##INFO=<ID=TXT,Number=.,Type=String,Description="Text, and IDX=7">\n'
    '##INFO=<ID=LST,Number=.,Type=Integer,Description="Numbers">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
    '##FORMAT=<ID=PL,Number=G,Type=Integer,Description="Likelihoods">\n'
    '##FORMAT=<ID=GP,Number=G,Type=Float,Description="Probabilities">\n'
    '##FORMAT=<ID=FT,Number=1,Type=String,Description="Filter">\n'
    '##FORMAT=<ID=RATIO,Number=.,Type=Float,Description="Ratios">\n'
    f"{COLUMNS}\tFORMAT\tS1\tS2\n"
)
SITES = HEADER.replace("\tFORMAT\tS1\tS2", "")
RECORDS = (
    "chr1\t10\trs1\tA\tC\t30.5\tPASS\tDP=5;AF=0.5;DB\tGT:DP:PL\t0/1:3:0,1,200\t1|1:.:1,2,3",
    "chr1\t20\trs2;rs3\tG\tA,GT\t.\tq10\tAF=0.25,.;TXT=a,b\tGT:FT\t1|2:PASS\t.:.",
    "chr1\t30\t.\tACGT\tA\t0\t.\tDP=70000;TXT=a_long_text_of_many_letters\tGT:GP\t0/0:0.5,0.5,0\t0/1:1,0,0",
    "chr1\t40\t.\tN\t<DEL>\t3\tPASS\tEND=90;LST=" + ",".join(map(str, range(200))) + "\tGT\t0/1\t./.",
    "extra\t1\t.\tT\t.\t12.5\t.\t.\tDP\t4\t300",
    "extra\t2\t.\tT\tG\t1e-5\tPASS\tDP=.\t.\t.\t.",
)
OLD = RECORDS[0].replace("DB", "DB;TXT=,a,b")
INDEXED = {"with_index": True}


def vcf(*records: str, header: str = HEADER) -> str:
    return header + "".join(record + "\n" for record in records)


def stored(content: bytes) -> bytes:
    return bgzf_file(content)


def written(*records: str, header: str = HEADER, **choices: object) -> bytes:
    return stored(bcf(vcf(*records, header=header), **choices))


_WRITER = BcfWriter(HEADER)
_START = _WRITER.start()
_BEFORE = _WRITER.record(RECORDS[0])


def changed(line: str, **changes: object) -> bytes:
    """A file whose second record has other parts than its line says."""
    return stored(_START + _BEFORE + _WRITER.record(line, **changes))


def place(field: int) -> int:
    """Where a byte of the second record lies, counted from CHROM."""
    return len(_START) + len(_BEFORE) + 8 + field


def broken(
    name: str, code: str, column: str, line: str = RECORDS[1], *, at: int | None = None, **changes: object
) -> Defect:
    """One defect of the second record."""
    offset = None if at is None else place(at)
    return Defect(
        id=name,
        content=changed(line, **changes),
        code=f"bcf-{code}",
        record=2,
        column=column,
        offset=offset,
        only=False,
    )


def _only(defect: Defect) -> Defect:
    return replace(defect, only=True)


def info(key: str, value: bytes) -> bytes:
    return integers([_WRITER.strings[key]]) + value


def field(key: str, value: bytes) -> bytes:
    return integers([_WRITER.strings[key]]) + value


_PLAIN = "chr1\t20\t.\tG\tA\t.\tPASS\t.\tGT\t0/1\t1/1"
_SHORT = "chr1\t20\t.\tG\tA\t.\tPASS\tDP=5\tGT\t0/1\t1/1"
_NO_INFO = {"n_info": 1}


def with_info(name: str, code: str, key: str, value: bytes, column: str = "") -> Defect:
    """The second record with one INFO field of given bytes."""
    return _only(broken(name, code, column or f"INFO/{key}", _PLAIN, n_info=1, info=info(key, value)))


def with_field(name: str, code: str, key: str, value: bytes, column: str = "") -> Defect:
    """The second record with one FORMAT field of given bytes."""
    return _only(broken(name, code, column or f"FORMAT/{key}", _PLAIN, n_fmt=1, format=field(key, value)))


ENCODING = [
    _only(broken("contig", "contig", "CHROM", at=0, chrom=2)),
    _only(broken("contig-negative", "contig", "CHROM", at=0, chrom=-1)),
    _only(broken("no-allele", "no-ref", "REF", _PLAIN, at=18, n_allele=0, alleles=b"")),
    _only(broken("fewer-samples", "samples", "FORMAT", _PLAIN, n_sample=1)),
    _only(broken("more-samples", "samples", "FORMAT", _PLAIN, n_sample=3)),
    _only(broken("no-samples", "samples", "FORMAT", _PLAIN, n_sample=0, n_fmt=0, format=b"")),
    _only(broken("quality-reserved", "reserved-value", "QUAL", at=12, qual=FLOAT_END)),
    _only(broken("quality-reserved-last", "reserved-value", "QUAL", at=12, qual=b"\x07\0\x80\x7f")),
    _only(broken("rlen", "rlen", "rlen", at=8, rlen=2)),
    _only(broken("rlen-zero", "rlen", "rlen", at=8, rlen=0)),
    _only(broken("rlen-negative", "rlen", "rlen", at=8, rlen=-1)),
    _only(broken("rlen-of-end", "rlen", "rlen", RECORDS[3], at=8, rlen=1)),
    _only(broken("rlen-of-deletion", "rlen", "rlen", RECORDS[2], at=8, rlen=1)),
    _only(broken("filter-unknown", "dictionary", "FILTER", filter=integers([77]))),
    _only(broken("filter-negative", "dictionary", "FILTER", filter=integers([-3]))),
    _only(broken("filter-missing-in-vector", "dictionary", "FILTER", filter=integers([1, None]))),
    _only(broken("filter-text", "type", "FILTER", filter=text(b"PASS"))),
    _only(broken("info-unknown", "dictionary", "INFO", _SHORT, info=integers([99]) + integers([5]))),
    _only(broken("info-of-format", "dictionary", "INFO", _SHORT, info=info("GT", integers([5])))),
    _only(broken("info-key-list", "type", "INFO", _SHORT, info=integers([2, 2]) + integers([5]))),
    _only(broken("info-key-text", "type", "INFO", _SHORT, info=text(b"DP") + integers([5]))),
    _only(broken("format-unknown", "dictionary", "FORMAT", _PLAIN, format=integers([99]) + b"\x11\1\2")),
    _only(broken("format-of-info", "dictionary", "FORMAT", _PLAIN, format=field("AF", b"\x11\1\2"))),
    _only(broken("id-integer", "type", "ID", id=integers([5]))),
    _only(broken("ref-integer", "type", "REF", _PLAIN, alleles=integers([5]) + text(b"A"))),
    _only(broken("alt-float", "type", "ALT", _PLAIN, alleles=text(b"G") + b"\x15\0\0\0\0")),
    _only(broken("id-type-reserved", "type", "ID", id=b"\x14\0")),
    _only(broken("id-type-6", "type", "ID", id=b"\x16\0")),
    _only(broken("id-type-8", "type", "ID", id=b"\x18\0")),
    _only(broken("id-missing-with-size", "type", "ID", id=b"\x10")),
    _only(broken("size-text", "type", "ID", id=b"\xf7" + text(b"5") + b"x" * 20)),
    _only(broken("size-short", "type", "ID", id=b"\xf7\x11\x03abc")),
    _only(broken("size-negative", "type", "ID", id=b"\xf7\x11\xffabc")),
    _only(broken("size-beyond", "length", "ID", id=b"\xf7\x13\xff\xff\xff\x7fabc")),
    _only(broken("infos-missing", "length", "INFO", _SHORT, n_info=2)),
    _only(broken("infos-more", "length", "INFO", _SHORT, n_info=0)),
    _only(broken("fields-missing", "length", "FORMAT", _PLAIN, n_fmt=2)),
    _only(broken("fields-more", "length", "FORMAT", _PLAIN, n_fmt=0)),
    broken("alleles-more", "type", "FILTER", _PLAIN, alleles=text(b"G") + text(b"A") + text(b"C")),
    _only(broken("id-nul", "string", "ID", id=text(b"rs\0"))),
    _only(broken("id-tab", "string", "ID", id=text(b"rs\t1"))),
    broken("alt-comma", "string", "ALT", _PLAIN, alleles=text(b"G") + text(b"A,")),
    with_info("integer-as-float", "value-type", "DP", b"\x15\0\0\x80?"),
    with_info("integer-as-text", "value-type", "DP", text(b"5")),
    with_info("float-as-integer", "value-type", "AF", integers([1])),
    with_info("text-as-integer", "value-type", "TXT", integers([1])),
    with_info("integer-reserved", "reserved-value", "DP", b"\x11\x82"),
    with_info("integer-reserved-last", "reserved-value", "DP", b"\x11\x87"),
    with_info("short-reserved", "reserved-value", "DP", b"\x12\x07\x80"),
    with_info("long-reserved", "reserved-value", "DP", b"\x13\x02\0\0\x80"),
    with_info("float-reserved", "reserved-value", "AF", b"\x15\x03\0\x80\x7f"),
    with_info("float-reserved-last", "reserved-value", "AF", b"\x15\x07\0\x80\x7f"),
    with_info("value-after-end", "end-of-vector", "LST", b"\x31\x01\x81\x02"),
    with_info("missing-after-end", "end-of-vector", "LST", b"\x31\x01\x81\x80"),
    with_info("float-after-end", "end-of-vector", "AF", b"\x25" + FLOAT_END + FLOAT_MISSING),
    with_info("text-nul", "string", "TXT", text(b"ab\0")),
    with_info("text-separator", "string", "TXT", text(b"a;b")),
    with_info("text-line-end", "string", "TXT", text(b"a\nb")),
    with_info("text-not-utf-8", "string", "TXT", text(b"a\xff")),
    with_info("flag-missing", "flag", "DB", b"\x11\x80"),
    with_info("flag-type", "type", "DB", b"\x1f"),
    with_field("sample-as-float", "value-type", "DP", b"\x15\0\0\x80?\0\0\x80?"),
    with_field("sample-as-text", "value-type", "DP", b"\x175x"),
    with_field("sample-text-as-integer", "value-type", "FT", b"\x11\1\2"),
    with_field("genotype-as-text", "value-type", "GT", b"\x370/10/1"),
    with_field("sample-reserved", "reserved-value", "DP", b"\x11\x05\x83"),
    with_field("sample-float-reserved", "reserved-value", "GP", b"\x15" + b"\x04\0\x80\x7f" + FLOAT_MISSING),
    with_field("sample-after-end", "end-of-vector", "PL", b"\x31\x01\x02\x03\x01\x81\x03"),
    with_field("sample-text-nul", "string", "FT", b"\x37a\0bPAS"),
    with_field("sample-separator", "string", "FT", b"\x37a:bPAS"),
    with_field("genotype-missing", "genotype", "GT", b"\x21\x02\x04\x80\x04"),
    with_field("genotype-reserved", "genotype", "GT", b"\x21\x02\x04\x02\x84"),
    with_field("genotype-negative", "genotype", "GT", b"\x21\x02\x04\x02\xff"),
    with_field("genotype-after-end", "end-of-vector", "GT", b"\x21\x02\x04\x81\x04"),
    with_field("field-beyond", "length", "DP", b"\x11\x05"),
]

_WHOLE = bcf(vcf(*RECORDS))
_PLACE_2 = len(_START) + len(_BEFORE)


def _sized(shared: int, individual: int) -> bytes:
    return stored(_START + _BEFORE + struct.pack("<II", shared, individual) + _WHOLE[_PLACE_2 + 8 :])


def _headed(text_of_header: bytes) -> bytes:
    return stored(b"BCF\2\2" + struct.pack("<I", len(text_of_header)) + text_of_header)


def _indexed(*changes: tuple[str, str]) -> bytes:
    header = BcfWriter(HEADER, with_index=True).header
    for old, new in changes:
        assert old in header, old
        header = header.replace(old, new)
    return stored(BcfWriter(header).start())


_TEXT = HEADER.encode()
_PASS = '##FILTER=<ID=PASS,Description="All filters passed",IDX=0>\n'
LAYOUT = [
    Defect(id="magic", content=stored(b"VCF" + _WHOLE[3:]), code="bcf-magic", offset=0),
    Defect(id="short", content=stored(b"BCF"), code="bcf-magic", offset=0),
    Defect(id="bcf1", content=stored(b"BCF\4" + _WHOLE[4:]), code="bcf-version", offset=0),
    Defect(id="bcf-2.3", content=stored(b"BCF\2\3" + _WHOLE[5:]), code="bcf-version", offset=0),
    Defect(id="bcf-3.0", content=stored(b"BCF\3\0" + _WHOLE[5:]), code="bcf-version", offset=0),
    Defect(id="plain", content=_WHOLE, code="bcf-not-bgzf"),
    Defect(id="gzip", content=gzip.compress(_WHOLE, mtime=0), code="bcf-not-bgzf"),
    Defect(id="cut-in-lengths", content=stored(_WHOLE[: _PLACE_2 + 5]), code="bcf-truncated", record=2),
    Defect(id="cut-in-record", content=stored(_WHOLE[: _PLACE_2 + 30]), code="bcf-truncated", record=2),
    Defect(id="cut-in-header", content=stored(_WHOLE[:50]), code="bcf-truncated", only=False),
    Defect(id="cut-in-header-length", content=stored(_WHOLE[:7]), code="bcf-truncated", only=False),
    Defect(id="header-too-long", content=stored(_WHOLE[:5] + b"\xff\xff\xff\xff"), code="bcf-length", only=False),
    Defect(id="header-longer", content=stored(_WHOLE[:5] + b"\xff\xff\0\0" + _WHOLE[9:]), code="bcf-truncated", only=False),
    Defect(id="shared-too-short", content=_sized(23, 0), code="bcf-length", record=2, offset=_PLACE_2),
    Defect(id="shared-too-long", content=_sized(2**32 - 1, 0), code="bcf-length", record=2, offset=_PLACE_2),
    Defect(id="individual-too-long", content=_sized(30, 2**31), code="bcf-length", record=2, offset=_PLACE_2),
    Defect(id="record-longer", content=_sized(60, 2**20), code="bcf-truncated", record=2),
    Defect(id="header-not-ended", content=_headed(_TEXT), code="bcf-header-end", only=False),
    Defect(id="header-nul-inside", content=_headed(_TEXT + b"\0x\0"), code="bcf-header-end", only=False),
    Defect(id="header-with-record", content=_headed(_TEXT + b"chr1\t1\n\0"), code="bcf-header-end", only=False),
    Defect(
        id="idx-twice", content=_indexed(("IDX=3>", "IDX=2>")), code="bcf-idx", line=7, column="INFO/IDX", only=False
    ),
    Defect(
        id="idx-of-33-bits", content=_indexed(("IDX=3>", "IDX=2147483648>")), code="bcf-idx", line=7, column="INFO/IDX", only=False
    ),
    Defect(id="idx-text", content=_indexed(("IDX=3>", "IDX=x>")), code="bcf-idx", line=7, column="INFO/IDX", only=False),
    Defect(
        id="idx-of-pass", content=_indexed(("##FILTER=<ID=q10", _PASS.replace("IDX=0", "IDX=9") + "##FILTER=<ID=q10")),
        code="bcf-idx", line=2, column="FILTER/IDX", only=False,
    ),
    Defect(
        id="idx-0-of-another", content=_indexed(("IDX=1>", "IDX=0>")), code="bcf-idx", line=2, column="FILTER/IDX",
        only=False,
    ),
    Defect(
        id="idx-of-one-key-differs", content=_indexed(("Depth\",IDX=2>\n##FORMAT=<ID=PL", "Depth\",IDX=55>\n##FORMAT=<ID=PL")),
        code="bcf-idx", line=14, column="FORMAT/IDX", only=False,
    ),
    Defect(
        id="idx-of-contigs-twice", content=_indexed(("length=1000,IDX=1", "length=1000,IDX=0")), code="bcf-idx", line=4,
        column="contig/IDX", only=False,
    ),
    Defect(id="idx-missing", content=_indexed((",IDX=3>", ">")), code="bcf-idx-missing", line=7, column="INFO/IDX", only=False),
    Defect(
        id="idx-missing-first", content=_indexed((",IDX=1>\n##contig=<ID=chr1", ">\n##contig=<ID=chr1")),
        code="bcf-idx-missing", line=2, column="FILTER/IDX", only=False,
    ),
]  # fmt: skip


def shared() -> Iterator[Defect]:
    """Defects of VCF whose text BCF can hold."""
    codes = {rule.code for rule in BCF.rules}
    if importlib.util.find_spec("tests.formats.cases_vcf") is None:
        return
    [vcf_cases] = [each for each in importlib.import_module("tests.formats.cases_vcf").FORMATS if each.format == "vcf"]
    for defect in vcf_cases.defects:
        content = gzip.decompress(defect.content) if defect.content.startswith(b"\x1f\x8b") else defect.content
        lines = content.decode("utf-8", "surrogateescape")
        header_lines = lines[: lines.find("#CHROM")].count("\n") + 1
        try:
            written_content = stored(bcf(lines))
        except Unwritable:
            continue
        if defect.code not in codes:
            continue
        is_record = defect.line is not None and defect.line > header_lines
        if is_record and defect.code in {rule.code for rule in TEXT_RULES}:
            continue
        yield replace(
            defect,
            id=f"vcf-{defect.id}",
            content=written_content,
            line=None if is_record or defect.code == "vcf-header-line-missing" else defect.line,
            record=(defect.line or 0) - header_lines if is_record and header_lines > 1 else None,
            only=False,
            name="a.bcf",
        )


def told(
    code: str, meta: str = "", record: str = "", *, minor: int = 3, alt: str = "C", column: str | None = None
) -> Defect:
    """A defect that only the judge of VCF sees: a line more in the header, the first record with other fields.

    Args:
        code: what is found.
        meta: the line.
        record: INFO, FORMAT and two samples, separated by blanks; there is no record when it is empty.
        minor: the minor version of VCF.
        alt: the ALT of the record.
        column: where it is found.
    """
    header = HEADER.replace("VCFv4.3", f"VCFv4.{minor}").replace(
        f"{COLUMNS}\t", f"{meta}\n{COLUMNS}\t" if meta else f"{COLUMNS}\t"
    )
    records = ["\t".join(["chr1", "5", ".", "A", alt, ".", "PASS", *record.split()])] if record else []
    return Defect(
        id=f"{code}-{minor}", content=written(*records, header=header), code=code, column=column, only=False,
        record=1 if record else None, line=None if record or not meta else HEADER.count("\n") + meta.count("\n\n"),
    )  # fmt: skip


def _described(kind: str, name: str, number: str = "1", of: str = "String") -> str:
    return f'##{kind}=<ID={name},Number={number},Type={of},Description="x">'


def _filtered(name: str, meta: str) -> Defect:
    header = HEADER.replace(f"{COLUMNS}\t", f"{meta}\n{COLUMNS}\t")
    record = f"chr1\t5\t.\tA\tC\t.\t{name}\t.\tGT\t0/1\t./."
    code = "vcf-filter" if name == "0" else "bcf-dictionary"
    return Defect(id=code, content=written(record, header=header), code=code, record=1, column="FILTER", only=False)


def _of_contig(name: str) -> Defect:
    header = HEADER.replace("ID=extra", f"ID={name}")
    content = written(f"{name}\t5\t.\tA\tC\t.\t.\t.\tGT\t0/1\t./.", header=header)
    return Defect(id="vcf-chrom", content=content, code="vcf-chrom", record=1, column="CHROM", only=False)


#: What the cases of VCF cannot say in BCF, because their keys are not declared or their text is none.
TOLD = [
    told("vcf-info-key", _described("INFO", "a-b"), "a-b=1 GT 0/1 ./."),
    told("vcf-info-key-unusual", _described("INFO", "a-b"), "a-b=1 GT 0/1 ./.", minor=2),
    told("vcf-format-key", _described("FORMAT", "a-b"), ". GT:a-b 0/1:x ./.:x"),
    told("vcf-format-key-unusual", _described("FORMAT", "a-b"), ". GT:a-b 0/1:x ./.:x", minor=2),
    told("vcf-info-cigar", _described("INFO", "CIGAR", "A"), "CIGAR=xyz GT 0/1 ./."),
    told("vcf-info-end", "", "END=3 GT 0/1 ./."),
    told("vcf-info-type", _described("INFO", "CH", "1", "Character"), "CH=ab GT 0/1 ./."),
    told("vcf-info-claim", _described("INFO", "SVCLAIM", "A"), "SVLEN=5;SVCLAIM=X GT 0/1 ./.", minor=4, alt="<DEL>"),
    told(
        "vcf-info-values-per-allele", _described("INFO", "CIPOS", ".", "Integer"), "CIPOS=1,2,3 GT 0/1 ./.", minor=4,
        alt="<DEL>",
    ),
    told("vcf-sample-empty", _described("FORMAT", "LI", "."), ". GT:LI 0/1:a,,b ./.:x"),
    told("vcf-blank-line", "##more=1\n\n##more=2"),
    told("vcf-encoding", "##more=\udcff"),
    told("vcf-encoding-unusual", "##more=\udcff", minor=2),
    told("vcf-control-character", "##more=\x01"),
    _filtered("0", '##FILTER=<ID=0,Description="x">'),
    _filtered("DP", "##more=1"),
    _of_contig("*extra"),
    Defect(
        id="vcf-blank-last-line", code="vcf-blank-last-line", only=False,
        content=_headed(_TEXT.replace(f"{COLUMNS}\t".encode(), b"\nchr1\t1\t.\tA\tC\t.\t.\t.\t")),
    ),
    Defect(
        id="vcf-contig-undeclared", code="vcf-contig-undeclared", record=2, only=False,
        content=written(*RECORDS[:1], RECORDS[4], header=HEADER.replace("ID=extra,", "ID=extra,ID=extra,")),
    ),
    Defect(
        id="vcf-format", code="vcf-format", record=1, only=False,
        content=written(
            "chr1\t5\t.\tA\tC\t.\t.\t.\tGT:a b\t0/1:x\t./.:x",
            header=HEADER.replace(f"{COLUMNS}\t", _described("FORMAT", "a b") + f"\n{COLUMNS}\t"),
        ),
    ),
    Defect(
        id="vcf-sample-name-repeated", code="vcf-sample-name-repeated", column="#CHROM", only=False,
        content=written(*RECORDS, header=HEADER.replace("S1\tS2", "S1\tS1")),
    ),
]  # fmt: skip


VALID = {
    "usual": written(*RECORDS),
    "indexed": written(*RECORDS, with_index=True),
    "with-pass": written(
        *RECORDS, header=HEADER.replace("##FILTER=<ID=q10", _PASS.replace(",IDX=0", "") + "##FILTER=<ID=q10")
    ),
    "gaps": stored(BcfWriter(BcfWriter(HEADER, with_index=True).header.replace("IDX=3>", "IDX=300>")).start()),
    "no-records": written(),
    "no-samples": written("chr1\t5\t.\tA\tC\t.\t.\tDP=3", header=SITES),
    "bcf-2.1": written(OLD, *RECORDS[1:3], version=1),
    "plain": bcf(vcf(*RECORDS)),
    "gzip": gzip.compress(bcf(vcf(*RECORDS)), mtime=0),
    "padded-header": stored(b"BCF\2\2" + struct.pack("<I", len(_TEXT) + 3) + _TEXT + b"\0\0\0" + _BEFORE),
    "flag-without-value": changed(_PLAIN, n_info=1, info=info("DB", b"\0")),
    "flag-with-text": changed(_PLAIN, n_info=1, info=info("DB", text(b"1"))),
    "missing-list": changed(_PLAIN, n_info=1, info=info("DP", b"\x01")),
    "missing-without-type": changed(_PLAIN, n_info=1, info=info("DP", b"\0")),
    "wide-integers": changed(_PLAIN, n_info=1, info=integers([2], 4) + integers([5], 4), filter=integers([0], 2)),
    "long-key": changed(_PLAIN, n_info=1, info=integers([2], 2) + integers([5])),
    "missing-filter": changed(_PLAIN, filter=b"\x01"),
    "end-in-info": changed(_PLAIN, n_info=1, info=info("LST", b"\x31\x01\x81\x81")),
    "sample-of-no-values": changed(_PLAIN, n_fmt=1, format=field("PL", b"\x01")),
    "sample-ends-at-once": changed(_PLAIN, n_fmt=1, format=field("PL", b"\x31\x01\x02\x03\x81\x81\x81")),
    "haploid": changed(_PLAIN, n_fmt=1, format=field("GT", b"\x21\x03\x81\x02\x04")),
    "telomere": written("chr1\t0\t.\tN\t<DEL>\t.\t.\tEND=5\tGT\t0/1\t./."),
    "nan-and-infinity": written("chr1\t5\t.\tA\tC\tinf\t.\tAF=nan\tGT:RATIO\t0/1:nan,inf,-inf\t./.:."),
    "rlen-of-svlen": written("chr1\t5\t.\tA\t<DEL>\t.\t.\tSVLEN=-20\tGT\t0/1\t./."),
    "rlen-of-ref": changed("chr1\t20\t.\tA\t<DEL>\t.\t.\tSVLEN=-20\tGT\t0/1\t./.", rlen=1),
}
CLEAN = ["usual", "indexed", "with-pass", "bcf-2.1", "flag-without-value", "missing-list", "wide-integers"]

FORMATS = [
    FormatCases(format="bcf", file="a.bcf", valid=VALID, clean=CLEAN, defects=[*LAYOUT, *ENCODING, *TOLD, *shared()])
]
