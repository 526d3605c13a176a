"""YAML, strictly: the core schema of YAML 1.2, and nothing that another reader would take for something else."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.findings import Severity
from catalog.loading import read_yaml

SCALARS = [
    pytest.param("NO", "NO", True, id="no"),
    pytest.param("yes", "yes", True, id="yes"),
    pytest.param("y", "y", True, id="y"),
    pytest.param("12:30:45", "12:30:45", True, id="base 60"),
    pytest.param("010", "010", True, id="leading zero"),
    pytest.param("0b11", "0b11", True, id="binary"),
    pytest.param("1_000", "1_000", True, id="separators"),
    pytest.param("nan", "nan", True, id="nan"),
    pytest.param("none", "none", True, id="none"),
    pytest.param("n/a", "n/a", True, id="not available"),
    pytest.param("=", "=", True, id="default value"),
    pytest.param("2021-02-01", "2021-02-01", False, id="date"),
    pytest.param("2021-02-01T00:00:00Z", "2021-02-01T00:00:00Z", False, id="time"),
    pytest.param("~", None, False, id="tilde"),
    pytest.param("null", None, False, id="null"),
    pytest.param("", None, False, id="empty"),
    pytest.param("true", True, False, id="true"),
    pytest.param("FALSE", False, False, id="false"),
    pytest.param("tRUE", "tRUE", False, id="odd case"),
    pytest.param("0o17", 15, True, id="octal"),
    pytest.param("0xfF", 255, False, id="hexadecimal"),
    pytest.param("-12", -12, False, id="integer"),
    pytest.param("+5", 5, False, id="plus"),
    pytest.param(".5", 0.5, False, id="point first"),
    pytest.param("1.", 1.0, False, id="point last"),
    pytest.param("1e3", 1000.0, True, id="exponent without point"),
    pytest.param("1.5e3", 1500.0, True, id="exponent without sign"),
    pytest.param("1.5e+3", 1500.0, False, id="exponent with sign"),
    pytest.param("9223372036854775807", 2**63 - 1, False, id="largest integer"),
    pytest.param("'NO'", "NO", False, id="quoted"),
    pytest.param('"010"', "010", False, id="quoted number"),
]


@pytest.mark.parametrize(("text", "value", "warned"), SCALARS)
def test_scalar_when_plain_then_core_schema_and_a_warning_where_old_readers_differ(
    text: str, value: object, warned: bool
) -> None:
    document = read_yaml(f"a: {text}\n".encode())
    assert document.value == {"a": value}
    assert type(document.value["a"]) is type(value)
    assert [(each.code, each.line, each.column) for each in document.findings] == (
        [("yaml-ambiguous", 1, 4)] if warned else []
    )
    assert document.usable


REFUSED = [
    pytest.param("tier: controlled\nb: 1\ntier: open\n", "yaml-duplicate-key", 3, 1, id="key twice"),
    pytest.param("a:\n  b: 1\n  'b': 2\n", "yaml-duplicate-key", 3, 3, id="key twice in other quotes"),
    pytest.param("- {a: 1, b: 2, a: 3}\n", "yaml-duplicate-key", 1, 16, id="key twice in a flow mapping"),
    pytest.param("a: &x [1]\nb: *x\n", "yaml-alias", 1, 4, id="anchor"),
    pytest.param("a: *x\n", "yaml-alias", 1, 4, id="alias"),
    pytest.param("<<: *x\n", "yaml-alias", 1, 5, id="merge"),
    pytest.param("a: !!python/object/apply:os.system [echo]\n", "yaml-tag", 1, 4, id="object"),
    pytest.param("a: !!str 5\n", "yaml-tag", 1, 4, id="tag of the core"),
    pytest.param("!mine {a: 1}\n", "yaml-tag", 1, 1, id="tag of a mapping"),
    pytest.param("a: .inf\n", "yaml-not-finite", 1, 4, id="infinity"),
    pytest.param("a: -.INF\n", "yaml-not-finite", 1, 4, id="minus infinity"),
    pytest.param("a: .NaN\n", "yaml-not-finite", 1, 4, id="not a number"),
    pytest.param("a: 1e999\n", "yaml-not-finite", 1, 4, id="float too large"),
    pytest.param("a: 9223372036854775808\n", "yaml-not-finite", 1, 4, id="integer too large"),
    pytest.param(f"a: {'9' * 5000}\n", "yaml-not-finite", 1, 4, id="integer of 5000 digits"),
    pytest.param("a: 0xffffffffffffffffffffffff\n", "yaml-not-finite", 1, 4, id="hexadecimal too large"),
    pytest.param("[" * 41, "yaml-too-deep", 1, 41, id="deep"),
    pytest.param("[" * 100_000, "yaml-too-deep", 1, 41, id="very deep"),
    pytest.param("{a: " * 100_000, "yaml-too-deep", 1, 161, id="very deep mappings"),
    pytest.param("? [a]\n: 1\n", "yaml-key", 1, 3, id="list as key"),
    pytest.param("1: a\n", "yaml-key", 1, 1, id="number as key"),
    pytest.param("true: a\n", "yaml-key", 1, 1, id="truth as key"),
    pytest.param("? \n: a\n", "yaml-key", 1, 2, id="no key"),
    pytest.param("'': a\n", "yaml-key", 1, 1, id="empty key"),
    pytest.param("", "yaml-documents", 1, None, id="empty"),
    pytest.param("# only words\n", "yaml-documents", 1, None, id="comment only"),
    pytest.param("--- 1\n--- 2\n", "yaml-documents", 1, None, id="two documents"),
    pytest.param("a: [1\nb: 2\n", "yaml-syntax", 2, 2, id="open bracket"),
    pytest.param("a:\n\tb: 1\n", "yaml-syntax", 2, 1, id="tab"),
    pytest.param("a: 'b\n", "yaml-syntax", 2, 1, id="open quote"),
    pytest.param("a: 1\n b: 2\n", "yaml-syntax", 2, 3, id="indentation"),
    pytest.param("a: @b\n", "yaml-syntax", 1, 4, id="reserved mark"),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), REFUSED)
def test_document_when_it_could_be_misread_then_refused_at_its_place(
    text: str, code: str, line: int, column: int | None
) -> None:
    document = read_yaml(text.encode())
    (finding,) = [each for each in document.findings if each.severity is Severity.ERROR]
    assert (finding.code, finding.line, finding.column) == (code, line, column)
    assert document.value is None
    assert not document.usable


def test_alias_bomb_when_read_then_refused_at_once() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    lines += [f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]" for old, new in zip("abcdefgh", "bcdefghi", strict=True)]
    start = time.perf_counter()
    document = read_yaml("\n".join(lines).encode())
    assert [each.code for each in document.findings] == ["yaml-alias"]
    assert time.perf_counter() - start < 1


def test_places_when_read_then_line_and_column_of_every_part() -> None:
    document = read_yaml(b"donor:\n  sex: female\n  relatives:\n    - {donor: D2}\naliases: []\n")
    places = {path: (place.line, place.column) for path, place in document.places.items()}
    assert places == {
        (): (1, 1),
        ("donor",): (2, 3),
        ("donor", "sex"): (2, 8),
        ("donor", "relatives"): (4, 5),
        ("donor", "relatives", 0): (4, 7),
        ("donor", "relatives", 0, "donor"): (4, 15),
        ("aliases",): (5, 10),
    }


class PlainDumper(yaml.SafeDumper):
    """Writes equal parts out instead of pointing at the first."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


words = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\ufeff"), max_size=12)
words = words.filter(lambda text: re.match(r"[-+]\.", text) is None)  # -.5 is no number for PyYAML, against YAML 1.1
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    words,
    st.sampled_from(
        ["NO", "12:30", "010", "null", "~", "0x1", "<<", "=", "2021-02-01", ".inf", "- a", "a: b", "#", "é"]
    ),
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words.filter(bool), inner, max_size=4)
)


@pytest.mark.parametrize("flow", [True, False, None], ids=["flow", "block", "mixed"])
@given(value=values)
@settings(max_examples=60)
def test_value_when_written_by_pyyaml_then_read_equal_to_pyyaml(flow: bool | None, value: object) -> None:
    text = yaml.dump(value, Dumper=PlainDumper, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    document = read_yaml(text.encode())
    if document.findings:  # texts that PyYAML leaves without quotes, such as 1e5, and that are told where they differ
        assert {each.code for each in document.findings} == {"yaml-ambiguous"}
        return
    assert repr(document.value) == repr(value) == repr(yaml.safe_load(text))


@given(st.text(st.sampled_from("ab:-{}[],&*!|>'\"%@#?\n \t0"), max_size=30) | st.text(max_size=20))
def test_text_when_anything_then_never_an_exception_and_only_plain_values(text: str) -> None:
    document = read_yaml(text.encode("utf-8", "surrogatepass"))

    def plain(value: object) -> bool:
        if isinstance(value, dict):
            return all(isinstance(key, str) and plain(inner) for key, inner in value.items())
        if isinstance(value, list):
            return all(map(plain, value))
        return value is None or type(value) in {str, int, float, bool}

    assert plain(document.value)
    assert document.usable or document.value is None
