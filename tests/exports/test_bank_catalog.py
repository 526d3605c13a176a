"""The catalogue's head, and the joining of stored documents under it byte by byte."""

from __future__ import annotations

import pytest

from publish.exports.bank_catalog import render_catalog_head
from publish.exports.dcat import DCAT
from publish.exports.graph import FORMS
from tests.exports.builders import (
    BASE,
    RELEASE,
    RESTRICTED,
    Statement,
    bank,
    public,
    read_everywhere,
    read_with_oxigraph,
)

CATALOG = f"{BASE}catalog"
DCT = "http://purl.org/dc/terms/"
DCAT_NS = "http://www.w3.org/ns/dcat#"
ISSUED = "2026-11-22T08:00:00Z"


def join(form: str, documents: list[bytes]) -> bytes:
    """The rule of publish.exports.graph, by bytes alone."""
    if form in {"nt", "ttl"}:
        return b"".join(documents)
    lines = [document.splitlines(keepends=True) for document in documents]
    if form == "jsonld":
        return b"[\n" + b",\n".join(b"".join(each[1:-1]).rstrip(b"\n") for each in lines) + b"\n]\n"
    return b"".join(lines[0][:2]) + b"".join(b"".join(each[2:-1]) for each in lines) + lines[0][-1]


def described(found: set[Statement], subject: str) -> set[tuple[str, str]]:
    return {(each[1], each[3]) for each in found if each[0] == subject}


def test_head_when_rendered_then_says_what_the_settings_say() -> None:
    made = render_catalog_head(bank(), RELEASE, ISSUED)
    assert set(made) == {f"catalog.{suffix}" for suffix in FORMS}
    eu = "http://publications.europa.eu/resource/authority/"
    assert described(read_everywhere(made), CATALOG) == {
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", f"{DCAT_NS}Catalog"),
        (f"{DCT}title", "Example Stem Cell Bank"),
        (f"{DCT}description", "Human pluripotent stem-cell lines with their omics data."),
        (f"{DCT}identifier", CATALOG),
        (f"{DCT}publisher", "https://ror.org/01fpnj063"),
        (f"{DCT}creator", "https://ror.org/01fpnj063"),
        (f"{DCT}language", f"{eu}language/ENG"),
        (f"{DCT}language", f"{eu}language/KOR"),
        (f"{DCT}spatial", f"{eu}country/KOR"),
        (f"{DCT}license", "https://spdx.org/licenses/CC0-1.0"),
        (f"{DCT}issued", ISSUED),
        (f"{DCT}modified", ISSUED),
        (f"{DCAT_NS}contactPoint", f"{CATALOG}#contact"),
        (f"{DCAT_NS}themeTaxonomy", f"{eu}data-theme"),
        (f"{DCAT_NS}version", RELEASE),
        ("http://xmlns.com/foaf/0.1/homepage", BASE),
    }


def test_head_when_bank_is_not_described_then_its_title_serves() -> None:
    found = read_everywhere(render_catalog_head(bank(description="", languages=("ko",)), RELEASE, ISSUED))
    assert (f"{DCT}description", "Example Stem Cell Bank") in described(found, CATALOG)
    assert {each[4] for each in found if each[:2] == (CATALOG, f"{DCT}title")} == {"ko"}


def test_head_when_rendered_again_then_same_bytes() -> None:
    assert render_catalog_head(bank(), RELEASE, ISSUED) == render_catalog_head(bank(), RELEASE, ISSUED)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_documents_when_joined_by_bytes_then_all_their_statements(count: int) -> None:
    records = [public(line_id=f"EXMPi00{n}-A", restricted=RESTRICTED) for n in range(count)]
    packages = [DCAT.render(record, bank()) for record in records]
    head = render_catalog_head(bank(), RELEASE, ISSUED)
    expected = read_with_oxigraph("nt", head["catalog.nt"])
    for package in packages:
        expected |= read_with_oxigraph("nt", package["dcat.nt"])
    joined = {
        f"x.{form}": join(form, [head[f"catalog.{form}"], *(each[f"dcat.{form}"] for each in packages)])
        for form in FORMS
    }
    found = read_everywhere(joined)
    assert found == expected
    assert {value for name, value in described(found, CATALOG) if name == f"{DCAT_NS}dataset"} == {
        bank().addresses.package(each.line_id) for each in records
    }
