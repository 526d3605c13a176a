"""CRAM: structure and header by ourselves, records through htslib where the reference is at hand (CRAMv2.1, CRAMv3)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from catalog.findings import Rule
from catalog.formats.alignment import cram_rules as rules
from catalog.formats.alignment.cigar import BASES, ODD
from catalog.formats.alignment.contigs import evidence_of, header_facts, judge_declared, put_contigs
from catalog.formats.alignment.cram_decoder import Decoder, can_decode
from catalog.formats.alignment.cram_reference import has_other, is_reference, reference_of
from catalog.formats.alignment.cram_slices import SEVERAL
from catalog.formats.alignment.cram_structure import Structure
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.listeners import ListenerFactory
from catalog.formats.alignment.margin import Margin
from catalog.formats.alignment.records import MAPPED, RESERVED, RecordJudge
from catalog.formats.alignment.sam import NO_RECORDS, SHARED_RULES, finish_facts
from catalog.formats.alignment.tags import FORM
from catalog.formats.containers import Source
from catalog.formats.cursor import Cursor
from catalog.formats.indexes.evidence import SLICES
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.kernels import bam_state as at
from catalog.model import Tier

#: What no record has that comes out of CRAM: it cannot be stored, or htslib mends it on the way.
_NEVER = frozenset({BASES, FORM, RESERVED, *ODD.both, *MAPPED.both})


class _Tee:
    """The blocks of a file, handed on to a decoder as they are read."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._held: list[bytes] | None = []
        self._decoder: Decoder | None = None

    def blocks(self) -> Iterator[bytes]:
        """The blocks."""
        for block in self._source.blocks():
            if self._decoder is not None:
                self._decoder.put(block)
            elif self._held is not None:
                self._held.append(block)
            yield block

    def hand_on_to(self, decoder: Decoder | None) -> None:
        """Hands what was read so far and all that follows on; to nobody when None."""
        held, self._held = self._held or [], None
        self._decoder = decoder
        if decoder is not None:
            for block in held:
                decoder.put(block)


class _CramReader:
    """Reads one file."""

    def __init__(self, reading: Reading, listeners: Sequence[ListenerFactory]) -> None:
        self._reading = reading
        self._listeners = listeners
        self.margin = Margin(reading)
        self._tee = _Tee(reading.source)
        self.structure = Structure(Cursor(self._tee), self.margin, self._decide)
        self._decoder: Decoder | None = None
        self._reference: Path | None = None

    def _decide(self, header: Header, needs_reference: bool) -> None:
        """Whether the records are unpacked, before those of the first slice are read."""
        self._reference = reference_of(header, self._reading.path)
        if can_decode() and (self._reference is not None or not needs_reference):
            self._decoder = Decoder(header, self._reading, self._listeners, self._reference)
        self._tee.hand_on_to(self._decoder)

    def read(self) -> RecordJudge | None:
        """Walks through the file; the records, where they could be judged."""
        try:
            self.structure.walk()
            return self._finish() if self.structure.is_whole else None
        finally:
            if self._decoder is not None:
                self._decoder.close()

    def _finish(self) -> RecordJudge | None:
        structure, margin, decoder = self.structure, self.margin, self._decoder
        if not structure.records:
            margin.note_whole(NO_RECORDS, expected="records")
            return None
        judge = decoder.finish() if decoder is not None else None
        reference = self._reference
        if (
            reference is not None
            and judge is not None
            and has_other(reference, structure.header, self._unproved(judge))
        ):
            margin.note_whole(rules.NOT_CHECKED, "records", problem=f"{reference.name} is not their reference")
            return None
        if decoder is not None and judge is not None:
            decoder.move_findings(self._reading)
            found = judge.tally.state[at.RECORDS]
            if found != structure.records:
                margin.note_whole(rules.RECORDS, "number of records", str(structure.records), found)
            return judge
        if decoder is None or (structure.needs_reference and reference is None):
            problem = "the reference is not at hand" if can_decode() else "htslib is not at hand"
            margin.note_whole(rules.NOT_CHECKED, "records", problem=problem)
        elif decoder.has_died:
            margin.note_whole(rules.NOT_CHECKED, "records", problem="the program that unpacks them (htslib) died")
        elif reference is not None and structure.needs_reference and not is_reference(reference, structure.header):
            problem = f"{reference.name} is not their reference"
            margin.note_whole(rules.NOT_CHECKED, "records", problem=problem)
        elif not self._reading.has_errors:
            margin.note_whole(rules.UNDECODABLE, "records", problem=decoder.problem)
        return None

    def _unproved(self, judge: RecordJudge) -> set[str]:
        """The references whose bases nothing but the header's checksums prove."""
        unproved = self.structure.unproved
        if SEVERAL in unproved:
            return set(judge.tally.records_per_contig(self.structure.header))
        return {
            name.decode("utf-8", "replace")
            for name, number in self.structure.header.contigs.items()
            if number in unproved
        }


class CramFormat:
    """Sequence alignments, compressed by reference."""

    name = "cram"
    title = "CRAM"
    mediatype = "application/vnd.ga4gh.cram"
    edam = "EDAM:format_3462"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (
        *(rule for rule in SHARED_RULES if rule not in _NEVER),
        *rules.CRAM_STRUCTURE_RULES,
    )

    def __init__(self, listeners: Sequence[ListenerFactory] = ()) -> None:
        """A format whose records others see as well.

        Args:
            listeners: who wants to see them.
        """
        self._listeners = listeners

    def sniff(self, head: Head) -> int:
        """Sure of ``CRAM`` and a major version of 1 to 4; by name for what is called .cram."""
        if head.text.startswith(b"CRAM") and head.text[4:5] in (b"\1", b"\2", b"\3", b"\4"):
            return SURE
        return BY_NAME if head.has_suffix(".cram") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: cram_version; those of the header, of :meth:`~catalog.formats.alignment.sam.SamFormat.read`; records and
        bases; where the records were unpacked, all that SAM has. Evidence: ``contigs``, ``slices``, and then
        ``records_per_contig``.
        """
        reader = _CramReader(reading, self._listeners)
        if reading.source.container != "plain":
            reader.margin.note_whole(rules.PACKED, expected="plain", got=reading.source.container)
        judge = reader.read()
        structure, header = reader.structure, reader.structure.header
        if structure.is_whole:
            reading.evidence[SLICES] = structure.slices
        version = "{}.{}".format(*structure.version)
        if judge is not None:
            return {"cram_version": version, **finish_facts(judge, reader.margin, reading)}
        evidence = evidence_of(header)
        judge_declared(header, evidence, reading.declared, reader.margin)
        put_contigs(header, reading)
        counted = {"records": structure.records, "bases": structure.bases}
        return as_facts({"cram_version": version, **header_facts(header, evidence), **counted})


CRAM = CramFormat()
