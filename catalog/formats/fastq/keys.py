"""Which of many keys come twice: kept in memory for small files, on disk for large ones, sorted in parts at the end."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy

_KEY_BYTES = 8
#: Keys that are held in memory before they go to a file (32 MB), and keys that are looked at without numpy.
_HELD = 4 << 20
_FEW = 256 << 10
#: Keys that are sorted at once, and read at once.
_SORTED = 4 << 20
_READ = 1 << 20
#: More are not compared (1 GB on disk).
MOST_KEYS = 128 << 20
#: Of keys that come twice, so many are looked for to tell the first.
_MOST_REPEATED = 1 << 20


class Repeated(NamedTuple):
    """Keys that came again: how many times, and the first pair that was looked for (counted from 0)."""

    times: int
    record: int
    earlier: int


class Keys:
    """Keys of 64 bits in the order in which they come."""

    def __init__(self) -> None:
        self._held = array("Q")
        self._stored = 0
        self._file: Any = None
        self._has_arrays = False
        self._is_full = False

    def __len__(self) -> int:
        return self._stored + len(self._held)

    def add(self, key: int) -> None:
        """Takes a key."""
        if not self._is_full:
            self._held.append(key)
            self._store()

    def add_all(self, keys: numpy.ndarray[Any, Any]) -> None:
        """Takes an array of unsigned keys."""
        self._has_arrays = True
        if not self._is_full:
            self._held.frombytes(keys.tobytes())
            self._store()

    def _store(self) -> None:
        """Moves what is held to the file when it is much; a full disk, as too many keys, ends the comparison."""
        if len(self._held) < _HELD:
            return
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(prefix="fairline-")  # noqa: SIM115 it lives as long as the keys
            self._file.write(memoryview(self._held))
            self._stored += len(self._held)
            del self._held[:]
        except OSError:
            self._is_full = True
        if len(self) >= MOST_KEYS:
            self._is_full = True

    def repeated(self) -> Repeated | None:
        """What comes twice; None when nothing does."""
        if len(self) <= _FEW and not self._has_arrays:
            return _repeated_of_few(self._held)
        return self._repeated_of_many()

    def close(self) -> None:
        """Gives back memory and disk."""
        self._held = array("Q")
        if self._file is not None:
            self._file.close()

    def _chunks(self) -> Iterator[numpy.ndarray[Any, Any]]:
        import numpy

        if self._file is not None:
            self._file.seek(0)
            left = self._stored
            while left:
                chunk = numpy.frombuffer(self._file.read(_KEY_BYTES * min(left, _READ)), numpy.uint64)
                if not len(chunk):
                    return
                left -= len(chunk)
                yield chunk
        held = numpy.frombuffer(self._held, numpy.uint64)
        for start in range(0, len(held), _READ):
            yield held[start : start + _READ]

    def _repeated_of_many(self) -> Repeated | None:
        """Sorts the keys part by part, by their highest bits, so that memory is bounded."""
        import numpy

        bits = max(0, (len(self) // _SORTED).bit_length())
        count = 0
        twice: list[numpy.ndarray[Any, Any]] = []
        for part in range(1 << bits):
            chunks = self._chunks() if not bits else (each[each >> (64 - bits) == part] for each in self._chunks())
            keys = numpy.concatenate(list(chunks))
            keys.sort()
            again = keys[1:][keys[1:] == keys[:-1]]
            count += len(again)
            if sum(map(len, twice)) < _MOST_REPEATED:
                twice.append(numpy.unique(again)[:_MOST_REPEATED])
        if not count:
            return None
        return Repeated(count, *self._first_of(numpy.concatenate(twice)))

    def _first_of(self, twice: numpy.ndarray[Any, Any]) -> tuple[int, int]:
        """The first record whose key is one of these and was there before, and the record before."""
        import numpy

        seen: dict[int, int] = {}
        before = 0
        for chunk in self._chunks():
            for place in numpy.flatnonzero(numpy.isin(chunk, twice)).tolist():
                key = int(chunk[place])
                if key in seen:
                    return before + place, seen[key]
                seen[key] = before + place
            before += len(chunk)
        raise AssertionError("a key that comes twice is there twice")


def _repeated_of_few(keys: array[int]) -> Repeated | None:
    again = len(keys) - len(set(keys))
    if not again:
        return None
    seen: dict[int, int] = {}
    for record, key in enumerate(keys):
        if key in seen:
            return Repeated(again, record, seen[key])
        seen[key] = record
    raise AssertionError("a key that comes twice is there twice")
