"""The portal's HTTP API as Python functions; the requests seam. Timeouts everywhere, few and announced retries."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from http.client import HTTPException
from typing import Any, NoReturn
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import requests

from catalog.client.shapes import MANIFEST, PACKAGE, SEARCH, check_facets, check_shape
from catalog.client.source import Piece
from catalog.errors import CatalogError, IntegrityError, NotFoundError, TemporaryError, UsageError
from catalog.events import Event, Listener, silent
from catalog.findings import show
from catalog.identifiers import path_faults
from catalog.index.query import Query, to_url
from catalog.ledger import PackageVersion
from catalog.store.inventory import Inventory

_CONNECT_SECONDS = 10.0
_READ_SECONDS = 60.0
_TRIES = 4
_MOST_REDIRECTS = 5
#: What is taken at most of an answer that is read into memory, after decompression.
_LARGEST_ANSWER_BYTES = 64 << 20
_LARGEST_SMALL_ANSWER_BYTES = 1 << 20
_LARGEST_PROBLEM_BYTES = 64 << 10
#: Small, so that older versions of urllib3 cannot unpack much at a time.
_BLOCK_BYTES = 64 << 10
_LONGEST_IRI = 2000
_PORTS = {"http": 80, "https": 443}
_ASK = "is the portal running, and is the address right?"


class _Session(requests.Session):
    """A session that leaves redirects to :class:`Portal`; requests would read their bodies without a bound."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: nothing is followed."""
        return


class Portal:
    """A portal at an address.

    Args:
        url: its address, such as ``https://bank.example.org/``; the bank's base IRI is mapped to it.
        tell: hears of retries.
        wait: sleeps between tries, in seconds.
    """

    def __init__(
        self,
        url: str,
        *,
        tell: Listener = silent,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = _split(url)
        if parts is None or parts.scheme not in _PORTS or not parts.hostname:
            raise UsageError("portal-url", "a portal's address begins with http:// or https:// and a host", got=url)
        self._url = url if url.endswith("/") else f"{url}/"
        self._name = f"{parts.scheme}://{_host(parts)}{parts.path.rstrip('/')}/"
        self._session = _Session()
        self._session.headers["User-Agent"] = "fairline"
        self._tell = tell
        self._wait = wait
        self._health: Mapping[str, Any] | None = None

    @property
    def address(self) -> str:
        """The portal's address."""
        return self._url

    @property
    def portal(self) -> str:
        """The address as the name of a key: host in lower case, without what everybody knows or nobody may."""
        return self._name

    def health(self) -> Mapping[str, Any]:
        """What ``/healthz`` says: base IRI, release, index."""
        if self._health is None:
            self._health = self.json("healthz", most=_LARGEST_SMALL_ANSWER_BYTES)
        return self._health

    def base_iri(self) -> str:
        """The bank's base IRI, as the portal states it."""
        stated = self.health().get("base_iri", self._url)
        if not isinstance(stated, str) or len(stated) > _LONGEST_IRI or not stated.isprintable():
            raise IntegrityError("portal-answer", "the portal states no base IRI", at=f"{self._url}healthz")
        return stated

    def keys(self) -> bytes:
        """``signing-key.pub``."""
        return self.document("signing-key.pub", most=_LARGEST_SMALL_ANSWER_BYTES)

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
        headers["Accept-Encoding"] = "identity"
        answer = self._get(address, headers)
        if start and answer.status_code == requests.codes.requested_range_not_satisfiable:
            answer.close()  # what we have is longer than the file: it is no part of it
            answer = self._get(address, {"Accept-Encoding": "identity"})
        _raise_for(answer)
        begins = start if answer.status_code == requests.codes.partial_content else 0
        return Piece(begins, self._blocks(answer), _length(answer))

    def size(self, version: PackageVersion, inventory: Inventory, path: str) -> None:
        """None: the portal says it when it sends the file."""
        return

    def _blocks(self, answer: requests.Response) -> Iterator[bytes]:
        with answer:
            try:
                yield from answer.iter_content(_BLOCK_BYTES)
            except requests.RequestException as error:
                raise TemporaryError(
                    "portal-cut-off",
                    f"the portal's answer was cut off: {_reason(error)}",
                    at=answer.url,
                    hint="run the same command again: it goes on where it stopped",
                ) from error

    def _content(self, answer: requests.Response, most: int) -> bytes:
        """A whole answer in memory, of bounded size."""
        blocks, size = [], 0
        if "," in answer.headers.get("Content-Encoding", ""):
            answer.close()
            self._no_answer("the portal's answer is packed more than once", answer)
        for block in self._blocks(answer):
            blocks.append(block)
            size += len(block)
            if size > most:
                answer.close()
                self._no_answer(f"the portal's answer is too large: more than {most >> 20} MiB", answer)
        return b"".join(blocks)

    def _no_answer(self, message: str, answer: requests.Response) -> NoReturn:
        raise IntegrityError(
            "portal-answer", message, at=answer.url, hint="check the address; if it is right, tell the bank"
        )

    def search(self, query: Query) -> dict[str, Any]:
        """One page of a search."""
        return check_shape(self.json(to_url(query, "api/search")), SEARCH, self._url)

    def facets(self, query: Query) -> dict[str, Any]:
        """Facet counts of a search."""
        return check_facets(self.json(to_url(query, "api/facets")), self._url)

    def manifest(self, query: Query) -> list[dict[str, Any]]:
        """Every open file that a search stands for."""
        return list(check_shape(self.json(to_url(query, "api/files")), MANIFEST, self._url)["files"])

    def show(self, package: str, release: str | None = None) -> dict[str, Any]:
        """One package."""
        answer = self.json(f"api/package/{package}" + (f"?release={release}" if release else ""))
        return check_shape(answer, PACKAGE, self._url)

    def json(self, path: str, *, most: int = _LARGEST_ANSWER_BYTES) -> Mapping[str, Any]:
        """A JSON answer, of bounded size and depth."""
        answer = self._get(path, {"Accept": "application/json"})
        _raise_for(answer)
        try:
            value = json.loads(self._content(answer, most))
        except (ValueError, RecursionError):
            self._no_answer("the portal's answer is no JSON that can be read", answer)
        if not isinstance(value, Mapping):
            self._no_answer("the portal's answer is no JSON object", answer)
        return value

    def document(self, path: str, *, most: int = _LARGEST_ANSWER_BYTES) -> bytes:
        """A whole document, of bounded size."""
        answer = self._get(path, {})
        _raise_for(answer)
        return self._content(answer, most)

    def _get(self, path: str, headers: Mapping[str, str]) -> requests.Response:
        """One answer, unread; connection faults and 5xx are tried again, each time announced."""
        address = self._url + path
        for attempt in range(1, _TRIES + 1):
            try:
                answer = self._follow(address, headers)
                if not _is_passing(answer):
                    return answer
                fault = _fault(answer)
            except (requests.ConnectionError, requests.Timeout) as error:
                message = f"the portal does not answer: {_reason(error)}"
                fault = TemporaryError("portal-unreachable", message, at=address, hint=_ASK)
            except (
                requests.RequestException,
                ValueError,
            ) as error:  # urllib3 has its own error for a host that is none
                raise UsageError("portal-url", "this address cannot be asked", got=address, hint=_ASK) from error
            if attempt == _TRIES:
                raise fault
            delay = 0.5 * 2 ** (attempt - 1)
            self._tell(
                Event(stage="retry", text=f"{fault.message}; trying again in {delay:g} s", done=attempt, total=_TRIES)
            )
            self._wait(delay)
        raise AssertionError("the loop returns or raises")

    def _follow(self, address: str, headers: Mapping[str, str]) -> requests.Response:
        """One answer after the redirects that stay with the portal."""
        for _ in range(_MOST_REDIRECTS):
            answer = self._session.get(
                address, headers=dict(headers), stream=True, timeout=(_CONNECT_SECONDS, _READ_SECONDS)
            )
            target = answer.headers.get("Location")
            if target is None or not answer.is_redirect:
                return answer
            answer.close()
            try:
                target = urljoin(address, target)
            except ValueError:
                target = ""
            if not _stays(address, target):
                raise IntegrityError(
                    "portal-redirect", "the portal sends us to another host", at=address, got=target[:200],
                    hint="if the bank has moved, pass its new address with --url",
                )  # fmt: skip
            address = target
        raise IntegrityError("portal-redirect", "the portal sends us round in a circle", at=address)


def _split(address: str) -> SplitResult | None:
    """The parts of an address; None when it has none."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # a port that is no number is found only here
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """Host and port in one form: lower case, without the port that the scheme has anyway, without a password."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port in {None, _PORTS.get(parts.scheme)} else f"{host}:{parts.port}"


def _stays(address: str, target: str) -> bool:
    """Whether a redirect stays with the portal: at its host and port, or goes from http to https there."""
    here, there = _split(address), _split(target)
    if here is None or there is None or here.hostname != there.hostname:
        return False
    if (here.scheme, _host(here)) == (there.scheme, _host(there)):
        return True
    return (here.scheme, there.scheme) == ("http", "https") and there.port in {None, _PORTS["https"]}


def _length(answer: requests.Response) -> int | None:
    """How many bytes an answer announces; None when it does not say, or when they are packed."""
    announced = answer.headers.get("Content-Length", "")
    if answer.headers.get("Content-Encoding", "identity") != "identity" or not announced.isdecimal():
        return None
    return int(announced) if len(announced) < 20 else None


def _reason(error: BaseException) -> str:
    """What happened to a connection, in words; the causes that libraries wrap are looked through."""
    todo: list[object] = [error]
    causes: list[BaseException] = []
    while todo:
        each = todo.pop()
        if isinstance(each, BaseException) and each not in causes:
            causes.append(each)
            todo += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]
    for kinds, words in _REASONS:
        if any(isinstance(cause, kinds) for cause in causes):
            return words
    said = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), None)
    return said.lower() if said else "the connection failed"


_REASONS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (ConnectionRefusedError, "the connection was refused"),
    (socket.gaierror, "the name of the host is unknown"),
    (ssl.SSLError, "no safe connection can be made, its certificate or its protocol is not accepted"),
    (requests.exceptions.ProxyError, "the proxy does not let us through"),
    ((requests.Timeout, TimeoutError), "it took too long"),
    ((ConnectionResetError, BrokenPipeError), "the connection was broken off"),
    (requests.exceptions.ContentDecodingError, "it is packed wrongly"),
    ((requests.exceptions.ChunkedEncodingError, HTTPException), "the connection broke off"),
)


def _is_passing(answer: requests.Response) -> bool:
    """Whether an answer is a fault that may have passed when we ask again."""
    return answer.status_code >= 500 or answer.status_code == requests.codes.too_many_requests


def _raise_for(answer: requests.Response) -> None:
    """Raises the error that an answer stands for."""
    if not answer.ok or answer.is_redirect:
        raise _fault(answer)


def _fault(answer: requests.Response) -> CatalogError:
    """The error that an answer stands for."""
    problem = _problem(answer)
    detail = show(problem.get("detail") or problem.get("title") or answer.reason or "no reason is given")
    if answer.status_code == requests.codes.gone:
        return NotFoundError("withdrawn", f"it was withdrawn: {detail}", at=answer.url)
    if answer.status_code == requests.codes.not_found:
        return NotFoundError("portal-not-found", detail, at=answer.url)
    if _is_passing(answer):
        return TemporaryError("portal-failed", f"the portal answered {answer.status_code}: {detail}", at=answer.url)
    return UsageError("portal-refused", f"the portal answered {answer.status_code}: {detail}", at=answer.url)


def _problem(answer: requests.Response) -> Mapping[str, Any]:
    """The problem object of an answer that failed; empty when it has none, or one that is too large."""
    with answer:
        if "json" not in answer.headers.get("Content-Type", ""):
            return {}
        content = b""
        try:
            for block in answer.iter_content(_LARGEST_PROBLEM_BYTES):
                content += block
                if len(content) > _LARGEST_PROBLEM_BYTES:
                    return {}
            decoded = json.loads(content)
        except (requests.RequestException, ValueError, RecursionError):
            return {}
    return decoded if isinstance(decoded, Mapping) else {}
