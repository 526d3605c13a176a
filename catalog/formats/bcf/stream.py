"""The records of a BCF file as they are stored, one after the other or many at once."""

from __future__ import annotations

from catalog.findings import Place
from catalog.formats.bcf.rules import LENGTH, TRUNCATED
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import Reading

#: CHROM to n_fmt: what every record has.
FIXED_BYTES = 24
#: More than anything real has; a length beyond is damage.
LARGEST_BYTES = 64 << 20
#: l_shared and l_indiv stand before each record.
LENGTHS_BYTES = 8
_PIECE_BYTES = 1 << 20


class RecordStream:
    """Whole records, each with its number and its place.

    Attributes:
        held: bytes of the stream; of the last record perhaps only the start.
        at: where in them the next record begins.
        number: how many records were passed.
        is_whole: whether the last record was passed and nothing follows it.
    """

    def __init__(self, cursor: Cursor, reading: Reading) -> None:
        """Begins behind the header.

        Args:
            cursor: the stream.
            reading: takes findings.
        """
        self.held = b""
        self.at = 0
        self.number = 0
        self.is_whole = False
        self._cursor = cursor
        self._reading = reading

    @property
    def place(self) -> Place:
        """The number of the next record, and where it begins in the decompressed stream."""
        return Place(record=self.number + 1, offset=self._cursor.offset - len(self.held) + self.at)

    def fill(self, size: int) -> bool:
        """Holds at least so many bytes of what comes next, unless the stream ends before; false then."""
        pieces = [self.held[self.at :]]
        left = size - len(pieces[0])
        while left > 0 and (piece := self._cursor.take(_PIECE_BYTES)):
            pieces.append(piece)
            left -= len(piece)
        if len(pieces) > 1:
            self.held, self.at = b"".join(pieces), 0
        return left <= 0

    def sizes(self) -> tuple[int, int] | None:
        """How many bytes of the next record all samples share, and how many are of samples; None when that is not held."""
        lengths = self.held[self.at : self.at + LENGTHS_BYTES]
        if len(lengths) < LENGTHS_BYTES:
            return None
        return int.from_bytes(lengths[:4], "little"), int.from_bytes(lengths[4:], "little")

    def take(self) -> tuple[bytes, int] | None:
        """The next record from CHROM on, and how many bytes of it all samples share; None at the end, and for damage."""
        self.fill(LENGTHS_BYTES)
        place, sizes = self.place, self.sizes()
        if sizes is None:
            self.is_whole = self.at == len(self.held) and not self._reading.source.findings
            if self.at < len(self.held):
                self._cut(place)
            return None
        shared, individual = sizes
        if not FIXED_BYTES <= shared <= LARGEST_BYTES - individual:
            expected = f"at least {FIXED_BYTES} shared bytes, at most {LARGEST_BYTES} in all"
            got = f"{shared} and {individual}"
            self._reading.find(LENGTH.at(place, expected=expected, got=got, part="the record"))
            return None
        size = LENGTHS_BYTES + shared + individual
        if not self.fill(size):
            self._cut(place)
            return None
        content = self.held[self.at + LENGTHS_BYTES : self.at + size]
        self.at += size
        self.number += 1
        return content, shared

    def _cut(self, place: Place) -> None:
        """The file ends too early; where the container was cut, it has said so."""
        if not self._reading.source.findings:
            end = Place(record=place.record, offset=self._cursor.offset)
            self._reading.find(TRUNCATED.at(end, expected="the rest of a record", part="a record"))
