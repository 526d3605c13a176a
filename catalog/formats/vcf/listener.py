"""Listening to records at chosen positions: THE PLACE through which calls at a panel of sites can be collected.

Who wants the genotypes at some positions gives a :class:`SiteListener` to :class:`catalog.formats.vcf.judge.VcfJudge`. The
plain path and the compiled one call it for the same records: those that cover a chosen position, blocks of the reference
included. The compiled path hands these records to the plain one, so a few thousand positions cost next to nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from catalog.formats.protocol import Declared


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteCalls:
    """One record that covers a chosen position.

    Attributes:
        chrom: CHROM as written.
        pos: POS.
        end: the last position that the record covers: of REF, or INFO END of a reference block.
        chosen: the chosen positions from ``pos`` to ``end``, in order.
        columns: all columns of the record, as bytes.
    """

    chrom: str
    pos: int
    end: int
    chosen: Sequence[int]
    columns: Sequence[bytes]


class SiteListener(Protocol):
    """Somebody who wants the records at some positions."""

    def positions(self, chrom: str, assembly: str | None) -> Sequence[int]:
        """The positions that are wanted on a chromosome, in increasing order; asked once when its records begin.

        Args:
            chrom: CHROM as written.
            assembly: the file's assembly by its header, None when it is not known.
        """

    def take(self, calls: SiteCalls) -> None:
        """Takes a record that covers at least one of them; called whether or not something is wrong with it."""

    def evidence(self, samples: Sequence[str]) -> Mapping[str, object]:
        """What goes to the evidence of the file; called once at its end, with the file's samples in order."""


#: Makes a listener for one file, of which something is declared.
ListenerFactory = Callable[[Declared], SiteListener]


class SeveralListeners:
    """Listeners with positions of their own (a :class:`SiteListener`)."""

    def __init__(self, listeners: Sequence[SiteListener]) -> None:
        self._listeners = listeners
        self._positions: list[Sequence[int]] = []

    def positions(self, chrom: str, assembly: str | None) -> Sequence[int]:
        """All that one of them wants."""
        self._positions = [each.positions(chrom, assembly) for each in self._listeners]
        return sorted(set().union(*self._positions))

    def take(self, calls: SiteCalls) -> None:
        """Tells those who want one of the positions."""
        for listener, positions in zip(self._listeners, self._positions, strict=True):
            chosen = _between(positions, calls.pos, calls.end)
            if chosen:
                listener.take(replace(calls, chosen=chosen))

    def evidence(self, samples: Sequence[str]) -> Mapping[str, object]:
        """What all have collected."""
        return {name: value for each in self._listeners for name, value in each.evidence(samples).items()}


def _between(positions: Sequence[int], first: int, last: int) -> Sequence[int]:
    """The positions from one to another, both included."""
    return positions[bisect_left(positions, first) : bisect_left(positions, last + 1)]


class Watch:
    """The chosen positions of the contig that the records are on.

    Attributes:
        positions: in increasing order; empty when nobody listens.
    """

    def __init__(self, listener: SiteListener | None, assembly: str | None) -> None:
        self.positions: Sequence[int] = ()
        self._listener = listener
        self._assembly = assembly

    def enter(self, chrom: bytes) -> None:
        """Another contig begins."""
        if self._listener is not None:
            self.positions = self._listener.positions(chrom.decode("utf-8", "replace"), self._assembly)

    def take(self, columns: Sequence[bytes], pos: int, end: int) -> None:
        """Tells the listener of a record, when it covers a chosen position."""
        if self._listener is None or not self.positions or pos < 0:
            return
        chosen = _between(self.positions, pos, end)
        if chosen:
            chrom = columns[0].decode("utf-8", "replace")
            self._listener.take(SiteCalls(chrom=chrom, pos=pos, end=end, chosen=chosen, columns=columns))
