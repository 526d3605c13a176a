"""The ledger on disk: load it with the bank's keys, append one line durably."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from catalog import durable
from catalog.ledger.chain import read_ledger
from catalog.ledger.lines import Ledger, LedgerLine
from catalog.signing import PublicKey


def load_ledger(path: Path, keys: Sequence[PublicKey]) -> Ledger:
    """The ledger in a file, every line checked; an absent file is an empty ledger.

    Raises:
        IntegrityError: a line does not hold.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Ledger()
    return read_ledger(content, keys, at=str(path))


def append_to_ledger(path: Path, line: LedgerLine) -> None:
    """Appends a signed line. This is what makes a release public."""
    with durable.disk_errors(path):
        durable.append_line(path, line.stored_bytes())
