"""The numbers of an expression matrix: counts are whole, TPM are decimals, and nothing is missing, negative or mangled."""

from __future__ import annotations

import re

from catalog.findings import Level, Rule, Severity

_MANUAL = "htseq-count and featureCounts manuals (count table)"
TPM_SOURCE = "Wagner et al. 2012, Theory in Biosciences 131:281"

VALUE = Rule(
    "matrix-value",
    Severity.ERROR,
    Level.SPEC,
    "a value is not a number",
    "write a number into every cell: 0 where no read was counted; a matrix has no missing values, no NA and no infinity",
    f"{_MANUAL}; {TPM_SOURCE}",
)
LOCALE_COMMA = Rule(
    "matrix-locale-comma",
    Severity.ERROR,
    Level.SPEC,
    "a number is written with a comma",
    "write decimals with a point and no separators of thousands",
    f"{_MANUAL}; {TPM_SOURCE}",
    "1,234 is 1234 for one reader and 1.234 for another.",
)
NEGATIVE = Rule(
    "matrix-negative",
    Severity.ERROR,
    Level.SPEC,
    "a value is negative",
    "give counts or TPM, not log ratios or corrected values",
    f"{_MANUAL}; {TPM_SOURCE}",
)
NOT_INTEGER = Rule(
    "matrix-not-integer",
    Severity.ERROR,
    Level.SPEC,
    "a count is not written as a whole number",
    "give the raw counts, written out (100000, not 1e+05 or 100000.0: in R options(scipen=99)); estimates and normalised values"
    " are a TPM matrix or a table",
    _MANUAL,
    "Statistics of counts are wrong on anything else.",
)

COUNT = re.compile(rb"[0-9]{1,30}")
DECIMAL = re.compile(rb"(?:[0-9]{1,30}(?:\.[0-9]*)?|\.[0-9]+)(?:[eE](?:\+?0?[0-9]{1,2}|-[0-9]{1,3}))?")
#: 1,5 and 1,234.5; 1.234,5 and what else stands between thousands where a comma stands before decimals.
_COMMA = re.compile(
    rb"-?(?:[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?|[0-9]{1,3}(?:(?:[. ']|\xc2\xa0|\xe2\x80\xaf)[0-9]{3})+,[0-9]+)"
)


def rule_of(value: bytes, *, whole: bool) -> tuple[Rule, str]:
    """Why a value is neither a count nor a TPM, and what it must be."""
    if _COMMA.fullmatch(value):
        return LOCALE_COMMA, "a decimal point and no other mark"
    if value.startswith(b"-") and DECIMAL.fullmatch(value[1:]):
        return NEGATIVE, "a number from 0"
    if whole and DECIMAL.fullmatch(value):
        return NOT_INTEGER, "a whole number from 0"
    return VALUE, "a number from 0"
