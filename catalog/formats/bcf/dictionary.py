"""The dictionaries of BCF: the numbers by which records name keys, filters and contigs (VCFv4.5, 6.2.1 and 6.2.2)."""

from __future__ import annotations

import re
from collections.abc import Callable

from catalog.findings import Finding, Place
from catalog.formats.bcf.rules import INDEX, INDEX_MISSING

_LINE = re.compile(rb"##(FILTER|INFO|FORMAT|contig)=<(.*)>")
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_ID = re.compile(rb"(?:\A|,)ID=([^,]*)")
_IDX = re.compile(rb"(?:\A|,)IDX=([^,]*)")
_LENGTH = re.compile(rb"(?:\A|,)length=([0-9]{1,10})(?=,|\Z)")
_NUMBER = re.compile(rb"[0-9]{1,10}")
#: What no line of VCF can hold in a name.
_UNFIT = re.compile(rb"[\x00-\x1f;=]")
_PASS = b"PASS"
_MOST_ENTRIES = 1 << 20
#: Records name contigs by 32 bits, and keys by integers of at most as many.
_HIGHEST = (1 << 31) - 1


class Dictionary:
    """Names by number, made from the lines of the header.

    Attributes:
        strings: keys of INFO and FORMAT and filters; PASS is number 0.
        filters: those of the strings that FILTER lines define, and PASS.
        contigs: names of reference sequences.
        lengths: bases of those that have a length.
    """

    def __init__(self, find: Callable[[Finding], None]) -> None:
        self.strings: dict[int, bytes] = {0: _PASS}
        self.filters = {_PASS}
        self.contigs: dict[int, bytes] = {}
        self.lengths: dict[bytes, int] = {}
        self._numbers: tuple[dict[bytes, int], dict[bytes, int]] = ({_PASS: 0}, {})
        self._find = find
        self._has_index = False
        self._first_without: Finding | None = None

    @property
    def is_dense(self) -> bool:
        """Whether the numbers are those of a table that fits into memory."""
        return max(0, *self.strings, *self.contigs) < _MOST_ENTRIES

    def take(self, number: int, line: bytes) -> None:
        """Takes the next line of the header in; lines that define no entry are passed over."""
        found = _LINE.fullmatch(line)
        if found is None:
            return
        kind, fields = found[1], _QUOTED.sub(b"", found[2])
        name = _ID.search(fields)
        if name is None or not name[1]:
            return
        if kind == b"FILTER":
            self.filters.add(_UNFIT.sub(b"_", name[1]))
        if kind == b"contig" and (length := _LENGTH.search(fields)) is not None:
            self.lengths.setdefault(name[1], int(length[1]))
        index = _IDX.search(fields)
        place = Place(line=number, column=f"{kind.decode()}/IDX")
        if index is None:
            if self._has_index or self._first_without is None:
                without = INDEX_MISSING.at(place, expected="IDX=...", got=line, kind=kind)
                if self._has_index:
                    self._find(without)
                self._first_without = without
            self._define(kind, name[1], None, place)
            return
        if self._first_without is not None and not self._has_index:
            self._find(self._first_without)
        self._has_index = True
        if not _NUMBER.fullmatch(index[1]) or int(index[1]) > _HIGHEST:
            self._find(INDEX.at(place, expected=f"a whole number up to {_HIGHEST}", got=index[1], kind=kind))
            return
        self._define(kind, name[1], int(index[1]), place)

    def _define(self, kind: bytes, name: bytes, index: int | None, place: Place) -> None:
        """Adds an entry; the same string of INFO, FORMAT and FILTER is one entry."""
        of_contig = kind == b"contig"
        name = _UNFIT.sub(b"_", name)
        names, numbers = self.contigs if of_contig else self.strings, self._numbers[of_contig]
        known = numbers.get(name)
        if index is None:
            if known is None:
                known = len(names)
                while known in names:
                    known += 1
                names[known] = name
                numbers[name] = known
            return
        if known is not None and known != index:
            self._find(INDEX.at(place, expected="the same IDX for the same ID", got=f"{index}, not {known}", kind=kind))
            return
        if names.get(index, name) != name:
            got = f"{index}, the IDX of {names[index].decode('utf-8', 'replace')}"
            self._find(INDEX.at(place, expected="another IDX for another ID", got=got, kind=kind))
            return
        names[index] = name
        numbers[name] = index
