"""FASTQ, judged by Cock et al. 2010: a whole block of four-line records at once, line by line where that fails.

Sequence and quality may be wrapped, every printable quality is legal, and a read may be empty; what sequencers
write today is narrower, and those wishes are rules of the bank. Mates are judged elsewhere.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from zlib import adler32

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_COCK = "Cock et al. 2010, NAR 38:1767"


def _error(code: str, message: str, hint: str, source: str, why: str = "") -> Rule:
    return Rule(code, Severity.ERROR, Level.SPEC, message, hint, f"{_COCK}: {source}", why)


def _wish(code: str, message: str, hint: str, source: str = "fairline", why: str = "") -> Rule:
    return Rule(code, Severity.WARNING, Level.BANK, message, hint, source, why)


NAME = _error(
    "fastq-name-mark",
    "a record does not start with @",
    "look whether a line before it is missing, or make the file again from its source",
    "the title line begins with @",
)
NAME_EMPTY = _error("fastq-name-empty", "a read has no name", "name it: @NAME, without a space after the @", "title")
SEQUENCE = _error(
    "fastq-sequence-character",
    "the sequence has a character that stands for no base",
    "take spaces, tabs and other characters out of it",
    "no white space in sequences; IUPAC letters, gaps and colour space are in use",
)
PLUS = _error(
    "fastq-plus-missing",
    "the line with + between sequence and quality is missing",
    "make the file again from its source",
    "the + line signals the end of the sequence",
)
PLUS_DIFFERS = _error(
    "fastq-plus-differs",
    "the name after + is not the name of the read",
    "write + alone",
    "if the title is repeated it must be identical",
    "Lines of two reads were probably mixed.",
)
LENGTH = _error(
    "fastq-length",
    "sequence and quality differ in length",
    "make the file again from its source; do not cut its lines",
    "the quality string must be as long as the sequence",
)
QUALITY = _error("fastq-quality-character", "a quality is outside ! to ~", "make the file again", "ASCII 33 to 126")
TRUNCATED = _error(
    "fastq-truncated",
    "the file ends in the middle of a record",
    "copy the file again and compare its sha256 with the source",
    "a record has title, sequence, + and quality",
    "Every read after this place is missing.",
)
LETTERS = _wish(
    "fastq-letters",
    "the sequence has other letters than A, C, G, T and N",
    "look whether it is RNA, colour space or masked; write upper case",
    why="Aligners treat other letters as N, or stop.",
)
MULTI_LINE = _wish("fastq-multi-line", "a record has more than four lines", "write each record on four lines")
ZERO_LENGTH = _wish("fastq-zero-length", "a read has no bases", "leave empty reads out, of both mates together")
ENCODING = _wish(
    "fastq-encoding",
    "the qualities are probably not written as Phred+33",
    "convert them (seqkit convert); every tool of today expects Phred+33",
    why="Bad bases would be taken for good ones.",
)
FINAL_NEWLINE = _wish("fastq-final-newline", "the last line has no line end", "look whether the file was cut")
NO_READS = _wish("fastq-no-reads", "the file has no read", "look whether the right file was exported")
LINE_END = _wish("fastq-line-end-windows", "lines end with CR+LF", "convert the line ends (dos2unix)")
BLANK = _wish("fastq-blank-line", "a blank line between or after records", "delete it")

_ERRORS = (NAME, NAME_EMPTY, SEQUENCE, PLUS, PLUS_DIFFERS, LENGTH, QUALITY, TRUNCATED)
_WISHES = (LETTERS, MULTI_LINE, ZERO_LENGTH, ENCODING, FINAL_NEWLINE, NO_READS, LINE_END, BLANK)

_PRINTABLE = bytes(range(33, 127))
_BASES = b"ACGTN"
_LETTERS_WANTED = "A, C, G, T and N"
#: IUPAC letters of DNA and RNA in both cases, gaps, and the digits of colour space.
_KNOWN = b"ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx.-*0123456"
_NAME, _SEQUENCE, _QUALITY = range(3)
#: The sum of this many printable bytes stays below the modulus of Adler-32.
_SUM_BYTES = 512
_FIRST_QUALITY = 33
#: The lowest character of Solexa qualities, the highest of usual Sanger ones (Phred 41) and of Illumina 1.3.
_SOLEXA_LOWEST, _SANGER_HIGHEST, _OLD_HIGHEST = 59, 74, 105
_LISTED_NAME = 200
#: No read has more bases; a sequence that goes on has lost its +.
_LONGEST_READ = 1 << 30
_MOST_SWALLOWED = 10_000


def _sum(data: bytes) -> int:
    """The sum of the bytes: the low half of Adler-32 from zero, piece by piece; far faster than the sum of Python."""
    return sum(adler32(data[at : at + _SUM_BYTES], 0) & 0xFFFF for at in range(0, len(data), _SUM_BYTES))


class _Reads:
    """What has been counted so far."""

    def __init__(self) -> None:
        self.records = 0
        self.first_title: bytes | None = None
        self.shortest = self.longest = -1
        self.bases = 0
        self._gc = 0
        self._at = 0
        self._quality = 0
        self._qualities = 0
        self._lowest = 127
        self._highest = 0

    def add(self, lengths: Sequence[int]) -> None:
        """Counts reads by their lengths."""
        self.records += len(lengths)
        shortest, longest = min(lengths), max(lengths)
        self.shortest = shortest if self.shortest < 0 else min(self.shortest, shortest)
        self.longest = max(self.longest, longest)

    def add_sequence(self, sequence: bytes) -> None:
        """Counts bases."""
        self.bases += len(sequence)
        count = (sequence if sequence.isupper() else sequence.upper()).count
        self._gc += count(b"G") + count(b"C")
        self._at += count(b"A") + count(b"T") + count(b"U")

    def add_quality(self, quality: bytes) -> None:
        """Counts qualities; their range only as long as it could be that of an older encoding."""
        self._quality += _sum(quality)
        self._qualities += len(quality)
        if self._lowest >= _SOLEXA_LOWEST and quality:
            self._lowest = min(self._lowest, min(quality))
            self._highest = max(self._highest, max(quality))

    @property
    def offset(self) -> int:
        """33, or 64 when no quality is below what Solexa and Illumina 1.3 wrote and some is above usual Sanger."""
        old = self._lowest >= _SOLEXA_LOWEST and _SANGER_HIGHEST < self._highest <= _OLD_HIGHEST
        return 64 if old else _FIRST_QUALITY

    def facts(self) -> Facts:
        """The counts as facts; the mean quality is read as Phred+33."""
        words = (self.first_title or b"").split(None, 1)
        name = words[0][:_LISTED_NAME].decode("utf-8", "replace") if words else None
        counted = self._gc + self._at
        facts: Facts = {"records": self.records, "bases": self.bases, "first_name": name}
        if self.records:
            facts |= {"shortest": self.shortest, "longest": self.longest}
        if self._qualities:
            facts["mean_quality"] = round(self._quality / self._qualities - _FIRST_QUALITY, 2)
            facts["quality_offset_guess"] = self.offset
        if counted:
            facts["gc_percent"] = round(100 * self._gc / counted, 2)
        return as_facts({**facts, "synthetic": b"synthetic" in (self.first_title or b"").lower() or None})


class _Parser:
    """Reads records line by line: every defect with its place, wrapped records, and a new start after a defect.

    A quality line may start with @. Where the quality grows longer than the sequence, reading starts anew at
    the first of its further lines that could be a title, so that one short quality costs one record only.
    """

    def __init__(self, reading: Reading, reads: _Reads) -> None:
        self._reading = reading
        self._reads = reads
        self._state = _NAME
        self._lost = False
        self._start(b"", 0)

    def _start(self, title: bytes, line: int) -> None:
        self._title = title
        self._line = line
        self._bases = self._sequence_lines = 0
        self._scores = self._quality_lines = 0
        self._first_quality = (0, b"")
        self._bad_quality: tuple[int, bytes] | None = None
        self._swallowed: list[tuple[int, bytes]] = []

    @property
    def between_records(self) -> bool:
        """Whether the next line should be a title."""
        return self._state == _NAME and not self._lost

    def _note(self, rule: Rule, line: int, column: str, expected: str, got: object = None) -> None:
        self._reading.find(rule.at(Place(line=line, column=column), expected=expected, got=got))

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        waiting = deque([(number, line)])
        while waiting:
            waiting.extendleft(reversed(self._step(*waiting.popleft())))

    def _step(self, number: int, line: bytes) -> list[tuple[int, bytes]]:
        """Takes one line; returns lines that are to be read again."""
        if self._state == _NAME:
            self._take_title(number, line)
        elif self._state == _SEQUENCE:
            self._take_sequence(number, line)
        elif self._bases == 0 and line:
            self._finish()
            return [(number, line)]
        else:
            return self._take_quality(number, line)
        return []

    def _take_title(self, number: int, line: bytes) -> None:
        if line.startswith(b"@"):
            self._lost = False
            if line[1:2] in (b"", b" ", b"\t"):
                self._note(NAME_EMPTY, number, "name", "a name", line)
            if self._reads.first_title is None:
                self._reads.first_title = line[1:]
            self._start(line[1:], number)
            self._state = _SEQUENCE
        elif line and not self._lost:
            self._note(NAME, number, "name", "a line that starts with @", line)
            self._lost = True
        elif not line:
            self._note(BLANK, number, "name", "no blank line")

    def _take_sequence(self, number: int, line: bytes) -> None:
        if line.startswith(b"+"):
            if len(line) > 1 and line[1:] != self._title:
                self._note(PLUS_DIFFERS, number, "+", "+ alone, or the title of the read", line)
            self._state = _QUALITY
        elif line.startswith(b"@") or self._bases > _LONGEST_READ:
            self._note(PLUS, number, "+", "a line that starts with +", line)
            self._state = _NAME
            self._lost = True
            self._take_title(number, line)
        else:
            if line.translate(None, _KNOWN):
                self._note(SEQUENCE, number, "sequence", "letters of bases", line)
            elif other := line.translate(None, _BASES):
                self._note(LETTERS, number, "sequence", _LETTERS_WANTED, other)
            self._reads.add_sequence(line)
            self._bases += len(line)
            self._sequence_lines += 1

    def _take_quality(self, number: int, line: bytes) -> list[tuple[int, bytes]]:
        self._quality_lines += 1
        self._scores += len(line)
        if self._quality_lines == 1:
            self._first_quality = (number, line)
        elif len(self._swallowed) < _MOST_SWALLOWED and (self._swallowed or line.startswith(b"@")):
            self._swallowed.append((number, line))
        if self._bad_quality is None and line.translate(None, _PRINTABLE):
            self._bad_quality = (number, line)
        if self._scores > self._bases:
            self._note_length()
            self._state = _NAME
            self._lost = self._quality_lines > 1 and not self._swallowed
            return self._swallowed
        self._reads.add_quality(line)
        if self._scores == self._bases:
            self._finish()
        return []

    def _note_length(self) -> None:
        number, line = self._first_quality
        got = f"{len(line)} for {self._bases} bases"
        self._note(LENGTH, number, "quality", "as many characters as bases", got)
        self._reads.add([self._bases])

    def _finish(self) -> None:
        """The record is complete."""
        if self._bad_quality is not None:
            number, line = self._bad_quality
            self._note(QUALITY, number, "quality", "characters ! to ~", line)
        if self._sequence_lines > 1 or self._quality_lines > 1:
            self._note(MULTI_LINE, self._line, "name", "four lines")
        if not self._bases:
            self._note(ZERO_LENGTH, self._line, "sequence", "a base")
        self._reads.add([self._bases])
        self._state = _NAME

    def end(self, ends_with_newline: bool) -> None:
        """The file is over."""
        if self._state == _QUALITY and self._bases == 0:
            self._finish()
        elif self._state == _QUALITY and self._scores and ends_with_newline:
            self._note_length()
        elif self._state != _NAME:
            self._note(TRUNCATED, self._line, "name", "title, sequence, + and quality", self._title)


class FastqFormat:
    """Sequencing reads with qualities."""

    name = "fastq"
    title = "FASTQ"
    mediatype = "text/plain"
    edam = "EDAM:format_1930"
    floor = Tier.CONTROLLED
    rules = (*_ERRORS, *_WISHES)

    def sniff(self, head: Head) -> int:
        """Sure of a title, bases and a +; headers of SAM also start with @."""
        if re.match(rb"@(?:HD|SQ|RG|PG|CO)\t", head.text):
            return NO
        if re.match(rb"@[^\n]*+\n(?:[A-Za-z.*0-9-]*+\r?\n)+\+", head.text):
            return SURE
        return BY_NAME if b"\0" not in head.text and head.has_suffix(".fastq", ".fq") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once; facts: records, bases, shortest, longest, mean_quality (as Phred+33), gc_percent,
        first_name, quality_offset_guess; ``synthetic`` where the first title says so.
        """
        reads = _Reads()
        parser = _Parser(reading, reads)
        number = 0
        waiting: list[bytes] = []
        for block in reading.source.line_blocks():
            if b"\r" in block:
                reading.find(LINE_END.at(Place(line=number + len(waiting) + 1), expected="LF"))
                block = block.replace(b"\r\n", b"\n").removesuffix(b"\r")
            waiting += block.split(b"\n")
            at = 0
            while at < len(waiting) and not parser.between_records:
                parser.take(number + at + 1, waiting[at])
                at += 1
            whole = len(waiting) - (len(waiting) - at) % 4
            if whole > at and not _take_block(waiting[at:whole], reads, number + at, reading):
                whole = len(waiting)
                for index in range(at, whole):
                    parser.take(number + index + 1, waiting[index])
            number += whole
            waiting = waiting[whole:]
        for index, line in enumerate(waiting):
            parser.take(number + index + 1, line)
        if not reading.source.findings:
            parser.end(reading.source.ends_with_newline)
            _judge_whole(reading, reads)
        return reads.facts()


def _take_block(lines: list[bytes], reads: _Reads, before: int, reading: Reading) -> bool:
    """Takes four-line records without any error at once; false when the block has to be read line by line."""
    titles, sequences, pluses, qualities = lines[0::4], lines[1::4], lines[2::4], lines[3::4]
    lengths = list(map(len, sequences))
    if lengths != list(map(len, qualities)) or not min(lengths):
        return False
    if any(title[:1] != b"@" or title[1:2] in b" \t" for title in titles):
        return False
    if any(plus != b"+" and plus != b"+" + title[1:] for plus, title in zip(pluses, titles, strict=True)):
        return False
    sequence, quality = b"".join(sequences), b"".join(qualities)
    if quality.translate(None, _PRINTABLE):
        return False
    if sequence.translate(None, _BASES):
        if sequence.translate(None, _KNOWN):
            return False
        _note_letters(sequences, before, reading)
    if reads.first_title is None:
        reads.first_title = titles[0][1:]
    reads.add(lengths)
    reads.add_sequence(sequence)
    reads.add_quality(quality)
    return True


def _note_letters(sequences: list[bytes], before: int, reading: Reading) -> None:
    """Notes sequences with other letters than the usual as one finding, where the bank's rules are asked for."""
    if reading.wants_bank_rules:
        others = [sequence.translate(None, _BASES) for sequence in sequences]
        first = next(index for index, other in enumerate(others) if other)
        place = Place(line=before + 4 * first + 2, column="sequence")
        finding = LETTERS.at(place, expected=_LETTERS_WANTED, got=others[first])
        reading.find(replace(finding, count=len(others) - others.count(b"")))


def _judge_whole(reading: Reading, reads: _Reads) -> None:
    """The wishes for the whole file."""
    if not reads.records:
        reading.find(NO_READS.at(expected="reads"))
    if not reading.source.ends_with_newline:
        reading.find(FINAL_NEWLINE.at(expected="a line end"))
    if reads.offset != _FIRST_QUALITY:
        reading.find(ENCODING.at(Place(column="quality"), expected="Phred+33", got="Phred+64 or Solexa+64"))


FASTQ = FastqFormat()
