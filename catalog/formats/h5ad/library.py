"""The only module that touches h5py: groups and datasets of a file that may be damaged, read in small pieces.

Links are looked at and never followed out of the file; nothing is read of a dataset before it is known that its storage
lies in this file, that its filters are there, and that it does not grow without measure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import h5py
import numpy

_PIECE_BYTES = 4 << 20
_PIECE_STRINGS = 4096
_LARGEST_CHUNK_BYTES = 128 << 20
_HIGHEST_RATIO, _RATIO_COUNTS_FROM_BYTES = 200, 64 << 20
_LARGEST_ATTRIBUTE_BYTES = 1 << 20
_MOST_MEMBERS = 100_000


class Refused(Exception):
    """A dataset that is not to be read.

    Attributes:
        why: ``outside``, ``filter`` or ``bomb``.
        words: for the message.
    """

    def __init__(self, why: str, **words: str) -> None:
        super().__init__(why)
        self.why = why
        self.words = words


@dataclass(frozen=True, slots=True)
class Member:
    """What a name of a group stands for.

    Attributes:
        path: from the root, such as ``/obs/batch``.
        kind: ``group``, ``dataset``, ``soft``, ``external``, ``broken`` or ``other``.
        node: the group or dataset; for the others a text about it.
    """

    path: str
    kind: str
    node: Any

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]


def open_file(descriptor: int) -> Any:
    """The root of a file that is open already.

    Raises:
        OSError: it cannot be read as HDF5.
    """
    return h5py.File(f"/dev/fd/{descriptor}", "r", locking=False)


def root_of(file: Any) -> Member:
    """The root group."""
    return Member("", "group", file)


def children(group: Member) -> Iterator[Member]:
    """The members of a group in order of their names, at most 100,000."""
    for number, name in enumerate(group.node):
        if number == _MOST_MEMBERS:
            return
        yield _member(group, name)


def child(group: Member, name: str) -> Member | None:
    """A member of a group by its name; None when there is none."""
    return _member(group, name) if group.node.id.links.exists(name.encode("utf-8", "surrogateescape")) else None


def _member(group: Member, name: str | bytes) -> Member:
    """What a name stands for; one that is no UTF-8 comes as bytes.

    Its link is looked at first: every other way of asking would follow it.
    """
    stored = name if isinstance(name, bytes) else name.encode("utf-8", "surrogateescape")
    path = f"{group.path}/{stored.decode('utf-8', 'replace')}"
    links = group.node.id.links
    try:
        kind = links.get_info(stored).type
        if kind == h5py.h5l.TYPE_SOFT:
            return Member(path, "soft", links.get_val(stored).decode("utf-8", "replace"))
        if kind != h5py.h5l.TYPE_HARD:
            return Member(path, "external", f"a link to {b' '.join(links.get_val(stored)).decode('utf-8', 'replace')}")
        node = group.node[name]
    except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
        return Member(path, "broken", f"{type(error).__name__}: {error}")
    found = "group" if isinstance(node, h5py.Group) else "dataset" if isinstance(node, h5py.Dataset) else "other"
    return Member(path, found, node)


def address_of(member: Member) -> int:
    """Where an object lies in the file; two names of one object have one address."""
    return int(h5py.h5o.get_info(member.node.id).addr)


def attribute(member: Member, name: str) -> Any:
    """An attribute; None when there is none.

    Raises:
        OSError: it cannot be read, or is too large for one (so do other exceptions of h5py).
    """
    attributes = member.node.attrs
    if name not in attributes:
        return None
    stored = attributes.get_id(name)
    if stored.get_space().get_simple_extent_npoints() * stored.get_type().get_size() > _LARGEST_ATTRIBUTE_BYTES:
        raise OSError(f"the attribute {name} has more than {_LARGEST_ATTRIBUTE_BYTES} bytes")
    return attributes[name]


def text_attribute(member: Member, name: str) -> str | None:
    """An attribute of one string; None when there is none, or another one."""
    value = attribute(member, name)
    if isinstance(value, numpy.ndarray) and value.size == 1:
        value = value.reshape(-1)[0]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value if isinstance(value, str) else None


def string_kind(dataset: Any) -> str | None:
    """``utf-8`` or ``ascii`` for strings of variable length, ``fixed`` for others, None for anything else."""
    kind = h5py.check_string_dtype(dataset.dtype)
    if kind is None:
        return None
    return str(kind.encoding) if kind.length is None else "fixed"


def is_null(dataset: Any) -> bool:
    """Whether a dataset has no values at all, not even none."""
    return dataset.shape is None


def refuse(dataset: Any) -> None:
    """Looks whether a dataset may be read.

    Raises:
        Refused: it may not.
    """
    plist = dataset.id.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        raise Refused("outside", problem="virtual storage")
    if plist.get_external_count():
        raise Refused("outside", problem="external storage")
    for number in range(plist.get_nfilters()):
        code, _, _, name = plist.get_filter(number)
        if not h5py.h5z.filter_avail(code):
            raise Refused("filter", problem=f"filter {code} {name.decode('ascii', 'replace')}".strip())
    size = int(numpy.prod(dataset.shape or (1,), dtype=object)) * dataset.dtype.itemsize
    stored = dataset.id.get_storage_size()
    chunk = int(numpy.prod(dataset.chunks or (0,), dtype=object)) * dataset.dtype.itemsize
    if size > max(_RATIO_COUNTS_FROM_BYTES, _HIGHEST_RATIO * stored) or chunk > _LARGEST_CHUNK_BYTES:
        raise Refused("bomb", size=str(max(size, chunk)), stored=str(stored))


def pieces(dataset: Any) -> Iterator[tuple[int, Any]]:
    """The values of a dataset in pieces of some MiB: where each begins on the first axis, and an array.

    Pieces are along whole chunks, so that each is decompressed once. Text is given as bytes.
    """
    shape = dataset.shape
    if shape == ():
        yield 0, numpy.asarray(dataset[()], object if dataset.dtype.kind == "O" else None)
        return
    chunks = dataset.chunks or (1,) * len(shape)
    steps = _steps(shape, chunks, dataset.dtype)
    for first in range(0, shape[0], steps[0]):
        if len(shape) == 1:
            yield first, dataset[first : first + steps[0]]
        else:
            for second in range(0, max(1, shape[1]), steps[1]):
                yield first, dataset[first : first + steps[0], second : second + steps[1]]


def _steps(shape: tuple[int, ...], chunks: tuple[int, ...], dtype: Any) -> tuple[int, int]:
    """How far a piece reaches on the first and the second axis."""
    if dtype.hasobject:
        values = _PIECE_STRINGS
    else:
        rest = int(numpy.prod(shape[2:], dtype=object)) if len(shape) > 2 else 1
        values = max(1, _PIECE_BYTES // max(1, dtype.itemsize * rest))
    second = 1
    if len(shape) > 1:
        second = min(max(1, shape[1]), max(1, values // max(1, chunks[0])) // chunks[1] * chunks[1] or chunks[1])
    first = max(1, values // second) // chunks[0] * chunks[0] or chunks[0]
    return first, second


def step_of(*datasets: Any) -> int:
    """How many values of arrays of one length are read at once, along whole chunks of the first of them."""
    chunk = max((dataset.chunks[0] for dataset in datasets if dataset.chunks), default=1)
    return max(1, (_PIECE_BYTES // 8) // chunk) * chunk
