"""A file of one format with one defect: written, inspected, and the wanted finding looked for."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from catalog.findings import Finding, Level, Subject
from catalog.formats.inspect import find_format, inspect_file
from catalog.formats.protocol import Declared

FUZZED_FILES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """One defect: the content, and the finding that it must give.

    ``line``, ``offset`` and ``column`` are compared where they are given; ``only`` says that there must be
    no other finding; ``level`` says which rules are asked for.
    """

    id: str
    content: bytes
    code: str
    line: int | None = None
    record: int | None = None
    offset: int | None = None
    column: str | int | None = None
    only: bool = True
    name: str = ""
    declared: Declared = field(default_factory=Declared)
    level: Level = Level.BANK


def inspect_bytes(
    folder: Path, name: str, content: bytes, *, declared: Declared | None = None, level: Level = Level.BANK
) -> Subject:
    """The subject of content that is written to a file."""
    path = folder / name
    path.write_bytes(content)
    return inspect_file(path, shown=name, level=level, declared=declared)


def codes(subject: Subject) -> list[str]:
    """The codes of the findings in order."""
    return [finding.code for finding in subject.findings]


def wanted_finding(folder: Path, defect: Defect, name: str) -> Finding:
    """The finding of a defect; the test fails when it is not there, or elsewhere, or not alone."""
    subject = inspect_bytes(folder, defect.name or name, defect.content, declared=defect.declared, level=defect.level)
    found = [finding for finding in subject.findings if finding.code == defect.code]
    assert found, f"{defect.code} not in {codes(subject)}"
    if defect.only:
        assert set(codes(subject)) == {defect.code}
    finding = found[0]
    for member in ("line", "offset", "column"):
        wanted = getattr(defect, member)
        if wanted is not None:
            assert getattr(finding, member) == wanted, f"{member} is {getattr(finding, member)}"
    assert finding.hint
    assert finding.source
    return finding


def rules_of(format_name: str) -> set[str]:
    """The codes of every rule of a format."""
    return {rule.code for rule in find_format(format_name).rules}


def fuzzed(content: bytes, seed: int) -> bytes:
    """The content with a few random bytes changed, taken out or put in, or with its end cut."""
    chance = random.Random(seed)
    damaged = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(damaged) + 1)
        match chance.randrange(5):
            case 0:
                damaged[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                del damaged[at : at + chance.randint(1, 16)]
            case 2:
                damaged[at:at] = chance.randbytes(chance.randint(1, 16))
            case 3:
                damaged[at:at] = chance.choice(
                    (b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\t", b'"', b"\n", b"-", b",")
                )
            case _ if len(damaged) > 1 and chance.random() < 0.3:
                del damaged[at:]
    return bytes(damaged)


def assert_survives(folder: Path, name: str, content: bytes, format_name: str) -> None:
    """Damaged files are judged by the format itself, and none of them stops it."""
    path = folder / name
    for seed in range(FUZZED_FILES):
        path.write_bytes(fuzzed(content, seed))
        subject = inspect_file(path, level=Level.BANK, format_name=format_name)
        assert "format-reader-failed" not in codes(subject), (seed, subject.findings)
        assert "format-reader-failed" not in codes(inspect_file(path, level=Level.BANK))
