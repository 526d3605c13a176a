"""Words of texts, and their weights."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.index.text import count_words, postings, query_words, words


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("KSCBi005-A", ["kscbi005-a", "kscbi005", "a"]),
        ("Cord  blood, CORD", ["cord", "blood", "cord"]),
        ("data/wes/a.vcf.gz", ["data/wes/a.vcf.gz", "data", "wes", "a", "vcf", "gz"]),
        ("CLO:1000476", ["clo:1000476", "clo", "1000476"]),
        ("제대혈 세포", ["제대혈", "세포"]),
        ("ﬁbroblast", ["fibroblast"]),
        ("A*33:03", ["a*33:03", "a", "33", "03"]),
        ("a__b _count x_", ["a__b", "a", "b", "count", "x"]),
        ("--- %_\\ ;", []),
        ("", []),
    ],
)  # fmt: skip
def test_words_when_cut_then_folded_whole_and_in_parts(text: str, wanted: list[str]) -> None:
    assert words(text) == wanted


@given(st.text(max_size=40))
def test_words_of_a_query_when_taken_from_a_text_then_each_begins_a_word_of_it(text: str) -> None:
    known = words(text)
    asked = query_words(text)
    assert len(asked) == len(set(asked)) <= 12
    for word in asked:
        assert word in known
        assert len(word) <= 60


@given(st.text(max_size=20))
def test_words_when_the_case_or_form_differs_then_the_same(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    assert words(text) == words(folded)


def test_counts_when_fields_have_weights_then_summed() -> None:
    assert count_words([("cord blood", 3), ("cord", 1)]) == Counter({"cord": 4, "blood": 3})


def test_postings_when_weighed_then_rare_words_and_short_texts_weigh_more() -> None:
    packages = {
        "A": Counter({"common": 1, "rare": 1}),
        "B": Counter({"common": 1, "filler": 9}),
        "C": Counter({"common": 5, "x": 5}),
    }
    rows = postings(packages)
    assert rows == sorted(rows)
    weight = {(word, name): value for word, name, value in rows}
    assert set(weight) == {(word, name) for name, counts in packages.items() for word in counts}
    assert weight["rare", "A"] > weight["common", "A"] > weight["common", "B"]
    assert weight["common", "C"] > weight["common", "B"]
    assert all(value > 0 for value in weight.values())
    assert postings({}) == []
    assert postings({"A": Counter()}) == []
