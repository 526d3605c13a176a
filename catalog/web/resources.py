"""What stands at each address: withdrawn, moved, or one of its forms. Names are looked up, never joined to paths."""

from __future__ import annotations

import os
from collections.abc import Callable
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from catalog.access import Permission, authorize
from catalog.errors import NotFoundError, UsageError
from catalog.ledger import PackageVersion
from catalog.web import api, pages
from catalog.web.answers import document_answer, gone, json_answer, root_of, see_other
from catalog.web.files import file_answer, inventory_answer, zip_answer
from catalog.web.negotiation import MEDIA_TYPES, RDF_FORMS, choose, split_suffix
from catalog.web.rendering import Renderer
from catalog.web.state import Snapshot

_FORMS = ("html", "json", *RDF_FORMS)
_SUFFIXES = _FORMS[1:]


def _page(request: Request, template: str, context: object) -> Response:
    renderer: Renderer = request.app.state.renderer
    content = renderer.render(template, request, root_of(request), context)
    return Response(content, 200, {"Vary": "Accept", "Cache-Control": "no-cache"}, "text/html")


def home(request: Request, snapshot: Snapshot) -> Response:
    """``/``: the search page."""
    return _page(request, "search.html", pages.search_page(snapshot, api.query_of(request)))


def line(request: Request, snapshot: Snapshot) -> Response:
    """``/line/ID``: the line itself is no document; 303 to its package."""
    name = request.path_params["name"]
    withdrawal = snapshot.withdrawal(name)
    if withdrawal is not None:
        return gone(request, withdrawal)
    snapshot.find(name)
    return see_other(f"{root_of(request)}package/{quote(name)}")


def package(request: Request, snapshot: Snapshot) -> Response:
    """``/package/ID``, with a suffix for a form: the current version."""
    name, form = _named(request.path_params["name"], snapshot)
    withdrawal = snapshot.withdrawal(name)
    if withdrawal is not None:
        return gone(request, withdrawal)
    return _version_answer(request, snapshot, snapshot.find(name), form)


def _named(name: str, snapshot: Snapshot) -> tuple[str, str | None]:
    """A package's id and the form that a suffix asks for; ids may have dots, so that the whole name goes first."""
    if snapshot.ledger.versions(name):
        return name, None
    return split_suffix(name, _SUFFIXES)


def version(request: Request, snapshot: Snapshot) -> Response:
    """``/package/ID/RELEASE``, with a suffix for a form or ``.zip``: one version."""
    name = request.path_params["name"]
    release, form = split_suffix(request.path_params["release"], (*_SUFFIXES, "zip"))
    withdrawal = snapshot.withdrawal(name)
    if withdrawal is not None:
        return gone(request, withdrawal)
    found = snapshot.find(name, release)
    if found.release != release:
        return see_other(f"{root_of(request)}package/{quote(name)}/{found.release}{f'.{form}' if form else ''}")
    if form == "zip":
        return zip_answer(snapshot, found)
    return _version_answer(request, snapshot, found, form)


def _version_answer(request: Request, snapshot: Snapshot, found: PackageVersion, form: str | None) -> Response:
    if request.query_params:
        raise UsageError(
            "query-parameter", "this address knows no parameters", at=next(iter(request.query_params))[:40]
        )
    form = form or choose(request.headers.get("accept"), _FORMS)
    if form == "html":
        return _page(request, "package.html", pages.package_page(snapshot, found, root_of(request)))
    if form == "json":
        return json_answer(api.package_object(snapshot, found))
    return document_answer(snapshot.document(found, f"dcat.{form}"), MEDIA_TYPES[form])


def inventory(request: Request, snapshot: Snapshot) -> Response:
    """``/package/ID/RELEASE/inventory.json``: the inventory that the ledger's digest binds."""
    name, release = request.path_params["name"], request.path_params["release"]
    withdrawal = snapshot.withdrawal(name)
    if withdrawal is not None:
        return gone(request, withdrawal)
    found = snapshot.find(name, release)
    if found.release != release:
        return see_other(f"../{found.release}/inventory.json")
    return inventory_answer(snapshot, found)


def file(request: Request, snapshot: Snapshot) -> Response:
    """``/package/ID/RELEASE/files/PATH``: bytes of any logical file of a version."""
    name, release, path = (request.path_params[part] for part in ("name", "release", "path"))
    withdrawal = snapshot.withdrawal(name, path)
    found = None if withdrawal is not None else snapshot.find(name, release)
    permission = authorize(path, snapshot.files(found) if found else (), withdrawal)
    if permission is Permission.GONE and withdrawal is not None:
        return gone(request, withdrawal)
    if permission is not Permission.ALLOWED or found is None:
        raise NotFoundError("file-not-found", "This version has no file of that name.")
    if found.release != release:
        return see_other(f"{root_of(request)}package/{quote(name)}/{found.release}/files/{quote(path)}")
    return file_answer(request, snapshot, found, path)


def releases(request: Request, snapshot: Snapshot) -> Response:
    """``/release/``: all releases."""
    if choose(request.headers.get("accept"), ("html", "json")) == "json":
        return api.releases(snapshot)
    return _page(request, "releases.html", pages.releases_page(snapshot))


def release(request: Request, snapshot: Snapshot) -> Response:
    """``/release/NAME``, with ``.json`` for the twin."""
    name, form = split_suffix(request.path_params["name"], ("json",))
    if form == "json" or choose(request.headers.get("accept"), ("html", "json")) == "json":
        return json_answer(pages.release_facts(snapshot, name))
    return _page(request, "release.html", pages.release_page(snapshot, name, root_of(request)))


def term(request: Request, snapshot: Snapshot) -> Response:
    """``/term/CURIE``, with ``.json`` for the twin."""
    curie, form = split_suffix(request.path_params["curie"], ("json",))
    if form == "json" or choose(request.headers.get("accept"), ("html", "json")) == "json":
        found = snapshot.index.term(curie)
        return json_answer({**found, "packages": snapshot.shown(found["packages"])})
    return _page(request, "term.html", pages.term_page(snapshot, curie, root_of(request)))


def catalog_in(form: str) -> Callable[[Request, Snapshot], Response]:
    """``/catalog.FORM``."""

    def catalog(request: Request, snapshot: Snapshot) -> Response:
        return api.catalog_page(request, snapshot, form)

    return catalog


def api_package(request: Request, snapshot: Snapshot) -> Response:
    """``/api/package/ID``, with ``release`` for an older version."""
    name = request.path_params["name"]
    unknown = set(request.query_params) - {"release"}
    if unknown:
        raise UsageError("query-parameter", "the call knows the parameter release only", at=min(unknown)[:40])
    withdrawal = snapshot.withdrawal(name)
    if withdrawal is not None:
        return gone(request, withdrawal)
    return json_answer(api.package_object(snapshot, snapshot.find(name, request.query_params.get("release"))))


def ledger(_: Request, snapshot: Snapshot) -> Response:
    """``/ledger.jsonl``: the signed list of releases, as it is now."""
    lines = b"".join(each.stored_bytes() for each in snapshot.ledger.lines)
    return document_answer(lines, "application/jsonl")


def keys(_: Request, snapshot: Snapshot) -> Response:
    """``/signing-key.pub``: all public keys of the bank."""
    path = snapshot.bank.keys_path
    return document_answer(path.read_bytes() if os.path.exists(path) else b"", "text/plain")
