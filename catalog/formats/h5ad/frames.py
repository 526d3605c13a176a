"""Data frames: an index and columns of one length each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy

from catalog.formats.h5ad import library
from catalog.formats.h5ad.arrays import Matrix, judge_array, judge_codes
from catalog.formats.h5ad.context import Context
from catalog.formats.h5ad.library import Member
from catalog.formats.h5ad.rules import INDEX_TWICE, INDEX_TYPE, KIND, LENGTH, MISSING, SHAPE
from catalog.formats.repeats import Repeats

#: Columns were stored as codes beside a group of categories before 0.8.
_OLD_CATEGORIES = "__categories"
_MASKED_TEXT = "nullable-string-array"
Judge = Callable[[Context, Member], Matrix | None]


@dataclass(frozen=True, slots=True)
class Frame:
    """The rows and the names of the columns of a frame."""

    rows: int
    columns: tuple[str, ...]


def judge_frame(context: Context, member: Member, judge: Judge) -> Frame | None:
    """A frame as a group; each column is judged by ``judge``, the index looked through for repeated names."""
    index = library.text_attribute(member, "_index")
    if index is None:
        context.find(MISSING, member.path, what="the attribute _index", expected="the name of the index")
        return None
    order = _column_order(context, member)
    rows = _judge_index(context, member, index, judge)
    known = set()
    for column in library.children(member):
        known.add(column.name)
        if column.name == index or not context.is_here(column) or not context.enters(column.path):
            continue
        if column.name == _OLD_CATEGORIES and context.is_old:
            with context.guarded(column.path):
                _judge_old_categories(context, member, column)
            continue
        with context.guarded(column.path):
            seen = judge(context, column)
            if seen is not None and rows is not None and seen.shape[:1] != (rows,):
                got = f"{seen.shape[0] if seen.shape else 1} values"
                context.find(LENGTH, column.path, expected=f"{rows} values", got=got)
            elif seen is not None and len(seen.shape) != 1:
                context.find(SHAPE, column.path, expected="one dimension", got=" x ".join(map(str, seen.shape)))
    for name in order:
        if name not in known:
            context.find(MISSING, member.path, what=f"the column {name}", expected="every column of column-order")
    return None if rows is None else Frame(rows, order)


def _column_order(context: Context, member: Member) -> tuple[str, ...]:
    value = library.attribute(member, "column-order")
    if value is None:
        context.find(MISSING, member.path, what="the attribute column-order", expected="an array of names")
        return ()
    array = numpy.asarray(value)
    if array.size == 0:
        return ()
    if array.ndim != 1 or array.dtype.kind not in "OSU":
        context.find(KIND, member.path, expected="an array of names in column-order", got=array.dtype)
        return ()
    return tuple(each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in array)


def _judge_index(context: Context, frame: Member, name: str, judge: Judge) -> int | None:
    """The index; how many rows there are, where it tells. Text with a mask is a group with its values beside."""
    found = library.child(frame, name)
    is_masked = found is not None and library.text_attribute(found, "encoding-type") == _MASKED_TEXT
    names = context.part(frame, name, "group" if is_masked else "dataset")
    values = context.part(names, "values", "dataset") if names is not None and is_masked else names
    if names is None or values is None or not values.node.shape:
        return None
    with context.guarded(names.path):
        judge(context, names)
        if library.string_kind(values.node) is None:
            context.find(INDEX_TYPE, values.path, expected="strings", got=values.node.dtype)
        if context.file.wants_bank_rules and len(values.node.shape) == 1:
            _judge_names(context, values, None)
    return int(values.node.shape[0])


def _judge_names(context: Context, names: Member, field: str | None) -> None:
    repeats = Repeats()
    for _, values in library.pieces(names.node):
        context.file.alive()
        for value in (values if field is None else values[field]).tolist():
            repeats.take(hash(value))
    number = repeats.first()
    if number is not None:
        context.find(INDEX_TWICE, names.path, number, expected="each name once")


def _judge_old_categories(context: Context, frame: Member, categories: Member) -> None:
    """The categories of columns as they were stored before 0.8: each beside its codes."""
    for each in library.children(categories):
        if not context.is_here(each) or each.kind != "dataset":
            continue
        judge_array(context, each)
        codes = library.child(frame, each.name)
        if (
            codes is not None
            and codes.kind == "dataset"
            and codes.node.dtype.kind in "iu"
            and len(codes.node.shape) == 1
        ):
            judge_codes(context, codes, int(each.node.shape[0]) if each.node.shape else 0)


def judge_records(context: Context, member: Member) -> Frame | None:
    """A frame as an array of records, as it was stored before 0.7."""
    dataset: Any = member.node
    fields = dataset.dtype.names
    if not fields or len(dataset.shape) != 1:
        context.find(KIND, member.path, expected="a data frame", got=dataset.dtype)
        return None
    library.refuse(dataset)
    index = next((name for name in ("index", "_index") if name in fields), fields[0])
    _judge_names(context, member, index)
    return Frame(int(dataset.shape[0]), tuple(name for name in fields if name != index))
