"""Characters that no text of a record may have, also where an escape (``\\0``, ``\\u0085``) brings them in."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from catalog.loading.document import Path

#: Controls, separators of lines and paragraphs, marks and overrides of writing direction, halves of characters.
_REFUSED = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff"
)
_IN_LONG_TEXTS = re.compile(f"[{_REFUSED}]")
_IN_LINES = re.compile(rf"[{_REFUSED}\t\n\r]")


def control_characters(value: object, long_texts: Collection[str], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The first character of each text that it may not have.

    Args:
        value: a plain value; how deep it nests is bounded by its reader.
        long_texts: fields that may have line ends and tabs, by their names joined with dots, no list positions.
        path: where the value stands.

    Yields:
        The path of the text, and the character as ``U+0085``.
    """
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from control_characters(inner, long_texts, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from control_characters(inner, long_texts, (*path, number))
    elif isinstance(value, str):
        field = ".".join(part for part in path if isinstance(part, str))
        match = (_IN_LONG_TEXTS if field in long_texts else _IN_LINES).search(value)
        if match is not None:
            yield path, f"U+{ord(match[0]):04X}"
