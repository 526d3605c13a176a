"""Tables of intervals as a whole: what is sniffed, both paths on long files, derived tables, independent readers."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pyarrow.csv
import pysam
import pytest

from catalog.columns import read_table
from catalog.findings import Level, Subject
from catalog.formats.inspect import Manner, inspect_file, sniff_bytes
from catalog.formats.intervals.bed_shape import Shape, shape_of, stated_by_comment, stated_by_name
from catalog.formats.intervals.modifications import modification_of
from catalog.formats.protocol import Declared
from tests.formats.defects import codes, inspect_bytes
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

LINES = 9000
LONG: dict[str, Callable[[], list[Row]]] = {
    "a.bed": lambda: regions(LINES, 6),
    "b.bed": lambda: regions(LINES, 9),
    "c.bedgraph": lambda: values(LINES),
    "d.bismark.bedGraph": lambda: percentages(LINES),
    "e.bedmethyl": lambda: modifications(LINES // 3, names=("h", "m", "a,DRACH,2")),
    "f.bedmethyl": lambda: modifications(LINES, 11, ("m",)),
    "g.cov": lambda: coverage(LINES),
    "h.CX_report.txt": lambda: report(LINES // 3, every=True),
}


def judged(path: Path, *, is_fast: bool, level: Level = Level.BANK, tables: Path | None = None) -> Subject:
    manner = Manner(is_fast=is_fast) if tables is None else Manner(is_fast=is_fast, tables=tables)
    return inspect_file(path, shown=path.name, level=level, manner=manner)


def mutated(rows: list[Row], chance: random.Random) -> bytes:
    """A long file with a few lines lost, doubled or changed in one character."""
    lines = text(rows).split(b"\n")
    for _ in range(chance.randint(1, 30)):
        place = chance.randrange(len(lines))
        kind = chance.random()
        if kind < 0.15:
            del lines[place]
        elif kind < 0.3:
            lines.insert(place, lines[place])
        elif lines[place]:
            line = bytearray(lines[place])
            line[chance.randrange(len(line))] = chance.choice(b"0123456789\t \r.,+-eChm#")
            lines[place] = bytes(line)
    return b"\n".join(lines)


@pytest.mark.parametrize("name", LONG)
def test_long_file_when_read_in_both_ways_then_they_agree(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(text(LONG[name]()))
    plain, fast = judged(path, is_fast=False), judged(path, is_fast=True)
    assert codes(fast) == []
    assert fast.to_json() == plain.to_json()
    assert fast.evidence == plain.evidence


@pytest.mark.slow
@pytest.mark.parametrize("name", LONG)
def test_long_file_when_damaged_then_both_ways_agree(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    rows = LONG[name]()
    path = tmp_path / name
    for number in range(12):
        path.write_bytes(mutated(rows, chance))
        level = Level.SPEC if number % 3 else Level.BANK
        plain, fast = judged(path, is_fast=False, level=level), judged(path, is_fast=True, level=level)
        assert fast.to_json() == plain.to_json()
        assert fast.evidence == plain.evidence


@pytest.mark.parametrize("name", ["e.bedmethyl", "f.bedmethyl", "g.cov", "h.CX_report.txt"])
def test_derived_table_when_written_in_both_ways_then_rows_are_those_of_the_file(tmp_path: Path, name: str) -> None:
    rows = LONG[name]()
    (tmp_path / name).write_bytes(text(rows))
    made = []
    for is_fast in (False, True):
        folder = tmp_path / str(is_fast)
        assert judged(tmp_path / name, is_fast=is_fast, tables=folder).valid
        made.append(read_table(folder / f"{name}.methylation.parquet").to_pylist())
    assert made[0] == made[1]
    assert [each["chrom"] for each in made[0]] == [row[0] for row in rows]
    kinds: dict[str, Callable[[list[str]], tuple[object, ...]]] = {
        "e": lambda row: (int(row[1]), int(row[2]), row[5], row[3][0], int(row[11]), int(row[9]) - int(row[11])),
        "f": lambda row: (int(row[1]), int(row[2]), row[5], None, *_share(int(row[9]), float(row[10]))),
        "g": lambda row: (int(row[1]) - 1, int(row[2]), None, "C", int(row[4]), int(row[5])),
        "h": lambda row: (int(row[1]) - 1, int(row[1]), row[2], "C", int(row[3]), int(row[4])),
    }
    wanted = kinds[name[0]]
    columns = ("start", "end", "strand", "code", "modified", "unmodified")
    assert [tuple(each[column] for column in columns) for each in made[0]] == [wanted(row) for row in rows]
    assert {each["context"] for each in made[0]} == ({"CG", "CHG", "CHH"} if name[0] == "h" else {None})


def _share(calls: int, percentage: float) -> tuple[int, int]:
    modified = int(calls * percentage / 100 + 0.5)
    return modified, calls - modified


def test_bed_when_read_by_htslib_then_lengths_agree(tmp_path: Path) -> None:
    rows = regions(500, 12)
    subject = inspect_bytes(tmp_path, "a.bed", text(rows))
    path = tmp_path / "a.bed.gz"
    pysam.tabix_compress(str(tmp_path / "a.bed"), str(path))
    pysam.tabix_index(str(path), preset="bed")
    with pysam.TabixFile(str(path), parser=pysam.asBed()) as stream:
        spans = [(each.contig, each.start, each.end) for each in stream.fetch()]
    assert subject.facts["bases"] == subject.facts["covered_bases"] == sum(end - start for _, start, end in spans)
    assert subject.facts["contigs"] == list(dict.fromkeys(contig for contig, _, _ in spans))
    assert (subject.facts["records"], subject.facts["form"]) == (len(spans), "BED12")


@pytest.mark.parametrize(("name", "modified", "calls"), [("e.bedmethyl", 11, 9), ("g.cov", 4, None)])
def test_methylation_when_read_by_arrow_then_sums_agree(
    tmp_path: Path, name: str, modified: int, calls: int | None
) -> None:
    content = text(LONG[name]())
    options = {
        "read_options": pyarrow.csv.ReadOptions(autogenerate_column_names=True),
        "parse_options": pyarrow.csv.ParseOptions(delimiter="\t", quote_char=False),
    }
    table = pyarrow.csv.read_csv(io.BytesIO(content), **options)
    columns = [table.column(number).to_pylist() for number in (modified, calls or 5)]
    total = sum(columns[1]) if calls else sum(map(sum, columns))
    facts = inspect_bytes(tmp_path, name, content).facts
    assert facts["mean_coverage"] == round(total / table.num_rows, 4)
    if calls is None:
        assert facts["mean_methylation_percent"] == round(100 * sum(columns[0]) / total, 4)


def test_bed_when_overlapping_then_bases_are_counted_once(tmp_path: Path) -> None:
    content = b"chr1\t0\t100\nchr1\t50\t60\nchr1\t90\t150\nchr2\t5\t5\n"
    target = Declared(modality="wes")
    subject = inspect_bytes(tmp_path, "targets.bed", content, declared=target)
    assert {name: subject.facts[name] for name in ("bases", "covered_bases", "overlapping_bases", "is_target")} == {
        "bases": 170, "covered_bases": 150, "overlapping_bases": 20, "is_target": True,
    }  # fmt: skip
    assert codes(subject) == ["bed-target-overlap", "bed-empty-interval"]
    assert codes(inspect_bytes(tmp_path, "regions.bed", content)) == ["bed-empty-interval"]
    unsorted = inspect_bytes(tmp_path, "regions.bed", b"chr1\t50\t60\nchr1\t0\t9\n")
    assert "covered_bases" not in unsorted.facts


def test_bedgraph_when_of_bismark_then_percentages_are_counted(tmp_path: Path) -> None:
    content = b"track type=bedGraph\n" + text(percentages(50))
    subject = inspect_bytes(tmp_path, "line.bismark.bedGraph", content)
    assert (subject.format, codes(subject)) == ("bedgraph", [])
    histogram = subject.facts["methylation_histogram"]
    assert isinstance(histogram, list)
    assert sum(histogram) == 50


def test_positions_when_on_no_known_assembly_then_a_bank_is_told_once(tmp_path: Path) -> None:
    # Behind the end of chr1 in T2T and GRCh38, not in GRCh37; of chr3 in GRCh37 and GRCh38, not in T2T.
    content = b"chr1\t5\t249000000\nchr3\t5\t200000000\n"
    subject = inspect_bytes(tmp_path, "a.bed", content)
    assert [(each.code, each.got) for each in subject.findings] == [("bed-misfit", "chr3:200000000")]
    assert subject.facts["fits_assemblies"] == []
    subject = inspect_bytes(tmp_path, "a.bed", content, declared=Declared(assembly="hg19"))
    assert [(each.code, each.line, each.expected) for each in subject.findings] == [("bed-past-end", 2, "GRCh37")]


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.bed", text(regions(9, 6)), "bed"),
        ("regions", text(regions(9, 6)), "bed"),
        ("a.txt", text(regions(9, 6)), "text"),
        ("a.bed", text(regions(9, 11)).replace(b",", b""), "bed"),
        ("a.bed", b"broken", "bed"),
        ("a.narrowPeak", b"broken", "bed"),
        ("a.bed", b"\x6c\x1b\x01\xff", "plink-bed"),
        ("a.bed", text(modifications(9)), "bedmethyl"),
        ("a.bed", text(modifications(9, 11)), "bedmethyl"),
        ("a.bed", text(modifications(9)).replace(b"\t", b" "), "bedmethyl"),
        ("a.bedMethyl", b"broken", "bedmethyl"),
        ("a.bdg", b"broken", "bedgraph"),
        ("a.txt", b"track type=bedGraph\n", "bedgraph"),
        ("a.txt", b"chr1\t5\t9\t0.5\n" * 3, "bedgraph"),
        ("a.bed", b"track type=bedGraph\nchr1\t5\t9\t0.5\n", "bed"),
        ("a.txt", b"browser hide all\n#c\ntrack name=a type=bedGraph\nchr1 5 9 1\n", "bedgraph"),
        ("a.txt", b"chr1\t5\t9\t1e-5\nchr1\t9\t11\t3\n", "bedgraph"),
        ("a.bedgraph", b"chr1\t5\t9\t1\n\0\n", "bedgraph"),
        ("a.bedmethyl.bed", b"chr1\t5\t6\tm\n", "bedmethyl"),
        ("a.bed", text([row[: 18 - number] for number, row in enumerate(modifications(1))]), "bedmethyl"),
        ("a.bed", b"chr1\t5\t9\ttx1\t0\t+\t5\t9\t0\t1\t4\t0" + b"\t1" * 6 + b"\n", "bed"),
        ("a.cov", b"chr1\t5\t5\t50\t1\t1\n\0", "bismark-cov"),
        ("a.CpG_report.txt", b"\0", "bismark-cpg-report"),
        ("a.tsv", b"chr1\t5\t9\tx\n" * 3, "table"),
    ],
)
def test_sniff_when_content_or_name_tells_then_is_that_format(name: str, content: bytes, wanted: str) -> None:
    found = sniff_bytes(name, content)
    assert found is not None
    assert found.name == wanted


@pytest.mark.parametrize("columns", [11, 18])
@pytest.mark.parametrize(
    "cell",
    [{"c2": "x"}, {"c3": "9999999"}, {"c5": "many"}, {"c6": "?"}, {"c7": "0"}, {"c8": "x"}, {"c9": "red"}, {"c10": "1e3"},
     {"c11": "half"}],
)  # fmt: skip
def test_sniff_when_the_only_calls_are_broken_then_are_calls_all_the_same(columns: int, cell: dict[str, str]) -> None:
    rows = [row for row in modifications(9, columns) if row[4] not in {"0", "1000"}][:1]
    found = sniff_bytes("a.bed", text(with_cells(rows, 1, **cell)))
    assert found is not None
    assert found.name == "bedmethyl"


@pytest.mark.parametrize(
    "more",
    [
        ["9", "0,64,128", "7", "33.3"],
        ["9", "0", "2", "3"],
        ["9", "0", "2", "4,1,", "0,8,", "1", "2", "3", "4", "5", "6"],
        ["6", "0", "1", "1,", "0,", "1", "2", "3", "4", "5", "6"],
    ],
)
def test_sniff_when_regions_have_columns_of_their_own_then_are_no_calls(more: list[str]) -> None:
    content = text([["chr1", "5", more[0], "tx1", "13", "+", "5", *more]])
    found = sniff_bytes("a.bed", content)
    assert found is not None
    assert found.name == "bed"


@pytest.mark.parametrize("cell", [{"c5": "many"}, {"c6": "?"}, {"c7": "x"}, {"c8": "0"}, {"c9": "red"}, {"c10": "x"}])
def test_bed_when_the_only_line_is_broken_then_columns_are_not_taken_for_custom_ones(
    tmp_path: Path, cell: dict[str, str]
) -> None:
    row = ["chr1", "5", "25", "tx1", "13", "+", "5", "25", "0,64,128", "2", "4,10", "0,10", "custom"]
    assert codes(inspect_bytes(tmp_path, "a.bed", text([row]))) == []
    assert codes(inspect_bytes(tmp_path, "a.bed", text(with_cells([row], 1, **cell)))) != []


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([["chr1", "5", "5", "50", "1", "1"], ["chr1", "9", "9", "half", "1", "1"]], "bismark-cov"),
        ([["chr1", "5", "+", "1", "0", "CG", "CGA"], ["chr1", "6", "x", "1", "0", "CG", "CGA"]], "bismark-cpg-report"),
        ([["chrom", "start", "end", "percent", "a", "b"], ["chr1", "9", "9", "50", "1", "1"]], "table"),
    ],
)
def test_sniff_when_a_line_among_the_first_is_broken_then_most_of_them_decide(
    rows: list[list[str]], wanted: str
) -> None:
    found = sniff_bytes("a.txt", text(rows))
    assert found is not None
    assert found.name == wanted


@pytest.mark.parametrize(
    ("name", "standard"),
    [("a.bed", 0), ("a.bed4", 4), ("a.bed6+4.gz", 6), ("a.bed12+.bed", 12), ("a.narrowPeak", 6), ("a.gappedPeak", 12), ("a.bed10", 0)],
)  # fmt: skip
def test_shape_when_stated_by_name_then_is_known(name: str, standard: int) -> None:
    assert stated_by_name(name) == standard


@pytest.mark.parametrize(
    ("comment", "columns", "standard"),
    [
        (b"#chrom\tstart\tend\tname\tscore\tstrand", 6, 6),
        (b"#chrom\tchromStart\tchromEnd\tgene\ttranscript", 5, 4),
        (b"# chrom start end", 3, 0),
        (b"#chr start end x strand", 5, 4),
        (b"#chr start end", 5, 0),
        (b"#five words that say nothing", 5, 0),
    ],
)
def test_shape_when_stated_by_comment_then_is_known(comment: bytes, columns: int, standard: int) -> None:
    assert stated_by_comment(comment, columns) == standard


@pytest.mark.parametrize(
    ("line", "count", "wanted"),
    [
        (b"chr1 1 9 n x y", 1, Shape(6, 0)),
        (b"chr1 1 9 n x y", 60, Shape(4, 2, is_guessed=True)),
        (b"chr1 1 9 n 5 + 8.5 7.1 6 1", 1, Shape(6, 4)),
        (b"chr1 1 9 n 5 + 800 900 6 1", 1, Shape(6, 4)),
        (b"chr1 1 9 n 5 + 1 9 0 1", 1, Shape(10, 0)),
        (b"chr1 1 9 n 5 + 1 9 0 1 8,", 1, Shape(11, 0)),
        (b"chr1 1 9 n 5 + 1 9 0 1 8, 0, mine", 1, Shape(12, 1)),
        (b"chr1 1 9 n 5 + 1 9 0 1 8, z mine", 1, Shape(9, 4)),
    ],
)
def test_shape_when_told_from_lines_then_few_lines_are_taken_for_bed(line: bytes, count: int, wanted: Shape) -> None:
    fields = line.split()
    assert shape_of(len(fields), 0, [fields] * count) == wanted


@pytest.mark.parametrize("name", [b"m", b"h", b"C", b"76792", b"m,CG,0", b"a,DRACH,2", b"-,m,C", b"m,h,C"])
def test_modification_when_named_as_modkit_does_then_is_known(name: bytes) -> None:
    modification = modification_of(name)
    assert modification is not None
    assert modification.is_known
    assert modification.context == ("CG" if name == b"m,CG,0" else None)
