"""DCAT of a package: what it says, what it never says, the same bytes and statements everywhere."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import rdflib

from catalog.access import PublicRecord, PublicTable, Restricted
from catalog.findings import Finding, Level, Severity
from catalog.model import Contact, Publisher
from catalog.package import documents
from catalog.registry import EXPORTS, plugins
from publish.exports import Export
from publish.exports.dcat import DCAT
from tests.exports.builders import (
    BASE,
    FILES,
    LINE,
    LINE_ID,
    PACKAGE,
    RELEASE,
    RESTRICTED,
    Statement,
    annotation,
    bank,
    file,
    line_record,
    public,
    read_everywhere,
    read_with_oxigraph,
    standard,
)

ROOT = Path(__file__).resolve().parents[2]
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
DCAT_NS = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"


def statements(record: PublicRecord, **settings: Any) -> set[Statement]:
    return read_with_oxigraph("nt", DCAT.render(record, bank(**settings))["dcat.nt"])


def values(found: set[Statement], subject: str, predicate: str) -> set[str]:
    return {each[3] for each in found if each[:2] == (subject, predicate)}


def typed(found: set[Statement], kind: str) -> set[str]:
    return {each[0] for each in found if each[1] == RDF_TYPE and each[3] == kind}


def test_dcat_when_registered_then_found_by_name() -> None:
    export = plugins(EXPORTS)["dcat"]
    assert isinstance(export, Export)
    assert set(export.paths) == set(export.render(public(), bank()))


def test_render_when_read_then_four_forms_and_two_parsers_agree() -> None:
    record = public(restricted=RESTRICTED, withdrawn=({"path": "data/x", "reason": "wrong", "date": "2026-10-01"},))
    assert len(read_everywhere(DCAT.render(record, bank()))) > 300


def test_render_when_run_in_other_processes_then_same_bytes() -> None:
    program = (
        "import hashlib; from publish.exports import render_exports; from tests.exports.builders import *;"
        "made = render_exports(public(restricted=RESTRICTED), bank());"
        "print(hashlib.sha256(b''.join(made.values())).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2", "3")
    }
    assert len(digests) == 1


def test_render_when_read_then_one_dataset_which_is_the_richest_node() -> None:
    found = statements(public())
    assert typed(found, f"{DCAT_NS}Dataset") == {PACKAGE}
    assert typed(found, f"{DCAT_NS}Catalog") == set()
    assert Counter(each[0] for each in found).most_common(1)[0][0] == PACKAGE
    assert values(found, f"{BASE}catalog", f"{DCAT_NS}dataset") == {PACKAGE}


def test_render_when_descriptor_is_compared_then_same_files_sizes_and_digests() -> None:
    record = public()
    found = statements(record)
    content = documents(record, bank())["datapackage.json"]
    expected = {FILES + each["path"]: (each["bytes"], each["hash"]) for each in json.loads(content)["resources"]}
    expected[f"{FILES}datapackage.json"] = (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")
    assert typed(found, f"{DCAT_NS}Distribution") == values(found, PACKAGE, f"{DCAT_NS}distribution") == set(expected)
    for iri, (size, digest) in expected.items():
        assert values(found, iri, f"{DCAT_NS}byteSize") == {str(size)}
        [checksum] = values(found, iri, "http://spdx.org/rdf/terms#checksum")
        assert values(found, checksum, "http://spdx.org/rdf/terms#checksumValue") == {digest.removeprefix("sha256:")}
        assert values(found, iri, f"{DCAT_NS}accessURL") == values(found, iri, f"{DCAT_NS}downloadURL") == {iri}


@pytest.mark.parametrize(
    ("changes", "mediatype", "compress", "eu"),
    [
        ({"path": "a.vcf.gz", "mediatype": "application/gzip"}, "text/plain", "application/gzip", "TXT"),
        ({"path": "a.vcf.gz", "mediatype": "text/plain"}, "text/plain", "application/gzip", "TXT"),
        ({"path": "a.bed.gz", "format": "bed"}, "text/plain", "application/gzip", "TSV"),
        ({"path": "a.x.gz", "format": "x", "mediatype": "application/gzip"}, "application/octet-stream", "application/gzip", "OCTET"),
        ({"path": "a.CEL", "format": "cel", "mediatype": "application/octet-stream"}, "application/octet-stream", None, "OCTET"),
        ({"path": "a.pdf", "format": "pdf", "mediatype": "application/pdf"}, "application/pdf", None, "PDF"),
        ({"path": "a.odd", "format": None, "mediatype": "no type"}, None, None, "OCTET"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)  # fmt: skip
def test_render_when_file_is_compressed_then_inner_type_beside_it(
    changes: dict[str, Any], mediatype: str | None, compress: str | None, eu: str
) -> None:
    found = statements(public(files=(file(**changes),)))
    iri = FILES + changes["path"]
    assert values(found, iri, f"{DCAT_NS}mediaType") == ({IANA + mediatype} if mediatype else set())
    assert values(found, iri, f"{DCAT_NS}compressFormat") == ({IANA + compress} if compress else set())
    assert values(found, iri, f"{DCT}format") == {f"{EU}file-type/{eu}"}


def test_render_when_nothing_is_open_then_still_open_text_files() -> None:
    found = statements(public(files=(), tables={}, restricted=RESTRICTED))
    urls = {each[3] for each in found if each[1] == f"{DCAT_NS}downloadURL"}
    assert urls == {f"{FILES}{name}" for name in ("datapackage.json", "record.json", "files.csv")}
    assert values(found, PACKAGE, f"{DCT}accessRights") == {f"{EU}access-right/RESTRICTED"}


def test_render_when_all_is_open_then_public() -> None:
    assert values(statements(public()), PACKAGE, f"{DCT}accessRights") == {f"{EU}access-right/PUBLIC"}


def test_render_when_something_is_restricted_then_only_the_allowed_is_said() -> None:
    closed = Restricted(
        modality="wes",
        tier="controlled",
        embargo_until="2027-01-01",
        duo=("DUO:0000042",),
        contact="dac@example.org",
        accessions=("EGAD00001000001", "local 7"),
    )
    found = statements(public(files=(), restricted=(closed,)))
    iri = f"{PACKAGE}#restricted-wes-2027-01-01"
    assert {(each[1], each[3]) for each in found if each[0].startswith(iri)} == {
        (RDF_TYPE, f"{DCAT_NS}Distribution"),
        (f"{DCT}title", "Whole-exome sequencing: not public"),
        (
            f"{DCT}description",
            "Whole-exome sequencing data of this line are not public: tier controlled. Embargo until 2027-01-01. "
            "Data use: DUO:0000042. For access ask dac@example.org. Held elsewhere as EGAD00001000001, local 7.",
        ),
        (f"{DCAT_NS}accessURL", PACKAGE),
        (f"{DCT}accessRights", f"{EU}access-right/RESTRICTED"),
        (f"{DCT}accessRights", "http://purl.obolibrary.org/obo/DUO_0000042"),
        ("http://data.europa.eu/r5r/availability", f"{EU}planned-availability/AVAILABLE"),
        (f"{DCT}relation", "https://identifiers.org/ega.dataset:EGAD00001000001"),
    }


def test_render_when_restricted_has_no_contact_then_the_publisher_is_asked() -> None:
    found = statements(public(restricted=(Restricted(modality="odd <word>", tier="controlled"),)))
    [description] = values(found, f"{PACKAGE}#restricted-other", f"{DCT}description")
    assert description == "Other data of this line are not public: tier controlled. For access ask Example Institute."


def test_render_when_line_has_its_own_class_then_typed_by_it() -> None:
    found = statements(public())
    obo = "http://purl.obolibrary.org/obo/"
    assert values(found, PACKAGE, "http://www.w3.org/ns/prov#wasDerivedFrom") == {LINE}
    assert values(found, LINE, RDF_TYPE) == {"http://www.w3.org/ns/prov#Entity", f"{obo}CLO_1000476"}
    assert values(found, LINE, f"{obo}CLO_0037208") == {f"{obo}UBERON_0012168"}
    assert values(found, LINE, f"{DCT}description") == set()
    assert values(found, LINE, "http://www.w3.org/2002/07/owl#sameAs") == {
        f"https://hpscreg.eu/cell-line/{LINE_ID}",
        f"https://w3id.org/example/line/{LINE_ID}",
        "https://www.cellosaurus.org/CVCL_WR10",
    }
    assert values(found, PACKAGE, f"{obo}OBI_0000312") == {"http://www.ebi.ac.uk/efo/EFO_0005396"}
    assert values(found, LINE, f"{obo}OBI_0000312") == set()


def test_render_when_line_has_only_a_parent_class_then_it_is_an_instance_and_says_so() -> None:
    parent = annotation(RDF_TYPE, "CLO:0037308", "human iPSC line cell", "clo.class", provisional=True)
    sameness = annotation("http://www.w3.org/2002/07/owl#sameAs", "CLO:0037308", "x", "clo.class", provisional=True)
    record = line_record(clo={"class": "CLO:0037308", "status": "parent-only"}, xrefs=[], pid="unknown")
    found = statements(public(record=record, annotations=(parent, sameness)))
    term = "http://purl.obolibrary.org/obo/CLO_0037308"
    assert {each[1] for each in found if each[0] == LINE and each[3] == term} == {RDF_TYPE}
    [note] = values(found, LINE, f"{DCT}description")
    assert "nearest parent" in note


def test_render_when_annotated_then_subjects_without_data_use_and_names() -> None:
    found = statements(public())
    obo, efo = "http://purl.obolibrary.org/obo/", "http://www.ebi.ac.uk/efo/"
    assert values(found, PACKAGE, f"{DCT}subject") == {
        f"{obo}CLO_1000476",
        f"{obo}UBERON_0012168",
        f"{obo}NCBITaxon_9606",
        f"{efo}EFO_0004905",
        f"{efo}EFO_0005396",
    }
    assert values(found, f"{obo}UBERON_0012168", "http://www.w3.org/2000/01/rdf-schema#label") == {
        "umbilical cord blood"
    }


def test_render_when_a_file_was_withdrawn_then_a_sentence_is_left() -> None:
    gone = {"path": "data/wes/b.vcf.gz", "reason": "consent withdrawn", "date": "2026-10-01"}
    found = statements(public(withdrawn=(gone,)))
    assert values(found, f"{PACKAGE}#withdrawn-1", "http://www.w3.org/2000/01/rdf-schema#label") == {
        "data/wes/b.vcf.gz was withdrawn on 2026-10-01: consent withdrawn"
    }
    assert not any("b.vcf.gz" in each[0] for each in found)


def test_render_when_settings_say_little_then_nothing_is_made_up() -> None:
    found = statements(
        public(record=line_record(licence="unknown")),
        contact=None,
        country="XX",
        languages=("tlh", "en"),
        themes=("NONE",),
        publisher=Publisher(name="Example Institute"),
    )
    assert values(found, PACKAGE, f"{DCT}spatial") == values(found, PACKAGE, f"{DCAT_NS}theme") == set()
    assert values(found, PACKAGE, f"{DCT}language") == {f"{EU}language/ENG"}
    assert values(found, PACKAGE, f"{DCT}publisher") == {f"{BASE}catalog#publisher"}
    assert values(found, f"{PACKAGE}#contact", "http://www.w3.org/2006/vcard/ns#fn") == {"Example Institute"}
    assert values(found, FILES + "data/snp/a.CEL", f"{DCT}license") == set()
    assert values(found, FILES + "record.json", f"{DCT}license") == {"https://spdx.org/licenses/CC0-1.0"}


def test_render_when_planned_then_no_dates_are_claimed() -> None:
    found = statements(public(release="", issued=""))
    assert not any(each[1] in {f"{DCT}issued", f"{DCT}modified", f"{DCAT_NS}version"} for each in found)


@pytest.mark.parametrize("line_id", ["a> <b", "a b", 'a"', "a\n"])
def test_render_when_line_id_is_no_name_then_refused(line_id: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        DCAT.render(public(line_id=line_id), bank())


HOSTILE = (
    'x" . <http://evil.example/s> <http://evil.example/p> <http://evil.example/o> . #',
    "</script><script>alert(1)</script>",
    "</dct:title><dcat:Dataset rdf:about='http://evil.example/'/>",
    "javascript:alert(1)",
    "http://evil.example/> <http://evil.example/p",
    "line one\r\nline two\rTY  - JOUR\n\x00\x0b\ufffe",
    '"@id": "http://evil.example/", ]]> {{ \\',
    "CLO:0000001 ; a dcat:Dataset",
    "{\\input{/etc/passwd}}%",
    "../../etc/passwd",
)


def hostile_record(text: str) -> PublicRecord:
    finding = Finding(code=text, severity=Severity.INFO, rules=Level.BANK, message=text, path=text)
    row = {"path": text, "reason": text, "date": text}
    xref = {"db": text, "id": text}
    clo = {"class": text, "status": text}
    record = line_record(
        pid=text,
        aliases=[{"name": text, "kind": text}],
        xrefs=[xref, {"db": "hPSCreg", "id": text}],
        line_type=text,
        species=text,
        clo=clo,
        parent={"line": text, "relation": text},
        references=[text, f"10.1000/{text}", f"PMID:{text}"],
        licence=f"https://evil.example/{text}",
    )
    named = dict.fromkeys(("modality", "role", "assembly", "passage", "sample_id", "assay_id", "accession"), text)
    return public(
        title=text,
        description=text,
        tier=text,
        record=record,
        files=(
            file("data/a.vcf.gz", mediatype=text, sha256=text, format=text, edam_format=text, **named),
            file(f"data/{text}"),
        ),
        tables={"qc": PublicTable(name="qc", columns=("test",), rows=({"test": text},))},
        restricted=(
            Restricted(modality=text, tier=text, embargo_until=text, duo=(text,), contact=text, accessions=(text,)),
        ),
        annotations=(
            annotation(text, text, text, text),
            annotation(text, "CLO:0000001", text, "species"),
            annotation("rdf:type", text, text, text),
            annotation("rdf:type", "CLO:1000476", text, text, ontology=text, ontology_version=text, evidence=text),
        ),
        findings=(finding,),
        withdrawn=(row,),
        issued=text,
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_render_when_every_field_is_hostile_then_literals_and_nothing_else(text: str) -> None:
    settings = bank(
        title=text,
        description=text,
        publisher=Publisher(name=text, url=text, ror=text),
        contact=Contact(name=text, email=f"{text}@example.org"),
        licence=f"https://evil.example/{text}",
        languages=(text,),
        country=text,
        themes=(text,),
    )
    found = read_everywhere(DCAT.render(hostile_record(text), settings))
    iris = {each[0] for each in found} | {each[1] for each in found} | {each[3] for each in found if each[2] == "iri"}
    allowed = ("http://", "https://", "mailto:")
    assert all(iri.startswith(allowed) and not set(iri) & set(' <>"{}|\\^`\n\x00') for iri in iris)
    assert not any(iri.startswith(("http://evil.example/s", "http://evil.example/o")) for iri in iris)
    assert {each[0] for each in found if each[0].startswith("http://evil")} == set()
    assert {each[1] for each in found} <= {each[1] for each in statements(public(restricted=RESTRICTED))} | {
        "http://www.w3.org/2004/02/skos/core#note",
        f"{DCT}provenance",
    }
    assert typed(found, f"{DCAT_NS}Dataset") == {PACKAGE}
    assert values(found, f"{FILES}data/a.vcf.gz", f"{DCT}title") == {"a.vcf.gz"}
    assert values(found, f"{FILES}data/a.vcf.gz", "http://spdx.org/rdf/terms#checksum") == set()


def test_render_when_vocabulary_is_compared_then_every_dcat_term_is_defined() -> None:
    defined = {str(each) for each in rdflib.Graph().parse(standard("vocab/dcat3.ttl"), format="turtle").subjects()}
    found = statements(public(restricted=RESTRICTED))
    used = {each[1] for each in found} | {each[3] for each in found if each[1] == RDF_TYPE}
    assert {each for each in used if each.startswith(DCAT_NS)} <= defined


def test_render_when_package_has_twenty_files_then_release_name_is_in_every_file_address() -> None:
    found = statements(public(files=tuple(file(f"data/{n}.vcf.gz") for n in range(20))))
    urls = {each[3] for each in found if each[1] == f"{DCAT_NS}downloadURL"}
    assert len(urls) == 24
    assert all(f"/{RELEASE}/files/" in url for url in urls)
