"""The report of a validation as a page: its columns can be read, on a screen and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from catalog.findings import Finding, Level, Report, Severity, Subject
from publish.report_html import render_report

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LONG = "sha256 " + "0123456789abcdef" * 4


def page_of_report() -> bytes:
    """A report whose findings have words that are long and cannot be broken."""
    findings = tuple(
        Finding(
            code="file-checksum", severity=severity, rules=Level.BANK, message="the file is not the one that was added",
            expected=LONG, got=LONG, hint="restore the file", source="docs/records.md", path="data/" + "x" * 60, line=12,
        )
        for severity in Severity
    )  # fmt: skip
    return render_report(
        Report(rules=Level.BANK, subjects=(Subject(path="a", kind="file", findings=findings),)), "0.1.0"
    )


@pytest.mark.parametrize("width", [1280, 700, 360])
def test_report_when_shown_then_a_severity_stands_on_one_line_and_the_page_fits(
    chromium: Browser, tmp_path: Path, width: int
) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(page_of_report())
    with chromium.new_context(viewport={"width": width, "height": 800}, java_script_enabled=True) as context:
        page = context.new_page()
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        cells = page.locator("td.severity")
        assert sorted(cells.all_inner_texts()) == ["error", "info", "warning"]
        lines = "cell => { const text = document.createRange(); text.selectNodeContents(cell); return text.getClientRects().length; }"
        fits = "cell => cell.scrollWidth <= cell.clientWidth"
        for cell in [*cells.all(), *page.locator("th").first.filter(visible=True).all()]:
            assert cell.evaluate(lines) == 1
            assert cell.evaluate(fits)
