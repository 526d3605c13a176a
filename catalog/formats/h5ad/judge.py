"""Judging one H5AD file from its root; runs in the process of :mod:`catalog.formats.isolated`."""

from __future__ import annotations

import os
from typing import Any

import numpy

from catalog.formats.h5ad import library
from catalog.formats.h5ad.arrays import Matrix
from catalog.formats.h5ad.context import Context
from catalog.formats.h5ad.elements import judge_axis, judge_element, judge_members
from catalog.formats.h5ad.frames import Frame
from catalog.formats.h5ad.library import Member
from catalog.formats.h5ad.rules import (
    ENCODING,
    KIND,
    MISSING,
    NOT_HDF5,
    OLD,
    SHAPE,
    TRUNCATED,
    UNKNOWN_ENTRY,
    UNREADABLE,
)
from catalog.formats.isolated import JudgedFile

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_VERSION = "0.1.0"
_OLD_FRAME = "0.1.0"
_MAPPINGS = {
    "layers": "cells x genes",
    "obsm": "cells",
    "varm": "genes",
    "obsp": "cells x cells",
    "varp": "genes x genes",
}
_ENTRIES = frozenset({"X", "obs", "var", "raw", "uns", *_MAPPINGS})
_OLD_ENTRIES = frozenset({"raw.X", "raw.var", "raw.varm", "raw.cat"})
_LISTED = 100


def judge(file: JudgedFile) -> dict[str, object]:
    """The facts of a file (see :class:`catalog.formats.h5ad`); findings are in ``file``."""
    if not _has_signature(file):
        got = os.pread(file.descriptor, 8, 0)
        file.find(NOT_HDF5.at(expected="the signature of HDF5", got=f"0x{got.hex()}"))
        return {}
    try:
        opened = library.open_file(file.descriptor)
    except (OSError, RuntimeError, ValueError) as error:
        text = str(error).split("\n")[0]
        is_short = "truncated" in text
        file.find(TRUNCATED.at(got=text) if is_short else UNREADABLE.at(problem=text))
        return {}
    with opened:
        return _judge_root(file, library.root_of(opened))


def _has_signature(file: JudgedFile) -> bool:
    """Whether HDF5 begins at byte 0, 512, 1024, and so on (a user block may stand before it)."""
    at = 0
    while at < file.size_bytes:
        if os.pread(file.descriptor, len(_SIGNATURE), at) == _SIGNATURE:
            return True
        at = at * 2 or 512
    return False


def _judge_root(file: JudgedFile, root: Member) -> dict[str, object]:
    context = Context(file, is_old=False)
    stated = None
    with context.guarded(""):
        stated = library.text_attribute(root, "encoding-type")
        version = library.text_attribute(root, "encoding-version")
        context.is_old = stated is None and not _has_new_frame(root)
        if context.is_old:
            context.find(OLD, "", expected=f"anndata {_VERSION}", got="no encoding")
        elif (stated, version) != ("anndata", _VERSION):
            got = "no encoding" if stated is None else f"{stated} {version}"
            context.find(ENCODING, "", expected=f"anndata {_VERSION}", got=got)
            if stated not in {None, "anndata"}:
                return {}
    facts: dict[str, object] = {"encoding": "legacy"} if context.is_old else {"encoding": _VERSION} if stated else {}
    _judge_entries(context, root, facts)
    return facts


def _has_new_frame(root: Member) -> bool:
    """Whether a data frame is as only those versions write it that give the root an encoding as well (0.8 and later)."""
    frames = [library.child(root, name) for name in ("obs", "var")]
    found = [
        library.text_attribute(each, "encoding-version") for each in frames if each is not None and each.kind == "group"
    ]
    return bool(set(found) - {None, _OLD_FRAME})


def _judge_entries(context: Context, root: Member, facts: dict[str, object]) -> None:
    frames = {name: _axis(context, root, name) for name in ("obs", "var")}
    for name, frame in frames.items():
        if frame is not None:
            facts["cells" if name == "obs" else "genes"] = frame.rows
            facts[name] = list(frame.columns[:_LISTED])
    sizes = {"cells": _rows(frames["obs"]), "genes": _rows(frames["var"])}
    known = _ENTRIES | (_OLD_ENTRIES if context.is_old else frozenset())
    for each in library.children(root):
        if each.name not in known:
            context.find(UNKNOWN_ENTRY, each.path, expected=", ".join(sorted(_ENTRIES)))
    main = library.child(root, "X")
    if main is not None:
        with context.guarded(main.path):
            seen = judge_element(context, main, is_main=True)
            _judge_main(context, main, seen, (sizes["cells"], sizes["genes"]))
            facts.update(_facts_of(seen))
    for name, axes in _MAPPINGS.items():
        wanted = tuple(sizes[axis] for axis in axes.split(" x "))
        found = _mapping(context, root, name, wanted)
        if found:
            facts[name] = found
    uns = _mapping(context, root, "uns", ())
    if uns:
        facts["uns"] = uns
    raw = _raw(context, root, sizes["cells"])
    if raw:
        facts["raw"] = raw


def _rows(frame: Frame | None) -> int | None:
    return None if frame is None else frame.rows


def _axis(context: Context, group: Member, name: str) -> Frame | None:
    found = library.child(group, name)
    if found is None:
        context.find(MISSING, group.path, what=name, expected=f"a data frame {name}")
        return None
    frame = None
    with context.guarded(found.path):
        frame = judge_axis(context, found)
    return frame  # noqa: RET504 -- what the library says of damage ends the block above


def _judge_main(context: Context, main: Member, seen: Matrix | None, wanted: tuple[int | None, int | None]) -> None:
    if seen is None:
        return
    if seen.layout == "array" and not seen.kind:
        context.find(KIND, main.path, expected="a dense or sparse array", got="another element")
    _judge_shape(context, main.path, seen, wanted)


def _judge_shape(context: Context, path: str, seen: Matrix, wanted: tuple[int | None, ...]) -> None:
    """Compares the first sides of an array with what is known of cells and genes."""
    if None in wanted:
        return
    is_whole_shape = path in ("/X", "/raw/X", "/raw.X") or path.startswith("/layers/")
    if seen.shape[: len(wanted)] != wanted or (is_whole_shape and len(seen.shape) != len(wanted)):
        context.find(
            SHAPE, path, expected=" x ".join(map(str, wanted)), got=" x ".join(map(str, seen.shape)) or "one value"
        )


def _mapping(context: Context, group: Member, name: str, wanted: tuple[int | None, ...]) -> list[str]:
    """The members of a mapping; their shapes are compared with what is wanted."""
    mapping = library.child(group, name)
    if mapping is None or not context.is_here(mapping):
        return []
    path = mapping.path
    names: list[str] = []
    with context.guarded(path):
        if mapping.kind != "group":
            if not (context.is_old and mapping.node.dtype.names):
                context.find(KIND, path, expected="a group", got="an array")
            return []
        _judge_encoding(context, mapping, "dict")
        for member, seen in judge_members(context, mapping):
            names.append(member)
            if wanted and seen is not None:
                _judge_shape(context, f"{path}/{member}", seen, wanted)
    return names[:_LISTED]


def _judge_encoding(context: Context, group: Member, wanted: str) -> None:
    """The encoding of a group of which only one is possible."""
    stated = library.text_attribute(group, "encoding-type"), library.text_attribute(group, "encoding-version")
    if stated != (wanted, _VERSION) and not (context.is_old and stated == (None, None)):
        got = " ".join(each or "nothing" for each in stated)
        context.find(ENCODING, group.path, expected=f"{wanted} {_VERSION}", got=got)


def _raw(context: Context, root: Member, cells: int | None) -> dict[str, object]:
    """The matrix before genes were chosen, with genes of its own."""
    group = library.child(root, "raw")
    names = ("X", "var", "varm")
    if group is None and context.is_old:
        group, names = root, ("raw.X", "raw.var", "raw.varm")
        if library.child(root, names[0]) is None:
            return {}
    if group is None or not context.is_here(group):
        return {}
    facts: dict[str, object] = {}
    with context.guarded(group.path):
        if group.kind != "group":
            context.find(KIND, group.path, expected="a group", got="an array")
            return {}
        if group is not root:
            _judge_encoding(context, group, "raw")
        frame = _axis(context, group, names[1])
        main = library.child(group, names[0])
        if frame is not None:
            facts["genes"] = frame.rows
        if main is not None:
            with context.guarded(main.path):
                seen = judge_element(context, main, is_main=True)
                _judge_main(context, main, seen, (cells, _rows(frame)))
        _mapping(context, group, names[2], (_rows(frame),))
    return facts


def _facts_of(seen: Matrix | None) -> dict[str, Any]:
    if seen is None or not seen.kind:
        return {}
    x: dict[str, Any] = {"layout": seen.layout, "type": seen.kind, "whole": seen.is_whole}
    if seen.entries is not None:
        x["entries"] = seen.entries
    if seen.sums is None or not len(seen.sums):
        return {"x": x}
    ends = {"min": seen.sums.min(), "median": numpy.median(seen.sums), "max": seen.sums.max()}
    return {"x": x, "library_size": {name: round(float(value), 3) for name, value in ends.items()}}
