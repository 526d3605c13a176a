"""The JSON API, the catalogue as RDF, health, robots and sitemap: twins of the pages, from the same snapshot."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from catalog.errors import CatalogError, NotFoundError, UsageError
from catalog.index import Query, from_pairs
from catalog.ledger import PackageVersion
from catalog.library import describe_version
from catalog.settings import VERSION
from catalog.web.answers import document_answer, json_answer
from catalog.web.negotiation import MEDIA_TYPES, RDF_FORMS, choose
from catalog.web.rdf_pages import PAGE_PACKAGES, PageOfCatalog, join, pages
from catalog.web.state import Portal, Snapshot

_SITEMAP_URLS = 50_000


def query_of(request: Request) -> Query:
    """The query in a request's query string.

    Raises:
        UsageError: a parameter cannot be used.
    """
    return from_pairs(request.query_params.multi_items())


def search(request: Request, snapshot: Snapshot) -> Response:
    """``/api/search``."""
    found = snapshot.index.search(query_of(request))
    return json_answer({**found, "packages": snapshot.shown(found["packages"])})


def facets(request: Request, snapshot: Snapshot) -> Response:
    """``/api/facets``."""
    return json_answer(snapshot.index.facets(query_of(request)))


def files(request: Request, snapshot: Snapshot) -> Response:
    """``/api/files``: every open file that a search stands for."""
    listed = snapshot.index.manifest(query_of(request))
    kept = [each for each in listed if snapshot.withdrawal(each["package"], each["path"]) is None]
    return json_answer({"files": kept})


def package_object(snapshot: Snapshot, version: PackageVersion) -> dict[str, Any]:
    """The API's object of one version."""
    return describe_version(snapshot.bank, snapshot.store, snapshot.ledger, version)


def releases(snapshot: Snapshot) -> Response:
    """``/api/releases``."""
    return json_answer(snapshot.index.releases())


def catalog_page(request: Request, snapshot: Snapshot, form: str | None) -> Response:
    """The catalogue as RDF, a page of packages at a time.

    Args:
        request: with ``page`` in its query string, from 1.
        snapshot: the view.
        form: the form that the suffix asks for; by ``Accept`` for None.
    """
    form = form or choose(request.headers.get("accept"), RDF_FORMS)
    names = sorted(
        name
        for name in snapshot.ledger.upto(snapshot.sequence).released_packages()
        if snapshot.withdrawal(name) is None
    )
    last = pages(len(names))
    number = _page_number(request, last)
    shown = names[(number - 1) * PAGE_PACKAGES : number * PAGE_PACKAGES]
    documents = [snapshot.document(snapshot.find(name), f"dcat.{form}") for name in shown]
    head = snapshot.catalog_document(f"catalog.{form}")
    page = PageOfCatalog(catalog=snapshot.bank.settings.addresses.catalog(), total=len(names), number=number, last=last)
    return document_answer(join(form, head, documents, page), MEDIA_TYPES[form])


def _page_number(request: Request, last: int) -> int:
    text = request.query_params.get("page", "1")
    unknown = set(request.query_params) - {"page"}
    if unknown or not text.isascii() or not text.isdigit() or len(text) > 9:
        raise UsageError(
            "query-parameter",
            "the catalogue knows the parameter page only",
            at="page",
            want="a whole number",
            got=text[:20],
        )
    if not 1 <= int(text) <= last:
        raise NotFoundError("page-not-found", f"The catalogue has {last} pages.")
    return int(text)


def health(portal: Portal) -> Response:
    """``/healthz``: whether a real query is answered, and whether the index shows the last release."""
    members: dict[str, Any] = {"fairline": VERSION, "base_iri": portal.bank.settings.base_iri}
    try:
        with portal.snapshot() as snapshot:
            [(packages,)] = snapshot.index.rows("SELECT count(*) FROM package WHERE NOT withdrawn")
            members |= {
                "status": "ok",
                "release": snapshot.index.current.release,
                "sequence": snapshot.sequence,
                "ledger_sequence": snapshot.ledger.sequence,
                "lag": snapshot.ledger.sequence - snapshot.sequence,
                "generation": snapshot.index.current.generation,
                "packages": packages,
            }
            if portal.fault is not None:
                members |= {"status": "degraded", "fault": portal.fault.code}
    except CatalogError as error:
        return json_answer({**members, "status": "down", "fault": error.code}, 503)
    return json_answer(members)


def robots(snapshot: Snapshot) -> Response:
    """``/robots.txt``: everything may be read; the sitemap lists it."""
    base = snapshot.bank.settings.base_iri
    return PlainTextResponse(f"User-agent: *\nAllow: /\nSitemap: {base}sitemap.xml\n")


def sitemap(snapshot: Snapshot) -> Response:
    """``/sitemap.xml``: pages of packages and releases (sitemaps.org 0.9)."""
    addresses = snapshot.bank.settings.addresses
    urls: list[tuple[str, str]] = []
    line = snapshot.last_line()
    if line is not None:
        urls.append((snapshot.bank.settings.base_iri, line.issued))
    for name in snapshot.ledger.upto(snapshot.sequence).released_packages():
        if snapshot.withdrawal(name) is None:
            version = snapshot.find(name)
            issued = next(each.issued for each in snapshot.ledger.lines if each.release == version.release)
            urls.append((addresses.package(name), issued))
    urls += [(addresses.release(each.release), each.issued) for each in snapshot.ledger.lines[: snapshot.sequence]]
    return Response(_sitemap(urls[:_SITEMAP_URLS]), media_type="application/xml")


def _sitemap(urls: list[tuple[str, str]]) -> str:
    entries = "\n".join(f"<url><loc>{escape(url)}</loc><lastmod>{escape(date)}</lastmod></url>" for url, date in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}\n</urlset>\n"
    )
