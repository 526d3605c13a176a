"""What an index says about the file that it belongs to: the evidence that its companions compare with that file."""

from __future__ import annotations

from dataclasses import dataclass, field

#: Under this name the content of an index stands in the evidence of its subject.
INDEX = "index"
#: Beyond these, references and places are not kept; what is not kept is not compared.
MOST_REFERENCES = 250_000
_MOST_PLACES = 500_000


@dataclass(slots=True, kw_only=True)
class Reference:
    """What an index says about one reference sequence.

    Attributes:
        is_used: whether any place in the file is given for it.
        mapped: its mapped records (of a text file: all its records); None where the index does not say.
        unmapped: its placed records that are not mapped; None likewise.
    """

    is_used: bool = False
    mapped: int | None = None
    unmapped: int | None = None


class Places:
    """The starts of blocks that an index points at, in bytes of the stored file; of containers in CRAM.

    Attributes:
        furthest: the last of them.
    """

    __slots__ = ("_all", "furthest")

    def __init__(self) -> None:
        self.furthest = 0
        self._all: set[int] | None = set()

    def add(self, place: int) -> None:
        """Takes one in; when there are too many, only the furthest is kept."""
        if place > self.furthest:
            self.furthest = place
        if self._all is not None:
            self._all.add(place)
            if len(self._all) > _MOST_PLACES:
                self._all = None

    def missing_from(self, starts: set[int]) -> int | None:
        """The first place that is none of the given; None where there is none, or where places were not kept."""
        return min(self._all - starts, default=None) if self._all is not None else None


@dataclass(slots=True, kw_only=True)
class IndexContent:
    """What one index says.

    Attributes:
        kind: ``bai``, ``csi``, ``tbi``, ``crai`` or ``gzi``.
        preset: of an index of text: 0 for columns by number, 1 for SAM, 2 for VCF; None for other indexes.
        names: the names of the references in the order of their numbers; None where they have numbers only.
        count: the number of references that the index claims; None for a kind that has none.
        references: what it says about each by number; None when there are too many, or none in this kind.
        unplaced: records without reference; None where the index does not say.
        longest: the longest reference, in bases, that its bins can hold; None where nothing says so.
        places: what it points at.
    """

    kind: str
    preset: int | None = None
    names: tuple[str, ...] | None = None
    count: int | None = None
    references: dict[int, Reference] | None = None
    unplaced: int | None = None
    longest: int | None = None
    places: Places = field(default_factory=Places)
