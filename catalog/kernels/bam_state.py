"""What the plain and the compiled path through alignment records share: counters by number, and the order of names.

Nothing heavy is imported here, so that a small file needs neither numpy nor the compiler.
"""

from __future__ import annotations

from typing import Any

#: Numbers of the counters, each one 64-bit integer.
(
    RECORDS, MAPPED, DUPLICATES, PAIRED, PROPER, SECONDARY, SUPPLEMENTARY, FAILED, UNPLACED, READS, BASES, SHORTEST, LONGEST,
    SCORES, SCORE_SUM, SCORES_30, NO_QUALITY_GIVEN, NO_QUALITY_RECORD, NO_QUALITY_OFFSET, LAST_CONTIG, LAST_POSITION,
    IS_SORTED, LAST_NAME_BYTES, IS_LEXICOGRAPHICAL, IS_NATURAL, MIDDLE_SEGMENTS, CLAIMS, STATE_NUMBERS,
) = range(28)  # fmt: skip

#: FLAG (SAMv1, 1.4).
PAIRED_BIT, PROPER_BIT, UNMAPPED_BIT, MATE_UNMAPPED_BIT, REVERSE_BIT, MATE_REVERSE_BIT = 0x1, 0x2, 0x4, 0x8, 0x10, 0x20
FIRST_BIT, LAST_BIT, SECONDARY_BIT, FAILED_BIT, DUPLICATE_BIT, SUPPLEMENTARY_BIT = (
    0x40,
    0x80,
    0x100,
    0x200,
    0x400,
    0x800,
)
KNOWN_BITS = 0xFFF
MATE_BITS = PROPER_BIT | MATE_UNMAPPED_BIT | MATE_REVERSE_BIT | FIRST_BIT | LAST_BIT

#: After the last record with a reference, none with one may follow.
PAST_ALL = 1 << 40
NAME_BYTES = 256


def compare_natural(one: Any, one_at: int, one_end: int, other: Any, other_at: int, other_end: int) -> int:
    """Compares two names in natural order: runs of digits by their value (SAMv1, 1.3.1).

    Names that differ only in leading zeros are taken for equal here: programs do not agree on their order.

    Args:
        one: bytes that hold the first name.
        one_at: where it begins.
        one_end: where it ends.
        other: bytes that hold the second name.
        other_at: where it begins.
        other_end: where it ends.

    Returns:
        Below, at or above zero when the first is before, equal to or after the second.
    """
    while one_at < one_end and other_at < other_end:
        a, b = int(one[one_at]), int(other[other_at])
        if not (48 <= a <= 57 and 48 <= b <= 57):
            if a != b:
                return a - b
            one_at += 1
            other_at += 1
            continue
        while one_at < one_end and one[one_at] == 48:
            one_at += 1
        while other_at < other_end and other[other_at] == 48:
            other_at += 1
        first = 0
        while True:
            a = int(one[one_at]) if one_at < one_end else 0
            b = int(other[other_at]) if other_at < other_end else 0
            is_a, is_b = 48 <= a <= 57, 48 <= b <= 57
            if not (is_a and is_b):
                break
            if first == 0:
                first = a - b
            one_at += 1
            other_at += 1
        if is_a != is_b:
            return 1 if is_a else -1
        if first != 0:
            return first
    return int(one_at < one_end) - int(other_at < other_end)


#: What two mates can disagree on.
OTHER_PLACE, OTHER_FLAG, OTHER_TEMPLATE = 1, 2, 4


def compare_mates(own: int, mate: int, rest: int, other_own: int, other_mate: int, other_rest: int) -> int:
    """What the primary records of two mates say differently about each other.

    Places are ``(number of the contig + 1) << 32 | position from 1``; zero halves are unknown. The rest is
    ``TLEN << 8`` and bits: 1 unmapped, 2 mate unmapped, 4 reverse, 8 mate reverse.

    Args:
        own: the place of the first.
        mate: where the first says that its mate is.
        rest: of the first.
        other_own: the place of the second.
        other_mate: where the second says that its mate is.
        other_rest: of the second.

    Returns:
        Bits: :data:`OTHER_PLACE`, :data:`OTHER_FLAG`, :data:`OTHER_TEMPLATE`; 0 when they agree.
    """
    found = 0
    knows = (mate >> 32) != 0 and (mate & 0xFFFFFFFF) != 0
    other_knows = (other_mate >> 32) != 0 and (other_mate & 0xFFFFFFFF) != 0
    if (knows and mate != other_own) or (other_knows and other_mate != own):
        found |= 1
    if (rest >> 1) & 1 != other_rest & 1 or (other_rest >> 1) & 1 != rest & 1:
        found |= 2
    if rest & 1 == 0 and other_rest & 1 == 0:
        if knows and (rest >> 3) & 1 != (other_rest >> 2) & 1:
            found |= 2
        if other_knows and (other_rest >> 3) & 1 != (rest >> 2) & 1:
            found |= 2
        if own >> 32 == other_own >> 32 and (rest >> 8) + (other_rest >> 8) != 0:
            found |= 4
    return found
