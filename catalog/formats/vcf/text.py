"""The text of a VCF: its lines, encoding, line ends and blank lines (VCFv4.3, 1.2)."""

from __future__ import annotations

from catalog.formats.protocol import Reading
from catalog.formats.vcf.grammar import CONTROLS
from catalog.formats.vcf.margin import Margin, forbidden, unusual

_TEXT = "VCFv4.3, 1.2 (character encoding)"

ENCODING = forbidden(
    "vcf-encoding",
    "the line is not UTF-8",
    "save the file as UTF-8 (iconv -t UTF-8)",
    f"{_TEXT}: the character encoding of VCF files is UTF-8",
)
ENCODING_UNUSUAL = unusual(
    "vcf-encoding-unusual",
    "the line is not UTF-8, or has control characters",
    "save the file as UTF-8 without control characters",
    f"{_TEXT}; not stated before VCFv4.3",
)
CONTROL = forbidden(
    "vcf-control-character",
    "the line has a control character",
    "delete it, or write it percent-encoded",
    f"{_TEXT}: non-printable characters are disallowed, and line ends only at the end of a line",
)
LINE_END = unusual(
    "vcf-line-end-windows",
    "the lines end with CR+LF",
    "convert the line ends (dos2unix), or name VCFv4.3 as version",
    "VCFv4.3, 1 allows LF and CR+LF; not stated before",
    "Older programs take the CR for a part of the last column.",
)
NO_NEWLINE = forbidden(
    "vcf-final-newline",
    "the last record has no line end",
    "append a line end; look whether the file was cut",
    "VCFv4.3, 1.6: the last data line must end with a line separator",
    "The file may have been cut in the middle of a record.",
)
NO_NEWLINE_UNUSUAL = unusual(
    "vcf-final-newline-unusual",
    "the last line has no line end",
    "append a line end; look whether the file was cut",
    "VCFv4.3, 1.6; not stated before VCFv4.3",
)
BLANK = forbidden(
    "vcf-blank-line",
    "a blank line within the file",
    "delete it",
    "VCFv4.3, 1: meta-information lines, a header line and data lines; zero length fields are not allowed",
)
BLANK_LAST = unusual(
    "vcf-blank-last-line", "a blank line at the end of the file", "delete it", "VCFv4.3, 1: there are no blank lines"
)

TEXT_RULES = (ENCODING, ENCODING_UNUSUAL, CONTROL, LINE_END, NO_NEWLINE, NO_NEWLINE_UNUSUAL, BLANK, BLANK_LAST)


def check_text(stored: bytes, margin: Margin) -> None:
    """Judges encoding, control characters and line end of one line, given with the CR that it may have."""
    if stored.isascii() and len(stored.translate(None, CONTROLS)) == len(stored):
        return
    strict = margin.minor >= 3
    line = stored.removesuffix(b"\r")
    if len(line) != len(stored) and not strict:
        margin.note(LINE_END, expected="LF")
    if len(line.translate(None, CONTROLS)) != len(line):
        margin.note(CONTROL if strict else ENCODING_UNUSUAL, expected="no control character", got=line)
    try:
        line.decode("utf-8")
    except UnicodeDecodeError as error:
        got = line[max(error.start - 10, 0) : error.end + 10]
        margin.note(ENCODING if strict else ENCODING_UNUSUAL, expected="UTF-8", got=got)


def check_end(reading: Reading, margin: Margin, *, with_records: bool) -> None:
    """Judges the end of the file; called after the last line."""
    if not reading.source.ends_with_newline:
        margin.note(NO_NEWLINE if margin.minor >= 3 and with_records else NO_NEWLINE_UNUSUAL, expected="a line end")
