"""Fingerprints: genotypes and allele counts at the sites of the panel, from VCF and BAM, and from nothing else."""

from __future__ import annotations

import io
import itertools
import random
import re
from pathlib import Path

import numpy
import pysam
import pytest

from catalog.findings import Level
from catalog.formats.alignment.bam import BamFormat
from catalog.formats.alignment.header import Header
from catalog.formats.containers import Source
from catalog.formats.fingerprints.calls import PanelCalls
from catalog.formats.fingerprints.counts import panel_counts
from catalog.formats.inspect import Manner, inspect_file
from catalog.formats.protocol import Declared, Reading
from catalog.formats.vcf.listener import SiteCalls
from catalog.panel import MISSING, Site, open_panel

PANEL = open_panel()
CONTIGS = {"chr1": 248956422, "chr2": 242193529, "chr20": 64444167}
SITES = {chrom: sorted(PANEL.on("GRCh38", chrom).items()) for chrom in CONTIGS}


def test_panel_when_opened_then_is_what_its_description_says() -> None:
    assert len(PANEL.sites) == 3733
    for build in ("GRCh37", "GRCh38"):
        places = [(str(c), p) for c in range(1, 23) for p in PANEL.on(build, f"chr{c}")]
        assert len(places) == len(set(places)) == 3733
        for chromosome in range(1, 23):
            positions = sorted(PANEL.on(build, str(chromosome)))
            if build == "GRCh37":
                assert min(b - a for a, b in itertools.pairwise(positions)) >= 10_000
    for site in PANEL.sites:
        assert site.a < site.b
        assert site.reference in (site.a, site.b)
        assert all(0.05 <= share <= 0.95 for share in site.shares)
    assert PANEL.on("mm10", "chr1") == {}


def other(site: Site) -> str:
    return site.b if site.reference == site.a else site.a


def calls(columns: str, chosen: list[int]) -> SiteCalls:
    fields = [each.encode() for each in columns.split("|")]
    return SiteCalls(chrom="chr1", pos=int(fields[1]), end=chosen[-1], chosen=chosen, columns=fields)


def test_calls_when_records_are_of_every_kind_then_copies_of_b_are_counted() -> None:
    listener = PanelCalls()
    positions = listener.positions("chr1", "GRCh38")
    assert positions == [position for position, _ in SITES["chr1"]]
    sites = [site for _, site in SITES["chr1"]]

    def take(number: int, alternatives: str, *genotypes: str, last: int | None = None) -> None:
        position, site = SITES["chr1"][number]
        alternatives = alternatives.replace("OTHER", other(site))
        text = f"chr1|{position}|.|{site.reference}|{alternatives}|.|.|.|GT:DP|" + "|".join(
            f"{each}:9" for each in genotypes
        )
        listener.take(calls(text, positions[number : (last or number) + 1]))

    take(0, "OTHER", "0/1", "1/1")
    take(1, "OTHER,<NON_REF>", "1/0", "0/0")
    take(2, "OTHER", "./.", "1")
    take(3, ".", "0/0", "./.")
    take(4, "<NON_REF>", "0/0", "0/1", last=6)
    found = listener.evidence(["a", "b"])["fingerprint"]
    assert isinstance(found, dict)
    first, second = found["samples"]["a"], found["samples"]["b"]

    def copies(number: int, others: int) -> int:
        return others if sites[number].reference == sites[number].a else 2 - others

    assert [first[sites[n].number] for n in range(8)] == [
        1,
        1,
        MISSING,
        copies(3, 0),
        *(copies(n, 0) for n in (4, 5, 6)),
        MISSING,
    ]
    assert [second[sites[n].number] for n in range(8)] == [copies(0, 2), copies(1, 0), *[MISSING] * 6]
    assert (found["kind"], found["assembly"]) == ("calls", "GRCh38")


def test_calls_when_the_assembly_is_unknown_then_nothing_is_collected() -> None:
    listener = PanelCalls()
    assert listener.positions("chr1", None) == []
    assert listener.evidence(["a"]) == {}


def write_bam(path: Path, reads: list[dict[str, object]]) -> None:
    header = {
        "HD": {"VN": "1.6", "SO": "unsorted"},
        "SQ": [{"SN": name, "LN": length} for name, length in CONTIGS.items()],
        "RG": [{"ID": "a", "SM": "EXMPi001-A"}],
    }
    with pysam.AlignmentFile(str(path), "wb", header=header) as stream:
        for number, given in enumerate(reads):
            read = pysam.AlignedSegment()
            read.query_name = str(given.get("name", f"r{number}"))
            read.flag = int(str(given.get("flag", 0)))
            read.reference_id = 0
            read.reference_start = int(str(given["start"]))
            read.mapping_quality = int(str(given.get("mapq", 60)))
            sequence = str(given["sequence"])
            read.cigarstring = str(given.get("cigar", f"{len(sequence)}M"))
            read.query_sequence = sequence
            read.query_qualities = pysam.qualitystring_to_array(
                chr(33 + int(str(given.get("quality", 30)))) * len(sequence)
            )
            if "strand" in given:
                read.set_tag("XG", given["strand"])
            stream.write(read)


def counted(path: Path) -> dict[int, list[list[int]]]:
    found = counted_by(path, is_fast=False)
    assert counted_by(path, is_fast=True) == found
    return found


def counted_by(path: Path, *, is_fast: bool) -> dict[int, list[list[int]]]:
    with path.open("rb", buffering=0) as stream:
        reading = Reading(Source(stream), Declared(), Level.SPEC, path.name, is_fast=is_fast)
        BamFormat([panel_counts]).read(reading)
    found = reading.evidence.get("fingerprint")
    if found is None:
        return {}
    assert isinstance(found, dict)
    assert (found["kind"], found["assembly"], found["samples"]) == ("counts", "GRCh38", ["EXMPi001-A"])
    counts = numpy.frombuffer(found["counts"], "<u2").reshape(-1, 3, 2)
    return {int(number): counts[number].tolist() for number in numpy.flatnonzero(counts.any(axis=(1, 2)))}


PLACE, SITE = SITES["chr1"][5]


def sequence(base: str, before: int = 10, after: int = 9) -> str:
    return "C" * before + base + "G" * after


def test_reads_when_they_cover_a_site_then_alleles_are_counted_once_a_fragment(tmp_path: Path) -> None:
    start = PLACE - 1 - 10
    write_bam(
        tmp_path / "a.bam",
        [
            {"start": start, "sequence": sequence(SITE.a), "name": "one"},
            {"start": start, "sequence": sequence(SITE.a), "name": "one", "flag": 16},
            {"start": start, "sequence": sequence(SITE.b), "name": "two"},
            {"start": start, "sequence": "TTTTT" + sequence(SITE.b), "cigar": "5S20M", "name": "clip"},
            {"start": start - 100, "sequence": "AAAA" + sequence(SITE.b), "cigar": "4M96N20M", "name": "spliced"},
            {"start": start, "sequence": sequence(SITE.a), "mapq": 3},
            {"start": start, "sequence": sequence(SITE.a), "quality": 5},
            {"start": start, "sequence": sequence(SITE.a), "flag": 1024},
            {"start": start + 200, "sequence": sequence(SITE.a)},
        ],
    )
    found = counted(tmp_path / "a.bam")
    [[none, ct, ga]] = [found[SITE.number]]
    assert none == [1, 3]
    assert ct == ga == [0, 0]
    assert list(found) == [SITE.number]


def test_reads_when_they_are_of_bisulfite_then_counted_by_converted_strand(tmp_path: Path) -> None:
    start = PLACE - 1 - 10
    reads = [
        {"start": start, "sequence": sequence(base), "strand": strand}
        for base, strand in ((SITE.a, "CT"), (SITE.b, "CT"), (SITE.b, "GA"))
    ]
    write_bam(tmp_path / "a.bam", reads)
    assert counted(tmp_path / "a.bam") == {SITE.number: [[0, 0], [1, 1], [0, 1]]}


def test_site_when_it_is_very_deep_then_no_more_than_a_hundred_votes_are_counted(tmp_path: Path) -> None:
    start = PLACE - 1 - 10
    write_bam(tmp_path / "a.bam", [{"start": start, "sequence": sequence(SITE.a)} for _ in range(150)])
    assert counted(tmp_path / "a.bam") == {SITE.number: [[100, 0], [0, 0], [0, 0]]}


def test_reads_when_in_any_order_and_of_many_operations_then_counted_the_same_by_both_paths(tmp_path: Path) -> None:
    chance = random.Random(3)
    reads: list[dict[str, object]] = []
    for place, _ in chance.choices(list(SITES["chr1"]), k=300):
        steps = chance.choice((1, 3, 40))
        cigar = (
            "".join(f"{chance.randrange(1, 9)}M{chance.randrange(1, 30)}{chance.choice('DNI')}" for _ in range(steps))
            + "5M"
        )
        length = sum(int(size) for size, kind in re.findall(r"([0-9]+)([MDNI])", cigar) if kind in "MI")
        sequence = "".join(chance.choices("ACGT", k=length))
        reads.append({"start": place - chance.randrange(1, 60 * steps), "sequence": sequence, "cigar": cigar})
    write_bam(tmp_path / "a.bam", reads)
    assert len(counted(tmp_path / "a.bam")) > 5


def test_alignments_when_of_another_assembly_then_nobody_listens() -> None:
    assert panel_counts(Header(contigs={b"chr1": 0}, lengths=[195471971])) is None


@pytest.mark.parametrize("content", [b"", b"BAM\1"])
def test_file_when_it_is_cut_then_there_is_no_fingerprint(content: bytes) -> None:
    reading = Reading(Source(io.BytesIO(content)), Declared(), Level.SPEC, "a.bam")
    BamFormat([panel_counts]).read(reading)
    assert "fingerprint" not in reading.evidence


def test_variants_when_validated_then_their_fingerprint_is_evidence_and_in_no_report(tmp_path: Path) -> None:
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=chr1,length=248956422>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="G">',
    ]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tEXMPi001-A")
    lines += [f"chr1\t{at}\t.\t{site.reference}\t{other(site)}\t.\tPASS\t.\tGT\t0/1" for at, site in SITES["chr1"][:40]]
    path = tmp_path / "a.vcf"
    path.write_text("\n".join(lines) + "\n")
    for is_fast in (False, True):
        subject = inspect_file(path, level=Level.BANK, manner=Manner(is_fast=is_fast))
        found = subject.evidence["fingerprint"]
        assert isinstance(found, dict)
        assert found["samples"]["EXMPi001-A"].count(1) == 40
        assert "fingerprint" not in str(subject.to_json())
    with (
        pysam.VariantFile(str(path)) as text,
        pysam.VariantFile(str(tmp_path / "a.bcf"), "wb", header=text.header) as binary,
    ):
        for record in text:
            binary.write(record)
    assert inspect_file(tmp_path / "a.bcf").evidence["fingerprint"] == found
