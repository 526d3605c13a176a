"""Downloads of ontology files: a time limit, a size limit, no change to another kind of address. Part of the edge."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

from catalog.errors import CatalogError, IntegrityError, TemporaryError, UsageError
from catalog.settings import VERSION

TIMEOUT_SECONDS = 60.0
MOST_BYTES = 2 << 30
_CHUNK_BYTES = 1 << 20
_SCHEMES = ("http", "https")


def is_address(text: str) -> bool:
    """Whether a text is an address and not the path of a file (``C:`` of Windows is not a scheme)."""
    return len(urlsplit(text).scheme) > 1


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects from http to http or https, and from https to https only."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url).scheme, urlsplit(newurl).scheme
        if after not in _SCHEMES or (before, after) == ("https", "http"):
            fp.close()
            raise _elsewhere(req.full_url, newurl[:200])
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def download(address: str, target: Path, most_bytes: int = MOST_BYTES, timeout_seconds: float = TIMEOUT_SECONDS) -> int:
    """Downloads an ontology into a file of ours that may be thrown away.

    Args:
        address: http or https.
        target: the file to write; it is overwritten.
        most_bytes: the download stops with an error above it.
        timeout_seconds: of the connection and of each read.

    Returns:
        The number of bytes written.

    Raises:
        UsageError: ``ontology-address``, for addresses of other kinds.
        TemporaryError: ``ontology-download``.
        IntegrityError: ``ontology-too-large``, ``ontology-address``.
    """
    if urlsplit(address).scheme not in _SCHEMES or not urlsplit(address).hostname:
        raise UsageError("ontology-address", "only http and https addresses are read", at=address[:200])
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
        _SafeRedirects(),
    ):
        opener.add_handler(handler)
    request = urllib.request.Request(address, headers={"User-Agent": f"fairline/{VERSION}"})  # noqa: S310 # scheme checked
    try:
        with opener.open(request, timeout=timeout_seconds) as answer, target.open("wb") as file:
            while block := answer.read(_CHUNK_BYTES):
                if file.tell() + len(block) > most_bytes:
                    raise IntegrityError(
                        "ontology-too-large", "the download is larger than an ontology may be", at=address
                    )
                file.write(block)
            if getattr(answer, "length", None):  # bytes that were announced and never came
                raise TemporaryError("ontology-download", "the download ended too early", at=address, hint="try again")
            return file.tell()
    except CatalogError:
        raise
    except urllib.error.HTTPError as error:
        with error:
            if error.code // 100 == 3:
                raise _elsewhere(address, str(error.headers.get("Location", ""))[:200]) from error
            raise _failed(address, error) from error
    except (urllib.error.URLError, HTTPException, TimeoutError, OSError) as error:
        raise _failed(address, error) from error


def _failed(address: str, error: Exception) -> TemporaryError:
    hint = "try again, or download it yourself and give the file"
    return TemporaryError("ontology-download", f"the ontology cannot be downloaded: {error}", at=address, hint=hint)


def _elsewhere(address: str, target: str) -> IntegrityError:
    return IntegrityError("ontology-address", "the address leads to another kind of address", at=address, got=target)
