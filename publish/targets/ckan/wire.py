"""What passes over the wire, in words and numbers: progress, waiting times, why a connection failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import requests
from requests_toolbelt import MultipartEncoderMonitor

from catalog.findings import show as shown_text
from publish.targets.protocol import Note, Tell
from publish.targets.publication import PublishedFile

_STEP_BYTES = 1 << 20
_LONGEST_WORDS = 300


def progress(files: Sequence[PublishedFile], tell: Tell) -> Callable[[MultipartEncoderMonitor], None]:
    """Tells how much of a request was sent, every MiB."""
    total = sum(file.bytes for file in files)
    told = 0

    def callback(monitor: MultipartEncoderMonitor) -> None:
        nonlocal told
        if monitor.bytes_read - told >= _STEP_BYTES:
            told = monitor.bytes_read
            members = {"bytes": min(told, total), "total": total, "files": len(files)}
            tell(Note(type="progress", step="upload", name=files[0].label, members=members))

    return callback


def retry_after(answer: requests.Response) -> float | None:
    """What ``Retry-After`` asks for, when it is a number of seconds (RFC 9110, 10.2.3)."""
    text = answer.headers.get("Retry-After", "")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def short(what: object) -> str:
    """A text on one line, cut to what a message can hold."""
    text = shown_text(str(what))
    return text if len(text) <= _LONGEST_WORDS else text[:_LONGEST_WORDS] + "..."


def words(error: requests.RequestException) -> str:
    """What happened to a connection, in words."""
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "no safe connection can be made: is https right in the address, and the certificate valid?"
    if "Connection refused" in str(error):
        return "the connection was refused"
    if isinstance(error, requests.ConnectionError | requests.exceptions.ChunkedEncodingError):
        return "the connection broke off"
    return f"the request failed ({type(error).__name__})"
