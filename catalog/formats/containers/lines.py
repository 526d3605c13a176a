"""The line of a byte in a text: counted only where something is wrong there, for counting all lines would cost every file."""

from __future__ import annotations

from typing import BinaryIO

from catalog.formats.containers import Source


def line_of(stream: BinaryIO, offset: int) -> tuple[int, int]:
    """The number of the line with a byte, and the byte's place in it, both from 1; the file is read again up to there.

    Args:
        stream: the stored bytes; it is read from its start.
        offset: of the byte in the decompressed text.
    """
    stream.seek(0)
    source = Source(stream)
    line, begin, at = 1, 0, 0
    try:
        for piece in source.blocks():
            before = piece[: max(0, offset - at)]
            line += before.count(b"\n")
            begin = at + before.rfind(b"\n") + 1 if b"\n" in before else begin
            at += len(piece)
            if at > offset:
                break
    finally:
        source.stop()
    return line, offset - begin + 1
