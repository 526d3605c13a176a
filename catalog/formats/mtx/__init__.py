"""Matrix Market files: sparse (coordinate) and dense (array) matrices as text; single-cell counts are given as such.

Source: NISTIR 5935 (see :mod:`catalog.formats.mtx.header`).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.containers import StreamStopped
from catalog.formats.mtx.entries import ENTRY_RULES, Entries
from catalog.formats.mtx.header import (
    BANNER,
    HEADER_RULES,
    SIZES,
    SOURCE,
    Banner,
    Sizes,
    read_banner,
    read_sizes,
    words_of,
)
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts, judge_lines
from catalog.model import Tier

LONG_LINE = Rule(
    "mtx-long-line",
    Severity.WARNING,
    Level.SPEC,
    "a line is longer than 1,024 characters",
    "break a comment into several lines that start with %; of numbers no line is so long",
    f"{SOURCE}: lines are limited to 1024 characters",
)

_LONGEST_LINE = 1024


class _MtxJudge:
    """Judges the lines of one file (see :class:`catalog.formats.protocol.LineJudge`)."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self.banner: Banner | None = None
        self.sizes: Sizes | None = None
        self.entries: Entries | None = None
        self.comments = 0
        self.is_synthetic = False
        self.lines = 0

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line.

        Raises:
            StreamStopped: nothing more can be read of the file.
        """
        self.lines = number
        line = line.removesuffix(b"\r")
        if len(line) > _LONGEST_LINE:
            self._reading.find(LONG_LINE.at(Place(line=number), expected=f"at most {_LONGEST_LINE} characters"))
        if self.banner is None:
            self._take_banner(line)
            return
        words = words_of(line)
        if self.entries is not None:
            if words:
                self.entries.take(number, words)
            else:
                self.entries.take_blank()
        elif words[:1] and words[0].startswith(b"%"):
            self.comments += 1
            self.is_synthetic = self.is_synthetic or b"synthetic" in line.lower()
        elif words:
            self._take_sizes(number, words)

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over well-formed entries."""
        return (at, number) if self.entries is None else self.entries.take_clean(buffer, at, number)

    def _take_banner(self, line: bytes) -> None:
        self.banner, findings = read_banner(line)
        for finding in findings:
            self._reading.find(finding)
        if self.banner is None:
            raise StreamStopped

    def _take_sizes(self, number: int, words: list[bytes]) -> None:
        assert self.banner is not None
        self.sizes, findings = read_sizes(self.banner, words, number)
        for finding in findings:
            self._reading.find(finding)
        if self.sizes is None:
            raise StreamStopped
        self.entries = Entries(self._reading, self.banner, self.sizes)


class _Mtx:
    """Matrix Market (see :class:`catalog.formats.protocol.Format`)."""

    name = "mtx"
    title = "Matrix Market"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (*HEADER_RULES, *ENTRY_RULES, LONG_LINE)

    def sniff(self, head: Head) -> int:
        """Sure of the banner."""
        if head.text[:14].lower() == b"%%matrixmarket":
            return SURE
        return BY_NAME if head.has_suffix(".mtx") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file line by line.

        Facts: ``object``, ``layout`` (coordinate or array), ``field``, ``symmetry``; ``rows``, ``columns``, ``entries``;
        for a general matrix of numbers ``library_size`` (``min``, ``median``, ``max`` of the sums of columns) and
        ``rows_with_entries`` (how many have one other than zero); ``comment_lines``, ``synthetic``.
        """
        judge = _MtxJudge(reading)
        judge_lines(reading, judge)
        if reading.source.findings:
            return {}
        if judge.banner is None:
            reading.find(
                BANNER.at(Place(line=1), expected="%%MatrixMarket object format field symmetry", got="nothing")
            )
            return {}
        if judge.entries is None or judge.sizes is None:
            reading.find(SIZES.at(Place(line=judge.lines), expected="the sizes behind the comments", got="nothing"))
            return {}
        judge.entries.finish()
        sums = judge.entries.sums
        return as_facts(
            {
                "object": judge.banner.object,
                "layout": judge.banner.format,
                "field": judge.banner.field,
                "symmetry": judge.banner.symmetry,
                "rows": judge.sizes.rows,
                "columns": judge.sizes.columns,
                "entries": judge.entries.state[0],
                "library_size": {
                    name: _shown(each(sums)) for name, each in (("min", min), ("median", median), ("max", max))
                }
                if sums
                else None,
                "rows_with_entries": sum(judge.entries.marks) if judge.entries.marks else None,
                "comment_lines": judge.comments or None,
                "synthetic": True if judge.is_synthetic else None,
            }
        )


def _shown(total: float) -> float:
    return int(total) if total == int(total) else round(total, 3)


MTX = _Mtx()
