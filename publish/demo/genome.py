"""A made-up panel of variants in two genome builds, and what each donor has there.

Lengths of chromosomes are real, so that a build can be told; every site is synthetic: its position, alleles,
frequency and identifier are drawn, and the reference genome need not have the base that stands as REF. The same
donor has the same genotype in every file of every line.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from dataclasses import dataclass

from publish.demo.published import Donor
from publish.demo.seeds import generator

GRCH37, GRCH38 = "GRCh37", "GRCh38"
AUTOSOMES = tuple(str(number) for number in range(1, 23))
CHROMOSOMES = (*AUTOSOMES, "X", "Y")

# fmt: off
#: Base pairs of chromosomes 1 to 22, X and Y (Genome Reference Consortium, assembly reports).
_LENGTHS = {
    GRCH37: (
        249250621, 243199373, 198022430, 191154276, 180915260, 171115067, 159138663, 146364022, 141213431, 135534747,
        135006516, 133851895, 115169878, 107349540, 102531392, 90354753, 81195210, 78077248, 59128983, 63025520,
        48129895, 51304566, 155270560, 59373566,
    ),
    GRCH38: (
        248956422, 242193529, 198295559, 190214555, 181538259, 170805979, 159345973, 145138636, 138394717, 133797422,
        135086622, 133275309, 114364328, 107043718, 101991189, 90338345, 83257441, 80373285, 58617616, 64444167,
        46709983, 50818468, 156040895, 57227415,
    ),
}
# fmt: on
LENGTHS: Mapping[str, Mapping[str, int]] = {
    build: dict(zip(CHROMOSOMES, lengths, strict=True)) for build, lengths in _LENGTHS.items()
}

#: Sites by where they are seen: by both assays, by the array alone, by the exome alone.
_AUTOSOMAL = {(True, True): 320, (True, False): 160, (False, True): 160}
_ON_X = {(True, True): 20, (True, False): 10, (False, True): 10}
#: Drawn positions keep off the ends of chromosomes and off the pseudoautosomal regions of X.
_MARGIN = 6_000_000
_GREATEST_SHIFT = 1_500_000
_TRANSITIONS = {"A": "G", "G": "A", "C": "T", "T": "C"}
_TRANSVERSIONS = {"A": "C", "G": "T", "C": "A", "T": "G"}
_SHARE_OF_TRANSITIONS = 0.67


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One made-up variant of one base.

    Attributes:
        name: its identifier, which no registry knows.
        chromosome: ``1`` to ``22`` or ``X``.
        positions: from 1, by build.
        frequency: the share of chromosomes that have ALT.
        on_array: whether the array has a probe for it.
        in_exome: whether the exome's targets hold it.
    """

    name: str
    chromosome: str
    positions: Mapping[str, int]
    ref: str
    alt: str
    frequency: float
    on_array: bool
    in_exome: bool


#: Copies of ALT on the two chromosomes; None where nothing is called.
Genotype = tuple[int, int] | None


@functools.cache
def panel() -> tuple[Site, ...]:
    """Every site, sorted by chromosome and position; the order is the same in both builds."""
    draw = generator("panel")
    kinds = [("1", kind) for kind, number in _AUTOSOMAL.items() for _ in range(number)]
    kinds += [("X", kind) for kind, number in _ON_X.items() for _ in range(number)]
    shifts = {name: draw.randrange(-_GREATEST_SHIFT, _GREATEST_SHIFT) for name in CHROMOSOMES}
    places = sorted(_place(draw, name == "X") for name, _ in kinds)
    # Kinds are dealt out by drawing, the X sites last among the sorted places.
    autosomal = [kind for name, kind in kinds if name != "X"]
    draw.shuffle(autosomal)
    dealt = [*autosomal, *(kind for name, kind in kinds if name == "X")]
    return tuple(
        _site(draw, number, place, shifts, kind)
        for number, (place, kind) in enumerate(zip(places, dealt, strict=True), start=1)
    )


def _place(draw: random.Random, on_x: bool) -> tuple[int, int]:
    """The index of a chromosome and a position in GRCh37."""
    name = "X" if on_x else draw.choice(AUTOSOMES)
    end = min(LENGTHS[GRCH37][name], LENGTHS[GRCH38][name]) - _MARGIN
    return CHROMOSOMES.index(name), draw.randrange(_MARGIN, end)


def _site(
    draw: random.Random, number: int, place: tuple[int, int], shifts: Mapping[str, int], kind: tuple[bool, bool]
) -> Site:
    chromosome = CHROMOSOMES[place[0]]
    ref = draw.choice("ACGT")
    change = _TRANSITIONS if draw.random() < _SHARE_OF_TRANSITIONS else _TRANSVERSIONS
    return Site(
        name=f"SYN{number:04d}",
        chromosome=chromosome,
        positions={GRCH37: place[1], GRCH38: place[1] + shifts[chromosome]},
        ref=ref,
        alt=change[ref],
        frequency=round(draw.uniform(0.15, 0.5), 3),
        on_array=kind[0],
        in_exome=kind[1],
    )


@functools.cache
def genotypes(donor: Donor) -> Mapping[str, Genotype]:
    """What a donor has at every site of the panel, by the site's name.

    A male's only X chromosome is called like two equal ones, as arrays and callers do. Where the sex is not known,
    nothing is called on X: a made-up genotype there would state a sex that nobody stated.
    """
    draw = generator("genotypes", donor.donor_id)
    found: dict[str, Genotype] = {}
    for site in panel():
        first, second = (int(draw.random() < site.frequency) for _ in range(2))
        if site.chromosome == "X" and donor.sex != "female":
            found[site.name] = (first, first) if donor.sex == "male" else None
        else:
            found[site.name] = (min(first, second), max(first, second))
    return found
