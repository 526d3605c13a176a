"""What was read so far of an expression matrix: shared by the plain and the compiled path."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from operator import add

from catalog.formats.expression.evidence import Expression
from catalog.formats.expression.gene_ids import Genes
from catalog.formats.expression.gene_rows import TABLE, GeneRows
from catalog.formats.expression.sample_columns import described_columns
from catalog.formats.genotypes import HINT, GenotypeSigns
from catalog.formats.protocol import Reading


class Tally:
    """The layout of a matrix and the sums over its rows.

    Attributes:
        whole: whether values are whole numbers.
        delimiter: one byte.
        described: how many columns stand before the values.
        samples: their names; their numbers from 1 where there is no header.
        totals: the sum of each sample over all genes. Memory that the compiled path looks at: written in place.
        detected: how many genes each sample expresses; likewise.
        genes: the identifiers.
        expression: values of genes that are kept.
        signs: of genotypes.
        rows: of the derived table; None when nobody wants it.
    """

    def __init__(self, reading: Reading, *, whole: bool) -> None:
        self.whole = whole
        self.delimiter = b"\t"
        self.described = 1
        self.samples: list[str] = []
        self.totals = array("d")
        self.detected = array("q")
        self.genes = Genes(reading)
        self.expression = Expression(0)
        self.signs = GenotypeSigns()
        self.rows: GeneRows | None = None
        self._reading = reading

    @property
    def width(self) -> int:
        """The cells of a row."""
        return self.described + len(self.samples)

    def begin(self, names: Sequence[str]) -> None:
        """Takes the names of all columns."""
        self.signs.names(names)
        self.described = described_columns(names)
        self.samples = list(names[self.described :])
        self.totals, self.detected = array("d", bytes(8 * len(self.samples))), array("q", bytes(8 * len(self.samples)))
        self.expression = Expression(len(self.samples))
        sink = self._reading.sink(TABLE)
        if sink is not None:
            self.rows = GeneRows(sink, self.samples, "count" if self.whole else "TPM")

    def see_described(self, described: bytes) -> None:
        """Looks for signs of genotypes in the cells of a row that are no values."""
        if HINT.search(described):
            self.signs.row(described.decode("utf-8", "replace").split(self.delimiter.decode()))

    def take(self, gene: bytes, values: Sequence[float]) -> None:
        """The values of a row."""
        self.totals[:] = array("d", map(add, self.totals, values))
        self.detected[:] = array("q", map(add, self.detected, map(bool, values)))
        self.expression.take(gene, values)
        if self.rows is not None:
            self.rows.take(gene, values)

    def finish(self) -> None:
        """All rows were read: the derived table is put in order, if there can be one."""
        if self.rows is not None and (self._reading.has_errors or not self.rows.finish()):
            self._reading.sinks.drop(TABLE)
        self.rows = None
