from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from catalog.formats.inspect import sniff_bytes
from tests.formats.defects import Defect, assert_survives, codes, inspect_bytes, rules_of, wanted_finding

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def header(width: int = 2, height: int = 3, depth: int = 8, colour: int = 0, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))


DATA = chunk(b"IDAT", zlib.compress(b"\0\1\2" * 3))
TEXT = chunk(b"tEXt", b"Title\0Karyogram")
END = chunk(b"IEND")


def png(*chunks: bytes) -> bytes:
    return SIGNATURE + b"".join(chunks)


def segment(marker: int, content: bytes = b"") -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg(
    width: int = 4, height: int = 5, scan: bytes = b"\x12\xff\x00\x34\xff\xd0\x56", end: bytes = b"\xff\xd9"
) -> bytes:
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    start = b"\xff\xd8" + segment(0xE0, b"JFIF\0") + b"\xff" + segment(0xDB, b"\0" * 65)
    return start + segment(0xC0, frame) + segment(0xDA, b"\1\1\0\0\x3f\0") + scan + end


VALID_PNG = png(header(), TEXT, DATA, DATA, END)
VALID_JPEG = jpeg()
AFTER_HEADER = len(SIGNATURE) + len(header())

DEFECTS = [
    Defect(id="neither", content=b"GIF89a......", code="image-signature", offset=0),
    Defect(id="png without end", content=png(header(), DATA), code="image-truncated"),
    Defect(id="png cut in a chunk", content=png(header(), DATA[:-6]), code="image-truncated"),
    Defect(id="jpeg without end", content=jpeg(end=b""), code="image-truncated"),
    Defect(id="jpeg cut in a segment", content=VALID_JPEG[:12], code="image-truncated", offset=12),
    Defect(id="jpeg cut in a length", content=VALID_JPEG[:5], code="image-truncated", offset=5),
    Defect(id="data first", content=png(DATA, END), code="image-chunk", offset=8),
    Defect(id="two headers", content=png(header(), header(), DATA, END), code="image-chunk", offset=AFTER_HEADER),
    Defect(id="no data", content=png(header(), END), code="image-chunk", offset=AFTER_HEADER),
    Defect(id="data in two runs", content=png(header(), DATA, TEXT, DATA, END), code="image-chunk"),
    Defect(id="type", content=png(header(), chunk(b"ID4T")), code="image-chunk", offset=AFTER_HEADER),
    Defect(
        id="checksum",
        content=png(header(), DATA[:-1] + b"\0", END),
        code="image-checksum",
        offset=AFTER_HEADER + len(DATA) - 4,
    ),
    Defect(id="no marker", content=b"\xff\xd8\xff\xe0\0\x02nothing", code="image-segment", offset=6),
    Defect(id="jpeg without a frame", content=b"\xff\xd8\xff\xd9", code="image-segment"),
    Defect(id="length of a segment", content=b"\xff\xd8\xff\xe0\0\1", code="image-segment", offset=2),
    Defect(id="short frame header", content=b"\xff\xd8" + segment(0xC0, b"\x08\0") + b"\xff\xd9", code="image-segment"),
    Defect(id="no pixels", content=png(header(width=0), DATA, END), code="image-header", offset=16),
    Defect(id="no jpeg pixels", content=jpeg(height=0), code="image-header"),
    Defect(id="depth", content=png(header(depth=3), DATA, END), code="image-header", offset=24),
    Defect(id="interlace", content=png(header(interlace=2), DATA, END), code="image-header", offset=24),
    Defect(id="png bomb", content=png(header(width=20_000, height=5_001), DATA, END), code="image-too-large"),
    Defect(id="jpeg bomb", content=jpeg(width=65_535, height=65_535), code="image-too-large"),
    Defect(id="png and more", content=VALID_PNG + b"x", code="image-trailing-bytes", offset=len(VALID_PNG)),
    Defect(id="jpeg and more", content=VALID_JPEG + b"x", code="image-trailing-bytes", offset=len(VALID_JPEG)),
]


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.id)
def test_image_when_it_has_one_defect_then_it_is_found_there(defect: Defect, tmp_path: Path) -> None:
    wanted_finding(tmp_path, defect, "karyogram.png")


def test_image_defects_when_counted_then_cover_every_rule() -> None:
    assert {defect.code for defect in DEFECTS} == rules_of("image")


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (VALID_PNG, {"kind": "png", "mediatype": "image/png", "width": 2, "height": 3}),
        (VALID_JPEG, {"kind": "jpeg", "mediatype": "image/jpeg", "width": 4, "height": 5}),
    ],
    ids=["png", "jpeg"],
)
def test_image_when_valid_then_facts_are_told(content: bytes, facts: dict[str, object], tmp_path: Path) -> None:
    subject = inspect_bytes(tmp_path, "image", content)
    assert (subject.format, codes(subject), subject.facts) == ("image", [], facts)


def test_image_when_large_then_it_is_read_in_pieces(tmp_path: Path) -> None:
    scan = b"\x12\x34\xff\x00" * (1 << 18) + b"\xff"
    subject = inspect_bytes(tmp_path, "scan.jpg", jpeg(scan=scan, end=b"\xd9"))
    assert codes(subject) == []
    data = chunk(b"IDAT", bytes(range(256)) * 1024)
    assert codes(inspect_bytes(tmp_path, "scan.png", png(header(), *[data] * 4, END))) == []


def test_sniff_when_only_the_name_says_so_then_it_is_an_image() -> None:
    found = sniff_bytes("karyogram.jpeg", b"text\n")
    assert found is not None
    assert found.name == "image"


@pytest.mark.slow
@pytest.mark.parametrize("content", [VALID_PNG, VALID_JPEG], ids=["png", "jpeg"])
def test_image_when_damaged_at_random_then_the_outcome_is_a_subject(content: bytes, tmp_path: Path) -> None:
    assert_survives(tmp_path, "image.png", content, "image")
