"""Answers: pages, JSON, problems. One shape of error everywhere (RFC 9457), as a page or as JSON by ``Accept``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from catalog.errors import CatalogError, ConflictError, IntegrityError, NotFoundError, TemporaryError, UsageError
from catalog.ledger import Withdrawal
from catalog.web.negotiation import prefers_json
from catalog.web.rendering import Renderer

_TITLES = {
    400: "The request cannot be read",
    404: "Not found",
    405: "This method is not possible here",
    409: "Conflict",
    414: "The address is too long",
    416: "The file has no such range",
    503: "Try again later",
}
#: Errors of the store: the index lists something that is not on the disk, as while a disk is not mounted.
_LOST = {"version-not-found", "database-missing"}
_STATUS = {UsageError: 400, NotFoundError: 404, ConflictError: 409, TemporaryError: 503, IntegrityError: 500}


def json_answer(value: object, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON document; anybody's page may read it."""
    content = json.dumps(value, ensure_ascii=False).encode()
    headers = {"Access-Control-Allow-Origin": "*", "Vary": "Accept", "Cache-Control": "no-cache"}
    return Response(content, status, headers, media_type)


def document_answer(content: bytes, media_type: str) -> Response:
    """A stored document as it is."""
    headers = {"Access-Control-Allow-Origin": "*", "Vary": "Accept", "Cache-Control": "no-cache"}
    return Response(content, 200, headers, media_type)


def see_other(path: str) -> Response:
    """303 to a path relative to the present one."""
    return RedirectResponse(path, 303, {"Vary": "Accept"})


def root_of(request: Request) -> str:
    """The relative path from the page of a request to the portal's root, so that links work under any address."""
    depth = request.url.path.removeprefix(request.scope.get("root_path", "")).count("/") - 1
    return "../" * depth or "./"


def wants_json(request: Request) -> bool:
    """Whether an error is wanted as JSON: for API paths, and where ``Accept`` prefers it."""
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    if path.startswith("/api/") or path.endswith((".json", ".jsonld")):
        return True
    return prefers_json(request.headers.get("accept"))


def problem(request: Request, status: int, title: str, detail: str, extra: Mapping[str, Any] | None = None) -> Response:
    """An error as a page, or as problem+json."""
    members = {"type": "about:blank", "title": title, "status": status, "detail": detail, **(extra or {})}
    headers = {"Vary": "Accept", "Cache-Control": "no-cache"}
    if status == 503:
        headers["Retry-After"] = "5"
    if wants_json(request):
        content = json.dumps(members, ensure_ascii=False).encode()
        return Response(content, status, {**headers, "Access-Control-Allow-Origin": "*"}, "application/problem+json")
    renderer: Renderer = request.app.state.renderer
    page = renderer.render("problem.html", request, root_of(request), {"problem": members})
    return Response(page, status, headers, "text/html")


def error_answer(request: Request, error: CatalogError) -> Response:
    """The answer to an error of ours; what a stranger need not know (paths of this machine) stays here."""
    status = next((code for kind, code in _STATUS.items() if isinstance(error, kind)), 500)
    if error.code in _LOST:
        status = 503  # what is released and cannot be read now is not gone: nobody may take it off a list
    detail = error.message if status < 500 else "The portal cannot answer from its data now."
    if status == 503:
        detail = "The portal cannot read its data now."
    extra = {"code": error.code}
    if error.code == "query-parameter":
        said = (("at", error.at), ("want", error.want), ("got", error.got))
        extra.update({name: value for name, value in said if value})
    return problem(request, status, _TITLES.get(status, "The portal has a problem"), detail, extra)


def http_answer(request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to a request that HTTP itself refuses: no such address, method, range; too long an address.

    Args:
        request: the request.
        status: 404, 405, 414, 416 or another of the 4xx.
        detail: what is wrong, in a sentence.
        headers: fields that the status wants, such as ``Allow`` or ``Content-Range``.
    """
    error: CatalogError = UsageError("request-refused", detail)
    if status == 404:
        error = NotFoundError("address-not-found", "There is nothing at this address.")
    answer = problem(request, status, _TITLES.get(status, "Error"), error.message, {"code": error.code})
    answer.headers.update(dict(headers or {}))
    return answer


def gone(request: Request, withdrawal: Withdrawal) -> Response:
    """410 with the tombstone: what, when, why."""
    what = f"{withdrawal.path} of {withdrawal.id}" if withdrawal.path else withdrawal.id
    tombstone = {"id": withdrawal.id, "path": withdrawal.path, "reason": withdrawal.reason, "date": withdrawal.date}
    detail = f"{what} was withdrawn on {withdrawal.date[:10]}: {withdrawal.reason}"
    return problem(request, 410, "Withdrawn", detail, {"code": "withdrawn", "tombstone": tombstone})
