"""Alignment records as BAM stores them (SAMv1, 4.2)."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence

from catalog.findings import Rule
from catalog.formats.alignment.binary_tags import LAYOUT, BinaryTags
from catalog.formats.alignment.cigar import OPERATIONS, reference_bases, written
from catalog.formats.alignment.columns import CIGAR, POS, QNAME, QUAL, TLEN, is_name
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import SAM, Margin, forbidden, unusual
from catalog.formats.alignment.records import Record, RecordJudge
from catalog.formats.alignment.tags import TAG_RULES, TagJudge
from catalog.kernels import bam_state as at

_BAM = f"{SAM}, 4.2"
_MEND = "the file is damaged or was written by a faulty program: make it again from its source"

BLOCK_SIZE = forbidden(
    "bam-block-size",
    "the size of a record does not fit its fields",
    _MEND,
    f"{_BAM} (block_size, l_read_name, n_cigar_op, l_seq)",
    "Where it fits no fields at all, nothing after it can be read.",
)
NAME = forbidden("bam-name", "the name of a read does not end with its only NUL", _MEND, f"{_BAM} (read_name)")
REFERENCE = forbidden(
    "bam-reference",
    "a record names a reference sequence that the header does not have",
    "look whether header and records are of the same reference (samtools reheader)",
    f"{_BAM} (refID, next_refID): -1 <= refID < n_ref",
    "Nobody can tell where the read lies.",
)
BIN = forbidden(
    "bam-bin",
    "the bin of a mapped read is not that of its place",
    "write the file again (samtools view -b)",
    f"{SAM}, 4.2.1",
    "An index made of it does not find the read.",
)
BIN_UNMAPPED = unusual(
    "bam-bin-unmapped",
    "the bin of an unmapped read is not that of its place",
    "write the file again (samtools view -b)",
    f"{SAM}, 4.2.1: an unmapped read is treated as being of length one",
)
LONG_CIGAR = forbidden(
    "bam-long-cigar",
    "the CIGAR in CG does not fit the record",
    _MEND,
    f"{SAM}, 4.2.2: kSmN, where k is l_seq and m the length of the reference in the alignment",
)
NEEDLESS = unusual(
    "bam-long-cigar-needless",
    "a record has CG, and its CIGAR does not need it",
    "take CG out (samtools view -x CG)",
    "SAMtags, 1.1 (CG): if and only if it has more than 65535 operations",
)
PADDING = unusual(
    "bam-seq-padding",
    "the last half byte of an odd sequence is not zero",
    "write the file again (samtools view -b)",
    f"{SAM}, 4.2.3: we recommend writing these as zero",
)

BINARY_RULES: tuple[Rule, ...] = (
    BLOCK_SIZE, NAME, REFERENCE, BIN, BIN_UNMAPPED, LONG_CIGAR, NEEDLESS, PADDING, LAYOUT, QNAME, POS, TLEN, CIGAR, QUAL,
    *TAG_RULES,
)  # fmt: skip

FIXED_BYTES = 32
_FIXED = struct.Struct("<iiBBHHHiiii")
_MOST_OPERATIONS = 65535
_SCORES = bytes(range(94))
_LETTERS = OPERATIONS + b"?" * (16 - len(OPERATIONS))
_LOWEST_TEMPLATE = -(1 << 31)
#: Beyond this place the bins of BAI cannot tell (SAMv1, 5.1.1).
_BINNED = 1 << 29


def bin_of(begin: int, end: int) -> int:
    """The smallest bin that holds a stretch (SAMv1, 5.3).

    Args:
        begin: from 0.
        end: behind the last base.
    """
    end -= 1
    for shift, first in ((14, 4681), (17, 585), (20, 73), (23, 9), (26, 1)):
        if begin >> shift == end >> shift:
            return first + (begin >> shift)
    return 0


class BinaryRecords:
    """Judges records of a BAM, one by one; the plain path.

    Attributes:
        judge: of the meaning of their fields.
        may_lack_scores: whether some qualities of a read may be there and others not (255), as in CRAM.
    """

    def __init__(self, header: Header, margin: Margin) -> None:
        self.judge = RecordJudge(header, margin)
        self._margin = margin
        self._references = len(header.lengths)
        self.may_lack_scores = False
        self._tags = BinaryTags(TagJudge(header, margin), margin)

    def take(self, content: bytes) -> bool:
        """Takes the next record, without its block_size.

        Returns:
            Whether its fields could be read.
        """
        record = self._read(content)
        if record is None:
            self.judge.tally.state[at.RECORDS] += 1
            self.judge.names.pass_over()
            return False
        self.judge.take(record)
        return True

    def _read(self, content: bytes) -> Record | None:
        note = self._margin.note
        fixed = _FIXED.unpack_from(content)
        contig, position, name_bytes, mapq, bin_number, count, flag, bases, next_contig, next_position, template = fixed
        name_end = FIXED_BYTES + name_bytes
        cigar_end = name_end + 4 * count
        scores_at = cigar_end + (bases + 1) // 2
        if bases < 0 or scores_at + bases > len(content):
            note(BLOCK_SIZE, "block_size", "at least the fields of the record", len(content))
            return None
        name = content[FIXED_BYTES:name_end]
        fits = self._judge_name(name)
        fits &= self._judge_places(contig, position, next_contig, next_position)
        if template == _LOWEST_TEMPLATE:
            note(TLEN, "TLEN", "-2147483647 to 2147483647", template)
            fits = False
        scores = self._scores(content, scores_at, bases)
        if bases & 1 and content[scores_at - 1] & 15:
            note(PADDING, "SEQ", "zero")
        long_cigar = self._tags.take(content, scores_at + bases)
        cigar = self._cigar(content[name_end:cigar_end], long_cigar, bases)
        if cigar is None or scores is None or not fits:
            return None
        record = Record(
            name=name[:-1], flag=flag, contig=contig, position=position + 1, mapq=mapq, operations=cigar[0], lengths=cigar[1],
            next_contig=next_contig, next_position=next_position + 1, template=template, bases=bases, scores=scores,
        )  # fmt: skip
        self._judge_bin(record, bin_number)
        return record

    def _judge_name(self, name: bytes) -> bool:
        if name.find(b"\0") != len(name) - 1 or not name:
            self._margin.note(NAME, "QNAME", "one NUL, at the end", name)
            return False
        if not is_name(name[:-1]):
            self._margin.note(QNAME, "QNAME", "1 to 254 printable characters without @", name[:-1])
            return False
        return True

    def _judge_places(self, contig: int, position: int, next_contig: int, next_position: int) -> bool:
        fits = True
        for number, column in ((contig, "RNAME"), (next_contig, "RNEXT")):
            if not -1 <= number < self._references:
                self._margin.note(REFERENCE, column, "the number of a reference, or -1", number)
                fits = False
        for number, column in ((position, "POS"), (next_position, "PNEXT")):
            if not -1 <= number < (1 << 31) - 1:
                self._margin.note(POS, column, "a number from 0 to 2147483647", number + 1)
                fits = False
        return fits

    def _scores(self, content: bytes, at_byte: int, bases: int) -> bytes | None:
        """The base qualities; empty where they are not stored."""
        if not bases:
            return b""
        scores = content[at_byte : at_byte + bases]
        if scores[0] == 0xFF and scores.count(b"\xff") == bases:
            return b""
        if rest := scores.translate(None, _SCORES):
            if self.may_lack_scores and not rest.strip(b"\xff"):
                return b""
            self._margin.note(QUAL, "QUAL", "0 to 93, or all 255", rest[0])
            return None
        return scores

    def _cigar(self, stored: bytes, long_cigar: bytes | None, bases: int) -> tuple[bytes, Sequence[int]] | None:
        operations, lengths = _decoded(stored)
        if b"?" in operations:
            self._margin.note(CIGAR, "CIGAR", "operations 0 to 8", written(operations, lengths))
            return None
        if long_cigar is None:
            return operations, lengths
        is_placeholder = operations == b"SN" and lengths[0] == bases
        if not is_placeholder or len(long_cigar) <= 4 * _MOST_OPERATIONS:
            self._margin.note(NEEDLESS, "CG", "only where the CIGAR has more than 65535 operations")
        if not is_placeholder:
            return operations, lengths
        stretch = lengths[1]
        operations, lengths = _decoded(long_cigar)
        if b"?" in operations or reference_bases(operations, lengths) != stretch:
            self._margin.note(LONG_CIGAR, "CG", "operations 0 to 8 that cover as much as the N")
            return None
        return operations, lengths

    def _judge_bin(self, record: Record, number: int) -> None:
        begin = record.position - 1
        span = 0 if record.flag & at.UNMAPPED_BIT else reference_bases(record.operations, record.lengths)
        end = begin + (span or 1)
        if end <= _BINNED and number != (wanted := bin_of(begin, end)):
            rule = BIN_UNMAPPED if record.flag & at.UNMAPPED_BIT else BIN
            self._margin.note(rule, "bin", f"{wanted}, the bin of the place", number)


def _decoded(stored: bytes) -> tuple[bytes, Sequence[int]]:
    """Letters and lengths of stored operations; ``?`` for a number that stands for none."""
    if len(stored) <= 4:
        if not stored:
            return b"", ()
        value = int.from_bytes(stored, "little")
        return _LETTERS[value & 15 : (value & 15) + 1], (value >> 4,)
    values = array("I", stored)
    return bytes([_LETTERS[value & 15] for value in values]), array("I", [value >> 4 for value in values])
