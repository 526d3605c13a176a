"""The example bank on a real CKAN: its RDF says what ours says, its Croissant is valid, its search finds exactly."""

from __future__ import annotations

import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import rdflib

from catalog.ledger import Withdrawal
from catalog.model import BankSettings
from publish.demo.bank import build_demo
from publish.demo.published import PublishedLine, published_lines
from publish.exports.dcat import DCAT
from publish.exports.graph import PREFIXES
from publish.targets.ckan.comparison import differences
from publish.targets.ckan.fields import LONGEST_BYTES, Site, tombstone_fields
from publish.targets.ckan.layout import Choices, CkanLayout
from publish.targets.manifest import render_manifest
from publish.targets.publication import Publication, PublishedPackage
from publish.targets.reading import read_publication
from tests.builders import absent, make_settings
from tests.ckan.stack.live import Stack
from tests.exports.builders import FILES, PACKAGE, RESTRICTED, bank, line_record, public
from tests.targets.ckan_datasets import ALLOWED, dataset_of, link_of, package_of

#: An iPSC line with ten files, one with two, an embryonic line, one whose data are all controlled, one without licence.
LINES = ("KSCBi005-A", "KSCBi003-A", "CHA-hES15", "KSCBi0019-A", "SNUhES3")
WHOLE = "KSCBi005-A"


def example_bank(folder: Path, lines: Sequence[PublishedLine]) -> Publication:
    """The first release of the example bank with some of its lines."""
    return read_publication(build_demo(folder / "bank", make_settings(folder), lines=lines).bank)


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Publication:
    lines = [each for each in published_lines() if each.line_id in LINES]
    made = example_bank(tmp_path_factory.mktemp("example"), lines)
    assert {each.id for each in made.packages} == set(LINES)
    return made


def dataset(example: Publication, line_id: str, site: Site) -> dict[str, Any]:
    return dataset_of(example.package(line_id), example.bank, site)


@pytest.fixture
def site(ckan: Stack) -> Site:
    schema = ckan.action("scheming_dataset_schema_show", {"type": "dataset"})
    return Site(
        organization=ckan.organization,
        schema_fields=frozenset(each["field_name"] for each in schema["dataset_fields"]),
        resource_fields=frozenset(each["field_name"] for each in schema["resource_fields"]),
        address=ckan.url,
    )


def create(ckan: Stack, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Creates a dataset as an editor, and gives what the portal shows of it to everybody."""
    ckan.action("package_create", wanted, token=ckan.editor_token)
    return show(ckan, wanted)


def show(ckan: Stack, wanted: Mapping[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = ckan.action("package_show", {"id": wanted["name"]}, token="")
    return shown


def revise(ckan: Stack, shown: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Makes a dataset exactly the wanted one, in one request, when it is still what was shown."""
    match = {"id": shown["id"], "metadata_modified": shown["metadata_modified"]}
    question = {"match": match, "filter": ["-*"], "update": wanted}
    ckan.action("package_revise", question, token=ckan.editor_token)
    return show(ckan, wanted)


def fetch(address: str) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=60) as answer:
        content: bytes = answer.read()
    return content


# What CKAN holds


def test_datasets_when_created_then_the_portal_holds_exactly_them(
    ckan: Stack, example: Publication, site: Site
) -> None:
    for line_id in LINES:
        wanted = dataset(example, line_id, site)
        assert differences(wanted, create(ckan, wanted)) == []


def test_dataset_when_it_has_everything_then_the_portal_holds_exactly_it(ckan: Stack, site: Site) -> None:
    gone = ({"path": "data/x", "reason": "wrong\nindeed", "date": "2026-10-01"},)
    wanted = dataset_of(package_of(public(restricted=RESTRICTED, withdrawn=gone), bank()), bank(), site)
    assert differences(wanted, create(ckan, wanted)) == []


def test_dataset_when_something_is_changed_on_the_portal_then_named_and_mended(
    ckan: Stack, example: Publication, site: Site
) -> None:
    wanted = dataset(example, WHOLE, site)
    shown = create(ckan, wanted)
    spoiled: list[tuple[dict[str, Any], list[str]]] = [
        ({"notes": "another"}, ["notes"]),
        ({"theme": []}, ["theme"]),
        ({"contact": [{"name": "somebody"}]}, ["contact"]),
        ({"provenance": "made up"}, ["provenance"]),
        ({"tags": [{"name": "another"}]}, ["tags"]),
        ({"private": True}, ["private"]),
        ({"extras": [*wanted["extras"][1:], {"key": "zzz", "value": "1"}]}, ["extras.audit_level", "extras.zzz"]),
        ({"resources": shown["resources"][1:]}, ["resources"]),
    ]
    for change, names in spoiled:
        ckan.action("package_patch", {"id": shown["id"], **change})
        found: dict[str, Any] = ckan.action("package_show", {"id": shown["id"]})
        assert differences(wanted, found) == names
        assert differences(wanted, revise(ckan, found, wanted)) == []


def test_resources_when_changed_on_the_portal_then_named_and_mended(
    ckan: Stack, example: Publication, site: Site
) -> None:
    wanted = dataset(example, WHOLE, site)
    shown = create(ckan, wanted)
    first, second, *_ = shown["resources"]
    ckan.action("resource_patch", {"id": first["id"], "hash": "0" * 64})
    ckan.action("package_resource_reorder", {"id": shown["id"], "order": [second["id"]]})
    found = show(ckan, wanted)
    assert {"resources[0].id", "resources[1].id", "resources[1].hash"} <= set(differences(wanted, found))
    assert differences(wanted, revise(ckan, found, wanted)) == []
    ckan.action("resource_create", {"package_id": shown["id"], "url": "https://example.org/more"})
    assert differences(wanted, show(ckan, wanted)) == ["resources"]
    assert differences(wanted, revise(ckan, show(ckan, wanted), wanted)) == []


def versions(first: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Ten versions of a dataset, whose resources come, go, come back, change their order, or stay."""
    every = first["resources"]
    orders: list[list[dict[str, Any]]] = [
        every,
        every[::-1],
        every[:3],
        [],
        every[3:] + every[:1],
        every[5:1:-1],
        every,
        every,
        every[1:] + every[:1],
        every[::2],
    ]
    for number, order in enumerate(orders, 1):
        resources = [{**each, "description": f"version {number // 2}"} for each in order]
        extras = [{"key": "release", "value": f"2027.{number:02d}"}, {"key": f"only-{number}", "value": "1"}]
        yield {**first, "version": f"2027.{number:02d}", "extras": extras, "resources": resources}


def test_dataset_when_revised_ten_times_then_always_wholly_the_new_version(
    ckan: Stack, example: Publication, site: Site
) -> None:
    first = dataset(example, WHOLE, site)
    shown = born = create(ckan, first)
    for number, wanted in enumerate(versions(first)):
        shown = revise(ckan, shown, wanted)
        assert differences(wanted, shown) == [], f"version {number}"
        assert [each["position"] for each in shown["resources"]] == list(range(len(wanted["resources"])))
    ckan.action("package_patch", {"id": born["id"], "notes": "can still be patched"}, token=ckan.editor_token)
    for name in ("id", "creator_user_id", "metadata_created"):
        assert shown[name] == born[name]


def test_dataset_when_a_resource_is_sent_twice_then_seen_and_healed(
    ckan: Stack, example: Publication, site: Site
) -> None:
    wanted = dataset(example, WHOLE, site)
    shown = create(ckan, wanted)
    again = {"match": {"id": shown["id"]}, "update__resources__extend": [wanted["resources"][-1]]}
    ckan.action("package_revise", again)
    found = show(ckan, wanted)
    assert differences(wanted, found) == ["resources.position"]
    # The same list again does not move anything, so the gap stays; an empty list between them closes it.
    assert differences(wanted, revise(ckan, found, wanted)) == ["resources.position"]
    emptied = revise(ckan, show(ckan, wanted), {**wanted, "resources": []})
    assert differences(wanted, revise(ckan, emptied, wanted)) == []


def test_tombstone_when_revised_into_then_nothing_of_the_line_is_left(
    ckan: Stack, example: Publication, site: Site
) -> None:
    line = dataset(example, WHOLE, site)
    shown = create(ckan, line)
    gone = Withdrawal(id=WHOLE, path=None, reason="consent withdrawn", date="2026-12-01")
    wanted = tombstone_fields(WHOLE, WHOLE, gone, example.bank, site)
    shown = revise(ckan, shown, wanted)
    assert differences(wanted, shown) == []
    assert shown["resources"] == []
    assert "UBERON" not in str(shown)
    assert b"consent withdrawn" in fetch(f"{ckan.url}/dataset/{wanted['name']}.ttl")


# The bank dataset


def pointer(example: Publication, site: Site, **changes: Any) -> dict[str, Any]:
    """The bank dataset of a release whose ledger line is another."""
    changed = replace(example, line=replace(example.line, **changes).signed(example.line.signature))
    urls = {each.key: link_of(each) for each in (*changed.files(), *changed.documents)}
    manifest = render_manifest(changed, urls)
    layout = CkanLayout(site=site, choices=Choices(prefix="bank"))
    return layout.bank_dataset(changed, {**urls, manifest.key: link_of(manifest)})


def test_pointer_when_its_ledger_line_is_short_long_or_silent_then_the_portal_holds_exactly_it(
    ckan: Stack, example: Publication, site: Site
) -> None:
    first = example.line.packages[0]
    many = tuple(replace(first, id=f"KSCBi{number:04d}-A") for number in range(300))
    shown: dict[str, Any] = {}
    for changes, has_line in (
        ({}, True),
        ({"packages": many}, False),
        ({"message": ""}, True),
        ({"packages": many, "message": ""}, False),
        ({"message": 'Two\nlines, "quotes" and 세포주'}, True),
    ):
        wanted = pointer(example, site, **changes)
        shown = revise(ckan, shown, wanted) if shown else create(ckan, wanted)
        assert differences(wanted, shown) == []
        lines = [each["value"] for each in shown["extras"] if each["key"] == "ledger_line"]
        expected = replace(example.line, **changes).stored_bytes()
        assert lines == ([expected.decode()] if has_line else [])
        assert (len(expected) <= LONGEST_BYTES) is has_line


# What CKAN says in RDF


def short(iri: str) -> str:
    """The name of a property as the table has it."""
    return next((f"{name}:{iri[len(stem) :]}" for name, stem in PREFIXES.items() if iri.startswith(stem)), iri)


@dataclass(frozen=True, kw_only=True)
class Document:
    """A DCAT document, read without what two right ones may write differently: languages, forms of dates, small nodes."""

    graph: rdflib.Graph
    package: str

    def kind(self, subject: str) -> str | None:
        """The name of a subject in the table; None for what nobody compares."""
        node, package = rdflib.URIRef(subject), rdflib.URIRef(self.package)
        dcat, dct = rdflib.Namespace(PREFIXES["dcat"]), rdflib.Namespace(PREFIXES["dct"])
        if subject == self.package:
            return "dataset"
        if (package, dcat.distribution, node) in self.graph:
            return "closed" if "#restricted-" in subject else "file"
        for name, link in (("contact", dcat.contactPoint), ("publisher", dct.publisher), ("place", dct.spatial)):
            if (package, link, node) in self.graph:
                return name
        return "licence" if (None, dct.license, node) in self.graph else None

    def value(self, found: rdflib.term.Node) -> str:
        """A value as text; of a small node what it says."""
        if isinstance(found, rdflib.Literal):
            is_moment = str(found.datatype).endswith("dateTime")
            return datetime.fromisoformat(str(found)).isoformat() if is_moment else str(found)
        is_small = str(found).startswith(f"{self.package}#identifier-") or str(found).endswith("#checksum")
        if not isinstance(found, rdflib.BNode) and not is_small:
            return str(found)
        said = (
            f"{short(str(name))} {self.value(value)}"
            for name, value in self.graph.predicate_objects(found)
            # Who gave an identifier and where it is are told by our DCAT alone.
            if short(str(name)) not in {"adms:schemaAgency", "rdfs:seeAlso"}
        )
        return " ".join(sorted(said))

    def statements(self) -> set[tuple[str, str, str]]:
        """Every statement about what is compared: subject, property, value."""
        return {
            (str(subject), short(str(name)), self.value(value))
            for subject, name, value in self.graph
            if isinstance(subject, rdflib.URIRef) and self.kind(str(subject))
            # That something is a resource is true of everything.
            if str(value) != PREFIXES["rdfs"] + "Resource"
        }

    def values(self, subject: str, name: str) -> set[str]:
        return {value for each, property_name, value in self.statements() if (each, property_name) == (subject, name)}


def read(content: bytes, package: str) -> Document:
    return Document(graph=rdflib.Graph().parse(data=content, format="turtle"), package=package)


def unexplained(
    theirs: Document, ours: Document, used: set[tuple[str, str, str]] | None = None
) -> list[tuple[str, ...]]:
    """Statements that only one document has, and no row of the table allows; ``used`` gets the rows that were needed."""
    allowed = {(each.where, each.name, each.side) for each in ALLOWED}
    found: list[tuple[str, ...]] = []
    for side, one, other in (("CKAN", theirs, ours), ("ours", ours, theirs)):
        for subject, name, value in sorted(one.statements() - other.statements()):
            kind = one.kind(subject)
            if kind == "file" and not other.kind(subject) and side == "CKAN":
                continue  # a document that our DCAT does not list: allowed by its distribution
            if kind == "closed" and side == "ours":
                continue  # what is not public: allowed by its distribution too
            # Labels and classes of addresses elsewhere: our document says them for whoever reads it alone.
            if (
                kind in {"licence", "place", "publisher"}
                and side == "ours"
                and name in {"rdf:type", "rdfs:label"} | OWN
            ):
                continue
            rows = {(str(kind), name, side), (str(kind), name, "both")} & allowed
            if (name, side) == ("dcat:distribution", "ours") and one.kind(value) != "closed":
                rows = set()
            if used is not None:
                used |= rows
            if not rows:
                found.append((side, subject, name, value))
    return found


#: What our document says of addresses elsewhere beside their labels.
OWN = {"dct:identifier", "skos:inScheme"}


@pytest.mark.parametrize("line_id", LINES)
def test_rdf_when_compared_with_ours_then_only_the_allowed_differences(
    line_id: str, ckan: Stack, example: Publication, site: Site
) -> None:
    wanted = dataset(example, line_id, site)
    create(ckan, wanted)
    package = example.package(line_id)
    [turtle] = [each for each in package.files if each.path == "dcat.ttl"]
    with turtle.open() as stream:
        ours = read(stream.read(), wanted["uri"])
    theirs = read(fetch(f"{ckan.url}/dataset/{wanted['name']}.ttl"), wanted["uri"])
    assert unexplained(theirs, ours) == []
    check_essentials(theirs, ours, package, example.bank)


def test_rdf_when_a_line_has_everything_then_the_allowed_differences_and_all_of_them(ckan: Stack, site: Site) -> None:
    gone = tuple({"path": f"data/{name}", "reason": "wrong", "date": "2026-10-01"} for name in "xy")
    plain = line_record(aliases=[{"name": "odd: a/b (c)", "kind": "in-house"}])
    record = public(record=plain, restricted=RESTRICTED, withdrawn=gone)
    package = package_of(record, bank())
    wanted = dataset_of(package, bank(), site)
    create(ckan, wanted)
    ours = read(DCAT.render(record, bank())["dcat.ttl"], wanted["uri"])
    theirs = read(fetch(f"{ckan.url}/dataset/{wanted['name']}.ttl"), wanted["uri"])
    used: set[tuple[str, str, str]] = set()
    assert unexplained(theirs, ours, used) == []
    assert used == {(each.where, each.name, each.side) for each in ALLOWED}
    check_essentials(theirs, ours, package, bank())
    assert "odd a b c" in theirs.values(wanted["uri"], "dcat:keyword")
    [provenance] = theirs.values(wanted["uri"], "dct:provenance")
    assert all(f"data/{name} was withdrawn on 2026-10-01: wrong" in provenance for name in "xy")
    assert not [each for each in theirs.values(wanted["uri"], "dcat:distribution") if "#restricted-" in each]


@pytest.mark.parametrize("name", ["title", "publisher", "issued", "license", "distribution"])
def test_comparison_when_one_statement_is_missing_then_seen(name: str) -> None:
    content = DCAT.render(public(), bank())["dcat.ttl"]
    ours, theirs = read(content, PACKAGE), read(content, PACKAGE)
    prefix = "dcat" if name == "distribution" else "dct"
    subject = rdflib.URIRef(f"{FILES}data/wes/a.vcf.gz" if name == "license" else PACKAGE)
    theirs.graph.remove((subject, rdflib.URIRef(PREFIXES[prefix] + name), None))
    assert (f"{prefix}:{name}", "ours") in {(each[2], each[0]) for each in unexplained(theirs, ours)}


def check_essentials(theirs: Document, ours: Document, package: PublishedPackage, settings: BankSettings) -> None:
    """What no row of the table may excuse: the same facts, where a row allows other words."""
    iri = theirs.package
    assert theirs.values(iri, "dcat:theme") == ours.values(iri, "dcat:theme") | ours.values(iri, "dct:subject")
    closed = {each for each in ours.values(iri, "dcat:distribution") if "#restricted-" in each}
    assert theirs.values(iri, "dcat:distribution") >= ours.values(iri, "dcat:distribution") - closed
    for name in ("dct:title", "dct:identifier", "dcat:version", "dct:publisher", "dcat:contactPoint"):
        assert theirs.values(iri, name) == ours.values(iri, name) != set()
    [description] = theirs.values(iri, "dct:description")
    words, _, instructions = description.partition("\n\n")
    assert {words} == ours.values(iri, "dct:description")
    assert set(instructions.splitlines()) == {told for each in closed for told in ours.values(each, "dct:description")}
    assert package.record is not None
    release = package.record.release
    links = {settings.addresses.file(package.id, release, each.path): each for each in package.files}
    for iri, file in links.items():
        assert theirs.values(iri, "dcat:accessURL") == theirs.values(iri, "dcat:downloadURL") == {link_of(file)}
        assert theirs.values(iri, "dcat:byteSize") == {str(file.bytes)}
        [checksum] = theirs.values(iri, "spdx:checksum")
        assert f"spdx:checksumValue {file.sha256}" in checksum
        if ours.kind(iri):
            assert theirs.values(iri, "spdx:checksum") == ours.values(iri, "spdx:checksum")
            assert theirs.values(iri, "dct:license") == ours.values(iri, "dct:license")
            [inner] = ours.values(iri, "dcat:mediaType")
            assert {inner.partition("media-types/")[2]} == theirs.values(iri, "dcat:mediaType")


# Croissant


@pytest.fixture(scope="module")
def mlcroissant() -> str:
    beside = Path(sys.executable).with_name("mlcroissant")
    found = str(beside) if beside.is_file() else shutil.which("mlcroissant")
    if found is None:
        absent("mlcroissant is missing: pip install -e '.[dev]'")
    assert found is not None
    return found


def croissant_errors(program: str, ckan: Stack, name: str, folder: Path) -> list[str]:
    """What ``mlcroissant validate`` finds in CKAN's document."""
    path = folder / "croissant.json"
    path.write_bytes(fetch(f"{ckan.url}/dataset/{name}/croissant.jsonld"))
    done = subprocess.run([program, "validate", "--jsonld", str(path)], capture_output=True, text=True, check=False)
    said = done.stderr + done.stdout
    assert "Done." in said or "error(s)" in said, said
    return [line.strip() for line in said.splitlines() if line.strip().startswith("-  [")]


def test_croissant_when_data_are_open_or_not_then_valid(
    ckan: Stack, example: Publication, site: Site, mlcroissant: str, tmp_path: Path
) -> None:
    for line_id in LINES:
        wanted = dataset(example, line_id, site)
        create(ckan, wanted)
        assert croissant_errors(mlcroissant, ckan, wanted["name"], tmp_path) == []


@pytest.mark.slow
def test_croissant_when_the_whole_example_bank_is_there_then_every_line_is_valid(
    ckan: Stack, site: Site, mlcroissant: str, tmp_path: Path
) -> None:
    whole = example_bank(tmp_path, published_lines())
    found = {}
    for package in whole.packages:
        wanted = dataset(whole, package.id, site)
        create(ckan, wanted)
        found[package.id] = croissant_errors(mlcroissant, ckan, wanted["name"], tmp_path)
    assert found == {each.line_id: [] for each in published_lines()}


# Search


def test_search_when_filtered_by_extras_then_finds_exactly(ckan: Stack, example: Publication, site: Site) -> None:
    sent = [dataset(example, line_id, site) for line_id in LINES]
    for each in sent:
        create(ckan, each)
    values = [{extra["key"]: extra["value"] for extra in each["extras"]} for each in sent]
    filters = ("cell_line", "clo_term", "line_type", "species_term", "tissue", "tissue_term", "tier", "data_kind")
    for name in (*filters, "package_id", "package_version", "release", "license", "clo_status", "grade"):
        for value in {each[name] for each in values if name in each}:
            expected = {each["name"] for each, extra in zip(sent, values, strict=True) if extra.get(name) == value}
            assert names_found(ckan, f'{name}:"{value}"') == expected, f"{name} {value}"
    assert names_found(ckan, 'cell_line:"KSCBi005"') == set()
    assert names_found(ckan, 'tissue:"blood"') == set()
    assert names_found(ckan, 'tags:"Whole-exome sequencing"') == {
        each["name"] for each in sent if {"name": "Whole-exome sequencing"} in each["tags"]
    }
    assert names_found(ckan, "res_format:CEL") == {
        each["name"] for each in sent if any(one.get("format") == "CEL" for one in each["resources"])
    }


def names_found(ckan: Stack, query: str) -> set[str]:
    found = ckan.action("package_search", {"fq": query, "rows": 100}, token="")
    return {each["name"] for each in found["results"]}
