"""gzip files whose content no other format knows: the container is judged, the content is not.

RFC 1952 is a specification of its own, so such a file is valid under ``spec``. A bank wants to know what it gives away:
``gzip-content-unknown`` is an error under ``bank``, as ``format-unknown`` is for files that are not compressed; for a document
beside the data it is a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from catalog.findings import Level, Place, Rule, Severity
from catalog.formats.protocol import NO, Facts, Head, Reading
from catalog.model import Role, Tier

CONTENT_UNKNOWN = Rule(
    "gzip-content-unknown",
    Severity.ERROR,
    Level.BANK,
    "the compressed file is whole, and nobody knows what is in it",
    "the content decides, not the name; docs/validation.md lists the formats that are known. An archive of several files"
    " (.tar.gz) is unpacked, and its files are added one by one",
    "docs/validation.md",
    "What cannot be read cannot be checked, and nobody can tell what it gives away.",
)

#: Surer than nothing, less sure than any other format.
_LAST_RESORT = 1
_SHOWN_BYTES = 8


class _GzipFiles:
    """gzip and BGZF of unknown content (see :class:`catalog.formats.protocol.Format`)."""

    name = "gzip"
    title = "gzip, content unknown"
    mediatype = "application/gzip"
    edam = "EDAM:format_3989"
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = (CONTENT_UNKNOWN,)

    def sniff(self, head: Head) -> int:
        """Every compressed file, where no other format knows its content."""
        return NO if head.container == "plain" else _LAST_RESORT

    def read(self, reading: Reading) -> Facts:
        """Reads the file to its end, for what its container shows. Facts: ``decompressed_bytes``."""
        start = b""
        size = 0
        for block in reading.source.blocks():
            start = start or block[:_SHOWN_BYTES]
            size += len(block)
        if reading.source.container == "plain":
            return {}
        found = CONTENT_UNKNOWN.at(Place(offset=0), expected="a known format", got=f"content from 0x{start.hex()}")
        is_document = reading.declared.role == Role.DOCUMENT
        reading.find(replace(found, severity=Severity.WARNING) if is_document else found)
        return {"decompressed_bytes": size}


GZIP = _GzipFiles()
