"""Small ontologies and records, and the files of the shared folder."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

from catalog.model import Record
from catalog.model.record import Access, Donor, OntologyClass
from catalog.ontology.content import Content
from catalog.ontology.guard import LIMITS, GuardedFile, Limits
from catalog.ontology.owl import read_owl
from catalog.ontology.sources import Source
from tests.builders import absent

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("FAIRLINE_SHARED", ROOT.parent / "shared"))

HEAD = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:rdfs="http://www.w3.org/2000/01/rdf-schema#"
 xmlns:owl="http://www.w3.org/2002/07/owl#" xmlns:obo="http://purl.obolibrary.org/obo/"
 xmlns:oio="http://www.geneontology.org/formats/oboInOwl#" xmlns:dcterms="http://purl.org/dc/terms/">
"""


def shared(*parts: str) -> Path:
    """A file of the shared folder; the test is skipped without it, and fails where it must be there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        absent(f"{path} is missing; set FAIRLINE_SHARED")
    return path


def iri(curie: str) -> str:
    return f"http://purl.obolibrary.org/obo/{curie.replace(':', '_')}"


def owl_class(curie: str, label: str = "", inside: str = "") -> str:
    """An owl:Class element."""
    name = f'<rdfs:label xml:lang="en">{label}</rdfs:label>' if label else ""
    return f'<owl:Class rdf:about="{iri(curie)}">{name}{inside}</owl:Class>\n'


def sub(curie: str) -> str:
    """A named superclass."""
    return f'<rdfs:subClassOf rdf:resource="{iri(curie)}"/>'


def some(relation: str, filler: str) -> str:
    """An existential restriction; the filler is a CURIE or XML."""
    named = not filler.startswith("<")
    inside = (
        f'<owl:someValuesFrom rdf:resource="{iri(filler)}"/>'
        if named
        else f"<owl:someValuesFrom>{filler}</owl:someValuesFrom>"
    )
    return f'<owl:Restriction><owl:onProperty rdf:resource="{iri(relation)}"/>{inside}</owl:Restriction>'


def both(*members: str) -> str:
    """An intersection; CURIEs become named members."""
    parts = (part if part.startswith("<") else f'<rdf:Description rdf:about="{iri(part)}"/>' for part in members)
    return (
        f'<owl:Class><owl:intersectionOf rdf:parseType="Collection">{"".join(parts)}</owl:intersectionOf></owl:Class>'
    )


def document(*parts: str) -> str:
    """A whole RDF/XML document."""
    return HEAD + "".join(parts) + "</rdf:RDF>\n"


def write(path: Path, text: str | bytes) -> Path:
    """A file, compressed when its name says so."""
    content = text.encode() if isinstance(text, str) else text
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def read(path: Path, limits: Limits = LIMITS) -> Content:
    """The content of an OWL file."""
    with GuardedFile(path, limits) as stream:
        return read_owl(stream)


def example_source(**changes: object) -> Source:
    """An ontology of the tests."""
    members: dict[str, object] = {
        "name": "ex",
        "title": "Example Ontology",
        "prefixes": ("EX",),
        "ids": ("EX:",),
        "iri": "http://purl.obolibrary.org/obo/ex.owl",
        "format": "owl",
        "licence": "CC0-1.0",
    }
    return Source(**{**members, **changes})  # type: ignore[arg-type]


def make_record(**changes: object) -> Record:
    """A record of KSCBi002-B without anything beside what it must have."""
    members: dict[str, object] = {
        "profile": "line-1",
        "line_id": "KSCBi002-B",
        "line_type": "iPSC",
        "species": "NCBITaxon:9606",
        "clo": OntologyClass(class_="CLO:1000474", status="exact"),
        "donor": Donor(donor_id="EXMP-D001"),
        "access": Access(tier="open"),
        "consent": "unknown",
    }
    return Record(**{**members, **changes})  # type: ignore[arg-type]
