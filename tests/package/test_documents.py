"""The documents of a version: made from a public record alone, and read back into the very same record."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.access import PublicFile, PublicRecord, PublicTable, Restricted
from catalog.errors import IntegrityError
from catalog.findings import Finding, Level, Severity
from catalog.model import BankSettings, Publisher
from catalog.model.files import MODALITIES, RESERVED_PATHS, TABLE_PATHS
from catalog.package import DESCRIPTOR, descriptor, documents, fingerprint, restore_record
from catalog.package.documents import README, REPORT, render_json
from catalog.profiles import table_schema
from catalog.verify.local import COMPANIONS
from publish.contents import public_documents
from publish.replay import TOMBSTONE
from tests.builders import (
    BASE_IRI,
    NOW,
    counts_bytes,
    make_bank,
    public_record,
    sealed,
    shared_folder,
    vcf_bytes,
    write_line,
)

BANK = BankSettings(
    profile="bank-1",
    title="Example Stem Cell Bank",
    base_iri=BASE_IRI,
    publisher=Publisher(name="Example Institute", url="https://example.org/"),
)
HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)", "{{7*7}} ${7*7}"]
HOSTILE += ["=1+1", "a\r\nSet-Cookie: x", "]]>", "--", "a|b", "`x`", "\\", "제대혈", "e\u0301", "\u202e", 'a,b;c\t"d"']

texts = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8"), max_size=8)
cells = st.sampled_from(["", "=1+1", 'a,"b"', "a\r\nb", "a\rb", "é", " x "]) | st.text(
    st.sampled_from('ab," \n'), max_size=4
)
plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=4,
)
paths = st.from_regex(r"data/[a-z]{1,3}/[A-Za-z]{1,4}\.(txt|vcf\.gz|tsv)", fullmatch=True)
public_files = st.builds(
    PublicFile,
    path=paths,
    bytes=st.integers(0, 2**40),
    sha256=texts.map(lambda text: hashlib.sha256(text.encode()).hexdigest()),
    format=st.sampled_from([None, "vcf", "text"]),
    mediatype=st.sampled_from(["text/plain", "application/gzip"]),
    edam_format=st.sampled_from([None, "EDAM:format_3016"]),
    modality=st.sampled_from(["", *MODALITIES]),
    role=st.sampled_from(["", "raw"]),
    assembly=st.sampled_from(["", "GRCh38"]),
    sample_id=cells,
    group=cells,
    accession=cells,
    facts=st.dictionaries(texts, plain, max_size=3),
)
findings = st.builds(
    Finding,
    code=st.just("a-b"),
    severity=st.sampled_from(Severity),
    rules=st.sampled_from(Level),
    message=texts,
    got=texts | st.none(),
    column=texts | st.integers(1, 9) | st.none(),
    path=texts | st.none(),
    related=st.lists(texts, max_size=2).map(tuple),
    count=st.integers(1, 9),
)
restricted = st.builds(
    Restricted,
    modality=st.sampled_from(["wes", "other"]),
    tier=st.just("controlled"),
    embargo_until=st.sampled_from([None, "2027-01-01"]),
    duo=st.lists(st.just("DUO:0000042"), max_size=2).map(tuple),
    contact=texts.filter(bool) | st.none(),
    accessions=st.lists(texts, max_size=2).map(tuple),
)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, PublicTable]:
    made = {}
    for name in sorted(draw(st.sets(st.sampled_from(["qc", "banks", "cnv", "assays"]), max_size=2))):
        known = [each["name"] for each in table_schema(name)["fields"]]
        columns = draw(st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True))
        row = st.fixed_dictionaries(dict.fromkeys(columns, cells))
        made[name] = PublicTable(
            name=name, columns=tuple(columns), rows=tuple(draw(st.lists(row, min_size=1, max_size=2)))
        )
    return made


public_records = st.builds(
    lambda **members: sealed(**members).released_as("2026.11", NOW),
    title=texts,
    description=texts,
    tier=st.sampled_from(["open", "controlled"]),
    record=st.dictionaries(texts, plain, max_size=3).map(lambda inner: {"line_type": "iPSC", "aliases": [], **inner}),
    files=st.lists(public_files, max_size=3, unique_by=lambda each: each.path).map(tuple),
    tables=tables(),
    restricted=st.lists(restricted, max_size=2).map(tuple),
    annotations=st.lists(st.fixed_dictionaries({"term": texts, "label": texts, "field": texts}), max_size=2).map(tuple),
    findings=st.lists(findings, max_size=3).map(tuple),
    withdrawn=st.lists(st.fixed_dictionaries({"path": paths, "reason": texts, "date": st.just(NOW)}), max_size=2).map(
        tuple
    ),
)


def restored(made: Mapping[str, bytes]) -> PublicRecord:
    return restore_record(
        made.__getitem__, {path: hashlib.sha256(content).hexdigest() for path, content in made.items()}
    )


@given(public_records)
@settings(max_examples=50)
def test_record_when_made_into_documents_and_read_back_then_equal_and_so_are_its_documents(
    public: PublicRecord,
) -> None:
    made = documents(public, BANK)
    again = restored(made)
    assert again == public
    assert fingerprint(again) == fingerprint(public)
    assert documents(again, BANK) == made


@given(public_records)
@settings(max_examples=25)
def test_descriptor_when_made_then_it_tells_the_truth_about_every_document_and_file(public: PublicRecord) -> None:
    made = documents(public, BANK)
    told = json.loads(made[DESCRIPTOR])
    resources = {each["path"]: each for each in told["resources"]}
    described = set(made) - {DESCRIPTOR, REPORT, README}
    assert set(resources) == described | {each.path for each in public.files}
    names = [each["name"] for each in told["resources"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z0-9._/-]+", name) for name in names)
    for path in described:
        assert resources[path]["bytes"] == len(made[path])
        assert resources[path]["hash"] == f"sha256:{hashlib.sha256(made[path]).hexdigest()}"
    for name, table in public.tables.items():
        schema = resources[TABLE_PATHS[name]]["schema"]
        assert [each["name"] for each in schema["fields"]] == list(table.columns)
        assert '"x-' not in json.dumps(schema)
    rows = list(csv.DictReader(io.StringIO(made["files.csv"].decode(), newline="")))
    assert [(each["path"], each["bytes"], each["sha256"], each["tier"]) for each in rows] == [
        (each.path, str(each.bytes), each.sha256, "open") for each in public.files
    ]


def test_paths_of_documents_when_listed_then_no_curators_file_may_have_one(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(
        bank,
        files={"data/rna-seq/a_count.tsv": counts_bytes()},
        tables={"qc.csv": "test,class,verdict\nx,purity,pass\n", "banks.csv": "bank_id,type\nMCB1,master\n"},
    )
    made = set(public_documents(public_record(bank).released_as("2026.11", NOW), bank.settings))
    assert {"datapackage.json", "record.json", "report.json", "README.md", "files.csv", "qc.csv", "banks.csv"} <= made
    assert made | set(COMPANIONS) | {TOMBSTONE} <= RESERVED_PATHS


def test_documents_when_made_twice_then_the_same_bytes_in_order_of_path(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    write_line(bank, files={"data/wes/a.vcf.gz": vcf_bytes(), "data/rna-seq/a_count.tsv": counts_bytes()})
    public = public_record(bank).released_as("2026.11", NOW)
    made = documents(public, bank.settings)
    assert list(made) == sorted(made)
    assert documents(public_record(bank).released_as("2026.11", NOW), bank.settings) == made
    assert restored(made) == public
    for content in made.values():
        content.decode("utf-8")
        assert content.endswith(b"\n")
        assert b"\r" not in content


def test_readme_when_read_then_files_how_to_ask_and_what_was_withdrawn(tmp_path: Path) -> None:
    public = sealed(
        files=(PublicFile(path="data/a.txt", bytes=1, sha256="0" * 64, format="text", mediatype="text/plain"),),
        restricted=(
            Restricted(modality="wes", tier="controlled", contact="dac@example.org"),
            Restricted(modality="other", tier="controlled", embargo_until="2027-01-01"),
        ),
        withdrawn=({"path": "data/b.txt", "reason": "consent withdrawn", "date": NOW},),
    ).released_as("2026.11", NOW)
    text = documents(public, BANK)[README].decode()
    for words in ("data/a.txt", "dac@example.org", "embargo until 2027-01-01", "Ask the bank", "consent withdrawn"):
        assert words in text
    assert (
        "No data file of this line is open." in documents(sealed().released_as("2026.11", NOW), BANK)[README].decode()
    )


def base() -> PublicRecord:
    return sealed(
        files=(PublicFile(path="data/a.txt", bytes=1, sha256="0" * 64, format="text", mediatype="text/plain"),),
        tables={"qc": PublicTable(name="qc", columns=("test",), rows=({"test": "x"},))},
        restricted=(Restricted(modality="wes", tier="controlled"),),
        annotations=({"term": "CLO:1", "label": "x", "field": "clo.class"},),
        findings=(Finding(code="a-b", severity=Severity.INFO, rules=Level.BANK, message="m", hint="h"),),
        withdrawn=({"path": "data/b.txt", "reason": "r", "date": NOW},),
    )


CHANGES: dict[str, Any] = {
    "title": "other",
    "description": "other",
    "tier": "controlled",
    "record": {"line_type": "ESC"},
    "files": (replace(base().files[0], sha256="1" * 64),),
    "tables": {"qc": PublicTable(name="qc", columns=("test",), rows=({"test": "y"},))},
    "restricted": (Restricted(modality="wes", tier="controlled", contact="x"),),
    "annotations": ({"term": "CLO:2", "label": "x", "field": "clo.class"},),
    "findings": (replace(base().findings[0], severity=Severity.WARNING),),
    "withdrawn": (),
}


@pytest.mark.parametrize("member", CHANGES)
def test_fingerprint_when_anything_public_changes_then_another(member: str) -> None:
    assert fingerprint(replace(base(), **{member: CHANGES[member]})) != fingerprint(base())


def test_fingerprint_when_only_name_time_or_wording_change_then_the_same() -> None:
    public = base()
    assert fingerprint(public.released_as("2026.12", NOW)) == fingerprint(public)
    reworded = tuple(replace(each, message="better", hint="better") for each in public.findings)
    assert fingerprint(replace(public, findings=reworded)) == fingerprint(public)
    assert fingerprint(base()) == fingerprint(public)


@pytest.mark.parametrize("number", [2**53, -(2**53), 2**63, 10**40])
def test_fact_when_a_number_is_too_large_for_other_programs_then_told_as_text_and_the_same_package(number: int) -> None:
    public = sealed(files=(replace(base().files[0], facts={"reads": number}),)).released_as("2026.11", NOW)
    made = documents(public, BANK)
    assert restored(made).files[0].facts == {"reads": str(number)}
    assert fingerprint(restored(made)) == fingerprint(public)


@pytest.mark.parametrize(
    ("licence", "wanted"),
    [
        ("CC-BY-4.0", [{"name": "CC-BY-4.0", "path": "https://spdx.org/licenses/CC-BY-4.0"}]),
        ("https://example.org/terms", [{"path": "https://example.org/terms"}]),
        ("unknown", None),
        (None, None),
    ],
)
def test_licence_when_known_then_in_the_descriptor_else_absent(licence: str | None, wanted: object) -> None:
    record = {"line_type": "iPSC"} if licence is None else {"line_type": "iPSC", "licence": licence}
    public = sealed(record=record).released_as("2026.11", NOW)
    made = documents(public, BANK)
    assert descriptor(public, BANK, made).get("licenses") == wanted


def test_stored_version_when_it_is_no_package_then_refused() -> None:
    with pytest.raises(IntegrityError) as caught:
        restore_record(lambda path: b"{}", {"tombstone.json": "0" * 64})
    assert (caught.value.code, caught.value.exit_status) == ("package-malformed", 7)


def test_descriptor_when_judged_by_the_standards_own_schema_then_valid(tmp_path: Path) -> None:
    from jsonschema import Draft7Validator

    schemas = {
        path.name: json.loads(path.read_text())
        for path in (shared_folder() / "standards" / "datapackage-2.0").glob("*.json")
    }
    bank = make_bank(tmp_path)
    write_line(
        bank,
        files={"data/wes/a.vcf.gz": vcf_bytes(), "data/rna-seq/a_count.tsv": counts_bytes()},
        tables={"qc.csv": "test,class,verdict\nx,purity,pass\n", "assays.csv": "assay_id,modality\nw1,wes\n"},
        cells={"data/wes/a.vcf.gz": {"assay_id": "w1"}},
    )
    public = public_record(bank).released_as("2026.11", NOW)
    told = json.loads(documents(public, bank.settings)[DESCRIPTOR])
    assert told["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    errors = list(Draft7Validator(schemas["datapackage.json"]).iter_errors(told))
    assert [error.message for error in errors] == []
    assert {each["path"] for each in told["resources"]} >= {"data/wes/a.vcf.gz", "assays.csv"}
    assert told["resources"][1]["schema"]["foreignKeys"][0]["reference"]["resource"] == "assays.csv"


def test_json_when_rendered_then_members_in_their_order_and_a_final_line_end() -> None:
    assert render_json({"b": 1, "a": "é"}) == '{\n  "b": 1,\n  "a": "é"\n}\n'.encode()
