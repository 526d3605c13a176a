"""What a portal holds, read back with other people's tools: ckanapi, frictionless, an RDF library, plain HTTP."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from rdflib import RDF, Graph, URIRef

from catalog.identifiers import portal_name
from publish.targets.descriptor import WHOLE_DESCRIPTOR
from tests.builders import make_bank, release, write_line
from tests.ckan.banks import aim, change, publish_here, small_bank
from tests.ckan.stack.live import Stack

DCAT_DATASET = URIRef("http://www.w3.org/ns/dcat#Dataset")


@pytest.fixture(scope="module")
def published(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The manifest of the small bank's second release, published to an empty portal; nobody changes it."""
    stack.reset()
    bank = small_bank(tmp_path_factory.mktemp("peers"))
    change(bank)
    ran = publish_here(aim(bank, stack.url), stack.token)
    assert (ran.code, ran.status) == ("", 0)
    pointer = stack.action("package_show", {"id": "bank-bank"}, token="")
    extras = {each["key"]: each["value"] for each in pointer["extras"]}
    content = requests.get(extras["manifest_url"], timeout=30).content
    assert hashlib.sha256(content).hexdigest() == extras["manifest_sha256"]
    manifest: dict[str, Any] = json.loads(content)
    return manifest


def test_files_when_fetched_as_any_client_does_then_have_the_bytes_of_the_manifest(published: dict[str, Any]) -> None:
    """requests unpacks what is marked as encoded: then the digest would be another one."""
    names = []
    for package in published["packages"].values():
        for path, file in package["files"].items():
            content = requests.get(file["url"], timeout=30).content
            assert (hashlib.sha256(content).hexdigest(), len(content)) == (file["sha256"], file["bytes"]), path
            names.append(path)
    assert any(name.endswith(".gz") for name in names)


def test_datasets_when_dumped_by_ckanapi_then_are_all_there_with_their_digests(
    published: dict[str, Any], stack: Stack
) -> None:
    programs = Path(sys.executable).parent
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"  # it starts itself by its name
    command = [str(programs / "ckanapi"), "dump", "datasets", "--all", "-r", stack.url, "-q"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PATH": path})
    dumped = {each["name"]: each for each in map(json.loads, done.stdout.splitlines())}
    assert {portal_name(name) for name in published["packages"]} <= dumped.keys()
    for name, package in published["packages"].items():
        digests = {each["path"]: each["hash"] for each in dumped[portal_name(name)]["resources"]}
        assert digests == {path: file["sha256"] for path, file in package["files"].items()}


def test_catalogue_when_parsed_then_has_our_subjects(published: dict[str, Any], stack: Stack) -> None:
    answer = requests.get(f"{stack.url}/catalog.ttl", timeout=60)
    graph = Graph().parse(data=answer.content, format="turtle")
    subjects = {str(each) for each in graph.subjects(RDF.type, DCAT_DATASET)}
    assert {package["iri"].rpartition("/")[0] for package in published["packages"].values()} <= subjects


def test_descriptor_when_read_by_frictionless_from_the_portal_then_gives_the_data(published: dict[str, Any]) -> None:
    from frictionless import Package

    read = 0
    for package in published["packages"].values():
        own = Package(package["files"]["datapackage.json"]["url"])
        found = Package(package["files"][WHOLE_DESCRIPTOR]["url"])
        assert [each.name for each in found.resources] == [each.name for each in own.resources]
        for resource in found.resources:
            if str(resource.path).lower().endswith((".csv", ".tsv")):
                read += len(resource.read_rows())
    assert read > 0


def test_packed_table_when_read_by_frictionless_from_the_portal_then_is_unpacked_once(
    ckan: Stack, tmp_path: Path
) -> None:
    import gzip

    from frictionless import Package

    bank = make_bank(tmp_path)
    table = gzip.compress(b"gene_id\tEXMPi001-A\nENSG00000204531\t812\n", mtime=0)
    write_line(bank, "EXMPi001-A", files={"data/rna-seq/counts.tsv.gz": table})
    release(bank, "2026.11")
    bank = aim(bank, ckan.url)
    assert publish_here(bank, ckan.token).status == 0
    shown = ckan.action("package_show", {"id": "exmpi001-a"}, token="")
    url = next(each["url"] for each in shown["resources"] if each["path"] == WHOLE_DESCRIPTOR)
    resource = next(each for each in Package(url).resources if str(each.path).endswith(".GZ"))
    assert [row["EXMPi001-A"] for row in resource.read_rows()] == [812]
