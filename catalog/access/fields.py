"""Which fields of a record are public, by the profile's ``x-public``, and the part of a record that they leave."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from catalog.access.tiers import parse_tier
from catalog.findings import Finding
from catalog.model import Tier
from catalog.profiles import LINE_PROFILE, profile_schema

_ASSERTION = re.compile(r"assertions(?:\[([0-9]{1,6})\])?")
_FIELD_PATH = re.compile(r"[a-z][a-z0-9_]*(?:\[[0-9]{1,4}\])?(?:\.[a-z][a-z0-9_]*(?:\[[0-9]{1,4}\])?)*")


def public_fields(tier: str) -> frozenset[str]:
    """The fields of the record that are public for a line of a tier: names joined with dots, no list positions.

    A field is public only where the profile says so: ``x-public`` is ``always``, or ``open`` for lines of tier open.
    """
    return _fields_of({"always", "open"} if parse_tier(tier) is Tier.OPEN else {"always"})


@functools.cache
def _all_fields() -> frozenset[str]:
    return _fields_of({"always", "open", None})


def _fields_of(allowed: Collection[str | None]) -> frozenset[str]:
    """The fields whose ``x-public`` is one of the allowed words; None stands for a field without it."""
    found: set[str] = set()

    def walk(schema: Mapping[str, Any], path: tuple[str, ...]) -> None:
        for branch in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
            for name, inner in branch.get("properties", {}).items():
                if inner.get("x-public") in allowed:
                    found.add(".".join((*path, name)))
                    walk(inner, (*path, name))
            if branch is not schema and ("items" in branch or "anyOf" in branch):
                walk(branch, path)

    walk(profile_schema(LINE_PROFILE), ())
    return frozenset(found)


def hide_assertions(plain: dict[str, Any], fields: frozenset[str]) -> Callable[[Finding], bool]:
    """Takes assertions about what is not wholly public out: their texts repeat it. Tells findings about those."""
    stated = plain.get("assertions", [])
    shown = [number for number, each in enumerate(stated, start=1) if _is_wholly_public(each["field"], fields)]
    plain["assertions"] = [stated[number - 1] for number in shown]
    if not shown:
        del plain["assertions"]

    def hidden(finding: Finding) -> bool:
        at = _ASSERTION.match(str(finding.column))
        return at is not None and (at[1] is None or int(at[1]) not in shown)

    return hidden


def _is_wholly_public(field_path: str, fields: frozenset[str]) -> bool:
    """Whether a field and everything in it is public; what names no field of the record is not."""
    if not _FIELD_PATH.fullmatch(field_path):
        return False
    plain = _without_positions(field_path)
    inside = {each for each in _all_fields() if each.startswith(f"{plain}.")}
    return plain in fields and inside <= fields


def project_value(value: Any, path: tuple[str, ...], fields: frozenset[str]) -> Any:
    """The part of a plain value at a path that public fields leave."""
    if isinstance(value, dict):
        return {
            name: project_value(inner, (*path, name), fields)
            for name, inner in value.items()
            if ".".join((*path, name)) in fields
        }
    if isinstance(value, list):
        return [project_value(inner, path, fields) for inner in value]
    return value


def _without_positions(field_path: str) -> str:
    return ".".join(part.split("[")[0] for part in field_path.split("."))


def field_is_public(field_path: str, fields: frozenset[str]) -> bool:
    """Whether a field, as findings and terms name it, is public."""
    plain = _without_positions(field_path)
    return plain in fields or plain == "modality"
