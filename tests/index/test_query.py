"""The query: one value on every way from the page to the command line and back."""

from __future__ import annotations

import base64
import json
import shlex
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.cli.scientist import query_of
from catalog.cli.scientist import search as search_command
from catalog.errors import UsageError
from catalog.index import FACETS, Query, from_pairs, query_pairs, to_command, to_url
from catalog.index.query import DEFAULT_LIMIT, SORTS, UNKNOWN, VALUE_LABELS, cursor, facet, make_cursor, value_label
from catalog.profiles import table_schema

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
words = texts | st.sampled_from(
    ["-", "--", "--sex=male", "-h", "'; DROP TABLE package; --", "a b", "%", "&x=1", "a\nb", "$(x)"]
)
queries = st.builds(
    Query,
    text=words.map(str.strip),
    facets=st.fixed_dictionaries(
        {},
        optional={
            each.name: st.lists(
                st.sampled_from([*VALUE_LABELS[each.name], UNKNOWN]) if each.name in VALUE_LABELS else words,
                min_size=1,
                max_size=3,
                unique=True,
            ).map(tuple)
            for each in FACETS
        },
    ),
    terms=st.lists(st.from_regex(r"[A-Z]{2,5}:[0-9]{1,7}", fullmatch=True), max_size=2, unique=True).map(tuple),
    year_from=st.none() | st.integers(1900, 2199),
    year_to=st.none() | st.integers(1900, 2199),
    sort=st.sampled_from(SORTS),
    limit=st.integers(1, 500),
    after=st.just("") | st.tuples(st.text(max_size=3) | st.integers(0, 9), st.text(max_size=3)).map(make_cursor),
)


def from_url(url: str) -> Query:
    return from_pairs(parse_qsl(urlsplit(url).query, keep_blank_values=True, strict_parsing=False))


def from_command(command: str) -> Query:
    """The query that the command line stands for, through the command's own parser."""
    program, name, *arguments = shlex.split(command)
    assert (program, name) == ("fairline", "search")
    options: dict[str, Any] = dict(search_command.make_context("search", arguments).params)
    return query_of(options.pop("text"), options)


@given(queries)
def test_query_when_written_as_an_address_and_read_then_equal(query: Query) -> None:
    for path in ("/", "api/search"):
        url = to_url(query, path)
        assert url.split("?")[0] == path
        assert url.isascii()
        assert from_url(url) == query
    assert from_pairs(query_pairs(query)) == query


@given(queries)
def test_query_when_written_as_a_command_and_parsed_then_equal_but_for_the_page(query: Query) -> None:
    assert from_command(to_command(query)) == query.page_after("")


def test_query_when_it_says_nothing_then_the_bare_address_and_command() -> None:
    assert to_url(Query()) == "/"
    assert to_command(Query()) == "fairline search"
    assert Query().is_everything
    assert from_pairs([]) == Query()
    assert not Query(terms=("CLO:1",)).is_everything
    assert not Query(year_from=2000).is_everything


def test_facet_when_added_and_taken_away_then_from_the_first_page() -> None:
    query = (
        Query(after=make_cursor(["a", "b"]))
        .with_facet("sex", "male")
        .with_facet("sex", "male")
        .with_facet("sex", "female")
    )
    assert query.facets == {"sex": ("male", "female")}
    assert query.after == ""
    later = query.page_after(make_cursor(["a", "b"]))
    assert later.without_facet("sex", "male").facets == {"sex": ("female",)}
    assert later.without_facet("sex", "male").without_facet("sex", "female").facets == {}
    assert later.without_facet("sex").facets == {}
    assert later.without_facet("sex").after == ""
    assert later.without_facet("tier", "open").facets == query.facets


@pytest.mark.parametrize(
    "pairs",
    [
        [("limit", "-1")],
        [("limit", "0")],
        [("limit", "501")],
        [("limit", "1e9")],
        [("limit", "NaN")],
        [("limit", " 5")],
        [("limit", "٥")],
        [("limit", "9" * 1000)],
        [("limit", "5"), ("limit", "5")],
        [("year_from", "0")],
        [("year_from", "20145")],
        [("year_to", "x")],
        [("sort", "id; DROP TABLE package")],
        [("sort", "")],
        [("sort", "id"), ("sort", "title")],
        [("offset", "9223372036854775808")],
        [("page", "NaN")],
        [("q", "a"), ("q", "b")],
        [("q", "x" * 501)],
        [("q", "a\0b")],
        [("q", "a\udcffb")],
        [("origin", "\ud800")],
        [("origin", "x" * 201)],
        [("sex", "a\0")],
        [("term", "not a term")],
        [("term", "http://example.org/")],
        [("term", "CLO:1' OR 1=1")],
        [("origin", str(number)) for number in range(51)],
        [("tier", "bogus")],
        [("modality", "bogus")],
        [("modality", "WES")],
        [("line_type", "")],
        [("sex", "Male")],
        [("grade", "gold")],
        [("audit", "fatal")],
        [("f.name", "x")],
        [("", "")],
        [("q" * 5000, "x")],
        [("after", "not base64!")],
        [("after", "é")],
        [("after", base64.urlsafe_b64encode(b"{}").decode())],
        [("after", base64.urlsafe_b64encode(b"[1]").decode())],
        [("after", base64.urlsafe_b64encode(b'[1,"a",2]').decode())],
        [("after", base64.urlsafe_b64encode(b"[[],1]").decode())],
        [("after", base64.urlsafe_b64encode(b'[{},"a"]').decode())],
        [("after", base64.urlsafe_b64encode(b'[true,"a"]').decode())],
        [("after", base64.urlsafe_b64encode(b'[NaN,"a"]').decode())],
        [("after", base64.urlsafe_b64encode(b'[1e999,"a"]').decode())],
        [("after", base64.urlsafe_b64encode(b'["\\ud800","a"]').decode())],
        [("after", base64.urlsafe_b64encode(b'["a","\\ud800"]').decode())],
        [("after", base64.urlsafe_b64encode(b'["a","\\u0000"]').decode())],
        [("after", base64.urlsafe_b64encode(b"[" * 300).decode())],
        [("after", base64.urlsafe_b64encode(b"[%s,\"a\"]" % (b"9" * 300)).decode())],
    ],
    ids=lambda pairs: f"{pairs[0][0][:12]}={pairs[0][1][:20]!r}-{len(pairs)}",
)  # fmt: skip
def test_parameter_when_it_cannot_be_used_then_a_usage_error_that_names_it(pairs: list[tuple[str, str]]) -> None:
    with pytest.raises(UsageError) as caught:
        from_pairs(pairs)
    assert (caught.value.code, caught.value.exit_status) == ("query-parameter", 2)
    assert caught.value.at == (pairs[0][0][:40] if len(pairs) < 50 else "facets")
    json.dumps(caught.value.to_json()).encode()
    assert len(caught.value.got or "") <= 60


def test_values_when_doubled_or_blank_then_once_and_kept() -> None:
    assert from_pairs([("sex", "male"), ("sex", "male"), ("assembly", "")]).facets == {
        "sex": ("male",),
        "assembly": ("",),
    }
    assert from_pairs([("term", "CLO:1"), ("term", "CLO:1")]).terms == ("CLO:1",)
    assert from_pairs([("limit", ""), ("year_from", "")]) == Query(limit=DEFAULT_LIMIT)
    assert from_pairs([("q", "  cord blood ")]).text == "cord blood"


@given(
    st.text(max_size=5) | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e6, 1e6),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
)
def test_cursor_when_made_and_read_then_equal(value: object, package: str) -> None:
    if isinstance(value, str) and "\0" in value:
        return
    assert cursor(make_cursor([value, package])) == (value, package)


def test_facets_when_asked_by_name_then_it_or_usage() -> None:
    assert facet("origin").is_term
    assert facet("modality").of_files
    with pytest.raises(UsageError):
        facet("f.name")
    assert value_label("sex", "male") == "Male"
    assert value_label("sex", "unknown") == value_label("year", "unknown") == "Unknown"
    assert value_label("sex", "<script>") == "<script>"
    assert value_label("nothing", "x") == "x"


def test_value_when_its_facet_has_others_then_the_error_says_which() -> None:
    with pytest.raises(UsageError) as caught:
        from_pairs([("tier", "bogus")])
    error = caught.value
    assert (error.code, error.at, error.got) == ("query-parameter", "tier", "bogus")
    assert error.want == "one of open, controlled, none, unknown"


def test_value_when_its_facet_is_open_or_the_profile_knows_it_then_it_is_taken() -> None:
    [column] = [each for each in table_schema("files")["fields"] if each["name"] == "modality"]
    for value in (*column["constraints"]["enum"], "other", "unknown"):
        assert from_pairs([("modality", value)]).facets == {"modality": (value,)}
    pairs = [("year", "1999"), ("assembly", "mm10"), ("origin", "CL:1"), ("disease", "none")]
    assert from_pairs(pairs).facets == {name: (value,) for name, value in pairs}
    for name, values in VALUE_LABELS.items():
        assert from_pairs([(name, value) for value in (*values, UNKNOWN)]).facets[name] == (*values, UNKNOWN)
