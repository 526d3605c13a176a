"""The vocabulary: the core alone, and the core beside installed ontologies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.ontology.sources import Source
from catalog.ontology.update import update_ontology
from catalog.vocabulary import Term, Vocabulary, fold, open_vocabulary
from tests.ontology.builders import document, example_source, owl_class, some, sub, write


@pytest.fixture(scope="module")
def core() -> Iterator[Vocabulary]:
    with open_vocabulary(Path("/nowhere")) as vocabulary:
        yield vocabulary


def install(folder: Path, source: Source, *parts: str) -> None:
    path = write(folder / f"{source.name}-{len(list(folder.iterdir()))}.owl", document(*parts))
    update_ontology(source, path, folder / "store")


def known(vocabulary: Vocabulary, curie: str) -> Term:
    term = vocabulary.term(curie)
    assert term is not None
    return term


def test_term_when_in_the_core_then_it_says_where_it_is_from(core: Vocabulary) -> None:
    term = known(core, "CLO:1000474")
    assert (term.label, term.ontology, term.ontology_version) == ("KSCBi002-B", "hpscreg-clo", "2019")
    assert term.iri == "http://purl.obolibrary.org/obo/CLO_1000474"
    assert known(core, "EDAM:format_3016").iri == "http://edamontology.org/format_3016"
    assert known(core, "CVCL:9949").iri == "https://www.cellosaurus.org/CVCL_9949"
    assert known(core, "CL:2000001").has_name("pbmc")
    assert core.term("CLO:9999999") is None
    assert core.term("clo:1000474") is None
    assert not core.is_complete_for("CLO:1000474")


def test_versions_when_only_the_core_then_one_version_each(core: Vocabulary) -> None:
    assert core.versions()["efo"] == "3.90.0"
    assert list(core.versions()) == sorted(core.versions())


def test_ancestors_when_over_ontologies_then_nearest_first(core: Vocabulary) -> None:
    above = core.ancestors("CLO:1000474")
    assert above[:4] == ("CLO:0037308", "CLO:0037307", "CLO:0037224", "CLO:0000001")
    assert above[-1] == "CL:0000000"
    assert core.is_descendant("CLO:1000474", "CLO:0000001")
    assert core.is_descendant("CLO:1000474", "CLO:1000474")
    assert not core.is_descendant("CLO:0000001", "CLO:1000474")
    assert "CLO:1002311" in core.descendants("CLO:0037308")
    assert core.ancestors("CLO:9999999") == ()


def test_edges_when_asked_for_then_with_labels(core: Vocabulary) -> None:
    shown = {(edge.property_label, edge.object, edge.object_label) for edge in core.edges("CLO:1000474")}
    assert shown == {
        ("derived from organism", "CLO:1100052", "SAMEA104012353"),
        ("derived from anatomic part", "UBERON:0000014", "zone of skin"),
        ("derived from cell", "CL:0002551", "fibroblast of dermis"),
    }
    unlabelled = {edge.object: edge.object_label for edge in core.edges("CLO:1000476")}
    assert unlabelled == {"NCIT:C12434": "", "NCIT:C12431": ""}
    assert core.edges("CLO:9999999") == ()


def test_closure_when_asked_for_then_every_pair_with_itself(core: Vocabulary) -> None:
    terms, pairs = core.closure(["UBERON:0012168", "NO:0000001"])
    curies = [term.curie for term in terms]
    assert curies == sorted(curies)
    assert ("UBERON:0000178", "UBERON:0012168") in pairs
    assert ("UBERON:0012168", "UBERON:0012168") in pairs
    assert ("UBERON:0001062", "UBERON:0000178") in pairs
    assert {curie for pair in pairs for curie in pair} == set(curies)
    assert core.closure([]) == ((), ())


def test_names_when_looked_for_then_apart_from_case_and_spaces(core: Vocabulary) -> None:
    assert [term.curie for term in core.by_xref("NCIT:C12434")] == ["UBERON:0000178"]
    assert [term.curie for term in core.by_label("  Umbilical  CORD blood ")] == ["UBERON:0012168"]
    assert {term.curie for term in core.by_label("iPSC")} == {"EFO:0004905", "CLO:0037307"}
    assert {term.curie for term in core.by_label("KSCBi002-B")} == {"CLO:1000474", "CVCL:IT64"}
    assert core.by_label("no such thing") == ()
    assert fold("  A  b ") == "a b"


@pytest.mark.parametrize(
    ("text", "curie", "why", "score"),
    [
        ("urine", "UBERON:0001088", "label", 100),
        ("Urine", "UBERON:0001088", "label", 60),
        ("PBMC", "CL:2000001", "synonym", 90),
        ("pbmc", "CL:2000001", "synonym", 55),
        ("UBERON:0001088", "UBERON:0001088", "xref", 80),
        ("http://purl.obolibrary.org/obo/UBERON_0001088", "UBERON:0001088", "xref", 80),
        ("NCIT:C12434", "UBERON:0000178", "xref", 80),
        ("KSCBi005", "CLO:1000476", "words", 37),
        ("cord umbilical", "UBERON:0012168", "words", 26),
    ],
)
def test_lookup_when_a_text_is_given_then_the_best_comes_first(
    core: Vocabulary, text: str, curie: str, why: str, score: int
) -> None:
    best = core.lookup(text)[0]
    assert (best.curie, best.why, best.score) == (curie, why, score)


def test_lookup_when_limited_then_few_and_only_of_the_ontologies(core: Vocabulary) -> None:
    assert len(core.lookup("cell", limit=3)) == 3
    assert {match.ontology for match in core.lookup("cell", ontologies=["efo", "clo"])} == {"efo", "clo"}
    assert core.lookup("cell", ontologies=[]) == []
    assert core.lookup("  ") == []


@pytest.mark.parametrize("text", ["%", "_", "'; DROP TABLE term; --", "\\", "\x00", "*" * 5000, "a " * 500])
def test_lookup_when_the_text_is_hostile_then_it_is_only_text(core: Vocabulary, text: str) -> None:
    assert isinstance(core.lookup(text), list)
    assert core.by_label(text) == ()
    assert core.by_xref(text) == ()
    assert core.term(text) is None
    assert core.ancestors(text) == ()
    assert core.term("UBERON:0001088") is not None


def uberon(version: str) -> Source:
    return example_source(name="uberon", title="Uberon", prefixes=("UBERON",), ids=("UBERON:",), version=version)


def header(version: str) -> str:
    return f'<owl:Ontology rdf:about="http://example.org/x"><owl:versionInfo>{version}</owl:versionInfo></owl:Ontology>'


def test_term_when_its_ontology_is_installed_then_that_hides_the_core(tmp_path: Path) -> None:
    install(
        tmp_path,
        uberon("9"),
        header("2030-01-01"),
        owl_class("UBERON:0001088", "renal urine", sub("UBERON:9")),
        owl_class("UBERON:9", "nine"),
        owl_class("CL:0000057", "label of a stranger", sub("CL:9")),
    )
    with open_vocabulary(tmp_path / "store") as vocabulary:
        urine = known(vocabulary, "UBERON:0001088")
        assert (urine.label, urine.ontology_version) == ("renal urine", "2030-01-01")
        assert vocabulary.ancestors("UBERON:0001088") == ("UBERON:9",)
        assert known(vocabulary, "UBERON:0012168").ontology_version == "2026-04-01"
        assert known(vocabulary, "CL:0000057").label == "fibroblast"
        assert "CL:9" not in vocabulary.ancestors("CL:0000057")
        assert vocabulary.by_label("label of a stranger") == ()
        assert [match.curie for match in vocabulary.lookup("label of a stranger")] == []
        assert vocabulary.versions()["uberon"] == "2030-01-01"
        assert vocabulary.is_complete_for("UBERON:1")
        assert not vocabulary.is_complete_for("CL:1")


def test_term_when_only_a_stranger_mentions_it_then_that_is_said(tmp_path: Path) -> None:
    install(tmp_path, uberon("9"), owl_class("UBERON:1", "one"), owl_class("GO:0000001", "a process", sub("GO:2")))
    with open_vocabulary(tmp_path / "store") as vocabulary:
        assert known(vocabulary, "GO:0000001").ontology == "uberon"
        assert vocabulary.ancestors("GO:0000001") == ("GO:2",)


def test_walks_when_statements_lie_in_several_stores_then_they_are_joined(tmp_path: Path) -> None:
    install(tmp_path, example_source(), owl_class("EX:1", "line", sub("CLO:0037308")))
    install(
        tmp_path,
        example_source(name="zz", prefixes=("ZZ",), ids=("ZZ:",)),
        owl_class(
            "ZZ:1", "made from it", f"{sub('EX:1')}<rdfs:subClassOf>{some('CLO:0037210', 'EX:1')}</rdfs:subClassOf>"
        ),
    )
    with open_vocabulary(tmp_path / "store") as vocabulary:
        assert vocabulary.ancestors("ZZ:1")[:3] == ("EX:1", "CLO:0037308", "CLO:0037307")
        assert {"EX:1", "ZZ:1"} <= set(vocabulary.descendants("CLO:0037308"))
        (edge,) = vocabulary.edges("ZZ:1")
        assert (edge.property_label, edge.object_label) == ("derived from cell line", "line")


def test_resolve_when_obsolete_then_what_replaces_it(tmp_path: Path) -> None:
    gone = "<owl:deprecated>true</owl:deprecated>"

    def replaced(curie: str, by: str) -> str:
        return owl_class(curie, f"old {curie}", f"{gone}<obo:IAO_0100001>{by}</obo:IAO_0100001>")

    install(
        tmp_path,
        example_source(),
        replaced("EX:1", "EX:2"),
        replaced("EX:2", "EX:3"),
        owl_class("EX:3", "new"),
        replaced("EX:4", "EX:5"),
        replaced("EX:5", "EX:4"),
        replaced("EX:6", "EX:99"),
        owl_class("EX:7", "gone", f"{gone}<oio:consider>EX:3</oio:consider>"),
    )
    with open_vocabulary(tmp_path / "store") as vocabulary:
        resolved = {curie: vocabulary.resolve(curie) for curie in ("EX:1", "EX:3", "EX:4", "EX:6", "EX:7", "EX:98")}
        assert known(vocabulary, "EX:7").consider == ("EX:3",)
        assert vocabulary.by_label("gone") == ()
        (match,) = vocabulary.lookup("gone")
        assert (match.obsolete, match.score) == (True, 50)
    assert {curie: term.curie if term else None for curie, term in resolved.items()} == {
        "EX:1": "EX:3",
        "EX:3": "EX:3",
        "EX:4": "EX:5",
        "EX:6": "EX:6",
        "EX:7": "EX:7",
        "EX:98": None,
    }


def test_large_stores_when_left_in_their_files_then_the_answers_are_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(
        tmp_path,
        uberon("9"),
        owl_class("UBERON:0001088", "renal urine", sub("UBERON:9")),
        owl_class("UBERON:9", "nine"),
        owl_class("CL:0000057", "label of a stranger", sub("CL:9")),
    )

    def answers() -> list[object]:
        with open_vocabulary(tmp_path / "store") as vocabulary:
            return [
                vocabulary.term("UBERON:0001088"),
                vocabulary.term("CL:0000057"),
                vocabulary.ancestors("UBERON:0001088"),
                vocabulary.ancestors("CL:0000057"),
                vocabulary.lookup("urine"),
                vocabulary.by_label("renal urine"),
                vocabulary.closure(["UBERON:0001088", "CLO:1000474"]),
            ]

    small = answers()
    monkeypatch.setattr("catalog.vocabulary._SMALL_ROWS", 0)
    assert answers() == small
