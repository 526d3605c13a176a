"""A writer of BCF by the specification (VCFv4.5, 6): header and records of VCF text become binary ones."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Sequence

_DEFINING = re.compile(r"##(FILTER|INFO|FORMAT|contig)=<.*?\bID=([^,>]*)(.*)>")
_FIELD = r'\b{}=([^,">]*)'
_MISSING, _END = {1: -128, 2: -(2**15), 4: -(2**31)}, {1: -127, 2: -(2**15) + 1, 4: -(2**31) + 1}
_CODES = {1: "b", 2: "h", 4: "i"}
_TYPES = {1: 1, 2: 2, 4: 3}
_FIRST_WITH_ENDS = 2
FLOAT_MISSING, FLOAT_END = b"\x01\0\x80\x7f", b"\x02\0\x80\x7f"


class Unwritable(Exception):
    """A record that BCF cannot hold."""


def descriptor(kind: int, count: int) -> bytes:
    """The type descriptor of a value, with its size behind it where it does not fit in."""
    if count < 15:
        return bytes([count << 4 | kind])
    return bytes([0xF0 | kind]) + integers([count])


def integers(values: Sequence[int | None], width: int = 0) -> bytes:
    """A typed vector of integers, as narrow as they allow; None is MISSING."""
    width = width or width_of(values)
    return descriptor(_TYPES[width], len(values)) + packed(values, width)


def width_of(values: Sequence[int | None]) -> int:
    """The bytes of an integer that holds each value."""
    plain = [value for value in values if value is not None] or [0]
    if any(not -(2**31) + 8 <= value < 2**31 for value in plain):
        raise Unwritable("an integer of more than 32 bits")
    for width in (1, 2):
        if min(plain) >= _MISSING[width] + 8 and max(plain) < 1 << 8 * width - 1:
            return width
    return 4


def packed(values: Sequence[int | None], width: int, count: int = 0, *, is_old: bool = False) -> bytes:
    """The bytes of integers; padded with END_OF_VECTOR to a count, before BCF 2.2 with MISSING."""
    stored = [_MISSING[width] if value is None else value for value in values]
    stored += [(_MISSING if is_old else _END)[width]] * (count - len(stored))
    return struct.pack(f"<{len(stored)}{_CODES[width]}", *stored)


def text(value: bytes) -> bytes:
    """A typed string; a dot is a missing one."""
    value = b"" if value == b"." else value
    return descriptor(7, len(value)) + value


def floats(values: Sequence[str]) -> bytes:
    """The bytes of floats; a dot is MISSING."""
    return b"".join(FLOAT_MISSING if value == "." else struct.pack("<f", _float(value)) for value in values)


def _float(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        raise Unwritable("no float") from None


def _integer(value: str) -> int | None:
    if value == ".":
        return None
    try:
        return int(value)
    except ValueError:
        raise Unwritable("no integer") from None


class BcfWriter:
    """Writes the records under one header.

    Attributes:
        strings: the dictionary of keys and filters.
        contigs: the dictionary of contigs.
        samples: how many samples there are.
    """

    def __init__(self, header: str, *, version: int = 2, with_index: bool = False) -> None:
        """Reads the header.

        Args:
            header: its lines, each ended by LF.
            version: the minor version of BCF.
            with_index: whether every entry of a dictionary gets an IDX.
        """
        self.strings: dict[str, int] = {"PASS": 0}
        self.contigs: dict[str, int] = {}
        self.types: dict[tuple[str, str], str] = {}
        self.version = version
        lines = []
        for line in header.split("\n"):
            found = _DEFINING.fullmatch(line)
            if found is not None:
                kind, name, rest = found.groups()
                names = self.contigs if kind == "contig" else self.strings
                number = names.setdefault(name, len(names))
                declared = re.search(_FIELD.format("Type"), rest)
                self.types.setdefault((kind, name), declared[1] if declared else "")
                if with_index:
                    line = f"{line[:-1]},IDX={number}>"
            lines.append(line)
        self.header = "\n".join(lines)
        columns = next((line for line in reversed(lines) if line.startswith("#CHROM")), "").split("\t")
        self.samples = max(0, len(columns) - 9)

    def start(self) -> bytes:
        """Magic and header."""
        stored = self.header.encode("utf-8", "surrogateescape") + b"\0"
        return b"BCF\2" + bytes([self.version]) + struct.pack("<I", len(stored)) + stored

    def record(self, line: str, **changes: object) -> bytes:
        """One record from a line of VCF.

        Args:
            line: the line.
            changes: parts that are written as they are given: ``rlen``, ``info``, ``format``, ``n_info`` ...
        """
        columns = line.split("\t")
        if len(columns) != (9 + self.samples if self.samples else 8):
            raise Unwritable("another number of columns")
        chrom, pos, name, ref, alt, qual, filters, info = columns[:8]
        alleles = [ref] + ([] if alt == "." else alt.split(","))
        if chrom not in self.contigs or not re.fullmatch(r"-?[0-9]+", pos):
            raise Unwritable("CHROM or POS")
        infos = [] if info == "." else [self._info(entry) for entry in info.split(";")]
        fields = self._fields(columns[8], columns[9:]) if self.samples else []
        parts: dict[str, object] = {
            "chrom": self.contigs[chrom], "pos": int(pos) - 1, "rlen": self._reach(ref, alt, pos, info),
            "qual": FLOAT_MISSING if qual == "." else struct.pack("<f", _float(qual)), "n_info": len(infos),
            "n_allele": len(alleles), "n_sample": self.samples, "n_fmt": len(fields),
            "id": text(_bytes(name)), "alleles": b"".join(text(_bytes(allele)) for allele in alleles),
            "filter": self._filters(filters), "info": b"".join(infos), "format": b"".join(fields), **changes,
        }  # fmt: skip
        return record_bytes(parts)

    def _reach(self, ref: str, alt: str, pos: str, info: str) -> int:
        end = re.search(r"(?:\A|;)END=([0-9]+)(?:;|\Z)", info)
        length = re.search(r"(?:\A|;)SVLEN=-?([0-9]+)(?:;|\Z)", info)
        if end is not None and int(end[1]) >= int(pos):
            return int(end[1]) - int(pos) + 1
        if length is not None and alt.startswith("<") and not alt.startswith("<INS"):
            return int(length[1]) + 1
        return len(_bytes(ref))

    def _filters(self, filters: str) -> bytes:
        if filters == ".":
            return b"\0"
        return integers([self._number(name) for name in filters.split(";")])

    def _number(self, name: str) -> int:
        if name not in self.strings:
            raise Unwritable(f"no entry {name}")
        return self.strings[name]

    def _info(self, entry: str) -> bytes:
        key, equals, value = entry.partition("=")
        kind = self.types.get(("INFO", key), "")
        if kind == "Flag":
            if equals:
                raise Unwritable("a Flag with a value")
            return integers([self._number(key)]) + integers([1])
        if not equals or not value:
            raise Unwritable("no value")
        return integers([self._number(key)]) + self._value(kind, value)

    def _value(self, kind: str, value: str) -> bytes:
        values = value.split(",")
        if kind == "Integer":
            return integers([_integer(each) for each in values])
        if kind == "Float":
            return descriptor(5, len(values)) + floats(values)
        if kind not in ("String", "Character"):
            raise Unwritable("no type")
        return text(_bytes(value))

    def _fields(self, form: str, samples: Sequence[str]) -> list[bytes]:
        if form == ".":
            return []
        keys = form.split(":")
        rows = [sample.split(":") for sample in samples]
        if any(len(row) > len(keys) or "" in row for row in rows):
            raise Unwritable("fields of samples")
        fields = []
        for index, key in enumerate(keys):
            values = [row[index] if index < len(row) else "." for row in rows]
            kind = self.types.get(("FORMAT", key), "")
            write = _genotypes if key == "GT" else _WRITERS.get(kind)
            if write is None:
                raise Unwritable("no type")
            fields.append(integers([self._number(key)]) + write(values, self.version < _FIRST_WITH_ENDS))
        return fields


def record_bytes(parts: dict[str, object]) -> bytes:
    """A record from its parts."""
    shared = struct.pack("<iii", parts["chrom"], parts["pos"], parts["rlen"]) + _raw(parts["qual"])
    shared += struct.pack("<HH", parts["n_info"], parts["n_allele"])
    counts = parts["n_sample"], parts["n_fmt"]
    assert isinstance(counts[0], int)
    assert isinstance(counts[1], int)
    shared += struct.pack("<I", counts[1] << 24 | counts[0])
    shared += b"".join(_raw(parts[name]) for name in ("id", "alleles", "filter", "info"))
    individual = _raw(parts["format"])
    return struct.pack("<II", len(shared), len(individual)) + shared + individual


def _raw(part: object) -> bytes:
    assert isinstance(part, bytes)
    return part


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogateescape")


def _genotypes(values: Sequence[str], is_old: bool) -> bytes:
    vectors = []
    for value in values:
        alleles = re.split(r"[/|]", value.lstrip("/|"))
        marks = [mark == "|" for mark in re.findall(r"[/|]", value)]
        if len(marks) < len(alleles):
            marks = [all(marks), *marks]
        numbers = [_integer(allele) for allele in alleles]
        vectors.append(
            [(0 if number is None else number + 1) << 1 | mark for number, mark in zip(numbers, marks, strict=True)]
        )
    return _numbers(vectors, is_old)


def _numbers(vectors: Sequence[Sequence[int | None]], is_old: bool) -> bytes:
    count = max(len(each) for each in vectors)
    width = width_of([value for each in vectors for value in each])
    return descriptor(_TYPES[width], count) + b"".join(packed(each, width, count, is_old=is_old) for each in vectors)


def _integer_field(values: Sequence[str], is_old: bool) -> bytes:
    return _numbers([[_integer(each) for each in value.split(",")] for value in values], is_old)


def _float_field(values: Sequence[str], is_old: bool) -> bytes:
    vectors = [value.split(",") for value in values]
    count = max(len(each) for each in vectors)
    return descriptor(5, count) + b"".join(
        floats(each) + (FLOAT_MISSING if is_old else FLOAT_END) * (count - len(each)) for each in vectors
    )


def _text_field(values: Sequence[str], _: bool) -> bytes:
    stored = [_bytes(value) for value in values]
    count = max(len(each) for each in stored)
    return descriptor(7, count) + b"".join(each.ljust(count, b"\0") for each in stored)


_WRITERS: dict[str, Callable[[Sequence[str], bool], bytes]] = {
    "Integer": _integer_field, "Float": _float_field, "String": _text_field, "Character": _text_field,
}  # fmt: skip


def bcf(vcf: str, **choices: object) -> bytes:
    """A whole VCF as BCF, not compressed.

    Args:
        vcf: its text.
        choices: of :class:`BcfWriter`.

    Raises:
        Unwritable: BCF cannot hold it.
    """
    lines = vcf.removesuffix("\n").split("\n")
    first = next((number for number, line in enumerate(lines) if line.startswith("#CHROM")), len(lines)) + 1
    writer = BcfWriter("\n".join(lines[:first]) + "\n", **choices)  # type: ignore[arg-type]
    return writer.start() + b"".join(writer.record(line) for line in lines[first:])
