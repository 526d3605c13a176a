"""A package in words, for the terminal. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.model.files import MODALITIES
from catalog.wording import human_bytes


def package_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The lines of ``fairline show``."""
    yield f"{found['title']}"
    yield f"  release {found['release']} of {found['issued']} · versions: {', '.join(found['versions'])}"
    yield f"  {found['description']}"
    yield f"  {found['url']}"
    yield ""
    yield f"licence of the files: {found['licence'] or 'not stated'} · access: {found['tier']} · findings: {found['audit_level']}"
    yield ""
    yield from _record(found["record"])
    yield ""
    yield "files"
    for each in found["files"]:
        label = MODALITIES.get(each["modality"] or "", "")
        yield f"  {human_bytes(each['bytes']):>9}  {each['path']}" + (f"  ({label})" if label else "")
    for each in found["restricted"]:
        until = f", embargo until {each['embargo_until']}" if each.get("embargo_until") else ""
        how = f"; ask {each['contact']}" if each.get("contact") else "; ask the bank"
        yield f"  {each['tier']:>9}  {MODALITIES.get(each['modality'], 'other data')}{until}{how}"
    for each in found["withdrawn"]:
        yield f"  withdrawn  {each['path']} on {each['date']}: {each['reason']}"
    yield from _findings(found["findings"])
    yield ""
    yield f"download: fairline get {found['id']}@{found['release']}"


def _record(record: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The record as 'field: value' lines, nested fields joined with dots."""
    for name, value in record.items():
        if name in {"profile", "line_id"} and not prefix:
            continue
        if isinstance(value, Mapping):
            yield from _record(value, f"{prefix}{name}.")
        else:
            yield f"  {prefix}{name}: {_plain(value)}"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in value) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{name}={_plain(inner)}" for name, inner in value.items())
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _findings(findings: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield "findings"
    for each in findings:
        place = each.get("path") or ""
        yield f"  {each['severity']}[{each['code']}] {place}: {each['message']}"
