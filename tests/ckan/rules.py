"""What a fault proxy can do to a request, to which requests it does so, and what it notes of them."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

#: Bodies up to this size are read before the rules are asked, and kept in the log.
RECORDED_BYTES = 2_000_000

#: *before* anything goes to the target; *during* an upload, after each block; *answered* by the target but not yet
#: told to the client; *done*.
Moment = Literal["before", "during", "answered", "done"]


@dataclass(kw_only=True)
class Request:
    """One request in the log; what is not known yet, or never came, is None.

    Attributes:
        number: from 1, in the order of arrival at this proxy.
        path: with the query.
        action: of CKAN's API; empty when the path names none.
        headers: by name in lower case.
        content_length: as announced; None when the body comes in chunks.
        body: when it has at most ``RECORDED_BYTES`` and a length.
        sent_bytes: of the body that went to the target so far.
        target_status: what the target answered.
        status: what the client was told.
        fault: that was applied; empty for none.
        at_seconds: of the monotonic clock, when its head had come.
    """

    number: int
    method: str
    path: str
    action: str
    headers: Mapping[str, str]
    content_length: int | None
    body: bytes | None = None
    sent_bytes: int = 0
    target_status: int | None = None
    status: int | None = None
    fault: str = ""
    at_seconds: float = field(default_factory=time.monotonic)

    @property
    def authorized(self) -> bool:
        """Whether a token came with it."""
        return bool(self.headers.get("authorization"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the client is told instead of the target's answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What happens to a request; made by the functions below.

    Attributes:
        name: as it stands in the log.
        asks_target: whether the target hears of the request at all.
        answer: instead of the target's.
        cut: where the connection ends: at once, in the upload, before the reply, in the reply.
        at: of the upload or reply, where it is cut: a share below 1, or a number of bytes.
        corrupts: whether the reply's first byte is wrong.
        before_seconds: of silence before the target is asked.
        after_seconds: of silence before its reply is handed on.
    """

    name: str = ""
    asks_target: bool = True
    answer: Answer | None = None
    cut: Literal["", "at-once", "upload", "before-reply", "reply"] = ""
    at: float = 0.5
    corrupts: bool = False
    before_seconds: float = 0.0
    after_seconds: float = 0.0

    def limit(self, length: int | None) -> int:
        """The number of bytes after which a body of some length is cut."""
        return int(self.at if self.at >= 1 else self.at * (length or 0))


_ERROR_JSON = b'{"success": false, "error": {"__type": "Search Index Error", "message": "made by a test"}}'
_ERROR_HTML = b"<!doctype html><title>Server Error</title><p>An internal server error occurred"


def answer(
    status: int, body: bytes, content_type: str = "application/json", headers: Mapping[str, str] | None = None
) -> Fault:
    """The target is not asked; the client gets this answer (413 in HTML, 409, 403, 429 with Retry-After, 503)."""
    told = Answer(status=status, body=body, headers={"Content-Type": content_type, **(headers or {})})
    return Fault(name=f"answer-{status}", asks_target=False, answer=told)


def answer_500_before(*, html: bool = False) -> Fault:
    """A server error, and nothing was done."""
    return Fault(name="answer-500-before", asks_target=False, answer=_server_error(html))


def answer_500_after(*, html: bool = False) -> Fault:
    """A server error, though all was done."""
    return Fault(name="answer-500-after", answer=_server_error(html))


def _server_error(html: bool) -> Answer:
    body, content_type = (_ERROR_HTML, "text/html") if html else (_ERROR_JSON, "application/json")
    return Answer(status=500, body=body, headers={"Content-Type": content_type})


def refuse() -> Fault:
    """The connection is reset as soon as the request has come; see also ``FaultProxy.refuse_connections``."""
    return Fault(name="refuse", asks_target=False, cut="at-once")


def reset_mid_upload(at: float = 0.5) -> Fault:
    """Both connections are reset in the middle of the body: after a share of it, or a number of bytes."""
    return Fault(name="reset-mid-upload", cut="upload", at=at)


def drop_reply() -> Fault:
    """The target has done it, and the connection is closed without an answer."""
    return Fault(name="drop-reply", cut="before-reply")


def cut_reply(at: float = 0.5) -> Fault:
    """A download that ends early: after a share of it, or a number of bytes."""
    return Fault(name="cut-reply", cut="reply", at=at)


def corrupt_body() -> Fault:
    """A download of the right length whose first byte is wrong."""
    return Fault(name="corrupt-body", corrupts=True)


def delay(before_seconds: float = 0.0, after_seconds: float = 0.0) -> Fault:
    """Silence before the target is asked, or between its reply and the client."""
    return Fault(name="delay", before_seconds=before_seconds, after_seconds=after_seconds)


Predicate = Callable[[Request], bool]


def every(request: Request) -> bool:
    """Holds for every request."""
    return True


def is_action(*names: str) -> Predicate:
    """Holds for some actions of CKAN's API."""
    return lambda request: request.action in names


def is_download(request: Request) -> bool:
    """Holds where CKAN is asked for a stored file."""
    return request.method == "GET" and "/download/" in request.path


@dataclass
class Rule:
    """A fault, and the requests that it happens to.

    Attributes:
        fault: what happens.
        when: what must hold; it sees the head of the request, and the body where that is recorded.
        nth: from the nth such request on, counted from 1.
        times: how often; None for ever.
    """

    fault: Fault
    when: Predicate = every
    nth: int = 1
    times: int | None = None
    matched: int = 0
    applied: int = 0

    def applies(self, request: Request) -> bool:
        """Whether the rule holds for a request; counts it."""
        if not self.when(request):
            return False
        self.matched += 1
        return self.matched >= self.nth and (self.times is None or self.applied < self.times)


#: Told of each moment; an answer of True cuts both connections there.
Listener = Callable[[Request, Moment], bool | None]


def at_moment(act: Callable[[], object], moment: Moment, when: Predicate = every, *, nth: int = 1) -> Listener:
    """A listener that acts once: at a moment of the nth request for which something holds.

    Nothing more of that request reaches the target or the client, so that what has happened until then is certain.

    Args:
        act: for example, kills the publisher.
        moment: *during* means each block of an upload; then ``when`` can look at ``sent_bytes`` and ``nth`` counts blocks.
        when: what must hold.
        nth: counted from 1.
    """
    counted = itertools.count(1)

    def listener(request: Request, now: Moment) -> bool:
        if now != moment or not when(request) or next(counted) != nth:
            return False
        act()
        return True

    return listener
