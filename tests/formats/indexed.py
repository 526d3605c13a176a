"""Block-compressed files and their indexes, built by the specifications (SAMv1 4.1 and 5, CSIv1, tabix)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from publish.demo.compression import bgzf_file

_END_BLOCK = bgzf_file(b"")
_CSI_DEPTH = 5


class Blocks:
    """A BGZF file that knows where its records lie."""

    def __init__(self, records_in_a_block: int = 2) -> None:
        self._stored = b""
        self._waiting = b""
        self._records = 0
        self._most = records_in_a_block

    @property
    def place(self) -> int:
        """The virtual offset of what is written next."""
        return len(self._stored) << 16 | len(self._waiting)

    def write(self, content: bytes) -> tuple[int, int]:
        """Writes one record; the virtual offsets of its start and its end."""
        begin = self.place
        self._waiting += content
        self._records += 1
        if self._records >= self._most:
            self.flush()
        return begin, self.place

    def flush(self) -> None:
        """Ends the block."""
        if self._waiting:
            self._stored += bgzf_file(self._waiting).removesuffix(_END_BLOCK)
        self._waiting = b""
        self._records = 0

    def finish(self) -> bytes:
        """The whole file."""
        self.flush()
        return self._stored + _END_BLOCK


@dataclass(slots=True)
class Bin:
    """One bin; the offset only where the index has offsets."""

    number: int
    chunks: list[tuple[int, int]]
    offset: int = 0


@dataclass(slots=True)
class Part:
    """One reference of an index."""

    bins: list[Bin] = field(default_factory=list)
    windows: list[int | None] = field(default_factory=list)
    extent: tuple[int, int] | None = None
    counts: tuple[int, int] = (0, 0)

    def bin(self, number: int) -> Bin:
        """The bin of a number; made when it is not there."""
        for each in self.bins:
            if each.number == number:
                return each
        self.bins.append(Bin(number, []))
        return self.bins[-1]


def bin_of(begin: int, end: int, bits: int = 14, depth: int = _CSI_DEPTH) -> int:
    """The smallest bin that holds a region, zero-based and half open (reg2bin of CSIv1)."""
    last = end - 1
    for level in range(depth, 0, -1):
        shift = bits + 3 * (depth - level)
        if begin >> shift == last >> shift:
            return ((1 << 3 * level) - 1) // 7 + (begin >> shift)
    return 0


def parts_of(
    records: Iterable[tuple[int, int, int, tuple[int, int]]], count: int, bits: int = 14, depth: int = _CSI_DEPTH
) -> list[Part]:
    """The references of an index.

    Args:
        records: reference, begin, end (zero-based, half open) and virtual offsets of each record, in order.
        count: how many references there are.
        bits: bits of the smallest bins.
        depth: their level.
    """
    parts = [Part() for _ in range(count)]
    for reference, begin, end, (start, stop) in records:
        part = parts[reference]
        chunks = part.bin(bin_of(begin, end, bits, depth)).chunks
        if chunks and chunks[-1][1] == start:
            chunks[-1] = (chunks[-1][0], stop)
        else:
            chunks.append((start, stop))
        for window in range(begin >> bits, ((end - 1) >> bits) + 1):
            part.windows += [None] * (window + 1 - len(part.windows))
            if part.windows[window] is None:
                part.windows[window] = start
        part.extent = (part.extent or (start, stop))[0], stop
        part.counts = part.counts[0] + 1, 0
    for part in parts:
        for each in part.bins:
            each.offset = min(chunk[0] for chunk in each.chunks)
    return parts


def _packed_bins(part: Part, *, with_offsets: bool, pseudo: int) -> bytes:
    bins = list(part.bins)
    if part.extent is not None:
        bins.append(Bin(pseudo, [part.extent, part.counts]))
    packed = struct.pack("<i", len(bins))
    for each in bins:
        packed += struct.pack("<I", each.number)
        if with_offsets:
            packed += struct.pack("<Q", each.offset)
        packed += struct.pack("<i", len(each.chunks)) + b"".join(struct.pack("<QQ", *chunk) for chunk in each.chunks)
    return packed


def _packed_linear(parts: Sequence[Part]) -> bytes:
    return b"".join(
        _packed_bins(part, with_offsets=False, pseudo=37450)
        + struct.pack(f"<i{len(part.windows)}Q", len(part.windows), *(window or 0 for window in part.windows))
        for part in parts
    )


def bai(parts: Sequence[Part], unplaced: int | None = 0) -> bytes:
    """A BAI index."""
    last = b"" if unplaced is None else struct.pack("<Q", unplaced)
    return b"BAI\1" + struct.pack("<i", len(parts)) + _packed_linear(parts) + last


def columns(names: Sequence[str], numbers: Sequence[int] = (2, 1, 2, 0, ord("#"), 0)) -> bytes:
    """The header of tabix behind its count: format, columns of sequence, begin and end, comment, skipped lines."""
    packed = b"".join(name.encode() + b"\0" for name in names)
    return struct.pack("<7i", *numbers, len(packed)) + packed


def tbi_content(parts: Sequence[Part], header: bytes, unplaced: int | None = 0) -> bytes:
    """A TBI index before its compression."""
    last = b"" if unplaced is None else struct.pack("<Q", unplaced)
    return b"TBI\1" + struct.pack("<i", len(parts)) + header + _packed_linear(parts) + last


def csi_content(
    parts: Sequence[Part], auxiliary: bytes = b"", bits: int = 14, depth: int = _CSI_DEPTH, unplaced: int | None = 0
) -> bytes:
    """A CSI index before its compression."""
    pseudo = ((1 << 3 * (depth + 1)) - 1) // 7 + 1
    last = b"" if unplaced is None else struct.pack("<Q", unplaced)
    bins = b"".join(_packed_bins(part, with_offsets=True, pseudo=pseudo) for part in parts)
    header = struct.pack("<3i", bits, depth, len(auxiliary)) + auxiliary + struct.pack("<i", len(parts))
    return b"CSI\1" + header + bins + last
