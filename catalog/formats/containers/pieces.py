"""Pieces of a decompressed stream, put together as their readers want them."""

from __future__ import annotations

from collections.abc import Iterator

_LEAST_BYTES = 1 << 20


def joined(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in larger pieces: handing over costs as much for a small one."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _LEAST_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def cut_lines(parts: list[bytes], searched: int) -> tuple[bytes, list[bytes], int]:
    """The whole lines of pieces, what is left, and how many pieces of it have no line end.

    Args:
        parts: the pieces.
        searched: how many of them have no line end.
    """
    for number in range(len(parts) - 1, searched - 1, -1):
        end = parts[number].rfind(b"\n") + 1
        if end:
            whole = b"".join([*parts[:number], memoryview(parts[number])[:end]])
            rest = [each for each in (parts[number][end:], *parts[number + 1 :]) if each]
            return whole, rest, len(rest)
    return b"", parts, len(parts)
