"""Tables of intervals and of methylation: valid files of every form, and a defect for every rule."""

from __future__ import annotations

import random

from catalog.formats.intervals.bed_shape import FIELDS
from catalog.formats.protocol import Declared
from tests.formats.cases import FormatCases
from tests.formats.defects import Defect
from tests.formats.interval_files import (
    Row,
    coverage,
    modifications,
    percentages,
    regions,
    report,
    text,
    values,
    with_cells,
)

#: Behind the first lines of a contig, where the fast path is at work.
BROKEN = 4
GRCH38 = Declared(assembly="GRCh38")


class _Table:
    """Makes defects of one table: its rows with a few cells replaced."""

    def __init__(self, prefix: str, rows: list[Row], columns: tuple[str, ...], name: str = "") -> None:
        self._prefix = prefix
        self._name = name
        self._rows = rows
        self._columns = columns

    def cell(self, code: str, cell: int, value: str, *, what: str = "", **rest: object) -> Defect:
        """The defect of one cell; it is expected in its column unless something else is said."""
        place: dict[str, object] = {"line": BROKEN, "column": self._columns[cell - 1], **rest}
        content = text(with_cells(self._rows, BROKEN, **{f"c{cell}": value}))
        return self.made(code, f"{cell}-{what or value or 'empty'}", content, **place)

    def cells(self, code: str, what: str, line: int, column: str, **cells: str) -> Defect:
        """The defect of several cells of one line."""
        return self.made(code, what, text(with_cells(self._rows, line, **cells)), line=line, column=column)

    def made(self, code: str, what: str, content: bytes, **place: object) -> Defect:
        """A defect of any content."""
        members = {"id": f"{code}-{what}", "code": f"{self._prefix}-{code}", "name": self._name, **place}
        return Defect(content=content, **members)  # type: ignore[arg-type]

    def whole(self, *, misfit: bytes) -> list[Defect]:
        """The defects of a whole file that all these formats have."""
        plain = text(self._rows)
        return [
            self.made("line-end", "windows", plain.replace(b"\n", b"\r\n"), line=1),
            self.made("final-newline", "lost", plain.removesuffix(b"\n")),
            self.made("no-records", "comment-only", b"# nothing\n", only=False),
            self.made("misfit", "behind-every-chr1", misfit),
        ]


# BED

BED12 = regions()
BED6 = regions(columns=6)
_BED = _Table(
    "bed",
    BED12,
    FIELDS,
)
_BED6 = _Table("bed", BED6, FIELDS)
START, END = int(BED12[BROKEN - 1][1]), int(BED12[BROKEN - 1][2])
SIZE = END - START


def _blocks(
    what: str, count: int, sizes: str, starts: str, code: str = "blocks", column: str = "blockStarts"
) -> Defect:
    return _BED.cells(code, what, BROKEN, column, c10=str(count), c11=sizes, c12=starts)


def _own_columns() -> dict[str, bytes]:
    """Files with columns of somebody's own."""
    chance = random.Random(11)
    peaks = [[*row, f"{chance.random() * 9:.4f}", "-1", "3.2", str(chance.randrange(40))] for row in BED6]
    genes = [[*row[:4], f"ENST{number:011}", "exon one"] for number, row in enumerate(regions(80, 4))]
    named = b"#chrom\tstart\tend\tgene\ttranscript\n" + text([[*row[:4], "NM_1"] for row in BED12])
    many = [[*row, "a b", "", "0.5"] for row in BED12]
    return {"bed6+4": text(peaks), "bed4+2": text(genes), "bed4+1-named": named, "bed12+3": text(many)}


def _mixed() -> bytes:
    """Separators of all kinds in one file."""
    chance = random.Random(13)
    return b"".join(
        b"".join(cell.encode() + chance.choice((b"\t", b" ", b"  ", b" \t ")) for cell in row[:-1])
        + row[-1].encode()
        + b"\n"
        for row in BED12
    )


BED_VALID = {
    **{f"bed{columns}": text(regions(columns=columns)) for columns in (3, 4, 5, 6, 7, 8, 9, 12)},
    **_own_columns(),
    "blanks": text(BED12, separator=" "),
    "several-blanks": text(BED6, separator="   "),
    "mixed-separators": _mixed(),
    "tabs-then-blanks": text(BED6[:5]) + text(BED6[5:], separator=" "),
    "blanks-behind-name-first": b"chr1\t1\t2\tn 5 +\n" + text([["chr1", "9", "12", "m", "0", "-"], *BED6[:6]]),
    "name-with-blanks": text([[*row[:3], "a name"] for row in BED6]),
    "comments-and-blank-lines": b"# one\n\n \t \n" + text(BED6[:9]) + b"\n#two \xc3\xa4\n\t\n" + text(BED6[9:]) + b"#\n\n",
    "windows": text(BED6, end="\r\n"),
    "old-macintosh": text(BED12, end="\r"),
    "no-final-newline": text(BED6).removesuffix(b"\n"),
    "no-records": b"# nothing\n",
    "empty-intervals": text([[row[0], row[1], row[1]] for row in BED6]) + b"chrY\t0\t0\n",
    "empty-interval-with-block": text([["chr1", "5", "5", "n", "0", ".", "5", "5", "0", "1", "0", "0"]]),
    "unsorted": text([*reversed(BED12)]),
    "highest-numbers": b"chr1\t18446744073709551614\t18446744073709551615\n" + b"a" * 255 + b"\t007\t0008\n",
    "unusual-names": text([[*row[:3], name] for row, name in zip(BED6, ("#1", ".", "a" * 255, "~!$%&/()=?", "'\""), strict=False)]),
    "contig-called-track": b"track\t1\t2\nbrowser\t3\t4\n",
    "touching-blocks": text([["chr1", "10", "40", "n", "0", "+", "10", "10", "0", "3", "10,10,10", "0,10,20"]]),
}  # fmt: skip

BED = FormatCases(
    format="bed",
    file="regions.bed",
    valid=BED_VALID,
    clean=[f"bed{columns}" for columns in (3, 4, 5, 6, 7, 8, 9, 12)] + ["bed6+4", "bed12+3", "bed4+1-named"],
    defects=[
        _BED6.made("track-line", "track", b"track name=a\n" + text(BED6), line=1),
        _BED6.made("track-line", "browser", text(BED6[:7]) + b"browser position chr7\n" + text(BED6[7:]), line=8),
        _BED6.made("line-ends-differ", "windows", text(BED6[:6]) + text(BED6[6:8], end="\r\n") + text(BED6[8:]), line=7),
        _BED6.made("line-ends-differ", "cr", text(BED6[:6]) + text(BED6[6:7], end="\r") + text(BED6[7:]), line=7),
        _BED6.made("columns", "two", text([row[:2] if row is BED6[5] else row for row in BED6]), line=6),
        _BED6.made("columns", "commas", b"chr1,1,2\n", line=1),
        _BED6.made("columns", "indented-comment", text(BED6[:6]) + b" #comment\n" + text(BED6[6:]), line=7),
        _BED6.made("columns-differ", "five", text([row[:5] if row is BED6[5] else row for row in BED6]), line=6),
        _BED6.made("columns-differ", "seven", text([[*row, "1"] if row is BED6[5] else row for row in BED6]), line=6),
        _BED6.made(
            "columns-differ", "name-with-blank", text(with_cells(BED6, BROKEN, c4="a b"), separator=" "),
            line=BROKEN, only=False,
        ),
        _BED.made("columns-prohibited", "ten", text(regions(columns=10)), line=1),
        _BED.made("columns-prohibited", "eleven", text(regions(columns=11)), line=1),
        _BED6.made("edge-blank", "first", b" " + text(BED6), line=1, only=False),
        _BED6.made("edge-blank", "last", text(BED6, separator=" ", end=" \n"), line=1, only=False),
        _BED6.cell("field-empty", 4, "", column="4"),
        _BED6.cell("field-empty", 5, "", column="5"),
        _BED6.cell("chromosome", 1, "chr-1", only=False),
        _BED6.cell("chromosome", 1, "HLA.A", only=False),
        _BED6.cell("chromosome", 1, "c" * 256, what="256", only=False),
        *[_BED6.cell("position", 2, value) for value in ("-1", "1.0", "1,000", "1e3", "+5", "18446744073709551616", "x")],
        *[_BED6.cell("position", 3, value) for value in ("-1", "2.5", "9" * 5000)],
        _BED.cell("position", 7, "x"),
        _BED.cell("position", 8, "-4"),
        _BED6.cells("end", "swapped", BROKEN, "chromEnd", c2=str(END), c3=str(START)),
        _BED6.made(
            "past-end", "declared", text([["chr1", "248956400", "248956423"]]),
            line=1, column="chromEnd", declared=GRCH38,
        ),
        _BED6.cell("name", 4, "n" * 256, what="256"),
        _BED6.cell("name", 4, "\xe4"),
        _BED6.cell("name", 4, "a\x07b", what="control"),
        *[_BED6.cell("score", 5, value) for value in ("-1", "1001", "0.5", ".", "high", "1e2")],
        *[_BED6.cell("strand", 6, value) for value in ("*", "++", "1", "plus")],
        _BED.cell("thick", 7, str(START - 1), what="before"),
        _BED.cell("thick", 8, str(END + 1), what="behind"),
        _BED.cells("thick", "swapped", BROKEN, "thickEnd", c7=str(START + 5), c8=str(START + 4)),
        *[_BED.cell("colour", 9, value) for value in ("1", "0,0", "0,0,256", "0,0,0,0", "-1,0,0", "red", "0, 0, 0", "0,0,0,")],
        *[_BED.cell("block-count", 10, value, only=False) for value in ("0", "-1", "x", str(SIZE + 1))],
        _blocks("fewer", 3, "1,1", f"0,{SIZE - 1},{SIZE}", "block-list", "blockSizes"),
        _blocks("more", 1, f"{SIZE}", "0,5", "block-list", "blockStarts"),
        _blocks("blank", 2, "5, 5", f"0,{SIZE - 5}", "block-list", "blockSizes"),
        _blocks("two-commas", 2, f"5,,{5}", f"0,{SIZE - 5}", "block-list", "blockSizes"),
        _blocks("first-comma", 2, "5,5", f",0,{SIZE - 5}", "block-list", "blockStarts"),
        _blocks("first-not-0", 1, f"{SIZE - 1}", "1"),
        _blocks("last-too-short", 2, "5,5", f"0,{SIZE - 6}"),
        _blocks("last-too-long", 2, "5,6", f"0,{SIZE - 5}"),
        _blocks("overlap", 2, f"{SIZE - 3},5", f"0,{SIZE - 5}"),
        _blocks("unsorted", 3, "5,5,5", f"0,{SIZE - 5},7"),
        _blocks("long-number", 1, "9" * 30, "0"),
        _BED6.made("custom-field", "letter", text([[*row, "1.5", "", "", "\xe4"] for row in BED6]), line=1, column="10"),
        _BED6.made("name-blank", "one", text(with_cells(BED6, BROKEN, c4="a b")), line=BROKEN, column="name"),
        _BED6.made("chromosome-names", "both", text(BED6) + b"1\t5\t9\tn\t0\t+\n", line=25, column="chrom"),
        _BED.made(
            "colours", "nine",
            text([[*row[:8], f"0,0,{number % 9}"] for number, row in enumerate(BED12)]), line=9, column="itemRgb",
        ),
        _BED6.cells("empty-interval", "one", BROKEN, "chromEnd", c3=str(START)),
        _BED6.made("unsorted", "pair", text([*BED6[:3], BED6[4], BED6[3], *BED6[5:]]), line=5, column="chromStart"),
        _BED6.made("chromosome-split", "tail", text([*BED6, ["chr1", "99999", "99999999", "n", "0", "+"]]), line=25),
        _BED6.made("separator", "blanks", text(BED6, separator=" "), line=1),
        _BED6.made(
            "target-overlap", "exome", text(with_cells(BED6, BROKEN, c2=str(int(BED6[2][2]) - 1))),
            line=BROKEN, column="chromStart", declared=Declared(modality="wes"),
        ),
        _BED6.made(
            "custom-columns", "gene", text([[*row[:4], "BRCA2"] for row in regions(80, 4)]), line=1, column="5",
        ),
        *_BED6.whole(misfit=b"chr1\t100\t249250622\nchr2\t5\t9\n"),
        _BED6.made("line-end", "macintosh", text(BED6, end="\r"), line=1),
    ],
)  # fmt: skip

# bedGraph

VALUES = values()
TRACK = (
    b"track type=bedGraph name=\"a b\" description='c' visibility=full color=200,100,0 autoScale=on viewLimits=0:100.0 "
)
TRACK += b"smoothingWindow=off windowingFunction=mean graphType=bar yLineMark=-11.76 maxHeightPixels=128:30:11\n"
_GRAPH = _Table("bedgraph", VALUES, ("chrom", "chromStart", "chromEnd", "dataValue"))
_PERCENT = _Table(
    "bedgraph", percentages(), ("chrom", "chromStart", "chromEnd", "dataValue"), "line.bismark_bt2.bedGraph"
)

BEDGRAPH = FormatCases(
    format="bedgraph",
    file="values.bedgraph",
    valid={
        "plain": text(VALUES),
        "track": TRACK + text(VALUES),
        "bismark": b"track type=bedGraph\n" + text(percentages()),
        "browser-lines": b"browser position chr19:49302001-49304701\nbrowser hide all\n\n#c\n" + TRACK + text(VALUES),
        "two-tracks": TRACK + text(VALUES) + b'track type="bedGraph" \n' + text(VALUES),
        "blanks": text(VALUES, separator=" "),
        "overlaps": text([*VALUES, *VALUES]),
        "windows": text(VALUES, end="\r\n"),
        "dotted-contigs": b"GL000220.1\t0\t5\t1\nHLA-A*01:01:01:01\t0\t5\t-1e-300\n",
        "no-records": TRACK,
    },
    clean=["plain", "track", "bismark", "browser-lines"],
    defects=[
        _GRAPH.made("columns", "three", text([row[:3] if row is VALUES[5] else row for row in VALUES]), line=6),
        _GRAPH.made("columns", "five", text([[*row, "1"] for row in VALUES]), line=1, only=False),
        _GRAPH.cell("chromosome", 1, "chr\x7f1", only=False),
        *[_GRAPH.cell("position", 2, value) for value in ("-1", "1.5", "x", "1,000")],
        _GRAPH.cell("position", 3, "1e9"),
        _GRAPH.cells("end", "swapped", BROKEN, "chromEnd", c2=VALUES[3][2], c3=VALUES[3][1]),
        *[
            _GRAPH.cell("value", 4, value)
            for value in ("nan", "NaN", "inf", "-inf", "x", "1,5", "1e999", "0x10", ".", "-", "1.5.5")
        ],
        _GRAPH.made("track-type", "wiggle", b"track type=wiggle_0\n" + text(VALUES), line=1),
        _GRAPH.made("track-type", "none", b"track name=a\n" + text(VALUES), line=1),
        _GRAPH.made("track-grammar", "quote", b'track type=bedGraph name="a\n' + text(VALUES), line=1),
        _GRAPH.made("track-grammar", "no-value", b"track type=bedGraph autoScale\n" + text(VALUES), line=1),
        _GRAPH.made("track-value", "switch", b"track type=bedGraph autoScale=yes\n" + text(VALUES), line=1),
        _PERCENT.cells("bismark-span", "two", 24, "chromEnd", c3="999"),
        _PERCENT.cell("bismark-percentage", 4, "100.5"),
        _PERCENT.cell("bismark-percentage", 4, "-1"),
        _GRAPH.made("past-end", "declared", b"chr1\t248956420\t248956423\t1\n", line=1, declared=GRCH38),
        _GRAPH.cells("empty-interval", "one", BROKEN, "chromEnd", c3=VALUES[3][1]),
        _GRAPH.cells("overlap", "one", BROKEN, "chromStart", c2=str(int(VALUES[2][2]) - 1)),
        _GRAPH.made("unsorted", "pair", text([*VALUES[:3], VALUES[4], VALUES[3], *VALUES[5:]]), line=5),
        _GRAPH.made("chromosome-split", "tail", text(VALUES) + b"chr1\t9999999\t99999999\t1\n", line=25),
        _GRAPH.made("separator", "blanks", text(VALUES, separator=" "), line=1),
        *_GRAPH.whole(misfit=b"chr1\t100\t249250622\t1\n"),
    ],
)

# bedMethyl

SITES = modifications()
NARROW = modifications(24, 11, ("m",))
_COUNTS = ("Nmod", "Ncanonical", "Nother_mod", "Ndelete", "Nfail", "Ndiff", "Nnocall")
_BED9 = ("chrom", "chromStart", "chromEnd", "name", "score", "strand", "thickStart", "thickEnd", "color")
_SITES = _Table("bedmethyl", SITES, (*_BED9, "coverage", "percent", *_COUNTS))
NAMES_OF_NO_BED = {"control": "m\x07", "nbsp": "m\u00a0", "delete": "a\x7fb", "long": "m" * 256}
_NARROW = _Table("bedmethyl", NARROW, (*_BED9, "coverage", "percent"))
HEADER: tuple[str, ...] = (
    *_BED9, "valid_coverage", "percent_modified", "count_modified", "count_canonical", "count_other_mod", "count_delete",
    "count_fail", "count_diff", "count_nocall",
)  # fmt: skip
CALLS = int(SITES[BROKEN - 1][9])


def _modkit() -> bytes:
    """Tabs between the first ten columns, blanks between the others, as modkit writes without --only-tabs."""
    return b"".join(("\t".join(row[:10]) + " " + " ".join(row[10:]) + "\n").encode() for row in SITES)


def _with_names(*names: str) -> bytes:
    return text(modifications(names=names))


def _bedrmod() -> bytes:
    rows = [[*row[:9], str(int(row[9]) + int(row[15])), *row[10:]] for row in SITES]
    return b"#fileformat=bedRModv2\n#organism=9606\n" + text(rows)


HEMI = (
    b"chr20\t22614392\t22614393\t-,-,C\t4\t.\t22614392\t22614393\t255,0,0\t4 75.00 3 3 1 0 0 0 0\n"
    b"chr20\t22614392\t22614393\tm,m,C\t4\t.\t22614392\t22614393\t255,0,0\t4 25.00 1 3 3 0 0 0 0\n"
)
UNCOVERED = "chr1\t{0}\t{1}\tm\t0\t+\t{0}\t{1}\t255,0,0\t0\t{2}\t0\t0\t0\t3\t0\t1\t0\n"
DEEP = "chr1\t5\t6\tm\t{0}\t+\t5\t6\t255,0,0\t1500\t50.00\t750\t750\t0\t0\t0\t0\t0\n"

BEDMETHYL = FormatCases(
    format="bedmethyl",
    file="sites.bedmethyl",
    valid={
        "tabs": text(SITES),
        "modkit": _modkit(),
        "narrow": text(NARROW),
        "narrow-whole-percent": text([[*row[:10], str(round(float(row[10])))] for row in NARROW]),
        "narrow-colours": text([[*row[:8], f"{number * 10},255,0", *row[9:]] for number, row in enumerate(NARROW)]),
        "narrow-named-with-blanks": text([[*row[:3], "my sample" if number % 3 else row[3], *row[4:]] for number, row in enumerate(NARROW)]),
        "narrow-capped": b"chr1\t5\t6\t.\t1000\t+\t5\t6\t0\t1500\t50\n",
        "header": ("#" + "\t".join(HEADER) + "\n").encode() + text(SITES),
        "old-header": ("\t".join(HEADER) + "\n").encode() + text(SITES),
        "motifs": _with_names("m,CG,0", "m,CGCG,2", "a,DRACH,2", "17802,GATC,1"),
        "chebi": _with_names("76792", "21839", "m"),
        "many-names": _with_names(*(str(number) for number in range(100, 125))),
        "combined": _with_names("C"),
        "strands-combined": text([[*row[:5], ".", *row[6:]] for row in SITES]),
        "hemi": HEMI,
        "bedrmod": _bedrmod(),
        "uncovered": (UNCOVERED.format(1, 2, "0.00") + UNCOVERED.format(5, 6, "NaN")).encode(),
        "deep": DEEP.format(1500).encode(),
        "deep-capped": DEEP.format(1000).encode(),
        "blank-lines": b"\n# comment\n" + text(SITES[:9]) + b"\n" + text(SITES[9:]) + b"\n",
        "trailing-blank": text(SITES, end=" \n"),
        "windows": text(SITES, end="\r\n"),
        "unsorted": text([*reversed(SITES)]),
    },
    clean=["tabs", "modkit", "narrow", "narrow-whole-percent", "header", "motifs", "chebi", "hemi", "bedrmod"],
    defects=[
        _SITES.made("columns", "17", text([row[:17] if row is SITES[5] else row for row in SITES]), line=6),
        _SITES.made("columns", "mixed", text([row[:11] if row is SITES[5] else row for row in SITES]), line=6),
        _SITES.made("track-line", "track", b"track type=bedMethyl\n" + text(SITES), line=1),
        _SITES.cell("chromosome", 1, "chr\x011", only=False),
        *[_SITES.cell("position", 2, value, only=False) for value in ("-1", "1.5", "x")],
        _SITES.cells("end", "before", BROKEN, "chromEnd", c3="1", c8="1"),
        *[_SITES.cell("name", 4, value) for value in ("5mC", "m,CG", "m,CG,2", "m,C.G,0", "mm", "12345678")],
        _SITES.cell("code", 4, "z"),
        *[_SITES.cell("score", 5, value) for value in ("x", "-1", "3.0")],
        *[_NARROW.cell("name-text", 4, value, what=what) for what, value in NAMES_OF_NO_BED.items()],
        _NARROW.cells("score", "over-1000", BROKEN, "score", c5="1500", c10="1500"),
        _SITES.cell("score-disagrees", 5, str(CALLS + 1), what="higher"),
        _NARROW.cell("score-disagrees", 5, "999"),
        _SITES.cell("strand", 6, "*"),
        _SITES.cell("thick", 7, "0"),
        _SITES.cell("thick", 8, "x"),
        *[_SITES.cell("colour", 9, value) for value in ("255", "256,0,0", "red")],
        _SITES.cell("coverage", 10, "x"),
        _NARROW.cell("coverage", 10, "-1"),
        *[_SITES.cell("percentage", 11, value) for value in ("100.01", "-0.1", "x", "5,0", "nan")],
        _NARROW.cell("percentage", 11, "101"),
        *[_SITES.cell("count", column, "x", what=f"{column}") for column in range(12, 19)],
        _SITES.cell("count", 12, "1.0"),
        _SITES.cells("coverage-disagrees", "higher", BROKEN, "coverage", c5=str(CALLS + 1), c10=str(CALLS + 1)),
        _SITES.cell("coverage-disagrees", 13, "99", column="coverage"),
        _SITES.cell("percentage-disagrees", 11, "99.99"),
        _SITES.made(
            "past-end", "declared",
            b"chrM\t16569\t16570\tm\t0\t+\t16569\t16570\t0\t0\t0.00" + b"\t0" * 7 + b"\n", line=1, declared=GRCH38,
        ),
        _NARROW.cells("site-length", "three", 24, "chromEnd", c3="3999", c8="3999"),
        _SITES.made("duplicate", "neighbours", text([*SITES[:4], SITES[3], *SITES[4:]]), line=5, column="name"),
        _SITES.made("duplicate", "not-neighbours", text([*SITES[:4], SITES[2], *SITES[4:]]), line=5, column="name"),
        _SITES.made("unsorted", "two", text([*SITES[2:4], *SITES[:2], *SITES[4:]]), line=3, column="chromStart"),
        _SITES.made("chromosome-split", "tail", text([*SITES, [*SITES[5][:1], "9999", "10000", *SITES[5][3:6], "9999", "10000", *SITES[5][8:]]]), line=25),
        *_SITES.whole(misfit=text([["chr1", "249250621", "249250622", *SITES[0][3:6], "249250621", "249250622", *SITES[0][8:]]])),
    ],
)  # fmt: skip

# Bismark

COVERAGE = coverage()
#: As coverage2cytosine --merge_CpG --zero_based writes them.
ZERO_BASED_CPGS = [[row[0], str(int(row[1]) - 1), *row[2:]] for row in coverage(span=1)]
_COVERAGE = _Table("bismark", COVERAGE, ("chromosome", "start", "end", "percentage", "methylated", "unmethylated"))
LAST = COVERAGE[-1]


def _position(row: Row, position: int) -> Row:
    return [row[0], str(position), str(position), *row[3:]]


BISMARK_COV = FormatCases(
    format="bismark-cov",
    file="line.bismark.cov",
    valid={
        "bismark": text(COVERAGE),
        "six-decimals": text(coverage(decimals=6)),
        "two-decimals": text(coverage(decimals=2)),
        "no-decimals": text(coverage(decimals=0)),
        "seventeen-digits": text([[*row[:3], repr(100 * int(row[4]) / (int(row[4]) + int(row[5]))), *row[4:]] for row in COVERAGE]),
        "exponent": b"chr1\t5\t5\t1e-05\t1\t9999999\n",
        "merged": text(coverage(span=1, decimals=6)),
        "merged-from-zero": text(ZERO_BASED_CPGS),
        "merged-from-zero-at-the-start": b"chr1\t0\t2\t50\t1\t1\n" + text(ZERO_BASED_CPGS),
        "comment": b"# Synthetic data\n" + text(COVERAGE),
        "unusual-names": text([["gi|9626372|ref|NC_001422.1|", *row[1:]] for row in COVERAGE[:6]]),
        "windows": text(COVERAGE, end="\r\n"),
        "no-final-newline": text(COVERAGE).removesuffix(b"\n"),
    },
    clean=["bismark", "six-decimals", "two-decimals", "no-decimals", "seventeen-digits", "merged", "merged-from-zero", "unusual-names"],
    defects=[
        _COVERAGE.made("columns", "five", text([row[:5] if row is COVERAGE[3] else row for row in COVERAGE]), line=4),
        _COVERAGE.made("columns", "blanks", text(COVERAGE[:3]) + b"chr1 999 999 50 1 1\n" + text(COVERAGE[4:]), line=4),
        _COVERAGE.made("columns", "blank-lines", text(COVERAGE) + b"\n\n", line=25),
        _COVERAGE.made("columns", "comment-inside", text(COVERAGE[:3]) + b"# c\n" + text(COVERAGE[3:]), line=4),
        _COVERAGE.made("header", "names", b"chr\tstart\tend\tpct\tm\tu\n" + text(COVERAGE), line=1),
        _COVERAGE.made("header", "track", b"track type=bedGraph\n" + text(COVERAGE), line=1, name="line.cov"),
        _COVERAGE.made("comment", "synthetic", b"# synthetic data\n" + text(COVERAGE), line=1),
        _COVERAGE.cells("chromosome", "control", 24, "chromosome", c1="chr\x01"),
        _COVERAGE.cells("chromosome", "empty", 24, "chromosome", c1=""),
        _COVERAGE.made("chromosome", "first-empty", text(with_cells(COVERAGE[:6], 1, c1="")[:1]), line=1),
        *[_COVERAGE.cell("position", 2, value) for value in ("1e1", "-4", "x", "1.0", "")],
        _COVERAGE.cell("position", 3, ""),
        _COVERAGE.cells("position", "zero", 1, "start", c2="0", c3="0"),
        _COVERAGE.cells("span", "other", BROKEN, "end", c3=str(int(COVERAGE[3][1]) + 1)),
        _COVERAGE.made("span", "before", b"chr1\t5\t4\t50\t1\t1\n", line=1, column="end"),
        _COVERAGE.made("span", "zero-cpg-among-others", text([*COVERAGE[:5], *ZERO_BASED_CPGS[5:6], *COVERAGE[6:]]), line=6, column="end"),
        _COVERAGE.made("span", "other-among-zero-cpgs", text([*ZERO_BASED_CPGS[:5], *COVERAGE[5:6], *ZERO_BASED_CPGS[6:]]), line=6, column="end"),
        _COVERAGE.made("span", "longer", b"chr1\t5\t9\t50\t1\t1\n", line=1, column="end"),
        *[_COVERAGE.cell("percentage", 4, value) for value in ("100.5", "0,5", "-1", "nan", "", "1.")],
        *[_COVERAGE.cell("count", 5, value) for value in ("-1", "1.5", "")],
        _COVERAGE.cell("count", 6, "x"),
        _COVERAGE.cells("uncovered", "both", BROKEN, "methylated", c4="0", c5="0", c6="0"),
        _COVERAGE.cells("percentage-disagrees", "other", BROKEN, "percentage", c4="12.6", c5="1", c6="7"),
        _COVERAGE.cells("percentage-disagrees", "fraction", BROKEN, "percentage", c4="0.5", c5="1", c6="1"),
        _COVERAGE.made("unsorted", "pair", text([*COVERAGE[:2], COVERAGE[3], COVERAGE[2], *COVERAGE[4:]]), line=4),
        _COVERAGE.made("unsorted", "twice", text([*COVERAGE[:3], COVERAGE[2], *COVERAGE[3:]]), line=4, column="start"),
        _COVERAGE.made("chromosome-split", "tail", text([*COVERAGE, _position(COVERAGE[0], 99999)]), line=25),
        _COVERAGE.made("past-end", "declared", text([_position(COVERAGE[0], 248956423)]), line=1, declared=GRCH38),
        *_COVERAGE.whole(misfit=text([_position(COVERAGE[0], 249250622)])),
    ],
)  # fmt: skip

REPORT = report()
EVERY = report(every=True)
_REPORT = _Table(
    "bismark-report", REPORT, ("chromosome", "position", "strand", "methylated", "unmethylated", "context", "trinucleotide")
)  # fmt: skip
COVERED = [[*row[:3], "1", "2", *row[5:]] for row in REPORT]
FURTHER = [[*row, row[6] + "A", row[6] + "AC"] for row in EVERY]

BISMARK_CPG_REPORT = FormatCases(
    format="bismark-cpg-report",
    file="line.CpG_report.txt",
    valid={
        "cpg": text(REPORT),
        "every-context": text(EVERY),
        "more-columns": text(FURTHER),
        "most-columns": text([[*row, ""] for row in FURTHER]),
        "first-base": text([["chrM", "1", "+", "0", "0", "CG", "CGA"], ["chrM", "9", "+", "1", "0", "CHG", "CAG"]]),
        "threshold": text([row for number, row in enumerate(COVERED) if number % 3]),
        "gpc": text([["chr1", "7", "-", "1", "2", "CHH", "CAT"], ["chr1", "8", "+", "1", "2", "CHG", "CAG"]]),
        "comment": b"# synthetic\n" + text(REPORT),
        "windows": text(REPORT, end="\r\n"),
    },
    clean=["cpg", "every-context", "more-columns", "most-columns", "first-base", "threshold", "gpc"],
    defects=[
        _REPORT.made("columns", "six", text([*COVERED[:8], COVERED[8][:6], *COVERED[9:]]), line=9),
        _REPORT.made("columns", "blank-line", text(REPORT) + b"\n\n", line=25),
        _REPORT.made("chromosome", "control", text([["c\x01", *row[1:]] for row in REPORT[:4]]), line=1, column="chromosome"),
        *[_REPORT.cell("position", 2, value) for value in ("x", "-1", "1.5")],
        _REPORT.cells("position", "zero", 1, "position", c2="0"),
        *[_REPORT.cell("strand", 3, value) for value in (".", "", "F")],
        *[_REPORT.cell("count", column, value) for column in (4, 5) for value in ("-1", "2.0", "")],
        *[_REPORT.cell("context", 6, value) for value in ("CpG", "cg", "CNN", "")],
        *[_REPORT.cell("trinucleotide", 7, value) for value in ("CG", "GCG", "cga", "CGXA", "", "CG1")],
        _REPORT.made("trinucleotide", "longer", text([[*row, "C.", ""] for row in REPORT]), line=1),
        _REPORT.cell("context-disagrees", 6, "CHG"),
        _REPORT.cell("context-disagrees", 7, "CAG", column="context"),
        _REPORT.made("context-disagrees", "chh", text([["chr1", "7", "-", "1", "2", "CHH", "CAG"]]), line=1),
        _REPORT.made("unsorted", "twice", text([*EVERY[:2], EVERY[1], *EVERY[2:]]), line=3, column="position"),
        _REPORT.made("chromosome-split", "tail", text([*REPORT, *([["chr1", "99999", *REPORT[0][2:]]])]), line=25),
        _REPORT.made("strand-missing", "second", text([*REPORT[:5], *REPORT[6:]]), line=5, column="position"),
        _REPORT.made("strand-missing", "first", text([*REPORT[:4], *REPORT[5:]]), line=5, column="position"),
        _REPORT.made("strand-missing", "last", text(REPORT[:-1]), line=23, column="position"),
        _REPORT.made("strand-missing", "moved", text(with_cells(REPORT, 6, c2=str(int(REPORT[5][1]) + 1))), line=5),
        _REPORT.made("comment", "synthetic", b"# synthetic\n" + text(REPORT), line=1),
        _REPORT.made("past-end", "declared", text([["chrM", "16570", "+", "1", "2", "CHH", "CAT"]]), line=1, declared=GRCH38),
        *_REPORT.whole(misfit=text([["chr1", "249250622", "+", "1", "2", "CHH", "CAT"]])),
    ],
)  # fmt: skip

FORMATS = [BED, BEDGRAPH, BEDMETHYL, BISMARK_COV, BISMARK_CPG_REPORT]
