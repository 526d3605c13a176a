"""The columns of the samples, field by field (VCFv4.3, 1.6.2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from catalog.findings import Rule, show
from catalog.formats.vcf import calls, grammar, reserved
from catalog.formats.vcf.calls import CALL_RULES, Genotype
from catalog.formats.vcf.information import ENCODED, NO_ALT
from catalog.formats.vcf.margin import Margin, forbidden, unwanted
from catalog.formats.vcf.reserved import Declaration

_SAMPLES = "VCFv4.3, 1.6.2 (genotype fields)"

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
PLOIDY = unwanted(
    "vcf-gt-ploidy",
    "the genotype of the sample {sample} on an autosome has not two alleles",
    "write both alleles; one alone belongs to X and Y of men and to the mitochondrial genome",
    f"{_SAMPLES}: GT allows any number; fairline",
    "Programs that count alleles take the sample for another one.",
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
RANGE = forbidden(
    "vcf-sample-range",
    "{key} of the sample {sample} is {problem}",
    "correct the value; unknown is a dot",
    "VCFv4.3, 1.6.2: depths and counts; phred-scaled qualities, -10 log10 of a probability; GP in the range 0 to 1",
)

SAMPLE_RULES = (FIELDS, EMPTY, GENOTYPE, ALLELE, PLOIDY, KIND, COUNT, RANGE, *CALL_RULES)

_GENOTYPE = re.compile(rb"(?:\.|[0-9]{1,6})(?:[/|](?:\.|[0-9]{1,6}))*")
#: From VCFv4.4 on a separator may stand before the first allele as well.
_PHASED_GENOTYPE = re.compile(rb"[/|]?(?:\.|[0-9]{1,6})(?:[/|](?:\.|[0-9]{1,6}))*")
#: Genotypes are not counted where both alleles and ploidy are more: the number has hundreds of digits.
_MOST_COUNTED = 30
_DIPLOID = 2
_OF_LOCAL = frozenset([b"LA", b"LR", b"LG"])
_SHOWN_VALUES = 20


Remark = tuple[Rule, str, str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How samples are judged under one FORMAT and one number of ALT alleles.

    Attributes:
        keys: the keys of FORMAT.
        declared: Number and Type of each, None where nothing is known.
        found: the reserved meaning of each.
        match: says quickly that a whole sample is right; what it refuses is looked at again.
        remarks: what is wrong with FORMAT itself, as rule, column, expectation and value.
    """

    keys: tuple[bytes, ...]
    declared: tuple[Declaration | None, ...]
    found: tuple[reserved.Reserved | None, ...]
    match: Callable[[bytes], object] | None
    remarks: tuple[Remark, ...]

    @property
    def has_genotype(self) -> bool:
        """Whether the first key is GT."""
        return self.keys[0] == b"GT"

    def index_of(self, key: bytes) -> int:
        """Where an Integer key of one value stands; -1 when it is not there."""
        index = self.keys.index(key) if key in self.keys else -1
        return index if index >= 0 and self.declared[index] == Declaration(b"1", b"Integer") else -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What samples need to know of their record.

    Attributes:
        count: the number of ALT alleles.
        alleles: REF and ALT alleles as written.
        is_autosome: whether two alleles are expected, which is a wish of the bank.
    """

    count: int
    alleles: Sequence[bytes]
    is_autosome: bool


class SampleReader:
    """Says exactly what is wrong with samples."""

    def __init__(self, names: Sequence[bytes], margin: Margin) -> None:
        self._names = names
        self._margin = margin

    def look(self, plan: Plan, index: int, sample: bytes, site: Site) -> None:
        """Judges one sample.

        Args:
            plan: what is known about FORMAT.
            index: which sample it is, from 0.
            sample: its column.
            site: the record.
        """
        margin = self._margin
        name = self._names[index] if index < len(self._names) else b"%d" % (index + 1)
        fields = sample.split(b":")
        if len(fields) > len(plan.keys):
            margin.note(FIELDS, "FORMAT", "fields as in FORMAT", sample, sample=name)
        look = _Look(margin, name, site, has_genotype=plan.has_genotype)
        for place, value in enumerate(fields[: len(plan.keys)]):
            key = plan.keys[place]
            is_local = key == b"LAA" and margin.minor >= 5
            if is_local:
                look.local = 0
            if not value:
                if not is_local:
                    margin.note(EMPTY, _place(key), "a value or a dot", sample, sample=name)
            elif key == b"GT":
                look.take_genotype(value)
            elif value != b".":
                look.take(key, value, plan.declared[place], plan.found[place])
        if margin.minor >= 4 and {b"PS", b"PSL"} <= look.present:
            margin.note(calls.PHASE_SETS, "FORMAT/PSL", "PS or PSL", sample)


class _Look:
    """A look at the fields of one sample, in their order."""

    def __init__(self, margin: Margin, name: bytes, site: Site, *, has_genotype: bool) -> None:
        self.present: set[bytes] = set()
        #: How many ALT alleles are local; None until LAA came, without which nothing can be counted.
        self.local: int | None = None
        self._margin = margin
        self._name = name
        self._site = site
        self._has_genotype = has_genotype
        self._genotype: Genotype | None = None

    def take_genotype(self, value: bytes) -> None:
        """Judges GT."""
        margin, site = self._margin, self._site
        pattern = _PHASED_GENOTYPE if margin.minor >= 4 else _GENOTYPE
        if not pattern.fullmatch(value):
            expected = "allele numbers with / or | between them"
            margin.note(GENOTYPE, "FORMAT/GT", expected, value, sample=self._name)
            return
        genotype = calls.read_genotype(value)
        highest = max((number for number in genotype.alleles if number is not None), default=0)
        if highest > site.count:
            if site.count:
                margin.note(ALLELE, "FORMAT/GT", "no number above that of ALT alleles", value, sample=self._name)
            else:
                margin.note(NO_ALT, "FORMAT/GT", "0 or a dot", value, key="GT")
        if value == b".":
            return
        self._genotype = genotype
        if site.is_autosome and genotype.ploidy != _DIPLOID:
            margin.note(PLOIDY, "FORMAT/GT", "two alleles", value, sample=self._name)

    def take(self, key: bytes, value: bytes, declared: Declaration | None, found: reserved.Reserved | None) -> None:
        """Judges another field that is not missing."""
        margin, name = self._margin, self._name
        if value.strip(b".,"):
            self.present.add(key)
        if margin.minor >= 3 and b"%" in value and grammar.NOT_ENCODED.search(value):
            margin.note(ENCODED, _place(key), "%25 for a percent sign", value, key=key)
        if key == b"FT":
            calls.check_filter(value, name, margin)
        if key == b"LAA" and margin.minor >= 5:
            self.local = calls.local_count(value, self._site.count, name, margin)
        if declared is None:
            return
        values = value.split(b",")
        if self._check_values(key, values, declared.kind, found):
            self._check_number(key, values, declared, found)
        if key == b"PSL" and margin.minor >= 4:
            calls.check_phase_sets(values, self._genotype, name, margin)

    def _check_values(self, key: bytes, values: Sequence[bytes], kind: bytes, found: reserved.Reserved | None) -> bool:
        """Judges the values one by one; false when there is an empty one."""
        margin, name, minor = self._margin, self._name, self._margin.minor
        for value in values:
            if not value:
                if kind != b"String" or minor < 4:
                    got = b",".join(values[:_SHOWN_VALUES])
                    margin.note(EMPTY, _place(key), "a value or a dot", got, sample=name)
                    return False
            elif value == b".":
                continue
            elif not grammar.is_of_type(value, kind, minor):
                margin.note(KIND, _place(key), f"{kind.decode()} values", value, key=key, kind=kind, sample=name)
                break
            elif kind in (b"Integer", b"Float") and (problem := reserved.problem_of(found, value)):
                expected = "0 or above, or a share of 1"
                margin.note(RANGE, _place(key), expected, value, key=key, problem=problem, sample=name)
                break
        return True

    def _check_number(
        self, key: bytes, values: Sequence[bytes], declared: Declaration, found: reserved.Reserved | None
    ) -> None:
        margin, site = self._margin, self._site
        number = declared.number
        if number == b"M" and self._genotype is None:
            margin.note(
                calls.MODIFIED, _place(key), "GT", b",".join(values[:_SHOWN_VALUES]), key=key, sample=self._name
            )
            return
        wanted = self._wanted(key, number, found)
        if wanted is None or len(values) == wanted or number == b"0":
            return
        got = b",".join(values[:_SHOWN_VALUES])
        if site.count == 0 and number in (b"A", b"R", b"G"):
            margin.note(NO_ALT, _place(key), "no value for an ALT that is not there", got, key=key)
        else:
            expected = f"Number={number.decode()}"
            margin.note(COUNT, _place(key), expected, got, key=key, sample=self._name, number=len(values))

    def _wanted(self, key: bytes, number: bytes, found: reserved.Reserved | None) -> int | None:
        """How many values the field must have; None where that is open."""
        if number in _OF_LOCAL and self.local is None:
            return None
        local = self.local or 0
        if number in (b"G", b"LG"):
            ploidy = self._ploidy
            alleles = self._site.count if number == b"G" else local
            if (found is not None and found.any_number) or ploidy is None or min(alleles, ploidy) > _MOST_COUNTED:
                return None
            return grammar.genotypes(alleles, ploidy)
        if number == b"P":
            return self._genotype.ploidy if self._genotype is not None else None
        if number == b"M":
            return calls.modified_count(key, self._genotype, self._site.alleles) if self._genotype else None
        if number in _OF_LOCAL:
            return local + (number == b"LR")
        return grammar.count_of(number, self._site.count)

    @property
    def _ploidy(self) -> int | None:
        """That of GT; diploid without GT in FORMAT; open where GT is missing."""
        if self._genotype is not None:
            return self._genotype.ploidy
        return None if self._has_genotype else _DIPLOID


def _place(key: bytes) -> str:
    return f"FORMAT/{show(key)}" if key else "FORMAT"
