"""Images that lie beside the data, such as karyograms: PNG and JPEG. SVG is text, not an image, here.

The frame is judged (chunks and checksums of a PNG, segments of a JPEG), the pixels are not decoded.

Facts: ``kind`` (png, jpeg), ``mediatype``, ``width`` and ``height`` in pixels.

Sources: PNG specification, third edition (W3C 2025); ITU-T T.81 (JPEG), Annex B.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Sequence

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.containers import peek
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.model import Tier

_PNG = "PNG specification, third edition"
_JPEG = "ITU-T T.81, Annex B"

SIGNATURE = Rule(
    "image-signature",
    Severity.ERROR,
    Level.SPEC,
    "the file is neither PNG nor JPEG",
    "export the image as PNG or JPEG",
    f"{_PNG}, 5.2; {_JPEG}.1.1.3",
)
TRUNCATED = Rule(
    "image-truncated",
    Severity.ERROR,
    Level.SPEC,
    "the image ends before its end mark",
    "copy the file again",
    f"{_PNG}, 11.2.5; {_JPEG}.1.1.3",
)
CHUNK = Rule(
    "image-chunk",
    Severity.ERROR,
    Level.SPEC,
    "a chunk of the PNG is not where or what it must be",
    "export the image again",
    f"{_PNG}, 5.3 and 5.6",
)
CHECKSUM = Rule(
    "image-checksum",
    Severity.ERROR,
    Level.SPEC,
    "the checksum of a chunk does not agree with its content",
    "the file is damaged: copy it again",
    f"{_PNG}, 5.5",
)
SEGMENT = Rule(
    "image-segment",
    Severity.ERROR,
    Level.SPEC,
    "a segment of the JPEG is not where or what it must be",
    "export the image again",
    f"{_JPEG}.1.1.4 and B.2",
)
HEADER = Rule(
    "image-header",
    Severity.ERROR,
    Level.SPEC,
    "the header of the image states a size or depth that no image has",
    "export the image again",
    f"{_PNG}, 11.2.1; {_JPEG}.2.2",
)
TOO_LARGE = Rule(
    "image-too-large",
    Severity.ERROR,
    Level.BANK,
    "the image has more than {limit} megapixels",
    "scale it down, or give it as a file of its own modality",
    "docs/validation.md",
    "A small file can claim an image that fills the memory of whoever opens it.",
)
TRAILING = Rule(
    "image-trailing-bytes",
    Severity.WARNING,
    Level.BANK,
    "bytes follow the end of the image",
    "export the image again",
    f"{_PNG}, 13.2; fairline",
    "No viewer shows them, so nobody knows what is published with them.",
)

_PNG_START = b"\x89PNG\r\n\x1a\n"
_JPEG_START = b"\xff\xd8"
_MOST_MEGAPIXELS = 100
_CHUNK_TYPE = re.compile(rb"[A-Za-z]{4}")
_LONGEST_CHUNK = (1 << 31) - 1
_HEADER_BYTES = 13
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}

#: JPEG: frame headers, markers without a segment, and markers that end the coded data of a scan.
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_BARE = frozenset({0x01, *range(0xD0, 0xD9)})
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_END, _SCAN = 0xD9, 0xDA


class _Image:
    """PNG and JPEG (see :class:`catalog.formats.protocol.Format`)."""

    name = "image"
    title = "image (PNG, JPEG)"
    mediatype = "image/png"
    edam = "EDAM:format_3547"
    floor = Tier.OPEN
    rules: Sequence[Rule] = (SIGNATURE, TRUNCATED, CHUNK, CHECKSUM, SEGMENT, HEADER, TOO_LARGE, TRAILING)

    def sniff(self, head: Head) -> int:
        """Sure of the two signatures."""
        if head.text.startswith((_PNG_START, _JPEG_START + b"\xff")):
            return SURE
        return BY_NAME if head.has_suffix(".png", ".jpg", ".jpeg") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file; the facts are those of the module's first lines."""
        start = peek(reading.source.head_raw)[: len(_PNG_START)]
        frame: _Frame
        if start == _PNG_START:
            frame = _PngFrame(reading)
        elif start.startswith(_JPEG_START):
            frame = _JpegFrame(reading)
        else:
            reading.find(SIGNATURE.at(Place(offset=0), expected="PNG or JPEG", got=f"0x{start.hex()}"))
            return {}
        if frame.read() and not frame.cursor.ended:
            reading.find(TRAILING.at(Place(offset=frame.cursor.offset), expected="the end of the file"))
        return frame.facts


IMAGE = _Image()


class _Frame:
    """What PNG and JPEG have in common."""

    kind = ""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.cursor = Cursor(reading.source)
        self.facts: Facts = {"kind": self.kind, "mediatype": f"image/{self.kind}"}

    def read(self) -> bool:
        """Reads to the end mark; False when it was not reached."""
        raise NotImplementedError

    def refuse(self, rule: Rule, *, expected: str, got: object = None, offset: int | None = None) -> bool:
        """A finding at the present place, or at the given one; False, for 'do not go on'."""
        place = Place(offset=self.cursor.offset if offset is None else offset)
        self.reading.find(rule.at(place, expected=expected, got=got))
        return False

    def measure(self, width: int, height: int, offset: int) -> None:
        """Notes the size of the image."""
        self.facts |= {"width": width, "height": height}
        if not width or not height:
            self.refuse(HEADER, expected="a width and a height above 0", got=f"{width} x {height}", offset=offset)
        if width * height > _MOST_MEGAPIXELS * 1_000_000:
            place = Place(offset=offset)
            expected = f"at most {_MOST_MEGAPIXELS} megapixels"
            got = f"{width} x {height}"
            self.reading.find(TOO_LARGE.at(place, expected=expected, got=got, limit=_MOST_MEGAPIXELS))


class _PngFrame(_Frame):
    kind = "png"

    def __init__(self, reading: Reading) -> None:
        super().__init__(reading)
        self._before: bytes = b""
        self._has_data = False

    def read(self) -> bool:
        """Reads chunk by chunk to IEND."""
        self.cursor.take(len(_PNG_START))
        while True:
            start = self.cursor.offset
            head = self.cursor.take(8)
            if len(head) < 8:
                return self.refuse(TRUNCATED, expected="an IEND chunk")
            length, kind = struct.unpack(">I4s", head)
            if not _CHUNK_TYPE.fullmatch(kind) or length > _LONGEST_CHUNK:
                return self.refuse(CHUNK, expected="a length and a type of four letters", got=head, offset=start)
            fits = self._judge_order(kind, length, start)
            content = self._content(kind, length)
            if content is None:
                return self.refuse(TRUNCATED, expected="an IEND chunk")
            if kind == b"IHDR" and fits:
                self._judge_header(content, start + 8)
            if kind == b"IEND":
                return True

    def _content(self, kind: bytes, length: int) -> bytes | None:
        """The first piece of a chunk's content, with its checksum compared; None when the file ends in it."""
        start = self.cursor.offset
        check, first, size = zlib.crc32(kind), b"", 0
        for piece in self.cursor.pieces(length):
            check = zlib.crc32(piece, check)
            first = first or piece
            size += len(piece)
        written = self.cursor.take(4)
        if size < length or len(written) < 4:
            return None
        if check != int.from_bytes(written, "big"):
            self.refuse(CHECKSUM, expected="the CRC-32 of the chunk", got=f"0x{written.hex()}", offset=start + size)
        return first

    def _judge_order(self, kind: bytes, length: int, start: int) -> bool:
        """Whether a chunk may stand here: IHDR first and once, IDAT in one run, IEND empty and after IDAT."""
        before, self._before = self._before, kind
        had_data, self._has_data = self._has_data, self._has_data or kind == b"IDAT"
        wanted = ""
        if not before and (kind != b"IHDR" or length != _HEADER_BYTES):
            wanted = f"IHDR of {_HEADER_BYTES} bytes as the first chunk"
        elif before and kind == b"IHDR":
            wanted = "one IHDR"
        elif kind == b"IDAT" and had_data and before != b"IDAT":
            wanted = "all IDAT chunks in one run"
        elif kind == b"IEND" and (length or not had_data):
            wanted = "an empty IEND after IDAT"
        if wanted:
            self.refuse(CHUNK, expected=wanted, got=f"{kind.decode()} of {length} bytes", offset=start)
        return not wanted

    def _judge_header(self, content: bytes, offset: int) -> None:
        width, height, depth, colour, compression, filtering, interlace = struct.unpack(">IIBBBBB", content)
        self.measure(width, height, offset)
        known = depth in _DEPTHS.get(colour, ()) and compression == 0 and filtering == 0 and interlace in {0, 1}
        if not known or max(width, height) > _LONGEST_CHUNK:
            got = f"depth {depth}, colour {colour}, methods {compression} {filtering} {interlace}"
            self.refuse(HEADER, expected="a depth and a colour type of the specification", got=got, offset=offset + 8)


class _JpegFrame(_Frame):
    kind = "jpeg"

    def read(self) -> bool:
        """Reads segment by segment to the end-of-image marker."""
        self.cursor.take(len(_JPEG_START))
        framed = False
        while True:
            start = self.cursor.offset
            marker = self._marker()
            if marker is None:
                return False
            if marker == _END:
                return framed or self.refuse(SEGMENT, expected="a frame header before the end", offset=start)
            if marker in _BARE:
                continue
            segment = self._segment(start)
            if segment is None:
                return False
            if marker in _FRAMES and not framed:
                framed = True
                self._judge_frame(segment, start)
            if marker == _SCAN and not self.cursor.skip_to(_NEXT_MARKER, 2):
                return self.refuse(TRUNCATED, expected="an end-of-image marker")

    def _marker(self) -> int | None:
        """The next marker; fill bytes of 0xFF may stand before it."""
        start = self.cursor.offset
        first = self.cursor.take(1)
        code = first
        while code == b"\xff":
            code = self.cursor.take(1)
        if not code:
            self.refuse(TRUNCATED, expected="an end-of-image marker")
            return None
        if first != b"\xff" or code == b"\0":
            self.refuse(SEGMENT, expected="a marker", got=f"0x{(first + code).hex()}", offset=start)
            return None
        return code[0]

    def _segment(self, start: int) -> bytes | None:
        raw = self.cursor.take(2)
        length = int.from_bytes(raw, "big")
        if len(raw) == 2 and length < 2:
            self.refuse(SEGMENT, expected="a length from 2", got=length, offset=start)
            return None
        segment = self.cursor.take(length - 2) if len(raw) == 2 else b""
        if len(raw) < 2 or len(segment) < length - 2:
            self.refuse(TRUNCATED, expected="an end-of-image marker")
            return None
        return segment

    def _judge_frame(self, segment: bytes, start: int) -> None:
        if len(segment) < 6:
            self.refuse(SEGMENT, expected="a frame header of at least 8 bytes", got=len(segment) + 2, offset=start)
            return
        _, height, width, _ = struct.unpack(">BHHB", segment[:6])
        self.measure(width, height, start)
