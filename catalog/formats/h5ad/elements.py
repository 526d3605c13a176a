"""Elements: each says its encoding, which decides how it is judged."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.formats.h5ad import library
from catalog.formats.h5ad.arrays import (
    Matrix,
    judge_array,
    judge_categorical,
    judge_nullable,
    judge_scalar,
    judge_string,
)
from catalog.formats.h5ad.context import Context
from catalog.formats.h5ad.frames import Frame, judge_frame, judge_records
from catalog.formats.h5ad.library import Member
from catalog.formats.h5ad.rules import ENCODING, KIND, MISSING
from catalog.formats.h5ad.sparse import judge_sparse

_SPARSE = ("csr_matrix", "csc_matrix")


@dataclass(frozen=True, slots=True)
class _Encoding:
    """What an encoding is stored as, and in which versions."""

    kind: str
    versions: tuple[str, ...]


ENCODINGS = {
    "array": _Encoding("dataset", ("0.2.0",)),
    "string-array": _Encoding("dataset", ("0.2.0",)),
    "rec-array": _Encoding("dataset", ("0.2.0",)),
    "numeric-scalar": _Encoding("dataset", ("0.2.0",)),
    "string": _Encoding("dataset", ("0.2.0",)),
    "bytes": _Encoding("dataset", ("0.2.0",)),
    "null": _Encoding("dataset", ("0.1.0",)),
    "csr_matrix": _Encoding("group", ("0.1.0",)),
    "csc_matrix": _Encoding("group", ("0.1.0",)),
    "dataframe": _Encoding("group", ("0.2.0", "0.1.0")),
    "categorical": _Encoding("group", ("0.2.0",)),
    "nullable-integer": _Encoding("group", ("0.1.0",)),
    "nullable-boolean": _Encoding("group", ("0.1.0",)),
    "nullable-string-array": _Encoding("group", ("0.1.0",)),
    "awkward-array": _Encoding("group", ("0.1.0",)),
    "dict": _Encoding("group", ("0.1.0",)),
    "raw": _Encoding("group", ("0.1.0",)),
    "anndata": _Encoding("group", ("0.1.0",)),
}
_NULLABLE = {"nullable-integer": "iu", "nullable-boolean": "b", "nullable-string-array": "S"}


def encoding_of(context: Context, member: Member) -> str | None:
    """The encoding of an element, told by its structure where it was written before it had to be stated.

    None where there is no such encoding; that is put down.
    """
    stated, version = (
        library.text_attribute(member, "encoding-type"),
        library.text_attribute(member, "encoding-version"),
    )
    if not stated and context.is_old:
        return _told_by_structure(member)
    if not stated or not version:
        got = "nothing" if not stated else f"{stated} without version"
        context.find(ENCODING, member.path, expected="encoding-type and encoding-version", got=got)
        return stated if stated in ENCODINGS else _told_by_structure(member)
    known = ENCODINGS.get(stated)
    if known is None:
        context.find(ENCODING, member.path, expected="an encoding of anndata", got=stated)
        return None
    if version not in known.versions:
        context.find(ENCODING, member.path, expected=f"{stated} {known.versions[0]}", got=f"{stated} {version}")
    if member.kind != known.kind:
        context.find(KIND, member.path, expected=f"a {known.kind}", got=f"a {member.kind}")
        return None
    return stated


def _told_by_structure(member: Member) -> str:
    if member.kind == "dataset":
        if library.is_null(member.node):
            return "null"
        if member.node.dtype.names:
            return "rec-array"
        is_text = library.string_kind(member.node) is not None
        if member.node.shape == ():
            return "string" if is_text else "numeric-scalar"
        return "string-array" if is_text else "array"
    if all(library.child(member, name) is not None for name in ("data", "indices", "indptr")):
        return "csc_matrix" if library.text_attribute(member, "h5sparse_format") == "csc" else "csr_matrix"
    if library.attribute(member, "_index") is not None:
        return "dataframe"
    if library.child(member, "codes") is not None and library.child(member, "categories") is not None:
        return "categorical"
    return "dict"


def judge_element(context: Context, member: Member, *, is_main: bool = False) -> Matrix | None:
    """An element of any encoding, whole.

    Returns:
        Its shape, where it has one: of a data frame the rows and columns.
    """
    if not context.is_here(member):
        return None
    encoding = encoding_of(context, member)
    if encoding is None:
        return None
    if encoding in _SPARSE:
        return judge_sparse(context, member, encoding, is_main=is_main)
    if encoding == "array" or encoding == "rec-array" or encoding == "bytes":
        return judge_array(context, member, is_main=is_main, is_text=encoding != "bytes")
    if encoding in ("string-array", "string"):
        if is_main:
            context.find(KIND, member.path, expected="numbers", got=encoding)
        return judge_string(context, member, is_scalar=encoding == "string")
    if encoding == "numeric-scalar":
        return judge_scalar(context, member)
    if encoding == "categorical":
        return judge_categorical(context, member)
    if encoding in _NULLABLE:
        return judge_nullable(context, member, _NULLABLE[encoding])
    if encoding == "dataframe":
        frame = judge_frame(context, member, judge_element)
        return None if frame is None else Matrix((frame.rows, len(frame.columns)))
    if encoding == "awkward-array":
        return _judge_awkward(context, member)
    if encoding != "null":
        judge_members(context, member)
    return None


def judge_members(context: Context, group: Member) -> list[tuple[str, Matrix | None]]:
    """The members of a mapping, each an element; their names and shapes."""
    found = []
    for each in library.children(group):
        if not context.enters(each.path):
            break
        seen = None
        with context.guarded(each.path):
            seen = judge_element(context, each)
        found.append((each.name, seen))
    return found


def _judge_awkward(context: Context, member: Member) -> Matrix | None:
    """A ragged array: its parts are read; how they go together is the matter of another library."""
    length, form = library.attribute(member, "length"), library.text_attribute(member, "form")
    if form is None:
        context.find(MISSING, member.path, what="the attribute form", expected="the form of the array")
    judge_members(context, member)
    try:
        return Matrix((int(length),))
    except (TypeError, ValueError):
        context.find(MISSING, member.path, what="the attribute length", expected="a whole number")
        return None


def judge_axis(context: Context, member: Member) -> Frame | None:
    """``obs`` or ``var``: a data frame."""
    if not context.is_here(member):
        return None
    encoding = encoding_of(context, member)
    if encoding == "rec-array" and context.is_old:
        return judge_records(context, member)
    if encoding not in (None, "dataframe"):
        context.find(KIND, member.path, expected="a data frame", got=encoding)
        return None
    return None if encoding is None else judge_frame(context, member, judge_element)
