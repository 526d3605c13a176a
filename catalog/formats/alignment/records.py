"""Alignment records, judged by the meaning of their fields: the same rules for SAM, BAM and CRAM (SAMv1, 1.4 and 2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.findings import Rule
from catalog.formats.alignment.cigar import CIGAR_RULES, judge_cigar, reference_bases
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import SAM, Margin, leaning, unusual
from catalog.formats.alignment.mates import MATES_RULES, Mates, Names, is_named_primary
from catalog.formats.alignment.order import ORDER, Order
from catalog.formats.alignment.tally import QUALITY_UNKNOWN, Tally
from catalog.kernels import bam_state as at

RESERVED = unusual(
    "sam-flag-reserved",
    "the FLAG has bits that have no meaning",
    "clear the bits above 0x800, or make the file again from its source",
    f"{SAM}, 1.4 (FLAG): bits that are not listed are reserved and should not be set",
)
UNPAIRED = leaning(
    "sam-flag-unpaired",
    "a single read has bits of a pair",
    "set 0x1, or clear 0x2, 0x8, 0x20, 0x40 and 0x80",
    f"{SAM}, 1.4 (FLAG): if 0x1 is unset, no assumptions can be made about 0x2, 0x8, 0x20, 0x40 and 0x80",
)
UNMAPPED = leaning(
    "sam-unmapped-field",
    "an unmapped read has fields of a mapped one",
    "clear them (samtools fixmate does), or clear 0x4",
    f"{SAM}, 1.4 (FLAG 0x4, RNAME, POS)",
    "Programs that look at the field instead of 0x4 take the read for a mapped one.",
)
MAPPED = leaning(
    "sam-mapped-field",
    "a mapped read lacks its place or its CIGAR",
    "set 0x4, or make the file again from its source",
    f"{SAM}, 1.4 (FLAG 0x4, RNAME, POS, CIGAR)",
    "The read counts as mapped and is nowhere.",
)
PAST_END = leaning(
    "sam-past-end",
    "a record lies past the end of its reference sequence",
    "look whether header and records are of the same assembly; such reads should be unmapped",
    f"{SAM}, 2 (4.3)",
)
MATE_FIELD = leaning(
    "sam-mate-field",
    "RNEXT and PNEXT do not fit each other or the FLAG",
    "run samtools fixmate on the file sorted by name",
    f"{SAM}, 1.4 (RNEXT, PNEXT)",
)
TEMPLATE = leaning(
    "sam-tlen",
    "a template length is given where there is none",
    "run samtools fixmate on the file sorted by name",
    f"{SAM}, 1.4 (TLEN): it is 0 for a single segment, or where a mate is unmapped or on another reference",
)

RECORD_RULES: tuple[Rule, ...] = (
    RESERVED, *UNPAIRED.both, *UNMAPPED.both, *MAPPED.both, *CIGAR_RULES, *PAST_END.both, *MATE_FIELD.both, *TEMPLATE.both,
    ORDER, QUALITY_UNKNOWN, *MATES_RULES,
)  # fmt: skip

_NOT_OF_UNMAPPED = at.PROPER_BIT | at.SECONDARY_BIT | at.SUPPLEMENTARY_BIT
_NOT_PRIMARY = at.SECONDARY_BIT | at.SUPPLEMENTARY_BIT
_WHICH = at.FIRST_BIT | at.LAST_BIT


@dataclass(slots=True)
class Record:
    """One alignment record; numbers of contigs from 0, -1 for none; positions from 1, 0 for none.

    Attributes:
        name: QNAME.
        flag: FLAG.
        contig: of RNAME.
        position: POS.
        mapq: MAPQ.
        operations: the letters of the CIGAR; empty for ``*``.
        lengths: of the operations.
        next_contig: of RNEXT.
        next_position: PNEXT.
        template: TLEN.
        bases: the length of SEQ, 0 for ``*``.
        scores: the base qualities as numbers; empty where they are not stored.
    """

    name: bytes
    flag: int
    contig: int
    position: int
    mapq: int
    operations: bytes
    lengths: Sequence[int]
    next_contig: int
    next_position: int
    template: int
    bases: int
    scores: bytes


class RecordJudge:
    """Judges records one after the other, and what they say together.

    Attributes:
        header: of the file; contigs that it does not declare are added where it declares none.
        tally: what was counted.
        order: the order so far.
        mates: the pairs so far.
        names: the names so far, where the bank's rules are asked for.
    """

    def __init__(self, header: Header, margin: Margin) -> None:
        self.header = header
        self.tally = Tally(len(header.lengths))
        self.order = Order(header, self.tally.state, margin)
        self.mates = Mates()
        self.names = Names()
        self._margin = margin

    def take(self, record: Record) -> None:
        """Takes the next record; its place is in the margin."""
        flag = record.flag
        margin = self._margin
        if flag > at.KNOWN_BITS:
            margin.note(RESERVED, "FLAG", "no bits above 0x800", flag)
        if flag & at.UNMAPPED_BIT:
            self._judge_unmapped(record)
        elif record.contig < 0 or not record.position or not record.operations:
            self._judge_mapped(record)
        if record.operations:
            judge_cigar(record.operations, record.lengths, record.bases, margin)
        if record.contig >= 0 or record.next_contig >= 0:
            self._judge_ends(record)
        if flag & at.PAIRED_BIT or flag & at.MATE_BITS or record.next_contig >= 0 or record.next_position:
            self._judge_mate_fields(record)
        if record.template:
            self._judge_template(record)
        self.order.take(record.contig, record.position, record.name)
        self._count(record)

    def _judge_unmapped(self, record: Record) -> None:
        note = self._margin.note
        if record.operations:
            note(UNMAPPED, "CIGAR", "*")
        if record.mapq:
            note(UNMAPPED, "MAPQ", "0", record.mapq)
        if record.flag & _NOT_OF_UNMAPPED:
            note(UNMAPPED, "FLAG", "neither 0x2, 0x100 nor 0x800 with 0x4", record.flag)
        if (record.contig >= 0) != (record.position > 0):
            note(UNMAPPED, "POS", "RNAME and POS, or neither")

    def _judge_mapped(self, record: Record) -> None:
        note = self._margin.note
        if record.contig < 0:
            note(MAPPED, "RNAME", "a reference sequence")
        if not record.position:
            note(MAPPED, "POS", "a position from 1")
        if not record.operations:
            note(MAPPED, "CIGAR", "operations")

    def _judge_ends(self, record: Record) -> None:
        lengths = self.header.lengths
        end = lengths[record.contig] if record.contig >= 0 else 0
        if end and record.position > end:
            self._margin.note(PAST_END, "POS", "a position within the reference", record.position)
        elif end and record.position and record.operations and not record.flag & at.UNMAPPED_BIT:
            last = record.position - 1 + reference_bases(record.operations, record.lengths)
            if last > end and record.contig not in self.header.circular:
                self._margin.note(PAST_END, "CIGAR", "an end within the reference", last)
        end = lengths[record.next_contig] if record.next_contig >= 0 else 0
        if end and record.next_position > end:
            self._margin.note(PAST_END, "PNEXT", "a position within the reference", record.next_position)

    def _judge_mate_fields(self, record: Record) -> None:
        note, flag = self._margin.note, record.flag
        has_contig, has_position = record.next_contig >= 0, record.next_position > 0
        if not flag & at.PAIRED_BIT:
            if flag & at.MATE_BITS:
                note(UNPAIRED, "FLAG", "none of 0x2, 0x8, 0x20, 0x40 and 0x80 without 0x1", flag)
            if has_contig or has_position:
                note(MATE_FIELD, "RNEXT", "* and 0 for a single read")
        elif has_contig != has_position:
            note(MATE_FIELD, "PNEXT", "RNEXT and PNEXT, or neither")

    def _judge_template(self, record: Record) -> None:
        flag = record.flag
        if flag & _NOT_PRIMARY:
            return
        is_pair = flag & at.PAIRED_BIT and not flag & (at.UNMAPPED_BIT | at.MATE_UNMAPPED_BIT)
        if not is_pair or record.next_contig < 0 or record.contig != record.next_contig:
            self._margin.note(TEMPLATE, "TLEN", "0", record.template)

    def _count(self, record: Record) -> None:
        flag, margin = record.flag, self._margin
        self.tally.add(flag, record.contig, record.bases, record.mapq)
        if record.scores:
            self.tally.add_scores(record.scores)
        if record.mapq == 255 and not flag & at.UNMAPPED_BIT:
            self.tally.note_first_without_quality(margin.place)
        if margin.wants_bank_rules:
            self.names.add(record.name, flag, margin.line)
        if flag & at.PAIRED_BIT and is_named_primary(record.name, flag):
            which = flag & _WHICH
            if which == _WHICH:
                self.tally.state[at.MIDDLE_SEGMENTS] += 1
            elif which:
                self._claim(record, which)

    def _claim(self, record: Record, which: int) -> None:
        own = (record.contig + 1) << 32 | record.position
        mate = (record.next_contig + 1) << 32 | record.next_position
        rest = record.template << 8 | record.flag >> 2 & 0xF
        self.mates.add(record.name, (own, mate, rest, 1 if which == at.FIRST_BIT else 2), self._margin.place)

    def finish(self, *, is_text: bool) -> None:
        """Judges what the records say together; called once, after the last one of a whole file."""
        self.tally.finish(self._margin, is_text=is_text)
        self.mates.finish(self._margin, has_middles=self.tally.state[at.MIDDLE_SEGMENTS] > 0)
        if self._margin.wants_bank_rules:
            self.names.finish(self._margin)
