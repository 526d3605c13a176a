"""The colours that BED and bedMethyl write."""

from __future__ import annotations

import re
from array import array

from catalog.kernels.intervals_layout import COLOURED, COLOURS, MOST_GROUPS, packed

_COLOUR = re.compile(rb"0|([0-9]{1,3}),([0-9]{1,3}),([0-9]{1,3})")
_REMEMBERED = 1024


class Colours:
    """Colours as BED writes them: three numbers to 255, or 0 for black. Right ones are remembered."""

    def __init__(self, tally: array[int]) -> None:
        """None is known.

        Args:
            tally: compiled code finds the packed colours there.
        """
        self._tally = tally
        self._right: set[bytes] = set()

    def is_right(self, text: bytes) -> bool:
        """Whether a text is a colour."""
        if text in self._right:
            return True
        match = _COLOUR.fullmatch(text)
        if match is None or any(int(part or 0) > 255 for part in match.groups()):
            return False
        number, known = packed(text), self._tally[COLOURED]
        if number and known < MOST_GROUPS:
            self._tally[COLOURS + known] = number
            self._tally[COLOURED] += 1
        if len(self._right) < _REMEMBERED:
            self._right.add(text)
        return True
