"""What can be wrong with a file as a container of text or records, once for every format (RFC 1952; SAMv1 4.1)."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity

_RFC1952 = "RFC 1952, 2.2-2.3"
_BGZF = "SAMv1, 4.1"

TRUNCATED = Rule(
    "gzip-truncated",
    Severity.ERROR,
    Level.SPEC,
    "the compressed file ends in the middle",
    "copy the file again and compare its sha256 with the source",
    _RFC1952,
    "Every record after this place is missing.",
)
DAMAGED = Rule(
    "gzip-damaged",
    Severity.ERROR,
    Level.SPEC,
    "the compressed data are damaged: {problem}",
    "copy the file again and compare its sha256 with the source",
    _RFC1952,
)
TRAILING = Rule(
    "gzip-trailing-bytes",
    Severity.ERROR,
    Level.SPEC,
    "bytes follow the end of the compressed data",
    "make the compressed file again; something was appended to it",
    _RFC1952,
)
BLOCK = Rule(
    "bgzf-block",
    Severity.ERROR,
    Level.SPEC,
    "a block of the BGZF file is not as it must be: {problem}",
    "make the file again with bgzip or the tool that wrote it",
    f"{_BGZF}",
    "Readers jump by the sizes in these headers: an index of such a file leads to nowhere.",
)
NO_END_BLOCK = Rule(
    "bgzf-no-end-block",
    Severity.ERROR,
    Level.SPEC,
    "the BGZF end-of-file block is missing",
    "the file was probably cut at a block: copy or make it again with bgzip",
    f"{_BGZF}.2",
    "It is the only sign by which a cut BGZF file can be told from a whole one.",
)
BOMB = Rule(
    "gzip-bomb",
    Severity.ERROR,
    Level.BANK,
    "the file grows more than {ratio} times when it is decompressed",
    "real data do not compress that well: look at what is in it",
    "docs/validation.md",
)
LONG_LINE = Rule(
    "text-long-line",
    Severity.ERROR,
    Level.BANK,
    "a line is longer than {limit} bytes",
    "look at the line: its line end was probably lost",
    "fairline",
)
NUL = Rule(
    "text-nul",
    Severity.ERROR,
    Level.SPEC,
    "the text has a NUL byte",
    "the file is damaged, no text file, or a text in UTF-16: save that as UTF-8",
    "every text format here; POSIX.1-2017, 3.403 (text file)",
)
MARK = Rule(
    "text-starts-with-bom",
    Severity.ERROR,
    Level.SPEC,
    "the text starts with a byte order mark",
    "save the file as UTF-8 without BOM (LibreOffice asks; Excel's 'CSV UTF-8' always writes one)",
    "VCFv4.3 1.2; the formats here start with their first character",
)
COMPRESSED_TWICE = Rule(
    "gzip-twice",
    Severity.ERROR,
    Level.SPEC,
    "what is compressed is compressed once more",
    "unpack the file once (gunzip), and compress the text itself",
    f"{_RFC1952}; every text format here",
    "Readers unpack once and find no text.",
)
WIDE = Rule(
    "text-utf-16",
    Severity.ERROR,
    Level.SPEC,
    "the text is stored as {encoding}",
    "save the file as UTF-8 without BOM",
    "VCFv4.3 1.2; every text format here is UTF-8 or ASCII",
)
CR_ALONE = Rule(
    "text-cr-line-ends",
    Severity.ERROR,
    Level.SPEC,
    "lines end with CR alone, as on old Macs",
    "convert the line ends to LF, such as with tr '\\r' '\\n', or save the file as text for Unix",
    "POSIX.1-2017, 3.206 (line); every text format here but BED",
    "Readers take the whole file for one line.",
)
EMPTY = Rule(
    "file-empty",
    Severity.ERROR,
    Level.BANK,
    "the file is empty",
    "copy the file again, or take its row out of files.csv",
    "fairline",
)

CONTAINER_RULES = (
    TRUNCATED,
    DAMAGED,
    TRAILING,
    BLOCK,
    NO_END_BLOCK,
    BOMB,
    LONG_LINE,
    NUL,
    MARK,
    COMPRESSED_TWICE,
    WIDE,
    CR_ALONE,
    EMPTY,
)
