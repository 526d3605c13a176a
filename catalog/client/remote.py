"""The portal's HTTP API as Python functions; the requests seam. Timeouts everywhere, few and announced retries."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

import requests

from catalog.checksums import CHUNK_BYTES
from catalog.client.source import Piece
from catalog.errors import CatalogError, IntegrityError, NotFoundError, TemporaryError, UsageError
from catalog.events import Event, Listener, silent
from catalog.identifiers import path_faults
from catalog.index.query import Query, to_url
from catalog.ledger import PackageVersion
from catalog.store.inventory import Inventory

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_TRIES = 4
_LARGEST_DOCUMENT_BYTES = 256 << 20


class Portal:
    """A portal at an address.

    Args:
        url: its address, such as ``https://bank.example.org/``; the bank's base IRI is mapped to it.
        session: for tests and proxies; a new one by default.
        tell: hears of retries.
        wait: sleeps between tries, in seconds.
    """

    def __init__(
        self,
        url: str,
        session: requests.Session | None = None,
        tell: Listener = silent,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise UsageError("portal-url", "a portal's address begins with http:// or https://", got=url)
        self._url = url if url.endswith("/") else f"{url}/"
        self._session = session or requests.Session()
        self._session.headers["User-Agent"] = "fairline"
        self._tell = tell
        self._wait = wait
        self._health: Mapping[str, Any] | None = None

    @property
    def address(self) -> str:
        """The portal's address."""
        return self._url

    def health(self) -> Mapping[str, Any]:
        """What ``/healthz`` says: base IRI, release, index."""
        if self._health is None:
            self._health = self.json("healthz")
        return self._health

    def base_iri(self) -> str:
        """The bank's base IRI, as the portal states it."""
        return str(self.health().get("base_iri", self._url))

    def keys(self) -> bytes:
        """``signing-key.pub``."""
        return self.document("signing-key.pub")

    def ledger(self) -> bytes:
        """``ledger.jsonl``."""
        return self.document("ledger.jsonl")

    def inventory(self, version: PackageVersion) -> bytes:
        """The inventory of a version."""
        return self.document(f"package/{version.id}/{version.release}/inventory.json")

    def open(self, version: PackageVersion, inventory: Inventory, path: str, start: int) -> Piece:
        """The bytes of a file; resumed by a range when the portal still has the same bytes (RFC 9110, 14.2)."""
        digest = inventory.state(version.version)[path]
        if path_faults(path):
            raise IntegrityError("download-path", "the portal names a path that no package has", got=path)
        address = f"package/{version.id}/{version.release}/files/{quote(path)}"
        headers = {"Range": f"bytes={start}-", "If-Range": f'"{digest}"'} if start else {}
        # Identity: a compressed transfer could not be resumed and its length is not the file's.
        answer = self._get(address, {**headers, "Accept-Encoding": "identity"}, stream=True)
        begins = start if answer.status_code == requests.codes.partial_content else 0
        return Piece(begins, self._blocks(answer))

    def _blocks(self, answer: requests.Response) -> Iterator[bytes]:
        with answer:
            try:
                yield from answer.iter_content(CHUNK_BYTES)
            except requests.RequestException as error:
                raise TemporaryError(
                    "portal-cut-off",
                    f"the portal's answer was cut off: {error}",
                    at=answer.url,
                    hint="run the same command again: it goes on where it stopped",
                ) from error

    def search(self, query: Query) -> dict[str, Any]:
        """One page of a search."""
        return dict(self.json(to_url(query, "api/search")))

    def facets(self, query: Query) -> dict[str, Any]:
        """Facet counts of a search."""
        return dict(self.json(to_url(query, "api/facets")))

    def manifest(self, query: Query) -> list[dict[str, Any]]:
        """Every open file that a search stands for."""
        return list(self.json(to_url(query, "api/files"))["files"])

    def show(self, package: str, release: str | None = None) -> dict[str, Any]:
        """One package."""
        return dict(self.json(f"api/package/{package}" + (f"?release={release}" if release else "")))

    def json(self, path: str) -> Mapping[str, Any]:
        """A JSON answer."""
        try:
            value = self._get(path, {"Accept": "application/json"}).json()
        except requests.JSONDecodeError as error:
            raise IntegrityError("portal-answer", "the portal's answer is no JSON", at=self._url + path) from error
        if not isinstance(value, Mapping):
            raise IntegrityError("portal-answer", "the portal's answer is no JSON object", at=self._url + path)
        return value

    def document(self, path: str) -> bytes:
        """A whole document, of bounded size."""
        answer = self._get(path, {}, stream=True)
        content = b""
        for block in self._blocks(answer):
            content += block
            if len(content) > _LARGEST_DOCUMENT_BYTES:
                raise IntegrityError("portal-answer", "the portal's document is too large", at=answer.url)
        return content

    def _get(self, path: str, headers: Mapping[str, str], *, stream: bool = False) -> requests.Response:
        """One answer; connection faults and 5xx are tried again, each time announced."""
        address = self._url + path
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._session.get(
                    address, headers=dict(headers), stream=stream, timeout=(_CONNECT_SECONDS, _READ_SECONDS)
                )
                fault = _fault(answer)
                if fault is None:
                    return answer
                if not isinstance(fault, TemporaryError) or attempt == _TRIES:
                    raise fault
            except (requests.ConnectionError, requests.Timeout) as error:
                fault = TemporaryError(
                    "portal-unreachable", f"the portal does not answer: {_reason(error)}", at=address
                )
                if attempt == _TRIES:
                    raise fault from error
            delay = 0.5 * 2 ** (attempt - 1)
            self._tell(
                Event(stage="retry", text=f"{fault.message}; trying again in {delay:g} s", done=attempt, total=_TRIES)
            )
            self._wait(delay)
        raise AssertionError("the loop returns or raises")


def _reason(error: Exception) -> str:
    return str(error).split("Caused by ")[-1][:160]


def _fault(answer: requests.Response) -> CatalogError | None:
    """The error that an answer stands for; None for a good one."""
    if answer.ok:
        return None
    problem: Mapping[str, Any] = {}
    if "json" in answer.headers.get("Content-Type", ""):
        try:
            decoded = answer.json()
            problem = decoded if isinstance(decoded, Mapping) else {}
        except requests.JSONDecodeError:
            problem = {}
    detail = str(problem.get("detail") or problem.get("title") or answer.reason)
    if answer.status_code == requests.codes.gone:
        return NotFoundError("withdrawn", f"it was withdrawn: {detail}", at=answer.url)
    if answer.status_code == requests.codes.not_found:
        return NotFoundError("portal-not-found", detail, at=answer.url)
    if answer.status_code >= 500 or answer.status_code == requests.codes.too_many_requests:
        return TemporaryError("portal-failed", f"the portal answered {answer.status_code}: {detail}", at=answer.url)
    return UsageError("portal-refused", f"the portal answered {answer.status_code}: {detail}", at=answer.url)
