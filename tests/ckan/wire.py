"""HTTP/1.1 on a connection (RFC 9112), as far as a proxy must understand it: heads, and where a body ends."""

from __future__ import annotations

import select
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

_LONGEST_LINE_BYTES = 1 << 16
_SILENCE_SECONDS = 900.0


class Closed(Exception):
    """The other side of a connection has gone."""


@dataclass(frozen=True, slots=True)
class Head:
    """The first line and the headers of a request or an answer (RFC 9112)."""

    first: str
    fields: Sequence[tuple[str, str]]

    def value(self, name: str) -> str:
        """A header by its name in lower case; empty when it is not there."""
        return ", ".join(value for known, value in self.fields if known.lower() == name)

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return "chunked" in self.value("transfer-encoding").lower()

    @property
    def length(self) -> int | None:
        """The announced length of the body."""
        return int(self.value("content-length")) if self.value("content-length") and not self.chunked else None

    @property
    def status(self) -> int:
        """Of an answer."""
        return int(self.first.split()[1])

    def encoded(self, changes: Mapping[str, str | None]) -> bytes:
        """The head as sent on, with headers replaced (by a text), or left out (None)."""
        replaced = {name.lower() for name in changes}
        kept = [(name, value) for name, value in self.fields if name.lower() not in replaced]
        added = [(name, value) for name, value in changes.items() if value is not None]
        lines = [self.first, *(f"{name}: {value}" for name, value in (*kept, *added)), "", ""]
        return "\r\n".join(lines).encode("latin-1")


class Wire:
    """A connection, read through a buffer."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(_SILENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._connection = connection
        self._reader = connection.makefile("rb")
        self.send = connection.sendall

    def line(self) -> str:
        """The next line without its end.

        Raises:
            Closed: it does not come.
        """
        try:
            line = self._reader.readline(_LONGEST_LINE_BYTES)
        except (OSError, ValueError) as error:
            raise Closed from error
        if not line.endswith(b"\n"):
            raise Closed
        return line.decode("latin-1").rstrip("\r\n")

    def head(self) -> Head:
        """The next head.

        Raises:
            Closed: it does not come whole.
        """
        first = self.line()
        fields = []
        while line := self.line():
            name, _, value = line.partition(":")
            fields.append((name.strip(), value.strip()))
        return Head(first, fields)

    def payload(self, head: Head, most_bytes: int) -> Iterator[bytes]:
        """The body in blocks; one without a length lasts until the connection ends.

        Raises:
            Closed: it ends early.
        """
        if not head.chunked:
            yield from self._blocks(head.length, most_bytes)
            return
        while size := int(self.line().partition(";")[0], 16):
            yield from self._blocks(size, most_bytes)
            self.line()
        while self.line():
            pass

    def _blocks(self, length: int | None, most_bytes: int) -> Iterator[bytes]:
        left = length
        while left is None or left > 0:
            try:
                block = self._reader.read1(most_bytes if left is None else min(left, most_bytes))
            except (OSError, ValueError) as error:
                raise Closed from error
            if not block and left is None:
                return
            if not block:
                raise Closed
            left = None if left is None else left - len(block)
            yield block

    def is_heard(self) -> bool:
        """Whether something has come, or the end."""
        poll = select.poll()
        poll.register(self._connection, select.POLLIN | select.POLLHUP)
        return bool(poll.poll(0))

    def reset(self) -> None:
        """Ends the connection so that the other side sees it as broken."""
        with suppress(OSError):
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        with suppress(OSError):
            self._reader.close()
        self._connection.close()

    def wake(self) -> None:
        """Ends whatever another thread waits for here."""
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)


def framed(block: bytes, chunked: bool) -> bytes:
    """A block as it is sent; an empty one would end a body of chunks and is not sent."""
    return b"%x\r\n%b\r\n" % (len(block), block) if chunked and block else block
