"""Which form of a resource somebody wants: by suffix, else by the field ``Accept`` (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Sequence

#: Forms by name; the suffix of a form is its name.
MEDIA_TYPES = {
    "html": "text/html",
    "json": "application/json",
    "ttl": "text/turtle",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
    "nt": "application/n-triples",
}
RDF_FORMS = ("ttl", "jsonld", "rdf", "nt")
_JSON_TYPES = ("application/problem+json", "application/json", "application/ld+json")
_LONGEST_ACCEPT = 2000
_MOST_RANGES = 30


def choose(accept: str | None, offered: Sequence[str]) -> str:
    """The offered form that fits best; the first one where nothing better is asked for.

    Args:
        accept: the field's value. Whatever cannot be read in it is passed over.
        offered: names of :data:`MEDIA_TYPES`, the default first.
    """
    best, best_quality = offered[0], 0.0
    if not accept or len(accept) > _LONGEST_ACCEPT:
        return best
    ranges = [_range(part) for part in accept.split(",")[:_MOST_RANGES]]
    for name in offered:
        quality = _quality(MEDIA_TYPES[name], ranges)
        if quality > best_quality:
            best, best_quality = name, quality
    return best


def prefers_json(accept: str | None) -> bool:
    """Whether an error is wanted as JSON rather than as a page: a page where neither is preferred.

    Args:
        accept: the field's value; ``application/problem+json``, ``application/json`` and ``application/ld+json`` ask for
            JSON.
    """
    if not accept or len(accept) > _LONGEST_ACCEPT:
        return False
    ranges = [_range(part) for part in accept.split(",")[:_MOST_RANGES]]
    return max(_quality(media, ranges) for media in _JSON_TYPES) > _quality(MEDIA_TYPES["html"], ranges)


def _range(part: str) -> tuple[str, float]:
    """A media range and its weight; a weight that cannot be read is 0."""
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
    return media, quality if 0.0 <= quality <= 1.0 else 0.0


def _quality(media: str, ranges: Sequence[tuple[str, float]]) -> float:
    """The weight of the most specific range that covers a media type."""
    kind = media.split("/")[0]
    for wanted in (media, f"{kind}/*", "*/*"):
        found = [quality for each, quality in ranges if each == wanted]
        if found:
            return max(found) if wanted == media else max(found) * 0.999
    return 0.0


def split_suffix(name: str, suffixes: Sequence[str]) -> tuple[str, str | None]:
    """A name and the form that its suffix asks for, if any: ``("KSCBi005-A", "ttl")`` of ``KSCBi005-A.ttl``."""
    stem, dot, suffix = name.rpartition(".")
    return (stem, suffix) if dot and suffix in suffixes else (name, None)
