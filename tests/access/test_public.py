"""The public record: nothing controlled is in any byte that is made from it, and nothing public depends on it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.access import Decision, PublicRecord, project, restore
from catalog.bank import Line
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.model import BankSettings, FileRow, Publisher
from publish.contents import public_documents
from tests.builders import (
    BASE_IRI,
    LINE_ID,
    NOW,
    counts_bytes,
    fastq_bytes,
    judge,
    line_value,
    make_bank,
    public_record,
    row,
    seen,
    text_bytes,
    vcf_bytes,
    write_line,
)

BANK = BankSettings(profile="bank-1", title="Example", base_iri=BASE_IRI, publisher=Publisher(name="Example Institute"))
NOTE = Rule("a-note", Severity.WARNING, Level.BANK, "the note says {what}", "look", "a test")


def published(public: PublicRecord) -> dict[str, bytes]:
    """Every document that a release would make of a public record."""
    return public_documents(public.released_as("2026.11", NOW), BANK)


def bytes_of(public: PublicRecord) -> bytes:
    return b"\n".join(path.encode() + b"\n" + content for path, content in published(public).items())


@dataclass
class Canary:
    """Hands out words that stand nowhere else, and remembers where each was put."""

    words: dict[str, str]

    def word(self, where: str) -> str:
        word = f"CANARY{len(self.words):03d}X"
        self.words[word] = where
        return word

    def digest(self, where: str) -> str:
        """A canary where only hexadecimal digits may stand."""
        digest = hashlib.sha256(where.encode()).hexdigest()
        self.words[digest] = where
        return digest

    def number(self, where: str) -> int:
        number = 700_000_001 + 10_007 * len(self.words)
        self.words[str(number)] = where
        return number

    def found_in(self, content: bytes) -> dict[str, str]:
        return {word: where for word, where in self.words.items() if word.encode() in content}


TABLES = {
    "qc": ("test,class,verdict,operator_role,date,report_file,report_sha256,reviewed_by,undocumented", True),
    "banks": ("bank_id,type,vials_made", True),
    "assays": ("assay_id,modality,kit,date", True),
    "cnv": ("band,type,chrom,start,end,assembly,markers", True),
    "hla": ("locus,allele1,allele2,note", False),
    "str": ("locus,alleles,kit", False),
}


def tables(canary: Canary) -> dict[str, str]:
    """Tables with a canary in every column and row that may not be public."""
    word = canary.word
    qc = [
        word(f"qc {name}")
        for name in ("operator_role", "date", "report_file", "report_sha256", "reviewed_by", "undocumented")
    ]
    cnv = [word(f"cnv {name}") for name in ("chrom", "start", "end", "assembly", "markers")]
    return {
        "qc": f"{TABLES['qc'][0]}\nmycoplasma,sterility,pass,{','.join(qc)}\n",
        "banks": f"{TABLES['banks'][0]}\nMCB1,master,{word('banks vials_made')}\n",
        "assays": f"{TABLES['assays'][0]}\nopen-1,rna-seq,Kit,{word('assays date')}\n"
        f"{word('assay of a controlled file')},wes,{word('kit of a controlled assay')},2018\n",
        "cnv": f"{TABLES['cnv'][0]}\n20q11.21,gain,{','.join(cnv)}\n",
        "hla": f"{TABLES['hla'][0]}\nA,{word('hla allele1')},{word('hla allele2')},{word('hla note')}\n",
        "str": f"{TABLES['str'][0]}\nD5S818,{word('str alleles')},{word('str kit')}\n",
    }


def record_changes(canary: Canary, tier: str) -> dict[str, Any]:
    """A record with a canary in every field that is not public for a line of a tier."""
    word = canary.word
    changes: dict[str, Any] = {
        "donor": {
            "relatives": [{"donor": word("relatives.donor"), "relation": word("relatives.relation")}],
            "infectious_screen": [{"agent": "HIV", "verdict": "pass", "date": word("infectious_screen.date")}],
        },
        "consent": {
            "consent_id": word("consent_id"),
            "version": word("consent.version"),
            "withdrawal": {"state": "none", "date": word("withdrawal.date")},
        },
        "nonconformities": [{"id": "N1", "capa": word("capa")}],
    }
    if tier != "open":
        changes["access"] = {
            "tier": tier,
            "approval": {"by": word("approval.by"), "number": word("approval.number"), "date": word("approval.date")},
        }
        changes["donor"] |= {
            "donor_id": word("donor_id"), "age_at_collection": word("age"), "ancestry": word("ancestry"),
            "phenotypes": [word("phenotype")], "abo_rhd": word("abo"),
            "infectious_screen": [{"agent": word("agent"), "verdict": word("screen verdict")}],
            "eligibility": {"verdict": word("eligibility"), "regulation": word("regulation")},
        }  # fmt: skip
        changes["consent"] |= {
            "irb": {"committee": word("irb.committee"), "approval_no": word("irb.approval_no"), "date": word("irb.date")},
            "language": word("language"), "document_sha256": word("document_sha256"),
            "legal_basis": word("legal_basis"), "jurisdiction": word("jurisdiction"),
        }  # fmt: skip
        changes["origin"] = {"collection_year": canary.number("collection_year")}
        changes["derivation"] = {"embryo": {"approval_no": word("embryo.approval_no")}}
        changes["diseases"] = [{"term": "MONDO:0005180", "status": "affected", "stage": word("disease stage")}]
    return changes


def controlled_file(canary: Canary, **cells: Any) -> tuple[FileRow, Subject]:
    """A controlled file with a canary in its row, its digests and its facts."""
    word = canary.word
    path = f"data/wes/{word('path')}.vcf.gz"
    written = row(
        path, modality="wes", role="processed", format="vcf", sha256=canary.digest("row sha256"),
        sample_id=word("sample_id"), group=word("group"), assay_id=word("assay_id"), passage=word("passage"),
        replicate=word("replicate"), bytes=canary.number("row bytes"), **{"tier": "controlled", **cells},
    )  # fmt: skip
    inspected = Subject(
        path=path,
        kind="file",
        format="vcf",
        bytes=canary.number("bytes"),
        sha256=canary.digest("sha256"),
        md5=canary.digest("md5")[:32],
        facts={"samples": [word("samples")], "records": canary.number("records")},
    )
    canary.words[inspected.md5 or ""] = "md5"
    return written, inspected


def findings_about(canary: Canary, path: str, open_path: str) -> list[Finding]:
    """Findings that speak of controlled things, in every way in which a finding can."""
    word = canary.word

    def note(where: str, place: Place, related: Sequence[str] = ()) -> Finding:
        return NOTE.at(
            place, expected=word(f"{where}: expected"), got=word(f"{where}: got"), related=related, what=word(where)
        )

    places = [
        Place(path=path),
        Place(path=path, line=12, column="INFO/DP"),
        Place(path="files.csv", line=2, column="path"),
        Place(path="line.yaml", column="donor.relatives[1].donor"),
        Place(path="line.yaml", column="consent.consent_id"),
        Place(path="line.yaml", column="no_such_field"),
        Place(path="line.yaml"),
        Place(path="line.yaml", column=3),
        Place(path="qc.csv", line=2, column="reviewed_by"),
        Place(path="qc.csv", line=2, column="undocumented"),
        Place(path="qc.csv", line=2, column="test, reviewed_by"),
        Place(path="qc.csv", line=2),
        Place(path="cnv.csv", line=2, column="start"),
        Place(path="hla.csv", line=2, column="allele1"),
        Place(path="str.csv", line=2, column="alleles"),
        Place(path="assays.csv", line=3, column="kit"),
        Place(path="other.csv", column="test"),
        Place(),
        Place(column="origin.label"),
    ]
    found = [note(f"finding at {place}", place) for place in places]
    found.append(note("finding about an open file that names a controlled one", Place(path=open_path), [path]))
    return found


def canary_line(canary: Canary, tier: str) -> tuple[Line, dict[str, Subject], list[Finding], list[dict[str, Any]]]:
    """A line with one open file and everything that may not be public."""
    open_path = "data/rna-seq/count.tsv"
    written, inspected = controlled_file(canary)
    rows = [row(open_path, modality="rna-seq", role="processed", format="counts-matrix", assay_id="open-1"), written]
    changes = record_changes(canary, tier)
    if tier == "open":
        changes["access"] = {"approval": {"scope": ["rna-seq"]}}
    line = line_value(rows, tables(canary), **changes)
    subjects = {open_path: seen(open_path, "counts-matrix", counts_bytes(), genes=3), written.path: inspected}
    terms = [
        {"field": field, "term": "MONDO:1", "label": canary.word(f"annotation of {field}"), "property": "http://x/"}
        for field in ("donor.relatives[1].donor", "consent.consent_id", "unheard.of", "", "nonconformities[1].capa")
    ]
    return line, subjects, findings_about(canary, written.path, open_path), terms


@pytest.mark.parametrize("tier", ["open", "registered", "controlled"])
def test_canaries_when_in_every_controlled_place_then_in_no_public_byte(tier: str) -> None:
    canary = Canary({})
    line, subjects, findings, terms = canary_line(canary, tier)
    public, decisions = project(line, subjects, terms, findings, NOW)
    assert len(canary.words) > 60
    content = bytes_of(public)
    assert canary.found_in(content) == {}
    assert canary.found_in(repr(public).encode()) == {}
    assert b"count.tsv" in content if tier == "open" else b"count.tsv" not in content
    assert not decisions[line.files[1].path].is_open
    assert b'"sex": "unknown"' in content


def test_canaries_when_the_approval_covers_them_then_they_are_there() -> None:
    """The canaries can sing: the same places are public where everything allows it."""
    canary = Canary({})
    written, inspected = controlled_file(canary, tier="")
    scope = ["wes", "hla", "str", "cnv"]
    line = line_value([written], tables(canary), access={"approval": {"scope": scope}})
    public, _ = project(line, {written.path: inspected}, [], [], NOW)
    where = set(canary.found_in(bytes_of(public)).values())
    assert {"path", "sample_id", "sha256", "bytes", "samples", "hla allele1", "str alleles", "cnv start"} <= where
    assert not {"qc reviewed_by", "qc undocumented", "banks vials_made", "assays date", "row sha256", "md5"} & where


def test_assay_when_only_controlled_files_use_it_then_neither_its_row_nor_what_was_found_in_it_is_public() -> None:
    text = "assay_id,modality,kit\nsecret-1,wes, CANARY001X\nopen-1,rna-seq, Kit\n"
    rows = [
        row("data/a_count.tsv", modality="rna-seq", assay_id="open-1"),
        row("data/b", modality="wes", tier="controlled", assay_id="secret-1"),
    ]
    line = line_value(rows, {"assays": text})
    findings = [replace(each, path="assays.csv") for each in line.tables["assays"].rows.findings]
    assert {each.got for each in findings} == {"' CANARY001X'"}, "equal findings are one with the first place"
    subjects = {"data/a_count.tsv": seen("data/a_count.tsv", "counts-matrix"), "data/b": seen("data/b", "vcf")}
    public, _ = project(line, subjects, [], findings, NOW)
    assert b"CANARY001X" not in bytes_of(public)
    assert b"secret-1" not in bytes_of(public)
    assert [dict(each) for each in public.tables["assays"].rows] == [
        {"assay_id": "open-1", "modality": "rna-seq", "kit": " Kit"}
    ]


FILES: Mapping[str, tuple[str, str, str]] = {
    "data/rna-seq/a_count.tsv": ("counts-matrix", "rna-seq", "processed"),
    "data/notes.txt": ("text", "", "document"),
    "data/wes/a.vcf": ("vcf", "wes", "processed"),
    "data/wes/b.fastq": ("fastq", "wes", "raw"),
    "data/snp-array/c.CEL": ("cel", "snp-array", "raw"),
    "data/x.bin": (None, "", ""),  # type: ignore[dict-item]
}


def line_of(
    tiers: Mapping[str, str | None], scope: Sequence[str], embargo: str | None
) -> tuple[Line, dict[str, Subject]]:
    rows = [
        row(
            path,
            modality=FILES[path][1],
            role=FILES[path][2],
            format=FILES[path][0] or "",
            tier=tier,
            accession=f"ACC-{path[-3:]}",
        )
        for path, tier in tiers.items()
    ]
    access: dict[str, Any] = {"approval": {"scope": list(scope)}}
    if embargo:
        access["embargo_until"] = embargo
    line = line_value(rows, access=access)
    return line, {path: seen(path, FILES[path][0], path.encode(), note=path) for path in tiers}


@given(
    tiers=st.dictionaries(
        st.sampled_from(sorted(FILES)), st.sampled_from(["open", "", "controlled", "registered", None])
    ),
    scope=st.sets(st.sampled_from(["wes", "snp-array", "rna-seq"])),
    embargo=st.sampled_from([None, "2026-01-01", "2030-01-01"]),
)
@settings(max_examples=40)
def test_documents_when_made_with_and_without_controlled_files_then_equal_but_for_the_declared_facts(
    tiers: dict[str, str | None], scope: set[str], embargo: str | None
) -> None:
    line, subjects = line_of(tiers, sorted(scope), embargo)
    findings = [NOTE.at(Place(path=path), what=path) for path in tiers]
    public, decisions = project(line, subjects, [], findings, NOW)
    kept = {path: tier for path, tier in tiers.items() if decisions[path].is_open}
    bare, bare_subjects = line_of(kept, sorted(scope), embargo)
    without, _ = project(bare, bare_subjects, [], [each for each in findings if each.path in kept], NOW)
    assert without.restricted == ()
    assert published(replace(public, restricted=())) == published(without)
    hidden = json.dumps(
        [[each.modality, each.tier, each.embargo_until, each.duo, each.contact] for each in public.restricted]
    )
    for path in set(tiers) - set(kept):
        assert path.encode() not in bytes_of(public)
        assert path not in hidden
    assert {each.modality for each in public.restricted} == {
        FILES[path][1] or "other" for path in set(tiers) - set(kept)
    }
    assert len(public.restricted) == len({each.modality for each in public.restricted}), "never a count"


def test_bank_when_it_has_controlled_files_or_not_then_the_same_public_documents(tmp_path: Path) -> None:
    """The same with real files and every check, as a release makes them."""
    open_files = {"data/rna-seq/a_count.tsv": counts_bytes(), "data/notes.txt": text_bytes()}
    closed = {
        "data/wes/secret.vcf.gz": vcf_bytes("EXMPi009-Z"),
        "data/wes/secret_1.fastq.gz": fastq_bytes(),
        "data/odd.bin": b"\0\1\2",
        "data/closed.txt": text_bytes(),
    }
    access = {"approval": None}
    made = {}
    for name, files in (("with", {**open_files, **closed}), ("without", open_files)):
        bank = make_bank(tmp_path / name)
        write_line(bank, files=files, cells={"data/closed.txt": {"tier": "controlled"}}, access=access)
        made[name] = public_record(bank)
        assert [each.path for each in made[name].files] == sorted(open_files)
    assert [each.modality for each in made["with"].restricted] == ["other", "wes"]
    assert published(replace(made["with"], restricted=())) == published(made["without"])
    assert b"secret" not in bytes_of(made["with"])


def members(
    line: Line, now: str = NOW, subjects: Mapping[str, Subject] | None = None
) -> tuple[PublicRecord, dict[str, Decision]]:
    return project(line, subjects or {each.path: seen(each.path) for each in line.files}, [], [], now)


def test_restricted_when_files_are_closed_then_grouped_by_modality_with_how_to_ask() -> None:
    rows = [
        row("data/a.txt", modality="wes", tier="controlled", accession="EGAD1"),
        row("data/b.txt", modality="wes", tier="controlled", accession="EGAD1"),
        row("data/c.txt", modality="wes", tier="controlled"),
        row("data/d.txt", tier="controlled", accession="EGAD2"),
    ]
    line = line_value(rows, access={"contact": "dac@example.org"}, consent={"duo": ["DUO:0000042", "DUO:0000028"]})
    public, _ = members(line)
    assert [(each.modality, each.tier, each.accessions) for each in public.restricted] == [
        ("other", "controlled", ("EGAD2",)),
        ("wes", "controlled", ("EGAD1",)),
    ]
    assert {each.duo for each in public.restricted} == {("DUO:0000042", "DUO:0000028")}
    assert {each.contact for each in public.restricted} == {"dac@example.org"}
    assert {each.embargo_until for each in public.restricted} == {None}


def test_embargo_when_it_runs_then_the_date_is_public_and_the_files_are_not() -> None:
    line = line_value([row("data/a.txt", role="document")], access={"embargo_until": "2027-01-01"})
    public, decisions = members(line)
    assert public.files == ()
    assert [each.embargo_until for each in public.restricted] == ["2027-01-01"]
    assert decisions["data/a.txt"].embargo_until == "2027-01-01"
    later, _ = members(line, "2027-01-01T00:00:00Z")
    assert [each.path for each in later.files] == ["data/a.txt"]
    assert later.restricted == ()


def test_files_when_public_then_sorted_and_as_inspected_not_as_stated() -> None:
    rows = [
        row("data/b.txt", role="document", sha256="0" * 64, bytes=1, mediatype="text/plain"),
        row("data/a.txt", role="document"),
    ]
    facts: dict[str, Any] = {"lines": 1, "inner": {"x": [1]}}
    subjects = {each.path: replace(seen(each.path, "text", b"real\n"), facts=facts) for each in rows}
    public, _ = members(line_value(rows), subjects=subjects)
    assert [each.path for each in public.files] == ["data/a.txt", "data/b.txt"]
    assert {(each.bytes, each.sha256) for each in public.files} == {(5, hashlib.sha256(b"real\n").hexdigest())}
    assert [each.mediatype for each in public.files] == ["application/octet-stream", "text/plain"]
    facts["inner"]["x"].append(2)
    assert public.files[0].facts == {"lines": 1, "inner": {"x": [1]}}, "later changes do not reach it"


def test_findings_when_public_then_those_of_public_fields_files_and_columns_without_the_curators_line() -> None:
    line = line_value([row("data/a.txt", role="document")], {"qc": "test,class,verdict\nx,purity,pass\n"})
    given_findings = [
        NOTE.at(Place(path="line.yaml", line=3, column="origin.label"), what="1"),
        NOTE.at(Place(path="line.yaml", line=4, column="aliases[2].name"), what="2"),
        NOTE.at(Place(path="data/a.txt", line=5), what="3"),
        NOTE.at(Place(path="qc.csv", line=6, column="verdict"), what="4"),
    ]
    public, _ = project(line, {"data/a.txt": seen("data/a.txt")}, [], given_findings, NOW)
    assert [(each.message[-1], each.line) for each in public.findings] == [
        ("1", None),
        ("2", None),
        ("3", 5),
        ("4", None),
    ]
    assert public.audit_level == "warning"


@pytest.mark.parametrize(
    ("tier", "shown"),
    [
        ("open", ["origin.tissue", "aliases[1].name", "donor.donor_id", "diseases[1].stage"]),
        ("controlled", ["origin.tissue", "aliases[1].name"]),
    ],
)
def test_assertions_when_public_then_only_those_about_public_fields(tier: str, shown: list[str]) -> None:
    fields = [
        "origin.tissue", "consent.consent_id", "aliases[1].name", "donor.donor_id", "donor", "diseases[1].stage",
        "donor.relatives[1].donor", "consent", "no_such_field", "Donor.donor_id", "donor. donor_id", "donor[x].sex", "",
        "the donor", "donor.relatives", "nonconformities", "origin.tissue\n",
    ]  # fmt: skip
    stated = [{"field": each or "-", "value": f"V{n}", "source": f"S{n}"} for n, each in enumerate(fields)]
    line = line_value(access={"tier": tier}, assertions=stated)
    found = [
        NOTE.at(Place(path="line.yaml", column=f"assertions[{n}]"), what=f"F{n}") for n in range(1, len(fields) + 1)
    ]
    public, _ = project(line, {}, [], found, NOW)
    assert [each["field"] for each in public.record["assertions"]] == shown
    numbers = {fields.index(each) + 1 for each in shown}
    assert {each.column for each in public.findings} == {f"assertions[{number}]" for number in numbers}
    content = bytes_of(public)
    hidden = [n for n, each in enumerate(fields) if each not in shown]
    assert not [n for n in hidden if f'"V{n}"'.encode() in content or f'"S{n}"'.encode() in content]


def test_assertions_when_none_is_public_then_nothing_says_that_there_are_any() -> None:
    line = line_value(assertions=[{"field": "consent.consent_id", "value": "C-1", "source": "form"}])
    public, _ = project(line, {}, [], [], NOW)
    assert "assertions" not in public.record


@pytest.mark.parametrize("tier", ["open", "registered", "controlled"])
def test_banks_of_cells_when_the_line_is_of_any_tier_then_public(tier: str) -> None:
    given = {
        "banks": "bank_id,type,passage,date,vials_made\nD1,distribution,20,2019,50\n",
        "assays": "assay_id,modality\nsecret,wes\n",
        "qc": "test,class,verdict\nx,purity,pass\n",
    }
    rows = [row("data/x.vcf", modality="wes", assay_id="secret")]
    public, _ = project(line_value(rows, given, access={"tier": tier, "approval": None}), {}, [], [], NOW)
    assert set(public.tables) == ({"banks", "qc"} if tier == "open" else {"banks"})
    [cells] = public.tables["banks"].rows
    assert dict(cells) == {"bank_id": "D1", "type": "distribution", "passage": "20", "date": "2019"}


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        ({}, f"{LINE_ID}: human induced pluripotent stem-cell line from umbilical cord blood"),
        ({"line_type": "ESC", "origin": {"label": "unknown"}}, f"{LINE_ID}: human embryonic stem-cell line"),
        ({"line_type": "unknown", "species": "unknown", "origin": None}, f"{LINE_ID}: cell line"),
    ],
)
def test_title_when_made_then_from_the_public_record(changes: dict[str, Any], title: str) -> None:
    assert members(line_value(**changes))[0].title == title


def test_description_when_made_then_says_what_matters() -> None:
    changes: dict[str, Any] = {
        "diseases": [{"term": "MONDO:0005180", "label": "Parkinson disease", "status": "affected"}],
        "data_kind": "synthetic",
    }
    text = members(line_value([row("data/a.txt", role="document")], **changes))[0].description
    for words in ("Also known as example-hiPSC-1.", "Disease of the donor: Parkinson disease.", "synthetic"):
        assert words in text


def test_public_record_when_made_by_hand_then_refused() -> None:
    public, _ = members(line_value())
    state = {name: getattr(public, name) for name in PublicRecord.__dataclass_fields__ if name != "seal"}
    with pytest.raises(TypeError):
        PublicRecord(**state)
    with pytest.raises(TypeError):
        PublicRecord(**state, seal=object())
    assert restore(state) == public
    assert replace(public, title="x").title == "x"


def test_public_record_when_named_by_a_release_then_only_that_changes() -> None:
    public, _ = members(line_value())
    named = public.released_as("2026.11", NOW)
    assert (named.release, named.issued) == ("2026.11", NOW)
    assert replace(named, release="", issued="") == public


def withdrawn_pair() -> Iterator[tuple[str, PublicRecord]]:
    rows = [
        row("data/gone_count.tsv", modality="rna-seq", assay_id="one", sample_id="GONE"),
        row("data/kept_count.tsv", modality="rna-seq", assay_id="two"),
    ]
    line = line_value(rows, {"assays": "assay_id,modality,kit\none,rna-seq,KitOne\ntwo,rna-seq,KitTwo\n"})
    findings = [
        NOTE.at(Place(path="data/gone_count.tsv"), what="gone"),
        NOTE.at(Place(path="data/kept_count.tsv"), related=["data/gone_count.tsv"], what="both"),
        NOTE.at(Place(path="data/kept_count.tsv"), what="kept"),
    ]
    subjects = {each.path: seen(each.path, "counts-matrix", each.path.encode()) for each in rows}
    public, _ = project(line, subjects, [], findings, NOW)
    yield "before", public
    yield "after", public.without("data/gone_count.tsv", "consent withdrawn", NOW)


def test_file_when_withdrawn_then_nothing_is_left_of_it_but_path_and_reason() -> None:
    records = dict(withdrawn_pair())
    before, after = records["before"], records["after"]
    assert [each.path for each in after.files] == ["data/kept_count.tsv"]
    assert [dict(each) for each in after.withdrawn] == [
        {"path": "data/gone_count.tsv", "reason": "consent withdrawn", "date": NOW}
    ]
    assert [each.message for each in after.findings] == ["the note says kept"]
    assert [each["assay_id"] for each in after.tables["assays"].rows] == ["two"]
    content = bytes_of(after)
    for word in ("GONE", "KitOne", before.files[0].sha256):
        assert word.encode() not in content
    assert after.remembering([{"path": "x", "reason": "r", "date": NOW}]).withdrawn == (
        {"path": "x", "reason": "r", "date": NOW},
    )


def test_judged_line_when_projected_then_every_finding_of_a_controlled_file_stays_in_the_bank(tmp_path: Path) -> None:
    bank = make_bank(tmp_path)
    files = {"data/wes/secret.vcf.gz": vcf_bytes("EXMPi009-Z"), "data/rna-seq/a_count.tsv": counts_bytes("EXMPi009-Y")}
    write_line(bank, files=files, access={"approval": None})
    judged = judge(bank)
    assert judged.files["data/wes/secret.vcf.gz"].findings
    assert judged.files["data/rna-seq/a_count.tsv"].findings
    public = public_record(bank)
    assert b"EXMPi009-Z" not in bytes_of(public)
    assert b"EXMPi009-Y" in bytes_of(public)
