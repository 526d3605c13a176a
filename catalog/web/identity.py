"""What a scientist asks of a line first: type, donor, origin, disease, derivation, passage, year, grade, rights. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from catalog.access import PublicRecord
from catalog.index.query import value_label
from catalog.index.rows import banked_year
from catalog.web.contexts import Link, Said
from catalog.web.words import access_words, licence_link, record_values
from catalog.wording import entry_words

UNKNOWN = "unknown"


def identity(public: PublicRecord, root: str) -> list[Said]:
    """The line in a dozen answers, for the top of its page; what is not known is said to be unknown.

    Args:
        public: the record.
        root: the relative path to the portal's root, for links to terms.
    """
    return [Said(title=title, description="", values=values) for title, values in _answers(public, root)]


def _answers(public: PublicRecord, root: str) -> Iterator[tuple[str, list[Link | str]]]:
    record = public.record

    def shown(*path: str) -> list[Link | str]:
        value = _at(record, *path)
        return [] if value in (None, UNKNOWN) else record_values(public, path[-1], value, root)

    aliases = record.get("aliases")
    if isinstance(aliases, list) and aliases:
        yield "Also known as", [", ".join(entry_words("aliases", each) for each in aliases)]
    yield "Type", [value_label("line_type", str(record.get("line_type", UNKNOWN))), *shown("species")]
    yield "Donor", [_donor(record)]
    origin = [*shown("origin", "tissue"), *shown("origin", "cell")]
    yield "Origin", origin or shown("origin", "label") or [UNKNOWN]
    yield "Disease", ["none known"] if record.get("diseases") == [] else shown("diseases") or [UNKNOWN]
    if parent := _at(record, "parent", "line"):
        yield "Parent line", [str(parent)]
    yield "Derivation", [_derivation(record)]
    passage, year = _banked(public)
    yield "Passage", [passage]
    yield "Year banked", [year]
    yield "Grade", [value_label("grade", str(record.get("grade", UNKNOWN)))]
    yield "Availability", [_availability(record)]
    yield "Access", [access_words(public)]
    yield "Licence", [licence_link(public)]
    if cautions := shown("cautions"):
        yield "Cautions", cautions


def _at(record: Any, *path: str) -> Any:
    for name in path:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _donor(record: Mapping[str, Any]) -> str:
    sex = _at(record, "donor", "sex") or UNKNOWN
    words = [f"sex {UNKNOWN}" if sex == UNKNOWN else str(sex)]
    for name, before in (("age_at_collection", "aged "), ("donor_id", "")):
        value = _at(record, "donor", name)
        if value not in (None, UNKNOWN):
            words.append(f"{before}{value}")
    return ", ".join(words)


def _derivation(record: Mapping[str, Any]) -> str:
    words = []
    for path in (("derivation", "lab"), ("derivation", "year"), ("derivation", "reprogramming", "method")):
        value = _at(record, *path)
        if value not in (None, UNKNOWN):
            words.append(str(value))
    factors = _at(record, "derivation", "reprogramming", "factors")
    if isinstance(factors, list) and factors:
        words.append(" ".join(map(str, factors)))
    return ", ".join(words) or UNKNOWN


def _banked(public: PublicRecord) -> tuple[str, str]:
    """Passage and year of the distribution bank, which is what people get."""
    banks = public.tables.get("banks")
    given = next((row for row in banks.rows if row.get("type") == "distribution"), None) if banks else None
    passage = (given or {}).get("passage") or UNKNOWN
    words = passage if passage == UNKNOWN else f"{passage} (distribution bank)"
    return words, str(banked_year(public) or UNKNOWN)


def _availability(record: Mapping[str, Any]) -> str:
    status = str(_at(record, "availability", "status") or UNKNOWN).replace("-", " ")
    reason = _at(record, "availability", "reason")
    return f"{status}: {reason}" if reason not in (None, UNKNOWN) else status
