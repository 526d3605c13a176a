"""One sample of a FinalReport: its calls and signals, as facts and as evidence for a fingerprint."""

from __future__ import annotations

import math
import re
from array import array

from catalog.formats.arrays.final_report_columns import number_of
from catalog.formats.arrays.signals import Signals, share
from catalog.formats.protocol import Facts, as_facts

#: Letters of calls; a call is kept as the index of its first letter times 16 plus that of its second.
CALL_LETTERS = "-ABCGTDI"
_CODES = {letter.encode(): index for index, letter in enumerate(CALL_LETTERS)}
_CHROMOSOMES = {name: number for number, name in enumerate(("X", "Y", "XY", "MT"), 23)} | {"M": 26, "PAR": 25}
_X, _Y = 23, 24
_RS = re.compile(rb"(?:.*[^A-Za-z0-9])?rs([0-9]{1,9})(?:[^0-9].*)?")
_HIGHEST_POSITION = (1 << 32) - 1


def chromosome_code(name: str) -> int:
    """The chromosome as a number: 1 to 22, 23 X, 24 Y, 25 XY (pseudoautosomal), 26 MT, 0 for all else."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    if bare.isascii() and bare.isdigit():
        return int(bare) if int(bare) <= 26 else 0
    return _CHROMOSOMES.get(bare.upper().rstrip("12"), 0)


class SampleCalls:
    """Gathers the rows of one sample.

    Attributes:
        name: of the sample.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.signals = Signals()
        self.calls = array("B")
        self._chromosomes = array("B")
        self._positions = array("I")
        self._rs = array("I")
        self._codes: dict[bytes, int] = {}

    def add(self, snp: bytes, locus: tuple[bytes, bytes], alleles: tuple[bytes, bytes]) -> None:
        """One row: the SNP's name, chromosome and position, and two alleles (empty where there is no such column)."""
        chromosome, position = locus
        code = self._codes.get(chromosome)
        if code is None:
            code = self._codes[chromosome] = chromosome_code(chromosome.decode("utf-8", "replace").strip())
        self._chromosomes.append(code)
        self._positions.append(min(int(position), _HIGHEST_POSITION) if position.isdigit() else 0)
        match = _RS.fullmatch(snp) if b"rs" in snp else None
        self._rs.append(int(match[1]) if match else 0)
        first, second = alleles
        self.calls.append(_CODES.get(first, 0) * 16 + _CODES.get(second, 0))

    def add_signals(self, frequency: bytes | None, ratio: bytes | None) -> None:
        """The B-allele frequency and the log R ratio of a row, where it has them."""
        for cell, take in ((frequency, self.signals.add_band), (ratio, self.signals.add_ratio)):
            number = number_of(cell.decode("latin-1").strip()) if cell is not None else None
            if number is not None and math.isfinite(number):
                take(number)

    def facts(self) -> Facts:
        """Rates, bands and what speaks for a sex."""
        import numpy

        calls, chromosomes = numpy.array(self.calls, "u1"), numpy.array(self._chromosomes, "u1")
        first, second = calls >> 4, calls & 15
        called = (first > 0) & (second > 0)
        heterozygous = called & (first != second)
        on_x, on_y = chromosomes == _X, chromosomes == _Y
        evidence = {
            "chr_x_heterozygosity": share(int((heterozygous & on_x).sum()), int((called & on_x).sum())),
            "chr_y_call_rate": share(int((called & on_y).sum()), int(on_y.sum())),
        }
        known = as_facts(evidence)
        return as_facts(
            {
                "call_rate": share(int(called.sum()), len(calls)),
                "het_rate": share(int(heterozygous.sum()), int(called.sum())),
                **self.signals.facts(),
                "sex_evidence": known or None,
            }
        )

    def evidence(self) -> dict[str, object]:
        """The calls, see :meth:`catalog.formats.arrays.final_report._FinalReport.read`."""
        import numpy

        return {
            "sample": self.name,
            "probe_count": len(self.calls),
            "chromosomes": numpy.array(self._chromosomes, "u1"),
            "positions": numpy.array(self._positions, "u4"),
            "rs": numpy.array(self._rs, "u4"),
            "calls": numpy.array(self.calls, "u1"),
        }
