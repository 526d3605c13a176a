"""The bridge to the compiled path: what the records so far have taught, and what they share with the plain path.

Keys, filters and FORMAT columns come into the tables when the plain path has met them; what it says about a key itself
(that nobody declared it) is counted from then on, so that a warning for every record does not slow them all down.
Imported only for a large file.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy

from catalog.findings import Rule, show
from catalog.formats.vcf import genotypes, information, reserved, sites
from catalog.formats.vcf.alleles import Problem
from catalog.formats.vcf.genotypes import DEPENDENT
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.identifiers import MOST_IDENTIFIERS, Identifiers
from catalog.formats.vcf.margin import Margin
from catalog.formats.vcf.meanings import MEANINGS
from catalog.formats.vcf.records import Records
from catalog.formats.vcf.reserved import Declaration
from catalog.formats.vcf.rows import PlainRows
from catalog.formats.vcf.samples import Remark
from catalog.formats.vcf.tables import KeyTable, TextTable, address_of, numbers
from catalog.kernels import vcf_state as at
from catalog.kernels.vcf import pass_over

if TYPE_CHECKING:  # the library of tables is loaded only where one is written
    from catalog.formats.vcf.rows_fast import FastRows

_KINDS = {b"Integer": at.INTEGER, b"Float": at.FLOAT, b"String": at.STRING, b"Character": at.CHARACTER}
_NUMBERS = {b"A": at.PER_ALTERNATIVE, b"R": at.PER_ALLELE, b"G": at.PER_GENOTYPE, b".": at.ANY_NUMBER}
#: Remarks about a key that are counted; everything else is told by the plain path.
_COUNTED_KEYS = frozenset([information.UNDECLARED.code, information.KEY_UNUSUAL.code])
_COUNTED_FORMS = frozenset([genotypes.UNDECLARED.code, genotypes.KEY_UNUSUAL.code])
_MOST_FILTERS, _MOST_FORMS = 200, 200
_HIGHEST = 2**31 - 1
#: Behind the last byte that the kernel looks at there must be so many.
_PADDING = 128
#: Of FILTER and FORMAT; it is less than the padding.
_LONGEST_TEXT = 100
#: Marks of one line, in a file of many samples; longer lines are taken by the plain path.
_MANY_SAMPLES, _LONGEST_LINE = 500, 1 << 21
#: From so many samples on a record is marked up to FORMAT only (measured: eight take as long either way).
_COHORT = 8
_LAST_BUCKET = numpy.uint32((1 << 20) - 1)


class _Identifiers(Identifiers):
    """Identifiers in arrays that the kernel adds to."""

    def __init__(self, state: array[int], before: Identifiers) -> None:
        super().__init__()
        self._state = state
        self._digests = numpy.empty(MOST_IDENTIFIERS, numpy.uint64)
        self._lines = numpy.empty(MOST_IDENTIFIERS, numpy.int64)
        state[at.DIGESTS], state[at.LINES] = self._digests.ctypes.data, self._lines.ctypes.data
        state[at.IDENTIFIERS_ROOM] = MOST_IDENTIFIERS
        for digest, number in zip(before.digests, before.numbers, strict=True):
            self.add(digest, number)

    def add(self, digest: int, number: int) -> None:
        place = self._state[at.IDENTIFIERS]
        if place < MOST_IDENTIFIERS:
            self._digests[place], self._lines[place] = digest, number
            self._state[at.IDENTIFIERS] = place + 1

    def repeated(self) -> list[int]:
        known = self._digests[: self._state[at.IDENTIFIERS]]
        # Halves are sorted in half the time; those that come twice, some of them by chance, are looked at whole.
        halves = known.astype(numpy.uint32)
        ordered = numpy.sort(halves)
        twice = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(twice):
            return []
        is_near = numpy.zeros(_LAST_BUCKET + 1, bool)
        is_near[twice & _LAST_BUCKET] = True
        places = numpy.flatnonzero(is_near[halves & _LAST_BUCKET])
        is_again = numpy.ones(len(places), bool)
        is_again[numpy.unique(known[places], return_index=True)[1]] = False
        found: list[int] = self._lines[places[is_again]].tolist()
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    """What the values of a key are to the kernel."""

    kind: int
    number: int


def _field(
    key: bytes, declared: Declaration | None, found: reserved.Reserved | None, *, of_format: bool
) -> _Field | None:
    """What the values of a key are; None where only the plain path can tell."""
    if of_format and key in (b"LAA", b"LEN", b"PSL"):
        return None
    if declared is None:
        return _Field(kind=at.ANY, number=at.ANY_NUMBER)
    if declared.kind == b"Flag":
        return _Field(kind=at.FLAG, number=at.ANY_NUMBER)
    is_open = found is not None and found.any_number and declared.number == b"G"
    if declared.number in DEPENDENT or declared.number == b"0":
        return None
    is_open = is_open or (declared.number == b"G" and not of_format)
    number = at.ANY_NUMBER if is_open else _NUMBERS.get(declared.number)
    if number is None:
        number = int(declared.number)
    kind = at.NAME if of_format and key == b"FT" else _KINDS[declared.kind]
    if found is not None and (found.counts or found.is_share):
        if declared.kind not in (b"Integer", b"Float"):
            return None if not of_format else _Field(kind=kind, number=number)
        kind |= (at.UNSIGNED if found.counts or found.is_share else 0) | (at.SHARE if found.is_share else 0)
        if found.is_share and declared.kind == b"Integer":
            return None
    return _Field(kind=kind, number=number)


class FastRecords:
    """Passes over records of which the plain path would say nothing."""

    def __init__(self, records: Records, header: Header, margin: Margin) -> None:
        self._records = records
        self._header = header
        self._margin = margin
        self._state = numbers(at.SIZE)
        self._keys = KeyTable()
        self._filters = TextTable(at.FILTER_ROW)
        self._forms = TextTable(at.FORM_ROW)
        self._key_remarks: dict[bytes, tuple[Rule, ...]] = {}
        self._filter_problems: dict[bytes, tuple[Problem, ...]] = {}
        self._form_remarks: dict[bytes, tuple[Remark, ...]] = {}
        self._buffer = b""
        self._address = 0
        self._data = numpy.zeros(0, numpy.uint8)
        self._chosen: array[int] = array("q")
        self._contig = b""
        self._told = 0
        self._is_usable = header.columns == len(header.samples) + (9 if header.samples else 8)
        records.sites.identifiers = _Identifiers(self._state, records.sites.identifiers)
        self._allocate()
        self._rows: FastRows | None = None
        if isinstance(records.rows, PlainRows):
            records.rows.flush()
            from catalog.formats.vcf.rows_fast import FastRows

            self._rows = records.rows = FastRows(records.rows.sink, header.samples, self._state)

    def _allocate(self) -> None:
        state, samples = self._state, len(self._header.samples)
        counted = len(self._records.tally.calls)
        room = _LONGEST_LINE if samples > _MANY_SAMPLES else at.LARGEST_PART
        self._arrays = {
            at.TOKENS: array("i", bytes(4 * (room + 2 * _PADDING))),
            at.HERE: numbers(2 * at.MOST_HERE),
            at.ALLELES: numbers(2 * at.MOST_ALTERNATIVES),
            at.EXPECTED: array("i", bytes(4 * (at.MOST_RECORD_KEYS + 8))),
            at.RECORD_KEYS: numbers(at.MOST_RECORD_KEYS + 8),
            at.WANTED: numbers(3 * at.MOST_FIELDS + 8),
            at.PROGRAM: numbers(3 * at.MOST_PROGRAM + 8),
            at.KINDS: array("b", bytes(samples + 8)),
            at.DEPTHS: array("i", bytes(4 * (samples + 8))),
            at.QUALITIES: array("i", bytes(4 * (samples + 8))),
            at.GENOTYPES: array("i", bytes(4 * (samples + 8))),
            at.CALLS: numbers(12 * counted + 8),
            at.DEPTH_COUNTS: numbers(len(self._records.tally.depths.counts)),
            at.QUALITY_COUNTS: numbers(len(self._records.tally.qualities.counts)),
        }
        for place, held in self._arrays.items():
            state[place] = address_of(held)
        state[at.TOKENS_ROOM], state[at.PART] = room, at.LARGEST_PART
        state[at.IS_COHORT] = samples >= _COHORT
        state[at.MINOR], state[at.COLUMNS] = self._header.minor, self._header.columns
        state[at.SAMPLES], state[at.COUNTED] = samples, counted
        state[at.END_KEY] = state[at.FORM_ALTERNATIVES] = -1
        state[at.ALLOWS_STAR] = self._records.sites.alleles.knows(b"*")
        state[at.ALLOWS_NON_REF] = self._records.sites.alleles.knows(b"NON_REF")

    def take(self, buffer: bytes, begin: int, number: int) -> tuple[int, int]:
        """See :meth:`catalog.formats.protocol.LineJudge.take_clean`."""
        if not self._is_usable or not self._records.sites.walk.chrom or self._records.blocks.has_sample_blocks:
            return begin, number
        limit = buffer.rfind(b"\n", begin, max(begin, len(buffer) - _PADDING)) + 1
        if limit > begin:
            if buffer is not self._buffer:
                self._buffer = buffer
                self._data = numpy.frombuffer(buffer, numpy.uint8)
                self._address = self._data.ctypes.data
            begin, number = self._run(buffer, self._address, (begin, limit), number)
            if begin < limit:
                return begin, number
        tail = buffer[begin:] + b"\n" * _PADDING
        data = numpy.frombuffer(tail, numpy.uint8)
        size = len(buffer) - begin
        passed, number = self._run(tail, data.ctypes.data, (0, size), number)
        return begin + passed, number

    def _run(self, buffer: bytes, address: int, span: tuple[int, int], number: int) -> tuple[int, int]:
        state = self._state
        state[at.TEXT], state[at.AT], state[at.LIMIT] = address, *span
        state[at.NUMBER] = number
        before = state[at.RECORDS]
        self._tell()
        pass_over(address_of(state))
        while self._rows is not None and self._rows.make_room():
            pass_over(address_of(state))
        if state[at.RECORDS] != before:
            self._records.tally.records += state[at.RECORDS] - before
            self._hear(buffer)
        return state[at.AT], state[at.NUMBER]

    def _tell(self) -> None:
        """What the plain path knows goes to the kernel."""
        state, walk, blocks = self._state, self._records.sites.walk, self._records.blocks
        if walk.name != self._contig or not state[at.CHROM_SIZE]:
            self._contig = walk.name
            self._chrom = array("b", walk.chrom + bytes(_PADDING))
            self._chosen = array("q", self._records.watch.positions)
            state[at.CHROM], state[at.CHROM_SIZE] = address_of(self._chrom), len(walk.chrom)
            state[at.CHOSEN], state[at.CHOSEN_NUMBER] = address_of(self._chosen), len(self._chosen)
            state[at.CHOSEN_AT] = 0
            state[at.HIGHEST] = _HIGHEST if walk.length is None else min(walk.length + 1, _HIGHEST)
            state[at.LENGTH] = _HIGHEST if walk.length is None else walk.length
            regions = walk.regions
            state[at.REGION], state[at.REGION_FIRST], state[at.REGION_LAST] = (
                regions.region,
                regions.first,
                regions.last,
            )
            state[at.IS_AUTOSOME] = self._margin.wants_bank_rules and regions.is_autosome
        state[at.LAST] = walk.last
        self._tell_here()
        state[at.IS_GVCF], state[at.BLOCK_END] = bool(blocks.is_gvcf), blocks.end
        state[at.KEYS], state[at.KEYS_NUMBER] = address_of(self._keys.rows), self._keys.number
        state[at.SLOTS], state[at.SLOTS_MASK] = address_of(self._keys.slots), len(self._keys.slots) - 1
        state[at.FILTERS], state[at.FILTERS_NUMBER] = address_of(self._filters.rows), self._filters.number
        state[at.FORMS], state[at.FORMS_NUMBER] = address_of(self._forms.rows), self._forms.number

    def _hear(self, buffer: bytes) -> None:
        """What the kernel passed over is known to the plain path."""
        state, site = self._state, self._records.sites
        site.walk.last = site.walk.pos = state[at.LAST]
        self._records.blocks.end = state[at.BLOCK_END]
        here, first = self._arrays[at.HERE], self._told
        if not state[at.HERE_IS_TOLD]:
            site.here.clear()
            first = 0
        base = state[at.TEXT]
        for place in range(first, state[at.HERE_NUMBER]):
            ref, _, alt = buffer[here[2 * place] - base : here[2 * place + 1] - base].partition(b"\t")
            site.here.add((ref, alt))

    def _tell_here(self) -> None:
        """The records at the last position, which the next one may repeat."""
        state, known = self._state, self._records.sites.here
        texts = [b"\t".join(each) for each in known] if len(known) < at.MOST_HERE else []
        self._told = len(texts)
        self._here = array("b", b"".join(texts) + bytes(_PADDING))
        place = address_of(self._here)
        here = self._arrays[at.HERE]
        for number, each in enumerate(texts):
            here[2 * number], here[2 * number + 1] = place, place + len(each)
            place += len(each)
        state[at.HERE_NUMBER] = len(texts) if len(texts) == len(known) else at.MOST_HERE
        state[at.HERE_IS_TOLD] = 1

    def learn(self, columns: Sequence[bytes], count: int) -> None:
        """Learns from a record that the plain path has taken.

        Args:
            columns: all its columns.
            count: the number of ALT alleles.
        """
        if columns[7] != b".":
            for entry in columns[7].split(b";"):
                key = entry.partition(b"=")[0]
                if key not in self._keys.texts and self._keys.has_room:
                    self._learn_key(key, count)
        filters = columns[6]
        if filters not in self._filters.texts and self._filters.number < _MOST_FILTERS and len(filters) < _LONGEST_TEXT:
            problems = self._records.sites.problems_of(filters)
            if all(problem[0] is sites.FILTER_UNDECLARED for problem in problems):
                self._filters.add(filters, [])
                self._filter_problems[filters] = problems
        if len(columns) > 9 and columns[8] not in self._forms.texts and self._forms.number < _MOST_FORMS:
            self._learn_form(columns[8], count)

    def _learn_key(self, key: bytes, count: int) -> None:
        minor = self._margin.minor
        plan = self._records.info.plan(key, count)
        is_end = key == b"END"
        means_more = key in MEANINGS and MEANINGS[key].applies(minor) and not is_end
        if means_more or plan.is_whole or not {rule.code for rule in plan.remarks} <= _COUNTED_KEYS:
            return
        field = _field(key, plan.declared, plan.found, of_format=False)
        if field is None or (is_end and field.kind != at.INTEGER | at.UNSIGNED):
            return
        if is_end:
            self._state[at.END_KEY] = 8 * at.KEY_ROW * self._keys.number
        self._keys.add_key(key, (field.kind, field.number), is_counted=bool(plan.remarks))
        self._key_remarks[key] = plan.remarks

    def _learn_form(self, form: bytes, count: int) -> None:
        plan = self._records.genotypes.plan(form, count, is_autosome=False)
        if (
            len(plan.keys) > at.MOST_FIELDS
            or len(form) >= _LONGEST_TEXT
            or not {remark[0].code for remark in plan.remarks} <= _COUNTED_FORMS
        ):
            return
        fields = [
            _field(key, declared, found, of_format=True)
            for key, declared, found in zip(plan.keys, plan.declared, plan.found, strict=True)
        ]
        if plan.has_genotype:
            fields[0] = _Field(kind=at.ANY, number=at.ANY_NUMBER)
        known = [field for field in fields if field is not None]
        if len(known) != len(fields):
            return
        room = [0] * (at.MOST_FIELDS - len(known))
        kinds, counts = [field.kind for field in known], [field.number for field in known]
        places = plan.index_of(b"DP"), plan.index_of(b"GQ")
        self._forms.add(form, [len(known), int(plan.has_genotype), *places, *kinds, *room, *counts, *room])
        self._form_remarks[form] = plan.remarks

    def finish(self) -> None:
        """What the kernel counted goes into the tally; remarks that it counted are noted."""
        state, tally, margin = self._state, self._records.tally, self._margin
        self._rows = None
        tally.snvs += state[at.SNVS]
        tally.transitions += state[at.TRANSITIONS]
        tally.indels += state[at.INDELS]
        self._records.blocks.number += state[at.BLOCKS]
        cells = self._arrays[at.CALLS]
        for sample, counts in enumerate(tally.calls):
            for cell in range(len(counts)):
                counts[cell] += cells[12 * sample + cell]
        for histogram, place in ((tally.depths, at.DEPTH_COUNTS), (tally.qualities, at.QUALITY_COUNTS)):
            for value, count in enumerate(self._arrays[place]):
                histogram.counts[value] += count
        for filters, count in self._filters.counts(at.FILTER_COUNT):
            tally.add_filter(filters, count)
            for rule, column, expected, got in self._filter_problems[filters]:
                margin.note_times(count, rule, column, expected, got, name=got)
        for key, count in self._keys.counts(at.KEY_COUNT):
            for rule in self._key_remarks[key]:
                margin.note_times(count, rule, f"INFO/{show(key)}", information.KEY_WANTED, key, key=key)
        for form, count in self._forms.counts(at.FORM_COUNT):
            for rule, column, expected, got in self._form_remarks[form]:
                margin.note_times(count, rule, column, expected, got, key=got)
