"""The search page: labels, the order of facets, and what is said of a value that nothing has."""

from __future__ import annotations

import html
import re

from starlette.testclient import TestClient

from tests.web.conftest import CONTROLLED, OPEN, OTHER


def chips(client: TestClient, query: str) -> list[str]:
    page = client.get(f"/{query}", headers={"accept": "text/html"}).text
    found = re.findall(r'title="Remove">(.*?) <span', page)
    return [html.unescape(each) for each in found]


def test_chip_when_its_term_has_no_hits_then_shows_the_label(client: TestClient) -> None:
    query = "?q=EXMPi&line_type=MSC&origin=UBERON:0012168&term=UBERON:0012168"
    assert client.get(f"/api/search{query}").json()["total"] == 0
    assert chips(client, query) == [
        "“EXMPi”",
        "Line type: Mesenchymal (MSC)",
        "Origin: umbilical cord blood",
        "Term: umbilical cord blood",
    ]
    page = client.get(f"/{query}", headers={"accept": "text/html"}).text
    selected = re.findall(r'aria-current="true"><span class="hidden">[^<]*</span>(.*?)</a>', page)
    assert selected == ["Mesenchymal (MSC)", "umbilical cord blood"]
    assert chips(client, "?origin=CL:9999999") == ["Origin: CL:9999999"], "a term that nobody uses has no label here"


def test_labels_when_nothing_is_known_then_begin_with_a_capital(client: TestClient) -> None:
    for name, values in client.get("/api/facets").json().items():
        labels = {each["value"]: each["label"] for each in values}
        assert labels.get("unknown", "Unknown") == "Unknown", name


def test_years_when_counted_then_stand_in_their_order_and_unknown_last(client: TestClient) -> None:
    facets = client.get("/api/facets").json()
    years = [each["value"] for each in facets["year"]]
    assert years == sorted(years, key=lambda year: (year == "unknown", year))
    counts = [each["count"] for each in facets["line_type"]]
    assert counts == sorted(counts, reverse=True)


def test_results_when_listed_then_audit_has_the_name_that_the_package_has(client: TestClient) -> None:
    found = {each["id"]: each for each in client.get("/api/search").json()["packages"]}
    assert set(found) == {OPEN, CONTROLLED, OTHER}
    for name, each in found.items():
        assert "audit" not in each
        assert each["audit_level"] == client.get(f"/api/package/{name}").json()["audit_level"]
    assert "audit" in client.get("/api/facets").json()


def test_value_when_the_facet_cannot_have_it_then_400_says_what_it_can_be(client: TestClient) -> None:
    answer = client.get("/api/search?tier=bogus")
    members = answer.json()
    assert (answer.status_code, members["code"], members["at"], members["got"]) == (
        400,
        "query-parameter",
        "tier",
        "bogus",
    )
    assert members["want"] == "one of open, controlled, none, unknown"
    assert client.get("/api/search?tier=unknown").json()["total"] == 0
    assert client.get("/api/search?assembly=mm10").json()["total"] == 0
