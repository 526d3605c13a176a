"""The columns of one line of BED, judged by GA4GH BEDv1.0, 1.5-1.9."""

from __future__ import annotations

import re
from array import array

from catalog.formats.intervals import bed_rules as rules
from catalog.formats.intervals.colours import Colours
from catalog.formats.intervals.contigs import NO_LENGTH, Contigs
from catalog.formats.intervals.margin import Margin
from catalog.kernels.intervals_layout import LENGTH, STRANDS

_MOST = (1 << 64) - 1
_LONGEST_NUMBER = 20
_TEXT = re.compile(rb"[ -~]{1,255}")
_PRINTABLE = bytes(range(0x20, 0x7F))
_LIST = b"0123456789,"
_ELEMENT = re.compile(rb"[0-9]+")
_MOST_COLOURS = 8


def whole(text: bytes) -> int | None:
    """A whole number from 0 to 2^64-1; None for any other text."""
    if not text.isdigit():
        return None
    if len(text) > _LONGEST_NUMBER:
        text = text.lstrip(b"0")[: _LONGEST_NUMBER + 1] or b"0"
    number = int(text)
    return number if number <= _MOST else None


class Fields:
    """Judges the columns from the second on."""

    def __init__(self, margin: Margin, contigs: Contigs, tally: array[int]) -> None:
        """Nothing was read.

        Args:
            margin: where findings are noted.
            contigs: the contig that the line is on.
            tally: shared with compiled code.
        """
        self._margin = margin
        self._contigs = contigs
        self._tally = tally
        self._right_colours = Colours(tally)
        self._colours: set[bytes] = set()
        self.blocks = 0

    def interval(self, number: int, start_text: bytes, end_text: bytes) -> tuple[int, int] | None:
        """Start and end; None when there are none to go on with."""
        start, end = whole(start_text), whole(end_text)
        for column, position, text in (("chromStart", start, start_text), ("chromEnd", end, end_text)):
            if position is None:
                self._margin.note(rules.POSITION, number, column, "a whole number from 0", text)
        if start is None or end is None:
            return None
        length = self._tally[LENGTH]
        if end < start:
            self._margin.note(rules.BACKWARDS, number, "chromEnd", "the start, or higher", f"{start} to {end}")
            return None
        if end > length != NO_LENGTH:
            self._margin.note(rules.PAST_END, number, "chromEnd", self._contigs.assembly, end)
        elif start == end:
            self._margin.note(rules.EMPTY, number, "chromEnd", "higher than the start", f"{start} to {end}")
        return start, end

    def simple(self, number: int, fields: list[bytes], standard: int) -> None:
        """Name, score and strand."""
        note = self._margin.note
        if standard > 3:
            if not _TEXT.fullmatch(fields[3]):
                note(rules.NAME, number, "name", "1 to 255 printable characters", fields[3])
            elif b" " in fields[3]:
                note(rules.NAME_BLANK, number, "name", "no blanks", fields[3])
        if standard > 4:
            score = whole(fields[4])
            if score is None or score > 1000:
                note(rules.SCORE, number, "score", "0 to 1000", fields[4])
        if standard > 5:
            if fields[5] not in {b"+", b"-", b"."}:
                note(rules.STRAND, number, "strand", "+, - or .", fields[5])
            else:
                self._tally[STRANDS + b"+-.".index(fields[5])] += 1

    def display(self, number: int, fields: list[bytes], standard: int, interval: tuple[int, int]) -> None:
        """Thick part and colour."""
        note, (low, end) = self._margin.note, interval
        for column, text in zip(("thickStart", "thickEnd"), fields[6 : min(standard, 8)], strict=False):
            thick = whole(text)
            if thick is None:
                note(rules.POSITION, number, column, "a whole number from 0", text)
            elif not low <= thick <= end:
                expected = "inside of the interval" if column == "thickStart" else "from thickStart to chromEnd"
                note(rules.THICK, number, column, expected, thick)
            else:
                low = thick
        if standard > 8:
            if not self._right_colours.is_right(fields[8]):
                note(rules.COLOUR, number, "itemRgb", "0, or three numbers to 255", fields[8])
            elif fields[8] not in self._colours and len(self._colours) <= _MOST_COLOURS:
                self._colours.add(fields[8])
                if len(self._colours) > _MOST_COLOURS:
                    note(rules.COLOURS, number, "itemRgb", "at most eight colours", fields[8])

    def block_columns(self, number: int, fields: list[bytes], interval: tuple[int, int]) -> None:
        """The number of blocks, their sizes and starts."""
        length = interval[1] - interval[0]
        count = whole(fields[9])
        # An interval between two bases has no room for a block; one block of no size is what can be written.
        if count is None or not 1 <= count <= max(1, length):
            self._margin.note(rules.BLOCK_COUNT, number, "blockCount", "1 to the length of the interval", fields[9])
            return
        for column, text in (("blockSizes", fields[10]), ("blockStarts", fields[11])):
            listed = text.removesuffix(b",")
            is_list = not text.translate(None, _LIST) and b",," not in text and not text.startswith(b",")
            if not is_list or not listed or listed.count(b",") + 1 != count:
                self._margin.note(rules.BLOCK_LIST, number, column, "as many numbers as blockCount", text)
                return
        problem = _blocks_problem(fields[10], fields[11], length)
        if problem:
            self._margin.note(rules.BLOCKS, number, "blockStarts", problem, b" ".join(fields[10:12]))
        else:
            self.blocks += count

    def custom(self, number: int, fields: list[bytes], standard: int, is_tab: bool) -> None:
        """Columns of the user's own."""
        for column, text in enumerate(fields[standard:], standard + 1):
            if text.translate(None, _PRINTABLE) or not (text or is_tab):
                self._margin.note(rules.CUSTOM, number, str(column), "printable ASCII", text)
                return


def _blocks_problem(sizes: bytes, starts: bytes, length: int) -> str:
    """What is wrong with the blocks of an interval; read one by one, because a line may have very many."""
    end = 0
    pairs = zip(_ELEMENT.finditer(starts), _ELEMENT.finditer(sizes), strict=True)
    for index, (start_text, size_text) in enumerate(pairs):
        start, size = whole(start_text[0]), whole(size_text[0])
        if start is None or size is None or start + size > length:
            return "blocks inside of the interval"
        if index == 0 and start:
            return "the first start is 0"
        if start < end:
            return "blocks in order, without overlap"
        end = start + size
    return "" if end == length else "the last block ends with the interval"
