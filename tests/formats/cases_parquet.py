"""Cases of Parquet files, written by pyarrow; defects are patched into their bytes."""

from __future__ import annotations

import decimal
import io
import random
import struct
from typing import Any

import pyarrow
import pyarrow.parquet

from tests.formats.cases import FormatCases
from tests.formats.defects import Defect

ROWS = 1000


def parquet(table: Any, **rest: Any) -> bytes:
    """A table as a file."""
    sink = io.BytesIO()
    pyarrow.parquet.write_table(table, sink, **rest)
    return sink.getvalue()


def table(rows: int = ROWS, seed: int = 1) -> Any:
    """Numbers and words, some missing."""
    chance = random.Random(seed)
    return pyarrow.table(
        {
            "position": pyarrow.array(range(1000, 1000 + rows), pyarrow.int64()),
            "share": [chance.random() if chance.random() > 0.1 else None for _ in range(rows)],
            "word": [chance.choice(("alpha", "beta", "세포", None)) for _ in range(rows)],
        }
    )


def typed() -> Any:
    """Columns of many types."""
    return pyarrow.table(
        {
            "flag": [True, None, False],
            "small": pyarrow.array([-1, 2, None], pyarrow.int8()),
            "unsigned": pyarrow.array([0, 2**64 - 1, 5], pyarrow.uint64()),
            "half": pyarrow.array([1.5, None, -2.0], pyarrow.float16()),
            "single": pyarrow.array([1.5, float("nan"), -0.0], pyarrow.float32()),
            "bytes": [b"\xff\0", b"", None],
            "list": [[1, 2], [], None],
            "struct": [{"a": 1, "b": ["x"]}, {"a": None, "b": []}, None],
            "map": pyarrow.array([[("k", 1)], [], None], pyarrow.map_(pyarrow.string(), pyarrow.int32())),
            "time": pyarrow.array([1, 2, None], pyarrow.timestamp("ms")),
            "price": [decimal.Decimal("1.23"), None, decimal.Decimal("-4.50")],
            "none": pyarrow.nulls(3),
            "category": pyarrow.array(["u", "v", "u"]).dictionary_encode(),
        }
    )


PLAIN = {"compression": "none", "use_dictionary": False}
SMALL = parquet(table(), **PLAIN)
VALID = {
    "small": SMALL,
    "snappy": parquet(table()),
    "zstd in row groups": parquet(table(20_000), compression="zstd", row_group_size=3000),
    "gzip of version 1": parquet(table(), compression="gzip", version="1.0"),
    "lz4 and brotli": parquet(table(), compression={"position": "lz4", "share": "brotli", "word": "none"}),
    "pages of version 2": parquet(table(), data_page_version="2.0", data_page_size=500),
    "checksums": parquet(table(), write_page_checksum=True),
    "index of pages": parquet(table(), write_page_index=True),
    "no statistics": parquet(table(), write_statistics=False),
    "no rows": parquet(table(0)),
    "no columns": parquet(pyarrow.table({})),
    "one row": parquet(table(1)),
    "types": parquet(typed()),
    "without the schema of Arrow": parquet(typed(), store_schema=False),
    "delta": parquet(table().select(["position"]), use_dictionary=False, column_encoding="DELTA_BINARY_PACKED"),
    "split": parquet(table().select(["share"]), use_dictionary=False, use_byte_stream_split=True),
    "columns of one name": parquet(pyarrow.table([[1, 2], [8, 9]], names=["a", "a"])),
    "all missing": parquet(pyarrow.table({"a": pyarrow.nulls(5, pyarrow.string())})),
}


def varint(value: int) -> bytes:
    """A number as Thrift's compact protocol writes it."""
    value, found = value << 1, bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes((*found, value))


def with_footer(content: bytes, footer: bytes) -> bytes:
    """The content with another footer."""
    return content[: footer_at(content)] + footer + struct.pack("<i", len(footer)) + b"PAR1"


def footer_at(content: bytes) -> int:
    """Where the footer begins."""
    return int(len(content) - 8 - struct.unpack("<i", content[-8:-4])[0])


def patched(old: bytes, new: bytes, content: bytes = SMALL, count: int = 1) -> bytes:
    """The content with bytes of its footer replaced."""
    footer = content[footer_at(content) : -8]
    assert old in footer
    return with_footer(content, footer.replace(old, new, count))


def flipped(at: int, content: bytes) -> bytes:
    """The content with one byte changed."""
    return content[:at] + bytes([content[at] ^ 0x55]) + content[at + 1 :]


def _sizes(column: int) -> tuple[bytes, bytes]:
    """The sizes of a column chunk in the footer of the small file, and the same with an absurd one."""
    chunk = pyarrow.parquet.ParquetFile(io.BytesIO(SMALL)).metadata.row_group(0).column(column)
    stored = b"\x16" + varint(chunk.total_compressed_size)
    return b"\x16" + varint(chunk.total_uncompressed_size) + stored, b"\x16" + varint(1 << 40) + stored


_SECOND = pyarrow.parquet.ParquetFile(io.BytesIO(SMALL)).metadata.row_group(0).column(1).data_page_offset
_THIRD = pyarrow.parquet.ParquetFile(io.BytesIO(SMALL)).metadata.row_group(0).column(2).data_page_offset
_CHECKED = parquet(table(), write_page_checksum=True, **PLAIN)
_PACKED = parquet(table(), compression="gzip", use_dictionary=False)
_LEAST, _GREATEST = struct.pack("<q", 1000), struct.pack("<q", 1000 + ROWS - 1)
DEFECTS = [
    Defect(id="start", content=b"PAX1" + SMALL[4:], code="parquet-magic", offset=0, name="a.parquet"),
    Defect(id="cut", content=SMALL[:-5], code="parquet-magic", offset=len(SMALL) - 9),
    Defect(id="half", content=SMALL[: len(SMALL) // 2], code="parquet-magic"),
    Defect(id="only magic", content=b"PAR1", code="parquet-magic"),
    Defect(id="two magics", content=b"PAR1PAR1", code="parquet-magic"),
    Defect(id="bytes behind", content=SMALL + b"\0", code="parquet-magic"),
    Defect(id="end of an encrypted file", content=SMALL[:-4] + b"PARE", code="parquet-magic", offset=len(SMALL) - 4),
    Defect(id="start of an encrypted file", content=b"PARE" + SMALL[4:], code="parquet-magic", offset=0),
    Defect(id="encrypted", content=b"PARE" + SMALL[4:-4] + b"PARE", code="parquet-encrypted", offset=0),
    Defect(
        id="long footer",
        content=SMALL[:-8] + struct.pack("<i", len(SMALL)) + b"PAR1",
        code="parquet-footer",
        offset=len(SMALL) - 8,
    ),
    Defect(id="negative footer", content=SMALL[:-8] + b"\xff\xff\xff\xffPAR1", code="parquet-footer"),
    Defect(id="empty footer", content=with_footer(SMALL, b""), code="parquet-unreadable"),
    Defect(
        id="footer of noise", content=with_footer(SMALL, random.Random(1).randbytes(200)), code="parquet-unreadable"
    ),
    Defect(
        id="rows of the file",
        content=patched(b"\x16" + varint(ROWS), b"\x16" + varint(ROWS + 1)),
        code="parquet-rows",
    ),
    Defect(
        id="column behind the end",
        content=patched(varint(_THIRD), varint(16_000)),
        code="parquet-offset",
        record=1,
        column="word",
        only=False,
    ),
    Defect(
        id="columns over each other",
        content=patched(varint(_THIRD), varint(_SECOND), count=2),
        code="parquet-offset",
        only=False,
    ),
    Defect(id="bit of a page", content=flipped(2000, _CHECKED), code="parquet-page", record=1, column="position"),
    Defect(id="head of a page", content=flipped(4, SMALL), code="parquet-page", record=1, column="position"),
    Defect(id="compressed page", content=flipped(200, _PACKED), code="parquet-page", only=False),
    Defect(
        id="least",
        content=patched(_LEAST, struct.pack("<q", 1001), count=-1),
        code="parquet-statistics",
        record=1,
        column="position",
    ),
    Defect(
        id="greatest",
        content=patched(_GREATEST, struct.pack("<q", 1500), count=-1),
        code="parquet-statistics",
        record=1,
        column="position",
    ),
    Defect(id="bomb", content=patched(*_sizes(0)), code="parquet-bomb", record=1, column="position"),
]
FORMATS = [
    FormatCases(format="parquet", file="table.parquet", valid=VALID, clean=sorted(VALID), defects=DEFECTS),
]
