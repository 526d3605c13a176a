"""The graph: guards, deterministic bytes, the same statements in four forms for two parsers."""

from __future__ import annotations

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publish.exports.graph import (
    FORMS,
    PREFIXES,
    Graph,
    clean,
    date_time,
    mail_iri,
    name_iri,
    term_iri,
    web_iri,
)
from tests.exports.builders import read_everywhere

SUBJECT = "https://bank.example.org/package/A"


def one_text(text: str, language: str = "") -> Graph:
    graph = Graph()
    graph.node(SUBJECT, "dcat:Dataset").text("dct:title", text, language)
    return graph


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/",
        "http://127.0.0.1:8000/package/A/2026.11/files/a%20b.vcf#checksum",
        "http://[::1]:8000/",
        "https://doi.org/10.1002/%28SICI%291097",
        "https://example.org/päckchen?x=1&y=2",
    ],
)
def test_web_iri_when_address_is_sound_then_stays_as_it_is(text: str) -> None:
    assert web_iri(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "JavaScript://example.org/%0aalert(1)",
        "file:///etc/passwd",
        "urn:x:y",
        "//example.org/",
        "example.org",
        "",
        "https://",
        "https:///path",
        "https://a b/",
        "https://a/ b",
        "https://a/\n",
        "https://a/\x00",
        "https://a/\u202e",
        "https://a/\ue000",
        'https://a/"',
        "https://a/>",
        "https://a/<",
        "https://a/{x}",
        "https://a/\\",
        "https://a/`",
        "https://a/%zz",
        "https://a/../b",
        "https://a/./b",
        "https://user:secret@a/",
        "https://a:99999999/",
        "https://a/" + "x" * 3000,
        "http://purl.obolibrary.org/obo/CLO_1.",
        "http://purl.obolibrary.org/obo/CLO_1;x",
        "http://www.w3.org/ns/dcat#",
        None,
        12,
    ],
)
def test_web_iri_when_anything_else_then_none(text: object) -> None:
    assert web_iri(text) is None


def test_term_iri_when_prefix_is_known_then_address() -> None:
    assert term_iri("CLO:0037308") == "http://purl.obolibrary.org/obo/CLO_0037308"
    assert term_iri("EFO:0005396") == "http://www.ebi.ac.uk/efo/EFO_0005396"


@pytest.mark.parametrize("text", ["unknown", "javascript:alert", "JAVASCRIPT:alert", "CLO:1> <x", "CLO:", None, 5])
def test_term_iri_when_no_known_term_then_none(text: object) -> None:
    assert term_iri(text) is None


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("rdf:type", PREFIXES["rdf"] + "type"),
        ("CLO:0037207", "http://purl.obolibrary.org/obo/CLO_0037207"),
        ("https://example.org/p#made_from", "https://example.org/p#made_from"),
        ("https://example.org/123", None),
        ("https://example.org/", None),
        ("made from", None),
        ("", None),
    ],
)
def test_name_iri_when_read_then_only_what_xml_can_name(text: str, iri: str | None) -> None:
    assert name_iri(text) == iri


@pytest.mark.parametrize(
    ("text", "iri"),
    [
        ("bank@example.org", "mailto:bank@example.org"),
        ('a"<b>@example.org', "mailto:a%22%3Cb%3E@example.org"),
        ("a?bcc=x@example.org", "mailto:a%3Fbcc%3Dx@example.org"),
        ("no address", None),
        (None, None),
    ],
)
def test_mail_iri_when_read_then_escaped_or_none(text: str | None, iri: str | None) -> None:
    assert mail_iri(text) == iri


@pytest.mark.parametrize(
    ("text", "is_moment"),
    [
        ("2026-11-22T08:00:00Z", True),
        ("2026-11-22T08:00:00.5+09:00", True),
        ("2026-11-22", False),
        ("2026-02-30T08:00:00Z", False),
        ("2026-11-22T08:00:00", False),
        ("", False),
    ],
)
def test_date_time_when_read_then_only_moments(text: str, is_moment: bool) -> None:
    assert date_time(text) == (text if is_moment else None)


def test_clean_when_text_cannot_be_written_everywhere_then_replaced() -> None:
    assert clean(" a\r\nb\rc\x00\x0b\ud800\ufffe\t\U0001f9ec ") == "a\nb\nc\ufffd\ufffd\ufffd\ufffd\t\U0001f9ec"


@pytest.mark.parametrize("iri", ["javascript:alert(1)", "https://a/> <x", "relative", "_:b0"])
def test_node_when_address_is_none_then_refused(iri: str) -> None:
    graph = Graph()
    with pytest.raises(ValueError, match="not an address"):
        graph.node(iri)
    with pytest.raises(ValueError, match="not an address"):
        graph.node(SUBJECT).link("dct:relation", iri)


@pytest.mark.parametrize("name", ["https://example.org/123", "https://example.org/"])
def test_link_when_xml_cannot_name_the_property_then_refused(name: str) -> None:
    node = Graph().node(SUBJECT)
    with pytest.raises(ValueError, match="property or class"):
        node.link(name, SUBJECT)
    with pytest.raises(ValueError, match="property or class"):
        node.a(name)


def test_render_when_nothing_is_stated_then_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Graph().render()


def test_prefixes_when_compared_then_sorted_and_none_starts_another() -> None:
    assert list(PREFIXES) == sorted(PREFIXES)
    assert not [pair for pair in itertools.permutations(PREFIXES.values(), 2) if pair[1].startswith(pair[0])]


def test_render_when_stated_in_another_order_then_same_bytes() -> None:
    statements = [(f"{SUBJECT}/{n}", word) for n in range(20) for word in ("b", "a", "c")]

    def made(order: list[tuple[str, str]]) -> dict[str, bytes]:
        graph = Graph()
        for iri, word in order:
            graph.node(iri).text("dct:title", word, "en").a("dcat:Distribution")
        return graph.render()

    assert made(statements) == made(statements[::-1])
    assert set(made(statements)) == set(FORMS)


def test_render_when_read_then_forms_have_frames_of_whole_lines() -> None:
    forms = one_text("x").render()
    assert forms["jsonld"].startswith(b"[\n")
    assert forms["jsonld"].endswith(b"\n]\n")
    assert forms["rdf"].splitlines()[1].startswith(b"<rdf:RDF xmlns:adms=")
    assert forms["rdf"].splitlines()[-1] == b"</rdf:RDF>"
    assert all(content.endswith(b"\n") and not content.endswith(b"\n\n") for content in forms.values())


def test_json_ld_when_read_then_needs_no_context() -> None:
    nodes = json.loads(one_text("x", "en-GB").render()["jsonld"])
    assert nodes == [
        {
            "@id": SUBJECT,
            "@type": ["http://www.w3.org/ns/dcat#Dataset"],
            "http://purl.org/dc/terms/title": [{"@language": "en-gb", "@value": "x"}],
        }
    ]


@pytest.mark.parametrize("language", ["not a tag", "e", "en-toolongsubtag", '"@en'])
def test_text_when_language_is_no_tag_then_plain(language: str) -> None:
    [statement] = [each for each in read_everywhere(one_text("x", language).render()) if each[2] == "literal"]
    assert statement[3:] == ("x", "", "")


@settings(max_examples=150, deadline=None)
@given(text=st.text(), language=st.sampled_from(["", "en", "ko", "zh-Hant"]))
def test_text_when_anything_is_written_then_every_parser_reads_it_back(text: str, language: str) -> None:
    found = read_everywhere(one_text(text, language).render())
    literals = [each for each in found if each[2] == "literal"]
    expected = clean(text)
    assert [each[3] for each in literals] == ([expected] if expected else [])
    assert [each[4] for each in literals] == ([language.lower()] if expected else [])


@settings(max_examples=150, deadline=None)
@given(
    stem=st.sampled_from(["https://example.org/", PREFIXES["obo"], PREFIXES["dct"]]),
    tail=st.text(
        alphabet=st.one_of(st.sampled_from("/?#&;=%.~'()*,:@!$+-_[]ab01\u00e9\u4e2d"), st.characters()), max_size=20
    ),
)
def test_link_when_guard_lets_an_address_through_then_every_parser_reads_it_back(stem: str, tail: str) -> None:
    iri = web_iri(stem + tail)
    if iri is None:
        return
    graph = Graph()
    graph.node(SUBJECT).link("dct:relation", iri)
    graph.node(iri, "dcat:Distribution")
    assert {each[3] for each in read_everywhere(graph.render())} == {iri, "http://www.w3.org/ns/dcat#Distribution"}


@settings(max_examples=100, deadline=None)
@given(curie=st.from_regex(r"(CLO|EFO|EDAM|NCBITaxon|RO):[A-Za-z0-9_.-]{0,12}[A-Za-z0-9]", fullmatch=True))
def test_term_when_guard_lets_it_through_then_every_parser_reads_it_back(curie: str) -> None:
    iri = term_iri(curie)
    if iri is None:
        assert curie.startswith(("EDAM:-", "EDAM:."))
        return
    name = name_iri(curie)
    graph = Graph()
    node = graph.node(SUBJECT).link("dct:subject", iri)
    if name:
        node.a(name).link(name, iri)
    assert {each[3] for each in read_everywhere(graph.render())} == {iri}
