"""A writer of PLINK 1 filesets after the description of their format, independent of the readers."""

from __future__ import annotations

import random
from collections.abc import Sequence

#: Genotypes by the number of the second allele, None where it is missing: the bits of the format.
BITS = {0: "00", None: "01", 1: "10", 2: "11"}


def packed(genotypes: Sequence[int | None]) -> bytes:
    """A block: four genotypes a byte, the first in the lowest bits, filled up with zero bits."""
    content = bytearray()
    for at in range(0, len(genotypes), 4):
        bits = "".join(BITS[genotype] for genotype in reversed(genotypes[at : at + 4]))
        content.append(int(bits, 2))
    return bytes(content)


def bed(rows: Sequence[Sequence[int | None]], *, sample_major: bool = False) -> bytes:
    """The genotypes; each row is a variant (or a sample)."""
    return bytes.fromhex("6c1b") + (b"\0" if sample_major else b"\1") + b"".join(map(packed, rows))


def rows(variants: int, samples: int, seed: int = 5) -> list[list[int | None]]:
    """Random genotypes, one row a variant."""
    chance = random.Random(seed)
    return [[chance.choice((0, 0, 1, 2, None)) for _ in range(samples)] for _ in range(variants)]


def bim(variants: int) -> str:
    """Variants on chromosomes 1, 2 and X."""
    lines = []
    for number in range(variants):
        chromosome = ("1", "2", "X")[min(2, 3 * number // max(1, variants))]
        first, second = (("A", "G"), ("C", "T"), ("0", "G"))[number % 3]
        lines.append(f"{chromosome}\trs{1000 + number}\t0\t{3_000_000 + 10 * number}\t{first}\t{second}\n")
    return "".join(lines)


def fam(samples: int) -> str:
    """A child, its parents, and others."""
    lines = ["F1 KSCBi005-A S2 S3 2 -9\n", "F1 S2 0 0 1 -9\n", "F1 S3 0 0 2 -9\n"]
    lines += [f"F{number} S{number} 0 0 {number % 3} -9\n" for number in range(4, samples + 1)]
    return "".join(lines[:samples])
