"""Gene counts and TPM of the demo: made-up genes around the few that tell a pluripotent cell and its sex."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

from publish.demo.disclosure import IN_FILES
from publish.demo.published import Donor
from publish.demo.seeds import generator

_MADE_UP_GENES = 1994
#: Reads of a library at each gene, before a line's own spread; HGNC symbols.
_PLURIPOTENCY = {"POU5F1": 12_000, "NANOG": 2_600, "SOX2": 5_400, "LIN28A": 9_800}
_OF_SEX = {"XIST": {"female": 3_200}, "RPS4Y1": {"male": 4_100}}
_NO_SEX = "the donor's sex is not known: XIST and RPS4Y1 are 0 and tell nothing"


@dataclass(frozen=True, slots=True)
class _Gene:
    name: str
    level: float
    bases: int


@functools.cache
def _genes() -> tuple[_Gene, ...]:
    """The made-up genes: the same in every line. Three of ten are not expressed."""
    draw = generator("genes")
    names = [f"SYNTH{number:04d}" for number in range(1, _MADE_UP_GENES + 1)]
    levels = [draw.lognormvariate(6.2, 1.6) if draw.random() < 0.7 else 0.0 for _ in names]
    return tuple(
        _Gene(name, level, draw.randrange(600, 9000)) for name, level in zip(names, levels, strict=True)
    ) + tuple(
        _Gene(name, float(_PLURIPOTENCY.get(name, 0)), draw.randrange(1200, 4000))
        for name in (*_PLURIPOTENCY, *_OF_SEX)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrices:
    """The two files of a line."""

    counts: bytes
    tpm: bytes


def matrices(line_id: str, donor: Donor, samples: Sequence[str]) -> Matrices:
    """Counts and TPM of a line.

    Args:
        line_id: what the line's own spread is drawn for.
        donor: whose sex the two genes of sex chromosomes show.
        samples: the names of the columns, one a replicate.
    """
    spread = generator(line_id, "rna-seq", "levels")
    levels = [_level(gene, donor) * spread.lognormvariate(0, 0.3) for gene in _genes()]
    columns = []
    for sample in samples:
        noise = generator(line_id, "rna-seq", "counts", sample)
        columns.append([round(level * noise.lognormvariate(0, 0.08)) for level in levels])
    comments = [f"# {IN_FILES}; genes called SYNTH are made up"]
    if donor.sex == "unknown":
        comments.append(f"# synthetic: {_NO_SEX}")
    shares = [_per_million(column) for column in columns]
    return Matrices(
        counts=_file(comments, samples, [[str(value) for value in column] for column in columns]),
        tpm=_file(comments, samples, [[f"{value:.4f}" for value in column] for column in shares]),
    )


def _level(gene: _Gene, donor: Donor) -> float:
    by_sex = _OF_SEX.get(gene.name)
    return gene.level if by_sex is None else float(by_sex.get(donor.sex, 0))


def _per_million(counts: Sequence[int]) -> list[float]:
    """Transcripts per million (Wagner et al. 2012): reads a base, as a share of the sample's sum."""
    rates = [count / gene.bases for count, gene in zip(counts, _genes(), strict=True)]
    total = sum(rates)
    return [rate / total * 1_000_000 for rate in rates]


def _file(comments: Sequence[str], samples: Sequence[str], columns: Sequence[Sequence[str]]) -> bytes:
    lines = [*comments, "\t".join(("gene_id", *samples))]
    lines += [
        "\t".join((gene.name, *values)) for gene, values in zip(_genes(), zip(*columns, strict=True), strict=True)
    ]
    return ("\n".join(lines) + "\n").encode()
