"""PLINK .bim: the variants of a fileset, one line each.

Source: PLINK 1.9 file formats, .bim.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence

from catalog.findings import Place, Rule
from catalog.formats.arrays.builds import assembly_rule, judge_build
from catalog.formats.arrays.final_report_sample import chromosome_code, rs_number
from catalog.formats.assemblies import chromosome_of
from catalog.formats.plink.lines import FieldLines, line_rules, plink_error, plink_wish
from catalog.formats.protocol import BY_NAME, NO, Facts, Head, Reading, as_facts
from catalog.model import Tier

LINE_RULES = line_rules("bim", "variant")
CHROMOSOME = plink_error(
    "bim-chromosome",
    "the chromosome is neither a code nor a name",
    "write 1 to 22, X, Y, XY, MT, or 0 for unknown",
    ".bim: chromosome code",
)
CHROMOSOME_UNUSUAL = plink_wish(
    "bim-chromosome-unusual",
    "the chromosome is none of a human's",
    "write 1 to 22, X, Y, XY, MT, or 0: PLINK refuses other names unless it is told to take them",
)
DISTANCE = plink_error(
    "bim-distance", "the position in morgans is not a number", "write 0 where it is not known", ".bim: third field"
)
POSITION = plink_error(
    "bim-position",
    "the position is not a whole number up to 2147483646",
    "write the position in base pairs, or 0 where it is not known",
    ".bim: base-pair coordinate (1-based; limited to 2^31-2)",
)
NEGATIVE = plink_wish(
    "bim-position-negative", "the position is below zero", "leave the variant out: PLINK ignores it without a word"
)
EQUAL = plink_error(
    "bim-alleles-equal",
    "the two alleles are the same",
    "write 0 for an allele that was not seen",
    ".bim: alleles 1 and 2",
)
ALLELE = plink_wish("bim-allele", "an allele is no base", "write alleles as A, C, G and T, not as 1 and 2")
REPEATED = plink_wish(
    "bim-id-repeated",
    "a variant's identifier is there twice",
    "name variants apart, for example CHROMOSOME:POSITION:A1:A2",
    "Lists of variants take both, or the first.",
)
ORDER = plink_wish("bim-order", "the variants are not sorted", "sort the fileset with plink --make-bed")
ASSEMBLY = assembly_rule("plink-bim")

_HEADER_NAMES = frozenset({b"CHR", b"#CHR", b"#CHROM", b"CHROM", b"CHROMOSOME", b"SNP", b"RSID"})
_NAME = re.compile(rb"[!-~\x80-\xff]{1,100}")
_NUMBER_LIKE = re.compile(rb"[-+.]?[0-9][0-9.]*(?:[Ee][+-]?[0-9]+)?|[-+][0-9.]*")
_DISTANCE = re.compile(rb"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[Ee][-+]?[0-9]{1,3})?")
_HIGHEST_CODE = 99
_HIGHEST_POSITION = (1 << 31) - 2
_HUMAN = frozenset({*(str(number) for number in range(27)), "X", "Y", "XY", "MT", "M", "PAR1", "PAR2"})
_BASES = frozenset(b"ACGTNacgtn")
_SINGLE = {base: index for index, base in enumerate((b"0", b"A", b"C", b"G", b"T", b"D", b"I"))}
_OTHER_ALLELE = 7
_MISSING = (b"0", b".")
_SYMBOLS = (b"0", b".", b"*", b"D", b"I", b"d", b"i")
_MOST_KEPT = 8_000_000
_MOST_COMPARED = 12_000_000
_MOST_CHROMOSOMES = 1000
_DIGITS = 10
_FIELDS = 6
_CHUNK_LINES = 2048
#: For fewer names the library for numbers is not worth its loading.
_FEW_NAMES = 100_000


def _allele_code(allele: bytes) -> int:
    return _SINGLE.get(allele.upper(), _OTHER_ALLELE)


def _repeated(names: array[int]) -> list[int]:
    """Where something stands that stood before."""
    if len(names) < _FEW_NAMES:
        seen: set[int] = set()
        again = []
        for at, name in enumerate(names):
            if name in seen:
                again.append(at)
            seen.add(name)
        return again
    import numpy

    values = numpy.frombuffer(names, "i8")
    order = numpy.argsort(values, kind="stable")
    return [int(at) for at in order[1:][values[order][1:] == values[order][:-1]]]


class _Variants:
    """What is read of a file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.lines = FieldLines(reading, LINE_RULES, _HEADER_NAMES)
        self._known: dict[bytes, tuple[int, str | None]] = {}
        self._distances: dict[bytes, bool] = {}
        self._good = set(_SINGLE)
        self._counts: Counter[bytes] = Counter()
        self._names, self._numbers = array("q"), array("I")
        self._chromosome = b""
        self._position = 0
        self._done: set[bytes] = set()
        self._snvs = 0
        self.highest: dict[str, int] = {}
        self._kept = (array("B"), array("I"), array("B"), array("I"))

    def _find(self, rule: Rule, number: int, column: str, expected: str, got: bytes) -> None:
        self._reading.find(rule.at(Place(line=number, column=column), expected=expected, got=got))

    def take_many(self, number: int, lines: list[bytes]) -> bool:
        """Takes lines of one chromosome of which :meth:`take` would say nothing; none when it would, or may."""
        rows = [line.split() for line in lines]
        if {len(row) for row in rows} != {_FIELDS} or not self.lines.records:
            return False
        chromosomes, names, distances, written, firsts, seconds = zip(*rows, strict=True)
        if set(chromosomes) != {self._chromosome} or self._chromosome not in self._known:
            return False
        if set(distances) != {b"0"} or not set(firsts) | set(seconds) <= self._good or b"." in names:
            return False
        if not b"".join(written).isdigit() or max(map(len, written)) > _DIGITS:
            return False
        positions = list(map(int, written))
        if positions[0] < self._position or positions != sorted(positions) or positions[-1] > _HIGHEST_POSITION:
            return False
        if any(first == second and first not in _MISSING for first, second in zip(firsts, seconds, strict=True)):
            return False
        self.lines.records += len(rows)
        self._counts[self._chromosome] += len(rows)
        self._position = positions[-1]
        self._snvs += sum(len(first) == len(second) == 1 for first, second in zip(firsts, seconds, strict=True))
        if len(self._names) < _MOST_COMPARED:
            self._names.extend(map(hash, names))
            self._numbers.extend(range(number, number + len(rows)))
        self._keep_many(positions, (firsts, seconds), names)
        return True

    def _keep_many(
        self, positions: list[int], alleles: tuple[Sequence[bytes], Sequence[bytes]], names: Sequence[bytes]
    ) -> None:
        code, human = self._known[self._chromosome]
        if human is not None and positions[-1]:
            self.highest[human] = max(self.highest.get(human, 0), positions[-1])
        codes, kept, letters, numbers = self._kept
        if len(codes) < _MOST_KEPT:
            codes.extend(bytes([code]) * len(positions))
            kept.extend(positions)
            letters.extend(
                [_allele_code(first) * 16 + _allele_code(second) for first, second in zip(*alleles, strict=True)]
            )
            numbers.extend(map(rs_number, names))

    def take(self, number: int, line: bytes) -> None:
        """The next line."""
        fields = self.lines.fields(number, line)
        if fields is None:
            return
        chromosome, name, distance, written, first, second = fields
        code, human = self._judge_chromosome(number, chromosome)
        if not self._is_distance(distance):
            self._find(DISTANCE, number, "cM", "a number", distance)
        position = self._judge_position(number, written)
        if first == second and first not in _MISSING:
            self._find(EQUAL, number, "allele 2", "another allele than the first", second)
        self._judge_allele(number, "allele 1", first)
        self._judge_allele(number, "allele 2", second)
        if len(first) == len(second) == 1:
            self._snvs += 1
        if len(self._names) < _MOST_COMPARED and name != b".":
            self._names.append(hash(name))
            self._numbers.append(number & 0xFFFFFFFF)
        self._judge_order(number, chromosome, position)
        if position > 0 and human is not None:
            self.highest[human] = max(self.highest.get(human, 0), position)
        self._keep(code, max(0, position), (first, second), name)

    def _keep(self, code: int, position: int, alleles: tuple[bytes, bytes], name: bytes) -> None:
        codes, positions, letters, numbers = self._kept
        if len(codes) < _MOST_KEPT:
            codes.append(code)
            positions.append(position)
            letters.append(_allele_code(alleles[0]) * 16 + _allele_code(alleles[1]))
            numbers.append(rs_number(name))

    def _judge_chromosome(self, number: int, chromosome: bytes) -> tuple[int, str | None]:
        """Its number and the chromosome of an assembly; judged at every line, worked out once."""
        self._counts[chromosome] += 1 if chromosome in self._counts or len(self._counts) < _MOST_CHROMOSOMES else 0
        known = self._known.get(chromosome)
        if known is None:
            text = chromosome.decode("utf-8", "replace")
            is_code = chromosome.isdigit() and int(chromosome[:4]) <= _HIGHEST_CODE
            if not is_code and (_NUMBER_LIKE.fullmatch(chromosome) or not _NAME.fullmatch(chromosome)):
                self._find(CHROMOSOME, number, "chromosome", "0 to 99, X, Y, XY, MT or a name", chromosome)
                return 0, None
            bare = text[3:] if text[:3].lower() == "chr" else text
            if bare.upper() not in _HUMAN:
                self._find(CHROMOSOME_UNUSUAL, number, "chromosome", "1 to 22, X, Y, XY, MT or 0", chromosome)
                return 0, None
            code = chromosome_code(text)
            known = code, chromosome_of({23: "X", 24: "Y", 26: "MT"}.get(code, str(code)))
            self._known[chromosome] = known
        return known

    def _is_distance(self, text: bytes) -> bool:
        if text == b"0":
            return True
        known = self._distances.get(text)
        if known is None:
            known = _DISTANCE.fullmatch(text) is not None
            if len(self._distances) < _MOST_CHROMOSOMES:
                self._distances[text] = known
        return known

    def _judge_position(self, number: int, written: bytes) -> int:
        if written.isdigit() and len(written) <= _DIGITS and int(written) <= _HIGHEST_POSITION:
            return int(written)
        if written[:1] == b"-" and written[1:].isdigit() and len(written) <= _DIGITS + 1:
            self._find(NEGATIVE, number, "position", "0 or more", written)
        else:
            self._find(POSITION, number, "position", f"0 to {_HIGHEST_POSITION}", written)
        return -1

    def _judge_allele(self, number: int, column: str, allele: bytes) -> None:
        if len(allele) == 1 and allele in b"ACGT0":
            return
        if allele not in _SYMBOLS and not _BASES.issuperset(allele) and not allele.startswith(b"<"):
            self._find(ALLELE, number, column, "A, C, G, T or 0", allele)
        elif len(self._good) < _MOST_CHROMOSOMES:
            self._good.add(allele)

    def _judge_order(self, number: int, chromosome: bytes, position: int) -> None:
        if chromosome != self._chromosome:
            if chromosome in self._done:
                self._find(ORDER, number, "chromosome", "each chromosome in one block", chromosome)
            elif len(self._done) < _MOST_CHROMOSOMES:
                self._done.add(chromosome)
            self._chromosome, self._position = chromosome, 0
        if 0 <= position < self._position:
            self._find(ORDER, number, "position", f"{self._position} or more", str(position).encode())
        self._position = max(self._position, position)

    def judge_names(self) -> None:
        """Identifiers that are there twice, when all are known."""
        again = _repeated(self._names)
        if again:
            place = Place(line=self._numbers[min(again)], column="ID")
            self._reading.find(REPEATED.at(place, expected="each identifier once", got=f"{len(again)} too many"))

    def facts(self) -> Facts:
        """Counts; the evidence is put down."""
        assembly = judge_build(self._reading, ASSEMBLY, None, self.highest)
        self._reading.evidence |= dict(zip(("chromosomes", "positions", "alleles", "rs"), self._kept, strict=True))
        self._reading.evidence["count"] = self.lines.records
        named = {name.decode("utf-8", "replace")[:100]: count for name, count in list(self._counts.items())[:100]}
        return as_facts(
            {
                "variants": self.lines.records,
                "snvs": self._snvs,
                "chromosomes": named or None,
                "assembly": assembly,
            }
        )


class _PlinkBim:
    """The .bim format (see :class:`catalog.formats.protocol.Format`)."""

    name = "plink-bim"
    title = "PLINK variants (bim)"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (
        *LINE_RULES.all(),
        CHROMOSOME,
        CHROMOSOME_UNUSUAL,
        DISTANCE,
        POSITION,
        NEGATIVE,
        EQUAL,
        ALLELE,
        REPEATED,
        ORDER,
        ASSEMBLY,
    )

    def sniff(self, head: Head) -> int:
        """By name alone: six words a line are of many kinds."""
        return BY_NAME if head.has_suffix(".bim") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once.

        Facts: ``variants``, ``snvs`` (both alleles of one letter), ``chromosomes`` (variants by name as written, at
        most 100), ``assembly`` (where the positions fit only one).

        Evidence: ``count`` (lines); of the first 8 million variants arrays (of the module array) of equal length: ``chromosomes`` (1 to
        22, 23 X, 24 Y, 25 XY, 26 MT, 0 else), ``positions`` (0 unknown), ``alleles`` (index of allele 1 in ``0ACGTDI``
        times 16 plus that of allele 2; 7 for others), ``rs`` (numbers of rs names, 0 for others).
        """
        variants = _Variants(reading)
        number = 1
        for buffer in reading.source.line_buffers():
            variants.lines.check_buffer(buffer, number)
            lines = buffer.split(b"\n")[:-1]
            for at in range(0, len(lines), _CHUNK_LINES):
                chunk = lines[at : at + _CHUNK_LINES]
                if variants.lines.is_waiting or not variants.take_many(number, chunk):
                    for index, line in enumerate(chunk):
                        variants.take(number + index, line)
                number += len(chunk)
        variants.lines.finish()
        if reading.wants_bank_rules:
            variants.judge_names()
        return variants.facts()


PLINK_BIM = _PlinkBim()
