"""Identifiers: what is one, how it is ordered, and that no path ever leads out of its folder."""

from __future__ import annotations

import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.identifiers import (
    Addresses,
    ReleaseName,
    curie_to_iri,
    iri_to_curie,
    is_curie,
    is_line_id,
    path_faults,
    path_twin_key,
    portal_name,
)

NFD = unicodedata.normalize("NFD", "é")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("KSCBi005-A", True),
        ("NCRM5AS1-iCAGcGFP.c9", True),
        ("a1", True),
        ("a" * 61, True),
        ("a" * 62, False),
        ("a", False),
        ("", False),
        ("-a", False),
        (".hidden", False),
        ("..", False),
        ("a/b", False),
        ("a b", False),
        ("a\n", False),
        ("é1", False),
        ("catalog", False),
        ("Catalog", False),
        ("catalogue", True),
    ],
)
def test_line_id_when_judged_then_by_the_grammar_and_the_reserved_words(text: str, wanted: bool) -> None:
    assert is_line_id(text) is wanted


def test_portal_name_when_made_then_lower_case_and_dashes() -> None:
    assert portal_name("NCRM5AS1-iCAGcGFP.c9") == "ncrm5as1-icagcgfp-c9"
    assert portal_name("A_b") == portal_name("a.B") == "a-b"


numbers = st.tuples(st.integers(0, 9999), st.integers(1, 12), st.integers(0, 999_999))


@given(numbers, numbers)
def test_release_names_when_compared_then_by_year_month_and_number(
    one: tuple[int, int, int], other: tuple[int, int, int]
) -> None:
    first, second = ReleaseName(*one), ReleaseName(*other)
    assert (first < second, first == second, first > second) == (one < other, one == other, one > other)
    assert ReleaseName.parse(str(first)) == first
    following = first.successor(second.year, second.month)
    assert first < following
    assert (following.year, following.month) == max((first.year, first.month), (second.year, second.month))


def test_release_names_when_sorted_then_not_as_text() -> None:
    names = ["2026.02.10", "2026.02.9", "2026.02", "2025.12.3", "2026.10", "2026.02.1"]
    parsed = sorted(name for name in map(ReleaseName.parse, names) if name is not None)
    assert [str(name) for name in parsed] == ["2025.12.3", "2026.02", "2026.02.1", "2026.02.9", "2026.02.10", "2026.10"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026",
        "2026.1",
        "2026.13",
        "2026.00",
        "26.01",
        "2026.01.0",
        "2026.01.01",
        "2026.01.1234567",
        "2026-01",
        "2026.01.",
        "v2026.01",
        "2026.01 ",
        "2026.01\n",
        "٢٠٢٦.01",
        "2026.01/..",
        "2026.01.-1",
    ],
)
def test_release_name_when_not_one_then_none(text: str) -> None:
    assert ReleaseName.parse(text) is None


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("CLO:1000476", "http://purl.obolibrary.org/obo/CLO_1000476"),
        ("UBERON:0012168", "http://purl.obolibrary.org/obo/UBERON_0012168"),
        ("EFO:0004905", "http://www.ebi.ac.uk/efo/EFO_0004905"),
        ("EDAM:format_3016", "http://edamontology.org/format_3016"),
        ("CVCL:WR10", "https://www.cellosaurus.org/CVCL_WR10"),
        ("HGNC:9221", "https://identifiers.org/hgnc:9221"),
        ("SAMEA:104012353", "https://www.ebi.ac.uk/biosamples/samples/SAMEA104012353"),
        ("GEO:GSE163134", "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=GSE163134"),
        ("spdx:CC-BY-4.0", "https://spdx.org/licenses/CC-BY-4.0"),
    ],
)
def test_curie_when_expanded_then_the_iri_and_back(curie: str, iri: str) -> None:
    assert curie_to_iri(curie) == iri
    assert iri_to_curie(iri) == curie


own = st.sampled_from(["EFO", "EDAM", "CVCL", "SAMEA", "HGNC", "GEO", "spdx"])
obo = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}(_[A-Za-z][A-Za-z0-9]{0,3})?", fullmatch=True)


@given(
    st.tuples(own, st.from_regex(r"[A-Za-z0-9_.-]{1,12}", fullmatch=True))
    | st.tuples(obo, st.from_regex(r"[A-Za-z0-9.-]{1,12}", fullmatch=True))
)
def test_curie_when_expanded_and_contracted_then_the_same(parts: tuple[str, str]) -> None:
    curie = ":".join(parts)
    assert is_curie(curie)
    assert iri_to_curie(curie_to_iri(curie)) == curie


@given(
    st.text(max_size=30) | st.from_regex(r"(http://purl\.obolibrary\.org/obo/|http://www\.ebi\.ac\.uk/efo/EFO_).{0,9}")
)
def test_iri_when_anything_then_a_curie_that_leads_back_or_none(iri: str) -> None:
    curie = iri_to_curie(iri)
    assert curie is None or (is_curie(curie) and curie_to_iri(curie) == iri)


@pytest.mark.parametrize("text", ["", "CLO", "CLO:", ":1", "CLO: 1", "CLO:1\n", "http://a", "1A:2", "CLO:1/2", "C:\\x"])
def test_curie_when_not_one_then_refused(text: str) -> None:
    assert not is_curie(text)
    with pytest.raises(ValueError, match="not a CURIE"):
        curie_to_iri(text)


def test_addresses_when_made_then_under_the_base_iri() -> None:
    addresses = Addresses("https://bank.example.org/kscb/")
    assert addresses.line("A1") == "https://bank.example.org/kscb/line/A1"
    assert addresses.package("A1") == "https://bank.example.org/kscb/package/A1"
    assert addresses.file("A1", "2026.11", "data/a.vcf.gz").endswith("/package/A1/2026.11/files/data/a.vcf.gz")
    assert addresses.release("2026.11") == "https://bank.example.org/kscb/release/2026.11"
    assert addresses.term("CLO:1") == "https://bank.example.org/kscb/term/CLO:1"
    assert addresses.catalog() == "https://bank.example.org/kscb/catalog"


HOSTILE = [
    pytest.param("../../x", id="climbs"),
    pytest.param("data/../../x", id="climbs from inside"),
    pytest.param("data/..", id="ends above"),
    pytest.param("/etc/passwd", id="absolute"),
    pytest.param("C:\\x", id="drive"),
    pytest.param("C:x", id="drive, relative"),
    pytest.param("\\\\host\\share\\x", id="share"),
    pytest.param("data\\x", id="backslash"),
    pytest.param("..\\x", id="climbs with a backslash"),
    pytest.param("a/./b", id="dot segment"),
    pytest.param("./a", id="dot first"),
    pytest.param("a//b", id="empty segment"),
    pytest.param("a/", id="ends with a slash"),
    pytest.param("", id="empty"),
    pytest.param(".", id="dot"),
    pytest.param("http://127.0.0.1/x", id="http"),
    pytest.param("file:///etc/passwd", id="file"),
    pytest.param("s3://bucket/x", id="s3"),
    pytest.param("sqlite:///x.db", id="sqlite"),
    pytest.param("data:text/plain,x", id="data"),
    pytest.param("~/x", id="home"),
    pytest.param("$HOME/x", id="variable"),
    pytest.param("%2e%2e/x", id="escaped"),
    pytest.param("a\0b", id="nul"),
    pytest.param("a\nb", id="line end"),
    pytest.param("a\r\nSet-Cookie: x", id="header"),
    pytest.param("a\x1b[31m", id="escape"),
    pytest.param("a\u202ecod.exe", id="direction override"),
    pytest.param("a\u200bb", id="zero width"),
    pytest.param("a\ufeffb", id="mark"),
    pytest.param("a\udcffb", id="surrogate"),
    pytest.param(NFD, id="nfd"),
    pytest.param("é", id="nfc, outside of ascii"),
    pytest.param("a b", id="space"),
    pytest.param("a.", id="trailing dot"),
    pytest.param("a./b", id="trailing dot of a folder"),
    pytest.param("a ", id="trailing space"),
    pytest.param(".git/config", id="hidden folder"),
    pytest.param("data/.htaccess", id="hidden file"),
    pytest.param("CON", id="device"),
    pytest.param("nul.txt", id="device with a suffix"),
    pytest.param("data/Com1.tar.gz/x", id="device as a folder"),
    pytest.param("lpt9", id="printer"),
    pytest.param("a" * 300, id="300 bytes"),
    pytest.param("/".join(["abcdefghi"] * 51), id="500 characters"),
    pytest.param("=cmd|x", id="formula"),
    pytest.param("<script>", id="script"),
    pytest.param("a;b", id="semicolon"),
    pytest.param("a:b", id="stream"),
]


@pytest.mark.parametrize("path", HOSTILE)
def test_path_when_hostile_then_refused(path: str) -> None:
    assert path_faults(path)


@pytest.mark.parametrize(
    "path", ["a", "data/wes/KSCBi005-A.vcf.gz", "A_b-1.2", "con1", "console.txt", "a" * 200, "x.CON", "-rf", "a..b"]
)
def test_path_when_plain_then_accepted(path: str) -> None:
    assert path_faults(path) == []


pieces = st.sampled_from(
    [
        "..",
        ".",
        "",
        "a",
        "B.txt",
        "CON",
        "aux.h",
        "C:",
        "\\",
        "..\\..",
        "~",
        "http:",
        "é",
        NFD,
        "\0",
        "\u202e",
        " ",
        "a.",
    ]
)
paths = st.one_of(
    st.lists(pieces, max_size=5).map("/".join),
    st.lists(pieces, max_size=4).map("".join),
    st.text(st.sampled_from("aB.-_/\\:~%\0 \u202e"), max_size=12),
    st.text(max_size=8),
)


@given(paths)
def test_path_when_accepted_then_it_stays_inside_everywhere(path: str) -> None:
    if path_faults(path):
        return
    root = Path("/bank/lines/X")
    assert (root / path).resolve() == root.joinpath(*path.split("/"))
    assert (root / path).resolve().is_relative_to(root.resolve())
    windows = PureWindowsPath(path)
    assert not windows.is_absolute()
    assert not windows.drive
    assert not windows.root
    assert windows.as_posix() == path == PurePosixPath(path).as_posix()
    assert ".." not in windows.parts
    assert urlsplit(path).scheme == ""
    assert unquote(path) == path
    assert path.isascii()
    assert path.isprintable()


def test_twin_keys_when_case_or_unicode_form_differ_then_equal() -> None:
    assert path_twin_key("Data/A.txt") == path_twin_key("data/a.TXT")
    assert path_twin_key(f"{NFD}.txt") == path_twin_key("é.txt") == path_twin_key("É.txt")
    assert path_twin_key("straße") == path_twin_key("STRASSE")
    assert path_twin_key("a") != path_twin_key("b")
