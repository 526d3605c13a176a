"""Gene by sample matrices of RNA-seq: read counts and TPM, as TSV or CSV.

First column gene identifiers (``gene_id``, ``Geneid``, ``gene`` or no name), then columns that describe the
gene (name, symbol, the five of featureCounts), then one column a sample. Comment lines may stand first
(featureCounts writes one). The summary rows of htseq-count (``__no_feature`` ...) and STAR (``N_unmapped`` ...) are not
genes; a table with them may lack a header, as these programs write it.

Sources: manuals of htseq-count, featureCounts (Subread) and STAR; Wagner et al. 2012 (TPM).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from statistics import median

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.expression.evidence import LISTED_SAMPLES
from catalog.formats.expression.gene_ids import GENE_RULES
from catalog.formats.expression.rows import ROW_RULES, MatrixJudge
from catalog.formats.expression.sample_columns import HEADER_RULES, NO_HEADER
from catalog.formats.expression.values import (
    DECIMAL,
    LOCALE_COMMA,
    NEGATIVE,
    NOT_INTEGER,
    TPM_SOURCE,
    VALUE,
)
from catalog.formats.genotypes import GENOTYPES
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts, judge_lines
from catalog.formats.table_delimiter import delimiter_of
from catalog.model import Role, Tier

_MANUAL = "htseq-count and featureCounts manuals (count table)"

NO_GENES = Rule(
    "matrix-no-genes",
    Severity.ERROR,
    Level.SPEC,
    "the matrix has no rows of genes",
    "check that the counting found its annotation",
    _MANUAL,
)
TPM_SUM = Rule(
    "matrix-tpm-sum",
    Severity.WARNING,
    Level.BANK,
    "the TPM of a sample do not add up to a million",
    "give every gene of the annotation; values that were filtered or are FPKM are not TPM",
    f"{TPM_SOURCE} (sum over all transcripts)",
)

_SUM, _SUM_TOLERANCE = 1_000_000, 0.01
_SUFFIXES = (".tsv", ".csv", ".tab", ".txt", ".count", ".counts", ".tpm", ".out", ".matrix")
#: ``count`` in a name, but not in account, discount, country or counter.
_NAMED_COUNTS = re.compile(r"(?<!ac)(?<!dis)count(?!r|e|y)|htseq|readspergene")
#: STAR writes what it did not count first, often the same number for each strand.
_BY_STAR = re.compile(rb"N_unmapped(?:\t[0-9]+){3}\r?\n")
_TABLE_SUFFIXES = (".tsv", ".csv", ".tab", ".count", ".counts", ".tpm")
_COUNTS, _TPM_NAME = "counts-matrix", "tpm-matrix"
#: Columns of quantifiers (Salmon, kallisto, RSEM): a table of one sample, several values a gene.
_QUANTIFIED = re.compile(
    rb"(?i:(?:^|[\t,])\"?(?:eff_length|effectivelength|effective_length|est_counts|numreads|fpkm)\b)"
)


class _Matrix:
    """What both matrices have in common (see :class:`catalog.formats.protocol.Format`)."""

    name = ""
    title = ""
    mediatype = "text/tab-separated-values"
    edam = "EDAM:format_3475"
    floor = Tier.OPEN
    whole = False
    rules: Sequence[Rule] = (
        *HEADER_RULES,
        *ROW_RULES,
        NO_GENES,
        VALUE,
        LOCALE_COMMA,
        NEGATIVE,
        *GENE_RULES,
        GENOTYPES,
    )

    def sniff(self, head: Head) -> int:
        """By the declared modality or by a word in the name, for a file that is a table at all."""
        kind = _COUNTS if _BY_STAR.match(head.text) else _kind_by(head)
        return BY_NAME if kind == self.name else NO

    def _judge_totals(self, reading: Reading, totals: Mapping[str, float]) -> None:
        """Findings about whole samples."""

    def read(self, reading: Reading) -> Facts:
        """Reads the matrix row by row.

        Facts: ``genes``; ``samples``, ``library_sizes`` and ``detected_genes`` (by sample, for the first 1,000 samples);
        ``library_size`` (``min``, ``median``, ``max`` over all samples); ``id_space`` (ensembl, refseq, entrez, symbol, ...)
        and for Ensembl ``id_versions`` and ``id_species``; ``sex_markers`` (by sample whether XIST and RPS4Y1 are
        expressed); ``summary_rows`` (of the counting program); ``comment_lines`` (before the header), ``synthetic``
        (where a comment says so); ``genotype_like`` and ``hla_like`` (:mod:`catalog.formats.genotypes`).

        Evidence: see :mod:`catalog.formats.expression.evidence`.
        """
        judge = MatrixJudge(reading, whole=self.whole)
        tally = judge.tally
        judge_lines(reading, judge)
        if reading.source.findings:
            return {}
        if not judge.began:
            reading.find(NO_HEADER.at(Place(line=1), expected="names of samples", got="nothing"))
            return {}
        judge.finish()
        tally.finish()
        if not tally.genes.count and not reading.has_errors:
            reading.find(NO_GENES.at(expected="at least one gene"))
        gene_facts = tally.genes.finish()
        totals = {name: self._shown(total) for name, total in zip(tally.samples, tally.totals, strict=True)}
        if judge.is_judged and tally.genes.count:
            self._judge_totals(reading, totals)
        reading.evidence |= tally.expression.evidence(tally.samples, tally.totals)
        return as_facts(
            {
                "genes": tally.genes.count,
                "samples": tally.samples[:LISTED_SAMPLES],
                "library_size": self._spread(list(totals.values())),
                "library_sizes": dict(islice(totals.items(), LISTED_SAMPLES)),
                "detected_genes": dict(islice(zip(tally.samples, tally.detected, strict=True), LISTED_SAMPLES)),
                **gene_facts,
                **tally.expression.facts(tally.samples, tally.totals),
                "summary_rows": list(judge.summaries) or None,
                **tally.signs.report(reading, Place(column=1)),
                "comment_lines": judge.comments or None,
                "synthetic": True if judge.is_synthetic else None,
            }
        )

    def _shown(self, total: float) -> float:
        return int(total) if self.whole else round(total, 3)

    def _spread(self, totals: Sequence[float]) -> dict[str, float]:
        return {"min": min(totals), "median": self._shown(median(totals)), "max": max(totals)}


class _CountsMatrix(_Matrix):
    """Read counts, whole numbers."""

    name = _COUNTS
    title = "gene counts matrix"
    whole = True
    rules = (*_Matrix.rules, NOT_INTEGER)


class _TpmMatrix(_Matrix):
    """Transcripts per million, which add up to a million in every sample."""

    name = _TPM_NAME
    title = "TPM matrix"
    rules = (*_Matrix.rules, TPM_SUM)

    def _judge_totals(self, reading: Reading, totals: Mapping[str, float]) -> None:
        for sample, total in totals.items():
            if abs(total - _SUM) > _SUM * _SUM_TOLERANCE:
                reading.find(TPM_SUM.at(Place(column=sample), expected=f"{_SUM} within 1 %", got=total))


COUNTS_MATRIX = _CountsMatrix()
TPM_MATRIX = _TpmMatrix()


def _kind_by(head: Head) -> str | None:
    """Which of the two a file is said to be; None for any other file."""
    if not head.has_suffix(*_SUFFIXES) and "." in head.stem:
        return None
    if b"\0" in head.text or _QUANTIFIED.search(head.text.partition(b"\n")[0]):
        return None
    shaped, decimal = _shape(head.text)
    named = head.has_suffix(*_TABLE_SUFFIXES) or shaped
    if named and "tpm" in head.stem:
        return _TPM_NAME
    if named and _NAMED_COUNTS.search(head.stem):
        return _COUNTS
    if shaped and head.declared.modality == "rna-seq" and head.declared.role not in {Role.DOCUMENT, Role.QC}:
        return _TPM_NAME if decimal else _COUNTS
    return None


def _shape(text: bytes) -> tuple[bool, bool]:
    """Whether the first two lines have as many cells and a number at the end; whether the first has a decimal point."""
    read = (line.removesuffix(b"\n").removesuffix(b"\r") for line in io.BytesIO(text) if not line.startswith(b"#"))
    lines = list(islice(read, 2))
    if len(lines) < 2:
        return False, False
    delimiter = delimiter_of(lines[0].decode("utf-8", "replace")).encode()
    header, row = (line.split(delimiter) for line in lines)
    values = [value for cell in row[1:] if DECIMAL.fullmatch(value := cell.strip(b'"'))]
    shaped = len(header) == len(row) and values[-1:] == [row[-1].strip(b'"')]
    return shaped, b"." in b"".join(values[:1])
