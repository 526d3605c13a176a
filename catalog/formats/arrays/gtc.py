"""Illumina GTC: the genotype calls of one array, as AutoConvert, AutoCall and their successors write them.

A table of contents points at the fields; three of them are numbers that stand in the table itself. The header, the
table and every field of a documented code are checked.

Source: Illumina, GTC file format versions 3 to 5, and its reference reader BeadArrayFiles (GenotypeCalls).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.arrays.builds import assembly_rule, judge_build, named_by_manifest
from catalog.formats.arrays.fields import MOST_PROBES, Field, FieldReader, Stopped, field_rules
from catalog.formats.arrays.genotype_rows import TABLE, write_calls
from catalog.formats.arrays.moments import is_moment
from catalog.formats.arrays.sample_names import note_sample, sample_rule
from catalog.formats.arrays.signals import Signals, share
from catalog.formats.cursor import Cursor
from catalog.formats.personal import note_personal, personal_rule
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_SOURCE = "Illumina GTC file format, versions 3 to 5"


def _error(code: str, message: str, hint: str, part: str, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, f"{_SOURCE}, {part}", why)


_AGAIN = "the file is damaged: copy it again, or call the genotypes again"
FIELD_RULES = field_rules("gtc", _SOURCE)
MAGIC = _error("gtc-magic", "the file does not start with gtc", "give the file that the caller wrote", "identifier")
VERSION = _error(
    "gtc-version", "the version of the GTC file is not known", "call again with AutoConvert 2.0", "version"
)
INCOMPLETE = Rule(
    "gtc-incomplete",
    Severity.WARNING,
    Level.SPEC,
    "the last field that the caller writes is not there",
    "the caller was probably stopped: call the genotypes again",
    f"{_SOURCE}; BeadArrayFiles, GenotypeCalls.is_write_complete",
    "Illumina's own reader refuses the file.",
)
PROBES = _error("gtc-probes", "the number of SNPs cannot be right", _AGAIN, "field 1")
GENOTYPE = _error("gtc-genotype", "a genotype has a code that stands for none", _AGAIN, "field 1002")
BASE_CALL = _error("gtc-base-call", "a base call is not two of A, C, G, T, D, I and -", _AGAIN, "field 1003")
SCORE = _error("gtc-score", "a GenCall score is not from 0 to 1", _AGAIN, "field 1004")
RATE = _error("gtc-rate", "{part} is not from 0 to 1", _AGAIN, "fields 1006, 1009 and 1011")
FREQUENCY = _error("gtc-baf", "a B-allele frequency is not from 0 to 1", _AGAIN, "field 1012")
GENDER = _error("gtc-gender", "the sex is none of M, F and U", _AGAIN, "field 1007")
COUNTS = _error("gtc-calls", "the numbers of calls do not fit the number of SNPs", _AGAIN, "field 1011")
DATE = _error("gtc-date", "{part} is no date", "give the file as the caller wrote it", "fields 200 and 201")
MANIFEST = Rule(
    "gtc-manifest",
    Severity.ERROR,
    Level.SPEC,
    "the file does not name the manifest of its SNPs",
    "call the genotypes again with the manifest's file (BPM)",
    f"{_SOURCE}, field 101",
    "Without it nobody can tell which SNP a genotype is of.",
)
PERSONAL = personal_rule("gtc")
SAMPLE = sample_rule("gtc")
ASSEMBLY = assembly_rule("gtc")

_NAMES = {
    1: "number of SNPs",
    2: "ploidy",
    3: "ploidy type",
    10: "sample name",
    11: "sample plate",
    12: "sample well",
    100: "cluster file",
    101: "SNP manifest",
    200: "imaging date",
    201: "autocall date",
    300: "autocall version",
    400: "normalization transforms",
    500: "controls X",
    501: "controls Y",
    1000: "raw X",
    1001: "raw Y",
    1002: "genotypes",
    1003: "base calls",
    1004: "genotype scores",
    1005: "scanner data",
    1006: "call rate",
    1007: "sex",
    1008: "log R deviation",
    1009: "GC10",
    1010: "DX",
    1011: "GC50 and calls",
    1012: "B allele frequencies",
    1013: "log R ratios",
    1014: "percentiles X",
    1015: "percentiles Y",
    1016: "slide identifier",
}
_INLINE = (1, 2, 3)
_TABLE_FIELDS = {1002: "genotypes", 1003: "bases", 1004: "score", 1012: "b_allele_frequency", 1013: "log_r_ratio"}
_TEXTS = frozenset({10, 11, 12, 100, 101, 200, 201, 300, 1016})
_REQUIRED = (1, 101, 1002)
#: The last field of each version: without it the writing was not finished.
_LAST = {3: 1011, 4: 1013, 5: 1016}
_PER_SNP = {1000: "<u2", 1001: "<u2", 1002: "u1", 1003: "<u2", 1004: "<f4", 1012: "<f4", 1013: "<f4"}
_FREE_LENGTH = {400: 52, 500: 2, 501: 2}
_FIXED = {1006: "<f", 1007: "<c", 1008: "<f", 1009: "<f", 1010: "<i", 1011: "<fiii", 1014: "<3H", 1015: "<3H"}
_COUNT_BYTES = 4
_MAGIC = b"gtc"
#: Genotypes of up to eight alleles: NC, AA, AB, BB, NULL, A, B, AAA ... BBBBBBBB.
_HIGHEST_GENOTYPE = 45
_HETEROZYGOUS, _NO_CALL, _NULL = 2, 0, 4
_ITEM_BYTES = {1000: 2, 1001: 2, 1002: 1, 1003: 2, 1004: 4, 1012: 4, 1013: 4, **_FREE_LENGTH}
_BASES = b"ACGTDI-"
#: Single precision leaves values a little outside of what they are.
_TOLERANCE = 1e-6


class _Calls:
    """What is read of one file, field by field."""

    def __init__(self, reading: Reading, reader: FieldReader, probes: int) -> None:
        self._reading = reading
        self._reader = reader
        self.probes = probes
        self.texts: dict[int, str] = {}
        self.fixed: dict[int, tuple[Any, ...]] = {}
        self.scanner: tuple[str, str, str] = ("", "", "")
        self.signals = Signals()
        self.genotypes: Any = None
        self._sink = reading.sink(TABLE)
        self._kept: dict[str, Any] = {}
        self._judges: dict[int, Callable[[Field, Any], None]] = {
            1002: self._judge_genotypes,
            1003: self._judge_base_calls,
            1004: self._judge_scores,
            1012: self._judge_frequencies,
            1013: lambda _, values: self.signals.add_ratios(values),
        }

    def take(self, field: Field) -> None:
        """The field whose turn it is."""
        code = field.code
        if code in _TEXTS:
            self.texts[code] = self._reader.text(field.name)
        elif code in _FIXED:
            self.fixed[code] = self._reader.numbers(_FIXED[code], field.name)
            self._judge_fixed(field)
        elif code in _ITEM_BYTES:
            self._take_values(field)
        elif code == 1005:
            name = self._reader.text("scanner name")
            self._reader.numbers("<2i", field.name)
            self.scanner = (name, self._reader.text("scanner version"), self._reader.text("imaging user"))

    def _take_values(self, field: Field) -> None:
        """An array, whose number of values comes first."""
        (count,) = self._reader.numbers("<i", field.name)
        size = max(0, count) * _ITEM_BYTES[field.code]
        room = None if field.end is None else field.end - field.value - _COUNT_BYTES
        is_per_snp = field.code in _PER_SNP
        fits = 0 <= count <= MOST_PROBES and (room is None or size <= room)
        if not fits or (is_per_snp and count != self.probes):
            expected = f"{self.probes} values" if is_per_snp else "as many values as there is room for"
            least = "" if room is None or size <= room else f", room for {max(0, room) // _ITEM_BYTES[field.code]}"
            self._reading.find(FIELD_RULES.count.at(field.place, expected=expected, got=f"{count} values{least}"))
            self._reader.pass_over(size if room is None else min(size, room))
        elif is_per_snp:
            end = None if room is None else field.value + _COUNT_BYTES + size
            values = self._reader.values(
                replace(field, value=field.value + _COUNT_BYTES, end=end), count, _PER_SNP[field.code]
            )
            judge = self._judges.get(field.code)
            if self._sink is not None and field.code in _TABLE_FIELDS:
                self._kept[_TABLE_FIELDS[field.code]] = values
            if judge is not None:
                judge(field, values)
        elif self._reader.pass_over(size) < size:
            self._reader.stop(field.name)

    def _note(self, rule: Rule, field: Field, at: Any, expected: str, got: object) -> None:
        """A finding about the first value that is wrong."""
        offset = field.value + _COUNT_BYTES + _ITEM_BYTES[field.code] * int(at)
        place = Place(record=int(at) + 1, column=field.name, offset=offset)
        self._reading.find(rule.at(place, expected=expected, got=got))

    def _judge_genotypes(self, field: Field, values: Any) -> None:
        self.genotypes = values
        wrong = (values > _HIGHEST_GENOTYPE).nonzero()[0]
        if len(wrong):
            self._note(GENOTYPE, field, wrong[0], f"0 to {_HIGHEST_GENOTYPE}", int(values[wrong[0]]))

    def _judge_base_calls(self, field: Field, values: Any) -> None:
        import numpy

        known = numpy.zeros(256, bool)
        known[list(_BASES)] = True
        pairs = values.view("u1").reshape(-1, 2)
        # A call that was not made is written as two hyphens, or as two zero bytes.
        good = known[pairs].all(axis=1) | (pairs == 0).all(axis=1)
        wrong = (~good).nonzero()[0]
        if len(wrong):
            self._note(BASE_CALL, field, wrong[0], "A, C, G, T, D, I or -", pairs[wrong[0]].tobytes())

    def _judge_scores(self, field: Field, values: Any) -> None:
        wrong = (~((values >= -_TOLERANCE) & (values <= 1 + _TOLERANCE))).nonzero()[0]
        if len(wrong):
            self._note(SCORE, field, wrong[0], "0 to 1", float(values[wrong[0]]))

    def _judge_frequencies(self, field: Field, values: Any) -> None:
        self.signals.add_frequencies(values)
        wrong = ((values < -_TOLERANCE) | (values > 1 + _TOLERANCE)).nonzero()[0]
        if len(wrong):
            self._note(FREQUENCY, field, wrong[0], "0 to 1, or NaN", float(values[wrong[0]]))

    def _judge_fixed(self, field: Field) -> None:
        value = self.fixed[field.code][0]
        if field.code in {1006, 1009, 1011} and not -_TOLERANCE <= value <= 1 + _TOLERANCE:
            part = {1006: "the call rate", 1009: "GC10", 1011: "GC50"}[field.code]
            if not (math.isnan(value) and field.code != 1006):
                self._reading.find(RATE.at(field.place, expected="0 to 1", got=value, part=part))
        if field.code == 1007 and value not in (b"M", b"F", b"U"):
            self._reading.find(GENDER.at(field.place, expected="M, F or U", got=value))
        if field.code == 1011:
            counts = self.fixed[1011][1:]
            if min(counts) < 0 or max(counts[0] + counts[1], counts[2]) > self.probes:
                got = f"{counts[0]} calls, {counts[1]} no calls, {counts[2]} intensity only"
                self._reading.find(COUNTS.at(field.place, expected=f"{self.probes} together at most", got=got))

    def write_table(self) -> None:
        """Writes the derived table, where it is wanted and the file can give it."""
        if self._sink is not None and "genotypes" in self._kept and not self._reading.has_errors:
            write_calls(self._sink, self.texts.get(10, ""), self._kept)

    def genotype_counts(self) -> tuple[int, int]:
        """Calls and heterozygous ones among the genotypes."""
        if self.genotypes is None:
            return 0, 0
        called = (self.genotypes != _NO_CALL) & (self.genotypes != _NULL)
        return int(called.sum()), int((self.genotypes == _HETEROZYGOUS).sum())


class _Gtc:
    """The GTC format (see :class:`catalog.formats.protocol.Format`)."""

    name = "gtc"
    title = "Illumina genotype calls (GTC)"
    mediatype = "application/octet-stream"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *FIELD_RULES.all(),
        MAGIC,
        VERSION,
        INCOMPLETE,
        PROBES,
        GENOTYPE,
        BASE_CALL,
        SCORE,
        RATE,
        FREQUENCY,
        GENDER,
        COUNTS,
        DATE,
        MANIFEST,
        PERSONAL,
        SAMPLE,
        ASSEMBLY,
    )

    def sniff(self, head: Head) -> int:
        """Sure of the identifier with a version below nine behind it (nine is a tab)."""
        if head.text.startswith(_MAGIC) and len(head.text) > 3 and head.text[3] < 9:
            return SURE
        return BY_NAME if head.has_suffix(".gtc") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``version``, ``probes``, ``samples`` (always 1), ``manifest``, ``cluster_file``, ``scan_date`` and
        ``call_date`` (as written), ``software`` (of the caller), ``scanner``, ``call_rate`` (as stated),
        ``counted_call_rate``, ``het_rate`` (of the calls), ``baf_bands``, ``baf_histogram``, ``lrr_sd``, ``lrr_histogram`` (25 bins
        each), ``sex_evidence`` (``stated``:
        M, F or U), ``assembly`` (of the manifest, where its name says it), ``synthetic``.

        Evidence: ``probe_count``; ``genotype_codes``, a numpy array of one byte a SNP in the order of the manifest
        (0 no call, 1 AA, 2 AB, 3 BB ...); ``manifest``, by which they can be named; ``sample``, the sample's name.
        """
        cursor = Cursor(reading.source)
        reader = FieldReader(cursor, reading.find, FIELD_RULES)
        calls = _Calls(reading, reader, 0)
        version = None
        try:
            version = _version(cursor, reader)
            fields = reader.table("<HI", _NAMES)
            reader.require(fields, _REQUIRED, _NAMES)
            inline = {field.code: field for field in fields if field.code in _INLINE}
            _judge_inline(inline, calls)
            there = {field.code for field in fields}
            if _LAST[version] not in there:
                last = _NAMES[_LAST[version]]
                reading.find(INCOMPLETE.at(Place(column=last), expected=f"field {_LAST[version]}", got="nothing"))
            for field in reader.in_order([field for field in fields if field.code not in _INLINE]):
                calls.take(field)
            _judge_texts(reading, calls, fields)
        except Stopped as stopped:
            reading.find(stopped.finding)
        return _tell(reading, calls, version)


GTC = _Gtc()


def _version(cursor: Cursor, reader: FieldReader) -> int:
    magic = cursor.take(len(_MAGIC))
    if magic != _MAGIC:
        raise Stopped(MAGIC.at(Place(offset=0), expected="gtc", got=magic))
    version: int = reader.numbers("<B", "the version")[0]
    if version not in _LAST:
        raise Stopped(VERSION.at(Place(offset=3), expected="3, 4 or 5", got=version))
    return version


def _judge_inline(inline: dict[int, Field], calls: _Calls) -> None:
    """The numbers that stand in the table itself."""
    if 1 in inline:
        calls.probes = inline[1].value
        if not 0 < calls.probes <= MOST_PROBES:
            place = Place(record=inline[1].entry, column=_NAMES[1])
            raise Stopped(PROBES.at(place, expected=f"1 to {MOST_PROBES}", got=calls.probes))


def _judge_texts(reading: Reading, calls: _Calls, fields: Sequence[Field]) -> None:
    """Dates, the manifest, persons and the declared assembly, when the file was read to its end."""
    places = {field.code: field.place for field in fields}
    for code in (200, 201):
        written = calls.texts.get(code, "")
        if written.strip() and not is_moment(written):
            reading.find(DATE.at(places[code], expected="a date", got=written, part=_NAMES[code]))
    if 101 in calls.texts and not calls.texts[101].strip():
        reading.find(MANIFEST.at(places[101], expected="the manifest's name"))
    samples = [(_NAMES[10], calls.texts.get(10, ""))]
    members = [("imaging user", calls.scanner[2]), *((_NAMES[code], calls.texts.get(code, "")) for code in (11, 12))]
    note_personal(reading, PERSONAL, members, samples)
    note_sample(reading, SAMPLE, samples)


def _tell(reading: Reading, calls: _Calls, version: int | None) -> Facts:
    """Puts the evidence down and returns the facts."""
    calls.write_table()
    manifest = calls.texts.get(101) or None
    if calls.genotypes is not None:
        reading.evidence |= {"probe_count": calls.probes, "genotype_codes": calls.genotypes, "manifest": manifest}
        reading.evidence["sample"] = calls.texts.get(10, "")
    called, heterozygous = calls.genotype_counts()
    rate = calls.fixed[1006][0] if 1006 in calls.fixed else None
    sex = calls.fixed[1007][0].decode("latin-1") if 1007 in calls.fixed else None
    assembly = judge_build(reading, ASSEMBLY, named_by_manifest(manifest) if manifest else None, {})
    return as_facts(
        {
            "version": version,
            "probes": calls.probes or None,
            "samples": 1 if calls.probes else None,
            "manifest": manifest,
            "cluster_file": calls.texts.get(100) or None,
            "scan_date": calls.texts.get(200) or None,
            "call_date": calls.texts.get(201) or None,
            "software": calls.texts.get(300) or None,
            "scanner": calls.scanner[0] or None,
            "call_rate": None if rate is None or not math.isfinite(rate) else round(rate, 6),
            "counted_call_rate": share(called, calls.probes) if calls.genotypes is not None else None,
            "het_rate": share(heterozygous, called),
            **calls.signals.facts(),
            "sex_evidence": {"stated": sex} if sex in {"M", "F", "U"} else None,
            "assembly": assembly,
            "synthetic": any("synthetic" in text.lower() for text in calls.texts.values()) or None,
        }
    )
