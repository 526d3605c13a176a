"""What the signals of one array say as a whole: bands of the B-allele frequency, spread of the log R ratio.

A diploid genome has B-allele frequencies near 0, 1/2 and 1; a share between these bands speaks for a gain, a mosaic or
a mixture of samples. The spread of the log R ratio is the noise of the scan (below about 0.3 by common practice).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

#: Upper bounds of the bands: near 0, between, near 1/2, between, near 1.
BAND_BOUNDS = (0.15, 0.35, 0.65, 0.85)
_BETWEEN = (1, 3)
#: Of both histograms; the outer ones of the log R ratio hold what is beyond them as well.
BINS = 25
LOWEST_RATIO, HIGHEST_RATIO = -1.0, 1.0


class Signals:
    """Sums over the probes of one array."""

    def __init__(self) -> None:
        self.bands = [0, 0, 0, 0, 0]
        self._ratios = 0
        self._sum = self._squares = 0.0
        self._frequency_bins = self._ratio_bins = [0] * BINS

    def add_frequencies(self, frequencies: Any) -> None:
        """Counts a numpy array of B-allele frequencies; those that are no numbers are passed over."""
        import numpy

        known = frequencies[numpy.isfinite(frequencies)]
        counted: Any = numpy.bincount(numpy.searchsorted(BAND_BOUNDS, known), minlength=5)
        self.bands = _added(self.bands, counted)
        self._frequency_bins = _added(self._frequency_bins, _histogram(known, 0.0, 1.0))

    def add_ratios(self, ratios: Any) -> None:
        """Counts a numpy array of log R ratios; those that are no finite numbers are passed over."""
        import numpy

        known = ratios[numpy.isfinite(ratios)].astype(numpy.float64)
        self._ratios += len(known)
        self._sum += float(known.sum())
        self._squares += float((known * known).sum())
        self._ratio_bins = _added(self._ratio_bins, _histogram(known, LOWEST_RATIO, HIGHEST_RATIO))

    def facts(self) -> dict[str, object]:
        """What there are values for.

        ``baf_bands`` (shares ``near_0``, ``near_half``, ``near_1``, ``between``), ``baf_histogram`` (probes in each of
        25 equal bins from 0 to 1), ``lrr_sd``, ``lrr_histogram`` (probes in each of 25 equal bins from -1 to 1).
        """
        facts: dict[str, object] = {}
        counted = sum(self.bands)
        if counted:
            between = sum(self.bands[band] for band in _BETWEEN)
            shares = (self.bands[0], self.bands[2], self.bands[4], between)
            names = ("near_0", "near_half", "near_1", "between")
            facts["baf_bands"] = {name: round(share / counted, 4) for name, share in zip(names, shares, strict=True)}
            facts["baf_histogram"] = self._frequency_bins
        if self._ratios > 1:
            variance = (self._squares - self._sum * self._sum / self._ratios) / (self._ratios - 1)
            facts["lrr_sd"] = round(math.sqrt(max(0.0, variance)), 4)
            facts["lrr_histogram"] = self._ratio_bins
        return facts


def _histogram(values: Any, lowest: float, highest: float) -> Any:
    import numpy

    places = ((numpy.clip(values, lowest, highest) - lowest) * (BINS / (highest - lowest))).astype(numpy.int64)
    return numpy.bincount(numpy.minimum(places, BINS - 1), minlength=BINS)


def _added(before: Sequence[int], more: Sequence[int]) -> list[int]:
    return [first + int(second) for first, second in zip(before, more, strict=True)]


def share(part: int, whole: int) -> float | None:
    """A part of a whole as a number from 0 to 1 with four decimals; None of nothing."""
    return round(part / whole, 4) if whole else None
