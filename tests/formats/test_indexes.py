"""Indexes that htslib writes are valid, and htslib reads the indexes that the cases are made of."""

from __future__ import annotations

import gzip
from array import array
from collections.abc import Sequence
from pathlib import Path

import pysam
import pysam.bcftools
import pytest

from catalog.checks.companions import judge_companions
from catalog.checks.mates import name_groups
from catalog.findings import Level, Severity, Subject
from catalog.formats.indexes.companions import INDEX_COMPANIONS
from catalog.formats.inspect import inspect_file
from publish.demo.compression import bgzf_file
from tests.formats.cases_indexes import GROUPS
from tests.formats.defects import codes
from tests.formats.indexed import Blocks, columns, parts_of, tbi_content

NAMES = (
    "a.vcf.gz", "a.vcf.gz.tbi", "a.vcf.gz.csi", "a.bcf", "a.bcf.csi", "a.bam", "a.bam.bai", "a.bai", "a.bam.csi", "c.cram",
    "c.cram.crai", "c.crai", "c.cram.bai", "a.bed.gz", "a.bed.gz.tbi", "a.sam.gz", "a.sam.gz.csi", "a.sam.gz.bai",
    "a.fa.gz", "a.fa.gz.gzi", "b.bam", "b.bai",
)  # fmt: skip


def judged(*paths: Path) -> list[Subject]:
    """The subjects of files, judged together."""
    subjects = [inspect_file(path, shown=path.name, level=Level.BANK) for path in paths]
    return judge_companions(list(zip(paths, subjects, strict=True)), Level.BANK)


def assert_index_is_well(path: Path, *indexes: Path) -> None:
    data, *found = judged(path, *indexes)
    assert [each for each in data.findings if each.severity is Severity.ERROR] == []
    for subject in found:
        assert subject.format == subject.path.rpartition(".")[2]
        assert codes(subject) == []


def vcf_text(contigs: dict[str, int], records: list[tuple[str, int]]) -> str:
    lines = ["##fileformat=VCFv4.3", *(f"##contig=<ID={name},length={length}>" for name, length in contigs.items())]
    lines += ['##INFO=<ID=END,Number=1,Type=Integer,Description="End">', '##ALT=<ID=DEL,Description="Deletion">']
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    lines += [f"{name}\t{pos}\t.\tA\tC\t.\tPASS\t." for name, pos in records]
    return "\n".join(lines) + "\n"


MANY = {f"scaffold{number}": 5000 for number in range(3000)}
VARIANTS = {
    "usual": ({"one": 90_000_000, "two": 3000}, [("one", pos) for pos in range(5, 80_000_000, 40_000)] + [("two", 9)]),
    "none": ({"one": 1000}, []),
    "no-contigs": ({}, []),
    "many-contigs": (MANY, [(name, pos) for name in list(MANY)[::3] for pos in (1, 4000)]),
}
LONG = ({"one": 2_000_000_000, "two": 100}, [("one", 7), ("one", 2**29 + 5), ("one", 1_999_999_999), ("two", 100)])


@pytest.mark.parametrize("name", VARIANTS)
@pytest.mark.parametrize("is_csi", [False, True], ids=["tbi", "csi"])
def test_tabix_when_it_indexes_a_vcf_then_the_index_is_well(tmp_path: Path, name: str, is_csi: bool) -> None:
    path = tmp_path / "a.vcf.gz"
    (tmp_path / "a.vcf").write_text(vcf_text(*VARIANTS[name]))
    pysam.tabix_compress(str(tmp_path / "a.vcf"), str(path))
    pysam.tabix_index(str(path), preset="vcf", csi=is_csi)
    assert_index_is_well(path, Path(f"{path}.{'csi' if is_csi else 'tbi'}"))


def test_tabix_when_a_contig_is_longer_than_2_to_29_then_csi_is_well(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf.gz"
    (tmp_path / "a.vcf").write_text(vcf_text(*LONG))
    pysam.tabix_compress(str(tmp_path / "a.vcf"), str(path))
    pysam.tabix_index(str(path), preset="vcf", csi=True)
    assert_index_is_well(path, Path(f"{path}.csi"))


@pytest.mark.parametrize("name", [*VARIANTS, "long"])
def test_bcftools_when_it_indexes_a_bcf_then_the_index_is_well(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.bcf"
    (tmp_path / "a.vcf").write_text(vcf_text(*VARIANTS.get(name, LONG)))
    pysam.bcftools.view("-Ob", "-o", str(path), str(tmp_path / "a.vcf"), catch_stdout=False)
    pysam.bcftools.index(str(path))
    assert_index_is_well(path, Path(f"{path}.csi"))


def test_tabix_when_it_indexes_a_bed_then_the_index_is_well(tmp_path: Path) -> None:
    path = tmp_path / "a.bed.gz"
    (tmp_path / "a.bed").write_text("".join(f"chr1\t{start}\t{start + 50}\n" for start in range(0, 900_000, 77)))
    pysam.tabix_compress(str(tmp_path / "a.bed"), str(path))
    pysam.tabix_index(str(path), preset="bed")
    assert_index_is_well(path, Path(f"{path}.tbi"))


ALIGNMENTS = {
    "usual": ({"one": 90_000_000, "two": 3000, "three": 5}, 3000, 50),
    "none": ({"one": 1000}, 0, 0),
    "only-unplaced": ({"one": 1000}, 0, 5),
    "many-contigs": (MANY, 40, 0),
    "long": ({"one": 2_000_000_000, "two": 100}, 50, 2),
}


def write_alignments(path: Path, name: str, options: Sequence[bytes] = ()) -> None:
    """Reads, some of them placed and not mapped, some without a place."""
    contigs, placed, unplaced = ALIGNMENTS[name]
    header = pysam.AlignmentHeader.from_dict(
        {"HD": {"VN": "1.6", "SO": "coordinate"}, "SQ": [{"SN": each, "LN": size} for each, size in contigs.items()]}
    )
    mode = "wc" if path.suffix == ".cram" else "wb"
    with pysam.AlignmentFile(str(path), mode, header=header, format_options=list(options)) as file:
        for number in range(placed + unplaced):
            read = pysam.AlignedSegment(header)
            read.query_name = f"read{number}"
            read.query_sequence = "ACGTACGTAC"
            read.query_qualities = pysam.qualitystring_to_array("IIIIIIIIII")
            read.flag = 4
            if number < placed:
                size = next(iter(contigs.values()))
                read.reference_id = 0
                read.reference_start = number * ((size - 20) // placed)
                if number % 7:
                    read.flag, read.cigarstring, read.mapping_quality = 0, "10M", 60
            file.write(read)


@pytest.mark.parametrize("name", ALIGNMENTS)
def test_samtools_when_it_indexes_a_bam_then_the_index_is_well(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.bam"
    write_alignments(path, name)
    pysam.index("-c", str(path))
    indexes = [Path(f"{path}.csi")]
    if name != "long":
        pysam.index(str(path))
        pysam.index(str(path), str(tmp_path / "a.bai"))
        indexes += [Path(f"{path}.bai"), tmp_path / "a.bai"]
    assert_index_is_well(path, *indexes)


OPTIONS = {
    "usual": [],
    "version-2.1": [b"version=2.1"],
    "several-slices": [b"slices_per_container=4", b"seqs_per_slice=100"],
    "several-references": [b"multi_seq_per_slice=1", b"slices_per_container=3", b"seqs_per_slice=100"],
}


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("name", ALIGNMENTS)
def test_samtools_when_it_indexes_a_cram_then_the_index_is_well(tmp_path: Path, name: str, options: str) -> None:
    path = tmp_path / "a.cram"
    write_alignments(path, name, OPTIONS[options])
    pysam.index(str(path))
    assert_index_is_well(path, Path(f"{path}.crai"))


def test_bgzip_when_it_indexes_a_sequence_then_the_index_is_well(tmp_path: Path) -> None:
    path = tmp_path / "a.fa.gz"
    (tmp_path / "a.fa").write_text(">one\n" + ("ACGTTGCA" * 10 + "\n") * 5000)
    pysam.tabix_compress(str(tmp_path / "a.fa"), str(path))
    pysam.faidx(str(path))
    data, index = judged(path, Path(f"{path}.gzi"))
    assert index.format == "gzi"
    assert codes(index) == []
    blocks = data.evidence["block_starts"]
    assert isinstance(blocks, array)
    assert index.facts["blocks"] == len(blocks) - 2


def test_index_of_another_bam_when_judged_then_is_refused(tmp_path: Path) -> None:
    write_alignments(tmp_path / "a.bam", "usual")
    write_alignments(tmp_path / "b.bam", "many-contigs")
    pysam.index(str(tmp_path / "b.bam"), str(tmp_path / "a.bam.bai"))
    _, index = judged(tmp_path / "a.bam", tmp_path / "a.bam.bai")
    assert codes(index) == ["index-offset-not-in-block"]


def test_index_of_more_reads_when_judged_then_is_refused(tmp_path: Path) -> None:
    write_alignments(tmp_path / "a.bam", "none")
    write_alignments(tmp_path / "b.bam", "only-unplaced")
    pysam.index(str(tmp_path / "b.bam"), str(tmp_path / "a.bam.bai"))
    _, index = judged(tmp_path / "a.bam", tmp_path / "a.bam.bai")
    assert codes(index) == ["index-counts"]


def test_made_index_when_htslib_follows_it_then_finds_every_record(tmp_path: Path) -> None:
    blocks, records = Blocks(), []
    for start in range(0, 3_000_000, 9000):
        records.append((0, start, start + 40, blocks.write(f"chr1\t{start}\t{start + 40}\n".encode())))
    (tmp_path / "a.bed.gz").write_bytes(blocks.finish())
    header = columns(["chr1"], (0x10000, 1, 2, 3, ord("#"), 0))
    (tmp_path / "a.bed.gz.tbi").write_bytes(bgzf_file(tbi_content(parts_of(records, 1), header)))
    with pysam.TabixFile(str(tmp_path / "a.bed.gz")) as file:
        assert len(list(file.fetch("chr1"))) == len(records)
        assert list(file.fetch("chr1", 900_010, 900_011)) == ["chr1\t900000\t900040"]


def test_made_index_of_bcf_when_htslib_follows_it_then_finds_the_records(tmp_path: Path) -> None:
    for name, content in GROUPS[0].valid["csi"].items():
        (tmp_path / name).write_bytes(content)
    with pysam.VariantFile(str(tmp_path / "a.bcf")) as file:
        assert [record.pos for record in file.fetch("chr1", 150, 50_000)] == [200, 40_000]


def test_groups_when_compared_with_the_mates_by_name_then_agree() -> None:
    for name in NAMES:
        part = INDEX_COMPANIONS.part_of(name)
        assert part is not None
        assert f"index {part[0]}" in set(name_groups(name))
    by_group = {(one, other) for one in NAMES for other in NAMES if one < other and group(one) == group(other)}
    by_name = {(one, other) for one in NAMES for other in NAMES if one < other and indexes(one) & indexes(other)}
    assert by_group == by_name


def group(name: str) -> str:
    return (INDEX_COMPANIONS.part_of(name) or ("",))[0]


def indexes(name: str) -> set[str]:
    return {each for each in name_groups(name) if each.startswith("index ")}


def test_index_when_compressed_with_gzip_then_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.vcf.gz.csi"
    path.write_bytes(gzip.compress(gzip.decompress(GROUPS[0].valid["tbi-and-csi"][path.name])))
    [subject] = judged(path)
    assert subject.facts["references"] == 2
    assert codes(subject) == ["csi-not-bgzf"]
