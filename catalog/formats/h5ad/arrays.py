"""Dense arrays, strings, scalars, categorical and nullable arrays: read once, judged by their specifications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy

from catalog.formats.h5ad import library
from catalog.formats.h5ad.context import Context
from catalog.formats.h5ad.library import Member
from catalog.formats.h5ad.rules import CODES, KIND, LENGTH, MISSING, NOT_FINITE, SHAPE, STRING
from catalog.formats.repeats import Repeats

_SUMMED_ROWS = 4_000_000


@dataclass(slots=True)
class Matrix:
    """What was seen of an array: its shape; for the main one also whether all is whole, and the sums of rows."""

    shape: tuple[int, ...]
    layout: str = "array"
    kind: str = ""
    entries: int | None = None
    is_whole: bool = True
    sums: Any = None


def judge_array(context: Context, member: Member, *, is_main: bool = False, is_text: bool = True) -> Matrix | None:
    """A dense array; all values are read.

    Args:
        context: where findings go.
        member: the dataset.
        is_main: whether it is ``X``: values have to be finite, and rows are summed.
        is_text: whether bytes of variable length must be UTF-8.
    """
    dataset = member.node
    if library.is_null(dataset):
        context.find(KIND, member.path, expected="an array", got="an empty data space")
        return None
    library.refuse(dataset)
    seen = Matrix(tuple(map(int, dataset.shape)), kind=str(dataset.dtype))
    is_number = dataset.dtype.kind in "biufc"
    if is_main and not is_number:
        context.find(KIND, member.path, expected="numbers", got=dataset.dtype)
    is_table = is_main and is_number and len(seen.shape) == 2
    if is_table and seen.shape[0] <= _SUMMED_ROWS:
        seen.sums = numpy.zeros(seen.shape[0])
    for first, values in library.pieces(dataset):
        context.file.alive()
        if is_table and values.size:
            note_values(context, member, seen, values, first * seen.shape[1])
            if seen.sums is not None:
                seen.sums[first : first + len(values)] += numpy.nansum(values, axis=1)
        elif is_text and values.dtype.kind == "O":
            _judge_text(context, member, values, first)
    return seen


def note_values(context: Context, member: Member, seen: Matrix, values: Any, before: int) -> None:
    """Looks at values of the main matrix: finite, and whole or not."""
    if values.dtype.kind not in "fc":
        return
    finite = numpy.isfinite(values)
    if not finite.all():
        at = int(numpy.argmin(finite.reshape(-1)))
        got = str(values.reshape(-1)[at])
        context.find(NOT_FINITE, member.path, before + at + 1 if values.ndim == 1 else None, got=got)
    if seen.is_whole:
        seen.is_whole = values.dtype.kind == "f" and bool((values == numpy.floor(values)).all())


def _judge_text(context: Context, member: Member, values: Any, first: int) -> None:
    for number, value in enumerate(values.reshape(-1), start=first + 1):
        if isinstance(value, bytes):
            try:
                value.decode()
            except UnicodeDecodeError:
                context.find(STRING, member.path, number, expected="UTF-8", got=value)
                return


def judge_string(context: Context, member: Member, *, is_scalar: bool) -> Matrix | None:
    """Text of any length, as an array or alone."""
    dataset = member.node
    kind = None if library.is_null(dataset) else library.string_kind(dataset)
    if kind is None:
        context.find(KIND, member.path, expected="text", got="no text")
        return None
    if kind != "utf-8" and not context.is_old:
        context.find(STRING, member.path, expected="UTF-8 of variable length", got=kind)
    if is_scalar != (dataset.shape == ()):
        context.find(SHAPE, member.path, expected="one value" if is_scalar else "an array", got=dataset.shape)
    return judge_array(context, member)


def judge_scalar(context: Context, member: Member) -> Matrix | None:
    """One number."""
    dataset = member.node
    if library.is_null(dataset) or dataset.shape != ():
        context.find(SHAPE, member.path, expected="one value", got=dataset.shape)
        return None
    if dataset.dtype.kind not in "biufc":
        context.find(KIND, member.path, expected="a number", got=dataset.dtype)
    return judge_array(context, member)


def judge_categorical(context: Context, member: Member) -> Matrix | None:
    """Codes, each the number of a category or -1."""
    if not context.is_old and not _is_boolean(library.attribute(member, "ordered")):
        context.find(MISSING, member.path, what="the attribute ordered", expected="true or false")
    codes = context.part(member, "codes", "dataset")
    categories = library.child(member, "categories")
    if categories is None:
        context.find(MISSING, member.path, what="categories", expected="an array categories")
    if codes is None or categories is None or not context.is_here(categories):
        return None
    size = _length(categories)
    if codes.node.dtype.kind not in "iu" or len(codes.node.shape) != 1:
        context.find(KIND, codes.path, expected="whole numbers in one dimension", got=codes.node.dtype)
        return None
    if categories.kind == "dataset":
        judge_array(context, categories)
        _judge_categories(context, categories)
    judge_codes(context, codes, size)
    return Matrix(tuple(map(int, codes.node.shape)))


def _judge_categories(context: Context, categories: Member) -> None:
    """Each category once: readers refuse a set of labels that has one twice."""
    repeats = Repeats()
    for _, values in library.pieces(categories.node):
        context.file.alive()
        for value in values.reshape(-1).tolist():
            # The hashes of -1 and -2 are the same.
            repeats.take(hash(repr(value)))
    number = repeats.first()
    if number is not None:
        context.find(KIND, categories.path, number, expected="each category once", got="one twice")


def judge_codes(context: Context, codes: Member, categories: int) -> None:
    """Codes of a known number of categories."""
    library.refuse(codes.node)
    for first, values in library.pieces(codes.node):
        context.file.alive()
        bad = (values >= categories) | (values < -1)
        if bad.any():
            at = int(numpy.argmax(bad))
            context.find(CODES, codes.path, first + at + 1, expected=f"-1 to {categories - 1}", got=int(values[at]))
            return


def _length(categories: Member) -> int:
    node = categories.node if categories.kind == "dataset" else categories.node.get("values")
    return int(node.shape[0]) if node is not None and getattr(node, "shape", None) else 0


def _is_boolean(value: Any) -> bool:
    return isinstance(value, (bool, numpy.bool_)) or (getattr(value, "size", 0) == 1 and value.dtype.kind == "b")


def judge_nullable(context: Context, member: Member, wanted: str) -> Matrix | None:
    """Values and a mask of the same shape; ``wanted`` are the letters of the kinds that values may be of."""
    values, mask = context.part(member, "values", "dataset"), context.part(member, "mask", "dataset")
    if values is None or mask is None:
        return None
    kind = "S" if library.string_kind(values.node) else values.node.dtype.kind
    if kind not in wanted:
        context.find(KIND, values.path, expected=f"values of {member.name}", got=values.node.dtype)
    if mask.node.dtype.kind != "b":
        context.find(KIND, mask.path, expected="true or false", got=mask.node.dtype)
    if mask.node.shape != values.node.shape:
        context.find(LENGTH, mask.path, expected=values.node.shape, got=mask.node.shape)
    judge_array(context, mask)
    return judge_array(context, values)
