"""OWL: every construct that the tables hold, in both syntaxes."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import IntegrityError
from catalog.ontology.content import Content, as_reference, version_in
from catalog.ontology.guard import GuardedFile
from catalog.ontology.owl import read_owl
from tests.ontology.builders import both, document, iri, owl_class, read, some, sub, write

HEADER = """<owl:Ontology rdf:about="http://purl.obolibrary.org/obo/ex.owl">
<owl:versionIRI rdf:resource="http://purl.obolibrary.org/obo/ex/releases/2024-05-01/ex.owl"/>
<owl:versionInfo>spring release</owl:versionInfo>
<dcterms:license rdf:resource="https://creativecommons.org/publicdomain/zero/1.0/"/>
<owl:imports rdf:resource="http://127.0.0.1:9/other.owl"/></owl:Ontology>
"""


def content_of(tmp_path: Path, *parts: str) -> Content:
    return read(write(tmp_path / "x.owl", document(*parts)))


def edges(content: Content, subject: str) -> set[tuple[str, str, str]]:
    return {(relation, target, chain) for each, relation, target, chain in content.edges if each == subject}


def test_header_when_read_then_version_licence_and_imports_are_known(tmp_path: Path) -> None:
    content = content_of(tmp_path, HEADER, owl_class("EX:1", "x"))
    assert content.iri == "http://purl.obolibrary.org/obo/ex.owl"
    assert content.version == "2024-05-01"
    assert content.version_text == "spring release"
    assert content.licence == "https://creativecommons.org/publicdomain/zero/1.0/"
    assert content.imports == ["http://127.0.0.1:9/other.owl"]


def test_header_when_absent_then_nothing_is_made_up(tmp_path: Path) -> None:
    content = content_of(tmp_path, owl_class("EX:1", "x"))
    assert (content.version, content.licence, content.iri, content.imports) == ("", "", "", [])


@pytest.mark.parametrize(
    ("address", "version"),
    [
        ("http://purl.obolibrary.org/obo/clo/releases/2023-06-01/clo.owl", "2023-06-01"),
        ("http://www.ebi.ac.uk/efo/releases/v3.90.0/efo.owl", "3.90.0"),
        ("http://edamontology.org/1.25", "1.25"),
        ("cl/releases/2024-01-01/cl.owl", "2024-01-01"),
        ("http://example.org/ex.owl", ""),
        ("", ""),
    ],
)
def test_version_when_read_from_an_address_then_the_part_that_is_one(address: str, version: str) -> None:
    assert version_in(address) == version


def test_names_when_read_then_english_is_the_label_and_others_are_synonyms(tmp_path: Path) -> None:
    names = (
        '<rdfs:label xml:lang="zh">尿</rdfs:label><rdfs:label>Urine</rdfs:label>'
        "<oio:hasExactSynonym>pee</oio:hasExactSynonym><oio:hasRelatedSynonym>wee</oio:hasRelatedSynonym>"
        "<oio:hasBroadSynonym>fluid</oio:hasBroadSynonym><oio:hasNarrowSynonym>morning urine</oio:hasNarrowSynonym>"
        "<obo:IAO_0000118>water</obo:IAO_0000118><obo:IAO_0000115>Excreted fluid.</obo:IAO_0000115>"
    )
    content = content_of(tmp_path, owl_class("EX:1", "urine", names))
    assert content.terms["EX:1"].label == "urine"
    assert content.terms["EX:1"].definition == "Excreted fluid."
    assert content.synonyms == {
        ("EX:1", "尿", "EXACT"),
        ("EX:1", "Urine", "EXACT"),
        ("EX:1", "pee", "EXACT"),
        ("EX:1", "wee", "RELATED"),
        ("EX:1", "fluid", "BROAD"),
        ("EX:1", "morning urine", "NARROW"),
        ("EX:1", "water", "RELATED"),
    }


def test_obsolete_when_read_then_replacement_and_suggestions(tmp_path: Path) -> None:
    deprecated = '<owl:deprecated rdf:datatype="http://www.w3.org/2001/XMLSchema#boolean">true</owl:deprecated>'
    content = content_of(
        tmp_path,
        owl_class("EX:1", "a", f'{deprecated}<obo:IAO_0100001 rdf:resource="{iri("EX:2")}"/>'),
        owl_class("EX:3", "b", f"{deprecated}<oio:consider>EX:2</oio:consider><obo:IAO_0100001></obo:IAO_0100001>"),
        owl_class("EX:4", "c", f"{deprecated}<rdfs:comment>duplicate. See EX_0000002 or EX:0000005.</rdfs:comment>"),
        owl_class("EX:5", "d", f"{deprecated}<obo:IAO_0100001>EX:2</obo:IAO_0100001>"),
        owl_class(
            "EX:2", "e", "<oio:hasAlternativeId>EX:9</oio:hasAlternativeId><rdfs:comment>See EX_0000001</rdfs:comment>"
        ),
    )
    assert (content.terms["EX:1"].obsolete, content.terms["EX:1"].replaced_by) == (True, "EX:2")
    assert content.terms["EX:3"].suggestions("EX:3") == ("EX:2",)
    assert content.terms["EX:4"].suggestions("EX:4") == ("EX:0000002", "EX:0000005")
    assert content.terms["EX:5"].replaced_by == "EX:2"
    assert content.terms["EX:2"].suggestions("EX:2") == ()
    secondary = content.terms["EX:9"]
    assert (secondary.obsolete, secondary.replaced_by, secondary.label) == (True, "EX:2", "e")


def test_restrictions_when_plain_then_edges(tmp_path: Path) -> None:
    value = f'<owl:Restriction><owl:onProperty rdf:resource="{iri("CLO:0037207")}"/><owl:hasValue rdf:resource="{iri("EX:7")}"/></owl:Restriction>'
    content = content_of(
        tmp_path,
        owl_class("EX:1", "a", f"{sub('EX:2')}<rdfs:subClassOf>{some('RO:0001000', 'CL:0000057')}</rdfs:subClassOf>"),
        owl_class("EX:3", "b", f"<rdfs:subClassOf>{value}</rdfs:subClassOf>"),
    )
    assert content.parents == {("EX:1", "EX:2")}
    assert edges(content, "EX:1") == {("RO:0001000", "CL:0000057", "RO:0001000")}
    assert edges(content, "EX:3") == {("CLO:0037207", "EX:7", "CLO:0037207")}


def test_equivalent_class_when_read_then_genus_and_differentia(tmp_path: Path) -> None:
    inner = both("CL:0000000", some("BFO:0000050", both("UBERON:0000178", some("BFO:0000050", "NCBITaxon:9606"))))
    expression = both("EX:2", both("EX:4", some("RO:0002215", "GO:0000001")), some("RO:0001000", inner))
    content = content_of(
        tmp_path,
        owl_class("EX:1", "a", f"<owl:equivalentClass>{expression}</owl:equivalentClass>"),
        owl_class("EX:5", "b", f"<owl:equivalentClass>{some('RO:0001000', 'CL:0000057')}</owl:equivalentClass>"),
        owl_class("EX:6", "c", f'<owl:equivalentClass rdf:resource="{iri("EX:8")}"/>'),
    )
    assert {pair for pair in content.parents if pair[0] == "EX:1"} == {("EX:1", "EX:2"), ("EX:1", "EX:4")}
    assert edges(content, "EX:1") == {
        ("RO:0002215", "GO:0000001", "RO:0002215"),
        ("RO:0001000", "CL:0000000", "RO:0001000"),
        ("BFO:0000050", "UBERON:0000178", "RO:0001000 BFO:0000050"),
        ("BFO:0000050", "NCBITaxon:9606", "RO:0001000 BFO:0000050 BFO:0000050"),
    }
    assert edges(content, "EX:5") == {("RO:0001000", "CL:0000057", "RO:0001000")}
    assert {("EX:6", "EX:8"), ("EX:8", "EX:6")} <= content.parents


def test_expressions_when_tables_cannot_hold_them_then_they_are_counted(tmp_path: Path) -> None:
    union = f'<owl:Class><owl:unionOf rdf:parseType="Collection">{some("RO:1", "EX:2")}{some("RO:2", "EX:3")}</owl:unionOf></owl:Class>'
    every = f'<owl:Restriction><owl:onProperty rdf:resource="{iri("RO:1")}"/><owl:allValuesFrom rdf:resource="{iri("EX:2")}"/></owl:Restriction>'
    content = content_of(
        tmp_path,
        owl_class("EX:1", "a", f"<rdfs:subClassOf>{union}</rdfs:subClassOf><rdfs:subClassOf>{every}</rdfs:subClassOf>"),
    )
    assert content.skipped == 2
    assert not content.edges
    assert not content.parents


def test_expressions_when_they_contain_themselves_then_reading_ends(tmp_path: Path) -> None:
    loop = (
        f'<owl:Class rdf:about="{iri("EX:1")}"><rdfs:label>a</rdfs:label><rdfs:subClassOf rdf:nodeID="r"/></owl:Class>'
        f'<owl:Restriction rdf:nodeID="r"><owl:onProperty rdf:resource="{iri("RO:0001000")}"/><owl:someValuesFrom rdf:nodeID="r"/></owl:Restriction>'
        f'<owl:Class rdf:about="{iri("EX:2")}"><rdfs:label>b</rdfs:label><rdfs:subClassOf rdf:nodeID="i"/></owl:Class>'
        '<owl:Class rdf:nodeID="i"><owl:intersectionOf rdf:nodeID="l"/></owl:Class>'
        '<rdf:List rdf:nodeID="l"><rdf:first rdf:nodeID="i"/><rdf:rest rdf:nodeID="l"/></rdf:List>'
    )
    content = content_of(tmp_path, loop)
    assert set(content.terms) >= {"EX:1", "EX:2"}
    assert not content.edges


def test_individuals_when_read_then_their_class_and_restrictions(tmp_path: Path) -> None:
    donor = (
        f'<owl:NamedIndividual rdf:about="{iri("CLO:1100052")}"><rdf:type rdf:resource="{iri("CLO:0037340")}"/>'
        f"<rdf:type>{some('RO:0000086', 'PATO:0000384')}</rdf:type><rdfs:label>SAMEA104012353</rdfs:label></owl:NamedIndividual>"
    )
    content = content_of(tmp_path, donor)
    assert content.terms["CLO:1100052"].kind == "individual"
    assert edges(content, "CLO:1100052") == {
        ("rdf:type", "CLO:0037340", "rdf:type"),
        ("RO:0000086", "PATO:0000384", "RO:0000086"),
    }
    assert not content.parents


def test_subjects_when_they_have_no_curie_then_they_are_left_out(tmp_path: Path) -> None:
    odd = '<owl:Class rdf:about="http://www.semanticweb.org/x#Thing"><rdfs:label>odd</rdfs:label></owl:Class>'
    content = content_of(
        tmp_path, odd, owl_class("EX:1", "x", '<rdfs:subClassOf rdf:resource="http://www.w3.org/2002/07/owl#Thing"/>')
    )
    assert list(content.terms) == ["EX:1"]
    assert content.nameless == 1
    assert not content.parents


def test_turtle_when_read_then_the_same(tmp_path: Path) -> None:
    text = """@prefix obo: <http://purl.obolibrary.org/obo/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
    @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
    obo:CLO_1000474 a owl:Class ; rdfs:label "KSCBi002-B" ; rdfs:subClassOf obo:CLO_0037308 ,
      [ a owl:Restriction ; owl:onProperty obo:CLO_0037207 ; owl:hasValue obo:CLO_1100052 ] ."""
    with GuardedFile(write(tmp_path / "x.ttl.gz", text)) as stream:
        content = read_owl(stream, "ttl")
    assert content.terms["CLO:1000474"].label == "KSCBi002-B"
    assert content.parents == {("CLO:1000474", "CLO:0037308")}
    assert edges(content, "CLO:1000474") == {("CLO:0037207", "CLO:1100052", "CLO:0037207")}


def test_turtle_when_broken_then_unreadable(tmp_path: Path) -> None:
    with GuardedFile(write(tmp_path / "x.ttl", "@prefix a: <b")) as stream, pytest.raises(IntegrityError) as caught:
        read_owl(stream, "ttl")
    assert caught.value.code == "ontology-unreadable"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("Cellosaurus: CVCL_LE56", "CVCL:LE56"),
        ("CVCL: CVCL_0030", "CVCL:0030"),
        ("RRID:CVCL_0030", "CVCL:0030"),
        ("RRID: CVCL_0030", "CVCL:0030"),
        ("CVCL_AS86", "CVCL:AS86"),
        ("EFO: EFO_0001185", "EFO:0001185"),
        ("OMIM: 108733", "OMIM:108733"),
        ("CHEMBL: CHEMBL3307555", "CHEMBL:CHEMBL3307555"),
        ("ATCC: CRL-1427", "ATCC:CRL-1427"),
        ("DSMZ: ACC 264", "DSMZ: ACC 264"),
        ("http://purl.obolibrary.org/obo/UBERON_0001088", "UBERON:0001088"),
        ("https://example.org/x", "https://example.org/x"),
        ("  free   text ", "free text"),
    ],
)
def test_reference_when_it_can_be_a_curie_then_it_is_one(text: str, reference: str) -> None:
    assert as_reference(text) == reference
