"""What is counted in the records of an alignment file, and the facts that come of it."""

from __future__ import annotations

from array import array

from catalog.findings import Place
from catalog.formats.alignment.header import Header
from catalog.formats.alignment.margin import SAM, Margin, unwanted
from catalog.formats.assemblies import chromosome_of
from catalog.formats.protocol import Facts, as_facts
from catalog.kernels import bam_state as at

QUALITY_UNKNOWN = unwanted(
    "sam-mapq-unavailable",
    "the mapping quality of mapped reads is not given (255)",
    "where STAR wrote the file, set --outSAMmapqUnique 60",
    f"{SAM}, 2 (3): no alignments should be assigned mapping quality 255",
    "Callers that ask for a mapping quality leave such reads out.",
)
#: Contigs beyond these are not in the evidence.
MOST_CONTIGS = 250_000
UNPLACED_NAME = "*"
_GOOD_SCORE = 30
_BELOW_GOOD = bytes(range(_GOOD_SCORE))
_FLAG_COUNTERS = (
    (at.PAIRED_BIT, at.PAIRED),
    (at.SECONDARY_BIT, at.SECONDARY),
    (at.SUPPLEMENTARY_BIT, at.SUPPLEMENTARY),
    (at.FAILED_BIT, at.FAILED),
    (at.DUPLICATE_BIT, at.DUPLICATES),
)
_NOT_FIRST_LINE = at.SECONDARY_BIT | at.SUPPLEMENTARY_BIT


class Tally:
    """Counts records.

    Attributes:
        state: the counters, by the numbers of :mod:`catalog.kernels.bam_state`.
        per_contig: for each contig its mapped, then its unmapped records.
    """

    def __init__(self, contigs: int) -> None:
        self.state = array("q", bytes(8 * at.STATE_NUMBERS))
        self.per_contig = array("q", bytes(16 * contigs))

    def add(self, flag: int, contig: int, bases: int, mapq: int) -> None:
        """Counts one record.

        Args:
            flag: its FLAG.
            contig: its number, -1 for none.
            bases: of its sequence.
            mapq: its mapping quality.
        """
        state = self.state
        state[at.RECORDS] += 1
        unmapped = flag & at.UNMAPPED_BIT
        if not unmapped:
            state[at.MAPPED] += 1
        if contig < 0:
            state[at.UNPLACED] += 1
        else:
            if 2 * contig >= len(self.per_contig):
                self.per_contig.frombytes(bytes(16 * (contig + 1) - 8 * len(self.per_contig)))
            self.per_contig[2 * contig + (1 if unmapped else 0)] += 1
        if flag & ~at.UNMAPPED_BIT:
            for bit, counter in _FLAG_COUNTERS:
                if flag & bit:
                    state[counter] += 1
            if flag & at.PAIRED_BIT and flag & at.PROPER_BIT:
                state[at.PROPER] += 1
        if not flag & _NOT_FIRST_LINE:
            state[at.READS] += 1
            state[at.BASES] += bases
            state[at.LONGEST] = max(state[at.LONGEST], bases)
            state[at.SHORTEST] = bases if state[at.READS] == 1 else min(state[at.SHORTEST], bases)
        if mapq == 255 and not unmapped:
            state[at.NO_QUALITY_GIVEN] += 1

    def add_scores(self, scores: bytes) -> None:
        """Counts the base qualities of one record, as numbers without +33."""
        state = self.state
        state[at.SCORES] += len(scores)
        state[at.SCORE_SUM] += sum(scores)
        state[at.SCORES_30] += len(scores.translate(None, _BELOW_GOOD))

    def note_first_without_quality(self, place: Place) -> None:
        """Keeps the place of the first mapped record whose mapping quality is not given."""
        if self.state[at.NO_QUALITY_GIVEN] == 1:
            self.state[at.NO_QUALITY_RECORD] = place.record or place.line or 0
            self.state[at.NO_QUALITY_OFFSET] = place.offset or 0

    def finish(self, margin: Margin, *, is_text: bool) -> None:
        """Puts down what was counted on the way and is a finding."""
        count, number = self.state[at.NO_QUALITY_GIVEN], self.state[at.NO_QUALITY_RECORD]
        if count:
            offset = self.state[at.NO_QUALITY_OFFSET]
            place = Place(line=number) if is_text else Place(record=number, offset=offset if offset > 0 else None)
            margin.note_many(place, count, QUALITY_UNKNOWN, "MAPQ", "0 to 254")

    def records_per_contig(self, header: Header) -> dict[str, tuple[int, int]]:
        """Mapped and unmapped records of every contig that has some; those without contig under ``*``."""
        counts = self.per_contig
        found = {
            name.decode("utf-8", "backslashreplace"): (counts[2 * number], counts[2 * number + 1])
            for name, number in header.contigs.items()
            if 2 * number + 1 < len(counts) and number < MOST_CONTIGS and (counts[2 * number] or counts[2 * number + 1])
        }
        found[UNPLACED_NAME] = (0, self.state[at.UNPLACED])
        return found

    def facts(self, header: Header) -> Facts:
        """The counts as facts; see the formats for their names."""
        state = self.state
        reads, scores = state[at.READS], state[at.SCORES]
        length = None
        if reads:
            mean = round(state[at.BASES] / reads, 2)
            length = {"shortest": state[at.SHORTEST], "longest": state[at.LONGEST], "mean": mean}
        return as_facts(
            {
                "records": state[at.RECORDS],
                "mapped": state[at.MAPPED],
                "duplicates": state[at.DUPLICATES],
                "paired": state[at.PAIRED],
                "properly_paired": state[at.PROPER],
                "secondary": state[at.SECONDARY],
                "supplementary": state[at.SUPPLEMENTARY],
                "failed_filters": state[at.FAILED],
                "read_length": length,
                "mean_quality": round(state[at.SCORE_SUM] / scores, 2) if scores else None,
                "q30_percent": round(100 * state[at.SCORES_30] / scores, 2) if scores else None,
                "is_sorted_by_coordinate": bool(state[at.IS_SORTED]) if state[at.RECORDS] else None,
                "sex_evidence": self._sex_evidence(header),
            }
        )

    def _sex_evidence(self, header: Header) -> Facts | None:
        """Mapped records on X and Y by base pair, as shares of those on chromosomes 1 to 22."""
        found: dict[str, list[int]] = {"X": [0, 0], "Y": [0, 0], "autosomes": [0, 0]}
        for name, number in header.contigs.items():
            chromosome = chromosome_of(name.decode("utf-8", "replace"))
            if chromosome is None or chromosome == "M" or 2 * number >= len(self.per_contig):
                continue
            pair = found[chromosome if chromosome in "XY" else "autosomes"]
            pair[0] += self.per_contig[2 * number]
            pair[1] += header.lengths[number]
        records, base_pairs = found["autosomes"]
        if not records or not base_pairs or not found["X"][1]:
            return None
        density = records / base_pairs
        evidence: Facts = {"x_records": found["X"][0], "y_records": found["Y"][0], "autosome_records": records}
        for fact, chromosome in (("x_coverage_share", "X"), ("y_coverage_share", "Y")):
            records, base_pairs = found[chromosome]
            if base_pairs:
                evidence[fact] = round(records / base_pairs / density, 4)
        return evidence
