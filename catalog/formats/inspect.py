"""Inspecting a file: open safely, sniff, one pass through its format; the outcome is a subject of a report."""

from __future__ import annotations

import functools
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from catalog import kernels
from catalog.errors import UsageError
from catalog.findings import Collector, Finding, Level, Place, Rule, Severity, Subject
from catalog.formats.containers import HEAD_BYTES, Source, StreamStopped, container_of, peek
from catalog.formats.containers.lines import line_of
from catalog.formats.containers.no_text import no_lines
from catalog.formats.containers.rules import EMPTY, NUL
from catalog.formats.protocol import NO, Declared, Format, Head, Reading
from catalog.formats.sinks import Sinks
from catalog.model import Role, Tier
from catalog.registry import FORMATS, plugins

MISSING = Rule(
    "file-missing",
    Severity.ERROR,
    Level.BANK,
    "there is no file here",
    "check the spelling, copy the file to this place, or take its row out of files.csv",
    "fairline",
)
UNREADABLE = Rule(
    "file-unreadable",
    Severity.ERROR,
    Level.BANK,
    "the file cannot be read: {problem}",
    "check its permissions and the disk",
    "fairline",
)
NOT_REGULAR = Rule(
    "file-not-regular",
    Severity.ERROR,
    Level.BANK,
    "this is {kind}, not a regular file",
    "copy the content itself to this place",
    "docs/paths.md",
    "A link can point at anything of the machine, and what it points at can change without a trace.",
)
UNKNOWN = Rule(
    "format-unknown",
    Severity.ERROR,
    Level.SPEC,
    "the format of the file is not known",
    "the content decides, not the name; docs/validation.md lists the formats that are known",
    "docs/validation.md",
    "What cannot be read cannot be checked, and nobody can tell what it gives away.",
)
UNKNOWN_DOCUMENT = Rule(
    "document-format-unknown",
    Severity.WARNING,
    Level.BANK,
    "the format of the document is not known",
    "PDF, plain text, PNG, JPEG and JSON are known; other documents are kept but stay controlled",
    "docs/validation.md",
)
READER_FAILED = Rule(
    "format-reader-failed",
    Severity.ERROR,
    Level.SPEC,
    "the reader of the format gave up: {problem}",
    "this is a defect of fairline or of a plug-in: please report it with the file's first lines",
    "fairline",
)
CHANGED = Rule(
    "file-changed-while-read",
    Severity.ERROR,
    Level.BANK,
    "the file changed while it was being read",
    "wait until whatever writes it has finished, then run the same command again",
    "fairline",
)

TABLE_NOT_WRITTEN = Rule(
    "file-table-not-written",
    Severity.WARNING,
    Level.BANK,
    "its derived table cannot be written to {problem}",
    "make room in the folder of --tables or take another one (where the name is too long, give the file a shorter one), then"
    " run the same command again",
    "docs/validation.md",
    "What is said about the data holds: only the table is not there.",
)
EXTENSION = Rule(
    "file-extension",
    Severity.WARNING,
    Level.BANK,
    "the name says {stated}, the content is {found}",
    "rename the file, or look whether the right file was taken",
    "docs/validation.md",
    "Programs choose how to read a file by its name.",
)

#: From this size the compiled kernels pay for their loading (about a second).
_FAST_FROM_BYTES = 4 << 20
#: And from this one where a larger file was read before in the same process.
_FAST_AGAIN_FROM_BYTES = 1 << 20

INSPECT_RULES = (
    MISSING,
    UNREADABLE,
    NOT_REGULAR,
    UNKNOWN,
    UNKNOWN_DOCUMENT,
    READER_FAILED,
    CHANGED,
    TABLE_NOT_WRITTEN,
    EXTENSION,
)

#: Tables that their makers call after the family: modkit and ENCODE write .bed.
_IN_ANY_TABLE = frozenset({"bedmethyl", "table"})
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@functools.cache
def formats() -> Mapping[str, Format]:
    """The known formats by name, fairline's own and plug-ins. Found once: to compare with a protocol takes a millisecond."""
    found = plugins(FORMATS)
    return {name: each for name, each in found.items() if isinstance(each, Format)}


def find_format(name: str) -> Format:
    """A format by its name.

    Raises:
        UsageError: there is none of that name.
    """
    known = formats()
    if name not in known:
        raise UsageError("format-not-known", f"there is no format {name}", want=", ".join(known), got=name)
    return known[name]


def sniff(head: Head) -> Format | None:
    """The format that is surest of a head; None when no format knows it. Ties go to the first by name."""
    best: Format | None = None
    best_score = NO
    for each in formats().values():
        score = each.sniff(head)
        if score > best_score:
            best, best_score = each, score
    return best


def sniff_bytes(name: str, raw: bytes, declared: Declared | None = None) -> Format | None:
    """The format of content in memory, such as the first 64 KiB of a file."""
    head = Head(
        name=name, raw=raw[:HEAD_BYTES], text=peek(raw), container=container_of(raw), declared=declared or Declared()
    )
    return sniff(head)


def _misnamed(head: Head, chosen: Format) -> Finding | None:
    """What a name says that the content is not: another format, or that it is compressed."""
    place = Place(column="name")
    if head.container == "plain" and head.raw and head.name.lower().endswith((".gz", ".bgz", ".bgzf")):
        return EXTENSION.at(place, expected="gzip or BGZF", got=head.name, stated="compressed", found="not compressed")
    # The same name without content, of text and of binary data: who claims it goes by the name alone.
    bare = [replace(head, raw=text, text=text, container="plain") for text in (b"", b"\0")]
    claimed = {each.name for each in formats().values() for one in bare if each.sniff(one)}
    if not claimed or chosen.name in claimed | _IN_ANY_TABLE or "table" in claimed:
        return None
    stated = " or ".join(sorted(claimed))
    return EXTENSION.at(place, expected=stated, got=head.name, stated=stated, found=chosen.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How a file is read; nothing of it changes what is found.

    Attributes:
        is_fast: whether compiled kernels are used; by the file's size when None.
        tables: the folder for derived tables; none are written when None. They appear for files without errors.
        told: hears how many stored bytes were read so far, from time to time.
    """

    is_fast: bool | None = None
    tables: Path | None = None
    told: Callable[[int], None] | None = None


def inspect_file(
    path: Path,
    *,
    shown: str | None = None,
    level: Level = Level.SPEC,
    declared: Declared | None = None,
    format_name: str = "",
    manner: Manner = Manner(),  # a value that cannot change
) -> Subject:
    """Judges one file in one read.

    Args:
        path: where it lies. Links are never followed at the last step.
        shown: the path as the caller gave it, echoed in the report.
        level: ``spec``, or ``bank`` for the platform's rules as well.
        declared: what is said about the file elsewhere.
        format_name: overrides sniffing.
        manner: how it is read.

    Returns:
        A subject of kind ``file`` with format, size, digests, facts and findings. Whatever is wrong
        with the file, it is a finding, never an exception.
    """
    name = str(path) if shown is None else shown
    try:
        before = os.lstat(path)
        if not stat.S_ISREG(before.st_mode):
            return _refused(name, NOT_REGULAR.at(kind=_kind(before.st_mode)), level)
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
    except FileNotFoundError:
        return _refused(name, MISSING.at(), level)
    except OSError as error:
        return _refused(name, UNREADABLE.at(problem=error.strerror or error), level)
    try:
        with os.fdopen(descriptor, "rb", buffering=0) as stream:
            is_large = before.st_size >= _FAST_FROM_BYTES
            is_fast = _is_fast(before.st_size) if manner.is_fast is None else manner.is_fast
            known = _Known(
                location=path, shown=name, level=level, declared=declared or Declared(), is_fast=is_fast,
                tables=manner.tables, opened=stream,
            )  # fmt: skip
            source = Source(stream, is_threaded=is_large or is_fast, told=manner.told)
            try:
                subject = _inspect_stream(source, known, format_name)
            finally:
                source.stop()
            after = os.fstat(stream.fileno())
    except OSError as error:
        # Of another file than this one (a part of the installation, say), its name is half of the reason.
        problem = error if error.filename else error.strerror or error
        return _refused(name, UNREADABLE.at(problem=problem), level)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        subject = subject.adding([replace(CHANGED.at(), rules=level)])
    return subject


def _is_fast(size_bytes: int) -> bool:
    least = _FAST_AGAIN_FROM_BYTES if kernels.are_loaded() else _FAST_FROM_BYTES
    return size_bytes >= least and kernels.are_usable()


def _kind(mode: int) -> str:
    for test, kind in (
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISFIFO, "a pipe"),
        (stat.S_ISSOCK, "a socket"),
    ):
        if test(mode):
            return kind
    return "a device"


def _refused(name: str, finding: Finding, level: Level) -> Subject:
    """A file that was not read. Whichever rules are asked for, nothing can be said without it."""
    return Subject(path=name, kind="file", findings=(replace(finding, rules=level),))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is known of a file before it is read."""

    location: Path
    shown: str
    level: Level
    declared: Declared
    is_fast: bool
    opened: BinaryIO
    tables: Path | None


def _inspect_stream(source: Source, known: _Known, format_name: str) -> Subject:
    declared, level = known.declared, known.level
    head = Head(
        name=known.location.name,
        raw=source.head_raw,
        text=peek(source.head_raw),
        container=source.container,
        declared=declared,
    )
    chosen = find_format(format_name) if format_name else sniff(head)
    sinks = Sinks(known.tables, known.location.name)
    reading = Reading(source, declared, level, known.shown, is_fast=known.is_fast)
    reading.opened = known.opened
    reading.location = known.location
    reading.sinks = sinks
    facts: dict[str, object] = {}
    try:
        # A file without a byte is one of no records where the format by its name allows that (BED, FASTQ, SAM).
        if chosen is not None and (source.raw_bytes or level is Level.SPEC):
            facts = _read(chosen, reading)
            facts = {} if source.has_no_lines else facts
        checksums = source.finish()
        is_whole = not reading.has_errors and not any(each.severity is Severity.ERROR for each in source.findings)
    except BaseException:
        sinks.stop()
        raise
    sinks.close(keep=is_whole)
    collector = Collector()
    for finding in source.findings:
        if finding.code == NUL.code and finding.offset is not None:
            line, column = line_of(known.opened, finding.offset)
            finding = replace(finding, line=line, column=column)
        is_judged = finding.code == EMPTY.code and chosen is not None and not _must_have_bytes(known, reading)
        if finding.rules is Level.SPEC or level is Level.BANK or (finding.severity is Severity.ERROR and not is_judged):
            collector.add(finding)
    if chosen is not None and level is Level.BANK and not format_name and (misnamed := _misnamed(head, chosen)):
        collector.add(misnamed)
    if chosen is None and checksums.bytes:
        collector.add(no_lines(head.text, allows_cr=True) or _unknown(declared))
    listed, more, hidden_error = ((), 0, False) if source.has_no_lines else reading.finish()
    collector.extend(listed)
    if sinks.problem and is_whole:
        collector.add(replace(TABLE_NOT_WRITTEN.at(problem=sinks.problem), rules=level))
    if source.container != "plain":
        facts = {"container": source.container, **facts}
    if source.container == "bgzf":
        reading.evidence |= {"block_starts": source.block_starts, "content_starts": source.content_starts}
    return Subject(
        path=known.shown,
        kind="table" if chosen is not None and chosen.name == "table" else "file",
        format=chosen.name if chosen else None,
        bytes=checksums.bytes,
        sha256=checksums.sha256,
        md5=checksums.md5,
        facts=facts,
        findings=tuple(collector),
        more=more + collector.more,
        more_errors=hidden_error,
        evidence=reading.evidence,
        tables=sinks.written,
    )


def _must_have_bytes(known: _Known, reading: Reading) -> bool:
    """Whether a file without a byte is wrong by its specification: its format says so, or it should be compressed."""
    # RFC 1952, 2.2: even an empty content has a header of its own.
    return reading.has_errors or known.location.name.lower().endswith((".gz", ".bgz"))


def _unknown(declared: Declared) -> Finding:
    rule = UNKNOWN_DOCUMENT if declared.role == Role.DOCUMENT else UNKNOWN
    return rule.at(Place(offset=0), expected=", ".join(formats()))


def _read(chosen: Format, reading: Reading) -> dict[str, object]:
    """One pass through a format. A plug-in that raises costs its file a finding, nothing else."""
    try:
        return chosen.read(reading)
    except StreamStopped:
        return {}
    except OSError:
        raise
    except Exception as error:  # the edge to foreign code and foreign bytes
        problem = f"{type(error).__name__}: {error}"
        reading.find(READER_FAILED.at(problem=problem))
        return {}


def floor_of(format_name: str | None) -> Tier:
    """The tier that content of a format has without an approval; what is unknown is controlled."""
    if format_name is None:
        return Tier.CONTROLLED
    known = formats().get(format_name)
    return known.floor if known else Tier.CONTROLLED
