"""Records of FASTQ, line by line: every defect with its place, wrapped records, and a new start after a defect."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.findings import Place, Rule
from catalog.formats.fastq.counts import Counts
from catalog.formats.fastq.names import Names
from catalog.formats.fastq.rules import (
    BLANK,
    COLOUR_SPACE,
    LENGTH,
    LETTERS,
    LINE_END,
    LINE_ENDS_MIXED,
    MULTI_LINE,
    NAME,
    NAME_EMPTY,
    PLUS,
    PLUS_DIFFERS,
    QUALITY,
    SEQUENCE,
    T_AND_U,
    TRUNCATED,
    ZERO_LENGTH,
)
from catalog.formats.protocol import Reading
from catalog.kernels.fastq_layout import LONGEST_TITLE

if TYPE_CHECKING:
    from catalog.formats.fastq.fast import FastPath

BASE_LETTERS = b"ACGTN"
#: IUPAC letters of DNA and RNA in both cases, and gaps.
KNOWN_LETTERS = b"ACGTUNRYSWKMBDHVXacgtunryswkmbdhvx.-*"
_PRINTABLE = bytes(range(33, 127))
_COLOURS = b"0123456"
#: A base, then colours: the quality of the base may be left out.
_COLOUR_READ = re.compile(rb"[ACGTNacgtn][0-6.]+")
#: Colours without a base before them, or further lines of a read in colours.
_COLOURS_ALONE = re.compile(rb"[0-6.]+")
_NAME, _SEQUENCE, _QUALITY = range(3)
#: No read has more bases; a sequence that goes on has lost its +.
_LONGEST_READ = 1 << 30
#: Lines and bytes of a quality that is too long, among which a new start is looked for.
_MOST_SWALLOWED, _MOST_SWALLOWED_BYTES = 10_000, 1 << 20


class RecordJudge:
    """Judges the lines of a file (a :class:`~catalog.formats.protocol.LineJudge`).

    A quality line may start with @. Where the quality grows longer than the sequence, reading starts anew at
    the first of its further lines that could be a title, so that one short quality costs one record only.
    """

    def __init__(self, reading: Reading, counts: Counts, names: Names) -> None:
        self._reading = reading
        self._counts = counts
        self._names = names
        self._fast: FastPath | None = None
        self._state = _NAME
        self._lost = False
        self._is_windows = False
        self._unlike: int | None = None
        self._start(b"", 0)

    def _start(self, title: bytes, line: int) -> None:
        self._title = title
        self._line = line
        self._bases = self._sequence_lines = 0
        self._scores = self._quality_lines = 0
        #: Qualities in the lines before the first that may be the title of the next read.
        self._own_scores: int | None = None
        self._quality_line = 0
        self._bad_quality: tuple[int, bytes] | None = None
        self._swallowed: list[tuple[int, bytes]] = []
        self._swallowed_bytes = 0
        self._unusual: tuple[int, bytes] | None = None
        self._has_t = self._has_u = self._is_colour_read = self._is_in_colours = False

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line."""
        if self._is_windows or self._unlike is not None or line.endswith(b"\r"):
            line = self._without_line_end(number, line)
        again = self._step(number, line)
        if again:
            waiting = deque(again)
            while waiting:
                waiting.extendleft(reversed(self._step(*waiting.popleft())))

    def take_clean(self, buffer: bytes, at: int, number: int) -> tuple[int, int]:
        """Passes over records of four lines, where the next line begins one."""
        if self._state != _NAME or self._lost or self._is_windows or not self._names.is_decided:
            return at, number
        if self._fast is None:
            from catalog.formats.fastq.fast import FastPath

            self._fast = FastPath(self._counts, self._names, BASE_LETTERS if self._names.is_wanted else KNOWN_LETTERS)
        return self._fast.take(buffer, at, number)

    def end(self, ends_with_newline: bool) -> None:
        """The file is over."""
        if self._unlike is not None and (ends_with_newline or not self._is_windows):
            self._note_line_end(self._unlike)
        if self._state == _QUALITY and (self._bases == 0 or self._may_be_over()):
            self._finish()
        elif self._state == _QUALITY and self._scores and ends_with_newline:
            self._note_length()
        elif self._state != _NAME:
            self._note(TRUNCATED, self._line, "name", "title, sequence, + and quality", self._title)

    def _note(self, rule: Rule, line: int, column: str, expected: str, got: object = None) -> None:
        self._reading.find(rule.at(Place(line=line, column=column), expected=expected, got=got))

    def _without_line_end(self, number: int, line: bytes) -> bytes:
        """The line without CR; all lines have to end as the first one, but a last one may have no end at all."""
        has_return = line.endswith(b"\r")
        if number == 1 and has_return:
            self._is_windows = True
            self._reading.find(LINE_END.at(Place(line=1), expected="LF"))
        if self._unlike is not None:
            self._note_line_end(self._unlike)
            self._unlike = None
        if has_return != self._is_windows:
            self._unlike = number
        return line[:-1] if has_return else line

    def _note_line_end(self, number: int) -> None:
        expected, got = ("CR+LF", "LF") if self._is_windows else ("LF", "CR+LF")
        self._reading.find(LINE_ENDS_MIXED.at(Place(line=number), expected=f"{expected} as in line 1", got=got))

    def _step(self, number: int, line: bytes) -> Sequence[tuple[int, bytes]]:
        """Takes one line; returns lines that are to be read again."""
        if self._state == _NAME:
            self._take_title(number, line)
        elif self._state == _SEQUENCE:
            self._take_sequence(number, line)
        elif (self._bases == 0 and line.startswith(b"@")) or (self._may_be_over() and len(line) != 1):
            self._finish()
            return [(number, line)]
        else:
            return self._take_quality(number, line)
        return ()

    def _take_title(self, number: int, line: bytes) -> None:
        if line.startswith(b"@"):
            self._lost = False
            if line[1:2] in (b"", b" ", b"\t"):
                self._note(NAME_EMPTY, number, "name", "a name", line)
            self._start(line[1:], number)
            self._state = _SEQUENCE
        elif line and not self._lost:
            self._note(NAME, number, "name", "a line that starts with @", line)
            self._lost = True
        elif not line:
            self._note(BLANK, number, "name", "no blank line")

    def _take_sequence(self, number: int, line: bytes) -> None:
        if line.startswith(b"+"):
            if len(line) > 1 and not _repeats(self._title, line[1:]):
                self._note(PLUS_DIFFERS, number, "+", "+ alone, or the title of the read", line)
            self._state = _QUALITY
        elif line.startswith(b"@") or self._bases > _LONGEST_READ:
            self._note(PLUS, number, "+", "a line that starts with +", line)
            self._state = _NAME
            self._lost = True
            self._take_title(number, line)
        else:
            if unusual := line.translate(None, BASE_LETTERS):
                self._take_unusual(number, line, unusual)
            self._has_t = self._has_t or b"T" in line or b"t" in line
            self._counts.add_sequence(line)
            self._bases += len(line)
            self._sequence_lines += 1

    def _take_unusual(self, number: int, line: bytes, unusual: bytes) -> None:
        """A line with other letters than A, C, G, T and N."""
        if self._sequence_lines == 0:
            self._is_colour_read = _COLOUR_READ.fullmatch(line) is not None
            self._is_in_colours = self._is_colour_read or _COLOURS_ALONE.fullmatch(line) is not None
            may_be_colours = self._is_in_colours
        else:
            may_be_colours = self._is_in_colours and _COLOURS_ALONE.fullmatch(line) is not None
        unknown = unusual.translate(None, KNOWN_LETTERS)
        if unknown and not may_be_colours:
            self._note(SEQUENCE, number, "sequence", "letters of bases", unknown)
            return
        self._has_u = self._has_u or b"U" in unusual or b"u" in unusual
        if self._unusual is None:
            self._unusual = (number, unusual)

    def _may_be_over(self) -> bool:
        """Whether a read in colours has as many qualities as colours."""
        return self._is_colour_read and 0 < self._scores == self._bases - 1

    def _take_quality(self, number: int, line: bytes) -> Sequence[tuple[int, bytes]]:
        self._quality_lines += 1
        self._scores += len(line)
        if self._quality_lines == 1:
            self._quality_line = number
        elif self._swallowed or line.startswith(b"@"):
            if self._own_scores is None:
                self._own_scores = self._scores - len(line)
            self._swallow(number, line)
        is_bad = bool(line.translate(None, _PRINTABLE))
        if is_bad and self._bad_quality is None:
            self._bad_quality = (number, line)
        if self._scores > self._bases:
            self._note_length()
            self._lost = self._quality_lines > 1 and not self._swallowed
            return self._swallowed
        if not is_bad:
            self._counts.add_quality(self._scores - len(line), line)
        if self._scores == self._bases:
            self._finish()
        return ()

    def _swallow(self, number: int, line: bytes) -> None:
        """Keeps a further line of a quality: it may be the title of the next read."""
        if len(self._swallowed) < _MOST_SWALLOWED and self._swallowed_bytes < _MOST_SWALLOWED_BYTES:
            self._swallowed.append((number, line))
            self._swallowed_bytes += len(line)

    def _note_length(self) -> None:
        """The record is over, with too few or too many qualities."""
        scores = self._scores if self._own_scores is None else self._own_scores
        got = f"{scores} for {self._bases} bases"
        self._note(LENGTH, self._quality_line, "quality", "as many characters as bases", got)
        self._count()

    def _finish(self) -> None:
        """The record is complete."""
        if self._bad_quality is not None:
            number, line = self._bad_quality
            self._note(QUALITY, number, "quality", "characters ! to ~", line.translate(None, _PRINTABLE))
        if self._sequence_lines > 1 or self._quality_lines > 1:
            self._note(MULTI_LINE, self._line, "name", "four lines")
        if not self._bases:
            self._note(ZERO_LENGTH, self._line, "sequence", "a base")
        self._count()

    def _count(self) -> None:
        if self._unusual is not None:
            number, unusual = self._unusual
            if unusual.translate(None, _COLOURS) != unusual:
                self._note(COLOUR_SPACE, number, "sequence", "bases", unusual)
            elif self._has_t and self._has_u:
                self._note(T_AND_U, number, "sequence", "T or U", unusual)
            else:
                self._note(LETTERS, number, "sequence", "A, C, G, T and N", unusual)
        self._counts.add_read(self._bases)
        self._names.take(self._line, self._title[:LONGEST_TITLE])
        self._state = _NAME


def _repeats(title: bytes, words: bytes) -> bool:
    """Whether words are the title, or its beginning up to a space, such as the name alone."""
    return title.startswith(words) and title[len(words) : len(words) + 1] <= b" "
