"""A portal on this machine that serves a bank truly, but for the answers that a test spoils."""

from __future__ import annotations

import contextlib
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from catalog.bank import Bank
from catalog.client.source import BankSource
from catalog.ledger import load_ledger

Spoil = Callable[["Answer"], None]


class HostilePortal(ThreadingHTTPServer):
    """The server.

    Attributes:
        bank: what it serves.
        spoilt: by path, or by the end of a path, how an answer is given instead.
        asked: every path and its range, in order.
        sent: bytes of bodies that spoilt answers have sent.
    """

    daemon_threads = True

    def __init__(self, bank: Bank) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.bank = bank
        self.spoilt: dict[str, Spoil] = {}
        self.asked: list[tuple[str, str]] = []
        self.sent = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def true(self, path: str) -> bytes | None:
        """The right bytes of an address; None when there is nothing."""
        source = BankSource(self.bank)
        if path == "/healthz":
            return json.dumps({"base_iri": source.base_iri(), "sequence": 1}).encode()
        if path == "/ledger.jsonl":
            return source.ledger()
        if path == "/signing-key.pub":
            return source.keys()
        _, _, package, release, rest = path.split("/", 4)
        version = load_ledger(self.bank.ledger_path, self.bank.keys()).version_at(package, release)
        assert version is not None
        content = source.inventory(version)
        if rest == "inventory.json":
            return content
        from catalog.store.inventory import parse

        inventory = parse(content, "inventory.json")
        return b"".join(source.open(version, inventory, rest.removeprefix("files/"), 0).blocks)


class Answer(BaseHTTPRequestHandler):
    """One answer; HTTP/1.0, so that a body may end without a word."""

    server: HostilePortal

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range", "")))
        spoil = next((each for path, each in self.server.spoilt.items() if self.path.endswith(path)), None)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            if spoil is not None:
                spoil(self)
                return
            body = self.server.true(self.path)
            assert body is not None
            self.begin(200, length=len(body))
            self.wfile.write(body)

    def begin(self, status: int = 200, length: int | None = None, **headers: str) -> None:
        """Sends the head of an answer."""
        self.send_response(status)
        if length is not None:
            self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def send(self, body: bytes) -> None:
        """Sends some of a body, and counts it."""
        self.wfile.write(body)
        self.server.sent += len(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def endless(answer: Answer) -> None:
    """Zeros until nobody takes them (or 2 GiB, so that a test ends)."""
    answer.begin()
    while answer.server.sent < 2 << 30:
        answer.send(bytes(1 << 20))


def bomb(answer: Answer) -> None:
    """A gigabyte of spaces in one megabyte."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    body = b"".join(packer.compress(b" " * (1 << 20)) for _ in range(1 << 10)) + packer.flush()
    answer.begin(length=len(body), Content_Encoding="gzip", Content_Type="application/json")
    answer.send(body)


def says(body: bytes, status: int = 200, **headers: str) -> Spoil:
    """An answer with a body of one's own."""

    def spoil(answer: Answer) -> None:
        answer.begin(status, length=len(body), **headers)
        answer.send(body)

    return spoil


def ends_after(size: int) -> Spoil:
    """The right bytes up to an offset, then the end, without a length; with ranges."""

    def spoil(answer: Answer) -> None:
        body = answer.server.true(answer.path) or b""
        asked = answer.headers.get("Range")
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
        if asked:
            answer.begin(206, Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            answer.begin()
        answer.send(body[start : start + size])

    return spoil


@contextmanager
def hostile(bank: Bank) -> Iterator[HostilePortal]:
    """Runs the portal."""
    with HostilePortal(bank) as portal:
        thread = threading.Thread(target=portal.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield portal
        finally:
            portal.shutdown()
            thread.join()
