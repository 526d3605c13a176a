from __future__ import annotations

import random
import re
import zlib
from dataclasses import replace
from math import comb
from pathlib import Path

import pytest

from catalog.findings import Level, Severity, Subject
from catalog.formats.containers import NO_END_BLOCK, TRAILING, TRUNCATED
from catalog.formats.inspect import inspect_file, sniff_bytes
from catalog.formats.protocol import Declared
from catalog.formats.vcf import VCF
from catalog.formats.vcf.genotypes import GenotypeReader
from catalog.formats.vcf.information import InfoReader
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
CHROM_LINE = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
FIRST = "chr1\t10\trs1\tA\tC\t30\tPASS\tDP=5;AF=0.5;DB\tGT:AD:NOTE\t0/1:3,2:x\n"
SECOND = "chr1\t20\trs2\tG\tA,GT\t.\tq10\tAF=0.1,0.2;TXT=a,b\tGT:AD:NOTE\t1|2:1,2,3:.\n"
THIRD = "chr2\t5\t.\tT\t.\t12.5\t.\t.\tGT:AD\t0/0:4\n"


def header(minor: int = 3) -> str:
    """A header that declares everything that the records use; VCFv4.2 brought Number=R."""
    per_allele = "R" if minor >= 2 else "."
    return (
        f"##fileformat=VCFv4.{minor}\n"
        "##source=fairline\n"
        "##contig=<ID=chr1,length=248956422>\n"
        "##contig=<ID=chr2,length=1000>\n"
        '##FILTER=<ID=q10,Description="Quality below 10">\n'
        '##ALT=<ID=DEL,Description="Deletion">\n'
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">\n'
        '##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP">\n'
        '##INFO=<ID=TXT,Number=.,Type=String,Description="Text with \\"quotes\\"">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        f'##FORMAT=<ID=AD,Number={per_allele},Type=Integer,Description="Depths">\n'
        '##FORMAT=<ID=NOTE,Number=1,Type=Character,Description="Note">\n'
    )


def text(minor: int = 3) -> str:
    return header(minor) + CHROM_LINE + FIRST + SECOND + THIRD


def bgzf(content: bytes) -> bytes:
    """Content of less than 64 KiB as BGZF (SAMv1, 4.1)."""
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(content) + packer.flush()
    size = (len(packed) + 25).to_bytes(2, "little")
    tail = zlib.crc32(content).to_bytes(4, "little") + len(content).to_bytes(4, "little")
    return b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size + packed + tail + END_BLOCK


def defect(
    code: str,
    line: int | None,
    column: str | None,
    *changes: tuple[str, str],
    minor: int = 3,
    only: bool = True,
    id: str = "",  # noqa: A002
    declared: Declared | None = None,
) -> Defect:
    """The valid file with a few words replaced, each once."""
    content = text(minor)
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new, 1)
    return Defect(
        id=id or code,
        content=bgzf(content.encode("utf-8", "surrogateescape")),
        code=code,
        line=line,
        column=column,
        only=only,
        name="a.vcf.gz",
        declared=declared or Declared(),
    )


def more(line: str) -> tuple[str, str]:
    """One more meta-information line, as line 2."""
    return "##source=fairline\n", line + "\n"


INFO_1 = "DP=5;AF=0.5;DB"
ALTS = ("\tA\tC\t", "\tA\tC,<DEL>\t")
FIELDS = ("GT:AD:NOTE\t0/1:3,2:x", "GT:AD:NOTE\t{}")
DESCRIBED = 'Description="x"'


def sample(value: str, keys: str = "GT:AD:NOTE") -> tuple[str, str]:
    """Another FORMAT and sample in the first record."""
    return "GT:AD:NOTE\t0/1:3,2:x", f"{keys}\t{value}"


def info(value: str) -> tuple[str, str]:
    """Another INFO in the first record."""
    return INFO_1, value


HEADER_DEFECTS = [
    defect("vcf-fileformat", 1, "fileformat", ("##fileformat=VCFv4.3", "##fileformat=VCF v4.3")),
    defect("vcf-fileformat", 1, "fileformat", ("##fileformat=VCFv4.3\n", ""), id="fileformat-not-there"),
    defect("vcf-fileformat-repeated", 2, "fileformat", more("##fileformat=VCFv4.3")),
    defect("vcf-version-unknown", 1, "fileformat", ("VCFv4.3", "VCFv4.9")),
    defect("vcf-meta-grammar", 2, None, more("##some text")),
    defect("vcf-meta-grammar", 2, None, more("##source="), id="meta-without-value"),
    defect("vcf-meta-grammar", 2, None, more("some text"), id="meta-without-hashes"),
    defect("vcf-meta-structure", 2, "INFO", more('##INFO=<ID=X,Number=1,Type=String,Description="x>')),
    defect("vcf-meta-structure", 2, "INFO", more('##INFO=<ID=X,Number=1,Type=String,Description="x" y">'), id="quote"),
    defect("vcf-meta-structure", 2, "FILTER", more(f"##FILTER=<ID=X,{DESCRIBED}"), id="angle-bracket-open"),
    defect("vcf-meta-structure", 2, "INFO", more("##INFO=X"), id="no-angle-bracket"),
    defect("vcf-meta-structure", 2, "ALT", more(f"##ALT=<ID=DEL:A,B,{DESCRIBED}>"), id="comma-in-id"),
    defect("vcf-meta-structure", 2, "FILTER", more(f"##FILTER=<ID=X,ID=Y,{DESCRIBED}>"), id="key-twice"),
    defect("vcf-meta-structure-unusual", 2, "Title", more('##Title=<"text">')),
    defect("vcf-meta-id-missing", 2, "contig", more("##contig=<length=5>")),
    defect("vcf-meta-id-missing", 2, "PEDIGREE", more("##PEDIGREE=<Name_0=A>"), id="pedigree-id"),
    defect("vcf-meta-repeated", 6, "FILTER/q10", ("##ALT=", f"##FILTER=<ID=q10,{DESCRIBED}>\n##ALT="), only=False),
    defect(
        "vcf-meta-repeated-unusual", 4, "contig/chr1", ("##contig=<ID=chr2", "##contig=<ID=chr1>\n##contig=<ID=chr2")
    ),
    defect("vcf-meta-url", 2, "assembly", more("##assembly=ftp://8080:8080/x.fa")),
    defect("vcf-meta-field-missing", 7, "INFO/DP", ("##INFO=<ID=DP,Number=1,", "##INFO=<ID=DP,")),
    defect("vcf-meta-field-missing", 7, "INFO/DP", (',Description="Depth"', ""), id="info-without-description"),
    defect("vcf-meta-description-missing", 5, "FILTER/q10", (',Description="Quality below 10"', "")),
    defect("vcf-meta-description-unquoted", 6, "ALT/DEL", ('"Deletion"', "Deletion")),
    defect("vcf-meta-value-unquoted", 7, "INFO/DP", ('"Depth"', '"Depth",Source=x')),
    defect("vcf-meta-number", 7, "INFO/DP", ("ID=DP,Number=1", "ID=DP,Number=N")),
    defect(
        "vcf-meta-number", 12, "FORMAT/AD", ("Number=.,Type=Integer", "Number=R,Type=Integer"), minor=1, id="r-in-4.1"
    ),
    defect("vcf-meta-number", 10, "INFO/TXT", ("ID=TXT,Number=.", "ID=TXT,Number=LR"), minor=5, id="lr-in-info"),
    defect("vcf-meta-type", 7, "INFO/DP", ("Type=Integer", "Type=Int")),
    defect("vcf-meta-type", 6, "ALT/DEL", ("<ID=DEL,", "<ID=DEL,Number=1,Type=Text,"), id="type-of-alt"),
    defect("vcf-flag-number", 2, "INFO/X", more(f"##INFO=<ID=X,Number=1,Type=Flag,{DESCRIBED}>")),
    defect("vcf-flag-number", 2, "INFO/X", more(f"##INFO=<ID=X,Number=0,Type=String,{DESCRIBED}>"), id="0-no-flag"),
    defect("vcf-flag-number-unusual", 2, "INFO/X", more(f"##INFO=<ID=X,Number=1,Type=Flag,{DESCRIBED}>"), minor=2),
    defect("vcf-format-flag", 2, "FORMAT/X", more(f"##FORMAT=<ID=X,Number=0,Type=Flag,{DESCRIBED}>")),
    defect("vcf-reserved-key", 2, "INFO/NS", more(f"##INFO=<ID=NS,Number=A,Type=Integer,{DESCRIBED}>")),
    defect(
        "vcf-reserved-key", 2, "FORMAT/PL", more(f"##FORMAT=<ID=PL,Number=G,Type=Float,{DESCRIBED}>"), id="pl-float"
    ),
    defect("vcf-reserved-key-unusual", 2, "FORMAT/PL", more(f"##FORMAT=<ID=PL,Number=.,Type=Integer,{DESCRIBED}>")),
    defect(
        "vcf-reserved-key-unusual", 2, "INFO/SVLEN", more(f"##INFO=<ID=SVLEN,Number=1,Type=Float,{DESCRIBED}>"), id="sv"
    ),
    defect("vcf-meta-key", 2, "INFO/1X", more(f"##INFO=<ID=1X,Number=1,Type=Float,{DESCRIBED}>")),
    defect("vcf-meta-key-unusual", 2, "INFO/1X", more(f"##INFO=<ID=1X,Number=1,Type=Float,{DESCRIBED}>"), minor=2),
    defect("vcf-alt-id", 2, "ALT/DEL:A B", more(f"##ALT=<ID=DEL:A B,{DESCRIBED}>")),
    defect("vcf-alt-type", 2, "ALT/DEL1", more(f"##ALT=<ID=DEL1,{DESCRIBED}>")),
    defect("vcf-contig-id", 2, "contig/1 A", more("##contig=<ID=1 A>")),
    defect("vcf-contig-field", 3, "contig/chr1", ("length=248956422", "length=248956422,md5=abc")),
    defect("vcf-contig-field", 3, "contig/chr1", ("length=248956422", "length=long"), id="contig-length"),
    defect("vcf-header-line-missing", 14, "#CHROM", (CHROM_LINE, "")),
    defect("vcf-header-line-columns", 14, "#CHROM", ("#CHROM\tPOS", "#CHROM\tPOSITION"), only=False),
    defect("vcf-header-line-columns", 14, "FORMAT", ("FORMAT\tS1", "S1\tS2"), id="no-format"),
    defect("vcf-header-line-columns", 14, "FORMAT", ("FORMAT\tS1", "FORMAT"), only=False, id="format-without-sample"),
    defect("vcf-sample-name-empty", 14, "#CHROM", ("FORMAT\tS1\n", "FORMAT\t\n")),
    defect("vcf-sample-name-repeated", 14, "#CHROM", ("FORMAT\tS1\n", "FORMAT\tS1\tS1\n"), only=False),
    defect("vcf-sample-not-declared", 14, "#CHROM", declared=Declared(sample_id="S9", line_id="S9")),
    defect("vcf-sample-not-the-line", 14, "#CHROM", declared=Declared(line_id="LINE-A")),
    defect("vcf-assembly-not-declared", 14, "assembly", declared=Declared(assembly="GRCh37")),
    defect("vcf-header-after-records", 16, None, (SECOND, "##source=late\n" + SECOND)),
]

SITE_DEFECTS = [
    defect("vcf-columns", 15, None, ("\tGT:AD:NOTE\t0/1:3,2:x\n", "\tGT:AD:NOTE\n")),
    defect("vcf-columns", 15, None, (FIRST, FIRST.replace("\t", " ")), id="spaces-for-tabs"),
    defect("vcf-columns", 15, None, ("3,2:x\n", "3,2:x\t0/1\n"), id="column-too-many"),
    defect("vcf-field-empty", 15, "ID", ("\trs1\t", "\t\t")),
    defect("vcf-chrom", 17, "CHROM", ("chr2\t5", "chr 2\t5"), only=False),
    defect("vcf-chrom-colon", 17, "CHROM", ("chr2\t5", "chr:2\t5"), only=False),
    defect("vcf-contig-undeclared", 17, "CHROM", ("chr2\t5", "chr3\t5")),
    defect("vcf-contig-split", 17, "CHROM", (SECOND + THIRD, THIRD + SECOND)),
    defect("vcf-pos", 15, "POS", ("chr1\t10", "chr1\t-10")),
    defect("vcf-pos", 15, "POS", ("chr1\t10", "chr1\t."), id="pos-missing"),
    defect("vcf-pos-beyond-contig", 17, "POS", ("chr2\t5", "chr2\t1002")),
    defect("vcf-unsorted", 16, "POS", ("chr1\t20", "chr1\t9")),
    defect("vcf-id", 15, "ID", ("\trs1\t", "\trs 1\t")),
    defect("vcf-id", 15, "ID", ("\trs1\t", "\trs1;\t"), id="id-ends-with-semicolon"),
    defect("vcf-id-repeated", 15, "ID", ("\trs1\t", "\trs1;rs1\t")),
    defect("vcf-ref", 15, "REF", ("\tA\tC\t", "\tR\tC\t")),
    defect("vcf-ref", 15, "REF", ("\tA\tC\t", "\t.\tC\t"), id="ref-missing"),
    defect("vcf-alt", 15, "ALT", ("\tA\tC\t", "\tA\tR\t")),
    defect("vcf-alt", 15, "ALT", ("\tA\tC\t", "\tA\t[1:100[\t"), id="breakend-without-base"),
    defect("vcf-alt", 15, "ALT", ("\tA\tC\t", "\tA\t<DEL>X>\t"), id="symbol-with-bracket"),
    defect("vcf-alt-repeated", 16, "ALT", ("\tG\tA,GT\t", "\tG\tA,a\t")),
    defect("vcf-alt-equals-ref", 15, "ALT", ("\tA\tC\t", "\tA\ta\t")),
    defect("vcf-qual", 15, "QUAL", ("\t30\t", "\tgood\t")),
    defect("vcf-qual", 15, "QUAL", ("\t30\t", "\t-3\t"), id="qual-negative"),
    defect("vcf-filter", 15, "FILTER", ("\tPASS\t", "\tPASS;\t")),
    defect("vcf-filter", 15, "FILTER", ("\tPASS\t", "\t0\t"), id="filter-0"),
    defect("vcf-filter-repeated", 16, "FILTER", ("\tq10\t", "\tq10;q10\t")),
    defect("vcf-filter-pass-and-more", 16, "FILTER", ("\tq10\t", "\tq10;PASS\t")),
    defect("vcf-filter-undeclared", 16, "FILTER", ("\tq10\t", "\ts50\t")),
    defect("vcf-record-repeated", 16, "POS", (FIRST, FIRST + FIRST)),
]

INFO_DEFECTS = [
    defect("vcf-info", 15, "INFO", info("DP=5;;DB")),
    defect("vcf-info", 15, "INFO/DP", info("DP=;DB"), id="info-value-empty"),
    defect("vcf-info", 15, "INFO/TXT", info("TXT=a b"), minor=2, id="info-space-in-4.2"),
    defect("vcf-info", 15, "INFO/TXT", info("TXT=a=b"), id="info-equals-sign"),
    defect("vcf-info-quoted", 15, "INFO/TXT", info('TXT="a=b,c"')),
    defect("vcf-info-key", 15, "INFO/1X", info("1X=5"), only=False),
    defect("vcf-info-key-unusual", 15, "INFO/1X", info("1X=5"), minor=2, only=False),
    defect("vcf-info-repeated", 15, "INFO/DP", info("DP=5;DB;DP=6")),
    defect("vcf-info-undeclared", 15, "INFO/MQ", info("MQ=5.5")),
    defect("vcf-info-type", 15, "INFO/DP", info("DP=5.5")),
    defect("vcf-info-type", 15, "INFO/DP", info("DP=2147483648"), id="info-integer-of-33-bits"),
    defect("vcf-info-type", 15, "INFO/AF", info("AF=often"), id="info-float"),
    defect("vcf-info-type", 15, "INFO/NS", info("NS=x"), only=False, id="info-reserved-type"),
    defect("vcf-info-number", 15, "INFO/AF", info("AF=0.5,0.1")),
    defect("vcf-info-number", 15, "INFO/AA", info("AA=A,C"), only=False, id="info-reserved-number"),
    defect("vcf-info-value-missing", 15, "INFO/DP", info("DP")),
    defect("vcf-info-flag-value", 15, "INFO/DB", info("DB=yes")),
    defect("vcf-info-flag-value-unusual", 15, "INFO/DB", info("DB=1")),
    defect("vcf-info-range", 15, "INFO/DP", info("DP=-5")),
    defect("vcf-info-cigar", 15, "INFO/CIGAR", info("CIGAR=12Q"), only=False),
    defect("vcf-info-end", 15, "INFO/END", info("END=9"), only=False),
    defect("vcf-info-values-per-allele", 15, "INFO/CIPOS", info("CIPOS=0,1,2"), minor=4, only=False),
    defect("vcf-info-claim", 15, "INFO/SVCLAIM", info("SVCLAIM=X"), minor=4, only=False),
    defect("vcf-info-structural-missing", 15, "INFO/SVLEN", ("\tA\tC\t", "\tA\t<DEL>\t"), minor=4),
    defect("vcf-values-without-alt", 17, "FORMAT/GT", ("\t0/0:4", "\t0/1:4")),
    defect("vcf-values-without-alt", 17, "INFO/AF", ("12.5\t.\t.\t", "12.5\t.\tAF=0.5\t"), id="info-without-alt"),
]

LOCAL = "LAD,Number=LR,Type=Integer"
GENOTYPE_DEFECTS = [
    defect("vcf-format", 15, "FORMAT", sample("0/1::x", "GT::NOTE"), only=False),
    defect("vcf-format-key", 15, "FORMAT/A-D", sample("0/1:3,2:x", "GT:A-D:NOTE"), only=False),
    defect("vcf-format-key-unusual", 15, "FORMAT/A_D", sample("0/1:3,2:x", "GT:A_D:NOTE"), minor=2, only=False),
    defect("vcf-format-repeated", 15, "FORMAT/AD", sample("0/1:3,2:3,2", "GT:AD:AD")),
    defect("vcf-gt-not-first", 15, "FORMAT/GT", sample("3,2:0/1", "AD:GT")),
    defect(
        "vcf-local-alleles",
        16,
        "FORMAT/LAD",
        ("##FORMAT=<ID=GT", f"##FORMAT=<ID={LOCAL},{DESCRIBED}>\n##FORMAT=<ID=GT"),
        sample("0/1:3", "GT:LAD"),
        minor=5,
    ),
    defect(
        "vcf-phase-sets",
        17,
        "FORMAT/PSL",
        ("##FORMAT=<ID=GT", f"##FORMAT=<ID=PS,Number=1,Type=Integer,{DESCRIBED}>\n##FORMAT=<ID=GT"),
        ("##FORMAT=<ID=GT", f"##FORMAT=<ID=PSL,Number=P,Type=String,{DESCRIBED}>\n##FORMAT=<ID=GT"),
        sample("0|1:10:a,b", "GT:PS:PSL"),
        minor=4,
    ),
    defect("vcf-format-undeclared", 15, "FORMAT/DS", sample("0/1:0.5", "GT:DS")),
    defect("vcf-sample-fields", 15, "FORMAT", sample("0/1:3,2:x:9")),
    defect("vcf-sample-empty", 15, "FORMAT/AD", sample("0/1::x")),
    defect("vcf-gt", 15, "FORMAT/GT", sample("0//1:3,2:x")),
    defect("vcf-gt", 15, "FORMAT/GT", sample("/0/1:3,2:x"), id="gt-phased-as-in-4.4"),
    defect("vcf-gt-allele", 15, "FORMAT/GT", sample("0/2:3,2:x")),
    defect("vcf-sample-type", 15, "FORMAT/AD", sample("0/1:3,b:x")),
    defect("vcf-sample-type", 15, "FORMAT/NOTE", sample("0/1:3,2:xyz"), id="sample-character"),
    defect("vcf-sample-number", 15, "FORMAT/AD", sample("0/1:3,2,1:x")),
    defect("vcf-sample-number", 15, "FORMAT/PL", sample("0/1:1,2", "GT:PL"), only=False, id="pl-of-a-diploid"),
    defect("vcf-sample-number", 15, "FORMAT/PL", sample("0:1,2,3", "GT:PL"), only=False, id="pl-of-a-haploid"),
]

TEXT_DEFECTS = [
    defect("vcf-encoding", 15, None, ("\trs1\t", "\trs\udcff1\t")),
    defect("vcf-encoding-unusual", 15, None, ("\trs1\t", "\trs\udcff1\t"), minor=2),
    defect("vcf-control-character", 15, None, ("\trs1\t", "\trs\x07\t")),
    defect("vcf-line-end-windows", 1, None, ("VCFv4.2\n", "VCFv4.2\r\n"), minor=2),
    defect("vcf-final-newline", 17, None, ("0/0:4\n", "0/0:4")),
    defect("vcf-final-newline-unusual", 17, None, ("0/0:4\n", "0/0:4"), minor=2),
    defect("vcf-blank-line", 16, None, (SECOND, "\n" + SECOND)),
    defect("vcf-blank-last-line", 18, None, ("0/0:4\n", "0/0:4\n\n")),
    defect("vcf-no-records", None, None, (FIRST + SECOND + THIRD, "")),
    Defect(id="vcf-not-bgzf", content=text().encode(), code="vcf-not-bgzf", name="a.vcf"),
]

DEFECTS = [*HEADER_DEFECTS, *SITE_DEFECTS, *INFO_DEFECTS, *GENOTYPE_DEFECTS, *TEXT_DEFECTS]


def judged(folder: Path, content: str, level: Level = Level.BANK, declared: Declared | None = None) -> Subject:
    return inspect_bytes(folder, "a.vcf.gz", bgzf(content.encode()), level=level, declared=declared)


def errors(subject: Subject) -> list[tuple[str, int | None, str | int | None]]:
    return [(each.code, each.line, each.column) for each in subject.findings if each.severity is Severity.ERROR]


@pytest.mark.parametrize("case", DEFECTS, ids=lambda case: case.id)
def test_vcf_when_one_thing_is_wrong_then_one_finding_says_where(case: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, case, "a.vcf.gz")


def test_vcf_defects_when_listed_then_cover_every_rule() -> None:
    assert {case.code for case in DEFECTS} == rules_of("vcf")
    assert len({case.id for case in DEFECTS}) == len(DEFECTS)


@pytest.mark.parametrize("minor", range(6))
def test_vcf_when_valid_then_has_facts_and_no_finding(minor: int, tmp_path: Path) -> None:
    subject = judged(tmp_path, text(minor))
    assert (subject.format, codes(subject)) == ("vcf", [])
    assert subject.facts == {
        "container": "bgzf",
        "version": f"VCFv4.{minor}",
        "samples": ["S1"],
        "contigs": 2,
        "assembly": "GRCh38",
        "records": 3,
        "snvs": 2,
        "indels": 1,
        "ti_tv": 1.0,
        "het": 2,
        "hom_alt": 0,
        "missing": 0,
    }


def test_vcf_when_only_the_specification_is_asked_then_wishes_are_silent(tmp_path: Path) -> None:
    content = text().replace("DP=5;", "XX=5;").replace("chr2\t5", "chr9\t5").encode()
    assert codes(inspect_bytes(tmp_path, "a.vcf", content, level=Level.SPEC)) == []


VALID_RECORDS = {
    "telomere-and-breakends": (3, "chr1\t0\tb\tN\t.[chr2:123[\t6\tPASS\t.\tGT\t0/1\n"),
    "joined-after": (3, "chr1\t9\tb\tG\tG]chr2:98],]<ctg1>:3]AG\t6\tPASS\t.\tGT\t1/2\n"),
    "single-breakend": (3, "chr1\t9\tb\tG\tG.\t6\tPASS\t.\tGT\t0/1\n"),
    "inserted-contig": (3, "chr1\t9\tb\tT\tC<ctg1>\t6\tPASS\t.\tGT\t0/1\n"),
    "reference-block": (5, "chr1\t9\t.\tT\t<*>\t.\t.\t.\tGT\t0/0\n"),
    "asterisk": (3, "chr1\t9\t.\tT\tG,*\t.\t.\t.\tGT:AD\t1/2:1,2,3\n"),
    "assembly-contig": (3, "chr1\t9\t.\tT\tG\t.\t.\t.\tGT\t0/1\n<chr1>\t10\t.\tT\tG\t.\t.\t.\tGT\t0/1\n"),
    "missing-values": (3, "chr1\t9\t.\tT\tG\t.\t.\tAF=.;TXT=.\tGT:AD:NOTE\t.\n"),
    "missing-list": (3, "chr1\t9\t.\tT\tG\t.\t.\t.\tGT:AD\t./.:.,.\n"),
    "triploid": (3, "chr1\t9\t.\tT\tG\t.\t.\t.\tGT:AD\t0/0/1:5,2\n"),
    "percent-encoded": (3, "chr1\t9\t.\tT\tG\t.\t.\tTXT=a%2Cb c\tGT:NOTE\t0/1:%3A\n"),
    "not-finite": (3, "chr1\t9\t.\tT\tG\tInf\t.\tAF=NaN\tGT\t0/1\n"),
    "long-integer": (3, "chr1\t9\t.\tT\tG\t.\t.\tDP=2147483647\tGT\t0/1\n"),
    "phased-first": (4, "chr1\t9\t.\tT\tG\t.\t.\t.\tGT\t|0/1\n"),
    "old-float": (2, "chr1\t9\t.\tT\tG\t5.\t.\tAF=1.\tGT\t0/1\n"),
    "lower-case": (3, "chr1\t9\t.\tt\tg\t.\t.\t.\tGT\t0/1\n"),
    "symbolic-twice": (3, "chr1\t9\t.\tT\t<DEL>,<DEL>\t.\t.\t.\tGT\t1/2\n" * 2),
    "no-format": (3, "chr1\t9\t.\tT\tG\t.\t.\t.\t.\t.\n"),
}


@pytest.mark.parametrize("name", VALID_RECORDS)
def test_record_when_rare_but_right_then_has_no_finding(name: str, tmp_path: Path) -> None:
    minor, records = VALID_RECORDS[name]
    assert judged(tmp_path, header(minor) + CHROM_LINE + records).findings == ()


@pytest.mark.parametrize("alleles", [1, 3, 40])
@pytest.mark.parametrize("ploidy", [1, 2, 3])
def test_genotype_likelihoods_when_counted_by_ploidy_then_pass(alleles: int, ploidy: int, tmp_path: Path) -> None:
    count = comb(alleles + ploidy, ploidy)
    alts = ",".join("G" * (number + 1) for number in range(alleles))
    genotype = "/".join([str(alleles)] * ploidy)
    meta = f"##FORMAT=<ID=PL,Number=G,Type=Integer,{DESCRIBED}>\n"

    def record(values: int) -> str:
        return f"chr1\t9\t.\tT\t{alts}\t.\t.\t.\tGT:PL\t{genotype}:{','.join(['1'] * values)}\n"

    assert judged(tmp_path, header() + meta + CHROM_LINE + record(count)).findings == ()
    wrong = judged(tmp_path, header() + meta + CHROM_LINE + record(count + 1))
    assert errors(wrong) == [("vcf-sample-number", 16, "FORMAT/PL")]


def test_local_alleles_when_counted_by_laa_then_pass(tmp_path: Path) -> None:
    meta = "".join(
        f"##FORMAT=<ID={key},Number={number},Type=Integer,{DESCRIBED}>\n"
        for key, number in (("LAA", "."), ("LAD", "LR"), ("LPL", "LG"))
    )
    records = (
        "chr1\t1\t.\tG\tA,C,T\t.\t.\t.\tGT:LAA:LAD:LPL\t1/3:1,3:20,30,10:90,80,0,100,110,120\n"
        "chr1\t4\t.\tG\tA,T\t.\t.\t.\tGT:LAA:LAD:LPL\t0/0::30:0\n"
    )
    content = header(5) + meta + CHROM_LINE + records
    assert judged(tmp_path, content).findings == ()
    wrong = judged(tmp_path, content.replace("20,30,10", "20,30"))
    assert errors(wrong) == [("vcf-sample-number", 18, "FORMAT/LAD")]


@pytest.mark.parametrize("number", [50, 51, 3_000])
def test_format_when_it_has_many_keys_then_is_read(number: int, tmp_path: Path) -> None:
    keys = ":".join(f"K{index}" for index in range(number))
    record = FIRST.replace("GT:AD:NOTE\t0/1:3,2:x", f"GT:{keys}\t0/1{':1' * number}")
    assert judged(tmp_path, header() + CHROM_LINE + record, Level.SPEC).findings == ()
    wrong = judged(tmp_path, header() + CHROM_LINE + record.replace("0/1", "0/3"), Level.SPEC)
    assert errors(wrong) == [("vcf-gt-allele", 15, "FORMAT/GT")]


def test_samples_when_one_of_two_is_wrong_then_it_is_named(tmp_path: Path) -> None:
    content = header() + CHROM_LINE.replace("S1\n", "S1\tS2\n") + FIRST.replace(":x\n", ":x\t0/1:3:.\n")
    finding = judged(tmp_path, content).findings[0]
    assert (finding.code, finding.got) == ("vcf-sample-number", "3")
    assert "S2" in finding.message


def test_equal_findings_when_many_then_are_one_with_the_first_place(tmp_path: Path) -> None:
    records = "".join(FIRST.replace("\t10\t", f"\t{pos}\t").replace("DP=5", "DP=x") for pos in range(10, 60))
    subject = judged(tmp_path, header() + CHROM_LINE + records)
    assert [(each.code, each.line, each.count) for each in subject.findings] == [("vcf-info-type", 15, 50)]


@pytest.mark.parametrize(
    ("line", "assembly"),
    [
        ("##contig=<ID=1,length=249250621>", "GRCh37"),
        ("##contig=<ID=chr1,length=248387328>", "T2T-CHM13v2.0"),
        ("##reference=file:///ref/Homo_sapiens_assembly38_hg38.fa", "GRCh38"),
        ("##reference=GRCh37.p13", "GRCh37"),
        ("##contig=<ID=7,assembly=b37>", "GRCh37"),
        ("##reference=mouse.fa", None),
    ],
)
def test_assembly_when_header_tells_it_then_is_a_fact(line: str, assembly: str | None, tmp_path: Path) -> None:
    subject = judged(tmp_path, f"##fileformat=VCFv4.3\n{line}\n{CHROM_LINE}", Level.SPEC)
    assert subject.facts.get("assembly") == assembly


@pytest.mark.parametrize("declared", ["GRCh38", "hg38", "GRCh38.p14", "", "my own"])
def test_assembly_when_declared_by_any_of_its_names_then_is_silent(declared: str, tmp_path: Path) -> None:
    assert judged(tmp_path, text(), declared=Declared(assembly=declared)).findings == ()


def test_fileformat_when_it_comes_late_then_still_tells_the_version(tmp_path: Path) -> None:
    content = text(2).replace("##fileformat=VCFv4.2\n##source=fairline\n", "##source=fairline\n##fileformat=VCFv4.2\n")
    subject = judged(tmp_path, content)
    assert (errors(subject), subject.facts["version"]) == ([("vcf-fileformat", 1, "fileformat")], "VCFv4.2")


def test_header_when_it_says_synthetic_then_is_a_fact(tmp_path: Path) -> None:
    subject = judged(tmp_path, text().replace("##source=fairline", "##source=Synthetic data of the demo"))
    assert subject.facts["synthetic"] is True


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.txt", text().encode(), "vcf"),
        ("a.vcf", b"no header at all\n", "vcf"),
        ("a.vcf", b"\0\1\2", None),
        ("a.txt", b"\xef\xbb\xbf##fileformat=VCFv4.3\n", "vcf"),
        ("a.txt", CHROM_LINE.encode(), "vcf"),
        ("a.vcf.gz", bgzf(b"broken\n"), "vcf"),
        ("a.bin", b"\0", None),
    ],
)
def test_sniff_when_content_or_name_tells_then_is_vcf(name: str, content: bytes, wanted: str | None) -> None:
    found = sniff_bytes(name, content)
    assert (found.name if found is not None and found.name == "vcf" else None) == wanted


def test_vcf_when_line_ends_are_windows_then_4_3_is_silent(tmp_path: Path) -> None:
    assert judged(tmp_path, text().replace("\n", "\r\n")).findings == ()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bgzf(text().encode())[:-40], TRUNCATED.code),
        (bgzf(text().encode()) + b"garbage", TRAILING.code),
        (bgzf(text().encode()).removesuffix(END_BLOCK), NO_END_BLOCK.code),
    ],
    ids=["truncated", "trailing", "no-end-block"],
)
def test_vcf_when_container_is_damaged_then_the_container_says_so(content: bytes, code: str, tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "a.vcf.gz", content, level=Level.SPEC)
    assert (subject.format, subject.valid) == ("vcf", False)
    assert code in codes(subject)


def test_vcf_when_empty_inside_then_is_not_valid(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf.gz"
    path.write_bytes(bgzf(b""))
    subject = inspect_file(path)
    assert errors(subject) == [("vcf-fileformat", None, "fileformat"), ("vcf-header-line-missing", None, "#CHROM")]


def test_vcf_rules_when_read_then_explain_themselves() -> None:
    for rule in VCF.rules:
        assert rule.code.startswith("vcf-")
        assert rule.hint
        assert rule.source


WORDS = ("0", "1", ".", ",", ":", "/", "|", "-", "+", "e", "A", "=", ";", "x", " ", "%", "9999999999", '"')
RICH = (
    f"##INFO=<ID=PAIR,Number=2,Type=Character,{DESCRIBED}>\n"
    f"##FORMAT=<ID=PL,Number=G,Type=Integer,{DESCRIBED}>\n"
    f"##FORMAT=<ID=LIST,Number=.,Type=Float,{DESCRIBED}>\n"
    f"##FORMAT=<ID=WORD,Number=1,Type=String,{DESCRIBED}>\n" + CHROM_LINE + FIRST + SECOND
)
RICHER = (
    "chr1\t30\t.\tA\tC,G\t.\t.\tPAIR=a,b;END=40;TXT=q,.r\tGT:PL:LIST:WORD\t0/1:1,2,3,4,5,6:1.5,.,2:hello\n"
    "chr1\t31\t.\tA\tC\t.\t.\tPAIR=a,b;AC=1;AF=.;MQ=60\tGT:PL:LIST:WORD\t0:1,2:1.5,.,2:hello\n"
)


def mutants(minor: int) -> list[str]:
    """The records of a valid file with a few characters of the grammar put in, or in place of others."""
    valid = header(minor) + RICH + RICHER
    start = valid.index("#CHROM")
    chance = random.Random(minor)
    contents = []
    for _ in range(300):
        content = valid
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(start, len(content))
            content = content[:at] + chance.choice(WORDS) + content[at + chance.randint(0, 1) :]
        contents.append(content)
    return contents


@pytest.mark.parametrize("minor", [2, 3, 5])
def test_patterns_when_compared_with_exact_checks_then_agree(
    minor: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_patterns = [judged(tmp_path, content) for content in mutants(minor)]
    info_plan, genotype_plan = InfoReader._plan, GenotypeReader._plan
    never = re.compile(rb"(?!)").fullmatch
    monkeypatch.setattr(InfoReader, "_plan", lambda *args: replace(info_plan(*args), match=never))
    monkeypatch.setattr(GenotypeReader, "_plan", lambda *args: replace(genotype_plan(*args), match=None))
    assert [judged(tmp_path, content) for content in mutants(minor)] == by_patterns
    assert len({code for subject in by_patterns for code in codes(subject)}) > 20


@pytest.mark.slow
def test_vcf_when_damaged_then_is_judged_and_never_raises(tmp_path: Path) -> None:
    assert_survives(tmp_path, "a.vcf", text(5).encode(), "vcf")
    assert_survives(tmp_path, "b.vcf", text(2).encode(), "vcf")
