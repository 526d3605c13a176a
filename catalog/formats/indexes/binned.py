"""Indexes of block-compressed files by bins: BAI (SAMv1, 5.2), TBI (tabix) and CSI (CSIv1)."""

from __future__ import annotations

import struct

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.cursor import Cursor
from catalog.formats.indexes.binning import AGAIN, BinningReader, BinningRules, Scheme, Stopped, forbidden
from catalog.formats.indexes.evidence import INDEX, IndexContent
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading, as_facts
from catalog.model import Tier

_BAI = BinningRules("bai", "SAMv1, 5.2 (BAI)", has_offsets=False)
_TBI = BinningRules("tbi", "Tabix index file format", has_offsets=False)
_CSI = BinningRules("csi", "CSIv1", has_offsets=True)

BAI_COMPRESSED = forbidden(
    "bai-compressed",
    "the index is compressed",
    "decompress it (bgzip -d): a BAI index is stored as it is",
    "SAMv1, 5.2: the file starts with its magic",
    "Programs look for the magic in the first bytes of the file.",
)
TBI_NOT_BGZF = forbidden(
    "tbi-not-bgzf",
    "the index is not compressed with BGZF",
    AGAIN,
    "Tabix index file format: the index file is BGZF compressed",
)
TBI_FORMAT = forbidden(
    "tbi-format",
    "the kind of the indexed file is none that tabix knows",
    AGAIN,
    "Tabix index file format: format is 0 (generic), 1 (SAM) or 2 (VCF), with 0x10000 for zero-based positions",
)
TBI_COLUMNS = forbidden(
    "tbi-columns",
    "{column} of the indexed file cannot be right",
    AGAIN,
    "Tabix index file format: col_seq, col_beg, col_end, meta and skip",
)
TBI_NAMES = forbidden(
    "tbi-names",
    "the names of the references are not as they must be",
    AGAIN,
    "Tabix index file format: names are zero terminated, one for each sequence",
    "Programs find a reference by its name.",
)
CSI_NOT_BGZF = Rule(
    "csi-not-bgzf",
    Severity.WARNING,
    Level.BANK,
    "the index is not compressed with BGZF",
    AGAIN,
    "fairline; CSIv1 says nothing, every program writes it with BGZF",
)
CSI_NAMES = forbidden(
    "csi-names",
    "the names of the references are not as they must be",
    AGAIN,
    "Tabix index file format (names), as htslib keeps it in the auxiliary data of CSI",
    "Programs find a reference by its name.",
)
CSI_SCHEME = forbidden(
    "csi-scheme",
    "the sizes of the bins cannot be right",
    AGAIN,
    "CSIv1: bits of the minimal interval and depth; bin numbers have 32 bits",
)

_HEADER = struct.Struct("<7i")
_KINDS = frozenset([0, 1, 2])
_ZERO_BASED = 0x10000
_VCF = 2
_OF_VCF = {"col_seq": 1, "col_beg": 2, "meta": ord("#")}
_LAST_CHARACTER = 0xFF
#: SAMv1, 5.1.1: BAI does not support sequences that are longer than this.
_LONGEST_IN_BAI = (1 << 29) - 1
_DEEPEST = 10
_LONGEST_BITS = 62


class _BinnedIndex:
    """What the three kinds have in common.

    Attributes:
        name: of the format.
    """

    mediatype = "application/octet-stream"
    floor = Tier.CONTROLLED
    name = ""
    magic = b""
    binning = _BAI

    def sniff(self, head: Head) -> int:
        """Sure of the magic; by name, so that a broken index is judged as one."""
        if head.text.startswith(self.magic):
            return SURE
        return BY_NAME if head.has_suffix(f".{self.name}") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads an index once.

        Facts: references, bins, chunks, mapped and unmapped (sums over the references, where the index counts),
        unplaced (records without coordinate), and of a text file's index its columns; the evidence ``index`` is an
        :class:`~catalog.formats.indexes.evidence.IndexContent`.
        """
        cursor = Cursor(reading.source)
        content = IndexContent(kind=self.name)
        reader = BinningReader(cursor, reading, self.binning, content)
        try:
            if cursor.take(len(self.magic)) != self.magic:
                place = Place(offset=0)
                raise Stopped(self.binning.magic.at(place, expected=self.magic, got=reading.source.head_raw[:4]))
            reader.references(self._header(reader, content, reading))
            reading.evidence[INDEX] = content
        except Stopped as stopped:
            if not reading.source.findings:
                reading.find(stopped.finding)
        return _facts(content, reader)

    def _header(self, reader: BinningReader, content: IndexContent, reading: Reading) -> Scheme:
        raise NotImplementedError


class BaiFormat(_BinnedIndex):
    """The index of BAM files."""

    name = "bai"
    title = "BAM index (BAI)"
    edam = "EDAM:format_3327"
    magic = b"BAI\x01"
    binning = _BAI
    rules: tuple[Rule, ...] = (*_BAI.all, BAI_COMPRESSED)

    def _header(self, reader: BinningReader, content: IndexContent, reading: Reading) -> Scheme:
        if reading.source.container != "plain":
            reading.find(BAI_COMPRESSED.at(Place(offset=0), expected="BAI", got=reading.source.container))
        content.count = reader.count_of("references")
        content.longest = _LONGEST_IN_BAI
        return Scheme()


class TbiFormat(_BinnedIndex):
    """The index of tab-delimited files by tabix."""

    name = "tbi"
    title = "tabix index (TBI)"
    edam = "EDAM:format_3700"
    magic = b"TBI\x01"
    binning = _TBI
    rules: tuple[Rule, ...] = (*_TBI.all, TBI_NOT_BGZF, TBI_FORMAT, TBI_COLUMNS, TBI_NAMES)

    def _header(self, reader: BinningReader, content: IndexContent, reading: Reading) -> Scheme:
        if reading.source.container != "bgzf":
            reading.find(TBI_NOT_BGZF.at(Place(offset=0), expected="BGZF", got=reading.source.container))
        content.count = reader.count_of("references")
        header = reader.take(_HEADER.size, "the header")
        _judge_columns(header, reading)
        content.preset = int.from_bytes(header[:4], "little") & ~_ZERO_BASED
        size = int.from_bytes(header[-4:], "little", signed=True)
        if size < 0:
            raise Stopped(_TBI.count.at(Place(offset=32), expected="0 or more", got=size, part="bytes of names"))
        content.names = _names(reader.text(size, "the names"), content.count, reading, TBI_NAMES)
        return Scheme()


class CsiFormat(_BinnedIndex):
    """The index of block-compressed files with sequences of any length."""

    name = "csi"
    title = "coordinate-sorted index (CSI)"
    edam = None
    magic = b"CSI\x01"
    binning = _CSI
    rules: tuple[Rule, ...] = (*_CSI.all, CSI_NOT_BGZF, CSI_SCHEME, CSI_NAMES)

    def _header(self, reader: BinningReader, content: IndexContent, reading: Reading) -> Scheme:
        if reading.source.container != "bgzf":
            reading.find(CSI_NOT_BGZF.at(Place(offset=0), expected="BGZF", got=reading.source.container))
        bits, depth = reader.number("the header"), reader.number("the header")
        if bits < 0 or not 0 <= depth <= _DEEPEST or bits + 3 * depth > _LONGEST_BITS:
            expected = f"bits from 0 and depth 0 to {_DEEPEST}, together at most {_LONGEST_BITS} bits"
            raise Stopped(CSI_SCHEME.at(Place(offset=4), expected=expected, got=f"{bits} bits, depth {depth}"))
        size = reader.count_of("auxiliary bytes")
        auxiliary = reader.text(size, "the auxiliary data")
        content.count = reader.count_of("references")
        names = auxiliary[_HEADER.size :]
        if len(auxiliary) >= _HEADER.size:
            # The content is free; of text files the programs put the header of tabix here.
            kind, *_, size = _HEADER.unpack_from(auxiliary)
            if kind & ~_ZERO_BASED in _KINDS and size == len(names):
                content.preset = kind & ~_ZERO_BASED
                content.names = _names(names, content.count, reading, CSI_NAMES)
        content.longest = 1 << bits + 3 * depth
        return Scheme(minimal_bits=bits, depth=depth)


def _names(names: bytes, count: int, reading: Reading, rule: Rule) -> tuple[str, ...] | None:
    """The names of the references; None, and a finding, when they are not one for each."""
    each = names[:-1].split(b"\0") if names else []
    if len(each) == count == len(set(each)) and b"" not in each and names[-1:] in (b"\0", b""):
        return tuple(name.decode("utf-8", "backslashreplace") for name in each)
    expected = f"{count} different names, each ended by NUL"
    reading.find(rule.at(Place(column="names"), expected=expected, got=names[-200:]))
    return None


def _judge_columns(header: bytes, reading: Reading) -> None:
    kind, sequence, begin, end, meta, skip, _ = _HEADER.unpack(header)
    kind &= ~_ZERO_BASED
    if kind not in _KINDS:
        reading.find(TBI_FORMAT.at(Place(offset=8), expected="0, 1 or 2", got=_HEADER.unpack(header)[0]))
    for offset, column, value, lowest in (
        (12, "col_seq", sequence, 1),
        (16, "col_beg", begin, 1),
        (20, "col_end", end, 0),
        (24, "meta", meta, 0),
        (28, "skip", skip, 0),
    ):
        place = Place(offset=offset, column=column)
        exact = _OF_VCF.get(column, value) if kind == _VCF else value
        if value != exact:
            reading.find(TBI_COLUMNS.at(place, expected=f"{exact} for VCF", got=value, column=column))
        elif value < lowest:
            reading.find(TBI_COLUMNS.at(place, expected=f"{lowest} or more", got=value, column=column))
        elif column == "meta" and value > _LAST_CHARACTER:
            reading.find(TBI_COLUMNS.at(place, expected="a character", got=value, column=column))


def _facts(content: IndexContent, reader: BinningReader) -> Facts:
    counted = [each for each in (content.references or {}).values() if each.mapped is not None]
    return as_facts(
        {
            "references": content.count,
            "bins": reader.bins,
            "chunks": reader.chunks,
            "mapped": sum(each.mapped or 0 for each in counted) if counted else None,
            "unmapped": sum(each.unmapped or 0 for each in counted) if counted else None,
            "unplaced": content.unplaced,
        }
    )


BAI = BaiFormat()
TBI = TbiFormat()
CSI = CsiFormat()
