"""PLINK 1 filesets: bed, bim, fam, and the three together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.findings import Level
from catalog.formats.protocol import Declared
from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.defects import Defect
from tests.formats.plink_files import bed, bim, fam, rows

VARIANTS, SAMPLES = 12, 6
ROWS = rows(VARIANTS, SAMPLES)
GENOTYPES = bed(ROWS)
SWAPPED = bed(list(zip(*ROWS, strict=True)), sample_major=True)
BIM, FAM = bim(VARIANTS), fam(SAMPLES)


def text_defect(part: str, title: str, code: str, content: str, **rest: Any) -> Defect:
    return Defect(id=title, code=f"plink-{part}-{code}", content=content.encode(), **rest)


def bim_defect(title: str, code: str, line: int, fields: str, **rest: Any) -> Defect:
    """The variants with another line."""
    lines = BIM.splitlines()
    lines[line - 1] = fields.replace(" ", "\t")
    return text_defect("bim", title, code, "\n".join(lines) + "\n", line=line, **rest)


def fam_defect(title: str, code: str, line: int, fields: str, **rest: Any) -> Defect:
    """The samples with another line."""
    lines = FAM.splitlines()
    lines[line - 1] = fields
    return text_defect("fam", title, code, "\n".join(lines) + "\n", line=line, **rest)


BED_DEFECTS = [
    Defect(id="magic", code="plink-bed-magic", content=b"\x6c\x1c" + GENOTYPES[2:], offset=0),
    Defect(id="an old file without magic", code="plink-bed-magic", content=b"\x00" + GENOTYPES[3:]),
    Defect(id="PLINK 2", code="plink-bed-mode", content=b"\x6c\x1b\x10" + GENOTYPES[3:], offset=2),
    Defect(id="mode 2", code="plink-bed-mode", content=b"\x6c\x1b\x02" + GENOTYPES[3:], offset=2),
    Defect(id="two bytes", code="plink-bed-truncated", content=b"\x6c\x1b", offset=2),
    Defect(id="sample by sample", code="plink-bed-sample-major", content=SWAPPED, offset=2),
    Defect(id="nothing behind the magic", code="plink-bed-empty", content=GENOTYPES[:3]),
]
BIM_DEFECTS = [
    bim_defect("five fields", "columns", 3, "1 rs1002 3000020 A G"),
    bim_defect("seven fields", "columns", 3, "1 rs1002 0 3000020 A G x"),
    bim_defect("space in a name", "columns", 3, "1 rs 1002 0 3000020 A G"),
    text_defect("bim", "header", "header", "CHR\tSNP\tCM\tBP\tA1\tA2\n" + BIM, line=1),
    text_defect("bim", "header of PLINK 2", "header", "#CHROM\tID\tCM\tPOS\tALT\tREF\n" + BIM, line=1),
    text_defect("bim", "blank line", "blank-line", BIM.replace("1\trs1002", "\n1\trs1002"), line=3),
    text_defect("bim", "blank first line", "blank-line", "\n" + BIM, line=1, only=False),
    text_defect("bim", "blank last line", "blank-end", BIM + "\n", line=VARIANTS + 1),
    text_defect("bim", "CRLF", "line-end-windows", BIM.replace("\n", "\r\n"), line=1),
    text_defect("bim", "no last line end", "final-newline", BIM.removesuffix("\n")),
    Defect(id="Latin-1", code="plink-bim-encoding", content=BIM.replace("rs1004", "rs\xe4").encode("latin-1"), line=5),
    text_defect("bim", "blank lines only", "empty", "\n\n"),
    bim_defect("chromosome below zero", "chromosome", 3, "-1 rs1002 0 3000020 C T", column="chromosome", only=False),
    bim_defect("chromosome 1.5", "chromosome", 3, "1.5 rs1002 0 3000020 C T", only=False),
    bim_defect("chromosome 123456", "chromosome", 3, "123456 rs1002 0 3000020 C T", only=False),
    bim_defect("chromosome of a scaffold", "chromosome-unusual", 12, "scaffold_7 rs1011 0 3000110 C T"),
    bim_defect("chromosome of a dog", "chromosome-unusual", 12, "38 rs1011 0 3000110 C T", column="chromosome"),
    bim_defect("distance in words", "distance", 3, "1 rs1002 far 3000020 0 G", column="cM"),
    bim_defect("distance without end", "distance", 3, "1 rs1002 inf 3000020 0 G"),
    bim_defect("distance with a mark", "distance", 3, "1 rs1002 1_0 3000020 0 G"),
    bim_defect("position in words", "position", 3, "1 rs1002 0 three 0 G", column="position"),
    bim_defect("position of a spreadsheet", "position", 3, "1 rs1002 0 3.0E+06 0 G"),
    bim_defect("position too large", "position", 12, "X rs1011 0 2147483647 0 G"),
    bim_defect("position below zero", "position-negative", 3, "1 rs1002 0 -9 0 G", column="position"),
    bim_defect("equal alleles", "alleles-equal", 3, "1 rs1002 0 3000020 G G", column="allele 2"),
    bim_defect("alleles as numbers", "allele", 3, "1 rs1002 0 3000020 1 2", column="allele 1"),
    bim_defect("allele of a hyphen", "allele", 3, "1 rs1002 0 3000020 - G", column="allele 1"),
    bim_defect("the same identifier", "id-repeated", 3, "1 rs1000 0 3000020 0 G", column="ID"),
    bim_defect("position of before", "order", 3, "1 rs1002 0 2999999 0 G", column="position"),
    bim_defect("chromosome again", "order", 12, "1 rs1011 0 3000110 0 G", column="chromosome"),
    text_defect(
        "bim",
        "behind the chromosome",
        "assembly-not-declared",
        BIM + "22\trs1012\t0\t51000000\tA\tG\n",
        declared=Declared(assembly="GRCh38"),
    ),
]
FAM_DEFECTS = [
    fam_defect("five fields", "columns", 4, "F4 S4 0 0 1"),
    fam_defect("space in a name", "columns", 4, "F4 S 4 0 0 1 -9"),
    text_defect("fam", "header", "header", "FID IID PAT MAT SEX PHENOTYPE\n" + FAM, line=1),
    text_defect("fam", "blank line", "blank-line", FAM.replace("F4", "\nF4"), line=4),
    text_defect("fam", "blank last lines", "blank-end", FAM + "\n \n", line=SAMPLES + 1),
    text_defect("fam", "CRLF", "line-end-windows", FAM.replace("\n", "\r\n"), line=1),
    text_defect("fam", "no last line end", "final-newline", FAM.removesuffix("\n")),
    Defect(id="Latin-1", code="plink-fam-encoding", content=FAM.replace("S4", "S\xe4").encode("latin-1"), line=4),
    text_defect("fam", "blank lines only", "empty", "\n"),
    fam_defect("name 0", "iid", 4, "F4 0 0 0 1 -9", column="IID"),
    fam_defect("the same sample", "repeated", 4, "F1 S2 0 0 1 -9", column="IID"),
    fam_defect("sex in letters", "sex", 4, "F4 S4 0 0 F -9", column="sex"),
    fam_defect("sex 3", "sex", 4, "F4 S4 0 0 3 -9", column="sex"),
    fam_defect("father of no line", "parent", 4, "F4 S4 S99 0 1 -9", column="father"),
    fam_defect("mother of another family", "parent", 4, "F4 S4 0 S3 1 -9", column="mother"),
    text_defect("fam", "mother is male", "parent-sex", FAM.replace("S3 0 0 2", "S3 0 0 1"), line=1, column="mother"),
    fam_defect("own father", "own-parent", 4, "F4 S4 S4 0 1 -9", column="father"),
    fam_defect("phenotype in words", "phenotype", 4, "F4 S4 0 0 1 affected", column="phenotype"),
    text_defect("fam", "other sample", "sample-not-declared", FAM, declared=Declared(sample_id="KSCBi001-A")),
    text_defect("fam", "other line", "sample-not-the-line", FAM, declared=Declared(line_id="KSCBi001-A")),
    fam_defect("a person", "personal", 4, "F4 Jane_Roe 0 0 1 -9", column="IID"),
]


def encoded(contents: Mapping[str, str]) -> dict[str, bytes]:
    return {name: content.encode() for name, content in contents.items()}


FORMATS = [
    FormatCases(
        format="plink-bed",
        file="a.bed",
        valid={"variant by variant": GENOTYPES, "sample by sample": SWAPPED, "no variants": GENOTYPES[:3]},
        clean=["variant by variant"],
        defects=BED_DEFECTS,
    ),
    FormatCases(
        format="plink-bim",
        file="a.bim",
        valid=encoded(
            {
                "usual": BIM,
                "spaces": BIM.replace("\t", "  "),
                "leading spaces": BIM.replace("1\trs", " 1\trs"),
                "CRLF": BIM.replace("\n", "\r\n"),
                "codes of the sex chromosomes": BIM.replace("X\t", "23\t")
                + "24\ta\t0\t9\tA\tG\n25\tb\t0\t9\tA\tG\n26\tc\t0\t9\tA\tG\n",
                "names": BIM.replace("1\trs", "chr1\trs").replace("X\t", "chrX\t"),
                "scaffolds": BIM + "scaffold_17\ts1\t0\t100\tA\tG\nKI270728.1\ts2\t0\t9\tA\tG\n",
                "unknown place": "0\ta\t0\t0\tA\tG\n0\tb\t0\t0\tC\tT\n",
                "negative position": BIM.replace("3000020", "-3000020"),
                "insertions": BIM.replace("A\tG", "ACGTTA\tA").replace("C\tT", "I\tD"),
                "nothing seen": BIM.replace("A\tG", "0\t0"),
                "alleles 1 and 2": BIM.replace("A\tG", "1\t2"),
                "distances": BIM.replace("\t0\t3", "\t1.25e-1\t3"),
                "same identifiers": BIM.replace("rs1001", "rs1000"),
                "unsorted": "".join(reversed(BIM.splitlines(keepends=True))),
                "symbolic alleles": BIM.replace("A\tG", "<DEL>\tG").replace("C\tT", "*\tT"),
                "no identifiers": BIM.replace("rs1001", ".").replace("rs1000", "."),
                "many": bim(30_000),
            }
        ),
        clean=["usual", "spaces", "codes of the sex chromosomes", "names", "no identifiers", "many"],
        defects=BIM_DEFECTS,
    ),
    FormatCases(
        format="plink-fam",
        file="a.fam",
        valid=encoded(
            {
                "usual": FAM,
                "tabs": FAM.replace(" ", "\t"),
                "no families": "0 S1 0 0 1 -9\n0 S2 0 0 2 -9\n",
                "cases": FAM.replace("-9\n", "2\n", 1).replace("-9\n", "1\n"),
                "measured": FAM.replace("-9\n", "1.75\n", 1).replace("-9\n", "-0.3e2\n", 1),
                "sex unknown in another way": FAM.replace("1 -9\n", "-9 -9\n"),
                "sex in letters": FAM.replace("1 -9\n", "M -9\n"),
                "phenotype in words": FAM.replace("-9\n", "NA\n"),
                "parents elsewhere": "F1 S1 P1 P2 1 -9\n",
                "same name in two families": "F1 S1 0 0 1 -9\nF2 S1 0 0 1 -9\n",
                "Korean names": "가족 표본 0 0 1 -9\n",
                "many": fam(5000),
            }
        ),
        clean=["usual", "tabs", "no families", "cases", "measured", "same name in two families", "many"],
        defects=FAM_DEFECTS,
    ),
]


def fileset(**parts: bytes | str | None) -> dict[str, bytes]:
    contents: dict[str, bytes | str | None] = {"bed": GENOTYPES, "bim": BIM, "fam": FAM, **parts}
    return {
        f"a.{part}": content.encode() if isinstance(content, str) else content
        for part, content in contents.items()
        if content is not None
    }


def trio_defect(title: str, code: str, part: str, **rest: Any) -> GroupDefect:
    numbers = {name: rest.pop(name) for name in ("record", "level") if name in rest}
    files = fileset(**rest)
    return GroupDefect(id=title, code=f"plink-trio-{code}", files=files, at=f"a.{part}", **numbers)


def with_padding(block: int) -> bytes:
    """Six samples leave two genotypes of each block's second byte unused."""
    at = 3 + 2 * block + 1
    return GENOTYPES[:at] + bytes([GENOTYPES[at] | 0b00100000]) + GENOTYPES[at + 1 :]


X_ONLY = [[1 if sample == 1 else 0 for sample in range(SAMPLES)] for _ in range(60)]
X_BIM = "".join(f"X\trs{number}\t0\t{3_000_000 + number}\tA\tG\n" for number in range(60))
X_SEXES = (
    FAM.replace("KSCBi005-A S2 S3 2", "KSCBi005-A S2 S3 0").replace("S3 0 0 2", "S3 0 0 0").replace(" 2 -9", " 0 -9")
)
MANY = rows(40, 9)
GROUPS = [
    GroupCases(
        companions="plink-trio",
        valid={
            "six samples": fileset(),
            "nine samples": fileset(bed=bed(MANY), bim=bim(40), fam=fam(9)),
            "eight samples": fileset(bed=bed(rows(5, 8)), bim=bim(5), fam=fam(8)),
            "one sample": fileset(bed=bed(rows(5, 1)), bim=bim(5), fam="F S 0 0 0 -9\n"),
        },
        defects=[
            trio_defect("no bim", "missing", "bed", bim=None, level=Level.SPEC),
            trio_defect("no fam", "missing", "bed", fam=None, level=Level.SPEC),
            trio_defect("neither", "missing", "bed", bim=None, fam=None, level=Level.SPEC),
            trio_defect("no bed", "alone", "bim", bed=None, level=Level.SPEC),
            trio_defect("only a fam", "alone", "fam", bed=None, bim=None, level=Level.SPEC),
            trio_defect("intervals as bed", "alone", "fam", bed="chr1\t1\t20\n"),
            trio_defect("a variant more", "variants", "bim", bim=bim(VARIANTS + 1)),
            trio_defect("a variant less", "variants", "bim", bim=bim(VARIANTS - 1)),
            trio_defect("samples of another set", "samples", "fam", fam=fam(9)),
            trio_defect("samples less", "samples", "fam", fam=fam(3), bed=bed(rows(VARIANTS, 9)), bim=bim(VARIANTS)),
            trio_defect("bed cut", "size", "bed", bed=GENOTYPES[:-1]),
            trio_defect("bed without a byte", "size", "bed", bed=b"", level=Level.SPEC),
            trio_defect("bed with more", "size", "bed", bed=GENOTYPES + b"x"),
            trio_defect("bed cut with many", "size", "bed", bed=bed(MANY)[:-1], bim=bim(40), fam=fam(9)),
            trio_defect("bed sample by sample cut", "size", "bed", bed=SWAPPED[:-1]),
            trio_defect("bits behind the last sample", "padding", "bed", bed=with_padding(4), record=5),
            trio_defect("X of a woman", "sex", "fam", bed=bed(X_ONLY), bim=X_BIM, fam=X_SEXES, record=2),
            trio_defect("X of a man", "sex", "fam", bed=bed(X_ONLY), bim=X_BIM, fam=FAM, record=1),
        ],
    )
]
