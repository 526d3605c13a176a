"""Bismark coverage of the demo: made-up CpGs on autosomes, mostly methylated, as in pluripotent cells.

The format has no header and Bismark writes no comments, so that the word synthetic stands in the comment of the gzip
header and in the file's name. No build is stated, because the source prints none: positions fit into GRCh37 and
GRCh38. Chromosome X is left out, because its methylation would show a sex.
"""

from __future__ import annotations

import functools
import random

from publish.demo.compression import gzip_file
from publish.demo.disclosure import IN_FILES
from publish.demo.genome import AUTOSOMES, GRCH37, GRCH38, LENGTHS
from publish.demo.seeds import generator

_SITES = 4000
_SHARE_SEEN = 0.93
_SHARE_METHYLATED = 0.76


@functools.cache
def _sites() -> tuple[tuple[str, int, float], ...]:
    """Chromosome, position and methylated share of every CpG, sorted; the same in every line."""
    draw = generator("cpgs")
    places: set[tuple[int, int]] = set()
    while len(places) < _SITES:
        index = draw.randrange(len(AUTOSOMES))
        name = AUTOSOMES[index]
        places.add((index, draw.randrange(1, min(LENGTHS[GRCH37][name], LENGTHS[GRCH38][name]))))
    return tuple((AUTOSOMES[index], position, _share(draw)) for index, position in sorted(places))


def _share(draw: random.Random) -> float:
    return draw.betavariate(9, 1.2) if draw.random() < _SHARE_METHYLATED else draw.betavariate(1, 9)


def coverage(line_id: str) -> bytes:
    """The coverage file of a line, gzip: chromosome, start, end, percentage, methylated and other calls."""
    draw = generator(line_id, "methyl-seq")
    lines = []
    for name, position, share in _sites():
        if draw.random() > _SHARE_SEEN:
            continue
        calls = draw.randrange(5, 60)
        methylated = sum(draw.random() < share for _ in range(calls))
        # As many digits as Perl prints.
        percentage = f"{100 * methylated / calls:.15g}"
        lines.append(f"chr{name}\t{position}\t{position}\t{percentage}\t{methylated}\t{calls - methylated}\n")
    return gzip_file("".join(lines).encode("ascii"), IN_FILES)
