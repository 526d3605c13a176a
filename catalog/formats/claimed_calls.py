"""What a VCF or BCF says at the places of variants that the line's record claims."""

from __future__ import annotations

import re
from collections.abc import Sequence

from catalog.claims import LONGEST_SHIFT, Claim
from catalog.formats.protocol import Declared
from catalog.formats.vcf.listener import SiteCalls

#: A file of more samples is no file of one line.
_MOST_SAMPLES = 100
_GT = re.compile(rb"[/|]?(?:[0-9]{1,3}|\.)(?:[/|](?:[0-9]{1,3}|\.))*")
_SEPARATOR = re.compile(rb"[/|]")
_BASES = re.compile(r"[ACGT]+")
_FIRST_SAMPLE, _FORMAT, _ALT, _REF = 9, 8, 4, 3
_LONGEST_ALLELE = 2_000


class _Seen:
    """What is known of one claim in one sample: copies of the variant among its alleles, bases that are as in the reference."""

    def __init__(self) -> None:
        self.copies = 0
        self.alleles = 0
        self.reference: set[int] = set()


class ClaimedCalls:
    """Collects genotypes while a file is validated (a :class:`~catalog.formats.vcf.listener.SiteListener`)."""

    def __init__(self, declared: Declared) -> None:
        """Nothing is seen yet.

        Args:
            declared: the claims; the assembly, where the file itself does not say.
        """
        self._declared = declared
        self._here: list[Claim] = []
        self._seen: dict[Claim, list[_Seen]] = {}

    def positions(self, chrom: str, assembly: str | None) -> Sequence[int]:
        """The places of the claims on a chromosome, and before them, where a change within a repeat may stand."""
        assembly = assembly or self._declared.assembly
        for each in self._declared.claims:
            if each.assembly in ("", assembly):
                self._seen.setdefault(each, [])
        name = chrom.removeprefix("chr").replace("MT", "M")
        self._here = [each for each in self._seen if each.chromosome == name]
        return sorted({place for each in self._here for place in _window(each)})

    def take(self, calls: SiteCalls) -> None:
        """Takes the genotypes of a record."""
        columns = calls.columns
        if len(columns) <= _FIRST_SAMPLE or columns[_FORMAT].partition(b":")[0] != b"GT":
            return
        samples = columns[_FIRST_SAMPLE : _FIRST_SAMPLE + _MOST_SAMPLES]
        genotypes = [_genotype(each.partition(b":")[0]) for each in samples]
        alleles = [columns[_REF], *columns[_ALT].split(b",")]
        texts = [each.upper().decode("latin-1") if len(each) <= _LONGEST_ALLELE else "" for each in alleles]
        is_bases = [_BASES.fullmatch(each) is not None for each in texts]
        for claim in self._here:
            window = _window(claim)
            if calls.end < window.start or calls.pos >= window.stop:
                continue
            seen = self._seen[claim]
            while len(seen) < len(samples):
                seen.append(_Seen())
            makers = [
                number > 0 and is_bases[0] and is_bases[number] and claim.is_made_by(calls.pos, texts[0], text)
                for number, text in enumerate(texts)
            ]
            # Another base at the place of a substitution is not the claimed one; what other changes do is left open.
            others = [number == 0 or (claim.is_substitution and is_bases[number]) for number in range(len(texts))]
            covered = set(range(max(claim.start, calls.pos), min(claim.end, calls.end) + 1))
            for one, genotype in zip(seen, genotypes, strict=False):
                known = [each for each in genotype if each is not None and each < len(texts)]
                copies = sum(makers[each] for each in known)
                if copies > one.copies:
                    one.copies, one.alleles = copies, len(genotype)
                elif len(known) == len(genotype) > 0 and all(others[each] for each in known):
                    one.reference |= covered

    def evidence(self, samples: Sequence[str]) -> dict[str, object]:
        """``claims``: for each claim of the file's assembly, by its HGVS, what each sample has that covers its place:
        ``copies`` of the variant (0: none) and how many ``alleles`` were called.

        Args:
            samples: the file's samples, in order.
        """
        if not self._seen:
            return {}
        return {"claims": {claim.hgvs: _by_name(claim, samples, seen) for claim, seen in self._seen.items()}}


def _window(claim: Claim) -> range:
    shift = 0 if claim.is_substitution else LONGEST_SHIFT + 1
    return range(max(1, claim.start - shift), claim.end + 2)


def _genotype(text: bytes) -> list[int | None]:
    """Numbers of alleles, None for one that was not called; nothing for what is no genotype."""
    if not _GT.fullmatch(text):
        return []
    return [None if each == b"." else int(each) for each in _SEPARATOR.split(text.lstrip(b"/|"))]


def _by_name(claim: Claim, samples: Sequence[str], seen: Sequence[_Seen]) -> dict[str, dict[str, int]]:
    found = {}
    for name, each in zip(samples, seen, strict=False):
        if each.copies:
            found[name] = {"copies": each.copies, "alleles": each.alleles}
        elif len(each.reference) == claim.end - claim.start + 1:
            found[name] = {"copies": 0, "alleles": 0}
    return found
