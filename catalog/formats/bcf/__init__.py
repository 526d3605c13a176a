"""BCF 2.1 and 2.2: VCF in binary form. The encoding is judged here, what it says by the judge of VCF (VCFv4.5, 6)."""

from __future__ import annotations

from dataclasses import replace

from catalog.findings import Place, Rule
from catalog.formats.bcf.dictionary import Dictionary
from catalog.formats.bcf.record import FIXED, RecordReader
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
from catalog.formats.bcf.typed import Unreadable
from catalog.formats.cursor import Cursor
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.formats.vcf.judge import VcfJudge
from catalog.model import Tier

_BCF1 = b"BCF\x04"
_BCF2 = b"BCF\x02"
_LARGEST_BYTES = 64 << 20
_SITE_COLUMNS = 8


class BcfFormat:
    """The binary form of the Variant Call Format."""

    name = "bcf"
    title = "binary Variant Call Format (BCF)"
    mediatype = "application/octet-stream"
    edam = "EDAM:format_3020"
    floor = Tier.CONTROLLED
    rules: tuple[Rule, ...] = (*BCF_RULES, *SHARED_RULES)

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
        reader = _Reader(reading)
        if not reader.read_magic():
            return {}
        reader.read_header()
        reader.read_records()
        return reader.finish()


class _Reader:
    """Reads one file from its first byte to its last."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._cursor = Cursor(reading.source)
        self._judge = VcfJudge(reading)
        self._dictionary = Dictionary(reading.find)
        self._minor = 0
        self._records: dict[bytes, int] = {}
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
        if size > _LARGEST_BYTES:
            expected = f"at most {_LARGEST_BYTES} bytes"
            self._reading.find(LENGTH.at(Place(offset=5), expected=expected, got=size, part="the header"))
            return
        text = b"".join(self._cursor.pieces(size))
        if len(stored) < 4 or len(text) < size:
            self._cut("the header")
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
        reader = RecordReader(header, self._dictionary, self._reading.find, has_ends=self._minor > 1)
        columns = {True: header, False: replace(header, columns=_SITE_COLUMNS, samples=())}
        number = 0
        while not self._cursor.ended:
            number += 1
            place = Place(record=number, offset=self._cursor.offset)
            sizes = self._cursor.take(8)
            shared, individual = int.from_bytes(sizes[:4], "little"), int.from_bytes(sizes[4:], "little")
            if len(sizes) == 8 and not FIXED.size <= shared <= _LARGEST_BYTES - individual:
                expected = f"at least {FIXED.size} shared bytes, at most {_LARGEST_BYTES} in all"
                got = f"{shared} and {individual}"
                self._reading.find(LENGTH.at(place, expected=expected, got=got, part="the record"))
                return
            content = b"".join(self._cursor.pieces(shared + individual))
            if len(sizes) < 8 or len(content) < shared + individual:
                self._cut("a record", number)
                return
            try:
                line = reader.read(content, shared, place)
            except Unreadable as unreadable:
                self._reading.find(unreadable.finding)
                line = b""
            if line:
                self._judge.header = columns[reader.has_samples]
                self._judge.take_record(line, place)
            self._records[reader.contig] = self._records.get(reader.contig, 0) + 1
        self._judge.header = header
        self._is_whole = not self._reading.source.findings

    def _cut(self, part: str, record: int | None = None) -> None:
        """The file ends too early; where the container was cut, it has said so."""
        if not self._reading.source.findings:
            place = Place(record=record, offset=self._cursor.offset)
            self._reading.find(TRUNCATED.at(place, expected=f"the rest of {part}", part=part))

    def finish(self) -> Facts:
        """The checks of the whole file, its evidence and facts.

        A dictionary with gaps says nothing about the number of references in an index.
        """
        facts = self._judge.finish(with_text=False)
        evidence, names = self._reading.evidence, self._dictionary.contigs
        evidence.pop("contigs", None)
        if self._is_whole:
            if len(names) == max(names, default=-1) + 1:
                lengths = self._dictionary.lengths
                evidence["contigs"] = {
                    names[number].decode("latin-1"): lengths.get(names[number]) for number in sorted(names)
                }
            evidence["records_per_contig"] = {
                name.decode("latin-1"): count for name, count in self._records.items() if name
            }
        return {**facts, "bcf_version": f"2.{self._minor}"}


def _is_record(line: bytes) -> bool:
    """Whether the judge of VCF would take a line of the header for a record."""
    return not line.startswith(b"#") and line.count(b"\t") >= _SITE_COLUMNS - 1


BCF = BcfFormat()
