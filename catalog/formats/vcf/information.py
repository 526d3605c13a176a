"""The column INFO of a record: keys, types and numbers of values (VCFv4.3, 1.6.1)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from catalog.findings import Rule, show
from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.vcf.reserved import Declaration
from catalog.formats.vcf.sites import Alleles

_INFO = "VCFv4.3, 1.6.1 (INFO)"
_STRUCTURAL = "VCFv4.4, 3 (INFO keys used for structural variants)"

GRAMMAR = forbidden(
    "vcf-info",
    "INFO is no list of key=value",
    "separate fields by one semicolon, leave no field empty, and write a lone dot when there is none",
    f"{_INFO}; before VCFv4.3 no white space either",
)
QUOTED = unusual(
    "vcf-info-quoted",
    "the value of INFO {key} is text in quotes with separators in it",
    "write %2C for a comma and %3D for an equals sign, and leave the quotes out",
    f"{_INFO}: INFO has no quotes; commas only delimit lists, no equals-signs are permitted",
    "Most programs cut the text at the comma.",
)
KEY = forbidden(
    "vcf-info-key",
    "an INFO key is no key",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    f"{_INFO}: keys must match the regular expression",
)
KEY_UNUSUAL = unusual(
    "vcf-info-key-unusual",
    "an INFO key would be no key from VCFv4.3 on",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    f"{_INFO}; not stated before VCFv4.3",
)
REPEATED = forbidden(
    "vcf-info-repeated",
    "an INFO key stands twice",
    "keep one of the two",
    f"{_INFO}: duplicate keys are not allowed",
    "Programs take the first or the last value; both cannot be right.",
)
UNDECLARED = unwanted(
    "vcf-info-undeclared",
    "no INFO line declares {key}",
    'add ##INFO=<ID=...,Number=...,Type=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
    "Without a declaration values cannot be checked, nor understood later.",
)
KIND = forbidden(
    "vcf-info-type",
    "INFO {key} is {origin} {kind}",
    "correct the value, or the Type in the header",
    "VCFv4.3, 1.3 (data types), 1.4.2 and 1.6.1 (INFO)",
)
COUNT = forbidden(
    "vcf-info-number",
    "INFO {key} has {number} values, {origin} is Number={wanted}",
    "give one value for each that Number counts (A: ALT alleles, R: all alleles), or correct the header",
    "VCFv4.3, 1.4.2 (Number)",
    "Values would be given to the wrong alleles.",
)
NO_VALUE = forbidden(
    "vcf-info-value-missing",
    "INFO {key} has no value and is no Flag",
    "write key=value, or declare the key as Flag",
    "VCFv4.3, 1.4.2 (Type); zero length fields are not allowed (1)",
)
FLAG_VALUE = forbidden(
    "vcf-info-flag-value",
    "INFO {key} is a Flag and has a value",
    "write the key alone, or declare another Type",
    "VCFv4.3, 1.4.2: a Flag does not contain a value",
)
FLAG_VALUE_UNUSUAL = unusual(
    "vcf-info-flag-value-unusual",
    "INFO {key} is a Flag and has the value 0 or 1",
    "write the key alone when it is so, and leave it out when it is not",
    "VCFv4.1, 1.4.1: it is not necessary to list what a site does not have, by e.g. H2=0",
    "Most programs take KEY=0 as true.",
)
RANGE = forbidden(
    "vcf-info-range",
    "INFO {key} is below zero",
    "correct the value; unknown is a dot",
    "VCFv4.3, Table 1: a count, a frequency, a depth or a position",
)
CIGAR = forbidden(
    "vcf-info-cigar",
    "INFO CIGAR is no CIGAR string",
    "write lengths and operations, such as 1M2D",
    "VCFv4.3, Table 1 (CIGAR); SAMv1, 1.4.6",
)
END = unusual(
    "vcf-info-end",
    "INFO END lies before POS",
    "write the last position of the variant on the same chromosome; the mate of a breakend belongs into ALT",
    "VCFv4.3, 3 (END); VCFv4.4, Table 1",
    "An index of the file would place the record wrongly.",
)
ENTRIES = forbidden(
    "vcf-info-values-per-allele",
    "INFO {key} has {number} values",
    "give two values for each ALT allele (MEINFO and METRANS: four)",
    f"{_STRUCTURAL}: if present, the number of entries must be twice (four times) the number of ALT alleles",
)
CLAIM = forbidden(
    "vcf-info-claim",
    "INFO SVCLAIM is no claim",
    "write D, J or DJ for each allele",
    f"{_STRUCTURAL}: SVCLAIM",
)
STRUCTURAL_MISSING = unusual(
    "vcf-info-structural-missing",
    "a symbolic structural variant has no {key}",
    "add it: without it the size of the variant, or what it claims, is not known",
    f"{_STRUCTURAL}: SVLEN and SVCLAIM must be specified; a missing SVLEN is inferred from END",
)
NO_ALT = unusual(
    "vcf-values-without-alt",
    "{key} has values or alleles for an ALT that is not there",
    "leave them out where ALT is a dot, or name the allele",
    "VCFv4.3, 1.4.2 (Number A, R and G) and 1.6.2 (GT)",
)

INFO_RULES = (
    GRAMMAR,
    QUOTED,
    KEY,
    KEY_UNUSUAL,
    REPEATED,
    UNDECLARED,
    KIND,
    COUNT,
    NO_VALUE,
    FLAG_VALUE,
    FLAG_VALUE_UNUSUAL,
    RANGE,
    CIGAR,
    END,
    ENTRIES,
    CLAIM,
    STRUCTURAL_MISSING,
    NO_ALT,
)

_CIGAR = re.compile(rb"(?:[0-9]++[MIDNSHPX=])+")
_CLAIMS = frozenset([b"D", b"J", b"DJ", b"."])
_MOST_CACHED = 20_000


def _nothing(_: bytes) -> None:
    """A pattern that matches no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the values of one key are judged at sites with a certain number of ALT alleles.

    Attributes:
        match: says quickly that a value is right; what it refuses is looked at again.
        bare: whether the key may stand without value.
        declared: Number and Type; None for a key of which nothing is known.
        origin: ``declared`` or ``reserved``.
        unsigned: whether values below zero are wrong.
        remarks: what is wrong with the key itself.
        follows: whether the value is looked at again even when it is right.
    """

    match: Callable[[bytes], object]
    bare: bool
    declared: Declaration | None
    origin: str
    unsigned: bool
    remarks: tuple[Rule, ...]
    follows: bool


class InfoReader:
    """Judges INFO of one record after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        self._declared = header.declarations.info
        self._plans: dict[int, dict[bytes, Plan]] = {}

    def read(self, info: bytes, alleles: Alleles, pos: int) -> None:
        """Judges one INFO column.

        Args:
            info: the column.
            alleles: REF and ALT of the record.
            pos: POS, -1 when it has none.
        """
        if info == b".":
            return
        count = alleles.count
        plans = self._plans.get(count)
        if plans is None:
            if len(self._plans) > 64:
                self._plans.clear()
            plans = self._plans[count] = {}
        keys = []
        for entry in info.split(b";"):
            key, equals, value = entry.partition(b"=")
            keys.append(key)
            plan = plans.get(key)
            if plan is None:
                plan = self._plan(key, count)
                if len(plans) < _MOST_CACHED:
                    plans[key] = plan
            right = plan.match(value) is not None if equals else plan.bare
            if not right or plan.follows:
                self._look(plan, entry, alleles, pos)
        if len(set(keys)) != len(keys):
            twice = Counter(key for key in keys if key).most_common(1)
            if twice and twice[0][1] > 1:
                self._margin.note(REPEATED, _place(twice[0][0]), "keys that differ", info)
        if alleles.structural and self._margin.minor >= 4:
            self._check_structural(keys, alleles)

    def _plan(self, key: bytes, count: int) -> Plan:
        """How a key is judged at sites of so many ALT alleles."""
        minor = self._margin.minor
        remarks: list[Rule] = []
        if not grammar.INFO_KEY.fullmatch(key):
            remarks.append(KEY if minor >= 3 or re.search(rb"\s", key) else KEY_UNUSUAL)
        found = reserved.find(reserved.INFO, key, minor)
        declared, origin = self._declared.get(key), "declared"
        if declared is None:
            if self._margin.wants_bank_rules:
                remarks.append(UNDECLARED)
            if found is not None and not found.loose:
                declared, origin = found.meaning, "reserved as"
        unsigned = found is not None and found.counts
        match: Callable[[bytes], object] = _nothing
        blank = rb"\s" if minor < 3 else b""
        if declared is None:
            match = re.compile(rb"[^=%s]++" % blank).fullmatch
        elif declared.kind != b"Flag":
            wanted = grammar.count_of(declared.number, count)
            source = grammar.pattern(declared.kind, wanted, minor, unsigned=unsigned, within=blank)
            if source is not None:
                match = re.compile(source).fullmatch
        special = key in (b"END", b"CIGAR") or (minor >= 4 and (key == b"SVCLAIM" or key in reserved.VALUES_PER_ALLELE))
        return Plan(
            match=match,
            bare=declared is None or declared.kind == b"Flag",
            declared=declared,
            origin=origin,
            unsigned=unsigned,
            remarks=tuple(remarks),
            follows=special or bool(remarks),
        )

    def _look(self, plan: Plan, entry: bytes, alleles: Alleles, pos: int) -> None:
        """Says exactly what is wrong with one field, if anything."""
        margin = self._margin
        key, equals, value = entry.partition(b"=")
        place = _place(key)
        blank = margin.minor < 3 and re.search(rb"\s", value) is not None
        quoted = len(value) > 1 and value.startswith(b'"') and value.endswith(b'"')
        if not key or (equals and not value) or blank or (b"=" in value and not quoted):
            margin.note(GRAMMAR, place, "key=value or key", entry)
            return
        for rule in plan.remarks:
            margin.note(rule, place, "a declared key of letters and digits", key, key=key)
        if not equals:
            if not plan.bare:
                margin.note(NO_VALUE, place, "a value", entry, key=key)
            return
        values = value.split(b",")
        if plan.declared is None:
            self._check_special(key, values, alleles, pos)
            return
        if plan.declared.kind == b"Flag":
            rule = FLAG_VALUE_UNUSUAL if value in (b"0", b"1") else FLAG_VALUE
            margin.note(rule, place, "the key alone", value, key=key)
            return
        if quoted and plan.declared.kind == b"String" and (len(values) > 1 or b"=" in value):
            margin.note(QUOTED, place, "no separators within a value", value, key=key)
            return
        self._check_number(plan, key, values, alleles)
        self._check_values(plan, key, values)
        if plan.follows:
            self._check_special(key, values, alleles, pos)

    def _check_number(self, plan: Plan, key: bytes, values: list[bytes], alleles: Alleles) -> None:
        assert plan.declared is not None
        number = plan.declared.number
        wanted = grammar.count_of(number, alleles.count)
        if wanted is None or number == b"0" or len(values) == wanted or values == [b"."]:
            return
        got = b",".join(values[:20])
        if alleles.count == 0 and not number.isdigit():
            self._margin.note(NO_ALT, _place(key), "no value for an ALT that is not there", got, key=key)
            return
        expected = f"Number={number.decode()}"
        words = {"key": key, "number": len(values), "wanted": number, "origin": plan.origin.partition(" ")[0]}
        self._margin.note(COUNT, _place(key), expected, got, **words)

    def _check_values(self, plan: Plan, key: bytes, values: list[bytes]) -> None:
        assert plan.declared is not None
        kind, minor = plan.declared.kind, self._margin.minor
        for value in values:
            if not value:
                if kind == b"String" and minor >= 4:
                    continue
                self._margin.note(GRAMMAR, _place(key), "no empty value", b",".join(values[:20]))
                return
            if not grammar.is_of_type(value, kind, minor):
                expected = f"{kind.decode()} values"
                self._margin.note(KIND, _place(key), expected, value, key=key, kind=kind, origin=plan.origin)
                return
            if plan.unsigned and grammar.is_negative(value):
                self._margin.note(RANGE, _place(key), "a value not below 0", value, key=key)
                return

    def _check_special(self, key: bytes, values: list[bytes], alleles: Alleles, pos: int) -> None:
        """Keys whose values mean more than their type says."""
        margin = self._margin
        if key == b"END" and grammar.is_integer(values[0], 3) and 0 <= int(values[0]) < pos:
            margin.note(END, "INFO/END", "a position not before POS", values[0])
        elif key == b"CIGAR":
            for value in values:
                if value != b"." and not _CIGAR.fullmatch(value):
                    margin.note(CIGAR, "INFO/CIGAR", "a CIGAR string", value)
        if margin.minor < 4:
            return
        if key == b"SVCLAIM" and not _CLAIMS.issuperset(values):
            margin.note(CLAIM, "INFO/SVCLAIM", "D, J or DJ", b",".join(values[:20]))
        each = reserved.VALUES_PER_ALLELE.get(key)
        if each is not None and alleles.count and len(values) != each * alleles.count and values != [b"."]:
            got = b",".join(values[:20])
            margin.note(ENTRIES, _place(key), f"{each} values for each ALT allele", got, key=key, number=len(values))

    def _check_structural(self, keys: list[bytes], alleles: Alleles) -> None:
        if b"SVLEN" not in keys:
            self._margin.note(STRUCTURAL_MISSING, "INFO/SVLEN", "SVLEN for each structural variant", key="SVLEN")
        if b"SVCLAIM" not in keys and (b"DEL" in alleles.structural or b"DUP" in alleles.structural):
            self._margin.note(STRUCTURAL_MISSING, "INFO/SVCLAIM", "SVCLAIM for each DEL and DUP", key="SVCLAIM")


def _place(key: bytes) -> str:
    return f"INFO/{show(key)}" if key else "INFO"
