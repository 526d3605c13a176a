"""Rows of the derived table ``genotypes-1`` (``schemas/derived``) from the reports and call files of arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from catalog.formats.arrays.final_report_columns import number_of

if TYPE_CHECKING:
    from catalog.columns import TableSink

TABLE = "genotypes-1"
_ROWS_AT_ONCE = 4096
_SNPS_AT_ONCE = 122_880
_HIGHEST_POSITION = (1 << 31) - 1
_DIGITS = 10
#: No allele, and what else a cell holds that says nothing.
_NOTHING = frozenset({"", "-"})
#: No call in the form "matrix" and of Illumina's script.
_NO_CALLS = frozenset({"NC", "-"})
#: Alleles of the genotype codes of a GTC file where it has no base calls.
_LETTERS = {1: (0, 0), 2: (0, 1), 3: (1, 1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportColumns:
    """Where the columns of a report stand, from 0; -1 for one that it does not have.

    Attributes:
        probe: the name of the SNP.
        sample: the name of the sample.
        locus: chromosome and position.
        alleles: both; the same twice for a column of two letters.
        score: GenCall's.
        signals: B-allele frequency and log R ratio.
    """

    probe: int
    sample: int
    locus: tuple[int, int]
    alleles: tuple[int, int]
    score: int
    signals: tuple[int, int]


class ReportGenotypes:
    """Turns the rows of a FinalReport into those of the table, in the order of the file."""

    def __init__(self, sink: TableSink, columns: ReportColumns) -> None:
        """Nothing is gathered yet."""
        self._sink = sink
        self._columns = columns
        self._plain: list[list[bytes]] = []

    def add(self, cells: list[bytes]) -> None:
        """One row, with all of its cells."""
        self._plain.append(cells)
        if len(self._plain) >= _ROWS_AT_ONCE:
            self.flush()

    def add_many(self, columns: Sequence[Sequence[bytes]]) -> None:
        """Many rows, column by column."""
        self.flush()
        self._write(columns)

    def flush(self) -> None:
        """Hands over the rows that wait."""
        if self._plain:
            columns = list(zip(*self._plain, strict=True))
            self._plain = []
            self._write(columns)

    def _write(self, cells: Sequence[Sequence[bytes]]) -> None:
        at = self._columns
        chromosome, position = at.locus
        first, second = at.alleles
        columns: dict[str, Any] = {"probe": _names(_texts(cells[at.probe])), "sample": _coded(_texts(cells[at.sample]))}
        if chromosome >= 0:
            columns["chrom"] = _coded(_texts(cells[chromosome]))
        if position >= 0:
            columns["pos"] = _positions(cells[position])
        if first >= 0 and first == second:
            columns |= _both_alleles(_texts(cells[first]))
        elif first >= 0:
            for name, index in (("allele1", first), ("allele2", second)):
                columns[name] = _coded(_texts(cells[index]))
        signals = zip(("score", "b_allele_frequency", "log_r_ratio"), (at.score, *at.signals), strict=True)
        columns |= {name: numbers_or_null(numbers_of(cells[index])) for name, index in signals if index >= 0}
        self._sink.write(columns)


class MatrixGenotypes:
    """Turns the rows of the form "matrix" into those of the table: a genotype of each sample, perhaps with its score."""

    def __init__(self, sink: TableSink, samples: Sequence[str]) -> None:
        """Nothing is gathered yet."""
        self._sink = sink
        self._samples = list(samples)
        self._probes: list[str] = []
        self._cells: list[bytes] = []

    def add(self, probe: bytes, cells: Sequence[bytes]) -> None:
        """One row: a SNP's name and a cell for each sample."""
        self._probes.append(probe.decode("utf-8", "replace"))
        self._cells += cells
        if len(self._cells) >= _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Hands over the rows that wait."""
        import numpy

        if not self._cells:
            return
        samples, probes = len(self._samples), len(self._probes)
        parts = [cell.partition("|") for cell in _texts(self._cells)]
        columns: dict[str, Any] = {
            "probe": (numpy.repeat(numpy.arange(probes, dtype="i4"), samples), self._probes),
            "sample": (numpy.tile(numpy.arange(samples, dtype="i4"), probes), self._samples),
            **_both_alleles([call for call, _, _ in parts]),
        }
        scores = [number_of(score) if score else None for _, _, score in parts]
        columns["score"] = numbers_or_null([math.nan if score is None else score for score in scores])
        self._sink.write(columns)
        self._probes, self._cells = [], []


def write_calls(sink: TableSink, sample: str, fields: Mapping[str, Any]) -> None:
    """Writes the calls of a GTC file.

    Args:
        sink: the table.
        sample: its name.
        fields: numpy arrays with a value for each SNP: ``genotypes`` (codes), perhaps ``bases`` (two bytes each),
            ``score``, ``b_allele_frequency``, ``log_r_ratio``.
    """
    import numpy

    signals = [name for name in ("score", "b_allele_frequency", "log_r_ratio") if name in fields]
    count = len(fields["genotypes"])
    for start in range(0, count, _SNPS_AT_ONCE):
        end = min(count, start + _SNPS_AT_ONCE)
        columns: dict[str, Any] = {
            "probe": _names(list(map(str, range(start + 1, end + 1)))),
            "sample": (numpy.zeros(end - start, "i4"), [sample]),
        }
        if "bases" in fields:
            pairs = fields["bases"][start:end].view("u1").reshape(-1, 2)
            letters, codes = _base_codes()
            columns |= {"allele1": (codes[pairs[:, 0]], letters), "allele2": (codes[pairs[:, 1]], letters)}
        else:
            codes = numpy.full((256, 2), -1, "i4")
            for code, alleles in _LETTERS.items():
                codes[code] = alleles
            called = codes[fields["genotypes"][start:end]]
            columns |= {"allele1": (called[:, 0], ["A", "B"]), "allele2": (called[:, 1], ["A", "B"])}
        columns |= {name: numbers_or_null(fields[name][start:end]) for name in signals}
        sink.write(columns)


def _base_codes() -> tuple[list[str], Any]:
    """The letters of base calls, and the code of every byte: -1 for those of no call."""
    import numpy

    letters = "ACGTDI"
    codes = numpy.full(256, -1, "i4")
    codes[list(letters.encode())] = range(len(letters))
    return list(letters), codes


def numbers_of(cells: Sequence[bytes]) -> list[float]:
    """Cells as numbers; those that are none become NaN."""
    try:
        return list(map(float, cells))
    except ValueError:
        known = (number_of(cell.decode("utf-8", "replace").strip()) for cell in cells)
        return [math.nan if number is None else number for number in known]


def numbers_or_null(numbers: Any) -> Any:
    """Numbers for a column of the table: NaN is null."""
    import numpy

    return numpy.ma.masked_invalid(numpy.asarray(numbers, "f4"))


def _texts(cells: Sequence[bytes]) -> list[str]:
    """Cells as text; there is no line end in any of them."""
    text = b"\n".join(cells).decode("utf-8", "replace")
    found = text.split("\n")
    return [each.strip() for each in found] if " " in text or "\r" in text else found


def _positions(cells: Sequence[bytes]) -> Any:
    """Positions; 0 and what no genome has are null."""
    import numpy

    known = [int(each) if each.isdigit() and len(each) <= _DIGITS else 0 for each in cells]
    positions = numpy.array(known, "i8")
    is_none = (positions == 0) | (positions > _HIGHEST_POSITION)
    return numpy.ma.masked_array(positions.clip(0, _HIGHEST_POSITION).astype("i4"), mask=is_none)


def _both_alleles(calls: Sequence[str]) -> dict[str, tuple[Any, list[str]]]:
    """Calls of two letters as two columns; one letter is that of a haploid call, and a hyphen none."""
    called = ["" if each in _NO_CALLS else each for each in calls]
    return {"allele1": _coded([each[:1] for each in called]), "allele2": _coded([each[1:] for each in called])}


def _names(texts: Sequence[str]) -> Any:
    """Texts that hardly repeat, as a column."""
    from catalog.columns import Texts

    return Texts.of(texts)


def _coded(texts: Sequence[str]) -> tuple[Any, list[str]]:
    """Texts that repeat, as codes and words; null for an empty one and for a hyphen."""
    import numpy

    known: dict[str, int] = {}
    codes = [-1 if each in _NOTHING else known.setdefault(each, len(known)) for each in texts]
    return numpy.array(codes, "i4"), list(known)
