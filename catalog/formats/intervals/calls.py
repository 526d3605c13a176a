"""Calls of methylated and other bases: what is counted of them in either path, and the facts that come out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from catalog.formats.protocol import Facts
from catalog.kernels.intervals_layout import (
    COVERAGE,
    GROUPS,
    HIGHEST_VALUE,
    LEVELS,
    LOWEST_VALUE,
    MOST_COVERAGE,
    MOST_DECIMALS,
    MOST_GROUPS,
    REALS_SIZE,
    RECORDS,
    SPAN,
    STRANDS,
    TALLY_SIZE,
    WAITING,
)

#: Coverage is told in these ranges, each from its first number to the one before the next.
_RANGES = (0, 1, 2, 3, 5, 10, 20, 30, 50, 100)
_DEPTHS = (5, 10, 30)
_TENTHS = 10


def new_tally() -> array[int]:
    """A tally in which nothing is counted yet (see :mod:`catalog.kernels.intervals_layout`)."""
    tally = array("q", bytes(8 * TALLY_SIZE))
    tally[SPAN] = tally[WAITING] = -1
    return tally


def new_reals(slack: float) -> array[float]:
    """How far a printed percentage may be off by its number of decimals, and an empty range of values.

    Args:
        slack: what the writer's arithmetic adds to half a unit of the last decimal.
    """
    reals = array("d", bytes(8 * REALS_SIZE))
    for decimals in range(MOST_DECIMALS + 1):
        reals[decimals] = tolerance(decimals, slack)
    reals[LOWEST_VALUE], reals[HIGHEST_VALUE] = float("inf"), float("-inf")
    return reals


def tolerance(decimals: int, slack: float) -> float:
    """How far a percentage printed with so many decimals may be from the true one."""
    return 0.5 * 10.0**-decimals + slack


def add_level(tally: array[int], share: float) -> None:
    """Counts a record by its percentage of modified calls."""
    tally[LEVELS + min(_TENTHS - 1, int(share * 0.1))] += 1


def add_calls(tally: array[int], group: int, modified: int, calls: int) -> None:
    """Counts a record by its calls.

    Args:
        tally: where it is counted.
        group: its context or name, from 0 to :data:`MOST_GROUPS`.
        modified: calls that show the modification.
        calls: all calls.
    """
    tally[COVERAGE + min(MOST_COVERAGE, calls)] += 1
    at = GROUPS + 3 * group
    tally[at] += 1
    # What no machine could count is not added up: the cells are signed 64-bit integers.
    if 0 < calls < 1 << 40:
        tally[at + 1] += modified
        tally[at + 2] += calls


def group_facts(tally: array[int], group: int) -> Facts:
    """``records``, ``calls`` and ``methylation_percent`` of one group."""
    records, modified, calls = tally[GROUPS + 3 * group : GROUPS + 3 * group + 3]
    return {"records": records, "calls": calls, "methylation_percent": _percent(modified, calls)}


def strand_facts(tally: array[int]) -> dict[str, int]:
    """Records by strand, strands without any left out."""
    counts = dict(zip("+-.", tally[STRANDS : STRANDS + 3], strict=True))
    return {strand: count for strand, count in counts.items() if count}


def _percent(modified: int, calls: int) -> float | None:
    return round(100 * modified / calls, 4) if calls else None


def call_facts(tally: array[int]) -> Facts:
    """The facts about all calls of a file.

    ``records``; ``mean_coverage`` (calls a record) and ``mean_methylation_percent`` (modified calls as a share of all);
    ``records_with_coverage`` of at least 5, 10 and 30; ``coverage_histogram`` (records by coverage, ten ranges);
    ``methylation_histogram`` (covered records by percentage, ten equal ranges from 0 to 100).
    """
    groups = [tally[GROUPS + 3 * group : GROUPS + 3 * group + 3] for group in range(MOST_GROUPS + 1)]
    records, modified, calls = (sum(group[each] for group in groups) for each in range(3))
    coverage = tally[COVERAGE : COVERAGE + MOST_COVERAGE + 1]
    ends = (*_RANGES[1:], MOST_COVERAGE + 1)
    ranges = {
        _range_name(first, end): sum(coverage[first:end]) for first, end in zip(_RANGES, ends, strict=True)
    }  # fmt: skip
    return {
        "records": tally[RECORDS],
        "mean_coverage": round(calls / records, 4) if records else None,
        "mean_methylation_percent": _percent(modified, calls),
        "records_with_coverage": {str(depth): sum(coverage[depth:]) for depth in _DEPTHS},
        "coverage_histogram": ranges,
        "methylation_histogram": tally[LEVELS : LEVELS + _TENTHS].tolist(),
    }


def _range_name(first: int, end: int) -> str:
    if first == _RANGES[-1]:
        return f"{first}+"
    return str(first) if end == first + 1 else f"{first}-{end - 1}"


def most_look_right(rows: Sequence[list[bytes]], looks_right: Callable[[list[bytes]], bool]) -> bool:
    """Whether the first lines are of a format although some may be broken, and the first is no header of a table.

    Args:
        rows: columns of the first lines.
        looks_right: says it of one line.
    """
    if not rows or not any(field.isdigit() for field in rows[0]):
        return False
    return 2 * sum(map(looks_right, rows)) >= len(rows)
