"""The two IDAT files of one array, green and red: of the same chip, the same position and the same probes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from catalog.findings import Finding, Level, Place, Rule, Severity
from catalog.formats.companions import Member

_SOURCE = "fairline; Illumina names the files of an array BARCODE_POSITION_Grn.idat and BARCODE_POSITION_Red.idat"
_NAME = re.compile(r"(.+)[_.-](grn|red)\.idat(?:\.gz)?", re.IGNORECASE)
_GREEN, _RED = "Grn", "Red"


def _rule(code: str, message: str, hint: str, severity: Severity = Severity.ERROR) -> Rule:
    why = "Genotypes and methylation come from both colours: one colour of another array makes values of nobody."
    return Rule(code, severity, Level.BANK, message, hint, _SOURCE, why)


_RIGHT = "find the file of the same array: compare barcode and position in both"
MISSING = _rule("idat-pair-missing", "the other colour of the array is not there", "add the file {part}")
PROBES = _rule("idat-pair-probes", "the two colours have not the same probes", _RIGHT)
CHIP = _rule("idat-pair-chip-type", "the two colours are of different types of chips", _RIGHT)
BARCODE = _rule("idat-pair-barcode", "the two colours are of different chips or positions", _RIGHT)
SAME = _rule("idat-pair-same", "the two colours are the same file", "find the other colour and copy it again")


class _IdatPair:
    """Green and red (see :class:`catalog.formats.companions.Companions`); findings are with the red file."""

    name = "idat-pair"
    rules: Sequence[Rule] = (MISSING, PROBES, CHIP, BARCODE, SAME)

    def part_of(self, name: str) -> tuple[str, str] | None:
        """The array's name and the colour, where a name ends with one."""
        match = _NAME.fullmatch(name)
        return (match[1], match[2].capitalize()) if match else None

    def judge(self, members: Sequence[Member]) -> Iterator[tuple[Member, Finding]]:
        """Findings about one array; files that are no IDAT are passed over."""
        files = [member for member in members if member.subject.format == "idat"]
        green = [member for member in files if member.part == _GREEN]
        red = [member for member in files if member.part == _RED]
        if not green or not red:
            for member in files:
                other = _RED if member.part == _GREEN else _GREEN
                wanted = re.sub(r"(?i)(grn|red)(?=\.idat)", other, member.path.name)
                yield member, MISSING.at(expected=wanted, part=wanted)
            return
        for member in red:
            yield from _compare(green[0], member)


IDAT_PAIR = _IdatPair()


def _compare(green: Member, red: Member) -> Iterator[tuple[Member, Finding]]:
    one, other = green.subject, red.subject
    if one.sha256 is not None and one.sha256 == other.sha256:
        yield red, SAME.at(expected="another file", got=other.sha256)
        return
    for rule, member in ((CHIP, "chip_type"), (BARCODE, "barcode"), (BARCODE, "position")):
        said, found = one.evidence.get(member), other.evidence.get(member)
        if said is not None and found is not None and said != found:
            yield red, rule.at(Place(column=member.replace("_", " ")), expected=said, got=found)
    counts = one.evidence.get("probe_count"), other.evidence.get("probe_count")
    if None in counts:
        return
    if counts[0] != counts[1]:
        yield red, PROBES.at(Place(column="probe identifiers"), expected=f"{counts[0]} probes", got=counts[1])
    elif one.evidence.get("probe_digest") != other.evidence.get("probe_digest"):
        yield red, PROBES.at(Place(column="probe identifiers"), expected="the same identifiers in the same order")
