"""A line as a whole: is there anything, do passages fit, can its identity be proved."""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.checks.protocol import LineCheck, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.model.files import RECORD_PATH, TABLE_PATHS

NO_FILES = Rule(
    "line-no-files",
    Severity.WARNING,
    Level.BANK,
    "the line has no files",
    "add its files, or nothing if none exist: a record alone can be released",
    "docs/records.md",
    "An empty row in a table is not a no: nobody knows whether there are data.",
)
PASSAGE_GAP = Rule(
    "line-passage-gap",
    Severity.WARNING,
    Level.BANK,
    "the {modality} data are of passage {measured}, the bank distributes passage {distributed}",
    "nothing to mend if it is true: users see the gap; else correct files.csv or banks.csv",
    "docs/validation.md",
    "Pluripotent cells change in culture: data of another passage describe other cells.",
)
ONE_GENOTYPE = Rule(
    "line-one-genotype",
    Severity.INFO,
    Level.BANK,
    "only one kind of measurement shows the genotype",
    "add an STR profile (str.csv): without a second source a swap cannot be seen",
    "docs/validation.md",
)
LINE_RULES = (NO_FILES, PASSAGE_GAP, ONE_GENOTYPE)

_GENOTYPE_MODALITIES = {"snp-array", "wes", "wgs", "rna-seq", "methyl-seq"}


class LineAsWholeCheck(LineCheck):
    """Judges what only the whole line shows."""

    rules = LINE_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line."""
        if not subject.line.files:
            yield NO_FILES.at(Place(path=RECORD_PATH, column="line_id"), got="no rows in files.csv")
        yield from _passage_gaps(subject)
        modalities = {row.modality for row in subject.line.files} & _GENOTYPE_MODALITIES
        if len(modalities) == 1 and "str" not in subject.line.tables:
            yield ONE_GENOTYPE.at(
                Place(path=TABLE_PATHS["files"], column="modality"), expected="two sources", got=modalities.pop()
            )


def passage_total(text: str) -> int | None:
    """The passages in all of ``18``, ``p18`` or ``p10+16``; None for anything else."""
    match = re.fullmatch(r"p?([0-9]{1,4})(?:\+([0-9]{1,4}))?", text.strip())
    return int(match[1]) + int(match[2] or 0) if match else None


def _passage_gaps(subject: LineSubject) -> Iterator[Finding]:
    """One finding for each file whose cells are of another passage than the distributed ones."""
    banks = subject.line.tables.get("banks")
    if banks is None or not banks.rows.usable:
        return
    passages = [passage_total(row.get("passage")) for row in banks.rows.rows if row.get("type") == "distribution"]
    distributed = next((each for each in passages if each is not None), None)
    if distributed is None:
        return
    for row in subject.line.files:
        measured = passage_total(row.passage)
        if measured is not None and measured != distributed:
            yield PASSAGE_GAP.at(
                Place(path=row.path, column="passage"),
                expected=f"passage {distributed}",
                got=f"passage {measured}",
                modality=row.modality or "file's",
                measured=measured,
                distributed=distributed,
            )


CHECK = LineAsWholeCheck()
