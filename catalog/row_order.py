"""The order of rows of derived tables: chromosomes as people count them, then by place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy

_DIGITS = 9
_BEHIND = 10**_DIGITS


def chromosome_order(name: str) -> tuple[int, str]:
    """By what the names of chromosomes are sorted: 1 to 22 by number, with or without ``chr``, then the others by name."""
    bare = name[3:] if name[:3].lower() == "chr" else name
    return (int(bare), "") if bare.isascii() and bare.isdigit() and len(bare) <= _DIGITS else (_BEHIND, name)


def order_of(columns: Sequence[Any]) -> Any:
    """The rows in the order of their values, null last, equal ones as they come.

    Args:
        columns: arrays of pyarrow, of whole numbers or of words with codes; the first counts most.

    Returns:
        A numpy array of the numbers of rows.
    """
    return numpy.lexsort([_keys(column) for column in reversed(columns)])


def _keys(column: Any) -> Any:
    """Numbers that are in the order of a column's values."""
    if not hasattr(column, "dictionary"):
        return _filled(column, numpy.iinfo("i4").max)
    words = column.dictionary.to_pylist()
    ranks = numpy.empty(len(words) + 1, "i4")
    ranks[sorted(range(len(words)), key=lambda at: chromosome_order(words[at]))] = numpy.arange(len(words))
    ranks[-1] = len(words)
    return ranks[_filled(column.indices, len(words))]


def _filled(numbers: Any, null: int) -> Any:
    """Whole numbers of 32 bits, with another one for null. (Conversions of pyarrow would import pandas.)"""
    bits, content = numbers.buffers()
    part = slice(numbers.offset, numbers.offset + len(numbers))
    values = numpy.frombuffer(content, "i4")[part]
    if not numbers.null_count:
        return values
    return numpy.where(numpy.unpackbits(numpy.frombuffer(bits, "u1"), bitorder="little")[part], values, null)
