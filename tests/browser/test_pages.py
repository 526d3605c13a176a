"""Every kind of page as people get it: silent, self-contained, within its width, readable, reachable by keyboard."""

from __future__ import annotations

import gzip
import re
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.portal import PAGES, ROOT, DemoPortal, Watched

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WIDTHS = (1280, 360)
PICTURED = ("search", "package", "release", "term")
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")
AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
LARGEST_PAGE_BYTES = 60_000


def opened(chromium: Browser, demo: DemoPortal, name: str, **options: Any) -> Page:
    """A page of the portal in a fresh profile; the caller closes its context."""
    page = chromium.new_context(**options).new_page()
    page.goto(demo.address + PAGES[name])
    return page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark", "print"])
def test_page_when_opened_then_nothing_is_on_the_console_and_nobody_else_is_asked(
    scripted: BrowserContext, demo_portal: DemoPortal, name: str, scheme: str
) -> None:
    page = scripted.new_page()
    if scheme == "print":
        page.emulate_media(media="print")
    else:
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    watched = Watched(page, demo_portal.address)
    answer = page.goto(demo_portal.address + PAGES[name])
    assert answer is not None
    assert answer.status == (int(name[-3:]) if name.startswith("problem") else 200)
    assert watched.said == []
    assert watched.foreign == []
    if scheme == "dark":
        dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        assert dark == "rgb(20, 24, 28)"


def test_search_when_swapped_then_nothing_is_on_the_console(scripted: BrowserContext, demo_portal: DemoPortal) -> None:
    page = scripted.new_page()
    watched = Watched(page, demo_portal.address)
    page.goto(demo_portal.address)
    page.locator("aside.facets a", has_text="Embryonic").click()
    page.wait_for_url("**/?line_type=ESC")
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert (watched.said, watched.foreign) == ([], [])


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page_when_shown_then_fits_the_width(chromium: Browser, demo_portal: DemoPortal, name: str, width: int) -> None:
    page = opened(chromium, demo_portal, name, viewport={"width": width, "height": 800})
    unfold(page)
    shown, has = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert shown <= has == width
    if name in PICTURED:
        page.reload()
        path = ROOT / "screenshots" / f"{name}-{width}.png"
        page.screenshot(path=path, full_page=True)
        print(f"picture: {path}")
    page.context.close()


def unfold(page: Page) -> None:
    """Opens everything that is folded, so that it is judged too."""
    page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light")])
@pytest.mark.parametrize("name", PAGES)
def test_page_when_judged_by_axe_then_breaks_no_rule_of_wcag(
    chromium: Browser, demo_portal: DemoPortal, name: str, width: int, scheme: Any
) -> None:
    page = opened(chromium, demo_portal, name, viewport={"width": width, "height": 800}, color_scheme=scheme)
    unfold(page)
    page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run({ runOnly: { type: 'tag', values: rules }, resultTypes: ['violations'] })", list(RULES)
    )
    told = [
        f"{each['id']} ({each['impact']}): {node['target']} {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
    assert told == []
    assert len(found["passes"]) > 10
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_page_when_read_by_its_structure_then_has_one_title_one_heading_and_named_parts(
    plain: BrowserContext, demo_portal: DemoPortal, name: str
) -> None:
    page = plain.new_page()
    page.goto(demo_portal.address + PAGES[name])
    assert demo_portal.bank.settings.title in page.title()
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == "en"
    levels = [int(each[1]) for each in page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => e.tagName)")]
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False)), levels


@pytest.mark.parametrize("name", PAGES)
def test_skip_link_when_tabbed_to_then_is_seen_and_leads_to_the_content(
    scripted: BrowserContext, demo_portal: DemoPortal, name: str
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address + PAGES[name])
    skip = page.locator("a.skip")
    assert is_outside(page)
    page.keyboard.press("Tab")
    expect(skip).to_be_focused()
    assert not is_outside(page)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def is_outside(page: Page) -> bool:
    """Whether the skip link is above the window."""
    return bool(page.locator("a.skip").evaluate("link => link.getBoundingClientRect().bottom <= 0"))


def walk(page: Page, most: int = 400) -> list[dict[str, Any]]:
    """Presses Tab through a page: what had the focus, whether the focus could be seen, and where."""
    seen: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => {
                const it = document.activeElement;
                if (it === document.body) return null;
                const style = getComputedStyle(it), box = it.getBoundingClientRect();
                return {
                    address: it.href || "", tag: it.tagName, text: it.textContent.trim(),
                    visible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
                    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
                };
            }"""
        )
        if at is None:
            return seen
        seen.append(at)
    raise AssertionError("the keyboard does not get out of the page")


@pytest.mark.parametrize("name", PAGES)
def test_page_when_walked_by_keyboard_then_every_link_and_control_is_reached_and_the_focus_is_seen(
    scripted: BrowserContext, demo_portal: DemoPortal, name: str
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address + PAGES[name])
    unfold(page)
    seen = walk(page)
    wanted = page.locator(":is(a[href], button, input:not([type=hidden]), summary):visible").count()
    assert len([each for each in seen if each["tag"] != "DIV"]) == wanted
    assert [each for each in seen if not each["visible"]] == []
    assert [each for each in seen if not each["inside"]] == []


def test_facets_when_walked_by_keyboard_then_folded_ones_open_and_a_choice_keeps_its_place(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address)
    fold = page.locator("aside.facets section details summary").first
    fold.focus()
    page.keyboard.press("Enter")
    facets = page.locator("aside.facets section a")
    addresses = set(facets.evaluate_all("all => all.map(link => link.href)"))
    page.locator("a.skip").focus()
    assert addresses <= {each["address"] for each in walk(page)}
    link = page.locator("aside.facets a", has_text="Whole-exome sequencing")
    link.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?modality=wes")
    expect(page.locator("aside.facets a", has_text="Whole-exome sequencing")).to_be_focused()
    expect(page.get_by_role("status")).to_have_text(page.title())
    page.keyboard.press("Enter")
    page.wait_for_url(demo_portal.address)
    expect(page.locator("aside.facets a", has_text="Whole-exome sequencing")).to_be_focused()


def test_search_when_sent_by_keyboard_then_the_field_keeps_the_focus_and_the_count_is_told(
    scripted: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address)
    field = page.get_by_role("searchbox")
    field.fill("urine")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?q=urine")
    expect(page.get_by_role("status")).to_have_text(page.title())
    assert page.title().startswith("1 package, “urine”")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.locator(".chips a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(demo_portal.address)
    expect(page.locator("#found")).to_be_focused()


def test_facets_when_the_window_is_narrow_then_are_folded_and_open_by_a_press(
    chromium: Browser, demo_portal: DemoPortal
) -> None:
    page = opened(chromium, demo_portal, "search", viewport={"width": 360, "height": 740})
    link = page.locator("aside.facets a", has_text="Embryonic")
    expect(link).to_be_hidden()
    page.get_by_text("Narrow the search").click()
    expect(link).to_be_visible()
    page.get_by_text("Narrow the search").click()
    expect(link).to_be_hidden()
    page.get_by_role("link", name="Filters").click()
    expect(link).to_be_visible()
    expect(page.locator("aside.facets")).to_be_in_viewport()
    link.click()
    page.wait_for_url("**/?line_type=ESC")
    expect(page.locator("aside.facets a", has_text="Embryonic")).to_be_visible()
    page.context.close()


def test_facets_when_the_window_is_narrow_and_there_is_no_script_then_are_there(
    chromium: Browser, demo_portal: DemoPortal
) -> None:
    page = opened(chromium, demo_portal, "search", viewport={"width": 360, "height": 740}, java_script_enabled=False)
    expect(page.locator("aside.facets a", has_text="Embryonic")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
@pytest.mark.parametrize("name", ["search", "found"])
def test_results_when_the_window_is_narrow_then_come_on_the_first_screen_and_filters_after_them(
    chromium: Browser, demo_portal: DemoPortal, name: str, script: bool
) -> None:
    page = opened(chromium, demo_portal, name, viewport={"width": 360, "height": 740}, java_script_enabled=script)
    first = page.locator(".packages > li").first
    assert first.evaluate("it => it.getBoundingClientRect().top + scrollY") < 740
    below = page.locator("aside.facets").evaluate("it => it.getBoundingClientRect().top")
    assert below > page.locator(".packages > li").last.evaluate("it => it.getBoundingClientRect().top")
    page.get_by_role("link", name="Filters").click()
    expect(page.locator("aside.facets a", has_text="Embryonic" if name == "search" else "Induced")).to_be_visible()
    expect(page.locator("aside.facets")).to_be_in_viewport()
    page.context.close()


def test_filters_when_the_window_is_wide_then_stand_beside_the_results(
    plain: BrowserContext, demo_portal: DemoPortal
) -> None:
    page = plain.new_page()
    page.goto(demo_portal.address)
    expect(page.locator(".to-facets")).to_be_hidden()
    right, left = (
        page.locator("aside.facets").evaluate("it => it.getBoundingClientRect().right"),
        page.locator(".results").evaluate("it => it.getBoundingClientRect().left"),
    )
    assert right <= left


@pytest.mark.parametrize("name", ["package", "term"])
def test_table_when_it_is_wider_than_the_window_then_a_shadow_says_so(
    chromium: Browser, demo_portal: DemoPortal, name: str
) -> None:
    page = opened(chromium, demo_portal, name, viewport={"width": 360, "height": 740})
    unfold(page)
    boxes = page.locator(".scroll")
    assert boxes.count() > 0
    assert boxes.evaluate_all("all => all.some(it => it.scrollWidth > it.clientWidth)")
    cues = boxes.evaluate_all("all => all.map(it => getComputedStyle(it).backgroundAttachment)")
    assert set(cues) == {"local, local, scroll, scroll"}
    page.context.close()


def test_package_page_when_opened_then_the_line_is_told_on_the_first_screen(
    chromium: Browser, demo_portal: DemoPortal
) -> None:
    for width, height in ((1280, 900), (360, 740)):
        page = opened(chromium, demo_portal, "package", viewport={"width": width, "height": height})
        identity = page.locator("dl.identity").bounding_box()
        grade = page.locator("dl.identity dt", has_text="Grade").bounding_box()
        assert identity is not None
        assert grade is not None
        assert grade["y"] + grade["height"] < height
        files, quality = (page.locator(name).bounding_box() for name in ("#files", "#quality"))
        assert files is not None
        assert quality is not None
        assert identity["y"] < files["y"] < quality["y"]
        page.context.close()


@pytest.mark.parametrize("name", ["search", "package", "release"])
def test_page_when_printed_then_shows_the_content_without_what_needs_a_screen(
    scripted: BrowserContext, demo_portal: DemoPortal, name: str
) -> None:
    page = scripted.new_page()
    page.goto(demo_portal.address + PAGES[name])
    page.emulate_media(media="print")
    for gone in ("header nav", "footer", ".facets", "form.search", ".copy"):
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    expect(page.locator("h1")).to_be_attached()
    side = page.locator(".side")
    if side.count():
        assert side.evaluate("it => it.scrollHeight <= it.clientHeight + 1")
    assert page.pdf(format="A4").startswith(b"%PDF-")


@pytest.mark.parametrize("name", ["search", "package"])
def test_page_when_weighed_then_is_light(scripted: BrowserContext, demo_portal: DemoPortal, name: str) -> None:
    page = scripted.new_page()
    asked: list[str] = []
    page.on("requestfinished", lambda request: asked.append(request.url))
    page.goto(demo_portal.address + PAGES[name], wait_until="networkidle")
    paths = [each.removeprefix(demo_portal.address) for each in asked if not each.startswith("data:")]
    assert sorted(paths) == [PAGES[name], "static/site.css", "static/site.js"]
    weights = {path: len(gzip.compress(demo_portal.bytes(path))) for path in paths}
    print(f"bytes, compressed: {weights}")
    assert sum(weights.values()) < LARGEST_PAGE_BYTES
