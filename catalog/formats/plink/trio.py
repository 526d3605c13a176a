"""A PLINK fileset as a whole: genotypes, variants and samples must have the same numbers of each.

Source: PLINK 1.9 file formats, .bed (must be accompanied by .bim and .fam files).
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.companions import Member
from catalog.formats.plink.bed import HEAD_BYTES
from catalog.formats.plink.lines import SOURCE, plink_error, plink_wish

MISSING = plink_error(
    "trio-missing",
    "the fileset has no {part}",
    "add the file, with the same name up to its ending: genotypes cannot be read without it",
    ".bed: must be accompanied by .bim and .fam files",
)
ALONE = Rule(
    "plink-trio-alone",
    Severity.WARNING,
    Level.SPEC,
    "the file describes a .bed that is not there",
    "add the .bed with the same name up to its ending, or take the file out",
    f"{SOURCE}, .bim and .fam: accompanying a .bed",
)
VARIANTS = plink_error(
    "trio-variants",
    "the .bim has not as many lines as the .bed has variants",
    "find the .bim that was written together with the .bed; where it is this one, the .bed was cut: copy it again",
    ".bed: V blocks of N/4 (rounded up) bytes each",
    "Every genotype would be taken for one of another variant.",
)
SAMPLES = plink_error(
    "trio-samples",
    "the .fam has not as many lines as the .bed has samples",
    "find the .fam that was written together with the .bed; where it is this one, the .bed was cut: copy it again",
    ".bed: V blocks of N/4 (rounded up) bytes each",
    "Every genotype would be taken for one of another sample.",
)
SIZE = plink_error(
    "trio-size",
    "the .bed has not the size that its .bim and .fam make",
    "the .bed was cut, or something was appended to it: copy it again, or make the fileset again",
    ".bed: V blocks of N/4 (rounded up) bytes each",
)
PADDING = plink_error(
    "trio-padding",
    "bits behind the last sample of a block are not zero",
    "make the fileset again with plink --make-bed: the number of samples is probably another",
    ".bed: the extra high-order bits in the last byte of each block are always zero",
)
SEX = plink_wish(
    "trio-sex",
    "the genotypes of chromosome X contradict the sex of the sample",
    "look whether samples were swapped; a line that lost an X chromosome looks male",
    "A swapped sample is seen here first.",
)

_NAME = re.compile(r"(.+)\.(bed|bim|fam)", re.IGNORECASE)
_PARTS = {"bed": "plink-bed", "bim": "plink-bim", "fam": "plink-fam"}
_X = 23
#: Outside of the pseudoautosomal regions of GRCh37 and GRCh38.
_X_FROM, _X_TO = 2_781_480, 154_931_043
_FEWEST_CALLS = 50
_MALE, _FEMALE = 1, 2
_MOST_MALE, _LEAST_FEMALE = 0.05, 0.15
_MISSING_CODE, _HETEROZYGOUS_CODE = 1, 2
_MOST_SEXED = 1000
_PIECE_BYTES = 8 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """Numbers of a whole fileset; blocks are variants in the usual mode, samples in the old one."""

    is_variant_major: bool
    size: int
    variants: int
    samples: int

    @property
    def blocks(self) -> int:
        """How many blocks the .bed must have."""
        return self.variants if self.is_variant_major else self.samples

    @property
    def items(self) -> int:
        """How many genotypes each block has."""
        return self.samples if self.is_variant_major else self.variants

    @property
    def block_bytes(self) -> int:
        """Bytes of a block."""
        return (self.items + 3) // 4


class _PlinkTrio:
    """The fileset (see :class:`catalog.formats.companions.Companions`)."""

    name = "plink-trio"
    rules: Sequence[Rule] = (MISSING, ALONE, VARIANTS, SAMPLES, SIZE, PADDING, SEX)

    def part_of(self, name: str) -> tuple[str, str] | None:
        """The fileset's name and the part, by the ending."""
        match = _NAME.fullmatch(name)
        return (match[1], match[2].lower()) if match else None

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Findings about one fileset; a .bed of intervals is none of its parts."""
        parts = {member.part: member for member in members if member.subject.format == _PARTS[member.part]}
        bed = parts.get("bed")
        empty = next((member for member in members if member.part == "bed" and member.subject.bytes == 0), None)
        if bed is None and empty is not None and parts:
            yield empty, SIZE.at(Place(offset=0), expected=f"{HEAD_BYTES} bytes and the genotypes", got="0 bytes")
            return
        if bed is None:
            for member in parts.values():
                yield member, ALONE.at(expected=f"{member.path.stem}.bed")
            return
        for part in ("bim", "fam"):
            if part not in parts:
                yield bed, MISSING.at(Place(column=part), expected=f"{bed.path.stem}.{part}", part=f".{part}")
        if len(parts) < len(_PARTS):
            return
        shape = _shape(parts)
        if shape is not None:
            defect = _size_defect(parts, shape)
            if defect is not None:
                yield defect
                return
            yield from _padding(bed, shape)
            yield from _sexes(parts, shape)


PLINK_TRIO = _PlinkTrio()


def _shape(parts: Mapping[str, Member]) -> _Shape | None:
    """The numbers, where each part was read to its end."""
    evidence = {part: member.subject.evidence for part, member in parts.items()}
    size = evidence["bed"].get("genotype_bytes")
    variants, samples = (evidence[part].get("count") for part in ("bim", "fam"))
    if not (isinstance(size, int) and isinstance(variants, int) and isinstance(samples, int)):
        return None
    mode = evidence["bed"].get("mode")
    return _Shape(is_variant_major=mode == "variant-major", size=size, variants=variants, samples=samples)


def _size_defect(parts: Mapping[str, Member], shape: _Shape) -> tuple[Member, Finding] | None:
    """Which part does not fit: where one number of lines can explain the size, the other file is the wrong one."""
    if shape.size == shape.blocks * shape.block_bytes:
        return None
    blocks_part, items_part = ("bim", "fam") if shape.is_variant_major else ("fam", "bim")
    rules = {"bim": VARIANTS, "fam": SAMPLES}
    counts = {"bim": shape.variants, "fam": shape.samples}
    by_items = bool(shape.block_bytes and shape.size) and shape.size % shape.block_bytes == 0
    by_blocks = bool(shape.blocks and shape.size) and shape.size % shape.blocks == 0
    # Where both numbers divide the size, the larger one hardly does so by chance: it is right, the other is wrong.
    if by_blocks and not (by_items and shape.block_bytes > shape.blocks):
        most = 4 * (shape.size // shape.blocks)
        got = f"{counts[items_part]} lines"
        return parts[items_part], rules[items_part].at(expected=f"{most - 3} to {most} lines", got=got)
    if by_items:
        got = f"{counts[blocks_part]} lines"
        expected = f"{shape.size // shape.block_bytes} lines"
        return parts[blocks_part], rules[blocks_part].at(expected=expected, got=got)
    expected = f"{HEAD_BYTES + shape.blocks * shape.block_bytes} bytes"
    place = Place(offset=HEAD_BYTES + min(shape.size, shape.blocks * shape.block_bytes))
    return parts["bed"], SIZE.at(place, expected=expected, got=f"{HEAD_BYTES + shape.size} bytes")


def _last_bytes(bed: Member, shape: _Shape) -> Iterator[Any]:
    """The last byte of each block, from the evidence, else (large files) from the file, some blocks at a time."""
    import numpy

    held = _array(bed, "genotypes")
    if held is not None:
        yield held[shape.block_bytes - 1 :: shape.block_bytes]
    elif bed.subject.facts.get("container", "plain") == "plain":
        size = max(1, _PIECE_BYTES // shape.block_bytes) * shape.block_bytes
        with contextlib.suppress(OSError), bed.path.open("rb") as stream:
            stream.seek(HEAD_BYTES)
            while piece := stream.read(size):
                yield numpy.frombuffer(piece, "u1")[shape.block_bytes - 1 :: shape.block_bytes]


def _array(member: Member, name: str) -> Any:
    return member.subject.evidence.get(name)


def _padding(bed: Member, shape: _Shape) -> Iterator[tuple[Member, Finding]]:
    """How many genotypes the last byte of a block has, only the other files say: so this is a second look."""
    import numpy

    used = shape.items % 4
    block = 0
    for last in _last_bytes(bed, shape) if used else ():
        wrong = numpy.flatnonzero(last >> numpy.uint8(2 * used))
        if len(wrong):
            got = f"0x{int(last[wrong[0]]):02x}"
            block += int(wrong[0])
            place = Place(record=block + 1, offset=HEAD_BYTES + (block + 1) * shape.block_bytes - 1)
            yield bed, PADDING.at(place, expected=f"zero bits behind {used} genotypes of the last byte", got=got)
            return
        block += len(last)


def _sexes(parts: Mapping[str, Member], shape: _Shape) -> Iterator[tuple[Member, Finding]]:
    """Heterozygosity of chromosome X against the sex codes, for filesets of the usual mode and of some samples."""
    import numpy

    stored, sexes, chromosomes, positions = (
        _array(parts[part], name)
        for part, name in (("bed", "genotypes"), ("fam", "sexes"), ("bim", "chromosomes"), ("bim", "positions"))
    )
    if stored is None or sexes is None or not chromosomes or not shape.is_variant_major:
        return
    if len(chromosomes) != shape.variants or len(sexes) != shape.samples or shape.samples > _MOST_SEXED:
        return
    places = numpy.frombuffer(positions, "u4")
    on_x = (numpy.frombuffer(chromosomes, "u1") == _X) & (places >= _X_FROM) & (places <= _X_TO)
    rows = stored.reshape(shape.variants, shape.block_bytes)[on_x]
    for sample in range(shape.samples):
        codes = (rows[:, sample // 4] >> numpy.uint8(2 * (sample % 4))) & 3
        called = int((codes != _MISSING_CODE).sum())
        if called < _FEWEST_CALLS:
            continue
        rate = float((codes == _HETEROZYGOUS_CODE).sum()) / called
        sex = int(sexes[sample])
        if (sex == _MALE and rate >= _LEAST_FEMALE) or (sex == _FEMALE and rate <= _MOST_MALE):
            expected = f"at most {_MOST_MALE:.0%}" if sex == _MALE else f"at least {_LEAST_FEMALE:.0%}"
            got = f"{rate:.1%} of {called} genotypes are heterozygous"
            place = Place(record=sample + 1, column="sex")
            yield parts["fam"], SEX.at(place, expected=f"{expected} heterozygous", got=got)
