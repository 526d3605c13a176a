"""Whether somebody may have the bytes of a file. The one question that every delivery of bytes asks."""

from __future__ import annotations

from collections.abc import Container
from enum import StrEnum

from catalog.ledger import Withdrawal


class Permission(StrEnum):
    """The answer: here it is, it was withdrawn, or there is no such thing (which is all that is said of what is closed)."""

    ALLOWED = "allowed"
    GONE = "gone"
    UNKNOWN = "unknown"


def authorize(path: str, released: Container[str], withdrawal: Withdrawal | None) -> Permission:
    """Decides on one file for anybody; denied unless a release made it public and nothing took it back.

    Args:
        path: a logical path.
        released: the logical paths of a public version, as its signed inventory states them.
        withdrawal: what the ledger says now of the package or this path.
    """
    if withdrawal is not None:
        return Permission.GONE
    return Permission.ALLOWED if path in released else Permission.UNKNOWN
