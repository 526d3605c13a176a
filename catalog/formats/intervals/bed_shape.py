"""The shape of a BED file: how many of its columns are those of BED, and how many are somebody's own (BED6+4).

GA4GH BEDv1.0, 4: that is said outside of the file. Here it is its name (``.bed6+4``, ``.narrowPeak``), or a comment that
names the columns; else columns are taken for those of BED, unless not one of many lines fits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath

FIELDS = (
    "chrom", "chromStart", "chromEnd", "name", "score", "strand", "thickStart", "thickEnd", "itemRgb",
    "blockCount", "blockSizes", "blockStarts",
)  # fmt: skip
_MOST = 12
_COLOUR, _SIZES = 8, 10
#: What programs call the columns from the fifth on, in lower case.
_CALLED = (
    {"score"},
    {"strand"},
    {"thickstart"},
    {"thickend"},
    {"itemrgb", "rgb", "color", "colour", "reserved"},
    {"blockcount"},
    {"blocksizes"},
    {"blockstarts", "chromstarts"},
)
_DIGITS, _LIST = rb"[0-9]+", rb"[0-9, ]+"
_LOOKS = tuple(
    re.compile(pattern)
    for pattern in (rb".*", _DIGITS, _DIGITS, rb".*", rb"-?[0-9]+", rb"[-+.]", _DIGITS, _DIGITS, rb"[0-9,]+", _DIGITS, _LIST, _LIST)
)  # fmt: skip
_NAMED = re.compile(r"\.bed([3-9]|12)(?:\+[0-9]*)?$")
_PEAKS = {".narrowpeak": 6, ".broadpeak": 6, ".gappedpeak": 12}
_COMPRESSED = (".gz", ".bgz", ".bgzf")
_FIRST_COLUMN = re.compile(r"#\s*(?:chr|chrom|chromosome|contig|seqname|seqnames|ref)$", re.IGNORECASE)
#: So many lines of which none fits are no mistake.
_ENOUGH_LINES = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """How many columns are those of BED.

    Attributes:
        standard: how many of the first columns are; 10 and 11 are prohibited.
        custom: how many follow.
        is_guessed: whether that was told by the lines alone, against the number of columns.
    """

    standard: int
    custom: int
    is_guessed: bool = False

    @property
    def columns(self) -> int:
        """How many columns there are."""
        return self.standard + self.custom

    def __str__(self) -> str:
        return f"BED{self.standard}" + (f"+{self.custom}" if self.custom else "")


def standard_columns(fields: list[bytes]) -> int:
    """How many of the first columns of a line look like those of BED, at a glance."""
    for column, (field, looks) in enumerate(zip(fields, _LOOKS, strict=False)):
        if not looks.fullmatch(field):
            return column
    return min(len(fields), _MOST)


def stated_by_name(name: str) -> int:
    """How many columns are those of BED by the file's name; 0 where it does not say."""
    stem = PurePath(name).name.lower()
    for suffix in _COMPRESSED:
        stem = stem.removesuffix(suffix)
    stem = stem.removesuffix(".bed") if _NAMED.search(stem.removesuffix(".bed")) else stem
    match = _NAMED.search(stem)
    return int(match[1]) if match else _PEAKS.get(PurePath(stem).suffix, 0)


def stated_by_comment(comment: bytes, columns: int) -> int:
    """How many columns are those of BED by a comment that names the columns; 0 where it does not."""
    text = comment.decode("latin-1").strip()
    for names in (text.split("\t"), text.split()):
        if len(names) == columns and _FIRST_COLUMN.match(names[0]):
            called = 4
            while called < min(columns, _MOST) and names[called].lower() in _CALLED[called - 4]:
                called += 1
            return min(called, columns)
    return 0


def shape_of(columns: int, stated: int, lines: list[list[bytes]]) -> Shape:
    """The shape of a file.

    Args:
        columns: how many columns its lines have, at least 3.
        stated: how many of them are said to be those of BED; 0 where nobody says.
        lines: columns of the first lines.
    """
    if stated:
        standard = min(stated, columns)
        return Shape(standard, columns - standard)
    same = [line for line in lines if len(line) == columns]
    is_usual = columns <= 9 or columns == _MOST
    fitting = standard_columns if is_usual else _columns_but_one
    standard = max(3, max(map(fitting, same), default=columns))
    if not is_usual and standard > 6 and not any(map(_is_displayed, same)):
        standard = 6
    if standard < columns and standard in {10, 11}:
        standard = 9
    if not is_usual:
        return Shape(standard, columns - standard)
    if standard < columns and len(same) >= _ENOUGH_LINES:
        return Shape(standard, columns - standard, is_guessed=True)
    return Shape(columns, 0)


def _columns_but_one(fields: list[bytes]) -> int:
    """How many of the first columns of a line look like those of BED, although one before a colour or blocks may not."""
    pairs = zip(fields, _LOOKS, strict=False)
    wrong = [column for column, (field, looks) in enumerate(pairs) if not looks.fullmatch(field)]
    first, second = (*wrong, _MOST, _MOST)[:2]
    until = min(second, len(fields))
    is_before = first < _COLOUR or first < _SIZES < until
    return until if is_before and _has_colour_or_blocks(fields[:until]) else min(first, until)


def _is_displayed(fields: list[bytes]) -> bool:
    """Whether columns from the seventh on are those of BED: thickStart and thickEnd inside of the interval, or behind."""
    if _has_colour_or_blocks(fields):
        return True
    if standard_columns(fields) < 8:
        return False
    start, end, thick_start, thick_end = (int(fields[each][:20]) for each in (1, 2, 6, 7))
    return start <= thick_start <= thick_end <= end


def _has_colour_or_blocks(fields: list[bytes]) -> bool:
    """Whether columns are there that hardly anything else has: a colour of three numbers, or sizes of blocks."""
    has_colour = len(fields) > _COLOUR and fields[_COLOUR].count(b",") == 2
    return has_colour or (len(fields) >= _MOST and b"," in fields[_SIZES])
