"""What a record of symbolic structural variants must say, and how its tandem repeats are counted (VCFv4.4, 3 and 5.7)."""

from __future__ import annotations

from catalog.formats.vcf import grammar
from catalog.formats.vcf.alleles import BREAKEND, REPEAT, Alleles
from catalog.formats.vcf.margin import Margin, forbidden, unusual
from catalog.formats.vcf.meanings import END_COMPUTED
from catalog.formats.vcf.walk import Walk

_STRUCTURAL = "VCFv4.4, 3 (INFO keys used for structural variants)"

MISSING = unusual(
    "vcf-info-structural-missing",
    "a symbolic structural variant has no {key}",
    "add it: without it the size of the variant, or what it claims, is not known",
    f"{_STRUCTURAL}: SVLEN and SVCLAIM must be specified; a missing SVLEN is inferred from END, and examples have none",
)
REPEATS = forbidden(
    "vcf-info-repeat-number",
    "INFO {key} has {number} values for {wanted} repeat sequences",
    "give one value for each repeat sequence that RN counts (CIRUC and CIRB: two, RUB: one for each repeat unit)",
    f"{_STRUCTURAL}: the length of these fields must match the sum of all RN values for the record",
    "Values would be given to the wrong repeats.",
)
REPEAT_LENGTH = forbidden(
    "vcf-info-repeat-length",
    "INFO RUL is not the length of RUS",
    "leave RUL out where RUS is given",
    f"{_STRUCTURAL}: the length of each RUS entry must match the corresponding RUL",
)
UNITS = forbidden(
    "vcf-info-repeat-units",
    "INFO RUB stands without whole numbers in RUC",
    "give RUC as whole numbers, or leave RUB out",
    f"{_STRUCTURAL}: if RUB is present, RUC must also be present and must contain only integer values",
)
REPEAT_MISSING = forbidden(
    "vcf-info-repeat-missing",
    "a repeat sequence of a CNV:TR allele has neither RUS nor RUL",
    "give its repeat unit in RUS, or the length of the unit in RUL",
    "VCFv4.4, 5.7: RUS or RUL must be specified for each <CNV:TR>",
    "Nobody could tell what is repeated.",
)
BOUNDS = forbidden(
    "vcf-info-repeat-bounds",
    "INFO {key} has an interval around a value that {of} does not have",
    "give the value in {of}, or dots in {key}",
    f"{_STRUCTURAL}: CIRUC and CIRB must not be non-missing for any alleles with no corresponding RUC or RB value",
)

COPY_NUMBER = forbidden(
    "vcf-copy-number-lengths",
    "FORMAT CN stands with CNV, DEL or DUP alleles of different SVLEN",
    "write a record for each length, or leave CN out",
    "VCFv4.4, 4 (CN): when FORMAT CN is present, all CNV, DEL and DUP alleles must have the same SVLEN",
    "Nobody could tell of which region it is the copy number.",
)

STRUCTURAL_RULES = (MISSING, REPEATS, REPEAT_LENGTH, UNITS, REPEAT_MISSING, BOUNDS, COPY_NUMBER)

#: Values for each repeat sequence.
_PER_REPEAT = {b"RUS": 1, b"RUL": 1, b"RUC": 1, b"RB": 1, b"CIRUC": 2, b"CIRB": 2}
_BOUNDED = ((b"CIRUC", b"RUC"), (b"CIRB", b"RB"))
_CLAIMING = frozenset([b"DEL", b"DUP"])
_COUNTED = frozenset([b"CNV", b"DEL", b"DUP"])
#: Symbolic alleles that cover as many bases behind POS as SVLEN says.
_COVERING = frozenset([b"DEL", b"DUP", b"INV", b"CNV", REPEAT])
_MOST_REPEATS = 1_000_000

_Fields = dict[bytes, list[bytes]]


def check_structural(info: bytes, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """Judges a record with structural variants, from VCFv4.4 on."""
    fields: _Fields = {}
    for entry in info.split(b";"):
        key, _, value = entry.partition(b"=")
        fields.setdefault(key, value.split(b","))
    kinds = [kind for kind in alleles.structural if kind not in (None, BREAKEND)]
    if kinds and b"SVLEN" not in fields and b"END" not in fields:
        margin.note(MISSING, "INFO/SVLEN", "SVLEN for each structural variant", key="SVLEN")
    if b"SVCLAIM" not in fields and not _CLAIMING.isdisjoint(kinds):
        margin.note(MISSING, "INFO/SVCLAIM", "SVCLAIM for each DEL and DUP", key="SVCLAIM")
    if REPEAT in kinds:
        _check_repeats(fields, alleles, margin)
    if margin.minor >= 5 and {b"END", b"SVLEN"} <= fields.keys():
        _check_end(fields, alleles, walk, margin)


def check_copy_number(info: bytes, alleles: Alleles, margin: Margin) -> None:
    """Judges the lengths of a record whose samples have a copy number, from VCFv4.4 on."""
    value = next((entry[6:] for entry in info.split(b";") if entry.startswith(b"SVLEN=")), b"")
    lengths = [
        abs(length)
        for kind, length in zip(alleles.structural, map(grammar.integer, value.split(b",")), strict=False)
        if kind in _COUNTED and length is not None
    ]
    if len(set(lengths)) > 1:
        margin.note(COPY_NUMBER, "INFO/SVLEN", "the same length for each", value)


def _check_end(fields: _Fields, alleles: Alleles, walk: Walk, margin: Margin) -> None:
    """From VCFv4.5 on END is computed; not where the end of an insertion or of an unknown symbol is open."""
    lengths = [None if value == b"." else grammar.integer(value) for value in fields[b"SVLEN"]]
    end = grammar.integer(fields[b"END"][0])
    if end is None or not 0 <= walk.pos <= end or len(lengths) != alleles.count or alleles.has_unspecified:
        return
    wanted = walk.pos + alleles.ref_bases - 1
    for kind, length in zip(alleles.structural, lengths, strict=True):
        if (kind in _COVERING) != (length is not None):
            return
        if length is not None:
            wanted = max(wanted, walk.pos + abs(length))
    if end != wanted:
        margin.note(END_COMPUTED, "INFO/END", "POS + SVLEN of the longest allele", end)


def _check_repeats(fields: _Fields, alleles: Alleles, margin: Margin) -> None:
    numbers = fields.get(b"RN", [b"1" if kind == REPEAT else b"0" for kind in alleles.structural])
    repeats = [grammar.integer(number) for number in numbers if number != b"."]
    if None in repeats:
        return
    wanted = sum(filter(None, repeats))
    for key, each in _PER_REPEAT.items():
        values = fields.get(key)
        if values is not None and values != [b"."] and len(values) != each * wanted:
            got = b",".join(values[:20])
            expected = f"{each} for each repeat sequence"
            place = f"INFO/{key.decode()}"
            margin.note(REPEATS, place, expected, got, key=key, number=len(values), wanted=wanted)
    _check_lengths(fields, margin)
    _check_given(fields, wanted, margin)
    if b"RUB" in fields:
        _check_units(fields, margin)


def _check_given(fields: _Fields, wanted: int, margin: Margin) -> None:
    """Each repeat sequence is described, and what is uncertain is there. Lists of a wrong length were told already."""
    lists = [[] if values == [b"."] else values for values in (fields.get(b"RUS", []), fields.get(b"RUL", []))]
    described = {number for values in lists for number, value in enumerate(values) if value != b"."}
    if all(len(values) in (0, wanted) for values in lists) and len(described) < wanted:
        margin.note(REPEAT_MISSING, "INFO/RUS", "RUS or RUL for each repeat sequence")
    for key, of in _BOUNDED:
        bounds, values = fields.get(key, []), fields.get(of, [])
        around = {number // 2 for number, bound in enumerate(bounds) if bound != b"."}
        there = {number for number, value in enumerate(values) if value != b"."}
        if len(bounds) == 2 * wanted and not around <= there:
            margin.note(BOUNDS, f"INFO/{key.decode()}", "dots", b",".join(bounds[:20]), key=key, of=of)


def _check_lengths(fields: _Fields, margin: Margin) -> None:
    for unit, length in zip(fields.get(b"RUS", []), fields.get(b"RUL", []), strict=False):
        number = grammar.integer(length)
        if unit != b"." and number is not None and number != len(unit):
            margin.note(REPEAT_LENGTH, "INFO/RUL", "the length of RUS", length)
            return


def _check_units(fields: _Fields, margin: Margin) -> None:
    counts = fields.get(b"RUC", [])
    units = [grammar.integer(count) for count in counts]
    if not units or None in units:
        margin.note(UNITS, "INFO/RUB", "whole numbers in RUC", b",".join(counts[:20]))
        return
    wanted = sum(filter(None, units))
    number = len(fields[b"RUB"])
    if wanted < _MOST_REPEATS and fields[b"RUB"] != [b"."] and number != wanted:
        margin.note(REPEATS, "INFO/RUB", "one for each repeat unit", number, key="RUB", number=number, wanted=wanted)
