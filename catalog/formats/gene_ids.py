"""The gene identifiers of a matrix: unique, of one kind, and not turned into dates by a spreadsheet."""

from __future__ import annotations

import re

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.genotypes import names_variant
from catalog.formats.protocol import Reading
from catalog.formats.tables import DATE_FROM_GENE

_MANUAL = "htseq-count and featureCounts manuals (count table)"

GENE_EMPTY = Rule(
    "matrix-gene-empty",
    Severity.ERROR,
    Level.SPEC,
    "a row has no gene",
    "write the gene's identifier into the first column",
    _MANUAL,
)
GENE_TWICE = Rule(
    "matrix-gene-twice",
    Severity.ERROR,
    Level.SPEC,
    "a gene stands in two rows",
    "use stable identifiers (Ensembl) for rows; several genes share a symbol",
    _MANUAL,
    "A reader cannot know whether the rows are to be added or one is wrong.",
)
MANY_GENES = Rule(
    "matrix-many-genes",
    Severity.WARNING,
    Level.BANK,
    "the matrix has more rows than any gene annotation; later rows are not compared with earlier ones",
    "give a matrix of genes, not of transcripts, bins or single cells",
    "fairline",
)
MIXED_IDS = Rule(
    "matrix-mixed-ids",
    Severity.WARNING,
    Level.BANK,
    "the gene identifiers are of more than one kind",
    "use identifiers of one release of one annotation, all with their version or all without",
    "docs/validation.md",
    "Joins with other matrices lose the genes of the other kind.",
)
GENE_DATE = Rule(
    "matrix-gene-date",
    Severity.WARNING,
    Level.BANK,
    "a gene looks like a symbol that a spreadsheet turned into a date",
    "make the matrix again without a spreadsheet; SEPT2 is now SEPTIN2, MARCH1 is MARCHF1",
    "Ziemann et al. 2016, Genome Biology 17:177",
)

GENE_RULES = (GENE_EMPTY, GENE_TWICE, MANY_GENES, MIXED_IDS, GENE_DATE)

_MOST_GENES = 200_000
_ENSEMBL = re.compile(rb"ENS[A-Z]{0,4}[GT][0-9]{11}(?P<version>\.[0-9]+)?(?:_PAR_Y)?")
_SPIKE_IN = re.compile(rb"ERCC-[0-9]{5}")
_SYMBOL = re.compile(rb"[A-Za-z][A-Za-z0-9._-]{0,30}")


class Genes:
    """The identifiers of the rows, taken in order.

    Attributes:
        count: rows so far.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._seen: set[bytes] = set()
        self._kinds: dict[str, tuple[int, int]] = {}
        self.count = 0

    def take(self, gene: bytes, line: int) -> None:
        """The gene of the next row."""
        self.count += 1
        place = Place(line=line, record=self.count, column=1)
        if not gene.strip():
            self._reading.find(GENE_EMPTY.at(place, expected="an identifier"))
            return
        if gene in self._seen:
            self._reading.find(GENE_TWICE.at(place, expected="one row a gene", got=gene))
        elif len(self._seen) < _MOST_GENES:
            self._seen.add(gene)
        elif self.count == _MOST_GENES + 1:
            self._reading.find(MANY_GENES.at(place, expected=f"at most {_MOST_GENES} genes"))
        if DATE_FROM_GENE.fullmatch(gene.decode("utf-8", "replace")):
            self._reading.find(GENE_DATE.at(place, expected="a gene symbol", got=gene))
        kind = _kind_of(gene)
        number, first = self._kinds.get(kind, (0, line))
        self._kinds[kind] = (number + 1, first)

    def finish(self) -> str | None:
        """Judges the mixture; the id space of most rows."""
        plain, versioned = self._kinds.get("ensembl", (0, 0)), self._kinds.get("ensembl-versioned", (0, 0))
        ensembl = plain[0] + versioned[0]
        others = [each for kind, each in self._kinds.items() if not kind.startswith(("ensembl", "spike-in"))]
        foreign = sum(number for number, _ in others)
        if plain[0] and versioned[0]:
            place = Place(line=max(plain[1], versioned[1]), column=1)
            got = f"{versioned[0]} with and {plain[0]} without version"
            self._reading.find(MIXED_IDS.at(place, expected="one kind of identifier", got=got))
        elif ensembl and foreign * 100 > self.count:
            place = Place(line=min(first for _, first in others), column=1)
            got = f"{ensembl} of Ensembl, {foreign} of another kind"
            self._reading.find(MIXED_IDS.at(place, expected="one kind of identifier", got=got))
        sizes = {
            "ensembl": ensembl,
            **{kind: self._kinds.get(kind, (0, 0))[0] for kind in ("symbol", "other", "variant")},
        }
        return max(sizes, key=lambda kind: sizes[kind]) if self.count else None


def _kind_of(gene: bytes) -> str:
    ensembl = _ENSEMBL.fullmatch(gene)
    if ensembl is not None:
        return "ensembl-versioned" if ensembl["version"] else "ensembl"
    if _SPIKE_IN.fullmatch(gene):
        return "spike-in"
    if names_variant(gene.decode("utf-8", "replace")):
        return "variant"
    return "symbol" if _SYMBOL.fullmatch(gene) else "other"
