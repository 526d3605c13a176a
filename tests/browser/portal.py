"""What the browser's tests share: the served bank, its pages, and an ear for what a page should not do."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from playwright.sync_api import ConsoleMessage, Page, Request

from catalog.bank import Bank

ROOT = Path(__file__).resolve().parents[2]
SHOWN = "KSCBi005-A"
GONE = "KSCBi012-A"
PAGES: Mapping[str, str] = {
    "search": "",
    "found": "?q=cord+blood&modality=wes",
    "nothing-found": "?q=cord+blood&sex=female",
    "package": f"package/{SHOWN}",
    "controlled": "package/KSCBi0019-A",
    "releases": "release/",
    "release": "release/2026.11",
    "term": "term/UBERON:0012168",
    "problem-400": "?limit=none",
    "problem-404": "package/nobody",
    "problem-410": f"package/{GONE}",
}
_STARTED_SECONDS = 30.0


@dataclass(frozen=True, kw_only=True)
class DemoPortal:
    """A served bank and its address, which ends with a slash."""

    bank: Bank
    address: str

    def api(self, path: str) -> Any:
        """A JSON answer."""
        with requests.get(self.address + path, timeout=30) as answer:
            answer.raise_for_status()
            return answer.json()

    def bytes(self, path: str) -> bytes:
        """The bytes at an address."""
        with requests.get(self.address + path, timeout=30) as answer:
            answer.raise_for_status()
            return answer.content

    def found(self, query: str) -> tuple[int, list[str]]:
        """Total and ids of a page of a search, as the API tells them."""
        answer = self.api(f"api/search{query}")
        return answer["total"], [each["id"] for each in answer["packages"]]


@contextmanager
def served(bank: Bank) -> Iterator[str]:
    """Runs ``fairline serve`` for a bank and yields its address; the process is ended by its own number."""
    command = [str(Path(sys.executable).with_name("fairline")), "--bank", str(bank.root), "serve", "--port", "0"]
    spoken = bank.root.parent / "serve.txt"
    environment = {**os.environ, "FAIRLINE_CONFIG": str(bank.root.parent / "config"), "NO_COLOR": "1"}
    with spoken.open("wb") as stream:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream, env=environment)
    try:
        yield _address(process, spoken)
    finally:
        process.terminate()
        process.wait(20)


def _address(process: subprocess.Popen[bytes], spoken: Path) -> str:
    end = time.monotonic() + _STARTED_SECONDS
    while time.monotonic() < end and process.poll() is None:
        text = spoken.read_text()
        if "\n" in text and " at http://" in text:
            return text.partition(" at ")[2].split()[0]
        time.sleep(0.05)
    raise AssertionError(f"fairline serve did not start: {spoken.read_text()}")


@dataclass
class Watched:
    """A page with everything that it said and asked for.

    Attributes:
        said: what reached the console, and errors of scripts.
        foreign: requests to another origin than the portal's.
    """

    page: Page
    address: str
    said: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("request", self._request)
        self.page.add_init_script(
            "document.addEventListener('securitypolicyviolation',"
            " (event) => console.error('CSP', event.violatedDirective, event.blockedURI))"
        )

    def _console(self, message: ConsoleMessage) -> None:
        # The browser itself notes that a page came with 404 or 410; that is no fault of the page.
        if not (message.text.startswith("Failed to load resource") and message.location["url"] == self.page.url):
            self.said.append(f"{message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:")):
            self.foreign.append(request.url)


def listed(page: Page) -> list[str]:
    """The ids of the packages that a search page shows."""
    return page.locator(".packages > li > h2 > a").all_inner_texts()


def shown_total(page: Page) -> int:
    """The number of packages that a search page says it has found."""
    return int(page.locator(".summary b").inner_text())


def query_of(page: Page) -> str:
    """The query string of a page's address."""
    _, mark, query = page.url.partition("?")
    return mark + query
