"""Finding the first repetition among many keys in bounded memory."""

from __future__ import annotations

from array import array

#: 64 MB of keys; a later sort takes as much again.
_MOST_KEYS = 8_000_000
#: From here on numpy sorts faster than it is loaded.
_MANY_KEYS = 100_000
_MASK = (1 << 64) - 1


class Repeats:
    """Keys of 64 bits in the order of their records.

    Attributes:
        unseen: whether there were too many keys, so that later ones were not taken.
        keys: an array that may be written to in place of :meth:`take`.
    """

    def __init__(self) -> None:
        self.keys = array("Q")
        self.unseen = False

    @property
    def room(self) -> int:
        """How many further keys are taken."""
        return _MOST_KEYS - len(self.keys)

    def take(self, key: int) -> None:
        """The key of the next record."""
        if len(self.keys) < _MOST_KEYS:
            self.keys.append(key & _MASK)
        else:
            self.unseen = True

    def take_text(self, text: str) -> None:
        """The name of the next record; two names have one key once in 10^19."""
        self.take(hash(text))

    def first(self) -> int | None:
        """The first record, from 1, whose key an earlier one has; None when all differ."""
        if len(self.keys) < _MANY_KEYS:
            seen: set[int] = set()
            for number, key in enumerate(self.keys, 1):
                if key in seen:
                    return number
                seen.add(key)
            return None
        import numpy

        keys = numpy.frombuffer(self.keys, numpy.uint64)
        order = numpy.argsort(keys, kind="stable")
        repeated = order[1:][keys[order[1:]] == keys[order[:-1]]]
        return int(repeated.min()) + 1 if len(repeated) else None
