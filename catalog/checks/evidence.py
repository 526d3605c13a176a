"""What the files of a line say about the cells, against the record and against each other: sex, replicates, pluripotency.

Limits and their reasons: docs/validation.md, "Evidence". Sex is that of the sequence (chromosomes seen), compared with the
donor's recorded sex; where the evidence is thin or contradicts itself, nothing is said.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from catalog.checks.protocol import LineCheck, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.model import FileRow

_SOURCE = "docs/validation.md, Evidence"

SEX_DIFFERS = Rule(
    "file-sex",
    Severity.ERROR,
    Level.BANK,
    "the file shows {found} chromosomes, the record says that the donor is {stated}",
    "look whether the file is another line's; if it is right, correct donor.sex, or explain a lost or gained chromosome in cautions",
    _SOURCE,
    "A file of the other sex is the plainest sign that samples were swapped.",
)
XIST = Rule(
    "file-sex-xist",
    Severity.WARNING,
    Level.BANK,
    "XIST is expressed and no gene of chromosome Y, but the record says that the donor is male",
    "look whether the matrix is another line's",
    _SOURCE,
    "XIST is made from an inactive X chromosome, which a male cell does not have.",
)
REPLICATES = Rule(
    "file-replicates",
    Severity.WARNING,
    Level.BANK,
    "replicates correlate less than replicates do",
    "look whether one of them is another sample's, and at its library size",
    _SOURCE,
    "Replicates of one culture differ less than lines do: a low correlation is a swap, a failed library or a mistaken column.",
)
PLURIPOTENCY = Rule(
    "file-pluripotency-genes",
    Severity.WARNING,
    Level.BANK,
    "{genes} of the genes of pluripotent cells are not expressed",
    "look whether the sample is of differentiated cells; then say so in the assay, else look for a swap",
    _SOURCE,
    "POU5F1, NANOG, SOX2 and LIN28A are expressed in every pluripotent line.",
)

EVIDENCE_RULES = (SEX_DIFFERS, XIST, REPLICATES, PLURIPOTENCY)

_STATED = {"male": "XY", "female": "XX"}
_RNA = "rna-seq"
_FEWEST_SITES = 50
#: About a hundred of them would lie on one X.
_FEWEST_RECORDS = 4000
_MOST_HET_OF_ONE_X, _LEAST_HET_OF_TWO_X = 0.05, 0.15
_Y_CALLED, _Y_NOT_CALLED = 10, 2
_LEAST_Y_RATE, _MOST_Y_RATE = 0.5, 0.2
_X_COVERAGE_OF_ONE, _X_COVERAGE_OF_TWO = 0.7, 0.8
_Y_COVERAGE, _NO_Y_COVERAGE = 0.2, 0.1
_LEAST_CORRELATION = 0.9
_FEWEST_GENES = 100
_REPLICATE = re.compile(r"(?P<stem>.+)[._ -](?:rep|replicate|r)[._ -]?[0-9]{1,3}", re.IGNORECASE)
#: Nobody makes more of one culture; what is beyond is not compared.
_MOST_REPLICATES = 20
_PLURIPOTENT = frozenset({"iPSC", "ESC"})
_GENES = ("POU5F1", "NANOG", "SOX2", "LIN28A")
_EXPRESSED_PER_MILLION = 1.0
_SAME_PERSON = ("modality", "passage", "assay_id", "format")


class EvidenceCheck(LineCheck):
    """Compares what files show with the record and with each other."""

    rules = EVIDENCE_RULES

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings of one line; ``path`` is the file."""
        for row in subject.line.files:
            seen = subject.files.get(row.path)
            if seen is not None:
                yield from _check_sex(row, seen, subject.record.donor.sex or "")
                if subject.record.line_type in _PLURIPOTENT:
                    yield from _check_pluripotency(row, seen)
        yield from _check_replicates(subject)


def _check_sex(row: FileRow, seen: Subject, sex: str) -> Iterator[Finding]:
    stated = _STATED.get(sex)
    if stated is None:
        return
    found = sexes_shown(seen, row.modality)
    if any(each not in (stated, "XIST") for each in found):
        shown = next(each for each in found if each not in (stated, "XIST"))
        yield SEX_DIFFERS.at(Place(path=row.path), expected=f"{stated} chromosomes", got=shown, found=shown, stated=sex)
    elif "XIST" in found and stated == "XY":
        yield XIST.at(Place(path=row.path), expected="genes of chromosome Y", got="XIST alone")


def sexes_shown(seen: Subject, modality: str = "") -> list[str]:
    """``XX`` or ``XY`` for each sample of a file that shows it; ``XIST`` where only an inactive X is seen in RNA.

    RNA says nothing by its alleles or its reads on X and Y: a clonal female line expresses one X, and Y has few genes.
    """
    facts = seen.facts
    found = [] if modality == _RNA else [_of_dna(each) for each in _members(facts, "sex_evidence")]
    markers = facts.get("sex_markers")
    if isinstance(markers, Mapping):
        found += [_of_rna(each) for each in markers.values() if isinstance(each, Mapping)]
    return [each for each in found if each]


def _members(value: object, name: str) -> Iterator[Mapping[str, object]]:
    """Every mapping of this name in facts, at any depth."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            if key == name and isinstance(each, Mapping):
                yield each
            else:
                yield from _members(each, name)


def _number(evidence: Mapping[str, object], name: str) -> float | None:
    value = evidence.get(name)
    return float(value) if isinstance(value, (int, float)) else None


def _of_dna(evidence: Mapping[str, object]) -> str:
    """What calls, an array or coverage show: one X with a Y, two X without, or neither clearly."""
    if "x_het" in evidence:
        het, homozygous = _number(evidence, "x_het") or 0, _number(evidence, "x_hom_alt") or 0
        if het + homozygous < _FEWEST_SITES:
            return ""
        # Blocks of the reference cover Y in a female's file as well: only what differs from it speaks for one.
        share, called = het / (het + homozygous), _number(evidence, "y_variants") or 0
        return _verdict(
            one_x=share <= _MOST_HET_OF_ONE_X, two_x=share >= _LEAST_HET_OF_TWO_X,
            has_y=called >= _Y_CALLED, no_y=called <= _Y_NOT_CALLED,
        )  # fmt: skip
    share_het, rate = _number(evidence, "chr_x_heterozygosity"), _number(evidence, "chr_y_call_rate")
    if share_het is not None and rate is not None:
        return _verdict(
            one_x=share_het <= _MOST_HET_OF_ONE_X, two_x=share_het >= _LEAST_HET_OF_TWO_X,
            has_y=rate >= _LEAST_Y_RATE, no_y=rate <= _MOST_Y_RATE,
        )  # fmt: skip
    x, y = _number(evidence, "x_coverage_share"), _number(evidence, "y_coverage_share")
    if x is not None and y is not None and (_number(evidence, "autosome_records") or 0) >= _FEWEST_RECORDS:
        return _verdict(
            one_x=x <= _X_COVERAGE_OF_ONE,
            two_x=x >= _X_COVERAGE_OF_TWO,
            has_y=y >= _Y_COVERAGE,
            no_y=y <= _NO_Y_COVERAGE,
        )
    return ""


def _verdict(*, one_x: bool, two_x: bool, has_y: bool, no_y: bool) -> str:
    if one_x and has_y:
        return "XY"
    return "XX" if two_x and no_y else ""


def _of_rna(markers: Mapping[str, object]) -> str:
    """RPS4Y1 proves a Y chromosome; XIST alone speaks against one; neither says nothing (XIST is lost in culture)."""
    if markers.get("RPS4Y1"):
        return "XY"
    return "XIST" if markers.get("XIST") and markers.get("RPS4Y1") is False else ""


def _check_pluripotency(row: FileRow, seen: Subject) -> Iterator[Finding]:
    markers = seen.evidence.get("markers")
    if not isinstance(markers, Mapping) or row.modality != "rna-seq":
        return
    known = {gene: markers[gene] for gene in _GENES if gene in markers}
    silent = [gene for gene, values in known.items() if max(values, default=0.0) < _EXPRESSED_PER_MILLION]
    if len(known) == len(_GENES) and len(silent) > 1:
        yield PLURIPOTENCY.at(
            Place(path=row.path),
            expected="1 per million and more",
            got=", ".join(silent),
            genes=f"{len(silent)} of {len(_GENES)}",
        )


def _check_replicates(subject: LineSubject) -> Iterator[Finding]:
    """Compares columns of one matrix that are called replicates, and matrices that ``files.csv`` says are."""
    groups: dict[tuple[str, ...], list[_Column]] = {}
    for row in sorted(subject.line.files, key=lambda row: row.path):
        seen = subject.files.get(row.path)
        if seen is None or not isinstance(seen.evidence.get("expression"), Mapping):
            continue
        for columns in _replicates_within(row.path, seen):
            yield from _compare(columns)
        if row.replicate:
            person = tuple(str(getattr(row, name)) for name in _SAME_PERSON)
            groups.setdefault(person, []).append(_own_column(row, seen))
    for columns in groups.values():
        yield from _compare(columns)


@dataclass(frozen=True, slots=True)
class _Column:
    """Where one sample's values are."""

    path: str
    name: str
    profile: Mapping[int, float]


def _compare(columns: Sequence[_Column]) -> Iterator[Finding]:
    for first, second in combinations(columns[:_MOST_REPLICATES], 2):
        found = correlation(first.profile, second.profile)
        if found is not None and found < _LEAST_CORRELATION:
            yield REPLICATES.at(
                Place(path=second.path, column=second.name),
                expected=f"a correlation of {_LEAST_CORRELATION} or more",
                got=f"{found:.2f} with {first.name}",
                related=[first.path] if first.path != second.path else [],
            )


def _replicates_within(path: str, seen: Subject) -> list[list[_Column]]:
    """Columns whose names differ only in the number of a replicate, such as ``A.rep1`` and ``A.rep2``."""
    groups: dict[str, list[int]] = {}
    for at, name in enumerate(_samples(seen)):
        match = _REPLICATE.fullmatch(name)
        if match:
            groups.setdefault(match["stem"].casefold(), []).append(at)
    return [[_column(path, seen, at) for at in group[:_MOST_REPLICATES]] for group in groups.values() if len(group) > 1]


def _own_column(row: FileRow, seen: Subject) -> _Column:
    """The column of the declared sample; the first one where none is declared or there."""
    samples = _samples(seen)
    return _column(row.path, seen, samples.index(row.sample_id) if row.sample_id in samples else 0)


def _samples(seen: Subject) -> list[str]:
    kept = seen.evidence["expression"]
    assert isinstance(kept, Mapping)
    return list(kept["samples"])


def _column(path: str, seen: Subject, at: int) -> _Column:
    kept = seen.evidence["expression"]
    assert isinstance(kept, Mapping)
    samples = _samples(seen)
    values = list(kept["values"])[at :: max(1, len(samples))]
    return _Column(path, samples[at] if samples else "", dict(zip(kept["genes"], values, strict=False)))


def correlation(first: Mapping[int, float], second: Mapping[int, float]) -> float | None:
    """Pearson's correlation of two samples, values by gene, over the genes of both; None for too few."""
    genes = sorted(first.keys() & second.keys())
    if len(genes) < _FEWEST_GENES:
        return None
    return _pearson([first[gene] for gene in genes], [second[gene] for gene in genes])


def _pearson(first: Sequence[float], second: Sequence[float]) -> float | None:
    count = len(first)
    means = sum(first) / count, sum(second) / count
    spreads = [
        math.sqrt(sum((value - mean) ** 2 for value in each)) for each, mean in zip((first, second), means, strict=True)
    ]
    if not all(spreads):
        return None
    both = sum((a - means[0]) * (b - means[1]) for a, b in zip(first, second, strict=True))
    return both / (spreads[0] * spreads[1])


CHECK = EvidenceCheck()
