"""Affymetrix ARR: the sample file of Command Console, XML that names the arrays of a sample and its attributes.

Document type declarations are not followed and entities not expanded: the only one that Affymetrix' software writes
points at its own DTD and declares nothing.

Source: Affymetrix Command Console, array set file (ArraySetAndTemplateFile.dtd); XML 1.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from xml.parsers import expat

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.moments import is_moment
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.personal import personal_rule, sign_of
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_SOURCE = "Affymetrix Command Console array set file (ArraySetAndTemplateFile.dtd)"


def _error(code: str, message: str, hint: str, source: str = _SOURCE, why: str = "") -> Rule:
    return Rule(f"arr-{code}", Severity.ERROR, Level.SPEC, message, hint, source, why)


def _wish(code: str, message: str, hint: str, why: str = "") -> Rule:
    return Rule(f"arr-{code}", Severity.WARNING, Level.BANK, message, hint, "fairline", why)


_AGAIN = "export the sample file again from Command Console"
NOT_XML = _error("not-well-formed", "the file is not well-formed XML: {problem}", _AGAIN, "XML 1.0, 2.1")
DOCTYPE = _error(
    "doctype",
    "the file has a document type declaration of its own",
    "take the declaration out: it is not needed, and nothing here follows it",
    "fairline; XML 1.0, 2.8",
    "Declarations of entities can make readers load other files, or grow without measure.",
)
ROOT = _error("root", "the root element is not ArraySetFile", "give the sample file (.ARR) of Command Console")
PLACED = _error("element", "the element {part} stands where it must not", _AGAIN)
NO_GUID = _error(
    "no-guid",
    "the file has no unique identifier",
    _AGAIN,
    why="Scans name the sample file that they were made from by it.",
)
ARRAY_NO_GUID = _wish("array-no-guid", "an array has no unique identifier", _AGAIN, "It ties scans to the array.")
GUID = _error("guid", "a unique identifier is not in its form", _AGAIN)
GUID_TWICE = _error("guid-twice", "two arrays have the same unique identifier", _AGAIN)
DATE = _error("date", "a date of creation is no date", _AGAIN)
NO_ARRAY = _wish(
    "no-array", "the file names no array", "look whether it is a template, and give the file of the sample"
)
NO_TYPE = _wish(
    "array-type", "an array has no type (master file or library package)", "look at the array in Command Console"
)
LARGE = Rule(
    "arr-large",
    Severity.ERROR,
    Level.SPEC,
    "the file is larger, or its elements nest deeper, than any sample file",
    "look what is in it",
    "fairline",
)
PERSONAL = personal_rule("arr")
SAMPLE = sample_rule("arr")

_ROOT = "ArraySetFile"
_KNOWN_DTD = "ArraySetAndTemplateFile.dtd"
#: Elements that stand inside certain others.
_PARENTS = {
    "PhysicalArrays": _ROOT,
    "PhysicalArray": "PhysicalArrays",
    "ArrayAttribute": "PhysicalArray",
    "UserAttributes": _ROOT,
    "UserAttribute": "UserAttributes",
    "UserAttributeValue": "UserAttribute",
    "Control": "UserAttribute",
}
#: Groups of digits as Affymetrix makes them, or of hexadecimal ones as in a UUID.
_SAMPLE_NAME = re.compile(r"(?i)sample[-_ ]?(?:name|id)$|arrayname$")
_GUID = re.compile(r"\{?[0-9A-Fa-f]{1,16}(?:-[0-9A-Fa-f]{1,16}){1,8}\}?")
_LARGEST_BYTES = 32 << 20
_DEEPEST = 100
_MOST_LISTED = 100
_LONGEST = 200


class _Refused(Exception):
    """Parsing must not go on; the finding is put down already."""


class _Document:
    """What is read of a file, element by element."""

    def __init__(self, reading: Reading, parser: expat.XMLParserType) -> None:
        self._reading = reading
        self._parser = parser
        self._open: list[str] = []
        self._attribute = ""
        self._guids: set[str] = set()
        self.root: dict[str, str] = {}
        self.arrays: list[dict[str, str]] = []
        self.attributes: list[str] = []
        self.samples: list[tuple[str, str]] = []
        self.is_synthetic = False
        self._said: list[str] = []

    def _place(self, column: str | None = None) -> Place:
        offset = max(0, self._parser.CurrentByteIndex)
        return Place(line=self._parser.CurrentLineNumber, column=column, offset=offset)

    def start_doctype(self, name: str, system: str | None, public: str | None, has_internal: int) -> None:
        """A document type declaration."""
        if has_internal or public or (system or "").replace("\\", "/").rpartition("/")[2] != _KNOWN_DTD:
            self._reading.find(DOCTYPE.at(self._place(), expected=f"none, or {_KNOWN_DTD}", got=system or name))
            raise _Refused

    def start(self, name: str, members: Mapping[str, str]) -> None:
        """An element starts."""
        local = name.rpartition(":")[2]
        if not self._open and local != _ROOT:
            self._reading.find(ROOT.at(self._place(), expected=_ROOT, got=local))
            raise _Refused
        wanted = _PARENTS.get(local)
        if wanted is not None and (not self._open or self._open[-1] != wanted):
            self._reading.find(PLACED.at(self._place(local), expected=f"inside {wanted}", got=local, part=local))
        self._open.append(local)
        if len(self._open) > _DEEPEST:
            self._reading.find(LARGE.at(self._place(), expected=f"at most {_DEEPEST} levels"))
            raise _Refused
        self._take_members(local, members)

    def _take_members(self, local: str, members: Mapping[str, str]) -> None:
        kept = {name.rpartition(":")[2]: value[:_LONGEST] for name, value in members.items()}
        if local == _ROOT:
            self.root = kept
            self._judge_identity(kept, NO_GUID)
        elif local == "PhysicalArray":
            if len(self.arrays) < _MOST_LISTED * _MOST_LISTED:
                self.arrays.append(kept)
            self._judge_identity(kept, ARRAY_NO_GUID)
            if not any(kept.get(name) for name in ("MasterFileName", "MasterFile", "LibraryPackageName", "Type")):
                self._reading.find(NO_TYPE.at(self._place("MasterFileName"), expected="the array's type"))
        elif local == "UserAttribute":
            self._attribute = kept.get("Name", "")
            if len(self.attributes) < _MOST_LISTED:
                self.attributes.append(self._attribute)
        for column, value in kept.items():
            if column.endswith("GUID") and column != "GUID" and value and not _GUID.fullmatch(value):
                self._reading.find(GUID.at(self._place(column), expected="digits and hyphens", got=value))
            if column == "CreatedDateTime" and value.strip() and not is_moment(value):
                self._reading.find(DATE.at(self._place(column), expected="a date and a time", got=value))
            said_of = self._attribute if column in ("Value", "DefaultValue") and local != "ArrayAttribute" else column
            self._judge_person(said_of, value)

    def _judge_identity(self, members: Mapping[str, str], rule: Rule) -> None:
        column = "GUID"
        guid = members.get(column, "")
        if not guid:
            self._reading.find(rule.at(self._place(column), expected="a unique identifier"))
        elif not _GUID.fullmatch(guid):
            self._reading.find(GUID.at(self._place(column), expected="digits and hyphens", got=guid))
        elif guid in self._guids:
            self._reading.find(GUID_TWICE.at(self._place(column), expected="another identifier", got=guid))
        self._guids.add(guid)

    def _judge_person(self, column: str, value: str) -> None:
        self.is_synthetic = self.is_synthetic or "synthetic" in value.lower()
        names_sample = bool(re.search(r"(?i)sample|donor|patient|subject|individual|arrayname", column))
        sign = sign_of(column, value, names_sample=names_sample)
        if _SAMPLE_NAME.search(column) and len(self.samples) < _MOST_LISTED:
            self.samples.append((column, value))
        if sign is not None:
            self._reading.find(PERSONAL.at(self._place(column[:80]), expected="no person", sign=sign))

    def text(self, text: str) -> None:
        """Text inside an element."""
        if self._open and self._open[-1] == "UserAttributeValue" and len(self._said) < _MOST_LISTED:
            self._said.append(text[:_LONGEST])

    def end(self, name: str) -> None:
        """An element ends."""
        if self._open:
            self._open.pop()
        if name.rpartition(":")[2] == "UserAttributeValue":
            self._judge_person(self._attribute, "".join(self._said))
        self._said = []


class _Arr:
    """The ARR format (see :class:`catalog.formats.protocol.Format`)."""

    name = "arr"
    title = "Affymetrix sample file (ARR)"
    mediatype = "application/xml"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        NOT_XML,
        DOCTYPE,
        ROOT,
        PLACED,
        NO_GUID,
        ARRAY_NO_GUID,
        GUID,
        GUID_TWICE,
        DATE,
        NO_ARRAY,
        NO_TYPE,
        LARGE,
        PERSONAL,
        SAMPLE,
    )

    def sniff(self, head: Head) -> int:
        """Sure of the root element, in UTF-8 or UTF-16."""
        start = head.text[:8192]
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            if f"<{_ROOT}".encode(encoding) in start and "<".encode(encoding) in start[:8]:
                return SURE
        return BY_NAME if head.has_suffix(".arr") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``file_guid``, ``version``, ``created``, ``samples`` (always 1), ``arrays`` (how many), ``chip_types``,
        ``attributes`` (names of the sample's attributes), ``synthetic``.

        Evidence: ``identifiers``: GUIDs of the file and of its arrays, then the arrays' barcodes.
        """
        parser = expat.ParserCreate()
        document = _Document(reading, parser)
        parser.StartDoctypeDeclHandler = document.start_doctype
        parser.StartElementHandler = document.start
        parser.EndElementHandler = document.end
        parser.CharacterDataHandler = document.text
        parser.buffer_text = True
        try:
            size = 0
            for block in reading.source.blocks():
                size += len(block)
                if size > _LARGEST_BYTES:
                    reading.find(LARGE.at(Place(offset=size), expected=f"at most {_LARGEST_BYTES} bytes"))
                    raise _Refused
                parser.Parse(block, False)
            parser.Parse(b"", True)
            if not document.arrays:
                reading.find(NO_ARRAY.at(expected="a PhysicalArray"))
        except expat.ExpatError as error:
            place = Place(line=error.lineno, column=error.offset + 1)
            reading.find(NOT_XML.at(place, expected="XML", problem=expat.ErrorString(error.code) or "error"))
        except (ValueError, LookupError) as error:
            # The parser knows few encodings besides those of Unicode.
            reading.find(NOT_XML.at(Place(line=1), expected="UTF-8 or UTF-16", problem=error))
        except _Refused:
            pass
        return _tell(reading, document)


ARR = _Arr()


def _tell(reading: Reading, document: _Document) -> Facts:
    """Puts the evidence down and returns the facts."""
    root, arrays = document.root, document.arrays
    note_sample(reading, SAMPLE, document.samples)
    guids = [root.get("GUID", ""), *(each.get("GUID", "") for each in arrays)]
    barcodes = [each.get("AffyBarcode", "") for each in arrays]
    reading.evidence["identifiers"] = [each for each in (*guids, *barcodes) if each][: 2 * _MOST_LISTED]
    chips = {each.get("MasterFileName") or each.get("MasterFile") or each.get("LibraryPackageName") for each in arrays}
    return as_facts(
        {
            "file_guid": root.get("GUID") or None,
            "version": root.get("Version") or None,
            "created": root.get("CreatedDateTime") or None,
            "samples": 1 if root else None,
            "arrays": len(arrays) if root else None,
            "chip_types": sorted(chip for chip in chips if chip)[:_MOST_LISTED] or None,
            "attributes": document.attributes or None,
            "synthetic": document.is_synthetic or None,
        }
    )
