"""gzip and BGZF: what is wrong with a container is found at its place, read in one thread or in three."""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import struct
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.findings import Level
from catalog.formats import containers
from catalog.formats.containers import Source, container_of
from catalog.formats.containers.ahead import Ahead
from catalog.formats.containers.rules import CONTAINER_RULES
from catalog.formats.inspect import Manner, inspect_file
from tests.formats.defects import codes, inspect_bytes

END_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
TEXT = b"".join(b"line %d of the text\n" % number for number in range(9000))
THREADS = pytest.mark.parametrize("is_threaded", [False, True], ids=["one-thread", "threads"])


def block(content: bytes, *, extra: bytes = b"", said: int | None = None, tag: bytes = b"BC") -> bytes:
    """One BGZF block (SAMv1, 4.1), with other subfields before its own, or saying another size."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(content) + deflate.flush()
    size = 12 + len(extra) + 6 + len(body) + 8
    field = extra + tag + struct.pack("<HH", 2, (size if said is None else said) - 1)
    head = b"\x1f\x8b\x08\x04" + bytes(6) + struct.pack("<H", len(field)) + field
    head = head[:8] + b"\x00\xff" + head[10:]
    return head + body + struct.pack("<II", zlib.crc32(content), len(content))


def bgzf(content: bytes, size: int = 20000) -> bytes:
    """Content in BGZF with blocks of a size, and the end block."""
    blocks = [block(content[at : at + size]) for at in range(0, len(content), size)]
    return b"".join(blocks) + END_BLOCK


def with_name(content: bytes, name: bytes) -> bytes:
    """A gzip member whose header has a name, a comment and a checksum of its own (RFC 1952, 2.3)."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = deflate.compress(content) + deflate.flush()
    head = b"\x1f\x8b\x08\x1a" + bytes(4) + b"\x00\x03" + name + b"\0" + b"comment\0"
    head += struct.pack("<H", zlib.crc32(head) & 0xFFFF)
    return head + body + struct.pack("<II", zlib.crc32(content), len(content))


def read(stored: bytes, *, is_threaded: bool) -> tuple[bytes, list[tuple[str, int | None]], str]:
    """The lines of stored bytes, what was found with offsets, and the sha256."""
    source = Source(io.BytesIO(stored), is_threaded=is_threaded)
    lines = b"".join(source.line_buffers())
    sums = source.finish()
    return lines, [(each.code, each.offset) for each in source.findings], sums.sha256


VALID = {
    "plain": TEXT,
    "gzip": gzip.compress(TEXT),
    "members": gzip.compress(TEXT[:10]) + gzip.compress(b"") + gzip.compress(TEXT[10:]),
    "bgzf": bgzf(TEXT),
    "tiny-blocks": bgzf(TEXT, 50),
    "end-block-inside": bgzf(TEXT[:100]) + bgzf(TEXT[100:]),
    "other-subfield": block(TEXT[:60000], extra=b"XY\x03\x00abc") + bgzf(TEXT[60000:]),
    "name": with_name(TEXT, b"calls.vcf"),
    "long-name": with_name(TEXT, b"x" * 70000),
    "name-over-a-boundary": gzip.compress(random.Random(1).randbytes(60000).hex().encode() + b"\n")[:0] + with_name(TEXT, b"y" * 65500),
}  # fmt: skip


@THREADS
@pytest.mark.parametrize("name", VALID)
def test_container_when_it_is_whole_then_gives_its_lines_and_nothing_is_found(name: str, is_threaded: bool) -> None:
    lines, found, sha256 = read(VALID[name], is_threaded=is_threaded)
    assert lines == TEXT
    assert found == []
    assert sha256 == hashlib.sha256(VALID[name]).hexdigest()


LONG = bgzf(TEXT)
SECOND = len(block(TEXT[:20000]))
DEFECTS: dict[str, tuple[bytes, str, int | None]] = {
    "cut-gzip": (gzip.compress(TEXT)[:-9], "gzip-truncated", len(gzip.compress(TEXT)) - 9),
    "cut-sum": (gzip.compress(TEXT)[:-3], "gzip-truncated", len(gzip.compress(TEXT)) - 3),
    "cut-bgzf": (LONG[: SECOND + 100], "gzip-truncated", SECOND + 100),
    "cut-header": (LONG[: SECOND + 9], "gzip-truncated", SECOND + 9),
    "flipped": (LONG[:300] + bytes([LONG[300] ^ 1]) + LONG[301:], "gzip-damaged", None),
    "wrong-sum": (gzip.compress(TEXT)[:-8] + bytes(4) + gzip.compress(TEXT)[-4:], "gzip-damaged", None),
    "appended": (LONG + b"more", "gzip-trailing-bytes", len(LONG)),
    "padded": (gzip.compress(TEXT) + bytes(512), "gzip-trailing-bytes", len(gzip.compress(TEXT))),
    "no-end-block": (LONG[: -len(END_BLOCK)], "bgzf-no-end-block", len(LONG) - len(END_BLOCK)),
    "wrong-size": (LONG[:SECOND] + block(b"x\n", said=99) + END_BLOCK, "bgzf-block", SECOND),
    "no-size": (LONG[:SECOND] + gzip.compress(b"x\n") + END_BLOCK, "bgzf-block", SECOND),
    "large-block": (LONG[:SECOND] + block(b"x\n" * 40000) + END_BLOCK, "bgzf-block", SECOND),
    "reserved-flag": (LONG[:SECOND] + b"\x1f\x8b\x08\x24" + LONG[SECOND + 4 :], "gzip-damaged", SECOND),
    "half-a-subfield": (LONG[:SECOND] + block(b"x\n", extra=b"XY\xc8\x00abc") + END_BLOCK, "gzip-damaged", SECOND),
    "bomb": (gzip.compress(b"\n" * (9 << 20)), "gzip-bomb", None),
    "nul": (b"a line\nab\0c\n", "text-nul", 9),
    "mark": (b"\xef\xbb\xbfa line\n", "text-starts-with-bom", 0),
    "twice": (gzip.compress(gzip.compress(b"a line\n", mtime=0), mtime=0), "gzip-twice", 0),
    "utf-16": ("a line\n".encode("utf-16"), "text-utf-16", 0),
    "utf-16-big": (b"\xfe\xff\0a", "text-utf-16", 0),
    "utf-32": ("a line\n".encode("utf-32"), "text-utf-16", 0),
    "cr-alone": (b"a line\ranother\r", "text-cr-line-ends", 6),
    "empty": (b"", "file-empty", 0),
}


@THREADS
@pytest.mark.parametrize("name", DEFECTS)
def test_container_when_it_has_a_defect_then_found_at_its_place(name: str, is_threaded: bool) -> None:
    stored, code, offset = DEFECTS[name]
    _, found, sha256 = read(stored, is_threaded=is_threaded)
    assert [each for each, _ in found] == [code]
    if offset is not None:
        assert found[0][1] == offset
    assert sha256 == hashlib.sha256(stored).hexdigest()


@THREADS
def test_content_when_it_explodes_then_nobody_is_given_the_piece(is_threaded: bool) -> None:
    content, found, _ = read(gzip.compress(b"\n" * (9 << 20)), is_threaded=is_threaded)
    assert (content, [each for each, _ in found]) == (b"", ["gzip-bomb"])


@THREADS
def test_line_when_it_never_ends_then_found(is_threaded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "LONGEST_LINE_BYTES", 1000)
    assert read(b"a\n" + b"x" * (3 << 20), is_threaded=is_threaded)[1] == [("text-long-line", 2)]


def test_rules_when_compared_with_the_defects_then_each_has_one() -> None:
    assert {code for _, code, _ in DEFECTS.values()} | {"text-long-line"} == {rule.code for rule in CONTAINER_RULES}


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=5000), st.integers(1, 700), st.booleans())
def test_blocks_when_written_in_any_size_then_come_back(content: bytes, size: int, is_threaded: bool) -> None:
    source = Source(io.BytesIO(bgzf(content, size)), is_threaded=is_threaded)
    assert b"".join(source.blocks()) == content
    source.finish()
    assert source.findings == ()


def everything(stored: bytes, *, is_threaded: bool) -> tuple[object, ...]:
    """All that a source says of stored bytes."""
    source = Source(io.BytesIO(stored), is_threaded=is_threaded)
    content = b"".join(source.blocks())
    sums = source.finish()
    source.stop()
    found = [(each.code, each.offset, each.got, each.message) for each in source.findings]
    return content, found, sums, list(source.block_starts), list(source.content_starts), source.raw_bytes


def mutants(chance: random.Random) -> list[bytes]:
    """BGZF files of many blocks with one thing wrong: bytes changed, cut, doubled, put in, or another block."""
    whole = bgzf(chance.randbytes(400_000) + TEXT * 30, 30_000)
    found = [whole]
    for _ in range(12):
        at, size = chance.randrange(len(whole)), chance.randrange(1, 70_000)
        found += [
            whole[:at] + bytes([whole[at] ^ 1 << chance.randrange(8)]) + whole[at + 1 :],
            whole[:at],
            whole[:at] + whole[at + size :],
            whole[:at] + whole[at : at + size] + whole[at:],
            whole[: -len(END_BLOCK)] + block(TEXT[:99], said=chance.randrange(1, 65536)) + whole,
        ]
    for other in (
        gzip.compress(TEXT),
        gzip.compress(b""),
        block(TEXT[:50_000], extra=b"XY\x01\x00a"),
        b"\x1f",
        bytes(30),
    ):
        found.append(whole + other + whole)
    # Two members in what one block says to be, the first of them empty; and a block that says more content than allowed.
    empty = gzip.compress(b"")
    tail = block(b"x\n")
    found.append(whole + block(b"", said=len(END_BLOCK) + len(tail))[: len(END_BLOCK)] + tail + whole)
    found.append(whole + empty + block(b"y" * 70_000) + whole)
    return found


def test_blocks_when_anything_is_wrong_then_threads_say_the_same() -> None:
    for stored in mutants(random.Random(5)):
        assert everything(stored, is_threaded=True) == everything(stored, is_threaded=False)


@pytest.mark.parametrize("name", VALID)
def test_kind_when_told_from_the_first_bytes_then_right(name: str) -> None:
    kind = container_of(VALID[name][:70000])
    assert kind == ("plain" if name == "plain" else "bgzf" if END_BLOCK in VALID[name] else "gzip")


def test_reading_ahead_when_stopped_early_then_the_rest_stays_in_the_iterator() -> None:
    items = iter([bytes([number]) for number in range(100)])
    ahead = Ahead(items)
    assert next(ahead) == b"\0"
    ahead.stop()
    assert list(ahead) == []
    rest = [each[0] for each in items]
    assert rest == list(range(100 - len(rest), 100))
    assert len(rest) > 80


def test_reading_ahead_when_an_error_comes_then_it_comes_in_its_place() -> None:
    def items() -> object:
        yield b"first"
        raise OSError("disk")

    ahead = Ahead(items())  # type: ignore[arg-type]
    assert next(ahead) == b"first"
    with pytest.raises(OSError, match="disk"):
        next(ahead)


@pytest.mark.parametrize("is_fast", [False, True])
def test_file_when_its_format_stops_early_then_hashes_and_container_are_judged_all_the_same(
    tmp_path: Path, is_fast: bool
) -> None:
    stored = gzip.compress(b"##fileformat=VCFv4.2\n" + b"x\0" * (3 << 20)) + b"junk"
    path = tmp_path / "a.vcf.gz"
    path.write_bytes(stored)
    subject = inspect_file(path, level=Level.SPEC, manner=Manner(is_fast=is_fast))
    assert subject.sha256 == hashlib.sha256(stored).hexdigest()
    assert subject.md5 == hashlib.md5(stored).hexdigest()
    assert {"text-nul", "gzip-trailing-bytes"} <= set(codes(subject))


@THREADS
def test_pieces_when_a_reader_stops_early_then_what_is_wrong_behind_is_found_all_the_same(is_threaded: bool) -> None:
    source = Source(io.BytesIO(LONG[:-40]), is_threaded=is_threaded)
    for _ in source.blocks():
        break
    source.finish()
    assert [each.code for each in source.findings] == ["gzip-truncated"]


def test_findings_when_a_thread_reads_ahead_then_come_when_the_reader_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(bytes(range(256)) * 30_000)[:-20])
    with path.open("rb") as raw:
        source = Source(raw, is_threaded=True)
        blocks = source.blocks()
        next(blocks)
        time.sleep(0.2)  # the thread comes to the end long before
        before = source.findings
        for _ in blocks:
            pass
        found = [each.code for each in source.findings]
        source.stop()
    assert (before, found) == ((), ["gzip-truncated"])


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [("a.vcf", False), ("a.vcf.gz", False), ("a.fastq.gz", False), ("a.fastq", True), ("a.bed", True), ("a.sam", True)],
)
@pytest.mark.parametrize("level", Level)
def test_file_when_it_has_no_byte_then_says_first_that_it_is_empty_and_nothing_of_a_cut_line(
    tmp_path: Path, name: str, is_valid: bool, level: Level
) -> None:
    (tmp_path / name).write_bytes(b"")
    subject = inspect_file(tmp_path / name, level=level)
    found = codes(subject)
    assert not any("final-newline" in each for each in found)
    if level is Level.SPEC and is_valid:
        assert subject.valid
    else:
        assert found[0] == "file-empty"
        assert not subject.valid


@pytest.mark.parametrize("packed", [bytes, gzip.compress])
def test_nul_when_far_behind_the_start_then_has_its_line_and_column(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.bedgraph"
    path.write_bytes(packed(b"chr1\t1\t2\t3\n" * 110_000 + b"chr1\t3\t4\t\x001\n"))
    for is_fast in (False, True):
        subject = inspect_file(path, manner=Manner(is_fast=is_fast))
        found = [(each.line, each.column, each.offset) for each in subject.findings if each.code == "text-nul"]
        assert found == [(110_001, 10, 1_210_009)]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.vcf", b"##fileformat=VCFv4.3\r#CHROM\tPOS\r", "text-cr-line-ends"),
        ("a.counts.tsv", b"gene_id\ta\rENSG1\t5\rENSG2\t6\r", "text-cr-line-ends"),
        ("a.vcf.gz", gzip.compress(gzip.compress(b"##fileformat=VCFv4.3\n", mtime=0), mtime=0), "gzip-twice"),
        ("a_FinalReport.txt", "[Header]\r\nGSGT Version\t2.0\r\n".encode("utf-16"), "text-utf-16"),
        ("a.mtx", "%%MatrixMarket matrix coordinate integer general\n".encode("utf-16"), "text-utf-16"),
        ("a.csv", "a,b\n1,2\n".encode("utf-16"), "text-utf-16"),
        ("a.tsv", b"\xfe\xff\0a\0,\0b", "text-utf-16"),
        ("a.unheard", "anything".encode("utf-16"), "text-utf-16"),
        ("a.bed", b"chr1\t5\t9\rchr1\t10\t12\r", None),
    ],
)
def test_text_when_it_has_no_lines_to_be_read_then_only_that_is_said(
    tmp_path: Path, name: str, content: bytes, code: str | None
) -> None:
    subject = inspect_bytes(tmp_path, name, content, level=Level.SPEC)
    assert [each.code for each in subject.findings if each.severity == "error"] == ([code] if code else [])
