"""The column FORMAT and the samples of a record (VCFv4.3, 1.6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.findings import Rule, show
from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.information import NO_ALT
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.vcf.reserved import Declaration

_SAMPLES = "VCFv4.3, 1.6.2 (genotype fields)"

FORMAT = forbidden(
    "vcf-format",
    "FORMAT is no list of keys",
    "separate keys by one colon, without white space and without empty keys",
    _SAMPLES,
)
KEY_UNUSUAL = unusual(
    "vcf-format-key-unusual",
    "a FORMAT key has other characters than letters and digits",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    "VCFv4.1, 1.4.2: alphanumeric; VCFv4.3, 1.6.2 allows underscores and dots",
)
KEY = forbidden(
    "vcf-format-key",
    "a FORMAT key is no key",
    "use letters, digits, underscores and dots, and start with a letter or an underscore",
    f"{_SAMPLES}: matching the regular expression",
)
REPEATED = forbidden(
    "vcf-format-repeated", "a FORMAT key stands twice", "keep one of the two", f"{_SAMPLES}: duplicate keys"
)
GT_FIRST = forbidden(
    "vcf-gt-not-first",
    "GT is not the first key of FORMAT",
    "put GT first, also in the samples",
    f"{_SAMPLES}: the first key must always be the genotype",
)
LOCAL = forbidden(
    "vcf-local-alleles",
    "a key of local alleles stands without LAA before it",
    "put LAA before all keys of local alleles",
    "VCFv4.5, 1.6.2: LAA must also be present and precede all fields other than GT",
)
PHASE_SETS = forbidden(
    "vcf-phase-sets",
    "a sample has both PS and PSL",
    "keep one of the two",
    "VCFv4.4, 1.6.2 (PSL): a genotype must not have values for both",
)
UNDECLARED = unwanted(
    "vcf-format-undeclared",
    "no FORMAT line declares {key}",
    'add ##FORMAT=<ID=...,Number=...,Type=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
    "Without a declaration values cannot be checked, nor understood later.",
)
FIELDS = forbidden(
    "vcf-sample-fields",
    "the sample {sample} has more fields than FORMAT",
    "look for a stray colon, or add the missing key to FORMAT",
    _SAMPLES,
)
EMPTY = forbidden(
    "vcf-sample-empty",
    "a field of the sample {sample} is empty",
    "write a dot for a missing value",
    "VCFv4.3, 1: zero length fields are not allowed",
)
GENOTYPE = forbidden(
    "vcf-gt",
    "the genotype of the sample {sample} is none",
    "write allele numbers or dots with / or | between them",
    f"{_SAMPLES}: GT",
)
ALLELE = forbidden(
    "vcf-gt-allele",
    "the genotype of the sample {sample} names an allele that is not there",
    "0 is REF, 1 the first ALT allele and so on",
    f"{_SAMPLES}: GT",
    "The record was probably split or merged without its genotypes.",
)
KIND = forbidden(
    "vcf-sample-type",
    "{key} of the sample {sample} is not {kind}",
    "correct the value, or the Type in the header",
    "VCFv4.3, 1.3 (data types), 1.4.4 and 1.6.2",
)
COUNT = forbidden(
    "vcf-sample-number",
    "{key} of the sample {sample} has {number} values",
    "give as many values as Number counts (A: ALT alleles, R: all alleles, G: genotypes of the ploidy of GT)",
    "VCFv4.3, 1.4.4 (Number) and 1.6.2 (genotype ordering)",
    "Values would be given to the wrong alleles or genotypes.",
)

GENOTYPE_RULES = (
    FORMAT,
    KEY_UNUSUAL,
    KEY,
    REPEATED,
    GT_FIRST,
    LOCAL,
    PHASE_SETS,
    UNDECLARED,
    FIELDS,
    EMPTY,
    GENOTYPE,
    ALLELE,
    KIND,
    COUNT,
)

_LOCAL_KEYS = frozenset([b"LAD", b"LADF", b"LADR", b"LEC", b"LGL", b"LGP", b"LPL", b"LPP"])
_GENOTYPE = re.compile(rb"(?:\.|[0-9]{1,6})(?:[/|](?:\.|[0-9]{1,6}))*")
#: From VCFv4.4 on a separator may stand before the first allele as well.
_PHASED_GENOTYPE = re.compile(rb"[/|]?(?:\.|[0-9]{1,6})(?:[/|](?:\.|[0-9]{1,6}))*")
_NOT_COUNTED = frozenset([b"CNL", b"CNP"])
#: Beyond these a sample is judged without a pattern.
_MOST_KEYS = 50
_MOST_ALLELES = 30
_MOST_GENOTYPES = 500
_MOST_PLANS = 2_000
_DIPLOID = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How samples are judged under one FORMAT and one number of ALT alleles.

    Attributes:
        keys: the keys of FORMAT.
        declared: Number and Type of each, None where nothing is known.
        match: says quickly that a whole sample is right; what it refuses is looked at again.
        remarks: what is wrong with FORMAT itself, as rule, column, expectation and value.
    """

    keys: tuple[bytes, ...]
    declared: tuple[Declaration | None, ...]
    match: Callable[[bytes], object] | None
    remarks: tuple[tuple[Rule, str, str, bytes], ...]


class GenotypeReader:
    """Judges FORMAT and the samples of one record after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        self._declared = header.declarations.format
        self._samples = header.samples
        self._plans: dict[tuple[bytes, int], Plan] = {}

    def read(self, form: bytes, samples: Sequence[bytes], count: int) -> None:
        """Judges the columns from FORMAT on.

        Args:
            form: FORMAT.
            samples: the columns of the samples.
            count: the number of ALT alleles.
        """
        plan = self._plans.get((form, count))
        if plan is None:
            plan = self._plan(form, count)
            if len(self._plans) < _MOST_PLANS:
                self._plans[form, count] = plan
        for rule, column, expected, got in plan.remarks:
            self._margin.note(rule, column, expected, got, key=got)
        match = plan.match
        if match is None:
            for index, sample in enumerate(samples):
                self._look(plan, index, sample, count)
            return
        for index, sample in enumerate(samples):
            if match(sample) is None:
                self._look(plan, index, sample, count)

    def _plan(self, form: bytes, count: int) -> Plan:
        """How samples are judged under a FORMAT at sites of so many ALT alleles."""
        minor = self._margin.minor
        keys = form.split(b":")
        remarks: list[tuple[Rule, str, str, bytes]] = []
        if form != b".":
            for index, key in enumerate(keys):
                remarks += self._remarks(keys[:index] if len(keys) < 1_000 else [], key)
        declared = []
        for key in keys:
            found = reserved.find(reserved.FORMAT, key, minor)
            meaning = found.meaning if found is not None and not found.loose else None
            declared.append(self._declared.get(key, meaning))
        both = b"PS" in keys and b"PSL" in keys and minor >= 4
        simple = not both and count <= _MOST_ALLELES and len(keys) <= _MOST_KEYS
        source = self._source(keys, declared, count) if simple else None
        return Plan(
            keys=tuple(keys),
            declared=tuple(declared),
            match=None if source is None else re.compile(source).fullmatch,
            remarks=tuple(remarks),
        )

    def _remarks(self, before: list[bytes], key: bytes) -> list[tuple[Rule, str, str, bytes]]:
        """What is wrong with one key of FORMAT."""
        minor = self._margin.minor
        place = _place(key)
        if not key or re.search(rb"\s", key):
            return [(FORMAT, place, "keys separated by colons", key)]
        remarks = []
        if minor >= 3 and not grammar.FORMAT_KEY.fullmatch(key):
            remarks.append((KEY, place, "a key", key))
        elif minor < 3 and not key.isalnum():
            remarks.append((KEY_UNUSUAL, place, "letters and digits", key))
        if key in before:
            remarks.append((REPEATED, place, "keys that differ", key))
        if key == b"GT" and before:
            remarks.append((GT_FIRST, place, "GT first", key))
        local = key in _LOCAL_KEYS or self._number(key) in (b"LA", b"LR", b"LG")
        if minor >= 5 and local and b"LAA" not in before:
            remarks.append((LOCAL, place, "LAA before it", key))
        if key not in self._declared and self._margin.wants_bank_rules:
            remarks.append((UNDECLARED, place, "##FORMAT=<ID=...>", key))
        return remarks

    def _number(self, key: bytes) -> bytes:
        declared = self._declared.get(key)
        return declared.number if declared is not None else b""

    def _source(self, keys: list[bytes], declared: list[Declaration | None], count: int) -> bytes | None:
        """The source of a pattern for whole samples, diploid or haploid; None where no pattern can say it."""
        ploidies = (_DIPLOID, 1) if keys[0] == b"GT" else (_DIPLOID,)
        sources = []
        for ploidy in ploidies:
            source = b""
            for key, meaning in zip(reversed(keys), reversed(declared), strict=True):
                one = self._field_source(key, meaning, count, ploidy)
                if one is None:
                    return None
                source = one + (b"(?::" + source + b")?" if source else b"")
            sources.append(source)
        return b"|".join(sources)

    def _field_source(self, key: bytes, meaning: Declaration | None, count: int, ploidy: int) -> bytes | None:
        minor = self._margin.minor
        if key == b"GT":
            allele = rb"(?:\.|" + b"|".join(b"%d" % number for number in range(count, -1, -1)) + rb")"
            return (rb"[/|]?" if minor >= 4 else b"") + rb"[/|]".join([allele] * ploidy)
        if meaning is None:
            return rb"[^:]++"
        wanted = grammar.count_of(meaning.number, count)
        if meaning.number == b"G" and key not in _NOT_COUNTED:
            wanted = grammar.genotypes(count, ploidy)
            if wanted > _MOST_GENOTYPES:
                return None
        elif meaning.number in (b"LA", b"LR", b"LG", b"P"):
            return None
        return grammar.pattern(meaning.kind, wanted, minor, unsigned=key == b"PS", within=b":")

    def _look(self, plan: Plan, index: int, sample: bytes, count: int) -> None:
        """Says exactly what is wrong with one sample, if anything."""
        margin = self._margin
        name = self._samples[index] if index < len(self._samples) else b"%d" % (index + 1)
        fields = sample.split(b":")
        if len(fields) > len(plan.keys):
            margin.note(FIELDS, "FORMAT", "fields as in FORMAT", sample, sample=name)
        ploidy: int | None = _DIPLOID
        local = 0
        present = set()
        for key, declared, value in zip(plan.keys, plan.declared, fields, strict=False):
            if not value:
                if not (key == b"LAA" and margin.minor >= 5):
                    margin.note(EMPTY, _place(key), "a value or a dot", sample, sample=name)
                continue
            if key == b"GT":
                ploidy = self._look_at_genotype(value, count, name)
                continue
            if value == b".":
                continue
            present.add(key)
            if key == b"LAA":
                local = value.count(b",") + 1
            if declared is None:
                continue
            values = value.split(b",")
            self._check_kind(key, declared.kind, values, name)
            wanted = _wanted(key, declared.number, count, ploidy, local)
            if wanted is None or len(values) == wanted or declared.number == b"0":
                continue
            if count == 0 and not declared.number.isdigit():
                margin.note(NO_ALT, _place(key), "no value for an ALT that is not there", value, key=key)
            else:
                expected = f"Number={declared.number.decode()}"
                margin.note(COUNT, _place(key), expected, value, key=key, sample=name, number=len(values))
        if margin.minor >= 4 and b"PS" in present and b"PSL" in present:
            margin.note(PHASE_SETS, "FORMAT/PSL", "PS or PSL", sample)

    def _look_at_genotype(self, value: bytes, count: int, name: bytes) -> int | None:
        """Judges GT; the ploidy, None where it cannot be told."""
        genotype = _PHASED_GENOTYPE if self._margin.minor >= 4 else _GENOTYPE
        if not genotype.fullmatch(value):
            self._margin.note(GENOTYPE, "FORMAT/GT", "allele numbers with / or | between them", value, sample=name)
            return None
        alleles = re.split(rb"[/|]", value.lstrip(b"/|"))
        highest = max((int(allele) for allele in alleles if allele != b"."), default=0)
        if highest > count:
            if count:
                self._margin.note(ALLELE, "FORMAT/GT", "no number above that of ALT alleles", value, sample=name)
            else:
                self._margin.note(NO_ALT, "FORMAT/GT", "0 or a dot", value, key="GT")
        return None if value == b"." else len(alleles)

    def _check_kind(self, key: bytes, kind: bytes, values: list[bytes], name: bytes) -> None:
        minor = self._margin.minor
        for value in values:
            if not value:
                if kind != b"String" or minor < 4:
                    self._margin.note(EMPTY, _place(key), "a value or a dot", b",".join(values[:20]), sample=name)
                    return
            elif not grammar.is_of_type(value, kind, minor):
                self._margin.note(KIND, _place(key), f"{kind.decode()} values", value, key=key, kind=kind, sample=name)
                return
            elif key == b"PS" and grammar.is_negative(value):
                self._margin.note(KIND, _place(key), "0 or above", value, key=key, kind="non-negative", sample=name)
                return


def _wanted(key: bytes, number: bytes, count: int, ploidy: int | None, local: int) -> int | None:
    """How many values a sample's field must have; None where that is open."""
    if number in (b"G", b"LG"):
        if key in _NOT_COUNTED or ploidy is None or ploidy > _MOST_ALLELES:
            return None
        return grammar.genotypes(count if number == b"G" else local, ploidy)
    if number == b"P":
        return ploidy
    if number in (b"LA", b"LR"):
        return local + (number == b"LR")
    return grammar.count_of(number, count)


def _place(key: bytes) -> str:
    return f"FORMAT/{show(key)}" if key else "FORMAT"
