"""The column INFO of a record: keys, types and numbers of values (VCFv4.3, 1.6.1)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from catalog.findings import Rule, show
from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.alleles import Alleles
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.vcf.meanings import MEANING_RULES, MEANINGS, check_meaning
from catalog.formats.vcf.reserved import Declaration
from catalog.formats.vcf.structural import STRUCTURAL_RULES, check_structural
from catalog.formats.vcf.walk import Walk

_INFO = "VCFv4.3, 1.6.1 (INFO)"

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
ENCODED = forbidden(
    "vcf-percent",
    "{key} has a percent sign that encodes nothing",
    "write %25 for a percent sign; the two digits of an encoded character are 0-9 and A-F",
    "VCFv4.3, 1.2: characters with special meaning, the percent sign among them, must be percent-encoded in capitals",
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
    "INFO {key} is {problem}",
    "correct the value; unknown is a dot",
    "VCFv4.3, Table 1: a count, a frequency, a depth or a position",
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
    ENCODED,
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
    NO_ALT,
    *MEANING_RULES,
    *STRUCTURAL_RULES,
)

_MOST_CACHED, _CACHED_LENGTH = 20_000, 100
_SHOWN_VALUES = 20
#: What UNDECLARED and the rules about keys expect.
KEY_WANTED = "a declared key of letters and digits"


def _nothing(_: bytes) -> None:
    """A pattern that matches no value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the values of one key are judged at sites with a certain number of ALT alleles.

    Attributes:
        match: says quickly that a value is right; what it refuses is looked at again.
        bare: whether the key may stand without value.
        declared: Number and Type; None for a key of which nothing is known.
        origin: ``declared`` or ``reserved as``.
        found: the reserved meaning.
        remarks: what is wrong with the key itself.
        follows: whether the value is looked at again even when it is right.
    """

    match: Callable[[bytes], object]
    bare: bool
    declared: Declaration | None
    origin: str
    found: reserved.Reserved | None
    remarks: tuple[Rule, ...]
    follows: bool

    @property
    def is_whole(self) -> bool:
        """Whether the key counts something although another Type is declared."""
        found, declared = self.found, self.declared
        if found is None or declared is None or not found.counts:
            return False
        return found.meaning.kind == b"Integer" and declared.kind not in (b"Integer", b"Flag")


class InfoReader:
    """Judges INFO of one record after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        self._declared = header.declarations.info
        self._plans: dict[tuple[bytes, int], Plan] = {}

    def read(self, info: bytes, alleles: Alleles, walk: Walk) -> None:
        """Judges one INFO column.

        Args:
            info: the column.
            alleles: REF and ALT of the record.
            walk: where the record is.
        """
        if info == b".":
            return
        keys = []
        for entry in info.split(b";"):
            key, equals, value = entry.partition(b"=")
            keys.append(key)
            plan = self.plan(key, alleles.count)
            right = plan.match(value) is not None if equals else plan.bare
            if not right or plan.follows:
                self._look(plan, entry, alleles, walk)
        if len(set(keys)) != len(keys):
            twice = Counter(key for key in keys if key).most_common(1)
            if twice and twice[0][1] > 1:
                self._margin.note(REPEATED, _place(twice[0][0]), "keys that differ", info)
        if alleles.structural and self._margin.minor >= 4:
            check_structural(info, alleles, walk, self._margin)

    def plan(self, key: bytes, count: int) -> Plan:
        """How a key is judged at sites of so many ALT alleles."""
        plan = self._plans.get((key, count))
        if plan is None:
            plan = self._plan(key, count)
            if len(key) <= _CACHED_LENGTH:
                if len(self._plans) >= _MOST_CACHED:
                    self._plans.clear()
                self._plans[key, count] = plan
        return plan

    def _plan(self, key: bytes, count: int) -> Plan:
        minor = self._margin.minor
        remarks: list[Rule] = []
        if not grammar.INFO_KEY.fullmatch(key):
            remarks.append(KEY if minor >= 3 or key == b"." or re.search(rb"[\s,]", key) else KEY_UNUSUAL)
        found = reserved.find(reserved.INFO, key, minor)
        declared, origin = self._declared.get(key), "declared"
        if declared is None:
            if self._margin.wants_bank_rules:
                remarks.append(UNDECLARED)
            if found is not None and not found.loose:
                number = (
                    b"." if found.any_number and (count > 1 or found.meaning.number != b"1") else found.meaning.number
                )
                declared, origin = Declaration(number, found.meaning.kind), "reserved as"
        return Plan(
            match=self._pattern(declared, found, count),
            bare=declared is None or declared.kind == b"Flag",
            declared=declared,
            origin=origin,
            found=found,
            remarks=tuple(remarks),
            follows=(key in MEANINGS and MEANINGS[key].applies(minor)) or bool(remarks),
        )

    def _pattern(
        self, declared: Declaration | None, found: reserved.Reserved | None, count: int
    ) -> Callable[[bytes], object]:
        without = rb"\s" if self._margin.minor < 3 else rb"%"
        if declared is None:
            return re.compile(rb"[^=%s]++" % without).fullmatch
        counts = found is not None and found.counts
        if declared.kind == b"Flag" or (counts and found is not None and declared.kind != found.meaning.kind):
            return _nothing
        wanted = grammar.Values(
            kind=declared.kind,
            count=grammar.count_of(declared.number, count),
            unsigned=counts,
            is_share=found is not None and found.is_share,
            without=without,
        )
        source = grammar.pattern(wanted)
        return _nothing if source is None else re.compile(source).fullmatch

    def _look(self, plan: Plan, entry: bytes, alleles: Alleles, walk: Walk) -> None:
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
            margin.note(rule, place, KEY_WANTED, key, key=key)
        if not equals:
            if not plan.bare:
                margin.note(NO_VALUE, place, "a value", entry, key=key)
            return
        if margin.minor >= 3 and b"%" in value and grammar.NOT_ENCODED.search(value):
            margin.note(ENCODED, place, "%25 for a percent sign", value, key=key)
        values = value.split(b",")
        if plan.declared is not None:
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
            check_meaning(key, values, alleles, walk, margin)

    def _check_number(self, plan: Plan, key: bytes, values: list[bytes], alleles: Alleles) -> None:
        assert plan.declared is not None
        number = plan.declared.number
        wanted = grammar.count_of(number, alleles.count)
        if wanted is None or number == b"0" or len(values) == wanted or values == [b"."]:
            return
        got = b",".join(values[:_SHOWN_VALUES])
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
                self._margin.note(GRAMMAR, _place(key), "no empty value", b",".join(values[:_SHOWN_VALUES]))
                return
            if value == b".":
                continue
            if not grammar.is_of_type(value, kind, minor):
                expected = f"{kind.decode()} values"
                self._margin.note(KIND, _place(key), expected, value, key=key, kind=kind, origin=plan.origin)
                return
            if problem := reserved.problem_of(plan.found, value, is_whole=plan.is_whole):
                expected = "a count, or a share of 1"
                self._margin.note(RANGE, _place(key), expected, value, key=key, problem=problem)
                return


def _place(key: bytes) -> str:
    return f"INFO/{show(key)}" if key else "INFO"
