"""Routes and middleware of the portal; nothing else. Addresses: docs/addresses.md."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.bank import Bank
from catalog.errors import CatalogError
from catalog.web import api, resources
from catalog.web.answers import error_answer, http_answer, problem, see_other
from catalog.web.rendering import Renderer
from catalog.web.state import Portal, Snapshot

_SECURITY = {
    b"content-security-policy": b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    b"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=()",
}
_LONGEST_TARGET = 8 << 10

Answer = Callable[[Request, Snapshot], Response]


class SecurityHeaders:
    """Sets the security headers of every answer that has none of its own, and refuses targets that are too long."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                missing = [(name, value) for name, value in _SECURITY.items() if name not in present]
                message["headers"] = [*message["headers"], *missing]
            await send(message)

        if len(scope.get("raw_path") or b"") + len(scope.get("query_string", b"")) > _LONGEST_TARGET:
            detail = f"The portal reads addresses of up to {_LONGEST_TARGET} bytes."
            answer = http_answer(Request(scope), 414, detail)
            await answer(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def endpoint(answer: Answer) -> Callable[[Request], object]:
    """A route's function: a snapshot for the request, work in a thread, errors of ours as problems."""

    def work(request: Request) -> Response:
        portal: Portal = request.app.state.portal
        try:
            with portal.snapshot() as snapshot:
                return answer(request, snapshot)
        except CatalogError as error:
            return error_answer(request, error)

    async def handle(request: Request) -> Response:
        return await run_in_threadpool(work, request)

    handle.__name__ = answer.__name__
    return handle


async def _healthz(request: Request) -> Response:
    return await run_in_threadpool(api.health, request.app.state.portal)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = "The portal answers GET and HEAD." if error.status_code == 405 else str(error.detail)
    return http_answer(request, error.status_code, detail, error.headers)


async def _server_error(request: Request, _: Exception) -> Response:
    detail = "It is our fault; the operator's log says more."
    return problem(request, 500, "The portal has a problem", detail, {"code": "portal-failed"})


async def _to_releases(_: Request) -> Response:
    return see_other("release/")


def make_app(bank: Bank) -> Starlette:
    """The portal of a bank.

    Args:
        bank: the bank; only its ledger, public store and index are read.
    """
    page = Route
    routes = [
        page("/", endpoint(resources.home)),
        page("/line/{name}", endpoint(resources.line)),
        page("/package/{name}", endpoint(resources.package)),
        page("/package/{name}/{release}", endpoint(resources.version)),
        page("/package/{name}/{release}/inventory.json", endpoint(resources.inventory)),
        page("/package/{name}/{release}/files/{path:path}", endpoint(resources.file)),
        page("/release", _to_releases),
        page("/release/", endpoint(resources.releases)),
        page("/release/{name}", endpoint(resources.release)),
        page("/term/{curie}", endpoint(resources.term)),
        page("/catalog", endpoint(lambda request, snapshot: api.catalog_page(request, snapshot, None))),
        *(page(f"/catalog.{form}", endpoint(resources.catalog_in(form))) for form in ("ttl", "jsonld", "rdf", "nt")),
        page("/api/search", endpoint(api.search)),
        page("/api/facets", endpoint(api.facets)),
        page("/api/files", endpoint(api.files)),
        page("/api/package/{name}", endpoint(resources.api_package)),
        page("/api/releases", endpoint(lambda _, snapshot: api.releases(snapshot))),
        page("/robots.txt", endpoint(lambda _, snapshot: api.robots(snapshot))),
        page("/sitemap.xml", endpoint(lambda _, snapshot: api.sitemap(snapshot))),
        page("/ledger.jsonl", endpoint(resources.ledger)),
        page("/signing-key.pub", endpoint(resources.keys)),
        page("/healthz", _healthz),
        Mount("/static", StaticFiles(packages=[("catalog.web", "static")])),
    ]
    app = Starlette(
        routes=routes,
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={HTTPException: _http_error, 500: _server_error},
    )
    # A redirect that adds or takes away a slash would be made from the Host header, which is never to be trusted.
    app.router.redirect_slashes = False
    app.state.portal = Portal(bank)
    app.state.renderer = Renderer(bank.settings)
    return app
