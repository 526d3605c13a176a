"""The text of a document: strictly UTF-8 without marks and control characters, or a finding with its place."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.findings import Place, Severity
from catalog.loading import Document, decode_text, read_json, read_rows, read_toml, read_yaml
from catalog.loading.document import LARGEST_DOCUMENT_BYTES, place_of

REFUSED = [
    pytest.param(codecs.BOM_UTF8 + b"a: 1\n", "text-bom", 1, 1, 0, id="utf-8 with mark"),
    pytest.param("a: 1\n".encode("utf-16"), "text-utf16", 1, 1, 0, id="utf-16 with mark"),
    pytest.param(codecs.BOM_UTF16_BE + "a: 1\n".encode("utf-16-be"), "text-utf16", 1, 1, 0, id="utf-16 big-endian"),
    pytest.param("a: 1\n".encode("utf-16-le"), "text-utf16", 1, 1, 0, id="utf-16 little-endian without mark"),
    pytest.param("a: 1\n".encode("utf-16-be"), "text-utf16", 1, 1, 0, id="utf-16 big-endian without mark"),
    pytest.param("a: 1\n".encode("utf-32"), "text-utf16", 1, 1, 0, id="utf-32 with mark"),
    pytest.param("a: 1\nb: é\n".encode("latin-1"), "text-not-utf8", 2, 4, 8, id="latin-1"),
    pytest.param("이름: 김\n".encode("euc-kr"), "text-not-utf8", 1, 1, 0, id="euc-kr"),
    pytest.param(b"a: 1\nb: \xed\xa0\x80\n", "text-not-utf8", 2, 4, 8, id="surrogate as utf-8"),
    pytest.param(b"a: \xc0\xaf\n", "text-not-utf8", 1, 4, 3, id="overlong"),
    pytest.param(b"a: 1\nb: x\0\n", "text-control", 2, 5, 9, id="nul"),
    pytest.param(b"a: \x1b[31m\n", "text-control", 1, 4, 3, id="escape"),
    pytest.param("é: \x7f\n".encode(), "text-control", 1, 4, 4, id="delete"),
    pytest.param("a: \u2028b\n".encode(), "text-control", 1, 4, 3, id="line separator"),
    pytest.param("a: b\ufeff\n".encode(), "text-control", 1, 5, 4, id="mark inside"),
]


@pytest.mark.parametrize(("content", "code", "line", "column", "offset"), REFUSED)
def test_text_when_not_plain_utf8_then_refused_at_its_place(
    content: bytes, code: str, line: int, column: int, offset: int
) -> None:
    text, findings = decode_text(content)
    assert text is None
    (finding,) = findings
    assert (finding.code, finding.line, finding.column, finding.offset) == (code, line, column, offset)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize("read", [read_yaml, read_json, read_toml, read_rows], ids=["yaml", "json", "toml", "csv"])
@pytest.mark.parametrize(("content", "code"), [pytest.param(*each.values[:2], id=each.id) for each in REFUSED])
def test_every_reader_when_the_text_is_refused_then_says_so_and_gives_nothing(
    read: object, content: bytes, code: str
) -> None:
    assert callable(read)
    found = read(content)
    assert [each.code for each in found.findings] == [code]
    assert not found.usable
    assert not getattr(found, "value", None)
    assert not getattr(found, "rows", ())


def test_text_when_larger_than_the_bound_then_refused_without_decoding() -> None:
    text, (finding,) = decode_text(b"\xff" * (LARGEST_DOCUMENT_BYTES + 1))
    assert text is None
    assert finding.code == "text-too-large"
    assert decode_text(b"a" * LARGEST_DOCUMENT_BYTES)[1] == []


@given(st.binary(max_size=40))
def test_text_when_any_bytes_then_the_same_bytes_come_back_or_one_finding(content: bytes) -> None:
    text, findings = decode_text(content)
    if text is None:
        assert len(findings) == 1
    else:
        assert findings == []
        assert text.encode() == content


@given(st.text(alphabet=st.sampled_from("ab\né"), max_size=20))
def test_place_when_counted_then_lines_and_columns_are_those_of_an_editor(before: str) -> None:
    offset = len(before.encode())
    place = place_of(before, offset)
    lines = before.split("\n")
    assert place == Place(line=len(lines), column=len(lines[-1]) + 1, offset=offset)


def test_document_when_a_part_has_no_place_then_that_of_its_nearest_ancestor() -> None:
    document = Document(value={}, places={(): Place(line=1), ("a",): Place(line=2)})
    assert document.place(("a", "b", 3)) == Place(line=2)
    assert document.place(("x",)) == Place(line=1)
    assert Document().place(("a",)) == Place()
