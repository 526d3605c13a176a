"""Reading all of a bank's datasets from a portal without stopping at what is wrong: the doctor's eyes.

What is deleted, renamed, given away or closed is told as a fault, and goes into the reading as if it were in its place,
so that one look finds everything else as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from catalog.errors import NotFoundError, UnauthorisedError
from catalog.identifiers import portal_name
from publish.targets.ckan.client import CkanClient
from publish.targets.ckan.layout import dataset_id, resource_id
from publish.targets.ckan.portal import Portal
from publish.targets.ckan.reading import Reading, check_prefix, extra, search
from publish.targets.publication import KEYS, FileKey, Publication

DELETED = "deleted"
RENAMED = "renamed"
GIVEN_AWAY = "given away"
CLOSED = "closed"
FOREIGN = "foreign"

_ASKED_RESOURCES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A dataset that is not where it should be.

    Attributes:
        kind: deleted, renamed, given away, closed; foreign is one of somebody else under a name of ours.
        name: the name that it should have.
        dataset: as it is.
    """

    kind: str
    name: str
    dataset: Mapping[str, Any]


@dataclass(slots=True)
class Survey:
    """What a portal holds of a bank, and what is not in its place.

    Attributes:
        client, portal: the portal, after its check.
        publication: the release that it should show.
        reading: the datasets, as if all were in their places.
        faults: those that are not.
        listed: what the search shows of the organization.
        links: ids of files that lines and the bank dataset link to, by files dataset.
    """

    client: CkanClient
    portal: Portal
    publication: Publication
    reading: Reading = field(default_factory=Reading)
    faults: list[Fault] = field(default_factory=list)
    listed: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, set[str]] = field(default_factory=dict)

    @property
    def release(self) -> str:
        """The release that the pointer names; empty before the first."""
        bank = self.reading.bank
        return (extra(bank, "release") or "") if bank is not None and not bank["private"] else ""

    def read(self) -> None:
        """Asks for every dataset of ours."""
        layout, addresses = self.portal.layout, self.publication.bank.addresses
        check_prefix(self.client, layout, self.publication)
        self.listed = search(self.client, f'owner_org:"{self.portal.organization_id}"')
        keys = [resource_id(layout.bank_name, each.key) for each in self.publication.documents if each.path == KEYS]
        self.reading.bank = self._find(layout.bank_name, addresses.release(""), keys)
        for name in [*(each.id for each in self.publication.packages), *self.publication.later]:
            found = self._find(portal_name(name), addresses.package(name), self._files_of(name))
            if found is not None:
                self.reading.lines[name] = found
        self._read_links()
        for release in self.publication.releases:
            self._read_containers(release)

    def show(self, name: str) -> dict[str, Any] | None:
        """A dataset from the database, not from the search's copy of it, where the user may ask for that."""
        whole = {"include_plugin_data": True} if self.portal.is_sysadmin else {}
        try:
            return dict(self.client.read("package_show", {"id": name, **whole}))
        except (NotFoundError, UnauthorisedError):
            return None

    def known(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every dataset of ours with its name: files datasets, lines, the bank dataset."""
        yield from self.reading.containers.items()
        for package, dataset in self.reading.lines.items():
            yield portal_name(package), dataset
        if self.reading.bank is not None:
            yield self.portal.layout.bank_name, self.reading.bank

    def misplaced(self) -> frozenset[str]:
        """The names of datasets that are not in their places."""
        return frozenset(each.name for each in self.faults if each.kind != FOREIGN)

    def keys(self) -> set[FileKey]:
        """What tells apart every file that should be there: of the release, and whatever lines and bank link to."""
        found = {each.key for each in (*self.publication.files(), *self.publication.documents)}
        for package, dataset in self.reading.lines.items():
            for link in dataset["resources"]:
                path = unquote(str(link.get("uri") or "").partition("/files/")[2])
                found.add((package, path, str(link.get("hash") or "")))
        for link in (self.reading.bank or {"resources": ()})["resources"]:
            found.add(("", str(link.get("name") or ""), str(link.get("hash") or "")))
        return found

    def _files_of(self, package: str) -> list[str]:
        name = portal_name(package)
        known = (each for each in self.publication.packages if each.id == package)
        return [resource_id(name, file) for each in known for file in each.files[:_ASKED_RESOURCES]]

    def _find(self, name: str, address: str, resources: Iterable[str]) -> dict[str, Any] | None:
        """A dataset of ours under its name, else wherever it is; as if it were in its place."""
        found = self.show(name)
        if found is not None and uri_of(found) != address:
            self.faults.append(Fault(kind=FOREIGN, name=name, dataset=found))
            found = None
        if found is None:
            found = self._elsewhere(name, address, resources)
        if found is None:
            return None
        if found.get("state") == "deleted":
            self.faults.append(Fault(kind=DELETED, name=name, dataset=found))
        elif found["name"] != name:
            self.faults.append(Fault(kind=RENAMED, name=name, dataset=found))
        if found.get("owner_org") != self.portal.organization_id:
            self.faults.append(Fault(kind=GIVEN_AWAY, name=name, dataset=found))
        return {**found, "name": name, "state": "active", "owner_org": self.portal.organization_id}

    def _elsewhere(self, name: str, address: str, resources: Iterable[str]) -> dict[str, Any] | None:
        """A dataset of ours that has another name: by our ids, and by what the search shows."""
        ids = [dataset_id(self.publication.bank.base_iri, name)]
        for each in resources:
            try:
                ids.append(str(self.client.read("resource_show", {"id": each})["package_id"]))
            except (NotFoundError, UnauthorisedError):
                continue
        ids += [str(each["id"]) for each in self.listed if uri_of(each) == address]
        for each in dict.fromkeys(ids):
            found = self.show(each)
            if found is not None and uri_of(found) == address:
                return found
        return None

    def _read_links(self) -> None:
        layout = self.portal.layout
        form = re.compile(
            rf"/dataset/({re.escape(layout.choices.prefix)}-files-[0-9a-z-]+)/resource/([0-9a-f-]{{36}})/"
        )
        for dataset in (*self.reading.lines.values(), *filter(None, [self.reading.bank])):
            for link in dataset["resources"]:
                match = form.search(str(link.get("url") or ""))
                if match is not None:
                    self.links.setdefault(match[1], set()).add(match[2])

    def _read_containers(self, release: str) -> None:
        """The files datasets of a release: as far as their numbers go, and as far as something links to them."""
        layout, address = self.portal.layout, self.publication.bank.addresses.release(release)
        stem = layout.container(release, 1).removesuffix("01")
        last = max((int(each.removeprefix(stem)) for each in self.links if _is_part(each, stem)), default=0)
        number = 1
        while True:
            name = layout.container(release, number)
            resources = sorted(self.links.get(name, ()))[:_ASKED_RESOURCES]
            found = self._find(name, f"{address}#files-p{number:02d}", resources)
            if found is None and number > last:
                return
            if found is not None:
                if found["private"] and name in self.links:
                    self.faults.append(Fault(kind=CLOSED, name=name, dataset=found))
                    found["private"] = False
                self.reading.containers[name] = found
            number += 1


def _is_part(name: str, stem: str) -> bool:
    return name.startswith(stem) and name.removeprefix(stem).isdigit()


def uri_of(dataset: Mapping[str, Any]) -> str:
    """Our address of what a dataset describes."""
    return str(dataset.get("uri") or extra(dataset, "uri") or "")


def has_gap(dataset: Mapping[str, Any]) -> bool:
    """Whether the positions of its entries have a gap: then CKAN 2.12 refuses every change (500)."""
    resources = dataset.get("resources") or ()
    return any(each.get("position", number) != number for number, each in enumerate(resources))
