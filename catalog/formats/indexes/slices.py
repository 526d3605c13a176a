"""The lines of a CRAI and the slices of its CRAM, held against each other (CRAMv3, 12)."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.findings import Place
from catalog.formats.indexes.binning import forbidden
from catalog.formats.indexes.evidence import Found, Slices

_AGAIN = "make the index again (samtools index)"

SLICE = forbidden(
    "index-slice",
    "a line of the index is no slice of the file",
    _AGAIN,
    "CRAMv3, 12: reference, start and span of the slice, offset of its container, its offset in it, its size",
    "A program that follows the index misses records, or reads from the middle of other data.",
)
SLICE_MISSING = forbidden(
    "index-slice-missing",
    "the index does not list every slice of the file",
    _AGAIN,
    "CRAMv3, 12: all slices must be listed",
    "Records would not be found.",
)
#: Lines and slices that are named in findings.
_LISTED = 20
#: In place of the reference: a slice of several, or of reads without one.
_SEVERAL = -2
_UNMAPPED = -1
_IN_CONTAINER_BITS = 32


def compare_slices(listed: Slices, there: Slices) -> Iterator[Found]:
    """What does not agree; nothing where either is not wholly known.

    Args:
        listed: by the index.
        there: in the file.
    """
    if not listed.is_known or not there.is_known:
        return
    slices = {_key(each): number for number, each in enumerate(there)}
    numbers = list(there)
    missing = bytearray(b"\1" * len(numbers))
    left = _LISTED
    for line, each in enumerate(listed, 1):
        number = slices.get(_key(each))
        found: tuple[str, str, str] | None
        if number is None:
            found = "container", "a slice of the file", f"container {each[3]}, slice {each[4]}"
        else:
            found = _difference(each, numbers[number], is_again=not missing[number])
            missing[number] = 0
        if found is not None and left:
            left -= 1
            column, expected, got = found
            yield SLICE, Place(line=line, column=column), expected, got, {}
    if (lost := sum(missing)) > 0:
        first = numbers[missing.index(1)]
        yield SLICE_MISSING, Place(), f"{len(numbers)} slices", f"{lost} missing, first {_words(first)}", {}


def _key(numbers: tuple[int, ...]) -> int:
    return numbers[3] << _IN_CONTAINER_BITS | numbers[4] & ((1 << _IN_CONTAINER_BITS) - 1)


def _words(numbers: tuple[int, ...]) -> str:
    return f"container {numbers[3]}, slice {numbers[4]}"


def _difference(line: tuple[int, ...], there: tuple[int, ...], *, is_again: bool) -> tuple[str, str, str] | None:
    """Column, what was expected and what stands there; the start and span of a slice without reference mean nothing."""
    columns = [("slice", 4), ("size", 5)]
    if there[0] != _SEVERAL:
        columns.append(("reference", 0))
        if is_again:
            return "slice", "each slice of one reference once", _words(line)
    if there[0] > _UNMAPPED:
        columns += [("start", 1), ("span", 2)]
    for column, index in columns:
        if line[index] != there[index]:
            return column, str(there[index]), str(line[index])
    return None
