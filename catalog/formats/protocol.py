"""The door of every file format: what a format is given, and what it gives back.

A format knows one family of file formats. It is given a :class:`Reading` (the decompressed stream of
one file, what was declared about the file, and a place to put findings), reads it once from
start to end in bounded memory, and returns facts. Hashes, containers (gzip, BGZF), size limits and
the rule level are handled around it in :mod:`catalog.formats.inspect`.

A new format is one module with one object of this protocol, one entry point in the group
``fairline.formats``, one test and one line of documentation.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, runtime_checkable

from catalog.claims import Claim
from catalog.findings import Collector, Finding, Level, Rule
from catalog.formats.containers import Source
from catalog.formats.sinks import Sinks
from catalog.model import Tier

if TYPE_CHECKING:  # the library behind it is loaded only where a table is written
    from catalog.columns import TableSink

#: Facts are JSON values: what the file says about itself, for people, checks and the index.
Facts = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is said about a file outside of it (``files.csv``); empty for a file given by path alone.

    Attributes:
        claims: variants that the line's record states; what the file has at their places is collected.
    """

    modality: str = ""
    role: str = ""
    format: str = ""
    assembly: str = ""
    sample_id: str = ""
    line_id: str = ""
    synthetic: bool = False
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The start of a file, for sniffing.

    Attributes:
        name: the file's name, for formats that content alone cannot tell apart.
        raw: up to 64 KiB as stored.
        text: up to 64 KiB after decompression; the same as ``raw`` for a plain file.
        container: ``plain``, ``gzip`` or ``bgzf``.
        declared: what is said about the file.
    """

    name: str
    raw: bytes
    text: bytes
    container: str
    declared: Declared = field(default_factory=Declared)

    @property
    def stem(self) -> str:
        """The name in lower case without ``.gz``, ``.bgz`` or ``.bgzf``."""
        name = self.name.lower()
        for suffix in (".gz", ".bgz", ".bgzf"):
            name = name.removesuffix(suffix)
        return name

    def has_suffix(self, *suffixes: str) -> bool:
        """Whether the name without compression suffix ends with one of the suffixes."""
        return self.stem.endswith(suffixes)

    def lines(self) -> Iterator[bytes]:
        """The complete lines of the text without their ends, read as far as they are wanted; all of it where none is complete."""
        for line in io.BytesIO(self.text):
            if line.endswith(b"\n"):
                yield line[:-1]
            elif len(line) == len(self.text):
                yield line


class Reading:
    """One file on its way through a format.

    Attributes:
        source: the decompressed stream; read it to its end.
        declared: what is said about the file.
        path: as the caller gave it.
        evidence: what checks and companions need of the file and no report shows; it is pickled between processes.
        is_fast: whether compiled kernels are to be used: the file is large, and they can be had.
        sinks: the derived tables that are written on the way.
        opened: the file itself, for formats that need random access. It is the one that ``source`` reads: read that to
            its end first, and go to places by the descriptor alone (``os.pread``, ``/dev/fd``).
        location: where the file lies, for those that are read together with the ones beside them; None where it has none.
    """

    opened: BinaryIO | None = None
    location: Path | None = None

    def __init__(self, source: Source, declared: Declared, level: Level, path: str, *, is_fast: bool = False) -> None:
        self.source = source
        self.declared = declared
        self.path = path
        self.evidence: dict[str, object] = {}
        self.is_fast = is_fast
        self.sinks = Sinks(None, "")
        self._level = level
        self._collector = Collector()

    def sink(self, name: str) -> TableSink | None:
        """Where the rows of a derived table go (``schemas/derived``), such as ``variants-1``; None when nobody wants it.

        Rows of records with errors are left out; a table of a file with an error never appears.
        """
        return self.sinks.open(name)

    @property
    def wants_bank_rules(self) -> bool:
        """Whether findings of the bank's own rules are wanted; costly ones may be left out otherwise."""
        return self._level is Level.BANK

    @property
    def has_errors(self) -> bool:
        """Whether any finding so far is an error."""
        return self._collector.has_errors

    def find(self, finding: Finding) -> None:
        """Puts a finding down; findings of the bank's rules are passed over when only the spec is asked for."""
        if finding.rules is Level.SPEC or self._level is Level.BANK:
            self._collector.add(finding)

    def finish(self) -> tuple[tuple[Finding, ...], int, bool]:
        """The findings, the number of those not listed, and whether one of *those* is the only error."""
        listed = tuple(self._collector)
        hidden_error = self._collector.has_errors and all(f.severity != "error" for f in listed)
        return listed, self._collector.more, hidden_error


#: How sure a sniff is. Content that no other format has; a name's suffix; or nothing better.
SURE = 100
BY_NAME = 60
LIKELY = 30
FALLBACK = 10
NO = 0


@runtime_checkable
class Format(Protocol):
    """One family of file formats."""

    @property
    def name(self) -> str:
        """The format's name in ``files.csv`` and reports, such as ``vcf``."""

    @property
    def title(self) -> str:
        """The name for people, such as ``Variant Call Format``."""

    @property
    def mediatype(self) -> str:
        """The IANA media type of the decompressed content."""

    @property
    def edam(self) -> str | None:
        """The CURIE of the format in EDAM, where it has one."""

    @property
    def floor(self) -> Tier:
        """The least restrictive tier that files of this kind have without an approval (docs/records.md)."""

    @property
    def rules(self) -> Sequence[Rule]:
        """Every rule whose findings this format can give."""

    def sniff(self, head: Head) -> int:
        """How sure it is that a file with this head is of this format, :data:`NO` to :data:`SURE`."""

    def read(self, reading: Reading) -> Facts:
        """Reads a file once, puts findings into the reading and returns facts.

        It never raises on bad bytes: whatever the bytes are, the outcome is facts and findings.
        """


def numbered_lines(reading: Reading) -> Iterator[tuple[int, bytes]]:
    """The lines of a text file without their line ends (``\\n`` or ``\\r\\n``), numbered from 1.

    A last line without line end is given like any other; ``reading.source.ends_with_newline`` tells
    after the last line whether the file ended with one.
    """
    number = 0
    for block in reading.source.line_blocks():
        for line in block.split(b"\n"):
            number += 1
            yield number, line[:-1] if line.endswith(b"\r") else line


class LineJudge(Protocol):
    """Judges a text format line by line; the truth that every fast path is compared with."""

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line: without its LF, with a CR that it may have."""

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over lines that :meth:`take` would say nothing about, with the same effect on state and facts.

        Args:
            buffer: whole lines, each ended by LF.
            at: where the next line begins.
            number: its number, from 1.

        Returns:
            Where the first line begins that was not taken, and its number; both unchanged when there is none to
            pass over. Called only where ``reading.is_fast``.
        """


def judge_lines(reading: Reading, judge: LineJudge) -> None:
    """Gives every line of a text file to a judge, through its fast path where the file is large."""
    number = 1
    for buffer in reading.source.line_buffers():
        at = 0
        while at < len(buffer):
            if reading.is_fast:
                at, number = judge.take_clean(buffer, at, number)
                if at >= len(buffer):
                    break
            end = buffer.find(b"\n", at)
            judge.take(number, buffer[at:end])
            at, number = end + 1, number + 1


def as_facts(members: Mapping[str, object]) -> Facts:
    """Facts without the members that are None."""
    return {name: value for name, value in members.items() if value is not None}
