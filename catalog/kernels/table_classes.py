"""Classes of bytes for the kernel of tables, and which three of them in a row may end what looks like genotypes.

Made for the patterns of ``HINT`` in :mod:`catalog.formats.genotypes`: whatever these find, the classes find as well; what
only the classes find is looked at by plain code, which decides.
"""

from __future__ import annotations

import string

_DIGITS, _CALLS, _LETTERS = string.digits, "ACGT", string.ascii_letters
_ANY = "".join(map(chr, range(256)))
#: Ends of the patterns. The last but one is ``\\b[ACGT]{2}\\b``: only where the word has two letters.
_ENDS = (
    ("rR", "sS", _DIGITS),
    (_ANY, "*", _DIGITS),
    ("L", "A", "-"),
    ("ACGT01.", "/|", "ACGT01."),
    ("S", _DIGITS, _DIGITS),
    ("_", "A", "-"),
    ("A", "X", "-"),
    ("e", "x", "m"),
    ("k", "g", "p"),
    (_DIGITS, ":_-", "ACGTN"),
    (_DIGITS, ":", _DIGITS),
    ("sS", "iI", "dD"),
    ("sS", "nN", "pP"),
    ("oO", "tT", "yY"),
)
_WORD = frozenset(_LETTERS + _DIGITS + "_")
_TOKEN = frozenset(_LETTERS + _DIGITS + "+/_-")
_BASES = frozenset("ACGTNacgtn")
_NUMBER = _DIGITS + ".eE-+"

#: Bits above the class: letter of a word, of a token (base64), of a sequence; bytes that plain code looks at.
WORD, TOKEN, BASE, BAD = 1 << 8, 1 << 9, 1 << 10, 1 << 11
LOOK, LOOK_AT_PAIR = 1, 2
#: As long as the shortest token and the shortest sequence of ``HINT``.
LONG_TOKEN, LONG_SEQUENCE = 32, 25


def _signature(character: str) -> tuple[bool, ...]:
    sets = [each for end in _ENDS for each in end]
    return tuple(character in each for each in (*sets, _CALLS, _WORD, _NUMBER))


def _classes() -> list[int]:
    """The class of each byte; those of characters in numbers come first."""
    known: dict[tuple[bool, ...], int] = {}
    for character in (*_NUMBER, *_ANY):
        known.setdefault(_signature(character), len(known))
    return [known[_signature(character)] for character in _ANY]


_CLASS = _classes()
KINDS = max(_CLASS) + 1
OTHER = _CLASS[ord(" ")]
IN_NUMBERS = max(_CLASS[ord(character)] for character in _NUMBER) + 1


def byte_classes() -> list[int]:
    """For each byte its class and bits."""
    found = []
    for byte, character in enumerate(_ANY):
        value = _CLASS[byte]
        for bit, members in ((WORD, _WORD), (TOKEN, _TOKEN), (BASE, _BASES)):
            value |= bit if character in members else 0
        found.append(value | (BAD if byte < 32 or byte == 127 else 0))
    return found


def grams() -> bytes:
    """For each three classes in a row whether they may end a pattern."""
    found = bytearray(KINDS**3)
    kinds = {character: _CLASS[byte] for byte, character in enumerate(_ANY)}
    others = {kinds[each] for each in _ANY if each not in _WORD}
    calls = {kinds[each] for each in _CALLS}
    ends = [(calls, calls, others, LOOK_AT_PAIR)]
    ends += [(*({kinds[each] for each in members} for members in end), LOOK) for end in _ENDS]  # type: ignore[misc]
    for firsts, seconds, thirds, mark in ends:
        for first in firsts:
            for second in seconds:
                for third in thirds:
                    found[(first * KINDS + second) * KINDS + third] = mark
    return bytes(found)
