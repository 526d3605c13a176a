"""The column FORMAT and the samples of a record (VCFv4.3, 1.6.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.findings import show
from catalog.formats.vcf import grammar, reserved
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unusual, unwanted
from catalog.formats.vcf.reserved import Declaration
from catalog.formats.vcf.samples import SAMPLE_RULES, Plan, Remark, SampleReader, Site

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
    "put LAA before all keys but GT",
    "VCFv4.5, 1.6.2: LAA must also be present and precede all fields other than GT",
)
UNDECLARED = unwanted(
    "vcf-format-undeclared",
    "no FORMAT line declares {key}",
    'add ##FORMAT=<ID=...,Number=...,Type=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
    "Without a declaration values cannot be checked, nor understood later.",
)

GENOTYPE_RULES = (FORMAT, KEY_UNUSUAL, KEY, REPEATED, GT_FIRST, LOCAL, UNDECLARED, *SAMPLE_RULES)

LOCAL_KEYS = frozenset([b"LAD", b"LADF", b"LADR", b"LEC", b"LGL", b"LGP", b"LPL", b"LPP"])
#: Numbers that depend on more than the alleles of the site and the ploidy.
DEPENDENT = frozenset([b"LA", b"LR", b"LG", b"P", b"M"])
#: Beyond these a sample is judged without a pattern.
_MOST_KEYS = 50
_MOST_ALLELES = 30
_MOST_GENOTYPES = 500
_MOST_PLANS, _LONGEST_FORM = 2_000, 1_000
_DIPLOID = 2


class GenotypeReader:
    """Judges FORMAT and the samples of one record after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        self._declared = header.declarations.format
        self._samples = SampleReader(header.samples, margin)
        self._plans: dict[tuple[bytes, int, bool], Plan] = {}

    def read(self, form: bytes, samples: Sequence[bytes], site: Site) -> Plan:
        """Judges the columns from FORMAT on.

        Args:
            form: FORMAT.
            samples: the columns of the samples.
            site: the record.

        Returns:
            What is known about FORMAT.
        """
        plan = self.plan(form, site.count, is_autosome=site.is_autosome)
        for rule, column, expected, got in plan.remarks:
            self._margin.note(rule, column, expected, got, key=got)
        match = plan.match
        for index, sample in enumerate(samples):
            if match is None or match(sample) is None:
                self._samples.look(plan, index, sample, site)
        return plan

    def plan(self, form: bytes, count: int, *, is_autosome: bool) -> Plan:
        """How samples are judged under a FORMAT at sites of so many ALT alleles."""
        key = (form, count, is_autosome)
        plan = self._plans.get(key)
        if plan is None:
            plan = self._plan(form, count, is_autosome)
            if len(self._plans) < _MOST_PLANS and len(form) <= _LONGEST_FORM:
                self._plans[key] = plan
        return plan

    def _plan(self, form: bytes, count: int, is_autosome: bool) -> Plan:
        minor = self._margin.minor
        keys = form.split(b":")
        remarks: list[Remark] = []
        if form != b".":
            for index, key in enumerate(keys):
                remarks += self._remarks(keys[:index] if len(keys) < 1_000 else [], key)
        declared: list[Declaration | None] = []
        meanings = [reserved.find(reserved.FORMAT, key, minor) for key in keys]
        for key, found in zip(keys, meanings, strict=True):
            known = self._declared.get(key)
            if known is None and found is not None and not found.loose:
                known = Declaration(b".", found.meaning.kind) if found.any_number else found.meaning
            declared.append(known)
        both = b"PS" in keys and b"PSL" in keys and minor >= 4
        simple = not both and count <= _MOST_ALLELES and len(keys) <= _MOST_KEYS
        ploidies = (_DIPLOID,) if is_autosome or keys[0] != b"GT" else (_DIPLOID, 1)
        fields = list(zip(keys, declared, meanings, strict=True))
        source = self._source(fields, ploidies, count) if simple else None
        return Plan(
            keys=tuple(keys),
            declared=tuple(declared),
            found=tuple(meanings),
            match=None if source is None else re.compile(source).fullmatch,
            remarks=tuple(remarks),
        )

    def _remarks(self, before: list[bytes], key: bytes) -> list[Remark]:
        """What is wrong with one key of FORMAT."""
        minor = self._margin.minor
        place = f"FORMAT/{show(key)}" if key else "FORMAT"
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
        known = self._declared.get(key)
        is_local = key in LOCAL_KEYS or (known is not None and known.number in (b"LA", b"LR", b"LG"))
        if minor >= 5 and is_local and b"LAA" not in before:
            remarks.append((LOCAL, place, "LAA before it", key))
        is_late = before not in ([], [b"GT"]) and not LOCAL_KEYS & set(before)
        if minor >= 5 and key == b"LAA" and is_late:
            remarks.append((LOCAL, place, "LAA right after GT", key))
        if key not in self._declared and self._margin.wants_bank_rules:
            remarks.append((UNDECLARED, place, "##FORMAT=<ID=...>", key))
        return remarks

    def _source(
        self,
        fields: list[tuple[bytes, Declaration | None, reserved.Reserved | None]],
        ploidies: tuple[int, ...],
        count: int,
    ) -> bytes | None:
        """The source of a pattern for whole samples; None where no pattern can say it."""
        sources = []
        for ploidy in ploidies:
            source = b""
            for key, meaning, found in reversed(fields):
                one = self._field_source(key, meaning, found, (count, ploidy))
                if one is None:
                    return None
                source = one + (b"(?::" + source + b")?" if source else b"")
            sources.append(source)
        return b"|".join(sources)

    def _field_source(
        self, key: bytes, meaning: Declaration | None, found: reserved.Reserved | None, site: tuple[int, int]
    ) -> bytes | None:
        minor = self._margin.minor
        count, ploidy = site
        if key == b"GT":
            allele = rb"(?:\.|" + b"|".join(b"%d" % number for number in range(count, -1, -1)) + rb")"
            return (rb"[/|]?" if minor >= 4 else b"") + rb"[/|]".join([allele] * ploidy)
        if key == b"FT":
            return rb"(?:PASS|\.)"
        without = b":%" if minor >= 3 else b":"
        if meaning is None:
            return rb"[^%s]++" % without
        if meaning.number in DEPENDENT or key == b"LAA":
            return None
        wanted = grammar.count_of(meaning.number, count)
        if meaning.number == b"G" and not (found is not None and found.any_number):
            wanted = grammar.genotypes(count, ploidy)
            if wanted > _MOST_GENOTYPES:
                return None
        return grammar.pattern(
            grammar.Values(
                kind=meaning.kind,
                count=wanted,
                unsigned=found is not None and found.counts,
                is_share=found is not None and found.is_share,
                without=without,
            )
        )
