"""Texts, names and base qualities in BAM records, judged eight bytes at a time.

A byte is at or above a bound when adding what the bound lacks to 128 sets its high bit.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from catalog.kernels import bam_state as counter
from catalog.kernels.bam_loads import BAD_AT, GOOD_AT, ROW_BYTES, count_row, load8, load64
from catalog.kernels.memory import part

_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_LOW = np.uint64(0x7F7F7F7F7F7F7F7F)
_TO_33, _TO_32, _TO_127, _TO_94, _TO_30 = (
    np.uint64(0x0101010101010101 * (128 - bound)) for bound in (33, 32, 127, 94, 30)
)
_GOOD = np.uint64(0x2121212121212121)
_AT_SIGN = np.uint64(0x4040404040404040)
_PAIRS = np.uint64(0x00FF00FF00FF00FF)
_FOURS = np.uint64(0x0000FFFF0000FFFF)
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ALL, _SUM = np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(0xFFFF)
_GOOD_AT, _BAD_AT = np.uint64(GOOD_AT), np.uint64(BAD_AT)
_TURN, _8, _16, _32, _7, _56, _127 = (np.uint64(bits) for bits in (29, 8, 16, 32, 7, 56, 127))


@part
def mixed(digest: Any, word: Any) -> Any:
    """A digest with eight more bytes in it."""
    digest = (digest ^ word) * _MIX
    return digest ^ (digest >> _TURN)


@part
def rest_of(buffer: Any, at: int, end: int) -> Any:
    """The bytes up to an end, fewer than eight of them, and zeros; eight bytes before the end are there to be read."""
    if at == end:
        return np.uint64(0)
    return load64(buffer, end - 8) >> np.uint64(64 - 8 * (end - at))


@part
def digest_of(buffer: Any, at: int, size: int) -> Any:
    """A number for a text, never 0."""
    digest = np.uint64(size) * _MIX
    end = at + size
    while at + 8 <= end:
        digest = mixed(digest, load64(buffer, at))
        at += 8
    digest = mixed(digest, rest_of(buffer, at, end))
    return digest if digest != 0 else _MIX


@part
def read_key(digest: Any, flag: int) -> Any:
    """A number for a read: the digest of its name, and which read of its template it is; never 0."""
    key = mixed(digest, np.uint64(flag & 0xC1))
    return np.int64(key) if key != 0 else np.int64(1)


@part
def is_name(buffer: Any, at: int, end: int) -> Any:
    """Whether all bytes may stand in the name of a read: ! to ~ without @."""
    good = _HIGH
    while at + 8 <= end:
        word = load64(buffer, at)
        low = word & _LOW
        other = word ^ _AT_SIGN
        good &= (low + _TO_33) & ~(low + _TO_127) & ~word & (((other & _LOW) + _LOW) | other)
        at += 8
    if at < end:
        # The bytes that are filled in are good ones.
        word = rest_of(buffer, at, end) | _GOOD << np.uint64(8 * (end - at))
        low = word & _LOW
        other = word ^ _AT_SIGN
        good &= (low + _TO_33) & ~(low + _TO_127) & ~word & (((other & _LOW) + _LOW) | other)
    return good == _HIGH


@part
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


@part
def count_scores(buffer: Any, at: int, size: int, state: Any) -> bool:
    """Counts base qualities; False, and nothing counted, when one of them is above 93."""
    first, end = at, at + size
    total, good, bad = np.uint64(0), np.uint64(0), np.uint64(0)
    if size >= ROW_BYTES:
        kept = _ALL
        while at < end:
            if at + ROW_BYTES > end:  # the last row begins earlier: what was counted before is left out
                kept = _ALL << np.uint64(at + ROW_BYTES - end)
                at = end - ROW_BYTES
            row = count_row(buffer, at, kept)
            total += row & _SUM
            good += row >> _GOOD_AT & _SUM
            # The count of bad ones, at most 64: any but none sets the high bit of a byte.
            bad |= (row >> _BAD_AT) + _127
            at += ROW_BYTES
    while at + 8 <= end:
        word = load64(buffer, at)
        low = word & _LOW
        bad |= (low + _TO_94) | word
        good += (((low + _TO_30) & _HIGH) >> _7) * _ONES >> _56
        pairs = (word & _PAIRS) + ((word >> _8) & _PAIRS)
        fours = (pairs & _FOURS) + ((pairs >> _16) & _FOURS)
        total += (fours & np.uint64(0xFFFFFFFF)) + (fours >> _32)
        at += 8
    word = rest_of(buffer, at, end)
    low = word & _LOW
    bad |= (low + _TO_94) | word
    good += (((low + _TO_30) & _HIGH) >> _7) * _ONES >> _56
    pairs = (word & _PAIRS) + ((word >> _8) & _PAIRS)
    fours = (pairs & _FOURS) + ((pairs >> _16) & _FOURS)
    total += (fours & np.uint64(0xFFFFFFFF)) + (fours >> _32)
    if bad & _HIGH != 0:
        while first < end and load8(buffer, first) == 255:
            first += 1
        return first == end
    state[counter.SCORES] += size
    state[counter.SCORE_SUM] += np.int64(total)
    state[counter.SCORES_30] += np.int64(good)
    return True
