"""The protocol of formats: what a head tells those who sniff."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.formats.protocol import Head


@given(st.lists(st.binary(max_size=20)), st.binary(max_size=20))
@example([], b"one line, cut or without its end")
@example([b"a\r", b"", b"b\rc"], b"cut")
def test_lines_of_a_head_when_it_has_complete_ones_then_those_else_its_text(ended: list[bytes], rest: bytes) -> None:
    complete = [part for line in ended for part in line.split(b"\n")]
    text = b"".join(line + b"\n" for line in complete) + rest.replace(b"\n", b"")
    lines = list(Head(name="data", raw=text, text=text, container="plain").lines())
    assert lines == (complete or [text] * bool(text))
