"""A package as a CKAN dataset: what is sent, what is never sent, where it goes, and what counts as a difference."""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from catalog.access import Restricted
from catalog.errors import IntegrityError
from catalog.ledger import Withdrawal
from catalog.model import Publisher
from publish.targets.ckan.comparison import differences
from publish.targets.ckan.fields import CORE_KEYS, EXTRA_KEYS, LONGEST_BYTES, SCHEMA_KEYS, Site, tombstone_fields
from publish.targets.ckan.resources import RESOURCE_KEYS
from publish.targets.publication import PublishedPackage, document
from tests.builders import counts_bytes, make_bank, public_record, vcf_bytes, write_line
from tests.docs_pages import page, section, table_rows
from tests.exports.builders import (
    BASE,
    FILES,
    LINE,
    LINE_ID,
    PACKAGE,
    RESTRICTED,
    annotation,
    bank,
    line_record,
    public,
)
from tests.targets.ckan_datasets import ALLOWED, FULL, PLAIN, dataset_of, files_of, link_of, package_of

WITHDRAWN = (
    {"path": "data/x", "reason": "wrong", "date": "2026-10-01"},
    {"path": "data/y", "reason": "names a person", "date": "2026-10-02"},
)
GONE = Withdrawal(id=LINE_ID, path=None, reason="consent withdrawn", date="2026-12-01")
TERMS = {
    "diseases": [
        {"term": "MONDO:0005180", "label": "Parkinson disease"},
        {"term": "MONDO:0005148", "label": "diabetes"},
    ],
    "origin": {"tissue": "UBERON:0012168", "cell": "CL:0000057", "label": "cord blood"},
    "donor": {"sex": "female"},
    "grade": "research",
}
ANNOTATIONS = (
    annotation("http://purl.obolibrary.org/obo/CLO_0037208", "UBERON:0012168", "umbilical cord blood", "origin.tissue"),
    annotation("http://purl.obolibrary.org/obo/CLO_0037207", "NCBITaxon:9606", "Homo sapiens", "species"),
    annotation("http://purl.org/dc/terms/relation", "CL:0000057", "fibroblast", "origin.cell"),
)


def rich(site: Site = FULL, **changes: Any) -> dict[str, Any]:
    """A dataset with everything in it."""
    members = {
        "record": line_record(**TERMS),
        "annotations": ANNOTATIONS,
        "restricted": RESTRICTED,
        "withdrawn": WITHDRAWN,
    }
    return dataset_of(package_of(public(**{**members, **changes}), bank()), bank(), site)


def extras(dataset: dict[str, Any]) -> dict[str, str]:
    return {each["key"]: each["value"] for each in dataset["extras"]}


def tombstone(site: Site = FULL, **changes: Any) -> dict[str, Any]:
    return tombstone_fields(LINE_ID, f"{LINE_ID}: a line", GONE, bank(**changes), site)


# What is sent


def test_line_when_mapped_then_core_fields() -> None:
    made = rich()
    assert made["name"] == "exmpi001-a"
    assert made["title"] == public().title
    assert made["notes"].startswith(f"{public().description}\n\n")
    assert rich(restricted=())["notes"] == public().description
    assert made["owner_org"] == "bank"
    assert made["version"] == "2026.11"
    assert made["url"] == f"{PACKAGE}/2026.11"
    assert made["uri"] == made["identifier"] == PACKAGE
    assert (made["private"], made["state"], made["type"]) == (False, "active", "dataset")


def test_line_when_mapped_then_names_of_people_and_terms() -> None:
    made = rich()
    assert made["publisher"] == made["creator"]
    assert made["publisher"][0]["uri"] == "https://ror.org/01fpnj063"
    assert made["contact"] == [
        {
            "uri": f"{PACKAGE}#contact",
            "name": "Curation desk",
            "email": "bank@example.org",
            "url": "https://example.org/",
        }
    ]
    assert "http://publications.europa.eu/resource/authority/data-theme/HEAL" in made["theme"]
    assert "http://purl.obolibrary.org/obo/UBERON_0012168" in made["theme"]
    assert made["qualified_relation"][0]["relation"] == LINE
    assert made["alternate_identifier"] == [LINE_ID, "GSE163134", "PRJNA685393"]
    assert made["provenance"].count("\n") == 1
    assert made["access_rights"].endswith("/RESTRICTED")


def test_line_when_mapped_then_main_terms_are_extras_of_one_value() -> None:
    assert (
        extras(rich()).items()
        >= {
            "release": "2026.11",
            "package_version": "v1",
            "package_id": LINE_ID,
            "cell_line": LINE_ID,
            "clo_term": "CLO:1000476",
            "clo_status": "exact",
            "line_type": "iPSC",
            "species": "Homo sapiens",
            "species_term": "NCBITaxon:9606",
            "tissue": "umbilical cord blood",
            "tissue_term": "UBERON:0012168",
            "cell_type": "fibroblast",
            "disease": "Parkinson disease",
            "disease_term": "MONDO:0005180",
            "sex": "female",
            "tier": "open",
            "data_kind": "measured",
            "license": "https://spdx.org/licenses/CC-BY-4.0",
        }.items()
    )


@pytest.mark.parametrize("site", [FULL, PLAIN], ids=["scheming", "plain"])
def test_extras_when_sent_then_sorted_texts_that_collide_with_no_field(site: Site) -> None:
    for made in (rich(site), tombstone(site)):
        keys = [each["key"] for each in made["extras"]]
        assert keys == sorted(set(keys))
        assert not set(keys) & site.schema_fields
        assert not [key for key in keys if key.endswith("_date")]
        assert all(isinstance(each["value"], str) and each["value"] for each in made["extras"])


def test_extra_when_the_schema_has_such_a_field_then_it_is_that_field() -> None:
    site = Site(organization="bank", schema_fields=frozenset({"license"}), resource_fields=frozenset(), address="x")
    made = rich(site)
    assert made["license"] == "https://spdx.org/licenses/CC-BY-4.0"
    assert "license" not in extras(made)


def test_line_when_the_portal_has_no_schema_then_everything_is_an_extra_that_ckanext_dcat_reads() -> None:
    made = rich(PLAIN)
    loose = extras(made)
    assert set(made) <= CORE_KEYS | {"extras"}
    assert loose["uri"] == PACKAGE
    assert loose["publisher_uri"] == "https://ror.org/01fpnj063"
    assert loose["contact_email"] == "bank@example.org"
    assert loose["spatial_uri"].endswith("/KOR")
    assert json.loads(loose["theme"]) == rich()["theme"]
    [vcf] = [each for each in made["resources"] if each["uri"] == f"{FILES}data/wes/a.vcf.gz"]
    assert json.loads(vcf["conforms_to"]) == ["http://edamontology.org/format_3016"]


def test_value_when_too_long_for_the_index_then_left_out_whole_and_named() -> None:
    many = [f"10.1234/{number:060d}" for number in range(700)]
    made = rich(record=line_record(references=many))
    assert "is_referenced_by" not in made
    assert extras(made)["left_out"] == "is_referenced_by"
    few = many[:200]
    kept = rich(record=line_record(references=few))
    assert len(kept["is_referenced_by"]) == len(few)
    assert "left_out" not in extras(kept)
    assert len(json.dumps(kept["is_referenced_by"])) < LONGEST_BYTES


@pytest.mark.parametrize(
    ("word", "tag"),
    [
        ("a: b/c (d)", "a b c d"),
        ("세포주 1", "세포주 1"),
        ("x", None),
        ("+", None),
        ("y" * 101, None),
        ("y" * 100, "y" * 100),
        ("CLO:0000031", "CLO 0000031"),
    ],
)
def test_tag_when_made_of_a_keyword_then_only_what_ckan_takes(word: str, tag: str | None) -> None:
    made = rich(record=line_record(aliases=[{"name": word, "kind": "in-house"}]))
    names = {each["name"] for each in made["tags"]}
    assert all(re.fullmatch(r"[\w .-]{2,100}", each) for each in names)
    base = {each["name"] for each in rich(record=line_record(aliases=[]))["tags"]}
    assert names - base == ({tag} if tag else set())


@pytest.mark.parametrize(
    ("licence", "sent"),
    [("CC-BY-4.0", "cc-by"), ("CC0-1.0", "cc-zero"), ("CC-BY-NC-4.0", "CC-BY-NC-4.0"), ("unknown", "notspecified")],
)
def test_licence_when_mapped_then_that_of_the_register_or_of_spdx(licence: str, sent: str) -> None:
    made = rich(record=line_record(licence=licence))
    assert made["license_id"] == sent
    assert extras(made).get("license") == (None if licence == "unknown" else f"https://spdx.org/licenses/{licence}")


def test_keys_when_sent_then_known() -> None:
    made, gone = rich(), tombstone()
    for each in (made, gone):
        assert set(each) <= CORE_KEYS | SCHEMA_KEYS | {"extras"}
        assert set(extras(each)) <= EXTRA_KEYS
    sent = {name for each in made["resources"] for name in each}
    assert sent == RESOURCE_KEYS | {"id"}
    assert set(made) | set(gone) == CORE_KEYS | SCHEMA_KEYS | {"extras"}
    assert set(extras(made)) | set(extras(gone)) == EXTRA_KEYS - {"left_out"}


# The files


def test_link_when_made_then_says_size_digest_type_and_who_gives_the_bytes() -> None:
    [made] = [each for each in rich()["resources"] if each["path"] == "data/wes/a.vcf.gz"]
    [file] = [each for each in files_of(public(), bank()) if each.path == "data/wes/a.vcf.gz"]
    assert made["url"] == made["access_url"] == made["download_url"] == link_of(file)
    assert made["uri"] == f"{FILES}data/wes/a.vcf.gz"
    assert made["size"] == 1234
    assert made["hash"] == hashlib.sha256(b"data/wes/a.vcf.gz").hexdigest()
    assert made["hash_algorithm"] == "https://spdx.org/rdf/terms#checksumAlgorithm_sha256"
    assert (made["format"], made["mimetype"]) == ("VCF", "text/plain")
    assert made["compress_format"].endswith("application/gzip")
    assert made["license"] == "https://spdx.org/licenses/CC-BY-4.0"
    assert made["edam_format"] == "http://edamontology.org/format_3016"
    assert (made["modality"], made["assembly"], made["tier"]) == ("wes", "GRCh38", "open")


def test_formats_when_named_then_short_and_exact() -> None:
    formats = {each["path"]: each["format"] for each in rich()["resources"]}
    assert formats["data/snp/a.CEL"] == "CEL"
    assert formats["data/qc/karyotype.png"] == "PNG"
    assert formats["data/rna/counts.tsv"] == "TSV"
    assert formats["datapackage.json"] == "JSON"
    assert formats["README.md"] == "MD"


def test_documents_when_not_in_our_dcat_then_held_like_the_description_of_the_package() -> None:
    by_path = {each["path"]: each for each in rich()["resources"]}
    for name in ("license", "availability", "issued"):
        assert by_path["README.md"][name] == by_path["datapackage.json"][name]


# The released documents


def without(package: PublishedPackage, *paths: str) -> PublishedPackage:
    return replace(package, files=tuple(each for each in package.files if each.path not in paths))


def swapped(package: PublishedPackage, path: str, content: bytes) -> PublishedPackage:
    """A package with another document at a path."""
    other = document(path, content, "application/json", path)
    files = (replace(other, package=package.id) if each.path == path else each for each in package.files)
    return replace(package, files=tuple(files))


def test_line_when_the_bank_has_changed_since_then_its_released_documents_speak() -> None:
    package = package_of(public(), bank())
    moved = bank(publisher=Publisher(name="Another Institute", url="https://other.example.org/"))
    made = dataset_of(package, moved)
    assert made == dataset_of(package, bank())
    assert made["publisher"][0]["name"] == "Example Institute"


@pytest.mark.parametrize("site", [FULL, PLAIN], ids=["scheming", "plain"])
def test_line_when_no_dcat_was_stored_then_it_is_made(site: Site) -> None:
    package = package_of(public(restricted=RESTRICTED), bank())
    made, whole = dataset_of(without(package, "dcat.jsonld"), bank(), site), dataset_of(package, bank(), site)
    assert made == {**whole, "resources": [each for each in whole["resources"] if each["path"] != "dcat.jsonld"]}
    of_a_plug_in = dataset_of(swapped(package, "dcat.jsonld", b'{"@context": {}, "@id": "x"}'), bank(), site)
    assert {**of_a_plug_in, "resources": []} == {**whole, "resources": []}


@pytest.mark.parametrize("site", [FULL, PLAIN], ids=["scheming", "plain"])
def test_line_when_its_documents_are_of_an_older_fairline_then_what_they_lack_is_left_out(site: Site) -> None:
    package = without(swapped(package_of(public(), bank()), "datapackage.json", b"{}"), "citation.txt")
    dataset = [{"@id": PACKAGE, "http://purl.org/dc/terms/title": [{"@value": "An old title"}]}]
    made = dataset_of(swapped(package, "dcat.jsonld", json.dumps(dataset).encode()), bank(), site)
    assert (made["title"], made["notes"], made["tags"]) == ("An old title", public().title, [])
    assert not {"fingerprint", "cite_as", "license", "publisher_name"} & set(extras(made))
    assert not {"publisher", "creator", "contact", "theme", "spatial_coverage", "issued", "url"} & set(made)
    [vcf] = [each for each in made["resources"] if each["path"] == "data/wes/a.vcf.gz"]
    assert (vcf["format"], vcf["size"], vcf["tier"]) == ("GZ", 1234, "open")
    assert "license" not in vcf


def test_line_when_a_document_is_damaged_then_an_error() -> None:
    package = package_of(public(), bank())
    files = (replace(each, content=b"[]") if each.path == "dcat.jsonld" else each for each in package.files)
    with pytest.raises(IntegrityError) as caught:
        dataset_of(replace(package, files=tuple(files)), bank())
    assert (caught.value.code, caught.value.at) == ("content-damaged", f"{LINE_ID}/dcat.jsonld")


# What is not public


def test_restricted_when_mapped_then_a_paragraph_and_extras_but_no_resource() -> None:
    made = rich()
    told = "Whole-exome sequencing data of this line are not public: tier controlled."
    assert made["notes"].partition("\n\n")[2].startswith(told)
    assert "dac@example.org" in made["notes"]
    assert (
        extras(made).items()
        >= {
            "access_instructions": made["notes"].partition("\n\n")[2],
            "restricted": "wes",
            "duo": "DUO:0000042, DUO:0000021",
            "embargo_until": "2027-01-01",
            "accession": "EGAD00001000001",
        }.items()
    )
    assert {each["uri"] for each in made["resources"]} == {each["uri"] for each in rich(restricted=())["resources"]}
    assert not {"access_instructions", "restricted", "duo", "embargo_until", "accession"} & set(
        extras(rich(restricted=()))
    )


def test_restricted_when_of_several_kinds_then_each_is_told_once() -> None:
    kinds = (
        Restricted(modality="own-kind", tier="controlled"),
        Restricted(modality="other-kind", tier="embargoed", embargo_until="2026-12-31"),
        Restricted(modality="wes", tier="controlled", duo=("DUO:0000042",)),
        Restricted(modality="wes", tier="controlled", duo=("DUO:0000042",), embargo_until="2027-01-01"),
    )
    made = extras(rich(restricted=kinds))
    assert made["restricted"] == "own-kind, other-kind, wes"
    assert (made["duo"], made["embargo_until"]) == ("DUO:0000042", "2026-12-31, 2027-01-01")
    sentences = made["access_instructions"].splitlines()
    assert len(sentences) == len(set(sentences)) == len(kinds)
    assert all("are not public" in each and "For access ask" in each for each in sentences)


def test_controlled_files_when_a_line_has_some_then_nothing_of_them_is_sent(tmp_path: Path) -> None:
    of_bank = make_bank(tmp_path)
    secret = vcf_bytes(positions=range(10001, 10001 + 777))
    files = {"data/wes/secret-calls.vcf.gz": secret, "data/rna-seq/counts.tsv": counts_bytes()}
    write_line(of_bank, files=files, access={"tier": "open", "approval": None})
    record = public_record(of_bank).released_as("2026.11", "2026-11-22T08:00:00Z")
    assert [each.path for each in record.files] == ["data/rna-seq/counts.tsv"]
    assert [each.modality for each in record.restricted] == ["wes"]
    for site in (FULL, PLAIN):
        text = json.dumps(dataset_of(package_of(record, of_bank.settings), of_bank.settings, site))
        assert '"key": "restricted", "value": "wes"' in text
        assert "secret" not in text
        assert str(len(secret)) not in text
        assert hashlib.sha256(secret).hexdigest() not in text
        assert hashlib.md5(secret).hexdigest() not in text


# Tombstones


def test_tombstone_when_made_then_says_when_and_why_and_has_no_files() -> None:
    made = tombstone()
    assert made["name"] == "exmpi001-a"
    assert made["uri"] == made["url"] == PACKAGE
    assert made["resources"] == made["tags"] == []
    assert "2026-12-01: consent withdrawn" in made["notes"]
    assert made["title"].startswith("Withdrawn: ")
    assert made["access_rights"].endswith("/NON_PUBLIC")
    assert extras(made).items() >= {"withdrawn": "2026-12-01", "withdrawal_reason": "consent withdrawn"}.items()
    assert made["publisher"] == rich()["publisher"]
    assert BASE in made["contact"][0]["uri"]


# What counts as a difference


def as_shown(wanted: dict[str, Any]) -> dict[str, Any]:
    """What ``package_show`` of CKAN 2.12 makes of it."""
    shown = copy.deepcopy(wanted)
    shown |= {
        "id": "1",
        "owner_org": "befa7629",
        "organization": {"id": "befa7629", "name": wanted["owner_org"]},
        "author": None,
        "groups": [{"name": "somebody-s"}],
        "metadata_modified": "2026-11-22T08:00:01",
        "num_resources": len(wanted["resources"]),
        "frequency": "",
    }
    shown["tags"] = [{**each, "id": "2", "vocabulary_id": None} for each in reversed(wanted["tags"])]
    shown["extras"] = sorted(shown["extras"], key=lambda each: len(each["key"]))
    for number, each in enumerate(shown["resources"]):
        each |= {"position": number, "created": "2026-11-22T08:00:01", "url_type": None, "cache_url": None}
        each |= {"size": str(each["size"])} if "size" in each else {}
        each |= {"hash": ""} if "hash" not in each else {}
    return shown


def test_differences_when_the_portal_shows_what_was_sent_in_its_own_words_then_none() -> None:
    for made in (rich(), rich(PLAIN), tombstone(), tombstone(PLAIN)):
        assert differences(made, as_shown(made)) == []


def test_differences_when_the_organization_is_given_by_its_id_then_none() -> None:
    made = rich()
    shown = as_shown(made)
    assert differences({**made, "owner_org": "befa7629"}, shown) == []
    assert differences({**made, "owner_org": "other"}, shown) == ["owner_org"]


def _swap(shown: dict[str, Any]) -> None:
    one, two, *rest = shown["resources"]
    shown["resources"] = [{**two, "position": 0}, {**one, "position": 1}, *rest]


CHANGES: dict[str, tuple[Callable[[dict[str, Any]], Any], str]] = {
    "text": (lambda shown: shown.update(notes="other"), "notes"),
    "field removed": (lambda shown: shown.pop("provenance"), "provenance"),
    "field emptied": (lambda shown: shown.update(theme=[]), "theme"),
    "order of a list": (lambda shown: shown["theme"].reverse(), "theme"),
    "subfield": (lambda shown: shown["contact"][0].update(email="x@example.org"), "contact"),
    "date": (lambda shown: shown.update(issued="2026-11-22T08:00:02Z"), "issued"),
    "hidden": (lambda shown: shown.update(private=True), "private"),
    "deleted": (lambda shown: shown.update(state="deleted"), "state"),
    "tag added": (lambda shown: shown["tags"].append({"name": "new"}), "tags"),
    "tag removed": (lambda shown: shown["tags"].pop(), "tags"),
    "extra changed": (lambda shown: shown["extras"][0].update(value="x"), "extras.duo"),
    "extra added": (lambda shown: shown["extras"].append({"key": "more", "value": "x"}), "extras.more"),
    "resource added": (lambda shown: shown["resources"].append({"id": "x"}), "resources"),
    "resource removed": (lambda shown: shown["resources"].pop(), "resources"),
    "gap in positions": (lambda shown: shown["resources"][1].update(position=7), "resources.position"),
    "order of resources": (_swap, "resources[0].id"),
    "digest": (lambda shown: shown["resources"][0].update(hash="0" * 64), "resources[0].hash"),
    "field of a resource added": (lambda shown: shown["resources"][0].update(assembly="x"), "resources[0].assembly"),
}


@pytest.mark.parametrize(("change", "name"), CHANGES.values(), ids=CHANGES.keys())
def test_differences_when_something_was_changed_then_named(change: Callable[[dict[str, Any]], Any], name: str) -> None:
    made = rich()
    shown = as_shown(made)
    change(shown)
    assert name in differences(made, shown)


def test_differences_when_a_field_of_an_earlier_version_is_left_then_named() -> None:
    made = rich(withdrawn=())
    assert "provenance" not in made
    assert differences(made, {**as_shown(made), "provenance": "data/x was withdrawn"}) == ["provenance"]


def test_differences_when_dates_are_the_same_moment_then_none() -> None:
    made = rich()
    assert differences(made, {**as_shown(made), "issued": "2026-11-22T08:00:00+00:00"}) == []


# The guide


@pytest.mark.parametrize(
    ("heading", "keys"),
    [
        ("### Fields of CKAN", CORE_KEYS),
        ("### Fields of the schema", SCHEMA_KEYS),
        ("### Extras", EXTRA_KEYS),
        ("### Resources", RESOURCE_KEYS | {"id"}),
    ],
)
def test_guide_when_its_tables_are_read_then_every_key_and_no_other(heading: str, keys: frozenset[str]) -> None:
    rows = table_rows(section(page("ckan-fields"), heading))
    named = {word for cells in rows.values() for word in re.findall(r"`([a-z_]+)`", cells[0])}
    assert named == keys


def test_guide_when_its_differences_are_read_then_those_that_the_tests_allow() -> None:
    text = section(page("ckan-fields"), "## Where CKAN's RDF differs from ours")
    rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| what ")]
    assert rows == [each.row for each in ALLOWED]
