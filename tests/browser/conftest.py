"""The whole example bank, served by the real command, and Chromium to look at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from publish.demo.bank import build_demo
from tests.browser.portal import GONE, DemoPortal, served
from tests.builders import absent, make_settings, withdraw

_ARGUMENTS = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium without a window."""
    path = "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else shutil.which("chromium")
    if path is None:
        absent("Chromium is missing, so no page was looked at: apt-get install chromium")
    arguments = [*_ARGUMENTS, *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def demo_portal(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoPortal]:
    """The example bank with one line withdrawn, served by ``fairline serve``; nobody changes it."""
    folder = tmp_path_factory.mktemp("browser")
    bank = build_demo(folder / "bank", make_settings(folder)).bank
    withdraw(bank, GONE, "the donor asked for it", now="2026-11-23T08:00:00Z")
    with served(bank) as address:
        yield DemoPortal(bank=bank, address=address)


@pytest.fixture
def scripted(chromium: Browser, demo_portal: DemoPortal) -> Iterator[BrowserContext]:
    """A fresh profile with JavaScript, 1280 pixels wide."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context


@pytest.fixture
def plain(chromium: Browser, demo_portal: DemoPortal) -> Iterator[BrowserContext]:
    """A fresh profile without JavaScript, 1280 pixels wide."""
    with chromium.new_context(viewport={"width": 1280, "height": 900}, java_script_enabled=False) as context:
        yield context
