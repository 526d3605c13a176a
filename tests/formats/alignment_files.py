"""Alignment files written by the specifications (SAMv1 4, CRAMv3 6-9), also such as no library would write."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from catalog.formats.alignment.binary_records import bin_of
from publish.demo.compression import bgzf_file

OPERATIONS = "MIDNSHP=X"
CODES = "=ACMGRSVTWYHKDBN"
_SPANS, _READS = "MDN=X", "MIS=X"
_SIZES = {"c": "b", "C": "B", "s": "h", "S": "H", "i": "i", "I": "I", "f": "f"}


def text_of(header: Sequence[str], records: Sequence[str] = ()) -> bytes:
    """A SAM; blanks in the lines stand for TABs, and ``_`` for a blank."""
    return "".join(line.replace(" ", "\t").replace("_", " ") + "\n" for line in (*header, *records)).encode()


def operations_of(cigar: str) -> list[tuple[int, str]]:
    """The operations of a CIGAR."""
    found, digits = [], ""
    for letter in "" if cigar == "*" else cigar:
        if letter.isdigit():
            digits += letter
        else:
            found.append((int(digits), letter))
            digits = ""
    return found


def tag_of(text: str) -> bytes:
    """An optional field of SAM as BAM stores it."""
    tag, kind, value = text.split(":", 2)
    head = tag.encode()
    if kind == "i":
        return (
            head + b"i" + struct.pack("<i", int(value))
            if int(value) < 1 << 31
            else head + b"I" + struct.pack("<I", int(value))
        )
    if kind == "f":
        return head + b"f" + struct.pack("<f", float(value))
    if kind == "B":
        form, *numbers = value.split(",")
        values = [float(each) if form == "f" else int(each) for each in numbers]
        return head + b"B" + form.encode() + struct.pack(f"<I{len(values)}{_SIZES[form]}", len(values), *values)
    return head + kind.encode() + value.encode("latin-1") + (b"" if kind == "A" else b"\0")


@dataclass(kw_only=True)
class BamRecord:
    """One record as it is stored; what is None is worked out."""

    name: bytes = b"r1\0"
    flag: int = 0
    contig: int = 0
    position: int = 100
    mapq: int = 60
    cigar: list[tuple[int, str]] = field(default_factory=lambda: [(10, "M")])
    next_contig: int = -1
    next_position: int = 0
    template: int = 0
    sequence: str = "ACGTACGTAC"
    scores: bytes | None = None
    tags: bytes = b""
    bin: int | None = None
    bases: int | None = None
    name_bytes: int | None = None
    block_size: int | None = None
    padding: int = 0

    def stored(self) -> bytes:
        """The bytes, with block_size."""
        span = sum(length for length, letter in self.cigar if letter in _SPANS) if not self.flag & 4 else 0
        begin = self.position - 1
        number = bin_of(begin, begin + (span or 1)) if self.bin is None else self.bin
        fixed = struct.pack(
            "<iiBBHHHiiii", self.contig, begin, len(self.name) if self.name_bytes is None else self.name_bytes, self.mapq,
            number & 0xFFFF, len(self.cigar), self.flag, len(self.sequence) if self.bases is None else self.bases,
            self.next_contig, self.next_position - 1, self.template,
        )  # fmt: skip
        codes = [CODES.index(letter.upper()) if letter.upper() in CODES else 15 for letter in self.sequence]
        codes += [self.padding] * (len(codes) % 2)
        packed = bytes(high << 4 | low for high, low in zip(codes[::2], codes[1::2], strict=True))
        scores = bytes([30]) * len(self.sequence) if self.scores is None else self.scores
        numbers = [
            length << 4 | (OPERATIONS.index(letter) if letter in OPERATIONS else 9) for length, letter in self.cigar
        ]
        whole = fixed + self.name + struct.pack(f"<{len(numbers)}I", *numbers) + packed + scores + self.tags
        return struct.pack("<i", len(whole) if self.block_size is None else self.block_size) + whole


def header_of(text: bytes, references: Sequence[tuple[bytes, int]], *, padding: bytes = b"") -> bytes:
    """The header of a BAM."""
    names = b"".join(struct.pack("<i", len(name)) + name + struct.pack("<i", length) for name, length in references)
    return (
        b"BAM\x01"
        + struct.pack("<i", len(text) + len(padding))
        + text
        + padding
        + struct.pack("<i", len(references))
        + names
    )


def bam_of(sam: bytes) -> bytes:
    """A BAM of the lines of a SAM, in BGZF."""
    return bgzf_file(unpacked_bam_of(sam))


def unpacked_bam_of(sam: bytes) -> bytes:
    """A BAM of the lines of a SAM, without compression."""
    lines = sam.decode("utf-8", "surrogateescape").splitlines()
    header = [line for line in lines if line.startswith("@")]
    text = "".join(line + "\n" for line in header).encode("utf-8", "surrogateescape")
    references = []
    for line in header:
        if line.startswith("@SQ\t"):
            fields = dict(each.split(":", 1) for each in line.split("\t")[1:] if ":" in each)
            length = fields.get("LN", "0")
            references.append(
                (fields.get("SN", "").encode(), int(length) if length.isdigit() and len(length) < 11 else 0)
            )
    numbers = {
        name.decode("utf-8", "surrogateescape"): number for number, (name, _) in reversed(list(enumerate(references)))
    }
    records = [record_of(line, numbers).stored() for line in lines if line and not line.startswith("@")]
    stored = [(name + b"\0", length if length < 1 << 31 else 0) for name, length in references]
    return header_of(text, stored) + b"".join(records)


def record_of(line: str, numbers: dict[str, int]) -> BamRecord:
    """A record of SAM as BAM stores it."""
    name, flag, contig, position, mapq, cigar, next_contig, next_position, template, bases, scores, *tags = line.split(
        "\t"
    )
    here = numbers.get(contig, -1)
    sequence = "" if bases == "*" else bases
    operations = operations_of(cigar)
    extra = b""
    if len(operations) > 65535:
        real = [length << 4 | OPERATIONS.index(letter) for length, letter in operations]
        extra = b"CGBI" + struct.pack(f"<I{len(real)}I", len(real), *real)
        operations = [(len(sequence), "S"), (sum(length for length, letter in operations if letter in _SPANS), "N")]
    return BamRecord(
        name=name.encode() + b"\0",
        flag=int(flag),
        contig=here,
        position=int(position),
        mapq=int(mapq),
        cigar=operations,
        next_contig=here if next_contig == "=" else numbers.get(next_contig, -1),
        next_position=int(next_position),
        template=int(template),
        sequence=sequence,
        scores=b"\xff" * len(sequence) if scores == "*" else bytes(ord(each) - 33 for each in scores),
        tags=b"".join(map(tag_of, tags)) + extra,
    )


GENOME = "".join(random.Random(20).choices("ACGT", k=4000))
HEADER = (
    "@HD VN:1.6 SO:coordinate",
    "@SQ SN:chr1 LN:3000",
    "@SQ SN:chr2 LN:1000",
    "@RG ID:g1 SM:s1 LB:l1 PU:u1 PL:ILLUMINA DT:2020-06-23",
    "@PG ID:bwa PN:bwa VN:0.7.17",
    "@PG ID:sort PN:samtools PP:bwa CL:samtools_sort",
)


def pair_lines(seed: int, pairs: int, length: int = 50) -> Iterator[str]:
    """Records of pairs, sorted by place."""
    chance = random.Random(seed)
    found: list[tuple[str, int, str]] = []
    for number in range(pairs):
        contig, end = ("chr1", 3000) if number % 3 else ("chr2", 1000)
        first = chance.randint(1, end - 300)
        second = first + chance.randint(0, 200)
        template = second + length - first
        for place, other, flag, sign in ((first, second, 99, template), (second, first, 147, -template)):
            sequence = GENOME[place : place + length]
            scores = "".join(chance.choices("FFF:,#", k=length))
            tags = f"NM:i:{chance.randrange(3)} MD:Z:{length} AS:i:{length} XS:f:{chance.random():.3f} RG:Z:g1 PG:Z:bwa"
            line = f"p{number} {flag} {contig} {place} 60 {length}M = {other} {sign} {sequence} {scores} {tags}"
            found.append((contig, place, line))
    return (line for _, _, line in sorted(found, key=lambda each: each[:2]))


def itf8(value: int) -> bytes:
    """A number of 32 bits in one to five bytes (CRAMv3, 2.3)."""
    value &= 0xFFFFFFFF
    if value < 0x80:
        return bytes([value])
    if value < 0x4000:
        return (value | 0x8000).to_bytes(2, "big")
    if value < 0x200000:
        return (value | 0xC00000).to_bytes(3, "big")
    if value < 0x10000000:
        return (value | 0xE0000000).to_bytes(4, "big")
    return bytes([0xF0 | value >> 28, value >> 20 & 0xFF, value >> 12 & 0xFF, value >> 4 & 0xFF, value & 0x0F])


def ltf8(value: int) -> bytes:
    """A number of 64 bits in one to nine bytes; small ones only."""
    if value < 0x80:
        return bytes([value])
    if value < 0x4000:
        return (value | 0x8000).to_bytes(2, "big")
    return b"\xff" + value.to_bytes(8, "big", signed=True)


def cram_block(
    kind: int, content: bytes, *, method: int = 0, content_id: int = 0, raw_size: int | None = None, major: int = 3
) -> bytes:
    """A block; the content is packed by the method where that is gzip."""
    data = content
    if method == 1:
        packer = zlib.compressobj(6, zlib.DEFLATED, 31)
        data = packer.compress(content) + packer.flush()
    sizes = itf8(len(data)) + itf8(len(content) if raw_size is None else raw_size)
    block = bytes([method, kind]) + itf8(content_id) + sizes + data
    return block + struct.pack("<I", zlib.crc32(block)) if major >= 3 else block


def cram_container(
    blocks: Sequence[bytes], *, contig: int = -1, start: int = 0, records: int = 0, counter: int = 0, landmarks: Sequence[int] = (),
    length: int | None = None, major: int = 3, count: int | None = None,
) -> bytes:  # fmt: skip
    """A container of blocks."""
    body = b"".join(blocks)
    head = (
        struct.pack("<i", len(body) if length is None else length)
        + itf8(contig)
        + itf8(start)
        + itf8(0)
        + itf8(records)
    )
    head += (ltf8(counter) if major >= 3 else itf8(counter)) + ltf8(0) + itf8(len(blocks) if count is None else count)
    head += itf8(len(landmarks)) + b"".join(map(itf8, landmarks))
    return head + (struct.pack("<I", zlib.crc32(head)) if major >= 3 else b"") + body


def cram_start(text: bytes, version: tuple[int, int] = (3, 0)) -> bytes:
    """Definition and header of a CRAM."""
    block = cram_block(0, struct.pack("<i", len(text)) + text, method=1 if version[0] >= 3 else 0, major=version[0])
    return b"CRAM" + bytes(version) + bytes(20) + cram_container([block], contig=0, major=version[0])


CRAM_END = bytes.fromhex("0f000000ffffffff0fe0454f4600000000010005bdd94f0001000606010001000100ee63014b")
CRAM_END_2 = bytes.fromhex("0b000000ffffffff0fe0454f460000000001000001000606010001000100")


#: The four other bases of each base in the order of ACGTN.
MATRIX = b"\x1b" * 5


def compression_header(
    *, reference: int = 0, preserved: bytes | None = None, encodings: bytes = b"\0", matrix: bytes = MATRIX
) -> bytes:
    """The content of a compression header."""
    kept = b"RN\x01AP\x01RR" + bytes([reference]) + b"SM" + matrix + b"TD" + itf8(1) + b"\0"
    first = itf8(5) + kept if preserved is None else preserved
    return b"".join(itf8(len(each)) + each for each in (first, encodings, b"\0"))


def slice_header(
    *, contig: int = -1, records: int = 0, counter: int = 0, blocks: int = 1, ids: Sequence[int] = (), embedded: int = -1,
    major: int = 3, start: int = 0,
) -> bytes:  # fmt: skip
    """The content of a slice header."""
    head = (
        itf8(contig)
        + itf8(start)
        + itf8(0)
        + itf8(records)
        + (ltf8(counter) if major >= 3 else itf8(counter))
        + itf8(blocks)
    )
    return head + itf8(len(ids)) + b"".join(map(itf8, ids)) + itf8(embedded) + bytes(16)
