"""What a visitor does, with JavaScript and without: search, narrow, open, download; both see the same."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from catalog.settings import read_settings
from catalog.verify import verify_path
from tests.browser.portal import SHOWN, DemoPortal, listed, query_of, shown_total

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

QUERIES = [
    "",
    "?q=cord+blood",
    "?q=cord+blood&modality=wes",
    "?modality=wes&modality=rna-seq",
    "?line_type=ESC",
    "?q=fibroblast&sort=title",
    "?term=CL:0000057",
    "?year_from=2016&year_to=2017",
    "?tier=controlled",
    "?limit=5",
    "?q=KSCBi005",
    "?q=nothing+is+called+like+this",
    "?q=%3Cscript%3E",
]


def marked(page: Page) -> bool:
    """Whether the document is still the one that was marked: nothing was loaded anew since."""
    return bool(page.evaluate("window.fairlineMark === 1"))


def mark(page: Page) -> None:
    page.evaluate("window.fairlineMark = 1")


def facet(page: Page, text: str) -> Locator:
    return page.locator("aside.facets a", has_text=text).first


def agrees_with_api(page: Page, demo: DemoPortal) -> None:
    """A page's count and packages are the API's for the same query."""
    total, ids = demo.found(query_of(page))
    expect(page.locator(".summary b")).to_have_text(str(total))
    assert (shown_total(page), listed(page)) == (total, ids)


def test_search_when_used_with_a_script_then_swaps_results_keeps_the_page_and_its_history(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address)
    agrees_with_api(page, demo_portal)
    mark(page)
    page.get_by_role("searchbox").fill("cord blood")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=cord+blood")
    agrees_with_api(page, demo_portal)
    words = listed(page)
    facet(page, "Whole-exome sequencing").click()
    page.wait_for_url("**/?q=cord+blood&modality=wes")
    agrees_with_api(page, demo_portal)
    narrowed = listed(page)
    assert 0 < len(narrowed) < len(words)
    assert page.title().startswith(f"{len(narrowed)} packages")
    assert facet(page, "Whole-exome sequencing").get_attribute("aria-current") == "true"
    assert marked(page), "a click on a facet loaded the whole page"
    page.go_back()
    page.wait_for_url("**/?q=cord+blood")
    expect(page.locator(".packages > li")).to_have_count(len(words))
    assert listed(page) == words
    page.go_forward()
    expect(page.locator(".packages > li")).to_have_count(len(narrowed))
    page.locator(".chips a", has_text="Whole-exome sequencing").click()
    page.wait_for_url("**/?q=cord+blood")
    agrees_with_api(page, demo_portal)
    assert listed(page) == words
    page.locator(".chips a", has_text="Remove all").click()
    page.wait_for_url(demo_portal.address)
    agrees_with_api(page, demo_portal)
    assert page.get_by_role("searchbox").input_value() == ""
    assert marked(page)


def test_search_when_used_without_a_script_then_goes_the_same_way(
    plain: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = plain.new_page()
    page.goto(demo_portal.address)
    page.get_by_role("searchbox").fill("cord blood")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/?q=cord+blood")
    agrees_with_api(page, demo_portal)
    words = listed(page)
    facet(page, "Whole-exome sequencing").click()
    page.wait_for_url("**/?q=cord+blood&modality=wes")
    agrees_with_api(page, demo_portal)
    page.get_by_role("searchbox").fill("blood")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url(re.compile(r"\?(?=.*q=blood)(?=.*modality=wes)"))
    agrees_with_api(page, demo_portal)
    page.go_back()
    page.locator(".chips a", has_text="Whole-exome sequencing").click()
    page.wait_for_url("**/?q=cord+blood")
    assert listed(page) == words
    page.locator("a", has_text="title").first.click()
    page.wait_for_url("**/?q=cord+blood&sort=title")
    agrees_with_api(page, demo_portal)


@pytest.mark.parametrize("query", QUERIES)
def test_search_page_when_opened_with_and_without_a_script_then_shows_the_same(
    scripted: BrowserContext, plain: BrowserContext, demo_portal: DemoPortal, query: str
) -> None:
    seen = []
    for context in (scripted, plain):
        page = context.new_page()
        page.goto(demo_portal.address + query)
        agrees_with_api(page, demo_portal)
        facets = page.locator("aside.facets li").all_text_contents()
        seen.append((listed(page), facets, page.title(), page.locator(".chips a").all_text_contents()))
    assert seen[0] == seen[1]


def test_pages_when_followed_with_and_without_a_script_then_each_package_comes_once(
    scripted: BrowserContext, plain: BrowserContext, demo_portal: DemoPortal
) -> None:
    walks = []
    for context in (scripted, plain):
        page = context.new_page()
        page.goto(f"{demo_portal.address}?limit=9")
        walk = [listed(page)]
        while page.locator("a.next").count():
            before = page.url
            page.locator("a.next").click()
            page.wait_for_function("before => location.href !== before", arg=before)
            agrees_with_api(page, demo_portal)
            walk.append(listed(page))
        walks.append(walk)
    assert walks[0] == walks[1]
    every = [each for part in walks[0] for each in part]
    assert [len(part) for part in walks[0]] == [9, 9, 3]
    assert len(set(every)) == 21


def test_swap_when_two_links_are_clicked_at_once_then_the_last_one_wins(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address)
    mark(page)
    held: list[Route] = []
    page.route("**/?line_type=iPSC", lambda route: held.append(route))
    facet(page, "Induced pluripotent").click()
    facet(page, "Embryonic").click()
    page.wait_for_url("**/?line_type=ESC")
    agrees_with_api(page, demo_portal)
    assert len(held) == 1
    with page.expect_response("**/?line_type=iPSC"):
        held[0].continue_()
    page.wait_for_timeout(300)
    assert query_of(page) == "?line_type=ESC"
    agrees_with_api(page, demo_portal)
    assert marked(page)


def test_swap_when_the_portal_does_not_answer_then_the_link_is_visited_as_without_a_script(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address)
    mark(page)
    page.route(
        "**/?line_type=ESC",
        lambda route: route.abort() if route.request.resource_type == "fetch" else route.continue_(),
    )
    facet(page, "Embryonic").click()
    page.wait_for_url("**/?line_type=ESC")
    page.wait_for_load_state()
    agrees_with_api(page, demo_portal)
    assert not marked(page)


@pytest.mark.parametrize("mode", ["scripted", "plain"])
def test_package_when_opened_from_the_results_then_its_files_are_those_it_promises(
    request: pytest.FixtureRequest, demo_portal: DemoPortal, tmp_path: Path, mode: str
) -> None:
    context: BrowserContext = request.getfixturevalue(mode)
    page = context.new_page()
    page.goto(f"{demo_portal.address}?q={SHOWN}")
    page.get_by_role("link", name=SHOWN, exact=True).click()
    page.wait_for_url(f"**/package/{SHOWN}")
    expect(page.get_by_role("heading", level=1)).to_have_text(SHOWN)
    described = {each["path"]: each for each in demo_portal.api(f"api/package/{SHOWN}")["files"]}
    names = page.locator("ul.files > li > a").all_text_contents()
    assert sorted(names) == sorted(path.rpartition("/")[2] for path in described)
    item = page.locator("ul.files > li", has_text=".wes.GRCh38.vcf.gz").first
    with page.expect_download() as started:
        item.locator("a").click()
    started.value.save_as(tmp_path / "file")
    digest = hashlib.sha256((tmp_path / "file").read_bytes()).hexdigest()
    assert digest == item.locator("code.hash").inner_text()
    assert started.value.suggested_filename == f"{SHOWN}.synthetic.wes.GRCh38.vcf.gz"
    with page.expect_download() as started:
        page.get_by_role("link", name="Everything as zip").click()
    started.value.save_as(tmp_path / "all.zip")
    assert started.value.suggested_filename == f"{SHOWN}-2026.11.zip"
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert archive.testzip() is None
        for path, each in described.items():
            assert hashlib.sha256(archive.read(f"{SHOWN}/{path}")).hexdigest() == each["sha256"]
        archive.extractall(tmp_path / "unpacked")
    outcome = verify_path(tmp_path / "unpacked" / SHOWN, read_settings())
    assert outcome.valid
    assert outcome.files >= len(described)


def test_package_page_when_every_link_is_asked_then_all_of_the_portal_answer(
    plain: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = plain.new_page()
    page.goto(f"{demo_portal.address}package/{SHOWN}")
    targets = {urljoin(page.url, str(each.get_attribute("href"))).partition("#")[0] for each in page.locator("a").all()}
    own = sorted(each for each in targets if each.startswith(demo_portal.address))
    assert len(own) > 30
    for each in own:
        assert demo_portal.bytes(each.removeprefix(demo_portal.address)), each
    assert all(each.startswith(("https://", demo_portal.address)) for each in targets)


def test_copy_button_when_pressed_then_the_clipboard_has_what_stands_beside_it(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    scripted.grant_permissions(["clipboard-read", "clipboard-write"])
    page = scripted.new_page()
    page.goto(f"{demo_portal.address}package/{SHOWN}")
    item = page.locator("ul.files > li").first
    item.get_by_role("button", name="copy sha256").click()
    assert page.evaluate("navigator.clipboard.readText()") == item.locator("code.hash").inner_text()
    page.locator("pre[data-copy] + button").first.click()
    command = page.evaluate("navigator.clipboard.readText()")
    base = demo_portal.bank.settings.base_iri
    assert command.splitlines() == [f"fairline get {SHOWN}@2026.11 --url {base}", f"fairline verify ./{SHOWN}"]


def test_package_page_when_there_is_no_script_then_has_no_dead_buttons(
    plain: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = plain.new_page()
    page.goto(f"{demo_portal.address}package/{SHOWN}")
    assert page.get_by_role("button").count() == 0


def test_zip_when_downloaded_without_a_browser_then_is_the_same_archive(demo_portal: DemoPortal) -> None:
    content = demo_portal.bytes(f"package/{SHOWN}/2026.11.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
    assert demo_portal.bytes(f"package/{SHOWN}/2026.11.zip") == content
