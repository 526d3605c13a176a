"""CIGAR strings: where operations may stand, and how long they are in all (SAMv1, 1.4)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from catalog.formats.alignment.margin import SAM, Margin, forbidden, leaning

CLIP = forbidden(
    "sam-cigar-clip",
    "clipping stands within the alignment",
    "align the read again, or take the record out; H is only outermost, S only H is outside of",
    f"{SAM}, 1.4 (CIGAR)",
)
BASES = forbidden(
    "sam-cigar-length",
    "the operations do not add up to the length of the sequence",
    "make the file again from its source; a field of the record was changed",
    f"{SAM}, 1.4 (CIGAR): lengths of M/I/S/=/X shall equal the length of SEQ",
    "Every base after the difference is at a wrong place.",
)
ODD = leaning(
    "sam-cigar-odd",
    "the operations are not written as simply as they could be",
    "write neighbouring equal operations as one, and leave out those of length 0",
    f"{SAM}, 2 (2): adjacent CIGAR operations should be different",
)

CIGAR_RULES = (CLIP, BASES, *ODD.both)

#: The letters in the order of their numbers in BAM.
OPERATIONS = b"MIDNSHP=X"
_MOST_SHOWN = 100
_CLIPS = re.compile(rb"H?S?[^HS]*S?H?")
_QUERY = frozenset(b"MIS=X")
_REFERENCE = frozenset(b"MDN=X")


def reference_bases(operations: bytes, lengths: Sequence[int]) -> int:
    """How many bases of the reference an alignment covers."""
    return sum(length for operation, length in zip(operations, lengths, strict=True) if operation in _REFERENCE)


def written(operations: bytes, lengths: Sequence[int]) -> bytes:
    """A CIGAR as SAM writes it, as far as it is shown in a finding."""
    pairs = zip(lengths[:_MOST_SHOWN], operations[:_MOST_SHOWN], strict=True)
    return b"".join(b"%d%c" % pair for pair in pairs)


def judge_cigar(operations: bytes, lengths: Sequence[int], bases: int, margin: Margin) -> None:
    """Judges a CIGAR.

    Args:
        operations: the letters.
        lengths: one for each.
        bases: the length of the sequence; 0 when it is not stored.
        margin: for findings.
    """
    if not _CLIPS.fullmatch(operations):
        margin.note(CLIP, "CIGAR", "H and S at the ends", written(operations, lengths))
    if bases:
        query = sum(length for operation, length in zip(operations, lengths, strict=True) if operation in _QUERY)
        if query != bases:
            margin.note(BASES, "CIGAR", "as many bases as the sequence has", f"{query} for {bases} bases")
    if 0 in lengths:
        margin.note(ODD, "CIGAR", "no operation of length 0", written(operations, lengths))
    if any(first == second for first, second in pairwise(operations)):
        margin.note(ODD, "CIGAR", "neighbours that differ", written(operations, lengths))
