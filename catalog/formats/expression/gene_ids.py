"""The gene identifiers of a matrix: unique, of one kind, and not turned into dates or numbers by a spreadsheet."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.expression.gene_dates import is_date
from catalog.formats.genotypes import names_variant
from catalog.formats.protocol import Reading

_MANUAL = "htseq-count and featureCounts manuals (count table)"
_ZIEMANN = "Ziemann et al. 2016, Genome Biology 17:177; HGNC guidelines 2020 (Bruford et al., Nature Genetics 52:754)"

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
GENE_MALFORMED = Rule(
    "matrix-gene-malformed",
    Severity.ERROR,
    Level.SPEC,
    "a gene's identifier is damaged",
    "take the identifiers from the annotation again: Ensembl's have eleven digits, no blank stands around one, no-break"
    " spaces and control characters in none, and #NAME? is what Excel makes of a name that begins with a sign",
    "Ensembl stable identifiers (ENS, species, type, eleven digits, version)",
    "No other table finds the gene.",
)
GENE_DATE = Rule(
    "matrix-gene-date",
    Severity.ERROR,
    Level.SPEC,
    "a gene's name was turned into a date by a spreadsheet",
    "take the matrix from the program that made it, or import the first column as text: Excel reads SEPT2 and MARCH1 as"
    " days when it opens a text file, and saves the days. Retyping does not help: 1-Mar was MARCH1 or MARC1."
    " Ensembl identifiers and the new symbols (SEPTIN2, MARCHF1) are left alone",
    _ZIEMANN,
    "The gene is lost for everybody who looks for it.",
)
GENE_NUMBER = Rule(
    "matrix-gene-number",
    Severity.ERROR,
    Level.SPEC,
    "a gene's name was turned into a number by a spreadsheet",
    "take the matrix from the program that made it, or import the first column as text: Excel reads RIKEN names such as"
    " 2310009E13 as numbers with an exponent and drops their digits, which nobody can bring back from this file",
    _ZIEMANN,
    "The gene is lost for everybody who looks for it.",
)
GENE_DAY_NUMBER = Rule(
    "matrix-gene-day-number",
    Severity.WARNING,
    Level.BANK,
    "a bare number stands among names of genes",
    "a spreadsheet that took MARCH2 for a day keeps it as a number such as 44622, which cells of the form General show: take"
    " the matrix from the program that made it; where it is a number of Entrez, name the gene as in other rows",
    _ZIEMANN,
    "Nobody who looks for the gene finds it.",
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

GENE_RULES = (GENE_EMPTY, GENE_TWICE, GENE_MALFORMED, GENE_DATE, GENE_NUMBER, GENE_DAY_NUMBER, MANY_GENES, MIXED_IDS)

_MOST_GENES = 200_000
_ENSEMBL = re.compile(rb"ENS(?P<species>[A-Z]{0,4})[GT][0-9]{11}(?P<version>\.[0-9]+)?(?:_PAR_Y|_[0-9]+)?")
#: Starts like an identifier of Ensembl; joined forms such as ``ENSG00000000003|TSPAN6`` are of another kind.
_LIKE_ENSEMBL = re.compile(rb"ENS[A-Z]{0,4}[GT][0-9]+(?:\.[^|:_\s]*)?")
#: A sign between letters and digits or among fewer digits than there are, or a letter in or behind them. Two joined by a
#: plus (DEXSeq) and ENSGR0000228572 (an old name of PAR_Y) are none of these.
_DAMAGED_ENSEMBL = re.compile(
    rb"ENS[A-Z]{0,4}[GT](?:[^A-Za-z0-9|:_][0-9]{5}|[0-9]{1,10}[^A-Za-z0-9|:_.][0-9]|[0-9]+[A-Za-z][A-Za-z0-9.]*\Z)"
)
_REFSEQ = re.compile(rb"[NX][MR]_[0-9]{6,9}(?P<version>\.[0-9]+)?")
#: As pandas writes a column of numbers with an empty cell: 44622.0.
_ENTREZ = re.compile(rb"[0-9]{1,9}(?:\.0)?")
_SPIKE_IN = re.compile(rb"ERCC-[0-9]{5}")
_SYMBOL = re.compile(rb"[A-Za-z][A-Za-z0-9._-]{0,30}")
#: What Excel saves of 2310009E13: 2.31E+19.
_NUMBER = re.compile(rb"[0-9](?:[.,][0-9]{1,14})?[eE][-+]?[0-9]{1,3}")
#: What Excel shows where it took a name for a formula.
_ERROR_OF_EXCEL = re.compile(rb"#(?:NAME\?|REF!|VALUE!|N/A|DIV/0!|NUM!|NULL!)")
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
#: Categories of Unicode: control, format, blank, line, paragraph.
_UNSEEN = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
#: How many identifiers of another kind than Ensembl's are a mixture.
_FOREIGN_PERCENT = 1
_SPECIES = {b"": "human", b"MUS": "mouse", b"RNO": "rat"}
_OF_ANY_KIND = ("ensembl", "spike-in", "damaged")
_KINDS = ("symbol", "refseq", "entrez", "other", "variant")


class Genes:
    """The identifiers of the rows, taken in order.

    Attributes:
        count: rows so far.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._seen: set[bytes] = set()
        self._kinds: dict[str, tuple[int, int]] = {}
        self._species: bytes | None = None
        self._number = ""
        self.count = 0

    def take(self, gene: bytes, line: int) -> None:
        """The gene of the next row."""
        self.count += 1
        if gene in self._seen:
            self._reading.find(GENE_TWICE.at(self._place(line), expected="one row a gene", got=gene))
        elif not gene.strip():
            self._reading.find(GENE_EMPTY.at(self._place(line), expected="an identifier"))
            return
        elif len(self._seen) < _MOST_GENES:
            self._seen.add(gene)
        elif self.count == _MOST_GENES + 1:
            self._reading.find(MANY_GENES.at(self._place(line), expected=f"at most {_MOST_GENES} genes"))
        self._note(self._judge(gene, line), line)

    def take_ensembl(self, genes: Sequence[bytes], versioned: int, line: int) -> bool:
        """Many rows at once, if nothing has to be said about them.

        Args:
            genes: identifiers of Ensembl, well-formed.
            versioned: how many of them have a version: none or all.
            line: the line of the first; each next one stands on the next.

        Returns:
            Whether they were taken; each must be given to :meth:`take` otherwise.
        """
        if len(self._seen) + len(genes) > _MOST_GENES or 0 < versioned < len(genes):
            return False
        if len(set(genes)) < len(genes) or not self._seen.isdisjoint(genes):
            return False
        self._seen.update(genes)
        self.count += len(genes)
        kind = "ensembl-versioned" if versioned else "ensembl"
        number, first = self._kinds.get(kind, (0, line))
        self._kinds[kind] = (number + len(genes), first)
        if self._species is None and (match := _ENSEMBL.fullmatch(genes[0])):
            self._species = match["species"]
        return True

    def _place(self, line: int) -> Place:
        return Place(line=line, record=self.count, column=1)

    def _note(self, kind: str, line: int) -> None:
        number, first = self._kinds.get(kind, (0, line))
        self._kinds[kind] = (number + 1, first)

    def _judge(self, gene: bytes, line: int) -> str:
        """The kind of an identifier; what is wrong with it is put down."""
        ensembl = _ENSEMBL.fullmatch(gene)
        if ensembl is not None:
            if self._species is None:
                self._species = ensembl["species"]
            return "ensembl-versioned" if ensembl["version"] else "ensembl"
        rule = _rule_of(gene)
        if rule is not None:
            self._reading.find(rule.at(self._place(line), expected="a gene's identifier", got=gene))
            return "damaged"
        if _SPIKE_IN.fullmatch(gene):
            return "spike-in"
        if _REFSEQ.fullmatch(gene):
            return "refseq"
        if _ENTREZ.fullmatch(gene):
            self._number = self._number or gene.decode()
            return "entrez"
        if names_variant(gene.decode("utf-8", "replace")):
            return "variant"
        return "symbol" if _SYMBOL.fullmatch(gene) else "other"

    def finish(self) -> dict[str, object]:
        """Judges the mixture; facts: ``id_space`` of most rows, for Ensembl ``id_versions`` and ``id_species``."""
        plain, versioned = self._kinds.get("ensembl", (0, 0)), self._kinds.get("ensembl-versioned", (0, 0))
        ensembl = plain[0] + versioned[0]
        others = [each for kind, each in self._kinds.items() if not kind.startswith(_OF_ANY_KIND)]
        foreign = sum(number for number, _ in others)
        if plain[0] and versioned[0]:
            place = Place(line=max(plain[1], versioned[1]), column=1)
            got = f"{versioned[0]} with and {plain[0]} without version"
            self._reading.find(MIXED_IDS.at(place, expected="one kind of identifier", got=got))
        elif ensembl and foreign * 100 > self.count * _FOREIGN_PERCENT:
            place = Place(line=min(first for _, first in others), column=1)
            got = f"{ensembl} of Ensembl, {foreign} of another kind"
            self._reading.find(MIXED_IDS.at(place, expected="one kind of identifier", got=got))
        numbers, symbols = self._kinds.get("entrez", (0, 0)), self._kinds.get("symbol", (0, 0))
        if max(symbols[0], ensembl) > numbers[0] > 0:
            place = Place(line=numbers[1], column=1)
            got = f"{self._number}, the first of {numbers[0]}" if numbers[0] > 1 else self._number
            self._reading.find(GENE_DAY_NUMBER.at(place, expected="a gene's identifier", got=got))
        if not self.count:
            return {}
        sizes = {"ensembl": ensembl, **{kind: self._kinds.get(kind, (0, 0))[0] for kind in _KINDS}}
        space = max(sizes, key=lambda kind: sizes[kind])
        if space != "ensembl":
            return {"id_space": space}
        species = _SPECIES.get(self._species or b"")
        return {"id_space": space, "id_versions": versioned[0] > plain[0], "id_species": species}


def _has_unseen(text: bytes) -> bool:
    """Whether a text has characters that nobody sees: control characters, blanks other than the plain one, marks of no width."""
    if text.isascii():
        return _CONTROL.search(text) is not None
    return any(unicodedata.category(each) in _UNSEEN and each != " " for each in text.decode("utf-8", "replace"))


def _rule_of(gene: bytes) -> Rule | None:
    """What is wrong with an identifier that is none of Ensembl's; None when it can be one."""
    if gene != gene.strip() or _has_unseen(gene) or _LIKE_ENSEMBL.fullmatch(gene) or _DAMAGED_ENSEMBL.match(gene):
        return GENE_MALFORMED
    if _ERROR_OF_EXCEL.fullmatch(gene):
        return GENE_MALFORMED
    if is_date(gene):
        return GENE_DATE
    return GENE_NUMBER if _NUMBER.fullmatch(gene) else None
