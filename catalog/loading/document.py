"""A loaded document: its value, the place of every part, and what was wrong with its text."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from catalog.findings import Finding, Level, Place, Rule, Severity

#: The way to a part of a document: mapping keys and list positions from the root.
Path = tuple[str | int, ...]

#: Records, settings and tables are read whole; a larger file of that kind is refused.
LARGEST_DOCUMENT_BYTES = 16 << 20

_ENCODING = "Unicode 15, 3.10 (encoding schemes); RFC 3629"

TOO_LARGE = Rule(
    "text-too-large",
    Severity.ERROR,
    Level.BANK,
    "the document is larger than {limit} bytes",
    "records and tables are small: move data into a file of its own",
    "fairline",
    "Documents are read whole into memory; a bound keeps one bad file from stopping a bank.",
)
BYTE_ORDER_MARK = Rule(
    "text-bom",
    Severity.ERROR,
    Level.BANK,
    "the text starts with a byte order mark",
    "save the file as UTF-8 without BOM",
    _ENCODING,
    "The mark becomes part of the first key or column name for most readers.",
)
UTF16 = Rule(
    "text-utf16",
    Severity.ERROR,
    Level.BANK,
    "the text is {encoding}, not UTF-8",
    "save the file as UTF-8 (in Excel: 'CSV UTF-8'; in Notepad: encoding UTF-8)",
    _ENCODING,
    "Two-byte text is read as garbage by every tool that expects UTF-8.",
)
NOT_UTF8 = Rule(
    "text-not-utf8",
    Severity.ERROR,
    Level.BANK,
    "a byte is not UTF-8",
    "save the file as UTF-8; the byte may come from an old Windows or EUC-KR encoding",
    _ENCODING,
    "A guessed encoding turns names into other names.",
)
CONTROL = Rule(
    "text-control",
    Severity.ERROR,
    Level.BANK,
    "the text has a control character",
    "delete the character; it is invisible in most editors. Only long texts such as notes may have line ends",
    "YAML 1.2.2, 5.1 (c-printable); RFC 8259, 7",
    "NUL and its kin end strings early and hide text in terminals.",
)

TEXT_RULES = (TOO_LARGE, BYTE_ORDER_MARK, UTF16, NOT_UTF8, CONTROL)

_UTF16_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u2028\u2029\ufeff\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a reader made of some bytes.

    Attributes:
        value: the plain value (dict, list, str, int, float, bool, None); None when refused.
        places: line and column (from 1) of each part, by its path from the root.
        findings: what was wrong; with an error among them ``value`` must not be used.
    """

    value: object = None
    places: Mapping[Path, Place] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the value may be used: no finding is an error."""
        return all(finding.severity is not Severity.ERROR for finding in self.findings)

    def place(self, path: Path) -> Place:
        """The place of a part, or of its nearest known ancestor."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place())


def decode_text(content: bytes) -> tuple[str | None, list[Finding]]:
    """The text of a document, strictly UTF-8, or findings.

    Returns:
        The text with its line ends as they are, and no findings; or None and at least one finding.
    """
    if len(content) > LARGEST_DOCUMENT_BYTES:
        return None, [TOO_LARGE.at(got=f"{len(content)} bytes", limit=LARGEST_DOCUMENT_BYTES)]
    for mark, encoding in _UTF16_MARKS.items():
        if content.startswith(mark):
            return None, [
                UTF16.at(Place(line=1, column=1, offset=0), expected="UTF-8", got=encoding, encoding=encoding)
            ]
    if content.startswith(codecs.BOM_UTF8):
        place = Place(line=1, column=1, offset=0)
        return None, [BYTE_ORDER_MARK.at(place, expected="no byte order mark", got="EF BB BF")]
    if content[:2].count(0) == 1 and len(content) > 1:
        return None, [
            UTF16.at(Place(line=1, column=1, offset=0), expected="UTF-8", got="UTF-16 without mark", encoding="UTF-16")
        ]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        place = place_of(content[: error.start].decode("utf-8"), error.start)
        return None, [NOT_UTF8.at(place, expected="UTF-8", got=f"byte 0x{content[error.start]:02X}")]
    match = _CONTROLS.search(text)
    if match is not None:
        place = place_of(text[: match.start()], len(text[: match.start()].encode()))
        return None, [CONTROL.at(place, expected="printable text", got=f"U+{ord(match[0]):04X}")]
    return text, []


def place_of(before: str, offset: int) -> Place:
    """The place right after some text.

    Args:
        before: the text from the start of the document.
        offset: its length in bytes.
    """
    last = before.rfind("\n")
    return Place(line=before.count("\n") + 1, column=len(before) - last, offset=offset)
