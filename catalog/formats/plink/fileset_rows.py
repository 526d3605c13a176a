"""Rows of the derived table ``genotypes-1`` (``schemas/derived``) from a PLINK fileset, while its .bed is read.

The .bed holds genotypes alone. Its variants and samples stand in the .bim and the .fam beside it, which are small: the .fam
is read first, the .bim line by line with the blocks of the .bed. There is no table where they do not fit to the last line,
or where a line has an error; what that is, the readers of these files and the fileset as a whole tell.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from catalog.formats.protocol import Reading

if TYPE_CHECKING:
    from catalog.columns import TableSink

TABLE = "genotypes-1"
_ROWS_AT_ONCE = 122_880
_MOST_SAMPLES = 1_000_000
_LONGEST_LINE_BYTES = 1 << 20
_HIGHEST_POSITION = (1 << 31) - 2
_DIGITS = 10
_FIELDS = 6
_MISSING = (b"0", b".")
_FIRST, _NONE, _SECOND = 0, 1, 3


class _Unfit(Exception):
    """The three files do not make a table. Never leaves this module."""


class FilesetRows:
    """Decodes the blocks of a .bed of the usual mode, variant by variant."""

    def __init__(self, sink: TableSink, samples: list[str], variants: Iterator[list[bytes]]) -> None:
        """Nothing is decoded yet.

        Args:
            sink: the table.
            samples: names in the order of the .fam, one or more.
            variants: the six fields of each line of the .bim.
        """
        self._sink = sink
        self._samples = samples
        self._variants = variants
        self._block_bytes = (len(samples) + 3) // 4
        self._waiting = bytearray()
        self.is_unfit = False

    def take(self, content: bytes) -> None:
        """Some more bytes of the .bed, behind its first three."""
        if self.is_unfit:
            return
        self._waiting += content
        step = self._block_bytes * max(1, _ROWS_AT_ONCE // len(self._samples))
        whole = len(self._waiting) - len(self._waiting) % self._block_bytes
        if whole < step:
            return
        try:
            for start in range(0, whole, step):
                self._write(bytes(self._waiting[start : min(whole, start + step)]))
        except _Unfit:
            self.is_unfit = True
        del self._waiting[:whole]

    def finish(self) -> bool:
        """The .bed is over; whether all three files ended together."""
        try:
            if self._waiting and not self.is_unfit:
                self._write(bytes(self._waiting))
            return not self.is_unfit and next(self._variants, None) is None
        except _Unfit:
            return False

    def _write(self, content: bytes) -> None:
        """Decodes whole blocks: two bits a genotype, the first in the lowest."""
        import numpy

        if len(content) % self._block_bytes:
            raise _Unfit
        count, samples = len(content) // self._block_bytes, len(self._samples)
        stored = numpy.frombuffer(content, "u1").reshape(count, self._block_bytes, 1)
        codes = ((stored >> numpy.arange(0, 8, 2, dtype="u1")) & 3).reshape(count, -1)
        if codes[:, samples:].any():
            raise _Unfit
        codes = codes[:, :samples]
        names, chromosomes, positions, alleles = _Words(), _Words(), numpy.zeros(count, "i4"), _Words()
        pairs = numpy.zeros((2, count, 1), "i4")
        for at in range(count):
            chromosome, name, position, first, second = _variant(self._variants)
            names.add(name)
            chromosomes.add(chromosome)
            positions[at] = position
            pairs[:, at, 0] = [-1 if each in _MISSING else alleles.code(each) for each in (first, second)]
        positions = numpy.repeat(positions, samples)
        called = codes != _NONE
        self._sink.write(
            {
                "probe": (numpy.repeat(names.codes(), samples), names.texts()),
                "chrom": (numpy.repeat(chromosomes.codes(), samples), chromosomes.texts()),
                "pos": numpy.ma.masked_array(positions, mask=positions <= 0),
                "sample": (numpy.tile(numpy.arange(samples, dtype="i4"), count), self._samples),
                "allele1": (_allele(called, codes == _SECOND, pairs[1], pairs[0]), alleles.texts()),
                "allele2": (_allele(called, codes == _FIRST, pairs[0], pairs[1]), alleles.texts()),
            }
        )


class _Words:
    """Words of a column, each with a code."""

    def __init__(self) -> None:
        self._known: dict[bytes, int] = {}
        self._codes: list[int] = []

    def code(self, word: bytes) -> int:
        """The code of a word."""
        return self._known.setdefault(word, len(self._known))

    def add(self, word: bytes) -> None:
        """The word of the next row."""
        self._codes.append(self.code(word))

    def codes(self) -> Any:
        """The codes of the rows."""
        import numpy

        return numpy.array(self._codes, "i4")

    def texts(self) -> list[str]:
        """The words in the order of their codes."""
        return [word.decode("utf-8", "replace") for word in self._known]


def _allele(called: Any, is_other: Any, other: Any, usual: Any) -> Any:
    """The codes of one of the two alleles, row by row; -1 where there is no call."""
    import numpy

    return numpy.where(called, numpy.where(is_other, other, usual), -1).astype("i4").ravel()


def _variant(variants: Iterator[list[bytes]]) -> tuple[bytes, bytes, int, bytes, bytes]:
    """Chromosome, name, position (0 unknown or negative), and both alleles of the next line of the .bim."""
    fields = next(variants, None)
    if fields is None or len(fields) != _FIELDS:
        raise _Unfit
    chromosome, name, _, written, first, second = fields
    digits = written.removeprefix(b"-")
    if not digits.isdigit() or len(digits) > _DIGITS or int(digits) > _HIGHEST_POSITION:
        raise _Unfit
    if first == second and first not in _MISSING:
        raise _Unfit
    return chromosome, name, int(digits) if written == digits else 0, first, second


@contextmanager
def fileset_rows(reading: Reading, *, is_variant_major: bool) -> Iterator[FilesetRows | None]:
    """The rows of a fileset, to which the bytes of its .bed are given; None when nobody wants them or none can be made."""
    sink = reading.sink(TABLE)
    if sink is None:
        yield None
        return
    with ExitStack() as stack:
        rows = None
        location = reading.location
        if is_variant_major and location is not None and location.suffix.lower() == ".bed":
            try:
                bim, fam = (stack.enter_context(_opened(location, part)) for part in ("bim", "fam"))
                samples = _samples(fam)
                rows = FilesetRows(sink, samples, _lines(bim))
            except (OSError, _Unfit):
                rows = None
        yield rows
        if rows is None or not rows.finish():
            reading.sinks.drop(TABLE)


def _opened(bed: Path, part: str) -> IO[bytes]:
    """Another file of the same name, as it is written there."""
    path = bed.with_suffix(f".{part.upper() if bed.suffix.isupper() else part}")
    if not stat.S_ISREG(path.lstat().st_mode):
        raise _Unfit
    return path.open("rb")


def _lines(stream: IO[bytes]) -> Iterator[list[bytes]]:
    """The fields of each line; blank ones are passed over."""
    while line := _line(stream):
        if len(line) == _LONGEST_LINE_BYTES:
            raise _Unfit
        fields = line.split()
        if fields:
            yield fields


def _line(stream: IO[bytes]) -> bytes:
    try:
        return stream.readline(_LONGEST_LINE_BYTES)
    except OSError as error:
        raise _Unfit from error


def _samples(stream: IO[bytes]) -> list[str]:
    """The names of the samples: IIDs, with FIDs where these repeat."""
    names: list[tuple[str, str]] = []
    for fields in _lines(stream):
        if len(fields) != _FIELDS or len(names) >= _MOST_SAMPLES:
            raise _Unfit
        names.append((fields[0].decode("utf-8", "replace"), fields[1].decode("utf-8", "replace")))
    if not names or len(set(names)) < len(names):
        raise _Unfit
    own = [name for _, name in names]
    return own if len(set(own)) == len(own) else [f"{family}_{name}" for family, name in names]
