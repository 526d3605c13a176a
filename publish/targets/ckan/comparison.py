"""Whether a portal holds exactly the dataset that it should: what was sent against what ``package_show`` gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from publish.targets.ckan.fields import SCHEMA_KEYS
from publish.targets.ckan.resources import RESOURCE_KEYS

#: Compared by rules of their own.
_APART = frozenset({"extras", "owner_org", "resources", "tags"})
_DATES = frozenset({"issued", "modified"})
#: CKAN fills these itself where they are not sent.
_FILLED = frozenset({"format", "hash", "mimetype", "size", "url"})
#: Other fields of ours that a portal may still hold from an earlier version.
_OURS = SCHEMA_KEYS | {"license_id", "notes", "url", "version"}


def differences(wanted: Mapping[str, Any], shown: Mapping[str, Any]) -> list[str]:
    """The fields in which a portal's dataset is not the wanted one; empty when it holds exactly that.

    What CKAN adds (ids, dates of its own, the organization, counts) is no difference; neither is the way it writes a
    value (numbers and texts, empty values, the order of tags and extras). An extra, a tag or a resource that nobody
    sent is one, another order of resources too, and so is a gap in their positions: a known defect of CKAN 2.12.

    Args:
        wanted: a dataset as it is sent.
        shown: the answer of ``package_show``.

    Returns:
        Names such as ``title``, ``extras.release`` or ``resources[2].hash``, sorted.
    """
    found = set(_fields(wanted, shown, wanted.keys() - _APART, _OURS - wanted.keys()))
    organization = shown.get("organization") or {}
    if "owner_org" in wanted and wanted["owner_org"] not in (shown.get("owner_org"), organization.get("name")):
        found.add("owner_org")
    found.update(_extras(wanted.get("extras", ()), shown.get("extras") or ()))
    if "tags" in wanted and _tags(wanted["tags"]) != _tags(shown.get("tags") or ()):
        found.add("tags")
    if "resources" in wanted:
        found.update(_resources(wanted["resources"], shown.get("resources") or ()))
    return sorted(found)


def _fields(
    wanted: Mapping[str, Any], shown: Mapping[str, Any], sent: Iterable[str], absent: Iterable[str]
) -> Iterator[str]:
    for name in sent:
        if not _same(name, wanted[name], shown.get(name)):
            yield name
    for name in absent:
        if _plain(shown.get(name)) is not None:
            yield name


def _same(name: str, one: Any, other: Any) -> bool:
    first, second = _plain(one), _plain(other)
    if first == second:
        return True
    if name == "format":
        return str(first).casefold() == str(second).casefold()
    if name in _DATES:
        moment = _moment(first)
        return moment is not None and moment == _moment(second)
    return bool(_plain(_parsed(first)) == _plain(_parsed(second)))


def _plain(value: Any) -> Any:
    """A value without what says nothing, numbers as text."""
    if isinstance(value, Mapping):
        members = {str(name): _plain(inner) for name, inner in value.items()}
        return {name: inner for name, inner in members.items() if inner is not None} or None
    if isinstance(value, list | tuple):
        return [inner for inner in map(_plain, value) if inner is not None] or None
    return None if value is None or value == "" else str(value)


def _parsed(value: Any) -> Any:
    """A list or an object where its JSON is given."""
    if isinstance(value, str) and value.startswith(("[", "{")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _moment(text: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return None


def _extras(wanted: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ours = {each["key"]: each["value"] for each in wanted}
    theirs = {each["key"]: each["value"] for each in shown}
    for name in ours.keys() | theirs.keys():
        if not _same(name, ours.get(name), theirs.get(name)):
            yield f"extras.{name}"


def _tags(tags: Sequence[Mapping[str, Any]]) -> set[str]:
    """Free tags; those of a vocabulary are the portal's own."""
    return {each["name"] for each in tags if not each.get("vocabulary_id")}


def _resources(wanted: Sequence[Mapping[str, Any]], shown: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(wanted) != len(shown):
        yield "resources"
        return
    if any(each.get("position", number) != number for number, each in enumerate(shown)):
        yield "resources.position"
    for number, (ours, theirs) in enumerate(zip(wanted, shown, strict=True)):
        for name in _fields(ours, theirs, ours.keys(), RESOURCE_KEYS - _FILLED - ours.keys()):
            yield f"resources[{number}].{name}"
