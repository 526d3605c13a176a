"""The header of a matrix: columns that describe the gene, then one column a sample, each named once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import Reading

_MANUAL = "htseq-count and featureCounts manuals (count table)"

NO_HEADER = Rule(
    "matrix-no-header",
    Severity.ERROR,
    Level.SPEC,
    "the matrix has no header line",
    "write a first line with the name of the gene column and the names of the samples",
    _MANUAL,
    "Without it nobody knows which sample a column is.",
)
NO_SAMPLE_NAMES = Rule(
    "matrix-no-sample-names",
    Severity.ERROR,
    Level.BANK,
    "the table of the counting program has no header line",
    "write a first line with gene_id and the names of the samples (htseq-count: --with-header)",
    _MANUAL,
    "Without it nobody knows which sample a column is.",
)
NO_SAMPLES = Rule(
    "matrix-no-samples",
    Severity.ERROR,
    Level.SPEC,
    "the matrix has no sample columns",
    "separate the columns with tabs or commas; one column a sample follows those of the gene",
    _MANUAL,
)
SAMPLE_NAME = Rule(
    "matrix-sample-without-name",
    Severity.ERROR,
    Level.SPEC,
    "a sample column has no name",
    "name the column after its sample",
    _MANUAL,
)
SAMPLE_TWICE = Rule(
    "matrix-sample-twice",
    Severity.ERROR,
    Level.SPEC,
    "the name of a sample stands twice in the header",
    "give replicates names of their own",
    _MANUAL,
    "Programs keep one of the two columns, or add a number nobody knows of.",
)
OTHER_SAMPLE = Rule(
    "matrix-other-sample",
    Severity.ERROR,
    Level.BANK,
    "no column of the matrix is the declared sample",
    "correct sample_id in files.csv, or give the matrix that has this sample",
    "docs/validation.md",
    "A matrix under the wrong line is worse than none.",
)
OTHER_LINE = Rule(
    "matrix-other-line",
    Severity.WARNING,
    Level.BANK,
    "no column of the matrix starts with the name of the line",
    "look whether it is another line's matrix; state the column's name as sample_id when the laboratory calls the line so",
    "docs/validation.md",
)

MANY_COLUMNS = Rule(
    "matrix-many-columns",
    Severity.ERROR,
    Level.SPEC,
    "the header has more than {limit} columns; the matrix was not read",
    "give a matrix of bulk samples: single cells and variants have formats of their own",
    "fairline",
    "Nobody counts so many samples; reading them would take minutes and gigabytes.",
)

MOST_COLUMNS = 200_000
HEADER_RULES = (
    MANY_COLUMNS,
    NO_HEADER,
    NO_SAMPLE_NAMES,
    NO_SAMPLES,
    SAMPLE_NAME,
    SAMPLE_TWICE,
    OTHER_SAMPLE,
    OTHER_LINE,
)

_GENE_COLUMNS = frozenset({"", "gene", "gene_id", "geneid", "id", "ensembl_gene_id", "gene_name", "symbol"})
#: Columns between the gene and the samples: names, kinds, the transcripts of RSEM, and the five of featureCounts.
_DESCRIPTIONS = frozenset(
    {
        "gene_id",
        "gene_name",
        "gene_symbol",
        "hgnc_symbol",
        "entrezgene_id",
        "transcript_id",
        "transcript_id(s)",
        "symbol",
        "genename",
        "name",
        "description",
        "gene_type",
        "gene_biotype",
        "biotype",
        "chr",
        "start",
        "end",
        "strand",
        "length",
    }
)
_NUMBER = re.compile(r"[-+]?[0-9]+(?:[.,][0-9]*)?(?:[eE][-+]?[0-9]+)?")
_SHOWN_SAMPLES = 5
#: The gene and what htseq-count may write about it.
_MOST_WORDS = 6


def described_columns(names: Sequence[str]) -> int:
    """How many columns stand before those of the samples: the gene's, and those that describe it."""
    columns = 1
    while columns < len(names) and names[columns].strip().lower() in _DESCRIPTIONS:
        columns += 1
    return columns


def names_of_row(cells: Sequence[str]) -> list[str] | None:
    """Names for the columns of a matrix whose first line is no header but its first row; None for a header.

    Such a row is a gene, perhaps with words about it (``htseq-count --additional-attr``), then numbers.
    """
    words = 1
    while words < min(len(cells), _MOST_WORDS) and not _NUMBER.fullmatch(cells[words]):
        words += 1
    samples = cells[words:]
    is_named = cells[0].strip().lower() in _GENE_COLUMNS or described_columns(cells) > 1
    if is_named or not samples or not all(map(_NUMBER.fullmatch, samples)):
        return None
    return [cells[0], *["description"] * (words - 1), *map(str, range(1, len(samples) + 1))]


def judge_header(reading: Reading, names: Sequence[str], line: int) -> bool:
    """Findings about a header.

    Args:
        reading: where findings go; it tells the declared sample and line.
        names: the cells of the header.
        line: its line.

    Returns:
        Whether rows can be read by it.
    """
    described = described_columns(names)
    samples = names[described:]
    if not samples:
        reading.find(NO_SAMPLES.at(Place(line=line), expected="at least one sample column, after tabs or commas"))
        return False
    seen: set[str] = set()
    for column, name in enumerate(samples, start=described + 1):
        if not name.strip():
            reading.find(SAMPLE_NAME.at(Place(line=line, column=column), expected="a name"))
        elif name in seen:
            reading.find(SAMPLE_TWICE.at(Place(line=line, column=name), expected="different names", got=name))
        seen.add(name)
    _judge_declared(reading, samples, line)
    return True


def judge_no_header(reading: Reading, row: Sequence[str], line: int, *, has_summary: bool) -> None:
    """The finding about a matrix that begins with a row.

    htseq-count and STAR write such tables, and their summary rows tell them; any other lost its header.
    """
    rule = NO_SAMPLE_NAMES if has_summary else NO_HEADER
    reading.find(rule.at(Place(line=line), expected="names of samples", got=", ".join(row[:_SHOWN_SAMPLES])))


def _judge_declared(reading: Reading, samples: Sequence[str], line: int) -> None:
    sample, owner = reading.declared.sample_id, reading.declared.line_id
    got = ", ".join(samples[:_SHOWN_SAMPLES])
    if sample and sample not in samples:
        reading.find(OTHER_SAMPLE.at(Place(line=line), expected=sample, got=got))
    elif owner and not sample and not any(name.startswith(owner) for name in samples):
        reading.find(OTHER_LINE.at(Place(line=line), expected=f"{owner}...", got=got))
