"""The whole state of a portal as a value: datasets, rows, bytes, files on disk, search. Two publications that end alike
have equal states; what CKAN itself makes up (times, and ids of datasets) is left out.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from typing import Any

from tests.ckan.faults import Listener, Moment, Request
from tests.ckan.stack.asking import AnswerRefused
from tests.ckan.stack.live import Stack

_THREADS = 4
#: Fields of CKAN's own: times, and who.
_OWN = {"creator_user_id", "metadata_created", "metadata_modified", "num_tags", "organization"}
_OWN_OF_RESOURCES = {"cache_last_updated", "created", "last_modified", "metadata_modified", "datastore_active"}


@dataclass(frozen=True, kw_only=True)
class PortalState:
    """Everything that a publication leaves behind.

    Attributes:
        datasets: as a sysadmin sees them, by name.
        seen: names of those that a stranger sees.
        rows: name, state and privacy of each dataset in the database, and id and dataset of each active resource.
        links: size and sha256 of what a stranger gets at each address that a line or the bank dataset names; the status
            where it fails.
        disk: sha256 of every file in CKAN's storage.
        search: what a stranger's search shows: name, release, resources, and whether that very dataset is there.
    """

    datasets: Mapping[str, Mapping[str, Any]]
    seen: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    links: Mapping[str, tuple[int, str]]
    disk: Mapping[str, str]
    search: tuple[tuple[str, str, int, bool], ...]

    def unlike(self, other: PortalState) -> dict[str, Any]:
        """What differs, part by part, ours first; empty when all is equal."""
        found: dict[str, Any] = {}
        for each in fields(self):
            ours, theirs = getattr(self, each.name), getattr(other, each.name)
            if ours != theirs:
                found[each.name] = list(_differing(ours, theirs))
        return found


def _differing(ours: Any, theirs: Any) -> Iterator[Any]:
    if isinstance(ours, Mapping):
        for name in sorted(ours.keys() | theirs.keys()):
            one, other = ours.get(name), theirs.get(name)
            if isinstance(one, Mapping) and isinstance(other, Mapping):
                yield from ((name, *each) for each in _differing(one, other))
            elif one != other:
                yield name, one, other
    else:
        yield sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours)), len(ours), len(theirs)


def read_state(stack: Stack) -> PortalState:
    """The state of a portal; the database is asked itself, so that nothing is hidden."""
    names = [row[0] for row in _query(stack, "SELECT name FROM package WHERE state = 'active' ORDER BY name")]
    shown = _side_by_side(lambda name: stack.action("package_show", {"id": name}), names)
    ids = {str(each["id"]): str(each["name"]) for each in shown}
    datasets = {str(each["name"]): _plain(each) for each in shown}
    links = [link for each in shown for link in each["resources"] if link["url_type"] != "upload"]
    addresses = sorted({str(link["url"]) for link in links})
    seen = _side_by_side(lambda name: name if sees(stack, name) else "", names)
    got = _side_by_side(lambda address: fetched(address), addresses)
    return PortalState(
        datasets=datasets,
        seen=tuple(filter(None, seen)),
        rows=_rows(stack),
        links=dict(zip(addresses, got, strict=True)),
        disk={name: hashlib.sha256((stack.storage / name).read_bytes()).hexdigest() for name in stack.files_on_disk()},
        search=tuple(sorted(_found(stack, ids))),
    )


def _rows(stack: Stack) -> tuple[tuple[str, ...], ...]:
    datasets = "SELECT name, state, private FROM package ORDER BY 1"
    resources = (
        "SELECT resource.id, package.name, resource.position FROM resource JOIN package ON package.id = package_id "
        "WHERE resource.state = 'active' AND package.state = 'active' ORDER BY 1"
    )
    return (*_query(stack, datasets), *_query(stack, resources))


def _found(stack: Stack, ids: Mapping[str, str]) -> Iterator[tuple[str, str, int, bool]]:
    page = stack.action("package_search", {"rows": 1000}, token="")
    assert page["count"] == len(page["results"])
    for each in page["results"]:
        released = next((extra["value"] for extra in each.get("extras", ()) if extra["key"] == "release"), "")
        yield each["name"], released, len(each["resources"]), ids.get(each["id"]) == each["name"]


def sees(stack: Stack, name: str) -> bool:
    """Whether a stranger sees a dataset."""
    try:
        stack.action("package_show", {"id": name}, token="")
    except AnswerRefused as error:
        if error.status not in {403, 404}:
            raise
        return False
    return True


def fetched(address: str) -> tuple[int, str]:
    """Size and sha256 of what a stranger gets, or the status and nothing; addresses elsewhere are not asked."""
    if not address.startswith("http://127.0.0.1:"):
        return 0, "elsewhere"
    request = urllib.request.Request(address, headers={"Accept-Encoding": "identity"})
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
            content = answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, ""
    return len(content), hashlib.sha256(content).hexdigest()


def resent(stack: Stack, found: list[str]) -> Listener:
    """A listener for a proxy: collects the ids of resources that are sent to a dataset that lists them already."""

    def listener(request: Request, moment: Moment) -> None:
        if moment != "before" or request.action not in {"package_revise", "resource_create"}:
            return
        sent = re.search(rb"update__resources__extend.{1,6}(\[.*?\])\r\n--", request.body or b"", re.S)
        match = re.search(rb'name="match"\r\n\r\n(.*?)\r\n', request.body or b"")
        if sent is None or match is None:
            return
        shown = stack.action("package_show", {"id": json.loads(match[1])["id"]})
        there = {each["id"] for each in shown["resources"]}
        if json.loads(match[1]).get("num_resources") == len(there):  # else CKAN refuses it anyhow
            found.extend(each["id"] for each in json.loads(sent[1]) if each["id"] in there)

    return listener


def _plain(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """A dataset without what CKAN makes up; resources by their place."""
    members = {name: value or None for name, value in dataset.items() if name not in _OWN | {"id", "resources"}}
    members["tags"] = sorted(each["name"] for each in dataset["tags"])
    members["extras"] = sorted((each["key"], each["value"]) for each in dataset.get("extras", ()))
    for place, link in enumerate(dataset["resources"]):
        kept = {name: value for name, value in link.items() if name not in _OWN_OF_RESOURCES | {"package_id"}}
        kept["url"] = kept["url"].replace(str(dataset["id"]), str(dataset["name"]))
        members[f"resource {place}"] = kept
    return members


def _query(stack: Stack, statement: str) -> list[tuple[str, ...]]:
    port = str(stack.folder.state().ports["postgres"])
    line = ["psql", "-XAtq", "-F", "\t", "-h", "127.0.0.1", "-p", port, "-U", "postgres", "-d", "ckan", "-c", statement]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=True)
    return [tuple(row.split("\t")) for row in done.stdout.splitlines()]


def _side_by_side(ask: Any, items: Iterable[Any]) -> list[Any]:
    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        return list(pool.map(ask, items))
