"""Reading what a CKAN holds of a bank. The search is not asked for it: it may lag behind, or show ghosts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from catalog.errors import ConflictError
from catalog.identifiers import portal_name
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.layout import CkanLayout, resource_id
from publish.targets.publication import FileKey, Publication
from publish.targets.state import Held, Shown, TargetState

_THREADS = 4
_MOST_ROWS = 1000

Item = TypeVar("Item")
Found = TypeVar("Found")


@dataclass(slots=True)
class Reading:
    """What was read, beside the state that plans are made from.

    Attributes:
        bank: the bank dataset; None when there is none.
        lines: the datasets of packages, by package.
        containers: the files datasets, by name.
        strangers: resources of files datasets that are not ours, in words.
    """

    bank: dict[str, Any] | None = None
    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    containers: dict[str, dict[str, Any]] = field(default_factory=dict)
    strangers: list[str] = field(default_factory=list)


def read_portal(client: CkanClient, layout: CkanLayout, publication: Publication, organization_id: str) -> Reading:
    """The bank's datasets on a portal.

    Args:
        client: the portal.
        layout: names.
        publication: the release; every package of every release is looked at.
        organization_id: whose datasets they must be.

    Raises:
        ConflictError: a dataset that is not ours has a name that we need, was deleted, renamed or given away.
    """
    packages = [*(each.id for each in publication.packages), *publication.later]
    reading = Reading(bank=client.show(layout.bank_name))
    shown = _side_by_side(lambda name: client.show(portal_name(name)), packages)
    reading.lines = {name: each for name, each in zip(packages, shown, strict=True) if each is not None}
    for found in _side_by_side(lambda release: _containers(client, layout, release), publication.releases):
        reading.containers.update(found)
    check_prefix(client, layout, publication)
    _check_bank(publication, layout, reading, organization_id)
    for name, dataset in reading.lines.items():
        _check_ours(dataset, publication.bank.addresses.package(name), organization_id)
    for name, dataset in reading.containers.items():
        _check_container(dataset, name, publication, organization_id)
    _check_renamed(client, reading, packages, organization_id)
    return reading


def _side_by_side(ask: Callable[[Item], Found], items: Iterable[Item]) -> list[Found]:
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return list(pool.map(ask, items))


def _containers(client: CkanClient, layout: CkanLayout, release: str) -> dict[str, dict[str, Any]]:
    """The files datasets of a release: their numbers have no gaps."""
    found: dict[str, dict[str, Any]] = {}
    while True:
        name = layout.container(release, len(found) + 1)
        dataset = client.show(name)
        if dataset is None:
            return found
        found[name] = dataset


def _check_bank(publication: Publication, layout: CkanLayout, reading: Reading, organization_id: str) -> None:
    if reading.bank is not None:
        _check_ours(reading.bank, publication.bank.addresses.release(""), organization_id)


def _check_container(dataset: Mapping[str, Any], name: str, publication: Publication, organization_id: str) -> None:
    release = extra(dataset, "release_files") or ""
    part = name.rpartition("-p")[2]
    _check_ours(dataset, f"{publication.bank.addresses.release(release)}#files-p{part}", organization_id)


def _check_ours(dataset: Mapping[str, Any], address: str, organization_id: str) -> None:
    """Makes sure that a dataset is the one that we made: never adopt what somebody else made."""
    name = str(dataset["name"])
    uri = dataset.get("uri") or extra(dataset, "uri")
    if dataset.get("state") == "deleted":
        raise ConflictError(
            "portal-dataset-deleted",
            f"the dataset {name} was deleted on the portal",
            at=name,
            hint="restore it there (package_patch with state active), or let a sysadmin purge it; then publish again",
        )
    if uri != address:
        raise ConflictError(
            "portal-name-foreign",
            f"the portal has a dataset {name} that this bank did not make",
            at=name,
            want=f"uri {address}",
            got=f"uri {uri or 'none'}",
            hint="rename that dataset there, or give ours another name: names hold for the whole portal; "
            "if base_iri was changed in fairline.toml, put it back; nothing was touched",
        )
    if dataset.get("owner_org") != organization_id:
        organization = dataset.get("organization") or {}
        raise ConflictError(
            "portal-organization-changed",
            f"the dataset {name} belongs to another organization now",
            at=name,
            want=f"organization {organization_id}",
            got=f"organization {organization.get('name') or dataset.get('owner_org')}",
            hint="give it back on the portal, or change the organization in fairline.toml; it is not touched",
        )


def check_prefix(client: CkanClient, layout: CkanLayout, publication: Publication) -> None:
    """Makes sure that the bank has no pointer under another name: two of them would both be believed.

    Raises:
        ConflictError: there is one; its files datasets bear its prefix, or it was renamed by hand.
    """
    address = publication.bank.addresses.release("")
    for found in search(client, "ledger_sequence:[* TO *]"):
        name = str(found["name"])
        if name == layout.bank_name or (found.get("uri") or extra(found, "uri")) != address:
            continue
        actual = client.show(str(found["id"]))  # the search may show what is not there any more
        if actual is None or actual.get("state") != "active" or actual["name"] == layout.bank_name:
            continue
        prefix = str(actual["name"]).removesuffix("-bank")
        first = f"{prefix}-{layout.container(publication.releases[0], 1).removeprefix(f'{layout.choices.prefix}-')}"
        if client.show(first) is not None:
            raise ConflictError(
                "portal-prefix-changed",
                f"the bank is published there already, with the prefix {prefix}",
                at=str(actual["name"]),
                want=f"prefix {prefix}",
                got=f"prefix {layout.choices.prefix}",
                hint=f'write prefix = "{prefix}" into the target in fairline.toml; was the organization renamed?',
            )


def _check_renamed(client: CkanClient, reading: Reading, packages: Iterable[str], organization_id: str) -> None:
    """Makes sure that a package whose dataset is not under its name does not have one under another."""
    missing = {name for name in packages if name not in reading.lines}
    if not missing:
        return
    for dataset in search(client, f'owner_org:"{organization_id}" AND package_id:[* TO *]'):
        name = extra(dataset, "package_id")
        if name in missing and dataset["name"] != portal_name(name):
            actual = client.show(str(dataset["id"]))  # the search may show what is not there any more
            if actual is not None and actual.get("state") == "active" and extra(actual, "package_id") == name:
                raise ConflictError(
                    "portal-renamed",
                    f"the dataset of {name} has another name on the portal",
                    at=name,
                    want=portal_name(name),
                    got=str(actual["name"]),
                    hint=f"rename it back there to {portal_name(name)}: harvesters know it by that name",
                )


def search(client: CkanClient, fq: str, *, anonymous: bool = False) -> list[dict[str, Any]]:
    """Every dataset that the search shows for a filter; all pages."""
    found: list[dict[str, Any]] = []
    while True:
        page = client.read(
            "package_search",
            {
                "fq": fq,
                "rows": _MOST_ROWS,
                "start": len(found),
                "sort": "name asc",
                "include_private": not anonymous,
            },
            anonymous=anonymous,
        )
        found += page["results"]
        if not page["results"] or len(found) >= page["count"]:
            return found


def extra(dataset: Mapping[str, Any], key: str) -> str | None:
    """The value of an extra."""
    return next((str(each["value"]) for each in dataset.get("extras") or () if each["key"] == key), None)


def state_of(reading: Reading, publication: Publication) -> TargetState:
    """What was read, as plans want it."""
    held: dict[FileKey, Held] = {}
    twins: list[Held] = []
    copies: list[Held] = []
    for name, dataset in reading.containers.items():
        copies += _copies(name, dataset, reading.strangers)
    for each in sorted(copies, key=lambda each: not each.is_open):
        if each.key in held:
            twins.append(each)
        else:
            held[each.key] = each
    leftovers = [
        f"{name} is closed, with {len(dataset['resources'])} files"
        for name, dataset in reading.containers.items()
        if dataset["private"]
    ]
    bank = reading.bank
    is_public = bank is not None and not bank["private"]
    return TargetState(
        release=(extra(bank, "release") or "") if bank is not None and is_public else "",
        line_sha256=(extra(bank, "ledger_line_sha256") or "") if bank is not None and is_public else "",
        containers={name: not dataset["private"] for name, dataset in reading.containers.items()},
        held=held,
        twins=twins,
        shown={name: _shown(dataset) for name, dataset in reading.lines.items()},
        pointer=_shown(bank) if bank is not None else None,
        leftovers=(*leftovers, *reading.strangers),
        holder=str((bank or {}).get("maintainer") or ""),
    )


def _shown(dataset: Mapping[str, Any]) -> Shown:
    is_tombstone = extra(dataset, "withdrawn") is not None
    return Shown(document=dataset, is_open=not dataset["private"], is_tombstone=is_tombstone)


def _copies(name: str, dataset: Mapping[str, Any], strangers: list[str]) -> Iterable[Held]:
    for resource in dataset["resources"]:
        key = str(resource.get("line_id") or ""), str(resource.get("path") or ""), str(resource.get("hash") or "")
        if resource["id"] != resource_id(name, key) or resource.get("url_type") != "upload":
            strangers.append(f"{name} has a resource that is not ours: {resource['id']}")
            continue
        yield Held(key=key, bytes=int(resource.get("size") or 0), container=name, is_open=not dataset["private"])
