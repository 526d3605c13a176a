"""A proxy that does harm on purpose: between a publisher and CKAN, or between CKAN and Solr.

    with FaultProxy(stack.url) as proxy:
        proxy.add(Rule(drop_reply(), when=is_action("package_revise"), nth=2, times=1))
        publish(proxy.url)
        assert [each.action for each in proxy.log if each.fault]

Bodies pass in blocks, whatever their size. Each request is asked of the target over a connection of its own; towards
the client connections are kept.
"""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self
from urllib.parse import urlsplit

from tests.ckan.rules import (
    RECORDED_BYTES,
    Answer,
    Fault,
    Listener,
    Moment,
    Predicate,
    Request,
    Rule,
    answer,
    answer_500_after,
    answer_500_before,
    at_moment,
    corrupt_body,
    cut_reply,
    delay,
    drop_reply,
    every,
    is_action,
    is_download,
    refuse,
    reset_mid_upload,
)
from tests.ckan.wire import Closed, Head, Wire, framed

__all__ = [
    "RECORDED_BYTES",
    "Answer",
    "Fault",
    "FaultProxy",
    "Listener",
    "Moment",
    "Predicate",
    "Request",
    "Rule",
    "answer",
    "answer_500_after",
    "answer_500_before",
    "at_moment",
    "corrupt_body",
    "cut_reply",
    "delay",
    "drop_reply",
    "every",
    "is_action",
    "is_download",
    "refuse",
    "reset_mid_upload",
]

_END_SECONDS = 10.0


class _Cut(Exception):
    """Both connections are reset."""


class _Silence(Exception):
    """The client's connection is closed without a word."""


class FaultProxy:
    """An HTTP/1.1 proxy on loopback before one target; a context manager.

    Args:
        target_url: ``http://127.0.0.1:PORT`` with or without a path.
        rewrite: whether the target's address becomes the proxy's in JSON answers of CKAN's actions, and back in their
            JSON requests of at most ``RECORDED_BYTES``; then downloads whose addresses CKAN tells come through here.
        block_bytes: of a body that are passed on at a time; a small number gives many *during* moments.

    Attributes:
        url: what the client takes for the target: our address with the target's path.
        log: all requests, in the order of their arrival.
    """

    def __init__(self, target_url: str, *, rewrite: bool = False, block_bytes: int = 1 << 16) -> None:
        target = urlsplit(target_url)
        if target.scheme != "http" or not target.hostname or not target.port:
            raise ValueError(f"a target is http://HOST:PORT, not {target_url}")
        self.target = (target.hostname, target.port)
        self.block_bytes = block_bytes
        self.rewrite = rewrite
        self.log: list[Request] = []
        self._rules: list[Rule] = []
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._visits: set[_Visit] = set()
        self._failures: list[Exception] = []
        self._port = 0
        self.accept_connections()
        self.url = f"http://127.0.0.1:{self._port}{target.path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends all connections and threads.

        Raises:
            Exception: the first that a predicate or a listener has raised.
        """
        self._ending.set()
        self.refuse_connections()
        for visit in self._under_way():
            if visit is not threading.current_thread():
                visit.join(_END_SECONDS)
        if self._failures:
            raise self._failures[0]

    def add(self, rule: Rule) -> Rule:
        """Adds a rule; of several that apply to a request the first one added counts."""
        with self._lock:
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """Takes all rules away; the log stays."""
        with self._lock:
            self._rules.clear()

    def on_request(self, listener: Listener) -> None:
        """Calls a function at each moment that each request reaches, in the thread that serves it.

        Where it returns True the request goes no further: both connections are reset.
        """
        self._listeners.append(listener)

    def actions(self, *names: str) -> list[Request]:
        """The logged calls of CKAN's API, or of some of its actions."""
        return [each for each in list(self.log) if each.action and (not names or each.action in names)]

    def refuse_connections(self) -> None:
        """From now on nobody listens: new connections are refused, those that are open are ended."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._doorkeeper.join(_END_SECONDS)
        self._door.close()
        for visit in self._under_way():
            visit.wake()

    def accept_connections(self) -> None:
        """Listens, again on the same port."""
        self._door = socket.create_server(("127.0.0.1", self._port), backlog=128)
        self._port = self._door.getsockname()[1]
        self._doorkeeper = threading.Thread(target=self._welcome, args=(self._door,), daemon=True)
        self._doorkeeper.start()

    def _under_way(self) -> list[_Visit]:
        with self._lock:
            return list(self._visits)

    def _welcome(self, door: socket.socket) -> None:
        while True:
            try:
                connection, _ = door.accept()
            except OSError:
                return
            visit = _Visit(self, Wire(connection))
            with self._lock:
                self._visits.add(visit)
            visit.start()

    def left(self, visit: _Visit) -> None:
        """Forgets a connection that has ended."""
        with self._lock:
            self._visits.discard(visit)

    def failed(self, error: Exception) -> None:
        """Keeps an error of a test's own function until the end."""
        self._failures.append(error)

    def recorded(self, head: Head) -> Request:
        """Notes a request whose head has come."""
        method, path, _ = head.first.split(" ", 2)
        route = urlsplit(path).path.strip("/").split("/")
        action = route[-1] if len(route) > 2 and route[0] == "api" and route[-2] == "action" else ""
        headers = {name.lower(): value for name, value in head.fields}
        length = head.length if head.length is not None or head.chunked else 0
        with self._lock:
            number = len(self.log) + 1
            request = Request(
                number=number, method=method, path=path, action=action, headers=headers, content_length=length
            )
            self.log.append(request)
        return request

    def fault_for(self, request: Request) -> Fault:
        """The fault that happens to a request; one without a name does nothing."""
        with self._lock:
            due = [rule for rule in self._rules if rule.applies(request)]
            if not due:
                return Fault()
            due[0].applied += 1
        request.fault = due[0].fault.name
        return due[0].fault

    def tell(self, request: Request, moment: Moment) -> None:
        """Calls the listeners.

        Raises:
            _Cut: one of them wants it.
        """
        wanted = [listener(request, moment) for listener in list(self._listeners)]
        if any(wanted):
            raise _Cut

    def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end of the proxy."""
        if seconds and self._ending.wait(seconds):
            raise _Cut

    def rewrites(self, request: Request, head: Head) -> bool:
        """Whether a body, of which the head tells, gets the one address instead of the other."""
        return self.rewrite and bool(request.action) and "json" in head.value("content-type")

    def readdressed(self, body: bytes, *, inwards: bool) -> bytes:
        """A body with the one address instead of the other."""
        host, port = self.target
        ours, theirs = f"127.0.0.1:{self._port}".encode(), f"{host}:{port}".encode()
        return body.replace(ours, theirs) if inwards else body.replace(theirs, ours)


class _Visit(threading.Thread):
    """One connection of a client, from its first request to its end."""

    def __init__(self, proxy: FaultProxy, client: Wire) -> None:
        super().__init__(daemon=True)
        self._proxy = proxy
        self._client = client
        self._target: Wire | None = None

    def wake(self) -> None:
        """Ends it from outside."""
        self._client.wake()
        if self._target:
            self._target.wake()

    def run(self) -> None:
        try:
            while self._exchange():
                pass
        except _Cut:
            self._client.reset()
        except (_Silence, Closed, OSError):
            pass
        except Exception as error:  # of a predicate or a listener: the test hears of it at the end
            self._proxy.failed(error)
        finally:
            self._client.close()
            self._proxy.left(self)

    def _exchange(self) -> bool:
        """One request and its answer; whether another may follow."""
        head = self._client.head()
        request = self._proxy.recorded(head)
        if head.value("expect"):
            self._client.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = self._body(head, request)
        fault = self._proxy.fault_for(request)
        self._proxy.tell(request, "before")
        self._proxy.pause(fault.before_seconds)
        if fault.cut == "at-once":
            raise _Cut
        if fault.asks_target:
            self._ask(head, request, body, fault)
        else:
            self._invent(request, fault)
        for _ in body:  # what the target did not want to hear
            pass
        self._proxy.tell(request, "done")
        return head.value("connection").lower() != "close" and "HTTP/1.0" not in head.first

    def _body(self, head: Head, request: Request) -> Iterator[bytes]:
        most = self._proxy.block_bytes
        if head.chunked:
            return self._client.payload(head, most)
        if (request.content_length or 0) > RECORDED_BYTES:
            return self._client.payload(head, most)
        whole = Head(head.first, [("content-length", str(request.content_length))])
        request.body = b"".join(self._client.payload(whole, most))
        sent = request.body
        if self._proxy.rewrites(request, head):
            sent = self._proxy.readdressed(sent, inwards=True)
            request.content_length = len(sent)
        return (sent[at : at + most] for at in range(0, len(sent), most))

    def _ask(self, head: Head, request: Request, body: Iterator[bytes], fault: Fault) -> None:
        with self._asked() as target:
            self._upload(target, head, request, body, fault)
            told = target.head()
            while told.status < 200:
                told = target.head()
            request.target_status = told.status
            payload = target.payload(told, self._proxy.block_bytes)
            if _is_bodiless(request, told):
                payload = iter(())
            if fault.answer or fault.cut == "before-reply":
                for _ in payload:
                    pass
                self._invent(request, fault)
            else:
                self._hand_on(told, request, payload, fault)

    @contextmanager
    def _asked(self) -> Iterator[Wire]:
        """A connection to the target; where it cannot be had, or is cut, the client's is reset."""
        try:
            self._target = target = Wire(socket.create_connection(self._proxy.target))
        except OSError:
            raise _Cut from None
        try:
            yield target
        except _Cut:
            target.reset()
            raise
        finally:
            self._target = None
            target.close()

    def _upload(self, target: Wire, head: Head, request: Request, body: Iterator[bytes], fault: Fault) -> None:
        """Passes the request on until it ends, is cut, or the target answers before its end."""
        host, port = self._proxy.target
        changes = {"Host": f"{host}:{port}", "Connection": "close", "Expect": None}
        if request.content_length is not None and head.value("content-length"):
            changes["Content-Length"] = str(request.content_length)
        target.send(head.encoded(changes))
        limit = fault.limit(request.content_length) if fault.cut == "upload" else None
        with suppress(ConnectionError):  # the target hears no more; it may have answered
            for block in body:
                part = block if limit is None else block[: limit - request.sent_bytes]
                target.send(framed(part, head.chunked))
                request.sent_bytes += len(part)
                self._proxy.tell(request, "during")
                if target.is_heard():
                    return
                if limit is not None and request.sent_bytes >= limit:
                    raise _Cut
            if fault.cut == "upload":
                raise _Cut
            if head.chunked:
                target.send(b"0\r\n\r\n")

    def _invent(self, request: Request, fault: Fault) -> None:
        """Tells the client what the fault wants: its own answer, or nothing."""
        if fault.answer is None:
            self._proxy.tell(request, "answered")
            raise _Silence
        request.status = fault.answer.status
        self._proxy.tell(request, "answered")
        self._proxy.pause(fault.after_seconds)
        head = Head(f"HTTP/1.1 {fault.answer.status} Made by a test", list(fault.answer.headers.items()))
        body = b"" if request.method == "HEAD" else fault.answer.body
        self._client.send(head.encoded({"Content-Length": str(len(fault.answer.body))}) + body)

    def _hand_on(self, told: Head, request: Request, payload: Iterator[bytes], fault: Fault) -> None:
        """Gives the target's answer to the client, spoilt as the fault wants."""
        request.status = told.status
        changes: dict[str, str | None] = {"Connection": None, "Keep-Alive": None}
        bodiless = _is_bodiless(request, told)
        if self._proxy.rewrites(request, told) and not bodiless:
            whole = self._proxy.readdressed(b"".join(payload), inwards=False)
            told = Head(told.first, [each for each in told.fields if each[0].lower() != "transfer-encoding"])
            payload, changes["Content-Length"] = iter((whole,)), str(len(whole))
        self._proxy.tell(request, "answered")
        self._proxy.pause(fault.after_seconds)
        chunked = not bodiless and told.length is None and "Content-Length" not in changes
        if chunked:
            changes["Transfer-Encoding"] = "chunked"
        self._client.send(told.encoded(changes))
        if fault.corrupts:
            payload = _spoilt(payload)
        limit = fault.limit(told.length) if fault.cut == "reply" else None
        sent = 0
        for block in payload:
            part = block if limit is None else block[: limit - sent]
            self._client.send(framed(part, chunked))
            sent += len(part)
            if limit is not None and sent >= limit:
                raise _Cut
        if chunked:
            self._client.send(b"0\r\n\r\n")


def _spoilt(payload: Iterator[bytes]) -> Iterator[bytes]:
    first = next(payload, b"")
    return itertools.chain((bytes((first[0] ^ 0xFF,)) + first[1:] if first else b"",), payload)


def _is_bodiless(request: Request, told: Head) -> bool:
    """Whether an answer ends with its head (RFC 9112, 6.3)."""
    return request.method == "HEAD" or told.status in {204, 304}
