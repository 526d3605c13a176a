"""The lines of a BED file and their columns: three kinds of line ends, and separators that may vary.

GA4GH BEDv1.0, 1.3-1.4: lines end with CR, LF or both, throughout the file alike; columns are separated by one or more
blanks or tabs. Only where a single tab is the separator throughout may names have blanks and custom columns be empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalog.formats.intervals import bed_rules as rules
from catalog.formats.intervals.bed_shape import standard_columns
from catalog.formats.intervals.margin import Margin

_BLANKS = re.compile(rb"[ \t]+")
#: Further columns are left together, so that memory stays bounded.
_MOST_COLUMNS = 1 << 16
_LF, _CR, _CRLF = "LF", "CR", "CR+LF"


class LineEnds:
    """Takes lines apart at CR too, and judges how they end.

    How a line ends is known only when the next one comes, because the last line may have no end.
    """

    def __init__(self, margin: Margin) -> None:
        """No line has come."""
        self._margin = margin
        self._first = ""
        self._open: tuple[int, str] | None = None
        self._more = 0

    def pieces(self, number: int, line: bytes) -> Iterator[tuple[int, bytes]]:
        """The lines, with their numbers, that stand in what ended at a LF (which is left out)."""
        self._close()
        begin, end = 0, _LF
        # One by one, because a line may have very many.
        while (cut := line.find(b"\r", begin)) >= 0:
            if cut == len(line) - 1:
                line, end = line[:-1], _CRLF
                break
            self._see(number + self._more, _CR)
            yield number + self._more, line[begin:cut]
            self._more += 1
            begin = cut + 1
        self._open = (number + self._more, end)
        yield number + self._more, line[begin:] if begin else line

    @property
    def is_usual(self) -> bool:
        """Whether lines end with LF in this file, so that such lines may be passed over."""
        return (self._first or (self._open[1] if self._open else "")) == _LF

    def pass_over(self, first: int, last: int) -> None:
        """Lines that end with LF were passed over, from the first number to the last."""
        self._close()
        self._see(first + self._more, _LF)
        self._open = (last + self._more, _LF)

    def _close(self) -> None:
        if self._open is not None:
            self._see(*self._open)
            self._open = None

    def _see(self, number: int, end: str) -> None:
        if not self._first:
            self._first = end
            if end != _LF:
                self._margin.note(rules.WHOLE_FILE.line_end, number, expected=_LF, got=end)
        elif end != self._first:
            self._margin.note(rules.LINE_ENDS, number, expected=self._first, got=end)

    def finish(self, ends_with_newline: bool) -> bool:
        """The file is over; whether its last line has an end."""
        if self._open is None:
            return True
        number, end = self._open
        if not ends_with_newline and end == _LF:
            return False
        self._see(number, end if ends_with_newline else _CR)
        return True


class Columns:
    """Takes lines apart into columns.

    Attributes:
        count: how many columns a line has; 0 before the first.
        is_tab: whether a single tab is the separator throughout, as far as was read.
    """

    def __init__(self) -> None:
        """No line has come."""
        self.count = 0
        self.is_tab = True
        self._words = 0

    def split(self, line: bytes) -> list[bytes]:
        """The columns of a line, perhaps more or fewer than :attr:`count`.

        A file is read as separated by single tabs until a line comes for which only blanks make sense, provided that
        the lines before had as many columns that way.
        """
        tabs = line.split(b"\t", _MOST_COLUMNS)
        is_plain = b" " not in line and b"" not in tabs
        if is_plain and self.is_tab and len(tabs) == self.count:
            self.pass_over()
            return tabs
        words = tabs if is_plain else _BLANKS.split(line, _MOST_COLUMNS)
        if not self.count:
            self.is_tab = is_plain or _is_tab_line(tabs, words)
            self._words = len(words)
            self.count = len(tabs) if self.is_tab else len(_inner(words))
        elif self.is_tab and len(tabs) != self.count and self._words == len(words):
            self.is_tab = False
            self.count = self._words
        elif self._words != len(words):
            self._words = 0
        return tabs if self.is_tab else words

    def pass_over(self) -> None:
        """Lines with :attr:`count` columns, a single tab between them and no blank, were passed over."""
        if self._words != self.count:
            self._words = 0


def _inner(words: list[bytes]) -> list[bytes]:
    """Words without the empty ones at the ends that blanks there leave."""
    begin, end = not words[0], len(words) - (not words[-1])
    return words[begin:end]


def _is_tab_line(tabs: list[bytes], words: list[bytes]) -> bool:
    """Whether the first line reads better with single tabs as separators."""
    if len(tabs) < 3 or any(b" " in each or not each for each in tabs[:3]):
        return False
    fits_words = standard_columns(words) == len(words)
    return not fits_words or standard_columns(tabs) == len(tabs)
