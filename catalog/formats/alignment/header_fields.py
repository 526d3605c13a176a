"""The fields of header lines: what each may hold (SAMv1, 1.3)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from catalog.findings import Rule
from catalog.formats.alignment.margin import SAM, forbidden, unusual

_HEADER = f"{SAM}, 1.3"

VERSION = forbidden(
    "sam-hd-version",
    "the version of the format is not written as two numbers with a dot",
    "write the version that the file follows, such as VN:1.6",
    f"{_HEADER} (@HD VN): accepted format [0-9]+.[0-9]+",
)
ORDER = forbidden(
    "sam-hd-order",
    "the sorting or grouping is not one of those that the format knows",
    "correct the @HD line, or sort the file anew (samtools sort)",
    f"{_HEADER} (@HD SO, GO, SS): valid values",
    "Programs that rely on the order would take the file for an unsorted one.",
)
NAME = forbidden(
    "sam-sq-name",
    "a reference sequence has a name that the format does not allow",
    "rename it: no spaces, commas, quotes, brackets or backslashes, and no * or = at its start",
    f"{SAM}, 1.2.1 and 1.3 (@SQ SN, AN)",
)
LENGTH = forbidden(
    "sam-sq-length",
    "the length of a reference sequence is not a number from 1 to 2147483647",
    "make the header again from the reference (samtools dict)",
    f"{_HEADER} (@SQ LN)",
)
MD5 = forbidden(
    "sam-sq-md5",
    "the checksum of a reference sequence is not 32 lower-case hexadecimal digits",
    "make the header again from the reference (samtools dict)",
    f"{SAM}, 1.3.2",
)
TOPOLOGY = forbidden(
    "sam-sq-topology",
    "the topology is neither linear nor circular",
    "write TP:linear or TP:circular",
    f"{_HEADER} (@SQ TP)",
)
LOCUS = forbidden(
    "sam-sq-locus",
    "an alternate locus is not written as chr:start-end, chr or *",
    "write the place in the primary assembly, or AH:*",
    f"{_HEADER} (@SQ AH)",
)
DATE = forbidden(
    "sam-rg-date",
    "the date of a run is not a date of ISO 8601",
    "write it as 2020-06-23 or 2020-06-23T12:13:47+01:00",
    f"{_HEADER} (@RG DT)",
)
DATE_BLANK = unusual(
    "sam-rg-date-blank",
    "the date of a run has a blank",
    "write it as 2020-06-23 or 2020-06-23T12:13:47+01:00",
    f"{_HEADER} (@RG DT: ISO 8601)",
)
INSERT_SIZE = forbidden(
    "sam-rg-insert-size",
    "the predicted insert size is not a whole number",
    "write one number, or leave the field out",
    f"{_HEADER} (@RG PI)",
)
PLATFORM = forbidden(
    "sam-rg-platform",
    "the platform of a read group is not one that the format knows",
    "write the valid value (such as ILLUMINA, ONT), or leave PL out and name the machine in PM",
    f"{_HEADER} (@RG PL): valid values",
)
PLATFORM_CASE = unusual(
    "sam-rg-platform-case",
    "the platform of a read group is not written in capital letters",
    "write it in capital letters, such as ILLUMINA",
    f"{_HEADER} (@RG PL): valid values",
)
FLOW = forbidden(
    "sam-rg-bases",
    "the flow order or key sequence has a character that stands for no base",
    "write IUPAC letters in capitals, or FO:* where the order is not known",
    f"{_HEADER} (@RG FO, KS)",
)

FIELD_RULES: tuple[Rule, ...] = (
    VERSION, ORDER, NAME, LENGTH, MD5, TOPOLOGY, LOCUS, DATE, DATE_BLANK, INSERT_SIZE, PLATFORM, PLATFORM_CASE, FLOW,
)  # fmt: skip

#: Names of reference sequences (SAMv1, 1.2.1), as part of a pattern.
_NAME = rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*"
REFERENCE_NAME = re.compile(_NAME)
_LOCUS = re.compile(rb"(" + _NAME + rb"):([0-9]+)-([0-9]+)")
_LONGEST = (1 << 31) - 1
#: Other names of one reference sequence that are told apart.
MOST_ALIASES = 10_000
_PLATFORMS = frozenset(
    b"CAPILLARY DNBSEQ DNB ELEMENT HELICOS ILLUMINA IONTORRENT LS454 ONT PACBIO SINGULAR SOLID ULTIMA".split()
)
_TIME = re.compile(
    r"([01][0-9]|2[0-4])(?::?[0-5][0-9](?::?(?:[0-5][0-9]|60)(?:[.,][0-9]+)?)?)?(?:Z|[+-][0-2][0-9](?::?[0-5][0-9])?)?"
)
_DATES = (
    (re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{4})([0-9]{2})([0-9]{2})"), "calendar"),
    (re.compile(r"([0-9]{4})-?W([0-9]{2})(?:-?([1-7]))?"), "week"),
    (re.compile(r"([0-9]{4})-?([0-9]{3})"), "ordinal"),
    (re.compile(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?"), "reduced"),
)

#: What is wrong with a value: the rule, and what it wants.
Fault = tuple[Rule, str] | None


def is_number(value: bytes, lowest: int, highest: int) -> bool:
    """Whether a value is written in digits alone and lies in a range."""
    return value.isdigit() and len(value.lstrip(b"0")) <= len(str(highest)) and lowest <= int(value) <= highest


def _pattern(rule: Rule, pattern: bytes, expected: str) -> Callable[[bytes], Fault]:
    compiled = re.compile(pattern)
    return lambda value: None if compiled.fullmatch(value) else (rule, expected)


def _length(value: bytes) -> Fault:
    return None if is_number(value, 1, _LONGEST) else (LENGTH, "a number from 1 to 2147483647")


def _aliases(value: bytes) -> Fault:
    good = all(REFERENCE_NAME.fullmatch(name) for name in value.split(b",", MOST_ALIASES))
    return None if good else (NAME, "names with commas between them")


def _locus(value: bytes) -> Fault:
    match = _LOCUS.fullmatch(value)
    if match is not None and is_number(match[2], 1, _LONGEST) and is_number(match[3], 1, _LONGEST):
        return None if int(match[2]) <= int(match[3]) else (LOCUS, "a start that is not behind the end")
    return None if value == b"*" or REFERENCE_NAME.fullmatch(value) else (LOCUS, "chr:start-end, chr or *")


def _platform(value: bytes) -> Fault:
    expected = ", ".join(name.decode() for name in sorted(_PLATFORMS))
    if value in _PLATFORMS:
        return None
    return (PLATFORM_CASE if value.upper() in _PLATFORMS else PLATFORM), expected


def _date(value: bytes) -> Fault:
    text = value.decode("utf-8", "replace")
    day, _, time = re.sub(r"(?<=[0-9]) (?=[0-9])", "T", text.strip(" "), count=1).partition("T")
    if not _is_day(day) or (("T" in text or time) and not _TIME.fullmatch(time)):
        return DATE, "a date of ISO 8601"
    return (DATE_BLANK, "no blank") if " " in text else None


def _is_day(day: str) -> bool:
    for pattern, kind in _DATES:
        match = pattern.fullmatch(day)
        if match is None:
            continue
        numbers = [int(each) for each in match.groups() if each is not None]
        try:
            if kind == "calendar":
                datetime.date(*numbers)
            elif kind == "week":
                datetime.date.fromisocalendar(*(numbers if len(numbers) == 3 else [*numbers, 1]))
            elif kind == "ordinal":
                return 1 <= numbers[1] <= datetime.date(numbers[0], 12, 31).timetuple().tm_yday
        except ValueError:
            return False
        return True
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of header lines.

    Attributes:
        required: tags that every line of the kind has.
        values: checks of the values of tags, where the format restricts them.
        unicode: tags whose values may have characters beyond ASCII, in UTF-8.
    """

    required: tuple[bytes, ...]
    values: Mapping[bytes, Callable[[bytes], Fault]]
    unicode: frozenset[bytes] = frozenset()


KINDS: Mapping[bytes, Kind] = {
    b"HD": Kind(
        required=(b"VN",),
        values={
            b"VN": _pattern(VERSION, rb"[0-9]+\.[0-9]+", "such as 1.6"),
            b"SO": _pattern(ORDER, rb"unknown|unsorted|queryname|coordinate", "unknown, unsorted, queryname or coordinate"),
            b"GO": _pattern(ORDER, rb"none|query|reference", "none, query or reference"),
            b"SS": _pattern(ORDER, rb"(?:coordinate|queryname|unsorted)(?::[A-Za-z0-9_-]+)+", "such as coordinate:queryname"),
        },
    ),
    b"SQ": Kind(
        required=(b"SN", b"LN"),
        values={
            b"SN": lambda value: None if REFERENCE_NAME.fullmatch(value) else (NAME, "a name without special characters"),
            b"LN": _length,
            b"AH": _locus,
            b"AN": _aliases,
            b"M5": _pattern(MD5, rb"[0-9a-f]{32}", "32 lower-case hexadecimal digits"),
            b"TP": _pattern(TOPOLOGY, rb"linear|circular", "linear or circular"),
        },
        unicode=frozenset({b"DS"}),
    ),
    b"RG": Kind(
        required=(b"ID",),
        values={
            b"DT": _date,
            b"FO": _pattern(FLOW, rb"\*|[ACMGRSVTWYHKDBN]+", "* or IUPAC letters"),
            b"KS": _pattern(FLOW, rb"[ACMGRSVTWYHKDBNacmgrsvtwyhkdbn]+", "IUPAC letters"),
            b"PI": _pattern(INSERT_SIZE, rb"-?[0-9]+", "a whole number"),
            b"PL": _platform,
        },
        unicode=frozenset({b"DS"}),
    ),
    b"PG": Kind(required=(b"ID",), values={}, unicode=frozenset({b"CL", b"DS"})),
}  # fmt: skip
