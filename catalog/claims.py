"""Claimed variants: what a record states in genomic HGVS, as a place of an assembly and a change of bases.

Substitutions, deletions, duplications, insertions and deletion-insertions are known (HGVS Nomenclature 21.1, DNA), with
``NC_`` accessions of GRCh37, GRCh38 and T2T-CHM13v2.0 or with ``chr17``, which is taken to be of the file's assembly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.model import Record

#: Files of these modalities show variants of the genome.
CLAIM_MODALITIES = frozenset({"wgs", "wes"})
#: VCF writes a change within a repeat at its left end, HGVS at its right one: so far apart they are looked for.
LONGEST_SHIFT = 50
_LONGEST = 1_000
_MOST_CLAIMS = 100

_FORM = re.compile(
    r"(?P<sequence>NC_[0-9]{6}\.[0-9]{1,2}|chr(?:[1-9]|1[0-9]|2[0-2]|X|Y|M|MT)):(?P<kind>[gm])\."
    r"(?P<start>[1-9][0-9]{0,9})(?:_(?P<end>[1-9][0-9]{0,9}))?(?P<change>[A-Za-z>]+)"
)
_CHANGE = re.compile(
    r"(?P<old>[ACGT])>(?P<new>[ACGT])|del(?P<deleted>[ACGT]*)(?:ins(?P<instead>[ACGT]+))?|dup(?P<copied>[ACGT]*)"
    r"|ins(?P<inserted>[ACGT]+)"
)
_MITOCHONDRION = "NC_012920.1"
#: Versions of NC_000001 to NC_000024 in GRCh37; in GRCh38 each is one more (assembly reports of the GRC).
_VERSIONS = (10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9, 9, 10, 8, 10, 10, 9)
_CHROMOSOMES = (*map(str, range(1, 23)), "X", "Y")
_ACCESSIONS = {
    **{f"NC_{n:06}.{version}": ("GRCh37", _CHROMOSOMES[n - 1]) for n, version in enumerate(_VERSIONS, 1)},
    **{f"NC_{n:06}.{version + 1}": ("GRCh38", _CHROMOSOMES[n - 1]) for n, version in enumerate(_VERSIONS, 1)},
    **{f"NC_{60924 + n:06}.1": ("T2T-CHM13v2.0", _CHROMOSOMES[n - 1]) for n in range(1, 25)},
    _MITOCHONDRION: ("", "M"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A variant that a record states.

    Attributes:
        hgvs: as the record writes it.
        assembly: of the place; empty where the notation does not say.
        chromosome: without ``chr``, such as ``17`` or ``M``.
        start: the first base of the place, from 1.
        end: its last base; of an insertion the two bases beside it are the place.
        place: the base that is changed or deleted first, or before which something is inserted.
        deleted_bases: how many bases of the reference are gone.
        deleted: which ones; None where that is not said.
        inserted_bases: how many bases are there instead.
        inserted: which ones; None where that is not said.
    """

    hgvs: str
    assembly: str
    chromosome: str
    start: int
    end: int
    place: int
    deleted_bases: int
    deleted: str | None
    inserted_bases: int
    inserted: str | None

    @property
    def is_substitution(self) -> bool:
        """Whether one base stands for another."""
        return self.deleted_bases == self.inserted_bases == 1

    def is_made_by(self, pos: int, ref: str, alt: str) -> bool:
        """Whether an allele of a VCF is this variant.

        Args:
            pos: POS.
            ref: bases of REF, in capitals.
            alt: bases of the ALT allele, in capitals.
        """
        at, ref, alt = trimmed(pos, ref, alt)
        if self.is_substitution:
            offset = self.start - at
            is_inside = len(ref) == len(alt) and 0 <= offset < len(ref)
            return is_inside and ref[offset] == self.deleted and alt[offset] == self.inserted
        if not self.inserted_bases:
            return not alt and self._is_near(self.place - at) and _is_shifted(ref, self.deleted_bases, self.deleted)
        if not self.deleted_bases:
            return not ref and self._is_near(self.place - at) and _is_shifted(alt, self.inserted_bases, self.inserted)
        offset = at - self.start
        is_inside = offset >= 0 and at + len(ref) <= self.end + 1
        is_as_long = len(alt) - len(ref) == self.inserted_bases - self.deleted_bases
        return is_inside and is_as_long and (self.inserted or "")[offset : offset + len(alt)] == alt

    @staticmethod
    def _is_near(shift: int) -> bool:
        return 0 <= shift <= LONGEST_SHIFT


def trimmed(pos: int, ref: str, alt: str) -> tuple[int, str, str]:
    """REF and ALT without the bases that they share at the end and then at the start, and where the rest begins."""
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        pos, ref, alt = pos + 1, ref[1:], alt[1:]
    return pos, ref, alt


def _is_shifted(found: str, bases: int, wanted: str | None) -> bool:
    """Whether bases can be the wanted ones, read from another place of the repeat."""
    return len(found) == bases and (wanted is None or found in wanted + wanted)


def read_claim(hgvs: str) -> Claim | None:
    """A variant in genomic HGVS; None for another form, another sequence, or a change of more than 1,000 bases."""
    form = _FORM.fullmatch(hgvs.strip())
    change = _CHANGE.fullmatch(form["change"]) if form else None
    if form is None or change is None:
        return None
    name = form["sequence"]
    assembly, chromosome = (
        ("", name[3:].removesuffix("T")) if name.startswith("chr") else _ACCESSIONS.get(name, ("", ""))
    )
    start, end = int(form["start"]), int(form["end"] or form["start"])
    if not chromosome or (form["kind"] == "m") != (chromosome == "M") or not 0 <= end - start < _LONGEST:
        return None
    found = _changed(change, start, end)
    if found is None:
        return None
    place, deleted_bases, deleted, inserted_bases, inserted = found
    return Claim(
        hgvs=hgvs, assembly=assembly, chromosome=chromosome, start=start, end=end, place=place,
        deleted_bases=deleted_bases, deleted=deleted, inserted_bases=inserted_bases, inserted=inserted,
    )  # fmt: skip


def _changed(change: re.Match[str], start: int, end: int) -> tuple[int, int, str | None, int, str | None] | None:
    """Place, deleted and inserted bases (how many, and which) of a change; None where they do not fit the positions."""
    bases = end - start + 1
    if change["old"]:
        return (start, 1, change["old"], 1, change["new"]) if bases == 1 else None
    if inserted := change["inserted"]:
        return (end, 0, "", len(inserted), inserted) if bases == 2 and len(inserted) <= _LONGEST else None
    named = change["copied"] or change["deleted"] or ""
    if len(named) not in (0, bases):
        return None
    if change["copied"] is not None:
        return end + 1, 0, "", bases, named or None
    instead = change["instead"] or ""
    return (start, bases, named or None, len(instead), instead) if len(instead) <= _LONGEST else None


def claims_of(record: Record) -> tuple[Claim, ...]:
    """The variants of a record that files can be compared with."""
    modifications = record.modifications if isinstance(record.modifications, list | tuple) else ()
    stated = [each.hgvs for each in modifications if each.hgvs and each.type != "isogenic"]
    found = [read_claim(each) for each in dict.fromkeys(stated)]
    return tuple(each for each in found if each is not None)[:_MOST_CLAIMS]
