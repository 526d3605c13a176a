"""What one matrix tells beyond its form: expression of marker genes by sample, and values of some genes for comparing.

Sex evidence: XIST is expressed from an inactive X chromosome, RPS4Y1 from the Y chromosome. A sample expresses a gene
from one transcript (read) per million on. Female pluripotent cells lose XIST with time, so that its absence says little.

Values for the correlation of replicates (evidence ``expression``): genes whose identifier (without version) has a CRC-32
divisible by twelve, so that matrices of one annotation give the same genes; at most 5,000 of them, fewer where there
are many samples, of the first 1,000 samples, as log2(x + 1) in 32 bits.
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections.abc import Iterable, Sequence

#: Ensembl identifiers and symbols (HGNC) of the genes that are looked for.
_SEX = {"XIST": b"ENSG00000229807", "RPS4Y1": b"ENSG00000129824"}
_PLURIPOTENCY = {
    "POU5F1": b"ENSG00000204531",
    "NANOG": b"ENSG00000111704",
    "SOX2": b"ENSG00000181449",
    "LIN28A": b"ENSG00000131914",
}
_MARKERS = {
    **{gene: name for name, gene in (_SEX | _PLURIPOTENCY).items()},
    **{name.encode(): name for name in (*_SEX, *_PLURIPOTENCY)},
}
MARKED_CODES = frozenset(zlib.crc32(gene) for gene in _MARKERS)
CHOSEN_BY = 12
_MOST_GENES, _MOST_VALUES = 5000, 1_000_000
LISTED_SAMPLES = 1000
_MILLION = 1_000_000
_EXPRESSED_PER_MILLION = 1


def root_of(gene: bytes) -> bytes:
    """An identifier without the version that Ensembl appends."""
    return gene.partition(b".")[0] if gene.startswith(b"ENS") else gene


class Expression:
    """Values of genes, taken row by row.

    Attributes:
        most_chosen: how many genes are kept for comparing.
    """

    def __init__(self, samples: int) -> None:
        self._listed = min(samples, LISTED_SAMPLES)
        self._markers: dict[str, list[float]] = {}
        self.most_chosen = min(_MOST_GENES, _MOST_VALUES // max(1, self._listed))
        self._codes = array("I")
        self._values = array("d")

    @property
    def wanted(self) -> int:
        """How many further genes are kept for comparing."""
        return self.most_chosen - len(self._codes)

    def take(self, gene: bytes, values: Sequence[float]) -> None:
        """One row."""
        root = root_of(gene)
        name = _MARKERS.get(root)
        if name is not None and name not in self._markers:
            self._markers[name] = list(values[: self._listed])
        code = zlib.crc32(root)
        if code % CHOSEN_BY == 0 and self.wanted:
            self._codes.append(code)
            self._values.extend(values[: self._listed])

    def take_chosen(self, codes: Iterable[int], values: bytes) -> None:
        """Many rows of genes that are kept for comparing: their codes, and their values (64 bits) one row after another."""
        self._codes.extend(codes)
        self._values.frombytes(values)

    def facts(self, samples: Sequence[str], totals: Sequence[float]) -> dict[str, object]:
        """``sex_markers``: for each sample whether XIST and RPS4Y1 are expressed, as far as the matrix has them."""
        found = {name: self._per_million(name, totals) for name in _SEX if name in self._markers}
        if not found:
            return {}
        listed = samples[: self._listed]
        expressed = {
            sample: {name: values[at] >= _EXPRESSED_PER_MILLION for name, values in found.items()}
            for at, sample in enumerate(listed)
        }
        return {"sex_markers": expressed}

    def _per_million(self, name: str, totals: Sequence[float]) -> list[float]:
        return [
            round(value * _MILLION / total, 3) if total else 0.0
            for value, total in zip(self._markers[name], totals, strict=False)
        ]

    def evidence(self, samples: Sequence[str], totals: Sequence[float]) -> dict[str, object]:
        """What checks over files need.

        Returns:
            ``expression``: ``samples`` (the first 1,000 names), ``genes`` (codes, CRC-32), ``values`` (an array of 32-bit
            floats, one row a gene); ``markers``: expression per million by gene and sample, of sex and pluripotency.
        """
        values = array("f", (math.log2(value + 1) for value in self._values))
        return {
            "expression": {"samples": list(samples[: self._listed]), "genes": self._codes, "values": values},
            "markers": {name: self._per_million(name, totals) for name in self._markers},
        }
