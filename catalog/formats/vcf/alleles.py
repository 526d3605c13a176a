"""REF and ALT of a record (VCFv4.3, 1.6.1 and 5.4)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.findings import Rule
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.margin import Margin, forbidden, unwanted

_FIXED = "VCFv4.3, 1.6.1"

REF = forbidden(
    "vcf-ref",
    "REF is no sequence of A, C, G, T and N",
    "write another letter as the first base that it stands for (R as A), and never leave REF out",
    f"{_FIXED} (REF): each base must be one of A,C,G,T,N",
)
ALT = forbidden(
    "vcf-alt",
    "an ALT allele is no allele",
    "write bases, <ID>, *, a breakend such as G]17:198982], or a dot for no allele",
    f"{_FIXED} (ALT) and 5.4 (breakends)",
)
ALT_REPEATED = forbidden(
    "vcf-alt-repeated",
    "an ALT allele stands twice",
    "merge the two, with their counts and genotypes (bcftools norm)",
    f"{_FIXED} (ALT): list of alternate alleles",
    "A genotype could be written in two ways.",
)
ALT_IS_REF = forbidden(
    "vcf-alt-equals-ref",
    "an ALT allele equals REF",
    "remove it; a site without alternate allele has a dot",
    f"{_FIXED} (ALT): alternate non-reference alleles",
)
UNDECLARED = unwanted(
    "vcf-alt-undeclared",
    "no ALT line declares the symbolic allele <{name}>",
    'add ##ALT=<ID=...,Description="...">',
    "VCFv4.3, 1.4: recommended; required by fairline",
    "Nobody can tell what the allele means.",
)

ALLELE_RULES = (REF, ALT, ALT_REPEATED, ALT_IS_REF, UNDECLARED)

_BASES = re.compile(rb"[ACGTNacgtn]++")
_PLAIN = re.compile(rb"[ACGTacgt]++")
#: VCFv4.2 to VCFv4.4 name the asterisk among the bases; VCFv4.5 lets it stand alone only.
_ALT_BASES = (re.compile(rb"[ACGTNacgtn*]++"), re.compile(rb"[ACGTNacgtn]++|\*"))
_SYMBOLIC = re.compile(rb"[ACGTNacgtn]*+<([^\s,<>]++)>")
_MATE = rb"(?:<[^\s,<>\[\]]++>|[^\s,<>\[\]]+):[0-9]++"
_JOINED = rb"(?:\.|[ACGTNacgtn]++)"
_BREAKEND = re.compile(
    rb"J\[P\[|J\]P\]|\[P\[J|\]P\]J|\.[ACGTNacgtn]++|[ACGTNacgtn]++\.".replace(b"J", _JOINED).replace(b"P", _MATE)
)
_STRUCTURAL = re.compile(rb"<(DEL|INS|DUP|INV|CNV)(:[^>]*)?>")
_LONGEST_BREAKEND = 10_000
_TRANSITIONS = frozenset([b"AG", b"GA", b"CT", b"TC"])
#: The unspecified allele of reference blocks (VCFv4.3, 5.5; VCFv4.5, 5.5: <NON_REF> is an alias).
UNSPECIFIED = frozenset([b"<*>", b"<NON_REF>"])
#: The kind of a breakend among the kinds of structural variants.
BREAKEND = b"BND"
#: The kind of a tandem repeat (VCFv4.4, 5.7).
REPEAT = b"CNV:TR"

_MOST_CACHED = 20_000
_CACHED_LENGTH = 64

Problem = tuple[Rule, str, str, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alleles:
    """What REF and ALT of a record are.

    Attributes:
        count: the number of ALT alleles, 0 for a dot.
        ref_bases: the length of REF.
        snvs: how many ALT alleles change one base.
        transitions: how many of those are transitions.
        indels: how many change the length.
        structural: the kind of each allele (``DEL``, ``CNV:TR``, :data:`BREAKEND` ...), None for another; empty when none has.
        has_symbol: whether one of them is symbolic.
        has_unspecified: whether the unspecified allele is among them.
        problems: what is wrong, as rule, column, expectation and value.
    """

    count: int
    ref_bases: int = 1
    snvs: int = 0
    transitions: int = 0
    indels: int = 0
    structural: tuple[bytes | None, ...] = ()
    has_symbol: bool = False
    has_unspecified: bool = False
    problems: tuple[Problem, ...] = ()

    @property
    def has_only_sequences(self) -> bool:
        """Whether all alleles are written as bases, so that they end with REF."""
        return self.count > 0 and not self.structural and not self.has_symbol

    @property
    def has_only_unspecified(self) -> bool:
        """Whether the record is a block of the reference."""
        return self.count == 1 and self.has_unspecified


class AlleleReader:
    """Judges REF and ALT of one record after the other."""

    def __init__(self, header: Header, margin: Margin) -> None:
        self._margin = margin
        self._declared = header.declarations.symbols.alternatives
        self._contigs = header.declarations.symbols.contigs
        self._known: dict[tuple[bytes, bytes], Alleles] = {}

    def read(self, ref: bytes, alt: bytes) -> Alleles:
        """What the alleles of a record are; notes what is wrong with them."""
        key = (ref, alt)
        alleles = self._known.get(key)
        if alleles is None:
            alleles = self._judge(ref, alt)
            if len(ref) + len(alt) <= _CACHED_LENGTH and len(self._known) < _MOST_CACHED:
                self._known[key] = alleles
        for rule, column, expected, got in alleles.problems:
            self._margin.note(rule, column, expected, got, name=got)
        return alleles

    def _judge(self, ref: bytes, alt: bytes) -> Alleles:
        problems: list[Problem] = []
        if not _BASES.fullmatch(ref):
            problems.append((REF, "REF", "A, C, G, T or N", ref))
        if alt == b".":
            return Alleles(count=0, ref_bases=len(ref), problems=tuple(problems))
        upper = ref.upper()
        snvs = transitions = indels = 0
        seen: set[bytes] = set()
        alleles = alt.split(b",")
        for allele in alleles:
            if _PLAIN.fullmatch(allele):
                bases = allele.upper()
                if len(bases) != len(ref):
                    indels += 1
                elif len(bases) == 1 and bases != upper:
                    snvs += 1
                    transitions += upper + bases in _TRANSITIONS
            elif not _is_allele(allele, self._margin.minor):
                problems.append((ALT, "ALT", "bases, <ID>, *, a breakend or a dot", allele))
                continue
            if b"<" in allele:
                problems += self._undeclared(allele)
                continue
            bases = allele if _is_breakend(allele) else allele.upper()
            if bases == upper:
                problems.append((ALT_IS_REF, "ALT", "an allele other than REF", allele))
            elif bases in seen:
                problems.append((ALT_REPEATED, "ALT", "alleles that differ", allele))
            seen.add(bases)
        structural = tuple(_kind(allele) for allele in alleles)
        return Alleles(
            count=len(alleles),
            ref_bases=len(ref),
            snvs=snvs,
            transitions=transitions,
            indels=indels,
            structural=structural if any(structural) else (),
            has_symbol=b"<" in alt,
            has_unspecified=not UNSPECIFIED.isdisjoint(alleles),
            problems=tuple(problems),
        )

    def knows(self, name: bytes) -> bool:
        """Whether nothing is to be said about a symbolic allele of this name."""
        return not self._margin.wants_bank_rules or name in self._declared or name in self._contigs

    def _undeclared(self, allele: bytes) -> list[Problem]:
        """A symbolic allele is declared by an ALT line, or is a contig that is inserted (VCFv4.3, 5.4.2)."""
        found = _SYMBOLIC.fullmatch(allele)
        if found is None or self.knows(found[1]):
            return []
        return [(UNDECLARED, "ALT", "##ALT=<ID=...>", found[1])]


def _is_allele(allele: bytes, minor: int) -> bool:
    """Whether it is an allele of the grammar, other than plain bases."""
    if _ALT_BASES[minor >= 5].fullmatch(allele):
        return True
    if allele == b".":
        return minor >= 3
    if len(allele) > _LONGEST_BREAKEND:
        return False
    return _SYMBOLIC.fullmatch(allele) is not None or _BREAKEND.fullmatch(allele) is not None


def _is_breakend(allele: bytes) -> bool:
    is_single = len(allele) > 1 and (allele.startswith(b".") or allele.endswith(b"."))
    return is_single or b"[" in allele or b"]" in allele


def _kind(allele: bytes) -> bytes | None:
    """The kind of a structural variant."""
    if not allele.startswith(b"<"):
        return BREAKEND if _is_breakend(allele) else None
    found = _STRUCTURAL.fullmatch(allele)
    if found is None:
        return None
    return REPEAT if found[1] == b"CNV" and (found[2] or b"")[:3] == b":TR" else found[1]
