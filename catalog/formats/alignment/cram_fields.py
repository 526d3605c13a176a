"""Numbers and headers of CRAM: ITF8 and LTF8 integers, containers and blocks (CRAMv3, 2.3, 7 and 8)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class FileEnded(Exception):
    """The bytes are over where a field should be. Never leaves this package."""


class WrongLength(Exception):
    """A count or length cannot be right. Never leaves this package."""


class Bytes(Protocol):
    """What fields are taken from."""

    def take(self, size: int) -> bytes:
        """The next bytes, fewer only at the end."""


class Content:
    """Bytes in memory, taken in order."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    @property
    def left(self) -> int:
        """How many bytes are left."""
        return len(self._content) - self._at

    def take(self, size: int) -> bytes:
        """The next bytes, fewer only at the end."""
        taken = self._content[self._at : self._at + size]
        self._at += len(taken)
        return taken


class Fields:
    """Takes numbers, and keeps the bytes that they were read from for a checksum.

    Attributes:
        stored: the bytes that were taken.
    """

    def __init__(self, source: Bytes) -> None:
        self._source = source
        self.stored = bytearray()

    def take(self, size: int) -> bytes:
        """Bytes.

        Raises:
            FileEnded: there are fewer.
        """
        taken = self._source.take(size)
        self.stored += taken
        if len(taken) < size:
            raise FileEnded
        return taken

    def int32(self) -> int:
        """A signed number of four bytes."""
        return int.from_bytes(self.take(4), "little", signed=True)

    def itf8(self) -> int:
        """A signed number of 32 bits in one to five bytes."""
        first = self.take(1)[0]
        if first < 0x80:
            return first
        if first < 0xC0:
            return (first & 0x3F) << 8 | self.take(1)[0]
        if first < 0xE0:
            return (first & 0x1F) << 16 | int.from_bytes(self.take(2), "big")
        if first < 0xF0:
            return (first & 0x0F) << 24 | int.from_bytes(self.take(3), "big")
        rest = self.take(4)
        value = (first & 0x0F) << 28 | int.from_bytes(rest[:3], "big") << 4 | rest[3] & 0x0F
        return value - (1 << 32) if value >> 31 else value

    def ltf8(self) -> int:
        """A signed number of 64 bits in one to nine bytes: as many bytes follow as the first has leading ones."""
        first = self.take(1)[0]
        more = 8 - (~first & 0xFF).bit_length()
        value = (first & (0x7F >> more)) << 8 * more | int.from_bytes(self.take(more), "big")
        return value - (1 << 64) if value >> 63 else value

    def count(self, most: int) -> int:
        """A number that counts something.

        Raises:
            WrongLength: it is below zero or above what there can be.
        """
        value = self.itf8()
        if not 0 <= value <= most:
            raise WrongLength
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The header of a container.

    Attributes:
        offset: where it begins in the file.
        length: bytes of its blocks.
        contig: number of its reference, -1 for unmapped, -2 for several.
        start: its first position.
        span: bases that its records cover there.
        records: how many records it holds.
        counter: how many records were before it (some programs count from 1).
        bases: of its reads.
        blocks: how many blocks it has.
        landmarks: where its slices begin, from its first block on.
        stored: the header's bytes.
    """

    offset: int
    length: int
    contig: int
    start: int
    span: int
    records: int
    counter: int
    bases: int
    blocks: int
    landmarks: tuple[int, ...]
    stored: bytes

    @property
    def is_end(self) -> bool:
        """Whether it marks the end of the file."""
        return self.contig == -1 and self.start == END_START and self.records == 0


#: The start position of the container that marks the end (the letters EOF).
END_START = 4542278
#: The header of that container behind its length, and the compression header that is its only block (CRAMv3, 9).
END_HEADER, END_CONTENT = bytes.fromhex("ffffffff0fe0454f46000000000100"), bytes.fromhex("010001000100")
_MOST_BLOCKS = 1 << 20


def read_container(source: Bytes, offset: int, major: int) -> Container:
    """The header of the next container, up to its checksum.

    Args:
        source: the file.
        offset: where it is now.
        major: version of the format.

    Raises:
        FileEnded: there are fewer bytes.
        WrongLength: a count or length cannot be right.
    """
    fields = Fields(source)
    length = fields.int32()
    contig, start, span = fields.itf8(), fields.itf8(), fields.itf8()
    records = fields.count((1 << 31) - 1)
    counter = fields.ltf8() if major >= 3 else fields.itf8()
    bases = fields.ltf8()
    blocks = fields.count(_MOST_BLOCKS)
    landmarks = tuple(fields.itf8() for _ in range(fields.count(blocks)))
    if length < 0 or bases < 0:
        raise WrongLength
    return Container(
        offset=offset, length=length, contig=contig, start=start, span=span, records=records, counter=counter, bases=bases,
        blocks=blocks, landmarks=landmarks, stored=bytes(fields.stored),
    )  # fmt: skip


RAW, GZIP, BZIP2, LZMA = range(4)
FILE_HEADER, COMPRESSION_HEADER, SLICE_HEADER, _RESERVED, EXTERNAL, CORE = range(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One block.

    Attributes:
        offset: where it begins in the file.
        method: how it is compressed.
        kind: what it holds.
        content_id: by which others name it.
        content: what it holds, where that was asked for and could be had.
    """

    offset: int
    method: int
    kind: int
    content_id: int
    content: bytes | None
