"""What the header of any Command Console file has to say: identifier, date, the chain of its parents, persons."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.builds import assembly_rule, named
from catalog.formats.arrays.command_console import GenericHeader, Value
from catalog.formats.arrays.moments import is_iso_moment
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.personal import note_personal, personal_rule
from catalog.formats.protocol import Facts, Reading, as_facts

_GENERIC = "Affymetrix Command Console generic data file format"
_BUILD = re.compile(r"(?i)genome-?version|genomic version|genome-?build|assembly")
#: Members that only the laboratory fills in.
_SAMPLE = re.compile(r"(?i)sample[-_ ]?name")
_DONOR = re.compile(r"(?i)donor|patient|subject|individual")
_SCANS = frozenset({"affymetrix-calvin-intensity", "affymetrix-calvin-multi-intensity"})
_ARRAYS = frozenset({"affymetrix-calvin-array", "affymetrix-calvin-arraysetfile"})
_DAT_NAME = re.compile(r"\]\s+(.{1,100}?):CLS=")
_DAT_DATE = re.compile(r"\b[0-9]{2}/[0-9]{2}/[0-9]{2,4} [0-9]{2}:[0-9]{2}:[0-9]{2}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderRules:
    """The rules about the header, with a format's own prefix."""

    no_guid: Rule
    guid_twice: Rule
    date: Rule
    personal: Rule
    sample: Rule
    assembly: Rule

    def all(self) -> tuple[Rule, ...]:
        """Every rule, in the order of the attributes."""
        return tuple(getattr(self, name) for name in self.__slots__)


def header_rules(prefix: str) -> HeaderRules:
    """The rules of a format that is kept in this container."""
    return HeaderRules(
        no_guid=Rule(
            f"{prefix}-no-guid",
            Severity.WARNING,
            Level.BANK,
            "the file has no unique identifier",
            "keep the software's own file; converted files lose their identifier",
            f"{_GENERIC}, generic data header",
            "The identifier ties the values to the array and thus to the line.",
        ),
        guid_twice=Rule(
            f"{prefix}-guid-twice",
            Severity.WARNING,
            Level.BANK,
            "two files of the chain have the same unique identifier",
            "look how the file was made: a file cannot be made from itself",
            f"{_GENERIC}, generic data header (the unique identifier of the file)",
            "A chain of custody that closes on itself proves nothing.",
        ),
        date=Rule(
            f"{prefix}-date",
            Severity.WARNING,
            Level.SPEC,
            "the date of creation is not in the form of the specification",
            "write it as 2021-05-04T10:11:12Z",
            f"{_GENERIC}, data types (DATETIME)",
        ),
        personal=personal_rule(prefix),
        sample=sample_rule(prefix),
        assembly=assembly_rule(prefix),
    )


def nearest(header: GenericHeader, name: str) -> Value:
    """A parameter of the header, else of the nearest parent that has it."""
    return next((each.parameters[name] for each in header.lineage() if each.parameters.get(name)), None)


def texts(header: GenericHeader) -> Iterator[tuple[str, str]]:
    """Names and values of the text parameters of the header and its parents."""
    for each in header.lineage():
        for name, value in each.parameters.items():
            if isinstance(value, str):
                yield name, value


def judge_header(reading: Reading, header: GenericHeader, rules: HeaderRules) -> None:
    """Findings about identifier, date, chain and persons."""
    place = Place(offset=header.offset)
    if not header.guid:
        reading.find(rules.no_guid.at(place, expected="a unique file identifier"))
    seen: set[str] = set()
    for each in header.lineage():
        if each.guid and each.guid in seen:
            reading.find(rules.guid_twice.at(Place(offset=each.offset), expected="another identifier", got=each.guid))
        seen.add(each.guid)
        if each.created and not is_iso_moment(each.created):
            there = Place(offset=each.offset)
            reading.find(rules.date.at(there, expected="YYYY-MM-DDTHH:MM:SSZ", got=each.created))
    members = list(texts(header))
    samples = [(name, value) for name, value in members if _SAMPLE.search(name)]
    samples += [("DatHeader", match[1]) for _, value in members if (match := _DAT_NAME.search(value))]
    donors = [(name, value) for name, value in members if _DONOR.search(name)]
    note_personal(reading, rules.personal, members, [*samples, *donors])
    note_sample(reading, rules.sample, samples)


def stated_build(header: GenericHeader) -> str | None:
    """The assembly that a parameter names, such as ``genome-version-ucsc``."""
    said = (named(value) for name, value in texts(header) if _BUILD.search(name))
    return next((assembly for assembly in said if assembly), None)


def header_facts(header: GenericHeader) -> Facts:
    """What the header and its parents say; the nearest header wins."""
    lineage = list(header.lineage())
    dates = (match[0] for _, value in texts(header) if (match := _DAT_DATE.search(value)))
    program = [str(value) for name in ("program-name", "program-version") if (value := nearest(header, name))]
    return as_facts(
        {
            "chip_type": nearest(header, "affymetrix-array-type"),
            "file_guid": header.guid or None,
            "parent_guids": [each.guid for each in lineage[1:] if each.guid],
            "created": header.created or None,
            "scan_date": nearest(header, "affymetrix-scan-date") or next(dates, None),
            "algorithm": nearest(header, "affymetrix-algorithm-name"),
            "algorithm_version": nearest(header, "affymetrix-algorithm-version"),
            "software": " ".join(program) or None,
        }
    )


def is_synthetic(header: GenericHeader) -> bool:
    """Whether a text of the header says that the data are synthetic."""
    return any("synthetic" in value.lower() for _, value in texts(header))


def header_evidence(header: GenericHeader) -> dict[str, object]:
    """What ties the file to an array and to the files that it was made from.

    ``chip_type``; ``identifiers`` (the file's own); ``scans`` and ``arrays``, what the files of intensities and the arrays
    of its chain are called by, nearest first.
    """
    barcode = nearest(header, "affymetrix-array-barcode")
    parents = list(header.lineage())[1:]
    scans = [each.guid for each in parents if each.identifier in _SCANS]
    arrays = [each.guid for each in parents if each.identifier in _ARRAYS]
    return {
        "chip_type": nearest(header, "affymetrix-array-type"),
        "identifiers": [header.guid] if header.guid else [],
        "scans": [guid for guid in scans if guid],
        "arrays": [guid for guid in (*arrays, str(barcode or "")) if guid],
    }
