"""Tables of texts that the compiled path looks records up in, in memory whose address does not change.

Imported only for a large file.
"""

from __future__ import annotations

import ctypes
from array import array
from collections.abc import Iterator, Sequence

from catalog.kernels import vcf_state as at

_MASK = (1 << 64) - 1
_MULTIPLIER = 0x9E3779B97F4A7C15
_SLOTS = 4096
_MOST_KEYS = 1_000
_PADDING = 64
_WORD = 8


def numbers(size: int) -> array[int]:
    """So many 64-bit integers, all zero."""
    return array("q", bytes(_WORD * size))


def address_of(held: array[int]) -> int:
    """Where an array lies; it must not grow while the address is used."""
    return held.buffer_info()[0]


def marks_of(text: bytes) -> int:
    """How many bytes of a text the kernel marks as ends of values."""
    return sum(byte < 33 or byte > 126 or byte in b"%,:;=" for byte in text)


class TextTable:
    """Texts with a row of numbers each: address, size and marked bytes of the text, a count, and more.

    Attributes:
        texts: the texts by their numbers, in order.
        rows: their rows.
    """

    def __init__(self, row: int) -> None:
        self.texts: dict[bytes, int] = {}
        self.rows: array[int] = array("q")
        self._row = row
        self._held: list[object] = []

    @property
    def number(self) -> int:
        """How many there are."""
        return len(self.texts)

    def hold(self, text: bytes) -> int:
        """Keeps a text, with room behind it, and says where it is."""
        held = ctypes.create_string_buffer(text, len(text) + _PADDING)
        self._held.append(held)
        return ctypes.addressof(held)

    def add(self, text: bytes, rest: Sequence[int]) -> None:
        """Adds a text with the numbers that follow its count."""
        self.texts[text] = self.number
        row = [self.hold(text), len(text), marks_of(text), 0, *rest]
        self.rows.extend(row + [0] * (self._row - len(row)))

    def counts(self, place: int) -> Iterator[tuple[bytes, int]]:
        """The texts with their counts, where those are not zero."""
        for text, number in self.texts.items():
            if count := self.rows[number * self._row + place]:
                yield text, count


class KeyTable(TextTable):
    """INFO keys, found by a hash of their text.

    Attributes:
        slots: numbers of keys by their hash, -1 for none.
    """

    def __init__(self) -> None:
        super().__init__(at.KEY_ROW)
        self.slots = array("q", [-1] * _SLOTS)
        self.rows.extend([0] * at.KEY_ROW)
        self.rows[at.KEY_SIZE] = -1
        self.texts[b""] = 0

    @property
    def has_room(self) -> bool:
        """Whether one more can be added."""
        return self.number < _MOST_KEYS

    def add_key(self, key: bytes, field: tuple[int, int], *, is_counted: bool) -> None:
        """Adds a key.

        Args:
            key: its text.
            field: what its values are, and how many.
            is_counted: whether records with it are counted.
        """
        number = self.texts[key] = self.number
        row = [0] * at.KEY_ROW
        row[at.KEY_TEXT], row[at.KEY_SIZE] = self.hold(key), len(key)
        row[at.KEY_HEAD], row[at.KEY_HEAD_MASK] = _word(key[:_WORD])
        row[at.KEY_TAIL], row[at.KEY_TAIL_MASK] = _word(key[_WORD : 2 * _WORD])
        row[at.KEY_KIND], row[at.KEY_NUMBER] = field
        row[at.KEY_IS_COUNTED] = is_counted
        self.rows.extend(row)
        slot = _hash(key) % _SLOTS
        while self.slots[slot] >= 0:
            slot = (slot + 1) % _SLOTS
        self.slots[slot] = number


def _word(text: bytes) -> tuple[int, int]:
    """Up to eight bytes as a signed number, and the mask of as many."""
    mask = (1 << 8 * len(text)) - 1
    return _signed(int.from_bytes(text, "little")), _signed(mask)


def _signed(number: int) -> int:
    return number - (1 << 64) if number >> 63 else number


def _hash(key: bytes) -> int:
    """The same as the kernel's."""
    value = len(key)
    for byte in key:
        value = ((value ^ byte) * _MULTIPLIER) & _MASK
    return value >> 32
