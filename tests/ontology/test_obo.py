"""OBO: every clause that the tables hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from catalog.errors import IntegrityError
from catalog.ontology.content import Content
from catalog.ontology.guard import GuardedFile
from catalog.ontology.obo import read_obo
from tests.ontology.builders import write

TEXT = """format-version: 1.4
data-version: ex/releases/2024-01-01/ex.obo
ontology: ex
import: http://127.0.0.1:9/other.obo
property_value: http://purl.org/dc/terms/license http://creativecommons.org/licenses/by/4.0/

[Term]
id: EX:0000001
name: cell
def: "A unit." [X:1]
alt_id: EX:0000009
xref: FMA:68646
xref: https://example.org/x "described"

[Term]
id: EX:0000002
name: fibroblast
synonym: "fibro" EXACT abbrev [X:1]
synonym: "stroma cell" BROAD []
is_a: EX:0000001 {source="x"} ! cell
relationship: part_of UBERON:0002384 ! connective tissue
relationship: odd_relation EX:0000001
intersection_of: EX:0000001 ! cell
intersection_of: RO:0002215 GO:0000001
property_value: IAO:0000118 "spindle cell" xsd:string

[Term]
id: EX:0000003
name: old name
comment: use EX:0000002
is_obsolete: true
replaced_by: EX:0000002

[Term]
id: EX:0000004
name: older name
is_obsolete: true
consider: EX:0000002
consider: EX:0000001

[Term]
id: CVCL_9949
name: SNUhES3

[Typedef]
id: part_of
name: part of
xref: BFO:0000050

[Instance]
id: EX:0000005
name: an instance
instance_of: EX:0000001
"""


def content_of(tmp_path: Path, text: str, name: str = "x.obo") -> Content:
    with GuardedFile(write(tmp_path / name, text)) as stream:
        return read_obo(stream)


@pytest.mark.parametrize("name", ["x.obo", "x.obo.gz"])
def test_frames_when_read_then_content(tmp_path: Path, name: str) -> None:
    content = content_of(tmp_path, TEXT, name)
    assert content.version == "2024-01-01"
    assert content.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert content.imports == ["http://127.0.0.1:9/other.obo"]
    assert content.terms["EX:0000001"].definition == "A unit."
    assert content.terms["CVCL:9949"].label == "SNUhES3"
    assert content.synonyms == {
        ("EX:0000002", "fibro", "EXACT"),
        ("EX:0000002", "stroma cell", "BROAD"),
        ("EX:0000002", "spindle cell", "RELATED"),
    }
    assert {("EX:0000001", "FMA:68646"), ("EX:0000001", "https://example.org/x")} <= content.xrefs
    assert content.parents == {("EX:0000002", "EX:0000001")}
    assert content.edges == {
        ("EX:0000002", "BFO:0000050", "UBERON:0002384", "BFO:0000050"),
        ("EX:0000002", "odd_relation", "EX:0000001", "odd_relation"),
        ("EX:0000002", "RO:0002215", "GO:0000001", "RO:0002215"),
    }
    assert content.skipped == 1


def test_obsolete_when_read_then_replacement_and_suggestions(tmp_path: Path) -> None:
    content = content_of(tmp_path, TEXT)
    assert (content.terms["EX:0000003"].obsolete, content.terms["EX:0000003"].replaced_by) == (True, "EX:0000002")
    assert content.terms["EX:0000004"].suggestions("EX:0000004") == ("EX:0000002", "EX:0000001")
    assert (content.terms["EX:0000009"].replaced_by, content.terms["EX:0000009"].label) == ("EX:0000001", "cell")


@pytest.mark.parametrize(
    "text",
    ["hello\n", "format-version: 1.4\n\n[Term]\nname: no id\n", "format-version: 1.4\n\n[Term]\nid: A:1\nis_a\n"],
    ids=["prose", "no id", "clause cut off"],
)
def test_frames_when_broken_then_unreadable(tmp_path: Path, text: str) -> None:
    with pytest.raises(IntegrityError) as caught:
        content_of(tmp_path, text)
    assert caught.value.code == "ontology-unreadable"


def test_gzip_when_cut_off_then_that_is_the_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "x.obo.gz", TEXT * 1)
    path.write_bytes(path.read_bytes()[:-30])
    with GuardedFile(path) as stream, pytest.raises(IntegrityError) as caught:
        read_obo(stream)
    assert caught.value.code == "ontology-truncated"
