"""BCF 2.1 and 2.2: VCF in binary form. The encoding is judged here, what it says by the judge of VCF (VCFv4.5, 6)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from catalog.findings import Place, Rule
from catalog.formats.bcf.dictionary import Dictionary
from catalog.formats.bcf.record import RecordReader
from catalog.formats.bcf.rules import (
    BCF_RULES,
    HEADER_END,
    LENGTH,
    MAGIC,
    NOT_BGZF,
    SHARED_RULES,
    TRUNCATED,
    VERSION,
)
from catalog.formats.bcf.stream import LARGEST_BYTES, RecordStream
from catalog.formats.bcf.typed import Unreadable
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.formats.vcf.header import Header
from catalog.formats.vcf.judge import VcfJudge
from catalog.formats.vcf.listener import ListenerFactory
from catalog.model import Tier

if TYPE_CHECKING:
    from catalog.formats.bcf.fast import FastRecords

_BCF1 = b"BCF\x04"
_BCF2 = b"BCF\x02"
_SITE_COLUMNS = 8
_FIRST_WITH_ENDS = 2


class BcfFormat:
    """The binary form of the Variant Call Format."""

    name = "bcf"
    title = "binary Variant Call Format (BCF)"
    mediatype = "application/octet-stream"
    edam = "EDAM:format_3020"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (*BCF_RULES, *SHARED_RULES)

    def __init__(self, listener: ListenerFactory | None = None) -> None:
        """A format whose records somebody else sees as well.

        Args:
            listener: makes who wants the records at some positions.
        """
        self._listener = listener

    def sniff(self, head: Head) -> int:
        """Sure of the magic of BCF1 and BCF2; by name, so that a broken file is judged as BCF."""
        if head.text.startswith((_BCF1, _BCF2)):
            return SURE
        return BY_NAME if head.has_suffix(".bcf") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads a file once; facts: those of VCF and ``bcf_version``.

        The evidence is that of VCF, with ``contigs`` (name to length or None) in the order of their numbers, and
        ``records_per_contig`` (name to number).
        """
        if reading.source.container != "bgzf":
            reading.find(NOT_BGZF.at(expected="BGZF", got=reading.source.container))
        reader = _Reader(reading, self._listener)
        if not reader.read_magic():
            return {}
        reader.read_header()
        reader.read_records()
        return reader.finish()


class _Reader:
    """Reads one file from its first byte to its last."""

    def __init__(self, reading: Reading, listener: ListenerFactory | None) -> None:
        self._reading = reading
        self._cursor = Cursor(reading.source)
        self._judge = VcfJudge(reading, listener(reading.declared) if listener else None)
        self._dictionary = Dictionary(reading.find)
        self._minor = 0
        self._is_whole = False

    def read_magic(self) -> bool:
        """The first five bytes; false when the rest is not to be read."""
        magic = self._cursor.take(5)
        if magic.startswith(_BCF2) and magic[4:] in (b"\x01", b"\x02"):
            self._minor = magic[4]
            return True
        place = Place(offset=0)
        if magic.startswith(_BCF1):
            self._reading.find(VERSION.at(place, expected="BCF 2.1 or 2.2", got=magic[:4], version="BCF1"))
        elif magic.startswith(b"BCF") and len(magic) > 4:
            version = f"BCF {magic[3]}.{magic[4]}"
            self._reading.find(VERSION.at(place, expected="BCF 2.1 or 2.2", got=version, version=version))
        else:
            self._reading.find(MAGIC.at(place, expected="BCF", got=magic))
        return False

    def read_header(self) -> None:
        """The text of the header, judged as the header of a VCF."""
        stored = self._cursor.take(4)
        size = int.from_bytes(stored, "little")
        if size > LARGEST_BYTES:
            expected = f"at most {LARGEST_BYTES} bytes"
            self._reading.find(LENGTH.at(Place(offset=5), expected=expected, got=size, part="the header"))
            return
        text = b"".join(self._cursor.pieces(size))
        if len(stored) < 4 or len(text) < size:
            if not self._reading.source.findings:
                place = Place(offset=self._cursor.offset)
                self._reading.find(TRUNCATED.at(place, expected="the rest of the header", part="the header"))
            return
        lines = text.partition(b"\0")[0].rstrip(b"\n").split(b"\n")
        is_ended = text.endswith(b"\0") and not text[text.find(b"\0") :].strip(b"\0")
        for number, line in enumerate(lines, start=1):
            if self._judge.header is not None or _is_record(line):
                is_ended = False
                break
            self._judge.take(number, line)
            self._dictionary.take(number, line)
        if not is_ended:
            place = Place(offset=self._cursor.offset - 1)
            self._reading.find(HEADER_END.at(place, expected="#CHROM ..., then NUL", got=text[-60:]))

    def read_records(self) -> None:
        """Every record; one that cannot be read costs itself only, as long as its length is right."""
        header = self._judge.header
        if header is None:
            return
        reader = RecordReader(header, self._dictionary, self._reading.find, has_ends=self._minor >= _FIRST_WITH_ENDS)
        sites = replace(header, columns=_SITE_COLUMNS, samples=())
        stream = RecordStream(self._cursor, self._reading)
        fast = self._fast_path(header)
        while True:
            if fast is not None:
                fast.pass_over(stream)
            place, taken = stream.place, stream.take()
            if taken is None:
                break
            try:
                line = reader.read(*taken, place)
            except Unreadable as unreadable:
                self._reading.find(unreadable.finding)
                line = b""
            if line:
                self._judge.header = header if reader.has_samples else sites
                self._judge.take_record(line, place)
                self._judge.header = header
        self._is_whole = stream.is_whole

    def _fast_path(self, header: Header) -> FastRecords | None:
        """The compiled path, where the file is large and of the common kind."""
        if not self._reading.is_fast or self._minor < _FIRST_WITH_ENDS or not self._dictionary.is_dense:
            return None
        from catalog.formats.bcf.fast import FastRecords

        return FastRecords(header, self._dictionary, self._judge)

    def finish(self) -> Facts:
        """The checks of the whole file, its evidence and facts."""
        facts = self._judge.finish(with_text=False)
        evidence, names = self._reading.evidence, self._dictionary.contigs
        if not self._is_whole:
            evidence.pop("records_per_contig", None)
        # A dictionary with gaps says nothing about the number of references in an index.
        if self._is_whole and len(names) == max(names, default=-1) + 1:
            lengths = self._dictionary.lengths
            evidence["contigs"] = {
                names[number].decode("utf-8", "replace"): lengths.get(names[number]) for number in sorted(names)
            }
        else:
            evidence.pop("contigs", None)
        return {**facts, "bcf_version": f"2.{self._minor}"}


def _is_record(line: bytes) -> bool:
    """Whether the judge of VCF would take a line of the header for a record."""
    return not line.startswith(b"#") and line.count(b"\t") >= _SITE_COLUMNS - 1


BCF = BcfFormat()
