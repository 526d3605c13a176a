"""TOML: the standard library's reader, with findings and places."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bank.templates import bank_settings
from catalog.loading import read_toml


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        pytest.param("a = 1\nb = unquoted\n", 2, 5, id="text without quotes"),
        pytest.param("a = 1\na = 2\n", 2, 6, id="key twice"),
        pytest.param("[a]\nb = 1\n[a]\nc = 1\n", 3, 3, id="table twice"),
        pytest.param('a = "x\n', 1, 7, id="open quote"),
        pytest.param('a = """x\n\n', 3, None, id="open to the end"),
        pytest.param("a\n", 1, 2, id="no value"),
    ],
)
def test_toml_when_malformed_then_refused_at_its_place(text: str, line: int, column: int | None) -> None:
    document = read_toml(text.encode())
    (finding,) = document.findings
    assert (finding.code, finding.line, finding.column) == ("toml-syntax", line, column)
    assert document.value is None


def test_settings_when_read_then_values_and_places_of_keys() -> None:
    document = read_toml(bank_settings('A "bank" \\ 은행', "https://bank.example.org/", "Institute"))
    assert document.usable
    assert isinstance(document.value, dict)
    assert document.value["title"] == 'A "bank" \\ 은행'
    assert document.place(("title",)).line == 5
    table = document.place(("publisher",)).line
    assert table is not None
    assert document.place(("publisher", "name")).line == table + 1
    assert document.place(("targets", "ckan")).line == 1


@given(st.text(max_size=40))
def test_text_when_anything_then_as_the_standard_library_or_refused(text: str) -> None:
    content = text.encode("utf-8", "surrogatepass")
    document = read_toml(content)
    if document.usable:
        assert document.value == tomllib.loads(content.decode())
    else:
        assert document.value is None
