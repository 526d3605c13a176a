"""The page of a package: what is asked first stands first, and everything is said in words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from catalog.access import Restricted
from catalog.web.app import make_app
from catalog.web.registers import reference_url, register_url
from catalog.web.words import restricted_words
from catalog.wording import entry_words, human_bytes, result_words
from publish.exports.accessions import publication_iri, read_accession
from tests.builders import LINE_ID, counts_bytes, make_bank, release, vcf_bytes, write_line
from tests.web.conftest import OPEN

CONTROLLED = "EXMPi002-A"
QC = (
    "test,class,verdict,comparator,value,unit,passage,performer_kind\n"
    "STR,identity,unknown,,,,,bank\n"
    "endotoxin,sterility,pass,<,0.5,EU/mL,18,bank\n"
    "teratoma,pluripotency,not_done,,,,,bank\n"
    "viral genes,purity,not_applicable,,,,,bank\n"
)
ASSAYS = 'assay_id,modality,platform,kit,reference,source\nrna-1,rna-seq,Illumina,TruSeq,GRCh38,"JO20, inferred"\n'
BANKS = "bank_id,type,passage,date\nd,distribution,18,2017\n"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """A line of which much is known, and one whose files are controlled."""
    bank = make_bank(tmp_path_factory.mktemp("page"))
    write_line(
        bank, LINE_ID, files={"data/rna-seq/counts.tsv": counts_bytes()},
        cells={"data/rna-seq/counts.tsv": {"assay_id": "rna-1"}},
        tables={"qc.csv": QC, "assays.csv": ASSAYS, "banks.csv": BANKS},
        aliases=[{"name": "CMC-hiPSC-003", "kind": "in-house"}],
        xrefs=[{"db": "Cellosaurus", "id": "CVCL_WR10"}, {"db": "Elsewhere", "id": "X-1"}],
        donor={"donor_id": "EXMP-D001", "sex": "female", "age_at_collection": "40-49"},
        assertions=[{"field": "origin.tissue", "value": "NCIT:C12434", "source": "hPSCreg", "status": "conflicts"}],
        references=["10.1016/j.scr.2021.102270"], notes=["A note of the bank."],
    )  # fmt: skip
    write_line(
        bank, CONTROLLED, files={"data/wes/calls.vcf.gz": vcf_bytes(CONTROLLED)},
        cells={"data/wes/calls.vcf.gz": {"accession": "EGAD00001000001"}},
        access={"tier": "controlled", "contact": "dac@example.org"}, consent={"duo": ["DUO:0000042"]},
    )  # fmt: skip
    release(bank, "2026.11")
    with TestClient(make_app(bank), base_url="http://testserver") as client:
        yield client


def page_of(client: TestClient, name: str) -> str:
    return html.unescape(client.get(f"/package/{name}", headers={"accept": "text/html"}).text)


def section(page: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">.*?</section>', page, re.DOTALL)
    assert found is not None, name
    return found[0]


def test_page_when_read_from_the_top_then_identity_files_quality_rights_record_and_the_rest(pages: TestClient) -> None:
    page = page_of(pages, LINE_ID)
    marks = [
        "<h1>", 'class="identity"', "Everything as zip", 'id="files"', 'id="quality"', 'id="assays"', 'id="rights"',
        'id="record"', "<h2>What others say", 'id="versions"', 'id="findings"', 'id="cite"',
    ]  # fmt: skip
    places = [page.index(mark) for mark in marks]
    assert places == sorted(places)


def test_identity_when_shown_then_answers_what_is_asked_first(pages: TestClient) -> None:
    page = page_of(pages, LINE_ID)
    block = re.search(r'<dl class="identity">.*?</dl>', page, re.DOTALL)
    assert block is not None
    answers = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", block[0]))
    assert answers["Also known as"] == "CMC-hiPSC-003 (in-house name)"
    assert answers["Type"].startswith("Induced pluripotent (iPSC)")
    assert answers["Donor"] == "female, aged 40-49, EXMP-D001"
    assert "umbilical cord blood (UBERON:0012168)</a>" in answers["Origin"]
    assert (answers["Passage"], answers["Year banked"]) == ("18 (distribution bank)", "2017")
    assert {"Disease", "Derivation", "Grade", "Availability", "Access", "Licence"} <= set(answers)


def test_quality_when_some_tests_say_nothing_then_they_are_folded_below_the_others(pages: TestClient) -> None:
    quality = section(page_of(pages, LINE_ID), "quality")
    shown, _, folded = quality.partition("<details>")
    assert re.findall(r"<tr><td>(.*?)</td>", shown) == ["endotoxin", "teratoma"]
    assert "not done" in shown
    assert "< 0.5 EU/mL" in shown
    assert re.findall(r"<tr><td>(.*?)</td>", folded) == ["STR", "viral genes"]
    assert "2 tests without a result: 1 unknown, 1 not applicable" in folded


def test_assays_when_shown_then_with_their_source(pages: TestClient) -> None:
    assays = section(page_of(pages, LINE_ID), "assays")
    assert re.findall(r'<th scope="col">(.*?)</th>', assays) == [
        "Measurement", "Platform, instrument, kit", "Build", "Source",
    ]  # fmt: skip
    assert re.findall(r"<td>(.*?)</td>", assays) == ["RNA sequencing", "Illumina, TruSeq", "GRCh38", "JO20, inferred"]


def test_record_when_shown_then_lists_are_words_and_links(pages: TestClient) -> None:
    page = page_of(pages, LINE_ID)
    assert '<a href="https://www.cellosaurus.org/CVCL_WR10">Cellosaurus CVCL_WR10</a>' in page
    assert "Elsewhere X-1" in page
    assert "hPSCreg says NCIT:C12434 for origin.tissue, which conflicts with this record" in page
    assert '<a href="https://doi.org/10.1016/j.scr.2021.102270">10.1016/j.scr.2021.102270</a>' in page
    assert not re.search(r"(Kind|Database|Field|Identifier): ", page)
    others = page[page.index("<h2>What others say") : page.index("<h2>Publications")]
    assert "A note of the bank." not in others
    assert "A note of the bank." in page[page.index("<h2>Notes of the bank") :]


@pytest.mark.parametrize("name", [LINE_ID, CONTROLLED])
def test_zip_when_offered_then_with_the_size_that_it_has(pages: TestClient, name: str) -> None:
    size = len(pages.get(f"/package/{name}/2026.11.zip").content)
    assert f"Everything as zip, {human_bytes(size)}<" in page_of(pages, name)


def test_zip_when_a_file_was_withdrawn_then_the_page_says_the_size_without_it(client: TestClient) -> None:
    size = int(client.head(f"/package/{OPEN}/2026.12.1.zip").headers["content-length"])
    assert f"Everything as zip, {human_bytes(size)}<" in page_of(client, OPEN)


def test_curl_when_shown_then_gets_everything_and_one_file(pages: TestClient) -> None:
    page = page_of(pages, LINE_ID)
    stem = f"https://bank.example.org/package/{LINE_ID}/2026.11"
    assert f"curl -fLo {LINE_ID}.zip {stem}.zip" in page
    assert f"curl -fLO {stem}/files/data/rna-seq/counts.tsv" in page


def test_controlled_files_when_shown_then_data_use_accession_and_whom_to_ask(pages: TestClient) -> None:
    page = page_of(pages, CONTROLLED)
    [words] = re.findall(r'role="note">(Whole-exome sequencing: controlled.*?)</p>', page)
    for word in ("data use general research use", "accession EGAD00001000001", "ask dac@example.org"):
        assert word in words
    assert "data use not stated" in restricted_words(Restricted(modality="wes", tier="controlled"), {})
    assert "<dt>Access</dt><dd>The files are controlled: ask dac@example.org for access.</dd>" in page


@pytest.mark.parametrize(
    ("database", "identifier"),
    [
        ("Cellosaurus", "CVCL_WR10"), ("hPSCreg", "KSCBi005-A"), ("GEO", "GSE163134"), ("SRA", "PRJNA685393"),
        ("SRA", "SRR1"), ("BioSample", "SAMN17063361"), ("EGA", "EGAS00001000001"), ("EGA", "EGAD00001000001"),
        ("dbGaP", "phs000001.v1.p1"), ("ArrayExpress", "E-MTAB-1"), ("Elsewhere", "X-1"),
    ],
    ids=lambda each: str(each),
)  # fmt: skip
def test_register_when_asked_then_gives_the_address_that_the_exports_give(database: str, identifier: str) -> None:
    assert register_url(database, identifier) == (read_accession(database, identifier).iri or "")


@pytest.mark.parametrize("reference", ["10.1016/j.scr.2021.102270", "PMID:12345", "a book"])
def test_reference_when_asked_then_gives_the_address_that_the_exports_give(reference: str) -> None:
    assert reference_url(reference) == (publication_iri(reference) or "")


@pytest.mark.parametrize(
    ("field", "entry", "words"),
    [
        ("aliases", {"name": "A", "kind": "unknown"}, "A"),
        ("aliases", {"name": "A", "kind": "former"}, "A (former name)"),
        ("diseases", {"term": "MONDO:1", "label": "palsy", "status": "affected"}, "palsy (MONDO:1), affected"),
        ("diseases", {"term": "MONDO:1", "status": "unknown"}, "MONDO:1"),
        ("infectious_screen", {"agent": "HIV-1", "verdict": "pass"}, "HIV-1: passed"),
        ("supplements", {"name": "FGF2", "amount": 10, "unit": "ng/mL"}, "FGF2 10 ng/mL"),
        (
            "cautions",
            {"text": "drifts", "severity": "high", "date": "2024-01-01"},
            "drifts (high severity, 2024-01-01)",
        ),
        ("modifications", {"type": "knock-in", "gene": "NES", "zygosity": "unknown"}, "knock-in, NES"),
        ("nonconformities", {"id": "unknown"}, "unknown"),
    ],
    ids=lambda each: str(each)[:30],
)
def test_entry_when_said_then_in_words(field: str, entry: dict[str, object], words: str) -> None:
    assert entry_words(field, entry) == words


def test_result_when_there_is_none_then_nothing() -> None:
    assert result_words({"comparator": None, "value": None, "unit": None}) == ""
    assert result_words({"comparator": "=", "value": "92", "unit": "%"}) == "92 %"


def test_static_files_when_read_then_templates_hold_no_inline_style_or_script() -> None:
    folder = Path(__file__).resolve().parents[2] / "catalog" / "web" / "templates"
    for path in folder.glob("*.html"):
        text = path.read_text()
        assert " style=" not in text
        assert not re.search(r"<script(?! src=)|<style", text), path.name
