"""A file's name against its content: what programs choose by the name, and would read wrongly."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from catalog.findings import Level
from catalog.formats.inspect import inspect_file
from tests.formats.cases import all_formats

BY_FORMAT = {case.format: next(iter(case.valid.values())) for case in all_formats()}


@pytest.mark.parametrize(
    ("name", "content", "wanted"),
    [
        ("a.bam", BY_FORMAT["fastq"], "the name says bam, the content is fastq"),
        ("a.fastq.gz", BY_FORMAT["bam"], "the name says fastq, the content is bam"),
        ("a.sam", BY_FORMAT["bam"], "the name says sam, the content is bam"),
        ("a.vcf", BY_FORMAT["bcf"], "the name says vcf, the content is bcf"),
        ("a.bed", BY_FORMAT["bam"], "the name says bed or plink-bed, the content is bam"),
        ("a.vcf.gz", gzip.decompress(BY_FORMAT["vcf"]), "the name says compressed, the content is not compressed"),
        ("a.bed", BY_FORMAT["plink-bed"], None),
        ("a.bed", BY_FORMAT["bed"], None),
        ("a.bed", BY_FORMAT["bedmethyl"], None),
        ("a.tsv", BY_FORMAT["counts-matrix"], None),
        ("a.txt", BY_FORMAT["fastq"], None),
        ("a.fq", BY_FORMAT["fastq"], None),
        ("a", BY_FORMAT["bam"], None),
    ],
)
def test_name_when_it_says_something_else_than_the_content_then_a_bank_is_told(
    tmp_path: Path, name: str, content: bytes, wanted: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    found = [each.message for each in inspect_file(path, level=Level.BANK).findings if each.code == "file-extension"]
    assert found == ([wanted] if wanted else [])
    assert not any(each.code == "file-extension" for each in inspect_file(path).findings)
