"""One record of bedMethyl: its columns from the name on, and the names that a file has."""

from __future__ import annotations

import re
from array import array
from collections.abc import Mapping
from typing import Any

from catalog.formats.intervals import bedmethyl_rules as rules
from catalog.formats.intervals.calls import group_facts, tolerance
from catalog.formats.intervals.colours import Colours
from catalog.formats.intervals.margin import Margin
from catalog.formats.intervals.modifications import Modification, modification_of
from catalog.formats.protocol import Facts
from catalog.kernels.intervals_layout import GROUPS, MOST_GROUPS, NAMED, NAMES, packed

#: modkit computes with 32-bit numbers, whose rounding may add to that of the last decimal.
SLACK = 2e-5
NARROW, WIDE = 11, 18
_DIGITS = re.compile(rb"[0-9]{1,15}")
_ALL_DIGITS = re.compile(rb" ".join([_DIGITS.pattern] * 7))
_PERCENTAGE = re.compile(rb"[0-9]{1,20}(?:\.(?P<decimals>[0-9]{1,20}))?")
_TEXT = re.compile(rb"[ -~]{1,255}")
_CAP = 1000
_COUNTS = ("Nmod", "Ncanonical", "Nother_mod", "Ndelete", "Nfail", "Ndiff", "Nnocall")


class Names:
    """The names of a file's modifications. The first 20 are groups of their own, the others are one group together."""

    def __init__(self, tally: array[int]) -> None:
        """None is known.

        Args:
            tally: compiled code finds the packed names there.
        """
        self._tally = tally
        self._groups: dict[bytes, int] = {}
        self._known: list[Modification] = []

    @property
    def count(self) -> int:
        """How many names have a group of their own."""
        return len(self._groups)

    def modification(self, name: bytes) -> Modification | None:
        """What a name stands for; None when it is no name of a modification."""
        group = self._groups.get(name)
        return modification_of(name) if group is None else self._known[group]

    def group(self, name: bytes, modification: Modification) -> int:
        """The group of a name."""
        group = self._groups.get(name, MOST_GROUPS)
        if group == MOST_GROUPS and len(self._groups) < MOST_GROUPS:
            group = self._groups[name] = len(self._groups)
            self._known.append(modification)
            self._tally[NAMES + group] = packed(name)
            self._tally[NAMED] = group + 1
        return group

    def bit(self, group: int, side: int) -> int:
        """The bit of a group and a strand (0 to 2) among those at one base; 0 where groups are not told apart."""
        return 1 << 3 * group + side if group < MOST_GROUPS else 0

    def kind(self, group: int, fields: list[bytes]) -> tuple[str | None, str | None]:
        """Code and context of a record for the derived table; with 11 columns the name may be any text."""
        if len(fields) == NARROW:
            return None, None
        name = fields[3]
        if group < len(self._known):
            return self._known[group].code, self._known[group].context
        modification = modification_of(name)
        return (modification.code, modification.context) if modification else (name.decode("latin-1"), None)

    def columns(self, cells: Any) -> Mapping[str, Any]:
        """The columns of the derived table, from rows that compiled code took."""
        import numpy

        strand = (cells[5] == ord("-")) - (cells[5] == ord(".")).astype(numpy.int32)
        columns = {"start": cells[1], "end": cells[2], "strand": (strand, ["+", "-"])}
        if len(cells) == NARROW:
            percentage = (cells[10] >> 5) / 10.0 ** (cells[10] & 31)
            modified = (cells[9] * percentage / 100 + 0.5).astype(numpy.int64)
            return {**columns, "modified": modified, "unmodified": cells[9] - modified}
        groups = numpy.zeros(cells.shape[1], numpy.int32)
        for group in range(len(self._known)):
            groups[cells[3] == self._tally[NAMES + group]] = group
        contexts = [each.context for each in self._known]
        words = ["CG", "CHG", "CHH"]
        by_group = numpy.array([words.index(each) if each else -1 for each in contexts], numpy.int32)
        return {
            **columns,
            "code": (groups, [each.code for each in self._known]),
            "context": (by_group[groups], words),
            "modified": cells[11],
            "unmodified": cells[9] - cells[11],
        }

    def facts(self) -> Facts:
        """Records, calls and methylation by name; ``other`` for all names after the first 20."""
        facts: Facts = {name.decode("latin-1"): group_facts(self._tally, group) for name, group in self._groups.items()}
        if self._tally[GROUPS + 3 * MOST_GROUPS]:
            facts["other"] = group_facts(self._tally, MOST_GROUPS)
        return facts


class Record:
    """Judges the columns of a record from its name on.

    Attributes:
        counts_failed: whether coverage counts failed calls too, as in modkit's bedRMod.
    """

    def __init__(self, margin: Margin, names: Names, colours: Colours) -> None:
        """Nothing is known of the file yet."""
        self._margin = margin
        self._names = names
        self._colours = colours
        self.counts_failed = False

    def judge(self, number: int, fields: list[bytes]) -> tuple[int, int, int, float] | None:
        """Group, modified calls, calls and percentage of a record; None when something is wrong with it."""
        note = self._margin.note
        is_right = self._judge_strand_and_colour(number, fields)
        is_narrow = len(fields) == NARROW
        modification = None if is_narrow else self._names.modification(fields[3])
        if modification is not None and not modification.is_known:
            note(rules.CODE, number, "name", "a code of SAMtags", fields[3])
        elif modification is None and not is_narrow:
            note(rules.NAME, number, "name", "CODE or CODE,MOTIF,OFFSET", fields[3])
            is_right = False
        elif is_narrow and not _TEXT.fullmatch(fields[3]):
            note(rules.NAME_TEXT, number, "name", "1 to 255 printable characters", fields[3])
            is_right = False
        for rule, column, text in ((rules.SCORE, "score", fields[4]), (rules.COVERAGE, "coverage", fields[9])):
            if not _DIGITS.fullmatch(text):
                note(rule, number, column, "a whole number from 0", text)
                return None
        score, coverage = int(fields[4]), int(fields[9])
        if score > _CAP and is_narrow:
            note(rules.SCORE, number, "score", "0 to 1000", score)
            is_right = False
        share = self._percentage(number, fields[10], coverage)
        if share is None:
            return None
        if modification is None:
            if score != min(coverage, _CAP) and score <= _CAP:
                note(rules.SCORE_DISAGREES, number, "score", "the coverage, at most 1000", f"{score} for {coverage}")
                is_right = False
            modified = int(coverage * share / 100 + 0.5) if coverage < 1 << 40 else 0
            return (0, modified, coverage, share) if is_right and is_narrow else None
        counted = self._calls(number, fields, (score, coverage), modification)
        if counted is None or not is_right:
            return None
        modified, calls = counted
        return self._names.group(fields[3], modification), modified, calls, 100 * modified / calls if calls else 0.0

    def _judge_strand_and_colour(self, number: int, fields: list[bytes]) -> bool:
        is_right = True
        if fields[5] not in {b"+", b"-", b"."}:
            self._margin.note(rules.STRAND, number, "strand", "+, - or .", fields[5])
            is_right = False
        if not self._colours.is_right(fields[8]):
            self._margin.note(rules.COLOUR, number, "color", "0, or three numbers to 255", fields[8])
            return False
        return is_right

    def _percentage(self, number: int, text: bytes, coverage: int) -> float | None:
        """The percentage as written; a base without calls has none, which is written as 0 or NaN."""
        if not coverage and text.lower() == b"nan":
            return 0.0
        if not _PERCENTAGE.fullmatch(text) or float(text) > 100:
            self._margin.note(rules.PERCENTAGE, number, "percent", "0 to 100", text)
            return None
        return float(text)

    def _calls(
        self, number: int, fields: list[bytes], stated: tuple[int, int], modification: Modification
    ) -> tuple[int, int] | None:
        """Modified calls and calls of a record with 18 columns."""
        note = self._margin.note
        if not _ALL_DIGITS.fullmatch(b" ".join(fields[11:])):
            for column, text in zip(_COUNTS, fields[11:], strict=True):
                if not _DIGITS.fullmatch(text):
                    note(rules.COUNT, number, column, "a whole number from 0", text)
                    return None
        score, coverage = stated
        modified, canonical, other, _, failed = map(int, fields[11:16])
        calls = coverage - (failed if self.counts_failed else 0)
        sums = {modified + canonical + other}
        if modification.is_hemi:
            # Patterns of both strands count canonical calls among the modified or the other ones.
            sums.add(modified + other)
        if calls not in sums:
            got = f"{coverage} for {modified} + {canonical} + {other}"
            note(rules.COVERAGE_DISAGREES, number, "coverage", "Nmod + Ncanonical + Nother_mod", got)
            return None
        if score not in {calls, min(calls, _CAP)}:
            note(rules.SCORE_DISAGREES, number, "score", "the coverage", f"{score} for {calls}")
            return None
        written = _PERCENTAGE.fullmatch(fields[10])
        decimals = len(written["decimals"] or b"") if written else 0
        share = 100 * modified / calls if calls else 0.0
        if written and abs(float(fields[10]) - share) > tolerance(decimals, SLACK):
            got = f"{fields[10].decode()} for {modified} of {calls}"
            note(rules.PERCENTAGE_DISAGREES, number, "percent", "100 x Nmod / Nvalid_cov", got)
            return None
        return modified, calls
