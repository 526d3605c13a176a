"""The fixed columns CHROM to FILTER of a record (VCFv4.3, 1.6.1)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.findings import Place
from catalog.formats.vcf import grammar
from catalog.formats.vcf.alleles import ALLELE_RULES, AlleleReader, Alleles, Problem
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.identifiers import Identifiers
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.vcf.walk import WALK_RULES, Walk

_FIXED = "VCFv4.3, 1.6.1"

ID = forbidden(
    "vcf-id",
    "ID is no list of identifiers",
    "separate identifiers by one semicolon without white space, or write a dot",
    f"{_FIXED} (ID)",
)
ID_REPEATED = forbidden(
    "vcf-id-repeated", "an identifier stands twice in the record", "name it once", f"{_FIXED} (ID): duplicate values"
)
ID_AGAIN = unusual(
    "vcf-id-in-two-records",
    "an identifier stands in more than one record",
    "leave it to one record; the alleles of one variant belong into one record (bcftools norm -m+)",
    f"{_FIXED} (ID): no identifier should be present in more than one data record",
    "Looking a variant up by its identifier gives more than one. The first two million are compared.",
)
QUAL = forbidden(
    "vcf-qual",
    "QUAL is no quality",
    "write a number that is not below 0, or a dot",
    f"{_FIXED} (QUAL): Float, -10 log10 of a probability",
)
FILTER = forbidden(
    "vcf-filter",
    "FILTER is no list of filters",
    "write PASS, a dot, or names without white space with one semicolon between them; 0 is reserved",
    f"{_FIXED} (FILTER)",
)
FILTER_REPEATED = forbidden(
    "vcf-filter-repeated", "a filter stands twice", "name it once", f"{_FIXED} (FILTER): duplicate values not allowed"
)
FILTER_PASS = unusual(
    "vcf-filter-pass-and-more",
    "PASS stands beside another filter",
    "write PASS alone, or only the filters that fail",
    f"{_FIXED} (FILTER): PASS if the position has passed all filters, otherwise a list of those that fail",
    "Programs disagree whether such a record has passed.",
)
FILTER_UNDECLARED = unwanted(
    "vcf-filter-undeclared",
    "no FILTER line declares the filter {name}",
    'add ##FILTER=<ID=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
)
RECORD_REPEATED = unwanted(
    "vcf-record-repeated",
    "a record with the same CHROM, POS, REF and ALT stood before",
    "keep one of the two (bcftools norm -d exact)",
    f"{_FIXED} (POS) permits records with the same POS; fairline",
    "Counts of variants would be too high.",
)

SITE_RULES = (
    *WALK_RULES,
    ID,
    ID_REPEATED,
    ID_AGAIN,
    *ALLELE_RULES,
    QUAL,
    FILTER,
    FILTER_REPEATED,
    FILTER_PASS,
    FILTER_UNDECLARED,
    RECORD_REPEATED,
)

_ONE_ID = re.compile(rb"[^\s;]++")
_MOST_CACHED = 20_000
_CACHED_LENGTH = 64
_LONGEST_COMPARED = 4_000


class SiteReader:
    """Judges CHROM to FILTER of one record after the other.

    Attributes:
        walk: CHROM and POS.
        here: REF and ALT of the records at this position.
        identifiers: of all records.
        alleles: the reader of REF and ALT.
    """

    def __init__(self, header: Header, margin: Margin) -> None:
        self.walk = Walk(header, margin)
        self.here: set[tuple[bytes, bytes]] = set()
        self.identifiers = Identifiers()
        self._margin = margin
        self.alleles = AlleleReader(header, margin)
        self._filters = header.declarations.symbols.filters
        self._known_filters: dict[bytes, tuple[Problem, ...]] = {b"PASS": (), b".": ()}

    def read(self, columns: Sequence[bytes]) -> Alleles:
        """Judges the first seven columns of a record; returns its alleles."""
        chrom, position, name, ref, alt, quality, filters = columns[:7]
        is_other = self.walk.take(chrom, position)
        if is_other or self.walk.is_new_position:
            self.here.clear()
        if name != b".":
            self._check_ids(name)
        alleles = self.alleles.read(ref, alt)
        self._check_repeated((ref, alt), alleles)
        if quality != b"." and (not grammar.is_float(quality, self._margin.minor) or grammar.is_negative(quality)):
            self._margin.note(QUAL, "QUAL", "a number not below 0, or a dot", quality)
        for rule, column, expected, got in self.problems_of(filters):
            self._margin.note(rule, column, expected, got, name=got)
        return alleles

    def problems_of(self, filters: bytes) -> tuple[Problem, ...]:
        """What is wrong with a FILTER column."""
        problems = self._known_filters.get(filters)
        if problems is None:
            problems = self._judge_filters(filters)
            if len(self._known_filters) < _MOST_CACHED and len(filters) <= _CACHED_LENGTH:
                self._known_filters[filters] = problems
        return problems

    def _check_ids(self, name: bytes) -> None:
        place = self._margin.place
        self.identifiers.take(name, place.line or place.record or 0)
        if _ONE_ID.fullmatch(name):
            return
        parts = name.split(b";")
        if not all(_ONE_ID.fullmatch(part) for part in parts):
            self._margin.note(ID, "ID", "identifiers separated by semicolons, or a dot", name)
        elif len(set(parts)) != len(parts):
            self._margin.note(ID_REPEATED, "ID", "identifiers that differ", name)

    def _check_repeated(self, key: tuple[bytes, bytes], alleles: Alleles) -> None:
        """Records of symbolic alleles and breakends may stand twice: their ends differ."""
        if not (alleles.snvs or alleles.indels) and (b"<" in key[1] or b"[" in key[1] or b"]" in key[1]):
            return
        if key in self.here:
            self._margin.note(RECORD_REPEATED, "POS", "one record", b">".join(key))
        elif len(self.here) < _MOST_CACHED and len(key[0]) + len(key[1]) < _LONGEST_COMPARED:
            self.here.add(key)

    def _judge_filters(self, filters: bytes) -> tuple[Problem, ...]:
        parts = filters.split(b";")
        if filters == b".":
            return ()
        if any(not part or part in (b"0", b".") or re.search(rb"\s", part) for part in parts):
            return ((FILTER, "FILTER", "PASS, a dot, or names of filters", filters),)
        problems: list[Problem] = []
        if len(set(parts)) != len(parts):
            problems.append((FILTER_REPEATED, "FILTER", "filters that differ", filters))
        if b"PASS" in parts and len(parts) > 1:
            problems.append((FILTER_PASS, "FILTER", "PASS alone", filters))
        problems += [
            (FILTER_UNDECLARED, "FILTER", "##FILTER=<ID=...>", part) for part in parts if part not in self._filters
        ]
        return tuple(problems)

    def finish(self) -> None:
        """The checks over all records."""
        margin = self._margin
        numbers = self.identifiers.repeated()
        if not numbers:
            return
        is_text = margin.place.record is None
        margin.place = Place(line=numbers[0]) if is_text else Place(record=numbers[0])
        margin.note_times(len(numbers), ID_AGAIN, "ID", "identifiers of one record only")
