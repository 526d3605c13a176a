"""One sample of a FinalReport: its calls and signals, as facts and as evidence for a fingerprint."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence

from catalog.formats.arrays.genotype_rows import numbers_of
from catalog.formats.arrays.signals import Signals, share
from catalog.formats.protocol import Facts, as_facts

#: Letters of calls; a call is kept as the index of its first letter times 16 plus that of its second.
CALL_LETTERS = "-ABCGTDI"
_CODES = {letter.encode(): index for index, letter in enumerate(CALL_LETTERS)}
_CHROMOSOMES = {name: number for number, name in enumerate(("X", "Y", "XY", "MT"), 23)} | {"M": 26, "PAR": 25}
_X, _Y = 23, 24
_RS = re.compile(rb"(?:.*[^A-Za-z0-9])?rs([0-9]{1,9})(?:[^0-9].*)?")
_HIGHEST_POSITION = (1 << 32) - 1
_DIGITS = 10


def chromosome_code(name: str) -> int:
    """The chromosome as a number: 1 to 22, 23 X, 24 Y, 25 XY (pseudoautosomal), 26 MT, 0 for all else."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    if bare.isascii() and bare.isdigit():
        return int(bare) if int(bare) <= 26 else 0
    return _CHROMOSOMES.get(bare.upper().rstrip("12"), 0)


def rs_number(snp: bytes) -> int:
    """The number of an rs name, perhaps within another name; 0 where there is none."""
    if snp[:2] == b"rs" and snp[2:].isdigit() and len(snp) <= 2 + _DIGITS - 1:
        return int(snp[2:])
    match = _RS.fullmatch(snp) if b"rs" in snp else None
    return int(match[1]) if match else 0


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
        first, second = alleles
        self.add_many((snp,), ((chromosome,), (position,)), ((first,), (second,)))

    def add_many(
        self,
        snps: Sequence[bytes],
        loci: tuple[Sequence[bytes], Sequence[bytes]],
        alleles: tuple[Sequence[bytes], Sequence[bytes]],
    ) -> None:
        """Many rows, column by column."""
        chromosomes, positions = loci
        for chromosome in set(chromosomes) - self._codes.keys():
            self._codes[chromosome] = chromosome_code(chromosome.decode("utf-8", "replace"))
        self._chromosomes.extend(map(self._codes.__getitem__, chromosomes))
        self._positions.extend(
            [min(int(each), _HIGHEST_POSITION) if each.isdigit() and len(each) <= _DIGITS else 0 for each in positions]
        )
        self._rs.extend(map(rs_number, snps))
        code = _CODES.get
        self.calls.extend([code(first, 0) * 16 + code(second, 0) for first, second in zip(*alleles, strict=True)])

    def add_signals(self, frequency: bytes | None, ratio: bytes | None) -> None:
        """The B-allele frequency and the log R ratio of a row, where it has them."""
        self.add_many_signals(*(() if cell is None else (cell,) for cell in (frequency, ratio)))

    def add_many_signals(self, frequencies: Sequence[bytes], ratios: Sequence[bytes]) -> None:
        """Many of them."""
        import numpy

        for cells, take in ((frequencies, self.signals.add_frequencies), (ratios, self.signals.add_ratios)):
            if cells:
                take(numpy.array(numbers_of(cells)))

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
