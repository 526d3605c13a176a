"""Rules of CRAM's structure (CRAMv2.1, CRAMv3)."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity
from catalog.formats.alignment.margin import forbidden, refused, unusual

_CRAM = "CRAMv3"
_COPY = "copy the file again and compare its sha256 with the source"
_MEND = "the file is damaged or was written by a faulty program: make it again from its source"

MAGIC = forbidden(
    "cram-magic", "the file does not start with CRAM", "look what kind of file it is", f"{_CRAM}, 6 (file definition)"
)
VERSION = forbidden(
    "cram-version",
    "the version of the format is not one of 2.0, 2.1, 3.0 and 3.1",
    "convert the file with the program that made it (samtools view -C -O cram,version=3.0)",
    f"{_CRAM}, 6 (file definition)",
)
TRUNCATED = forbidden(
    "cram-truncated",
    "the file ends inside {part}",
    _COPY,
    f"{_CRAM}, 7 and 8",
    "Every record after this place is missing.",
)
LENGTH = forbidden(
    "cram-length",
    "a count or length of {part} cannot be right",
    _COPY,
    f"{_CRAM}, 2.3, 7 and 8",
    "Nothing after it can be read.",
)
CONTAINER_CRC = forbidden(
    "cram-container-checksum", "the checksum of a container's header does not fit", _COPY, f"{_CRAM}, 7 (crc32)"
)
BLOCK_CRC = forbidden("cram-block-checksum", "the checksum of a block does not fit", _COPY, f"{_CRAM}, 8 (CRC32)")
BLOCK = forbidden(
    "cram-block", "a block is of a kind or compression that does not belong here", _MEND, f"{_CRAM}, 7, 8 and 8.1"
)
BLOCK_DATA = forbidden(
    "cram-block-data",
    "a block does not unpack to the size that it states",
    _COPY,
    f"{_CRAM}, 8 (method, size in bytes, raw size in bytes)",
)
BOMB = forbidden(
    "cram-bomb",
    "the blocks would unpack to very much more than the file has; from here on they were not unpacked",
    "real reads do not compress that well: look at what is in the file",
    "docs/validation.md",
)
SPAN = unusual(
    "cram-span",
    "the place of a container on the reference is not that of its slices",
    "write the file again (samtools view -C)",
    f"{_CRAM}, 7 (reference sequence id, starting position, alignment span)",
    "Who looks for a region passes its reads over.",
)
BLOCKS = forbidden(
    "cram-container-blocks", "the blocks do not fill their container", _MEND, f"{_CRAM}, 7 (length, number of blocks)"
)
LANDMARK = forbidden(
    "cram-landmark",
    "the landmarks of a container are not where its slices begin",
    "write the file again (samtools view -C)",
    f"{_CRAM}, 7 (landmarks)",
    "An index made of them points into the middle of other data.",
)
COMPRESSION = forbidden(
    "cram-compression-header",
    "a compression header cannot be read",
    _MEND,
    f"{_CRAM}, 8.4 (preservation map, encoding maps)",
)
SLICE = forbidden(
    "cram-slice-header", "a slice header cannot be read or contradicts its container", _MEND, f"{_CRAM}, 8.5"
)
RECORDS = forbidden(
    "cram-records",
    "the numbers of records do not agree",
    _MEND,
    f"{_CRAM}, 7 and 8.5 (number of records)",
    "Records are missing.",
)
COUNTER = unusual(
    "cram-record-counter",
    "the containers do not count their records on",
    "write the file again (samtools view -C)",
    f"{_CRAM}, 7 (record counter: sequential index of records in the file)",
)
HEADER = forbidden("cram-header", "the first container does not hold the header", _MEND, f"{_CRAM}, 7.1 and 8.3")
NO_END = forbidden(
    "cram-no-end",
    "the container that marks the end of the file is missing, or is another than it must be",
    _COPY,
    f"{_CRAM}, 9; CRAMv2.1, 9",
    "It is the only sign by which a cut file can be told from a whole one.",
)
AFTER_END = forbidden(
    "cram-after-end",
    "bytes follow the container that marks the end",
    "make the file again; something was appended to it",
    f"{_CRAM}, 9",
)
MD5_MISSING = forbidden(
    "cram-md5-missing",
    "a reference sequence that is needed has no checksum in the header",
    "add M5 to its @SQ line (samtools reheader with the output of samtools dict)",
    f"{_CRAM}, 8.3 and 11: M5 is required unless the reference is embedded",
    "Nobody can tell whether the reads are unpacked with the right reference.",
)
UNDECODABLE = forbidden(
    "cram-undecodable",
    "the records cannot be unpacked: {problem}",
    "compare the reference with the M5 of the header, or make the file again from its source",
    f"{_CRAM}, 10",
)
NOT_CHECKED = Rule(
    "cram-records-not-checked",
    Severity.INFO,
    Level.SPEC,
    "structure, checksums and header were checked, the records were not: {problem}",
    "put the right reference (FASTA) beside the file, or correct UR in the header, to have them checked as well",
    f"{_CRAM}, 11",
)
PACKED = refused(
    "cram-compressed", "the file is compressed once more", "decompress it; CRAM is compressed in itself", f"{_CRAM}, 1"
)

CRAM_STRUCTURE_RULES: tuple[Rule, ...] = (
    MAGIC, VERSION, TRUNCATED, LENGTH, CONTAINER_CRC, BLOCK_CRC, BLOCK, BLOCK_DATA, BOMB, BLOCKS, SPAN, LANDMARK, COMPRESSION, SLICE, RECORDS,
    COUNTER, HEADER, NO_END, AFTER_END, MD5_MISSING, UNDECODABLE, NOT_CHECKED, PACKED,
)  # fmt: skip
