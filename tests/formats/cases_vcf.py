"""Cases of VCF: a file that nothing is wrong with, each rule broken once in it, and valid files of every version."""

from __future__ import annotations

from typing import Any

from catalog.formats.protocol import Declared
from publish.demo.compression import bgzf_file
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect
from tests.formats.vcf_examples import COLUMNS, DESCRIBED, VALID, form, info, vcf

CHROM_LINE = f"{COLUMNS}\tFORMAT\tS1\n"
FIRST = "chr1\t10\trs1\tA\tC\t30\tPASS\tDP=5;AF=0.5;DB\tGT:AD:NOTE\t0/1:3,2:x\n"
SECOND = "chr1\t20\trs2\tG\tA,GT\t.\tq10\tAF=0.1,0.2;TXT=a,b\tGT:AD:NOTE\t1|2:1,2,3:.\n"
THIRD = "ctg2\t5\t.\tT\t.\t12.5\t.\t.\tGT:AD\t0/0:4\n"
#: The first lines with records of :func:`text`.
LINE, NEXT, LAST = 15, 16, 17


def header(minor: int = 3) -> str:
    """A header that declares everything that the records use; VCFv4.2 brought Number=R."""
    return (
        f"##fileformat=VCFv4.{minor}\n"
        "##source=fairline\n"
        "##contig=<ID=chr1,length=248956422>\n"
        "##contig=<ID=ctg2,length=1000>\n"
        '##FILTER=<ID=q10,Description="Quality below 10">\n'
        '##ALT=<ID=DEL,Description="Deletion">\n'
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">\n'
        '##INFO=<ID=AF,Number=A,Type=Float,Description="Frequency">\n'
        '##INFO=<ID=DB,Number=0,Type=Flag,Description="dbSNP">\n'
        '##INFO=<ID=TXT,Number=.,Type=String,Description="Text with \\"quotes\\"">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
        f'##FORMAT=<ID=AD,Number={"R" if minor >= 2 else "."},Type=Integer,Description="Depths">\n'
        '##FORMAT=<ID=NOTE,Number=1,Type=Character,Description="Note">\n'
    )


def text(minor: int = 3) -> str:
    return header(minor) + CHROM_LINE + FIRST + SECOND + THIRD


def packed(content: str) -> bytes:
    return bgzf_file(content.encode("utf-8", "surrogateescape"))


def changed(
    title: str, code: str, line: int | None, column: str | None, *changes: tuple[str, str], minor: int = 3, **rest: Any
) -> Defect:
    """The file with a few words replaced, each once."""
    content = text(minor)
    for old, new in changes:
        assert old in content, old
        content = content.replace(old, new, 1)
    return Defect(
        id=title, code=f"vcf-{code}", content=packed(content), line=line, column=column, name="a.vcf.gz", **rest
    )


def meta(title: str, code: str, column: str | None, line: str, **rest: Any) -> Defect:
    """One more line of the header, as line 2."""
    return changed(title, code, 2, column, ("##source=fairline\n", f"{line}\n"), **rest)


def record(title: str, code: str, column: str | None, line: str, *, declare: str = "", **rest: Any) -> Defect:
    """Another first record, written with blanks between the columns, and lines that declare what it uses."""
    at = LINE + declare.count("\n")
    changes = (
        (FIRST, line.replace(" ", "\t").replace("_", " ") + "\n"),
        ("##FORMAT=<ID=GT", f"{declare}##FORMAT=<ID=GT"),
    )
    return changed(title, code, at, column, *changes, **rest)


def in_info(title: str, code: str, key: str, value: str, *, declare: str = "", **rest: Any) -> Defect:
    """Another INFO in the first record."""
    line = f"chr1 10 rs1 A C 30 PASS {value} GT:AD:NOTE 0/1:3,2:x"
    return record(title, code, f"INFO/{key}" if key else "INFO", line, declare=declare, **rest)


def in_sample(title: str, code: str, key: str, form: str, value: str, *, declare: str = "", **rest: Any) -> Defect:
    """Another FORMAT and sample in the first record."""
    line = f"chr1 10 rs1 A C 30 PASS . {form} {value}"
    return record(title, code, f"FORMAT/{key}" if key else "FORMAT", line, declare=declare, **rest)


def symbolic(title: str, code: str, key: str, alt: str, value: str, *, declare: str = "", **rest: Any) -> Defect:
    """A record with symbolic alleles."""
    line = f"chr1 10 rs1 A {alt} 30 PASS {value} GT 0/1"
    return record(title, code, key, line, declare=declare, **rest)


KEY = f"Number=1,Type=String,{DESCRIBED}>"
FIRST_LINES = [
    changed("version-with-space", "fileformat", 1, "fileformat", ("VCFv4.3", "VCF v4.3")),
    changed("version-empty", "fileformat", 1, "fileformat", ("VCFv4.3", "")),
    changed("version-and-more", "fileformat", 1, "fileformat", ("VCFv4.3", "VCFv4.3 ")),
    changed("version-with-zero", "fileformat", 1, "fileformat", ("VCFv4.3", "VCFv4.03")),
    changed("version-not-there", "fileformat", 1, "fileformat", ("##fileformat=VCFv4.3\n", "")),
    meta("second-version", "fileformat-repeated", "fileformat", "##fileformat=VCFv4.3"),
    changed("unknown-version", "version-unknown", 1, "fileformat", ("VCFv4.3", "VCFv4.9")),
]
GRAMMAR = [
    meta("text", "meta-grammar", None, "##some text"),
    meta("no-value", "meta-grammar", None, "##source="),
    meta("no-key", "meta-grammar", None, "##=value"),
    meta("no-hashes", "meta-grammar", None, "some text"),
    meta("no-equals-sign", "meta-grammar", None, f"##INFO<ID=X,{KEY}"),
    meta("blank-behind-kind", "meta-structure", "INFO", f"##INFO =<ID=X,{KEY}"),
    meta("three-hashes", "meta-structure", "INFO", f"###INFO=<ID=X,{KEY}"),
    meta("two-equals-signs", "meta-structure", "FILTER", f"##FILTER=<ID==X,{DESCRIBED}>"),
    meta("two-brackets", "meta-structure", "PEDIGREE", "##PEDIGREE=<ID=X,Father=Y>>"),
    meta("no-comma", "meta-structure", "PEDIGREE", "##PEDIGREE=<ID=X Father=Y>"),
    meta("no-comma-in-sample", "meta-structure", "SAMPLE", "##SAMPLE=<ID=S1;Genomes=A>", minor=1),
    meta("name-in-quotes", "meta-structure", "contig", '##contig=<ID="X">'),
    meta("number-in-quotes", "meta-structure", "INFO", f'##INFO=<ID=X,Number="1",Type=String,{DESCRIBED}>'),
    meta("no-assembly", "meta-grammar", "assembly", "##assembly=<>"),
    meta("quote-open", "meta-structure", "INFO", '##INFO=<ID=X,Number=1,Type=String,Description="x>'),
    meta("quote-within", "meta-structure", "INFO", '##INFO=<ID=X,Number=1,Type=String,Description="x" y">'),
    meta("bracket-open", "meta-structure", "FILTER", f"##FILTER=<ID=X,{DESCRIBED}"),
    meta("no-bracket", "meta-structure", "INFO", "##INFO=X"),
    meta("comma-in-id", "meta-structure", "ALT", f"##ALT=<ID=DEL:A,B,{DESCRIBED}>"),
    meta("key-twice", "meta-structure", "FILTER", f"##FILTER=<ID=X,ID=Y,{DESCRIBED}>"),
    meta("blank-after-comma", "meta-structure", "INFO", f"##INFO=<ID=X, {KEY}"),
    meta("nothing-within", "meta-structure", "contig", "##contig=<>"),
    meta("list-open", "meta-structure", "META", "##META=<ID=X,Type=String,Number=.,Values=[a, b>"),
    meta("backslash", "meta-escape", "INFO/X", '##INFO=<ID=X,Number=1,Type=String,Description="C:\\temp">'),
    meta("brackets", "meta-angle-bracket", "Title", '##Title=<"text">', minor=5),
    meta("url-in-brackets", "meta-angle-bracket", "pedigreeDB", "##pedigreeDB=<http://a.example/x>", minor=5),
    meta("brackets-before-4.5", "meta-structure-unusual", "Title", '##Title=<"text">'),
    meta("very-long", "meta-long", "META", "##META=<ID=X,Type=String,Number=.,Values=[" + "a," * 600_000 + "a]>"),
    meta("contig-without-id", "meta-id-missing", "contig", "##contig=<length=5>"),
    meta("pedigree-without-id", "meta-id-missing", "PEDIGREE", "##PEDIGREE=<Name_0=A>"),
    meta("alt-without-id", "meta-id-missing", "ALT", f"##ALT=<{DESCRIBED}>", minor=1),
    meta("other-without-id", "meta-id-missing", "MYID", "##MYID=<A=1>"),
    changed("filter-again", "meta-repeated", 6, "FILTER/q10", ("##ALT=", f"##FILTER=<ID=q10,{DESCRIBED}>\n##ALT=")),
    changed("info-again", "meta-repeated", 11, "INFO/TXT", ("##INFO", f"{info('TXT', '.', 'String')}##INFO"), only=False),
    changed("other-again", "meta-repeated", 3, "MYID/A", ("##contig", "##MYID=<ID=A>\n##contig"),
            ("##source=fairline", "##MYID=<ID=A>")),
    changed("contig-again", "meta-repeated-unusual", 4, "contig/chr1", ("##contig=<ID=ctg2", "##contig=<ID=chr1>\n##contig=<ID=ctg2")),
    changed("alt-again-4.2", "meta-repeated-unusual", 7, "ALT/DEL", ("##INFO", f"##ALT=<ID=DEL,{DESCRIBED}>\n##INFO"), minor=2),
    meta("host-of-digits", "meta-url", "assembly", "##assembly=ftp://8080:8080/x.fa"),
    meta("host-with-two-dots", "meta-url", "pedigreeDB", "##pedigreeDB=http://a..example/x"),
    meta("host-without-slashes", "meta-url", "pedigreeDB", "##pedigreeDB=http:a.example/x"),
    meta("address-with-blanks", "meta-url", "assembly", "##assembly=some assembly", minor=1),
    meta("host-empty", "meta-url", "pedigreeDB", "##pedigreeDB=http:///x"),
]  # fmt: skip
KEYS = [
    changed("no-number", "meta-field-missing", 7, "INFO/DP", ("##INFO=<ID=DP,Number=1,", "##INFO=<ID=DP,")),
    changed("no-type", "meta-field-missing", 12, "FORMAT/AD", ("R,Type=Integer", "R")),
    changed("no-description", "meta-field-missing", 7, "INFO/DP", (',Description="Depth"', "")),
    changed("filter-undescribed", "meta-description-missing", 5, "FILTER/q10", (',Description="Quality below 10"', "")),
    changed("alt-unquoted", "meta-description-unquoted", 6, "ALT/DEL", ('"Deletion"', "Deletion")),
    changed("info-unquoted", "meta-description-unquoted", 7, "INFO/DP", ('"Depth"', "Depth"), minor=1),
    changed("source-unquoted", "meta-value-unquoted", 7, "INFO/DP", ('"Depth"', '"Depth",Source=x')),
    changed("other-unquoted-4.5", "meta-value-unquoted", 5, "FILTER/q10", ('below 10"', 'below 10",Limit=10'), minor=5),
    changed(
        "source-unquoted-4.2", "meta-value-unquoted-unusual", 7, "INFO/DP", ('"Depth"', '"Depth",Source=x'), minor=2
    ),
    changed("number-n", "meta-number", 7, "INFO/DP", ("ID=DP,Number=1", "ID=DP,Number=N")),
    changed("number-negative", "meta-number", 7, "INFO/DP", ("ID=DP,Number=1", "ID=DP,Number=-1")),
    changed("number-empty", "meta-number", 7, "INFO/DP", ("ID=DP,Number=1", "ID=DP,Number=")),
    changed("number-r-in-4.1", "meta-number", 12, "FORMAT/AD", ("=.,Type=Integer", "=R,Type=Integer"), minor=1),
    changed("number-p-in-4.3", "meta-number", 12, "FORMAT/AD", ("=R,Type=Integer", "=P,Type=Integer")),
    changed("number-lr-of-info", "meta-number", 10, "INFO/TXT", ("ID=TXT,Number=.", "ID=TXT,Number=LR"), minor=5),
    changed("type-int", "meta-type", 7, "INFO/DP", ("Type=Integer", "Type=Int")),
    changed("type-lower-case", "meta-type", 12, "FORMAT/AD", ("=R,Type=Integer", "=R,Type=integer"), minor=2),
    changed("type-of-alt", "meta-type", 6, "ALT/DEL", ("<ID=DEL,", "<ID=DEL,Number=1,Type=Text,")),
    meta("flag-with-a-value", "flag-number", "INFO/X", f"##INFO=<ID=X,Number=1,Type=Flag,{DESCRIBED}>"),
    meta("no-flag-without-values", "flag-number", "INFO/X", f"##INFO=<ID=X,Number=0,Type=String,{DESCRIBED}>"),
    meta("flag-4.2", "flag-number-unusual", "INFO/X", f"##INFO=<ID=X,Number=1,Type=Flag,{DESCRIBED}>", minor=2),
    meta("flag-of-a-sample", "format-flag", "FORMAT/X", f"##FORMAT=<ID=X,Number=0,Type=Flag,{DESCRIBED}>"),
    meta("reserved-number", "reserved-key", "INFO/NS", info("NS", "A").rstrip()),
    meta("reserved-type", "reserved-key", "FORMAT/PL", form("PL", "G", "Float").rstrip()),
    meta("reserved-open-number", "reserved-key", "FORMAT/PL", form("PL", ".").rstrip()),
    meta("reserved-structural", "reserved-key", "INFO/SVLEN", info("SVLEN", "1", "Float").rstrip()),
    meta("reserved-modification", "reserved-key", "FORMAT/M5mC", form("M5mC", "1", "Float").rstrip(), minor=5),
    meta("key-of-digits", "meta-key", "INFO/1X", f"##INFO=<ID=1X,{KEY}"),
    meta("key-with-blank", "meta-key", "FORMAT/A B", f"##FORMAT=<ID=A B,{KEY}", minor=1),
    meta("key-is-a-dot", "meta-key", "INFO/.", f"##INFO=<ID=.,{KEY}", minor=2),
    meta("key-of-digits-4.2", "meta-key-unusual", "INFO/1X", f"##INFO=<ID=1X,{KEY}", minor=2),
    meta("modification-of-nothing", "meta-modification-key", "FORMAT/MOD", form("MOD", "M").rstrip(), minor=5),
]
SYMBOLS = [
    meta("filter-0", "filter-id", "FILTER/0", f"##FILTER=<ID=0,{DESCRIBED}>"),
    meta("filter-with-blank", "filter-id", "FILTER/a b", f"##FILTER=<ID=a b,{DESCRIBED}>", minor=1),
    meta("filter-with-semicolon", "filter-id", "FILTER/a;b", f"##FILTER=<ID=a;b,{DESCRIBED}>"),
    meta("alt-with-blank", "alt-id", "ALT/DEL:A B", f"##ALT=<ID=DEL:A B,{DESCRIBED}>"),
    meta("alt-of-another-kind", "alt-type", "ALT/DEL1", f"##ALT=<ID=DEL1,{DESCRIBED}>"),
    meta("alt-subtype-empty", "alt-type", "ALT/DEL::ME", f"##ALT=<ID=DEL::ME,{DESCRIBED}>"),
    meta("alt-breakend-4.4", "alt-type", "ALT/BND", f"##ALT=<ID=BND,{DESCRIBED}>", minor=4),
    meta("contig-with-blank", "contig-id", "contig/1 A", "##contig=<ID=1 A>"),
    meta("contig-asterisk", "contig-id", "contig/*A", "##contig=<ID=*A>", minor=1),
    meta("contig-of-an-allele", "contig-id", "contig/DEL", "##contig=<ID=DEL>"),
    meta("length-of-letters", "contig-length", "contig/a", "##contig=<ID=a,length=long>"),
    meta("length-0", "contig-length", "contig/a", "##contig=<ID=a,length=0>"),
    meta("md5-short", "contig-md5", "contig/a", "##contig=<ID=a,length=5,md5=abc>"),
    meta("no-values", "meta-values-missing", "META/X", "##META=<ID=X,Type=String,Number=.>"),
    meta("no-parent", "pedigree-empty", "PEDIGREE/X", "##PEDIGREE=<ID=X>"),
    meta("mail", "personal-data", "contact", "##contact=jane.doe@example.org", only=False),
    meta("home", "personal-data", "command", "##command=call -r /home/jdoe/ref.fa"),
    meta("home-as-url", "personal-data", "reference", "##reference=file:///Users/jdoe/ref.fa"),
    meta("person", "personal-data", "operator", "##Operator=Jane Doe".replace("O", "o")),
    meta("donor", "personal-data", "SAMPLE", "##SAMPLE=<ID=S1,DateOfBirth=1970-01-01>"),
    changed(
        "assembly-mixed",
        "assembly-mixed",
        16,
        "contig",
        ("##source", "##contig=<ID=chr2,length=243199373>\n##contig=<ID=chr3,length=198295559>\n##source"),
    ),
]
NAMES = [
    changed("no-names", "header-line-missing", 14, "#CHROM", (CHROM_LINE, "")),
    changed("other-name", "header-line-columns", 14, "#CHROM", ("#CHROM\tPOS", "#CHROM\tPOSITION"), only=False),
    changed("blanks-for-tabs", "header-line-columns", 14, "#CHROM", (CHROM_LINE, CHROM_LINE.replace("\t", " ")), only=False),
    changed("no-format", "header-line-columns", 14, "FORMAT", ("FORMAT\tS1", "S1\tS2")),
    changed("no-sample", "header-line-columns", 14, "FORMAT", ("FORMAT\tS1", "FORMAT"), only=False),
    changed("tab-at-the-end", "sample-name-empty", 14, "#CHROM", ("FORMAT\tS1\n", "FORMAT\t\n")),
    changed("sample-twice", "sample-name-repeated", 14, "#CHROM", ("FORMAT\tS1\n", "FORMAT\tS1\tS1\n"), only=False),
    changed("half-a-million", "many-parts", 14, "#CHROM", ("FORMAT\tS1\n", "FORMAT" + "\ts" * 500_000 + "\n"), only=False),
    changed("other-sample", "sample-not-declared", 14, "#CHROM", declared=Declared(sample_id="S9", line_id="S9")),
    changed("other-line", "sample-not-the-line", 14, "#CHROM", declared=Declared(line_id="LINE-A")),
    changed("other-assembly", "assembly-not-declared", 14, "assembly", declared=Declared(assembly="GRCh37")),
    changed("late-meta", "header-after-records", NEXT, None, (SECOND, "##source=late\n" + SECOND)),
    changed("names-again", "header-after-records", NEXT, None, (SECOND, CHROM_LINE + SECOND)),
]  # fmt: skip

SITES = [
    changed("column-missing", "columns", LINE, None, ("\tGT:AD:NOTE\t0/1:3,2:x\n", "\tGT:AD:NOTE\n")),
    changed("spaces-for-tabs", "columns", LINE, None, (FIRST, FIRST.replace("\t", " "))),
    changed("column-too-many", "columns", LINE, None, ("3,2:x\n", "3,2:x\t0/1\n")),
    changed("tab-after-record", "columns", LINE, None, ("3,2:x\n", "3,2:x\t\n")),
    changed("id-empty", "field-empty", LINE, "ID", ("\trs1\t", "\t\t")),
    changed("sample-column-empty", "field-empty", LINE, "S1", ("0/1:3,2:x\n", "\n")),
    changed(
        "sample-empty-names-broken",
        "field-empty",
        LINE,
        "column 10",
        ("#CHROM\tPOS", "#CHROM\tPO"),
        ("0/1:3,2:x\n", "\n"),
        only=False,
    ),
    changed("chrom-with-blank", "chrom", LAST, "CHROM", ("ctg2\t5", "ctg 2\t5"), only=False),
    changed("chrom-with-comma", "chrom", LAST, "CHROM", ("ctg2\t5", "ctg,2\t5"), only=False),
    changed("chrom-bracket-open", "chrom", LAST, "CHROM", ("ctg2\t5", "<ctg2\t5"), only=False, minor=1),
    changed("chrom-of-an-allele", "chrom", LAST, "CHROM", ("ctg2\t5", "DEL\t5"), only=False),
    changed("chrom-dot", "chrom-missing", LAST, "CHROM", ("ctg2\t5", ".\t5"), ("ID=ctg2", "ID=.")),
    changed("chrom-with-colon", "chrom-colon", LAST, "CHROM", ("ctg2\t5", "chr:2\t5"), only=False),
    changed("chrom-not-declared", "contig-undeclared", LAST, "CHROM", ("ctg2\t5", "ctg3\t5")),
    changed("chrom-split", "contig-split", LAST, "CHROM", (SECOND + THIRD, THIRD + SECOND)),
    changed("pos-negative", "pos", LINE, "POS", ("chr1\t10", "chr1\t-10")),
    changed("pos-missing", "pos", LINE, "POS", ("chr1\t10", "chr1\t.")),
    changed("pos-of-letters", "pos", LINE, "POS", ("chr1\t10", "chr1\t10a")),
    changed("pos-no-integer", "pos", LAST, "POS", ("ctg2\t5", "ctg3\t2147483648"), only=False),
    changed("pos-beyond", "pos-beyond-contig", LAST, "POS", ("ctg2\t5", "ctg2\t1002")),
    changed("pos-smaller", "unsorted", NEXT, "POS", ("chr1\t20", "chr1\t9")),
    changed("id-with-blank", "id", LINE, "ID", ("\trs1\t", "\trs 1\t")),
    changed("id-ends-with-semicolon", "id", LINE, "ID", ("\trs1\t", "\trs1;\t")),
    changed("id-starts-with-semicolon", "id", LINE, "ID", ("\trs1\t", "\t;rs1\t")),
    changed("id-twice", "id-repeated", LINE, "ID", ("\trs1\t", "\trs1;rs1\t")),
    changed("id-again", "id-in-two-records", NEXT, "ID", ("\trs2\t", "\trs9;rs1\t")),
    changed("ref-of-another-code", "ref", LINE, "REF", ("\tA\tC\t", "\tR\tC\t")),
    changed("ref-missing", "ref", LINE, "REF", ("\tA\tC\t", "\t.\tC\t")),
    changed("ref-hyphen", "ref", LINE, "REF", ("\tA\tC\t", "\t-\tC\t")),
    changed("ref-of-two", "ref", LINE, "REF", ("\tA\tC\t", "\tA,G\tC\t")),
    changed("alt-of-another-code", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\tR\t")),
    changed("alt-with-blank", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\tC T\t")),
    changed("alt-dot-in-list-4.2", "alt", NEXT, "ALT", ("\tG\tA,GT\t", "\tG\tA,.\t"), minor=2),
    changed("alt-asterisk-within-4.5", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\tC*\t"), minor=5),
    changed("alt-breakend-of-nothing", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\t[1:100[\t")),
    changed("alt-breakend-without-position", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\tC[1[\t")),
    changed("alt-bracket-within", "alt", LINE, "ALT", ("\tA\tC\t", "\tA\t<DEL>X>\t")),
    changed("alt-again", "alt-repeated", NEXT, "ALT", ("\tG\tA,GT\t", "\tG\tA,a\t")),
    changed("alt-is-ref", "alt-equals-ref", LINE, "ALT", ("\tA\tC\t", "\tA\ta\t")),
    changed("alt-not-declared", "alt-undeclared", LINE, "ALT", ("\tA\tC\t", "\tA\t<INS:ME>\t")),
    changed("qual-of-letters", "qual", LINE, "QUAL", ("\t30\t", "\tgood\t")),
    changed("qual-negative", "qual", LINE, "QUAL", ("\t30\t", "\t-3\t")),
    changed("filter-ends-with-semicolon", "filter", LINE, "FILTER", ("\tPASS\t", "\tPASS;\t")),
    changed("filter-is-0", "filter", LINE, "FILTER", ("\tPASS\t", "\t0\t")),
    changed("filter-with-space", "filter", LINE, "FILTER", ("\tPASS\t", "\tmy filter\t")),
    changed("filter-and-dot", "filter", NEXT, "FILTER", ("\tq10\t", "\tq10;.\t")),
    changed("filter-twice", "filter-repeated", NEXT, "FILTER", ("\tq10\t", "\tq10;q10\t")),
    changed("filter-and-pass", "filter-pass-and-more", NEXT, "FILTER", ("\tq10\t", "\tq10;PASS\t")),
    changed("filter-not-declared", "filter-undeclared", NEXT, "FILTER", ("\tq10\t", "\ts50\t")),
    changed("record-again", "record-repeated", NEXT, "POS", (FIRST, FIRST + FIRST.replace("rs1", "."))),
]

END = info("END")
REPEAT = "".join(
    [
        f"##ALT=<ID=CNV:TR,{DESCRIBED}>\n",
        info("SVLEN", "A"),
        info("RN", "A"),
        info("RUS", ".", "String"),
        info("RUL", "."),
        info("RUC", ".", "Float"),
        info("CIRB", "."),
        info("CIRUC", ".", "Float"),
        info("RB", "."),
        info("RUB", "."),
    ]
)
INFO = [
    record("half-a-million-filters", "many-parts", "FILTER", f"chr1 10 rs1 A C 30 {'q10;' * 600_000}q10 . GT 0/1"),
    record("half-a-million-alleles", "many-parts", "FORMAT", f"chr1 10 rs1 A C 30 q10 . GT 0{'/1' * 600_000}"),
    in_info("half-a-million-values", "many-parts", "", "TXT=" + ",".join(["a"] * 600_000)),
    in_info("interval-of-one", "info-number", "CIPOS", "CIPOS=-5", minor=2, only=False),
    in_info("info-field-empty", "info", "", "DP=5;;DB"),
    in_info("info-value-empty", "info", "DP", "DP=;DB"),
    in_info("info-space-in-4.2", "info", "TXT", "TXT=a_b", minor=2),
    in_info("info-equals-sign", "info", "TXT", "TXT=a=b"),
    in_info("info-empty-in-list", "info", "AF", "AF=,0.5", only=False),
    in_info("info-quoted", "info-quoted", "TXT", 'TXT="a=b,c"'),
    in_info("info-percent", "percent", "TXT", "TXT=50%"),
    in_info("info-percent-lower-case", "percent", "TXT", "TXT=a%3bb"),
    in_info("info-key-of-digits", "info-key", "1X", "1X=5", only=False),
    in_info("info-dot-and-more", "info-key", ".", "DP=5;.", only=False, minor=2),
    in_info("info-comma-in-key", "info-key", "A,B", "A,B=5", only=False, minor=1),
    in_info("info-key-of-digits-4.2", "info-key-unusual", "1X", "1X=5", only=False, minor=2),
    in_info("info-key-twice", "info-repeated", "DP", "DP=5;DB;DP=6"),
    in_info("info-not-declared", "info-undeclared", "MQ", "MQ=5.5"),
    in_info("info-float-for-integer", "info-type", "DP", "DP=5.5"),
    in_info("info-integer-of-33-bits", "info-type", "DP", "DP=2147483648"),
    in_info("info-integer-of-zeros", "info-type", "DP", "DP=" + "0" * 5_000 + "x"),
    in_info("info-lowest-integers", "info-type", "LOW", "LOW=-2147483641", declare=info("LOW")),
    in_info("info-float", "info-type", "AF", "AF=often"),
    in_info("info-character", "info-type", "CH", "CH=ab", declare=info("CH", "1", "Character")),
    in_info("info-reserved-type", "info-type", "NS", "NS=x", only=False),
    in_info("info-structural-type", "info-type", "SVLEN", "SVLEN=long", only=False),
    in_info("info-number", "info-number", "AF", "AF=0.5,0.1"),
    in_info("info-reserved-number", "info-number", "AA", "AA=A,C", only=False),
    in_info("info-no-value", "info-value-missing", "DP", "DP"),
    in_info("info-flag-with-value", "info-flag-value", "DB", "DB=yes"),
    in_info("info-flag-with-1", "info-flag-value-unusual", "DB", "DB=1"),
    in_info("info-negative", "info-range", "DP", "DP=-5"),
    in_info("info-frequency-above-1", "info-range", "AF", "AF=1.5"),
    in_info("info-count-as-float", "info-range", "AN", "AN=0.2", declare=info("AN", "1", "Float"), only=False),
    in_info("info-cigar", "info-cigar", "CIGAR", "CIGAR=12Q", declare=info("CIGAR", "A", "String")),
    in_info("info-end-before", "info-end", "END", "END=9", declare=END),
    in_info("info-end-beyond", "info-end-beyond-contig", "END", "END=248956423", declare=END),
    in_info("info-end-4.5", "info-end-computed", "END", "END=20", declare=END, minor=5),
    in_info("info-kind", "info-svtype", "SVTYPE", "SVTYPE=DELETION", declare=info("SVTYPE", "1", "String")),
    in_info("info-kind-of-another-type", "info-svtype-unusual", "SVTYPE", "SVTYPE=TRA", declare=info("SVTYPE", "1", "String")),
    in_info("info-kind-4.2", "info-svtype-unusual", "SVTYPE", "SVTYPE=del", declare=info("SVTYPE", "1", "String"), minor=2),
    in_info("info-pairs", "info-values-per-allele", "CIPOS", "CIPOS=0,1,2", declare=info("CIPOS", "."), minor=4),
    in_info("info-interval", "info-interval", "CIPOS", "CIPOS=5,10", declare=info("CIPOS", "."), minor=4),
    in_info("info-interval-4.1", "info-interval-unusual", "CIEND", "CIEND=-5,-1", declare=info("CIEND", "2"), minor=1),
    in_info("info-interval-reversed", "info-interval", "CIPOS", "CIPOS=10,-10", declare=info("CIPOS", "2"), minor=2),
    in_info("info-length-interval", "info-interval", "CILEN", "CILEN=10,5", declare=info("CILEN", "."), minor=4),
    in_info("info-copy-interval", "info-interval", "CICN", "CICN=2.5,1", declare=info("CICN", ".", "Float"), minor=5),
    in_info("info-two-events", "info-number", "EVENT", "EVENT=a,b", only=False, minor=2),
    in_info("info-copy-negative", "info-range", "CN", "CN=-1", declare=info("CN")),
    in_info("info-homology-negative", "info-range", "HOMLEN", "HOMLEN=-1", declare=info("HOMLEN", ".")),
    symbolic("info-two-lengths", "info-values-per-allele", "INFO/SVLEN", "<DEL>", "SVLEN=-5,-6", declare=info("SVLEN", ".")),
    symbolic("info-end-of-deletion", "info-end-computed", "INFO/END", "<DEL>", "SVLEN=5;SVCLAIM=D;END=16", minor=5,
             declare=END + info("SVLEN", "A") + info("SVCLAIM", "A", "String")),
    symbolic("info-sign", "info-svlen-sign", "INFO/SVLEN", "<DEL>", "SVLEN=5", declare=info("SVLEN", ".")),
    symbolic("claim-of-nothing", "info-claim", "INFO/SVCLAIM", "<DEL>", "SVLEN=5;SVCLAIM=X",
             declare=info("SVLEN", "A") + info("SVCLAIM", "A", "String"), minor=4),
    symbolic("claim-of-a-copy-number", "info-claim", "INFO/SVCLAIM", "<CNV>", "SVLEN=5;SVCLAIM=J", minor=4,
             declare=info("SVLEN", "A") + info("SVCLAIM", "A", "String") + f"##ALT=<ID=CNV,{DESCRIBED}>\n"),
    symbolic("no-length", "info-structural-missing", "INFO/SVLEN", "<DEL>", "DB", minor=4),
    record("copy-number-of-two-lengths", "copy-number-lengths", "INFO/SVLEN",
           "chr1 10 rs1 A <DEL>,<DEL> 30 PASS SVLEN=5,6;SVCLAIM=D,D GT:CN 0/1:1.5", minor=4,
           declare=info("SVLEN", "A") + info("SVCLAIM", "A", "String") + form("CN", "1", "Float")),
    symbolic("repeat-number", "info-repeat-number", "INFO/RUS", "<CNV:TR>", "SVLEN=5;RN=2;RUS=CA", minor=4, declare=REPEAT),
    symbolic("repeat-interval", "info-repeat-number", "INFO/CIRB", "<CNV:TR>", "SVLEN=5;RUS=CA;CIRB=-1", minor=4, declare=REPEAT),
    symbolic("repeat-length", "info-repeat-length", "INFO/RUL", "<CNV:TR>", "SVLEN=5;RUS=CA;RUL=3", minor=4, declare=REPEAT),
    symbolic("repeat-units", "info-repeat-units", "INFO/RUB", "<CNV:TR>", "SVLEN=5;RUL=3;RUC=2.5;RUB=3,3", minor=4, declare=REPEAT),
    symbolic("repeat-unit", "info-repeat-unit", "INFO/RUS", "<CNV:TR>", "SVLEN=5;RUS=C1", minor=4, declare=REPEAT),
    symbolic("repeat-unstated", "info-repeat-missing", "INFO/RUS", "<CNV:TR>", "SVLEN=5", minor=4, declare=REPEAT),
    symbolic("repeat-half-stated", "info-repeat-missing", "INFO/RUS", "<CNV:TR>", "SVLEN=5;RN=2;RUS=CA,.", minor=5, declare=REPEAT),
    symbolic("repeat-dots", "info-repeat-missing", "INFO/RUS", "<CNV:TR>", "SVLEN=5;RUS=.;RUL=.", minor=4, declare=REPEAT),
    symbolic("bounds-of-nothing", "info-repeat-bounds", "INFO/CIRUC", "<CNV:TR>", "SVLEN=5;RUS=CA;CIRUC=-1,1", minor=4, declare=REPEAT),
    symbolic("bounds-of-a-dot", "info-repeat-bounds", "INFO/CIRB", "<CNV:TR>", "SVLEN=5;RUS=CA;RB=.;CIRB=.,1", minor=5, declare=REPEAT),
    changed("genotype-without-alt", "values-without-alt", LAST, "FORMAT/GT", ("\t0/0:4", "\t0/1:4")),
    changed("info-without-alt", "values-without-alt", LAST, "INFO/AF", ("12.5\t.\t.\t", "12.5\t.\tAF=0.5\t")),
]  # fmt: skip

PL, DP, GQ = form("PL", "G"), form("DP"), form("GQ")
LAA = form("LAA", ".") + form("LAD", "LR")
PSL = form("PSL", "P", "String")
SAMPLES = [
    in_sample("format-key-empty", "format", "", "GT::NOTE", "0/1::x", only=False),
    in_sample("format-key-with-space", "format", "A B", "GT:A_B", "0/1:1"),
    in_sample("format-key", "format-key", "A-D", "GT:A-D:NOTE", "0/1:3,2:x", only=False),
    changed("format-underscore-4.2", "format-key-unusual", LINE, "FORMAT/A_D", ("GT:AD:NOTE\t0/1:3,2:x", "GT:A_D\t0/1:3,2"),
            minor=2, only=False),
    in_sample("format-twice", "format-repeated", "AD", "GT:AD:AD", "0/1:3,2:3,2"),
    in_sample("gt-second", "gt-not-first", "GT", "AD:GT", "3,2:0/1"),
    in_sample("format-not-declared", "format-undeclared", "DS", "GT:DS", "0/1:0.5"),
    in_sample("local-without-laa", "local-alleles", "LAD", "GT:LAD", "0/1:3", declare=form("LAD", "LR"), minor=5),
    in_sample("local-before-laa", "local-alleles", "LAD", "GT:LAD:LAA", "0/1:3,2:1", declare=LAA, minor=5),
    in_sample("laa-late", "local-alleles", "LAA", "GT:AD:LAA:LAD", "0/1:3,2:1:3,2", declare=LAA, minor=5),
    in_sample("laa-too-high", "local-alleles-index", "LAA", "GT:LAA:LAD", "0/1:2:3,2", declare=LAA, minor=5),
    in_sample("laa-twice", "local-alleles-index", "LAA", "GT:LAA", "0/1:1,1", declare=LAA, minor=5),
    in_sample("laa-zero", "local-alleles-index", "LAA", "GT:LAA", "0/1:0", declare=LAA, minor=5),
    in_sample("local-number", "sample-number", "LAD", "GT:LAA:LAD", "0/1:1:3", declare=LAA, minor=5),
    in_sample("both-phase-sets", "phase-sets", "PSL", "GT:PS:PSL", "0|1:10:a,b", declare=form("PS") + PSL, minor=4),
    in_sample("unphased-in-a-set", "phase-set-unphased", "PSL", "GT:PSL", "0/1:a,b", declare=PSL, minor=4),
    in_sample("phase-set-number", "sample-number", "PSL", "GT:PSL", "0|1:a", declare=PSL, minor=4),
    in_sample("modified-number", "sample-number", "M5mC", "GT:M5mC", "0/1:0.5,0.5", declare=form("M5mC", "M", "Float"), minor=5),
    in_sample("modified-share", "sample-range", "M5mC", "GT:M5mC", "0/1:1.5", declare=form("M5mC", "M", "Float"), minor=5),
    in_sample("modified-alone", "modification-without-genotype", "M5mC", "M5mC", "0.5", declare=form("M5mC", "M", "Float"), minor=5),
    in_sample("field-too-many", "sample-fields", "", "GT:AD", "0/1:3,2:9"),
    in_sample("field-empty", "sample-empty", "AD", "GT:AD:NOTE", "0/1::x"),
    in_sample("gt-empty", "sample-empty", "GT", "GT:AD", ":3,2"),
    in_sample("value-empty", "sample-empty", "AD", "GT:AD", "0/1:3,"),
    in_sample("gt-two-signs", "gt", "GT", "GT", "0//1"),
    in_sample("gt-sign-at-the-end", "gt", "GT", "GT", "0/"),
    in_sample("gt-of-letters", "gt", "GT", "GT", "0/C"),
    in_sample("gt-sign-first-4.3", "gt", "GT", "GT", "/0/1"),
    in_sample("gt-with-blank", "gt", "GT", "GT", "0/1_"),
    in_sample("gt-too-high", "gt-allele", "GT", "GT:AD", "0/2:3,2"),
    in_sample("gt-too-high-phased-4.4", "gt-allele", "GT", "GT", "|0|7", minor=4),
    changed("gt-of-one", "gt-ploidy", LINE, "FORMAT/GT", ("0/1:3,2:x", "1:3,2:x")),
    changed("gt-of-three", "gt-ploidy", LINE, "FORMAT/GT", ("0/1:3,2:x", "0/1/1:3,2:x")),
    in_sample("sample-letters", "sample-type", "AD", "GT:AD", "0/1:3,b"),
    in_sample("sample-float", "sample-type", "DP", "GT:DP", "0/1:3.5", declare=DP),
    in_sample("sample-character", "sample-type", "NOTE", "GT:AD:NOTE", "0/1:3,2:xyz"),
    in_sample("sample-number", "sample-number", "AD", "GT:AD", "0/1:3,2,1"),
    in_sample("pool-number", "sample-number", "PL", "GT:PL", "/".join("0" * 31) + ":1,2", declare=form("PL", "G"), only=False),
    in_sample("likelihoods-of-a-diploid", "sample-number", "PL", "GT:PL", "0/1:1,2", declare=PL),
    in_sample("likelihoods-of-a-haploid", "sample-number", "PL", "GT:PL", "0:1,2,3", declare=PL, only=False),
    in_sample("likelihoods-without-gt", "sample-number", "PL", "PL", "1,2", declare=PL),
    in_sample("depth-negative", "sample-range", "DP", "GT:DP", "0/1:-3", declare=DP),
    in_sample("quality-negative", "sample-range", "GQ", "GT:GQ", "0/1:-3", declare=GQ),
    in_sample("probability-above-1", "sample-range", "GP", "GT:GP", "0/1:0,1.5,0", declare=form("GP", "G", "Float")),
    in_sample("sample-percent", "percent", "TX", "GT:TX", "0/1:5%", declare=form("TX", "1", "String")),
    in_sample("filter-of-a-sample", "sample-filter", "FT", "GT:FT", "0/1:q10;", declare=form("FT", "1", "String")),
]  # fmt: skip

UNSPECIFIED = f"##ALT=<ID=NON_REF,{DESCRIBED}>\n{END}"
BLOCK = "chr1\t{}\t.\tA\t<NON_REF>\t.\t.\tEND={}\tGT\t0/0\n"


def blocks(title: str, code: str, line: int, column: str, records: str, declare: str = "", minor: int = 3) -> Defect:
    content = header(minor) + UNSPECIFIED + declare + CHROM_LINE + records
    return Defect(id=title, code=f"vcf-{code}", content=packed(content), line=line, column=column, name="a.g.vcf.gz")


SECOND_BLOCK = LINE + 3
BLOCKS = [
    blocks("blocks-overlap", "block-overlap", SECOND_BLOCK, "POS", BLOCK.format(10, 20) + BLOCK.format(20, 30)),
    blocks("no-unspecified-allele", "block-allele-missing", SECOND_BLOCK, "ALT",
           BLOCK.format(10, 20) + "chr1\t21\t.\tA\tC\t.\t.\t.\tGT\t0/1\n"),
    blocks("end-of-sample-blocks", "info-end-computed", SECOND_BLOCK, "INFO/END",
           "chr1\t10\t.\tA\t<NON_REF>\t.\t.\tEND=20\tGT:LEN\t0/0:5\n", declare=form("LEN"), minor=5),
    blocks("called-twice", "block-called-twice", SECOND_BLOCK + 1, "FORMAT/GT",
           "chr1\t10\t.\tA\t<NON_REF>\t.\t.\t.\tGT:LEN\t0/0:5\nchr1\t14\t.\tA\tC,<NON_REF>\t.\t.\t.\tGT\t0/1\n",
           declare=form("LEN"), minor=5),
]  # fmt: skip

TEXT = [
    changed("not-utf-8", "encoding", LINE, None, ("\trs1\t", "\trs\udcff1\t")),
    changed("not-utf-8-4.2", "encoding-unusual", LINE, None, ("\trs1\t", "\trs\udcff1\t"), minor=2),
    changed("bell", "control-character", LINE, None, ("\trs1\t", "\trs\x07\t")),
    changed("cr-within", "control-character", LINE, None, ("\trs1\t", "\trs\r1\t"), only=False),
    changed("windows-4.2", "line-end-windows", 1, None, ("VCFv4.2\n", "VCFv4.2\r\n"), minor=2),
    changed("no-final-line-end", "final-newline", LAST, None, ("0/0:4\n", "0/0:4")),
    changed("no-final-line-end-4.2", "final-newline-unusual", LAST, None, ("0/0:4\n", "0/0:4"), minor=2),
    changed("blank-between", "blank-line", NEXT, None, (SECOND, "\n" + SECOND)),
    changed("blank-in-header", "blank-line", 2, None, ("##source", "\n##source")),
    changed("blank-last", "blank-last-line", LAST + 1, None, ("0/0:4\n", "0/0:4\n\n")),
    changed("no-record", "no-records", None, None, (FIRST + SECOND + THIRD, "")),
    Defect(id="plain", content=text().encode(), code="vcf-not-bgzf", name="a.vcf"),
]

CLEAN = {f"clean-4.{minor}": packed(text(minor)) for minor in range(6)}
FORMATS = [
    FormatCases(
        format="vcf",
        file="a.vcf",
        valid={**CLEAN, **VALID},
        clean=list(CLEAN),
        defects=[
            *FIRST_LINES,
            *GRAMMAR,
            *KEYS,
            *SYMBOLS,
            *NAMES,
            *SITES,
            *INFO,
            *SAMPLES,
            *BLOCKS,
            *TEXT,
        ],
    )
]
__all__ = ["FORMATS", "vcf"]
