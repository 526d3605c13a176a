"""Sparse arrays (CSR and CSC): pointers, indices and values, read once in pieces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from catalog.formats.h5ad import library
from catalog.formats.h5ad.arrays import Matrix, note_values
from catalog.formats.h5ad.context import Context
from catalog.formats.h5ad.library import Member
from catalog.formats.h5ad.rules import INDICES, INDPTR, KIND, LENGTH, MISSING, SHAPE, TWICE, UNSORTED

#: Pointers are held in memory: 64 MB. No matrix of a bank has more cells.
_MOST_POINTERS = 8_000_000
_SUMMED_ROWS = 4_000_000
_PARTS = ("data", "indices", "indptr")


@dataclass(frozen=True, slots=True)
class _Parts:
    """The three arrays of one sparse array, and its sides: ``major`` is the one that pointers are for."""

    data: Member
    indices: Member
    indptr: Member
    major: int
    minor: int


def judge_sparse(context: Context, member: Member, layout: str, *, is_main: bool = False) -> Matrix | None:
    """A sparse array; see :func:`catalog.formats.h5ad.arrays.judge_array` for the arguments."""
    shape = _shape(context, member)
    found = [context.part(member, name, "dataset") for name in _PARTS]
    if shape is None or any(each is None for each in found):
        return None
    data, indices, indptr = (each for each in found if each is not None)
    for each in (data, indices, indptr):
        if len(each.node.shape or ()) != 1 or each.node.dtype.kind not in ("iu" if each is not data else "biufc"):
            expected = "numbers in one dimension" if each is data else "whole numbers in one dimension"
            context.find(KIND, each.path, expected=expected, got=f"{each.node.dtype} {each.node.shape}")
            return Matrix(shape, layout)
        library.refuse(each.node)
    major, minor = shape if layout == "csr_matrix" else shape[::-1]
    parts = _Parts(data, indices, indptr, major, minor)
    seen = Matrix(shape, layout, str(data.node.dtype), entries=int(data.node.shape[0]))
    if is_main and shape[0] <= _SUMMED_ROWS:
        seen.sums = numpy.zeros(shape[0])
    if data.node.shape != indices.node.shape:
        context.find(LENGTH, indices.path, expected=f"{data.node.shape[0]} values", got=indices.node.shape[0])
        return seen
    pointers = _pointers(context, parts)
    if pointers is not None:
        _judge_entries(context, parts, pointers, seen, is_main=is_main)
    return seen


def _shape(context: Context, member: Member) -> tuple[int, int] | None:
    """Rows and columns as the attribute says; before 0.7 it had another name."""
    value = library.attribute(member, "shape")
    if value is None and context.is_old:
        value = library.attribute(member, "h5sparse_shape")
    if value is None:
        context.find(MISSING, member.path, what="the attribute shape", expected="two whole numbers")
        return None
    array = numpy.asarray(value)
    if array.shape != (2,) or array.dtype.kind not in "iu" or (array < 0).any():
        context.find(SHAPE, member.path, expected="two whole numbers", got=value)
        return None
    return int(array[0]), int(array[1])


def _pointers(context: Context, parts: _Parts) -> Any:
    """The pointers; None when they are wrong, which is put down."""
    path, node, entries = parts.indptr.path, parts.indptr.node, int(parts.data.node.shape[0])
    if node.shape[0] != parts.major + 1:
        context.find(INDPTR, path, expected=f"{parts.major + 1} pointers", got=node.shape[0])
        return None
    if node.shape[0] > _MOST_POINTERS:
        raise MemoryError(f"more than {_MOST_POINTERS} pointers")
    pointers = numpy.empty(node.shape[0], numpy.int64)
    for first, values in library.pieces(node):
        context.file.alive()
        pointers[first : first + len(values)] = values
    falls = pointers[1:] < pointers[:-1]
    if pointers[0] != 0:
        context.find(INDPTR, path, 1, expected="0", got=int(pointers[0]))
    elif falls.any():
        at = int(numpy.argmax(falls)) + 1
        context.find(INDPTR, path, at + 1, expected=f"at least {pointers[at - 1]}", got=int(pointers[at]))
    elif pointers[-1] != entries:
        context.find(INDPTR, path, len(pointers), expected=entries, got=int(pointers[-1]))
    else:
        return pointers
    return None


def _judge_entries(context: Context, parts: _Parts, pointers: Any, seen: Matrix, *, is_main: bool) -> None:
    entries = int(parts.data.node.shape[0])
    step = library.step_of(parts.indices.node, parts.data.node)
    last = -1
    for begin in range(0, entries, step):
        context.file.alive()
        indices = parts.indices.node[begin : begin + step].astype(numpy.int64)
        values = parts.data.node[begin : begin + step]
        bad = (indices < 0) | (indices >= parts.minor)
        if bad.any():
            at = int(numpy.argmax(bad))
            expected, got = f"0 to {parts.minor - 1}", int(indices[at])
            context.find(INDICES, parts.indices.path, begin + at + 1, expected=expected, got=got)
            return
        rows = _rows_of(pointers, begin, begin + len(indices))
        starts_row = bool(pointers[rows[0]] == begin)
        _judge_order(context, parts, rows, indices, (begin, -1 if starts_row else last))
        last = int(indices[-1])
        if is_main:
            note_values(context, parts.data, seen, values, begin)
            if seen.sums is not None:
                kept = rows if seen.layout == "csr_matrix" else indices
                low = int(kept.min())
                sums = numpy.bincount(kept - low, weights=numpy.nan_to_num(values.real))
                seen.sums[low : low + len(sums)] += sums


def _rows_of(pointers: Any, begin: int, end: int) -> Any:
    """The row of each entry from one to another."""
    first = int(numpy.searchsorted(pointers, begin, "right")) - 1
    last = int(numpy.searchsorted(pointers, end, "left"))
    bounds = numpy.clip(pointers[first : last + 1], begin, end)
    return numpy.repeat(numpy.arange(first, last), numpy.diff(bounds))


def _judge_order(context: Context, parts: _Parts, rows: Any, indices: Any, before: tuple[int, int]) -> None:
    """Whether the indices of each row rise; ``before`` are the entries before, and the index before in the same row."""
    begin, last = before
    stalls = (indices[1:] <= indices[:-1]) & (rows[1:] == rows[:-1])
    if not stalls.any() and indices[0] > last:
        return
    path = parts.indices.path
    order = numpy.lexsort((indices, rows))
    twice = (indices[order][1:] == indices[order][:-1]) & (rows[order][1:] == rows[order][:-1])
    if indices[0] == last:
        context.find(TWICE, path, begin + 1, got=int(indices[0]))
    elif twice.any():
        at = int(order[1:][twice].min())
        context.find(TWICE, path, begin + at + 1, got=int(indices[at]))
    falls = (indices[1:] < indices[:-1]) & (rows[1:] == rows[:-1])
    if falls.any() or indices[0] < last:
        at = int(numpy.argmax(falls)) + 1 if falls.any() else 0
        context.find(
            UNSORTED,
            path,
            begin + at + 1,
            expected=f"more than {indices[at - 1] if at else last}",
            got=int(indices[at]),
        )
