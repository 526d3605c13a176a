"""JSON, strictly: what the standard library reads too, and findings for what two programs could read differently."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.loading import read_json

REFUSED = [
    pytest.param('{"tier": 1,\n "tier": 2}', "json-duplicate-key", 2, 2, id="name twice"),
    pytest.param('{"a": 1, "\\u0061": 2}', "json-duplicate-key", 1, 10, id="name twice, once escaped"),
    pytest.param('{"a": {"b": 1, "b": 1}}', "json-duplicate-key", 1, 16, id="name twice inside"),
    pytest.param("[1, NaN]", "json-number", 1, 5, id="nan"),
    pytest.param("[Infinity]", "json-number", 1, 2, id="infinity"),
    pytest.param("[-Infinity]", "json-number", 1, 2, id="minus infinity"),
    pytest.param("[1e999]", "json-number", 1, 2, id="float too large"),
    pytest.param("[9223372036854775808]", "json-number", 1, 2, id="integer too large"),
    pytest.param("9" * 5_000_000, "json-number", 1, 1, id="integer of 5 MB"),
    pytest.param("[" * 102 + "]" * 102, "json-too-deep", 1, 102, id="deep"),
    pytest.param("[" * 100_000 + "]" * 100_000, "json-too-deep", 1, 102, id="very deep"),
    pytest.param('{"a":' * 100_000 + "1" + "}" * 100_000, "json-too-deep", 1, 506, id="very deep objects"),
    pytest.param("[" * 300, "json-syntax", 1, 301, id="deep and not closed"),
    pytest.param("[" * 300 + "]" * 299 + "}", "json-syntax", 1, 600, id="deep and closed by another bracket"),
    pytest.param("[" * 102 + '"]' + "]" * 102, "json-syntax", 1, 103, id="deep and a string without end"),
    pytest.param('["\\ud800"]', "json-surrogate", 1, 2, id="half a character"),
    pytest.param('{"\\udc00": 1}', "json-surrogate", 1, 2, id="half a character in a name"),
    pytest.param("", "json-syntax", 1, 1, id="empty"),
    pytest.param("[1] 2", "json-syntax", 1, 5, id="two values"),
    pytest.param("[1 2]", "json-syntax", 1, 4, id="missing comma"),
    pytest.param("[1,]", "json-syntax", 1, 4, id="comma too much"),
    pytest.param('{"a": 1,}', "json-syntax", 1, 9, id="comma too much in an object"),
    pytest.param("{'a': 1}", "json-syntax", 1, 2, id="single quotes"),
    pytest.param('{"a" 1}', "json-syntax", 1, 6, id="missing colon"),
    pytest.param('// a\n{"a": 1}', "json-syntax", 1, 1, id="comment"),
    pytest.param('["a', "json-syntax", 1, 2, id="open quote"),
    pytest.param('["a\nb"]', "json-syntax", 1, 4, id="line end in a string"),
    pytest.param('["\\x"]', "json-syntax", 1, 3, id="unknown escape"),
    pytest.param("[01]", "json-syntax", 1, 3, id="leading zero"),
    pytest.param("[+1]", "json-syntax", 1, 2, id="plus"),
    pytest.param("[.5]", "json-syntax", 1, 2, id="point first"),
    pytest.param("[\n\n  tru]", "json-syntax", 3, 3, id="half a word"),
    pytest.param('[1\n,"é" x]', "json-syntax", 2, 6, id="after a wide character"),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED)
def test_json_when_readers_would_differ_then_refused_at_its_place(text: str, code: str, line: int, column: int) -> None:
    start = time.perf_counter()
    document = read_json(text.encode())
    (finding,) = document.findings
    assert (finding.code, finding.line, finding.column) == (code, line, column)
    assert document.value is None
    assert time.perf_counter() - start < 2


def test_offset_when_refused_then_counts_bytes() -> None:
    (finding,) = read_json('["é", x]'.encode()).findings
    assert (finding.column, finding.offset) == (7, 7)


def test_places_when_read_then_line_and_column_of_every_part() -> None:
    document = read_json(b'{"a": [1,\n  {"b": "x"}],\n "c": null}')
    assert {path: (place.line, place.column) for path, place in document.places.items()} == {
        (): (1, 1),
        ("a",): (1, 7),
        ("a", 0): (1, 8),
        ("a", 1): (2, 3),
        ("a", 1, "b"): (2, 9),
        ("c",): (3, 7),
    }


words = st.text(st.characters(codec="utf-8"), max_size=12)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63) + 1, 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        words,
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
)


@given(value=values, indent=st.sampled_from([None, 0, 2]))
def test_value_when_written_by_the_standard_library_then_read_equal(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    document = read_json(text.encode())
    assert document.findings == ()
    assert document.value == value == json.loads(text)
    assert repr(document.value) == repr(value)


@given(st.text(st.sampled_from('{}[]",:0123456789.eE+-tfn\\u \nrualse'), max_size=30))
def test_text_when_anything_then_read_as_the_standard_library_or_refused(text: str) -> None:
    document = read_json(text.encode())
    if document.usable:
        assert repr(document.value) == repr(json.loads(text))
    else:
        assert document.value is None
        assert document.findings[0].line is not None
