"""One record of BCF after the other, read into lines of VCF (VCFv4.5, 6.3)."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from catalog.findings import Finding, Place, show
from catalog.formats.bcf.dictionary import Dictionary
from catalog.formats.bcf.genotypes import SampleReader
from catalog.formats.bcf.reach import Reach
from catalog.formats.bcf.rules import ALLELES, CONTIG, FLAG, KEY, LENGTH, REACH, RESERVED, SAMPLES, TYPE, VALUE_TYPE
from catalog.formats.bcf.typed import (
    INTEGERS,
    TEXT,
    TYPE_NAMES,
    Number,
    Part,
    TextCheck,
    fits,
    shown,
    vector,
)
from catalog.formats.vcf.header import Header

#: CHROM to n_sample and n_fmt.
FIXED = struct.Struct("<3iIHHI")
_LENGTHS_BYTES = 8
_MISSING_QUALITY = 0x7F800001
_RESERVED_QUALITIES = range(0x7F800002, 0x7F800008)
_CONTROLS = r"\x00-\x1f"
_FLAG = b"Flag"


class RecordReader:
    """Reads the records of one file.

    Attributes:
        has_samples: whether the last line has columns for samples; they are left out where they would say nothing.
    """

    def __init__(
        self, header: Header, dictionary: Dictionary, find: Callable[[Finding], None], *, has_ends: bool
    ) -> None:
        """Makes ready for the first record.

        Args:
            header: what the header declares.
            dictionary: the names by number.
            find: takes findings.
            has_ends: whether END_OF_VECTOR and the reserved values are known: from BCF 2.2 on.
        """
        self.has_samples = False
        self._header = header
        self._dictionary = dictionary
        self._find = find
        self._has_ends = has_ends
        self._samples = SampleReader(header, dictionary, find)
        self._names = TextCheck(_CONTROLS, find)
        self._bases = TextCheck(f"{_CONTROLS},", find)
        self._texts = TextCheck(f"{_CONTROLS};", find)
        self._keys: dict[int, tuple[str, str, bytes]] = {}
        self._end: int | None = None
        self._lengths: Sequence[int | None] = ()

    def read(self, content: bytes, shared_bytes: int, place: Place) -> bytes:
        """Reads one record.

        Args:
            content: the record from CHROM on.
            shared_bytes: how many bytes of it all samples share.
            place: its number, and where its lengths stand in the decompressed stream.

        Returns:
            The record as a line of VCF without line end; nothing when it can be none.

        Raises:
            Unreadable: it cannot be read to its end.
        """
        record, offset = place.record or 0, (place.offset or 0) + _LENGTHS_BYTES
        part = Part(content[:shared_bytes], record, offset, has_ends=self._has_ends)
        chrom, start, reach, quality, infos, alleles, rest = FIXED.unpack(part.take(FIXED.size, "CHROM"))
        sample_count, keys = rest & 0xFFFFFF, rest >> 24
        contig = self._dictionary.contigs.get(chrom)
        if contig is None:
            expected = f"a number below {len(self._dictionary.contigs)}"
            self._find(CONTIG.at(part.place("CHROM", 0), expected=expected, got=chrom))
        began = part.at
        columns = [
            (contig or b"").decode("latin-1"),
            str(start + 1),
            self._names.field(part.text("ID"), part, "ID", began),
        ]
        bases = self._alleles(part, alleles)
        columns += [bases[0], ",".join(bases[1:]) or ".", self._quality(part, quality), self._filters(part)]
        columns.append(self._infos(part, infos))
        _check_end(part, "INFO")
        genotypes = Part(content[shared_bytes:], record, offset + shared_bytes, has_ends=self._has_ends)
        columns += self._genotypes(genotypes, sample_count, keys)
        if not alleles or contig is None:
            return b""
        self._check_reach(part, start, reach, bases)
        return "\t".join(columns).encode("latin-1")

    def _alleles(self, part: Part, count: int) -> list[str]:
        """REF and the ALT alleles."""
        if not count:
            self._find(ALLELES.at(part.place("REF", 18), expected="REF", got="no allele"))
            return ["."]
        found = []
        for number in range(count):
            column, began = "ALT" if number else "REF", part.at
            found.append(self._bases.field(part.text(column), part, column, began))
        return found

    def _quality(self, part: Part, code: int) -> str:
        if code == _MISSING_QUALITY:
            return "."
        if code in _RESERVED_QUALITIES:
            self._find(RESERVED.at(part.place("QUAL", 12), expected="a quality", got=f"0x{code:08X}", part="QUAL"))
            return "."
        return shown(struct.unpack("<f", struct.pack("<I", code))[0])

    def _filters(self, part: Part) -> str:
        began = part.at
        kind, count = part.descriptor("FILTER")
        raw = part.raw(kind, count, "FILTER")
        if not count:
            return "."
        if kind not in INTEGERS:
            place = part.place("FILTER", began)
            self._find(TYPE.at(place, expected="integers", got=TYPE_NAMES[kind], part="FILTER"))
            return "."
        names = []
        for number in self._vector(part, raw, kind, "FILTER"):
            name = self._dictionary.strings.get(number) if isinstance(number, int) else None
            if name is None or name not in self._dictionary.filters:
                place = part.place("FILTER", began)
                got = number if name is None else f"{number}, {name.decode('latin-1')}"
                self._find(KEY.at(place, expected="a key that a FILTER line declares", got=got, kind="FILTER"))
                continue
            names.append(name.decode("latin-1"))
        return ";".join(names) or "."

    def _vector(self, part: Part, raw: bytes, kind: int, column: str) -> Sequence[Number]:
        """The values of a vector; what is wrong with it is found at its start."""
        values, rule = vector(raw, kind, has_ends=self._has_ends)
        if rule is not None:
            place = part.place(column, part.at - len(raw))
            self._find(rule.at(place, expected="values, then END_OF_VECTOR only", got=raw[:32].hex(), part=column))
        return values

    def _infos(self, part: Part, count: int) -> str:
        self._end, self._lengths = None, ()
        fields = []
        for _ in range(count):
            began = part.at
            number = part.integer("INFO")
            known = self._keys.get(number) or self._know(number)
            if known is None:
                got = self._dictionary.strings.get(number, number)
                place = part.place("INFO", began)
                self._find(KEY.at(place, expected="a key that an INFO line declares", got=got, kind="INFO"))
                kind, size = part.descriptor("INFO")
                part.raw(kind, size, "INFO")
                continue
            name, column, declared = known
            fields.append(name + self._info(part, name, column, declared))
        return ";".join(fields) or "."

    def _know(self, number: int) -> tuple[str, str, bytes] | None:
        """The name of a key, how findings name it, and its declared Type; None for one that is not declared."""
        name = self._dictionary.strings.get(number)
        declared = self._header.declarations.info.get(name) if name is not None else None
        if name is None or declared is None:
            return None
        self._keys[number] = name.decode("latin-1"), f"INFO/{show(name)}", declared.kind
        return self._keys[number]

    def _info(self, part: Part, name: str, column: str, declared: bytes) -> str:
        """The value of one key with its equals sign; nothing for a Flag."""
        began = part.at
        kind, count = part.descriptor(column)
        raw = part.raw(kind, count, column)
        if declared == _FLAG:
            if kind in INTEGERS and count and None in vector(raw, kind, has_ends=self._has_ends)[0]:
                self._find(FLAG.at(part.place(column, began), expected="1", got=raw[:32].hex(), key=name))
            return ""
        if not count:
            return "=."
        if not fits(kind, declared):
            self._find(
                VALUE_TYPE.at(
                    part.place(column, began),
                    expected=f"{declared.decode()} values",
                    got=raw[:32].hex(),
                    key=name,
                    origin="declared",
                    kind=declared,
                    stored=TYPE_NAMES[kind],
                )
            )
            return "=."
        if kind == TEXT:
            text = raw if self._has_ends else raw.removeprefix(b",")
            return "=" + self._texts.field(text, part, column, began)
        values = self._vector(part, raw, kind, column)
        if name == "END" and len(values) == 1 and isinstance(values[0], int):
            self._end = values[0]
        elif name == "SVLEN":
            self._lengths = [value if isinstance(value, int) else None for value in values]
        return "=" + (",".join(map(shown, values)) or ".")

    def _genotypes(self, part: Part, count: int, keys: int) -> list[str]:
        """The columns from FORMAT on; none where the header has no samples, or the record has nothing about them."""
        wanted = len(self._header.samples)
        self.has_samples = False
        if count != wanted:
            place = part.place("FORMAT", 0)
            self._find(SAMPLES.at(place, expected=f"{wanted} samples", got=count, number=count, wanted=wanted))
            return []
        # A few bytes cannot say much about many samples: the time for a record is bounded by its size.
        self.has_samples = 0 < wanted <= 8 * len(part.content)
        columns = self._samples.read(part, keys, is_wanted=self.has_samples)
        _check_end(part, "FORMAT")
        return columns

    def _check_reach(self, part: Part, start: int, length: int, alleles: Sequence[str]) -> None:
        bases, alternatives = alleles[0], alleles[1:]
        is_plain = self._end is None and not any("<" in allele for allele in alternatives)
        if is_plain and length == len(bases):
            return
        reach = Reach(
            start=start,
            ref_length=len(bases),
            alternatives=alternatives,
            end=self._end,
            lengths=self._lengths,
            longest_block=self._samples.longest_block,
            minor=self._header.minor,
        )
        possible = reach.possible()
        if length not in possible:
            expected = "the length of REF, or that of END, SVLEN or LEN"
            got = f"{length}, not {' or '.join(map(str, sorted(possible)))}"
            self._find(REACH.at(part.place("rlen", 8), expected=expected, got=got))


def _check_end(part: Part, column: str) -> None:
    """Finds bytes that no field of the record has claimed."""
    left = len(part.content) - part.at
    if left:
        part.stop(LENGTH, column, f"the end of the record behind {column}", f"{left} bytes more", part="the record")
