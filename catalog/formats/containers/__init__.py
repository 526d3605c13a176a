"""Containers: plain, gzip and BGZF files as one decompressed stream, hashed on the way, in bounded memory.

Container truths come first: truncation, checksums, trailing bytes, a missing BGZF end block and
decompression bombs are findings here, once for every format (RFC 1952; SAMv1 4.1).
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Generator, Iterator
from typing import Any, BinaryIO

from isal import isal_zlib as _isal

from catalog.checksums import Checksums, Hasher, ThreadedHasher
from catalog.findings import Finding, Place
from catalog.formats.containers.ahead import Ahead
from catalog.formats.containers.allocation import keep_large_blocks
from catalog.formats.containers.bgzf import LARGEST_CONTENT_BYTES, Runs, block_size_of
from catalog.formats.containers.gzip_headers import has_header, header_fault, problem_of
from catalog.formats.containers.no_text import no_lines
from catalog.formats.containers.pieces import cut_lines, joined
from catalog.formats.containers.rules import (
    BLOCK,
    BOMB,
    DAMAGED,
    EMPTY,
    LONG_LINE,
    MARK,
    NO_END_BLOCK,
    NUL,
    TRAILING,
    TRUNCATED,
)

#: The library has no usable type hints; its errors are ordinary exceptions.
_ISAL: Any = _isal

HEAD_BYTES = 64 << 10
#: A million blocks are about 20 GB of stored BAM.
MOST_BLOCK_STARTS = 1_000_000
#: Deflate makes at most 1032 bytes of one, so that a piece of what was read never fills the memory.
_PIECE_BYTES = 64 << 10
#: Large pieces are read and hashed: each handing over costs as much for a small one.
_FETCH_BYTES = 1 << 20
#: What a thread reads ahead is handed over in blocks of this size.
_BLOCK_BYTES = 1 << 20
#: A text line longer than this is not read as one (VCF of many samples stays far below).
LONGEST_LINE_BYTES = 64 << 20
_HIGHEST_RATIO = 200
#: Less than this is read in seconds, whatever is in it.
_RATIO_COUNTS_FROM_BYTES = 8 << 20

_LONGEST_HEADER_BYTES = 1 << 20
_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_END = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")


class StreamStopped(Exception):
    """Reading cannot go on; the finding is in the source already. Never leaves the formats package."""


def container_of(raw: bytes) -> str:
    """``plain``, ``gzip`` or ``bgzf``, from the first bytes of a file."""
    if not raw.startswith(_GZIP_MAGIC):
        return "plain"
    return "bgzf" if block_size_of(raw) else "gzip"


def peek(raw: bytes) -> bytes:
    """Up to 64 KiB of the decompressed content at the start of a file."""
    if container_of(raw) == "plain":
        return raw[:HEAD_BYTES]
    text = b""
    while raw.startswith(_GZIP_MAGIC) and len(text) < HEAD_BYTES:
        member = _ISAL.decompressobj(wbits=31)
        try:
            text += member.decompress(raw, HEAD_BYTES - len(text))
        except _ISAL.error:
            break
        if not member.eof:
            break
        raw = member.unused_data
    return text


class Source:
    """The decompressed stream of one file, read once.

    Attributes:
        container: ``plain``, ``gzip`` or ``bgzf``.
        ends_with_newline: whether the last byte was a line end, or there was none; known at the end.
        raw_bytes: stored bytes that were read so far.
        block_starts: where the blocks of a BGZF file start, in stored bytes; with more than :data:`MOST_BLOCK_STARTS`
            of them the rest is missing.
        content_starts: where the content of each starts, in decompressed bytes.
        allows_cr: whether lines may end with CR alone; said before they are read.
        has_no_lines: whether the content cannot be taken apart into lines, so that whatever a format says of it misleads.
    """

    allows_cr = False
    has_no_lines = False

    def __init__(
        self, stream: BinaryIO, *, is_threaded: bool = False, told: Callable[[int], None] | None = None
    ) -> None:
        """Reads the head of a file.

        Args:
            stream: the stored bytes.
            is_threaded: whether decompressing and hashing run beside whoever reads; pays for large files.
            told: hears how many stored bytes were read so far.
        """
        self._stream = stream
        self._told = told
        self._is_threaded = is_threaded
        if is_threaded:
            keep_large_blocks()
        self._hasher: Hasher = ThreadedHasher() if is_threaded else Hasher()
        self._raw = stream.read(HEAD_BYTES)
        self._hasher.update(self._raw)
        self._tail = self._raw[-len(_BGZF_END) :]
        self._fetched_bytes = len(self._raw)
        self._fetched, self._taken = b"", 0
        self.head_raw = self._raw
        self.container = container_of(self._raw)
        self._found: list[Finding] = []
        #: Where nothing stands, no last line was cut.
        self.ends_with_newline = True
        self.raw_bytes = len(self._raw)
        self.decompressed_bytes = 0
        self.block_starts: array[int] = array("Q")
        self.content_starts: array[int] = array("Q")
        self._rest = b""
        self._pieces: Generator[bytes, None, None] = (
            self._decompressed() if self.container != "plain" else self._plain()
        )
        self._ahead: Ahead | None = None
        self._lines: Iterator[bytes] = iter(())

    def _fetch(self) -> bytes:
        """The next stored bytes, hashed; empty at the end."""
        chunk = self._stream.read(_FETCH_BYTES)
        self._hasher.update(chunk)
        self._fetched_bytes += len(chunk)
        self.tell()
        self._tail = (self._tail + chunk)[-len(_BGZF_END) :]
        return chunk

    def tell(self) -> None:
        """Tells how many stored bytes were read so far; also a sign of life of whoever works on them."""
        if self._told is not None:
            self._told(self._fetched_bytes)

    def _read_raw(self) -> bytes:
        """The next stored bytes: all that were fetched of a plain file, else up to the next multiple of a piece."""
        if self._raw:
            chunk, self._raw = self._raw, b""
            return chunk
        if self._taken >= len(self._fetched):
            self._fetched, self._taken = self._fetch(), 0
        size = _FETCH_BYTES if self.container == "plain" else _PIECE_BYTES - self.raw_bytes % _PIECE_BYTES
        chunk = self._fetched[self._taken : self._taken + size]
        self._taken += len(chunk)
        self.raw_bytes += len(chunk)
        return chunk

    def _plain(self) -> Generator[bytes, None, None]:
        while chunk := self._read_raw():
            self.decompressed_bytes += len(chunk)
            yield chunk

    def _decompressed(self) -> Generator[bytes, None, None]:
        """The content of every gzip member."""
        if self.container == "bgzf" and self._is_threaded:
            yield from self._whole_blocks()
        raw = self._read_raw()
        while raw and self._goes_on(raw):
            # The library loses its way in a header that comes in two pieces (isal 1.9).
            while not has_header(raw) and len(raw) < _LONGEST_HEADER_BYTES and (more := self._read_raw()):
                raw += more
            began, content_began = self.raw_bytes - len(raw), self.decompressed_bytes
            if has_header(raw) and (fault := header_fault(raw)):
                self._found.append(DAMAGED.at(Place(offset=began), problem=fault))
                return
            said = block_size_of(raw) if self.container == "bgzf" else 0
            member = _ISAL.decompressobj(wbits=31)
            while True:
                try:
                    piece = member.decompress(raw)
                except _ISAL.error as error:
                    self._found.append(DAMAGED.at(self._raw_place(len(raw)), problem=problem_of(error)))
                    return
                if piece:
                    self.decompressed_bytes += len(piece)
                    if self._explodes():
                        return
                    yield piece
                if member.eof:
                    break
                raw = self._read_raw()
                if not raw:
                    self._found.append(TRUNCATED.at(Place(offset=self.raw_bytes), expected="the end of the data"))
                    return
            raw = member.unused_data
            if self.container == "bgzf":
                self._note_block(began, content_began)
                content = self.decompressed_bytes - content_began
                self._judge_block(began, said, self.raw_bytes - len(raw) - began, content)
            raw = raw or self._read_raw()

    def _goes_on(self, raw: bytes) -> bool:
        """Whether another member begins here."""
        if raw.startswith(_GZIP_MAGIC[: len(raw)]):
            return True
        self._found.append(TRAILING.at(self._raw_place(len(raw)), got=f"0x{raw[:4].hex()}"))
        return False

    def _whole_blocks(self) -> Iterator[bytes]:
        """The content of BGZF blocks up to the first of which there is something to say; it and the rest stay unread."""
        began, self._raw, self.raw_bytes = 0, b"", 0
        runs = Runs(self.head_raw, self._fetch)
        try:
            for run in runs:
                content = self.decompressed_bytes + run.content_bytes
                if content >= _RATIO_COUNTS_FROM_BYTES and content > _HIGHEST_RATIO * began:
                    break
                made = run.content()
                if made is None:
                    break
                for end, size in zip(run.ends, run.sizes, strict=True):
                    self._note_block(self.raw_bytes, self.decompressed_bytes)
                    self.raw_bytes = began + end
                    self.decompressed_bytes += size
                began = self.raw_bytes
                if made:
                    yield made
        finally:
            self._fetched, self._taken = runs.close(), 0

    def _note_block(self, began: int, content_began: int) -> None:
        if len(self.block_starts) <= MOST_BLOCK_STARTS:
            self.block_starts.append(began)
            self.content_starts.append(content_began)

    def _judge_block(self, began: int, said: int, found: int, content: int) -> None:
        if said != found:
            problem = f"it has {found} bytes, not {said}" if said else "it does not say its size"
        elif content > LARGEST_CONTENT_BYTES:
            problem = f"it holds {content} bytes, more than {LARGEST_CONTENT_BYTES}"
        else:
            return
        if not any(each.code == BLOCK.code for each in self._found):
            self._found.append(BLOCK.at(Place(offset=began), expected="BSIZE + 1 = its bytes", problem=problem))

    def _raw_place(self, unread: int) -> Place:
        return Place(offset=self.raw_bytes - unread)

    def _explodes(self) -> bool:
        if self.decompressed_bytes < _RATIO_COUNTS_FROM_BYTES:
            return False
        if self.decompressed_bytes <= _HIGHEST_RATIO * self.raw_bytes:
            return False
        self._found.append(BOMB.at(Place(offset=self.raw_bytes), ratio=_HIGHEST_RATIO))
        return True

    def _beside(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """The blocks, made by a thread of their own where that pays."""
        if not self._is_threaded:
            return blocks
        self._ahead = Ahead(blocks)
        return self._ahead

    def blocks(self) -> Iterator[bytes]:
        """The decompressed content in pieces of any size, for binary formats."""
        if self._rest:
            rest, self._rest = self._rest, b""
            yield rest
        # 'yield from' would close the pieces where a format stops early; what is wrong behind them would be lost.
        for piece in self._beside(joined(self._pieces) if self._is_threaded else self._pieces):  # noqa: UP028
            yield piece

    def read(self, size: int) -> bytes:
        """Exactly ``size`` decompressed bytes, fewer only at the end; for binary formats with small fields."""
        while len(self._rest) < size:
            piece = next(self._pieces, b"")
            if not piece:
                break
            self._rest += piece
        taken, self._rest = self._rest[:size], self._rest[size:]
        return taken

    def line_blocks(self) -> Iterator[bytes]:
        """Blocks of whole lines for text formats; each block ends before a line end.

        NUL bytes and a byte order mark end in findings; lines before a NUL are given, the rest of the file is still hashed.
        """
        for buffer in self.line_buffers():
            yield buffer[:-1]

    def line_buffers(self) -> Iterator[bytes]:
        """The same as :meth:`line_blocks`, each line ended by LF, the last one too whether or not the file has it."""
        self._lines = self._whole_lines()
        # Not 'yield from', which would close the lines where a format stops early: see :meth:`finish`.
        for buffer in self._beside(self._lines):  # noqa: UP028
            yield buffer

    def _whole_lines(self) -> Iterator[bytes]:
        least = _BLOCK_BYTES if self._is_threaded else 1
        parts: list[bytes] = []
        size = offset = searched = 0
        for piece in self._pieces:
            if offset == 0 and (strange := no_lines(piece, allows_cr=self.allows_cr)) is not None:
                self._found.append(strange)
                self.has_no_lines = True
                return
            if offset == 0 and piece.startswith(b"\xef\xbb\xbf"):
                self._found.append(MARK.at(Place(line=1, column=1, offset=0)))
                piece = piece[3:]
            nul = piece.find(b"\0")
            if nul >= 0:
                self._found.append(NUL.at(Place(offset=offset + nul)))
                parts.append(piece[:nul])
                self.ends_with_newline = True
                break
            offset += len(piece)
            size += len(piece)
            self.ends_with_newline = piece.endswith(b"\n")
            parts.append(piece)
            if size < least:
                continue
            whole, parts, searched = cut_lines(parts, searched)
            if whole:
                yield whole
                size -= len(whole)
            elif size > LONGEST_LINE_BYTES:
                self._found.append(LONG_LINE.at(Place(offset=offset - size), limit=LONGEST_LINE_BYTES))
                return
        whole, parts, _ = cut_lines(parts, searched)
        if parts and not self._found:  # what is left of a line where the data broke off is no line
            whole = b"".join([whole, *parts, b"\n"])
        if whole:
            yield whole

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with the container as far as it was read.

        What a thread met ahead of the reader is told when the reader has come to the end, so that a format that stops
        early says the same with and without threads.
        """
        return () if self._ahead is not None and not self._ahead.is_over else tuple(self._found)

    def stop(self) -> None:
        """Ends the threads of a source, whether or not it was read to its end."""
        if self._ahead is not None:
            self._ahead.stop()
        self._pieces.close()
        self._hasher.stop()

    def finish(self) -> Checksums:
        """Reads whatever the format left unread, so that hashes and container findings are complete."""
        if self._ahead is not None:
            self._ahead.stop()
        for unread in (self._lines, self._pieces):
            for _ in unread:
                pass
        while self._read_raw():
            pass
        if self.container == "bgzf" and self._tail != _BGZF_END and not self._found:
            self._found.append(NO_END_BLOCK.at(Place(offset=self.raw_bytes), expected="28 bytes of end block"))
        if self.raw_bytes == 0:
            self._found.append(EMPTY.at(Place(offset=0), expected="content"))
        return self._hasher.finish()
