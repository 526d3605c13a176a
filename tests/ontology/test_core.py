"""The shipped core and the mappings: whole in themselves, and equal to what the real sources say."""

from __future__ import annotations

import csv
import functools
import gzip
import re
from collections import Counter
from importlib.resources import files

import pytest

from catalog.identifiers import curie_to_iri, is_curie
from catalog.model.files import MODALITIES
from catalog.ontology.closure import adjacency, cycles
from catalog.ontology.content import TYPE, Content
from catalog.ontology.guard import GuardedFile
from catalog.ontology.mappings import field_prefixes, field_rows, modality_terms, relation_iri
from catalog.ontology.owl import read_owl
from catalog.ontology.sources import read_sources
from tests.ontology.builders import shared


def rows(folder: str, name: str) -> list[dict[str, str]]:
    text = files("catalog.ontologies").joinpath(folder, name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


TERMS = {row["curie"]: row for row in rows("core", "terms.csv")}
PARENTS = {(row["child"], row["parent"]) for row in rows("core", "parents.csv")}
EDGES = {(row["subject"], row["property"], row["object"]) for row in rows("core", "edges.csv")}


@functools.cache
def content_of(name: str) -> Content:
    with GuardedFile(shared("ontologies", name)) as stream:
        return read_owl(stream)


def test_core_when_read_then_every_row_is_whole() -> None:
    assert len(TERMS) == len(rows("core", "terms.csv"))
    sources = read_sources()
    versions = {(row["ontology"], row["ontology_version"]) for row in TERMS.values()}
    assert len(versions) == len({name for name, _ in versions})
    for curie, row in TERMS.items():
        assert is_curie(curie)
        assert curie_to_iri(curie)
        assert row["label"].strip() == row["label"] != ""
        assert row["obsolete"] == "false"
        assert sources[row["ontology"]].version == row["ontology_version"]
        assert not row["definition"] or row["ontology"] == "duo"


def test_core_when_read_then_everything_it_speaks_of_is_in_it() -> None:
    assert {curie for pair in PARENTS for curie in pair} <= set(TERMS)
    assert {each["curie"] for name in ("synonyms", "xrefs") for each in rows("core", f"{name}.csv")} <= set(TERMS)
    subjects = {curie for edge in EDGES for curie in edge if curie != TYPE}
    assert subjects - set(TERMS) == {"NCIT:C12434", "NCIT:C12431"}
    assert {each["scope"] for each in rows("core", "synonyms.csv")} <= {"EXACT", "RELATED", "BROAD", "NARROW"}
    assert cycles(adjacency(PARENTS)) == []
    assert {root for each in read_sources().values() for root in each.roots} <= set(TERMS)


def test_core_when_compared_with_clo_then_equal() -> None:
    clo = content_of("clo.owl.gz")
    for curie, row in TERMS.items():
        if row["ontology"] == "clo":
            assert clo.terms[curie].label == row["label"]
            assert not clo.terms[curie].obsolete
    own = {curie for curie, row in TERMS.items() if row["ontology"] == "clo" and curie.startswith("CLO:")}
    assert {pair for pair in PARENTS if pair[0] in own} == {
        (child, parent) for child, parent in clo.parents if child in own and parent in TERMS
    }
    told = {(subject, relation, target) for subject, relation, target, chain in clo.edges if chain == relation}
    assert {edge for edge in EDGES if edge[0] in own} <= told
    synonyms = {
        (row["curie"], row["synonym"], row["scope"]) for row in rows("core", "synonyms.csv") if row["curie"] in own
    }
    assert synonyms == {each for each in clo.synonyms if each[0] in {curie for curie, _, _ in synonyms}}


def test_core_when_compared_with_hpscreg_clo_then_equal() -> None:
    hpscreg = content_of("hpscreg_clo.owl.gz")
    lines = {curie for curie, row in TERMS.items() if curie.startswith("CLO:1")}
    assert len(lines) == 10
    for curie in lines:
        assert hpscreg.terms[curie].label == TERMS[curie]["label"]
    assert {pair for pair in PARENTS if pair[0] in lines} == {pair for pair in hpscreg.parents if pair[0] in lines}
    assert {edge for edge in EDGES if edge[0] in lines} == {edge[:3] for edge in hpscreg.edges if edge[0] in lines}
    kscb = {draft.label for curie, draft in hpscreg.terms.items() if draft.label.startswith("KSCB")}
    assert kscb == {TERMS[curie]["label"] for curie in lines if curie.startswith("CLO:100")}


def test_core_when_compared_with_the_import_files_then_names_and_references_are_theirs() -> None:
    imports = content_of("hpscreg_clo_imports.owl.gz")
    assert imports.terms["RO:0000086"].label == TERMS["RO:0000086"]["label"]
    together = [content_of(f"hpscreg_{name}_imports.owl.gz") for name in ("clo", "UBERON", "CL")]
    stated = {pair for content in together for pair in content.parents}
    assert {pair for pair in PARENTS if pair[0].startswith("UBERON:")} <= stated
    plain = {(row["curie"], row["xref"]) for row in rows("core", "xrefs.csv")}
    read = {pair for content in together for pair in content.xrefs} | _obo_references("hpscreg_clo_imports.owl.gz")
    assert plain <= read


def _obo_references(name: str) -> set[tuple[str, str]]:
    """The import file writes its cross references with a property of its own (obo:hasDbXref)."""
    text = gzip.decompress(shared("ontologies", name).read_bytes()).decode()
    found = set()
    for match in re.finditer(r'<owl:Class rdf:about="[^"]*/obo/([A-Z]+)_([0-9]+)">(.*?)</owl:Class>', text, re.DOTALL):
        for reference in re.findall(r"hasDbXref[^>]*>([^<]+)<", match[3]):
            found.add((f"{match[1]}:{match[2]}", reference))
    return found


def test_core_when_compared_with_duo_then_equal() -> None:
    with shared("standards", "duo", "duo.csv").open(encoding="utf-8", newline="") as file:
        duo = {row["id"]: row for row in csv.DictReader(file)}
    assert {curie for curie, row in TERMS.items() if row["ontology"] == "duo"} == set(duo)
    kinds = {"This data use permission": "DUO:0000001", "This data use modifier": "DUO:0000017"}
    for curie, row in duo.items():
        assert (TERMS[curie]["label"], TERMS[curie]["definition"]) == (row["label"], row["description"])
        parents = {parent for child, parent in PARENTS if child == curie}
        assert parents == {root for words, root in kinds.items() if row["description"].startswith(words)}
    shorthands = {row["id"]: row["shorthand"] for row in duo.values() if row["shorthand"]}
    assert shorthands == {row["curie"]: row["synonym"] for row in rows("core", "synonyms.csv") if row["curie"] in duo}


def test_core_when_counted_then_what_the_example_bank_needs_is_there() -> None:
    counts = Counter(row["ontology"] for row in TERMS.values())
    assert counts["cellosaurus"] == 21
    labels = {
        "CVCL:9949": "SNUhES3",
        "CVCL:B5S0": "KSCBi016-A",
        "CVCL:C1TU": "KSCBi017-A",
        "CVCL:WR27": "CMC-hiPSC-005",
    }
    assert {curie: TERMS[curie]["label"] for curie in labels} == labels


def test_field_mappings_when_read_then_every_term_is_known_under_its_label() -> None:
    for row in field_rows().values():
        assert set(row.roots) <= set(TERMS)
        assert all(root.startswith(row.prefixes) for root in row.roots)
        assert bool(row.relation) == bool(row.relation_label)
        if row.relation and curie_to_iri(row.relation) == row.relation_iri:
            assert TERMS[row.relation]["label"] == row.relation_label
        if row.term:
            assert TERMS[row.term]["label"] == row.term_label
            assert row.term.startswith(row.prefixes)
    assert field_prefixes("origin.tissue") == {"UBERON"}


def test_modality_mappings_when_read_then_every_assay_is_known_under_its_label() -> None:
    assert set(modality_terms()) <= set(MODALITIES)
    for row in rows("mappings", "modalities.csv"):
        assert TERMS[row["term"]]["label"] == row["term_label"]


@pytest.mark.parametrize(
    ("curie", "iri"),
    [
        ("rdf:type", "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"),
        ("dcterms:type", "http://purl.org/dc/terms/type"),
        ("CLO:0037208", "http://purl.obolibrary.org/obo/CLO_0037208"),
    ],
)
def test_relations_when_written_out_then_addresses(curie: str, iri: str) -> None:
    assert relation_iri(curie) == iri
