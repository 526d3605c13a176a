"""Indexes that are plain lists: CRAI, the slices of a CRAM file (CRAMv3, 12), and GZI, the blocks of a BGZF file."""

from __future__ import annotations

import re
import struct
from array import array

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.cursor import Cursor
from catalog.formats.indexes.binning import forbidden
from catalog.formats.indexes.evidence import INDEX, MOST_PLACES, MOST_REFERENCES, IndexContent, Reference
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, numbered_lines
from catalog.model import Tier

_CRAM = "CRAMv3, 12 (CRAM index)"
_AGAIN = "make the index again (samtools index)"

CRAI_PLAIN = forbidden(
    "crai-not-gzip",
    "the index is not compressed with gzip",
    "compress it with gzip, or make it again (samtools index)",
    f"{_CRAM}: a gzipped tab delimited file",
)
CRAI_COLUMNS = forbidden(
    "crai-columns",
    "a line has not six columns",
    _AGAIN,
    f"{_CRAM}: reference, start, span, container, slice and its size, separated by tabs; each line is a slice",
)
CRAI_NUMBER = forbidden("crai-number", "{column} is no whole number", _AGAIN, f"{_CRAM}: columns 1 to 6")
CRAI_RANGE = forbidden(
    "crai-range",
    "{column} cannot be right",
    _AGAIN,
    f"{_CRAM}: reference numbers from 0, or -1 for unmapped data and never -2; byte offsets and sizes",
    "A program that follows the index reads from the middle of a container.",
)
CRAI_UNMAPPED = Rule(
    "crai-unmapped-span",
    Severity.WARNING,
    Level.SPEC,
    "a slice of unmapped reads has a start or a span",
    "nothing is lost: readers ignore both",
    f"{_CRAM}: it is recommended that they are both set to zero",
)

#: htslib counts one base for a slice that lies nowhere.
_SPAN_OF_NOTHING = 1
_NUMBER = re.compile(rb"-?[0-9]{1,18}")
_LINE = re.compile(rb"-?[0-9]+\t-?[0-9]+\t-?[0-9]+\t[0-9]+\t[0-9]+\t[0-9]+\r?(?:\n|\Z)")
#: The columns, and the lowest value of each. A file starts with 26 bytes of definition (CRAMv3, 6) and a container.
_COLUMNS = (
    ("reference", -1),
    ("start", 0),
    ("span", 0),
    ("container", 27),
    ("slice", 1),
    ("size", 1),
)


class CraiFormat:
    """The index of CRAM files."""

    name = "crai"
    title = "CRAM index (CRAI)"
    mediatype = "text/tab-separated-values"
    edam = None
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (CRAI_PLAIN, CRAI_COLUMNS, CRAI_NUMBER, CRAI_RANGE, CRAI_UNMAPPED)

    def sniff(self, head: Head) -> int:
        """By name: six columns of numbers may be anything."""
        if not head.has_suffix(".crai"):
            return NO
        return SURE if _LINE.match(head.text) or not head.text else BY_NAME

    def read(self, reading: Reading) -> Facts:
        """Reads an index once; facts: slices (lines). The evidence ``index`` has the references and containers."""
        content = IndexContent(kind=self.name, references={})
        if reading.source.container == "plain":
            reading.find(CRAI_PLAIN.at(Place(offset=0), expected="gzip", got="plain text"))
        lines = 0
        for number, line in numbered_lines(reading):
            lines += 1
            values = _judge_line(number, line, reading)
            if values is None:
                content.slices.forget()
            else:
                _keep(values, content)
        if not reading.source.findings:
            reading.evidence[INDEX] = content
        return {"slices": lines}


def _judge_line(number: int, line: bytes, reading: Reading) -> tuple[int, ...] | None:
    """The numbers of a line; None when there is something wrong with it."""
    cells = line.split(b"\t", len(_COLUMNS))
    if len(cells) != len(_COLUMNS):
        reading.find(CRAI_COLUMNS.at(Place(line=number), expected="six columns", got=line))
        return None
    for (column, _), cell in zip(_COLUMNS, cells, strict=True):
        if not _NUMBER.fullmatch(cell):
            place = Place(line=number, column=column)
            reading.find(CRAI_NUMBER.at(place, expected="a whole number", got=cell, column=column))
            return None
    values = tuple(map(int, cells))
    unmapped = values[0] == -1
    for index, (column, lowest) in enumerate(_COLUMNS):
        if values[index] < lowest and not (unmapped and column in ("start", "span")):
            place = Place(line=number, column=column)
            reading.find(CRAI_RANGE.at(place, expected=f"{lowest} or more", got=values[index], column=column))
            return None
    if unmapped and (values[1] or values[2] > _SPAN_OF_NOTHING):
        reading.find(CRAI_UNMAPPED.at(Place(line=number, column="start"), expected="0 and 0", got=line))
    return values


def _keep(values: tuple[int, ...], content: IndexContent) -> None:
    content.places.add(values[3] << 16)
    content.slices.add(values)
    if content.references is not None:
        content.references.setdefault(values[0], Reference(is_used=True))
        if len(content.references) > MOST_REFERENCES:
            content.references = None


_BGZIP = "bgzip(1), gzi format"

GZI_SIZE = forbidden(
    "gzi-size",
    "the size of the index is not that of its entries",
    "make the index again (bgzip -r)",
    f"{_BGZIP}: a count of eight bytes, then two numbers of eight bytes for each block",
)
GZI_ORDER = forbidden(
    "gzi-order",
    "an entry does not lie behind the one before",
    "make the index again (bgzip -r)",
    f"{_BGZIP}: the compressed and the uncompressed offset of every block but the first, in order",
    "A program that follows the index reads other bytes than were asked for.",
)


class GziFormat:
    """The index of BGZF files by block."""

    name = "gzi"
    title = "bgzip index (GZI)"
    mediatype = "application/octet-stream"
    edam = None
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (GZI_SIZE, GZI_ORDER)

    def sniff(self, head: Head) -> int:
        """By name: the format has no magic."""
        return BY_NAME if head.has_suffix(".gzi") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads an index once; facts: blocks (entries). The evidence ``index`` has the starts of the blocks."""
        cursor = Cursor(reading.source)
        content = IndexContent(kind=self.name, blocks=array("Q"))
        claimed = int.from_bytes(cursor.take(8), "little")
        entries = 0
        last = (0, 0)
        rest = 0
        for piece in cursor.pieces(claimed * 16, 16):
            rest = len(piece) % 16
            for place in struct.iter_unpack("<QQ", piece[: len(piece) - rest]):
                if place[0] <= last[0] or place[1] < last[1]:
                    where = Place(record=entries + 1, offset=8 + 16 * entries)
                    reading.find(GZI_ORDER.at(where, expected="offsets that increase", got=f"{place} after {last}"))
                last = place
                content.places.add(place[0] << 16)
                entries += 1
                if content.blocks is not None:
                    content.blocks.extend(place)
                    if entries > MOST_PLACES:
                        content.blocks = None
        if entries != claimed or rest or not cursor.ended or cursor.offset < 8:
            if not reading.source.findings:
                got = f"{entries} entries and other bytes" if entries == claimed else f"{entries} entries"
                reading.find(GZI_SIZE.at(Place(offset=cursor.offset), expected=f"{claimed} entries", got=got))
        elif not reading.source.findings:
            reading.evidence[INDEX] = content
        return {"blocks": entries}


CRAI = CraiFormat()
GZI = GziFormat()
