"""Compressed files: read by Python's gzip, without a clock in them, BGZF in blocks that fit."""

from __future__ import annotations

import gzip
import io

import pytest

from publish.demo.compression import bgzf_file, gzip_file

CONTENT = bytes(range(256)) * 700


def test_gzip_file_when_read_then_is_the_content_with_a_comment_and_no_time() -> None:
    packed = gzip_file(CONTENT, "synthetic")
    with gzip.open(io.BytesIO(packed)) as stream:
        assert stream.read() == CONTENT
        assert stream.mtime == 0
    assert packed == gzip_file(CONTENT, "synthetic")
    assert packed[10:20] == b"synthetic\0"


@pytest.mark.parametrize("content", [b"", b"one line\n", CONTENT], ids=["empty", "one block", "three blocks"])
def test_bgzf_file_when_read_then_is_the_content_in_whole_blocks(content: bytes) -> None:
    packed = bgzf_file(content)
    assert gzip.decompress(packed) == content
    at, blocks = 0, 0
    while at < len(packed):
        assert packed[at : at + 4] == b"\x1f\x8b\x08\x04"
        at += int.from_bytes(packed[at + 16 : at + 18], "little") + 1
        blocks += 1
    assert at == len(packed)
    assert blocks == -(-len(content) // 65_280) + 1
