"""A forward cursor over the bytes of one file, for binary formats with many small fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

_PIECE_BYTES = 64 << 10


class Blocks(Protocol):
    """What a cursor goes over, such as :class:`~catalog.formats.containers.Source`."""

    def blocks(self) -> Iterator[bytes]:
        """The content in pieces of any size."""


class Cursor:
    """Takes fields from a stream in order and knows where it is.

    Attributes:
        offset: bytes of the decompressed stream that were taken so far.
    """

    def __init__(self, source: Blocks) -> None:
        self._blocks = source.blocks()
        self._held = b""
        self._at = 0
        self.offset = 0

    def _fill(self, size: int) -> int:
        """Holds at least ``size`` untaken bytes, unless the stream ends before; the number held."""
        while len(self._held) - self._at < size:
            block = next(self._blocks, b"")
            if not block:
                break
            self._held = self._held[self._at :] + block
            self._at = 0
        return len(self._held) - self._at

    @property
    def ended(self) -> bool:
        """Whether nothing is left."""
        return self._fill(1) == 0

    def take(self, size: int) -> bytes:
        """The next ``size`` bytes, fewer only at the end. For fields: ask for at most 1 MiB at once."""
        size = min(size, self._fill(size))
        taken = self._held[self._at : self._at + size]
        self._at += len(taken)
        self.offset += len(taken)
        return taken

    def pieces(self, size: int, whole: int = 1) -> Iterator[bytes]:
        """The next ``size`` bytes in pieces of at most about 64 KiB, fewer bytes only at the end.

        Args:
            size: how many bytes, of any size.
            whole: pieces are multiples of this many bytes, such as the size of a row.
        """
        step = max(1, _PIECE_BYTES // whole) * whole
        while size > 0:
            piece = self.take(min(step, size))
            if not piece:
                return
            size -= len(piece)
            yield piece

    def skip(self, size: int) -> int:
        """Passes over bytes; how many there were."""
        return sum(len(piece) for piece in self.pieces(size))

    def rest(self) -> Iterator[bytes]:
        """Everything that is left, in blocks as they come; the offset stays where it is."""
        held, self._held, self._at = self._held[self._at :], b"", 0
        if held:
            yield held
        yield from self._blocks

    def skip_to(self, pattern: re.Pattern[bytes], longest: int) -> bool:
        """Goes to the next match of a pattern; False, and to the end, when there is none.

        Args:
            pattern: what is looked for; it is not taken.
            longest: the longest text in bytes that it can match.
        """
        held = self._fill(longest)
        while held:
            match = pattern.search(self._held, self._at)
            if match is not None:
                self.offset += match.start() - self._at
                self._at = match.start()
                return True
            passed = max(0, held - longest + 1)
            self._at += passed
            self.offset += passed
            if self._fill(longest) < longest or not passed:
                break
            held = len(self._held) - self._at
        self.offset += len(self._held) - self._at
        self._at = len(self._held)
        return False
