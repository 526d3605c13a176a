"""The proof after a publication: what a stranger sees is what was released, and the search shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from catalog.errors import IntegrityError
from catalog.identifiers import portal_name
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.comparison import differences
from publish.targets.ckan.layout import CkanLayout
from publish.targets.ckan.reading import extra, search
from publish.targets.protocol import Note, Tell
from publish.targets.publication import MANIFEST, Publication
from publish.targets.state import Urls

_THREADS = 4


def prove_publication(client: CkanClient, layout: CkanLayout, publication: Publication, urls: Urls, tell: Tell) -> None:
    """Reads pointer, manifest, files datasets, lines and search without a token.

    Args:
        client: the portal.
        layout: names and contents.
        publication: the release.
        urls: where each file is read.
        tell: hears of what the search shows wrongly.

    Raises:
        IntegrityError: a stranger sees something else.
    """
    _compare(client, layout.bank_dataset(publication, urls))
    _prove_manifest(client, layout, urls)
    containers = sorted({name for url in urls.values() if (name := _container_of(url, layout)) is not None})
    lines = [layout.line_dataset(publication, each, urls) for each in publication.live]
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        list(pool.map(lambda name: _see(client, name), containers))
        list(pool.map(lambda wanted: _compare(client, wanted), lines))
    _prove_search(client, layout, publication, tell)


def _compare(client: CkanClient, wanted: Mapping[str, Any]) -> None:
    shown = _see(client, str(wanted["name"]))
    fields = differences(wanted, shown)
    if fields:
        raise IntegrityError(
            "portal-differs",
            f"a stranger sees something else in the dataset {wanted['name']} than was published",
            at=str(wanted["name"]),
            got=f"other values of {', '.join(fields[:5])}",
            hint="somebody changed it meanwhile: run the same command again to put it right",
        )


def _see(client: CkanClient, name: str) -> dict[str, Any]:
    shown = client.show(name, anonymous=True)
    if shown is None:
        raise IntegrityError(
            "portal-hidden", f"a stranger cannot see the dataset {name}", at=name,
            hint="was it closed or deleted by hand? run the same command again to put it right",
        )  # fmt: skip
    return shown


def _prove_manifest(client: CkanClient, layout: CkanLayout, urls: Urls) -> None:
    for (package, path, digest), url in urls.items():
        if (package, path) == ("", MANIFEST):
            got, _ = client.digest(url.replace(layout.site.address, client.url, 1), anonymous=True)
            if got != digest:
                raise IntegrityError(
                    "portal-bytes", "the manifest is not what was published", at=url, want=digest, got=got
                )


def _container_of(url: str, layout: CkanLayout) -> str | None:
    stem = f"{layout.site.address}/dataset/"
    return url.removeprefix(stem).partition("/")[0] if url.startswith(stem) else None


def _prove_search(client: CkanClient, layout: CkanLayout, publication: Publication, tell: Tell) -> None:
    """What the search lists against what is there; an entry that is missing or old is written anew."""
    listed = {
        str(each["name"]): each for each in search(client, f'owner_org:"{layout.site.organization}"', anonymous=True)
    }
    for package in publication.live:
        name = portal_name(package.id)
        if name not in listed or extra(listed[name], "release") != package.release:
            _index_again(client, name, tell)
    known = {layout.bank_name, *(portal_name(each.id) for each in publication.packages)}
    for name, entry in sorted(listed.items()):
        if name not in known and client.show(str(entry["id"]), anonymous=True) is None:
            text = f"the search shows a ghost: {name} is not on the portal; 'fairline doctor' tells how to remove it"
            tell(Note(type="warning", step="prove", name=name, text=text))


def _index_again(client: CkanClient, name: str, tell: Tell) -> None:
    """Makes CKAN write the search entry of a dataset: only a write that changes something does.

    Raises:
        IntegrityError: the search still does not show it.
    """
    tell(Note(type="warning", step="prove", name=name, text=f"the search does not show {name}; it is indexed again"))
    for text in ("indexed again", ""):
        client.write("package_patch", {"id": name, "maintainer": text})
    if not search(client, f'name:"{name}"', anonymous=True):
        raise IntegrityError(
            "portal-search",
            f"the portal's search does not show {name} although the portal has it",
            at=name,
            hint=f"ask its operator for: ckan search-index rebuild {name}",
        )
