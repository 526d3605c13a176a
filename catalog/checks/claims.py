"""Claimed variants: what the record states in genomic HGVS is looked for in the line's variant files.

Limits and their reasons: docs/validation.md, "Evidence".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from catalog.checks.protocol import LineCheck, LineSubject
from catalog.claims import CLAIM_MODALITIES, read_claim
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.model import FileRow
from catalog.model.files import RECORD_PATH
from catalog.model.record import Modification

_SOURCE = "docs/validation.md, Evidence"

ABSENT = Rule(
    "file-claim-absent",
    Severity.WARNING,
    Level.BANK,
    "the file has the reference where the record states {hgvs}",
    "look whether the file is another line's, or correct modifications in line.yaml",
    _SOURCE,
    "A variant that a line is kept for and that its sequence does not show is a swap, a lost edit or a mistaken record.",
)
ZYGOSITY = Rule(
    "file-claim-zygosity",
    Severity.WARNING,
    Level.BANK,
    "the file shows {hgvs} {found}, the record says {stated}",
    "look at the reads; then correct zygosity in line.yaml",
    _SOURCE,
    "A gene with one changed copy and one without any intact copy make different cells.",
)
NOT_COVERED = Rule(
    "file-claim-not-covered",
    Severity.INFO,
    Level.BANK,
    "the file does not tell whether {hgvs} is there",
    "nothing to mend; a gVCF tells the reference from what was not read",
    _SOURCE,
)
UNCHECKED = Rule(
    "record-claim-unchecked",
    Severity.INFO,
    Level.BANK,
    "{hgvs} was not looked for in the variant files",
    "write genomic HGVS with the accession of a chromosome, such as NC_000017.11:g.43094692G>C, of the files' assembly",
    _SOURCE,
)

CLAIM_RULES = (ABSENT, ZYGOSITY, NOT_COVERED, UNCHECKED)

_FORMATS = frozenset({"vcf", "bcf"})
_HEMIZYGOUS = "hemizygous"


class ClaimCheck(LineCheck):
    """Looks for variants that the record states."""

    rules = CLAIM_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line; ``path`` is the file, or the record for what was looked for in none."""
        modifications = subject.record.modifications
        if not isinstance(modifications, tuple):
            return
        rows = [(row, subject.files[row.path]) for row in subject.line.files if _has_variants(row, subject)]
        for number, each in enumerate(modifications if rows else ()):
            if not each.hgvs or each.hgvs == "unknown":
                continue
            compared = False
            for row, seen in rows:
                found = _calls(row, seen, each.hgvs)
                if found is not None and each.type != "isogenic":
                    compared = True
                    yield from _judge(row, each, found)
            if not compared:
                place = Place(path=RECORD_PATH, column=f"modifications[{number}].hgvs")
                yield UNCHECKED.at(place, expected=_expected(each), got=each.hgvs, hgvs=each.hgvs)


def _has_variants(row: FileRow, subject: LineSubject) -> bool:
    seen = subject.files.get(row.path)
    return row.modality in CLAIM_MODALITIES and seen is not None and seen.format in _FORMATS


def _expected(modification: Modification) -> str:
    if modification.type == "isogenic":
        return "what was changed in the line, not what it is compared with"
    if read_claim(modification.hgvs or "") is None:
        return "genomic HGVS: a substitution, deletion, duplication or insertion of a chromosome"
    return "a variant file of this assembly"


def _calls(row: FileRow, seen: Subject, hgvs: str) -> Mapping[str, Mapping[str, int]] | None:
    """What the samples of a file show that are the line's; None where the claim was not looked for."""
    claims = seen.evidence.get("claims")
    found = claims.get(hgvs) if isinstance(claims, Mapping) else None
    if not isinstance(found, Mapping):
        return None
    return {row.sample_id: found[row.sample_id]} if row.sample_id in found else found


def _judge(row: FileRow, claim: Modification, calls: Mapping[str, Mapping[str, int]]) -> Iterator[Finding]:
    place, hgvs = Place(path=row.path), claim.hgvs
    if not calls:
        yield NOT_COVERED.at(place, expected="a genotype at the place", got="none", hgvs=hgvs)
        return
    carrying = [each for each in calls.values() if each["copies"]]
    if not carrying:
        yield ABSENT.at(place, expected="the variant", got="the reference", hgvs=hgvs)
        return
    shown = [_zygosity(each["copies"], each["alleles"]) for each in carrying]
    if claim.zygosity in ("heterozygous", "homozygous", _HEMIZYGOUS) and all(
        claim.zygosity not in each for each in shown
    ):
        found = shown[0][0]
        yield ZYGOSITY.at(place, expected=claim.zygosity, got=found, hgvs=hgvs, found=found, stated=claim.zygosity)


def _zygosity(copies: int, alleles: int) -> tuple[str, ...]:
    """What so many copies can be called; one X is written as one allele or as two equal ones."""
    if copies < alleles:
        return ("heterozygous",)
    return ("homozygous", _HEMIZYGOUS) if alleles > 1 else (_HEMIZYGOUS, "homozygous")


CHECK = ClaimCheck()
