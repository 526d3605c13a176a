"""Builds the panel of sites by which files of one donor are recognised: ``schemas/panel/exonic-1.tsv``.

The sites come from the sdist of peddy 0.4.8 (MIT licence): 23,770 exonic single-nucleotide variants in GRCh37 and GRCh38
with the genotypes of the 2,504 people of the 1000 Genomes Project, phase 3. Chosen are sites that say much in every
superpopulation and are independent of each other:

- both alleles at least 5 % in each of the five superpopulations;
- at least 10,000 bases apart on a chromosome, and r2 at most 0.1 with every chosen site within 1,000,000 bases in the
  African, East Asian and European samples;
- the same two alleles in the same order in both builds (1 % of the list is not: REF and ALT swapped or other alleles);
- not more heterozygotes than random mating gives (p < 1e-6 in the pooled samples of a superpopulation marks sites
  where reads of two similar genes fall together).

Sites are taken greedily by their heterozygosity: 0.4 of the lowest over superpopulations and 0.6 of the East Asian one,
because the banks that this was made for are there.

    python tools/build_panel.py peddy-0.4.8.tar.gz
"""

from __future__ import annotations

import gzip
import hashlib
import io
import math
import re
import sys
import tarfile
from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parent.parent / "schemas" / "panel" / "exonic-1.tsv"
SHA256 = "1d998f0e387a15c7e270ced4bba8c19cc164c916fdcf397e90215cc9fc6bf04f"
PEOPLE = 2504
#: In the order of peddy's numbers.
POPULATIONS = ("AFR", "AMR", "EAS", "EUR", "SAS")
LINKED_IN = ("AFR", "EAS", "EUR")
LEAST_FREQUENCY = 0.05
LEAST_DISTANCE = 10_000
LINKED_WITHIN = 1_000_000
MOST_LINKED = 0.1
EXCESS_P = 1e-6


def read_source(archive: Path) -> tuple[list[list[str]], list[list[str]], np.ndarray, np.ndarray]:
    """Sites of both builds as [chromosome, position, REF, ALT], genotypes (sites x people, copies of ALT), populations."""
    content = archive.read_bytes()
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise SystemExit(f"{archive} is not the sdist of peddy 0.4.8")
    with tarfile.open(fileobj=io.BytesIO(content)) as tar:

        def member(name: str) -> bytes:
            stream = tar.extractfile(f"peddy-0.4.8/peddy/{name}")
            assert stream is not None
            return stream.read()

        sites = [
            [line.split(":") for line in member(f"{build}.sites").decode().split()] for build in ("GRCH37", "GRCH38")
        ]
        genotypes = np.frombuffer(gzip.decompress(member("GRCH37.sites.bin.gz")), np.uint8).reshape(-1, PEOPLE)
        numbers = re.search(r'"([0-9|]+)"', member("pca.py").decode())
        assert numbers is not None
    return sites[0], sites[1], genotypes, np.array([int(each) for each in numbers[1].split("|")])


def excess_p(genotypes: np.ndarray) -> np.ndarray:
    """For each site the chance of so many heterozygotes or more under random mating (normal approximation)."""
    people = genotypes.shape[1]
    frequency = genotypes.mean(1) / 2
    expected = 2 * frequency * (1 - frequency)
    observed = (genotypes == 1).mean(1)
    # The standard error of the observed share, given the frequency, is expected / sqrt(people).
    scores = (observed - expected) * math.sqrt(people) / np.where(expected == 0, 1, expected)
    return np.array([0.5 * math.erfc(each / math.sqrt(2)) for each in scores])


def choose(sites: list[list[str]], genotypes: np.ndarray, populations: np.ndarray) -> list[int]:
    """The numbers of the chosen sites, best first."""
    members = [populations == number for number in range(len(POPULATIONS))]
    frequencies = np.stack([genotypes[:, each].mean(1) / 2 for each in members], 1)
    rare = np.minimum(frequencies, 1 - frequencies).min(1) < LEAST_FREQUENCY
    heterozygosity = 2 * frequencies * (1 - frequencies)
    worth = 0.4 * heterozygosity.min(1) + 0.6 * heterozygosity[:, POPULATIONS.index("EAS")]
    centred = []
    for name in LINKED_IN:
        values = genotypes[:, members[POPULATIONS.index(name)]].astype(np.float32)
        values -= values.mean(1, keepdims=True)
        norms = np.sqrt((values**2).sum(1, keepdims=True))
        centred.append(values / np.where(norms == 0, 1, norms))
    positions = np.array([int(site[1]) for site in sites])
    chosen: list[int] = []
    on_chromosome: dict[str, list[int]] = {}
    for number in np.argsort(-worth, kind="stable"):
        if rare[number]:
            continue
        others = np.array(on_chromosome.get(sites[number][0], ()), int)
        distances = np.abs(positions[others] - positions[number])
        if (distances < LEAST_DISTANCE).any():
            continue
        linked = others[distances < LINKED_WITHIN]
        if len(linked) and max(float(((each[linked] @ each[number]) ** 2).max()) for each in centred) > MOST_LINKED:
            continue
        on_chromosome.setdefault(sites[number][0], []).append(int(number))
        chosen.append(int(number))
    return chosen


def main() -> None:
    first, second, genotypes, populations = read_source(Path(sys.argv[1]))
    members = [populations == number for number in range(len(POPULATIONS))]
    chosen = choose(first, genotypes, populations)
    crowded = np.min([excess_p(genotypes[:, each]) for each in members], axis=0) < EXCESS_P
    kept = [each for each in chosen if first[each][2:] == second[each][2:] and not crowded[each]]
    print(f"{len(chosen)} chosen, {len(kept)} with equal alleles in both builds and without excess of heterozygotes")
    rows = [
        "\t".join(
            (
                "chromosome",
                "position_grch37",
                "position_grch38",
                "a",
                "b",
                "reference",
                *(f"b_{each}" for each in POPULATIONS),
            )
        )
    ]
    for number in sorted(kept, key=lambda each: (int(first[each][0]), int(first[each][1]))):
        chromosome, position, reference, alternative = first[number]
        low, high = sorted((reference, alternative))
        shares = [genotypes[number, each].mean() / 2 for each in members]
        of_high = shares if high == alternative else [1 - each for each in shares]
        rows.append(
            "\t".join(
                (chromosome, position, second[number][1], low, high, reference, *(f"{each:.4f}" for each in of_high))
            )
        )
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(rows) + "\n")


if __name__ == "__main__":
    main()
