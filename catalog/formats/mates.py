"""Mates in two FASTQ files: the same reads in the same order, of one run, each file with its own number.

Names are compared by digests of blocks of reads; only where one differs both files are looked into again, for the
first read that is no mate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.formats.companions import Member
from catalog.formats.containers import Source
from catalog.formats.fastq.names import BLOCK_READS
from catalog.formats.fastq.titles import parse_title

_PAIRS = "FASTQ pairs: same reads in the same order (fq P001, fastq_utils)"


def _demand(code: str, message: str, hint: str, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.BANK, message, hint, _PAIRS, why)


TWICE = _demand(
    "mates-same-file",
    "both mates are the same file",
    "copy the other mate again from its source",
)
READS = _demand(
    "mates-reads",
    "the mates of the pair have different numbers of reads",
    "find the right mate: the two files come from different runs, or one is cut",
    "Aligners stop, or pair reads that do not belong together.",
)
NAMES = _demand(
    "mates-names",
    "a read is not the mate of the read at the same place of the other file",
    "find the right mate, or filter both files together; replicates are better named _rep1 and _rep2 than _1 and _2",
    "Aligners pair reads by their place: from here on the wrong ones.",
)
LANE = _demand(
    "mates-lane",
    "the mates come from different lanes or runs",
    "find the mate of the same instrument, run, flow cell and lane",
)
NUMBERS = _demand(
    "mates-numbers",
    "the reads of a file say that they are of the other mate",
    "look whether _R1 and _R2 were exchanged, or one was copied twice; name the files after what is in them",
)
MISSING = Rule(
    "mates-missing",
    Severity.WARNING,
    Level.BANK,
    "the second mate is here without the first",
    "add the file of the first mate, in the same folder and with the same name but for R1",
    _PAIRS,
    "Second reads alone are of little use, and nobody can tell what was lost.",
)

_NAME = re.compile(
    r"(?P<before>.+)(?P<mark>[._-][Rr]|_|\.)(?P<number>[12])"
    r"(?P<after>(?:_001)?(?:[._-](?:trim|trimmed|paired|clean|filtered))?)(?P<ending>\.(?:fastq|fq)(?:\.b?gz)?)"
)
#: Trim Galore keeps the number of the mate and appends it once more: ``a_R1_val_1.fq``.
_VALIDATED = re.compile(r"(.+[._-][Rr]?)([12])((?:_001)?_val)")
_LANE_FACTS = ("instrument", "run", "flow_cell", "lane")


class Mates:
    """Two files of one library, told by ``_R1``/``_R2``, ``_1``/``_2`` or ``.1``/``.2`` in their names."""

    name = "mates"
    rules = (TWICE, READS, NAMES, LANE, NUMBERS, MISSING)

    def part_of(self, name: str) -> tuple[str, str] | None:
        """The names' common part with ``*`` for the number, and ``R1`` or ``R2``; one may be compressed, the other not."""
        match = _NAME.fullmatch(name)
        return ("{}{}*{}".format(*_stem_of(match)[:3]), f"R{match['number']}") if match else None

    def part_by_content(self, subject: Subject) -> str | None:
        """``R1`` or ``R2`` by what the titles of the reads say, for a file whose name says nothing."""
        seen = subject.evidence.get("fastq-names") if subject.format == "fastq" else None
        numbers = set(seen.get("numbers", ())) if isinstance(seen, Mapping) else set()
        return {frozenset({1}): "R1", frozenset({2}): "R2"}.get(frozenset(numbers))

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Findings about the second mate; a group may hold several pairs, of lanes or replicates."""
        pairs, alone = self._pairs(members)
        for first, second in pairs:
            if first.subject.format == second.subject.format == "fastq":
                for finding in _judge_pair(first, second):
                    yield second, finding
        for each in alone:
            if each.part == "R2" and each.subject.format == "fastq" and _says_second(each):
                yield each, MISSING.at(expected="a file of the first mate beside it")

    def _pairs(self, members: Sequence[Member]) -> tuple[list[tuple[Member, Member]], list[Member]]:
        """Pairs of equal names but for the number; else the two that are left, when these are all."""
        found: dict[tuple[str, ...], dict[str, Member]] = {}
        for each in members:
            match = _NAME.fullmatch(each.path.name)
            stem = _stem_of(match) if match else ()
            found.setdefault(stem, {})[each.part] = each
        pairs = [(parts["R1"], parts["R2"]) for parts in found.values() if len(parts) == 2]
        alone = [each for parts in found.values() if len(parts) == 1 for each in parts.values()]
        if sorted(each.part for each in alone) == ["R1", "R2"]:
            first, second = sorted(alone, key=lambda each: each.part)
            return [*pairs, (first, second)], []
        return pairs, alone


def _stem_of(match: re.Match[str]) -> tuple[str, ...]:
    """What the names of both mates have in common: what stands before, the mark, and what stands behind."""
    before, mark, number, after, ending = match.group("before", "mark", "number", "after", "ending")
    validated = _VALIDATED.fullmatch(before)
    if validated and validated[2] == number:
        before = f"{validated[1]}*{validated[3]}"
    return before, mark, after, ending


def _says_second(member: Member) -> bool:
    """Whether more than a number in the file's name says that it is a second mate: a 2 may be that of a replicate."""
    numbers = _evidence(member).get("numbers", {})
    match = _NAME.fullmatch(member.path.name)
    return set(numbers) == {2} or (set(numbers) == {0} and match is not None and match["mark"][1:] in ("R", "r"))


def _evidence(member: Member) -> Mapping[str, Any]:
    found = member.subject.evidence.get("fastq-names", {})
    return found if isinstance(found, Mapping) else {}


def _judge_pair(first: Member, second: Member) -> Iterator[Finding]:
    if first.subject.sha256 == second.subject.sha256 is not None:
        yield TWICE.at(expected=f"another file than {first.path.name}", related=[first.subject.path])
        return
    related = [first.subject.path]
    lanes = [_lane(each) for each in (first, second)]
    is_one_lane = lanes[0] == lanes[1] or not all(lanes)
    if not is_one_lane:
        yield LANE.at(Place(column="name"), expected=lanes[0], got=lanes[1], related=related)
    one, two = _evidence(first), _evidence(second)
    if not (one and two):
        return
    yield from _judge_numbers(first, second)
    reads = [each.subject.facts.get("records") for each in (first, second)]
    if reads[0] != reads[1]:
        yield READS.at(expected=f"{reads[0]} reads", got=f"{reads[1]} reads", related=related)
    if is_one_lane and one["is_sound"] and two["is_sound"]:
        yield from _judge_names(first, second)


def _lane(member: Member) -> str:
    facts = member.subject.facts
    return ":".join(str(facts[name]) for name in _LANE_FACTS if name in facts)


def _judge_numbers(first: Member, second: Member) -> Iterator[Finding]:
    """Titles that say a number must say that of their file; both files at fault are one finding."""
    for member, own in ((second, 2), (first, 1)):
        others = {number: reads for number, reads in _evidence(member)["numbers"].items() if number not in {0, own}}
        if others:
            number, reads = max(others.items(), key=lambda each: each[1])
            got = f"{reads} reads of mate {number} in {member.path.name}"
            expected = f"reads of mate {own} in {member.path.name}"
            yield NUMBERS.at(Place(column="name"), expected=expected, got=got, related=[first.subject.path])
            return


def _judge_names(first: Member, second: Member) -> Iterator[Finding]:
    one, two = _evidence(first), _evidence(second)
    shorter = min(int(str(each.subject.facts["records"])) for each in (first, second))
    # A last block of fewer reads than in the other file is compared read by read.
    blocks = zip(one["digests"], two["digests"], strict=False)
    block = next((number for number, (mine, other) in enumerate(blocks) if mine != other), None)
    if block is None:
        return
    mates = zip(_titles(first.path, one["lines"][block]), _titles(second.path, two["lines"][block]), strict=False)
    start = block * BLOCK_READS
    try:
        for record, ((_, wanted), (line, title)) in enumerate(islice(mates, shorter - start), start + 1):
            root, other = parse_title(wanted).root, parse_title(title).root
            if root != other:
                place = Place(line=line, record=record, column="name")
                yield NAMES.at(place, expected=root, got=other, related=[first.subject.path])
                return
    except OSError:
        return  # gone since it was read; whoever looks for it says so


def _titles(path: Path, first_line: int) -> Iterator[tuple[int, bytes]]:
    """Line and title of each record of a file without errors, from the one that begins at a line."""
    title_line, title, bases, is_quality = 0, b"", 0, False
    for number, line in _lines(path, first_line):
        if not title_line:
            if line:
                title_line, title, bases, is_quality = number, line[1:], 0, False
                yield number, title
        elif is_quality:
            bases -= len(line)
        elif line.startswith(b"+"):
            is_quality = True
        else:
            bases += len(line)
        if is_quality and bases <= 0:
            title_line = 0


def _lines(path: Path, first_line: int) -> Iterator[tuple[int, bytes]]:
    number = 1
    with open(path, "rb") as stream:
        for buffer in Source(stream).line_buffers():
            lines = buffer.count(b"\n")
            if number + lines <= first_line:
                number += lines
                continue
            for line in buffer.split(b"\n")[:-1]:
                if number >= first_line:
                    yield number, line.removesuffix(b"\r")
                number += 1


MATES = Mates()
