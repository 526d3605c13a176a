"""Searching: whatever the query, SQL finds what the rows say, every page is there once, and the counts are true."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.bank import Bank
from catalog.cli.root import run
from catalog.errors import NotFoundError, UsageError
from catalog.index import FACETS, Index, Query, to_command, to_url
from catalog.index.query import SORTS, make_cursor
from tests.index.released import WITHDRAWN, Naive, every_page
from tests.index.test_query import from_command, from_url

VALUES = {
    "modality": ["wes", "rna-seq", "methyl-seq", "other", "imaging"],
    "line_type": ["iPSC", "ESC", "MSC"],
    "origin": ["UBERON:0012168", "UBERON:0000178", "CL:0002551", "CL:0000057", "CL:0000000", "unknown"],
    "disease": ["none", "unknown", "MONDO:0005180", "MONDO:0000001"],
    "sex": ["female", "male", "unknown"],
    "tier": ["open", "controlled", "none"],
    "grade": ["research", "gmp-compliant", "clinical"],
    "year": ["2014", "2017", "2020", "unknown", "1999"],
    "assembly": ["GRCh38", "GRCh37", "T2T-CHM13v2.0"],
    "audit": ["warning", "info", "none"],
}
TEXTS = ["", "exmp", "EXMPi001", "exmpi001-a", "cord blood", "blood cord", "fibrobl", "parkinson", "hiPSC", "rna", "zzz", "%", "_", "-", "gone-hiPSC-5", "the a of"]  # fmt: skip
TERMS = ["UBERON:0012168", "UBERON:0000178", "CL:0000057", "CL:0000000", "CLO:0037308", "CLO:0000001", "NCBITaxon:9606", "MONDO:0005180", "CLO:9999999"]  # fmt: skip

queries = st.builds(
    Query,
    text=st.sampled_from(TEXTS),
    facets=st.lists(
        st.sampled_from([(name, value) for name, values in VALUES.items() for value in values]), max_size=3
    ).map(lambda pairs: {name: tuple(dict.fromkeys(v for n, v in pairs if n == name)) for name, _ in pairs}),
    terms=st.lists(st.sampled_from(TERMS), max_size=1).map(tuple),
    year_from=st.sampled_from([None, None, 2014, 2015, 2018]),
    year_to=st.sampled_from([None, None, 2014, 2017, 2100]),
    sort=st.sampled_from(SORTS),
    limit=st.sampled_from([1, 2, 3, 25]),
)


def test_facets_when_compared_with_the_cases_then_every_one_is_tried() -> None:
    assert set(VALUES) == {each.name for each in FACETS}


@given(query=queries)
@settings(max_examples=80)
def test_packages_when_searched_then_those_that_the_rows_say_and_each_page_once(
    index: Index, naive: Naive, query: Query
) -> None:
    ids = every_page(index, query)
    assert len(ids) == len(set(ids))
    assert set(ids) == naive.ids(query)
    assert WITHDRAWN not in ids


@given(query=queries)
@settings(max_examples=40)
def test_packages_and_files_when_the_query_goes_by_address_or_command_then_the_same(
    index: Index, naive: Naive, query: Query
) -> None:
    ids = every_page(index, query)
    files = [(each["package"], each["path"]) for each in index.manifest(query)]
    assert files == naive.manifest(query)
    for same in (from_url(to_url(query)), from_command(to_command(query))):
        assert same == query
        assert every_page(index, same) == ids
        assert [(each["package"], each["path"]) for each in index.manifest(same)] == files


@given(query=queries)
@settings(max_examples=40)
def test_facet_counts_when_recounted_without_the_own_filter_then_equal(
    index: Index, naive: Naive, query: Query
) -> None:
    found = index.facets(query)
    assert {name: {each["value"]: each["count"] for each in values} for name, values in found.items()} == naive.counts(
        query
    )
    for values in found.values():
        assert [each["count"] for each in values] == sorted((each["count"] for each in values), reverse=True)
        assert all(each["label"] for each in values)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("text", ["", "exmp"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
def test_pages_when_walked_then_every_package_exactly_once_in_the_order_of_the_sort(
    index: Index, naive: Naive, sort: str, text: str, limit: int
) -> None:
    ids = every_page(index, Query(sort=sort, text=text, limit=limit))
    assert sorted(ids) == sorted(naive.packages)
    assert ids == every_page(index, Query(sort=sort, text=text, limit=25))
    column = {"id": "id", "title": "title", "year": "year", "issued": "issued"}.get(sort)
    if column:
        values = [naive.packages[package][column] for package in ids]
        if sort in {"id", "title"}:
            assert values == sorted(values, key=str.lower)
        else:
            known = [value for value in values if value is not None]
            assert known == sorted(known, reverse=True)
            assert values == known + [None] * (len(values) - len(known))


def test_page_when_it_ends_exactly_at_the_last_package_then_there_is_no_next(index: Index, naive: Naive) -> None:
    page = index.search(Query(limit=len(naive.packages)))
    assert page["next"] is None
    assert index.search(Query(limit=len(naive.packages) - 1))["next"]


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("CL:0002551", ["EXMPi002-A"]),
        ("CL:0002620", ["EXMPi002-A"]),
        ("CL:0000057", ["EXMPi002-A", "EXMPi004-A"]),
        ("CL:0002320", ["EXMPi002-A", "EXMPi004-A"]),
        ("CLO:0037280", ["EXMPe003-A"]),
        ("CLO:0037308", ["EXMPi001-A", "EXMPi002-A", "EXMPi004-A", "EXMPi006-A", "EXMPi007-A"]),
        ("MONDO:0005180", ["EXMPi002-A"]),
        ("CLO:9999999", []),
    ],
)
def test_term_when_searched_then_its_descendants_match_and_not_its_ancestors(
    index: Index, term: str, wanted: list[str]
) -> None:
    assert every_page(index, Query(terms=(term,), sort="id")) == sorted(wanted, key=str.lower)
    if term.startswith("CL:"):
        assert every_page(index, Query(facets={"origin": (term,)}, sort="id")) == wanted


def test_term_page_when_asked_then_packages_with_it_or_a_descendant_and_its_kin(index: Index) -> None:
    page = index.term("CL:0000057")
    assert (page["label"], [each["id"] for each in page["packages"]]) == ("fibroblast", ["EXMPi002-A", "EXMPi004-A"])
    assert "CL:0002551" in {each["curie"] for each in page["descendants"]}
    assert "CL:0000000" in {each["curie"] for each in page["ancestors"]}
    assert "CL:0000057" not in {each["curie"] for each in page["ancestors"] + page["descendants"]}
    with pytest.raises(NotFoundError) as caught:
        index.term("CLO:9999999")
    assert caught.value.code == "term-not-found"


def test_withdrawn_package_when_looked_for_in_any_way_then_nowhere(index: Index) -> None:
    for query in (Query(), Query(text=WITHDRAWN), Query(text="gone-hiPSC-5"), Query(text="withdrawn")):
        assert WITHDRAWN not in every_page(index, query)
        assert WITHDRAWN not in {each["package"] for each in index.manifest(query)}
    tables = [
        row[0] for row in index.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'")
    ]
    told = {
        table
        for table in tables
        for row in index.rows(f'SELECT * FROM "{table}"')
        if any(WITHDRAWN in str(cell) or "gone-hipsc-5" in str(cell).lower() for cell in row)
    }
    assert told == {"package", "release", "release_package", "version"}, "that it was there, and nothing of it"
    assert index.rows("SELECT message FROM release WHERE contains(message, ?)", [WITHDRAWN]) == [
        (f"withdraw {WITHDRAWN}",)
    ]
    row = index.rows("SELECT * FROM package WHERE id = ?", [WITHDRAWN])[0]
    assert [cell for cell in row if cell not in (None, WITHDRAWN, True)] == []


def test_controlled_files_when_looked_for_then_no_name_size_or_digest_anywhere(index: Index) -> None:
    for table in ("file", "facet", "posting", "annotation", "finding", "restricted", "package"):
        for row in index.rows(f'SELECT * FROM "{table}"'):
            assert not any(name in str(cell) for cell in row for name in ("data/wes/b.vcf", "data/wes/c.vcf"))
    assert index.rows("SELECT package, modality, tier FROM restricted ORDER BY ALL") == [
        ("EXMPe003-A", "wes", "controlled"), ("EXMPi002-A", "wes", "controlled"),
    ]  # fmt: skip
    assert {each["package"] for each in index.manifest(Query(facets={"modality": ("wes",)}))} == {"EXMPi001-A"}


HOSTILE = ["'; DROP TABLE package; --", '"', "%", "_", "\\", "' OR '1'='1", "*", "(", "a' UNION SELECT 1 --", "\u202e", "<script>", "{{7*7}}", "x" * 200]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_text_when_it_is_sql_or_a_pattern_then_only_words(index: Index, naive: Naive, text: str) -> None:
    for query in (Query(text=text), Query(facets={"origin": (text,), "sex": (text,)}), Query(facets={"tier": (text,)})):
        assert set(every_page(index, query)) == naive.ids(query)
        index.facets(query)
        index.manifest(query)
    assert index.search(Query())["total"] == len(naive.packages)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("value", [5, "abc", 1.5, -1, "", 2**52])
def test_cursor_when_it_is_of_another_sort_then_usage_or_a_page_but_no_fault(
    index: Index, sort: str, value: object
) -> None:
    query = Query(sort=sort, text="exmp", after=make_cursor([value, "x"]))
    refused = 0
    try:
        shown = len(index.search(query)["packages"])
    except UsageError as error:
        shown, refused = 0, error.exit_status
    assert (shown <= 25, refused in {0, 2}) == (True, True)


def test_very_long_query_when_asked_then_answered(index: Index) -> None:
    many = Query(text=" ".join(f"w{n}" for n in range(80)), facets={"origin": tuple(f"X:{n}" for n in range(40))})
    assert index.search(many)["total"] == 0


def test_text_when_it_names_a_package_then_that_one_comes_first(index: Index) -> None:
    assert every_page(index, Query(text="EXMPi002-A"))[0] == "EXMPi002-A"
    assert every_page(index, Query(text="parkinson")) == ["EXMPi002-A"]
    assert every_page(index, Query(text="PARKINS")) == ["EXMPi002-A"]


def test_answers_when_shown_then_with_addresses_under_the_base_iri(released: Bank, index: Index) -> None:
    page = index.search(Query(text="EXMPi001-A"))
    package = page["packages"][0]
    assert package["url"] == f"{released.settings.base_iri}package/EXMPi001-A"
    assert package["modalities"] == ["rna-seq", "wes"]
    assert (package["year"], package["open_files"]) == (2017, 2)
    assert "withdrawn" not in package
    files = index.manifest(Query(text="EXMPi001-A"))
    assert page["bytes"] >= sum(each["bytes"] for each in files) > 0
    assert files[0]["url"].startswith(f"{released.settings.base_iri}package/EXMPi001-A/2026.10/files/data/")


def test_releases_and_versions_when_listed_then_as_in_the_ledger(index: Index) -> None:
    assert index.release_names() == ["2026.10", "2026.11", "2026.11.1"]
    assert [each["packages"] for each in index.releases()] == [1, 2, 5]
    assert [each["current_packages"] for each in index.releases()] == [6, 7, 5]
    assert index.release("2026.11.1")["changes"] == [{"id": WITHDRAWN, "change": "withdrawn"}]
    assert {each["change"] for each in index.release("2026.11")["changes"]} == {"added"}
    assert [each["release"] for each in index.versions("EXMPi001-A")] == ["2026.10"]
    assert [each["object"] for each in index.versions(WITHDRAWN)] == [f"{WITHDRAWN}~2", f"{WITHDRAWN}~2"]
    assert index.versions("none") == []
    with pytest.raises(NotFoundError):
        index.release("2099.01")


@pytest.mark.parametrize(
    "query", [Query(), Query(text="-- blood"), Query(facets={"sex": ("female",)}, sort="year", limit=1)]
)
def test_command_when_run_then_the_same_packages(released: Bank, index: Index, query: Query) -> None:
    from shlex import split

    _, *arguments = split(to_command(query))
    output = io.StringIO()
    with redirect_stdout(output):
        assert run(["--bank", str(released.root), arguments[0], "--json", *arguments[1:]]) == 0
    told = json.loads(output.getvalue())
    assert told == json.loads(json.dumps(index.search(query)))
