"""Questions to CKAN and Solr over HTTP, JSON both ways."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Any

from tests.ckan.stack.failures import StackError

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class AnswerRefused(StackError):
    """The other side answered with an error.

    Attributes:
        status: of HTTP.
        body: the answer, decoded where it is JSON.
    """

    def __init__(self, url: str, status: int, body: Any) -> None:
        super().__init__(f"{url} answered {status}: {str(body)[:2000]}")
        self.status = status
        self.body = body


def ask(url: str, data: Any = None, *, token: str = "", timeout_seconds: float = 60.0) -> Any:
    """The decoded answer.

    Args:
        url: the address.
        data: is posted as JSON; None asks with GET.
        token: of CKAN's API; empty asks as nobody.
        timeout_seconds: for the connection and for each silence.

    Raises:
        AnswerRefused: the status is not 2xx.
        OSError: no answer.
    """
    headers = {"Content-Type": "application/json", **({"Authorization": token} if token else {})}
    content = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, content, headers)
    try:
        with _OPENER.open(request, timeout=timeout_seconds) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise AnswerRefused(url, error.code, _decoded(error.read())) from None


def _decoded(content: bytes) -> Any:
    with suppress(ValueError):
        return json.loads(content)
    return content.decode(errors="replace")


def answers(url: str, timeout_seconds: float) -> bool:
    """Whether an address answers with JSON and success."""
    with suppress(OSError, ValueError, StackError):
        ask(url, timeout_seconds=timeout_seconds)
        return True
    return False


def action(url: str, name: str, data: Any, token: str) -> Any:
    """The result of an action of CKAN's API.

    Raises:
        AnswerRefused: CKAN refuses.
        OSError: no answer.
    """
    return ask(f"{url}/api/3/action/{name}", data, token=token)["result"]
