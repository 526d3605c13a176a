"""The state of a search as one value: to and from a URL, an API call and a command line. Pure.

Whatever shows, counts, lists or downloads what a search found gets this value, so that a facet can never be lost
on the way from the page to the download.
"""

from __future__ import annotations

import base64
import binascii
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from catalog.errors import UsageError
from catalog.identifiers import is_curie
from catalog.model.files import MODALITIES
from catalog.profiles import table_schema


@dataclass(frozen=True, slots=True)
class Facet:
    """A property that searches are narrowed by.

    Attributes:
        name: in URLs and on the command line.
        title: for people.
        is_term: whether its values are ontology terms, which match their descendants.
        of_files: whether it also chooses among the files of a package.
    """

    name: str
    title: str
    is_term: bool = False
    of_files: bool = False


FACETS = (
    Facet("modality", "Measurement", of_files=True),
    Facet("line_type", "Line type"),
    Facet("origin", "Origin", is_term=True),
    Facet("disease", "Disease", is_term=True),
    Facet("sex", "Sex"),
    Facet("tier", "Access"),
    Facet("grade", "Grade"),
    Facet("year", "Year banked"),
    Facet("assembly", "Genome build", of_files=True),
    Facet("audit", "Findings"),
)
_BY_NAME = {each.name: each for each in FACETS}

#: The value of a facet that nobody stated.
UNKNOWN = "unknown"

SORTS = ("relevance", "id", "title", "year", "issued")
DEFAULT_LIMIT = 25
HIGHEST_LIMIT = 500
_LONGEST_TEXT = 500
_LONGEST_VALUE = 200
_MOST_VALUES = 50
_YEARS = (1900, 2199)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What somebody looks for.

    Attributes:
        text: words; all of them must be found, the beginning of a word is enough.
        facets: values by facet name; one of a facet's values must fit, and every facet.
        terms: CURIEs; each must be an annotation of the package, itself or by a descendant.
        year_from: first year of banking or derivation.
        year_to: last year.
        sort: one of :data:`SORTS`; relevance counts only with a text.
        limit: packages a page.
        after: where the page begins, as the page before told in ``next``; empty for the first.
    """

    text: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    terms: tuple[str, ...] = ()
    year_from: int | None = None
    year_to: int | None = None
    sort: str = "relevance"
    limit: int = DEFAULT_LIMIT
    after: str = ""

    def with_facet(self, name: str, value: str) -> Query:
        """The query with one more value of a facet, from its first page."""
        values = tuple(dict.fromkeys((*self.facets.get(name, ()), value)))
        return replace(self, facets={**self.facets, name: values}, after="")

    def without_facet(self, name: str, value: str | None = None) -> Query:
        """The query without one value of a facet, or without the facet, from its first page."""
        values = tuple(each for each in self.facets.get(name, ()) if value is not None and each != value)
        rest = {key: each for key, each in self.facets.items() if key != name}
        return replace(self, facets={**rest, name: values} if values else rest, after="")

    def page_after(self, after: str) -> Query:
        """The next page."""
        return replace(self, after=after)

    @property
    def is_everything(self) -> bool:
        """Whether nothing is narrowed."""
        return not (self.text or self.facets or self.terms or self.year_from or self.year_to)


def query_pairs(query: Query) -> list[tuple[str, str]]:
    """The query as name-value pairs in a fixed order; values that say nothing are left out."""
    pairs: list[tuple[str, str]] = []
    if query.text:
        pairs.append(("q", query.text))
    for each in FACETS:
        pairs += [(each.name, value) for value in query.facets.get(each.name, ())]
    pairs += [("term", term) for term in query.terms]
    for name, value in (("year_from", query.year_from), ("year_to", query.year_to)):
        if value is not None:
            pairs.append((name, str(value)))
    if query.sort != "relevance":
        pairs.append(("sort", query.sort))
    if query.limit != DEFAULT_LIMIT:
        pairs.append(("limit", str(query.limit)))
    if query.after:
        pairs.append(("after", query.after))
    return pairs


def to_url(query: Query, path: str = "/") -> str:
    """The address of the page, or with another path of the API call, that shows the query."""
    pairs = query_pairs(query)
    return f"{path}?{urlencode(pairs)}" if pairs else path


def to_command(query: Query) -> str:
    """The command line that finds the same."""
    words = ["fairline", "search"]
    if query.text:
        words.append(query.text if not query.text.startswith("-") else f"-- {query.text}")
    for name, value in query_pairs(query):
        if name not in {"q", "after"}:
            words.append(f"--{name.replace('_', '-')}={value}")
    # The text may begin with a dash: everything that looks like an option stands before it.
    if query.text.startswith("-"):
        words = [*words[:2], *words[3:], "--", query.text]
    return " ".join(shlex.quote(word) for word in words)


def from_pairs(pairs: Iterable[tuple[str, str]]) -> Query:
    """The query in name-value pairs of a URL or a command line.

    Raises:
        UsageError: a name is not known, a value is out of bounds, a single value stands twice.
    """
    single: dict[str, str] = {}
    facets: dict[str, list[str]] = {}
    terms: list[str] = []
    for name, value in pairs:
        if len(value) > (_LONGEST_TEXT if name in {"q", "after"} else _LONGEST_VALUE) or not _is_text(value):
            raise _refused(name, "a shorter value of whole characters", value)
        if name == "term":
            terms.append(_term(value))
        elif name in _BY_NAME:
            facets.setdefault(name, []).append(_facet_value(name, value))
        elif name in {"q", "year_from", "year_to", "sort", "limit", "after"}:
            if name in single:
                raise _refused(name, "one value", "two values")
            single[name] = value
        else:
            raise _refused(name, f"one of q, term, {', '.join(_BY_NAME)}, year_from, year_to, sort, limit, after", name)
    if sum(map(len, facets.values())) + len(terms) > _MOST_VALUES:
        raise _refused("facets", f"at most {_MOST_VALUES} values", "more")
    query = Query(
        text=single.get("q", "").strip(),
        facets={name: tuple(dict.fromkeys(values)) for name, values in facets.items()},
        terms=tuple(dict.fromkeys(terms)),
        year_from=_whole(single, "year_from", _YEARS),
        year_to=_whole(single, "year_to", _YEARS),
        sort=single.get("sort", "relevance"),
        limit=_whole(single, "limit", (1, HIGHEST_LIMIT)) or DEFAULT_LIMIT,
        after=single.get("after", ""),
    )
    if query.sort not in SORTS:
        raise _refused("sort", ", ".join(SORTS), query.sort)
    if query.after:
        cursor(query.after)
    return query


def _refused(name: str, want: str, got: str) -> UsageError:
    return UsageError(
        "query-parameter", f"the search parameter {name[:40]} cannot be used", at=name[:40], want=want, got=got[:60]
    )


def _term(value: str) -> str:
    if not is_curie(value):
        raise _refused("term", "a term such as UBERON:0012168", value)
    return value


def _facet_value(name: str, value: str) -> str:
    known = _known_values(name)
    if known and value not in known:
        raise _refused(name, f"one of {', '.join(known)}", value)
    return value


def _whole(single: Mapping[str, str], name: str, bounds: tuple[int, int]) -> int | None:
    text = single.get(name)
    if text is None or text == "":
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6 or not bounds[0] <= int(text) <= bounds[1]:
        raise _refused(name, f"a whole number from {bounds[0]} to {bounds[1]}", text)
    return int(text)


def make_cursor(values: Sequence[object]) -> str:
    """The place after a row, as text for ``next`` and ``after``."""
    return base64.urlsafe_b64encode(json.dumps(list(values)).encode()).decode().rstrip("=")


def cursor(text: str) -> tuple[object, str]:
    """The sort value and the id of the row that a page begins after.

    Raises:
        UsageError: the text is not one that ``next`` gave.
    """
    try:
        value, package = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, TypeError, RecursionError) as error:
        raise _refused("after", "the value of 'next' of the page before", text) from error
    if not _is_text(package) or not (_is_text(value) or _is_number(value)):
        raise _refused("after", "the value of 'next' of the page before", text)
    return value, package


def _is_text(value: object) -> bool:
    """Whether a value is text that UTF-8 and a database can hold: no NUL, no half of a character."""
    return isinstance(value, str) and not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 2**53


def facet(name: str) -> Facet:
    """A facet by its name.

    Raises:
        UsageError: there is none.
    """
    if name not in _BY_NAME:
        raise _refused(name, ", ".join(_BY_NAME), name)
    return _BY_NAME[name]


VALUE_LABELS: Mapping[str, Mapping[str, str]] = {
    "modality": {**MODALITIES, "other": "Other"},
    "line_type": {
        "iPSC": "Induced pluripotent (iPSC)",
        "ESC": "Embryonic (ESC)",
        "MSC": "Mesenchymal (MSC)",
        "HSPC": "Haematopoietic (HSPC)",
        "primary": "Primary cells",
        "derived": "Derived line",
    },
    "sex": {"female": "Female", "male": "Male"},
    "tier": {"open": "Open files", "controlled": "Controlled files", "none": "No files"},
    "grade": {"research": "Research", "gmp-compliant": "GMP-compliant", "clinical": "Clinical"},
    "audit": {"none": "No findings", "info": "Notes", "warning": "Warnings", "error": "Errors"},
}


def value_label(name: str, value: str) -> str:
    """A facet value for people; values without a label are shown as they are."""
    return "Unknown" if value == UNKNOWN else VALUE_LABELS.get(name, {}).get(value, value)


def _known_values(name: str) -> list[str]:
    """What a facet with a closed vocabulary may be asked for; nothing for the others.

    Measurements are those that the profile of files.csv knows; a closed file of none of them counts as ``other``.
    """
    known = list(VALUE_LABELS.get(name, ()))
    if name == "modality":
        [column] = [each for each in table_schema("files")["fields"] if each["name"] == "modality"]
        known += [each for each in column["constraints"]["enum"] if each not in known]
    return [*known, UNKNOWN] if known else []
