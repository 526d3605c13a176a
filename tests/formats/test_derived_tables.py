"""Derived tables of matrices, arrays, filesets and copy numbers: the rows of the file, sorted, on both paths, or none."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from catalog.columns import ROW_GROUP_ROWS, chromosome_order
from catalog.findings import Subject
from catalog.formats.expression import gene_rows
from catalog.formats.inspect import Manner, inspect_file

GENES = 3_000


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
    assert (sum(sizes), set(sizes[:-1])) == (90 * GENES, {ROW_GROUP_ROWS})


def test_expression_when_longer_than_an_annotation_then_no_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gene_rows, "MOST_GENES", 100)
    path = tmp_path / "a.counts.tsv"
    path.write_bytes(text(matrix(random.Random(1), whole=True)))
    for is_fast in (False, True):
        subject = judged(path, tmp_path / "tables", is_fast=is_fast)
        assert (subject.valid, subject.tables, written(tmp_path / "tables")) == (True, (), [])
