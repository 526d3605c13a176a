"""The structure of a CRAM: its definition, header, containers and slices, walked through once (CRAMv2.1, CRAMv3)."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator

from catalog.findings import Place, Rule
from catalog.formats.alignment import cram_rules as rules
from catalog.formats.alignment.cram_blocks import Budget, read_block
from catalog.formats.alignment.cram_fields import (
    COMPRESSION_HEADER,
    CORE,
    END_CONTENT,
    END_HEADER,
    EXTERNAL,
    FILE_HEADER,
    GZIP,
    RAW,
    SLICE_HEADER,
    Block,
    Container,
    FileEnded,
    WrongLength,
    read_container,
)
from catalog.formats.alignment.cram_slices import Compression, Slice, read_compression, read_slice
from catalog.formats.alignment.header import Header, HeaderReader, HeaderTooLong
from catalog.formats.alignment.margin import Margin
from catalog.formats.cursor import Cursor
from catalog.formats.indexes.evidence import Slices

#: In CRAM 2 htslib states two bytes less than its header container has, and no reader minds.
_HTSLIB_SLACK_BYTES = 2
_DEFINITION_BYTES = 26
_MAGIC = b"CRAM"
_VERSIONS = frozenset({(2, 0), (2, 1), (3, 0), (3, 1)})


class Stopped(Exception):
    """Nothing more can be read; the finding is there. Never leaves this package."""


class Structure:
    """Walks through a CRAM.

    Attributes:
        version: major and minor.
        header: of the file.
        records: as the containers count them.
        bases: likewise.
        is_whole: whether the end was reached in good order.
        needs_reference: whether some slice cannot be unpacked without its reference.
        unproved: references of such slices that state no checksum of their part of it; -2 for slices of several.
        slices: where they lie.
    """

    def __init__(self, cursor: Cursor, margin: Margin, is_to_decode: Callable[[Header, bool], None]) -> None:
        """Begins at the start of a file.

        Args:
            cursor: at its first byte.
            margin: for findings.
            is_to_decode: called once, before the data of the first slice are read, with the header and whether the
                slice needs the reference.
        """
        self.version = (0, 0)
        self.header = Header()
        self.records = 0
        self.bases = 0
        self.is_whole = False
        self.needs_reference = False
        self.unproved: set[int] = set()
        self.slices = Slices()
        self._cursor = cursor
        self._margin = margin
        self._is_to_decode: Callable[[Header, bool], None] | None = is_to_decode
        self._budget = Budget()
        self._next_counter: int | None = None
        self._names: list[bytes] = []
        self._without_md5: set[int] = set()

    def walk(self) -> None:
        """Reads the whole file."""
        try:
            self._read_definition()
            self._read_header()
            while self._read_next():
                pass
        except FileEnded:
            self._margin.note_at(Place(offset=self._cursor.offset), rules.TRUNCATED, "container", part="a container")
        except Stopped:
            pass

    def _read_definition(self) -> None:
        definition = self._cursor.take(_DEFINITION_BYTES)
        if definition[: len(_MAGIC)] != _MAGIC:
            self._margin.note_at(Place(offset=0), rules.MAGIC, "magic", "CRAM")
            raise Stopped
        if len(definition) < _DEFINITION_BYTES:
            raise FileEnded
        self.version = definition[4], definition[5]
        if self.version not in _VERSIONS:
            got = f"{definition[4]}.{definition[5]}"
            self._margin.note_at(Place(offset=4), rules.VERSION, "version", "2.0, 2.1, 3.0 or 3.1", got)
            raise Stopped

    def _container(self) -> Container:
        offset = self._cursor.offset
        try:
            container = read_container(self._cursor, offset, self.version[0])
        except WrongLength:
            self._note(offset, rules.LENGTH, "container", part="a container")
            raise Stopped from None
        if self.version[0] >= 3:
            stored = self._cursor.take(4)
            if len(stored) < 4:
                raise FileEnded
            if int.from_bytes(stored, "little") != zlib.crc32(container.stored):
                self._note(offset, rules.CONTAINER_CRC, "container", f"{zlib.crc32(container.stored):08x}")
        return container

    def _note(self, offset: int, rule: Rule, column: str, expected: str | None = None, **words: object) -> None:
        self._margin.note_at(Place(offset=offset), rule, column, expected, **words)

    def _blocks(self, container: Container) -> Iterator[Block]:
        """The blocks of a container; afterwards the cursor is behind it."""
        end = self._cursor.offset + container.length
        is_header = container.offset == _DEFINITION_BYTES
        slack = _HTSLIB_SLACK_BYTES if is_header and self.version[0] == 2 else 0
        for _ in range(container.blocks):
            offset = self._cursor.offset
            try:
                yield read_block(self._cursor, self.version, self._margin, end + slack - offset, self._budget)
            except WrongLength:
                self._note(offset, rules.LENGTH, "block", part="a block")
                raise Stopped from None
        end = max(end, self._cursor.offset)
        if self._cursor.offset != end and not is_header:
            self._note(container.offset, rules.BLOCKS, "container", "blocks as long as the container")
        if self._cursor.skip(end - self._cursor.offset) < end - self._cursor.offset:
            raise FileEnded

    def _read_header(self) -> None:
        container = self._container()
        text: bytes | None = None
        for number, block in enumerate(self._blocks(container)):
            if number == 0 and block.kind == FILE_HEADER and block.method in (RAW, GZIP):
                text = block.content
        size = int.from_bytes(text[:4], "little", signed=True) if text else -1
        if text is None or not 0 <= size <= len(text) - 4:
            self._note(container.offset, rules.HEADER, "header", "one block with the header, raw or gzip")
            raise Stopped
        if text[4 + size :].strip(b"\0"):
            self._note(container.offset, rules.HEADER, "header", "a header as long as it states")
        reader = HeaderReader(self._margin)
        try:
            for number, line in enumerate(io.BytesIO(text[4 : 4 + size].rstrip(b"\0")), 1):
                self._margin.line = number
                reader.take(line.removesuffix(b"\n"))
        except HeaderTooLong:
            raise Stopped from None
        finally:
            self._margin.line = None
        self.header = reader.finish()
        self._names = list(self.header.contigs)

    def _read_next(self) -> bool:
        """Reads a container; whether there may be another."""
        if self._cursor.ended:
            if self.version >= (2, 1):
                self._note(self._cursor.offset, rules.NO_END, "container", "the end container")
            self.is_whole = self.version < (2, 1)
            return False
        container = self._container()
        if container.is_end:
            blocks = list(self._blocks(container))
            is_usual = container.stored[4:] == END_HEADER and [each.content for each in blocks] == [END_CONTENT]
            if self.version >= (2, 1) and not is_usual:
                self._note(container.offset, rules.NO_END, "container", "the end container as the specification has it")
            if not self._cursor.ended:
                self._note(self._cursor.offset, rules.AFTER_END, "container", "the end of the file")
            self.is_whole = True
            return False
        if self._next_counter not in (None, container.counter):
            self._note(container.offset, rules.COUNTER, "record counter", "the records of the containers before")
        self._next_counter = container.counter + container.records
        self.records += container.records
        self.bases += container.bases
        self._read_data(container)
        return True

    def _read_data(self, container: Container) -> None:
        """The blocks of a container with records: a compression header, then slices."""
        begin = self._cursor.offset
        compression: Compression | None = None
        slices: list[tuple[int, Slice]] = []
        ids: list[set[int]] = []
        waiting = 0
        end = begin
        for number, block in enumerate(self._blocks(container)):
            end = self._cursor.offset
            wanted = COMPRESSION_HEADER if number == 0 else SLICE_HEADER if waiting == 0 else EXTERNAL
            is_first_data = bool(slices) and waiting == slices[-1][1].blocks
            if block.kind != wanted and not (wanted == EXTERNAL and block.kind == CORE and is_first_data):
                self._note(block.offset, rules.BLOCK, "block", "a compression header, then slices with their data")
            if block.kind == COMPRESSION_HEADER:
                compression = self._read_compression(block)
            elif block.kind == SLICE_HEADER:
                found = self._read_slice(block, container)
                waiting = found.blocks
                slices.append((block.offset - begin, found))
                ids.append(set())
                self._judge_reference(block, found, compression)
            elif waiting:
                waiting -= 1
                ids[-1].add(block.content_id)
        if waiting:
            self._note(container.offset + slices[-1][0], rules.SLICE, "number of blocks", "the blocks that follow")
        self._judge_slices(container, slices, ids)
        ends = [*(offset for offset, _ in slices[1:]), end - begin]
        for (offset, each), behind in zip(slices, ends, strict=False):
            self.slices.add((each.contig, each.start, each.span, container.offset, offset, behind - offset))

    def _read_compression(self, block: Block) -> Compression | None:
        try:
            return read_compression(block.content or b"")
        except (FileEnded, WrongLength):
            self._note(block.offset, rules.COMPRESSION, "block", "three maps")
            return None

    def _read_slice(self, block: Block, container: Container) -> Slice:
        try:
            found = read_slice(block.content or b"", self.version[0], container.blocks)
        except (FileEnded, WrongLength):
            self._note(block.offset, rules.SLICE, "block", "a slice header")
            raise Stopped from None
        if found.contig >= len(self._names) or container.contig not in (-2, found.contig):
            self._note(block.offset, rules.SLICE, "reference", "a reference of the header, and that of the container")
        return found

    def _judge_reference(self, block: Block, found: Slice, compression: Compression | None) -> None:
        self.header.has_names = self.header.has_names and (compression is None or compression.has_names)
        needs = compression is not None and compression.needs_reference and found.embedded < 0 and found.contig != -1
        self.needs_reference |= needs
        if needs and not found.has_md5:
            self.unproved.add(found.contig)
        if self._is_to_decode is not None:
            self._is_to_decode(self.header, needs)
            self._is_to_decode = None
        if not needs or not 0 <= found.contig < len(self._names) or found.contig in self._without_md5:
            return
        name = self._names[found.contig].decode("utf-8", "replace")
        if name not in self.header.md5:
            self._without_md5.add(found.contig)
            self._margin.note_at(Place(offset=block.offset), rules.MD5_MISSING, "@SQ/M5", "M5 of every reference", name)

    def _judge_slices(self, container: Container, slices: list[tuple[int, Slice]], ids: list[set[int]]) -> None:
        """Compares what the slices of a container say with what it says."""
        if sum(each.records for _, each in slices) != container.records:
            self._note(container.offset, rules.RECORDS, "number of records", "the sum of its slices")
        places = [(each.start, each.start + each.span) for _, each in slices if each.contig == container.contig]
        if container.contig >= 0 and len(places) == len(slices) > 0:
            start, end = min(place[0] for place in places), max(place[1] for place in places)
            if (container.start, container.start + container.span) != (start, end):
                got = f"{container.start} and {container.span} bases"
                self._note(container.offset, rules.SPAN, "span", f"{start} and {end - start} bases", got=got)
        if container.landmarks != tuple(offset for offset, _ in slices):
            self._note(container.offset, rules.LANDMARK, "landmarks", "the starts of its slices")
        for (offset, each), found in zip(slices, ids, strict=True):
            named = {*each.content_ids, *([each.embedded] if each.embedded >= 0 else [])}
            if not named <= found | {0}:
                self._note(container.offset + offset, rules.SLICE, "content ids", "the blocks that follow")
