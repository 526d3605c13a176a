"""Derived tables of matrices, arrays, filesets and copy numbers: the rows of the file, sorted, on both paths, or none."""

from __future__ import annotations

import json
import math
import os
import random
import re
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from catalog import columns
from catalog.columns import ROW_GROUP_ROWS
from catalog.findings import Subject
from catalog.formats.arrays.final_report_rows import ReportRows
from catalog.formats.expression import gene_rows
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.plink import fileset_rows
from catalog.row_order import chromosome_order
from tests.docs_pages import page, section, table_rows
from tests.formats.illumina_files import counted, gtc, gtc_fields, report
from tests.formats.plink_files import bed, bim, fam
from tests.formats.plink_files import rows as fileset

GENES = 3_000
SCHEMAS = sorted((Path(__file__).parents[2] / "schemas/derived").glob("*.json"))


def judged(path: Path, folder: Path, *, is_fast: bool = False) -> Subject:
    return inspect_file(path, shown=path.name, manner=Manner(is_fast=is_fast, tables=folder))


def rows_of(subject: Subject) -> list[dict[str, Any]]:
    """The rows of the only table that was written."""
    [path] = subject.tables
    rows: list[dict[str, Any]] = pyarrow.parquet.read_table(path).to_pylist()
    return rows


def written(folder: Path) -> list[str]:
    """Everything in the folder of tables, hidden names too."""
    return sorted(each.name for each in folder.iterdir())


def matrix(chance: random.Random, *, whole: bool, samples: int = 3) -> list[list[str]]:
    """Names, then rows; genes in no order, values of every form."""
    genes = [f"ENSG{number:011d}.{number % 9}" for number in chance.sample(range(90_000), GENES)]
    values = ("0", "17", "007", str(2**53), "123456789012345678") if whole else ("0", "0.1", "1e-5", "12.", ".5", "3E2")
    decimals = () if whole else (repr(chance.random()), f"{chance.random():.18f}", "0.30000000000000004", "8.5e-30")
    rows = [[gene, *(chance.choice((*values, *decimals)) for _ in range(samples))] for gene in genes]
    rows.insert(7, ["__no_feature", *("5" for _ in range(samples))])
    return [["gene_id", *(f"S{number}" for number in range(samples, 0, -1))], *rows]


def text(rows: list[list[str]], end: str = "\n") -> bytes:
    return "".join("\t".join(row) + end for row in rows).encode()


@pytest.mark.parametrize("is_spilled", [False, True])
@pytest.mark.parametrize(("name", "unit"), [("a.counts.tsv", "count"), ("a.tpm.tsv", "TPM")])
def test_expression_when_written_in_both_ways_then_values_are_sorted_by_gene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, unit: str, *, is_spilled: bool
) -> None:
    if is_spilled:
        monkeypatch.setattr(gene_rows, "_MOST_HELD_BYTES", 1 << 12)
        monkeypatch.setattr(gene_rows, "_WRITTEN_BYTES", 1 << 10)
    header, *rows = matrix(random.Random(name), whole=unit == "count")
    path = tmp_path / name
    path.write_bytes(text([header, *rows], "\r\n" if is_spilled else "\n"))
    wanted = [
        {"gene": row[0], "sample": sample, "value": float(value), "unit": unit}
        for row in sorted(rows)
        for sample, value in zip(header[1:], row[1:], strict=True)
        if row[0] != "__no_feature"
    ]
    for is_fast in (False, True):
        folder = tmp_path / str(is_fast)
        assert rows_of(judged(path, folder, is_fast=is_fast)) == wanted
        assert written(folder) == [f"{name}.expression.parquet"]


def test_expression_when_wide_then_row_groups_are_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.counts.tsv"
    path.write_bytes(text(matrix(random.Random(1), whole=True, samples=90)))
    [table] = judged(path, tmp_path / "tables", is_fast=True).tables
    found = pyarrow.parquet.ParquetFile(table).metadata
    sizes = [found.row_group(number).num_rows for number in range(found.num_row_groups)]
    assert (sum(sizes), len(sizes)) == (90 * GENES, math.ceil(90 * GENES / ROW_GROUP_ROWS))
    assert all(ROW_GROUP_ROWS - 90 < size <= ROW_GROUP_ROWS for size in sizes[:-1])


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda each: each.stem)
def test_table_when_written_then_every_column_is_compressed_with_zstd(tmp_path: Path, schema: Path) -> None:
    values = {"string": "a", "dictionary": "a", "int32": 1, "float32": 0.5, "float64": 0.5}
    fields = json.loads(schema.read_text(encoding="utf-8"))["fields"]
    sink = columns.TableSink(tmp_path / "a.parquet", schema.stem)
    sink.write({each["name"]: [values[each["x-arrow"]]] * 5 for each in fields})
    sink.close(keep=True)
    group = pyarrow.parquet.ParquetFile(sink.path).metadata.row_group(0)
    assert [group.column(place).compression for place in range(group.num_columns)] == ["ZSTD"] * len(fields)


def test_expression_when_longer_than_an_annotation_then_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gene_rows, "MOST_GENES", 100)
    path = tmp_path / "a.counts.tsv"
    path.write_bytes(text(matrix(random.Random(1), whole=True)))
    for is_fast in (False, True):
        subject = judged(path, tmp_path / "tables", is_fast=is_fast)
        assert (subject.valid, subject.tables, written(tmp_path / "tables")) == (True, (), [])


def by_place(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows in the order of their places; unknown ones last, equal ones as they come."""

    def key(row: dict[str, Any]) -> tuple[object, ...]:
        name, position = row["chrom"], row.get("pos", row.get("start"))
        return name is None, *chromosome_order(name or ""), math.inf if position is None else position

    return sorted(rows, key=key)


def single(text: str) -> float | None:
    """A number as 32 bits keep it; None where it is not finite."""
    value = float(text)
    found: float = struct.unpack("f", struct.pack("f", value))[0] if math.isfinite(value) else math.nan
    return found if math.isfinite(value) else None


@pytest.mark.parametrize("is_many", [False, True])
@pytest.mark.parametrize("is_comma", [False, True])
def test_final_report_when_written_then_rows_are_sorted_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_many: bool, is_comma: bool
) -> None:
    if not is_many:
        monkeypatch.setattr(ReportRows, "take_many", lambda self, lines: False)
    given = report(5_000, ("KSCBi005-A", "KSCBi005-B"))
    for number in range(0, 9_000, 77):
        given.set(number, "Position", "0").set(number, "Chr", "0")
    given.separator = "," if is_comma else "\t"
    (tmp_path / "a.txt").write_bytes(given.written())
    wanted = []
    for cells in given.rows:
        row = dict(zip(given.columns, cells, strict=True))
        first, second = (None if row[f"Allele{at} - Forward"] == "-" else row[f"Allele{at} - Forward"] for at in (1, 2))
        wanted.append(
            {
                "probe": row["SNP Name"], "chrom": row["Chr"], "pos": int(row["Position"]) or None,
                "sample": row["Sample ID"], "allele1": first, "allele2": second, "score": single(row["GC Score"]),
                "b_allele_frequency": single(row["B Allele Freq"]), "log_r_ratio": single(row["Log R Ratio"]),
            }
        )  # fmt: skip
    assert rows_of(judged(tmp_path / "a.txt", tmp_path / "tables")) == by_place(wanted)
    assert written(tmp_path / "tables") == ["a.txt.genotypes.parquet"]


def test_final_report_when_longer_than_a_block_then_blocks_are_sorted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "ROW_GROUP_ROWS", 500)
    described = {**columns.derived_schema("genotypes-1"), "x-sorted-rows": 2_000}
    monkeypatch.setattr(columns, "derived_schema", lambda name: described)
    (tmp_path / "a.txt").write_bytes(report(3_000).written())
    subject = judged(tmp_path / "a.txt", tmp_path / "tables")
    rows = rows_of(subject)
    assert len(rows) == 3_000
    assert [rows[:2_000], rows[2_000:]] == [by_place(rows[:2_000]), by_place(rows[2_000:])]
    found = pyarrow.parquet.ParquetFile(subject.tables[0]).metadata
    assert [found.row_group(number).num_rows for number in range(found.num_row_groups)] == [500] * 6


def test_matrix_report_when_written_then_each_cell_is_a_row(tmp_path: Path) -> None:
    given = report(3, ("S1", "S2"))
    given.header["Num Samples"] = "2"
    given.columns, given.rows = ["", "S1", "S2"], [["rs1", "AG|0.9", "--|0.5"], ["rs2", "NC", "II"], ["rs3", "AA", "-"]]
    (tmp_path / "a.txt").write_bytes(given.written())
    subject = judged(tmp_path / "a.txt", tmp_path / "tables")
    rows = [tuple(row[name] for name in ("probe", "sample", "allele1", "allele2", "score")) for row in rows_of(subject)]
    assert rows == [
        ("rs1", "S1", "A", "G", single("0.9")), ("rs1", "S2", None, None, 0.5),
        ("rs2", "S1", None, None, None), ("rs2", "S2", "I", "I", None),
        ("rs3", "S1", "A", "A", None), ("rs3", "S2", None, None, None),
    ]  # fmt: skip


def test_gtc_when_written_then_snps_are_numbers_of_the_manifest(tmp_path: Path) -> None:
    codes = [0, 1, 2, 3, 4]
    fields = gtc_fields(5, f1002=counted("B", codes), f1003=struct.pack("<i", 5) + b"--AAAGGG\0\0")
    (tmp_path / "a.gtc").write_bytes(gtc(fields, 5).content)
    rows = rows_of(judged(tmp_path / "a.gtc", tmp_path / "tables"))
    assert [(row["probe"], row["sample"], row["chrom"]) for row in rows] == [
        (str(number), "KSCBi005-A", None) for number in range(1, 6)
    ]
    calls = [(None, None), ("A", "A"), ("A", "G"), ("G", "G"), (None, None)]
    assert [(row["allele1"], row["allele2"]) for row in rows] == calls
    assert [row["score"] for row in rows] == list(struct.unpack("<5f", fields[1004][4:]))
    assert rows[0]["b_allele_frequency"] is None
    assert [row["log_r_ratio"] for row in rows] == list(struct.unpack("<5f", fields[1013][4:]))


def test_gtc_when_without_base_calls_then_letters_are_told(tmp_path: Path) -> None:
    fields = gtc_fields(4, 3, f1002=counted("B", [3, 2, 1, 0]))
    del fields[1003]
    (tmp_path / "a.gtc").write_bytes(gtc(fields, 4, 3).content)
    rows = rows_of(judged(tmp_path / "a.gtc", tmp_path / "tables"))
    assert [(row["allele1"], row["allele2"]) for row in rows] == [("B", "B"), ("A", "B"), ("A", "A"), (None, None)]


def write_fileset(folder: Path, variants: int, samples: int) -> list[list[int | None]]:
    genotypes = fileset(variants, samples)
    (folder / "a.bed").write_bytes(bed(genotypes))
    (folder / "a.bim").write_text(bim(variants))
    (folder / "a.fam").write_text(fam(samples))
    return genotypes


@pytest.mark.parametrize(("variants", "samples"), [(1, 1), (40, 5), (900, 4), (90, 1001)])
def test_fileset_when_its_files_are_beside_then_genotypes_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variants: int, samples: int
) -> None:
    monkeypatch.setattr(fileset_rows, "_ROWS_AT_ONCE", 1000)
    genotypes = write_fileset(tmp_path, variants, samples)
    names = [line.split()[1] for line in fam(samples).splitlines()]
    wanted = []
    for line, called in zip(bim(variants).splitlines(), genotypes, strict=True):
        chrom, probe, _, position, first, second = line.split()
        for sample, genotype in zip(names, called, strict=True):
            alleles = [(first, first), (first, second), (second, second)][genotype] if genotype is not None else "00"
            one, two = (None if each == "0" else each for each in alleles)
            wanted.append((probe, chrom, int(position), sample, one, two, None, None, None))
    subject = judged(tmp_path / "a.bed", tmp_path / "tables")
    assert [tuple(row.values()) for row in rows_of(subject)] == wanted
    assert written(tmp_path / "tables") == ["a.bed.genotypes.parquet"]


def test_fileset_when_names_repeat_in_families_then_families_are_told(tmp_path: Path) -> None:
    write_fileset(tmp_path, 2, 2)
    (tmp_path / "a.fam").write_text("F1 S1 0 0 1 -9\nF2 S1 0 0 2 -9\n")
    rows = rows_of(judged(tmp_path / "a.bed", tmp_path / "tables"))
    assert [row["sample"] for row in rows] == ["F1_S1", "F2_S1"] * 2


UNFIT: dict[str, Callable[[Path], object]] = {
    "no bim": lambda folder: (folder / "a.bim").unlink(),
    "no fam": lambda folder: (folder / "a.fam").unlink(),
    "a link": lambda folder: (folder / "a.fam").symlink_to((folder / "a.fam").rename(folder / "b")),
    "short bim": lambda folder: (folder / "a.bim").write_text(bim(39)),
    "long bim": lambda folder: (folder / "a.bim").write_text(bim(41)),
    "longer fam": lambda folder: (folder / "a.fam").write_text(fam(9)),
    "empty fam": lambda folder: (folder / "a.fam").write_text(""),
    "sample twice": lambda folder: (folder / "a.fam").write_text(fam(4) + fam(1)),
    "ragged bim": lambda folder: (folder / "a.bim").write_text(bim(40).replace("\t0\t", "\t", 1)),
    "no position": lambda folder: (folder / "a.bim").write_text(bim(40).replace("3000020", "3e5", 1)),
    "endless bim": lambda folder: (folder / "a.bim").write_bytes(b"x" * (2 << 20)),
    "sample-major": lambda folder: (folder / "a.bed").write_bytes(bed(fileset(5, 40), sample_major=True)),
    "padding": lambda folder: (folder / "a.bed").write_bytes((folder / "a.bed").read_bytes()[:-1] + b"\xff"),
}


@pytest.mark.parametrize("name", UNFIT)
def test_fileset_when_its_files_do_not_fit_then_no_table(tmp_path: Path, name: str) -> None:
    write_fileset(tmp_path, 40, 5)
    UNFIT[name](tmp_path)
    subject = judged(tmp_path / "a.bed", tmp_path / "tables")
    assert (subject.format, subject.tables, written(tmp_path / "tables")) == ("plink-bed", (), [])


CNV = (
    "band,type,copy_number,hotspot,chrom,start,end,assembly,markers,note\n"
    '20q11.21,gain,3,true,chr20,29420001,31200000,GRCh37,812,"a, b"\n'
    "1q,loss,1.5,,,,,,,\n"
    "Xp,loh,,,chrX,5,9,GRCh38,,\n"
    "1p,gain,4,,chr1,100,200,GRCh38,7,\n"
    "1p,gain,4,,chr1,11,20,GRCh38,7,\n"
)


def test_copy_numbers_when_written_then_starts_count_from_0(tmp_path: Path) -> None:
    (tmp_path / "cnv.csv").write_text(CNV)
    names = ("chrom", "start", "end", "band", "assembly", "sample", "copy_number", "kind", "markers")
    wanted = [
        ("chr1", 10, 20, "1p", "GRCh38", None, 4.0, "gain", 7),
        ("chr1", 99, 200, "1p", "GRCh38", None, 4.0, "gain", 7),
        ("chr20", 29420000, 31200000, "20q11.21", "GRCh37", None, 3.0, "gain", 812),
        ("chrX", 4, 9, "Xp", "GRCh38", None, None, "loh", None),
        (None, None, None, "1q", None, None, 1.5, "loss", None),
    ]
    for is_fast in (False, True):
        rows = rows_of(judged(tmp_path / "cnv.csv", tmp_path / str(is_fast), is_fast=is_fast))
        assert [tuple(row[name] for name in names) for row in rows] == wanted


@pytest.mark.parametrize(
    "row",
    ["1q,up,3,,,,,,,", "1q,gain,x,,,,,,,", "1q,gain,3,,1,0,5,,,", "1q,gain,3,,1,9,5,,,", "1q,gain,3,,1,1e3,2e3,,,"],
)
def test_copy_numbers_when_a_row_is_not_as_its_schema_then_no_table(tmp_path: Path, row: str) -> None:
    (tmp_path / "cnv.csv").write_text(f"{CNV}{row}\n")
    subject = judged(tmp_path / "cnv.csv", tmp_path / "tables")
    assert (subject.valid, subject.tables, written(tmp_path / "tables")) == (True, (), [])


BROKEN = {
    "a.counts.tsv": text([["gene_id", "S1"], ["SOX2", "5"], ["NANOG", "5.5"]]),
    "a.txt": report(20).set(19, "GC Score", "2").written(),
    "a.gtc": gtc(gtc_fields(3, f1002=counted("B", [0, 1, 99])), 3).content,
    "cnv.csv": f"{CNV}1q,gain\n".encode(),
}


@pytest.mark.parametrize("name", BROKEN)
def test_table_when_the_file_has_an_error_then_nothing_is_left(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(BROKEN[name])
    subject = judged(tmp_path / name, tmp_path / "tables")
    assert (subject.valid, subject.tables, written(tmp_path / "tables")) == (False, (), [])


@pytest.mark.parametrize("kind", [KeyboardInterrupt, OSError, pyarrow.ArrowInvalid])
def test_table_when_writing_fails_then_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise kind(28, "No space left on device")

    monkeypatch.setattr(pyarrow.parquet.ParquetWriter, "write_table", fail)
    path = tmp_path / "a.counts.tsv"
    path.write_bytes(text(matrix(random.Random(1), whole=True, samples=90)))
    folder = tmp_path / "tables"
    if kind is KeyboardInterrupt:
        with pytest.raises(KeyboardInterrupt):
            judged(path, folder)
    else:
        subject = judged(path, folder)
        [finding] = subject.findings
        assert (finding.code, str(folder) in finding.message) == ("file-table-not-written", True)
        assert (subject.valid, subject.tables) == (True, ())
        assert (subject.sha256, subject.facts) == ((whole := inspect_file(path)).sha256, whole.facts)
    assert written(folder) == []


@pytest.mark.parametrize(
    "content", [f"{CNV}1q,gain\n".encode(), b"\x00\xff" * 50, b""], ids=["error", "unknown", "empty"]
)
def test_table_when_its_file_has_an_error_now_then_the_older_one_is_removed_and_others_stay(
    tmp_path: Path, content: bytes
) -> None:
    path, folder = tmp_path / "cnv.csv", tmp_path / "tables"
    path.write_text(CNV)
    assert judged(path, folder).tables == (folder / "cnv.csv.cnv.parquet",)
    others = ["b.cnv.csv.cnv.parquet", "cnv.csv.notes.parquet"]
    for name in others:
        (folder / name).touch()
    path.write_bytes(content)
    assert (judged(path, folder).tables, written(folder)) == ((), others)


def test_table_when_its_folder_cannot_be_made_then_the_file_is_judged_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "cnv.csv").write_text(CNV)
    subject = judged(tmp_path / "cnv.csv", tmp_path / "cnv.csv/tables")
    assert ([each.code for each in subject.findings], subject.valid) == (["file-table-not-written"], True)
    assert (subject.tables, subject.bytes) == ((), len(CNV))


def test_table_when_the_disk_is_full_at_the_end_then_the_file_is_judged_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "cnv.csv").write_text(CNV)
    monkeypatch.setattr(os, "replace", fail)
    subject = judged(tmp_path / "cnv.csv", tmp_path / "tables")
    assert ([each.code for each in subject.findings], subject.valid) == (["file-table-not-written"], True)
    assert (subject.tables, written(tmp_path / "tables")) == ((), [])


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name is any bytes")
def test_table_when_the_name_is_not_utf_8_then_it_bears_it(tmp_path: Path) -> None:
    path = tmp_path / "a\udcff.counts.tsv"
    path.write_bytes(text([["gene_id", "S1"], ["SOX2", "5"]]))
    subject = judged(path, tmp_path / "tables\udcfe")
    assert (subject.findings, written(tmp_path / "tables\udcfe")) == ((), ["a\udcff.counts.tsv.expression.parquet"])
    with subject.tables[0].open("rb") as stream:
        assert pyarrow.parquet.read_table(stream).num_rows == 1


def test_table_when_a_process_was_killed_then_what_it_left_is_removed_in_time(tmp_path: Path) -> None:
    (tmp_path / "a.counts.tsv").write_bytes(text([["gene_id", "S1"], ["SOX2", "5"]]))
    folder = tmp_path / "tables"
    folder.mkdir()
    old, new = (folder / f".a.counts.tsv.expression.parquet.{letter * 32}" for letter in "ab")
    for each in (old, new):
        each.touch()
    os.utime(old, (time.time() - 3 * 86_400,) * 2)
    judged(tmp_path / "a.counts.tsv", folder)
    assert written(folder) == [new.name, "a.counts.tsv.expression.parquet"]


def test_tables_when_documented_then_columns_are_those_of_the_schemas() -> None:
    told = table_rows(section(page("validation"), "## Derived tables"))
    assert sorted(told.keys() - {"table", "---"}) == [path.stem for path in SCHEMAS]
    for path in SCHEMAS:
        schema = json.loads(path.read_text())
        assert schema["name"] == path.stem
        names = [field["name"] for field in schema["fields"]]
        assert re.findall(r"`([a-z0-9_]+)`", told[path.stem][-1]) == names
        assert set(schema["x-order"]) <= set(names)
        assert all({"title", "description", "type", "x-arrow"} <= field.keys() for field in schema["fields"])
