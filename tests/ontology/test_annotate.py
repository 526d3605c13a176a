"""Annotations: what is asserted, matched and inferred, and every finding about terms."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from catalog.findings import Finding, Severity
from catalog.model import Record
from catalog.model.record import (
    Alias,
    Assertion,
    Consent,
    Disease,
    Donor,
    OntologyClass,
    Origin,
    Parent,
    Xref,
)
from catalog.ontology.annotate import ANNOTATION_RULES, annotate_modality, annotate_record, format_annotation
from catalog.ontology.annotation import Annotation
from catalog.ontology.mappings import modality_terms
from catalog.ontology.update import update_ontology
from catalog.vocabulary import Vocabulary, open_vocabulary
from tests.ontology.builders import document, example_source, make_record, owl_class, some, sub, write

PARENT_ONLY = OntologyClass(class_="CLO:0037308", status="parent-only")


@pytest.fixture(scope="module")
def core() -> Iterator[Vocabulary]:
    with open_vocabulary(Path("/nowhere")) as vocabulary:
        yield vocabulary


def codes(findings: list[Finding]) -> list[tuple[str, object]]:
    return [(finding.code, finding.column) for finding in findings]


def shown(annotations: list[Annotation], field: str) -> list[tuple[str, str, bool]]:
    return [(each.term, each.evidence, each.provisional) for each in annotations if each.field == field]


def line(**changes: object) -> Record:
    """A line without a class of its own, so that nothing is inferred."""
    return make_record(**{"line_id": "EXMPi001-A", "clo": PARENT_ONLY, **changes})


def test_record_when_everything_is_stated_then_each_field_has_its_term(core: Vocabulary) -> None:
    record = make_record(
        donor=Donor(donor_id="SAMEA104012353", sex="male", ancestry="HANCESTRO:0022"),
        origin=Origin(tissue="UBERON:0000014", cell="CL:0002551", label="skin"),
        diseases=(Disease(term="MONDO:0005180", label="Parkinson's disease", status="affected"),),
        consent=Consent(duo=("DUO:0000042", "DUO:0000046"), diseases=("MONDO:0005180",)),
        xrefs=(Xref(db="Cellosaurus", id="CVCL_IT64"), Xref(db="GEO", id="GSE163134")),
    )
    annotations, findings = annotate_record(record, core)
    terms = {(each.field, each.property_label): each.term for each in annotations}
    assert terms == {
        ("clo.class", "type"): "CLO:1000474",
        ("xrefs[].id", "seeAlso"): "CVCL:IT64",
        ("line_type", "Type"): "EFO:0004905",
        ("donor.sex", "has_quality"): "PATO:0000384",
        ("species", "derived from organism"): "NCBITaxon:9606",
        ("donor.ancestry", "Relation"): "HANCESTRO:0022",
        ("origin.tissue", "derived from anatomic part"): "UBERON:0000014",
        ("origin.cell", "derived from cell"): "CL:0002551",
        ("diseases[].term", "derives from patient having disease"): "MONDO:0005180",
        ("consent.duo", "Rights"): "DUO:0000046",
        ("donor.donor_id", "derived from organism"): "CLO:1100052",
    }
    assert findings == []
    assert {each.evidence for each in annotations if each.field != "donor.donor_id"} == {"asserted"}
    assert shown(annotations, "donor.donor_id") == [("CLO:1100052", "matched", False)]
    members = annotations[0].to_json()
    assert members["property"] == "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    assert (members["ontology"], members["ontology_version"]) == ("hpscreg-clo", "2019")
    assert members["field"] == "clo.class"
    assert "provisional" not in members


def test_record_when_annotated_twice_then_the_same(core: Vocabulary) -> None:
    record = make_record(origin=Origin(label="umbilical cord blood"))
    assert annotate_record(record, core) == annotate_record(record, core)


def test_record_when_nothing_is_known_then_nothing_is_annotated_or_complained_of(core: Vocabulary) -> None:
    record = line(
        clo=OntologyClass(class_="unknown", status="unknown"),
        line_type="unknown",
        species="unknown",
        donor=Donor(donor_id="unknown", sex="unknown", ancestry="unknown"),
        origin=Origin(tissue="unknown", cell="unknown", label="unknown"),
        diseases=(Disease(term="unknown", status="affected"),),
        consent=Consent(duo="unknown", diseases=("unknown",)),
        parent=Parent(line="unknown"),
    )
    assert annotate_record(record, core) == ([], [])


@pytest.mark.parametrize(
    ("word", "term"), [("ESC", "CL:0002322"), ("MSC", "CL:0000134"), ("HSPC", None), ("primary", None)]
)
def test_line_type_when_it_has_a_verified_term_then_it_is_asserted(
    core: Vocabulary, word: str, term: str | None
) -> None:
    annotations, _ = annotate_record(line(line_type=word), core)
    assert [each.term for each in annotations if each.field == "line_type"] == ([term] if term else [])


@pytest.mark.parametrize(
    ("status", "relations"),
    [
        ("affected", ["derives from patient having disease"]),
        ("carrier", ["Subject"]),
        ("unknown", ["Subject"]),
        ("unaffected", []),
    ],
)
def test_disease_when_the_donor_does_not_have_it_then_it_is_no_disease_of_the_line(
    core: Vocabulary, status: str, relations: list[str]
) -> None:
    record = line(diseases=(Disease(term="MONDO:0005180", status=status),))
    annotations, findings = annotate_record(record, core)
    assert [each.property_label for each in annotations if each.field == "diseases[].term"] == relations
    assert findings == []


def test_term_when_not_installed_then_warning_and_no_annotation(core: Vocabulary) -> None:
    annotations, findings = annotate_record(line(origin=Origin(tissue="UBERON:0009999")), core)
    assert codes(findings) == [("term-not-installed", "origin.tissue")]
    assert findings[0].severity is Severity.WARNING
    assert shown(annotations, "origin.tissue") == []


@pytest.mark.parametrize(
    ("origin", "field"),
    [
        (Origin(tissue="CL:0000057"), "origin.tissue"),
        (Origin(cell="UBERON:0001088"), "origin.cell"),
        (Origin(cell="XX:1"), "origin.cell"),
    ],
)
def test_term_when_of_another_ontology_then_wrong_branch(core: Vocabulary, origin: Origin, field: str) -> None:
    annotations, findings = annotate_record(line(origin=origin), core)
    assert codes(findings) == [("term-wrong-branch", field)]
    assert findings[0].severity is Severity.ERROR
    assert shown(annotations, field) == []


def test_term_when_below_another_root_then_wrong_branch(core: Vocabulary) -> None:
    _, findings = annotate_record(line(clo=OntologyClass(class_="CLO:0037340", status="parent-only")), core)
    assert codes(findings) == [("term-wrong-branch", "clo.class")]


def test_label_when_it_is_another_disease_then_mismatch(core: Vocabulary) -> None:
    record = line(diseases=(Disease(term="MONDO:0005180", label="Alzheimer disease", status="affected"),))
    _, findings = annotate_record(record, core)
    assert codes(findings) == [("term-label-mismatch", "diseases[1].term")]
    assert (findings[0].expected, findings[0].got) == ("Parkinson disease", "Alzheimer disease")
    for fine in ("Parkinson disease", "PARKINSON DISEASE", "PD"):
        _, findings = annotate_record(
            line(diseases=(Disease(term="MONDO:0005180", label=fine, status="affected"),)), core
        )
        assert findings == []


def test_cellosaurus_when_the_entry_has_another_name_then_mismatch(core: Vocabulary) -> None:
    """KSCBi0016-A is not KSCBi016-A: its alias is a third entry."""
    names = {"line_id": "KSCBi0016-A", "aliases": (Alias(name="CMC-hiPSC-005", kind="in-house"),)}
    _, findings = annotate_record(line(**names, xrefs=(Xref(db="Cellosaurus", id="CVCL_B5S0"),)), core)
    assert codes(findings) == [("term-label-mismatch", "xrefs[1].id")]
    _, findings = annotate_record(line(**names, xrefs=(Xref(db="Cellosaurus", id="CVCL_WR27"),)), core)
    assert findings == []


@pytest.mark.parametrize(
    ("origin", "tissue", "cell", "expected"),
    [
        (Origin(label="Umbilical cord blood"), "UBERON:0012168", None, []),
        (Origin(label="fibroblast"), None, "CL:0000057", []),
        (Origin(label="fat cell"), None, "CL:0000136", []),
        (Origin(label="CD34+ cord blood"), None, None, [("term-no-match", "origin.label")]),
        (Origin(tissue="UBERON:0012168", label="CD34+ cord blood"), None, None, []),
        (Origin(tissue="UBERON:0012168", label="blood"), None, None, []),
        (Origin(tissue="UBERON:0012168", label="urine"), None, None, [("term-label-mismatch", "origin.label")]),
        (Origin(cell="CL:0000136", label="fibroblast"), None, None, [("term-label-mismatch", "origin.label")]),
        (Origin(cell="CL:0000057", label="urine"), "UBERON:0001088", None, []),
    ],
)
def test_origin_label_when_compared_then_matched_or_questioned(
    core: Vocabulary, origin: Origin, tissue: str | None, cell: str | None, expected: list[tuple[str, str]]
) -> None:
    annotations, findings = annotate_record(line(origin=origin), core)
    matched = {each.field: each.term for each in annotations if each.evidence == "matched"}
    assert (matched.get("origin.tissue"), matched.get("origin.cell")) == (tissue, cell)
    assert codes(findings) == expected
    assert {each.source for each in annotations if each.evidence == "matched"} <= {"origin.label"}


def test_class_when_exact_and_the_name_is_another_then_nothing_is_inferred_from_it(core: Vocabulary) -> None:
    record = make_record(clo=OntologyClass(class_="CLO:1000472", status="exact"))
    annotations, findings = annotate_record(record, core)
    assert codes(findings) == [("term-clo-not-this-line", "clo.class")]
    assert {each.evidence for each in annotations} == {"asserted"}
    named = make_record(
        line_id="hUSiPS2",
        clo=OntologyClass(class_="CLO:1000472", status="exact"),
        aliases=(Alias(name="kscbi001-a", kind="former"),),
    )
    assert ("term-clo-not-this-line", "clo.class") not in codes(annotate_record(named, core)[1])


@pytest.mark.parametrize("status", ["parent-only", "provisional-requested", "unknown"])
def test_class_when_only_the_parent_then_provisional_and_no_id_is_made_up(core: Vocabulary, status: str) -> None:
    record = line(line_id="KSCBi010-A", clo=OntologyClass(class_="CLO:0037308", status=status))
    annotations, findings = annotate_record(record, core)
    assert shown(annotations, "clo.class") == [("CLO:0037308", "asserted", True)]
    assert annotations[0].to_json()["provisional"] is True
    assert findings == []
    assert all(core.term(each.term) is not None for each in annotations)


def test_class_when_there_is_one_of_the_lines_name_then_it_is_suggested(core: Vocabulary) -> None:
    record = line(line_id="hFmiPS1", aliases=(Alias(name="KSCBi002-B", kind="former"),))
    annotations, findings = annotate_record(record, core)
    assert codes(findings) == [("term-clo-exists", "clo.class")]
    assert findings[0].expected == "CLO:1000474"
    assert shown(annotations, "clo.class") == [("CLO:0037308", "asserted", True)]


def test_parent_when_clo_knows_it_then_matched(core: Vocabulary) -> None:
    annotations, findings = annotate_record(line(parent=Parent(line="KSCBi005-A")), core)
    assert shown(annotations, "parent.line") == [("CLO:1000476", "matched", False)]
    assert findings == []
    annotations, findings = annotate_record(line(parent=Parent(line="EXMPi001-B")), core)
    assert (shown(annotations, "parent.line"), findings) == ([], [])


def test_axioms_when_the_record_is_silent_then_inferred_and_told(core: Vocabulary) -> None:
    annotations, findings = annotate_record(make_record(donor=Donor(donor_id="unknown")), core)
    inferred = {each.field: (each.term, each.source) for each in annotations if each.evidence == "inferred"}
    assert inferred == {
        "donor.donor_id": ("CLO:1100052", "CLO:1000474 CLO:0037207"),
        "donor.sex": ("PATO:0000384", "CLO:1100052 RO:0000086"),
        "origin.tissue": ("UBERON:0000014", "CLO:1000474 CLO:0037208"),
        "origin.cell": ("CL:0002551", "CLO:1000474 CLO:0037209"),
    }
    assert sorted(codes(findings)) == [
        ("term-inferred-unstated", "donor.sex"),
        ("term-inferred-unstated", "origin.cell"),
        ("term-inferred-unstated", "origin.tissue"),
    ]


def test_axioms_when_the_record_says_more_exactly_then_no_conflict(core: Vocabulary) -> None:
    record = make_record(
        origin=Origin(tissue="UBERON:0000014", cell="CL:0000057"), donor=Donor(donor_id="x", sex="male")
    )
    annotations, findings = annotate_record(record, core)
    assert findings == []
    assert shown(annotations, "origin.cell") == [("CL:0000057", "asserted", False), ("CL:0002551", "inferred", False)]
    assert shown(annotations, "origin.tissue") == [("UBERON:0000014", "asserted", False)]


def test_axioms_when_they_contradict_then_the_record_stands_and_both_are_named(core: Vocabulary) -> None:
    record = make_record(
        origin=Origin(tissue="UBERON:0012168", cell="CL:0000136"), donor=Donor(donor_id="SAMEA1", sex="female")
    )
    annotations, findings = annotate_record(record, core)
    assert sorted(codes(findings)) == [
        ("term-conflict", "donor.donor_id"),
        ("term-conflict", "donor.sex"),
        ("term-conflict", "origin.cell"),
        ("term-conflict", "origin.tissue"),
    ]
    assert not [each for each in annotations if each.evidence == "inferred"]
    text = next(finding.message for finding in findings if finding.column == "origin.tissue")
    assert "umbilical cord blood" in text
    assert "zone of skin" in text


def test_kscbi001_when_paper_and_hpscreg_disagree_then_it_is_shown(core: Vocabulary) -> None:
    """The paper's fibroblast is a cell, hPSCreg-CLO's urine a tissue: no axiom contradicts, but a person must look."""
    whole = {"line_id": "KSCBi001-A", "clo": OntologyClass(class_="CLO:1000472", status="exact")}
    origin = Origin(cell="CL:0000057", label="fibroblast")
    annotations, findings = annotate_record(
        make_record(**whole, origin=origin, donor=Donor(donor_id="x", sex="male")), core
    )
    assert shown(annotations, "origin.tissue") == [("UBERON:0001088", "inferred", False)]
    assert codes(findings) == [("term-inferred-unstated", "origin.tissue")]
    assert "urine" in findings[0].message
    noted = Assertion(field="origin.tissue", value="UBERON:0001088", source="hPSCreg-CLO 2019", status="conflicts")
    record = make_record(**whole, origin=origin, donor=Donor(donor_id="x", sex="male"), assertions=(noted,))
    annotations, findings = annotate_record(record, core)
    assert shown(annotations, "origin.tissue") == []
    assert codes(findings) == [("record-conflict", "assertions[1]")]
    assert findings[0].message == "hPSCreg-CLO 2019 says UBERON:0001088 urine for origin.tissue, against this record"


def test_kscbi005_when_the_axiom_is_of_another_ontology_then_references_are_followed(core: Vocabulary) -> None:
    record = make_record(
        line_id="KSCBi005-A",
        clo=OntologyClass(class_="CLO:1000476", status="exact"),
        origin=Origin(tissue="UBERON:0012168", label="umbilical cord blood"),
    )
    annotations, findings = annotate_record(record, core)
    assert codes(findings) == [("term-not-comparable", "origin.cell")]
    assert "UBERON:0002371 bone marrow" in findings[0].message
    assert not [each for each in annotations if each.evidence == "inferred"]


@pytest.mark.parametrize(
    ("parent", "expected"),
    [
        (Parent(line="KSCBi002-B"), []),
        (Parent(line="KSCBi002-A"), [("term-conflict", "parent.line")]),
        (None, [("term-inferred-unstated", "parent.line")]),
    ],
)
def test_subclone_when_its_parent_is_compared_then_the_class_is_believed_only_where_it_agrees(
    core: Vocabulary, parent: Parent | None, expected: list[tuple[str, str]]
) -> None:
    record = make_record(
        line_id="KSCBi002-B-1",
        clo=OntologyClass(class_="CLO:1002310", status="exact"),
        parent=parent,
        donor=Donor(donor_id="x", sex="male"),
    )
    assert codes(annotate_record(record, core)[1]) == expected


GONE = "<owl:deprecated>true</owl:deprecated>"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vocabulary]:
    """The core beside small CLO, CL and Uberon files."""
    folder = tmp_path_factory.mktemp("installed")

    def install(name: str, prefix: str, *parts: str) -> None:
        known = example_source(name=name, prefixes=(prefix,), ids=(f"{prefix}:",))
        update_ontology(known, write(folder / f"{name}.owl", document(*parts)), folder / "store")

    install(
        "cl",
        "CL",
        owl_class("CL:0000000", "cell"),
        owl_class("CL:1", "twin", sub("CL:0000000")),
        owl_class("CL:2", "twin", sub("CL:0000000")),
        owl_class("CL:3", "old", f"{GONE}<obo:IAO_0100001>CL:1</obo:IAO_0100001>"),
        owl_class("CL:4", "older", f"{GONE}<oio:consider>CL:1</oio:consider><oio:consider>CL:2</oio:consider>"),
        owl_class("CL:5", "oldest", GONE),
        owl_class("CL:6", "no cell"),
        owl_class("CL:7", "stranger", sub("CL:6")),
    )
    derives = some("RO:0001000", "CL:1")
    chain = some("RO:0001000", some("BFO:0000050", some("CLO:0000167", "MONDO:0005180")))
    whole = some("RO:0001000", some("BFO:0000050", "UBERON:2"))
    install(
        "clo",
        "CLO",
        owl_class("CLO:0000001", "cell line cell"),
        owl_class(
            "CLO:5",
            "EXMPi005-A",
            sub("CLO:0000001")
            + "".join(f"<rdfs:subClassOf>{each}</rdfs:subClassOf>" for each in (derives, chain, whole)),
        ),
        owl_class("CLO:6", "EXMPi006-A", sub("CLO:0000001") + "<rdfs:seeAlso>Cellosaurus: CVCL_9949</rdfs:seeAlso>"),
    )
    part = f"<rdfs:subClassOf>{some('BFO:0000050', 'UBERON:2')}</rdfs:subClassOf>"
    install(
        "uberon",
        "UBERON",
        owl_class("UBERON:0001062", "anatomical entity"),
        owl_class("UBERON:1", "part", sub("UBERON:0001062") + part),
        owl_class("UBERON:2", "whole", sub("UBERON:0001062")),
        owl_class("UBERON:3", "elsewhere", sub("UBERON:0001062")),
    )
    with open_vocabulary(folder / "store") as vocabulary:
        yield vocabulary


def test_term_when_its_ontology_is_installed_and_lacks_it_then_error(installed: Vocabulary) -> None:
    _, findings = annotate_record(line(origin=Origin(cell="CL:9999")), installed)
    assert codes(findings) == [("term-unknown", "origin.cell")]
    assert findings[0].severity is Severity.ERROR


@pytest.mark.parametrize(
    ("curie", "term", "source", "hint"),
    [
        ("CL:3", "CL:1", "origin.cell CL:3", "write CL:1 (twin) instead"),
        ("CL:4", "CL:4", "origin.cell", "look whether one of these is meant: CL:1, CL:2"),
        ("CL:5", "CL:5", "origin.cell", "look for another term with 'fairline ontology lookup'"),
    ],
)
def test_term_when_obsolete_then_the_replacement_is_taken_and_told(
    installed: Vocabulary, curie: str, term: str, source: str, hint: str
) -> None:
    annotations, findings = annotate_record(line(origin=Origin(cell=curie)), installed)
    (cell,) = (each for each in annotations if each.field == "origin.cell")
    assert (cell.term, cell.source, cell.evidence) == (term, source, "asserted")
    assert codes(findings) == [("term-obsolete", "origin.cell")]
    assert findings[0].hint == hint


def test_term_when_installed_and_below_another_root_then_wrong_branch(installed: Vocabulary) -> None:
    assert codes(annotate_record(line(origin=Origin(cell="CL:7")), installed)[1]) == [
        ("term-wrong-branch", "origin.cell")
    ]


def test_label_when_several_terms_have_it_then_ambiguous(installed: Vocabulary) -> None:
    annotations, findings = annotate_record(line(origin=Origin(label="twin")), installed)
    assert shown(annotations, "origin.cell") == []
    assert codes(findings) == [("term-ambiguous", "origin.label")]
    assert "CL:1 twin, CL:2 twin" in findings[0].message


def test_axioms_when_they_are_chains_then_the_short_cuts_they_stand_for(installed: Vocabulary) -> None:
    record = make_record(line_id="EXMPi005-A", clo=OntologyClass(class_="CLO:5", status="exact"))
    annotations, findings = annotate_record(record, installed)
    inferred = {each.field: (each.property_label, each.term) for each in annotations if each.evidence == "inferred"}
    assert inferred == {
        "origin.cell": ("derived from cell", "CL:1"),
        "origin.tissue": ("derived from anatomic part", "UBERON:2"),
        "diseases[].term": ("derives from patient having disease", "MONDO:0005180"),
    }
    assert {finding.code for finding in findings} == {"term-inferred-unstated"}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"origin": Origin(tissue="UBERON:1", cell="CL:1")}, []),
        ({"origin": Origin(tissue="UBERON:3", cell="CL:1")}, [("term-conflict", "origin.tissue")]),
        ({"origin": Origin(tissue="UBERON:2", cell="CL:2")}, [("term-conflict", "origin.cell")]),
        ({"origin": Origin(tissue="UBERON:2", cell="CL:1"), "diseases": ()}, [("term-conflict", "diseases")]),
    ],
    ids=["a part of it", "another tissue", "another cell", "no disease"],
)
def test_axioms_when_compared_then_parts_are_no_contradiction(
    installed: Vocabulary, changes: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    sick = (Disease(term="MONDO:0005180", status="affected"),)
    clo = OntologyClass(class_="CLO:5", status="exact")
    record = make_record(**{"line_id": "EXMPi005-A", "clo": clo, "diseases": sick, **changes})
    assert codes(annotate_record(record, installed)[1]) == expected


def test_class_when_it_refers_to_the_lines_cellosaurus_entry_then_it_is_suggested(installed: Vocabulary) -> None:
    record = line(line_id="SNUhES3", xrefs=(Xref(db="RRID", id="RRID:CVCL_9949"),))
    assert codes(annotate_record(record, installed)[1]) == [("term-clo-exists", "clo.class")]


def test_modalities_when_asked_for_then_the_assay_or_none(core: Vocabulary) -> None:
    for modality, curie in modality_terms().items():
        annotation = annotate_modality(modality, core)
        assert annotation is not None
        assert (annotation.term, annotation.evidence, annotation.source) == (curie, "asserted", "modality")
        assert annotation.property_label == "is_specified_output_of"
    assert annotate_modality("wgs", core) is None
    assert annotate_modality("nonsense", core) is None


def test_formats_when_asked_for_then_the_edam_term_or_none(core: Vocabulary) -> None:
    annotation = format_annotation("EDAM:format_3016", core)
    assert annotation is not None
    assert (annotation.label, annotation.property) == ("VCF", "http://purl.org/dc/terms/format")
    assert format_annotation("EDAM:format_9999", core) is None


def test_rules_when_declared_then_codes_are_unique_and_texts_complete() -> None:
    names = [rule.code for rule in ANNOTATION_RULES]
    assert len(names) == len(set(names))
    assert all(rule.message and rule.hint and rule.source and rule.why for rule in ANNOTATION_RULES)
