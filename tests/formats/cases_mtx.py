"""Cases of Matrix Market files, and of the three files of single cells."""

from __future__ import annotations

import gzip
import random

from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.defects import Defect

BANNER = "%%MatrixMarket matrix coordinate "
SMALL = (BANNER + "integer general\n% a comment\n3 4 3\n1 1 5\n3 2 1\n2 4 7\n").encode()


def matrix(words: str, *lines: str) -> bytes:
    """A file from the words of its banner and the other lines."""
    return "\n".join((f"%%MatrixMarket {words}", *lines, "")).encode()


def random_counts(seed: int, rows: int, columns: int, *, field: str = "integer", order: str = "column") -> bytes:
    """Counts as single-cell programs write them."""
    chance = random.Random(seed)
    places = [(row, column) for column in range(1, columns + 1) for row in range(1, rows + 1) if chance.random() < 0.2]
    if order == "row":
        places.sort()
    elif order == "none":
        chance.shuffle(places)
    lines = []
    for row, column in places:
        value = chance.randrange(1, 500) if field == "integer" else f"{chance.lognormvariate(0, 2):.6g}"
        lines.append(f"{row} {column} {value}")
    metadata = '%metadata_json: {"software_version": "cellranger-7.0.0", "format_version": 2}'
    return matrix(f"matrix coordinate {field} general", metadata, f"{rows} {columns} {len(lines)}", *lines)


LARGE = random_counts(1, 300, 600)
VALID = {
    "small": SMALL,
    "large": LARGE,
    "large real in rows": random_counts(2, 200, 400, field="real", order="row"),
    "large in no order": random_counts(3, 300, 700, order="none"),
    "upper case": SMALL.replace(
        b"%%MatrixMarket matrix coordinate integer general", b"%%MatrixMarket Matrix Coordinate INTEGER General"
    ),
    "crlf": SMALL.replace(b"\n", b"\r\n"),
    "no line end": SMALL[:-1],
    "free form": matrix(
        "matrix  coordinate   real general",
        "",
        "% comment",
        "%",
        "",
        "   3\t3   4 ",
        "",
        " 1  1 1.",
        "2 2 -.5E+01",
        "",
        "3 3 +1e-3",
        "1\t3 0",
        "  ",
    ),
    "no entries": matrix("matrix coordinate integer general", "3 3 0"),
    "nothing at all": matrix("matrix coordinate integer general", "0 0 0"),
    "no comments": matrix("matrix coordinate integer general", "1 1 1", "1 1 -5"),
    "pattern": matrix("matrix coordinate pattern general", "2 2 2", "1 1", "2 1"),
    "complex": matrix("matrix coordinate complex general", "2 2 1", "1 2 1.5 -2e3"),
    "double": matrix("matrix coordinate double general", "2 2 1", "1 2 1.5"),
    "unsigned": matrix("matrix coordinate unsigned-integer general", "2 2 1", "1 2 18446744073709551615"),
    "symmetric": matrix("matrix coordinate real symmetric", "3 3 4", "1 1 1", "2 1 3", "3 3 2", "3 1 0.5"),
    "symmetric pattern": matrix("matrix coordinate pattern symmetric", "3 3 2", "1 1", "3 1"),
    "skew": matrix("matrix coordinate integer skew-symmetric", "3 3 2", "2 1 4", "3 2 -1"),
    "hermitian": matrix("matrix coordinate complex hermitian", "2 2 2", "1 1 2 0", "2 1 1 -3"),
    "array": matrix("matrix array real general", "% dense", "2 3", "1", "2", "3.5", "-4", "5e0", "6"),
    "complex array": matrix("matrix array complex general", "1 2", "1 2", "3 4"),
    "symmetric array": matrix("matrix array integer symmetric", "3 3", "1", "2", "3", "4", "5", "6"),
    "skew array": matrix("matrix array real skew-symmetric", "3 3", "2", "3", "5"),
    "hermitian array": matrix("matrix array complex hermitian", "2 2", "1 0", "2 5", "3 0"),
    "empty array": matrix("matrix array real general", "0 4"),
    "vector": matrix("vector array real general", "3", "1", "2", "3"),
    "sparse vector": matrix("vector coordinate integer general", "5 2", "2 7", "5 -1"),
    "sparse vector of pattern": matrix("vector coordinate pattern general", "5 1", "4"),
    "vector without symmetry": matrix("vector array real", "1", "7"),
    "large sizes": matrix("matrix coordinate integer general", "9223372036854775807 20000000000 2", "1 1 1", "9 5 3"),
    "full precision": matrix("matrix coordinate real general", "2 1 2", "1 1 0.12345678901234567890123", "2 1 1e-320"),
    "integers for reals": matrix("matrix coordinate real general", "1 2 2", "1 1 5", "1 2 007"),
    "other alphabets": matrix("matrix coordinate real general", "% 세포", "1 1 1", "1 1 5"),
}
_WARNED = {"double", "unsigned", "large sizes"}


def line(number: int, new: str, content: bytes = SMALL) -> bytes:
    """The content with another line."""
    lines = content.split(b"\n")
    lines[number - 1] = new.encode()
    return b"\n".join(lines)


def banner(words: str, code: str, column: str | None = None) -> Defect:
    return Defect(id=f"banner {words}", content=line(1, words), code=code, line=1, column=column)


def late(new: str) -> bytes:
    """A large file with one other entry, in line 20,000."""
    return line(20_000, new, LARGE)


HEADER_DEFECTS = [
    banner("%MatrixMarket matrix coordinate integer general", "mtx-banner"),
    banner(" %%MatrixMarket matrix coordinate integer general", "mtx-banner"),
    banner("%%MatrixMarket matrix coordinate integer", "mtx-banner"),
    banner("%%MatrixMarket matrix coordinate integer general more", "mtx-banner"),
    banner("%%MatrixMarketmatrix coordinate integer general", "mtx-banner"),
    banner("%%MatrixMarket", "mtx-banner"),
    banner("%%matrixmarket matrix coordinate integer general", "mtx-banner"),
    banner("%%MatrixMarket\vmatrix coordinate integer general", "mtx-banner"),
    banner("%%MatrixMarket matrix coordinate integer\fgeneral", "mtx-banner"),
    Defect(id="form feed between sizes", content=line(3, "3\f4 3"), code="mtx-sizes", line=3),
    Defect(id="no banner", content=SMALL.split(b"\n", 1)[1], code="mtx-banner", line=1),
    Defect(id="blank line first", content=b"\n" + SMALL, code="mtx-banner", line=1),
    banner("%%MatrixMarket tensor coordinate integer general", "mtx-banner-word", "object"),
    banner("%%MatrixMarket matrix sparse integer general", "mtx-banner-word", "format"),
    banner("%%MatrixMarket matrix coordinate text general", "mtx-banner-word", "field"),
    banner("%%MatrixMarket matrix coordinate integer lower", "mtx-banner-word", "symmetry"),
    Defect(id="double", content=VALID["double"], code="mtx-banner-later-word", line=1, column="field"),
    Defect(id="unsigned", content=VALID["unsigned"], code="mtx-banner-later-word", line=1, column="field"),
    banner("%%MatrixMarket matrix array pattern general", "mtx-banner-combination"),
    banner("%%MatrixMarket matrix coordinate real hermitian", "mtx-banner-combination"),
    banner("%%MatrixMarket matrix coordinate pattern skew-symmetric", "mtx-banner-combination"),
    banner("%%MatrixMarket vector coordinate integer symmetric", "mtx-banner-combination"),
    Defect(id="no sizes", content=matrix("matrix coordinate integer general", "% end"), code="mtx-sizes", line=2),
    Defect(id="two sizes", content=line(3, "3 4"), code="mtx-sizes", line=3),
    Defect(id="four sizes", content=line(3, "3 4 3 1"), code="mtx-sizes", line=3),
    Defect(id="negative size", content=line(3, "3 -4 3"), code="mtx-sizes", line=3),
    Defect(id="fraction of a size", content=line(3, "3 4.0 3"), code="mtx-sizes", line=3),
    Defect(
        id="three sizes of an array",
        content=matrix("matrix array real general", "1 1 1", "5"),
        code="mtx-sizes",
        line=2,
    ),
    Defect(id="negative length", content=matrix("vector array real general", "-1"), code="mtx-sizes", line=2),
    Defect(
        id="not square",
        content=matrix("matrix coordinate real symmetric", "3 4 1", "1 1 5"),
        code="mtx-not-square",
        line=2,
    ),
    Defect(
        id="not square array", content=matrix("matrix array real symmetric", "1 2", "5"), code="mtx-not-square", line=2
    ),
]


def entry(name: str, text: str, code: str, column: str | None = None) -> Defect:
    return Defect(id=name, content=line(5, text), code=code, line=5, record=2, column=column)


ENTRY_DEFECTS = [
    entry("no value", "3 2", "mtx-entry"),
    entry("two values", "3 2 1 1", "mtx-entry"),
    entry("comment", "% late", "mtx-entry"),
    entry("one index", "3", "mtx-entry"),
    *(
        entry(f"{name} {where}", text.replace("|", mark), "mtx-entry")
        for name, mark in (("vertical tab", "\v"), ("form feed", "\f"), ("CR", "\r"))
        for where, text in (
            ("between indices", "3|2 1"),
            ("before a value", "3 2 |1"),
            ("behind", "3 2 1| "),
            ("before", "|3 2 1"),
        )
    ),
    Defect(id="form feed late", content=late("1 5\f7"), code="mtx-entry", line=20_000, record=19_997, only=False),
    Defect(id="no value late", content=late("1 5"), code="mtx-entry", line=20_000, record=19_997, only=False),
    Defect(id="value of a pattern", content=line(4, "1 1 5", VALID["pattern"]), code="mtx-entry", line=4),
    Defect(id="two values of an array", content=line(4, "1 2", VALID["array"]), code="mtx-entry", line=4, record=1),
    Defect(id="one part of a complex", content=line(3, "1 2 1.5", VALID["complex"]), code="mtx-entry", line=3),
    entry("row 0", "0 2 1", "mtx-index", "row"),
    entry("row too large", "4 2 1", "mtx-index", "row"),
    entry("column 0", "3 0 1", "mtx-index", "column"),
    entry("column too large", "3 5 1", "mtx-index", "column"),
    entry("negative index", "-3 2 1", "mtx-index", "row"),
    entry("sign before an index", "+3 2 1", "mtx-index", "row"),
    entry("fraction of an index", "3 2.0 1", "mtx-index", "column"),
    entry("word for an index", "x 2 1", "mtx-index", "row"),
    Defect(id="index late", content=late("301 40 1"), code="mtx-index", line=20_000, record=19_997, column="row"),
    Defect(
        id="index of a vector", content=line(3, "6 1", VALID["sparse vector"]), code="mtx-index", line=3, column="row"
    ),
    entry("fraction", "3 2 1.5", "mtx-value", "value"),
    entry("exponent", "3 2 1e3", "mtx-value", "value"),
    entry("word", "3 2 x", "mtx-value", "value"),
    entry("nan of integers", "3 2 nan", "mtx-value", "value"),
    Defect(
        id="real word", content=matrix("matrix coordinate real general", "1 1 1", "1 1 1,5"), code="mtx-value", line=3
    ),
    Defect(
        id="real point", content=matrix("matrix coordinate real general", "1 1 1", "1 1 ."), code="mtx-value", line=3
    ),
    Defect(
        id="real hex", content=matrix("matrix coordinate real general", "1 1 1", "1 1 0x1p3"), code="mtx-value", line=3
    ),
    Defect(
        id="Fortran D", content=matrix("matrix coordinate real general", "1 1 1", "1 1 1D0"), code="mtx-value", line=3
    ),
    Defect(id="imaginary word", content=line(3, "1 2 1 i", VALID["complex"]), code="mtx-value", line=3),
    Defect(id="array word", content=line(5, "x", VALID["array"]), code="mtx-value", line=5, record=2),
    Defect(
        id="negative unsigned",
        content=line(3, "1 2 -1", VALID["unsigned"]),
        code="mtx-value",
        line=3,
        only=False,
    ),
    Defect(id="fraction late", content=late("300 44 1.5"), code="mtx-value", line=20_000, column="value"),
    *(
        Defect(id=word, content=matrix("matrix array real general", "1 1", word), code="mtx-not-finite", line=3)
        for word in ("nan", "-inf", "Infinity")
    ),
    Defect(id="upper", content=line(4, "1 2 3", VALID["symmetric"]), code="mtx-upper-triangle", line=4, record=2),
    Defect(id="upper skew", content=line(4, "2 3 3", VALID["skew"]), code="mtx-upper-triangle", line=4),
    Defect(id="upper hermitian", content=line(4, "1 2 3 1", VALID["hermitian"]), code="mtx-upper-triangle", line=4),
    Defect(id="upper pattern", content=line(4, "1 3", VALID["symmetric pattern"]), code="mtx-upper-triangle", line=4),
    Defect(id="skew diagonal", content=line(4, "3 3 1", VALID["skew"]), code="mtx-diagonal", line=4, record=2),
    Defect(id="hermitian diagonal", content=line(3, "1 1 2 1", VALID["hermitian"]), code="mtx-diagonal", line=3),
    Defect(
        id="hermitian array diagonal", content=line(5, "3 1", VALID["hermitian array"]), code="mtx-diagonal", line=5
    ),
    Defect(id="too few", content=line(3, "3 4 4"), code="mtx-entries"),
    Defect(id="too many", content=line(3, "3 4 2"), code="mtx-entries", line=6, record=3),
    Defect(id="cut", content=LARGE[: LARGE.rindex(b"\n", 0, -200) + 1], code="mtx-entries"),
    Defect(id="one more late", content=LARGE + b"300 600 1\n", code="mtx-entries", only=False),
    Defect(id="short array", content=line(9, "", VALID["array"]), code="mtx-entries"),
    Defect(id="long array", content=VALID["array"] + b"7\n", code="mtx-entries", line=10, record=7),
    Defect(id="whole of a symmetric array", content=VALID["symmetric array"] + b"7\n", code="mtx-entries", line=9),
    Defect(id="long vector", content=VALID["vector"] + b"7\n", code="mtx-entries", line=6, record=4),
    Defect(id="twice", content=line(6, "1 1 7"), code="mtx-twice", line=6, record=3),
    Defect(id="twice side by side", content=line(5, "1 1 7"), code="mtx-twice", line=5, record=2),
    Defect(id="twice behind a blank line", content=line(6, "\n1 1 7"), code="mtx-twice", record=3),
    Defect(id="twice in a vector", content=line(4, "2 1", VALID["sparse vector"]), code="mtx-twice", line=4),
    Defect(
        id="twice in no order",
        content=line(20_000, VALID["large in no order"].split(b"\n")[9].decode(), VALID["large in no order"]),
        code="mtx-twice",
        line=20_000,
    ),
    Defect(
        id="unseen",
        content=matrix("matrix coordinate integer general", f"{10**20} {10**20} 2", "2 1 1", "1 1 1"),
        code="mtx-twice-unseen",
    ),
    Defect(id="long comment", content=line(2, "%" + "x" * 1024), code="mtx-long-line", line=2),
    Defect(
        id="long entry",
        content=late(LARGE.split(b"\n")[19_999].decode().replace(" ", " " * 1100)),
        code="mtx-long-line",
        line=20_000,
    ),
]

BARCODES = b"AAACCTG-1\nAAACCTC-1\nAAACGTG-1\nTTTCCTG-1\n"
FEATURES = b"ENSG00000181449\tSOX2\tGene Expression\nENSG00000204531\tSOX2\tGene Expression\nENSG00000111704\tNANOG\tGene Expression\n"
GENES = b"MT-ND1\tMT-ND1\nMT-ND2\tMT-ND2\nMT-CO1\tMT-CO1\n"
TURNED = matrix("matrix coordinate integer general", "4 3 1", "4 1 2")


def triplet(
    prefix: str, matrix_file: bytes, barcodes: bytes, features: bytes, *, packed: bool = False
) -> dict[str, bytes]:
    """The three files of one run."""
    files = {"matrix.mtx": matrix_file, "barcodes.tsv": barcodes, "features.tsv": features}
    if packed:
        return {f"{prefix}{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}
    return {f"{prefix}{name}": content for name, content in files.items()}


GROUPS = [
    GroupCases(
        companions="mtx",
        valid={
            "alone": {"matrix.mtx": SMALL},
            "three": triplet("", SMALL, BARCODES, FEATURES),
            "prefixed": triplet("GSM123_A_", SMALL, BARCODES, FEATURES, packed=True),
            "genes": {"matrix.mtx": SMALL, "barcodes.tsv": BARCODES, "genes.tsv": GENES},
            "without features": {"matrix.mtx": SMALL, "barcodes.tsv": BARCODES},
            "lists alone": {"barcodes.tsv": BARCODES, "features.tsv": FEATURES},
            "two runs": triplet("a_", SMALL, BARCODES, FEATURES)
            | triplet("b_", TURNED, GENES[:14] + FEATURES, BARCODES)
            | {"b_barcodes.tsv": b"A\nB\nC\n"},
            "named after the sample": {"line.mtx": SMALL, "line_barcodes.tsv": BARCODES, "line.features.tsv": FEATURES},
        },
        defects=[
            GroupDefect(
                id="a barcode less",
                files=triplet("", SMALL, BARCODES[10:], FEATURES),
                code="mtx-barcodes-count",
                at="barcodes.tsv",
            ),
            GroupDefect(
                id="a feature more",
                files=triplet("x_", SMALL, BARCODES, FEATURES + b"ENSG1\tA\tGene Expression\n", packed=True),
                code="mtx-features-count",
                at="x_features.tsv.gz",
            ),
            GroupDefect(
                id="a header of features",
                files={"matrix.mtx": SMALL, "genes.tsv": b"gene_id\tname\n" + GENES},
                code="mtx-features-count",
                at="genes.tsv",
            ),
            GroupDefect(
                id="a barcode twice",
                files=triplet("", SMALL, BARCODES.replace(b"AAACGTG", b"AAACCTG"), FEATURES),
                code="mtx-name-twice",
                at="barcodes.tsv",
                line=3,
            ),
            GroupDefect(
                id="a feature twice",
                files=triplet("", SMALL, BARCODES, FEATURES.replace(b"ENSG00000111704", b"ENSG00000181449")),
                code="mtx-name-twice",
                at="features.tsv",
                line=3,
            ),
            GroupDefect(
                id="cells in rows",
                files=triplet("", TURNED, BARCODES, FEATURES),
                code="mtx-transposed",
                at="matrix.mtx",
            ),
        ],
    )
]
FORMATS = [
    FormatCases(
        format="mtx",
        file="matrix.mtx",
        valid=VALID,
        clean=sorted(set(VALID) - _WARNED),
        defects=[*HEADER_DEFECTS, *ENTRY_DEFECTS],
    )
]
