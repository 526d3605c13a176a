"""The header of a BAM: its text, and the dictionary of reference sequences that records point into (SAMv1, 4.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from catalog.findings import Place, Rule, show
from catalog.formats.alignment.header import MOST_LINES, SQ_TWICE, Header, HeaderReader, HeaderTooLong
from catalog.formats.alignment.header import TOO_LONG as HEADER_TOO_LONG
from catalog.formats.alignment.header_fields import LENGTH, NAME, REFERENCE_NAME
from catalog.formats.alignment.margin import SAM, Margin, forbidden
from catalog.formats.cursor import Cursor

_BAM = f"{SAM}, 4.2"
_COPY = "copy the file again and compare its sha256 with the source"

MAGIC = forbidden(
    "bam-magic", "the file does not start with BAM and a byte of 1", "look what kind of file it is", f"{_BAM} (magic)"
)
TRUNCATED = forbidden(
    "bam-truncated",
    "the file ends inside {part}",
    _COPY,
    f"{_BAM}: a list of alignments until the end of the file",
    "Every record after this place is missing.",
)
COUNT = forbidden(
    "bam-header-length",
    "the count or length of {part} cannot be right",
    _COPY,
    f"{_BAM} (l_text, n_ref, l_name)",
)
TEXT = forbidden(
    "bam-header-text",
    "the text of the header goes on behind a NUL",
    "write the header anew (samtools reheader)",
    f"{_BAM} (text): NUL only as padding",
)
DICTIONARY = forbidden(
    "bam-dictionary",
    "the reference sequences of the header's text are not those that the records point to",
    "write the header anew (samtools reheader)",
    f"{_BAM} (n_ref, name, l_ref) and 1.3 (@SQ)",
    "One program takes a read to lie on another chromosome than the next.",
)
REFERENCE_NUL = forbidden(
    "bam-reference-name", "the name of a reference sequence does not end with its only NUL", _COPY, f"{_BAM} (name)"
)
TOO_LONG = forbidden(
    "bam-too-long",
    "{part} is longer than 64 MiB",
    "look what wrote the file; no header line and no read is that long",
    "fairline: what is read must fit into memory",
)

BINARY_HEADER_RULES: tuple[Rule, ...] = (MAGIC, TRUNCATED, COUNT, TEXT, DICTIONARY, REFERENCE_NUL, TOO_LONG)

LONGEST_BYTES = 64 << 20
_LONGEST_NAME_BYTES = 1 << 20
_MAGIC = b"BAM\x01"


class HeaderEnded(Exception):
    """The header cannot be read to its end; the finding is there. Never leaves this package."""


@dataclass(slots=True)
class _Dictionary:
    """Names and lengths of reference sequences by number."""

    names: list[bytes]
    lengths: list[int]


class BinaryHeaderReader:
    """Reads the header of a BAM from the start of its stream."""

    def __init__(self, cursor: Cursor, margin: Margin) -> None:
        self._cursor = cursor
        self._margin = margin
        self._reader = HeaderReader(margin)

    def read(self) -> Header:
        """The header; the dictionary of the records is the one that counts.

        Raises:
            HeaderEnded: it cannot be read.
        """
        magic = self._cursor.take(len(_MAGIC))
        if len(magic) < len(_MAGIC) and self._margin.has_broken_off:
            raise HeaderEnded
        if magic != _MAGIC:
            self._margin.note_at(Place(offset=0), MAGIC, "magic", "BAM and a byte of 1")
            raise HeaderEnded
        try:
            for number, line in enumerate(self._lines(self._count("the header's text")), 1):
                self._margin.line = number
                self._reader.take(line)
        except HeaderTooLong:
            raise HeaderEnded from None
        finally:
            self._margin.line = None
        header = self._reader.finish()
        dictionary = self._dictionary(
            self._count("the list of reference sequences"), is_judged=not self._reader.references
        )
        self._compare(header, dictionary)
        return header

    def _count(self, part: str) -> int:
        offset = self._cursor.offset
        stored = self._cursor.take(4)
        if len(stored) < 4:
            raise self._ended(TRUNCATED, part, offset)
        number = int.from_bytes(stored, "little", signed=True)
        if number < 0:
            raise self._ended(COUNT, part, offset)
        return number

    def _ended(self, rule: Rule, part: str, offset: int) -> HeaderEnded:
        self._margin.note_at(Place(offset=offset), rule, "header", "a whole header", part=part)
        return HeaderEnded()

    def _lines(self, size: int) -> Iterator[bytes]:
        """The lines of the text, without NUL padding."""
        begin = self._cursor.offset
        parts: list[bytes] = []
        waiting = 0
        has_ended = False
        for piece in self._cursor.pieces(size):
            text, nul, padding = (b"", b"", piece) if has_ended else piece.partition(b"\0")
            if padding.strip(b"\0"):
                self._margin.note_at(
                    Place(offset=self._cursor.offset - len(piece)), TEXT, "text", "NUL alone behind the text"
                )
            has_ended = has_ended or bool(nul)
            first, *more = text.split(b"\n")
            parts.append(first)
            waiting += len(first)
            if waiting > LONGEST_BYTES:
                raise self._ended(TOO_LONG, "a line of the header", begin)
            if more:
                yield b"".join(parts)
                yield from more[:-1]
                parts, waiting = [more[-1]], len(more[-1])
        if self._cursor.offset - begin < size:
            raise self._ended(TRUNCATED, "the header's text", self._cursor.offset)
        if waiting:
            yield b"".join(parts)

    def _dictionary(self, count: int, *, is_judged: bool) -> _Dictionary:
        found = _Dictionary([], [])
        known: set[bytes] = set()
        if count > MOST_LINES:
            # With @SQ lines, of which there cannot be so many, it is the number that is wrong.
            rule = HEADER_TOO_LONG if is_judged else COUNT
            raise self._ended(rule, "the list of reference sequences", self._cursor.offset - 4)
        for _ in range(count):
            offset = self._cursor.offset
            size = self._count("the list of reference sequences")
            if not 1 <= size <= _LONGEST_NAME_BYTES:
                raise self._ended(COUNT, "a reference sequence's name", offset)
            name = self._cursor.take(size)
            stored = self._cursor.take(4)
            if len(stored) < 4:
                raise self._ended(TRUNCATED, "the list of reference sequences", self._cursor.offset)
            if name.find(b"\0") != size - 1:
                self._margin.note_at(Place(offset=offset), REFERENCE_NUL, "name", "one NUL, at the end", name)
            name = name.rstrip(b"\0")
            length = int.from_bytes(stored, "little", signed=True)
            if is_judged:
                self._judge_reference(Place(offset=offset), name, length, is_known=name in known)
                known.add(name)
            found.names.append(name)
            found.lengths.append(max(0, length))
        return found

    def _judge_reference(self, place: Place, name: bytes, length: int, *, is_known: bool) -> None:
        """Judges what no @SQ line was there to be judged for."""
        if not REFERENCE_NAME.fullmatch(name):
            self._margin.note_at(place, NAME, "name", "a name without special characters", name)
        if length < 1:
            self._margin.note_at(place, LENGTH, "l_ref", "a number from 1 to 2147483647", length)
        if is_known:
            self._margin.note_at(place, SQ_TWICE, "name", "each name once", name)

    def _compare(self, header: Header, dictionary: _Dictionary) -> None:
        said, stored = self._reader.references, list(zip(dictionary.names, dictionary.lengths, strict=True))
        if said and said != stored:
            number = next((at for at, pair in enumerate(said) if stored[at : at + 1] != [pair]), len(said))
            wanted, got = (
                f"{show(names[number][0])}: {names[number][1]}" if number < len(names) else "nothing"
                for names in (said, stored)
            )
            self._margin.note_at(Place(), DICTIONARY, f"reference {number + 1}", f"{wanted}, as in @SQ", got)
        header.lengths = dictionary.lengths
        circular = {name for name, number in header.contigs.items() if number in header.circular}
        header.contigs = {}
        for number, name in enumerate(dictionary.names):
            header.contigs.setdefault(name, number)
        header.circular = {header.contigs[name] for name in circular if name in header.contigs}
