"""The columns of a FinalReport: what may stand in each, judged once for each value that comes again and again."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.findings import Rule
from catalog.formats.arrays.final_report_header import report_error, report_wish

_AGAIN = "export the report again with the decimal point and without editing it"
_UNEDITED = "export the report again from GenomeStudio: it was edited, or another program wrote it"
ALLELE = report_error("allele", "an allele is none of {part}", _UNEDITED, "Allele1, Allele2")
HALF_CALL = report_wish(
    "half-call", "a genotype has one allele and one that is not called", "look which program wrote or edited the report"
)
SCORE = report_error("score", "a score is not from 0 to 1", _UNEDITED, "GC Score, GT Score, Cluster Sep")
CHROMOSOME = report_error("chromosome", "the chromosome is not one that GenomeStudio writes", _UNEDITED, "Chr")
POSITION = report_error("position", "the position is not a whole number from 0", _UNEDITED, "Position")
FREQUENCY = report_error("baf", "a B-allele frequency is not from 0 to 1", _UNEDITED, "B Allele Freq")
THETA = report_error("theta", "theta is not from 0 to 1", _UNEDITED, "Theta")
RADIUS = report_error("r", "R is not a number from 0", _AGAIN, "R")
NUMBER = report_error("value", "a signal is not a number", _AGAIN, "Log R Ratio, X, Y")
RAW = report_error("raw", "a raw intensity is not a whole number from 0", _AGAIN, "X Raw, Y Raw")
COMMA = report_error(
    "decimal-comma",
    "a number has a decimal comma",
    "export the report again on a computer that is set to the decimal point",
    "numbers",
    "Other programs read 0,95 as 95 or as text.",
)

COLUMN_RULES = (ALLELE, HALF_CALL, SCORE, CHROMOSOME, POSITION, FREQUENCY, THETA, RADIUS, NUMBER, RAW, COMMA)

_ALLELE_COLUMN = re.compile(r"Allele([12]) - (.+)")
_CALL_COLUMN = re.compile(r"Alleles - (.+)")
_CHROMOSOME = re.compile(r"(?i:chr)?(?:[0-9]{1,2}|X|Y|XY|MT|Mt|M|PAR[12]?|Un|UNK?|W|Z)")
_COMMA = re.compile(r"-?[0-9]*,[0-9]+(?:[Ee][+-]?[0-9]+)?")
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][+-]?[0-9]{1,3})?")
#: What .NET writes for numbers that are none.
_NO_NUMBERS = {
    "NaN": math.nan,
    "nan": math.nan,
    "Infinity": math.inf,
    "-Infinity": -math.inf,
    "∞": math.inf,
    "-∞": -math.inf,
}
_MOST_KEPT = 100_000
_DIGITS = 10
_BASES = frozenset("ACGTDI-")
_LETTERS = frozenset("AB-")
_TOLERANCE = 1e-4
_SCORES = ("GC Score", "GT Score", "Cluster Sep", "GenCall Score")
_NUMBERS = ("Log R Ratio", "X", "Y", "Log R Ratio Illumina")
_RAWS = ("X Raw", "Y Raw")
_POSITIONS = ("Position", "MapInfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with a cell.

    Attributes:
        rule: the rule that it breaks.
        expected: what may stand there.
        words: for the rule's message.
    """

    rule: Rule
    expected: str
    words: str = ""


def number_of(text: str) -> float | None:
    """A number as GenomeStudio writes it; NaN and infinities too. None where it is no number."""
    if text in _NO_NUMBERS:
        return _NO_NUMBERS[text]
    return float(text) if _DECIMAL.fullmatch(text) else None


class Column:
    """One column that is judged.

    Values that are good are kept, up to a bound: most columns have few different ones.
    """

    def __init__(self, name: str, index: int, judge: Callable[[str], Fault | None]) -> None:
        self.name = name
        self.index = index
        self._judge = judge
        self._is_whole = name in (*_RAWS, *_POSITIONS)
        self._good: set[bytes] = set()

    def fault(self, cell: bytes) -> Fault | None:
        """What is wrong with a cell; None when nothing is. No character around a value is overlooked."""
        if cell in self._good:
            return None
        fault = self._judge(cell.decode("utf-8", "replace"))
        if fault is None and len(self._good) < _MOST_KEPT:
            self._good.add(cell)
        return fault

    def are_good(self, cells: Sequence[bytes]) -> bool:
        """Whether nothing is wrong with any of these cells."""
        if (
            self._is_whole
            and b"".join(cells).isdigit()
            and min(map(len, cells)) > 0
            and max(map(len, cells)) <= _DIGITS
        ):
            return True
        return all(self.fault(cell) is None for cell in set(cells) - self._good)


def judge_of(name: str) -> Callable[[str], Fault | None] | None:
    """What judges the cells of a column; None for one that may hold anything."""
    if match := _ALLELE_COLUMN.fullmatch(name):
        return _allele(_LETTERS if match[2] == "AB" else _BASES, 1)
    if match := _CALL_COLUMN.fullmatch(name):
        return _allele(_LETTERS if match[1] == "AB" else _BASES, 2)
    if name in _SCORES:
        return _between(SCORE, 0, 1)
    if name == "B Allele Freq":
        return _between(FREQUENCY, 0, 1)
    if name == "Theta":
        return _between(THETA, 0, 1)
    if name == "R":
        return _between(RADIUS, 0, math.inf)
    if name in _NUMBERS:
        return _between(NUMBER, -math.inf, math.inf)
    if name == "CNV Value":
        # Empty where nobody looked for copy numbers.
        number = _between(NUMBER, -math.inf, math.inf)
        return lambda text: number(text) if text else None
    if name in _RAWS:
        return _whole(RAW)
    if name in _POSITIONS:
        return _whole(POSITION)
    return _chromosome if name == "Chr" else None


def _allele(letters: frozenset[str], most: int) -> Callable[[str], Fault | None]:
    shown = ", ".join(sorted(letters - {"-"})) + " and -"
    fault = Fault(rule=ALLELE, expected=shown, words=shown)

    def judge(text: str) -> Fault | None:
        # Illumina's script writes calls of two letters, and one hyphen for none.
        fits = 1 <= len(text) <= most if most > 1 else len(text) == 1
        return None if fits and letters.issuperset(text) else fault

    return judge


def _between(rule: Rule, low: float, high: float) -> Callable[[str], Fault | None]:
    expected = "a number or NaN" if math.isinf(low) else f"{low} to {high}" if math.isfinite(high) else "0 or more"
    fault = Fault(rule=rule, expected=expected)

    def judge(text: str) -> Fault | None:
        number = number_of(text)
        if number is None:
            return Fault(rule=COMMA, expected="a decimal point") if _COMMA.fullmatch(text) else fault
        return None if math.isnan(number) or low - _TOLERANCE <= number <= high + _TOLERANCE else fault

    return judge


def _whole(rule: Rule) -> Callable[[str], Fault | None]:
    fault = Fault(rule=rule, expected="a whole number from 0")

    def judge(text: str) -> Fault | None:
        return None if text.isascii() and text.isdigit() and len(text) <= _DIGITS else fault

    return judge


def _chromosome(text: str) -> Fault | None:
    if _CHROMOSOME.fullmatch(text):
        return None
    return Fault(rule=CHROMOSOME, expected="0 to 99, X, Y, XY or MT")
