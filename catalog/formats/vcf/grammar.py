"""The lexical grammar of VCF 4.0 to 4.5: names, numbers and values, as byte patterns and as exact checks.

Patterns decide quickly that something is right. They may refuse what is right but rare (an integer
of ten digits); the exact checks then decide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import comb

#: The newest minor version that is known (VCFv4.5, 2024).
NEWEST = 5

INFO_KEY = re.compile(rb"[A-Za-z_][0-9A-Za-z_.]*+|1000G")
FORMAT_KEY = re.compile(rb"[A-Za-z_][0-9A-Za-z_.]*+")
#: VCFv4.3, 1.4.7: the reference sequence names of SAM.
CONTIG_NAME = re.compile(rb"[0-9A-Za-z!#$%&+./:;?@^_|~-][0-9A-Za-z!#$%&*+./:;=?@^_|~-]*+")
#: Bytes that VCFv4.3, 1.2 forbids within a line.
CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0D, 0x20)])

_NUMBER = re.compile(rb"[0-9]{1,6}")
#: The letters of Number that came with each minor version.
_LETTERS = {0: b".", 1: b". A G", 2: b". A G R", 4: b". A G R P", 5: b". A G R P LA LR LG M"}
#: Letters that only FORMAT has.
FORMAT_ONLY = frozenset([b"P", b"LA", b"LR", b"LG", b"M"])

_INTEGER = re.compile(rb"[-+]?[0-9]++")
_FLOAT_SOURCE = rb"[-+]?(?:[0-9]++(?:\.[0-9]++)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?"
#: Before VCFv4.3 no pattern was given; a dot at the end is read by everybody.
_OLD_FLOAT_SOURCE = rb"[-+]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][-+]?[0-9]++)?"
#: A part of what is between 0 and 1.
_SHARE_SOURCE = rb"\+?(?:0?\.[0-9]++|0|1(?:\.0++)?)(?:[eE]-[0-9]++)?"
_NOT_FINITE_SOURCE = rb"[-+]?(?:[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])"
_FLOAT = re.compile(_FLOAT_SOURCE + rb"|" + _NOT_FINITE_SOURCE)
_OLD_FLOAT = re.compile(_OLD_FLOAT_SOURCE + rb"|" + _NOT_FINITE_SOURCE)

_LOWEST_INTEGER = -(2**31) + 8
_HIGHEST_INTEGER = 2**31 - 1
_MOST_DIGITS = 10
#: Longer lists are checked value by value.
_LONGEST_PATTERN = 2000
_LONGEST_NUMBER = 100


def knows_number(number: bytes, minor: int, *, of_format: bool) -> bool:
    """Whether a Number is of the lexicon of a version.

    Args:
        number: the value of ``Number=``.
        minor: the minor version.
        of_format: whether it stands in a FORMAT line, which has more letters.
    """
    if _NUMBER.fullmatch(number):
        return True
    newest = max(version for version in _LETTERS if version <= max(minor, 1))
    return number in _LETTERS[newest].split() and (of_format or number not in FORMAT_ONLY)


def count_of(number: bytes, alleles: int) -> int | None:
    """How many values a Number stands for at a site; None where that is open or depends on the genotype.

    Args:
        number: the value of ``Number=``.
        alleles: the number of ALT alleles.
    """
    if number == b"A":
        return alleles
    if number == b"R":
        return alleles + 1
    return int(number) if number.isdigit() else None


def genotypes(alleles: int, ploidy: int) -> int:
    """The number of possible genotypes (VCFv4.3, 1.6.2: genotype ordering).

    Args:
        alleles: the number of ALT alleles.
        ploidy: the number of alleles in the genotype.
    """
    return comb(alleles + ploidy, ploidy)


def integer(value: bytes) -> int | None:
    """The number that an Integer of 32 bits stands for; None for anything else."""
    if not _INTEGER.fullmatch(value):
        return None
    digits = value.lstrip(b"+-").lstrip(b"0") or b"0"
    if len(digits) > _MOST_DIGITS:
        return None
    number = -int(digits) if value.startswith(b"-") else int(digits)
    return number if _LOWEST_INTEGER <= number <= _HIGHEST_INTEGER else None


def is_integer(value: bytes, minor: int) -> bool:
    """Whether it is an Integer; from VCFv4.3 on within 32 bits and without the eight lowest values."""
    return integer(value) is not None if minor >= 3 else is_whole(value)


def is_float(value: bytes, minor: int) -> bool:
    """Whether it is a Float."""
    return (_FLOAT if minor >= 3 else _OLD_FLOAT).fullmatch(value) is not None


def is_character(value: bytes) -> bool:
    """Whether it is one character, possibly percent-encoded."""
    if len(value) == 1:
        return True
    if len(value) == 3 and value.startswith(b"%"):
        return re.fullmatch(rb"%[0-9A-Fa-f]{2}", value) is not None
    return len(value) <= 4 and len(value.decode("utf-8", "replace")) == 1


def is_of_type(value: bytes, kind: bytes, minor: int) -> bool:
    """Whether one value of a list is of a declared Type; the missing value is of every type."""
    if value == b".":
        return True
    if kind == b"Integer":
        return is_integer(value, minor)
    if kind == b"Float":
        return is_float(value, minor)
    return is_character(value) if kind == b"Character" else True


#: A percent sign that begins no capitalized percent-encoding (VCFv4.3, 1.2).
NOT_ENCODED = re.compile(rb"%(?![0-9A-F]{2})")


def is_share(value: bytes) -> bool:
    """Whether a number is between 0 and 1; what is no number is told elsewhere."""
    if len(value) > _LONGEST_NUMBER:
        return True
    try:
        number = float(value)
    except ValueError:
        return True
    return 0 <= number <= 1 or number != number


def is_whole(value: bytes) -> bool:
    """Whether a number is written as a whole number."""
    return _INTEGER.fullmatch(value) is not None


def is_negative(value: bytes) -> bool:
    """Whether a number is below zero (minus zero is not)."""
    return value.startswith(b"-") and re.search(rb"[1-9]|[iI]", re.split(rb"[eE]", value)[0]) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Values:
    """What the values of a field are, for :func:`pattern`.

    Attributes:
        kind: the Type.
        count: the number of values, None for any.
        unsigned: whether numbers below zero are wrong.
        is_share: whether numbers above one are wrong as well.
        without: further bytes that text may not have, written for a character class.
    """

    kind: bytes
    count: int | None
    unsigned: bool = False
    is_share: bool = False
    without: bytes = b""


def pattern(values: Values) -> bytes | None:
    """The source of a pattern that matches only right values, or None where the list is too long for a pattern."""
    count = values.count
    if count is not None and not 0 < count <= _LONGEST_PATTERN:
        return None
    one = rb"(?:\.|" + _one(values) + rb")"
    if count is None:
        return one + rb"(?:," + one + rb")*"
    return rb"(?:" + one + (rb"(?:,%s){%d}" % (one, count - 1) if count > 1 else b"") + rb"|\.)"


def _one(values: Values) -> bytes:
    """The source for one value."""
    sign = rb"\+?" if values.unsigned else rb"[-+]?"
    if values.kind == b"Integer":
        return sign + rb"[0-9]{1,9}"
    if values.kind == b"Float":
        return _SHARE_SOURCE if values.is_share else _FLOAT_SOURCE.replace(rb"[-+]?", sign, 1)
    if values.kind == b"Character":
        return rb"[!-$&-+\--9<>-~]"
    return rb"[^,=%s]++" % values.without
