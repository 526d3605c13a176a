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
    bank = _compare(client, layout.bank_dataset(publication, urls))
    _prove_manifest(client, layout, urls)
    containers = sorted({name for url in urls.values() if (name := _container_of(url, layout)) is not None})
    lines = [layout.line_dataset(publication, each, urls) for each in publication.live]
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        seen = [bank, *pool.map(lambda name: _see(client, name), containers)]
        seen += pool.map(lambda wanted: _compare(client, wanted), lines)
    _prove_search(client, layout, publication, {str(each["name"]): str(each["id"]) for each in seen}, tell)


def _compare(client: CkanClient, wanted: Mapping[str, Any]) -> dict[str, Any]:
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
    return shown


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


def _prove_search(
    client: CkanClient, layout: CkanLayout, publication: Publication, ids: Mapping[str, str], tell: Tell
) -> None:
    """What the search lists against what is there; an entry that is missing or old is written anew.

    Compared by id: a ghost may bear the name of a dataset that was made anew after its first try was undone.
    """
    listed = search(client, f'owner_org:"{layout.site.organization}"', anonymous=True)
    entries = {str(each["id"]): each for each in listed}
    releases = {portal_name(each.id): each.release for each in publication.live}
    for name, known in sorted(ids.items()):
        entry = entries.get(known)
        is_right = entry is not None and extra(entry, "release") == releases.get(name, extra(entry, "release"))
        if not is_right and name != layout.bank_name:  # its maintainer is the lease
            _index_again(client, name, known, tell)
    for identifier, entry in sorted(entries.items()):
        name = str(entry["name"])
        if ids.get(name) != identifier and client.show(identifier, anonymous=True) is None:
            text = (
                f"the search shows a ghost: there is no dataset {name} with the id {identifier}; "
                "its operator removes it with: ckan search-index clear-orphans"
            )
            tell(Note(type="warning", step="prove", name=name, text=text))


def _index_again(client: CkanClient, name: str, identifier: str, tell: Tell) -> None:
    """Makes CKAN write the search entry of a dataset: only a write that changes something does.

    Raises:
        IntegrityError: the search still does not show it.
    """
    tell(Note(type="warning", step="prove", name=name, text=f"the search does not show {name}; it is indexed again"))
    for text in ("indexed again", ""):
        _set_maintainer(client, name, text)
    if not search(client, f'id:"{identifier}"', anonymous=True):
        raise IntegrityError(
            "portal-search",
            f"the portal's search does not show {name} although the portal has it",
            at=name,
            hint=f"ask its operator for: ckan search-index rebuild {name}",
        )


def _set_maintainer(client: CkanClient, name: str, text: str) -> None:
    def look() -> bool | None:
        return True if str((client.show(name) or {}).get("maintainer") or "") == text else None

    def act() -> None:
        client.write("package_patch", {"id": name, "maintainer": text})

    client.settle(look, act, f"index {name} again", known=False)
