"""DCAT-AP 3.0.1: no violation, and no warning but those that only a made-up fact could clear.

The shapes are read from beside the repository, without their imports, and hardened: ``sh:shape`` is no SHACL, so that
the dates of a dataset would never be judged; ``sh:node`` is what was meant.
"""

from __future__ import annotations

import functools
import re
import warnings
from typing import Any

import pyshacl
import pytest
import rdflib
from rdflib.namespace import RDF, SH, SKOS

from catalog.access import PublicRecord, Restricted
from publish.exports.bank_catalog import render_catalog_head
from publish.exports.dcat import DCAT
from tests.exports.builders import RESTRICTED, bank, file, line_record, public, standard

DCAT_NS = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FILES = ("shapes.ttl", "range.ttl", "mdr-vocabularies.shape.ttl", "deprecateduris.ttl", "shapes_recommended.ttl")

#: Warnings that stay, by class, property and what is asked for, with the reason.
ACCEPTED = {
    ("Catalog", "publisher", "corporate-body"): "the bank is not in the EU's list of corporate bodies",
    ("Dataset", "publisher", "corporate-body"): "the bank is not in the EU's list of corporate bodies",
    ("Dataset", "temporal", "MinCount"): "a cell line's data cover no period of time",
    ("Location", "bbox", "MinCount"): "a country stands for itself; a box round it would say nothing of the data",
    ("Location", "centroid", "MinCount"): "as for the box",
    ("restricted", "format", "MinCount"): "of what is not public the format is not told",
    ("restricted", "license", "MinCount"): "what is not public is given under terms of its own, not under a licence",
}
#: Warnings of a bank or a line that leaves something out.
LEFT_OUT = {
    ("Catalog", "spatial", "MinCount"): "the settings name no country",
    ("Dataset", "spatial", "MinCount"): "the settings name no country",
    ("Distribution", "license", "MinCount"): "the record names no licence for the files",
    ("LicenseDocument", "type", "MinCount"): "what kind of licence it is is not known for sure",
}

Outcome = tuple[str, str, str, str]


@functools.cache
def shapes() -> rdflib.Graph:
    graph = rdflib.Graph()
    for name in FILES:
        text = standard(f"dcat-ap-3.0.1/{name}").read_text(encoding="utf-8")
        graph.parse(data=re.sub(r"sh:shape\b", "sh:node", text), format="turtle")
    graph.remove((None, rdflib.OWL.imports, None))
    return graph


def merged(*records: PublicRecord, **settings: Any) -> rdflib.Graph:
    """The catalogue that a harvester sees: the head with the documents of packages."""
    its_bank = bank(**settings)
    graph = rdflib.Graph()
    graph.parse(
        data=render_catalog_head(its_bank, "2026.11", "2026-11-22T08:00:00Z")["catalog.ttl"],
        format="turtle",
    )
    for record in records:
        graph.parse(data=DCAT.render(record, its_bank)["dcat.ttl"], format="turtle")
    return graph


def judge(graph: rdflib.Graph) -> set[Outcome]:
    """Severity, class of the node, property and what is asked for, of each result; nested details are not results."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyshacl's own use of rdflib
        _, report, _ = pyshacl.validate(graph, shacl_graph=shapes(), inplace=False, advanced=False)
    [root] = report.subjects(RDF.type, SH.ValidationReport)
    found = set()
    for result in report.objects(root, SH.result):
        focus = report.value(result, SH.focusNode)
        path = str(report.value(result, SH.resultPath)).rpartition("#")[2].rpartition("/")[2]
        asked = str(report.value(result, SH.sourceConstraintComponent)).rpartition("#")[2]
        if asked == "NodeConstraintComponent":
            asked = " ".join(sorted(unmet(report, result)))
        severity = str(report.value(result, SH.resultSeverity)).rpartition("#")[2]
        found.add((severity, kind_of(graph, focus), path, asked.removesuffix("ConstraintComponent")))
    return found


def unmet(report: rdflib.Graph, result: Any) -> set[str]:
    """What a node should have been: the code lists that it is in none of, or what else the details name."""
    found = set()
    for detail in report.objects(result, SH.detail):
        words = str(report.value(detail, SH.resultMessage))
        if report.value(detail, SH.resultPath) == SKOS.inScheme:
            found |= set(re.findall(r"set: \['<.*/([a-z-]+)(?:/1\.0)?>'\]", words))
        else:
            found.add(str(report.value(detail, SH.sourceConstraintComponent)).rpartition("#")[2])
    return found


def kind_of(graph: rdflib.Graph, focus: Any) -> str:
    if "#restricted-" in str(focus):
        return "restricted"
    kinds = {str(each).rpartition("#")[2].rpartition("/")[2] for each in graph.objects(focus, RDF.type)}
    wanted = ("Catalog", "Dataset", "Distribution", "Location", "LicenseDocument", "Checksum", "Agent")
    return next((each for each in wanted if each in kinds), ",".join(sorted(kinds)))


def expected(*keys: tuple[str, str, str]) -> set[Outcome]:
    return {("Warning", *key) for key in keys}


OPEN = tuple(key for key in ACCEPTED if key[0] != "restricted")


def test_catalogue_when_judged_then_only_the_accepted_warnings() -> None:
    gone = {"path": "data/x.vcf", "reason": "wrong file", "date": "2026-10-01"}
    graph = merged(
        public(),
        public(line_id="EXMPi002-A", files=(), tables={}, restricted=RESTRICTED, withdrawn=(gone,)),
    )
    assert judge(graph) == expected(*ACCEPTED)


@pytest.mark.parametrize(
    ("record", "keys"),
    [
        pytest.param(public(), OPEN, id="all open"),
        pytest.param(public(files=(), tables={}, restricted=RESTRICTED), tuple(ACCEPTED), id="nothing open"),
        pytest.param(
            public(restricted=(Restricted(modality="", tier="controlled"),), files=(), annotations=()),
            tuple(ACCEPTED),
            id="restricted of no kind",
        ),
        pytest.param(public(record={}, annotations=(), files=(), tables={}), OPEN, id="blank line"),
        pytest.param(
            public(record=line_record(licence="https://example.org/terms")),
            (*OPEN, ("LicenseDocument", "type", "MinCount")),
            id="licence of its own",
        ),
        pytest.param(
            public(record=line_record(licence="unknown")),
            (*OPEN, ("Distribution", "license", "MinCount")),
            id="no licence",
        ),
        pytest.param(
            public(
                files=tuple(file(f"a.{n}", mediatype=each) for n, each in enumerate(("image/tiff", "odd", "text/x")))
            ),
            OPEN,
            id="odd media types",
        ),
    ],
)
def test_package_when_judged_with_the_head_then_no_violation(
    record: PublicRecord, keys: tuple[tuple[str, str, str], ...]
) -> None:
    assert set(keys) <= ACCEPTED.keys() | LEFT_OUT.keys()
    assert judge(merged(record)) == expected(*keys)


def test_package_when_judged_alone_then_no_violation() -> None:
    graph = rdflib.Graph().parse(data=DCAT.render(public(), bank())["dcat.ttl"], format="turtle")
    assert judge(graph) == expected(*(key for key in OPEN if key[0] != "Catalog"))


def test_bank_when_it_says_little_then_no_violation() -> None:
    graph = merged(public(), country=None, contact=None, description="", languages=("en",))
    places = tuple(key for key in OPEN if key[0] != "Location")
    assert judge(graph) == expected(*places, ("Catalog", "spatial", "MinCount"), ("Dataset", "spatial", "MinCount"))


@pytest.mark.parametrize(
    ("update", "key"),
    [
        ("DELETE { ?s dct:title ?o } WHERE { ?s a dcat:Dataset ; dct:title ?o }", ("Dataset", "title", "MinCount")),
        (
            'DELETE { ?s dct:issued ?o } INSERT { ?s dct:issued "yesterday" } WHERE { ?s a dcat:Dataset ; dct:issued ?o }',
            ("Dataset", "issued", "Or"),
        ),
        (
            "DELETE { ?s dcat:byteSize ?o } INSERT { ?s dcat:byteSize 12 } WHERE { ?s dcat:byteSize ?o }",
            ("Distribution", "byteSize", "Datatype"),
        ),
        (
            "DELETE { ?s dcat:accessURL ?o } WHERE { ?s a dcat:Distribution ; dcat:accessURL ?o }",
            ("Distribution", "accessURL", "MinCount"),
        ),
        ("DELETE { ?s a dct:LicenseDocument } WHERE { ?s a dct:LicenseDocument }", ("Distribution", "license", "Class")),
        (
            "DELETE { ?s skos:inScheme ?o } WHERE { ?d dct:format ?s . ?s skos:inScheme ?o }",
            ("Distribution", "format", "file-type"),
        ),
        ("INSERT { ?s dct:publisher <https://x.example/> } WHERE { ?s a dcat:Dataset }", ("Dataset", "publisher", "MaxCount")),
        (
            'DELETE { ?s spdx:checksumValue ?o } INSERT { ?s spdx:checksumValue "00" } WHERE { ?s spdx:checksumValue ?o }',
            ("Checksum", "checksumValue", "Datatype"),
        ),
    ],
)  # fmt: skip
def test_mutant_when_judged_then_a_violation_is_found(update: str, key: tuple[str, str, str]) -> None:
    graph = merged(public(files=(file("a.vcf.gz"),), tables={}))
    graph.update(
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dct: <http://purl.org/dc/terms/> "
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> PREFIX spdx: <http://spdx.org/rdf/terms#> " + update
    )
    assert ("Violation", *key) in judge(graph)
