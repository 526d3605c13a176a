"""The rules of Parquet files."""

from __future__ import annotations

from catalog.findings import Level, Rule, Severity

_SOURCE = "apache/parquet-format, README"
_COPY = "copy the file again and compare its sha256 with the source; else write it again"

MAGIC = Rule(
    "parquet-magic",
    Severity.ERROR,
    Level.SPEC,
    "the file does not start and end with PAR1, nor with PARE",
    "the file is cut or no Parquet file: copy it again, or write it again",
    f"{_SOURCE}: file format (4-byte magic number PAR1)",
    "The end of the file says where everything is: a cut file cannot be read at all.",
)
ENCRYPTED = Rule(
    "parquet-encrypted",
    Severity.ERROR,
    Level.BANK,
    "the file, or its footer, is encrypted",
    "write it without encryption; access is the bank's part",
    "apache/parquet-format, Encryption",
    "Nobody can look into it, and later the key is lost.",
)
FOOTER = Rule(
    "parquet-footer",
    Severity.ERROR,
    Level.SPEC,
    "the length of the footer does not fit into the file",
    _COPY,
    f"{_SOURCE}: file format (4-byte length in bytes of file metadata)",
)
UNREADABLE = Rule(
    "parquet-unreadable",
    Severity.ERROR,
    Level.SPEC,
    "the Parquet library cannot read the file: {problem}",
    _COPY,
    "apache/parquet-format, parquet.thrift (FileMetaData)",
)
ROWS = Rule(
    "parquet-rows",
    Severity.ERROR,
    Level.SPEC,
    "the numbers of rows do not agree",
    "write the file again: its metadata contradict each other",
    "apache/parquet-format, parquet.thrift (FileMetaData.num_rows, RowGroup.num_rows)",
)
OFFSET = Rule(
    "parquet-offset",
    Severity.ERROR,
    Level.SPEC,
    "a column chunk does not lie between the start of the file and its footer, or lies over another one",
    _COPY,
    "apache/parquet-format, parquet.thrift (ColumnMetaData)",
)
PAGE = Rule(
    "parquet-page",
    Severity.ERROR,
    Level.SPEC,
    "the pages of a column cannot be read: {problem}",
    _COPY,
    f"{_SOURCE}: data pages, checksumming",
)
STATISTICS = Rule(
    "parquet-statistics",
    Severity.WARNING,
    Level.SPEC,
    "the statistics of a column chunk are not those of its values",
    "write the file again with a current library",
    "apache/parquet-format, parquet.thrift (Statistics)",
    "Queries skip row groups by these numbers, and miss rows without a word.",
)
BOMB = Rule(
    "parquet-bomb",
    Severity.ERROR,
    Level.SPEC,
    "a column chunk says that it grows more than {ratio} times when it is decompressed; it was not read",
    "real data do not compress that well: look at what is in it",
    "docs/validation.md",
)
PARQUET_RULES = (MAGIC, ENCRYPTED, FOOTER, UNREADABLE, ROWS, OFFSET, PAGE, STATISTICS, BOMB)
