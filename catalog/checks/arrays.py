"""Files of one array against each other: a scan names the array that it was made from, and results name the scan.

The identifiers come from the generic data headers of Affymetrix Command Console, which carry the headers of all files that
a file was made from. Files of older programs have none, and nothing is said about them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from catalog.checks.protocol import BankSubject, LineCheck, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject

_SOURCE = "Affymetrix Command Console generic data file format, generic data header (parent headers)"

CHAIN = Rule(
    "array-chain",
    Severity.WARNING,
    Level.BANK,
    "the file was made from none of the line's {kind} files",
    "look whether it is another line's file, and add the {kind} file that it was made from",
    _SOURCE,
    "A file that was put into the folder of another line is told from the right one by this chain alone.",
)
OTHER_LINE = Rule(
    "array-of-another-line",
    Severity.ERROR,
    Level.BANK,
    "the file was made from a file of the line {line}",
    "put it into that line's folder, or look which of the two files is in the wrong place",
    _SOURCE,
    "Two files that were swapped between lines look right one by one.",
)
#: What a file may be made from, by its format: the format of that, and the member of the evidence that names it.
_SOURCES = {"cel": ("arr", "arrays"), "chp": ("cel", "scans")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A file that says what it was made from."""

    path: str
    kind: str
    chip_type: object
    sources: frozenset[str]


class ArrayCheck(LineCheck):
    """Compares the chains of identifiers of ARR, CEL and CHP files."""

    rules = (CHAIN, OTHER_LINE)

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line; ``path`` is the file that does not belong to the others."""
        for made in _made(subject.files):
            sources = dict(_of_kind(subject.files, made.kind, made.chip_type))
            if sources and not any(made.sources & identifiers for identifiers in sources.values()):
                expected = ", ".join(sorted(sources)[:3])
                yield CHAIN.at(
                    Place(path=made.path),
                    expected=expected,
                    got=min(made.sources),
                    related=tuple(sorted(sources)),
                    kind=made.kind.upper(),
                )

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Files that were made from a file of another line, and from none of their own."""
        owners: dict[str, set[str]] = {}
        for line in subject.lines:
            for kind, _ in _SOURCES.values():
                for _, identifiers in _of_kind(line.files, kind, None):
                    for each in identifiers:
                        owners.setdefault(each, set()).add(line.line.line_id)
        for line in subject.lines:
            for made in _made(line.files):
                found = set().union(*(owners.get(each, set()) for each in made.sources))
                if found and line.line.line_id not in found:
                    other = min(found)
                    place = Place(path=made.path)
                    yield line.line.line_id, OTHER_LINE.at(place, expected=line.line.line_id, got=other, line=other)


def _made(files: Mapping[str, Subject]) -> Iterator[_Made]:
    for path, seen in files.items():
        kind, member = _SOURCES.get(seen.format or "", ("", ""))
        sources = _identifiers(seen.evidence.get(member))
        if sources:
            yield _Made(path=path, kind=kind, chip_type=seen.evidence.get("chip_type"), sources=sources)


def _of_kind(files: Mapping[str, Subject], kind: str, chip_type: object) -> Iterator[tuple[str, frozenset[str]]]:
    """Files of a format and what they are called by; of a chip's type, where both say theirs."""
    for path, seen in files.items():
        other = seen.evidence.get("chip_type")
        identifiers = _identifiers(seen.evidence.get("identifiers"))
        if seen.format == kind and identifiers and (not chip_type or not other or chip_type == other):
            yield path, identifiers


def _identifiers(value: object) -> frozenset[str]:
    """As they are compared: without braces, in one case; zeros name nothing."""
    given = value if isinstance(value, (list, tuple)) else ()
    return frozenset(str(each).strip("{}").casefold() for each in given if str(each).strip("{}0-"))


CHECK = ArrayCheck()
