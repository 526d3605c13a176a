"""Listeners: who else wants to see the alignment records of a file while it is validated, such as allele counts at sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from catalog.formats.alignment.header import Header


class RecordListener(Protocol):
    """Sees every well-formed record of a BAM or CRAM once, many at a time and as BAM stores them (SAMv1, 4.2).

    Both paths through a file, the plain and the compiled one, call it with the same records in the same order.
    """

    def take(self, buffer: bytes, starts: Sequence[int]) -> None:
        """Takes records in.

        Args:
            buffer: bytes that hold them; they are used again after the call.
            starts: where each begins in the buffer, with its ``refID`` (behind ``block_size``); a list, or for large
                files an array of numpy.
        """

    def evidence(self) -> Mapping[str, object]:
        """What goes to the evidence of the file; called once at its end."""


#: Makes a listener for one file, or says that it wants none of it.
ListenerFactory = Callable[[Header], RecordListener | None]
