from __future__ import annotations

import io
import re

from hypothesis import given
from hypothesis import strategies as st

from catalog.formats.containers import Source
from catalog.formats.cursor import Cursor


class Slow(io.BytesIO):
    """A stream that gives few bytes at once, so that fields lie across blocks."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(min(size, 3) if size is not None and size >= 0 else 3)


def contents(max_size: int) -> st.SearchStrategy[bytes]:
    """Content that is not taken for gzip, whose content another would be."""
    return st.binary(max_size=max_size).filter(lambda content: not content.startswith(b"\x1f\x8b"))


def cursor(content: bytes) -> Cursor:
    return Cursor(Source(Slow(content)))


@given(contents(60), st.lists(st.integers(0, 20), max_size=12))
def test_fields_when_taken_in_order_then_are_the_content(content: bytes, sizes: list[int]) -> None:
    reader = cursor(content)
    taken = b"".join(reader.take(size) for size in sizes)
    assert taken == content[: sum(sizes)]
    assert reader.offset == len(taken)
    assert reader.ended is (len(taken) == len(content))
    assert b"".join(reader.pieces(1000, whole=7)) == content[len(taken) :]


@given(st.lists(st.sampled_from([b"\xff", b"\x00", b"\xd0", b"a"]), max_size=40).map(b"".join), st.integers(0, 5))
def test_pattern_when_looked_for_then_is_found_where_it_is(content: bytes, start: int) -> None:
    reader, pattern = cursor(content), re.compile(rb"\xff[^\x00\xd0]")
    taken = len(reader.take(start))
    wanted = pattern.search(content, taken)
    assert reader.skip_to(pattern, 2) is (wanted is not None)
    assert reader.offset == (wanted.start() if wanted else len(content))


def test_bytes_when_passed_over_then_are_counted() -> None:
    reader = cursor(b"abcdefg")
    assert (reader.skip(5), reader.offset, reader.skip(5), reader.ended) == (5, 5, 2, True)


@given(contents(200), st.integers(0, 200))
def test_rest_when_asked_for_then_is_what_was_not_taken(content: bytes, size: int) -> None:
    fields = cursor(content)
    taken = fields.take(size)
    assert taken + b"".join(fields.rest()) == content
