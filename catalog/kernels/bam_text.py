"""Texts, names and base qualities in BAM records, judged eight bytes at a time.

A byte is at or above a bound when adding what the bound lacks to 128 sets its high bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import bam_state as counter
from catalog.kernels import kernel
from catalog.kernels.bam_loads import load8, load64

_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
_TO_33, _TO_32, _TO_127, _TO_94, _TO_30 = (
    np.uint64(0x0101010101010101 * (128 - bound)) for bound in (33, 32, 127, 94, 30)
)
_AT_SIGN = np.uint64(0x4040404040404040)
_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_FOURS = np.uint64(0x0000FFFF0000FFFF)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_TURN, _8, _16, _32, _7, _56 = (np.uint64(bits) for bits in (29, 8, 16, 32, 7, 56))


@kernel
def mixed(digest: Any, word: Any) -> Any:
    """A digest with eight more bytes in it."""
    digest = (digest ^ word) * _MIX
    return digest ^ (digest >> _TURN)


@kernel
def digest_of(buffer: Any, at: int, size: int) -> Any:
    """A number for a text, never 0."""
    digest = np.uint64(size) * _MIX
    end = at + size
    while at + 8 <= end:
        digest = mixed(digest, load64(buffer, at))
        at += 8
    word = np.uint64(0)
    while at < end:
        word = word << _8 | np.uint64(load8(buffer, at))
        at += 1
    digest = mixed(digest, word)
    return digest if digest != 0 else _MIX


@kernel
def read_key(digest: Any, flag: int) -> Any:
    """A number for a read: the digest of its name, and which read of its template it is; never 0."""
    key = mixed(digest, np.uint64(flag & 0xC1))
    return np.int64(key) if key != 0 else np.int64(1)


@kernel
def is_name(buffer: Any, at: int, end: int) -> Any:
    """Whether all bytes may stand in the name of a read: ! to ~ without @."""
    good = _HIGH
    while at + 8 <= end:
        word = load64(buffer, at)
        low = word & _LOW
        other = word ^ _AT_SIGN
        good &= (low + _TO_33) & ~(low + _TO_127) & ~word & (((other & _LOW) + _LOW) | other)
        at += 8
    is_good = good == _HIGH
    while at < end:
        byte = load8(buffer, at)
        is_good &= 33 <= byte <= 126 and byte != 64
        at += 1
    return is_good


@kernel
def text_end(buffer: Any, at: int, end: int) -> int:
    """Where the NUL behind printable characters is; -1 when there is none or another character comes first."""
    while at + 8 <= end:
        word = load64(buffer, at)
        low = word & _LOW
        if (low + _TO_32) & ~(low + _TO_127) & ~word & _HIGH != _HIGH:
            break
        at += 8
    while at < end:
        byte = load8(buffer, at)
        if byte < 32 or byte > 126:
            return at if byte == 0 else -1
        at += 1
    return -1


@kernel
def count_scores(buffer: Any, at: int, size: int, state: Any) -> bool:
    """Counts base qualities; False, and nothing counted, when one of them is above 93."""
    first, end = at, at + size
    total, good, bad = np.uint64(0), np.uint64(0), np.uint64(0)
    while at + 8 <= end:
        word = load64(buffer, at)
        low = word & _LOW
        bad |= (low + _TO_94) | word
        good += (((low + _TO_30) & _HIGH) >> _7) * _ONES >> _56
        pairs = (word & _PAIRS) + ((word >> _8) & _PAIRS)
        fours = (pairs & _FOURS) + ((pairs >> _16) & _FOURS)
        total += (fours & np.uint64(0xFFFFFFFF)) + (fours >> _32)
        at += 8
    is_good = bad & _HIGH == 0
    rest, rest_good = 0, 0
    while at < end:
        score = load8(buffer, at)
        is_good &= score <= 93
        rest += score
        rest_good += score >= 30
        at += 1
    if not is_good:
        while first < end and load8(buffer, first) == 255:
            first += 1
        return first == end
    state[counter.SCORES] += size
    state[counter.SCORE_SUM] += np.int64(total) + rest
    state[counter.SCORES_30] += np.int64(good) + rest_good
    return True
