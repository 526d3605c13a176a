"""A Matrix Market file of single cells with the lists of its columns (barcodes) and rows (features, genes)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.companions import Member
from catalog.formats.mtx.names import BARCODES, FEATURES, MATRIX, matrix_group, part_of

_SOURCE = "10x Genomics, Cell Ranger: feature-barcode matrices (MEX format)"

FEATURES_COUNT = Rule(
    "mtx-features-count",
    Severity.ERROR,
    Level.SPEC,
    "the list of features does not have as many lines as the matrix has rows",
    "take the three files of one run: matrix, barcodes and features belong together",
    _SOURCE,
    "Every value would be read as one of another gene.",
)
BARCODES_COUNT = Rule(
    "mtx-barcodes-count",
    Severity.ERROR,
    Level.SPEC,
    "the list of barcodes does not have as many lines as the matrix has columns",
    "take the three files of one run: matrix, barcodes and features belong together",
    _SOURCE,
    "Every value would be read as one of another cell.",
)
NAME_TWICE = Rule(
    "mtx-name-twice",
    Severity.ERROR,
    Level.SPEC,
    "a barcode or a feature stands in two lines of its list",
    "give every cell its own barcode (with the suffix of its well or sample) and every row its gene identifier",
    _SOURCE,
    "A reader cannot tell the two columns or rows apart.",
)
TRANSPOSED = Rule(
    "mtx-transposed",
    Severity.WARNING,
    Level.BANK,
    "the matrix has the cells in its rows",
    "write it with genes in rows and cells in columns, as most programs expect",
    _SOURCE,
)


class MtxCompanions:
    """Matrix, barcodes and features (see :class:`catalog.formats.companions.Companions`)."""

    name = "mtx"
    rules: Sequence[Rule] = (FEATURES_COUNT, BARCODES_COUNT, NAME_TWICE, TRANSPOSED)

    def part_of(self, name: str) -> tuple[str, str] | None:
        """``GSM1_matrix.mtx.gz``, ``GSM1_barcodes.tsv.gz`` and ``GSM1_features.tsv.gz`` are of the group ``GSM1``."""
        group = matrix_group(name)
        return (group, MATRIX) if group is not None else part_of(name)

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Counts and names; a matrix alone is fine, and so is a list alone."""
        matrices = [each for each in members if each.part == MATRIX and _size(each, "rows") is not None]
        lists = [each for each in members if each.part != MATRIX and each.subject.facts.get("without_header")]
        for each in lists if matrices else ():
            record = each.subject.evidence.get("first_repeat")
            if isinstance(record, int):
                yield (
                    each,
                    NAME_TWICE.at(
                        Place(line=record, record=record, column=1), expected="each name once", got="a name once more"
                    ),
                )
        for matrix in matrices:
            yield from _judge_counts(matrix, lists)


def _size(member: Member, name: str) -> int | None:
    found = member.subject.facts.get(name)
    is_known = member.subject.format == ("mtx" if member.part == MATRIX else "table")
    return found if is_known and isinstance(found, int) else None


def _judge_counts(matrix: Member, lists: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
    sides = {FEATURES: (FEATURES_COUNT, "rows"), BARCODES: (BARCODES_COUNT, "columns")}
    turned = {FEATURES: "columns", BARCODES: "rows"}
    counted = [(each, count) for each in lists if (count := _size(each, "rows")) is not None]
    fits = all(count == _size(matrix, sides[each.part][1]) for each, count in counted)
    both = {each.part for each, _ in counted} == {FEATURES, BARCODES}
    if both and not fits and all(count == _size(matrix, turned[each.part]) for each, count in counted):
        yield matrix, TRANSPOSED.at(expected="genes in rows", got="cells in rows")
        return
    for each, count in counted:
        rule, side = sides[each.part]
        wanted = _size(matrix, side)
        if count != wanted:
            got = f"{count} lines"
            yield each, rule.at(expected=f"{wanted} lines", got=got, related=[matrix.subject.path])


COMPANIONS = MtxCompanions()
