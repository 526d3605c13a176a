"""The compiled path of BCF: records become lines of VCF, many at once, and go the compiled path of VCF.

Records of which anything is to be said, about their encoding or by the judge of VCF, are left to the plain path.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from catalog.formats.bcf.dictionary import Dictionary
from catalog.formats.bcf.stream import LENGTHS_BYTES, RecordStream
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.judge import VcfJudge
from catalog.kernels import bcf, bcf_state

_BLOCK_BYTES = 1 << 20
#: Room for lines; a block that does not fit goes in several.
_OUT_BYTES = 2 << 20
_MOST_RECORDS = 1 << 16
#: The compiled functions may read this far behind the last byte.
_MARGIN_BYTES = 64
_KINDS = {
    b"Integer": bcf_state.INTEGER,
    b"Float": bcf_state.FLOAT,
    b"String": bcf_state.TEXT,
    b"Character": bcf_state.TEXT,
    b"Flag": bcf_state.FLAG,
}


class FastRecords:
    """Passes over records of which nothing is to be said."""

    def __init__(self, header: Header, dictionary: Dictionary, judge: VcfJudge) -> None:
        """Makes the tables of one file.

        Args:
            header: what the header declares.
            dictionary: the names by number; it must be dense.
            judge: the judge of VCF, at the first record.
        """
        self._judge = judge
        self._kept: list[numpy.ndarray] = []
        self._state = self._table(bcf_state.SIZE)
        names, contigs = dictionary.strings, dictionary.contigs
        self._put_names(names, bcf_state.STRINGS)
        self._put_names(contigs, bcf_state.CONTIGS)
        formats = {
            name: bcf_state.GENOTYPE if name == b"GT" else _KINDS.get(each.kind, bcf_state.NOT_DECLARED)
            for name, each in header.declarations.format.items()
            if b":" not in name and each.kind != b"Flag"
        }
        infos = {name: _KINDS.get(each.kind, 0) for name, each in header.declarations.info.items()}
        self._state[bcf_state.INFO_KINDS] = self._put_kinds(names, infos)
        self._state[bcf_state.FORMAT_KINDS] = self._put_kinds(names, formats)
        self._state[bcf_state.FILTER_KINDS] = self._put_kinds(names, dict.fromkeys(dictionary.filters, bcf_state.TEXT))
        self._state[bcf_state.SAMPLES] = len(header.samples)
        self._state[bcf_state.MINOR] = header.minor
        self._state[bcf_state.END_KEY] = next((number for number, name in names.items() if name == b"END"), -1)
        self._state[bcf_state.LONGEST_NAME] = max(map(len, [*names.values(), *contigs.values()]), default=0)
        self._state[bcf_state.FIELDS] = self._table(4 * bcf_state.MOST_FIELDS).ctypes.data
        self._places = self._table(_MOST_RECORDS)
        self._state[bcf_state.PLACES] = self._places.ctypes.data
        self._state[bcf_state.MOST_RECORDS] = _MOST_RECORDS
        self._out = numpy.zeros(_OUT_BYTES + _MARGIN_BYTES, numpy.uint8)
        self._state[bcf_state.OUT_END] = self._out.ctypes.data + _OUT_BYTES
        self._held = b""
        self._block = numpy.zeros(_MARGIN_BYTES, numpy.uint8)
        self._lines = b""
        self._line_at = 0
        self._line = 0
        self._written = 0

    def _table(self, size: int) -> numpy.ndarray:
        table = numpy.zeros(max(1, size), numpy.int64)
        self._kept.append(table)
        return table

    def _put_names(self, names: Mapping[int, bytes], place: int) -> None:
        """The table of one dictionary: how many numbers there are, their names, and where each begins and its size."""
        size = max(names, default=-1) + 1
        starts, sizes = self._table(size), self._table(size)
        sizes[:] = -1
        text = b"".join(names.values())
        at = 0
        for number, name in names.items():
            starts[number], sizes[number] = at, len(name)
            at += len(name)
        stored = numpy.frombuffer(text + bytes(_MARGIN_BYTES), numpy.uint8)
        self._kept.append(stored)
        self._state[place : place + 4] = size, stored.ctypes.data, starts.ctypes.data, sizes.ctypes.data

    def _put_kinds(self, names: Mapping[int, bytes], kinds: Mapping[bytes, int]) -> int:
        table = numpy.zeros(max(names, default=0) + 1, numpy.uint8)
        for number, name in names.items():
            table[number] = kinds.get(name, bcf_state.NOT_DECLARED)
        self._kept.append(table)
        return int(table.ctypes.data)

    def pass_over(self, stream: RecordStream) -> None:
        """Passes over records up to the first that needs the plain path, or to the end."""
        while self._judge_written(stream):
            number = self._write(stream)
            if not number and _is_cut(stream):
                stream.fill(_BLOCK_BYTES)
                number = self._write(stream)
            if not number:
                return

    def _write(self, stream: RecordStream) -> int:
        """Writes the next records as lines; how many there are."""
        if self._held is not stream.held:
            self._held = stream.held
            self._block = numpy.frombuffer(self._held + bytes(_MARGIN_BYTES), numpy.uint8)
        begin, out = int(self._block.ctypes.data), int(self._out.ctypes.data)
        state = self._state.ctypes.data
        self._written = bcf.put_records(state, begin + stream.at, begin + len(self._held), out)
        self._lines = self._out[: int(self._state[bcf_state.WRITTEN]) - out].tobytes()
        self._line_at = self._line = 0
        return self._written

    def _judge_written(self, stream: RecordStream) -> bool:
        """Gives the lines that are written to the judge of VCF; false when it has something to say about one."""
        if self._line < self._written:
            number = stream.number + 1
            self._line_at, after = self._judge.take_clean(self._lines, self._line_at, number)
            self._line += after - number
            stream.number += after - number
        if self._line == self._written:
            if self._written:
                stream.at = int(self._state[bcf_state.DONE]) - int(self._block.ctypes.data)
            self._written = self._line = 0
            return True
        # The plain path takes this one; its line is passed over.
        stream.at = int(self._places[self._line]) - int(self._block.ctypes.data)
        self._line_at = self._lines.index(b"\n", self._line_at) + 1
        self._line += 1
        return False


def _is_cut(stream: RecordStream) -> bool:
    """Whether the next record is not whole among the bytes that are held."""
    sizes = stream.sizes()
    return sizes is None or stream.at + LENGTHS_BYTES + sum(sizes) > len(stream.held)
