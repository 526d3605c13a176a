"""An index and the file that it belongs to, judged together: age, kind, contigs, counts and places."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.formats.companions import Member
from catalog.formats.containers import MOST_BLOCK_STARTS
from catalog.formats.indexes.binning import AGAIN, forbidden
from catalog.formats.indexes.chunks import (
    BEHIND,
    BLOCKS,
    COVER,
    ORDER,
    Content,
    judge_blocks,
    judge_cover,
    judge_order,
    judge_reach,
)
from catalog.formats.indexes.evidence import INDEX, SLICES, Found, IndexContent, Reference, Slices
from catalog.formats.indexes.slices import SLICE, SLICE_MISSING, compare_slices

OLDER = Rule(
    "index-older",
    Severity.WARNING,
    Level.BANK,
    "the index is older than the file that it belongs to",
    f"when the file was changed {AGAIN}; when it was only copied, touch the index",
    "fairline; htslib warns of it as well",
    "An index of an earlier file points at the wrong places.",
)
OTHER_KIND = forbidden(
    "index-other-kind",
    "a file of format {format} has no index of this kind",
    AGAIN,
    "SAMv1, 5; CSIv1; Tabix index file format; CRAMv3, 12",
)
NEEDS_BGZF = forbidden(
    "index-needs-bgzf",
    "the file that the index belongs to is not compressed with BGZF",
    f"compress the file with bgzip, then {AGAIN}",
    "SAMv1, 4.1.1 and 5: virtual file offsets point into BGZF blocks",
    "No place in the file can be found by the index.",
)
CONTIGS = forbidden(
    "index-contigs",
    "the reference sequences of the index are not those of the file",
    AGAIN,
    "SAMv1, 5.2 (n_ref); Tabix index file format (names); CRAMv3, 12 (reference sequence id)",
    "The index was made of another file.",
)
TOO_LONG = forbidden(
    "index-contig-too-long",
    "{contig} is longer than the bins of the index reach",
    "make a CSI index (samtools index -c, bcftools index)",
    "SAMv1, 5.1.1: BAI does not support sequences longer than 2^29-1; CSIv1 (minimal interval and depth)",
    "Records behind that place cannot be found.",
)
COUNTS = forbidden(
    "index-counts",
    "the index counts other records of {contig} than the file has",
    AGAIN,
    "SAMv1, 5.2 (n_mapped, n_unmapped, n_no_coor)",
    "The index was made of another file, or of an earlier one.",
)
RECORDS = forbidden(
    "index-records",
    "the index and the file do not agree whether {contig} has records",
    AGAIN,
    "SAMv1, 5.1 (each alignment is associated with a bin); CRAMv3, 12 (all slices must be listed)",
    "Records would not be found.",
)
OUTSIDE = forbidden(
    "index-offset-outside",
    "the index points behind the end of the file",
    f"look whether the file was cut, else {AGAIN}",
    "SAMv1, 4.1.1 (virtual file offset)",
    "The index was made of another file, or the file was cut.",
)
NOT_IN_BLOCK = forbidden(
    "index-offset-not-in-block",
    "the index points at a place that is in no block of the file",
    AGAIN,
    "SAMv1, 4.1.1: a virtual file offset has the start of a BGZF block and an offset within its content",
    "A program that follows the index reads garbage.",
)

_INDEX = re.compile(r"(?P<file>.+)\.(?P<kind>tbi|csi|bai|crai|gzi)")
_DATA = re.compile(r".+\.(?:b?gz|bgzf|bam|cram|bcf|sam|vcf|bed|gff3?|gtf)")
#: What an index that stands in place of the file's suffix (``a.bai`` of ``a.bam``) belongs to.
_OLD_SUFFIXES = {"bai": ".bam", "crai": ".cram"}

_OF_TEXT = frozenset({"csi", "tbi", "gzi"})
_KINDS: Mapping[str, frozenset[str]] = {
    "bam": frozenset({"bai", "csi", "gzi"}),
    "bcf": _OF_TEXT,
    "cram": frozenset({"crai", "bai"}),
    "sam": _OF_TEXT | {"bai"},
}
#: Formats of columns whose content does not say more.
_OPEN = frozenset({"table", "text"})
_PRESETS = {1: "sam", 2: "vcf"}
#: Formats whose records all have a reference.
_PLACED = frozenset({"bcf", "vcf"})
#: Formats whose header names every reference sequence.
_COMPLETE = frozenset({"bam", "bcf", "cram", "sam"})
#: Findings about records that lie behind the end of their reference, where bins may lie as well.
_PAST_END = frozenset({"sam-past-end", "vcf-pos-beyond-contig"})
#: Records without reference stand under this name.
_UNPLACED = "*"
#: Contigs that are named in findings.
_LISTED = 5


class IndexCompanions:
    """A data file and its indexes."""

    name = "index"
    rules: tuple[Rule, ...] = (
        OLDER, OTHER_KIND, NEEDS_BGZF, CONTIGS, TOO_LONG, COUNTS, RECORDS, OUTSIDE, NOT_IN_BLOCK, SLICE, SLICE_MISSING,
        COVER, ORDER, BEHIND, BLOCKS,
    )  # fmt: skip

    def part_of(self, name: str) -> tuple[str, str] | None:
        """The group is the name of the data file, also for ``a.bai`` beside ``a.bam``."""
        if found := _INDEX.fullmatch(name):
            file, suffix = found["file"], _OLD_SUFFIXES.get(found["kind"], "")
            return (file if _DATA.fullmatch(file) else file + suffix), "index"
        return (name, "data") if _DATA.fullmatch(name) else None

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Every index with the data file of its name, else with the only one of its group in ``files.csv``."""
        files = [each for each in members if each.part == "data" and each.subject.format is not None]
        for index in members:
            content = index.subject.evidence.get(INDEX)
            if index.part != "index" or not isinstance(content, IndexContent):
                continue
            named = self.part_of(index.path.name)
            own = [each for each in files if named is not None and each.path.name == named[0]]
            for file in own or (files if len(files) == 1 else []):
                for rule, place, expected, got, words in _judge(index, content, file):
                    yield index, rule.at(place, expected=expected, got=got, related=(file.subject.path,), **words)


def _judge(index: Member, content: IndexContent, file: Member) -> Iterator[Found]:
    form = file.subject.format or ""
    if content.kind not in _KINDS.get(form, _OF_TEXT):
        kinds = ", ".join(sorted(_KINDS.get(form, _OF_TEXT)))
        yield OTHER_KIND, Place(), kinds, content.kind, {"format": form}
        return
    named = _PRESETS.get(content.preset or 0, form)
    if named != form and form not in _OPEN:
        yield OTHER_KIND, Place(column="format"), form, named, {"format": form}
    container = file.subject.facts.get("container", "plain")
    if form != "cram" and container != "bgzf":
        yield NEEDS_BGZF, Place(), "BGZF", str(container), {}
        return
    if _is_older(index.path, file.path):
        yield OLDER, Place(), "an index that is not older", "", {}
    misplaced = list(_judge_places(content, file))
    yield from misplaced
    # An index of another file differs in everything: one finding says enough.
    if misplaced or not _is_known(file.subject):
        return
    yield from _judge_chunks(content, file)
    slices = file.subject.evidence.get(SLICES)
    if content.kind == "crai" and isinstance(slices, Slices):
        yield from compare_slices(content.slices, slices)
    if content.kind != "gzi" and (form, content.kind) != ("cram", "bai"):
        yield from _judge_references(content, _Known.of(file))


def _is_known(subject: Subject) -> bool:
    """Whether what a format saw can be compared: it read the file to its end, with nothing forbidden in it."""
    has_error = any(each.severity is Severity.ERROR and each.rules is Level.SPEC for each in subject.findings)
    return not has_error and not subject.more_errors


def _is_older(index: Path, file: Path) -> bool:
    """By whole seconds, as htslib does."""
    try:
        return int(index.stat().st_mtime) < int(file.stat().st_mtime)
    except OSError:
        return False


def _judge_places(content: IndexContent, file: Member) -> Iterator[Found]:
    size = file.subject.bytes
    if size is None:
        return
    furthest = content.places.furthest
    if furthest > size:
        yield OUTSIDE, Place(), f"places before byte {size} of the stored file", str(furthest), {}
        return
    starts, contents = (file.subject.evidence.get(name) for name in ("block_starts", "content_starts"))
    if not isinstance(starts, Sequence) or len(starts) > MOST_BLOCK_STARTS:
        return
    place = content.places.first_outside(starts, contents if isinstance(contents, Sequence) else (), size)
    if place is not None:
        yield (
            NOT_IN_BLOCK,
            Place(),
            "the start of a block, and a place in it",
            f"byte {place[0]}, then byte {place[1]}",
            {},
        )


def _judge_chunks(content: IndexContent, file: Member) -> Iterator[Found]:
    """What the index says of the whole of a file whose blocks are all known."""
    starts, contents = (file.subject.evidence.get(name) for name in ("block_starts", "content_starts"))
    if not isinstance(starts, Sequence) or not isinstance(contents, Sequence):
        return
    if len(starts) > MOST_BLOCK_STARTS or len(contents) != len(starts):
        return
    places = Content(starts, contents, file.subject.bytes or 0)
    yield from judge_blocks(content, places)
    if not content.references:
        return
    known = _Known.of(file)
    names = tuple(map(_unbracketed, content.names)) if content.names is not None else known.contigs or ()
    yield from judge_cover(content.references, names, places)
    is_sorted = file.subject.format == "bam" and file.subject.facts.get("is_sorted_by_coordinate") is True
    yield from judge_order(content.references, names, is_sorted=is_sorted)
    if not file.subject.more and not _PAST_END & {each.code for each in file.subject.findings}:
        yield from judge_reach(content.references, names, known.lengths)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of the references of a data file.

    Attributes:
        format: of the file.
        contigs: every reference that the file declares, in order; None when that is not known.
        lengths: of those whose length is known.
        records: mapped and unmapped records of those that have some; None when that is not known.
    """

    format: str
    contigs: tuple[str, ...] | None
    lengths: Mapping[str, int]
    records: Mapping[str, tuple[int, int]] | None

    @classmethod
    def of(cls, file: Member) -> _Known:
        """From the evidence that its format left."""
        contigs, records = (file.subject.evidence.get(name) for name in ("contigs", "records_per_contig"))
        return cls(
            format=file.subject.format or "",
            contigs=tuple(map(_text, contigs)) if isinstance(contigs, Mapping) else None,
            lengths={_text(name): length for name, length in contigs.items() if isinstance(length, int)}
            if isinstance(contigs, Mapping)
            else {},
            records={_text(name): _pair(number) for name, number in records.items()}
            if isinstance(records, Mapping)
            else None,
        )

    def records_of(self, contig: str) -> tuple[int, int]:
        """Mapped and unmapped records of a reference."""
        return (self.records or {}).get(contig, (0, 0))


def _text(name: object) -> str:
    return name.decode("utf-8", "backslashreplace") if isinstance(name, bytes) else str(name)


def _unbracketed(name: str) -> str:
    """``<ID>`` and ``ID`` are the same sequence (VCFv4.3, 1.6.1, CHROM)."""
    return name[1:-1] if name.startswith("<") and name.endswith(">") else name


def _pair(number: object) -> tuple[int, int]:
    if isinstance(number, Sequence) and len(number) == 2:
        return int(number[0]), int(number[1])
    return (number, 0) if isinstance(number, int) else (0, 0)


def _judge_references(content: IndexContent, known: _Known) -> Iterator[Found]:
    declared = known.contigs
    for name, length in known.lengths.items():
        if content.longest is not None and length > content.longest:
            yield TOO_LONG, Place(column=name), f"at most {content.longest} bases", str(length), {"contig": name}
    if content.names is not None:
        strange = list(_judge_names(tuple(map(_unbracketed, content.names)), known))
        yield from strange
        if strange:
            return
    elif declared is not None and known.format in _COMPLETE:
        highest = max(content.references or (), default=-1) + 1
        count = content.count
        if count is not None and count != len(declared):
            yield CONTIGS, Place(), f"{len(declared)} references", f"{count} references", {}
            return
        if highest > len(declared):
            yield CONTIGS, Place(), f"{len(declared)} references", f"reference number {highest - 1}", {}
            return
    else:
        return
    names = tuple(map(_unbracketed, content.names)) if content.names is not None else declared
    if content.unplaced and known.format in _PLACED:
        got = f"index {content.unplaced}, file 0"
        yield COUNTS, Place(column=_UNPLACED), "the same numbers", got, {"contig": "no reference"}
    if names is None or known.records is None or content.references is None:
        return
    for number, name in enumerate(names):
        yield from _judge_counts(number, name, content, known)
    unplaced = sum(known.records_of(_UNPLACED))
    is_counted = content.names is None and _UNPLACED in known.records
    if is_counted and content.unplaced not in (None, unplaced):
        got = f"index {content.unplaced}, file {unplaced}"
        yield COUNTS, Place(column=_UNPLACED), "the same numbers", got, {"contig": "no reference"}


def _judge_names(names: tuple[str, ...], known: _Known) -> Iterator[Found]:
    if known.records is None:
        return
    used = {name for name, counts in known.records.items() if sum(counts) and name != _UNPLACED}
    lost = used.difference(names)
    foreign = set(names).difference(used, known.contigs or (), (_UNPLACED,))
    if lost:
        place = Place(column=min(lost))
        yield CONTIGS, place, "every reference that has records", f"no {_listed(lost)}", {}
    if foreign:
        yield CONTIGS, Place(column=min(foreign)), "no other reference", _listed(foreign), {}


def _listed(names: Collection[str]) -> str:
    more = len(names) - _LISTED
    return ", ".join(sorted(names)[:_LISTED]) + (f" and {more} more" if more > 0 else "")


def _judge_counts(number: int, name: str, content: IndexContent, known: _Known) -> Iterator[Found]:
    reference = (content.references or {}).get(number, Reference())
    counts = known.records_of(name)
    place, words = Place(record=number + 1, column=name), {"contig": name}
    if reference.is_used != (sum(counts) > 0):
        got = f"index {'some' if reference.is_used else 'none'}, file {sum(counts)}"
        yield RECORDS, place, "the same in both", got, dict(words)
    elif reference.mapped is not None:
        stated = (reference.mapped, reference.unmapped or 0)
        # An index of text counts lines, whatever they say.
        same = sum(stated) == sum(counts) if content.names is not None else stated == counts
        if not same:
            got = f"index {stated[0]} mapped and {stated[1]} unmapped, file {counts[0]} and {counts[1]}"
            yield COUNTS, place, "the same numbers", got, dict(words)


INDEX_COMPANIONS = IndexCompanions()
