"""The tables of assemblies, and what contigs say about theirs."""

from __future__ import annotations

import pytest

from catalog.formats.assemblies import (
    CHROMOSOMES,
    GRCH37,
    GRCH38,
    LENGTHS,
    T2T,
    assembly_named,
    assembly_of,
    chromosome_of,
)
from publish.demo import genome


@pytest.mark.parametrize("name", [GRCH37, GRCH38])
def test_lengths_when_compared_with_those_of_the_demo_then_agree(name: str) -> None:
    of_demo = {contig.removeprefix("chr"): length for contig, length in genome.LENGTHS[name].items()}
    assert of_demo == {chromosome: LENGTHS[name][chromosome] for chromosome in of_demo}


@pytest.mark.parametrize("name", list(LENGTHS))
@pytest.mark.parametrize("prefix", ["", "chr"])
def test_assembly_when_every_chromosome_is_there_then_is_told(name: str, prefix: str) -> None:
    evidence = assembly_of({prefix + each: LENGTHS[name][each] for each in CHROMOSOMES})
    assert (evidence.name, evidence.agreeing, evidence.disagreeing) == (name, 24, ())
    assert evidence.others == {}
    assert evidence.has_prefix is (prefix == "chr")


@pytest.mark.parametrize("name", list(LENGTHS))
@pytest.mark.parametrize("chromosome", CHROMOSOMES[:-1])
def test_assembly_when_one_chromosome_is_there_then_is_told(name: str, chromosome: str) -> None:
    assert assembly_of({chromosome: LENGTHS[name][chromosome]}).name == name


def test_assembly_when_only_the_mitochondrion_is_there_then_is_told_of_the_first_hg19_alone() -> None:
    assert assembly_of({"chrM": 16569}).name is None
    assert assembly_of({"chrM": 16571}).name == GRCH37


def test_assembly_when_chromosomes_are_of_two_then_the_fewer_disagree() -> None:
    lengths = {f"chr{each}": LENGTHS[GRCH38][each] for each in ("1", "2", "3")}
    evidence = assembly_of({**lengths, "chr4": LENGTHS[GRCH37]["4"], "chrUn": 5})
    assert (evidence.name, evidence.agreeing, evidence.disagreeing) == (GRCH38, 3, ("chr4",))
    assert evidence.others == {GRCH37: 1}


def test_assembly_when_nothing_or_as_much_speaks_for_each_then_is_none() -> None:
    assert assembly_of({}).name is None
    assert assembly_of({"chr1": 1000}).name is None
    even = assembly_of({"1": LENGTHS[GRCH38]["1"], "2": LENGTHS[T2T]["2"]})
    assert (even.name, even.agreeing, even.others) == (None, 0, {GRCH38: 1, T2T: 1})


def test_assembly_when_the_checksum_is_of_another_then_it_counts_more_than_the_length() -> None:
    evidence = assembly_of({"chr1": LENGTHS[GRCH38]["1"]}, {"chr1": "1b22b98cdeb4a9304cb5d48026a85128"})
    assert evidence.name == GRCH37
    of_two = assembly_of({"chr1": LENGTHS[GRCH38]["1"]}, {"chr1": "a0d9851da00400dec1098a9255ac712e"})
    assert of_two.name is None


@pytest.mark.parametrize(
    ("contig", "chromosome"),
    [("chr1", "1"), ("22", "22"), ("chrX", "X"), ("MT", "M"), ("chrM", "M"), ("chr23", None), ("chr1_alt", None), ("01", None)],
)  # fmt: skip
def test_chromosome_when_named_then_is_known_with_and_without_prefix(contig: str, chromosome: str | None) -> None:
    assert chromosome_of(contig) == chromosome


@pytest.mark.parametrize(
    ("text", "name"),
    [("hg38", GRCH38), ("GRCh38.p14", GRCH38), ("/ref/human_g1k_v37.fasta", GRCH37), ("chm13v2.0.fa", T2T), ("mm10", None)],
)  # fmt: skip
def test_assembly_when_a_text_names_it_then_is_found(text: str, name: str | None) -> None:
    assert assembly_named(text) == name
