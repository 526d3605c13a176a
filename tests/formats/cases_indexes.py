"""Cases of the indexes: BAI, TBI, CSI, CRAI, GZI, and each beside the file that it belongs to."""

from __future__ import annotations

import gzip
import struct
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pysam

from publish.demo.compression import bgzf_file
from tests.formats.alignment_files import HEADER, BamRecord, header_of, text_of
from tests.formats.bcf_writer import BcfWriter
from tests.formats.cases import FormatCases, GroupCases, GroupDefect
from tests.formats.cases_alignment import MANY_PAIRS, cram_of
from tests.formats.defects import Defect
from tests.formats.indexed import Bin, Blocks, Part, bai, columns, csi_content, parts_of, tbi_content

#: Reference, begin and end of records: neighbours, one over two bins, one far away, one reference without any.
RECORDS = (
    (0, 100, 101),
    (0, 200, 250),
    (0, 16_380, 16_390),
    (0, 100_000, 300_000),
    (0, 5_000_000, 5_000_001),
    (2, 9, 10),
    (2, 150_000_000, 150_000_002),
)


def _placed(records: Sequence[tuple[int, int, int]] = RECORDS) -> list[tuple[int, int, int, tuple[int, int]]]:
    """Records in blocks of two."""
    return [
        (*record, ((1000 * (each // 2)) << 16 | 60 * (each % 2), (1000 * (each // 2)) << 16 | 60 * (each % 2) + 60))
        for each, record in enumerate(records, start=1)
    ]


def _parts(bits: int = 14, depth: int = 5) -> list[Part]:
    return parts_of(_placed(), 3, bits, depth)


def _changed(change: Callable[[list[Part]], object]) -> list[Part]:
    parts = _parts()
    change(parts)
    return parts


def _without_counts() -> list[Part]:
    parts = _parts()
    for part in parts:
        part.extent = None
    return parts


def _swap(part: Part) -> None:
    part.bins[0].chunks[0] = part.bins[0].chunks[0][::-1]


def _empty(part: Part) -> None:
    part.bins[0].chunks[0] = (part.bins[0].chunks[0][0],) * 2


def _back(part: Part) -> None:
    part.windows[1] = 1


#: Changes of the bins that break the same rule in every kind.
_BIN_CHANGES: tuple[tuple[str, str, Callable[[list[Part]], object]], ...] = (
    ("bin-too-high", "bin", lambda parts: setattr(parts[0].bins[0], "number", 37449)),
    ("bin-behind-pseudo", "bin", lambda parts: setattr(parts[0].bins[0], "number", 37451)),
    ("bin-twice", "bin-repeated", lambda parts: parts[0].bins.append(parts[0].bins[0])),
    ("chunk-turned", "chunk", lambda parts: _swap(parts[0])),
    ("chunk-empty", "chunk", lambda parts: _empty(parts[0])),
    ("pseudo-one-chunk", "pseudo-bin", lambda parts: parts[1].bins.append(Bin(37450, [(1, 2)]))),
    ("pseudo-turned", "pseudo-bin", lambda parts: setattr(parts[0], "extent", (9 << 16, 5 << 16))),
)
_LINEAR_CHANGES: tuple[tuple[str, str, Callable[[list[Part]], object]], ...] = (
    ("windows-decrease", "linear", lambda parts: _back(parts[0])),
    ("window-behind-its-bin", "linear", lambda parts: parts[0].windows.__setitem__(0, parts[0].windows[1])),
    ("windows-too-many", "linear", lambda parts: parts[2].windows.extend([0] * 32_769)),
)


def _with_unmapped() -> list[Part]:
    """As older htslib wrote it: a first read that is placed and not mapped is in the bins and not in the windows."""
    parts = _parts()
    parts[0].counts = 4, 1
    parts[0].windows[0] = parts[0].windows[1]
    parts[0].bins[0].offset = parts[0].bins[0].chunks[0][1]
    return parts


def _cut_and_more(kind: str, content: bytes, stored: Callable[[bytes], bytes]) -> list[Defect]:
    """Defects of an index by its bytes; the last eight are the records without coordinate."""
    size = len(content)
    return [
        Defect(id="cut-in-count", content=stored(content[:-3]), code=f"{kind}-truncated", offset=size - 3),
        Defect(id="cut-in-bins", content=stored(content[:-60]), code=f"{kind}-truncated"),
        Defect(id="cut-in-header", content=stored(content[:6]), code=f"{kind}-truncated", offset=6),
        Defect(id="more", content=stored(content + b"\0"), code=f"{kind}-trailing-bytes", offset=size),
        Defect(id="magic", content=stored(b"XXX" + content[3:]), code=f"{kind}-magic", offset=0),
        Defect(id="version", content=stored(content[:3] + b"\2" + content[4:]), code=f"{kind}-magic", offset=0),
    ]


def _of_bins(
    kind: str, write: Callable[[list[Part]], bytes], changes: Sequence[tuple[str, str, Callable[[list[Part]], object]]]
) -> list[Defect]:
    return [
        Defect(id=name, content=write(_changed(change)), code=f"{kind}-{code}")
        for name, code, change in changes
    ]  # fmt: skip


def _patched(content: bytes, at: int, number: int, form: str = "<i") -> bytes:
    return content[:at] + struct.pack(form, number) + content[at + struct.calcsize(form) :]


_BAI = bai(_parts())
BAI = FormatCases(
    format="bai",
    file="a.bam.bai",
    valid={
        "usual": _BAI,
        "no-references": bai([]),
        "no-records": bai([Part(), Part()]),
        "many-references": bai(parts_of([(n, n, n + 1, (n << 16, n << 16 | 9)) for n in range(500)], 600)),
        "without-unplaced": bai(_parts(), unplaced=None),
        "without-counts": bai(_without_counts(), unplaced=None),
        "unmapped-before-mapped": bai(_with_unmapped()),
    },
    clean=[
        "usual",
        "unmapped-before-mapped",
        "no-references",
        "no-records",
        "many-references",
        "without-unplaced",
        "without-counts",
    ],
    defects=[
        *_cut_and_more("bai", _BAI, bytes),
        *_of_bins("bai", bai, (*_BIN_CHANGES, *_LINEAR_CHANGES)),
        Defect(id="compressed", content=bgzf_file(_BAI), code="bai-compressed", offset=0),
        Defect(id="references", content=_patched(_BAI, 4, -1), code="bai-count", offset=4),
        Defect(id="bins", content=_patched(_BAI, 8, -5), code="bai-count", record=1, offset=8),
        Defect(id="chunks", content=_patched(_BAI, 16, -1), code="bai-count", record=1, offset=16),
        Defect(id="too-many-references", content=_patched(_BAI, 4, 2**31 - 1), code="bai-truncated"),
        Defect(id="too-many-bins", content=_patched(_BAI, 8, 2**31 - 1), code="bai-truncated", only=False),
        Defect(id="too-many-chunks", content=_patched(_BAI, 16, 2**31 - 1), code="bai-truncated", only=False),
    ],
)

_NAMES = columns(["chr1", "chr2", "chr3"])


def _tbi(parts: list[Part]) -> bytes:
    return bgzf_file(tbi_content(parts, _NAMES))


def _header(**changes: int) -> bytes:
    numbers = {"format": 2, "sequence": 1, "begin": 2, "end": 0, "meta": ord("#"), "skip": 0, **changes}
    return bgzf_file(tbi_content(_parts(), columns(["chr1", "chr2", "chr3"], list(numbers.values()))))


def _named(names: bytes) -> bytes:
    header = struct.pack("<7i", 2, 1, 2, 0, 35, 0, len(names)) + names
    return bgzf_file(tbi_content(_parts(), header))


_TBI = tbi_content(_parts(), _NAMES)
TBI = FormatCases(
    format="tbi",
    file="a.vcf.gz.tbi",
    valid={
        "usual": bgzf_file(_TBI),
        "no-references": bgzf_file(tbi_content([], columns([]))),
        "without-unplaced": bgzf_file(tbi_content(_parts(), _NAMES, unplaced=None)),
        "without-counts": bgzf_file(tbi_content(_without_counts(), _NAMES)),
        "gff": _header(format=0, begin=4, end=5),
        "bed": _header(format=0x10000, begin=2, end=3),
        "sam": _header(format=1, sequence=3, begin=4, meta=ord("@")),
        "one-column": _header(format=0, begin=2, end=2, skip=1),
    },
    clean=["usual", "no-references", "without-unplaced", "without-counts", "gff", "bed", "sam", "one-column"],
    defects=[
        *_cut_and_more("tbi", _TBI, bgzf_file),
        *_of_bins("tbi", _tbi, (*_BIN_CHANGES, *_LINEAR_CHANGES)),
        Defect(id="gzip", content=gzip.compress(_TBI, mtime=0), code="tbi-not-bgzf", offset=0),
        Defect(id="plain", content=_TBI, code="tbi-not-bgzf", offset=0),
        Defect(id="references", content=bgzf_file(_patched(_TBI, 4, -1)), code="tbi-count", offset=4),
        Defect(id="names-size", content=bgzf_file(_patched(_TBI, 32, -1)), code="tbi-count", offset=32),
        Defect(id="names-huge", content=bgzf_file(_patched(_TBI, 32, 2**31 - 1)), code="tbi-count"),
        Defect(id="names-long", content=bgzf_file(_patched(_TBI, 32, 9_000_000)), code="tbi-truncated"),
        Defect(id="format", content=_header(format=3), code="tbi-format", offset=8),
        Defect(id="format-bits", content=_header(format=0x20002), code="tbi-format", offset=8),
        Defect(id="sequence-column", content=_header(sequence=0), code="tbi-columns", column="col_seq", offset=12),
        Defect(id="begin-column", content=_header(begin=-1), code="tbi-columns", column="col_beg", offset=16),
        Defect(id="end-column", content=_header(end=-1), code="tbi-columns", column="col_end", offset=20),
        Defect(id="sequence-of-vcf", content=_header(sequence=2), code="tbi-columns", column="col_seq", offset=12),
        Defect(id="begin-of-vcf", content=_header(begin=1), code="tbi-columns", column="col_beg", offset=16),
        Defect(id="meta-of-vcf", content=_header(meta=ord("@")), code="tbi-columns", column="meta", offset=24),
        Defect(id="meta-of-table", content=_header(format=0, meta=256), code="tbi-columns", column="meta", offset=24),
        Defect(id="meta", content=_header(meta=256), code="tbi-columns", column="meta", offset=24),
        Defect(id="skip", content=_header(skip=-1), code="tbi-columns", column="skip", offset=28),
        Defect(id="names-few", content=_named(b"chr1\0chr2\0"), code="tbi-names"),
        Defect(id="names-many", content=_named(b"chr1\0chr2\0chr3\0chr4\0"), code="tbi-names"),
        Defect(id="names-twice", content=_named(b"chr1\0chr2\0chr1\0"), code="tbi-names"),
        Defect(id="names-empty", content=_named(b"chr1\0\0chr3\0"), code="tbi-names"),
        Defect(id="names-open", content=_named(b"chr1\0chr2\0chr3"), code="tbi-names"),
    ],
)


def _csi(parts: list[Part]) -> bytes:
    return bgzf_file(csi_content(parts))


def _csi_named(names: bytes) -> bytes:
    auxiliary = struct.pack("<7i", 2, 1, 2, 0, 35, 0, len(names)) + names
    return bgzf_file(csi_content(_parts(), auxiliary))


_FAR = [(0, 2**29 - 5, 2**29 + 5, (5000 << 16, 5000 << 16 | 60)), (1, 2**31 - 9, 2**31 - 2, (7000 << 16, 7001 << 16))]
_CSI = csi_content(_parts())
CSI = FormatCases(
    format="csi",
    file="a.bcf.csi",
    valid={
        "usual": bgzf_file(_CSI),
        "of-text": bgzf_file(csi_content(_parts(depth=6), _NAMES, depth=6)),
        "no-references": bgzf_file(csi_content([])),
        "one-level": bgzf_file(csi_content(parts_of([(0, 5, 9, (600 << 16, 700 << 16))], 1, depth=0), depth=0)),
        "behind-2-to-29": bgzf_file(csi_content(parts_of(_FAR, 2, depth=6), depth=6)),
        "small-bins": bgzf_file(csi_content(_parts(12, 6), bits=12, depth=6)),
        "free-auxiliary-data": bgzf_file(csi_content(_parts(), b"made by nobody, who may write here what they like")),
        "without-unplaced": bgzf_file(csi_content(_parts(), unplaced=None)),
        "without-counts": bgzf_file(csi_content(_without_counts())),
        "unmapped-before-mapped": bgzf_file(csi_content(_with_unmapped())),
        "plain": _CSI,
    },
    clean=["usual", "of-text", "no-references", "one-level", "behind-2-to-29", "small-bins", "free-auxiliary-data"],
    defects=[
        *_cut_and_more("csi", _CSI, bgzf_file),
        *_of_bins("csi", _csi, _BIN_CHANGES),
        Defect(
            id="offset",
            content=_csi(_changed(lambda parts: setattr(parts[0].bins[0], "offset", 999 << 32))),
            code="csi-offset",
            record=1,
        ),
        Defect(id="not-bgzf", content=_CSI, code="csi-not-bgzf", offset=0),
        Defect(id="gzip", content=gzip.compress(_CSI, mtime=0), code="csi-not-bgzf", offset=0),
        Defect(id="bits", content=bgzf_file(_patched(_CSI, 4, -1)), code="csi-scheme", offset=4),
        Defect(id="depth", content=bgzf_file(_patched(_CSI, 8, 11)), code="csi-scheme", offset=4),
        Defect(id="depth-negative", content=bgzf_file(_patched(_CSI, 8, -1)), code="csi-scheme", offset=4),
        Defect(id="bits-and-depth", content=bgzf_file(_patched(_CSI, 4, 50)), code="csi-scheme", offset=4),
        Defect(id="shallow", content=bgzf_file(_patched(_CSI, 8, 3)), code="csi-bin", only=False),
        Defect(id="auxiliary-size", content=bgzf_file(_patched(_CSI, 12, -1)), code="csi-count", offset=12),
        Defect(id="references", content=bgzf_file(_patched(_CSI, 16, -1)), code="csi-count", offset=16),
        Defect(id="names-few", content=_csi_named(b"chr1\0chr2\0"), code="csi-names"),
        Defect(id="names-twice", content=_csi_named(b"chr1\0chr2\0chr1\0"), code="csi-names"),
    ],
)

_SLICES = ((0, 100, 5000, 500, 300, 9000), (0, 5100, 4000, 500, 9300, 800), (1, 1, 50, 20_000, 250, 700))


def _crai(*lines: bytes) -> bytes:
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)


_LINES = [b"\t".join(b"%d" % number for number in each) for each in _SLICES]


def _crai_defect(name: str, line: bytes, code: str, column: str | None = None) -> Defect:
    return Defect(id=name, content=_crai(*_LINES, line), code=f"crai-{code}", line=4, column=column)


CRAI = FormatCases(
    format="crai",
    file="a.cram.crai",
    valid={
        "usual": _crai(*_LINES),
        "unmapped": _crai(*_LINES, b"-1\t0\t0\t30000\t200\t99"),
        "many-references-in-a-slice": _crai(
            b"0\t1\t9\t500\t300\t90", b"1\t5\t9\t500\t300\t90", b"7\t5\t9\t500\t300\t90"
        ),
        "unmapped-as-htslib-writes-it": _crai(*_LINES, b"-1\t0\t1\t30000\t200\t99"),
        "only-unmapped": _crai(b"-1\t0\t0\t500\t300\t90"),
        "bgzf": bgzf_file(b"\n".join(_LINES) + b"\n"),
        "no-slices": gzip.compress(b"", mtime=0),
        "unmapped-with-span": _crai(b"-1\t5\t1\t500\t300\t90"),
    },
    clean=[
        "usual",
        "unmapped",
        "unmapped-as-htslib-writes-it",
        "many-references-in-a-slice",
        "only-unmapped",
        "bgzf",
        "no-slices",
    ],
    defects=[
        Defect(id="plain", content=b"\n".join(_LINES) + b"\n", code="crai-not-gzip", offset=0),
        _crai_defect("five-columns", b"1\t90\t50\t30000\t250", "columns"),
        _crai_defect("seven-columns", b"1\t90\t50\t30000\t250\t700\t1", "columns"),
        _crai_defect("spaces", b"1 90 50 30000 250 700", "columns"),
        _crai_defect("blank-line", b"", "columns"),
        _crai_defect("text", b"chr1\t90\t50\t30000\t250\t700", "number", "reference"),
        _crai_defect("fraction", b"1\t90\t50\t30000\t250\t700.5", "number", "size"),
        _crai_defect("empty", b"1\t\t50\t30000\t250\t700", "number", "start"),
        _crai_defect("huge", b"1\t90\t50\t%d\t250\t700" % 10**30, "number", "container"),
        _crai_defect("many-references", b"-2\t90\t50\t30000\t250\t700", "range", "reference"),
        _crai_defect("span", b"1\t90\t-50\t30000\t250\t700", "range", "span"),
        _crai_defect("container", b"1\t90\t50\t0\t250\t700", "range", "container"),
        _crai_defect("slice", b"1\t90\t50\t30000\t-1\t700", "range", "slice"),
        _crai_defect("size", b"1\t90\t50\t30000\t250\t0", "range", "size"),
        _crai_defect("unmapped-span", b"-1\t90\t50\t30000\t250\t700", "unmapped-span", "start"),
    ],
)


def _gzi(*blocks: tuple[int, int], claimed: int | None = None) -> bytes:
    count = len(blocks) if claimed is None else claimed
    return struct.pack("<Q", count) + b"".join(struct.pack("<QQ", *block) for block in blocks)


_BLOCKS = ((18_000, 65_280), (36_500, 130_560), (50_000, 140_000))
GZI = FormatCases(
    format="gzi",
    file="a.fa.gz.gzi",
    valid={"usual": _gzi(*_BLOCKS), "one-block": _gzi()},
    clean=["usual", "one-block"],
    defects=[
        Defect(id="cut", content=_gzi(*_BLOCKS)[:-5], code="gzi-size"),
        Defect(id="cut-in-count", content=b"\1\0\0", code="gzi-size"),
        Defect(id="more", content=_gzi(*_BLOCKS) + b"x", code="gzi-size", offset=56),
        Defect(id="claim", content=_gzi(*_BLOCKS, claimed=2**63), code="gzi-size"),
        Defect(id="order", content=_gzi(*_BLOCKS, _BLOCKS[0]), code="gzi-order", record=4, offset=56),
        Defect(id="content-order", content=_gzi(*_BLOCKS, (60_000, 7)), code="gzi-order", record=4, offset=56),
        Defect(id="first-block", content=_gzi((0, 0), *_BLOCKS), code="gzi-order", record=1, offset=8),
    ],
)

FORMATS = [BAI, TBI, CSI, CRAI, GZI]


_VCF_HEADER = (
    "##fileformat=VCFv4.3\n"
    "##contig=<ID=chr1,length=248956422>\n"
    "##contig=<ID=extra2,length=1000000>\n"
    "##contig=<ID=extra3,length=1000000>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n"
)
_CONTIGS = ("chr1", "extra2", "extra3")
_VARIANTS = ((0, 100), (0, 200), (0, 40_000), (2, 7), (2, 500_000))
_VCF, _BCF = "a.vcf.gz", "a.bcf"


class _IndexedReads:
    """A BAM of three blocks, and what an index of it holds."""

    def __init__(self) -> None:
        blocks, records = Blocks(), []
        lines = [f"@SQ\tSN:{name}\tLN:100000" for name in _CONTIGS]
        text = "".join(f"{line}\n" for line in ["@HD\tVN:1.6\tSO:coordinate", *lines]).encode()
        blocks.write(header_of(text, [(name.encode() + b"\0", 100_000) for name in _CONTIGS]))
        blocks.flush()
        for number, (contig, position) in enumerate([(0, 100), (0, 60_000), (2, 5), (2, 70_000)]):
            record = BamRecord(name=b"r%d\0" % number, contig=contig, position=position)
            records.append((contig, position - 1, position + 9, blocks.write(record.stored())))
        self.content = blocks.finish()
        self._records = records

    def files(self, change: Callable[[list[Part]], object] = lambda parts: None) -> dict[str, bytes]:
        """The file, and an index with a change."""
        parts = parts_of(self._records, len(_CONTIGS))
        change(parts)
        return {"a.bam": self.content, "a.bam.bai": bai(parts)}


class _Indexed:
    """A file of variants, in blocks of two records, and what an index of it holds."""

    def __init__(self, *, is_binary: bool, is_bracketed: bool = False) -> None:
        writer = BcfWriter(_VCF_HEADER)
        self._blocks = Blocks()
        self._blocks.write(writer.start() if is_binary else _VCF_HEADER.encode())
        self._blocks.flush()
        records = []
        for reference, pos in _VARIANTS:
            name = f"<{_CONTIGS[reference]}>" if is_bracketed and reference else _CONTIGS[reference]
            line = f"{name}\t{pos}\t.\tA\tC\t30\tPASS\t.\tGT\t0/1"
            content = writer.record(line) if is_binary else f"{line}\n".encode()
            records.append((reference, pos - 1, pos, self._blocks.write(content)))
        self.content = self._blocks.finish()
        self._records = records

    def parts(self, *references: int, depth: int = 5) -> list[Part]:
        """The given references of an index; of text those without records are left out."""
        all_parts = parts_of(self._records, len(_CONTIGS), depth=depth)
        return [all_parts[number] for number in references or range(len(_CONTIGS))]


def _changed_part(parts: list[Part], number: int, **changes: object) -> list[Part]:
    for name, value in changes.items():
        setattr(parts[number], name, value)
    return parts


def _moved(parts: list[Part], by: int) -> list[Part]:
    """Every place of the first reference elsewhere in the stored file."""
    for each in parts[0].bins:
        each.chunks = [(begin + (by << 16), end + (by << 16)) for begin, end in each.chunks]
        each.offset = 0
    parts[0].windows = []
    return parts


def _entries(content: bytes) -> list[tuple[int, int]]:
    """The blocks of a BGZF file but the first and the last, as bgzip lists them."""
    found, start, begin = [], 0, 0
    while start < len(content):
        found.append((start, begin))
        size = int.from_bytes(content[start + 16 : start + 18], "little") + 1
        begin += int.from_bytes(content[start + size - 4 : start + size], "little")
        start += size
    return found[1:-1]


def _lengthened(parts: list[Part]) -> list[Part]:
    """The first chunk ends behind the content of its block."""
    begin, _ = parts[0].bins[0].chunks[0]
    parts[0].bins[0].chunks[0] = begin, begin | 0xFFFF
    return parts


def _behind_the_contig(parts: list[Part]) -> None:
    parts[2].bins[1].number += 3


def _begins_late(parts: list[Part]) -> None:
    begin, end = parts[0].extent or (0, 0)
    parts[0].extent = begin + 1, end


def _exchanged(parts: list[Part]) -> None:
    parts[0], parts[2] = parts[2], parts[0]


def _ends_outside(parts: list[Part]) -> None:
    parts[0].extent = (parts[0].extent or (0, 0))[0], 9999 << 16


def _begins_between(parts: list[Part]) -> None:
    parts[0].extent = 5 << 16, (parts[0].extent or (0, 0))[1]


#: What makes the index of a BAM wrong: a name, the code, the change and the reference.
_READ_CHANGES: tuple[tuple[str, str, Callable[[list[Part]], object], int | None], ...] = (
    ("bin-gone", "cover", lambda parts: parts[0].bins.pop(), 1),
    ("chunk-within-a-record", "cover", lambda parts: _shifted(parts[0]), 1),
    ("pseudo-bin-begins-late", "cover", _begins_late, 1),
    ("references-exchanged", "chunk-order", _exchanged, 3),
    ("bin-behind-the-contig", "bin-behind-contig", _behind_the_contig, 3),
    ("pseudo-bin-outside", "offset-outside", _ends_outside, None),
    ("pseudo-bin-between-blocks", "offset-not-in-block", _begins_between, None),
)


def _shifted(part: Part) -> None:
    begin, end = part.bins[1].chunks[0]
    part.bins[1].chunks[0] = begin + 1, end


_READS = _IndexedReads()
_BRACKETED = _Indexed(is_binary=False, is_bracketed=True)
_TEXT_FILE, _BINARY_FILE = _Indexed(is_binary=False), _Indexed(is_binary=True)
_USED = ["chr1", "extra3"]


def _tbi_of(parts: list[Part] | None = None, names: Sequence[str] = _USED, numbers: Sequence[int] = ()) -> bytes:
    header = columns(names, *([numbers] if numbers else []))
    return bgzf_file(tbi_content(_TEXT_FILE.parts(0, 2) if parts is None else parts, header))


def _csi_of(parts: list[Part] | None = None) -> bytes:
    return bgzf_file(csi_content(_BINARY_FILE.parts() if parts is None else parts))


def _beside_text(name: str, code: str, index: bytes, suffix: str = "tbi", **rest: object) -> GroupDefect:
    files = {_VCF: _TEXT_FILE.content, f"{_VCF}.{suffix}": index}
    return GroupDefect(id=name, files=files, code=f"index-{code}", at=f"{_VCF}.{suffix}", **rest)  # type: ignore[arg-type]


def _beside_binary(name: str, code: str, index: bytes, suffix: str = "csi", **rest: object) -> GroupDefect:
    files = {_BCF: _BINARY_FILE.content, f"{_BCF}.{suffix}": index}
    return GroupDefect(id=name, files=files, code=f"index-{code}", at=f"{_BCF}.{suffix}", **rest)  # type: ignore[arg-type]


def _indexed_cram(*options: bytes) -> tuple[bytes, list[list[int]]]:
    """A CRAM by htslib, and the columns of its index."""
    content = cram_of(text_of(HEADER, MANY_PAIRS), b"version=3.0", b"seqs_per_slice=40", *options)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.cram")
        path.write_bytes(content)
        pysam.index(str(path))
        lines = gzip.decompress(Path(f"{path}.crai").read_bytes()).splitlines()
    return content, [[int(each) for each in line.split(b"\t")] for line in lines]


_CRAM = "a.cram"
_ALIGNED, _LISTED = _indexed_cram(b"slices_per_container=2")
_MIXED, _LISTED_MIXED = _indexed_cram(b"multi_seq_per_slice=1")


def _beside_cram(lines: Sequence[Sequence[int]], content: bytes = _ALIGNED) -> dict[str, bytes]:
    return {_CRAM: content, f"{_CRAM}.crai": _crai(*(b"\t".join(b"%d" % each for each in line) for line in lines))}


def _slice_defect(name: str, column: int, change: int, title: str) -> GroupDefect:
    lines = [list(line) for line in _LISTED]
    lines[1][column] += change
    return GroupDefect(id=name, files=_beside_cram(lines), code="index-slice", at=f"{_CRAM}.crai", line=2, column=title)


_SHALLOW = bgzf_file(csi_content(_BINARY_FILE.parts(depth=4), depth=4))
_UNPACKED = gzip.decompress(_TEXT_FILE.content)
_GZI = _entries(_TEXT_FILE.content)
_SIZE = len(_TEXT_FILE.content)
GROUPS = [
    GroupCases(
        companions="index",
        valid={
            "tbi": {_VCF: _TEXT_FILE.content, f"{_VCF}.tbi": _tbi_of()},
            "tbi-and-csi": {
                _VCF: _TEXT_FILE.content,
                f"{_VCF}.tbi": _tbi_of(),
                f"{_VCF}.csi": bgzf_file(csi_content(_TEXT_FILE.parts(0, 2), columns(_USED))),
            },
            "tbi-of-every-contig": {
                _VCF: _TEXT_FILE.content,
                f"{_VCF}.tbi": _tbi_of(_TEXT_FILE.parts(), list(_CONTIGS)),
            },
            "bracketed-contig": {_VCF: _BRACKETED.content, f"{_VCF}.tbi": _tbi_of(_BRACKETED.parts(0, 2), ["chr1", "<extra3>"])},
            "csi": {_BCF: _BINARY_FILE.content, f"{_BCF}.csi": _csi_of()},
            "index-alone": {f"{_BCF}.csi": _csi_of()},
            "bai": _READS.files(),
            "gzi": {_VCF: _TEXT_FILE.content, f"{_VCF}.gzi": _gzi(*_GZI)},
            "crai": _beside_cram(_LISTED),
            "crai-in-another-order": _beside_cram(_LISTED[::-1]),
            "crai-of-slices-of-several-references": _beside_cram(_LISTED_MIXED, _MIXED),
            "data-alone": {_VCF: _TEXT_FILE.content},
            "another-file": {_VCF: _TEXT_FILE.content, "b.vcf.gz.tbi": TBI.valid["usual"]},
        },
        defects=[
            _beside_text("older", "older", _tbi_of(), old=[f"{_VCF}.tbi"]),
            _beside_binary("csi-older", "older", _csi_of(), old=[f"{_BCF}.csi"]),
            _beside_text("bai-of-vcf", "other-kind", BAI.valid["usual"], "bai"),
            _beside_text("crai-of-vcf", "other-kind", CRAI.valid["usual"], "crai"),
            _beside_text("sam-preset", "other-kind", _tbi_of(numbers=(1, 3, 4, 0, ord("@"), 0)), column="format"),
            GroupDefect(
                id="gzip", files={_VCF: gzip.compress(_UNPACKED, mtime=0), f"{_VCF}.tbi": _tbi_of()},
                code="index-needs-bgzf", at=f"{_VCF}.tbi",
            ),
            GroupDefect(
                id="plain", files={"a.vcf": _UNPACKED, "a.vcf.tbi": _tbi_of()}, code="index-needs-bgzf", at="a.vcf.tbi"
            ),
            _beside_text("contig-missing", "contigs", _tbi_of(_TEXT_FILE.parts(0), ["chr1"]), column="extra3"),
            _beside_text("contig-foreign", "contigs", _tbi_of(names=["chr1", "3"])),
            _beside_binary("references-few", "contigs", _csi_of(_BINARY_FILE.parts(0, 2))),
            _beside_binary("references-many", "contigs", _csi_of([*_BINARY_FILE.parts(), Part()])),
            _beside_binary("bins-of-64-mb", "contig-too-long", _SHALLOW, column="chr1"),
            _beside_text(
                "count", "counts", _tbi_of(_changed_part(_TEXT_FILE.parts(0, 2), 0, counts=(2, 0))), record=1, column="chr1"
            ),
            _beside_binary(
                "count-of-bcf", "counts", _csi_of(_changed_part(_BINARY_FILE.parts(), 2, counts=(1, 1))), record=3,
                column="extra3",
            ),
            _beside_binary(
                "no-bins", "records", _csi_of(_changed_part(_BINARY_FILE.parts(), 0, bins=[], extent=None)), record=1,
                column="chr1",
            ),
            _beside_binary(
                "bins-without-records", "records", _csi_of(_BINARY_FILE.parts(0, 0, 2)), record=2, column="extra2"
            ),
            _beside_text("outside", "offset-outside", _tbi_of(_moved(_TEXT_FILE.parts(0, 2), _SIZE))),
            _beside_text("gzi-outside", "offset-outside", _gzi((_SIZE + 1, 100)), "gzi"),
            _beside_binary("between-blocks", "offset-not-in-block", _csi_of(_moved(_BINARY_FILE.parts(), 1))),
            *(
                GroupDefect(id=name, files=_READS.files(change), code=f"index-{code}", at="a.bam.bai", record=record)
                for name, code, change, record in _READ_CHANGES
            ),
            _beside_binary(
                "references-overlap", "chunk-order",
                _csi_of(_changed_part(_BINARY_FILE.parts(), 2, bins=_BINARY_FILE.parts()[0].bins)),
            ),
            _beside_text(
                "without-coordinate", "counts",
                bgzf_file(tbi_content(_TEXT_FILE.parts(0, 2), columns(_USED), unplaced=3)), column="*",
            ),
            _beside_text("gzi-short", "blocks", _gzi(*_GZI[:-1]), "gzi", record=len(_GZI)),
            _beside_text("gzi-gap", "blocks", _gzi(*_GZI[:1], *_GZI[2:]), "gzi", record=2),
            _beside_text("gzi-content", "blocks", _gzi(*_GZI[:-1], (_GZI[-1][0], _GZI[-1][1] + 1)), "gzi", record=len(_GZI)),
            _slice_defect("slice-of-other-reference", 0, 1, "reference"),
            _slice_defect("slice-start", 1, 3, "start"),
            _slice_defect("slice-span", 2, -3, "span"),
            _slice_defect("slice-container", 3, 1, "container"),
            _slice_defect("slice-offset", 4, -2, "container"),
            _slice_defect("slice-size", 5, 1, "size"),
            GroupDefect(
                id="slice-twice", files=_beside_cram([*_LISTED, _LISTED[0]]), code="index-slice", at=f"{_CRAM}.crai",
                line=len(_LISTED) + 1, column="slice",
            ),
            GroupDefect(
                id="slice-missing", files=_beside_cram(_LISTED[1:]), code="index-slice-missing", at=f"{_CRAM}.crai"
            ),
            _beside_binary("behind-a-block", "offset-not-in-block", _csi_of(_lengthened(_BINARY_FILE.parts()))),
        ],
    )
]  # fmt: skip
