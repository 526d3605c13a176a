"""What the doctor does: each cure looks first, acts, looks again, and says what it did.

Measured on CKAN 2.12.0; nothing that is not ours is touched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.errors import IntegrityError
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.portal import Portal
from publish.targets.ckan.reading import search
from publish.targets.ckan.survey import has_gap
from publish.targets.planning import Batch
from publish.targets.protocol import Target
from publish.targets.publication import PublishedFile
from publish.targets.state import Held

_MARK = "indexed again"


def put_back(client: CkanClient, name: str, identifier: str, fields: Mapping[str, Any]) -> Iterator[str]:
    """Gives a dataset its name, state, organization or openness again."""

    def look() -> bool | None:
        shown = client.show(identifier) or {}
        return True if all(shown.get(each) == value for each, value in fields.items()) else None

    def act() -> None:
        client.write("package_patch", {"id": identifier, **fields})

    client.settle(look, act, f"put {name} back", known=True)
    yield f"{name}: {', '.join(fields)} put right; read back"


def close_gap(client: CkanClient, name: str) -> Iterator[str]:
    """Takes all entries of a dataset out and puts the same ones in again; the bytes stay where they are.

    CKAN's package_update is the one action that still works on such a dataset, and only with an empty list first.
    """
    shown = client.show(name)
    if shown is None or not has_gap(shown):
        yield f"{name}: there is no gap any more"
        return
    entries = [{key: value for key, value in each.items() if key != "position"} for each in shown["resources"]]
    try:
        _replace_entries(client, name, shown, [])
    finally:  # whatever happens, nobody leaves without having tried to put them back
        _replace_entries(client, name, shown, entries)
    yield f"{name}: {len(entries)} entries taken out and put back in order; read back"
    uploads = [each for each in entries if each.get("url_type") == "upload"]
    for each in uploads:
        _expect(client, str(each["url"]), str(each["hash"]))
    if uploads:
        yield f"{name}: {len(uploads)} files downloaded and proved"


def _replace_entries(
    client: CkanClient, name: str, shown: Mapping[str, Any], entries: Sequence[Mapping[str, Any]]
) -> None:
    ids = [each["id"] for each in entries]

    def look() -> bool | None:
        now = client.show(str(shown["id"])) or {"resources": None}
        return True if not has_gap(now) and [each["id"] for each in now["resources"]] == ids else None

    def act() -> None:
        client.write("package_update", {**shown, "resources": list(entries)})

    client.settle(look, act, f"entries of {name}", known=False)


def _expect(client: CkanClient, address: str, digest: str) -> None:
    address = f"{client.url}/dataset/{address.partition('/dataset/')[2]}"
    got, _ = client.digest(address)
    if got != digest:
        raise IntegrityError("portal-bytes", "the file is not what was released", at=address, want=digest, got=got)


def send_again(target: Target, client: CkanClient, container: str, file: PublishedFile, address: str) -> Iterator[str]:
    """Erases the wrong bytes of a file and sends the right ones under the same id: its address promises them."""
    target.drop(Held(key=file.key, bytes=file.bytes, container=container, is_open=True))
    yield f"{file.label}: the wrong bytes are erased from {container}"
    yield from send(target, client, container, file, address)


def send(target: Target, client: CkanClient, container: str, file: PublishedFile, address: str) -> Iterator[str]:
    """Sends a file whose entry is missing, under the id that the links name."""
    index_again(client, container)  # what the portal shows may be an old copy in its search
    target.upload(Batch(container=container, files=(file,)), lambda _: None)
    _expect(client, address, file.sha256)
    yield f"{file.label}: {file.bytes} bytes sent to {container}; downloaded and proved"


def correct_entry(client: CkanClient, name: str, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Gives the entry of a file its fields again; the file is not touched."""

    def look() -> bool | None:
        shown = client.show(name) or {"resources": ()}
        entry: Mapping[str, Any] = next((each for each in shown["resources"] if each["id"] == wanted["id"]), {})
        return True if not entry_changes(wanted, entry) else None

    def act() -> None:
        client.write("resource_patch", dict(wanted))

    client.settle(look, act, f"entry of {wanted['name']}", known=False)
    yield f"{wanted['name']}: the entry in {name} put right; read back"


def entry_changes(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """The fields of a file's entry that are not what they should be; CKAN may write numbers as texts."""
    return sorted(each for each, value in wanted.items() if _plain(value) != _plain(shown.get(each)))


def _plain(value: object) -> str:
    return "" if value is None else str(value).casefold()


def empty_leftovers(target: Target, container: str, copies: Sequence[Held]) -> Iterator[str]:
    """Erases what a dead run sent to a closed files dataset."""
    for each in copies:
        target.drop(each)
    yield f"{container}: {len(copies)} files erased; the empty closed dataset is kept for the next run"


def index_again(client: CkanClient, name: str) -> None:
    """Makes CKAN write the search entry of a dataset: only a write that changes something does.

    The field is ``author``, which nothing of ours uses.
    """
    for text in (_MARK, ""):

        def look(text: str = text) -> bool | None:
            return True if str((client.show(name) or {}).get("author") or "") == text else None

        def act(text: str = text) -> None:
            client.write("package_patch", {"id": name, "author": text})

        client.settle(look, act, f"index {name} again", known=True)


def show_in_search(client: CkanClient, name: str) -> Iterator[str]:
    """Writes a search entry that is missing or old.

    Raises:
        IntegrityError: the search still does not show it.
    """
    index_again(client, name)
    shown = client.show(name) or {}
    entries = search(client, f'id:"{shown.get("id")}"')  # a ghost may bear the same name
    if [each.get("metadata_modified") for each in entries] != [shown.get("metadata_modified")]:
        raise IntegrityError(
            "portal-search",
            f"the portal's search does not show {name} as it is",
            at=name,
            hint=f"ask its operator for: ckan search-index rebuild {name}",
        )
    yield f"{name}: indexed again; the search shows it"


def lay_ghost(client: CkanClient, portal: Portal, entry: Mapping[str, Any]) -> Iterator[str]:
    """Takes a dataset that is not there out of the search: it is made under the ghost's id, and purged with its entry.

    Only a sysadmin may choose an id, and may purge.
    """
    identifier = str(entry["id"])
    dataset = {
        "id": identifier,
        "name": f"ghost-{identifier}",
        "title": "Ghost of the search",
        "notes": "Made to take an entry out of the search; it is purged at once.",
        "owner_org": portal.organization_id,
        "private": True,
    }

    def there() -> bool | None:
        return True if client.show(identifier) is not None else None

    def gone() -> bool | None:
        return True if client.show(identifier) is None else None

    client.settle(there, lambda: client.write("package_create", dataset), f"ghost {identifier}", known=False)
    client.settle(gone, lambda: client.write("dataset_purge", {"id": identifier}), f"ghost {identifier}", known=False)
    if any(each["id"] == identifier for each in search(client, f'id:"{identifier}"')):
        raise IntegrityError(
            "portal-search", f"the search still shows the ghost {entry['name']}", at=identifier,
            hint="ask the portal's operator for: ckan search-index clear-orphans",
        )  # fmt: skip
    yield f"{entry['name']}: the ghost is gone; the search was asked again"
