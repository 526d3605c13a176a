"""The part ``[Header]`` of a FinalReport: members and what they must say."""

from __future__ import annotations

import re
from typing import NoReturn

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.moments import is_moment
from catalog.formats.containers import StreamStopped
from catalog.formats.protocol import Facts, Reading, as_facts

SOURCE = "Illumina GenomeStudio Genotyping Module User Guide, Final Report"
_AGAIN = "export the report again; do not edit its header by hand"


def report_error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
    """A rule of the format's documents."""
    return Rule(f"final-report-{code}", Severity.ERROR, Level.SPEC, message, hint, f"{SOURCE}, {part}", why)


def report_wish(code: str, message: str, hint: str, why: str = "") -> Rule:
    """A rule of the bank."""
    return Rule(f"final-report-{code}", Severity.WARNING, Level.BANK, message, hint, "fairline", why)


START = report_error("start", "the file does not start with [Header]", _AGAIN, "[Header]")
KEY_MISSING = report_error("key-missing", "the header does not say {part}", _AGAIN, "[Header]")
KEY_REPEATED = report_error("key-repeated", "the header says something twice", _AGAIN, "[Header]")
MEMBER = report_error("header-line", "a line of the header has no name and value", _AGAIN, "[Header]")
SEPARATOR = report_error(
    "separator",
    "the cells are separated by semicolons",
    "take GenomeStudio's own file: a spreadsheet wrote this one, and may have changed numbers and dates",
    "[Header]",
    "Programs look for tabs or commas and see one cell a line.",
)
VERSION = report_error("version", "the version of GenomeStudio is no version", _AGAIN, "GSGT Version")
DATE = report_error("date", "the processing date is no date", _AGAIN, "Processing Date")
NUMBER = report_error("number", "{part} is not a whole number", _AGAIN, "[Header]")
TOTAL = report_error("total", "{part} is more than the total", _AGAIN, "[Header]")
PART = report_error("file-part", "the number of the file is not of the form 1 of 4", _AGAIN, "File")
NO_DATA = report_error(
    "no-data", "the file has no [Data] with columns and rows", "the file was cut: export it again", "[Data]"
)
CONTENT = report_wish(
    "content",
    "the header does not name the manifest",
    "export the report again from a project with its manifest (BPM)",
    "Without it nobody can tell which probes and which assembly the rows are of.",
)
ENCODING = Rule(
    "final-report-encoding",
    Severity.ERROR,
    Level.BANK,
    "the report is not UTF-8",
    "save it as UTF-8, or name samples with plain letters in GenomeStudio",
    "fairline",
    "Names of samples can no longer be told apart.",
)

HEADER_RULES = (
    START,
    KEY_MISSING,
    KEY_REPEATED,
    MEMBER,
    SEPARATOR,
    VERSION,
    DATE,
    NUMBER,
    TOTAL,
    PART,
    NO_DATA,
    CONTENT,
    ENCODING,
)

_NUMBERS = ("Num SNPs", "Total SNPs", "Num Samples", "Total Samples")
#: GenomeStudio always writes these; Illumina's own script leaves the version out.
_REQUIRED = ("GSGT Version", "Processing Date", "Content", *_NUMBERS)
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,6}){1,4}")
_PART = re.compile(r"([0-9]{1,6}) of ([0-9]{1,6})")
_MOST_LINES = 1000
_LONGEST = 1000
_MOST_NUMBER_DIGITS = 10


class ReportHeader:
    """Reads the header line by line.

    Attributes:
        separator: of the file's cells, a tab or a comma.
        is_whole: whether ``[Data]`` was reached.
        is_by_script: whether the report is one of BeadArrayFiles, which states no version; known from its columns.
    """

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._values: dict[str, str] = {}
        self._lines: dict[str, int] = {}
        self._unsaid: set[str] = set()
        self._started = False
        self.separator = b"\t"
        self.is_whole = False
        self.is_by_script = False

    def take(self, number: int, line: bytes) -> bool:
        """The next line; whether the column names come next.

        Raises:
            StreamStopped: semicolons separate the cells, so that nothing else can be said.
        """
        text = line.decode("utf-8", "replace")
        bare = text.strip("\t, ")
        if not self._started:
            if bare:
                self._started = True
                if ";" in bare and bare.strip('"; ') in {"", "[Header]"}:
                    self._stop_at_semicolons(number)
                if bare != "[Header]":
                    self._reading.find(START.at(Place(line=number), expected="[Header]", got=text))
                    self._member(number, text)
        elif bare == "[Data]":
            self.is_whole = True
        elif bare and number <= _MOST_LINES:
            self._member(number, text)
        return self.is_whole

    def _member(self, number: int, text: str) -> None:
        separator = "\t" if "\t" in text else ","
        name, mark, rest = text.partition(separator)
        if not mark:
            if text.partition(";")[0] in _REQUIRED and ";" in text:
                self._stop_at_semicolons(number)
            if name in _REQUIRED or name == "File":
                self._reading.find(MEMBER.at(Place(line=number, column=name), expected="a name and a value", got=text))
                self._unsaid.add(name)
                self._values.setdefault(name, "")
                self._lines.setdefault(name, number)
            return
        self.separator = separator.encode()
        name = name.strip(" ")
        if name in self._values:
            self._reading.find(KEY_REPEATED.at(Place(line=number, column=name[:80]), expected="each once", got=name))
            return
        # The name of the manifest stands in the third cell.
        cells = [bare for cell in rest.split(separator) if (bare := cell.strip(" "))]
        self._values[name] = (cells[0] if cells else "")[:_LONGEST]
        self._lines[name] = number

    def _stop_at_semicolons(self, number: int) -> NoReturn:
        self._reading.find(SEPARATOR.at(Place(line=number), expected="tabs or commas", got="semicolons"))
        raise StreamStopped

    def number(self, name: str) -> int | None:
        """A number of the header; None where it is not there or no number."""
        value = self._values.get(name, "")
        known = value.isascii() and value.isdigit() and len(value) <= _MOST_NUMBER_DIGITS
        return int(value) if known else None

    @property
    def part(self) -> tuple[int, int]:
        """The number of the file and the number of files."""
        match = _PART.fullmatch(self._values.get("File", ""))
        return (int(match[1]), int(match[2])) if match else (1, 1)

    @property
    def manifest(self) -> str | None:
        """The name of the manifest; empty where the header leaves it out, None where it has no such member."""
        return self._values.get("Content")

    def place(self, name: str) -> Place:
        """Where a member stands."""
        return Place(line=self._lines.get(name), column=name)

    def members(self) -> list[tuple[str, str]]:
        """Names and values as they stand, without those that the format lays down."""
        return [(name, value) for name, value in self._values.items() if name not in _REQUIRED]

    def finish(self) -> None:
        """Judges the members, when all lines were read."""
        if not self._started:
            return
        for name in _REQUIRED:
            if name not in self._values and not (name == "GSGT Version" and self.is_by_script):
                self._reading.find(KEY_MISSING.at(Place(column=name), expected=name, part=name))
        version, date = self._values.get("GSGT Version"), self._values.get("Processing Date")
        if version and not _VERSION.fullmatch(version):
            self._reading.find(VERSION.at(self.place("GSGT Version"), expected="such as 2.0.4", got=version))
        if date and not is_moment(date):
            self._reading.find(DATE.at(self.place("Processing Date"), expected="a date", got=date))
        for name in _NUMBERS:
            if name in self._values.keys() - self._unsaid and self.number(name) is None:
                place, got = self.place(name), self._values[name]
                self._reading.find(NUMBER.at(place, expected="a whole number", got=got, part=name))
        for kind in ("SNPs", "Samples"):
            some, total = self.number(f"Num {kind}"), self.number(f"Total {kind}")
            if some is not None and total is not None and some > total:
                place = self.place(f"Num {kind}")
                self._reading.find(TOTAL.at(place, expected=f"at most {total}", got=some, part=f"Num {kind}"))
        written = self._values.get("File")
        if written and not (_PART.fullmatch(written) and 1 <= self.part[0] <= self.part[1]):
            self._reading.find(PART.at(self.place("File"), expected="such as 1 of 4", got=written))

    def facts(self) -> Facts:
        """What the header says."""
        part = self._values.get("File")
        said = any("synthetic" in value.lower() for value in self._values.values())
        return as_facts(
            {
                "version": self._values.get("GSGT Version") or None,
                "processing_date": self._values.get("Processing Date") or None,
                "manifest": self.manifest or None,
                "file_part": part or None,
                "synthetic": said or None,
            }
        )
