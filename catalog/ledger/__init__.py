"""The ledger: the append-only, hash-chained, signed list of releases. A release is public by its line alone.

One JSON object a line. The bytes of a line are the RFC 8785 form of its members and a line end; the
signature is a minisign text over the RFC 8785 form without the member ``signature``
(docs/ledger.md). Pure: reading and checking of bytes; who appends is :mod:`publish.releasing`.
"""

from catalog.ledger.chain import LEDGER_RULES, check_ledger, current_key, read_ledger
from catalog.ledger.file import append_to_ledger, load_ledger
from catalog.ledger.lines import (
    NO_PREVIOUS,
    RELEASED,
    WITHDRAWN,
    Ledger,
    LedgerLine,
    PackageEntry,
    PackageVersion,
    Withdrawal,
    state_sha256,
)

__all__ = [
    "LEDGER_RULES",
    "NO_PREVIOUS",
    "RELEASED",
    "WITHDRAWN",
    "Ledger",
    "LedgerLine",
    "PackageEntry",
    "PackageVersion",
    "Withdrawal",
    "append_to_ledger",
    "check_ledger",
    "current_key",
    "load_ledger",
    "read_ledger",
    "state_sha256",
]
