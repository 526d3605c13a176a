"""Code lists: every code has a label, and what a list does not have is left out."""

from __future__ import annotations

import pytest

from publish.exports.dcat_countries import COUNTRIES
from publish.exports.dcat_vocabulary import (
    COUNTRY,
    FILE_TYPE,
    LANGUAGE,
    LICENCE_TYPE,
    country_code,
    file_type_code,
    language_code,
    licence_type_codes,
    state_media_type,
)
from publish.exports.graph import Graph
from tests.exports.builders import read_everywhere


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en", "ENG"), ("ko", "KOR"), ("zh-Hant", "ZHO"), ("eng", "ENG"), ("EN-GB", "ENG"), ("tlh", None), ("", None)],
)
def test_language_code_when_looked_up_then_code_or_none(tag: str, code: str | None) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize(("alpha_2", "code"), [("KR", "KOR"), ("DE", "DEU"), ("XX", None), ("kr", None), (None, None)])
def test_country_code_when_looked_up_then_code_or_none(alpha_2: str | None, code: str | None) -> None:
    assert country_code(alpha_2) == code


def test_countries_when_counted_then_every_code_is_one_country() -> None:
    assert len(COUNTRIES) == 249
    assert len(COUNTRY.labels) == 249
    assert all(len(two) == 2 and len(three) == 3 and label for two, (three, label) in COUNTRIES.items())


@pytest.mark.parametrize(
    ("mediatype", "code"),
    [
        ("text/csv", "CSV"),
        ("text/x-unheard-of", "TXT"),
        ("application/pdf", "PDF"),
        ("application/x-unheard-of", "OCTET"),
        ("", "OCTET"),
    ],
)
def test_file_type_code_when_looked_up_then_always_of_the_list(mediatype: str, code: str) -> None:
    assert file_type_code(mediatype) == code
    assert code in FILE_TYPE.labels


@pytest.mark.parametrize(
    ("spdx", "codes"),
    [
        ("CC0-1.0", ("PublicDomain",)),
        ("CC-BY-4.0", ("Attribution",)),
        ("CC-BY-NC-SA-4.0", ("Attribution", "NonCommercialUseOnly", "ViralEffect-ShareAlike")),
        ("CC-BY-NC-ND-4.0", ("Attribution", "NonCommercialUseOnly", "NoDerivativeWork")),
        ("ODbL-1.0", ("Attribution", "ViralEffect-ShareAlike")),
        ("ODC-By-1.0", ("Attribution",)),
        ("LicenseRef-own", ()),
    ],
)
def test_licence_type_codes_when_known_then_of_the_list(spdx: str, codes: tuple[str, ...]) -> None:
    assert licence_type_codes(spdx) == codes
    assert set(codes) <= set(LICENCE_TYPE.labels)


def test_state_when_code_is_in_the_list_then_label_list_and_class_are_stated() -> None:
    graph = Graph()
    assert LANGUAGE.state(graph, "KOR") == "http://publications.europa.eu/resource/authority/language/KOR"
    found = {(each[0].rpartition("/")[2], each[3].rpartition("/")[2]) for each in read_everywhere(graph.render())}
    assert found == {
        ("KOR", "core#Concept"),
        ("KOR", "LinguisticSystem"),
        ("KOR", "Korean"),
        ("KOR", "language"),
        ("language", "core#ConceptScheme"),
        ("language", "Language"),
    }


@pytest.mark.parametrize("code", [None, "XXX", "KOR> <x"])
def test_state_when_code_is_not_in_the_list_then_nothing_is_stated(code: str | None) -> None:
    graph = Graph()
    assert LANGUAGE.state(graph, code) is None
    assert len(graph) == 0


@pytest.mark.parametrize("mediatype", ["", "text", "text/", "text/a b", "text/a/../b", "text/x>"])
def test_state_media_type_when_malformed_then_none(mediatype: str) -> None:
    assert state_media_type(Graph(), mediatype) is None
