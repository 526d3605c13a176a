"""A package in words, for the terminal: what, how, quality, rights, files. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.model.files import MODALITIES
from catalog.wording import NO_VERDICTS, VERDICTS, entry_words, human_bytes, result_words

Row = Mapping[str, Any]

_LONGEST_JOINED = 60


def package_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The lines of ``fairline show``.

    Args:
        found: the API's object of a package (docs/api.md).
    """
    labels = {str(each["term"]): str(each["label"]) for each in found["annotations"]}
    yield f"{found['title']}"
    yield f"  release {found['release']} of {found['issued']} · versions: {', '.join(found['versions'])}"
    yield f"  {found['description']}"
    yield f"  {found['url']}"
    yield ""
    yield f"licence of the files: {found['licence'] or 'not stated'} · access: {found['tier']} · findings: {found['audit_level']}"
    yield ""
    yield from _record(found["record"], labels)
    yield from _quality(found.get("qc", ()))
    yield from _assays(found.get("assays", ()))
    yield from _banks(found.get("banks", ()))
    for name, title in (("hla", "HLA typing"), ("str", "STR profile"), ("cnv", "copy number variants")):
        yield from _whole(title, found.get(name, ()))
    yield ""
    yield "files"
    for each in found["files"]:
        label = MODALITIES.get(each["modality"] or "", "")
        yield f"  {human_bytes(each['bytes']):>9}  {each['path']}" + (f"  ({label})" if label else "")
    for each in found["restricted"]:
        yield f"  {each['tier']:>9}  {_restricted(each, labels)}"
    for each in found["withdrawn"]:
        yield f"  withdrawn  {each['path']} on {each['date']}: {each['reason']}"
    yield from _findings(found["findings"])
    yield ""
    yield f"download: fairline get {found['id']}@{found['release']}"


def _record(record: Mapping[str, Any], labels: Mapping[str, str], prefix: str = "") -> Iterator[str]:
    """The record as 'field: value' lines, nested fields joined with dots, a list of sentences one a line."""
    for name, value in record.items():
        if name in {"profile", "line_id"} and not prefix:
            continue
        if isinstance(value, Mapping):
            yield from _record(value, labels, f"{prefix}{name}.")
            continue
        words = [_plain(name, each, labels) for each in value] if isinstance(value, list) else []
        if len(words) > 1 and (any(isinstance(each, Mapping) for each in value) or _is_long(words)):
            yield f"  {prefix}{name}:"
            yield from (f"    - {each}" for each in words)
        else:
            yield f"  {prefix}{name}: {', '.join(words) or 'none' if isinstance(value, list) else _plain(name, value, labels)}"


def _is_long(words: Sequence[str]) -> bool:
    return any(len(each) > _LONGEST_JOINED for each in words)


def _plain(name: str, value: Any, labels: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return entry_words(name, value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = str(value)
    return f"{labels[text]} ({text})" if text in labels else text


def _quality(rows: Sequence[Row]) -> Iterator[str]:
    """Quality tests: those with a verdict first, then what is unknown or not applicable."""
    shown = [
        (
            _cell(row, "test"),
            VERDICTS.get(_cell(row, "verdict"), _cell(row, "verdict")) or "unknown",
            result_words(row),
            f"passage {row['passage']}" if row.get("passage") else "",
            _cell(row, "method"),
            _cell(row, "note"),
        )
        for row in sorted(rows, key=lambda row: _cell(row, "verdict") in NO_VERDICTS)
    ]
    yield from _titled("quality tests", shown)


def _assays(rows: Sequence[Row]) -> Iterator[str]:
    """How it was measured, and where the bank knows that from."""
    shown = []
    for row in rows:
        how = _words(row, "platform", "instrument", "kit")
        source = f"source: {row['source']}" if row.get("source") else ""
        reference = f"reference {row['reference']}" if row.get("reference") else ""
        modality = _cell(row, "modality")
        shown.append((MODALITIES.get(modality, modality), how, reference, _words(row, "pipeline", "version"), source))
    yield from _titled("how it was measured", shown)


def _banks(rows: Sequence[Row]) -> Iterator[str]:
    shown = [
        (
            f"{_cell(row, 'type') or 'unknown'} bank",
            f"passage {_cell(row, 'passage') or 'unknown'}",
            _cell(row, "date") or "date unknown",
            _cell(row, "note"),
        )
        for row in rows
    ]
    yield from _titled("banks", shown)


def _whole(title: str, rows: Sequence[Row]) -> Iterator[str]:
    """A table with its own column names, without empty columns."""
    columns = [name for name in (rows[0] if rows else ()) if any(row.get(name) for row in rows)]
    yield from _titled(title, [columns, *([_cell(row, name) for name in columns] for row in rows)] if rows else [])


def _titled(title: str, rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Rows below a title, in columns; columns without a word are left out."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    yield ""
    yield title
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True) if width]
        yield f"  {'  '.join(cells)}".rstrip()


def _cell(row: Row, name: str) -> str:
    return str(row.get(name) or "")


def _words(row: Row, *names: str) -> str:
    return ", ".join(str(row[name]) for name in names if row.get(name))


def _restricted(each: Row, labels: Mapping[str, str]) -> str:
    """What is not public: kind, data use, whom to ask, where else it is; never a name, size, hash or count."""
    terms = [_plain("duo", term, labels) for term in each.get("duo") or ()]
    words = [MODALITIES.get(each["modality"], "other data")]
    if each.get("embargo_until"):
        words.append(f"embargo until {each['embargo_until']}")
    words.append(f"data use: {', '.join(terms) or 'not stated'}")
    if each.get("accessions"):
        words.append(f"accession: {', '.join(each['accessions'])}")
    words.append(f"to ask for access: {each.get('contact') or 'write to the bank'}")
    return "; ".join(words)


def _findings(findings: Sequence[Row]) -> Iterator[str]:
    if not findings:
        return
    yield ""
    yield "findings"
    for each in findings:
        place = each.get("path") or ""
        yield f"  {each['severity']}[{each['code']}] {place}: {each['message']}"
