"""Apache Parquet: tables column by column, judged to their last page.

The file is judged in a process of its own (:mod:`catalog.formats.isolation`): damaged metadata can ask for any memory.

Source: apache/parquet-format, README (file format, metadata) and parquet.thrift.
"""

from __future__ import annotations

from collections.abc import Sequence

from catalog.findings import Rule
from catalog.formats.isolation import judge_isolated
from catalog.formats.parquet.rules import PARQUET_RULES, UNREADABLE
from catalog.formats.protocol import BY_NAME, NO, SURE, Facts, Head, Reading
from catalog.model import Tier


class _Parquet:
    """Parquet (see :class:`catalog.formats.protocol.Format`)."""

    name = "parquet"
    title = "Apache Parquet"
    mediatype = "application/vnd.apache.parquet"
    edam = None
    floor = Tier.CONTROLLED
    rules: Sequence[Rule] = PARQUET_RULES

    def sniff(self, head: Head) -> int:
        """Sure of the magic at the start, plain or encrypted; PAR1 is also the name of a region of X and Y in tables."""
        if head.text[:4] in (b"PAR1", b"PARE") and head.text[4:5] not in (b"\t", b" "):
            return SURE
        return BY_NAME if head.has_suffix(".parquet") else NO

    def read(self, reading: Reading) -> Facts:
        """Reads the file, then its footer and every column chunk once.

        Facts: ``rows``, ``row_groups``, ``columns`` (the first 100: ``name``, ``type``), ``column_count``, ``codecs``,
        ``written_by``.
        """
        return judge_isolated(reading, "parquet", UNREADABLE)


PARQUET = _Parquet()
