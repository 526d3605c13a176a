"""Checksum side files: lists of digests and file names, as ``md5sum``, ``sha256sum``, ``shasum`` and BSD's ``md5`` write them.

Forms: ``DIGEST  NAME`` (``*`` before a name read as binary; a backslash before the line where the name has escapes), BSD's
``SHA256 (NAME) = DIGEST``, OpenSSL's ``SHA256(NAME)= DIGEST``, and in a file such as ``reads.fastq.gz.md5`` a digest alone.
Blanks and tabs may stand before a line, and a tab behind the digest, as ``--check --strict`` takes them.

Source: GNU coreutils manual, md5sum invocation (output formats, ``--check``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath, PurePosixPath, PureWindowsPath

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts, numbered_lines
from catalog.model import Tier

_SOURCE = "GNU coreutils manual, md5sum invocation"

LINE = Rule(
    "checksums-line",
    Severity.ERROR,
    Level.SPEC,
    "a line is not a digest and a file name",
    "make the file again: sha256sum FILES > SHA256SUMS",
    _SOURCE,
    "md5sum --check and sha256sum --check pass over such a line, and its file is never checked.",
)
DIGEST = Rule(
    "checksums-digest",
    Severity.ERROR,
    Level.SPEC,
    "a digest does not have as many digits as its algorithm",
    "make the file again; a digit was lost, or the algorithm is another",
    _SOURCE,
)
NONE = Rule(
    "checksums-none",
    Severity.ERROR,
    Level.SPEC,
    "the file has no checksums",
    "make the file again: sha256sum FILES > SHA256SUMS",
    _SOURCE,
)
SUFFIX = Rule(
    "checksums-suffix",
    Severity.ERROR,
    Level.SPEC,
    "the name of the file says {named}, its digests are {found}",
    "rename the file after the algorithm, or make it again",
    _SOURCE,
    "The program of the one algorithm takes no digests of another.",
)
BLANK = Rule(
    "checksums-blank-line",
    Severity.WARNING,
    Level.SPEC,
    "a blank line between or after the checksums",
    "delete it; md5sum --check --strict refuses the file",
    _SOURCE,
)
LINE_END = Rule(
    "checksums-line-end",
    Severity.WARNING,
    Level.BANK,
    "lines end with CR+LF",
    "convert the line ends (dos2unix): md5sum takes the CR for a part of the name",
    _SOURCE,
)
BARE = Rule(
    "checksums-no-name",
    Severity.WARNING,
    Level.BANK,
    "a digest stands without the name of its file",
    "write the name behind it, as md5sum and sha256sum do; it is taken for the file after which this one is named",
    _SOURCE,
)
UNSAFE = Rule(
    "checksums-path",
    Severity.ERROR,
    Level.BANK,
    "a file name is absolute or leads out of the folder",
    "make the checksums inside of the folder of the files, with names relative to it",
    "docs/paths.md",
    "Nobody else has such a path, and a program that follows it reads a stranger's file.",
)
CONTRADICTION = Rule(
    "checksums-contradiction",
    Severity.ERROR,
    Level.BANK,
    "a file has two different digests of one algorithm",
    "delete the line of the older file",
    "docs/validation.md",
)
ALGORITHM = Rule(
    "checksums-not-compared",
    Severity.INFO,
    Level.BANK,
    "digests of {algorithm} are read, and not compared with the files",
    "give sha256 as well; fairline computes sha256 and md5 of every file",
    "docs/validation.md",
)

_RULES = (LINE, DIGEST, NONE, SUFFIX, BLANK, LINE_END, BARE, UNSAFE, CONTRADICTION, ALGORITHM)
COMPARED = ("md5", "sha256")
_ALGORITHMS = {32: "md5", 40: "sha1", 56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}
_BSD_NAMES = "MD5|SHA1|SHA224|SHA256|SHA384|SHA512|SHA2-224|SHA2-256|SHA2-384|SHA2-512"
_GNU = re.compile(r"[ \t]*(?P<escaped>\\?)(?P<digest>[0-9A-Fa-f]+)[ \t][ *]?(?P<name>.+)", re.DOTALL)
_BSD = re.compile(
    rf"[ \t]*(?P<escaped>\\?)(?P<algorithm>{_BSD_NAMES}) ?\((?P<name>.+)\)[ \t]*=[ \t]*(?P<digest>[0-9A-Fa-f]+)",
    re.DOTALL,
)
_ALONE = re.compile(r"[0-9A-Fa-f]{32,128}")
_LIKE_ENTRY = re.compile(
    rf"[ \t]*\\?(?:[0-9A-Fa-f]{{32,128}}[ \t][ *]?\S|(?:{_BSD_NAMES}) ?\(.+\)[ \t]*=[ \t]*[0-9A-Fa-f]{{32,128}}$)"
)
_ESCAPE = re.compile(r"\\(.?)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "\\": "\\"}
_NAMED = re.compile(
    r"(?:.*\.)?(?P<algorithm>md5|sha1|sha224|sha256|sha384|sha512)(?:sums?)?(?:\.txt)?|checksums?(?:\.txt)?"
)
_SUM_SUFFIX = re.compile(r"\.(?:md5|sha1|sha224|sha256|sha384|sha512)(?:sums?)?(?:\.txt)?$", re.IGNORECASE)
#: Digests of other kinds are as long as those of sha256 and sha512: only the name of the list tells.
_OF_ANOTHER_KIND = re.compile(r"(?<![a-z0-9])(sha3(?:-?[0-9]{3})?|blake[23][bs]?|b[23](?=sums?|$|\.)|sm3)")
_SNIFFED_LINES = 5
_MOST_ENTRIES = 100_000
_LONGEST_NAME = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: the digest (lower case) that a file should have, and the file's name."""

    line: int
    algorithm: str
    digest: str
    name: str


class _ChecksumFiles:
    """Checksum side files (see :class:`catalog.formats.protocol.Format`); their names of files may be controlled."""

    name = "checksums"
    title = "checksums (md5sum, sha256sum)"
    mediatype = "text/plain"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = _RULES

    def sniff(self, head: Head) -> int:
        """Sure of lines that all are digests with names; else by the name of the file."""
        if b"\0" in head.text:
            return NO
        read = (part for line in head.lines() for part in line.decode("utf-8", "replace").splitlines())
        lines = [line for line in islice(read, _SNIFFED_LINES) if line.strip()]
        entries = [line for line in lines if not line.startswith("#")]
        if entries and all(_LIKE_ENTRY.match(line) for line in entries):
            return SURE
        is_short = bool(entries) and all(_ALONE.fullmatch(line.strip()) for line in entries)
        if _NAMED.fullmatch(head.name.lower()) and (is_short or "." in head.name or head.name.isupper()):
            return BY_NAME
        return NO

    def read(self, reading: Reading) -> Facts:
        """Reads the lines.

        Facts: ``checksums`` (how many lines), ``algorithms``. Evidence: ``checksums``, the entries as tuples (line,
        algorithm, digest, name), at most 100,000.
        """
        lines = _Lines(reading)
        for number, line in numbered_lines(reading):
            lines.take(number, line)
        if reading.source.findings:
            return {}
        lines.finish()
        reading.evidence["checksums"] = [(each.line, each.algorithm, each.digest, each.name) for each in lines.entries]
        return as_facts({"checksums": lines.count, "algorithms": sorted(lines.algorithms)})


CHECKSUMS = _ChecksumFiles()


class _Lines:
    """Judges the lines of one file."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._name = PurePath(reading.path).name
        another = _OF_ANOTHER_KIND.search(self._name.lower())
        self._kind = another[1] if another else ""
        self._seen: dict[tuple[str, str], str] = {}
        self.entries: list[Entry] = []
        self.algorithms: dict[str, int] = {}
        self.count = 0
        self._has_unread = False
        self._last_blank = 0

    def take(self, number: int, raw: bytes) -> None:
        """Takes the next line."""
        line = raw.decode("utf-8", "surrogateescape")
        if not line.strip():
            self._last_blank = self._last_blank or number
            return
        if line.startswith("#"):
            return
        entry = self._entry(number, line)
        if entry is None:
            self._has_unread = True
            return
        self.count += 1
        self.algorithms.setdefault(entry.algorithm, number)
        self._judge_name(entry)
        if len(self.entries) < _MOST_ENTRIES:
            self.entries.append(entry)
            first = self._seen.setdefault((entry.algorithm, entry.name), entry.digest)
            if first != entry.digest:
                self._reading.find(CONTRADICTION.at(Place(line=number), expected=first, got=entry.digest))

    def _entry(self, number: int, line: str) -> Entry | None:
        """The parts of a line; None when it has others, which is put down."""
        if _ALONE.fullmatch(line.strip()):
            target = _SUM_SUFFIX.sub("", self._name)
            self._reading.find(BARE.at(Place(line=number), expected="a digest and a name", got=line))
            return self._of_digest(number, line.strip(), "", target if target != self._name else "")
        match = _BSD.fullmatch(line) or _GNU.fullmatch(line)
        name = self._unescaped(match["name"]) if match and match["escaped"] else match["name"] if match else None
        if match is None or name is None or len(name) > _LONGEST_NAME:
            self._reading.find(LINE.at(Place(line=number), expected="a digest, two blanks and a name", got=line))
            return None
        algorithm = match.groupdict().get("algorithm") or ""
        return self._of_digest(number, match["digest"], algorithm.lower().replace("sha2-", "sha"), name)

    def _of_digest(self, number: int, digest: str, stated: str, name: str) -> Entry | None:
        algorithm = _ALGORITHMS.get(len(digest))
        if algorithm is None or (stated and stated != algorithm):
            wanted = next((size for size, each in _ALGORITHMS.items() if each == stated), None)
            expected = f"{wanted} digits" if wanted else "32 digits of md5, 64 of sha256"
            self._reading.find(DIGEST.at(Place(line=number), expected=expected, got=f"{len(digest)} digits"))
            return None
        return Entry(number, algorithm if stated else self._kind or algorithm, digest.lower(), name)

    @staticmethod
    def _unescaped(name: str) -> str | None:
        """A name without escapes; None when it has an unknown one."""
        if any(each not in _ESCAPED for each in _ESCAPE.findall(name)):
            return None
        return _ESCAPE.sub(lambda match: _ESCAPED[match[1]], name)

    def _judge_name(self, entry: Entry) -> None:
        windows = PureWindowsPath(entry.name)
        is_absolute = PurePosixPath(entry.name).is_absolute() or bool(windows.drive or windows.root)
        if is_absolute or ".." in PurePosixPath(entry.name).parts or ".." in windows.parts:
            self._reading.find(
                UNSAFE.at(Place(line=entry.line), expected="a name relative to this file", got=entry.name)
            )

    def finish(self) -> None:
        """The file is over: what is said of all lines together."""
        if not self.count and not self._has_unread:
            self._reading.find(NONE.at(expected="a line for each file", got="nothing"))
        elif self._last_blank:
            self._reading.find(BLANK.at(Place(line=self._last_blank), expected="no blank line"))
        if b"\r\n" in self._reading.source.head_raw:
            self._reading.find(LINE_END.at(Place(line=1), expected="LF"))
        named = _NAMED.fullmatch(self._name.lower())
        stated = named["algorithm"] if named else None
        others = {each: line for each, line in self.algorithms.items() if stated and each != stated}
        if others:
            algorithm, line = min(others.items(), key=lambda item: item[1])
            self._reading.find(SUFFIX.at(Place(line=line), expected=stated, named=stated, found=algorithm))
        for algorithm, line in self.algorithms.items():
            if algorithm not in COMPARED:
                expected = " or ".join(COMPARED)
                self._reading.find(ALGORITHM.at(Place(line=line), expected=expected, algorithm=algorithm))
