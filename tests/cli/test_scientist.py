"""Finding, reading, citing: ``search``, ``show``, ``cite``, from a bank's folder and from a portal."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
import requests

from catalog.bank import Bank
from catalog.index import FACETS
from catalog.library import CITATIONS
from tests.cli.calls import Caller
from tests.cli.conftest import CALLS, CONTROLLED, COUNTS, GONE, OPEN, OTHER

SEARCHES: list[list[object]] = [
    [],
    ["blood"],
    ["umbilical", "cord"],
    ["--modality", "wes"],
    ["--modality", "wes", "--modality", "rna-seq", "--line-type", "iPSC"],
    ["--tier", "controlled"],
    ["--line-type", "ESC"],
    ["--term", "UBERON:0012168"],
    ["--sort", "title", "--limit", "2"],
    ["nothing is called like this"],
]


def ids(found: Any) -> list[str]:
    return [each["id"] for each in found["packages"]]


@pytest.mark.parametrize("arguments", SEARCHES, ids=lambda arguments: " ".join(map(str, arguments)) or "all")
def test_search_when_asked_of_bank_and_portal_then_both_give_the_object_of_the_api(
    ask: Caller, call: Caller, portal: str, arguments: list[object]
) -> None:
    here = ask.well("search", *arguments, "--json").json()
    there = call.well("search", *arguments, "--url", portal, "--json").json()
    assert here == there
    assert {"total", "next", "packages"} <= set(here)
    assert all({"id", "release", "title"} <= set(each) for each in here["packages"])
    words = ask.well("search", *arguments)
    assert all(each in words.out for each in ids(here))
    assert f"of {here['total']} packages" in words.err


def test_search_when_facets_are_chosen_then_narrows(ask: Caller) -> None:
    assert ids(ask.well("search", "--json").json()) == [OPEN, CONTROLLED, OTHER]
    assert ids(ask.well("search", "--modality", "rna-seq", "--json").json()) == [OPEN]
    assert ids(ask.well("search", "--line-type", "ESC", "--json").json()) == [OTHER]
    assert ids(ask.well("search", "--tier", "controlled", "--json").json()) == [CONTROLLED]
    assert ids(ask.well("search", OPEN, "--json").json())[0] == OPEN
    assert GONE not in ask.well("search", GONE, "--json").out


def test_search_when_every_facet_is_counted_then_each_count_is_what_the_option_finds(ask: Caller) -> None:
    found = ask.well("search", "--facets", "--json").json()
    assert set(found["facets"]) == {each.name for each in FACETS}
    tried = 0
    for name, values in found["facets"].items():
        for value in values:
            assert set(value) == {"value", "label", "count"}
            option = f"--{name.replace('_', '-')}"
            assert ask.well("search", option, value["value"], "--json").json()["total"] == value["count"]
            tried += 1
    assert tried > 10
    assert "rna-seq" in ask.well("search", "--facets").out


def test_search_when_paged_then_next_leads_through_all(ask: Caller, call: Caller, portal: str) -> None:
    for caller, where in ((ask, []), (call, ["--url", portal])):
        seen: list[str] = []
        after: list[object] = []
        while True:
            page = caller.well("search", "--limit", "1", *after, *where, "--json").json()
            seen += ids(page)
            assert page["total"] == 3
            if page["next"] is None:
                break
            after = ["--after", page["next"]]
        assert seen == [OPEN, CONTROLLED, OTHER]


def test_search_when_files_are_asked_for_then_lists_open_ones_with_address_and_digest(
    ask: Caller, call: Caller, portal: str, released: Bank
) -> None:
    files = ask.well("search", "--files", "--json").json()["files"]
    assert files == call.well("search", "--files", "--url", portal, "--json").json()["files"]
    assert {(each["package"], each["path"]) for each in files} == {
        (OPEN, CALLS), (OPEN, COUNTS), (OPEN, "data/notes.txt"),
    }  # fmt: skip
    for each in files:
        address = each["url"].replace(released.settings.base_iri, portal)
        with requests.get(address, timeout=10) as answer:
            assert hashlib.sha256(answer.content).hexdigest() == each["sha256"]
    lines = ask.well("search", "--files", "--modality", "wes").out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [each["sha256"] for each in files if each["path"] == CALLS]


@pytest.mark.parametrize(
    "arguments", [["--limit", "x"], ["--limit", "0"], ["--after", "nonsense"], ["--year-from", "soon"], ["--sort", "size"]],
    ids=lambda arguments: " ".join(arguments),
)  # fmt: skip
def test_search_when_an_option_cannot_be_then_exits_with_2(ask: Caller, arguments: list[object]) -> None:
    assert ask("search", *arguments, "--json").error()["exit_status"] == 2


def test_show_when_asked_of_bank_and_portal_then_gives_the_object_of_the_api(
    ask: Caller, call: Caller, portal: str
) -> None:
    here = ask.well("show", OPEN, "--json").json()
    assert here == call.well("show", OPEN, "--url", portal, "--json").json()
    assert {"id", "release", "title", "files"} <= set(here)
    wanted = {"path", "url", "bytes", "sha256", "format", "modality", "tier"}
    assert all(wanted <= set(each) for each in here["files"])
    words = ask.well("show", OPEN).out
    for each in here["files"]:
        assert each["path"] in words
    assert here["title"] in words


def test_show_when_a_release_is_named_then_shows_the_version_of_then(ask: Caller) -> None:
    assert ask.well("show", f"{OPEN}@2026.11", "--json").json()["record"].get("notes") is None
    now = ask.well("show", OPEN, "--json").json()
    assert now["record"]["notes"] == ["a second version"]
    assert now["versions"] == ["2026.12", "2026.11"]
    assert ask.well("show", f"{OPEN}@2026.12.1", "--json").json() == now
    assert ask.well("show", f"{OTHER}@2026.12", "--json").json()["release"] == "2026.11"


def test_show_when_files_are_controlled_then_says_how_to_ask_and_no_name(ask: Caller) -> None:
    found = ask.well("show", CONTROLLED, "--json")
    assert CALLS not in found.out
    [restricted] = found.json()["restricted"]
    assert (restricted["modality"], restricted["tier"]) == ("wes", "controlled")
    words = ask.well("show", CONTROLLED).out
    assert "controlled" in words
    assert "calls.vcf.gz" not in words


@pytest.mark.parametrize("command", ["show", "cite", "get"])
@pytest.mark.parametrize(
    ("package", "code"),
    [("nobody", "not-found"), (f"{OPEN}@1999.01", "not-found"), (GONE, "withdrawn"), ("", "not-found")],
    ids=["unknown", "unknown release", "withdrawn", "empty"],
)
def test_package_when_it_is_not_there_then_exits_with_3(ask: Caller, command: str, package: str, code: str) -> None:
    error = ask(command, package, "--json").error()
    assert error["exit_status"] == 3
    assert str(error["error"]).endswith(code)


@pytest.mark.parametrize("command", ["show", "cite", "get"])
@pytest.mark.parametrize("package", ["nobody", f"{OPEN}@1999.01", GONE])
def test_package_when_the_portal_has_it_not_then_exits_with_3(
    call: Caller, portal: str, command: str, package: str
) -> None:
    assert call(command, package, "--url", portal, "--json").error()["exit_status"] == 3


@pytest.mark.parametrize("form", CITATIONS)
def test_cite_when_a_form_is_chosen_then_bank_and_portal_give_the_stored_citation(
    ask: Caller, call: Caller, portal: str, form: str
) -> None:
    here = ask.well("cite", OPEN, "--format", form).out
    assert here == call.well("cite", OPEN, "--format", form, "--url", portal).out
    assert here == ask.well("cite", f"{OPEN}@2026.12", "--format", form).out
    assert OPEN in here
    assert "2026.12" in here
    marks = {"bibtex": "@misc{", "ris": "TY  - DATA", "csl-json": "[", "text": "Example Institute"}
    assert here.startswith(marks[form])
    old = ask.well("cite", f"{OPEN}@2026.11", "--format", form).out
    assert "2026.12" not in old
    if form == "csl-json":
        assert ask.well("cite", OPEN, "--json").out == here
        assert json.loads(here)[0]["type"] == "dataset"


def test_cite_when_the_form_is_unknown_then_exits_with_2(ask: Caller) -> None:
    assert ask("cite", OPEN, "--format", "endnote", "--json").error()["exit_status"] == 2
