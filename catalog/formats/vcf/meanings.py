"""INFO keys whose values mean more than their Type says: END, CIGAR and those of structural variants (VCFv4.3, 3)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.alleles import BREAKEND, Alleles
from catalog.formats.vcf.margin import Margin, forbidden, unusual
from catalog.formats.vcf.walk import Walk

_STRUCTURAL = "VCFv4.4, 3 (INFO keys used for structural variants)"

CIGAR = forbidden(
    "vcf-info-cigar",
    "INFO CIGAR is no CIGAR string",
    "write lengths and operations, such as 1M2D",
    "VCFv4.3, Table 1 (CIGAR); SAMv1, 1.4.6",
)
END = forbidden(
    "vcf-info-end",
    "INFO END lies before POS",
    "write the last position of the variant on the same chromosome; the mate of a breakend belongs into ALT",
    "VCFv4.3, 1.6.1 (END): the variant spans positions POS-END on CHROM",
    "An index of the file would place the record wrongly.",
)
END_BEYOND = forbidden(
    "vcf-info-end-beyond-contig",
    "INFO END lies beyond the end of the declared contig",
    "look whether the records and the contig lines are of the same assembly",
    "VCFv4.3, 1.6.1 (END: end reference position on CHROM) and 1.4.7",
)
END_COMPUTED = forbidden(
    "vcf-info-end-computed",
    "INFO END is not the last position of the alleles",
    "leave END out; VCFv4.5 computes it from REF, SVLEN and FORMAT LEN",
    "VCFv4.5, 1.6.1 (END): when present, must be set to the maximum end reference position",
)
KIND = forbidden(
    "vcf-info-svtype",
    "INFO SVTYPE names a listed type of structural variant by another word",
    "write DEL, INS, DUP, INV, CNV or BND, in capitals",
    "VCFv4.3, 3 (SVTYPE): the reserved values must be used for the types listed",
    "Programs look for the reserved value and pass the variant over.",
)
KIND_UNUSUAL = unusual(
    "vcf-info-svtype-unusual",
    "INFO SVTYPE is none of the types that are listed",
    "write DEL, INS, DUP, INV, CNV or BND where it is one of them; leave it where it is another type",
    "VCFv4.1, 3 (SVTYPE): value should be one of DEL, INS, DUP, INV, CNV, BND; VCFv4.3, 3: reserved for these types",
)
SIGN = unusual(
    "vcf-info-svlen-sign",
    "INFO SVLEN has the wrong sign",
    "write a negative length for a deletion, a positive one for an insertion or a duplication",
    "VCFv4.1 to VCFv4.3, 3 (SVLEN): longer ALT alleles have positive values, shorter ones negative values",
)
INTERVAL = forbidden(
    "vcf-info-interval",
    "the interval of INFO {key} ends before it begins, or does not span zero",
    "write the distance to the lower bound (0 or below), then to the upper bound (0 or above)",
    f"{_STRUCTURAL}: the lower bound cannot be greater than 0, and the upper bound cannot be less than 0; "
    "VCFv4.1, 3: confidence interval",
)
INTERVAL_UNUSUAL = unusual(
    "vcf-info-interval-unusual",
    "the interval of INFO {key} does not span zero",
    "write the distance to the lower bound (0 or below), then to the upper bound (0 or above)",
    "VCFv4.1, 3: confidence interval around POS, around END; the bounds are stated in VCFv4.4",
)
ENTRIES = forbidden(
    "vcf-info-values-per-allele",
    "INFO {key} has {number} values",
    "give two values for each ALT allele (SVLEN: one; MEINFO and METRANS: four)",
    f"{_STRUCTURAL}: if present, the number of entries must be twice (four times) the number of ALT alleles; "
    "VCFv4.1, 3 (SVLEN): one value for each ALT allele",
)
CLAIM = forbidden(
    "vcf-info-claim",
    "INFO SVCLAIM is no claim of this allele",
    "write D, J or DJ for DEL and DUP, D for CNV, J or DJ for INV and INS, J for a breakend",
    f"{_STRUCTURAL}: SVCLAIM; if specified, must be ...",
)
REPEAT_UNIT = forbidden(
    "vcf-info-repeat-unit",
    "INFO RUS is no sequence",
    "write nucleotide codes, or a dot",
    "VCFv4.4, 3 (RUS): may contain only IUPAC nucleotide codes or the missing value",
)

MEANING_RULES = (
    CIGAR,
    END,
    END_BEYOND,
    END_COMPUTED,
    KIND,
    KIND_UNUSUAL,
    SIGN,
    INTERVAL,
    INTERVAL_UNUSUAL,
    ENTRIES,
    CLAIM,
    REPEAT_UNIT,
)

#: An equals sign can stand in INFO only as %3D.
_CIGAR = re.compile(rb"(?:[0-9]++(?:[MIDNSHPX=]|%3D))+")
_NUCLEOTIDES = re.compile(rb"[ACGTURYSWKMBDHVNacgturyswkmbdhvn]++")
_KINDS = frozenset([b"DEL", b"INS", b"DUP", b"INV", b"CNV", b"BND"])
#: What the listed types are called elsewhere, in capitals.
_WORDS = frozenset([*_KINDS, b"DELETION", b"INSERTION", b"DUPLICATION", b"INVERSION", b"BREAKEND"])
#: VCFv4.4 made SVTYPE redundant.
_KINDS_UNTIL = 3
_SHORTER, _LONGER = frozenset([b"DEL"]), frozenset([b"INS", b"DUP"])
#: What SVCLAIM may say of each kind of allele (VCFv4.4, 3).
_CLAIMS = {
    b"DEL": frozenset([b"D", b"J", b"DJ"]),
    b"DUP": frozenset([b"D", b"J", b"DJ"]),
    b"CNV": frozenset([b"D", b"."]),
    b"CNV:TR": frozenset([b"D", b"."]),
    b"INV": frozenset([b"J", b"DJ", b"."]),
    b"INS": frozenset([b"J", b"DJ", b"."]),
    BREAKEND: frozenset([b"J", b"."]),
}
_ANY_CLAIM = frozenset([b"D", b"J", b"DJ", b"."])
#: Keys of one value, or of one for each ALT allele (VCFv4.1 to VCFv4.3, 3).
_SINGLE = (b"DGVID", b"DBVARID", b"DBRIPID", b"PARID", b"EVENT", b"CN")
_PAIR = 2
_LONGEST_NUMBER = 100

Values = Sequence[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """One key and how it is judged.

    Attributes:
        check: judges the values.
        since: the first minor version in which it says something.
        until: the last one.
    """

    check: Callable[[bytes, Values, Alleles, Walk, Margin], None]
    since: int = 0
    until: int = 9

    def applies(self, minor: int) -> bool:
        """Whether it says something in a version."""
        return self.since <= minor <= self.until


def _check_end(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    end = grammar.integer(values[0])
    if end is None or end < 0 or walk.pos < 0:
        return
    if end < walk.pos:
        margin.note(END, "INFO/END", "a position not before POS", values[0])
    elif walk.length is not None and end > max(walk.length, walk.pos):
        margin.note(END_BEYOND, "INFO/END", "a position within the contig", values[0])
    elif margin.minor >= 5 and alleles.has_only_sequences and end != walk.pos + alleles.ref_bases - 1:
        margin.note(END_COMPUTED, "INFO/END", "POS + length of REF - 1", values[0])


def _check_cigar(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    for value in values:
        if value != b"." and not _CIGAR.fullmatch(value):
            margin.note(CIGAR, "INFO/CIGAR", "a CIGAR string", value)


def _check_kind(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    for value in values if margin.minor <= _KINDS_UNTIL else ():
        kind = value.partition(b":")[0]
        if value != b"." and kind not in _KINDS:
            rule = KIND if margin.minor == _KINDS_UNTIL and kind.upper() in _WORDS else KIND_UNUSUAL
            margin.note(rule, "INFO/SVTYPE", "DEL, INS, DUP, INV, CNV or BND", value)


def _check_length(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """One length for a record of several alleles was read as that of each."""
    if alleles.count and len(values) not in (1, alleles.count):
        got = b",".join(values[:20])
        margin.note(ENTRIES, "INFO/SVLEN", "one value for each ALT allele", got, key=key, number=len(values))
    for kind, value in zip(alleles.structural, values, strict=False):
        number = grammar.integer(value)
        if number is not None and ((kind in _SHORTER and number > 0) or (kind in _LONGER and number < 0)):
            margin.note(SIGN, "INFO/SVLEN", "below 0 for DEL, above 0 for INS and DUP", value)


def _check_interval(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """Intervals around a place span zero; those of SVLEN and of the copy number only do not end before they begin."""
    place, is_around = f"INFO/{key.decode()}", key not in (b"CILEN", b"CICN")
    for lower, upper in zip(values[::_PAIR], values[1::_PAIR], strict=False):
        low, high = _number(lower), _number(upper)
        is_reversed = low is not None and high is not None and low > high
        if is_reversed or (is_around and ((low or 0) > 0 or (high or 0) < 0)):
            rule = INTERVAL if margin.minor >= 4 or is_reversed else INTERVAL_UNUSUAL
            got = b"%s,%s" % (lower, upper)
            margin.note(rule, place, "a lower bound up to 0, an upper bound from 0 on", got, key=key)
            return


def _number(value: bytes) -> float | None:
    return float(value) if len(value) < _LONGEST_NUMBER and grammar.is_float(value, grammar.NEWEST) else None


def _check_entries(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    each = reserved.VALUES_PER_ALLELE[key]
    if margin.minor >= 4 and alleles.count and len(values) != each * alleles.count and list(values) != [b"."]:
        expected = f"{each} values for each ALT allele"
        got = b",".join(values[:20])
        margin.note(ENTRIES, f"INFO/{key.decode()}", expected, got, key=key, number=len(values))
    elif each == _PAIR:
        _check_interval(key, values, alleles, walk, margin)


def _check_claim(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    kinds = alleles.structural or (None,) * len(values)
    for kind, value in zip(kinds, values, strict=False):
        if value not in (_CLAIMS[kind] if kind is not None else _ANY_CLAIM):
            margin.note(CLAIM, "INFO/SVCLAIM", "a claim of the kind of the allele", value)
            return


def _pass(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """Says nothing."""


def _check_unit(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    for value in values:
        if value not in (b"", b".") and not _NUCLEOTIDES.fullmatch(value):
            margin.note(REPEAT_UNIT, "INFO/RUS", "nucleotide codes", value)
            return


#: The keys that are looked at, with the versions.
MEANINGS = {
    b"END": Meaning(check=_check_end),
    b"CIGAR": Meaning(check=_check_cigar),
    b"SVTYPE": Meaning(check=_check_kind),
    b"SVLEN": Meaning(check=_check_length, until=3),
    b"SVCLAIM": Meaning(check=_check_claim, since=4),
    b"RUS": Meaning(check=_check_unit, since=4),
    b"CIRUC": Meaning(check=_check_interval, since=4),
    b"CIRB": Meaning(check=_check_interval, since=4),
    **{key: Meaning(check=_check_entries, since=4) for key in reserved.VALUES_PER_ALLELE},
    **{key: Meaning(check=_check_entries, since=1) for key in (b"CIPOS", b"CIEND", b"CILEN", b"CICN")},
    # The number of values that these have depends on ALT, whatever was met before.
    **{key: Meaning(check=_pass, until=3) for key in _SINGLE},
}


def check_meaning(key: bytes, values: Values, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """Judges the values of one key by what they mean.

    Args:
        key: the key.
        values: its values.
        alleles: REF and ALT of the record.
        walk: where it is.
        margin: where findings go.
    """
    meaning = MEANINGS.get(key)
    if meaning is not None and meaning.applies(margin.minor):
        meaning.check(key, values, alleles, walk, margin)
