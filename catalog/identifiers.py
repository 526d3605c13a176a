"""Identifiers: package ids, release names, CURIEs, IRIs, file paths: parse, check, link. Pure.

Sources: docs/addresses.md (names and addresses); OBO identifier policy (CURIE to IRI).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import total_ordering
from typing import NewType
from urllib.parse import quote

LineId = NewType("LineId", str)
Curie = NewType("Curie", str)

LINE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,60}")
#: The store's object for the catalogue's own documents.
CATALOG_ID = "catalog"
RESERVED_IDS = frozenset({CATALOG_ID})

_RELEASE = re.compile(r"(?P<year>[0-9]{4})\.(?P<month>0[1-9]|1[0-2])(?:\.(?P<number>[1-9][0-9]{0,5}))?")
_CURIE = re.compile(r"(?P<prefix>[A-Za-z][A-Za-z0-9_.]*):(?P<local>[A-Za-z0-9_.-]+)")
_OBO = "http://purl.obolibrary.org/obo/"
_PREFIXES = {
    "EFO": "http://www.ebi.ac.uk/efo/EFO_",
    "EDAM": "http://edamontology.org/",
    "CVCL": "https://www.cellosaurus.org/CVCL_",
    "SAMEA": "https://www.ebi.ac.uk/biosamples/samples/SAMEA",
    "HGNC": "https://identifiers.org/hgnc:",
    "GEO": "https://www.ncbi.nlm.nih.gov/geo/query/acc.cgi?acc=",
    "spdx": "https://spdx.org/licenses/",
}
_OBO_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z][A-Za-z0-9]*)*")


def is_line_id(text: str) -> bool:
    """Whether a text may be a line id (docs/addresses.md); reserved ids may not."""
    return LINE_ID.fullmatch(text) is not None and text.lower() not in RESERVED_IDS


def portal_name(line_id: str) -> str:
    """The dataset name of a line on a portal: lower case, every other character ``-``."""
    return re.sub(r"[^a-z0-9]", "-", line_id.lower())


@total_ordering
@dataclass(frozen=True, slots=True)
class ReleaseName:
    """``YYYY.MM`` or ``YYYY.MM.N``, ordered by (year, month, N); no N counts as 0."""

    year: int
    month: int
    number: int = 0

    @classmethod
    def parse(cls, text: str) -> ReleaseName | None:
        """The release name in a text, or None when it is not one."""
        match = _RELEASE.fullmatch(text)
        if match is None:
            return None
        return cls(int(match["year"]), int(match["month"]), int(match["number"] or 0))

    def __lt__(self, other: ReleaseName) -> bool:
        return (self.year, self.month, self.number) < (other.year, other.month, other.number)

    def __str__(self) -> str:
        stem = f"{self.year:04d}.{self.month:02d}"
        return f"{stem}.{self.number}" if self.number else stem

    def successor(self, year: int, month: int) -> ReleaseName:
        """The next free name in a month; never below this one, whatever the clock says."""
        if (year, month) > (self.year, self.month):
            return ReleaseName(year, month)
        return ReleaseName(self.year, self.month, self.number + 1)


def is_curie(text: str) -> bool:
    """Whether a text has the form PREFIX:LOCAL of an ontology term."""
    return _CURIE.fullmatch(text) is not None and "://" not in text


def curie_to_iri(curie: str) -> str:
    """The IRI of a term. Prefixes that are not listed are OBO ontologies.

    Raises:
        ValueError: the text is not a CURIE.
    """
    match = _CURIE.fullmatch(curie)
    if match is None:
        raise ValueError(f"not a CURIE: {curie!r}")
    prefix, local = match["prefix"], match["local"]
    if prefix in _PREFIXES:
        return _PREFIXES[prefix] + local
    return f"{_OBO}{prefix}_{local}"


def iri_to_curie(iri: str) -> str | None:
    """The CURIE of a term's IRI, or None when the IRI follows no known pattern."""
    for prefix, stem in _PREFIXES.items():
        if iri.startswith(stem) and _CURIE.fullmatch(f"{prefix}:{iri[len(stem) :]}"):
            return f"{prefix}:{iri[len(stem) :]}"
    if iri.startswith(_OBO):
        prefix, separator, local = iri[len(_OBO) :].rpartition("_")
        if separator and _OBO_PREFIX.fullmatch(prefix) and re.fullmatch(r"[A-Za-z0-9.-]+", local):
            return f"{prefix}:{local}"
    return None


@dataclass(frozen=True, slots=True)
class Addresses:
    """Every IRI of a bank (docs/addresses.md), from its configured base.

    Attributes:
        base_iri: ends with a slash; never taken from a request.
    """

    base_iri: str

    def line(self, line_id: str) -> str:
        """The cell line itself."""
        return f"{self.base_iri}line/{line_id}"

    def package(self, line_id: str, release: str | None = None) -> str:
        """The data package, or one version of it."""
        stem = f"{self.base_iri}package/{line_id}"
        return f"{stem}/{release}" if release else stem

    def file(self, line_id: str, release: str, path: str) -> str:
        """The bytes of one file of a version."""
        return f"{self.package(line_id, release)}/files/{quote(path)}"

    def release(self, release: str) -> str:
        """A release of the bank."""
        return f"{self.base_iri}release/{release}"

    def term(self, curie: str) -> str:
        """The page of a term."""
        return f"{self.base_iri}term/{curie}"

    def catalog(self) -> str:
        """The catalogue."""
        return f"{self.base_iri}catalog"


_SEGMENT = re.compile(r"[A-Za-z0-9._-]+")
_WINDOWS_NAMES = frozenset(
    {"con", "prn", "aux", "nul"} | {f"{stem}{n}" for stem in ("com", "lpt") for n in range(1, 10)}
)
_LONGEST_SEGMENT = 200
_LONGEST_PATH = 500


def path_faults(path: str) -> list[str]:
    """Why a path may not be the path of a file in a package; empty when it may.

    The allow-list is docs/paths.md: the table of hostile inputs, rows 1 to 11: relative, ``/``-separated, segments of
    ``A-Za-z0-9._-``, no ``.`` or ``..``, no device name of Windows, no trailing dot, bounded length.
    Pure: what lies on the disk is judged in :mod:`catalog.bank`.
    """
    faults = []
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", path):
        faults.append("is a URL or names a drive")
    if path.startswith(("/", "\\")):
        faults.append("is absolute")
    if "\\" in path:
        faults.append("has a backslash")
    if any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in path):
        faults.append("has control or direction characters")
    if unicodedata.normalize("NFC", path) != path:
        faults.append("is not in Unicode NFC")
    if len(path) > _LONGEST_PATH:
        faults.append(f"is longer than {_LONGEST_PATH} characters")
    segments = path.split("/")
    if any(segment == ".." for segment in segments):
        faults.append("climbs out with '..'")
    if any(segment in {"", "."} for segment in segments) and not path.startswith("/"):
        faults.append("has an empty or '.' segment")
    if faults:
        return faults
    for segment in segments:
        faults.extend(_segment_faults(segment))
    return faults


def _segment_faults(segment: str) -> list[str]:
    if not _SEGMENT.fullmatch(segment):
        odd = "".join(sorted({c for c in segment if not _SEGMENT.fullmatch(c)}))
        return [f"has characters outside A-Za-z0-9._- ({odd!r})"]
    if segment.endswith("."):
        return [f"has a segment that ends with a dot ({segment})"]
    if segment.startswith("."):
        return [f"has a hidden segment ({segment})"]
    if segment.split(".")[0].lower() in _WINDOWS_NAMES:
        return [f"has a device name of Windows ({segment})"]
    if len(segment) > _LONGEST_SEGMENT:
        return [f"has a segment longer than {_LONGEST_SEGMENT} characters"]
    return []


def path_twin_key(path: str) -> str:
    """Paths with the same key cannot stand beside each other on every file system (case, Unicode form)."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
