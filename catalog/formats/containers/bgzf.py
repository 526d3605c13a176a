"""BGZF in runs of whole blocks, decompressed by two threads (SAMv1, 4.1).

Only blocks are taken that are as almost every program writes them and turn out right to their last byte. At the first
other one the runs end, and whoever reads goes on alone: what is wrong, and where, is said in one place only.
"""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from isal import igzip

_HEADER_BYTES = 18
_FOOTER_BYTES = 8
#: The usual header: a name, a time and flags as they like, and one extra subfield BC of two bytes.
_MAGIC, _FIELD = b"\x1f\x8b\x08\x04", b"\x06\x00BC\x02\x00"
_FIELD_AT = 10
#: An empty block. In front of another one that a wrong BSIZE counts in, nothing else would tell.
_NOTHING = b"\x03\x00" + bytes(8)
_LARGEST_BLOCK_BYTES = 64 << 10
#: ISIZE is from 0 to 65536 (SAMv1, 4.1).
LARGEST_CONTENT_BYTES = 64 << 10
#: A run holds so much content, or so many blocks.
_RUN_BYTES = 1 << 20
_RUN_BLOCKS = 1024
_THREADS = 2
_RUNS_AHEAD = 4


def block_size_of(raw: bytes) -> int:
    """The bytes of a BGZF block by its header; 0 when it is none (SAMv1, 4.1: a subfield BC of two bytes)."""
    if len(raw) < 18 or not raw[3] & 4:
        return 0
    extra = raw[12 : 12 + int.from_bytes(raw[10:12], "little")]
    while len(extra) >= 4:
        size = int.from_bytes(extra[2:4], "little")
        if extra[:2] == b"BC" and size == 2 and len(extra) >= 6:
            return int.from_bytes(extra[4:6], "little") + 1
        extra = extra[4 + size :]
    return 0


class Run:
    """Some blocks that follow each other.

    Attributes:
        raw: their stored bytes.
        ends: where each of them ends in these.
        sizes: the bytes of their content, as they say (ISIZE).
        content_bytes: the sum of these.
    """

    def __init__(self, held: bytes, at: int) -> None:
        """Takes the usual whole blocks.

        Args:
            held: stored bytes.
            at: where a block begins.
        """
        self.ends: list[int] = []
        self.sizes: list[int] = []
        self.content_bytes = 0
        end = at
        while self.content_bytes < _RUN_BYTES and len(self.ends) < _RUN_BLOCKS:
            begin, end = end, end + _usual_size(held, end)
            if end == begin or end > len(held):
                end = begin
                break
            self.sizes.append(int.from_bytes(held[end - 4 : end], "little"))
            if self.sizes[-1] > LARGEST_CONTENT_BYTES:
                self.sizes.pop()
                end = begin
                break
            self.content_bytes += self.sizes[-1]
            self.ends.append(end - at)
        self.raw = memoryview(held)[at:end]
        self._made: Future[bytes | None] | None = None

    def make(self, threads: ThreadPoolExecutor) -> None:
        """Has the content made by one of the threads."""
        self._made = threads.submit(self._decompressed)

    def _decompressed(self) -> bytes | None:
        try:
            with igzip.IGzipFile(fileobj=io.BytesIO(self.raw), mode="rb") as members:
                content: bytes = members.read(self.content_bytes)
                is_right = len(content) == self.content_bytes and not members.read(1)
        except Exception:  # whatever it is, whoever reads alone says it
            return None
        return content if is_right else None

    def content(self) -> bytes | None:
        """The content of all blocks; None when something is wrong with one of them."""
        return self._made.result() if self._made is not None else None


def _usual_size(held: bytes, at: int) -> int:
    """The bytes of the block at a place by its header; 0 when it is not the usual one or not there."""
    if held[at : at + 4] != _MAGIC or held[at + _FIELD_AT : at + _FIELD_AT + len(_FIELD)] != _FIELD:
        return 0
    size = int.from_bytes(held[at + _HEADER_BYTES - 2 : at + _HEADER_BYTES], "little") + 1
    if held.startswith(_NOTHING, at + _HEADER_BYTES) and size != _HEADER_BYTES + len(_NOTHING):
        return 0
    return size if size > _HEADER_BYTES + _FOOTER_BYTES else 0


class Runs:
    """The runs of a file in their order, a few of them made ahead."""

    def __init__(self, head: bytes, fetch: Callable[[], bytes]) -> None:
        """Begins at the first block.

        Args:
            head: the first stored bytes.
            fetch: gives the next ones; empty at the end.
        """
        self._held, self._at = head, 0
        self._fetch = fetch
        self._under_way: deque[Run] = deque()
        self._threads = ThreadPoolExecutor(_THREADS, "fairline-blocks")

    def __iter__(self) -> Iterator[Run]:
        """Runs, until there is no usual block. One is taken when the next one is asked for."""
        while True:
            while len(self._under_way) < _RUNS_AHEAD and (run := self._next()) is not None:
                run.make(self._threads)
                self._under_way.append(run)
            if not self._under_way:
                return
            yield self._under_way[0]
            self._under_way.popleft()

    def _next(self) -> Run | None:
        run = Run(self._held, self._at)
        while not run.ends:
            if len(self._held) - self._at >= _LARGEST_BLOCK_BYTES or not (more := self._fetch()):
                return None
            self._held, self._at = self._held[self._at :] + more, 0
            run = Run(self._held, 0)
        self._at += len(run.raw)
        return run

    def close(self) -> bytes:
        """Ends the threads; the stored bytes that were fetched and not taken."""
        self._threads.shutdown(cancel_futures=True)
        rest = b"".join([*(run.raw for run in self._under_way), memoryview(self._held)[self._at :]])
        self._under_way.clear()
        self._held, self._at = b"", 0
        return rest
