"""Sizes, verdicts and entries of a record's lists in words, for pages and terminals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

VERDICTS = {
    "pass": "passed",
    "fail": "failed",
    "inconclusive": "inconclusive",
    "not_done": "not done",
    "not_applicable": "not applicable",
    "unknown": "unknown",
}
#: Verdicts that judge nothing: of such a test there is nothing to see.
NO_VERDICTS = frozenset({"", "unknown", "not_applicable"})

_ALIAS_KINDS = {"in-house": "in-house name", "former": "former name", "misspelling": "misspelling"}
_ASSERTED = {
    "agrees": "which agrees with this record",
    "conflicts": "which conflicts with this record",
    "superseded": "which is superseded",
}


def human_bytes(size: int) -> str:
    """A size in powers of 1000."""
    value = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def result_words(row: Mapping[str, Any]) -> str:
    """The result of a quality test: ``< 0.5 EU/mL``; empty when there is none.

    Args:
        row: a row of the table qc.
    """
    return _joined(row.get("comparator") if row.get("comparator") != "=" else "", row.get("value"), row.get("unit"))


def entry_words(field: str, entry: Mapping[str, Any]) -> str:
    """An entry of one of the record's lists in words: ``CMC-hiPSC-003 (in-house name)``, ``Cellosaurus CVCL_WR10``.

    Args:
        field: the list's own name: aliases, xrefs, assertions, ...
        entry: its members; what is unknown is not said.
    """
    said = {name: value for name, value in entry.items() if value != "unknown"}
    if field == "aliases":
        return _with(str(entry["name"]), _ALIAS_KINDS.get(said.get("kind", ""), ""))
    if field == "xrefs":
        return f"{entry['db']} {entry['id']}"
    if field == "assertions":
        how = _ASSERTED.get(said.get("status", ""), "")
        words = f"{entry.get('source', 'somebody')} says {entry.get('value')} for {entry.get('field')}"
        return _with(words + (f", {how}" if how else ""), said.get("date", ""))
    if field == "cautions":
        severity = f"{said['severity']} severity" if "severity" in said else ""
        return _with(str(entry["text"]), severity, said.get("date", ""))
    if field == "diseases":
        named = (
            _with(str(said.get("label", "")), said.get("term", "")) if "label" in said else said.get("term", "unknown")
        )
        return ", ".join(str(word) for word in (named, said.get("status"), said.get("stage")) if word)
    if field == "infectious_screen":
        verdict = str(entry.get("verdict", "unknown"))
        return f"{entry.get('agent')}: {VERDICTS.get(verdict, verdict)}"
    if field == "supplements":
        return _joined(*said.values())
    return ", ".join(_plain(value) for value in said.values()) or "unknown"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_plain, value)) if isinstance(value, list) else str(value)


def _joined(*words: Any) -> str:
    return " ".join(str(word) for word in words if word not in (None, "", "unknown"))


def _with(text: str, *remarks: Any) -> str:
    """A text with remarks in brackets."""
    said = ", ".join(str(remark) for remark in remarks if remark)
    return f"{text} ({said})" if said else text
