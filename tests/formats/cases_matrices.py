"""Cases of expression matrices: counts and TPM."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping, Sequence

from catalog.formats.protocol import Declared
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

GENES = [f"ENSG{number:011d}" for number in range(1, 5)]
SAMPLES = ("KSCBi005-A", "KSCBi005-A-1")
COUNTS = {"KSCBi005-A": (0, 10, 200, 7), "KSCBi005-A-1": (3, 0, 1, 4)}
TPM = {"KSCBi005-A": (0.0, 250000.5, 249999.5, 500000.0), "KSCBi005-A-1": (1e6, 0.0, 0.0, 0.0)}


def matrix(
    values: Mapping[str, Sequence[object]],
    genes: Sequence[str] = GENES,
    *,
    separator: str = "\t",
    corner: str = "gene_id",
) -> bytes:
    """A matrix from the values of each sample."""
    lines = [separator.join((corner, *values))]
    lines += [separator.join((gene, *(str(each[row]) for each in values.values()))) for row, gene in enumerate(genes)]
    return ("\n".join(lines) + "\n").encode()


VALID_COUNTS = matrix(COUNTS)
VALID_TPM = matrix(TPM)


def replaced(number: int, new: str, content: bytes = VALID_COUNTS) -> bytes:
    """The content with another line."""
    lines = content.splitlines(keepends=True)
    lines[number - 1] = new.encode("latin-1") + b"\n"
    return b"".join(lines)


def with_genes(*genes: str, separator: str = "\t") -> bytes:
    """Counts of one sample."""
    return matrix({"KSCBi005-A": [1] * len(genes)}, genes, separator=separator)


@functools.cache
def random_matrix(seed: int, genes: int, samples: int, *, is_tpm: bool = False) -> bytes:
    """A matrix of realistic values; the TPM of a sample add up to a million within rounding."""
    chance = random.Random(seed)
    names = [f"ENSG{number * 7:011d}.{number % 17 + 1}" for number in range(1, genes + 1)]
    names[genes // 2], names[genes // 3] = "ENSG00000229807.12", "ENSG00000129824.16"
    columns: dict[str, list[float]] = {}
    for sample in range(samples):
        levels = [chance.lognormvariate(2, 2) if chance.random() > 0.3 else 0.0 for _ in names]
        total = sum(levels) or 1.0
        scaled = [round(level / total * 1e6, 4) for level in levels]
        columns[f"KSCBi{sample:03d}-A"] = scaled if is_tpm else [int(level * 10) for level in levels]
    return matrix(columns, names)


FEATURE_COUNTS = (
    b"# Program:featureCounts v2.0.1; Command:featureCounts -a genes.gtf -o counts.txt a.bam\n"
    b"Geneid\tChr\tStart\tEnd\tStrand\tLength\tKSCBi005-A.bam\n"
    b"ENSG00000181449\tchr3;chr3\t1;5\t2;9\t+;+\t6\t12\n"
    b"ENSG00000204531\tchr6\t1\t9\t-\t9\t0\n"
)
HTSEQ_ROWS = "".join(
    f"__{each}\t5\t9\n" for each in ("no_feature", "ambiguous", "too_low_aQual", "not_aligned", "alignment_not_unique")
).encode()
STAR = (
    b"N_unmapped\t5\t5\t5\nN_multimapping\t1\t1\t1\nN_noFeature\t2\t3\t4\nN_ambiguous\t0\t0\t0\n"
    b"ENSG00000181449\t4\t2\t2\nENSG00000204531\t0\t0\t0\n"
)
COMMON = {
    "crlf": VALID_COUNTS.replace(b"\n", b"\r\n"),
    "no line end": VALID_COUNTS[:-1],
    "comma separated": VALID_COUNTS.replace(b"\t", b","),
    "quoted by R": b'"","KSCBi005-A"\n"ENSG00000000003",5\n"ENSG00000000005",0\n',
    "quoted with commas": b'"gene_id","gene_name","S1"\n"ENSG00000000003.15_PAR_Y","A, ""b""",5\n',
    "gene names": b"gene_id\tgene_name\tgene_biotype\tS1\nENSG00000181449.1\tSOX2\tprotein_coding\t5\n",
    "empty corner": matrix(COUNTS, corner=""),
    "symbols": with_genes("SOX2", "NANOG", "HLA-A", "SEPTIN2", "MARCHF1", "MT-ND1", "C1orf112", "DEC1", "NKX2-5"),
    "symbols of other organisms": with_genes(
        *(
            "set-10",
            "gen-1",
            "mag-1",
            "dec-1",
            "apr-1",
            "5.8S_rRNA",
            "H2-K1",
            "RP11-34P13.7",
            "AC004381.6",
            "Sep15",
            "ENSA",
        ),
        *(
            "mar-1",
            "2L",
            "3.4.21.4",
            "세포",
            "DEC 1",
            "nov-2",
            "1-acyl",
            "Oct-7",
            "ENSGR0000228572",
            "ENSG00000100109+ENSG00000100104",
        ),
    ),
    "old symbols": with_genes("SEPT2", "MARCH1", "Y_RNA", "7SK", "5S_rRNA", "MARC1", "OCT4"),
    "refseq": with_genes("NM_003106.4", "NR_001564.2", "XM_011512345.1"),
    "entrez": with_genes("6657", "79923", "5460"),
    "spike-ins": with_genes(*GENES, "ERCC-00002", "ERCC-00171"),
    "versions": with_genes("ENSG00000000003.15", "ENSG00000182378.14_PAR_Y", "ENSG00000182378.14"),
    "lifted versions": with_genes("ENSG00000223972.5_2", "ENSG00000227232.5_3"),
    "mouse": with_genes("ENSMUSG00000000001", "ENSMUSG00000000003"),
    "joined ids": with_genes("ENSG00000000003|TSPAN6", "ENSG00000000005|TNMD"),
    "riken": with_genes("2310009A05Rik", "1700001C02Rik"),
    "comments": b"# synthetic\n# more\n" + VALID_COUNTS,
}
#: Identifiers with what nobody sees in them, and such as lost or won a character.
DAMAGED = {
    "no-break space inside": "TP\u00a053",
    "no-break space behind": "TP53\u00a0",
    "ideographic blank": "TP53\u3000",
    "zero width": "TP\u200b53",
    "byte order mark": "\ufeffTP53",
    "bell": "TP53\a",
    "substitute": "TP\x1a53",
    "delete": "TP53\x7f",
    "bare CR": "TP\r53",
    "letter behind": "ENSG00000141519x",
    "letter inside": "ENSG0000O141519",
    "sign": "ENSG+0000141503.4",
    "sign inside": "ENSG0000-141503.4",
}
VALID_OF_COUNTS = {
    "small": VALID_COUNTS,
    "large": random_matrix(1, 6000, 60),
    "many samples": random_matrix(2, 3, 3000),
    **COMMON,
    "featurecounts": FEATURE_COUNTS,
    "htseq with names of genes": (
        b"ENSG00000181449\tSOX2\t5\nENSG00000204531\tPOU5F1\t0\n__no_feature\t\t5\n__ambiguous\t\t1\n"
    ),
    "transcripts of each gene": b"gene_id\ttranscript_id(s)\tS1\nENSG00000181449\tENST00000325404,ENST00000431565\t5\n",
    "summary rows": VALID_COUNTS + HTSEQ_ROWS,
    "htseq without header": VALID_COUNTS.partition(b"\n")[2] + HTSEQ_ROWS,
    "star without header": STAR,
    "nothing counted": matrix({"S1": [0, 0, 0, 0]}),
    "huge counts": matrix({"S1": [10**17, 10**18, 10**25, 7]}),
}
VALID_OF_TPM = {
    "small": VALID_TPM,
    "large": random_matrix(3, 6000, 60, is_tpm=True),
    **COMMON,
    "forms of numbers": matrix({"S1": [".5", "5.", "1e-05", "999999.4999999999999999"]}),
    "exponents": matrix({"S1": ["1E6", "0e+00", "1.5e-300", "3e-7"]}),
    "full precision": matrix({"S1": [333333.33333333331, 333333.33333333337, 333333.3333333333, 0.0]}),
}


def common_defects(valid: bytes, *, is_tpm: bool) -> list[Defect]:
    """The defects that both matrices can have; a broken value changes the sum of TPM as well."""
    gene, other = GENES[1], GENES[0]
    last = SAMPLES[-1]

    def value(text: str) -> bytes:
        return replaced(3, f"{gene}\t1\t{text}", valid)

    def genes(name: str, code: str, *names: str, line: int = 3, separator: str = "\t", only: bool = True) -> Defect:
        content = with_genes(*names, separator=separator)
        return Defect(id=name, content=content, code=code, line=line, column=1, only=only and not is_tpm)

    many = b"gene_id\tS1\n" + b"".join(b"ENSG%011d\t0\n" % number for number in range(200_002))
    return [
        Defect(id="not utf-8", content=replaced(3, "\xe9\t1\t2", valid), code="matrix-not-utf8", line=3, only=False),
        Defect(
            id="not utf-8 in the header",
            content=replaced(1, "gene_id\tA\xe9\tB\xe8", valid),
            code="matrix-not-utf8",
            line=1,
            only=False,
        ),
        Defect(id="blank line last", content=valid + b"\n", code="matrix-blank-line-last", line=valid.count(b"\n") + 1),
        Defect(id="no header", content=valid.split(b"\n", 1)[1], code="matrix-no-header", line=1, only=False),
        Defect(id="only comments", content=b"# program\n", code="matrix-no-header", line=1),
        Defect(
            id="htseq without header",
            content=VALID_OF_COUNTS["htseq without header"],
            code="matrix-no-sample-names",
            line=1,
            only=not is_tpm,
        ),
        Defect(
            id="too many columns", content=b"gene_id" + b"\tx" * 200_000 + b"\n", code="matrix-many-columns", line=1
        ),
        Defect(id="one column", content=b"gene_id\nENSG1\n", code="matrix-no-samples", line=1),
        Defect(id="semicolons", content=valid.replace(b"\t", b";"), code="matrix-no-samples", line=1),
        Defect(
            id="sample without name",
            content=replaced(1, "gene_id\tKSCBi005-A\t", valid),
            code="matrix-sample-without-name",
            line=1,
            column=3,
        ),
        Defect(
            id="sample twice",
            content=replaced(1, "gene_id\tKSCBi005-A\tKSCBi005-A", valid),
            code="matrix-sample-twice",
            line=1,
            column="KSCBi005-A",
        ),
        Defect(id="no genes", content=b"gene_id\tS1\n__no_feature\t5\n", code="matrix-no-genes"),
        Defect(id="short row", content=replaced(3, f"{gene}\t1", valid), code="matrix-ragged", line=3),
        Defect(id="long row", content=replaced(3, f"{gene}\t1\t2\t3", valid), code="matrix-ragged", line=3),
        Defect(id="header of R", content=valid.replace(b"gene_id\t", b""), code="matrix-ragged", line=2),
        Defect(id="blank line", content=replaced(3, "", valid), code="matrix-ragged", line=3),
        Defect(id="open quote", content=replaced(3, f'"{gene}\t1\t2', valid), code="matrix-quotes", line=3),
        Defect(id="half a quote", content=replaced(3, f'"{gene}"x\t1\t2', valid), code="matrix-quotes", line=3),
        Defect(id="no gene", content=replaced(3, "\t0\t2", valid), code="matrix-gene-empty", line=3, only=not is_tpm),
        Defect(
            id="blank gene", content=replaced(3, " \t0\t2", valid), code="matrix-gene-empty", line=3, only=not is_tpm
        ),
        Defect(
            id="gene twice",
            content=replaced(3, f"{other}\t1\t2", valid),
            code="matrix-gene-twice",
            line=3,
            column=1,
            only=not is_tpm,
        ),
        Defect(
            id="gene twice far apart",
            content=random_matrix(5, 4000, 40) + b"ENSG00000000700.16" + b"\t0" * 40 + b"\n",
            code="matrix-gene-twice",
            line=4002,
            column=1,
            only=not is_tpm,
        ),
        Defect(id="text", content=value("NA"), code="matrix-value", line=3, column=last),
        Defect(id="nothing", content=value(""), code="matrix-value", line=3, column=last),
        Defect(id="blank", content=value(" "), code="matrix-value", line=3, column=last),
        Defect(id="infinite", content=value("inf"), code="matrix-value", line=3, column=last),
        Defect(id="too large", content=value("1e999"), code="matrix-value", line=3, column=last),
        Defect(id="not a number", content=value("NaN"), code="matrix-value", line=3, column=last),
        Defect(id="hexadecimal", content=value("0x1F"), code="matrix-value", line=3, column=last),
        Defect(id="comma", content=value("1,5"), code="matrix-locale-comma", line=3, column=last),
        Defect(id="thousands", content=value("1,234,567.8"), code="matrix-locale-comma", line=3, column=last),
        Defect(id="both marks", content=value("1.234,5"), code="matrix-locale-comma", line=3, column=last),
        Defect(id="blank and comma", content=value("1 234,5"), code="matrix-locale-comma", line=3, column=last),
        Defect(id="negative", content=value("-2"), code="matrix-negative", line=3, column=last),
        Defect(
            id="other sample",
            content=valid,
            code="matrix-other-sample",
            line=1,
            declared=Declared(sample_id="KSCBi001-A"),
        ),
        Defect(
            id="other line", content=valid, code="matrix-other-line", line=1, declared=Declared(line_id="KSCBi001-A")
        ),
        genes("with and without version", "matrix-mixed-ids", "ENSG00000000003.1", "ENSG00000000005", line=3),
        genes("ids and symbols", "matrix-mixed-ids", *GENES, "SOX2", line=6),
        genes("short id", "matrix-gene-malformed", "ENSG00000000003", "ENSG0000000005"),
        genes("version without digits", "matrix-gene-malformed", "ENSG00000000003.1", "ENSG00000000005."),
        genes("error of Excel", "matrix-gene-malformed", "SOX2", "#NAME?"),
        genes("blank before", "matrix-gene-malformed", "SOX2", " NANOG"),
        genes("blank behind", "matrix-gene-malformed", "SOX2", "NANOG "),
        *(
            genes(f"date {date}", "matrix-gene-date", "SOX2", date, "NANOG", separator=",")
            for date in (
                *("2-Sep", "1-Mar", "Mar-01", "01-Mar-21", "2021-03-01", "3/1/2021", "01.03.2021", "3/1"),
                *("02. Sep", "01. Mrz", "Mrz 01", "2-Sept", "Sept-02", "2 Sep", "Sep 02", "1-mars", "02-set"),
            )
        ),
        *(
            Defect(
                id=f"date {date}",
                content=f"gene_id\tS1\n{date}\t1\n".encode(),
                code="matrix-gene-date",
                line=2,
                column=1,
                only=not is_tpm,
            )
            for date in (
                *(
                    "3월 1일",
                    "9月2日",
                    "2022년 9월 2일",
                    "2022년 09월 02일",
                    "2022. 9. 2",
                    "2022年9月2日",
                    "2. 9. 2022",
                ),
                *(
                    "02.Sep",
                    "02.sep",
                    "2.sep",
                    "1.mar",
                    "01/mar",
                    "2/Sep",
                    "Sep 2",
                    "Sep. 2",
                    "1-mrt",
                    "1-mei",
                    "1-maj",
                ),
                *("1-мар", "2-СЕН", "2-Eyl", "2-syys", "1-márc", "1-März", "2 сентября 2022 г.", "2 de marzo de 2022"),
                *("2022-09-02 0:00", "2022-09-02T00:00:00", "9/2/2022 12:00:00 AM", "September 2, 2022"),
                *("Friday, September 2, 2022", "2 September 2022", "2022-Sep-02", "September 2022"),
            )
        ),
        *(
            Defect(
                id=f"damaged {name}",
                content=f"gene_id\tS1\nSOX2\t5\n{damaged}\t1\n".encode(),
                code="matrix-gene-malformed",
                line=3,
                column=1,
                only=not is_tpm,
            )
            for name, damaged in DAMAGED.items()
        ),
        genes("exponent", "matrix-gene-number", "Sox2", "2.31E+19"),
        genes("short exponent", "matrix-gene-number", "Sox2", "4e+05"),
        genes("number of a day", "matrix-gene-day-number", "SOX2", "44622", "NANOG"),
        genes("number of a day of pandas", "matrix-gene-day-number", "SOX2", "44806.0", "NANOG"),
        genes("number of a day among ids", "matrix-gene-day-number", GENES[0], "44622", GENES[1], only=False),
        Defect(id="many genes", content=many, code="matrix-many-genes", line=200_002, column=1, only=not is_tpm),
        Defect(
            id="variants",
            content=with_genes(*(f"rs{number}" for number in range(1000, 1005))),
            code="document-looks-like-genotypes",
            column=1,
            only=not is_tpm,
        ),
    ]


COUNTS_DEFECTS = [
    *common_defects(VALID_COUNTS, is_tpm=False),
    *(
        Defect(
            id=f"count {text}",
            content=replaced(3, f"{GENES[1]}\t{text}\t1"),
            code="matrix-not-integer",
            line=3,
            column="KSCBi005-A",
        )
        for text in ("12.0", "1e3", "12.75")
    ),
    *(
        Defect(
            id=f"{title} late in a large file",
            content=random_matrix(1, 6000, 60).replace(b"ENSG00000041993.16\t", gene + b"\t"),
            code=code,
            line=6000,
            column=1,
        )
        for title, gene, code in (
            ("bell", b"TP53\x07", "matrix-gene-malformed"),
            ("date", b"02.Sep", "matrix-gene-date"),
        )
    ),
    Defect(
        id="fraction late in a large file",
        content=random_matrix(1, 6000, 60).replace(b"ENSG00000041993.16\t", b"ENSG00000041993.16\t0.5"),
        code="matrix-not-integer",
        line=6000,
        column="KSCBi000-A",
    ),
]
TPM_DEFECTS = [
    *common_defects(VALID_TPM, is_tpm=True),
    Defect(
        id="sum",
        content=replaced(3, f"{GENES[1]}\t230000\t0", VALID_TPM),
        code="matrix-tpm-sum",
        column="KSCBi005-A",
    ),
]

_NOT_CLEAN = {"htseq with names of genes", "htseq without header", "star without header"}
FORMATS = [
    FormatCases(
        format="counts-matrix",
        file="line.counts.tsv",
        valid=VALID_OF_COUNTS,
        clean=sorted(set(VALID_OF_COUNTS) - _NOT_CLEAN),
        defects=COUNTS_DEFECTS,
    ),
    FormatCases(
        format="tpm-matrix",
        file="line.tpm.tsv",
        valid=VALID_OF_TPM,
        clean=["small", "large", "forms of numbers", "exponents", "full precision"],
        defects=TPM_DEFECTS,
    ),
]
