"""The samples that files name, against the lines of the bank: a name that is another line's is the sign of swapped files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from catalog.checks.protocol import BankSubject, LineSubject
from catalog.findings import Finding, Level, Place, Rule, Severity, Subject
from catalog.model import Role

OTHER_LINE = Rule(
    "sample-of-another-line",
    Severity.ERROR,
    Level.BANK,
    "the sample's name is that of another line of the bank, {line}",
    "put the file into that line's folder and this line's own file here; correct sample_id where only the cell is wrong",
    "docs/records.md (sample_id)",
    "Data would be published for the wrong line.",
)
_PARTS = re.compile(r"[^\W_]+")
#: Names that are shorter are looked for as a whole only: H9 is a line, and a well of many plates.
_FEWEST_CHARACTERS_WITHIN = 5
#: A name as the bank writes it, and the lines that have it.
_Owner: TypeAlias = tuple[str, frozenset[str]]


class SampleCheck:
    """Looks up whose the samples of files are: by the lines' ids, and over a whole bank by their aliases too.

    What counts is ``sample_id`` where the file has such a sample, else all samples of the file. A name is a line's when it
    is the line's name, or has it in it between characters that are neither letters nor digits; of several known names the
    longest counts.
    """

    rules = (OTHER_LINE,)

    def check_line(self, subject: LineSubject) -> Iterator[Finding]:
        """Findings by the ids of lines; ``path`` is the file."""
        yield from _strangers(subject, {each: frozenset({each}) for each in subject.line_ids})

    def check_bank(self, subject: BankSubject) -> Iterator[tuple[str, Finding]]:
        """Findings by aliases, of files about which the ids of lines say nothing."""
        owners: dict[str, frozenset[str]] = {}
        for line in subject.lines:
            for name in (line.line.line_id, *(each.name for each in line.record.aliases)):
                owners[name] = owners.get(name, frozenset()) | {line.line.line_id}
        for line in subject.lines:
            told = {each.path for each in self.check_line(line)}
            for finding in _strangers(line, owners):
                if finding.path not in told:
                    yield line.line.line_id, finding


def _strangers(subject: LineSubject, owners: Mapping[str, frozenset[str]]) -> Iterator[Finding]:
    """Files whose samples are known to be of other lines, and none of this one."""
    own = subject.line.line_id
    names = {_bare(name): (name, lines) for name, lines in owners.items() if _bare(name)}
    for row in subject.line.files:
        seen = subject.files.get(row.path)
        if seen is None or row.role == Role.DOCUMENT:
            continue
        given = list(_names_in(seen))
        if row.sample_id and (not given or any(_has(name, row.sample_id) for name in given)):
            given = [row.sample_id]
        found = [known for known in (_owner_of(name, names) for name in given) if known]
        if found and not any(own in lines for _, lines in found):
            name, lines = found[0]
            place = Place(path=row.path, column="sample_id" if given == [row.sample_id] else None)
            # The name as the bank writes it: what a laboratory writes around it may be a person's.
            yield OTHER_LINE.at(place, expected=own, got=name, line=min(lines))


def _names_in(seen: Subject) -> Iterator[str]:
    for value in (seen.facts.get("samples"), seen.evidence.get("samples"), seen.evidence.get("sample_names")):
        if isinstance(value, (list, tuple)):
            yield from (str(each) for each in value)


def _owner_of(name: str, known: Mapping[str, _Owner]) -> _Owner | None:
    """The known name that a name is, else the longest that it has in it; and whose that is."""
    wanted = _bare(name)
    within = [each for each in known if len(each) >= _FEWEST_CHARACTERS_WITHIN and _has(wanted, each)]
    return known.get(wanted) or known.get(max(within, key=len, default=""))


def _has(name: str, part: str) -> bool:
    return f"-{_bare(part)}-" in f"-{_bare(name)}-"


def _bare(name: str) -> str:
    """A name without its case and its kinds of separators."""
    return "-".join(_PARTS.findall(name.casefold()))


CHECK = SampleCheck()
