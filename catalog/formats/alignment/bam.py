"""BAM: header and records in binary (SAMv1, 4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from catalog.findings import Rule
from catalog.formats.alignment.binary_header import (
    BINARY_HEADER_RULES,
    LONGEST_BYTES,
    TOO_LONG,
    TRUNCATED,
    BinaryHeaderReader,
    HeaderEnded,
)
from catalog.formats.alignment.binary_records import BINARY_RULES, BLOCK_SIZE, FIXED_BYTES, BinaryRecords
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.listeners import ListenerFactory, RecordListener
from catalog.formats.alignment.margin import SAM, Margin, refused
from catalog.formats.alignment.records import RecordJudge
from catalog.formats.alignment.sam import NO_RECORDS, SHARED_RULES, finish_facts
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.kernels import bam_state as at
from catalog.model import Tier

NOT_BGZF = refused(
    "bam-not-bgzf",
    "the file is not compressed in blocks (BGZF)",
    "compress it with bgzip, or write it again with samtools",
    f"{SAM}, 4.2: BAM is compressed in the BGZF format",
    "It cannot be indexed, and programs refuse it.",
)

#: Rules of the binary form, beside those that every alignment file has.
BAM_RULES: tuple[Rule, ...] = tuple(dict.fromkeys((*SHARED_RULES, *BINARY_HEADER_RULES, *BINARY_RULES)))


class Walk(Protocol):
    """Goes over records as long as there is nothing to say about them."""

    def pass_over(self, buffer: bytes, begin: int, offset: int | None) -> int:
        """Passes over records.

        Args:
            buffer: bytes that begin with a record's block_size at ``begin``.
            begin: where.
            offset: of the buffer's first byte in the decompressed stream; None where places in it mean nothing.

        Returns:
            Where the first record begins that was not passed over.
        """

    def starts(self) -> Sequence[int]:
        """Where the records begin that were passed over last, behind their block_size; only where listeners asked."""


class RecordStream:
    """Takes the records of a BAM in blocks of any size.

    Attributes:
        records: the plain path.
    """

    def __init__(self, header: Header, reading: Reading, margin: Margin, listeners: Sequence[ListenerFactory]) -> None:
        self.records = BinaryRecords(header, margin)
        self._margin = margin
        found = [factory(header) for factory in listeners]
        self._listeners: list[RecordListener] = [each for each in found if each is not None]
        self._walk = self._fast_walk(header) if reading.is_fast else None
        self._offset = 0
        self._has_stopped = False

    def _fast_walk(self, header: Header) -> Walk:
        from catalog.formats.alignment.fast_walk import FastWalk

        return FastWalk(self.records.judge, header, self._margin, with_starts=bool(self._listeners))

    def take_all(self, blocks: Iterator[bytes], offset: int | None) -> bool:
        """Takes every record.

        Args:
            blocks: the stream behind the header.
            offset: of its first byte, for places; None where places in the stream mean nothing to a reader.

        Returns:
            Whether the last record was whole.
        """
        shows_offset = offset is not None
        self._offset = offset or 0
        parts: list[bytes] = []
        waiting, wanted = 0, 4
        for block in blocks:
            begin = 0
            # A record that the end of the last block has cut is put together alone; blocks are large.
            while waiting and begin < len(block) and not self._has_stopped:
                parts.append(block[begin : begin + wanted - waiting])
                waiting += len(parts[-1])
                begin += len(parts[-1])
                if waiting >= wanted:
                    joined = b"".join(parts)
                    parts.clear()
                    end, wanted = self._take(joined, 0, shows_offset=shows_offset)
                    self._offset += end
                    parts, waiting = [joined[end:]], len(joined) - end
            if self._has_stopped:
                waiting = 0
            elif not waiting:
                self._offset -= begin
                end, wanted = self._take(block, begin, shows_offset=shows_offset)
                self._offset += end
                parts, waiting = [block[end:]], len(block) - end
        self._margin.offset = self._offset if shows_offset else None
        return self._has_stopped or not waiting

    def _take(self, buffer: bytes, begin: int, *, shows_offset: bool) -> tuple[int, int]:
        """Takes the whole records of a buffer; where they end, and how many bytes the next one needs."""
        margin, state = self._margin, self.records.judge.tally.state
        starts: list[int] = []
        end = len(buffer)
        while end - begin >= 4:
            if self._walk is not None:
                begin = self._walk.pass_over(buffer, begin, self._offset if shows_offset else None)
                if self._listeners:
                    self._tell(buffer, starts)
                    self._tell(buffer, self._walk.starts())
                    starts = []
                if end - begin < 4:
                    break
            size = int.from_bytes(buffer[begin : begin + 4], "little", signed=True)
            margin.record = state[at.RECORDS] + 1
            margin.offset = self._offset + begin if shows_offset else None
            if size < FIXED_BYTES or size > LONGEST_BYTES:
                self._stop(size)
                return end, 4
            if begin + 4 + size > end:
                self._tell(buffer, starts)
                return begin, 4 + size
            if self.records.take(buffer[begin + 4 : begin + 4 + size]):
                starts.append(begin + 4)
            begin += 4 + size
        self._tell(buffer, starts)
        return begin, 4

    def _tell(self, buffer: bytes, starts: Sequence[int]) -> None:
        if len(starts):
            for listener in self._listeners:
                listener.take(buffer, starts)

    def _stop(self, size: int) -> None:
        """The size of a record cannot be right: nothing after it can be read."""
        self._has_stopped = True
        if size > LONGEST_BYTES:
            self._margin.note(TOO_LONG, "block_size", "at most 64 MiB", size, part="a record")
        else:
            self._margin.note(BLOCK_SIZE, "block_size", "at least 32 bytes", size)

    def finish(self, reading: Reading, *, is_whole: bool) -> RecordJudge:
        """The findings of the whole file, and the evidence of the listeners."""
        judge, margin = self.records.judge, self._margin
        margin.record = judge.tally.state[at.RECORDS] + 1
        if not is_whole and not reading.source.findings:
            margin.note(TRUNCATED, "block_size", "a whole record", part="a record")
        margin.record = margin.offset = None
        if is_whole and not self._has_stopped and not reading.source.findings:
            if not judge.tally.state[at.RECORDS]:
                margin.note_whole(NO_RECORDS, expected="records")
            judge.finish(is_text=False)
        for listener in self._listeners:
            reading.evidence.update(listener.evidence())
        return judge


class BamFormat:
    """Sequence alignments in binary."""

    name = "bam"
    title = "Binary Alignment/Map"
    mediatype = "application/vnd.ga4gh.bam"
    edam = "EDAM:format_2572"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (*BAM_RULES, NOT_BGZF)

    def __init__(self, listeners: Sequence[ListenerFactory] = ()) -> None:
        """A format whose records others see as well.

        Args:
            listeners: who wants to see them.
        """
        self._listeners = listeners

    def sniff(self, head: Head) -> int:
        """Sure of ``BAM`` and a byte of 1; by name for what is called .bam."""
        return SURE if head.text.startswith(b"BAM\x01") else BY_NAME if head.has_suffix(".bam") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once; facts and evidence are those of :meth:`~catalog.formats.alignment.sam.SamFormat.read`."""
        margin = Margin(reading)
        cursor = Cursor(reading.source)
        if reading.source.container != "bgzf":
            margin.note_whole(NOT_BGZF, expected="BGZF", got=reading.source.container)
        try:
            header = BinaryHeaderReader(cursor, margin).read()
        except HeaderEnded:
            for _ in cursor.rest():  # so that what is wrong with the container is found
                pass
            return {}
        stream = RecordStream(header, reading, margin, self._listeners)
        is_whole = stream.take_all(cursor.rest(), cursor.offset)
        return finish_facts(stream.finish(reading, is_whole=is_whole), margin, reading)


BAM = BamFormat()
