"""CKAN's actions and files as Python functions; the seam of ckanapi. Timeouts everywhere, few and announced retries.

A reply to a write that is not a parsed success says nothing about what CKAN did (docs/targets.md): it becomes
:class:`Doubt`, and whoever wrote looks before anything is sent again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NoReturn, TypeVar

import requests
from ckanapi import errors as ckan_errors
from ckanapi.common import prepare_action, reverse_apicontroller_action
from requests_toolbelt import MultipartEncoder, MultipartEncoderMonitor
from urllib3.exceptions import HTTPError

from catalog.errors import (
    CatalogError,
    ConflictError,
    IntegrityError,
    NotFoundError,
    TemporaryError,
    UnauthorisedError,
    UsageError,
)
from catalog.findings import show as shown_text
from publish.targets.ckan.wire import progress, retry_after, short, words
from publish.targets.protocol import Note, Tell, Traffic
from publish.targets.publication import PublishedFile

_BASE = "api/3/action/"
_BLOCK_BYTES = 1 << 20
_LONGEST_WAIT_SECONDS = 120.0
_LONGEST_WORDS = 300
_PASSING = frozenset({429, 500, 502, 503, 504})

Found = TypeVar("Found")


class Doubt(Exception):
    """Nobody knows whether a write was done: look, then decide.

    Args:
        reason: what was seen, in words.
        wait_seconds: how long the server asks to wait; None when it does not say.
        status: of its answer; 0 where there was none.
    """

    def __init__(self, reason: str, wait_seconds: float | None = None, status: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait_seconds = wait_seconds
        self.status = status


class Mismatch(Exception):
    """Something is not as the write expected it: another writer was first, or our own earlier try was done."""


class TooLarge(UsageError):
    """The server takes no request, or no file, of this size; what has several files is then sent in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long and how often.

    Attributes:
        connect_seconds, read_seconds: for one request.
        tries: of a read, or of a write that is in doubt.
        first_wait_seconds: before the second try; doubled each time, with jitter.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 120.0
    tries: int = 6
    first_wait_seconds: float = 0.5


@dataclass(slots=True)
class CkanClient:
    """One CKAN as one user.

    Attributes:
        url: its address, no slash at the end.
        token: of the user; never printed.
        tell: hears of retries.
        wait: sleeps, in seconds.
        traffic: counts.
    """

    url: str
    token: str = field(repr=False)
    tell: Tell
    wait: Callable[[float], None] = time.sleep
    patience: Patience = field(default_factory=Patience)
    traffic: Traffic = field(default_factory=Traffic)
    _sessions: threading.local = field(default_factory=threading.local, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def read(self, action: str, data: Mapping[str, Any], *, anonymous: bool = False) -> Any:
        """The result of an action that changes nothing; tried again when the fault may pass.

        Raises:
            TemporaryError: CKAN, or its search, does not answer.
            UnauthorisedError: the user may not.
            NotFoundError: there is nothing of this name.
        """
        for attempt in range(1, self.patience.tries + 1):
            try:
                return self._call(action, data, anonymous=anonymous)
            except Doubt as doubt:
                if attempt == self.patience.tries:
                    raise self._given_up(action, doubt) from doubt
                self._pause(attempt, f"{action}: {doubt.reason}", doubt.wait_seconds)
        raise AssertionError("the loop returns or raises")

    def show(self, name: str, *, anonymous: bool = False) -> dict[str, Any] | None:
        """A dataset by name or id; None when there is none that this user can see."""
        try:
            return dict(self.read("package_show", {"id": name}, anonymous=anonymous))
        except NotFoundError:
            return None
        except UnauthorisedError as refused:
            if anonymous:
                return None
            try:
                self.read("user_show", {})
            except NotFoundError:  # without a token that counts CKAN knows no user to show (measured on 2.12.0)
                raise refused from None
            raise ConflictError(
                "portal-name-foreign", f"the portal has a dataset {name} that is not ours to see", at=name,
                hint="somebody else has the name: ask the portal's operator to rename it; it is not touched",
            ) from None  # fmt: skip

    def write(self, action: str, data: Mapping[str, Any]) -> Any:
        """One try of an action that changes something.

        Raises:
            Doubt: nobody knows whether it was done.
            Mismatch: something is not as it was expected.
            UnauthorisedError, UsageError: CKAN refused, and will again.
        """
        self._count(writes=1)
        return self._call(action, data)

    def clock_skew_seconds(self) -> float | None:
        """How far this machine's clock is ahead of the portal's; None when no answer named a time yet."""
        date: datetime | None = getattr(self._sessions, "date", None)
        return (self._sessions.heard - date).total_seconds() if date is not None else None

    def settle(self, look: Callable[[], Found | None], act: Callable[[], None], what: str, *, known: bool) -> Found:
        """Acts until a look finds what is wanted: read, compare, act.

        Args:
            look: gives what is wanted when it is there, else None.
            act: one try.
            what: for messages.
            known: whether the caller has looked already and found it missing.
        """
        found = None if known else look()
        reason = "it is not there although CKAN said so"
        for attempt in range(1, self.patience.tries + 1):
            if found is not None:
                return found
            if attempt > 1:
                self._pause(attempt - 1, f"{what}: {reason}")
                found = look()
                if found is not None:
                    return found
            try:
                act()
                reason = "CKAN says that it is done, but shows something else"
            except Doubt as doubt:
                reason = doubt.reason
                if doubt.wait_seconds:
                    self._pause(attempt, f"{what}: {reason}", doubt.wait_seconds)
            except Mismatch as mismatch:
                reason = str(mismatch)
            found = look()
        if found is not None:
            return found
        raise self._given_up(what, Doubt(reason))

    def upload(
        self, action: str, fields: Mapping[str, str], files: Sequence[tuple[str, str, PublishedFile]], tell: Tell
    ) -> Any:
        """One try of an action with files, sent as one stream in constant memory.

        Args:
            action: such as ``package_revise``.
            fields: the other members, each as text.
            files: (name of the part, name to send it under, file), in order.
            tell: hears of progress.

        Raises:
            TooLarge: the server takes nothing of this size.
            Doubt, Mismatch, UnauthorisedError: as for :meth:`write`.
        """
        self._count(writes=1)
        streams = [(part, name, file, file.open()) for part, name, file in files]
        try:
            parts: list[tuple[str, Any]] = list(fields.items())
            parts += [(part, (name, stream, file.mediatype)) for part, name, file, stream in streams]
            body = MultipartEncoderMonitor(MultipartEncoder(parts), progress([file for _, _, file in files], tell))
            headers = {"Content-Type": body.content_type, **self._authorization()}
            result = self._send(action, body, headers)
        finally:
            for _, _, _, stream in streams:
                stream.close()
        self._count(sent_bytes=sum(file.bytes for _, _, file in files))
        return result

    def digest(self, address: str, *, anonymous: bool = False) -> tuple[str, int]:
        """sha256 and size of what an address serves; read as a stream, nothing is kept.

        Raises:
            TemporaryError: it does not answer.
            IntegrityError: it answers, but not with a file.
        """
        for attempt in range(1, self.patience.tries + 1):
            try:
                return self._digest(address, anonymous=anonymous)
            except Doubt as doubt:
                if attempt == self.patience.tries:
                    raise self._given_up(address, doubt) from doubt
                self._pause(attempt, f"{address}: {doubt.reason}", doubt.wait_seconds)
        raise AssertionError("the loop returns or raises")

    def _digest(self, address: str, *, anonymous: bool) -> tuple[str, int]:
        ours = address.startswith(f"{self.url}/") and not anonymous
        headers = {"Accept-Encoding": "identity", **(self._authorization() if ours else {})}
        self._count(requests=1)
        sum_, size = hashlib.sha256(), 0
        try:
            with self._session().get(address, headers=headers, stream=True, timeout=self._timeout()) as answer:
                if answer.status_code in _PASSING:
                    raise Doubt(f"it answers {answer.status_code}", retry_after(answer), answer.status_code)
                if answer.status_code != requests.codes.ok:
                    raise IntegrityError(
                        "portal-file-missing",
                        f"the file cannot be read back: the answer is {answer.status_code}",
                        at=address,
                        want="status 200",
                        got=f"status {answer.status_code}",
                    )
                # CKAN marks names that end with .gz as an encoding of something else; the bytes as sent are the file's.
                for block in answer.raw.stream(_BLOCK_BYTES, decode_content=False):
                    sum_.update(block)
                    size += len(block)
        except requests.RequestException as error:
            raise Doubt(words(error)) from error
        except HTTPError as error:
            raise Doubt("the connection broke off") from error
        self._count(read_bytes=size)
        return sum_.hexdigest(), size

    def _call(self, action: str, data: Mapping[str, Any], *, anonymous: bool = False) -> Any:
        _, body, headers = prepare_action(action, dict(data))
        return self._send(action, body, {**headers, **({} if anonymous else self._authorization())})

    def _send(self, action: str, body: Any, headers: Mapping[str, str]) -> Any:
        self._count(requests=1)
        address = f"{self.url}/{_BASE}{action}"
        try:
            answer = self._session().post(
                address, data=body, headers=dict(headers), timeout=self._timeout(), allow_redirects=False
            )
        except requests.RequestException as error:
            raise Doubt(words(error)) from error
        with contextlib.suppress(KeyError, ValueError, TypeError):
            self._sessions.date = parsedate_to_datetime(answer.headers["Date"])
            self._sessions.heard = datetime.now(UTC)
        return self._result(action, answer)

    def _result(self, action: str, answer: requests.Response) -> Any:
        """The result in an answer, or the error that it stands for."""
        status = answer.status_code
        if status == requests.codes.request_entity_too_large:
            raise TooLarge("portal-too-large", f"{action}: no request of this size is taken (413)", at=self.url)
        if status in {requests.codes.unauthorized, requests.codes.forbidden}:
            raise UnauthorisedError(
                "publish-refused",
                f"CKAN does not let us do {action}",
                at=self.url,
                got=short(answer.text),
                hint="is the token still valid, and its user an editor of the organization? 'fairline doctor' tells",
            )
        if answer.is_redirect:
            target = short(answer.headers.get("Location", ""))
            raise UsageError(
                "portal-answer-odd", f"the portal sends {action} to another address", at=self.url, got=target,
                hint="write the address that it sends to into fairline.toml, up to /api/",
            )  # fmt: skip
        if status in _PASSING - {requests.codes.server_error}:
            raise Doubt(f"the answer is {status}", retry_after(answer))
        try:
            return reverse_apicontroller_action(answer.url, status, answer.text)
        except ckan_errors.NotFound as error:
            raise NotFoundError("portal-nothing", f"{action}: CKAN has nothing of this name", at=self.url) from error
        except ckan_errors.ValidationError as error:
            self._refused(action, error.error_dict)
        except (ckan_errors.SearchError, ckan_errors.SearchIndexError, ckan_errors.SearchQueryError) as error:
            raise Doubt(f"the answer is {status}: CKAN's search is in trouble ({short(error)})") from error
        except ckan_errors.CKANAPIError as error:
            if "Search" in answer.text and status >= requests.codes.server_error:
                raise Doubt(f"the answer is {status}: CKAN's search (Solr) does not answer") from error
            if status >= requests.codes.server_error or answer.ok:
                raise Doubt(f"the answer is {status}, and not one of CKAN's") from error
            raise UsageError(
                "portal-answer-odd", f"{action}: the answer is {status}, and not one of CKAN's", at=self.url,
                got=shown_text(answer.text[:_LONGEST_WORDS]), hint="is the address of the target that of a CKAN?",
            ) from error  # fmt: skip

    def _refused(self, action: str, fields: Mapping[str, Any]) -> NoReturn:
        """Raises what a validation error stands for (409)."""
        text = short(json.dumps({name: value for name, value in fields.items() if name != "__type"}))
        if "match" in fields:
            raise Mismatch(f"CKAN holds something else than we expected ({text})")
        if "already in use" in text or "already exists" in text:
            raise Mismatch(f"there is one already ({text})")
        if "upload" in fields or "File upload too large" in text:
            raise TooLarge("portal-too-large", f"{action}: {text}", at=self.url)
        raise ConflictError(
            "portal-invalid",
            f"CKAN refuses what {action} sends",
            at=self.url,
            got=text,
            hint="the fields are named; see docs/ckan-fields.md, and the plug-ins of that CKAN",
        )

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._sessions, "session", None)
        if session is None:
            session = requests.Session()
            session.auth = lambda request: request  # else a .netrc would replace the token
            session.headers["User-Agent"] = "fairline"
            self._sessions.session = session
        return session

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": self.token} if self.token else {}

    def _timeout(self) -> tuple[float, float]:
        return self.patience.connect_seconds, self.patience.read_seconds

    def _count(self, *, requests: int = 0, writes: int = 0, sent_bytes: int = 0, read_bytes: int = 0) -> None:
        with self._lock:
            self.traffic.requests += requests
            self.traffic.writes += writes
            self.traffic.sent_bytes += sent_bytes
            self.traffic.read_bytes += read_bytes

    def _pause(self, attempt: int, reason: str, wanted_seconds: float | None = None) -> None:
        """Waits before the next try, and says so: what the server asks for, else twice as long each time."""
        seconds = self.patience.first_wait_seconds * 2 ** (attempt - 1) * random.uniform(0.75, 1.25)  # noqa: S311
        seconds = min(max(seconds, wanted_seconds or 0.0), _LONGEST_WAIT_SECONDS)
        self.tell(Note(type="retry", text=f"{reason}; trying again in {seconds:.1f} s"))
        self.wait(seconds)

    def _given_up(self, what: str, doubt: Doubt) -> CatalogError:
        is_elsewhere = "://" in what and not what.startswith(f"{self.url}/")  # a file that is linked, not uploaded
        whose = "the server of this address" if is_elsewhere else "CKAN"
        return TemporaryError(
            "portal-failed",
            f"{what}: {doubt.reason}, {self.patience.tries} times",
            at=what if is_elsewhere else self.url,
            hint=f"when {whose} is well again, run the same command: it goes on where it stopped",
        )
