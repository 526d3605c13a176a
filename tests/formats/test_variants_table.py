"""The derived table of VCF and BCF: the same from both paths, and what another reader reads in the file."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from catalog import kernels
from catalog.columns import read_table
from catalog.findings import Level, Subject
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.vcf import rows, rows_fast
from tests.formats.vcf_examples import COLUMNS, info
from tests.formats.vcf_generator import LENGTHS, generate

PATHS = [False, True] if kernels.are_usable() else [False]
FILES = [(seed, 1 + seed % 5, (0, 1, 2, 3, 40)[seed // 2 % 5], seed % 6 == 5) for seed in range(20)]
NUMBERS = ("DP", "GQ")


def judged(path: Path, tables: Path, *, is_fast: bool) -> Subject:
    return inspect_file(path, level=Level.SPEC, manner=Manner(is_fast=is_fast, tables=tables))


def tables(path: Path) -> list[list[dict[str, Any]]]:
    """The rows of the table by each path, in the order of the file."""
    found = []
    for is_fast in PATHS:
        folder = path.parent / f"tables-{is_fast}"
        subject = judged(path, folder, is_fast=is_fast)
        assert subject.valid, subject.findings
        assert [each.name for each in subject.tables] == [f"{path.name}.variants.parquet"]
        found.append(read_table(subject.tables[0]).to_pylist())
    return found


def one(path: Path) -> list[dict[str, Any]]:
    """The rows of the table, which are the same by each path."""
    found = tables(path)
    assert found[0] == found[-1]
    return found[0]


def header(samples: Sequence[str] = ("a",), meta: str = "") -> str:
    contigs = "".join(f"##contig=<ID={name},length={length}>\n" for name, length in LENGTHS.items())
    keys = "".join(
        f'##FORMAT=<ID={name},Number=1,Type={of},Description="x">\n'
        for name, of in (("GT", "String"), ("DP", "Integer"), ("GQ", "Integer"))
    )
    names = "".join(f"\t{each}" for each in samples)
    return f"##fileformat=VCFv4.2\n{contigs}{keys}{info('DP')}{meta}{COLUMNS}\tFORMAT{names}\n"


def record(pos: int, **changes: str) -> str:
    values = {
        "chrom": "chr1", "id": ".", "ref": "A", "alt": "C", "qual": "30", "filter": "PASS", "form": "GT:DP:GQ",
        "samples": "0/1:7:40",
    } | changes  # fmt: skip
    fields = [values["chrom"], str(pos), *(values[name] for name in ("id", "ref", "alt", "qual", "filter"))]
    return "\t".join([*fields, "DP=4", values["form"], values["samples"]]) + "\n"


@pytest.mark.parametrize(("seed", "minor", "samples", "is_gvcf"), FILES)
def test_table_when_written_in_both_ways_then_is_what_the_lines_say(
    tmp_path: Path, seed: int, minor: int, samples: int, is_gvcf: bool
) -> None:
    content = generate(seed, minor, samples, 60, is_gvcf=is_gvcf, is_declared=seed % 4 != 1)
    (tmp_path / "a.vcf").write_bytes(content)
    lines = [line.split("\t") for line in content.decode().splitlines() if not line.startswith("##")]
    names: list[str | None] = [*lines[0][9:]] or [None]
    wanted = [(line, name, sample) for line in lines[1:] for name, sample in zip(names, line[9:] or [""], strict=True)]
    found = one(tmp_path / "a.vcf")
    assert len(found) == len(wanted)
    for row, (line, name, sample) in zip(found, wanted, strict=True):
        texts = [None if line[at] == "." else line[at] for at in (0, 2, 3, 4, 6)]
        assert [row[key] for key in ("chrom", "id", "ref", "alt", "filter")] == texts
        assert (row["pos"], row["sample"]) == (int(line[1]), name)
        values = dict(zip(line[8].split(":") if len(line) > 8 else [], sample.split(":"), strict=False))
        assert row["gt"] == (None if values.get("GT", ".") == "." else values["GT"])


@pytest.mark.parametrize("form", ["vcf", "bcf"])
@pytest.mark.parametrize("samples", [0, 1, 3])
def test_table_when_compared_with_another_reader_then_agrees(tmp_path: Path, samples: int, form: str) -> None:
    pysam = pytest.importorskip("pysam")
    path = tmp_path / "a.vcf"
    path.write_bytes(generate(8, 3, samples, 150))
    if form == "bcf":
        path = path.with_suffix(".bcf")
        with (
            pysam.VariantFile(str(tmp_path / "a.vcf")) as source,
            pysam.VariantFile(str(path), "wb", header=source.header) as target,
        ):
            for each in source:
                target.write(each)
    wanted = []
    for each in pysam.VariantFile(str(path)):
        site = (
            each.chrom, each.pos, each.id, each.ref, ",".join(each.alts) if each.alts else None,
            ";".join(each.filter) or None,
        )  # fmt: skip
        several = each.samples.items() or [(None, {})]
        for name, sample in several:
            numbers = (sample.get(key) if key in each.format else None for key in NUMBERS)
            wanted.append((*site, name, *numbers, each.qual, sample.get("GT") if "GT" in each.format else None))
    found = one(path)
    columns = ("chrom", "pos", "id", "ref", "alt", "filter", "sample", "dp", "gq")
    assert [tuple(row[column] for column in columns) for row in found] == [each[:-2] for each in wanted]
    for row, each in zip(found, wanted, strict=True):
        assert row["qual"] == (None if each[-2] is None or each[-2] != each[-2] else pytest.approx(each[-2], rel=1e-6))
        assert alleles(row["gt"]) == (each[-1] if each[-1] not in ((None,), None) else None)


def alleles(genotype: str | None) -> tuple[int | None, ...] | None:
    if genotype is None:
        return None
    return tuple(int(each) if each != "." else None for each in genotype.lstrip("/|").replace("|", "/").split("/"))


def test_values_when_unusual_then_are_those_of_the_file(tmp_path: Path) -> None:
    qualities = [".", "1e-05", "2.5E3", "nan", "inf", "1e300", ".5", "7.", "123456789.123456789", "0.1"]
    genotypes = ["0|1", "./.", ".", "1", "0/1/1", ".|1", "1/10", "0/0"]
    lines = [record(at, qual=value) for at, value in enumerate(qualities, 1)]
    alt = "C,G,T,CC,CG,CT,CA,GC,GG,GT"
    lines += [record(100 + at, alt=alt, samples=f"{value}:+5:.") for at, value in enumerate(genotypes)]
    lines += [record(200 + at, form="GT:GQ", samples="0/1") for at in range(3)]
    lines += [record(300 + at, form="DP", samples=str(at)) for at in range(3)]
    (tmp_path / "a.vcf").write_text(header() + "".join(lines))
    found = one(tmp_path / "a.vcf")
    single = [0.5, 7.0, pytest.approx(123456789.123456789, rel=1e-6), pytest.approx(0.1, rel=1e-6)]
    assert [row["qual"] for row in found[:10]] == [
        None, pytest.approx(1e-5), 2500.0, None, float("inf"), float("inf"), *single,
    ]  # fmt: skip
    assert [row["gt"] for row in found[10:18]] == [None if each == "." else each for each in genotypes]
    assert {(row["dp"], row["gq"]) for row in found[10:18]} == {(5, None)}
    assert [(row["gt"], row["dp"], row["gq"]) for row in found[18:21]] == [("0/1", None, None)] * 3
    assert [(row["gt"], row["dp"]) for row in found[21:]] == [(None, 0), (None, 1), (None, 2)]


@pytest.mark.parametrize("samples", [1, 2, 7])
def test_rows_when_there_is_no_room_for_words_or_identifiers_then_all_are_there(
    tmp_path: Path, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "ROWS_AT_ONCE", 100)
    monkeypatch.setattr(rows_fast, "ROWS_AT_ONCE", 100)
    monkeypatch.setattr(rows_fast, "_MOST_WORDS", 30)
    monkeypatch.setattr(rows_fast, "_WORDS_BYTES", 1000)
    monkeypatch.setattr(rows_fast, "_LEAST_IDS_BYTES", 200)
    chance = random.Random(samples)
    lines, at = [], 0
    for number in range(900):
        at += chance.randrange(3)
        alt = "".join(chance.choices("ACGT", k=chance.choice((1, 1, 2, 3, 9, 40))))
        alt = alt + "GG" + "T" * (number % 700 == 600) * 2000
        name = chance.choice((".", f"rs{number}", "x" * chance.choice((20, 120, 3000))))
        several = "\t".join(chance.choice(("0/1:5:6", "0|1:.:7", "1/1:8:.", "./.")) for _ in range(samples))
        lines.append(record(at + number, id=name, alt=alt, samples=several, qual=chance.choice(("1.5", "1e-3"))))
    (tmp_path / "a.vcf").write_text(header([f"s{number}" for number in range(samples)]) + "".join(lines))
    found = one(tmp_path / "a.vcf")
    fields = [line.rstrip("\n").split("\t") for line in lines]
    assert [(row["id"], row["alt"], row["gt"]) for row in found] == [
        (None if line[2] == "." else line[2], line[4], sample.split(":")[0]) for line in fields for sample in line[9:]
    ]
    assert [row["sample"] for row in found[:samples]] == [f"s{number}" for number in range(samples)]


def test_table_when_the_file_has_no_record_then_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.vcf").write_text(header())
    assert one(tmp_path / "a.vcf") == []


@pytest.mark.parametrize("is_fast", PATHS)
def test_table_when_a_record_has_an_error_then_does_not_appear(tmp_path: Path, is_fast: bool) -> None:
    for broken in (record(5, samples="0/7:1:1"), record(5, ref="X"), "chr1\tx\t.\tA\tC\t.\t.\t.\n", "chr1\n"):
        lines = "".join(record(at) for at in range(1, 5)) + broken + record(9)
        (tmp_path / "a.vcf").write_text(header() + lines)
        subject = judged(tmp_path / "a.vcf", tmp_path / "tables", is_fast=is_fast)
        assert not subject.valid
        assert "format-reader-failed" not in {each.code for each in subject.findings}
        assert list((tmp_path / "tables").iterdir()) == []
